"""When everything in a script happens: wall clocks become instants, each on the clock of whom it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from followup.rehearsal.entries import Expect, PatientPart, Then
from followup.rehearsal.script import Script, ScriptMistake
from followup.rules.quiet_hours import at_wall_clock

LOOK_ON = timedelta(days=1)
"""How long the clock runs on after the last that a script names."""
LONGEST = timedelta(days=800)
LIES_BEYOND = "lies beyond the end (`lasts`)"


@dataclass
class Clock:
    """A patient's wall clock, which may be another one after a journey."""

    zones: list[tuple[datetime, ZoneInfo]]
    """(since when, which); the first counts from the beginning."""

    def instant(self, local: datetime) -> datetime:
        """UTC, by the zone that holds then."""
        for since, zone in reversed(self.zones[1:]):
            at = at_wall_clock(local.date(), local.time(), zone)
            if at >= since:
                return at
        return at_wall_clock(local.date(), local.time(), self.zones[0][1])

    def zone_at(self, at: datetime) -> ZoneInfo:
        return next((zone for since, zone in reversed(self.zones) if at >= since), self.zones[0][1])

    def local(self, at: datetime) -> datetime:
        """What it shows, as a naive time."""
        return at.astimezone(self.zone_at(at)).replace(tzinfo=None)

    def says(self, at: datetime) -> str:
        """`Tue 2026-03-03 10:00`"""
        return f"{self.local(at):%a %Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Entry:
    """One thing that happens. Times are UTC."""

    number: int
    """From 1, as they stand in the file."""
    at: datetime
    patient: PatientPart
    then: Then
    until: datetime | None = None
    """An outage's end."""
    session: int = 0
    """Which of the patient's sessions it is about: its own, else their last; 0: none yet. Its number, or its place."""
    appointment: int = 0
    """Which of their appointments, by its place."""


@dataclass(frozen=True)
class Wanted:
    """One expectation with its dates, UTC."""

    number: int
    expect: Expect
    patient: PatientPart | None
    """None: whoever it is."""
    at: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Dated:
    """A script whose every time is an instant."""

    script: Script
    starts_at: datetime
    ends_at: datetime
    entries: Sequence[Entry]
    wanted: Sequence[Wanted]
    clocks: Mapping[str, Clock]
    """By patient."""

    def says(self, at: datetime, who: str | None) -> str:
        """What the clock of whom it is about shows then; of nobody, the clinic's."""
        clock = self.clocks.get(who or "")
        return clock.says(at) if clock else f"{at.astimezone(ZoneInfo(self.script.zone)):%a %Y-%m-%d %H:%M}"


@dataclass
class _Calendar:
    """What has been read of a script so far."""

    script: Script
    clocks: dict[str, Clock]
    sessions: dict[str, dict[int, date]] = field(default_factory=dict[str, dict[int, date]])
    """The local date of each session, by patient and number."""
    appointments: dict[str, int] = field(default_factory=dict[str, int])
    """How many were told of."""


def date_script(script: Script) -> Dated:
    """Raises ScriptMistake where times contradict each other."""
    starts_at = at_wall_clock(script.starts.date(), script.starts.time(), ZoneInfo(script.zone))
    clocks = {each.given_name: Clock([(starts_at, ZoneInfo(each.zone or script.zone))]) for each in script.patient}
    calendar = _Calendar(script, clocks)
    entries = _date_entries(calendar, starts_at)
    wanted = [_date_expectation(calendar, number, expect) for number, expect in enumerate(script.expect, start=1)]
    named = [starts_at, *(entry.until or entry.at for entry in entries)]
    named += [at for each in wanted for at in (each.at, each.since, each.until) if at]
    ends_at = starts_at + script.lasts if script.lasts else max(named) + LOOK_ON
    if ends_at - starts_at > LONGEST:
        raise ScriptMistake(f"{script.file}: lasts: a rehearsal goes on for {LONGEST.days} days at most")
    for entry in entries:
        if entry.at >= ends_at:
            raise script.mistake("then", entry.number, "at", LIES_BEYOND)
    for each in wanted:
        if each.at and each.at >= ends_at:
            raise script.mistake("expect", each.number, "at", LIES_BEYOND)
    return Dated(script, starts_at, ends_at, entries, wanted, clocks)


