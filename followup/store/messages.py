"""Outgoing texts: what is due, who holds it, how it ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.store.tables import Appointment, DeliveryReport, Message, Plan

PRIORITIES = (0, 1, 2, 3)
"""0 safety texts and pages, 1 what staff wrote, 2 reminders, 3 prompts."""
LEFT_US = ("claimed", "uncertain", "accepted", "sent", "delivered", "undelivered")
ARRIVED = ("claimed", "accepted", "sent", "delivered")
"""As far as anybody knows."""


def claim_due(
    db: Session,
    *,
    now: datetime,
    lease_until: datetime,
    most: int,
    priorities: Sequence[int] = PRIORITIES,
    purpose: str | None = None,
) -> list[Message]:
    """Up to `most` due messages, now `claimed` with a new fence and lease, most pressing first.

    One statement for each priority, so that a queue of prompts never delays a safety text and each uses
    the index of what is due; only of that purpose where one is given. Two senders never get the same message
    (PostgreSQL: SKIP LOCKED; SQLite: one writer).
    """
    claimed: list[Message] = []
    for priority in priorities:
        if len(claimed) < most:
            claimed += _claim_of(db, priority, now, lease_until, most - len(claimed), purpose)
    return claimed


def _claim_of(
    db: Session, priority: int, now: datetime, lease_until: datetime, most: int, purpose: str | None
) -> list[Message]:
    due = (
        select(Message.id)
        .where(
            Message.status == "planned",
            Message.priority == priority,
            col(Message.wake_at) <= now,
            col(Message.held_at).is_(None),
            *([Message.purpose == purpose] if purpose else []),
        )
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
            .where(Message.status == "planned", Message.priority == priority, col(Message.held_at).is_(None))
            .order_by(col(Message.wake_at))
            .limit(1)
        ).first()
        for priority in PRIORITIES
    ]
    return min((wake for wake in wakes if wake), default=None)


def leases_run_out(db: Session, *, now: datetime, most: int = 200) -> Sequence[Message]:
    """Claimed by a sender that never said what became of it."""
    query = select(Message).where(Message.status == "claimed", col(Message.lease_until) < now)
    return db.exec(query.order_by(col(Message.id)).limit(most).with_for_update()).all()


def get_message(db: Session, message_id: UUID) -> Message:
    return db.get_one(Message, message_id)


def lock_by_sid(db: Session, carrier_sid: str) -> Message | None:
    """Locked, as in `lock_attempted`."""
    return db.exec(select(Message).where(Message.carrier_sid == carrier_sid).with_for_update()).first()


def keep_report(db: Session, report: DeliveryReport) -> bool:
    """Append what the carrier said; False where it said the same before."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(DeliveryReport).values(report.model_dump()).on_conflict_do_nothing()
    return db.scalars(insert.returning(col(DeliveryReport.id))).one_or_none() is not None


def messages_of_session(db: Session, session_id: UUID) -> Sequence[Message]:
    """By the time they are due."""
    query = select(Message).where(Message.session_id == session_id).order_by(col(Message.due_at), col(Message.id))
    return db.exec(query).all()


def planned_of_patient(db: Session, patient_id: UUID) -> Sequence[Message]:
    """Everything automatic that has not left yet."""
    query = select(Message).where(
        Message.patient_id == patient_id, Message.purpose == "step", Message.status == "planned"
    )
    return db.exec(query.order_by(col(Message.id)).with_for_update()).all()


def lock_planned(db: Session, message_id: UUID) -> Sequence[Message]:
    """The message as it is now, if it has not left; nobody claims it until this transaction ends."""
    query = select(Message).where(Message.id == message_id, Message.status == "planned").with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).all()


def suppressed_of_patient(db: Session, patient_id: UUID, why: str, *, now: datetime) -> Sequence[Message]:
    """What was suppressed for that reason, is still of use, and belongs to a plan that holds."""
    query = (
        select(Message)
        .join(Plan, col(Plan.id) == col(Message.plan_id))
        .where(
            Message.patient_id == patient_id,
            Message.status == "suppressed",
            Message.reason == why,
            col(Message.handed_over_at).is_(None),
            col(Message.use_by_at) > now,
            col(Plan.closed_at).is_(None),
        )
    )
    return db.exec(query.order_by(col(Message.id)).with_for_update(of=Message)).all()


def messages_of_plan(db: Session, plan_id: UUID) -> Sequence[Message]:
    return db.exec(select(Message).where(Message.plan_id == plan_id)).all()


def lock_plan(db: Session, plan_id: UUID) -> Sequence[Message]:
    """The plan's messages as they are now: none of them is claimed until this transaction ends. Oldest first."""
    query = select(Message).where(Message.plan_id == plan_id).order_by(col(Message.id)).with_for_update()
    return db.exec(query.execution_options(populate_existing=True)).all()


def steps_said_of(db: Session, appointment: Appointment | None, *, besides: Plan | None = None) -> set[str]:
    """The steps about this appointment that arrived, or may have, in whichever other plan: nobody is reminded twice."""
    if appointment is None:
        return set()
    query = select(Message.step).where(
        Message.appointment_id == appointment.id,
        Message.purpose == "step",
        col(Message.status).in_((*ARRIVED, "uncertain")),
        col(Message.text).is_not(None),
    )
    return set(db.exec(query if besides is None else query.where(Message.plan_id != besides.id)))


