"""What record systems posted, kept as received."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.store.tables import Event


def find_event(db: Session, source_id: UUID, event_id: str) -> Event | None:
    """By the sender's own id."""
    return db.exec(select(Event).where(Event.source_id == source_id, Event.event_id == event_id)).one_or_none()


def events_of_source(
    db: Session, source_id: UUID, *, status: str | None, before: Event | None = None, most: int
) -> Sequence[Event]:
    """Newest first; those that came before that one, where one is given."""
    query = select(Event).where(Event.source_id == source_id)
    if status:
        query = query.where(Event.status == status)
    if before:
        as_early = (col(Event.received_at) == before.received_at) & (col(Event.id) < before.id)
        query = query.where((col(Event.received_at) < before.received_at) | as_early)
    return db.exec(query.order_by(col(Event.received_at).desc(), col(Event.id).desc()).limit(most)).all()


def quarantined_of_session(db: Session, session_id: UUID, reasons: Collection[str]) -> Sequence[Event]:
    """Those about this session that wait, for a reason with one of these identifiers in front."""
    query = select(Event).where(Event.status == "quarantined", Event.session_id == session_id)
    return [row for row in db.exec(query.order_by(col(Event.id))) if row.reason and row.reason.split(":")[0] in reasons]


def unworked_events(db: Session, *, before: datetime) -> Sequence[UUID]:
    """Kept and acknowledged, but the process died before it could work on them. Oldest first."""
    query = (
        select(Event.id)
        .where(Event.status == "received", col(Event.received_at) <= before)
        .order_by(col(Event.received_at))
    )
    return db.exec(query).all()


def get_event(db: Session, id_: UUID) -> Event:
    """Locked: whoever else works it waits, and finds it worked."""
    return db.exec(select(Event).where(Event.id == id_).with_for_update()).one()


def keep_event(db: Session, row: Event) -> bool:
    """Insert it; False where an event with this id of this source is here already."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Event).values(row.model_dump()).on_conflict_do_nothing().returning(col(Event.id))
    return db.scalars(insert).one_or_none() is not None
