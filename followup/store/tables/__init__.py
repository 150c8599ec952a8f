"""Every table. Columns ending in `_at` are aware UTC; every row that knows a patient knows its clinic."""

from followup.store.tables.base import ClinicRow, Row, metadata, new_id
from followup.store.tables.care import Appointment, CareSession, Event
from followup.store.tables.house import AuditEntry, Breaker, JobRun, Pulse, Switch
from followup.store.tables.incoming import Case, CaseAssignment, CaseClosure, CaseNote, Reading, Reply
from followup.store.tables.outgoing import (
    Attempt,
    DeliveryReport,
    Message,
    Pause,
    Plan,
    RollOut,
    ScheduleStop,
    ScheduleVersion,
)
from followup.store.tables.people import (
    Clinic,
    ClinicClosure,
    Companion,
    Consent,
    GoLive,
    OptOut,
    Patient,
    SignInSession,
    Source,
    Staff,
)

__all__ = [
    "Appointment",
    "Attempt",
    "AuditEntry",
    "Breaker",
    "CareSession",
    "Case",
    "CaseAssignment",
    "CaseClosure",
    "CaseNote",
    "Clinic",
    "ClinicClosure",
    "ClinicRow",
    "Companion",
    "Consent",
    "DeliveryReport",
    "Event",
    "GoLive",
    "JobRun",
    "Message",
    "OptOut",
    "Patient",
    "Pause",
    "Plan",
    "Pulse",
    "Reading",
    "Reply",
    "RollOut",
    "Row",
    "ScheduleStop",
    "ScheduleVersion",
    "SignInSession",
    "Source",
    "Staff",
    "Switch",
    "metadata",
    "new_id",
]
