"""A number that answers a question is looked at against the question's limits and what is usual for this patient."""

from datetime import datetime

from followup.flow.render_text import schedule_of
from followup.rules.reading.reading import Reading
from followup.rules.step import NUMBERS, Ask, Worry
from followup.rules.worry import weigh
from followup.store import replies
from followup.store.database import Session
from followup.store.tables import Message


def weigh_number(db: Session, reading: Reading, question: Message, *, received_at: datetime) -> Reading:
    """The same reading, lifted to `concern` where a person should look; what is not about a number stays as it is."""
    ask: Ask | None = question.ask  # pyright: ignore[reportAssignmentType] - a text column.
    if ask not in NUMBERS or question.patient_id is None:
        return reading
    earlier = replies.scores_before(db, question.patient_id, ask, before=received_at)
    return weigh(reading, ask, earlier=earlier, limits=_limits(db, question))


def _limits(db: Session, question: Message) -> Worry | None:
    if question.plan_id is None:
        return None
    schedule, _ = schedule_of(db, question)
    return schedule.get_step(question.step).worry
