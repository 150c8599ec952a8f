"""Who is on call when, how each is reached, and what the clinic set for its ladder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from followup.rules.ladder import LIMITS, Person, Rota, Terms, Way
from followup.store.tables import LadderTerms, Pager, Shift, Staff

READ_ONLY = ("auditor",)
"""Roles that cannot have a case, so they are never rung."""


@dataclass(frozen=True)
class Reachable:
    """Somebody who works here, and how they are reached; None where nobody has said."""

    staff: Staff
    pager: Pager | None


def find_terms(db: Session, clinic_id: UUID) -> LadderTerms | None:
    """What the clinic set; None: nothing yet."""
    return db.exec(select(LadderTerms).where(LadderTerms.clinic_id == clinic_id)).one_or_none()


def terms_of(row: LadderTerms | None) -> Terms:
    """The minutes that count."""
    if row is None:
        return Terms()
    return Terms(**{name: timedelta(minutes=getattr(row, name)) for name in LIMITS})


# People -------------------------------------------------------------------------------------------------


def reachable_staff(db: Session, clinic_id: UUID) -> list[Reachable]:
    """Everybody who works here and may have a case, by name."""
    query = (
        select(Staff, Pager)
        .join(Pager, col(Pager.staff_id) == col(Staff.id), isouter=True)
        .where(Staff.clinic_id == clinic_id, col(Staff.left_at).is_(None), col(Staff.role).not_in(READ_ONLY))
        .order_by(col(Staff.name), col(Staff.id))
    )
    return [Reachable(staff, pager) for staff, pager in db.exec(query)]


def find_pager(db: Session, staff_id: UUID) -> Pager | None:
    return db.exec(select(Pager).where(Pager.staff_id == staff_id)).one_or_none()


def staff_with_phone(db: Session, phone: str) -> Sequence[Staff]:
    """Whoever is paged at this number, whatever the clinic."""
    query = (
        select(Staff)
        .join(Pager, col(Pager.staff_id) == col(Staff.id))
        .where(Pager.phone == phone, col(Staff.left_at).is_(None), col(Staff.role).not_in(READ_ONLY))
    )
    return db.exec(query.order_by(col(Staff.created_at), col(Staff.id))).all()


def ways_of(pager: Pager | None, *, mail_is_on: bool) -> frozenset[Way]:
    """By which ways somebody with this pager can be paged."""
    ways: set[Way] = set()
    if pager and pager.phone:
        ways |= {"text", "voice"} if pager.takes_calls else {"text"}
    if pager and pager.email and mail_is_on:
        ways.add("email")
    return frozenset(ways)


def address_of(pager: Pager, way: Way) -> str:
    """The number or address that this way leads to."""
    address = pager.email if way == "email" else pager.phone
    assert address is not None
    return address


# Shifts -------------------------------------------------------------------------------------------------


def shifts_between(db: Session, clinic_id: UUID, since: datetime, until: datetime) -> Sequence[tuple[Shift, Staff]]:
    """Those that cover any of that time and hold, in the order in which they begin; of one time, as they are rung."""
    query = (
        select(Shift, Staff)
        .join(Staff, col(Staff.id) == col(Shift.staff_id))
        .where(
            Shift.clinic_id == clinic_id,
            col(Shift.starts_at) < until,
            col(Shift.ends_at) > since,
            col(Shift.removed_at).is_(None),
            col(Staff.left_at).is_(None),
            col(Staff.role).not_in(READ_ONLY),
        )
    )
    return db.exec(query.order_by(col(Shift.starts_at), col(Shift.place), col(Shift.id))).all()


def on_call(db: Session, clinic_id: UUID, *, at: datetime) -> list[Staff]:
    """Who is on call at that instant, in the order in which they are rung."""
    shifts = shifts_between(db, clinic_id, at, at + timedelta(microseconds=1))
    in_order = sorted(shifts, key=lambda found: (found[0].place, found[0].starts_at, found[0].id))
    return list({staff.id: staff for _, staff in in_order}.values())


def find_shift(db: Session, clinic_id: UUID, shift_id: UUID) -> Shift | None:
    return db.exec(select(Shift).where(Shift.clinic_id == clinic_id, Shift.id == shift_id)).one_or_none()


def rota_at(db: Session, clinic_id: UUID, *, at: datetime, mail_is_on: bool) -> Rota:
    """Who can be rung at that instant."""
    ways = {
        each.staff.id: found
        for each in reachable_staff(db, clinic_id)
        if (found := ways_of(each.pager, mail_is_on=mail_is_on))
    }
    everybody = {id_: Person(id_, found) for id_, found in ways.items()}
    terms = find_terms(db, clinic_id)
    return Rota(
        on_call=[everybody[staff.id] for staff in on_call(db, clinic_id, at=at) if staff.id in everybody],
        everybody=list(everybody.values()),
        director=everybody.get(terms.director_id) if terms and terms.director_id else None,
    )


def is_somebody_on_call(db: Session, clinic_id: UUID, *, at: datetime) -> bool:
    """Whether a reply would find somebody: on the rota at that instant, and with a phone."""
    with_phone = {each.staff.id for each in reachable_staff(db, clinic_id) if each.pager and each.pager.phone}
    return any(staff.id in with_phone for staff in on_call(db, clinic_id, at=at))


def what_the_ladder_lacks(db: Session, clinic_id: UUID) -> Iterator[str]:
    """Why an urgent reply might ring nowhere, in words; nothing where it reaches somebody."""
    with_phone = {each.staff.id for each in reachable_staff(db, clinic_id) if each.pager and each.pager.phone}
    if len(with_phone) < 2:
        yield f"{len(with_phone) or 'no'} {'person has' if len(with_phone) == 1 else 'people have'} a phone, two must"
    terms = find_terms(db, clinic_id)
    if terms is None or terms.director_id is None:
        yield "there is no medical director"
    elif terms.director_id not in with_phone:
        yield "the medical director has no phone"
