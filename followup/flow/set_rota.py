"""Who is on call when, how each is reached, and the ladder's minutes: what a clinic sets and changes.

Every function may be called twice with the same input; the second call changes nothing. What is refused for a reason
that a person can act on is a `Refused`.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from followup.flow.transaction import transaction
from followup.flow.work_case import Refused
from followup.rules.ladder import LIMITS, why_unfit
from followup.rules.phone import read_phone
from followup.store import audit, cases, rota
from followup.store.database import Database, Session
from followup.store.tables import LadderTerms, Pager, Shift

LONGEST_SHIFT = timedelta(days=14)
NOT_HERE = Refused("That person does not work with the patients of this clinic.")


def set_pager(
    database: Database,
    *,
    clinic_id: UUID,
    staff_id: UUID,
    phone: str,
    email: str,
    takes_calls: bool,
    by: str,
    now: datetime,
) -> Refused | None:
    """How this person is paged from now on. Empty words take a way away. `by`: `staff:ID`, or a command."""
    number = read_phone(phone) if phone.strip() else None
    if phone.strip() and number is None:
        return Refused("That is no valid phone number, such as +1 212 555 0100.")
    address = email.strip() or None
    if address and ("@" not in address.strip("@") or len(address) > 254 or any(c.isspace() for c in address)):
        return Refused("That is no e-mail address.")
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        if not _works_here(db, clinic_id, staff_id):
            return NOT_HERE
        pager = rota.find_pager(db, staff_id) or Pager(clinic_id=clinic_id, staff_id=staff_id, changed_at=now)
        if (pager.phone, pager.email, pager.takes_calls) == (number, address, takes_calls) and pager in db:
            return None
        pager.phone, pager.email, pager.takes_calls, pager.changed_at = number, address, takes_calls, now
        db.add(pager)
        _note(db, clinic_id, by, "pager.set", f"staff:{staff_id}", now)
    return None


def add_shift(
    database: Database,
    *,
    clinic_id: UUID,
    staff_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    place: int,
    by_staff_id: UUID | None,
    now: datetime,
) -> Refused | None:
    """This person is on call in that time. The same shift again is the shift that is there."""
    if ends_at <= starts_at:
        return Refused("A shift must end after it begins.")
    if ends_at <= now:
        return Refused("That shift is over already.")
    if ends_at - starts_at > LONGEST_SHIFT:
        return Refused(f"A shift is {LONGEST_SHIFT.days} days long at most.")
    if not 1 <= place <= 9:
        return Refused("The place is from 1, rung first, to 9.")
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        if not _works_here(db, clinic_id, staff_id):
            return NOT_HERE
        there = rota.shifts_between(db, clinic_id, starts_at, ends_at)
        if any(
            (s.staff_id, s.starts_at, s.ends_at, s.place) == (staff_id, starts_at, ends_at, place) for s, _ in there
        ):
            return None
        shift = Shift(
            clinic_id=clinic_id,
            staff_id=staff_id,
            starts_at=starts_at,
            ends_at=ends_at,
            place=place,
            by_staff_id=by_staff_id,
            made_at=now,
        )
        db.add(shift)
        db.flush()
        _note(db, clinic_id, _actor(by_staff_id), "shift.added", f"shift:{shift.id}", now)
    return None


def remove_shift(database: Database, *, clinic_id: UUID, shift_id: UUID, by_staff_id: UUID, now: datetime) -> bool:
    """It does not count any more; False where this clinic has no such shift."""
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        shift = rota.find_shift(db, clinic_id, shift_id)
        if shift is None:
            return False
        if shift.removed_at is None:
            shift.removed_at, shift.removed_by_id = now, by_staff_id
            db.add(shift)
            _note(db, clinic_id, _actor(by_staff_id), "shift.removed", f"shift:{shift.id}", now)
    return True


def set_terms(
    database: Database,
    *,
    clinic_id: UUID,
    director_id: UUID | None,
    minutes: Mapping[str, int],
    test_at_local: str,
    by: str,
    now: datetime,
) -> Refused | None:
    """The medical director, the ladder's minutes (names as in `rules.ladder.Terms`), the hour of the test page."""
    try:
        test_at = time.fromisoformat(test_at_local).strftime("%H:%M")
    except ValueError:
        return Refused("The test page needs a time such as 10:00.")
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        row = rota.find_terms(db, clinic_id) or LadderTerms(clinic_id=clinic_id, changed_at=now)
        before = row.model_dump(exclude={"changed_at"}) if row in db else None
        for name in LIMITS:
            setattr(row, name, minutes.get(name, getattr(row, name)))
        unfit = why_unfit(rota.terms_of(row))
        if unfit or (director_id and not _works_here(db, clinic_id, director_id)):
            db.rollback()
            return Refused(unfit) if unfit else NOT_HERE
        row.director_id, row.test_at_local = director_id, test_at
        if row.model_dump(exclude={"changed_at"}) == before:
            return None
        row.changed_at = now
        db.add(row)
        _note(db, clinic_id, by, "ladder.set", f"clinic:{clinic_id}", now)
    return None


def _works_here(db: Session, clinic_id: UUID, staff_id: UUID) -> bool:
    return staff_id in {each.staff.id for each in rota.reachable_staff(db, clinic_id)}


def _actor(staff_id: UUID | None) -> str:
    return f"staff:{staff_id}" if staff_id else "command"


def _note(db: Session, clinic_id: UUID, actor: str, action: str, subject: str, now: datetime) -> None:
    audit.record(db, clinic_id=clinic_id, actor=actor, action=action, subject=subject, now=now)
