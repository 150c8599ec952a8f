"""A patient's automatic texts pause: what falls into the pause is dropped, and nothing bursts when they go on."""

from datetime import datetime
from uuid import UUID

from followup.flow.transaction import transaction
from followup.store import audit, messages, pauses, people
from followup.store.database import Database, Session
from followup.store.tables import Patient, Pause


class NoSuchPatient(LookupError):
    """There is no patient with this id in this clinic."""


def pause_texts(
    *,
    database: Database,
    clinic_id: UUID,
    patient_id: UUID,
    staff_id: UUID,
    why: str,
    until_at: datetime | None,
    now: datetime,
) -> None:
    """From now on, until then or until somebody resumes them. While a pause holds another changes nothing.

    Raises NoSuchPatient.
    """
    with transaction(database) as db:
        patient = _patient(db, clinic_id, patient_id)
        if pauses.open_pause(db, patient.id, now=now) is not None:
            return
        pause = Pause(
            clinic_id=clinic_id, patient_id=patient.id, by_staff_id=staff_id, at=now, until_at=until_at, why=why
        )
        db.add(pause)
        db.flush()
        _record(db, pause, staff_id, "texts.paused", now)


def resume_texts(*, database: Database, clinic_id: UUID, patient_id: UUID, staff_id: UUID, now: datetime) -> None:
    """What comes from now on leaves again; what was due meanwhile does not. Again changes nothing.

    Raises NoSuchPatient.
    """
    with transaction(database) as db:
        patient = _patient(db, clinic_id, patient_id)
        pause = pauses.open_pause(db, patient.id, now=now)
        if pause is None:
            return
        _drop_what_fell_into_it(db, patient.id, now=now)
        pause.ended_at, pause.ended_by_id = now, staff_id
        db.add(pause)
        _record(db, pause, staff_id, "texts.resumed", now)


def _drop_what_fell_into_it(db: Session, patient_id: UUID, *, now: datetime) -> None:
    """The sender may not have looked at it yet: it has waited for something else besides."""
    fell = [message for message in messages.planned_of_patient(db, patient_id) if message.due_at <= now]
    messages.end_planned(db, fell, "cancelled", "fell into a pause", now=now)


def _patient(db: Session, clinic_id: UUID, patient_id: UUID) -> Patient:
    patient = people.find_by_id(db, clinic_id, patient_id)
    if patient is None:
        raise NoSuchPatient(patient_id)
    return patient


def _record(db: Session, pause: Pause, staff_id: UUID, action: str, now: datetime) -> None:
    audit.record(
        db,
        clinic_id=pause.clinic_id,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"patient:{pause.patient_id}",
        now=now,
    )
