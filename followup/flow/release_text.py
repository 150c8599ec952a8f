"""A text that waits for a person's word is sent, or never sent."""

from datetime import datetime
from uuid import UUID

from followup.flow.transaction import transaction
from followup.store import audit, holds, messages, sign_ins
from followup.store.database import Database, Session
from followup.store.tables import Message


def release_text(*, database: Database, clinic_id: UUID, message_id: UUID, staff_id: UUID, now: datetime) -> None:
    """It leaves with the next claim, if everything else allows it. Again changes nothing. Raises NoSuchText."""
    with transaction(database) as db:
        message = holds.lock_text(db, clinic_id=clinic_id, message_id=message_id)
        if not holds.is_held(message):
            return
        message.held_at = message.waits_for = None
        message.released_at, message.released_by_id = now, staff_id
        message.wake_at = max(message.due_at, now)
        db.add(message)
        _record(db, message, staff_id, "text.released", now)


def drop_text(*, database: Database, clinic_id: UUID, message_id: UUID, staff_id: UUID, now: datetime) -> None:
    """It is never sent. Again changes nothing. Raises NoSuchText."""
    with transaction(database) as db:
        message = holds.lock_text(db, clinic_id=clinic_id, message_id=message_id)
        if not holds.is_held(message):
            return
        by = sign_ins.get_staff(db, clinic_id, staff_id).name
        messages.end_planned(db, [message], "cancelled", f"dropped by {by}", now=now)
        message.held_at = None
        db.add(message)
        _record(db, message, staff_id, "text.dropped", now)


def _record(db: Session, message: Message, staff_id: UUID, action: str, now: datetime) -> None:
    audit.record(
        db,
        clinic_id=message.clinic_id,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"message:{message.id}",
        now=now,
    )
