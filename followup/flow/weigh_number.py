"""A number that answers a question is looked at against the question's scale, its limits, and what is usual."""

from dataclasses import replace
from datetime import datetime

from followup.flow.render_text import schedule_of
from followup.rules.reading.reading import Reading
from followup.rules.step import NUMBERS, Ask, Worry
from followup.rules.worry import is_on_scale, why_it_worries
from followup.store import replies
from followup.store.database import Session
from followup.store.tables import Message

NOT_ON_SCALE = "a number that this question has no place for"


def weigh_number(db: Session, reading: Reading, question: Message, *, received_at: datetime) -> Reading:
    """The same reading, lifted to `concern` where a person should look; what is not about a number stays as it is.

    A number that the question does not ask for is no score: nobody guesses what it meant.
    """
    ask: Ask | None = question.ask  # pyright: ignore[reportAssignmentType] - a text column.
    if reading.kind != "score" or ask not in NUMBERS or not isinstance(reading.value, int | float):
        return reading
    if not is_on_scale(ask, reading.value):
        return replace(reading, kind="unclear", value=None, level="concern", reasons=(NOT_ON_SCALE,))
    assert question.patient_id is not None
    earlier = replies.scores_before(db, question.patient_id, ask, before=received_at)
    why = why_it_worries(ask, reading.value, earlier=earlier, limits=_limits(db, question))
    if why is None:
        if ask == "score":
            return reading
        return replace(reading, level="routine", reasons=(f"{ask} {reading.value:g}",))  # Low is no low mood here.
    return replace(reading, level="concern", reasons=(why, *reading.reasons[1:]))


def _limits(db: Session, question: Message) -> Worry | None:
    if question.plan_id is None:
        return None
    schedule, _ = schedule_of(db, question)
    return schedule.get_step(question.step).worry
