"""What leaves: plans, messages, attempts, what the carrier said of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from followup.store.tables.base import ClinicRow, Row, partial_index, words


class ScheduleVersion(SQLModel, table=True):
    """A schedule's text as it was when something was planned from it."""

    __tablename__: ClassVar[Any] = "schedule_version"
    version: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=80)
    source_text: str = words()
    first_used_at: datetime


class RollOut(ClinicRow, table=True):
    """A changed schedule reaches a few patients before all. The schedule version in force at go-live has none."""

    __tablename__: ClassVar[Any] = "roll_out"
    __table_args__ = (UniqueConstraint("clinic_id", "schedule", "schedule_version"),)
    schedule: str = Field(max_length=80)
    schedule_version: str = Field(foreign_key="schedule_version.version", max_length=64)
    most_patients: int | None = 1
    """1, 10, 100; None: all."""
    started_at: datetime
    approved_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    """Who let it reach more than one."""
    second_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    """Somebody else, who let it reach more than 50."""
    changed_at: datetime


class ScheduleStop(ClinicRow, table=True):
    """Somebody stopped a schedule's texts in this clinic."""

    __tablename__: ClassVar[Any] = "schedule_stop"
    schedule: str = Field(max_length=80)
    by_staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    lifted_at: datetime | None = None
    lifted_by_id: UUID | None = Field(default=None, foreign_key="staff.id")


class Plan(ClinicRow, table=True):
    """A schedule's version applied to one session, or to an appointment that has no session before it."""

    __tablename__: ClassVar[Any] = "plan"
    __table_args__ = (UniqueConstraint("session_id"), UniqueConstraint("appointment_id"))
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    session_id: UUID | None = Field(default=None, foreign_key="care_session.id")
    """None: it prepares for an appointment."""
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id")
    """The one it prepares for; None: it follows a session."""
    schedule_version: str = Field(foreign_key="schedule_version.version", max_length=64)
    zone: str = Field(max_length=60)
    """The wall clock it was planned on."""
    made_at: datetime
    closed_at: datetime | None = None
    closed_because: str | None = words(default=None)


class Pause(ClinicRow, table=True):
    """Somebody paused a patient's automatic texts: what falls into it is dropped."""

    __tablename__: ClassVar[Any] = "pause"
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    by_staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    until_at: datetime | None = None
    """None: until somebody resumes them."""
    why: str = words()
    ended_at: datetime | None = None
    ended_by_id: UUID | None = Field(default=None, foreign_key="staff.id")


