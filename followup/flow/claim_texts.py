"""The claim: in one transaction a due text is checked, rendered, and frozen with its number. One claim at a time."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from followup.carriers.carrier import OutgoingText
from followup.flow.feel_pulse import feel_pulse
from followup.flow.freeze_windows import freeze_windows
from followup.flow.plan_session import APPOINTMENT_BEGUN, CANCELLED
from followup.flow.render_text import possible_texts, render_message
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.flow.weigh_condition import why_it_fails
from followup.rules import consent
from followup.rules.breaking import FIRST_PROBE, State
from followup.rules.planning import LATE
from followup.rules.seal import seal_of
from followup.rules.segments import count_segments
from followup.store import (
    attempts,
    breakers,
    cases,
    companions,
    messages,
    opening_hours,
    pauses,
    people,
    replies,
    rota,
    schedules,
    sessions,
)
from followup.store.database import Database, Session
from followup.store.fence import Fence
from followup.store.tables import Attempt, Clinic, Message, Patient, Plan, Staff

log = structlog.get_logger()

SAME_TEXT = timedelta(hours=20)
"""Less than a day: a text of every day leaves every day, though a day may have 23 hours, or the queue be shorter."""
CATCH_UP_APART = timedelta(hours=1)


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
    quiet: timedelta = timedelta(minutes=5)
    """How long the carrier's list must stay silent before a text of unknown outcome is sent again."""
    fence: Fence | None = None
    """The file that tells an old copy of the database; None where the database does not outlive the process."""
    page_sender: str | None = None
    """The number that pages to staff come from. None: the clinic's, or the carrier's."""


def claim_texts(*, database: Database, rules: SendingRules, now: datetime) -> tuple[list[OutgoingText], int]:
    """The texts that may leave now, their attempts committed; and how many messages were looked at.

    Raises DiskAlmostFull and FenceUnreadable: what cannot be recorded must not be sent.
    """
    with database.reader() as db:
        wake_at = messages.next_wake(db)
    if wake_at is None or wake_at > now:
        return [], 0
    if rules.fence:
        rules.fence.check_room()
    with transaction(database) as db:
        pulse = feel_pulse(db, rules.fence, now=now)
        claimed = _claim(db, rules, pages_only=pulse.behind_fence_at is not None, now=now)
        texts = [text for message in claimed if (text := _prepare_safely(db, message, rules, now=now))]
        pulse.claims += len(texts)
        database_id, claims = pulse.database_id, pulse.claims
    if rules.fence and texts:
        rules.fence.raise_to(database_id, claims)  # After the commit: a file that is ahead would stop everything.
    return texts, len(claimed)


def _claim(db: Session, rules: SendingRules, *, pages_only: bool, now: datetime) -> list[Message]:
    """While the way to the carrier is broken only answers and pages are tried, and now and then one other text.

    `pages_only` where the database is an old copy: a page that is planned is new, and nothing keeps it.
    """
    if pages_only:
        return messages.claim_due(
            db, now=now, lease_until=now + rules.lease, most=rules.batch, priorities=(0,), purpose="page"
        )
    lease_until, broken = now + rules.lease, breakers.open_breakers(db).get(breakers.CARRIER)
    if broken is None or broken.probe_at is None:
        return messages.claim_due(db, now=now, lease_until=lease_until, most=rules.batch)
    if now < broken.probe_at:
        return messages.claim_due(db, now=now, lease_until=lease_until, most=rules.batch, priorities=(0,))
    return messages.claim_due(db, now=now, lease_until=lease_until, most=1)


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
        _put_back(db, message, until=verdict.until, why=verdict.why)
        return None
    if isinstance(verdict, consent.End):
        _end(db, message, verdict.status, verdict.why, now=now)
        return None
    text = _freeze(db, message, clinic, patient, until=verdict.until, now=now)
    if text and message.purpose == "page":
        return replace(text, sender=rules.page_sender or text.sender, is_page=True)
    return text


