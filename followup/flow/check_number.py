"""A number that cannot be texted is a case, once; a number that changed takes unsent texts along, and a STOP."""

from dataclasses import dataclass
from datetime import datetime

from followup.flow.heed_stop import SOMEBODY_ELSES
from followup.rules.phone import why_unfit
from followup.store import cases, messages, people
from followup.store.database import Session
from followup.store.tables import Patient


@dataclass(frozen=True)
class Number:
    """A patient's number as the record system tells it."""

    phone: str | None
    given: str | None
    why_unfit: str | None
    fault: str | None
    """What was known against it, by us or by the carrier."""

    @classmethod
    def of(cls, patient: Patient) -> "Number":
        given = patient.phone_as_given
        return cls(patient.phone, given, why_unfit(given, patient.phone_type), patient.phone_fault)

    @property
    def is_about(self) -> tuple[str | None, str | None]:
        """The same for the same number with the same fault, however it is written."""
        return self.phone or self.given, self.why_unfit


def check_number(db: Session, patient: Patient, before: Number, *, now: datetime) -> None:
    """Let a change take effect. The same number again changes nothing."""
    number = Number.of(patient)
    if number.is_about == before.is_about:
        return
    if number.phone != before.phone:
        patient.phone_verified_at, patient.phone_fault = None, None
        _take_along(db, patient, before, now=now)
    patient.phone_fault = number.why_unfit or (patient.phone_fault if before.why_unfit is None else None)
    db.add(patient)
    db.flush()
    if number.why_unfit:
        _tell_staff(db, patient, number.why_unfit, now=now)


def _take_along(db: Session, patient: Patient, before: Number, *, now: datetime) -> None:
    """A STOP is the patient's word and holds for the new number; what was wrong with the old number is not.

    Texts that have not left take the number of the moment in which they leave.
    """
    if patient.phone is None:
        return
    stop = people.newest_stop(db, patient.id)
    if stop is not None:
        people.opt_out(db, patient.clinic_id, patient.phone, reply_id=stop.reply_id, now=now)
    for why in (SOMEBODY_ELSES, f"the number cannot be texted: {before.fault}"):
        messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, why, now=now), now=now)


def _tell_staff(db: Session, patient: Patient, why: str, *, now: datetime) -> None:
    if patient.deceased_at:
        return
    messages.planned_of_patient(db, patient.id)  # Locked before the case, as everywhere: else two could wait for ever.
    cases.open_or_join_case(
        db,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        sender=None,
        session_id=None,
        level="concern",
        reason=f"The number on record cannot be texted: {why}",
        now=now,
    )
