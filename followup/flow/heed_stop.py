"""STOP, START and *wrong number*: what they change at once, in every clinic that texts from the number they came to."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from followup.rules.consent import COMPANION_SENT_STOP
from followup.store import companions, messages, people
from followup.store.database import Session
from followup.store.tables import Clinic, Consent, Patient, Reply

SENT_STOP = "the patient sent STOP"
SOMEBODY_ELSES = "whoever has the number says that it is not the patient's"
HELD_BY_NUMBER = (SENT_STOP, SOMEBODY_ELSES)
"""Why a text was suppressed that may leave again once the number may be texted again."""

HOW = {"stop": "texted STOP", "start": "texted START", "wrong_person": "texted that the number is not the patient's"}
STATUS = {"stop": "stopped", "start": "restarted", "wrong_person": "wrong_person"}


def heed_stop(db: Session, reply: Reply, clinic: Clinic, kind: str, *, now: datetime) -> None:
    """Nothing, unless the kind is `stop`, `start` or `wrong_person`. START does not undo a *wrong number*: staff do.

    Before a case is opened, so that messages are always locked before cases.
    """
    if kind not in STATUS:
        return
    db.add(reply)
    db.flush()
    for each, theirs in _concerned(db, reply, clinic):
        if kind == "start":
            _lift(db, reply, each, theirs, now=now)
        elif each.id == clinic.id or theirs:
            _stop(db, reply, each, theirs, kind, now=now)
        for patient in theirs:
            db.add(_row(reply, patient, kind, now=now))
    db.flush()


def _concerned(db: Session, reply: Reply, clinic: Clinic) -> Iterator[tuple[Clinic, list[Patient]]]:
    """Clinics with their patients of that number; and whose reply it is, if they had the number once."""
    everybody = list(people.patients_with_phone(db, reply.sender))
    if reply.patient_id and not reply.is_companions and reply.patient_id not in {patient.id for patient in everybody}:
        everybody.append(people.get_patient(db, clinic.id, reply.patient_id))
    for each in people.clinics_sharing_sender(db, clinic):
        yield each, [patient for patient in everybody if patient.clinic_id == each.id]


def _stop(db: Session, reply: Reply, clinic: Clinic, theirs: Sequence[Patient], kind: str, *, now: datetime) -> None:
    people.opt_out(db, clinic.id, reply.sender, reply_id=reply.id, now=now)
    reached = [patient for patient in theirs if patient.phone == reply.sender]
    if kind == "wrong_person":
        for patient in reached:
            patient.phone_verified_at = None
            db.add(patient)
    why = SENT_STOP if kind == "stop" else SOMEBODY_ELSES
    for patient in reached:
        messages.end_planned(db, messages.planned_of_patient(db, patient.id), "suppressed", why, now=now)


def _lift(db: Session, reply: Reply, clinic: Clinic, theirs: Sequence[Patient], *, now: datetime) -> None:
    if people.lift_opt_out(db, clinic.id, reply.sender, reply_id=reply.id, now=now):
        for patient in theirs:
            text_again(db, patient, now=now)
        for patient in companions.patients_accompanied_by(db, reply.sender):
            if patient.clinic_id == clinic.id:
                held = messages.suppressed_of_patient(db, patient.id, COMPANION_SENT_STOP, now=now)
                messages.plan_again(db, held, now=now)


def text_again(db: Session, patient: Patient, *, now: datetime) -> None:
    """What was suppressed only because the number could not be texted is planned again, where it is still of use."""
    for why in HELD_BY_NUMBER:
        messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, why, now=now), now=now)


def _row(reply: Reply, patient: Patient, kind: str, *, now: datetime) -> Consent:
    """For the record of what the patient agreed to. It neither grants nor revokes what the record system was told."""
    return Consent(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        status=STATUS[kind],
        recorded_at=reply.received_at,
        received_at=now,
        phone=reply.sender[:20],
        actor="patient",
        how=HOW[kind],
        evidence=reply.body,
        reply_id=reply.id,
    )
