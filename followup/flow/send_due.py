"""Sends what is due: claim, call, record, in three transactions. The only place that calls the carrier."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from followup.carriers.carrier import Accepted, Carrier, Cause, Outcome, Refused, Unknown
from followup.flow.claim_texts import SendingRules, claim_texts
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules.delivery import after_report
from followup.store import messages, people
from followup.store.database import Database, Session
from followup.store.tables import Attempt, Message

log = structlog.get_logger()

CALL_MARGIN = timedelta(seconds=15)
"""What a call may take (connect, send, read) before the lease ends; a claim closer to its end is given up."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(seconds=15), timedelta(minutes=10)
SENDER_PAUSE = timedelta(minutes=1)
"""How soon to look again where the fault is in the account: no text is at fault and none is given up."""

Clock = Callable[[], datetime]


def send_due(*, database: Database, carrier: Carrier, rules: SendingRules, clock: Clock) -> int:
    """Send everything that is due and may leave; how many texts were handed to the carrier.

    Any number of processes may do this at once: each message is claimed by one of them.
    """
    handed = 0
    while True:
        claimed_at = clock()
        texts, looked_at = claim_texts(database=database, rules=rules, now=claimed_at)
        if not looked_at:
            return handed
        handed += len(texts)
        give_up_at = claimed_at + rules.lease - min(CALL_MARGIN, rules.lease / 2)
        for answers in carrier.send(texts, may_still_send=lambda _, until=give_up_at: clock() < until):
            record_outcomes(database, answers, now=clock())


def next_due(database: Database) -> datetime | None:
    """When there is something to look at next; None: nothing is planned."""
    with database.reader() as db:
        return messages.next_wake(db)


def record_outcomes(database: Database, answers: Sequence[tuple[str, Outcome]], *, now: datetime) -> None:
    """Write what the carrier said of each attempt. Again changes nothing."""
    with transaction(database) as db:
        attempted = messages.lock_attempted(db, [token for token, _ in answers])
        for token, outcome in answers:
            attempt, message = attempted.get(token, (None, None))
            if attempt is None or message is None or attempt.outcome not in {"open", "unknown"}:
                continue
            _close_attempt(db, attempt, outcome, now=now)
            _move(db, message, attempt, outcome, now=now)


def _close_attempt(db: Session, attempt: Attempt, outcome: Outcome, *, now: datetime) -> None:
    attempt.ended_at = now
    match outcome:
        case Accepted(sid):
            attempt.outcome, attempt.carrier_sid = "accepted", sid
        case Refused(cause, code, words):
            attempt.outcome, attempt.cause, attempt.code, attempt.words = "refused", cause.value, code, words
        case Unknown(words):
            attempt.outcome, attempt.words = "unknown", words
    db.add(attempt)
    db.flush()


def _move(db: Session, message: Message, attempt: Attempt, outcome: Outcome, *, now: datetime) -> None:
    if message.fence != attempt.fence:
        log.warning("outcome_of_an_older_claim", message=str(message.id), attempt=str(attempt.id))
        return
    match outcome:
        case Accepted(sid):
            accept(db, message, sid, now=now)
        case Unknown():
            doubt(db, message, now=now)
        case Refused():
            _refuse(db, message, outcome, now=now)
    log.info("text_handed_over", message=str(message.id), outcome=attempt.outcome, code=attempt.code)


def accept(db: Session, message: Message, sid: str, *, now: datetime) -> None:
    """The carrier has it. A callback that was faster has moved it further already; that stands."""
    message.carrier_sid = message.carrier_sid or sid
    message.handed_over_at = message.handed_over_at or now
    message.lease_until = None
    if message.status == "planned":  # It said no, yet it has it: a second text would be one too many.
        message.status, message.waits_for = "accepted", None
    message.status = after_report(message.status, "accepted")  # pyright: ignore[reportArgumentType] - a text column.
    db.add(message)
    db.flush()


def doubt(db: Session, message: Message, *, now: datetime) -> None:
    """Nobody can tell whether the carrier has it: it is not sent again on a guess, and staff see it."""
    if message.status != "claimed":
        return
    message.status, message.lease_until = "uncertain", None
    message.reason = "the carrier's answer did not arrive"
    db.add(message)
    db.flush()
    tell_staff(db, message, "Nobody knows whether a text was sent", now=now)


def _refuse(db: Session, message: Message, refused: Refused, *, now: datetime) -> None:
    """The carrier certainly does not have it; whose fault that is decides what comes next (facts/twilio 1.4)."""
    if message.status != "claimed":
        return
    match refused.cause:
        case Cause.OPTED_OUT:
            if message.phone:
                people.opt_out(db, message.clinic_id, message.phone, reply_id=None, now=now)
            _end(db, message, "suppressed", "the carrier says: the patient sent STOP", now=now)
        case Cause.NUMBER | Cause.CONTENT:
            _end(db, message, "failed", refused.words, now=now)
            tell_staff(db, message, f"A text was refused: {refused.words}", now=now)
        case Cause.SENDER:
            _try_again(db, message, SENDER_PAUSE, refused.words, now=now)
            if messages.attempts_made(db, message.id, cause=Cause.SENDER) == 1:  # Said once, not every minute.
                tell_staff(db, message, f"Sending does not work: {refused.words}", now=now)
        case Cause.RATE | Cause.TRANSIENT:
            tries = messages.attempts_made(db, message.id)
            pause = refused.retry_after or min(FIRST_BACK_OFF * 2 ** min(tries - 1, 10), LONGEST_BACK_OFF)
            _try_again(db, message, pause, refused.words, now=now)


def _try_again(db: Session, message: Message, pause: timedelta, why: str, *, now: datetime) -> None:
    message.status, message.lease_until = "planned", None
    message.wake_at, message.waits_for = now + pause, f"to be tried again: {why}"
    db.add(message)
    db.flush()


def _end(db: Session, message: Message, status: str, why: str, *, now: datetime) -> None:
    message.status, message.reason, message.ended_at, message.lease_until = status, why, now, None
    db.add(message)
    db.flush()
