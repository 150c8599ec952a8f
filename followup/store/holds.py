"""Texts that wait for a person's word."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, col, select

from followup.store.tables import Case, CaseClosure, Message, TextHold


class NoSuchText(LookupError):
    """There is no text with this id in this clinic."""


def lock_text(db: Session, *, clinic_id: UUID, message_id: UUID) -> Message:
    """Nobody else moves it until this transaction ends. Raises NoSuchText, also for a text of another clinic."""
    query = select(Message).where(Message.id == message_id, Message.clinic_id == clinic_id).with_for_update()
    message = db.exec(query).one_or_none()
    if message is None:
        raise NoSuchText(message_id)
    return message


def is_held(message: Message) -> bool:
    """Whether it waits for a person to release or drop it."""
    return message.status == "planned" and message.held_at is not None


# Since an urgent case -----------------------------------------------------------------------------------


def find_hold(db: Session, clinic_id: UUID, patient_id: UUID) -> TextHold | None:
    """What holds all automatic texts to this patient since an urgent case was closed."""
    query = select(TextHold).where(
        TextHold.clinic_id == clinic_id, TextHold.patient_id == patient_id, col(TextHold.lifted_at).is_(None)
    )
    return db.exec(query.order_by(col(TextHold.since))).first()


def hold_since(db: Session, *, clinic_id: UUID, case_id: UUID, patient_id: UUID, since: datetime) -> None:
    """From now on automatic texts to this patient wait until a person lifts it."""
    db.add(TextHold(clinic_id=clinic_id, case_id=case_id, patient_id=patient_id, since=since))


def lift_holds(db: Session, clinic_id: UUID, patient_id: UUID, *, by: UUID, dropped: int, now: datetime) -> int:
    """How many were lifted."""
    query = select(TextHold).where(
        TextHold.clinic_id == clinic_id, TextHold.patient_id == patient_id, col(TextHold.lifted_at).is_(None)
    )
    found = db.exec(query.with_for_update()).all()
    for hold in found:
        hold.lifted_at, hold.lifted_by_id, hold.dropped = now, by, dropped
        db.add(hold)
    db.flush()
    return len(found)


def held_patients(db: Session, clinic_id: UUID) -> Sequence[TextHold]:
    """Holds that nobody has lifted, oldest first, one for each patient, without those of an open urgent case."""
    urgent = exists().where(
        col(Case.patient_id) == col(TextHold.patient_id),
        col(Case.level) == "urgent",
        ~exists().where(col(CaseClosure.case_id) == col(Case.id)),
    )
    query = select(TextHold).where(TextHold.clinic_id == clinic_id, col(TextHold.lifted_at).is_(None), ~urgent)
    return list({hold.patient_id: hold for hold in db.exec(query.order_by(col(TextHold.since).desc()))}.values())[::-1]
