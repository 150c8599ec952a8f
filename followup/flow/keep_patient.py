"""Who a patient is, as record systems tell it: late, repeated, and each event only a part."""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.ehr import native
from followup.flow.check_number import Number, check_number
from followup.flow.redate_plan import redate_patient
from followup.rules.phone import read_phone
from followup.store import people
from followup.store.database import Session
from followup.store.tables import Patient

FIELDS = ("given_name", "family_name", "phone", "phone_type", "language", "time_zone", "state", "birth_date")
LONGEST_PHONE = 100
"""Characters. More than that is no number; its beginning is kept, to show what came."""


def keep_patient(
    db: Session, clinic_id: UUID, given: native.Patient, *, told_at: datetime, now: datetime
) -> tuple[Patient, list[str]]:
    """The patient with what was so at `told_at`, and what was not usable: absent changes nothing, null clears.

    Each field is as it was told for the latest time: what comes late fills in what nobody told, and changes no more.
    Where their zone or state is another now, what has not left follows.
    """
    known = people.find_patient(db, clinic_id, given.id)
    patient = known or Patient(clinic_id=clinic_id, record_id=given.id, created_at=now, changed_at=now)
    news = [name for name in FIELDS if name in given.model_fields_set and _is_news(patient, name, told_at)]
    warnings: list[str] = []
    before, clock_before = Number.of(patient), (patient.zone, patient.state)
    for name in news:
        if name == "phone":
            _keep_phone(patient, given.phone)
        elif name == "time_zone":
            patient.zone = given.time_zone if given.time_zone and is_zone(given.time_zone) else None
            if given.time_zone and patient.zone is None:
                warnings.append("/data/patient/time_zone: no such zone; the clinic's is used")
        elif name == "state":
            patient.state = given.state.upper() if given.state else None
        else:
            setattr(patient, name, getattr(given, name))
    if news:
        note_told(patient, news, told_at)
        patient.changed_at = now
    db.add(patient)
    db.flush()
    check_number(db, patient, before, now=now)
    if known is not None and clock_before != (patient.zone, patient.state):
        redate_patient(db, patient, now=now)
    if "phone" in news and patient.phone and patient.phone_fault:
        warnings.append(f"/data/patient/phone: texts cannot reach it: {patient.phone_fault}")
    return patient, warnings


def _keep_phone(patient: Patient, given: str | None) -> None:
    patient.phone_as_given = given[:LONGEST_PHONE] if given else given
    patient.phone = read_phone(given) if given and len(given) <= LONGEST_PHONE else None


def is_zone(name: str) -> bool:
    """Whether it is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


# When it was so ------------------------------------------------------------------------------------------


def last_told(patient: Patient, name: str) -> datetime | None:
    """The time for which this was told; None: nobody did."""
    told = patient.told.get(name)
    return datetime.fromisoformat(told) if told else None


def note_told(patient: Patient, names: Iterable[str], told_at: datetime) -> None:
    patient.told = patient.told | dict.fromkeys(names, told_at.astimezone(UTC).isoformat())


def _is_news(patient: Patient, name: str, told_at: datetime) -> bool:
    told = last_told(patient, name)
    return told is None or told <= told_at
