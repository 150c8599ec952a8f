"""Outgoing texts: what is due, who holds it, how it ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, func, update
from sqlmodel import Session, col, select

from followup.store.tables import Attempt, DeliveryReport, Message

PRIORITIES = (0, 1, 2, 3)
"""0 safety texts and pages, 1 what staff wrote, 2 reminders, 3 prompts."""
LEFT_US = ("claimed", "uncertain", "accepted", "sent", "delivered", "undelivered")


def claim_due(db: Session, *, now: datetime, lease_until: datetime, most: int) -> list[Message]:
    """Up to `most` due messages, now `claimed` with a new fence and lease, most pressing first.

    One statement for each priority, so that a queue of prompts never delays a safety text and each uses
    the index of what is due. Two senders never get the same message (PostgreSQL: SKIP LOCKED; SQLite: one writer).
    """
    claimed: list[Message] = []
    for priority in PRIORITIES:
        if len(claimed) < most:
            claimed += _claim_of(db, priority, now, lease_until, most - len(claimed))
    return claimed


def _claim_of(db: Session, priority: int, now: datetime, lease_until: datetime, most: int) -> list[Message]:
    due = (
        select(Message.id)
        .where(Message.status == "planned", Message.priority == priority, col(Message.wake_at) <= now)
        .order_by(col(Message.wake_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claim = (
        update(Message)
        .where(col(Message.id).in_(due))
        .values(status="claimed", fence=col(Message.fence) + 1, lease_until=lease_until)
        .returning(Message)
    )
    rows = db.execute(claim, execution_options={"synchronize_session": False}).scalars().all()
    return sorted(rows, key=lambda message: message.wake_at)


def next_wake(db: Session) -> datetime | None:
    """When the sender has something to look at next; None: nothing is planned."""
    wakes = [
        db.exec(
            select(Message.wake_at)
            .where(Message.status == "planned", Message.priority == priority)
            .order_by(col(Message.wake_at))
            .limit(1)
        ).first()
        for priority in PRIORITIES
    ]
    return min((wake for wake in wakes if wake), default=None)


def record(db: Session, message_id: UUID, fence: int, **values: Any) -> bool:
    """Write what became of a claim. False: somebody else claimed it since, and their word counts."""
    write = (
        update(Message)
        .where(col(Message.id) == message_id, col(Message.fence) == fence, col(Message.status) == "claimed")
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", db.execute(write)).rowcount == 1


def leases_run_out(db: Session, *, now: datetime, most: int = 200) -> Sequence[Message]:
    """Claimed by a sender that never said what became of it."""
    query = (
        select(Message).where(Message.status == "claimed", col(Message.lease_until) < now).limit(most).with_for_update()
    )
    return db.exec(query).all()


def find_attempt(db: Session, token: str) -> Attempt | None:
    return db.exec(select(Attempt).where(Attempt.token == token)).one_or_none()


def attempt_of(db: Session, message_id: UUID, fence: int) -> Attempt | None:
    return db.exec(select(Attempt).where(Attempt.message_id == message_id, Attempt.fence == fence)).one_or_none()


def attempts_made(db: Session, message_id: UUID) -> int:
    return db.exec(select(func.count()).select_from(Attempt).where(Attempt.message_id == message_id)).one()


def find_by_sid(db: Session, carrier_sid: str) -> Message | None:
    return db.exec(select(Message).where(Message.carrier_sid == carrier_sid)).first()


def get_message(db: Session, message_id: UUID) -> Message:
    return db.exec(select(Message).where(Message.id == message_id)).one()


def keep_report(db: Session, report: DeliveryReport) -> bool:
    """Append what the carrier said; False where it said the same before."""
    query = select(DeliveryReport.id).where(
        DeliveryReport.carrier_sid == report.carrier_sid,
        DeliveryReport.status == report.status,
        DeliveryReport.code == report.code,
    )
    if db.exec(query).first() is not None:
        return False
    db.add(report)
    db.flush()
    return True


def messages_of_session(db: Session, session_id: UUID) -> Sequence[Message]:
    """By the time they are due."""
    query = select(Message).where(Message.session_id == session_id).order_by(col(Message.due_at), col(Message.id))
    return db.exec(query).all()


def planned_of_patient(db: Session, patient_id: UUID) -> Sequence[Message]:
    """Everything automatic that has not left yet."""
    query = select(Message).where(
        Message.patient_id == patient_id, Message.purpose == "step", Message.status == "planned"
    )
    return db.exec(query.with_for_update()).all()


def has_been_texted(db: Session, patient_id: UUID) -> bool:
    """Whether any text ever left for this patient: the first one says who writes."""
    query = select(Message.id).where(
        Message.patient_id == patient_id,
        col(Message.status).in_(LEFT_US),
        col(Message.text).is_not(None),
    )
    return db.exec(query.limit(1)).first() is not None


def automatic_since(db: Session, patient_id: UUID, since: datetime) -> int:
    """How many automatic texts this patient got since then, those on their way included."""
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.patient_id == patient_id,
            Message.purpose == "step",
            col(Message.status).in_(LEFT_US),
            col(Message.text).is_not(None),
            func.coalesce(Message.handed_over_at, Message.wake_at) >= since,
        )
    )
    return db.exec(query).one()


def last_question(db: Session, patient_id: UUID, phone: str, *, since: timedelta, now: datetime) -> Message | None:
    """The newest prompt that reached this patient at this number within that time."""
    query = (
        select(Message)
        .where(
            Message.patient_id == patient_id,
            Message.phone == phone,
            Message.prompt != "none",
            col(Message.status).in_(("accepted", "sent", "delivered", "uncertain", "claimed")),
            func.coalesce(Message.handed_over_at, Message.wake_at) >= now - since,
        )
        .order_by(func.coalesce(Message.handed_over_at, Message.wake_at).desc())
        .limit(1)
    )
    return db.exec(query).first()


def end_planned(db: Session, planned: Iterable[Message], status: str, why: str, *, now: datetime) -> int:
    """Nothing of these will leave; how many there were."""
    count = 0
    for message in planned:
        message.status, message.reason, message.ended_at, message.waits_for = status, why, now, None
        db.add(message)
        count += 1
    db.flush()
    return count


def wake(db: Session, planned: Iterable[Message], *, now: datetime) -> None:
    """What they waited for is gone: look at them as soon as they are due."""
    for message in planned:
        message.wake_at = max(message.due_at, now)
        db.add(message)
    db.flush()


def wake_all(db: Session, *, clinic_id: UUID | None, now: datetime) -> None:
    """A switch was turned on: look at once at everything that waits, of one clinic or of all."""
    waiting = (
        update(Message)
        .where(
            col(Message.status) == "planned",
            col(Message.waits_for).is_not(None),
            col(Message.due_at) <= now,
            *([] if clinic_id is None else [col(Message.clinic_id) == clinic_id]),
        )
        .values(wake_at=now)
        .execution_options(synchronize_session=False)
    )
    db.execute(waiting)
