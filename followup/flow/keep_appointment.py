"""What a record system says of a patient's next appointment: booked, moved, or none any more."""

from datetime import datetime
from uuid import UUID

from followup.ehr import native
from followup.flow.keep_patient import last_told, note_told
from followup.store import sessions
from followup.store.database import Session
from followup.store.tables import Appointment, Patient

FIELD = "next_appointment"


def keep_next_appointment(
    db: Session, patient: Patient, facts: native.Facts, *, told_at: datetime, now: datetime
) -> set[UUID]:
    """Which appointments it changed. Absent changes nothing, null clears; the newest word counts, and a tie clears.

    Whose the appointment is was looked at before.
    """
    if FIELD not in facts.model_fields_set:
        return set()
    if facts.next_appointment is None:
        return _clear(db, patient, told_at=told_at, now=now)
    return _book(db, patient, facts.next_appointment, told_at=told_at, now=now)


def keep_appointment(
    db: Session, patient: Patient, given: native.Appointment, *, told_at: datetime, now: datetime
) -> set[UUID]:
    """It is booked, or moved. Which appointments it changed; the newest word counts."""
    return _book(db, patient, given, told_at=told_at, now=now)


def cancel_appointment(
    db: Session, patient: Patient, given: native.Appointment, *, told_at: datetime, now: datetime
) -> set[UUID]:
    """It is booked no more. Which appointments it changed; a tie cancels.

    One that nobody knows is remembered, so that an older word that comes late does not book it.
    """
    known = sessions.find_appointment(db, patient.clinic_id, given.id)
    if known is not None and told_at < known.told_at:
        return set()
    was_booked = known is not None and known.cancelled_at is None
    appointment = known or _new(patient, given, told_at=told_at, now=now)
    appointment.told_at, appointment.cancelled_at = told_at, appointment.cancelled_at or now
    db.add(appointment)
    db.flush()
    return {appointment.id} if was_booked else set()


def _new(patient: Patient, given: native.Appointment, *, told_at: datetime, now: datetime) -> Appointment:
    return Appointment(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        record_id=given.id,
        starts_at=given.starts_at or told_at,
        told_at=told_at,
        created_at=now,
    )


def _clear(db: Session, patient: Patient, *, told_at: datetime, now: datetime) -> set[UUID]:
    """Remembered, so that an older word that comes late does not book one."""
    cleared_at = last_told(patient, FIELD)
    if cleared_at is None or cleared_at < told_at:
        note_told(patient, [FIELD], told_at)
        db.add(patient)
    gone = [each for each in sessions.appointments_ahead(db, patient.id, now=now) if each.told_at <= told_at]
    for appointment in gone:
        appointment.cancelled_at, appointment.told_at = now, told_at
        db.add(appointment)
    db.flush()
    return {appointment.id for appointment in gone}


def _book(db: Session, patient: Patient, given: native.Appointment, *, told_at: datetime, now: datetime) -> set[UUID]:
    cleared_at = last_told(patient, FIELD)
    known = sessions.find_appointment(db, patient.clinic_id, given.id)
    if given.starts_at is None or (cleared_at is not None and told_at <= cleared_at):
        return set()
    if known is not None and (told_at < known.told_at or (told_at == known.told_at and known.cancelled_at)):
        return set()
    is_as_before = known is not None and known.cancelled_at is None and known.starts_at == given.starts_at
    appointment = known or _new(patient, given, told_at=told_at, now=now)
    appointment.starts_at, appointment.told_at, appointment.cancelled_at = given.starts_at, told_at, None
    db.add(appointment)
    db.flush()
    return set() if is_as_before else {appointment.id}
