"""A question that nobody answered in time stands before a human."""

from datetime import datetime

import structlog

from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.store import messages, people, replies
from followup.store.database import Database, Session
from followup.store.tables import Message

log = structlog.get_logger()


def chase_silence(*, database: Database, now: datetime) -> int:
    """How many became cases. Again changes nothing; a patient who wrote anything since is not silent."""
    with transaction(database) as db:
        return sum(_chase(db, message, now=now) for message in messages.unanswered(db, now=now))


def _chase(db: Session, message: Message, *, now: datetime) -> bool:
    message.silence_noted_at = now
    db.add(message)
    if message.patient_id is None or message.handed_over_at is None:
        return False
    patient = people.get_patient(db, message.clinic_id, message.patient_id)
    has_written = replies.has_written_since(db, patient.id, message.handed_over_at)
    unread = bool(patient.phone and replies.has_unread_from(db, patient.phone))
    if has_written or patient.deceased_at:
        return False
    if unread:  # It is being read this moment: look again at the next tick.
        message.silence_noted_at = None
        return False
    tell_staff(db, message, f"No answer to the {message.step}", now=now)
    log.info("silence", message=str(message.id))
    return True
