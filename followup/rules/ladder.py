"""The ladder: who is rung for a case, by which ways, after how many minutes, until a named human has it.

Facts/clinical 4: at once the person on call by two ways, then again and the next one, then everybody, then the
medical director by voice, then all of them again and again. Whatever goes wrong climbs sooner, never later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, get_args
from uuid import UUID

from followup.rules.quiet_hours import StaffedHours
from followup.rules.staffed import staffed_time

Way = Literal["text", "voice", "email"]
WAYS: tuple[Way, ...] = get_args(Way)
"""As they are preferred: a text shows what it is about, a call wakes."""
Outcome = Literal["waiting", "accepted", "refused", "unknown"]

ON_CALL, AGAIN, EVERYBODY, DIRECTOR = range(4)
"""The first four rungs. Each later one rings everybody and the director."""
LOOK_AGAIN = timedelta(minutes=1)
"""Where nobody can be rung at all."""


# What the clinic sets -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """After how long what happens. A clinic changes each within LIMITS; none can be turned off."""

    again_after: timedelta = timedelta(minutes=5)
    everybody_after: timedelta = timedelta(minutes=10)
    director_after: timedelta = timedelta(minutes=15)
    then_every: timedelta = timedelta(minutes=10)
    remind_after: timedelta = timedelta(minutes=30)
    """Whoever took an urgent case and has not closed it is reminded."""
    ring_again_after: timedelta = timedelta(minutes=45)
    look_within: timedelta = timedelta(minutes=60)
    """A concern is looked at within this staffed time; at twice of it the ladder rings."""


LIMITS: dict[str, tuple[int, int]] = {
    "again_after": (2, 10),
    "everybody_after": (4, 20),
    "director_after": (6, 30),
    "then_every": (5, 15),
    "remind_after": (10, 60),
    "ring_again_after": (15, 90),
    "look_within": (15, 240),
}
"""Minutes, the first and the last that are allowed (facts/clinical 4)."""
IN_ORDER = (("again_after", "everybody_after", "director_after"), ("remind_after", "ring_again_after"))
WHAT = {
    "again_after": "Again and the next person",
    "everybody_after": "Everybody",
    "director_after": "The medical director",
    "then_every": "Then every",
    "remind_after": "Reminder",
    "ring_again_after": "Ring again",
    "look_within": "A concern is looked at within",
}


def why_unfit(terms: Terms) -> str | None:
    """Why these minutes are not allowed, in words; None: they are."""
    for name, (least, most) in LIMITS.items():
        if not timedelta(minutes=least) <= getattr(terms, name) <= timedelta(minutes=most):
            return f"{WHAT[name]}: from {least} to {most} minutes."
    for names in IN_ORDER:
        for earlier, later in pairwise(names):
            if getattr(terms, earlier) >= getattr(terms, later):
                return f"{WHAT[later]} must come after {WHAT[earlier][0].lower()}{WHAT[earlier][1:]}."
    return None


# Whether a case is rung for -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """An open case, as far as the ladder is concerned."""

    level: str
    waits_since: datetime
    """When the newest thing joined it, or whoever had it put it back: the later of both."""
    is_held: bool
    """Somebody is handling it."""
    taken_at: datetime | None = None
    """When somebody took or acknowledged it last."""
    is_looked_at: bool = False
    """Somebody wrote a note or an answer since the newest thing joined it."""
    is_in_talk: bool = False
    """Somebody had acknowledged it, and what joined it since is not urgent by itself."""


Why = Literal["urgent", "not closed", "nobody looked"]


@dataclass(frozen=True)
class Begin:
    """The ladder begins to ring: from which instant its minutes count, and why."""

    at: datetime
    why: Why


def begins(waiting: Waiting, terms: Terms, hours: StaffedHours, *, now: datetime) -> Begin | None:
    """For a case that nothing rings for at present; None: there is no need, or not yet.

    While somebody talks with the patient each answer joins the case: they have the first minutes to take it again.
    """
    if waiting.level == "urgent":
        if not waiting.is_held:
            at = waiting.waits_since + (terms.again_after if waiting.is_in_talk else timedelta(0))
            return Begin(at, "urgent") if now >= at else None
        late_at = (waiting.taken_at or waiting.waits_since) + terms.ring_again_after
        return Begin(late_at, "not closed") if now >= late_at else None
    if waiting.level != "concern" or waiting.is_held or waiting.is_looked_at:
        return None
    is_late = staffed_time(waiting.waits_since, now, hours) >= 2 * terms.look_within
    return Begin(now, "nobody looked") if is_late else None


# Which rungs are due ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody who can be paged, and by which ways."""

    id: UUID
    ways: frozenset[Way]


