"""Clinics, sources, staff, patients, and what each patient agreed to."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, or_, select

from followup.store.tables import (
    Clinic,
    Consent,
    GoLive,
    Message,
    OptOut,
    Patient,
    Reading,
    Reply,
    Source,
    Staff,
    Switch,
)

HANDED_OVER = ("accepted", "sent", "delivered", "undelivered")


def find_clinic(db: Session, slug: str | None = None) -> Clinic | None:
    """The clinic of that slug; without a slug the only clinic, None where there are several."""
    if slug is not None:
        return db.exec(select(Clinic).where(Clinic.slug == slug)).one_or_none()
    clinics = db.exec(select(Clinic).limit(2)).all()
    return clinics[0] if len(clinics) == 1 else None


def all_clinics(db: Session) -> Sequence[Clinic]:
    """Oldest first."""
    return db.exec(select(Clinic).order_by(col(Clinic.created_at), col(Clinic.name))).all()


def clinic_of(db: Session, clinic_id: UUID) -> Clinic:
    return db.exec(select(Clinic).where(Clinic.id == clinic_id)).one()


def newest_go_live(db: Session, clinic_id: UUID) -> GoLive | None:
    query = select(GoLive).where(GoLive.clinic_id == clinic_id).order_by(col(GoLive.at).desc()).limit(1)
    return db.exec(query).first()


def find_source(db: Session, key_hash: str) -> Source | None:
    """The source whose key has this hash, unless it was revoked."""
    query = select(Source).where(Source.key_hash == key_hash, col(Source.revoked_at).is_(None))
    return db.exec(query).one_or_none()


def find_source_named(db: Session, clinic_id: UUID, name: str) -> Source | None:
    return db.exec(select(Source).where(Source.clinic_id == clinic_id, Source.name == name)).one_or_none()


def find_staff(db: Session, email: str) -> Staff | None:
    """By e-mail, lower case; also those who left."""
    return db.exec(select(Staff).where(Staff.email == email)).one_or_none()


def find_patient(db: Session, clinic_id: UUID, record_id: str) -> Patient | None:
    """By the record system's own id."""
    query = select(Patient).where(Patient.clinic_id == clinic_id, Patient.record_id == record_id)
    return db.exec(query).one_or_none()


def lock_patient(db: Session, clinic_id: UUID, record_id: str) -> None:
    """Wait for whoever else works on what is told of this patient, known or not yet (SQLite has one writer anyway)."""
    if db.get_bind().dialect.name == "postgresql":
        whom = hashlib.sha256(f"{clinic_id} {record_id}".encode()).digest()
        db.execute(select(func.pg_advisory_xact_lock(int.from_bytes(whom[:8], signed=True))))


def get_patient(db: Session, clinic_id: UUID, patient_id: UUID) -> Patient:
    return db.exec(select(Patient).where(Patient.clinic_id == clinic_id, Patient.id == patient_id)).one()


def find_by_id(db: Session, clinic_id: UUID, patient_id: UUID) -> Patient | None:
    query = select(Patient).where(Patient.clinic_id == clinic_id, Patient.id == patient_id)
    return db.exec(query).one_or_none()


def patients_with_phone(db: Session, phone: str) -> Sequence[Patient]:
    """Everybody with this number, whatever the clinic: an incoming text does not say whose it is."""
    return db.exec(select(Patient).where(Patient.phone == phone).order_by(col(Patient.created_at))).all()


def patients_texted_at(db: Session, phone: str) -> Sequence[UUID]:
    """Patients that had a text at this number, latest first: a number may have changed since."""
    query = (
        select(Message)
        .where(
            Message.phone == phone,
            Message.to == "patient",
            col(Message.status).in_(HANDED_OVER),
            col(Message.patient_id).is_not(None),
        )
        .order_by(col(Message.handed_over_at).desc())
        .limit(20)
    )
    return list(dict.fromkeys(m.patient_id for m in db.exec(query) if m.patient_id))


def clinics_that_texted(db: Session, phone: str) -> Sequence[UUID]:
    """Clinics that had a text at this number, latest first."""
    query = (
        select(Message.clinic_id)
        .where(Message.phone == phone, col(Message.status).in_(HANDED_OVER))
        .order_by(col(Message.handed_over_at).desc())
        .limit(20)
    )
    return list(dict.fromkeys(db.exec(query)))


# Consent and STOP ----------------------------------------------------------------------------------------


def consent_status(db: Session, patient_id: UUID) -> str | None:
    """`granted`, `revoked`, or None where nobody ever said. At the same instant a revocation wins.

    STOP and START of a number are another thing (`open_opt_out`): START grants nothing that was revoked.
    """
    query = (
        select(Consent)
        .where(Consent.patient_id == patient_id, col(Consent.status).in_(("granted", "revoked")))
        .order_by(col(Consent.recorded_at).desc(), col(Consent.status).desc())
        .limit(1)
    )
    newest = db.exec(query).first()
    return newest.status if newest else None