class Message(ClinicRow, table=True):
    """One outgoing text, from planned to delivered."""

    __tablename__: ClassVar[Any] = "message"
    __table_args__ = (
        UniqueConstraint("plan_id", "step", "again"),
        partial_index("ix_message_due", ("priority", "wake_at"), "status = 'planned'"),
        partial_index("ix_message_open", ("lease_until",), "status = 'claimed'"),
        partial_index("ix_message_doubted", ("look_at",), "status = 'uncertain'"),
        partial_index("ix_message_silent", ("silent_at",), "silent_at IS NOT NULL AND silence_noted_at IS NULL"),
        Index("ix_message_phone", "phone", "handed_over_at"),
    )
    purpose: str = Field(max_length=20)
    """`step` of a plan, `answer` to the patient's text, `staff` wrote it, `page` to staff."""
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", index=True)
    """None: a page."""
    plan_id: UUID | None = Field(default=None, foreign_key="plan.id")
    session_id: UUID | None = Field(default=None, foreign_key="care_session.id", index=True)
    appointment_id: UUID | None = Field(default=None, foreign_key="appointment.id", index=True)
    """The one it reminds of."""
    case_id: UUID | None = Field(default=None, foreign_key="case.id")
    author_id: UUID | None = Field(default=None, foreign_key="staff.id")
    to: str = Field(default="patient", max_length=20)
    """`patient`, or their `companion`."""
    step: str = Field(max_length=80)
    """The text's name in its plan: the step's, for one of a series with its day."""
    again: int = 0
    """Counts how often it was planned anew because the network did not deliver it."""
    again_of: UUID | None = Field(default=None, foreign_key="message.id")
    wording: str = Field(default="question", max_length=20)
    prompt: str = Field(default="none", max_length=20)
    ask: str | None = Field(default=None, max_length=20)
    """What answers it: `score`, `pain`, `phq2`, `words`, `yes_no`, `choice`; None: it asks nothing."""
    answer_until_at: datetime | None = None
    """A reply after this does not answer it. Frozen with the text."""
    silent_at: datetime | None = None
    """When it becomes a case that nobody answered. Frozen with the text."""
    silence_noted_at: datetime | None = None
    """When somebody had answered, or staff were told that nobody did."""
    priority: int = 3
    """0 safety texts and pages, 1 staff, 2 reminders, 3 prompts."""
    gives_way: bool = False
    unless_booked: bool = False
    on_unknown: str = Field(default="resend", max_length=10)
    due_at: datetime
    use_by_at: datetime
    moved: str | None = words(default=None)
    wake_at: datetime
    """When the sender looks next: `due_at`, or later while something holds the text."""
    waits_for: str | None = words(default=None)
    """Why it did not leave when it was due, in words for staff."""
    held_at: datetime | None = None
    """It waits for a person's word; `waits_for` says why. It leaves only when it is released."""
    released_at: datetime | None = None
    released_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    status: str = Field(default="planned", max_length=20)
    reason: str | None = words(default=None)
    """Why it ended as it did, in words for staff."""
    phone: str | None = Field(default=None, max_length=20)
    """Frozen with the text in the claim."""
    text: str | None = words(default=None)
    text_language: str | None = Field(default=None, max_length=10)
    segments: int | None = None
    fence: int = 0
    """Counts the claims: whoever holds an older number may not record."""
    lease_until: datetime | None = None
    look_at: datetime | None = None
    """While it is uncertain: when the carrier's list is looked at next. None: a person decides."""
    doubled_at: datetime | None = None
    """When it turned out that the patient got it twice."""
    carrier_sid: str | None = Field(default=None, max_length=64, index=True)
    created_at: datetime
    handed_over_at: datetime | None = None
    """When the carrier accepted it."""
    ended_at: datetime | None = None


class Attempt(ClinicRow, table=True):
    """One try to hand a message to the carrier; its row is committed before the call."""

    __tablename__: ClassVar[Any] = "attempt"
    message_id: UUID = Field(foreign_key="message.id", index=True)
    token: str = Field(max_length=32, unique=True)
    seal: str = Field(max_length=64)
    """Hash of patient, number and text as they were rendered together; checked at the call."""
    fence: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = Field(default="open", max_length=20)
    """`open`, `accepted`, `refused`, `unknown`."""
    cause: str | None = Field(default=None, max_length=20)
    code: int | None = None
    words: str | None = words(default=None)
    carrier_sid: str | None = Field(default=None, max_length=64)
    clean_looks: int = 0
    """How often the carrier's list was whole and did not hold it, after the quiet period."""


class DeliveryReport(Row, table=True):
    """What the carrier said later of a text. Append-only; may be about a text that we do not know (yet)."""

    __tablename__: ClassVar[Any] = "delivery_report"
    __table_args__ = (UniqueConstraint("carrier_sid", "status", "code"),)
    clinic_id: UUID | None = Field(default=None, foreign_key="clinic.id", index=True)
    message_id: UUID | None = Field(default=None, foreign_key="message.id", index=True)
    token: str | None = Field(default=None, max_length=64)
    carrier_sid: str = Field(max_length=64)
    status: str = Field(max_length=20)
    code: int = 0
    """The carrier's error code, 0 without one (NULL would escape the unique key)."""
    received_at: datetime