def _date_entries(calendar: _Calendar, starts_at: datetime) -> list[Entry]:
    script, entries, before, outage_until = calendar.script, list[Entry](), starts_at, starts_at
    for number, then in enumerate(script.then, start=1):
        patient = script.find_patient("then", number, then.who) if then.outage is None else script.patient[0]
        at = _when(calendar, number, then, patient, before)
        if at < before:
            above = "the entry above" if entries else "the beginning (`starts`)"
            raise script.mistake("then", number, "at", f"lies before {above}")
        if then.outage and at < outage_until:
            raise script.mistake("then", number, "outage", "begins before the last one is over")
        until = at + then.lasts if then.lasts else None
        session, appointment = _count(calendar, number, then, patient, at)
        if then.patient and then.patient.zone:
            calendar.clocks[patient.given_name].zones.append((at, ZoneInfo(then.patient.zone)))
        entries.append(Entry(number, at, patient, then, until, session, appointment))
        before, outage_until = at, until or outage_until
    return entries


def _when(calendar: _Calendar, number: int, then: Then, patient: PatientPart, before: datetime) -> datetime:
    if then.at is not None:
        return calendar.clocks[patient.given_name].instant(then.at)
    if then.after is not None:
        return before + then.after
    days = calendar.sessions.get(patient.given_name)
    if not days:
        raise calendar.script.mistake("then", number, "day", "counts from a session, and there was none yet")
    return _on_day(calendar, next(reversed(days.values())), then, patient)


def _count(calendar: _Calendar, number: int, then: Then, patient: PatientPart, at: datetime) -> tuple[int, int]:
    """Which of the patient's sessions, and of their appointments, an entry is about; its own is noted."""
    name, clock = patient.given_name, calendar.clocks[patient.given_name]
    if then.session is not None:
        ended = then.session.ended or clock.local(at)
        if clock.instant(ended) > at:
            raise calendar.script.mistake("then", number, "session.ended", "lies ahead")
        known = calendar.sessions.setdefault(name, {})
        called = then.session.number or len(known) + 1
        if called in known:
            words = f"{name} had session {called} already"
            raise calendar.script.mistake("then", number, "session.number", words)
        known[called] = ended.date()
    if then.appointment or (then.session and then.session.appointment):
        calendar.appointments[name] = calendar.appointments.get(name, 0) + 1
    return [0, *calendar.sessions.get(name, {})][-1], calendar.appointments.get(name, 0)


def _date_expectation(calendar: _Calendar, number: int, expect: Expect) -> Wanted:
    script = calendar.script
    is_of_all = expect.who is None and expect.what in {"case", "no_text_between"}
    if is_of_all and expect.at is None and expect.day is None:
        return Wanted(number, expect, None)
    patient = script.find_patient("expect", number, expect.who)
    clock, days = calendar.clocks[patient.given_name], calendar.sessions.get(patient.given_name, {})
    at = clock.instant(expect.at) if expect.at else None
    named = ", ".join(map(str, days)) or "none"
    if expect.session is not None and expect.session not in days:
        words = f"{patient.given_name} has no session {expect.session}; there are {named}"
        raise script.mistake("expect", number, "session", words)
    if expect.day is not None:
        if expect.session is None and len(days) != 1:
            raise script.mistake("expect", number, "session", f"say which: {patient.given_name} has {named}")
        at = _on_day(calendar, days[expect.session or next(iter(days))], expect, patient)
    since, until = (clock.instant(each) if each else None for each in (expect.since, expect.until))
    return Wanted(number, expect, patient, at, since, until)


def _on_day(calendar: _Calendar, session_on: date, given: Then | Expect, patient: PatientPart) -> datetime:
    assert given.day is not None and given.clock is not None
    local = datetime.combine(session_on + timedelta(days=given.day), given.clock)
    return calendar.clocks[patient.given_name].instant(local)
