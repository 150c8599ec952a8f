"""Everything that was ever said with one person: texts, replies, notes, and who took and closed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, col, or_, select

from followup.store import people
from followup.store.replies import newest_readings
from followup.store.sessions import next_appointment
from followup.store.tables import (
    Appointment,
    CareSession,
    Case,
    CaseAssignment,
    CaseClosure,
    CaseNote,
    Message,
    OptOut,
    Patient,
    Reading,
    Reply,
    Staff,
)

MOST = 200
"""Texts and replies each; older ones stand on the patient's page."""
RowT = TypeVar("RowT", CaseNote, CaseAssignment, CaseClosure)


@dataclass(frozen=True)
class Thread:
    """One case with what surrounds it. Lists are oldest first."""

    case: Case
    patient: Patient | None
    session: CareSession | None
    holder: tuple[CaseAssignment, Staff] | None
    closure: CaseClosure | None
    messages: Sequence[Message]
    replies: Sequence[Reply]
    readings: dict[UUID, Reading]
    notes: Sequence[CaseNote]
    assignments: Sequence[CaseAssignment]
    closures: Sequence[CaseClosure]
    names: dict[UUID, str]
    """Of the clinic's staff."""
    appointment: Appointment | None
    opt_out: OptOut | None
    consent: str | None


def read_thread(db: Session, case: Case, *, now: datetime) -> Thread:
    """What is known around this case; of a person without a record, what came from that number."""
    case_ids = _cases_of_same_person(db, case)
    replies = _replies(db, case, case_ids)
    patient = people.get_patient(db, case.clinic_id, case.patient_id) if case.patient_id else None
    closures = _rows_of(db, CaseClosure, case_ids)
    assignments = _rows_of(db, CaseAssignment, case_ids)
    staff = {one.id: one for one in db.exec(select(Staff).where(Staff.clinic_id == case.clinic_id))}
    held = next((a for a in reversed(assignments) if a.case_id == case.id and a.released_at is None), None)
    return Thread(
        case=case,
        patient=patient,
        session=db.get(CareSession, case.session_id) if case.session_id else None,
        holder=(held, staff[held.staff_id]) if held else None,
        closure=next((closure for closure in closures if closure.case_id == case.id), None),
        messages=_messages(db, patient),
        replies=replies,
        readings=newest_readings(db, [reply.id for reply in replies]),
        notes=_rows_of(db, CaseNote, case_ids),
        assignments=assignments,
        closures=closures,
        names={one.id: one.name for one in staff.values()},
        appointment=_appointment(db, patient, now),
        opt_out=people.open_opt_out(db, case.clinic_id, _phone(case, patient) or ""),
        consent=people.consent_status(db, patient.id) if patient else None,
    )


def _phone(case: Case, patient: Patient | None) -> str | None:
    return patient.phone if patient else case.sender


def _cases_of_same_person(db: Session, case: Case) -> Sequence[UUID]:
    same = (
        col(Case.patient_id) == case.patient_id
        if case.patient_id
        else col(Case.patient_id).is_(None) & (col(Case.sender) == case.sender)
    )
    return db.exec(select(Case.id).where(Case.clinic_id == case.clinic_id, same)).all()


def _replies(db: Session, case: Case, case_ids: Sequence[UUID]) -> Sequence[Reply]:
    of_person = col(Reply.case_id).in_(case_ids)
    if case.patient_id:
        of_person = or_(of_person, col(Reply.patient_id) == case.patient_id)
    query = (
        select(Reply)
        .where(Reply.clinic_id == case.clinic_id, of_person)
        .order_by(col(Reply.received_at).desc())
        .limit(MOST)
    )
    return db.exec(query).all()[::-1]


def _messages(db: Session, patient: Patient | None) -> Sequence[Message]:
    if patient is None:
        return []
    query = (
        select(Message)
        .where(
            Message.clinic_id == patient.clinic_id,
            Message.patient_id == patient.id,
            Message.purpose != "page",
        )
        .order_by(col(Message.due_at).desc())
        .limit(MOST)
    )
    return db.exec(query).all()[::-1]


def _rows_of(db: Session, table: type[RowT], case_ids: Sequence[UUID]) -> Sequence[RowT]:
    return db.exec(select(table).where(col(table.case_id).in_(case_ids)).order_by(col(table.at))).all()


def _appointment(db: Session, patient: Patient | None, now: datetime) -> Appointment | None:
    return next_appointment(db, patient.id, after=now) if patient else None
