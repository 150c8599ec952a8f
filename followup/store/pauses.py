"""When a patient's automatic texts are paused."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from followup.store.tables import Pause


def open_pause(db: Session, patient_id: UUID, *, now: datetime) -> Pause | None:
    """The pause that holds at that instant, which may be long ago."""
    return next((pause for pause in pauses_of(db, patient_id) if is_open(pause, now)), None)


def is_open(pause: Pause, now: datetime) -> bool:
    ends = [at for at in (pause.until_at, pause.ended_at) if at is not None]
    return pause.at <= now and all(now < at for at in ends)


def pauses_of(db: Session, patient_id: UUID) -> Sequence[Pause]:
    """Newest first."""
    query = select(Pause).where(Pause.patient_id == patient_id).order_by(col(Pause.at).desc(), col(Pause.id).desc())
    return db.exec(query).all()
