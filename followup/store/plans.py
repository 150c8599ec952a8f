"""All plans that a patient ever had."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from followup.store.tables import Plan


def plans_of(db: Session, patient_id: UUID) -> Sequence[Plan]:
    """The one that is open first, then the newest."""
    newest_first = (col(Plan.closed_at).is_not(None), col(Plan.made_at).desc(), col(Plan.id).desc())
    return db.exec(select(Plan).where(Plan.patient_id == patient_id).order_by(*newest_first)).all()
