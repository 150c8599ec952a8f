"""What the house itself remembers: who did what, what ran, what is switched."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from followup.store.tables.base import Row, words


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


class Pulse(SQLModel, table=True):
    """One row: that the house was alive, and how far it had come. It tells a restored database from its own."""

    __tablename__: ClassVar[Any] = "pulse"
    id: int = Field(default=1, primary_key=True)
    database_id: UUID
    alive_at: datetime
    """When anything could last have been sent by this database's word."""
    claims: int = 0
    """Counts claims; the fence file beside the database knows the highest that was committed."""
    doubted_at: datetime | None = None
    """When everything due was last doubted, because nobody had been alive or the database is an old copy."""
    behind_fence_at: datetime | None = None
    """When it turned out that the database is older than its fence: nothing leaves until a person says so."""
    replies_looked_at: datetime | None = None
    """Up to when the carrier's list of incoming texts was last read whole."""


class Breaker(SQLModel, table=True):
    """A sender that does not work: all its texts wait, and one at a time tries whether it works again."""

    __tablename__: ClassVar[Any] = "breaker"
    sender: str = Field(primary_key=True, max_length=60)
    """The clinic's number, or `carrier` for the carrier's own sender and the way there."""
    failures: int = 0
    """Certain or unknown, in a row, since it last worked."""
    opened_at: datetime | None = None
    """None: it is closed, texts flow."""
    probe_at: datetime | None = None
    """When the next text may try."""
    why: str | None = words(default=None)
