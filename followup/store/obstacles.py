"""What keeps every text of a clinic from leaving: a switch, a sender that does not work, a database that is old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from followup.rules.consent import NOBODY_READS
from followup.store.breakers import CARRIER
from followup.store.tables import AuditEntry, Breaker, Clinic, Message, Pulse, Staff, Switch


@dataclass(frozen=True)
class Obstacles:
    """As they stand now; all of them empty when texts leave."""

    clinic_off_at: datetime | None
    """When sending was switched off for this clinic."""
    all_off: Switch | None
    """The switch of the whole service, if it is off."""
    breakers: Sequence[Breaker]
    """Open ones of this clinic's number and of the way to the carrier."""
    behind_fence_at: datetime | None
    """When it turned out that the database is an old copy."""
    questions_waiting: int
    """How many questions are due and wait because nobody would read the answers."""
    questions_wait_for: str | None


def obstacles(db: Session, clinic_id: UUID) -> Obstacles:
    clinic = db.get_one(Clinic, clinic_id)
    switch, pulse = db.get(Switch, "sending"), db.get(Pulse, 1)
    senders = [clinic.sender_number or CARRIER, CARRIER]
    waiting, why = _questions_waiting(db, clinic_id)
    query = select(Breaker).where(col(Breaker.opened_at).is_not(None), col(Breaker.sender).in_(senders))
    return Obstacles(
        clinic_off_at=clinic.sending_off_at,
        all_off=switch if switch and not switch.is_on else None,
        breakers=db.exec(query.order_by(col(Breaker.opened_at))).all(),
        behind_fence_at=pulse.behind_fence_at if pulse else None,
        questions_waiting=waiting,
        questions_wait_for=why,
    )


def _questions_waiting(db: Session, clinic_id: UUID) -> tuple[int, str | None]:
    query = (
        select(func.count(), func.max(Message.waits_for))
        .select_from(Message)
        .where(
            Message.clinic_id == clinic_id,
            Message.status == "planned",
            col(Message.waits_for).in_(NOBODY_READS),
        )
    )
    return db.exec(query).one()


def who_switched_off(db: Session, clinic_id: UUID) -> str | None:
    """The name of whoever switched this clinic's sending off last; None: a command did, or nobody ever."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.clinic_id == clinic_id, AuditEntry.action == "sending off")
        .order_by(col(AuditEntry.at).desc(), col(AuditEntry.id).desc())
        .limit(1)
    )
    entry = db.exec(query).first()
    return name_of_actor(db, clinic_id, entry.actor) if entry else None


def name_of_actor(db: Session, clinic_id: UUID, actor: str) -> str | None:
    """Of somebody who works at this clinic."""
    kind, _, id_ = actor.partition(":")
    if kind != "staff":
        return None
    query = select(Staff.name).where(Staff.clinic_id == clinic_id, Staff.id == UUID(id_))
    return db.exec(query).one_or_none()
