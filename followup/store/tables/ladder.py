"""Who is paged: the rota, how each person is reached, every page that was made, and who acknowledged."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from followup.store.tables.base import ClinicRow, partial_index, words


class Shift(ClinicRow, table=True):
    """Somebody is on call from then until then."""

    __tablename__: ClassVar[Any] = "shift"
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    starts_at: datetime
    ends_at: datetime = Field(index=True)
    place: int = 1
    """1 is rung first."""
    by_staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    """None: a command."""
    made_at: datetime
    removed_at: datetime | None = None
    removed_by_id: UUID | None = Field(default=None, foreign_key="staff.id")


class Pager(ClinicRow, table=True):
    """How a member of staff is reached."""

    __tablename__: ClassVar[Any] = "pager"
    staff_id: UUID = Field(foreign_key="staff.id", unique=True)
    phone: str | None = Field(default=None, max_length=20, index=True)
    """E.164."""
    takes_calls: bool = True
    email: str | None = Field(default=None, max_length=254)
    changed_at: datetime


class LadderTerms(ClinicRow, table=True):
    """What a clinic set for its ladder. Without a row the defaults count and there is no medical director."""

    __tablename__: ClassVar[Any] = "ladder_terms"
    __table_args__ = (UniqueConstraint("clinic_id"),)
    director_id: UUID | None = Field(default=None, foreign_key="staff.id")
    again_after: int = 5
    everybody_after: int = 10
    director_after: int = 15
    then_every: int = 10
    remind_after: int = 30
    ring_again_after: int = 45
    look_within: int = 60
    """Minutes, all of them."""
    test_at_local: str = Field(default="10:00", max_length=5)
    """When the daily test page leaves."""
    changed_at: datetime


class Climb(ClinicRow, table=True):
    """One time that the ladder rings for a case, until somebody acknowledges. Ended as soon as it has an end."""

    __tablename__: ClassVar[Any] = "climb"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        partial_index("ix_climb_ringing", ("clinic_id", "started_at"), "ended_at IS NULL"),
    )
    case_id: UUID = Field(foreign_key="case.id")
    number: int
    """Counts how often this case was rung for."""
    started_at: datetime
    """From when its minutes count."""
    why: str = Field(max_length=20)
    """`urgent`, `not closed`, `nobody looked`."""
    ended_at: datetime | None = None


class Page(ClinicRow, table=True):
    """One person paged one way. Its row is committed before anybody is called."""

    __tablename__: ClassVar[Any] = "page"
    __table_args__ = (
        UniqueConstraint("subject", "kind", "number", "staff_id", "way"),
        partial_index("ix_page_to_be_made", ("made_at",), "outcome IN ('waiting', 'calling')"),
    )
    subject: str = Field(max_length=80)
    """What it is about: `climb:ID`, or the name and day of a test or an alarm."""
    kind: str = Field(max_length=10)
    """`ring`, `reminder`, `test`, `alarm`."""
    number: int
    """Of the rung."""
    case_id: UUID | None = Field(default=None, foreign_key="case.id", index=True)
    climb_id: UUID | None = Field(default=None, foreign_key="climb.id", index=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    way: str = Field(max_length=10)
    """`text`, `voice`, `email`."""
    reached_at: str = Field(max_length=254)
    """The number or address, frozen."""
    sender: str | None = Field(default=None, max_length=20)
    """The number it comes from, where pages have one of their own."""
    title: str = Field(max_length=120)
    text: str = words()
    """What it says. Never a word about a patient."""
    token: str = Field(max_length=32, unique=True)
    """The call's own, in the addresses that the carrier calls back."""
    made_at: datetime
    message_id: UUID | None = Field(default=None, foreign_key="message.id", index=True)
    """Of a text: what became of it stands there."""
    outcome: str | None = Field(default="waiting", max_length=20)
    """Of a call or a mail: `waiting`, `calling`, `accepted`, `refused`, `unknown`, `cancelled`. None: a text."""
    tried_at: datetime | None = None
    reason: str | None = words(default=None)
    call_sid: str | None = Field(default=None, max_length=64)
    call_ended: str | None = Field(default=None, max_length=20)
    """How the call ended: `completed`, `busy`, `no-answer`, `failed`."""


class Acknowledgement(ClinicRow, table=True):
    """A named human has it."""

    __tablename__: ClassVar[Any] = "acknowledgement"
    case_id: UUID = Field(foreign_key="case.id", index=True)
    climb_id: UUID = Field(foreign_key="climb.id", unique=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    at: datetime
    how: str = Field(max_length=20)
    """`sign-in link`, `reply code`, `key press`."""
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id")


class FailedAnswer(ClinicRow, table=True):
    """Something looked like an acknowledgement and was none."""

    __tablename__: ClassVar[Any] = "failed_answer"
    __table_args__ = (UniqueConstraint("case_id", "reply_id"),)
    case_id: UUID = Field(foreign_key="case.id", index=True)
    at: datetime
    how: str = Field(max_length=20)
    words: str = words()
    """Why it did not count, for staff."""
    reply_id: UUID | None = Field(default=None, foreign_key="reply.id")


class TextHold(ClinicRow, table=True):
    """An urgent case was closed; automatic texts to its patient wait until a person lets them go on."""

    __tablename__: ClassVar[Any] = "text_hold"
    case_id: UUID = Field(foreign_key="case.id", unique=True)
    patient_id: UUID = Field(foreign_key="patient.id", index=True)
    since: datetime
    lifted_at: datetime | None = None
    lifted_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    dropped: int = 0
    """How many texts were due meanwhile and are never sent."""
