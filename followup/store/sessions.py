"""Treatment sessions, appointments and plans."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.store.tables import Appointment, CareSession, Plan, ScheduleVersion


def find_session(db: Session, clinic_id: UUID, record_id: str) -> CareSession | None:
    """By the record system's own id."""
    query = select(CareSession).where(CareSession.clinic_id == clinic_id, CareSession.record_id == record_id)
    return db.exec(query).one_or_none()


def latest_session(db: Session, patient_id: UUID) -> CareSession | None:
    """The one that ended last and was not cancelled."""
    query = (
        select(CareSession)
        .where(
            CareSession.patient_id == patient_id,
            col(CareSession.ended_at).is_not(None),
            col(CareSession.cancelled_at).is_(None),
        )
        .order_by(col(CareSession.ended_at).desc())
        .limit(1)
    )
    return db.exec(query).first()


def find_appointment(db: Session, clinic_id: UUID, record_id: str) -> Appointment | None:
    query = select(Appointment).where(Appointment.clinic_id == clinic_id, Appointment.record_id == record_id)
    return db.exec(query).one_or_none()


def next_appointment(db: Session, patient_id: UUID, *, after: datetime) -> Appointment | None:
    """The next one that is booked."""
    query = (
        select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            col(Appointment.cancelled_at).is_(None),
            col(Appointment.starts_at) > after,
        )
        .order_by(col(Appointment.starts_at))
        .limit(1)
    )
    return db.exec(query).first()


def appointments_ahead(db: Session, patient_id: UUID, *, now: datetime) -> Sequence[Appointment]:
    """All that are booked and still to come."""
    query = select(Appointment).where(
        Appointment.patient_id == patient_id, col(Appointment.cancelled_at).is_(None), col(Appointment.starts_at) > now
    )
    return db.exec(query.order_by(col(Appointment.id))).all()


def find_plan(db: Session, session_id: UUID) -> Plan | None:
    return db.exec(select(Plan).where(Plan.session_id == session_id)).one_or_none()


def find_preparation(db: Session, appointment_id: UUID) -> Plan | None:
    """The plan that prepares for this appointment alone."""
    return db.exec(select(Plan).where(Plan.appointment_id == appointment_id)).one_or_none()


def open_plans(db: Session, patient_id: UUID) -> Sequence[Plan]:
    return db.exec(select(Plan).where(Plan.patient_id == patient_id, col(Plan.closed_at).is_(None))).all()


def sessions_before(db: Session, patient_id: UUID, ended_at: datetime) -> int:
    """How many sessions of this patient are known that ended earlier and stand."""
    query = (
        select(func.count())
        .select_from(CareSession)
        .where(
            CareSession.patient_id == patient_id,
            col(CareSession.ended_at) < ended_at,
            col(CareSession.cancelled_at).is_(None),
        )
    )
    return db.exec(query).one()


def keep_schedule_version(db: Session, *, version: str, name: str, source_text: str, now: datetime) -> None:
    """So that what was planned from it reads the same after the file has changed. Again changes nothing."""
    if db.get(ScheduleVersion, version) is None:
        dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
        row = ScheduleVersion(version=version, name=name, source_text=source_text, first_used_at=now)
        db.execute(dialect.insert(ScheduleVersion).values(row.model_dump()).on_conflict_do_nothing())


def get_schedule_version(db: Session, version: str) -> ScheduleVersion:
    return db.exec(select(ScheduleVersion).where(ScheduleVersion.version == version)).one()


def get_session(db: Session, session_id: UUID) -> CareSession:
    return db.exec(select(CareSession).where(CareSession.id == session_id)).one()


def get_appointment(db: Session, appointment_id: UUID) -> Appointment:
    return db.exec(select(Appointment).where(Appointment.id == appointment_id)).one()
