"""A schedule as its page shows it: what a patient gets and when, how far a change reaches, who stopped it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from followup.flow.choose_version import reach_of
from followup.rules.roll_out import APPROVERS, NotAllowed, next_stage, reaches_all, widen
from followup.rules.schedule import Schedule, Step, Texts
from followup.rules.segments import count_segments
from followup.rules.wording import Tokens, fill_in
from followup.store.tables import Clinic, RollOut
from followup.web import times
from followup.web.guards import SignedIn

LANGUAGES = {"en": "English", "es": "Spanish"}
SHORT = 8
"""Characters of a version that tell it from others."""
NAME = "Sam"


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
class StepView:
    day: str
    clock: str
    name: str
    terms: Sequence[str]
    """When it is left out."""
    mark: str
    """`New` or `Changed` in the version that is shown; mostly empty."""
    texts: Sequence[TextView]
    without_question: Sequence[TextView]


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
class ScheduleView:
    name: str
    title: str
    version: str
    """Short; empty where its file is gone."""
    full_version: str
    kinds: Sequence[str]
    planned: int
    stopped_by: str
    stopped_at: datetime | None
    steps: Sequence[StepView]
    first_text: Sequence[TextView]
    roll_out: RollOutView | None


def sample(clinic: Clinic, *, now: datetime) -> Tokens:
    """A patient named Sam, with a visit tomorrow at half past ten."""
    tomorrow = (now + timedelta(days=1)).replace(hour=10, minute=30)
    return Tokens(
        first_name=NAME,
        clinic=clinic.name,
        clinic_phone=clinic.phone,
        session_day=now,
        appointment_at=tomorrow,
    )


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
        terms=list(_terms(step)),
        mark=mark,
        texts=texts_of(step.text, tokens, before=before.text if before else None),
        without_question=texts_of(
            step.text_without_question or {}, tokens, before=before.text_without_question if before else None
        ),
    )


def texts_of(texts: Texts, tokens: Tokens, *, before: Texts | None = None) -> list[TextView]:
    views: list[TextView] = []
    for code, template in texts.items():
        words = fill_in(template, tokens, code)
        counted = count_segments(words)
        old = (before or {}).get(code)
        views.append(
            TextView(
                language=LANGUAGES[code],
                code=code,
                words=words,
                size=f"{counted.segments} SMS, {len(words)} characters",
                before=fill_in(old, tokens, code) if old is not None and old != template else "",
            )
        )
    return views


# When ----------------------------------------------------------------------------------------------------


def when_words(step: Step) -> tuple[str, str]:
    """`Day 1`, `10:00`."""
    if step.after_end is not None:
        return "Session day", f"{times.wait(step.after_end)} after the end"
    assert step.at is not None
    at = f"{step.at:%H:%M}"
    if step.days_after is not None:
        return ("Session day" if step.days_after == 0 else f"Day {step.days_after}"), at
    assert step.days_before_appointment is not None
    days = {0: "Day of the next visit", 1: "Day before the next visit"}
    return days.get(step.days_before_appointment, f"{step.days_before_appointment} days before the next visit"), at


def _terms(step: Step) -> Iterator[str]:
    if step.no_earlier_than is not None:
        yield (
            f"Where that is past 18:00 it comes earlier, down to {times.wait(step.no_earlier_than)} after the end, "
            "else without its question"
        )
    if step.instead_of:
        yield f"Only where the {step.instead_of} could not ask"
    if step.unless_booked:
        yield "Only while no visit is booked"
    yield _use_by(step)


def _use_by(step: Step) -> str:
    if isinstance(step.use_by, time):
        return f"Not sent after {step.use_by:%H:%M}"
    if step.days_before_appointment is not None:
        return f"Not sent later than {times.wait(step.use_by)} before the visit"
    return f"Not sent more than {times.wait(step.use_by)} late"


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
