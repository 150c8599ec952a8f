"""The rota, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.rules.ladder import LIMITS, WHAT, Terms
from followup.rules.rota import gaps
from followup.store import pages, rota, sign_ins
from followup.store.database import Session
from followup.store.tables import Shift
from followup.web import times
from followup.web.parts import Parts
from followup.web.rungs import words_of

AHEAD = timedelta(days=7)
SHORTEST_GAP = timedelta(minutes=1)
TESTS_SHOWN = timedelta(days=2)


@dataclass(frozen=True)
class OnCall:
    name: str
    until: str
    reached: str
    """By which ways; empty: in no way."""


@dataclass(frozen=True)
class ShiftView:
    id: UUID | None
    """None: a gap."""
    starts_at: datetime
    when: str
    name: str
    place: int


@dataclass(frozen=True)
class PersonView:
    id: UUID
    name: str
    role: str
    phone: str
    email: str
    takes_calls: bool
    is_director: bool


@dataclass(frozen=True)
class MinutesView:
    name: str
    label: str
    minutes: int
    least: int
    most: int


@dataclass(frozen=True)
class RotaView:
    now: Sequence[OnCall]
    ahead: Sequence[ShiftView]
    """Shifts and gaps of the next week, in order."""
    gaps: int
    people: Sequence[PersonView]
    minutes: Sequence[MinutesView]
    director: UUID | None
    test_at: str
    tests: Sequence[tuple[datetime, str]]
    lacks: Sequence[str]
    """Why an urgent reply might ring nowhere."""
    mail_is_on: bool
    starts: str
    """Where the form for a new shift begins, as a browser's field takes it."""


def rota_view(db: Session, parts: Parts, clinic_id: UUID, *, zone: ZoneInfo, now: datetime) -> RotaView:
    terms = rota.find_terms(db, clinic_id)
    everybody = rota.reachable_staff(db, clinic_id)
    ahead, empty = _ahead(db, clinic_id, zone=zone, now=now)
    set_minutes = rota.terms_of(terms)
    return RotaView(
        now=_on_call_now(db, clinic_id, parts, zone=zone, now=now),
        ahead=ahead,
        gaps=empty,
        people=[
            PersonView(
                id=each.staff.id,
                name=each.staff.name,
                role=each.staff.role,
                phone=(each.pager and each.pager.phone) or "",
                email=(each.pager and each.pager.email) or "",
                takes_calls=each.pager.takes_calls if each.pager else True,
                is_director=bool(terms and terms.director_id == each.staff.id),
            )
            for each in everybody
        ],
        minutes=[_minutes(name, set_minutes) for name in LIMITS],
        director=terms.director_id if terms else None,
        test_at=terms.test_at_local if terms else "10:00",
        tests=_tests(db, clinic_id, now=now),
        lacks=list(rota.what_the_ladder_lacks(db, clinic_id)),
        mail_is_on=parts.paging.mail_is_on,
        starts=now.astimezone(zone).strftime("%Y-%m-%dT%H:00"),
    )


def _on_call_now(db: Session, clinic_id: UUID, parts: Parts, *, zone: ZoneInfo, now: datetime) -> list[OnCall]:
    shifts = rota.shifts_between(db, clinic_id, now, now + timedelta(microseconds=1))
    ends = {staff.id: shift.ends_at for shift, staff in shifts}
    found = []
    for staff in rota.on_call(db, clinic_id, at=now):
        ways = rota.ways_of(rota.find_pager(db, staff.id), mail_is_on=parts.paging.mail_is_on)
        words = {"text": "text", "voice": "call", "email": "mail"}
        reached = ", ".join(words[way] for way in words if way in ways)
        found.append(OnCall(staff.name, times.when(ends[staff.id], zone, now=now), reached))
    return found


def _ahead(db: Session, clinic_id: UUID, *, zone: ZoneInfo, now: datetime) -> tuple[list[ShiftView], int]:
    """The week, with its gaps in their places; and how many gaps there are."""
    until = now + AHEAD
    shifts = rota.shifts_between(db, clinic_id, now, until)
    views = [_shift(shift, staff.name, zone, now) for shift, staff in shifts]
    empty = [
        ShiftView(None, since, _span(since, end, zone, now), "Nobody", 0)
        for since, end in gaps([(shift.starts_at, shift.ends_at) for shift, _ in shifts], now, until)
        if end - since >= SHORTEST_GAP
    ]
    return sorted([*views, *empty], key=lambda view: (view.starts_at, view.place)), len(empty)


def _shift(shift: Shift, name: str, zone: ZoneInfo, now: datetime) -> ShiftView:
    return ShiftView(shift.id, shift.starts_at, _span(shift.starts_at, shift.ends_at, zone, now), name, shift.place)


def _span(since: datetime, until: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`Tomorrow 08:00 to 20:00 EST`; `now to …` where it has begun."""
    begins = "Now" if since <= now else f"{times.day(since, zone, now=now)} {times.clock(since, zone)}"
    is_same_day = since.astimezone(zone).date() == until.astimezone(zone).date()
    ends = times.clock_and_zone(until, zone) if is_same_day else times.moment(until, zone, now=now)
    return f"{begins} to {ends}"


def _minutes(name: str, terms: Terms) -> MinutesView:
    least, most = LIMITS[name]
    return MinutesView(name, WHAT[name], int(getattr(terms, name) / timedelta(minutes=1)), least, most)


def _tests(db: Session, clinic_id: UUID, *, now: datetime) -> list[tuple[datetime, str]]:
    names = sign_ins.staff_names(db, clinic_id)
    made = pages.pages_since(db, clinic_id, ("test",), now - TESTS_SHOWN)
    return [(each.page.made_at, f"{names[each.page.staff_id]}, {each.page.way}: {words_of(each)}") for each in made]
