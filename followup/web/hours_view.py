"""When this clinic reads answers, as the admin page shows it and its form holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from followup.store import opening_hours, people
from followup.store.database import Session
from followup.web import times
from followup.web.guards import SignedIn
from followup.web.hours_words import DAYS, hours_words


@dataclass(frozen=True)
class Typed:
    """The form as somebody filled it in, where it was refused: `words` say why."""

    words: str
    opens: str = ""
    closes: str = ""
    closed: Sequence[str] = ()
    state: str = ""
    day: str = ""
    closure: str = ""
    is_closure: bool = False
    """It is the form of a closure that was refused."""


@dataclass(frozen=True)
class Weekday:
    number: int
    name: str
    is_closed: bool


@dataclass(frozen=True)
class ClosureView:
    day: date
    shown: str
    words: str


@dataclass(frozen=True)
class HoursView:
    said: str
    """In one sentence."""
    were_set: bool
    opens: str
    closes: str
    weekdays: Sequence[Weekday]
    state: str
    closures: Sequence[ClosureView]
    """From today on."""
    today: date
    day: str
    closure: str


def hours_view(db: Session, who: SignedIn, *, now: datetime, typed: Typed | None = None) -> HoursView:
    """As it is; in the fields what was typed."""
    clinic = people.clinic_of(db, who.clinic_id)
    staffed = opening_hours.staffed_hours(db, clinic)
    today = now.astimezone(staffed.zone).date()
    hours_typed = typed if typed and not typed.is_closure else None
    closed = set(hours_typed.closed) if hours_typed else {str(day) for day in staffed.closed_weekdays}
    return HoursView(
        said=hours_words(staffed),
        were_set=opening_hours.hours_were_set(db, clinic),
        opens=hours_typed.opens if hours_typed else f"{staffed.opens:%H:%M}",
        closes=hours_typed.closes if hours_typed else f"{staffed.closes:%H:%M}",
        weekdays=[Weekday(number, name, str(number) in closed) for number, name in enumerate(DAYS)],
        state=hours_typed.state if hours_typed else clinic.state or "",
        closures=[
            ClosureView(each.closed_on, f"{each.closed_on:%a} {times.long_date(each.closed_on)}", each.words)
            for each in opening_hours.closures(db, clinic.id, since=today)
        ],
        today=today,
        day=typed.day if typed else "",
        closure=typed.closure if typed else "",
    )
