"""Attempts and what is not settled about them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func
from sqlmodel import Session, col, select

from followup.rules.last_look import Standing
from followup.store import people
from followup.store.tables import Attempt, Clinic, Companion, Message, OptOut, Patient, Reply

UNSETTLED = ("open", "unknown")


def standing(db: Session, token: str) -> tuple[Standing, str]:
    """What holds of an attempt now, and its patient's id as in its seal. Raises NoResultFound."""
    numbers = col(Message.phone), col(Patient.phone)  # A companion hears nothing of a patient who wants no texts.
    opted_out = exists().where(
        col(OptOut.clinic_id) == col(Message.clinic_id),
        col(OptOut.phone).in_(numbers),
        col(OptOut.lifted_at).is_(None),
    )
    unread = exists().where(col(Reply.sender).in_(numbers), col(Reply.read_at).is_(None))
    query = (
        select(Attempt, Message, Patient, Clinic)
        .add_columns(opted_out, unread, col(Companion.phone))
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .join(Clinic, col(Clinic.id) == col(Message.clinic_id))
        .join(Patient, col(Patient.id) == col(Message.patient_id), isouter=True)
        .join(Companion, _is_companion_of(), isouter=True)
        .where(col(Attempt.token) == token)
    )
    attempt, message, patient, clinic, has_opted_out, has_unread, companions_phone = db.execute(query).one()
    phone = companions_phone if message.to == "companion" else patient and patient.phone
    found = Standing(
        purpose=message.purpose,
        seal=attempt.seal,
        is_claimed=(message.status == "claimed" and message.fence == attempt.fence and attempt.outcome == "open"),
        phone=phone,
        has_patient=patient is not None,
        deceased=bool(patient and patient.deceased_at),
        opted_out=has_opted_out,
        withdrew=bool(patient and people.consent_status(db, patient.id) == "revoked"),
        unread_reply=has_unread,
        sending_off=clinic.sending_off_at is not None or not people.is_sending_on(db),
    )
    return found, str(patient.id) if patient else ""


def _is_companion_of() -> ColumnElement[bool]:
    """Of the message's patient, willing, and another."""
    return and_(
        col(Companion.patient_id) == col(Message.patient_id),
        col(Companion.removed_at).is_(None),
        col(Companion.has_agreed),
        col(Companion.phone).is_distinct_from(col(Patient.phone)),
    )


def attempt_of(db: Session, message_id: UUID, fence: int) -> Attempt | None:
    return db.exec(select(Attempt).where(Attempt.message_id == message_id, Attempt.fence == fence)).one_or_none()


def attempts_made(db: Session, message_id: UUID, *, cause: str | None = None) -> int:
    """How many; those that were refused for that cause, where one is given."""
    query = select(func.count()).select_from(Attempt).where(Attempt.message_id == message_id)
    return db.exec(query if cause is None else query.where(Attempt.cause == cause)).one()


def lock_attempted(db: Session, tokens: Sequence[str]) -> dict[str, tuple[Attempt, Message]]:
    """Attempts by token with their messages, which nobody else moves now: a callback may be as fast as the answer.

    All that a transaction moves at once, before it opens a case: else two of them could wait for each other.
    """
    attempted = select(Attempt.message_id).where(col(Attempt.token).in_(tokens))
    query = select(Message).where(col(Message.id).in_(attempted)).order_by(col(Message.id)).with_for_update()
    locked = {message.id: message for message in db.exec(query)}
    attempts = db.exec(select(Attempt).where(col(Attempt.token).in_(tokens)))
    return {attempt.token: (attempt, locked[attempt.message_id]) for attempt in attempts}


# Doubts --------------------------------------------------------------------------------------------------


def is_number_in_doubt(db: Session, phone: str, *, besides: UUID, text: str | None) -> bool:
    """Whether another text to this number is on its way, or may be; with `text`, only one in the same words."""
    query = (
        select(Message.id)
        .join(Attempt, (col(Attempt.message_id) == col(Message.id)) & (col(Attempt.fence) == col(Message.fence)))
        .where(
            Message.phone == phone,
            Message.id != besides,
            col(Message.status).in_(("claimed", "uncertain")),
            col(Attempt.outcome).in_(UNSETTLED),
        )
    )
    if text is not None:
        query = query.where(Message.text == text)
    return db.exec(query.limit(1)).first() is not None


def doubts_due(db: Session, *, now: datetime, most: int) -> Sequence[UUID]:
    """Uncertain messages whose next look has come, longest waiting first."""
    query = select(Message.id).where(Message.status == "uncertain", col(Message.look_at) <= now)
    return db.exec(query.order_by(col(Message.look_at)).limit(most)).all()


def lock_doubt(db: Session, message_id: UUID) -> tuple[Message, Attempt] | None:
    """Locked, if it is uncertain still."""
    query = select(Message).where(Message.id == message_id, Message.status == "uncertain")
    message = db.exec(query.with_for_update()).one_or_none()
    attempt = attempt_of(db, message.id, message.fence) if message else None
    return (message, attempt) if message and attempt else None


def sids_of_ours(db: Session, sids: Collection[str]) -> set[str]:
    """Those that are known to be another attempt's."""
    by_attempt = select(Attempt.carrier_sid).where(col(Attempt.carrier_sid).in_(sids))
    by_message = select(Message.carrier_sid).where(col(Message.carrier_sid).in_(sids))
    return {sid for sid in [*db.exec(by_attempt), *db.exec(by_message)] if sid}


def lock_due(db: Session, *, now: datetime) -> Sequence[Message]:
    """Everything planned that may have left by now, had anybody been there."""
    query = select(Message).where(
        Message.status == "planned", col(Message.due_at) <= now, col(Message.held_at).is_(None)
    )
    return db.exec(query.order_by(col(Message.id)).with_for_update()).all()


def same_text_since(db: Session, message: Message, texts: Collection[str], *, since: datetime) -> bool:
    """Whether another planned text in one of these wordings left for the same number since then."""
    query = select(Message.id).where(
        Message.phone == message.phone,
        col(Message.text).in_(texts),
        Message.purpose == "step",
        Message.id != message.id,
        col(Message.status).in_(("claimed", "uncertain", "accepted", "sent", "delivered")),
        func.coalesce(Message.handed_over_at, Message.wake_at) >= since,
    )
    return db.exec(query.limit(1)).first() is not None
