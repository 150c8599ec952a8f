"""What went wrong with a text stands before a human."""

from datetime import datetime

from followup.store import cases
from followup.store.database import Session
from followup.store.tables import Message


def tell_staff(db: Session, message: Message, reason: str, *, now: datetime, level: str = "concern") -> None:
    """Open a case about this message, or join the open one of its patient.

    What became of a page stands with the case that it is about: the ladder has climbed by then.
    """
    if message.purpose == "page":
        return
    case = cases.open_or_join_case(
        db,
        clinic_id=message.clinic_id,
        patient_id=message.patient_id,
        sender=None if message.patient_id else message.phone,
        session_id=message.session_id,
        level=level,
        reason=reason,
        now=now,
    )
    if message.case_id is None:
        message.case_id = case.id
        db.add(message)
