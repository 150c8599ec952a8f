"""Schedules in a clinic: what is stopped, how far a change reaches, how much is planned."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.store.tables import (
    CareSession,
    GoLive,
    Message,
    Patient,
    Plan,
    RollOut,
    ScheduleStop,
    ScheduleVersion,
)


class NoSuchSchedule(LookupError):
    """This clinic has no schedule of this name, or no such version of it."""


# Stopped -------------------------------------------------------------------------------------------------


def stopped_schedule(db: Session, clinic_id: UUID, schedule: str) -> ScheduleStop | None:
    """The stop that holds; None: its texts leave."""
    return next(iter(open_stops(db, clinic_id, schedule)), None)


def open_stops(db: Session, clinic_id: UUID, schedule: str | None = None) -> Sequence[ScheduleStop]:
    """Those that hold, of one schedule or of all, oldest first."""
    query = select(ScheduleStop).where(ScheduleStop.clinic_id == clinic_id, col(ScheduleStop.lifted_at).is_(None))
    if schedule is not None:
        query = query.where(ScheduleStop.schedule == schedule)
    return db.exec(query.order_by(col(ScheduleStop.at), col(ScheduleStop.id))).all()


def schedule_of_plan(db: Session, plan_id: UUID) -> str:
    """Its name."""
    query = (
        select(ScheduleVersion.name)
        .join(Plan, col(Plan.schedule_version) == col(ScheduleVersion.version))
        .where(Plan.id == plan_id)
    )
    return db.exec(query).one()


# How far a change reaches --------------------------------------------------------------------------------


def go_lives(db: Session, clinic_id: UUID) -> Sequence[GoLive]:
    """Newest first."""
    return db.exec(select(GoLive).where(GoLive.clinic_id == clinic_id).order_by(col(GoLive.at).desc())).all()


def roll_outs(db: Session, clinic_id: UUID, schedule: str) -> Sequence[RollOut]:
    """Of every version that was ever staged, newest first."""
    query = select(RollOut).where(RollOut.clinic_id == clinic_id, RollOut.schedule == schedule)
    return db.exec(query.order_by(col(RollOut.started_at).desc(), col(RollOut.id).desc())).all()


def start_roll_out(db: Session, *, clinic_id: UUID, schedule: str, version: str, now: datetime) -> RollOut:
    """The row of this version, locked; made at its first use. Two sessions at once count one after the other."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    row = RollOut(clinic_id=clinic_id, schedule=schedule, schedule_version=version, started_at=now, changed_at=now)
    db.execute(dialect.insert(RollOut).values(row.model_dump()).on_conflict_do_nothing())
    return lock_roll_out(db, clinic_id, schedule, version)


def lock_roll_out(db: Session, clinic_id: UUID, schedule: str, version: str) -> RollOut:
    """As it is now: nobody else changes it until this transaction ends. Raises NoSuchSchedule."""
    query = select(RollOut).where(
        RollOut.clinic_id == clinic_id, RollOut.schedule == schedule, RollOut.schedule_version == version
    )
    row = db.exec(query.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NoSuchSchedule(schedule)
    return row


def patients_on(db: Session, clinic_id: UUID, version: str) -> int:
    """How many patients of this clinic ever had a plan of that version."""
    query = select(func.count(func.distinct(Plan.patient_id))).where(
        Plan.clinic_id == clinic_id, Plan.schedule_version == version
    )
    return db.exec(query).one()


def is_on(db: Session, patient_id: UUID, version: str) -> bool:
    """Whether this patient ever had a plan of that version."""
    query = select(Plan.id).where(Plan.patient_id == patient_id, Plan.schedule_version == version)
    return db.exec(query.limit(1)).first() is not None


def find_version(db: Session, version: str) -> ScheduleVersion | None:
    return db.get(ScheduleVersion, version)


def unplanned_sessions(
    db: Session, clinic_id: UUID, *, kinds: Iterable[str | None], since: datetime
) -> Sequence[tuple[CareSession, Patient]]:
    """Sessions of these kinds (None: of no kind) that ended since then, stand, and have no plan; by patient.

    Their patients can be texted.
    """
    named = [kind for kind in kinds if kind is not None]
    of_kind = col(CareSession.kind).in_(named)
    if None in kinds:
        of_kind |= col(CareSession.kind).is_(None)
    query = (
        select(CareSession, Patient)
        .join(Patient, col(Patient.id) == col(CareSession.patient_id))
        .outerjoin(Plan, col(Plan.session_id) == col(CareSession.id))
        .where(
            CareSession.clinic_id == clinic_id,
            of_kind,
            col(CareSession.ended_at) >= since,
            col(CareSession.cancelled_at).is_(None),
            col(Patient.deceased_at).is_(None),
            col(Patient.phone).is_not(None),
            col(Plan.id).is_(None),
        )
        .order_by(col(Patient.id), col(CareSession.ended_at))
    )
    return db.exec(query).all()


# How much is planned -------------------------------------------------------------------------------------


def planned_texts(db: Session, clinic_id: UUID) -> dict[str, int]:
    """How many texts of each schedule are planned, whatever its version."""
    query = (
        select(ScheduleVersion.name, func.count())
        .join(Plan, col(Plan.schedule_version) == col(ScheduleVersion.version))
        .join(Message, col(Message.plan_id) == col(Plan.id))
        .where(Message.clinic_id == clinic_id, Message.status == "planned")
        .group_by(col(ScheduleVersion.name))
    )
    return dict(db.exec(query).all())
