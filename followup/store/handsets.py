"""What lies on a pretend handset: the texts of one number, in both directions. They survive a restart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from followup.store.tables import Message, Pager, Patient, Reply, Staff

ON_THE_HANDSET = ("accepted", "sent", "delivered")
MOST = 100


@dataclass(frozen=True)
class Handset:
    phone: str
    last_at: datetime
    name: str | None


@dataclass(frozen=True)
class HandsetText:
    at: datetime
    body: str
    from_clinic: bool


def handsets(db: Session, clinic_id: UUID) -> list[Handset]:
    """Every number this clinic texted or that texted it, latest first."""
    texted = (
        select(Message.phone, Message.patient_id, func.max(Message.handed_over_at))
        .where(Message.clinic_id == clinic_id, col(Message.status).in_(ON_THE_HANDSET))
        .group_by(col(Message.phone), col(Message.patient_id))
    )
    wrote = (
        select(Reply.sender, Reply.patient_id, func.max(Reply.received_at))
        .where(Reply.clinic_id == clinic_id)
        .group_by(col(Reply.sender), col(Reply.patient_id))
    )
    latest: dict[str, tuple[datetime, UUID | None]] = {}
    for phone, patient_id, at in [*db.exec(texted), *db.exec(wrote)]:
        if phone and at:
            before_at, before = latest.get(phone, (at, None))
            latest[phone] = (at, patient_id or before) if at >= before_at else (before_at, before or patient_id)
    names = _names(db, [patient_id for _, patient_id in latest.values() if patient_id])
    staff = _staff_names(db, clinic_id)
    found = [Handset(phone, at, names.get(id_) if id_ else staff.get(phone)) for phone, (at, id_) in latest.items()]
    return sorted(found, key=lambda handset: handset.last_at, reverse=True)[:MOST]


def _names(db: Session, patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    patients = db.exec(select(Patient).where(col(Patient.id).in_(patient_ids)))
    return {p.id: " ".join(name for name in (p.given_name, p.family_name) if name) for p in patients}


def _staff_names(db: Session, clinic_id: UUID) -> dict[str, str]:
    """By the number that each is paged at."""
    query = select(Pager.phone, Staff.name).join(Staff, col(Staff.id) == col(Pager.staff_id))
    return {phone: name for phone, name in db.exec(query.where(Pager.clinic_id == clinic_id)) if phone}


def texts_on(db: Session, clinic_id: UUID, phone: str) -> list[HandsetText]:
    """The newest hundred of each direction, oldest first. What was written is there before anybody read it."""
    came = select(Message).where(
        Message.clinic_id == clinic_id, Message.phone == phone, col(Message.status).in_(ON_THE_HANDSET)
    )
    went = select(Reply).where(
        Reply.sender == phone, or_(col(Reply.clinic_id) == clinic_id, col(Reply.clinic_id).is_(None))
    )
    messages = db.exec(came.order_by(col(Message.handed_over_at).desc()).limit(MOST))
    replies = db.exec(went.order_by(col(Reply.received_at).desc()).limit(MOST))
    texts = [HandsetText(m.handed_over_at or m.due_at, m.text or "", True) for m in messages]
    texts += [HandsetText(reply.received_at, reply.body, False) for reply in replies]
    return sorted(texts, key=lambda text: text.at)
