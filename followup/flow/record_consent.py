"""A patient who opted out agreed again, and told a person so: who wrote it down, how it was said, to which words."""

from datetime import datetime
from uuid import UUID

from followup.flow.heed_stop import text_again
from followup.flow.transaction import transaction
from followup.flow.work_case import Refused
from followup.rules.consent import WITHDREW
from followup.store import audit, messages, people, sign_ins
from followup.store.database import Database, Session
from followup.store.tables import Consent, Patient

MOST_IN_HOW, MOST_IN_WORDING, MOST_IN_EVIDENCE = 200, 80, 4_000


def record_consent(
    *,
    database: Database,
    clinic_id: UUID,
    patient_id: UUID,
    staff_id: UUID,
    how: str,
    evidence: str | None = None,
    wording: str | None = None,
    now: datetime,
) -> Refused | None:
    """Append the consent and lift what held the patient's number in this clinic. Again changes nothing.

    `how`: in which way it was said (`by phone`); `evidence`: in which words; `wording`: which version of the clinic's
    consent text was read out.
    """
    how = how.strip()
    if not how:
        return Refused("Say how the patient agreed. Nothing was changed.")
    if len(how) > MOST_IN_HOW:
        return Refused(f"How the patient agreed is longer than {MOST_IN_HOW} characters.")
    with transaction(database) as db:
        staff = sign_ins.get_staff(db, clinic_id, staff_id)
        patient = people.get_patient(db, clinic_id, patient_id)
        refused = _why_not(patient)
        if refused or not _is_needed(db, patient):
            return refused
        consent = Consent(
            clinic_id=clinic_id,
            patient_id=patient.id,
            status="granted",
            recorded_at=now,
            received_at=now,
            phone=patient.phone,
            actor=f"staff:{staff.id}",
            how=how,
            wording=(wording or "").strip()[:MOST_IN_WORDING] or None,
            evidence=(evidence or "").strip()[:MOST_IN_EVIDENCE] or None,
        )
        db.add(consent)
        db.flush()
        _take_effect(db, patient, consent, now=now)
    return None


def _why_not(patient: Patient) -> Refused | None:
    if patient.deceased_at:
        return Refused("The patient has died. Nothing was changed.")
    if patient.phone is None:
        return Refused("There is no number that can be texted. Nothing was changed.")
    return None


def _is_needed(db: Session, patient: Patient) -> bool:
    """Whether something keeps texts from the patient that their word can lift."""
    assert patient.phone is not None
    opted_out = people.open_opt_out(db, patient.clinic_id, patient.phone)
    return opted_out is not None or people.consent_status(db, patient.id) != "granted"


def _take_effect(db: Session, patient: Patient, consent: Consent, *, now: datetime) -> None:
    assert patient.phone is not None
    lifted = people.lift_by_consent(db, patient.clinic_id, patient.phone, consent_id=consent.id, now=now)
    for each in people.patients_with_phone(db, patient.phone) if lifted else [patient]:
        if each.clinic_id == patient.clinic_id:
            text_again(db, each, now=now)
    messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, WITHDREW, now=now), now=now)
    messages.wake(db, messages.planned_of_patient(db, patient.id), now=now)
    audit.record(
        db,
        clinic_id=patient.clinic_id,
        actor=consent.actor,
        action="consent.recorded",
        subject=f"patient:{patient.id}",
        now=now,
        consent=str(consent.id),
        lifted_opt_out=lifted,
    )
