"""Somebody stops the texts of a schedule in one clinic, or lets them go on. It acts on the next claim."""

from datetime import datetime
from uuid import UUID

from followup.flow.transaction import transaction
from followup.store import audit, cases, messages, schedules
from followup.store.database import Database, Session
from followup.store.tables import ScheduleStop


def stop_schedule(*, database: Database, clinic_id: UUID, schedule: str, staff_id: UUID, now: datetime) -> None:
    """None of its texts leaves until somebody lets them go on. Again changes nothing."""
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        if schedules.stopped_schedule(db, clinic_id, schedule):
            return
        stop = ScheduleStop(clinic_id=clinic_id, schedule=schedule, by_staff_id=staff_id, at=now)
        db.add(stop)
        db.flush()
        _record(db, stop, staff_id, "schedule.stopped", now)


def lift_stop(*, database: Database, clinic_id: UUID, schedule: str, staff_id: UUID, now: datetime) -> None:
    """Its texts go on, those that are due at once. Again changes nothing."""
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        held = schedules.open_stops(db, clinic_id, schedule)
        for stop in held:
            stop.lifted_at, stop.lifted_by_id = now, staff_id
            db.add(stop)
            _record(db, stop, staff_id, "schedule.let_go_on", now)
        if held:
            messages.wake_all(db, clinic_id=clinic_id, now=now)


def _record(db: Session, stop: ScheduleStop, staff_id: UUID, action: str, now: datetime) -> None:
    audit.record(
        db,
        clinic_id=stop.clinic_id,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"schedule_stop:{stop.id}",
        now=now,
        schedule=stop.schedule,
    )
