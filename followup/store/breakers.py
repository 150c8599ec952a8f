"""Which senders are broken. A row for each that ever failed; none is locked while texts leave."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from followup.rules.breaking import State
from followup.store.tables import Breaker

CARRIER = "carrier"
"""The way to the carrier, and its account: whatever number a text comes from."""


def open_breakers(db: Session) -> dict[str, State]:
    """By sender."""
    return {row.sender: _state(row) for row in db.exec(select(Breaker).where(col(Breaker.opened_at).is_not(None)))}


def lock_state(db: Session, sender: str) -> State:
    row = db.exec(select(Breaker).where(Breaker.sender == sender).with_for_update()).one_or_none()
    return _state(row) if row else State()


def keep_state(db: Session, sender: str, state: State) -> None:
    row = db.get(Breaker, sender) or Breaker(sender=sender)
    row.failures, row.opened_at, row.probe_at, row.why = state.failures, state.opened_at, state.probe_at, state.why
    db.add(row)
    db.flush()


def is_anything_wrong(db: Session) -> bool:
    """Whether there is anything to forget when a text gets through."""
    return db.exec(select(Breaker.sender).where(Breaker.failures > 0).limit(1)).first() is not None


def book_probe(db: Session, sender: str, *, next_at: datetime) -> None:
    """One text tries; the others wait until then."""
    db.execute(update(Breaker).where(col(Breaker.sender) == sender).values(probe_at=next_at))


def _state(row: Breaker) -> State:
    return State(failures=row.failures, opened_at=row.opened_at, probe_at=row.probe_at, why=row.why)
