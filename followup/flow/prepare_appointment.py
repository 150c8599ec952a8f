"""An appointment with no session before it brings its own texts: what to eat and drink, who drives, when to come."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.choose_version import choose_version
from followup.flow.facts_of import facts_of
from followup.flow.keep_consent import stop_if_withdrawn
from followup.flow.plan_session import ANOTHER_IS_NEXT, close_plan, keep_plan, make_message
from followup.flow.redate_plan import redate_preparation
from followup.rules.planning import make_plan
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store import messages, people, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, Patient, Plan


def prepare_appointment(db: Session, schedules: Schedules, patient_id: UUID, clinic_id: UUID, *, now: datetime) -> None:
    """The next appointment of a patient whom no session's plan reminds gets a plan of its own. Again changes nothing.

    Where a session's plan is open, that one reminds.
    """
    patient = people.get_patient(db, clinic_id, patient_id)
    plans = sessions.open_plans(db, patient.id)
    if patient.deceased_at or patient.phone is None or any(plan.session_id for plan in plans):
        return
    appointment = sessions.next_appointment(db, patient.id, after=now)
    if appointment is None or any(plan.appointment_id == appointment.id for plan in plans):
        return
    for plan in plans:
        close_plan(db, plan, ANOTHER_IS_NEXT, now=now)
    kept = sessions.find_preparation(db, appointment.id)
    if kept is not None:
        kept.closed_at = kept.closed_because = None
        db.add(kept)
        db.flush()
        redate_preparation(db, kept, now=now)
        return
    newest = _schedule_for(db, schedules, patient)
    loaded = newest and choose_version(db, newest, clinic_id=clinic_id, patient_id=patient.id, now=now)
    if loaded is not None:
        _prepare(db, loaded, patient, appointment, now=now)


def _schedule_for(db: Session, schedules: Schedules, patient: Patient) -> LoadedSchedule | None:
    """That of the patient's last session; before the first that of sessions without a kind."""
    ours = schedules.of(people.clinic_of(db, patient.clinic_id).slug)
    latest = sessions.latest_session(db, patient.id)
    return (ours.for_kind(latest.kind) if latest and latest.kind else None) or ours.fallback()


def _prepare(db: Session, loaded: LoadedSchedule, patient: Patient, appointment: Appointment, *, now: datetime) -> None:
    clinic = people.clinic_of(db, patient.clinic_id)
    zone = ZoneInfo(patient.zone or clinic.zone)
    facts = facts_of(db, patient, None, appointment, zone=zone)
    planned = make_plan(loaded.schedule, facts, now=now, over=messages.steps_said_of(db, appointment))
    if not planned.texts:
        return
    plan = Plan(
        clinic_id=clinic.id,
        patient_id=patient.id,
        appointment_id=appointment.id,
        schedule_version=loaded.schedule.version,
        zone=zone.key,
        made_at=now,
    )
    keep_plan(db, plan, loaded, zone, now=now)
    for text in planned.texts:
        db.add(make_message(plan, text, appointment, now=now))
    db.flush()
    stop_if_withdrawn(db, patient.id, now=now)
