"""What a rehearsal looks at: its database holds nothing but its own clinic."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, and_, col, or_, select

from followup.store import breakers, cases
from followup.store.tables import Attempt, CareSession, Case, Message, Patient, Plan, Reading, Reply

POLL = timedelta(minutes=1)
"""What waits for somebody to do something is looked at so often; see `rules/consent.py`."""


def next_moment(db: Session, *, after: datetime, is_settled: bool) -> datetime | None:
    """When something falls due by itself; None: nothing ever will.

    `is_settled`: nothing has happened for a while, so what waits for somebody to do something waits on, and only its
    end counts.
    """
    wake_at, use_by_at = col(Message.wake_at), col(Message.use_by_at)
    look_at, silent_at = col(Message.look_at), col(Message.silent_at)
    is_planned = and_(col(Message.status) == "planned", col(Message.held_at).is_(None))
    waits = col(Message.waits_for).is_not(None)
    worth_a_look = or_(~waits, wake_at > after + POLL) if is_settled else is_planned
    query = select(
        func.min(wake_at).filter(wake_at > after, is_planned, worth_a_look),
        func.min(use_by_at).filter(use_by_at > after, is_planned, waits),
        func.min(look_at).filter(look_at > after, col(Message.status) == "uncertain"),
        func.min(silent_at).filter(silent_at > after, col(Message.silence_noted_at).is_(None)),
    )
    moments = [*db.exec(query).one(), *(state.probe_at for state in breakers.open_breakers(db).values())]
    return min((at for at in moments if at and at > after), default=None)


def all_messages(db: Session) -> Sequence[tuple[Message, Patient, CareSession | None]]:
    """To or about a patient, with the session they follow, by the time they are due."""
    query = (
        select(Message, Patient, CareSession)
        .join(Patient, col(Patient.id) == col(Message.patient_id))
        .join(CareSession, col(CareSession.id) == col(Message.session_id), isouter=True)
        .order_by(col(Message.due_at), col(Message.id))
    )
    return db.exec(query).all()


def messages_by_token(db: Session) -> dict[str, UUID]:
    """{an attempt's token: its message}."""
    return dict(db.exec(select(Attempt.token, Attempt.message_id)).all())


def open_cases(db: Session) -> Sequence[tuple[Case, Patient | None]]:
    """Oldest first."""
    query = select(Case, Patient).join(Patient, col(Patient.id) == col(Case.patient_id), isouter=True)
    return db.exec(query.where(cases.is_open()).order_by(col(Case.number))).all()


def all_plans(db: Session) -> Sequence[Plan]:
    """In the order in which they were made."""
    return db.exec(select(Plan).order_by(col(Plan.id))).all()


def answers(db: Session) -> dict[UUID, list[str | None]]:
    """{message: the values that were read in the replies to it, oldest first}."""
    query = (
        select(Reply.answers_id, Reading.value)
        .join(Reading, col(Reading.reply_id) == col(Reply.id))
        .where(col(Reply.answers_id).is_not(None))
        .order_by(col(Reply.received_at), col(Reading.at), col(Reading.id))
    )
    found: dict[UUID, list[str | None]] = {}
    for message_id, value in db.exec(query):
        if message_id is not None:
            found.setdefault(message_id, []).append(value)
    return found


def readings(db: Session) -> dict[str, Reading]:
    """{the carrier's SID of a reply: what it means}."""
    query = select(Reply.carrier_sid, Reading).join(Reading, col(Reading.reply_id) == col(Reply.id))
    return dict(db.exec(query.order_by(col(Reading.at), col(Reading.id))).all())