def left_at(db: Session, plan_id: UUID, step: str) -> datetime | None:
    """When this text of a plan left, the last time; None where it did not, or did not arrive."""
    query = select(func.max(func.coalesce(Message.handed_over_at, Message.wake_at))).where(
        Message.plan_id == plan_id, Message.step == step, col(Message.status).in_((*ARRIVED, "uncertain"))
    )
    return db.exec(query).one()


def has_been_texted(db: Session, patient_id: UUID, *, before: Message) -> bool:
    """Whether another text than this one arrived at whom it is to: the first says who writes and how to end it."""
    query = select(Message.id).where(
        Message.patient_id == patient_id,
        Message.to == before.to,
        Message.id != before.id,
        col(Message.status).in_(ARRIVED),
        col(Message.text).is_not(None),
    )
    return db.exec(query.limit(1)).first() is not None


def has_left(db: Session, plan_id: UUID, step: str) -> bool:
    """Whether this text of a plan is on its way, or arrived as far as anybody knows."""
    query = select(Message.id).where(
        Message.plan_id == plan_id, Message.step == step, col(Message.status).in_((*ARRIVED, "uncertain"))
    )
    return db.exec(query.limit(1)).first() is not None


def automatic_since(db: Session, patient_id: UUID, since: datetime, *, besides: Message) -> int:
    """How many automatic texts other than this one the patient got since then, those on their way included."""
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.patient_id == patient_id,
            Message.to == besides.to,
            Message.purpose == "step",
            Message.id != besides.id,
            col(Message.status).in_(LEFT_US),
            col(Message.text).is_not(None),
            func.coalesce(Message.handed_over_at, Message.wake_at) >= since,
        )
    )
    return db.exec(query).one()


def is_overtaken(db: Session, late: Message, *, now: datetime, apart: timedelta) -> bool:
    """Whether its patient has another automatic text that is due and of use for longer, or got one within `apart`."""
    others = select(Message).where(
        Message.patient_id == late.patient_id,
        Message.to == late.to,
        Message.purpose == "step",
        Message.id != late.id,
        col(Message.due_at) <= now,
        col(Message.held_at).is_(None),
    )

    def weight(message: Message) -> tuple[bool, datetime, datetime, UUID]:
        return not message.gives_way, message.use_by_at, message.due_at, message.id

    for other in db.exec(others):
        if other.status in {"planned", "claimed"} and other.use_by_at > now and weight(other) > weight(late):
            return True
        if other.status in LEFT_US and other.text and (other.handed_over_at or other.wake_at) >= now - apart:
            return True
    return False


def questions_asked(db: Session, patient_id: UUID, phone: str, *, since: datetime, now: datetime) -> Sequence[Message]:
    """The prompts that reached this patient at this number from then until now, oldest first."""
    asked_at = func.coalesce(Message.handed_over_at, Message.wake_at)
    query = (
        select(Message)
        .where(
            Message.patient_id == patient_id,
            Message.phone == phone,
            Message.prompt != "none",
            col(Message.status).in_(("accepted", "sent", "delivered", "uncertain", "claimed")),
            asked_at >= since,
            asked_at <= now,
        )
        .order_by(asked_at, col(Message.id))
    )
    return db.exec(query).all()


def unanswered(db: Session, *, now: datetime, most: int = 200) -> Sequence[Message]:
    """Questions that reached somebody and whose time to be answered is over, locked; longest over first."""
    query = select(Message).where(
        col(Message.silent_at) <= now,
        col(Message.silence_noted_at).is_(None),
        col(Message.status).in_(("accepted", "sent", "delivered")),
    )
    return db.exec(query.order_by(col(Message.silent_at)).limit(most).with_for_update(skip_locked=True)).all()


# Answers -------------------------------------------------------------------------------------------------


def answers_left_at(db: Session, patient_id: UUID) -> dict[str, datetime]:
    """{a standard text's name: when it was last put on its way to this patient}."""
    query = (
        select(Message.step, func.max(Message.due_at))
        .where(
            Message.patient_id == patient_id,
            Message.purpose == "answer",
            col(Message.status).not_in(("suppressed", "cancelled", "expired", "failed")),
        )
        .group_by(col(Message.step))
    )
    return dict(db.exec(query).all())


def was_asked_again(db: Session, question_id: UUID) -> bool:
    """Whether the patient was asked once more for a number that this question wants."""
    query = select(Message.id).where(Message.again_of == question_id, Message.purpose == "answer")
    return db.exec(query.limit(1)).first() is not None


def staff_wrote_at(db: Session, patient_id: UUID) -> datetime | None:
    """When a person last wrote to this patient."""
    query = select(func.max(Message.created_at)).where(Message.patient_id == patient_id, Message.purpose == "staff")
    return db.exec(query).one()


# Ending and waking ---------------------------------------------------------------------------------------


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


def plan_again(db: Session, ended: Sequence[Message], *, now: datetime) -> None:
    """They ended before they left, and what ended them is gone."""
    for message in ended:
        message.status, message.reason, message.ended_at = "planned", None, None
    wake(db, ended, now=now)


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
