"""People and places: clinics, who works there, who is treated there."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from followup.store.tables.base import ClinicRow, Row, words


class Clinic(Row, table=True):
    """A place with a name, a zone, opening hours and a sender number."""

    __tablename__: ClassVar[Any] = "clinic"
    slug: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=120)
    zone: str = Field(max_length=60)
    phone: str | None = Field(default=None, max_length=40)
    """What patients are told to call, as it should read in a text."""
    sender_number: str | None = Field(default=None, max_length=20, index=True)
    """E.164; None: the carrier's configured sender."""
    text_name: str | None = Field(default=None, max_length=120)
    """What texts call it, where its own name would tell what it treats."""
    opens_at_local: str | None = Field(default=None, max_length=5)
    """When somebody reads answers. None: nobody said; it counts as staffed from 09:00 to 20:00."""
    closes_at_local: str | None = Field(default=None, max_length=5)
    closed_weekdays: list[int] = Field(default_factory=list, sa_type=JSON)
    """Monday is 0."""
    state: str | None = Field(default=None, max_length=2)
    """Whose rules about hours count, where a patient's own state is not known. None: nobody said; never guessed."""
    needs_recorded_consent: bool = True
    sending_off_at: datetime | None = None
    cases_opened: int = 0
    created_at: datetime


class ClinicClosure(ClinicRow, table=True):
    """A day on which nobody reads answers: a holiday, a closure."""

    __tablename__: ClassVar[Any] = "clinic_closure"
    __table_args__ = (UniqueConstraint("clinic_id", "closed_on"),)
    closed_on: date
    words: str = Field(max_length=80)


class GoLive(ClinicRow, table=True):
    """A named admin approved the texts and switched the clinic's sending on. The newest counts."""

    __tablename__: ClassVar[Any] = "go_live"
    by_staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    without_rota: bool = False
    not_set: list[str] = Field(default_factory=list, sa_type=JSON)
    schedule_versions: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class Source(ClinicRow, table=True):
    """A system allowed to post events for one clinic."""

    __tablename__: ClassVar[Any] = "source"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)
    name: str = Field(max_length=120)
    kind: str = Field(max_length=20)
    key_hash: str = Field(max_length=64, unique=True)
    """SHA-256 of the bearer key, which has 256 random bits of its own and needs no slow hash."""
    sealed_signing_secret: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    revoked_at: datetime | None = None


class Staff(ClinicRow, table=True):
    """Somebody who signs in."""

    __tablename__: ClassVar[Any] = "staff"
    email: str = Field(max_length=254, unique=True)
    """Lower case."""
    name: str = Field(max_length=120)
    role: str = Field(max_length=20)
    password_hash: str | None = Field(default=None, max_length=200)
    created_at: datetime
    left_at: datetime | None = None


class SignInSession(ClinicRow, table=True):
    """One browser that is signed in."""

    __tablename__: ClassVar[Any] = "sign_in_session"
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class Patient(ClinicRow, table=True):
    """The person texted."""

    __tablename__: ClassVar[Any] = "patient"
    __table_args__ = (UniqueConstraint("clinic_id", "record_id"),)
    record_id: str = Field(max_length=200)
    """The record system's own id."""
    given_name: str | None = Field(default=None, max_length=200)
    family_name: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=20, index=True)
    """E.164 and valid; None: there is no number that may be texted."""
    phone_as_given: str | None = Field(default=None, max_length=100)
    phone_fault: str | None = Field(default=None, max_length=200)
    """Why this number cannot be texted, in the carrier's experience; None: nothing is known against it."""
    phone_verified_at: datetime | None = None
    """When a text was delivered to this number, or one came from it."""
    phone_type: str | None = Field(default=None, max_length=20)
    language: str | None = Field(default=None, max_length=35)
    zone: str | None = Field(default=None, max_length=60)
    state: str | None = Field(default=None, max_length=2)
    birth_date: str | None = Field(default=None, max_length=10)
    own_hour_local: str | None = Field(default=None, max_length=5)
    """When they like to be texted, on their own clock; None: whenever the schedule says."""
    is_discreet: bool = False
    """They want neither their name nor the clinic's in a text."""
    deceased_at: datetime | None = None
    told: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """When what is known was so (ISO 8601, UTC), by the field's name: events come late, and each knows only some."""
    created_at: datetime
    changed_at: datetime


class Companion(ClinicRow, table=True):
    """Who drives a patient home and stays the night, with a consent of their own. One to a patient."""

    __tablename__: ClassVar[Any] = "companion"
    __table_args__ = (UniqueConstraint("patient_id"),)
    patient_id: UUID = Field(foreign_key="patient.id")
    name: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=20, index=True)
    """E.164 and valid; None: there is no number that may be texted."""
    has_agreed: bool = False
    told_at: datetime
    removed_at: datetime | None = None


class Consent(ClinicRow, table=True):
    """What the patient agreed to, as a record system or a member of staff told it. Append-only."""

    __tablename__: ClassVar[Any] = "consent"
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    status: str = Field(max_length=20)
    """`granted` or `revoked`."""
    recorded_at: datetime
    received_at: datetime
    phone: str | None = Field(default=None, max_length=20)
    """The number it was given for."""
    actor: str = Field(max_length=80)
    """`source:ID`, `staff:ID`, or `patient`."""
    how: str = Field(max_length=200)
    """In which way it was given: an event's type, `asked by phone`, `texted STOP`."""
    wording: str | None = Field(default=None, max_length=80)
    """Which version of the clinic's consent wording it was given to, where that is known."""
    evidence: str | None = words(default=None)
    """What was said or signed, in words; or the text itself."""
    event_id: UUID | None = Field(default=None, foreign_key="event.id")
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id")


class OptOut(ClinicRow, table=True):
    """A number that sent STOP. It holds until that number sends START, or a person records who agreed anew and how."""

    __tablename__: ClassVar[Any] = "opt_out"
    phone: str = Field(max_length=60, index=True)
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id")
    """None: the carrier told us (its error 21610)."""
    at: datetime
    lifted_at: datetime | None = None
    lifted_by_reply_id: UUID | None = Field(default=None, foreign_key="reply.id")
    lifted_by_consent_id: UUID | None = Field(default=None, foreign_key="consent.id")
