"""All rows as plain values."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from followup.store.tables import (
    Acknowledgement,
    Appointment,
    Attempt,
    AuditEntry,
    CareSession,
    Case,
    CaseAssignment,
    CaseClosure,
    CaseNote,
    Climb,
    Clinic,
    ClinicClosure,
    Companion,
    Consent,
    DeliveryReport,
    Event,
    FailedAnswer,
    GoLive,
    LadderTerms,
    Message,
    OptOut,
    Page,
    Pager,
    Patient,
    Pause,
    Plan,
    Reading,
    Reply,
    RollOut,
    ScheduleStop,
    Shift,
    Source,
    Staff,
    TextHold,
)

TABLES: tuple[type[Any], ...] = (
    Clinic,
    ClinicClosure,
    GoLive,
    Source,
    Staff,
    Patient,
    Companion,
    Consent,
    OptOut,
    Event,
    CareSession,
    Appointment,
    Pause,
    RollOut,
    ScheduleStop,
    Plan,
    Message,
    Attempt,
    DeliveryReport,
    Reply,
    Reading,
    Case,
    CaseAssignment,
    CaseNote,
    CaseClosure,
    LadderTerms,
    Pager,
    Shift,
    Climb,
    Page,
    Acknowledgement,
    FailedAnswer,
    TextHold,
    AuditEntry,
)
SECRET = {"key_hash", "sealed_signing_secret", "password_hash"}
STEPS = 500
"""Rows fetched at a time."""


def rows(db: Session, *, clinic_id: UUID | None, patient_id: UUID | None) -> Iterator[dict[str, Any]]:
    """Table by table, oldest first; of one clinic or one patient where given.

    A reply that no clinic could be found for yet belongs to every whole export: it must not be lost.
    """
    for table in TABLES:
        query = select(table).order_by(table.id).execution_options(yield_per=STEPS)
        if patient_id is not None:
            if (condition := _of_patient(table, patient_id)) is None:
                continue
            query = query.where(condition)
        elif clinic_id is not None:
            query = query.where(_of_clinic(table, clinic_id))
        for row in db.exec(query):
            yield {"table": table.__tablename__, **row.model_dump(mode="json", exclude=SECRET)}


def _of_clinic(table: type[Any], clinic_id: UUID) -> Any:
    if table is Clinic:
        return col(Clinic.id) == clinic_id
    if table in {Reply, DeliveryReport}:
        return or_(table.clinic_id == clinic_id, table.clinic_id.is_(None))
    return table.clinic_id == clinic_id


def _of_patient(table: type[Any], patient_id: UUID) -> Any:
    """None: rows of this table belong to nobody in particular."""
    if table is Patient:
        return col(Patient.id) == patient_id
    if hasattr(table, "patient_id"):
        return table.patient_id == patient_id
    through = {
        Attempt: (Attempt.message_id, Message),
        DeliveryReport: (DeliveryReport.message_id, Message),
        Reading: (Reading.reply_id, Reply),
        CaseAssignment: (CaseAssignment.case_id, Case),
        CaseNote: (CaseNote.case_id, Case),
        CaseClosure: (CaseClosure.case_id, Case),
        Event: (Event.session_id, CareSession),
        Climb: (Climb.case_id, Case),
        Page: (Page.case_id, Case),
        Acknowledgement: (Acknowledgement.case_id, Case),
        FailedAnswer: (FailedAnswer.case_id, Case),
    }
    if table not in through:
        return None
    column, owner = through[table]
    return col(column).in_(select(owner.id).where(owner.patient_id == patient_id))
