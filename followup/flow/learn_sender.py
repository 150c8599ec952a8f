"""What one call says about its sender: a broken one is tried by one text at a time, and staff hear of it once."""

from datetime import datetime

import structlog

from followup.carriers.carrier import Accepted, Cause, Outcome, Refused, Unknown
from followup.rules.breaking import State, after_failure, after_success
from followup.store import breakers, cases, messages, pages, people
from followup.store.database import Session
from followup.store.tables import Message

log = structlog.get_logger()


def learn_sender(db: Session, message: Message, outcome: Outcome, *, now: datetime) -> None:
    """Open, keep or close the breaker of the message's sender."""
    match outcome:
        case Accepted() | Refused(Cause.NUMBER | Cause.OPTED_OUT | Cause.CONTENT):
            _it_works(db, message, now=now)
        case Refused(Cause.SENDER, _, words):
            _it_fails(db, message, _sender(db, message), words, certain=True, now=now)
        case Unknown(words) | Refused(Cause.TRANSIENT, None, words):
            _it_fails(db, message, breakers.CARRIER, words, certain=False, now=now)
        case _:  # Too much at once, or held back by ourselves: nothing about the sender.
            pass


def _sender(db: Session, message: Message) -> str:
    """A page has a sender of its own where one is set: what it says of itself says nothing of the clinic's."""
    return pages.sender_of(db, message.id) or people.clinic_of(db, message.clinic_id).sender_number or breakers.CARRIER


def _it_works(db: Session, message: Message, *, now: datetime) -> None:
    if not breakers.is_anything_wrong(db):
        return
    was_open = False
    for sender in sorted({_sender(db, message), breakers.CARRIER}):
        state = breakers.lock_state(db, sender)
        if state != State():
            breakers.keep_state(db, sender, after_success())
        if state.is_open:
            was_open = True
            log.info("sender_works_again", sender=_shown(sender))
    if was_open:
        messages.wake_all(db, clinic_id=None, now=now)


def _it_fails(db: Session, message: Message, sender: str, words: str, *, certain: bool, now: datetime) -> None:
    before = breakers.lock_state(db, sender)
    after = after_failure(before, why=words, certain=certain, now=now)
    breakers.keep_state(db, sender, after)
    if after.probe_at and message.status == "planned":
        message.wake_at = after.probe_at
        db.add(message)
    if after.is_open and not before.is_open:
        log.error("sender_does_not_work", sender=_shown(sender))
        cases.open_or_join_case(
            db,
            clinic_id=message.clinic_id,
            patient_id=None,
            sender=sender,
            session_id=None,
            level="concern",
            reason=f"Sending does not work: {words}",
            now=now,
        )


def _shown(sender: str) -> str:
    """Numbers do not stand in logs."""
    return sender if sender == breakers.CARRIER else "its own number"