def open_opt_out(db: Session, clinic_id: UUID, phone: str) -> OptOut | None:
    """The STOP that holds for this number, if one does."""
    query = select(OptOut).where(OptOut.clinic_id == clinic_id, OptOut.phone == phone, col(OptOut.lifted_at).is_(None))
    return db.exec(query).first()


def opt_out(db: Session, clinic_id: UUID, phone: str, *, reply_id: UUID | None, now: datetime) -> None:
    """From now on nothing more goes to this number. Again changes nothing."""
    if open_opt_out(db, clinic_id, phone) is None:
        db.add(OptOut(clinic_id=clinic_id, phone=phone, reply_id=reply_id, at=now))
        db.flush()


def lift_opt_out(db: Session, clinic_id: UUID, phone: str, *, reply_id: UUID, now: datetime) -> bool:
    """The number itself sent START. False where no STOP held, or where a STOP was written after this START.

    False, too, where somebody said that the number is not the patient's: a person has to sort that out.

    After an outage texts are found late: a START of this morning does not lift the STOP of this noon.
    """
    held = open_opt_out(db, clinic_id, phone)
    if held is None or db.get_one(Reply, reply_id).received_at < _newest_stop(db, held):
        return False
    if is_somebody_elses(db, held):
        return False
    held.lifted_at = now
    held.lifted_by_reply_id = reply_id
    db.add(held)
    db.flush()
    return True


def _newest_stop(db: Session, held: OptOut) -> datetime:
    """When it was written; where it is the carrier that told us, when we were told."""
    stops = select(func.max(col(Reply.received_at))).join(Reading, col(Reading.reply_id) == Reply.id)
    written_at = db.exec(stops.where(Reply.sender == held.phone, Reading.kind == "stop")).one()
    return written_at if written_at and held.reply_id else max(held.at, written_at or held.at)


def is_somebody_elses(db: Session, held: OptOut) -> bool:
    """Whether somebody wrote from the number that it is not the patient's, and no person has sorted that out."""
    query = (
        select(Reading.id)
        .join(Reply, col(Reply.id) == col(Reading.reply_id))
        .where(Reply.sender == held.phone, Reading.kind == "wrong_person", col(Reading.at) >= held.at)
    )
    return db.exec(query.limit(1)).first() is not None


def lift_by_consent(db: Session, clinic_id: UUID, phone: str, *, consent_id: UUID, now: datetime) -> bool:
    """A person wrote down who agreed anew, and how. False where no STOP held."""
    held = open_opt_out(db, clinic_id, phone)
    if held is None:
        return False
    held.lifted_at, held.lifted_by_consent_id = now, consent_id
    db.add(held)
    db.flush()
    return True


def newest_stop(db: Session, patient_id: UUID) -> Consent | None:
    """The patient's own STOP, if neither their START nor what a person wrote down came after it."""
    query = (
        select(Consent)
        .where(
            Consent.patient_id == patient_id,
            col(Consent.status).in_(("stopped", "restarted")) | col(Consent.actor).startswith("staff:"),
        )
        .order_by(col(Consent.recorded_at).desc(), col(Consent.received_at).desc(), col(Consent.id).desc())
    )
    newest = db.exec(query.limit(1)).first()
    return newest if newest and newest.status == "stopped" else None


def was_texted_at(db: Session, patient_id: UUID, phone: str, *, since: datetime) -> bool:
    """Whether a text to this patient went to this number since then, or may have."""
    query = select(Message.id).where(
        Message.patient_id == patient_id,
        Message.phone == phone,
        col(Message.status).in_((*HANDED_OVER, "claimed", "uncertain")),
        func.coalesce(Message.handed_over_at, Message.wake_at) >= since,
    )
    return db.exec(query.limit(1)).first() is not None


def clinics_sharing_sender(db: Session, clinic: Clinic) -> Sequence[Clinic]:
    """Those that text from the same number: a STOP to it is a STOP to all of them."""
    query = select(Clinic).where(
        Clinic.sender_number == clinic.sender_number
        if clinic.sender_number
        else or_(col(Clinic.sender_number).is_(None), Clinic.id == clinic.id)
    )
    return db.exec(query).all()


# Switches ----------------------------------------------------------------------------------------------


def is_sending_on(db: Session) -> bool:
    """The kill switch of the whole service, as a command or button left it."""
    switch = db.get(Switch, "sending")
    return switch is None or switch.is_on


def turn_sending(db: Session, on: bool, *, by: str, now: datetime) -> None:
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    said = {"is_on": on, "by": by, "at": now}
    insert = dialect.insert(Switch).values(name="sending", **said)
    db.execute(insert.on_conflict_do_update(index_elements=["name"], set_=said))
    db.expire_all()
