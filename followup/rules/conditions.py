"""What an earlier answer decides about a later text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from followup.rules.placing import LATE
from followup.rules.step import Condition

ANSWERED = "answered already"


@dataclass(frozen=True)
class Answer:
    """What the replies to a question mean: the newest of each counts."""

    score: float | None = None
    word: str | None = None
    """`confirm`, `reschedule`, `yes`, `no`."""


def why_condition_fails(condition: Condition, answer: Answer | None) -> str | None:
    """Why a text with this condition does not leave, in words; None: it does. No answer is no score and no word."""
    step = condition.step
    if condition.answered is not None:
        if condition.answered == (answer is not None):
            return None
        return f"the {step} was {'not answered' if condition.answered else 'answered'}"
    if condition.answer is not None:
        return (
            None
            if answer and answer.word == condition.answer
            else f"the answer to the {step} was not {condition.answer}"
        )
    score = answer.score if answer else None
    if score is None:
        return f"no score is known for the {step}"
    if condition.score_at_most is not None and score > condition.score_at_most:
        return f"the score of the {step} was more than {condition.score_at_most}"
    if condition.score_at_least is not None and score < condition.score_at_least:
        return f"the score of the {step} was less than {condition.score_at_least}"
    return None


def why_nudge_fails(
    asked: str, *, was_answered: bool, asked_at: datetime | None, after: timedelta, now: datetime
) -> str | None:
    """`asked_at` is when the question left; None: it did not. What left late is not asked again at once."""
    if was_answered:
        return f"the {asked} was {ANSWERED}"
    if asked_at is None:
        return f"the {asked} was not asked"
    return f"the {asked} was asked late" if now - asked_at < after - LATE else None


def why_series_is_over(*, was_answered: bool) -> str | None:
    return f"one of its series was {ANSWERED}" if was_answered else None
