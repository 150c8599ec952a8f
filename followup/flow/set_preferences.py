"""How a patient wants to be texted: at which hour, and whether without names."""

from datetime import datetime, time
from uuid import UUID

from followup.flow.pause_texts import NoSuchPatient
from followup.flow.redate_plan import redate_patient
from followup.flow.transaction import transaction
from followup.rules.quiet_hours import PROMPTS
from followup.store import audit, people
from followup.store.database import Database


class HourNotAllowed(ValueError):
    """Questions leave between 09:00 and 18:00. Choose an hour between them."""


def set_preferences(
    *,
    database: Database,
    clinic_id: UUID,
    patient_id: UUID,
    staff_id: UUID,
    own_hour: time | None,
    is_discreet: bool,
    now: datetime,
) -> None:
    """What has not left follows. Again changes nothing. Raises HourNotAllowed, NoSuchPatient."""
    if own_hour is not None and not PROMPTS.holds(own_hour):
        raise HourNotAllowed
    with transaction(database) as db:
        patient = people.find_by_id(db, clinic_id, patient_id)
        if patient is None:
            raise NoSuchPatient(patient_id)
        hour = f"{own_hour:%H:%M}" if own_hour else None
        if (patient.own_hour_local, patient.is_discreet) == (hour, is_discreet):
            return
        patient.own_hour_local, patient.is_discreet = hour, is_discreet
        db.add(patient)
        db.flush()
        redate_patient(db, patient, now=now)
        audit.record(
            db,
            clinic_id=clinic_id,
            actor=f"staff:{staff_id}",
            action="preferences.set",
            subject=f"patient:{patient_id}",
            now=now,
            own_hour=hour,
            is_discreet=is_discreet,
        )
