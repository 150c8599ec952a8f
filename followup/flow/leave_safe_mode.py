"""A person says that texts may leave although the database is an old copy."""

from datetime import datetime
from uuid import UUID

from followup.flow.transaction import transaction
from followup.store import audit, messages, pulse
from followup.store.database import Database


def leave_safe_mode(database: Database, staff_id: UUID, now: datetime) -> bool:
    """Texts leave again, each looked up at the carrier first. False where nothing held them; again changes nothing."""
    with transaction(database) as db:
        if pulse.find_pulse(db) is None:
            return False
        row = pulse.lock_pulse(db, now=now)
        if row.behind_fence_at is None:
            return False
        behind_since = row.behind_fence_at
        row.behind_fence_at = None
        db.add(row)
        messages.wake_all(db, clinic_id=None, now=now)
        audit.record(
            db,
            clinic_id=None,
            actor=f"staff:{staff_id}",
            action="safe mode left",
            subject=f"pulse:{row.id}",
            now=now,
            since=behind_since.isoformat(),
        )
    return True
