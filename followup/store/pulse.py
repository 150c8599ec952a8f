"""The house's own row: that it was alive, how far it had come. One row, locked while anything is claimed."""

from datetime import datetime

from sqlmodel import Session, select

from followup.store.tables import Pulse, new_id


def lock_pulse(db: Session, *, now: datetime) -> Pulse:
    """The row, which nobody else changes until this transaction ends; made where there is none yet."""
    pulse = db.exec(select(Pulse).with_for_update()).one_or_none()
    if pulse is None:
        pulse = Pulse(database_id=new_id(), alive_at=now)
        db.add(pulse)
        db.flush()
    return pulse


def find_pulse(db: Session) -> Pulse | None:
    """None until something was claimed or looked at for the first time."""
    return db.get(Pulse, 1)
