"""Who drives a patient home and stays the night."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from followup.store.tables import Companion, Patient


def find_companion(db: Session, patient_id: UUID) -> Companion | None:
    """Whether or not they agreed to be texted; None: nobody was named, or nobody is any more."""
    query = select(Companion).where(Companion.patient_id == patient_id, col(Companion.removed_at).is_(None))
    return db.exec(query).one_or_none()


def companions_phone(db: Session, patient: Patient) -> str | None:
    """The number at which they may be texted; None: there is none, they did not agree, or it is the patient's own."""
    companion = find_companion(db, patient.id)
    if companion is None or not companion.has_agreed or companion.phone == patient.phone:
        return None
    return companion.phone


def known_companion(db: Session, patient_id: UUID) -> Companion | None:
    """Also one that was removed: an older word that comes late does not bring them back."""
    return db.exec(select(Companion).where(Companion.patient_id == patient_id)).one_or_none()


def patients_accompanied_by(db: Session, phone: str) -> Sequence[Patient]:
    """Whose companion has this number."""
    query = (
        select(Patient)
        .join(Companion, col(Companion.patient_id) == col(Patient.id))
        .where(Companion.phone == phone, col(Companion.removed_at).is_(None))
        .order_by(col(Patient.created_at))
    )
    return db.exec(query).all()
