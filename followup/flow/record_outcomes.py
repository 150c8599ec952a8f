"""What the carrier said of each attempt is written down, and the message moves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from followup.carriers.carrier import Accepted, Cause, Outcome, Refused, Unknown
from followup.flow.learn_sender import learn_sender
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules.delivery import after_report
from followup.store import attempts, people
from followup.store.database import Database, Session
from followup.store.tables import Attempt, Message

log = structlog.get_logger()

FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(seconds=15), timedelta(minutes=10)
HELD_PAUSE = timedelta(seconds=1)
NEVER_LEFT = {"cancelled", "expired", "suppressed"}


def record_outcomes(database: Database, answers: Sequence[tuple[str, Outcome]], *, now: datetime) -> None:
    """Write what the carrier said of each attempt. Again changes nothing."""
    with transaction(database) as db:
        attempted = attempts.lock_attempted(db, [token for token, _ in answers])
        for token, outcome in answers:
            if token in attempted:
                _record(db, *attempted[token], outcome, now=now)


def _record(db: Session, attempt: Attempt, message: Message, outcome: Outcome, *, now: datetime) -> None:
    """An acceptance is proof, however late it comes; anything else counts only from whoever holds the claim."""
    if attempt.outcome == "accepted" or (attempt.outcome == "refused" and not isinstance(outcome, Accepted)):
        return
    is_ours = message.fence == attempt.fence
    match outcome:
        case Accepted(sid):
            attempt.outcome, attempt.carrier_sid = "accepted", sid
            accept(db, message, sid, now=now)
        case Unknown(words):
            attempt.outcome, attempt.words = "unknown", words
            if is_ours:
                doubt(db, message, now=now)
        case Refused(cause, code, words):
            attempt.outcome, attempt.cause, attempt.code, attempt.words = "refused", cause.value, code, words
            db.flush()
            if is_ours and message.status in {"claimed", "uncertain"}:
                _refuse(db, message, outcome, now=now)
    attempt.ended_at = now
    db.add(attempt)
    db.flush()
    learn_sender(db, message, outcome, now=now)
    log.info("text_handed_over", message=str(message.id), outcome=attempt.outcome, code=attempt.code)


# Accepted ------------------------------------------------------------------------------------------------


def accept(db: Session, message: Message, sid: str, *, now: datetime) -> None:
    """The carrier has it. A callback that was faster has moved it further already; that stands."""
    if message.carrier_sid not in {None, sid}:
        double(db, message, now=now)
        return
    message.carrier_sid = sid
    message.handed_over_at = message.handed_over_at or now
    message.lease_until = message.look_at = message.held_at = None
    if message.status == "planned":  # It said no, yet it has it: a second text would be one too many.
        message.status, message.waits_for = "accepted", None
    if message.status in NEVER_LEFT:
        message.reason = f"{message.reason or message.status}; yet the carrier had it already"
    message.status = after_report(message.status, "accepted")  # pyright: ignore[reportArgumentType] - a text column.
    if message.status == "accepted":
        message.reason = None
    db.add(message)
    db.flush()


def double(db: Session, message: Message, *, now: datetime) -> None:
    """The carrier took it twice. Nobody can undo it; staff hear of it once."""
    if message.doubled_at is None:
        log.error("text_doubled", message=str(message.id))
        message.doubled_at = now
        tell_staff(db, message, "The patient may have got a text twice", now=now)
        db.add(message)
        db.flush()


# Unknown -------------------------------------------------------------------------------------------------


def doubt(db: Session, message: Message, *, now: datetime) -> None:
    """Nobody can tell whether the carrier has it: it is looked up there, and never sent again on a guess."""
    if message.status != "claimed":
        return
    message.status, message.lease_until, message.look_at = "uncertain", None, now
    message.reason = "the carrier's answer did not arrive"
    db.add(message)
    db.flush()


# Refused -------------------------------------------------------------------------------------------------


def _refuse(db: Session, message: Message, refused: Refused, *, now: datetime) -> None:
    """The carrier certainly does not have it; whose fault that is decides what comes next (facts/twilio 1.4)."""
    match refused.cause:
        case Cause.OPTED_OUT:
            if message.phone:
                people.opt_out(db, message.clinic_id, message.phone, reply_id=None, now=now)
            _end(db, message, "suppressed", f"the carrier says: the {message.to} sent STOP", now=now)
        case Cause.NUMBER:
            _end(db, message, "failed", refused.words, now=now)
            spoil_number(db, message, refused.words, now=now)
        case Cause.CONTENT:
            _end(db, message, "failed", refused.words, now=now)
            tell_staff(db, message, f"A text was refused: {refused.words}", now=now)
        case Cause.HELD:
            _try_again(db, message, HELD_PAUSE, refused.words, now=now)
        case Cause.SENDER | Cause.RATE | Cause.TRANSIENT:
            tries = attempts.attempts_made(db, message.id)
            pause = min(FIRST_BACK_OFF * 2 ** min(tries - 1, 10), LONGEST_BACK_OFF)
            _try_again(db, message, refused.retry_after or pause * _jitter(message), refused.words, now=now)


def spoil_number(db: Session, message: Message, why: str, *, now: datetime) -> None:
    """This number cannot be texted: nothing more goes there until the record has another, and staff hear it once."""
    patient = people.find_by_id(db, message.clinic_id, message.patient_id) if message.patient_id else None
    if patient is not None and patient.phone == message.phone:
        if patient.phone_fault:
            return
        patient.phone_fault, patient.phone_verified_at = why, None
        db.add(patient)
    tell_staff(db, message, f"The number cannot be texted: {why}", now=now)


def _jitter(message: Message) -> float:
    """From 0.75 to 1.25, always the same for one message: what was refused together does not come back together."""
    return 0.75 + message.id.int % 1000 / 2000


def _try_again(db: Session, message: Message, pause: timedelta, why: str, *, now: datetime) -> None:
    message.status, message.lease_until, message.look_at, message.reason = "planned", None, None, None
    message.wake_at, message.waits_for = now + pause, f"to be tried again: {why}"
    db.add(message)
    db.flush()


def _end(db: Session, message: Message, status: str, why: str, *, now: datetime) -> None:
    message.status, message.reason, message.ended_at = status, why, now
    message.lease_until = message.look_at = None
    db.add(message)
    db.flush()
