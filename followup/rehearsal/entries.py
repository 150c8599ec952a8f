"""The entries of a script: who there is, what happens, what must come of it."""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from followup.rules.step import Duration, Recipient, Strict, WallClock

LOCAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
YEARS = range(2000, 2150)


def _local_time(given: object) -> object:
    """`2026-03-02 15:00`, or the same without quotes and with seconds, as TOML has it."""
    if isinstance(given, str) and LOCAL.fullmatch(given):
        given = datetime.fromisoformat(given)
    if not isinstance(given, datetime) or given.tzinfo is not None or given.year not in YEARS:
        raise ValueError('must be a time on the wall clock such as "2026-03-02 15:00"')
    return given


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a zone of the IANA list such as America/New_York") from None
    return name


def _words(given: object) -> object:
    return [given] if isinstance(given, str) else given


LocalTime = Annotated[datetime, BeforeValidator(_local_time)]
Zone = Annotated[str, AfterValidator(_zone)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Name = Annotated[str, Field(min_length=1, max_length=40)]


# Who there is --------------------------------------------------------------------------------------------


class ClinicPart(Strict):
    """When somebody reads answers. A clinic that says nothing counts as staffed 09:00 to 20:00."""

    name: Name = "Riverside Clinic"
    phone: str = "(212) 555-0100"
    opens: WallClock = time(9)
    closes: WallClock = time(20)
    closed_weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    closed_on: dict[date, str] = Field(default_factory=dict[date, str])
    """Holidays and closures: the day, and what it is."""
    state: str | None = None

    @property
    def says_hours(self) -> bool:
        return bool(self.model_fields_set & {"opens", "closes", "closed_weekdays", "state"})


class CompanionPart(Strict):
    """Who drives the patient home and stays the night."""

    name: Name = "Alex"
    agreed: bool = True


class PreferencesPart(Strict):
    own_hour: WallClock | None = None
    discreet: bool = False


class PatientPart(Strict):
    """Somebody who may be texted, unless the script says otherwise."""

    given_name: Name = "Maria"
    language: str = "en"
    zone: Zone | None = None
    """Their own; else the clinic's."""
    state: str | None = None
    consent: Literal["granted", "none"] = "granted"
    companion: CompanionPart | None = None
    prefers: PreferencesPart | None = None


# What happens --------------------------------------------------------------------------------------------


class SessionPart(Strict):
    kind: str | None = None
    """Without it the first that the schedule is for; "" where the record system says none."""
    number: int | None = None
    series_length: int | None = None
    phase: str | None = None
    ended: LocalTime | None = None
    """Where the record system says so only later."""
    appointment: LocalTime | None = None
    """The next one, where it is told along."""


class AmendedPart(Strict):
    """What the record system corrects of the patient's last session."""

    ended: LocalTime | None = None
    kind: str | None = None
    number: int | None = None


class NewsPart(Strict):
    """What the record system says anew of a patient."""

    language: str | None = None
    zone: Zone | None = None
    state: str | None = None


class PausePart(Strict):
    why: Annotated[str, Field(min_length=1)]
    until: LocalTime | None = None


HAPPENINGS = (
    *("session", "session_amended", "session_cancelled"),
    *("appointment", "appointment_moved", "appointment_cancelled"),
    *("reply", "companion_reply", "staff_text", "case_closed"),
    *("consent", "companion", "patient", "died"),
    *("pause", "resume", "prefers", "outage"),
)


class Then(Strict):
    """One thing that happens, in the order of the file."""

    at: LocalTime | None = None
    after: Duration | None = None
    """This long after the entry above."""
    day: Annotated[int, Field(ge=0, le=400)] | None = None
    """Days after the date of the patient's last session, at `clock`."""
    clock: WallClock | None = None
    who: str | None = None

    session: SessionPart | None = None
    session_amended: AmendedPart | None = None
    session_cancelled: Literal["cancelled", "no_show", "entered_in_error"] | None = None
    appointment: LocalTime | None = None
    """One more is booked."""
    appointment_moved: LocalTime | None = None
    """The one that was told of last is at this time instead."""
    appointment_cancelled: Literal[True] | None = None
    reply: str | None = None
    """The patient writes."""
    companion_reply: str | None = None
    staff_text: str | None = None
    """Staff write, from the patient's open case."""
    case_closed: str | None = None
    """Staff take the patient's open case and close it with this outcome."""
    consent: Literal["granted", "revoked"] | None = None
    companion: CompanionPart | None = None
    patient: NewsPart | None = None
    died: Literal[True] | None = None
    pause: PausePart | None = None
    resume: Literal[True] | None = None
    prefers: PreferencesPart | None = None
    outage: Literal["carrier", "process", "both"] | None = None
    """Texts do not get through, or nothing of ours runs, for as long as `lasts`."""
    lasts: Duration | None = None

    @property
    def what(self) -> str:
        return next(name for name in HAPPENINGS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_thing_at_one_time(self) -> "Then":
        given = [name for name in HAPPENINGS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"says {' and '.join(given) or 'nothing'}; exactly one of {', '.join(HAPPENINGS)}")
        _check_when(self, [self.at, self.after, self.day], "at, after, or day with clock")
        if (self.outage is None) != (self.lasts is None):
            raise ValueError("outage and lasts go together")
        return self


# What must come of it ------------------------------------------------------------------------------------

STATUSES = Literal[
    "delivered", "left out", "planned", "suppressed", "cancelled", "expired", "failed", "undelivered", "uncertain"
]
GOES_WITH = {
    "step": {
        *("at", "day", "clock", "session", "status", "times", "to", "answer"),
        *("reason_has", "moved_has", "text_has", "text_lacks"),
    },
    "texts": {"since", "until", "to"},
    "no_text_between": {"to"},
    "case": {"at", "day", "clock", "session", "reason_has"},
}
"""The keys that may stand beside the one that says what kind of expectation it is."""


class Expect(Strict):
    """Something that must be so in the end."""

    who: str | None = None

    step: str | None = None
    """A text of this name, or of this series: one like it, or as many as `times` says."""
    session: Annotated[int, Field(ge=1)] | None = None
    """After this session of the patient's: by its number, or where it has none by its place."""
    at: LocalTime | None = None
    """When it arrived, on the patient's clock; where it never left, when it was due."""
    day: Annotated[int, Field(ge=0, le=400)] | None = None
    """Days after the date of that session, at `clock`."""
    clock: WallClock | None = None
    status: STATUSES = "delivered"
    """`left out`: it never left, for whatever reason."""
    times: Annotated[int, Field(ge=0)] | None = None
    to: Recipient | None = None
    reason_has: Words = ()
    moved_has: Words = ()
    text_has: Words = ()
    text_lacks: Words = ()
    answer: str | int | float | None = None
    """What was read in the answer to it: a score, a choice."""

    texts: Annotated[int, Field(ge=0)] | None = None
    """So many automatic texts arrived in all, from `since` on and before `until` where they are given."""
    since: LocalTime | None = None
    until: LocalTime | None = None

    no_text_between: tuple[WallClock, WallClock] | None = None
    """No automatic text arrives in these hours of the patient's day."""

    case: Literal["urgent", "concern", "routine", "none"] | None = None
    """Staff saw such a case; `none`: none that is urgent or a concern."""

    @property
    def what(self) -> str:
        return next(name for name in GOES_WITH if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_expectation(self) -> "Expect":
        given = [name for name in GOES_WITH if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"says {' and '.join(given) or 'nothing'}; exactly one of {', '.join(GOES_WITH)}")
        if strange := self.model_fields_set - GOES_WITH[given[0]] - {given[0], "who"}:
            raise ValueError(f"{min(strange)} does not go with {given[0]}")
        if self.at or self.day is not None or self.clock:
            _check_when(self, [self.at, self.day], "at, or day with clock")
        return self


def _check_when(given: Then | Expect, ways: list[object], words: str) -> None:
    if sum(way is not None for way in ways) != 1:
        raise ValueError(f"exactly one of {words} says when")
    if (given.day is None) != (given.clock is None):
        raise ValueError("day and clock go together")
