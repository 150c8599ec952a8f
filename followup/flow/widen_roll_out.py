"""A person lets a changed schedule reach more patients."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from followup.flow.apply_event import PLAN_WINDOW
from followup.flow.choose_version import reach_of
from followup.flow.plan_session import plan_session
from followup.flow.transaction import transaction
from followup.flow.work_case import Refused
from followup.rules.roll_out import NotAllowed, widen
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store import audit, people, schedules, sessions, sign_ins
from followup.store.database import Database, Session
from followup.store.tables import CareSession, Patient


def widen_roll_out(
    *,
    database: Database,
    loaded: Schedules,
    clinic_id: UUID,
    schedule: str,
    version: str,
    to: int | None,
    staff_id: UUID,
    now: datetime,
) -> Refused | None:
    """From now on this version reaches so many patients (None: all), and sessions that waited for it are planned.

    Again changes nothing. Raises NoSuchSchedule.
    """
    with transaction(database) as db:
        row = schedules.lock_roll_out(db, clinic_id, schedule, version)
        before = reach_of(row)
        after = widen(before, to=to, by=staff_id, role=sign_ins.get_staff(db, clinic_id, staff_id).role)
        if isinstance(after, NotAllowed):
            return Refused(after.words)
        if after != before:
            row.most_patients, row.changed_at = after.most_patients, now
            row.approved_by_id, row.second_by_id = after.approved_by, after.second_by
            db.add(row)
            audit.record(
                db,
                clinic_id=clinic_id,
                actor=f"staff:{staff_id}",
                action="roll_out.widened",
                subject=f"roll_out:{row.id}",
                now=now,
                most_patients=after.most_patients,
            )
    _plan_what_waited(database, loaded, clinic_id=clinic_id, schedule=schedule, now=now)
    return None


def _plan_what_waited(database: Database, loaded: Schedules, *, clinic_id: UUID, schedule: str, now: datetime) -> None:
    """Patients are locked before anything of the roll-out is, as when an event comes in."""
    with transaction(database) as db:
        clinic = people.clinic_of(db, clinic_id)
        ours = loaded.of(clinic.slug)
        newest = ours.named(schedule)
        if newest is None:
            return
        waiting = waiting_sessions(db, newest, ours, clinic_id=clinic_id, now=now)
        for _, patient in waiting:
            people.lock_patient(db, clinic_id, patient.record_id)
        for session, patient in waiting:
            plan_session(db, newest, clinic=clinic, patient=patient, session=session, now=now)


def waiting_sessions(
    db: Session, newest: LoadedSchedule, loaded: Schedules, *, clinic_id: UUID, now: datetime
) -> list[tuple[CareSession, Patient]]:
    """Sessions for which this schedule is the one, and which it has not planned: each patient's latest."""
    kinds: Iterable[str | None] = [*newest.schedule.for_kinds, *([None] if loaded.fallback() == newest else [])]
    found = schedules.unplanned_sessions(db, clinic_id, kinds=kinds, since=now - PLAN_WINDOW)
    return [(session, patient) for session, patient in found if sessions.latest_session(db, patient.id) == session]
