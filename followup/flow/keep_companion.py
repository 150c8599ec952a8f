"""Who drives the patient home and stays the night, as record systems tell it."""

from datetime import datetime

from followup.ehr import native
from followup.flow.keep_patient import last_told, note_told
from followup.rules.phone import read_phone
from followup.store import companions
from followup.store.database import Session
from followup.store.tables import Companion, Patient

FIELD = "companion"
NO_NUMBER = "/data/companion/phone: texts cannot reach it"
PATIENTS_OWN = "/data/companion/phone: it is the patient's own; no companion is texted there"


def keep_companion(db: Session, patient: Patient, facts: native.Facts, *, told_at: datetime) -> tuple[bool, list[str]]:
    """Whether it changed who may be texted, and what was not usable. Absent changes nothing, null clears.

    The newest word counts; their consent is asked for by name and never follows from the patient's.
    """
    if FIELD not in facts.model_fields_set:
        return False, []
    before = last_told(patient, FIELD)
    if before is not None and told_at < before:
        return False, []
    note_told(patient, [FIELD], told_at)
    db.add(patient)
    known = companions.known_companion(db, patient.id)
    could_text = _can_be_texted(known)
    given = facts.companion
    if given is None:
        if known is not None:
            known.removed_at, known.has_agreed, known.told_at = told_at, False, told_at
            db.add(known)
        return could_text, []
    companion = known or Companion(clinic_id=patient.clinic_id, patient_id=patient.id, told_at=told_at)
    warnings = _keep(companion, given, patient)
    companion.told_at, companion.removed_at = told_at, None
    db.add(companion)
    db.flush()
    return could_text != _can_be_texted(companion), warnings


def _keep(companion: Companion, given: native.Companion, patient: Patient) -> list[str]:
    if "name" in given.model_fields_set:
        companion.name = given.name
    if "consent" in given.model_fields_set:
        companion.has_agreed = bool(given.consent)
    if "phone" not in given.model_fields_set:
        return []
    number = read_phone(given.phone) if given.phone and len(given.phone) <= 100 else None
    is_own = number is not None and number == patient.phone
    if number != companion.phone and "consent" not in given.model_fields_set:
        companion.has_agreed = False  # Whoever has another number has not been asked.
    companion.phone = None if is_own else number
    if given.phone and number is None:
        return [NO_NUMBER]
    return [PATIENTS_OWN] if is_own else []


def _can_be_texted(companion: Companion | None) -> bool:
    return companion is not None and companion.has_agreed and companion.phone is not None
