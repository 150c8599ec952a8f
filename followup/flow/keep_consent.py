"""What patients agreed to, as record systems tell it."""

from datetime import datetime
from uuid import UUID

from followup.ehr import native
from followup.rules.consent import WITHDREW
from followup.store import messages, people
from followup.store.database import Session
from followup.store.tables import Consent, Event, Patient


def keep_consent(db: Session, row: Event, event: native.Event, patient: Patient, status: str, *, now: datetime) -> None:
    """Write down what the patient agreed to; a withdrawal stops what is planned, a grant frees what it stopped."""
    given = event.data.sms_consent
    recorded_at = given.recorded_at if given and given.recorded_at else event.occurred_at
    db.add(
        Consent(
            clinic_id=row.clinic_id,
            patient_id=patient.id,
            status=status,
            recorded_at=min(recorded_at, row.received_at),  # A grant from the future would outlast a withdrawal.
            received_at=now,
            phone=patient.phone,
            actor=f"source:{row.source_id}",
            how=event.type,
            event_id=row.id,
        )
    )
    db.flush()
    if not stop_if_withdrawn(db, patient.id, now=now):
        messages.wake(db, messages.planned_of_patient(db, patient.id), now=now)
        messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, WITHDREW, now=now), now=now)


def stop_if_withdrawn(db: Session, patient_id: UUID, *, now: datetime) -> bool:
    """Whether consent is withdrawn; then nothing planned is left."""
    if people.consent_status(db, patient_id) != "revoked":
        return False
    messages.end_planned(db, messages.planned_of_patient(db, patient_id), "suppressed", WITHDREW, now=now)
    return True
