"""The claim: in one transaction a due text is checked for the last time, rendered, and frozen with its number."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from followup.carriers.carrier import OutgoingText
from followup.flow.plan_session import CANCELLED
from followup.flow.render_text import render_message
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules import consent
from followup.rules.seal import seal_of
from followup.rules.segments import count_segments
from followup.store import cases, messages, people, replies, sessions
from followup.store.database import Database, Session
from followup.store.tables import Attempt, Clinic, Message, Patient

log = structlog.get_logger()


@dataclass(frozen=True)
class SendingRules:
    """What the operator set about sending."""

    lease: timedelta
    batch: int
    """How many are claimed at once: no more than the carrier takes on at the same time."""
    reaches_people: bool
    """False with the pretend carrier: nobody has to go live for it."""
    sending: bool = True
    allowed_numbers: frozenset[str] = frozenset()
    """When not empty, no other patient number is ever texted."""


def claim_texts(*, database: Database, rules: SendingRules, now: datetime) -> tuple[list[OutgoingText], int]:
    """The texts that may leave now, their attempts committed; and how many messages were looked at."""
    with transaction(database) as db:
        claimed = messages.claim_due(db, now=now, lease_until=now + rules.lease, most=rules.batch)
        texts = [text for message in claimed if (text := _prepare_safely(db, message, rules, now=now))]
    return texts, len(claimed)


def _prepare_safely(db: Session, message: Message, rules: SendingRules, *, now: datetime) -> OutgoingText | None:
    """One poisoned row must not hold up the others: it ends as failed, before a human."""
    try:
        with db.begin_nested():
            return _prepare(db, message, rules, now=now)
    except Exception as error:  # noqa: BLE001 - whatever it is, staff hear of it.
        log.error("text_not_prepared", message=str(message.id), error=type(error).__name__)
        db.refresh(message)
        _end(db, message, "failed", f"it could not be prepared ({type(error).__name__})", now=now)
        tell_staff(db, message, "A text could not be prepared", now=now)
        return None


def _prepare(db: Session, message: Message, rules: SendingRules, *, now: datetime) -> OutgoingText | None:
    clinic = people.clinic_of(db, message.clinic_id)
    patient = people.get_patient(db, clinic.id, message.patient_id) if message.patient_id else None
    verdict = consent.may_send(_facts(db, message, clinic, patient, rules, now=now), now=now)
    if isinstance(verdict, consent.Wait):
        message.status, message.wake_at, message.waits_for = "planned", verdict.until, verdict.why
        message.lease_until = None
        db.add(message)
        return None
    if isinstance(verdict, consent.End):
        _end(db, message, verdict.status, verdict.why, now=now)
        return None
    return _freeze(db, message, clinic, patient, until=verdict.until, now=now)


def _freeze(
    db: Session, message: Message, clinic: Clinic, patient: Patient | None, *, until: datetime, now: datetime
) -> OutgoingText:
    """Number and text from the same rows, in this transaction; and the attempt that will carry them."""
    if patient is not None:
        message.phone = patient.phone
    if message.purpose == "step" or message.text is None:
        message.text, message.text_language = render_message(db, message, clinic, patient)
    assert message.phone is not None
    message.segments = count_segments(message.text).segments
    message.waits_for = None
    db.add(message)
    token = secrets.token_hex(16)
    seal = seal_of(str(patient.id) if patient else "", message.phone, message.text)
    db.add(
        Attempt(clinic_id=clinic.id, message_id=message.id, token=token, seal=seal, fence=message.fence, started_at=now)
    )
    db.flush()
    return OutgoingText(
        attempt=token,
        to=message.phone,
        body=message.text,
        sender=clinic.sender_number,
        valid_for=until - now,
    )


def _facts(
    db: Session, message: Message, clinic: Clinic, patient: Patient | None, rules: SendingRules, *, now: datetime
) -> consent.Claim:
    """Everything that may stand in the way, looked up inside the claim."""
    zone = ZoneInfo((patient and patient.zone) or clinic.zone)
    phone = patient.phone if patient else message.phone
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    is_step = message.purpose == "step"
    not_live, nobody_reads = _gates(db, clinic, rules)
    return consent.Claim(
        purpose=message.purpose,  # pyright: ignore[reportArgumentType] - a text column.
        is_prompt=is_step and message.prompt != "none" and message.wording == "question",
        gives_way=message.gives_way,
        use_by_at=message.use_by_at,
        zone=zone,
        phone=phone,
        deceased=bool(patient and patient.deceased_at),
        opted_out=bool(phone and people.open_opt_out(db, clinic.id, phone)),
        consent=people.consent_status(db, patient.id) if patient else None,
        needs_recorded_consent=clinic.needs_recorded_consent,
        cancelled_because=_gone(db, message),
        booked=bool(message.unless_booked and patient and sessions.next_appointment(db, patient.id, after=now)),
        sending_off=_sending_off(db, clinic, rules),
        not_live=not_live,
        nobody_reads=nobody_reads,
        allow_listed=not rules.allowed_numbers or phone in rules.allowed_numbers,
        urgent_case_open=bool(is_step and patient and cases.has_open_urgent(db, clinic.id, patient.id)),
        unread_reply=bool(phone and replies.has_unread_from(db, phone)),
        wrote_at=replies.last_reply_at(db, patient.id) if patient and message.purpose == "staff" else None,
        texts_today=_texts_since(db, message, today),
        texts_this_week=_texts_since(db, message, now - timedelta(days=7)),
    )


def _texts_since(db: Session, message: Message, since: datetime) -> int:
    """For a text that gives way: how many others its patient got since then."""
    if message.patient_id is None or not message.gives_way:
        return 0
    return messages.automatic_since(db, message.patient_id, since, besides=message)


def _gone(db: Session, message: Message) -> str | None:
    if message.session_id and message.purpose == "step":
        session = sessions.get_session(db, message.session_id)
        if session.cancelled_at:
            return f"{CANCELLED} ({session.cancel_reason})"
    if message.appointment_id:
        appointment = sessions.get_appointment(db, message.appointment_id)
        if appointment.cancelled_at:
            return "the appointment was cancelled"
    return None


def _sending_off(db: Session, clinic: Clinic, rules: SendingRules) -> str | None:
    if not rules.sending or not people.is_sending_on(db):
        return "sending is switched off for the whole service"
    if clinic.sending_off_at:
        return "sending is switched off for this clinic"
    return None


def _gates(db: Session, clinic: Clinic, rules: SendingRules) -> tuple[str | None, str | None]:
    """What a clinic still lacks before the real carrier may send, and before prompts may."""
    if not rules.reaches_people:
        return None, None
    live = people.newest_go_live(db, clinic.id)
    if live is None:
        return "the clinic has not gone live", None
    return None, None if live.without_rota else "nobody is on the rota"


def _end(db: Session, message: Message, status: str, why: str, *, now: datetime) -> None:
    message.status, message.reason, message.ended_at = status, why, now
    message.lease_until = message.waits_for = None
    db.add(message)
