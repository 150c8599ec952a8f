"""Cases: opened, joined, taken, noted, closed. Open as long as no closure has the id."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, update
from sqlmodel import Session, col, select

from followup.store.holds import find_hold
from followup.store.tables import Case, CaseAssignment, CaseClosure, Clinic, Reply, Staff

WORST_FIRST = ("urgent", "concern", "routine")


class NoSuchCase(LookupError):
    """There is no case with this id in this clinic."""


# Opening and joining ------------------------------------------------------------------------------------


def open_or_join_case(
    db: Session,
    *,
    clinic_id: UUID,
    patient_id: UUID | None,
    sender: str | None,
    session_id: UUID | None,
    level: str,
    reason: str,
    now: datetime,
) -> Case:
    """The one open case of this patient, or, where no patient is known, of this sender's number.

    Joining never lowers the level. The reason is taken over when the new level is at least as bad.
    What joins an urgent case and is not routine releases whoever had it: they have not seen it.
    """
    lock_cases(db, clinic_id)
    case = find_open_case(db, clinic_id=clinic_id, patient_id=patient_id, sender=sender)
    if case is None:
        return _open_case(
            db,
            Case(
                clinic_id=clinic_id,
                number=_next_number(db, clinic_id),
                patient_id=patient_id,
                sender=sender,
                session_id=session_id,
                level=level,
                reason=reason,
                opened_at=now,
                changed_at=now,
            ),
        )
    if _badness(level) >= _badness(case.level):
        case.level, case.reason = level, reason
    case.session_id = session_id or case.session_id
    case.changed_at = now
    if case.level == "urgent" and level != "routine":
        release(db, case.id, now=now)
    db.add(case)
    db.flush()
    return case


def lock_cases(db: Session, clinic_id: UUID) -> None:
    """Wait for whoever else opens, joins or closes a case of this clinic (PostgreSQL; SQLite has one writer).

    Without it two replies could open two cases, or one join a case that is being closed.
    """
    db.exec(select(Clinic.id).where(col(Clinic.id) == clinic_id).with_for_update(key_share=True)).one()


def find_open_case(db: Session, *, clinic_id: UUID, patient_id: UUID | None, sender: str | None) -> Case | None:
    """By patient; where there is none, by the number that wrote."""
    whose = (
        col(Case.patient_id) == patient_id
        if patient_id
        else col(Case.patient_id).is_(None) & (col(Case.sender) == sender)
    )
    return db.exec(
        select(Case).where(col(Case.clinic_id) == clinic_id, whose, is_open()).order_by(col(Case.opened_at))
    ).first()


def was_urgent(db: Session, patient_id: UUID, *, since: datetime) -> bool:
    """Whether this patient had an urgent case that changed since then, open or closed."""
    query = select(Case.id).where(col(Case.patient_id) == patient_id, Case.level == "urgent", Case.changed_at >= since)
    return db.exec(query.limit(1)).first() is not None


def is_open() -> ColumnElement[bool]:
    """For `where`: no closure has the case's id."""
    return ~exists().where(col(CaseClosure.case_id) == col(Case.id))


def _next_number(db: Session, clinic_id: UUID) -> int:
    return db.exec(
        update(Clinic)
        .where(col(Clinic.id) == clinic_id)
        .values(cases_opened=col(Clinic.cases_opened) + 1)
        .returning(col(Clinic.cases_opened))
        .execution_options(synchronize_session=False)
    ).scalar_one()


def _open_case(db: Session, case: Case) -> Case:
    db.add(case)
    db.flush()
    return case


def _badness(level: str) -> int:
    return -WORST_FIRST.index(level)


# Working ------------------------------------------------------------------------------------------------


def get_case(db: Session, *, clinic_id: UUID, case_id: UUID) -> Case:
    """Raises NoSuchCase, also for a case of another clinic."""
    case = db.exec(select(Case).where(col(Case.id) == case_id, col(Case.clinic_id) == clinic_id)).one_or_none()
    if case is None:
        raise NoSuchCase(case_id)
    return case


def open_cases_among(db: Session, *, clinic_id: UUID, case_ids: Sequence[UUID]) -> Sequence[Case]:
    """Those of the ids that are open cases of this clinic."""
    return db.exec(select(Case).where(col(Case.clinic_id) == clinic_id, col(Case.id).in_(case_ids), is_open())).all()


def taken_by_others(db: Session, *, case_ids: Sequence[UUID], staff_id: UUID) -> set[UUID]:
    """Those of the ids that somebody else is handling."""
    query = select(CaseAssignment.case_id).where(
        col(CaseAssignment.case_id).in_(case_ids),
        col(CaseAssignment.released_at).is_(None),
        CaseAssignment.staff_id != staff_id,
    )
    return set(db.exec(query))


def find_holder(db: Session, case_id: UUID) -> tuple[CaseAssignment, Staff] | None:
    """Who is handling it now."""
    return db.exec(
        select(CaseAssignment, Staff)
        .join(Staff, col(Staff.id) == col(CaseAssignment.staff_id))
        .where(col(CaseAssignment.case_id) == case_id, col(CaseAssignment.released_at).is_(None))
        .order_by(col(CaseAssignment.at).desc())
    ).first()


def take(db: Session, case: Case, *, staff_id: UUID, now: datetime) -> CaseAssignment:
    """From now on this person has it; whoever had it has not."""
    release(db, case.id, now=now)
    taken = CaseAssignment(clinic_id=case.clinic_id, case_id=case.id, staff_id=staff_id, at=now)
    db.add(taken)
    return taken


def release(db: Session, case_id: UUID, *, now: datetime) -> None:
    """From now on nobody has it."""
    db.exec(
        update(CaseAssignment)
        .where(col(CaseAssignment.case_id) == case_id, col(CaseAssignment.released_at).is_(None))
        .values(released_at=now)
    )


def find_closure(db: Session, case_id: UUID) -> CaseClosure | None:
    return db.exec(select(CaseClosure).where(col(CaseClosure.case_id) == case_id)).one_or_none()


def has_open_urgent(db: Session, clinic_id: UUID, patient_id: UUID) -> bool:
    """Whether automatic texts to this patient are held: by an urgent case, until a person lifts it."""
    return bool(find_hold(db, clinic_id, patient_id)) or find_open_urgent(db, clinic_id, patient_id) is not None


def find_open_urgent(db: Session, clinic_id: UUID, patient_id: UUID) -> UUID | None:
    query = select(Case.id).where(
        Case.clinic_id == clinic_id, Case.patient_id == patient_id, Case.level == "urgent", is_open()
    )
    return db.exec(query.limit(1)).first()


def had_urgent_since(db: Session, patient_id: UUID, since: datetime) -> bool:
    """Whether an urgent case of this patient was open at any time since then."""
    query = (
        select(Case.id)
        .outerjoin(CaseClosure, col(CaseClosure.case_id) == col(Case.id))
        .where(
            Case.patient_id == patient_id,
            Case.level == "urgent",
            col(CaseClosure.at).is_(None) | (col(CaseClosure.at) >= since),
        )
    )
    return db.exec(query.limit(1)).first() is not None


def cases_of_session(db: Session, clinic_id: UUID, session_id: UUID) -> Sequence[Case]:
    """Cases about this session or about a reply that belongs to it, oldest first."""
    about = col(Case.session_id) == session_id
    joined = exists().where(col(Reply.case_id) == col(Case.id), col(Reply.session_id) == session_id)
    query = select(Case).where(Case.clinic_id == clinic_id, about | joined).order_by(col(Case.opened_at))
    return db.exec(query).all()