@dataclass(frozen=True)
class Rota:
    """Who can be rung at this moment."""

    on_call: Sequence[Person]
    """In the order in which they are rung."""
    everybody: Sequence[Person]
    director: Person | None


@dataclass(frozen=True)
class Paged:
    """One page that was made."""

    number: int
    at: datetime
    outcome: Outcome


@dataclass(frozen=True)
class Climb:
    """One time that the ladder rings for a case."""

    started_at: datetime
    pages: Sequence[Paged] = ()
    is_over: bool = False
    """Acknowledged, or its case is closed."""


@dataclass(frozen=True)
class Rung:
    """Page this person this way."""

    number: int
    to: UUID
    way: Way


@dataclass(frozen=True)
class Due:
    """What is to be rung now, and when to look next; None: never again."""

    rungs: tuple[Rung, ...]
    look_at: datetime | None


def due_rungs(climb: Climb, rota: Rota, terms: Terms, *, now: datetime) -> Due:
    """Asked again after each was made, it gives the next ones.

    What fell due while nobody was there to ring is rung once: nobody is paged twice in one moment.
    """
    if climb.is_over:
        return Due((), None)
    steps = list(_due_steps(climb, rota, terms, now=now))
    reached: dict[tuple[UUID, Way], None] = {
        (person.id, way): None for step in steps for person, way in _reach(step, rota)
    }
    if steps and reached:
        rungs = tuple(Rung(steps[-1], id_, way) for id_, way in reached)
        return Due(rungs, _next_at(climb, terms, after=steps[-1], rung_at=now))
    if steps:
        return Due((), now + LOOK_AGAIN)
    return Due((), _next_at(climb, terms, after=_highest(climb), rung_at=_rung_at(climb, _highest(climb))))


def _due_steps(climb: Climb, rota: Rota, terms: Terms, *, now: datetime) -> Iterator[int]:
    """Those not rung yet, in order."""
    first = _highest(climb) + 1
    for step in range(first, max(DIRECTOR, first) + 1):
        at = _next_at(climb, terms, after=step - 1, rung_at=_rung_at(climb, step - 1))
        if now < at and not _fell_through(step - 1, climb, rota, is_rung=step == first):
            return
        yield step


def _next_at(climb: Climb, terms: Terms, *, after: int, rung_at: datetime | None) -> datetime:
    """When the rung after this one is due. One that was rung early, because something went wrong, draws it along."""
    if after >= DIRECTOR:
        return (rung_at or climb.started_at) + terms.then_every
    offsets = (timedelta(0), terms.again_after, terms.everybody_after, terms.director_after)
    at = climb.started_at + offsets[after + 1]
    return min(at, rung_at + offsets[after + 1] - offsets[after]) if rung_at and after >= ON_CALL else at


def _rung_at(climb: Climb, step: int) -> datetime | None:
    return max((page.at for page in climb.pages if page.number == step), default=None)


def _highest(climb: Climb) -> int:
    return max((page.number for page in climb.pages), default=-1)


def _fell_through(step: int, climb: Climb, rota: Rota, *, is_rung: bool) -> bool:
    """Whether the next rung must not wait: a page was refused, none is known to be on its way, or none could be made.

    The last rung of the four falls through to nobody: from there on it is the minutes that count.
    """
    if not ON_CALL <= step < DIRECTOR:
        return False
    if not is_rung:
        return not any(True for _ in _reach(step, rota))
    outcomes = {page.outcome for page in climb.pages if page.number == step}
    return "refused" in outcomes or outcomes == {"unknown"}


def _reach(step: int, rota: Rota) -> Iterator[tuple[Person, Way]]:
    """Whom this rung pages, and how. Without a director everybody is rung in their place."""
    directors = [rota.director] if rota.director and step >= DIRECTOR else []
    others = rota.everybody
    if step < EVERYBODY:
        others = rota.on_call[: step + 1]
    elif step == DIRECTOR and directors:
        others = ()
    for person in others:
        for way in two_ways(person):
            yield person, way
    for person in directors:
        for way in _by_voice(person):
            yield person, way


def two_ways(person: Person) -> Sequence[Way]:
    """A text and a call; where one of them cannot be, e-mail in its place."""
    ways: list[Way] = [way for way in WAYS if way in person.ways]
    return ways[:2]


def _by_voice(person: Person) -> Sequence[Way]:
    return ["voice"] if "voice" in person.ways else two_ways(person)


# After it was taken -------------------------------------------------------------------------------------


def reminder_due(taken_at: datetime, reminded_at: datetime | None, terms: Terms, *, now: datetime) -> bool:
    """Whether whoever has an urgent case is told that it is still open: once for each time that it was taken."""
    return now >= taken_at + terms.remind_after and (reminded_at is None or reminded_at < taken_at)
