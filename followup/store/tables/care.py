"""What record systems tell: events, sessions, appointments."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field

from followup.store.tables.base import ClinicRow, words


class Event(ClinicRow, table=True):
    """What a source posted, kept as received."""

    __tablename__: ClassVar[Any] = "event"
    __table_args__ = (UniqueConstraint("source_id", "event_id"),)
    source_id: UUID = Field(foreign_key="source.id")
    event_id: str = Field(max_length=200)
    """The sender's id."""
    type: str = Field(max_length=40)
    body: str = words()
    body_hash: str = Field(max_length=64)
    """SHA-256 of the body's meaning: key order and white space do not count."""
    received_at: datetime
    status: str = Field(default="received", max_length=20, index=True)
    """`received` until worked, then `accepted`, `ignored` or `quarantined`."""
    reason: str | None = words(default=None)
    warnings: list[str] = Field(default_factory=list, sa_type=JSON)
    worked_at: datetime | None = None
    tries: int = 0
    session_id: UUID | None = Field(default=None, foreign_key="care_session.id")


class CareSession(ClinicRow, table=True):
    """A treatment session."""

    __tablename__: ClassVar[Any] = "care_session"
    __table_args__ = (UniqueConstraint("clinic_id", "record_id"),)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    record_id: str = Field(max_length=200)
    kind: str | None = Field(default=None, max_length=60)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    """None: known only through its cancellation."""
    end_estimated: bool = False
    number: int | None = None
    series_length: int | None = None
    phase: str | None = Field(default=None, max_length=40)
    location: str | None = Field(default=None, max_length=200)
    clinician: str | None = Field(default=None, max_length=200)
    told_at: datetime
    """`occurred_at` of the newest event applied."""
    told_version: int | None = Field(default=None, sa_type=BigInteger)
    """Some systems count in milliseconds."""
    cancelled_at: datetime | None = None
    cancel_reason: str | None = Field(default=None, max_length=40)
    created_at: datetime


class Appointment(ClinicRow, table=True):
    """The next booked session."""

    __tablename__: ClassVar[Any] = "appointment"
    __table_args__ = (UniqueConstraint("clinic_id", "record_id"),)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    record_id: str = Field(max_length=200)
    starts_at: datetime
    told_at: datetime
    cancelled_at: datetime | None = None
    created_at: datetime
