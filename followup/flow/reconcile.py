"""A text of which nobody knows whether the carrier has it: looked up at the carrier before anything else happens."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from followup.carriers.carrier import Carrier
from followup.flow.claim_texts import hold
from followup.flow.feel_pulse import NOBODY_WAS_THERE
from followup.flow.record_outcomes import accept, doubt
from followup.flow.render_text import possible_texts
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules.doubt import ALARM, LONGEST_SPACING, LOOKS_NEEDED, find_match, is_clean, next_look
from followup.store import attempts, breakers, messages, people
from followup.store.database import Database, Session
from followup.store.tables import Attempt, Message

log = structlog.get_logger()

MOST_AT_ONCE = 100
Listed = list[tuple[str, str, datetime]]


def reconcile(*, database: Database, carrier: Carrier, quiet: timedelta, now: datetime) -> int:
    """Doubt the claims of dead senders, then look up whatever is doubted and due for a look; how many looks."""
    doubt_stale_claims(database=database, now=now)
    with database.reader() as db:
        due = attempts.doubts_due(db, now=now, most=MOST_AT_ONCE)
    for message_id in due:
        _look_up(database, carrier, message_id, quiet=quiet, now=now)
    return len(due)


def doubt_stale_claims(*, database: Database, now: datetime) -> int:
    """Claims whose lease ran out: the call may have been made. How many there were."""
    with transaction(database) as db:
        stale = messages.leases_run_out(db, now=now)
        for message in stale:
            attempt = attempts.attempt_of(db, message.id, message.fence)
            if attempt is not None and attempt.outcome == "open":
                attempt.outcome, attempt.ended_at = "unknown", now
                attempt.words = "the process that made the call is gone"
                db.add(attempt)
            doubt(db, message, now=now)
    return len(stale)


def _look_up(database: Database, carrier: Carrier, message_id: UUID, *, quiet: timedelta, now: datetime) -> None:
    """One look at the carrier's list, with no transaction open; then what it means."""
    with database.reader() as db:
        phone = messages.get_message(db, message_id).phone
    assert phone is not None
    try:
        listed = list(carrier.list_sent_to(phone))
    except Exception as error:  # noqa: BLE001 - no list, no knowledge: it stays uncertain.
        log.warning("list_not_read", message=str(message_id), error=type(error).__name__)
        listed = None
    with transaction(database) as db:
        found = attempts.lock_doubt(db, message_id)
        if found is None:
            return  # A callback was faster.
        message, attempt = found
        if listed is None:
            _look_later(db, message, attempt, now + LONGEST_SPACING, now=now)
        else:
            _settle(db, message, attempt, listed, quiet=quiet, now=now)


def _settle(
    db: Session, message: Message, attempt: Attempt, listed: Listed, *, quiet: timedelta, now: datetime
) -> None:
    doubted_at = attempt.ended_at or now
    ours = attempts.sids_of_ours(db, [sid for sid, _, _ in listed])
    sid = find_match(listed, bodies=_bodies(db, message, attempt), since=attempt.started_at, ours=ours)
    if sid:
        log.info("doubt_settled", message=str(message.id), outcome="accepted")
        attempt.outcome, attempt.carrier_sid = "accepted", sid
        message.text = next(body for listed_sid, body, _ in listed if listed_sid == sid)
        db.add(attempt)
        accept(db, message, sid, now=now)
        return
    if is_clean(doubted_at=doubted_at, quiet=quiet, now=now):
        attempt.clean_looks += 1
    if attempt.clean_looks < LOOKS_NEEDED:
        _look_later(db, message, attempt, next_look(doubted_at=doubted_at, quiet=quiet, now=now), now=now)
        return
    _was_never_sent(db, message, attempt, now=now)


def _bodies(db: Session, message: Message, attempt: Attempt) -> set[str]:
    """The exact words. Where the text was rendered after the fact, in each way in which it may have been."""
    known = {message.text} if message.text else set[str]()
    if attempt.words == NOBODY_WAS_THERE and message.purpose == "step":
        clinic = people.clinic_of(db, message.clinic_id)
        assert message.patient_id is not None
        known |= possible_texts(db, message, clinic, people.get_patient(db, clinic.id, message.patient_id))
    return known


def _look_later(db: Session, message: Message, attempt: Attempt, look_at: datetime, *, now: datetime) -> None:
    """Staff hear of it once, unless they know already that the carrier does not answer."""
    is_old = attempt.ended_at is not None and now - attempt.ended_at >= ALARM
    if is_old and message.case_id is None and not breakers.open_breakers(db):
        tell_staff(db, message, "Nobody knows whether a text was sent", now=now)
    message.look_at = look_at
    db.add_all([message, attempt])
    db.flush()


def _was_never_sent(db: Session, message: Message, attempt: Attempt, *, now: datetime) -> None:
    """Sent again with a new attempt, or held for a person where the step says so."""
    log.info("doubt_settled", message=str(message.id), outcome="never sent", on_unknown=message.on_unknown)
    attempt.outcome, attempt.cause = "refused", "never_sent"
    db.add(attempt)
    message.status, message.reason, message.look_at, message.wake_at = "planned", None, None, now
    if message.on_unknown == "hold":
        hold(db, message, "nobody can tell for certain whether it was sent", now=now)
        tell_staff(db, message, "A text is held: nobody can tell whether it was sent", now=now)
    db.add(message)
    db.flush()
