"""When somebody reads answers, and whose hours count for a patient."""

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from followup.rules.quiet_hours import Hours, StaffedHours
from followup.store.tables import Clinic, ClinicClosure, Patient

OPENS, CLOSES = time(9), time(20)
"""Of a clinic that never said."""


def staffed_hours(db: Session, clinic: Clinic) -> StaffedHours:
    """A clinic without hours counts as staffed 09:00 to 20:00 every day."""
    return StaffedHours(
        zone=ZoneInfo(clinic.zone),
        opens=_time(clinic.opens_at_local) or OPENS,
        closes=_time(clinic.closes_at_local) or CLOSES,
        closed_weekdays=frozenset(clinic.closed_weekdays),
        closed_on={closure.closed_on: closure.words for closure in closures(db, clinic.id)},
    )


def hours_were_set(db: Session, clinic: Clinic) -> bool:
    """Whether anybody ever said when the clinic is staffed. Else planning goes by the windows alone."""
    return bool(clinic.opens_at_local or clinic.closes_at_local or clinic.closed_weekdays or closures(db, clinic.id))


def hours_of(db: Session, clinic: Clinic, patient: Patient | None) -> Hours:
    """The patient's clock and state, else the clinic's; and when the clinic reads answers, where it said."""
    return Hours(
        zone=ZoneInfo((patient and patient.zone) or clinic.zone),
        state=(patient and patient.state) or clinic.state,
        staffed=staffed_hours(db, clinic) if hours_were_set(db, clinic) else None,
    )


def closures(db: Session, clinic_id: UUID, *, since: date | None = None) -> Sequence[ClinicClosure]:
    """Earliest first."""
    query = select(ClinicClosure).where(ClinicClosure.clinic_id == clinic_id)
    if since is not None:
        query = query.where(col(ClinicClosure.closed_on) >= since)
    return db.exec(query.order_by(col(ClinicClosure.closed_on))).all()


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
