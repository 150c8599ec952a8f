"""What planning needs to know of a session, an appointment, and whose they are."""

from datetime import time
from zoneinfo import ZoneInfo

from followup.rules.planning import SessionFacts
from followup.store import companions, opening_hours, people, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, CareSession, Patient, Plan


def facts_of_plan(db: Session, plan: Plan, appointment: Appointment | None) -> SessionFacts:
    """As they are now, on the wall clock that the plan was made on."""
    session = sessions.get_session(db, plan.session_id) if plan.session_id else None
    patient = people.get_patient(db, plan.clinic_id, plan.patient_id)
    return facts_of(db, patient, session, appointment, zone=ZoneInfo(plan.zone))


def facts_of(
    db: Session, patient: Patient, session: CareSession | None, appointment: Appointment | None, *, zone: ZoneInfo
) -> SessionFacts:
    """`appointment` is the next one that is booked; without a session it is all there is."""
    hours = opening_hours.hours_of(db, people.clinic_of(db, patient.clinic_id), patient)
    return SessionFacts(
        kind=(session.kind if session else None) or "",
        ended_at=session.ended_at if session else None,
        zone=zone,
        number=_number_of(db, session),
        appointment_at=appointment.starts_at if appointment else None,
        phase=session.phase if session else None,
        series_length=session.series_length if session else None,
        state=hours.state,
        staffed=hours.staffed,
        zone_is_clinics=patient.zone is None,
        own_hour=time.fromisoformat(patient.own_hour_local) if patient.own_hour_local else None,
        has_companion=companions.companions_phone(db, patient) is not None,
    )


def _number_of(db: Session, session: CareSession | None) -> int | None:
    """As the record system counts, else as we do; the first that we know may be the first there was."""
    if session is None or session.ended_at is None:
        return None
    return session.number or 1 + sessions.sessions_before(db, session.patient_id, session.ended_at)
