"""The house's own row: that it was alive, how far it had come. One row, locked while anything is claimed."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from followup.store.tables import Pulse, new_id


def lock_pulse(db: Session, *, now: datetime) -> Pulse:
    """The row, which nobody else changes until this transaction ends; made where there is none yet."""
    pulse = db.exec(select(Pulse).with_for_update()).one_or_none()
    if pulse is None:
        dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
        first = {"id": 1, "database_id": new_id(), "alive_at": now, "claims": 0}
        db.execute(dialect.insert(Pulse).values(first).on_conflict_do_nothing())
        pulse = db.exec(select(Pulse).with_for_update()).one()
    return pulse


def find_pulse(db: Session) -> Pulse | None:
    """None until something was claimed or looked at for the first time."""
    return db.get(Pulse, 1)


def note_look_at_replies(db: Session, *, began_at: datetime) -> None:
    """The carrier's whole list was read by a look that began then. An earlier one changes nothing."""
    row = lock_pulse(db, now=began_at)
    if row.replies_looked_at is None or row.replies_looked_at < began_at:
        row.replies_looked_at = began_at
        db.add(row)
        db.flush()
