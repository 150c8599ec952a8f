"""Every table. Columns ending in `_at` are aware UTC; every row that knows a patient knows its clinic."""

from followup.store.tables.base import ClinicRow, Row, metadata, new_id
from followup.store.tables.care import Appointment, CareSession, Event
from followup.store.tables.house import AuditEntry, Breaker, JobRun, Pulse, Switch
from followup.store.tables.incoming import Case, CaseAssignment, CaseClosure, CaseNote, Reading, Reply
from followup.store.tables.ladder import (
    Acknowledgement,
    Climb,
    FailedAnswer,
    LadderTerms,
    Page,
    Pager,
    Shift,
    TextHold,
)
from followup.store.tables.outgoing import (
    Attempt,
    DeliveryReport,
    Message,
    Plan,
    RollOut,
    ScheduleStop,
    ScheduleVersion,
)
from followup.store.tables.people import (
    Clinic,
    Consent,
    GoLive,
    OptOut,
    Patient,
    SignInSession,
    Source,
    Staff,
)

__all__ = [
    "Acknowledgement",
    "Appointment",
    "Attempt",
    "AuditEntry",
    "Breaker",
    "CareSession",
    "Case",
    "CaseAssignment",
    "CaseClosure",
    "CaseNote",
    "Climb",
    "Clinic",
    "ClinicRow",
    "Consent",
    "DeliveryReport",
    "Event",
    "FailedAnswer",
    "GoLive",
    "JobRun",
    "LadderTerms",
    "Message",
    "OptOut",
    "Page",
    "Pager",
    "Patient",
    "Plan",
    "Pulse",
    "Reading",
    "Reply",
    "RollOut",
    "Row",
    "ScheduleStop",
    "ScheduleVersion",
    "Shift",
    "SignInSession",
    "Source",
    "Staff",
    "Switch",
    "TextHold",
    "metadata",
    "new_id",
]
