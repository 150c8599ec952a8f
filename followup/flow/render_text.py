"""The words of a message: from the version of the schedule that its plan was made with."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from followup.rules import wording
from followup.rules.schedule import Schedule
from followup.schedule_files import read_schedule
from followup.store import messages, opening_hours, people, sessions
from followup.store.database import Session
from followup.store.tables import Clinic, Message, Patient, Plan


def render_message(db: Session, message: Message, clinic: Clinic, patient: Patient | None) -> tuple[str, str]:
    """(text, language used) of a step's message. Raises LookupError where the plan or its step is gone."""
    if message.plan_id is None or patient is None:
        raise LookupError("only a step of a plan is rendered")
    is_first = not messages.has_been_texted(db, patient.id, before=message)
    return _render(db, message, clinic, patient, is_first=is_first)


def possible_texts(db: Session, message: Message, clinic: Clinic, patient: Patient) -> set[str]:
    """In both ways in which it may have been rendered by somebody who knew what we do not: as a first text, or not."""
    return {_render(db, message, clinic, patient, is_first=is_first)[0] for is_first in (True, False)}


def _render(db: Session, message: Message, clinic: Clinic, patient: Patient, *, is_first: bool) -> tuple[str, str]:
    schedule, plan = schedule_of(db, message)
    return wording.render_step(
        schedule,
        schedule.get_step(message.step),
        wording=message.wording,
        language=patient.language or "en",
        tokens=_tokens(db, message, clinic, patient, plan, schedule),
        is_first=is_first,
    )


def schedule_of(db: Session, message: Message) -> tuple[Schedule, Plan]:
    """The version that the message's plan was made with, and the plan."""
    plan = db.get_one(Plan, message.plan_id)
    kept = sessions.get_schedule_version(db, plan.schedule_version)
    return _read_once(kept.source_text, f"{kept.name}.toml"), plan


@lru_cache(maxsize=64)
def _read_once(source_text: str, file: str) -> Schedule:
    """A version never changes, and reading it costs more than all the rest of a claim."""
    return read_schedule(source_text, file=file)


def preview_text(db: Session, message: Message) -> str | None:
    """The text as it left, or as it would leave now; None where it never had one."""
    if message.text is not None or message.purpose != "step" or message.status != "planned":
        return message.text
    clinic = people.clinic_of(db, message.clinic_id)
    assert message.patient_id is not None
    text, _ = render_message(db, message, clinic, people.get_patient(db, clinic.id, message.patient_id))
    return text


def _tokens(
    db: Session, message: Message, clinic: Clinic, patient: Patient, plan: Plan, schedule: Schedule
) -> wording.Tokens:
    zone = ZoneInfo(plan.zone)
    session = sessions.get_session(db, plan.session_id) if plan.session_id else None
    ended_at = session.ended_at if session else None
    appointment = sessions.get_appointment(db, message.appointment_id) if message.appointment_id else None
    return tokens_of(
        db,
        clinic,
        patient,
        session_day=_local(ended_at, zone),
        appointment_at=_local(appointment.starts_at if appointment else None, zone),
        usual_until=_local(ended_at + schedule.usual_for if ended_at else None, zone),
    )


def tokens_of(
    db: Session,
    clinic: Clinic,
    patient: Patient | None,
    *,
    session_day: datetime | None = None,
    appointment_at: datetime | None = None,
    usual_until: datetime | None = None,
) -> wording.Tokens:
    """What may be filled into a text to this patient. Times are on the patient's wall clock."""
    staffed = opening_hours.staffed_hours(db, clinic)
    return wording.Tokens(
        first_name=patient.given_name if patient else None,
        clinic=clinic.text_name or clinic.name,
        clinic_phone=clinic.phone,
        session_day=session_day,
        appointment_at=appointment_at,
        usual_until=usual_until,
        hours=(staffed.opens, staffed.closes),
        is_discreet=bool(patient and patient.is_discreet),
    )


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at else None