def _freeze(
    db: Session, message: Message, clinic: Clinic, patient: Patient | None, *, until: datetime, now: datetime
) -> OutgoingText | None:
    """Number and text from the same rows, in this transaction; and the attempt that will carry them."""
    if patient is not None:
        message.phone = _phone_of(db, message, patient)
    if message.purpose == "step" or message.text is None:
        message.text, message.text_language = render_message(db, message, clinic, patient)
    if message.purpose == "step":
        freeze_windows(db, message, clinic, now=now)
    assert message.phone is not None
    message.segments = count_segments(message.text).segments
    message.waits_for = None
    if patient is not None and _says_the_same_again(db, message, clinic, patient, now=now):
        return None
    _book_probe(db, clinic, now=now)
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
    hours = opening_hours.hours_of(db, clinic, patient)
    phone = _phone_of(db, message, patient) if patient else message.phone
    today = now.astimezone(hours.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    is_step = message.purpose == "step"
    broken = _broken(db, clinic)
    not_live, nobody_reads, any_hour = _gates(db, clinic, rules, now=now)
    return consent.Claim(
        purpose=message.purpose,  # pyright: ignore[reportArgumentType] - a text column.
        is_prompt=is_step and message.prompt != "none" and message.wording != "statement",
        gives_way=message.gives_way,
        use_by_at=message.use_by_at,
        hours=replace(hours, staffed=None) if any_hour else hours,
        phone=phone,
        phone_fault=patient.phone_fault if patient and message.to == "patient" else None,
        deceased=bool(patient and patient.deceased_at),
        # Nobody is told about a patient who wants no texts.
        opted_out=_opted_out(db, clinic, patient.phone if patient else phone),
        companion_opted_out=message.to == "companion" and _opted_out(db, clinic, phone),
        consent=people.consent_status(db, patient.id) if patient else None,
        needs_recorded_consent=clinic.needs_recorded_consent,
        cancelled_because=_gone(db, message, now=now),
        paused=_paused(db, message, patient, now=now) if is_step and patient else None,
        condition_fails=why_it_fails(db, message, now=now) if is_step and message.plan_id else None,
        booked=bool(message.unless_booked and patient and sessions.next_appointment(db, patient.id, after=now)),
        sending_off=_sending_off(db, clinic, rules),
        not_live=not_live,
        nobody_reads=nobody_reads,
        broken=broken.why if broken else None,
        broken_until=broken.probe_at if broken else None,
        number_in_doubt=bool(
            phone and attempts.is_number_in_doubt(db, phone, besides=message.id, text=None if is_step else message.text)
        ),
        schedule_stopped=_stopped(db, message),
        allow_listed=not rules.allowed_numbers or phone in rules.allowed_numbers,
        urgent_case_open=bool(is_step and patient and cases.has_open_urgent(db, clinic.id, patient.id)),
        unread_reply=_has_unread(db, phone) or (patient is not None and _has_unread(db, patient.phone)),
        wrote_at=replies.last_reply_at(db, patient.id) if patient and message.purpose == "staff" else None,
        overtaken=is_step and _overtaken(db, message, now=now),
        texts_today=_texts_since(db, message, today),
        texts_this_week=_texts_since(db, message, now - timedelta(days=7)),
    )


def _phone_of(db: Session, message: Message, patient: Patient) -> str | None:
    return patient.phone if message.to == "patient" else companions.companions_phone(db, patient)


def _opted_out(db: Session, clinic: Clinic, phone: str | None) -> bool:
    return bool(phone and people.open_opt_out(db, clinic.id, phone))


def _has_unread(db: Session, phone: str | None) -> bool:
    return bool(phone and replies.has_unread_from(db, phone))


def _paused(db: Session, message: Message, patient: Patient, *, now: datetime) -> str | None:
    """By whoever did it; also where the pause was over before the sender came to a text that had fallen into it."""
    pause = pauses.open_pause(db, patient.id, now=now)
    if pause is None and message.released_at is None:
        pause = pauses.open_pause(db, patient.id, now=message.due_at)
    return f"paused by {db.get_one(Staff, pause.by_staff_id).name}: {pause.why}" if pause else None


def _put_back(db: Session, message: Message, *, until: datetime, why: str) -> None:
    message.status, message.wake_at, message.waits_for, message.lease_until = "planned", until, why, None
    db.add(message)


def _says_the_same_again(db: Session, message: Message, clinic: Clinic, patient: Patient, *, now: datetime) -> bool:
    """A planned text that its number got today already is held for a person: something planned it twice.

    As a first text, or not: whether it names STOP makes no difference to whoever reads it.
    """
    if message.purpose != "step" or message.again or message.released_at:
        return False
    texts = possible_texts(db, message, clinic, patient)
    if not attempts.same_text_since(db, message, texts, since=now - SAME_TEXT):
        return False
    hold(db, message, "the same text went to this number within a day", now=now)
    tell_staff(db, message, "A text is held: the same words went to this number within a day", now=now)
    return True


def hold(db: Session, message: Message, why: str, *, now: datetime) -> None:
    """It stays planned and does not leave until a person releases it."""
    _put_back(db, message, until=message.due_at, why=f"held: {why}")
    message.held_at, message.look_at = now, None
    db.flush()


def _broken(db: Session, clinic: Clinic) -> State | None:
    found = breakers.open_breakers(db)
    return found.get(clinic.sender_number or breakers.CARRIER) or found.get(breakers.CARRIER)


def _book_probe(db: Session, clinic: Clinic, *, now: datetime) -> None:
    """This text tries whether its sender works again; until it has answered no other does."""
    for sender in {clinic.sender_number or breakers.CARRIER, breakers.CARRIER} & breakers.open_breakers(db).keys():
        breakers.book_probe(db, sender, next_at=now + FIRST_PROBE)


def _overtaken(db: Session, message: Message, *, now: datetime) -> bool:
    """After an outage a patient gets one text, not all that had been due."""
    if message.released_at or now - message.due_at <= LATE or message.patient_id is None:
        return False
    return messages.is_overtaken(db, message, now=now, apart=CATCH_UP_APART)


def _texts_since(db: Session, message: Message, since: datetime) -> int:
    """For a text that gives way: how many others its patient got since then."""
    if message.patient_id is None or not message.gives_way:
        return 0
    return messages.automatic_since(db, message.patient_id, since, besides=message)


def _stopped(db: Session, message: Message) -> str | None:
    if message.purpose != "step" or message.plan_id is None:
        return None
    stop = schedules.stopped_schedule(db, message.clinic_id, schedules.schedule_of_plan(db, message.plan_id))
    if stop is None:
        return None
    return f"texts of this schedule are stopped by {db.get_one(Staff, stop.by_staff_id).name}"


def _gone(db: Session, message: Message, *, now: datetime) -> str | None:
    if message.plan_id and (plan := db.get_one(Plan, message.plan_id)).closed_at:
        return plan.closed_because
    if message.session_id and message.purpose == "step":
        session = sessions.get_session(db, message.session_id)
        if session.cancelled_at:
            return f"{CANCELLED} ({session.cancel_reason})"
    if message.appointment_id:
        appointment = sessions.get_appointment(db, message.appointment_id)
        if appointment.cancelled_at:
            return "the appointment was cancelled"
        if message.due_at < appointment.starts_at <= now:
            return APPOINTMENT_BEGUN
    return None


def _sending_off(db: Session, clinic: Clinic, rules: SendingRules) -> str | None:
    if not rules.sending or not people.is_sending_on(db):
        return "sending is switched off for the whole service"
    if clinic.sending_off_at:
        return "sending is switched off for this clinic"
    return None


def _gates(db: Session, clinic: Clinic, rules: SendingRules, *, now: datetime) -> tuple[str | None, str | None, bool]:
    """What a clinic lacks before the real carrier may send, and before prompts may; and whether they may at any hour.

    `go-live --without-rota` says that prompts go out whoever is there.
    """
    if not rules.reaches_people:
        return None, None, False
    live = people.newest_go_live(db, clinic.id)
    if live is None:
        return "the clinic has not gone live", None, False
    if live.without_rota:
        return None, None, True
    if rota.is_somebody_on_call(db, clinic.id, at=now):
        return None, None, False
    is_staffed = opening_hours.staffed_hours(db, clinic).is_staffed(now)
    return None, consent.NOBODY_ON_ROTA if is_staffed else consent.NOBODY_THERE, False


def _end(db: Session, message: Message, status: str, why: str, *, now: datetime) -> None:
    message.status, message.reason, message.ended_at = status, why, now
    message.lease_until = message.waits_for = None
    db.add(message)
