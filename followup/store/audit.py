"""Who did what to which row. Ids only: never a name, a number or a text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from followup.store.tables import AuditEntry


def record(
    db: Session,
    *,
    clinic_id: UUID | None,
    actor: str,
    action: str,
    subject: str,
    now: datetime,
    **details: Any,
) -> AuditEntry:
    """A new entry. `actor` is `staff:ID`, `source:ID` or a command's name; `subject` is `table:ID`."""
    entry = AuditEntry(clinic_id=clinic_id, at=now, actor=actor, action=action, subject=subject, details=details)
    db.add(entry)
    return entry
