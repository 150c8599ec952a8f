"""Which question a reply answers, and which day it counts for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from followup.rules.reading.reading import Prompt

ANSWER_WINDOW = timedelta(hours=48)
"""A reply later than this after the newest question answers none: a human looks at it."""
WINDOWS: Mapping[Prompt, timedelta] = {
    "mood": ANSWER_WINDOW,
    "same_day": ANSWER_WINDOW,
    "appointment": timedelta(days=7),
}
"""How long each question waits for its answer. A reminder may come a week ahead."""
LONGEST_WINDOW = max(WINDOWS.values())
MAY_MEAN_ANOTHER_DAY: Mapping[Prompt, timedelta] = {"mood": timedelta(hours=24), "same_day": timedelta(hours=18)}
"""A later answer still counts for the day it was asked about, and a human sees that it may mean another."""
CROSSED = timedelta(seconds=60)
"""An answer so soon after a question may have been written before it came."""

Id = TypeVar("Id")


@dataclass(frozen=True)
class Question(Generic[Id]):
    id: Id
    prompt: Prompt
    asked_at: datetime
    open_until: datetime | None = None
    """As its step says; None: as its prompt does."""
    is_answered: bool = False


@dataclass(frozen=True)
class Match(Generic[Id]):
    question: Question[Id] | None
    counts_for: date | None
    """The day that was asked about, on the patient's wall clock."""
    reason: str = ""
    """In words for staff; nothing where an answer came to the newest question on its day."""
    is_doubtful: bool = False
    """A human looks, and may file it under another question."""


def match_question(
    questions: Sequence[Question[Id]],
    *,
    received_at: datetime,
    zone: ZoneInfo,
    answers: Callable[[Prompt], bool],
) -> Match[Id]:
    """The question that a reply answers: the newest whose window is open and which the reply `answers`.

    Where it answers none of them, it belongs to the newest that is open.
    """
    is_open = [each for each in questions if each.asked_at <= received_at <= _open_until(each)]
    newest_first = sorted(is_open, key=lambda each: each.asked_at, reverse=True)
    if not newest_first:
        return Match(None, None, _too_late(questions, received_at))
    newest = newest_first[0]
    fitting = [each for each in newest_first if answers(each.prompt)]
    chosen = fitting[0] if fitting else newest
    older = [each for each in fitting[1:] if each.prompt == chosen.prompt and not each.is_answered]
    if chosen is newest and older and received_at - chosen.asked_at < CROSSED:
        return _matched(older[0], received_at, zone, "came as the next question went out", is_doubtful=True)
    passed_over = "" if chosen is newest else "answers an earlier question than the newest"
    return _matched(chosen, received_at, zone, passed_over)


def _open_until(question: Question[Id]) -> datetime:
    return question.open_until or question.asked_at + WINDOWS[question.prompt]


def _matched(
    question: Question[Id], received_at: datetime, zone: ZoneInfo, why: str, *, is_doubtful: bool = False
) -> Match[Id]:
    asked_on = question.asked_at.astimezone(zone).date()
    waited = received_at - question.asked_at
    reasons = [why] if why else []
    if received_at.astimezone(zone).date() != asked_on:
        reasons.append(f"counts for {asked_on:%A}, {asked_on.day} {asked_on:%B}, when it was asked")
    if waited > MAY_MEAN_ANOTHER_DAY.get(question.prompt, timedelta.max):
        reasons.append(f"came {waited // timedelta(hours=1)} h after the question and may mean another day")
        is_doubtful = True
    return Match(question, asked_on, "; ".join(reasons), is_doubtful)


def _too_late(questions: Sequence[Question[Id]], received_at: datetime) -> str:
    asked = [each.asked_at for each in questions if each.asked_at <= received_at]
    if not asked:
        return ""
    return f"came {(received_at - max(asked)) // timedelta(hours=1)} h after the last question"
