"""A schedule as its page shows it: what a patient gets and when, how far a change reaches, who stopped it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from followup.flow.choose_version import reach_of
from followup.rules.roll_out import APPROVERS, NotAllowed, next_stage, reaches_all, widen
from followup.rules.schedule import Schedule, ScheduleMistake, Step, Texts
from followup.rules.segments import count_segments
from followup.rules.wording import Tokens, fill_in
from followup.store.tables import RollOut
from followup.web.guards import SignedIn
from followup.web.step_words import terms_of, when_words

LANGUAGES = {"en": "English", "es": "Spanish"}
SHORT = 8
"""Characters of a version that tell it from others."""


@dataclass(frozen=True)
class TextView:
    """One text in one language, as a patient named Sam would get it."""

    language: str
    code: str
    words: str
    size: str
    before: str
    """The words that others still get, where they differ."""


@dataclass(frozen=True)
class OtherWords:
    """A step's words for an occasion of its own."""

    occasion: str
    texts: Sequence[TextView]


@dataclass(frozen=True)
class StepView:
    day: str
    clock: str
    name: str
    terms: Sequence[str]
    """For whom it is, what it asks, and when it is left out."""
    mark: str
    """`New` or `Changed` in the version that is shown; mostly empty."""
    texts: Sequence[TextView]
    others: Sequence[OtherWords]
    """What it says on other occasions."""


@dataclass(frozen=True)
class RollOutView:
    """A change on its way to everybody."""

    version: str
    patients: int
    most: int | None
    others_get: str
    """The version of everybody else; empty where there is none, because the schedule is new."""
    next: int | None
    may_widen: bool
    why_not: str
    """Why whoever looks at it may not let it reach more."""
    agreed: Sequence[str]
    waiting: int
    """Sessions that are not planned because of it."""
    removed: Sequence[str]
    """Steps that others still get."""
    has_begun: bool


@dataclass(frozen=True)
class StopView:
    """Somebody stopped its texts."""

    by: str
    at: datetime


@dataclass(frozen=True)
class ScheduleView:
    name: str
    title: str
    planned: int
    stop: StopView | None
    version: str = ""
    """Short; empty where its file is gone."""
    full_version: str = ""
    kinds: Sequence[str] = ()
    steps: Sequence[StepView] = ()
    first_text: Sequence[TextView] = ()
    roll_out: RollOutView | None = None


def steps_of(schedule: Schedule, before: Schedule | None, tokens: Tokens) -> list[StepView]:
    """In the order of the file; with `before`, what is new or changed says so."""
    return [_step(step, _find(before, step.name), tokens, has_before=before is not None) for step in schedule.steps]


def removed_steps(schedule: Schedule, before: Schedule | None) -> list[str]:
    names = {step.name for step in schedule.steps}
    return [step.name for step in before.steps if step.name not in names] if before else []


def _find(schedule: Schedule | None, name: str) -> Step | None:
    return next((step for step in schedule.steps if step.name == name), None) if schedule else None


def _step(step: Step, before: Step | None, tokens: Tokens, *, has_before: bool) -> StepView:
    day, clock = when_words(step)
    mark = ""
    if has_before and before is None:
        mark = "New"
    elif before is not None and before != step:
        mark = "Changed"
    return StepView(
        day=day,
        clock=clock,
        name=step.name,
        terms=list(terms_of(step)),
        mark=mark,
        texts=texts_of(step.text, tokens, before=before.text if before else None),
        others=[
            OtherWords(occasion, texts_of(texts, tokens, before=_others(before).get(occasion)))
            for occasion, texts in _others(step).items()
        ],
    )


def _others(step: Step | None) -> dict[str, Texts]:
    """What a step has besides its text, by the occasion."""
    given = (
        {
            "Without its question": step.text_without_question,
            "For who wants no names in a text": step.text_discreet,
            "Asked once more": step.nudge.text if step.nudge else None,
        }
        if step
        else {}
    )
    return {occasion: texts for occasion, texts in given.items() if texts}


def texts_of(texts: Texts, tokens: Tokens, *, before: Texts | None = None) -> list[TextView]:
    views: list[TextView] = []
    for code, template in texts.items():
        words = fill_in(template, tokens, code)
        old = (before or {}).get(code)
        views.append(
            TextView(
                language=LANGUAGES[code],
                code=code,
                words=words,
                size=size_of(words),
                before=fill_in(old, tokens, code) if old is not None and old != template else "",
            )
        )
    return views


def kind_words(kind: str) -> str:
    """Of a session; some come without one."""
    return kind or "no kind given"


def size_of(words: str) -> str:
    """`2 SMS, 190 characters`"""
    counted = count_segments(words)
    why = ", special characters make it dearer" if counted.encoding == "UCS-2" else ""
    return f"{counted.segments} SMS, {len(words)} characters{why}"


# A mistake in a file -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MistakeView:
    """What is wrong with a file that was changed; the version before is in force."""

    file: str
    step: str
    key: str
    words: str


def mistake_view(mistake: ScheduleMistake) -> MistakeView:
    words = str(mistake)
    for place in (mistake.file, f"step {mistake.step!r}", mistake.key):
        words = words.removeprefix(f"{place}: ")
    return MistakeView(file=mistake.file, step=mistake.step or "", key=mistake.key, words=words)


# A change on its way -------------------------------------------------------------------------------------


def roll_out_view(
    row: RollOut,
    *,
    who: SignedIn,
    patients: int,
    others_get: str,
    waiting: int,
    removed: Sequence[str],
    names: Mapping[UUID, str],
    has_begun: bool,
) -> RollOutView | None:
    """None once it reaches all."""
    reach = reach_of(row)
    if reaches_all(reach):
        return None
    to = next_stage(reach)
    tried = widen(reach, to=to, by=who.staff_id, role=who.role)
    may_widen = has_begun and not isinstance(tried, NotAllowed)
    agreed = [f"{names[reach.approved_by]} let it reach more than one."] if reach.approved_by else []
    if reach.second_by:
        agreed.append(f"{names[reach.second_by]} agreed to more than 50.")
    return RollOutView(
        version=row.schedule_version[:SHORT],
        patients=patients,
        most=reach.most_patients,
        others_get=others_get[:SHORT],
        next=to,
        may_widen=may_widen,
        why_not=tried.words if isinstance(tried, NotAllowed) and who.role in APPROVERS else "",
        agreed=agreed,
        waiting=waiting,
        removed=removed,
        has_begun=has_begun,
    )
