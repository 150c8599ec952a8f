"""What the house itself remembers: who did what, what ran, what is switched."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from followup.store.tables.base import Row


class AuditEntry(Row, table=True):
    """Who did what to which row. Append-only; ids, never words."""

    __tablename__: ClassVar[Any] = "audit_entry"
    clinic_id: UUID | None = Field(default=None, foreign_key="clinic.id", index=True)
    at: datetime
    actor: str = Field(max_length=80)
    """`staff:ID`, `source:ID`, or the name of a command or job."""
    action: str = Field(max_length=60)
    subject: str = Field(max_length=80)
    """`table:ID`."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class JobRun(SQLModel, table=True):
    """The last good tick of everything that runs by itself."""

    __tablename__: ClassVar[Any] = "job_run"
    name: str = Field(primary_key=True, max_length=60)
    good_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0


class Switch(SQLModel, table=True):
    """What a command or a button turned on or off for the whole service."""

    __tablename__: ClassVar[Any] = "switch"
    name: str = Field(primary_key=True, max_length=40)
    is_on: bool
    by: str = Field(max_length=80)
    at: datetime
