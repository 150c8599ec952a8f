"""What comes back: replies, their readings, and the cases made of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from followup.store.tables.base import ClinicRow, Row, partial_index, words


class Reply(Row, table=True):
    """One incoming text, kept before anything tries to understand it."""

    __tablename__: ClassVar[Any] = "reply"
    __table_args__ = (partial_index("ix_reply_unread", ("received_at",), "read_at IS NULL"),)
    clinic_id: UUID | None = Field(default=None, foreign_key="clinic.id", index=True)
    """None until it is read: whose it is, is already understanding."""
    carrier_sid: str = Field(max_length=64, unique=True)
    sender: str = Field(max_length=60, index=True)
    """E.164 where the carrier knew it; anything else where not."""
    to: str = Field(max_length=60)
    body: str = words()
    media_count: int = 0
    carrier_says: str | None = Field(default=None, max_length=10)
    """`stop`, `start` or `help`, where the carrier itself took the text for one and has acted on it."""
    received_at: datetime
    recovered: bool = False
    """Found later in the carrier's list, because we were down when it came."""
    read_at: datetime | None = None
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", index=True)
    is_companions: bool = False
    """The patient's companion wrote it."""
    session_id: UUID | None = Field(default=None, foreign_key="care_session.id", index=True)
    answers_id: UUID | None = Field(default=None, foreign_key="message.id")
    case_id: UUID | None = Field(default=None, foreign_key="case.id", index=True)


class Reading(ClinicRow, table=True):
    """What a reply means, by which reader. The newest of a reply counts."""

    __tablename__: ClassVar[Any] = "reading"
    reply_id: UUID = Field(foreign_key="reply.id", index=True)
    kind: str = Field(max_length=20)
    value: str | None = Field(default=None, max_length=40)
    """A score as a number, a choice as a word."""
    level: str = Field(max_length=20)
    reasons: list[str] = Field(default_factory=list, sa_type=JSON)
    spans: list[list[int]] = Field(default_factory=list, sa_type=JSON)
    """[start, end) of the words that moved it, in characters of the reply's body."""
    language: str = Field(default="en", max_length=10)
    reader: str = Field(max_length=60)
    at: datetime


class Case(ClinicRow, table=True):
    """Something a human must look at. Open as long as no closure has its id."""

    __tablename__: ClassVar[Any] = "case"
    __table_args__ = (UniqueConstraint("clinic_id", "number"),)
    number: int
    """What people call it: counts up within the clinic."""
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", index=True)
    sender: str | None = Field(default=None, max_length=60)
    """The number that wrote, where no patient is known."""
    session_id: UUID | None = Field(default=None, foreign_key="care_session.id")
    level: str = Field(max_length=20)
    reason: str = words()
    opened_at: datetime
    changed_at: datetime
    """When the newest reply or message joined it: whoever took it before that has not seen it."""


class CaseAssignment(ClinicRow, table=True):
    """Somebody said *I'm handling this*. The newest counts."""

    __tablename__: ClassVar[Any] = "case_assignment"
    case_id: UUID = Field(foreign_key="case.id", index=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    released_at: datetime | None = None


class CaseNote(ClinicRow, table=True):
    """What a member of staff wrote for the others."""

    __tablename__: ClassVar[Any] = "case_note"
    case_id: UUID = Field(foreign_key="case.id", index=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    text: str = words()


class CaseClosure(ClinicRow, table=True):
    """Who closed it, when, and how it ended."""

    __tablename__: ClassVar[Any] = "case_closure"
    case_id: UUID = Field(foreign_key="case.id", unique=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    outcome: str = Field(max_length=40)
    text: str | None = words(default=None)
