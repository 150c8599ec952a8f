"""Browsers that are signed in, and how often somebody failed to."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from followup.store.tables import AuditEntry, Clinic, SignInSession, Staff

FAILED = "sign_in.failed"


def start(db: Session, staff: Staff, *, token_hash: str, now: datetime) -> SignInSession:
    """One more browser of this person."""
    session = SignInSession(
        clinic_id=staff.clinic_id, staff_id=staff.id, token_hash=token_hash, started_at=now, seen_at=now
    )
    db.add(session)
    return session


def find(db: Session, token_hash: str) -> tuple[SignInSession, Staff, Clinic] | None:
    """Who this browser belongs to, however long ago; None once signed out, or when the person left."""
    query = (
        select(SignInSession, Staff, Clinic)
        .join(Staff, col(Staff.id) == col(SignInSession.staff_id))
        .join(Clinic, col(Clinic.id) == col(Staff.clinic_id))
        .where(
            SignInSession.token_hash == token_hash,
            col(SignInSession.ended_at).is_(None),
            col(Staff.left_at).is_(None),
        )
    )
    return db.exec(query).one_or_none()


def get_staff(db: Session, clinic_id: UUID, staff_id: UUID) -> Staff:
    return db.exec(select(Staff).where(Staff.clinic_id == clinic_id, Staff.id == staff_id)).one()


def staff_names(db: Session, clinic_id: UUID) -> dict[UUID, str]:
    """Of everybody who works or worked at this clinic."""
    return {one.id: one.name for one in db.exec(select(Staff).where(Staff.clinic_id == clinic_id))}


def failures_since(db: Session, subject: str, since: datetime) -> int:
    """How often signing in as `subject` failed after that instant.

    Failures are kept without a clinic: its index keeps this fast, and an unknown e-mail has none.
    """
    query = (
        select(func.count())
        .select_from(AuditEntry)
        .where(
            col(AuditEntry.clinic_id).is_(None),
            AuditEntry.action == FAILED,
            AuditEntry.subject == subject,
            AuditEntry.at > since,
        )
    )
    return db.exec(query).one()
