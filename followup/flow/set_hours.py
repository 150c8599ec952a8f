"""When a clinic reads answers: its hours, its closed days, the state whose rules count."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from uuid import UUID

from followup.flow.transaction import transaction
from followup.store import audit, opening_hours, people
from followup.store.database import Database, Session
from followup.store.tables import Clinic, ClinicClosure

SHORTEST = timedelta(hours=3)
"""A question leaves at least two hours before the clinic closes; less than this leaves it no time at all."""
LONGEST_WORDS = 80
STATE = re.compile("[A-Z]{2}")


class HoursNotUsable(ValueError):
    """The words say what is wrong with the hours, to staff."""


def set_hours(
    *,
    database: Database,
    clinic_id: UUID,
    staff_id: UUID,
    opens: time,
    closes: time,
    closed_weekdays: Collection[int],
    state: str | None,
    now: datetime,
) -> None:
    """Plans made from now on follow; what is planned already waits, or comes at the next hour at which it may.

    Raises HoursNotUsable.
    """
    shortest = datetime.combine(date.min, opens) + SHORTEST
    if shortest > datetime.combine(date.min, closes):
        raise HoursNotUsable("It closes at least three hours after it opens, else no question finds a reader.")
    if len(set(closed_weekdays)) > 6 or not set(closed_weekdays) <= set(range(7)):
        raise HoursNotUsable("It is open on at least one day of the week.")
    if state is not None and not STATE.fullmatch(state):
        raise HoursNotUsable("The state is two letters, such as RI.")
    with transaction(database) as db:
        clinic = people.clinic_of(db, clinic_id)
        clinic.opens_at_local, clinic.closes_at_local = f"{opens:%H:%M}", f"{closes:%H:%M}"
        clinic.closed_weekdays, clinic.state = sorted(set(closed_weekdays)), state
        db.add(clinic)
        _record(db, clinic, staff_id, "hours.set", now, opens=clinic.opens_at_local, closes=clinic.closes_at_local)


def close_on(*, database: Database, clinic_id: UUID, staff_id: UUID, day: date, words: str, now: datetime) -> None:
    """A holiday, a closure. The same day again takes over the words. Raises HoursNotUsable."""
    if not 1 <= len(words) <= LONGEST_WORDS:
        raise HoursNotUsable(f"Say in up to {LONGEST_WORDS} characters what it is, such as Thanksgiving.")
    with transaction(database) as db:
        clinic = people.clinic_of(db, clinic_id)
        known = _closure(db, clinic, day)
        closure = known or ClinicClosure(clinic_id=clinic_id, closed_on=day, words=words)
        closure.words = words
        db.add(closure)
        _record(db, clinic, staff_id, "closed.on", now, day=day.isoformat())


def open_on(*, database: Database, clinic_id: UUID, staff_id: UUID, day: date, now: datetime) -> None:
    """It is open that day after all. Again changes nothing."""
    with transaction(database) as db:
        clinic = people.clinic_of(db, clinic_id)
        closure = _closure(db, clinic, day)
        if closure is not None:
            db.delete(closure)
            _record(db, clinic, staff_id, "open.on", now, day=day.isoformat())


def _closure(db: Session, clinic: Clinic, day: date) -> ClinicClosure | None:
    return next((each for each in opening_hours.closures(db, clinic.id, since=day) if each.closed_on == day), None)


def _record(db: Session, clinic: Clinic, staff_id: UUID, action: str, now: datetime, **details: object) -> None:
    audit.record(
        db,
        clinic_id=clinic.id,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"clinic:{clinic.id}",
        now=now,
        **details,
    )
