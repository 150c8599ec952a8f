"""What each type of event changes. Sessions keep the newest word; safety is sticky and wins ties."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.ehr import native
from followup.flow.plan_session import CANCELLED, close_plan, plan_session
from followup.rules.consent import WITHDREW
from followup.rules.phone import read_phone
from followup.schedule_files import Schedules
from followup.store import messages, people, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, CareSession, Consent, Event, Patient

PLAN_WINDOW = timedelta(hours=72)
"""A session that ended longer ago is a replay or a backfill: nobody is texted about it (facts/ehr 2.3)."""

NO_CONSENT = "no consent on record; texts wait until it is granted"


@dataclass(frozen=True)
class Effect:
    """What became of an event: `accepted`, `ignored` or `quarantined`, and why."""

    status: str
    reason: str | None = None
    session_id: UUID | None = None
    warnings: list[str] = field(default_factory=list[str])


def apply_event(db: Session, schedules: Schedules, row: Event, *, now: datetime) -> Effect:
    """Change what it changes. The body was checked when it came; it is read again, because it is what was kept."""
    event, _ = native.read_event(row.body.encode(), now=row.received_at)
    apply = EFFECTS.get(event.type)
    if apply is None:
        return Effect("ignored", f"not_yet_supported: {event.type} is kept and has no effect")
    people.lock_patient(db, row.clinic_id, event.data.patient.id)
    if event.data.sms_consent and not event.type.startswith("consent."):
        # It has a time of its own: a session's news may be old, and this new.
        _keep_consent_of(db, row, event, event.data.sms_consent.status, now=now)
    return apply(db, schedules, row, event, now)


def _told_at(row: Event, event: native.Event) -> datetime:
    """When the source says it happened; a clock far ahead of ours must not make all later news stale."""
    return min(event.occurred_at, row.received_at + native.AHEAD_AT_MOST)


# Sessions ------------------------------------------------------------------------------------------------


def _complete_session(db: Session, schedules: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    facts = event.data
    given = facts.session
    assert given is not None
    known = sessions.find_session(db, row.clinic_id, given.id)
    if known is not None and not _is_newer(row, event, known):
        return Effect("ignored", "stale: a newer word about this session is known", known.id)
    ended_at = given.ended_at or (known.ended_at if known else None) or min(event.occurred_at, row.received_at)
    if ended_at < now - PLAN_WINDOW:
        return Effect("ignored", f"too_old: the session ended more than {PLAN_WINDOW.days * 24} h ago")
    patient, warnings = keep_patient(db, row.clinic_id, facts.patient, now=now)
    if facts.next_appointment:
        _keep_appointment(db, row, event, patient, facts.next_appointment, now=now)
    session = _keep_session(db, row, event, patient, ended_at=ended_at, now=now)
    return _plan(db, schedules, patient, session, warnings, now=now)


def _plan(
    db: Session, schedules: Schedules, patient: Patient, session: CareSession, warnings: list[str], *, now: datetime
) -> Effect:
    """Plan the session's texts, or say why nobody can be texted."""
    if patient.deceased_at:
        return Effect("ignored", "deceased: the patient died", session.id, warnings)
    if patient.phone is None:
        reason = "invalid_phone: it is no valid number" if patient.phone_as_given else "no_phone: none is known"
        return Effect("quarantined", reason, session.id, warnings)
    agreed = people.consent_status(db, patient.id)
    if agreed != "granted":
        warnings = [*warnings, "/data/sms_consent: " + (WITHDREW if agreed else NO_CONSENT)]
    loaded = schedules.for_kind(session.kind) if session.kind else schedules.fallback()
    if loaded is None:
        return Effect("quarantined", f"unmapped_kind: no schedule is for {session.kind!r}", session.id, warnings)
    if session.kind is None:
        warnings = [*warnings, f"/data/session/kind: not given; planned with {loaded.name}"]
    clinic = people.clinic_of(db, session.clinic_id)
    reason = plan_session(db, loaded, clinic=clinic, patient=patient, session=session, now=now)
    if agreed == "revoked":
        _stop_texts(db, patient, now=now)
    return Effect("accepted", reason, session.id, warnings)


def _cancel_session(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    facts = event.data
    assert facts.session is not None
    patient, warnings = keep_patient(db, row.clinic_id, facts.patient, now=now)
    session = sessions.find_session(db, row.clinic_id, facts.session.id)
    if session is not None and not _is_newer(row, event, session, ties=True):
        return Effect("ignored", "stale: a newer word about this session is known", session.id)
    if session is None:  # Remembered, so that a completion that comes late does not revive it.
        session = CareSession(
            clinic_id=row.clinic_id,
            patient_id=patient.id,
            record_id=facts.session.id,
            told_at=_told_at(row, event),
            created_at=now,
        )
    session.cancelled_at, session.cancel_reason = now, facts.reason or "cancelled"
    session.told_at, session.told_version = _told_at(row, event), event.version
    db.add(session)
    db.flush()
    plan = sessions.find_plan(db, session.id)
    if plan is not None:
        close_plan(db, plan, f"{CANCELLED} ({session.cancel_reason})", now=now)
    return Effect("accepted", None, session.id, warnings)


def _is_newer(row: Event, event: native.Event, known: CareSession, *, ties: bool | None = None) -> bool:
    """Whether an event may change a session. Equal is enough, but only a strictly newer one undoes a cancellation."""
    if event.version is not None and known.told_version is not None:
        difference = event.version - known.told_version
    else:
        difference = (_told_at(row, event) - known.told_at) / timedelta(microseconds=1)
    enough = known.cancelled_at is None if ties is None else ties
    return difference > 0 or (difference == 0 and enough)


def _keep_session(
    db: Session, row: Event, event: native.Event, patient: Patient, *, ended_at: datetime, now: datetime
) -> CareSession:
    given = event.data.session
    assert given is not None
    session = sessions.find_session(db, row.clinic_id, given.id) or CareSession(
        clinic_id=row.clinic_id, patient_id=patient.id, record_id=given.id, told_at=event.occurred_at, created_at=now
    )
    session.end_estimated = given.ended_at is None and (session.ended_at is None or session.end_estimated)
    session.ended_at = ended_at
    session.cancelled_at = session.cancel_reason = None
    session.told_at, session.told_version = _told_at(row, event), event.version
    for ours, theirs in SESSION_FIELDS.items():
        if theirs in given.model_fields_set:
            setattr(session, ours, getattr(given, theirs))
    db.add(session)
    db.flush()
    return session


SESSION_FIELDS = {
    "kind": "kind",
    "started_at": "started_at",
    "number": "number",
    "series_length": "series_length",
    "phase": "phase",
    "location": "location_id",
    "clinician": "clinician",
}


def _keep_appointment(
    db: Session, row: Event, event: native.Event, patient: Patient, given: native.Appointment, *, now: datetime
) -> None:
    known = sessions.find_appointment(db, row.clinic_id, given.id)
    if given.starts_at is None or (known is not None and known.told_at > event.occurred_at):
        return
    appointment = known or Appointment(
        clinic_id=row.clinic_id,
        patient_id=patient.id,
        record_id=given.id,
        starts_at=given.starts_at,
        told_at=event.occurred_at,
        created_at=now,
    )
    appointment.starts_at, appointment.told_at, appointment.cancelled_at = given.starts_at, event.occurred_at, None
    db.add(appointment)
    db.flush()


# Patients ------------------------------------------------------------------------------------------------


def keep_patient(db: Session, clinic_id: UUID, given: native.Patient, *, now: datetime) -> tuple[Patient, list[str]]:
    """The patient with what the event says of them: absent changes nothing, null clears. And what was not usable."""
    known = people.find_patient(db, clinic_id, given.id)
    patient = known or Patient(clinic_id=clinic_id, record_id=given.id, created_at=now, changed_at=now)
    warnings: list[str] = []
    for name in ("given_name", "family_name", "phone_type", "language", "birth_date"):
        if name in given.model_fields_set:
            setattr(patient, name, getattr(given, name))
    if "state" in given.model_fields_set:
        patient.state = given.state.upper() if given.state else None
    if "time_zone" in given.model_fields_set:
        patient.zone = given.time_zone if given.time_zone and is_zone(given.time_zone) else None
        if given.time_zone and patient.zone is None:
            warnings.append("/data/patient/time_zone: no such zone; the clinic's is used")
    if "phone" in given.model_fields_set:
        patient.phone_as_given = given.phone
        patient.phone = read_phone(given.phone) if given.phone else None
    patient.changed_at = now
    db.add(patient)
    db.flush()
    return patient, warnings


def is_zone(name: str) -> bool:
    """Whether it is a zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _keep_consent_of(db: Session, row: Event, event: native.Event, status: str, *, now: datetime) -> None:
    """Also where the rest of the event is too old to count: only a patient that is new is taken from it."""
    known = people.find_patient(db, row.clinic_id, event.data.patient.id)
    patient = known or keep_patient(db, row.clinic_id, event.data.patient, now=now)[0]
    keep_consent(db, row, event, patient, status, now=now)


def keep_consent(db: Session, row: Event, event: native.Event, patient: Patient, status: str, *, now: datetime) -> None:
    """Write down what the patient agreed to; a withdrawal stops what is planned, a grant frees what it stopped."""
    given = event.data.sms_consent
    recorded_at = given.recorded_at if given and given.recorded_at else event.occurred_at
    db.add(
        Consent(
            clinic_id=row.clinic_id,
            patient_id=patient.id,
            status=status,
            recorded_at=min(recorded_at, row.received_at),  # A grant from the future would outlast a withdrawal.
            received_at=now,
            phone=patient.phone,
            actor=f"source:{row.source_id}",
            how=event.type,
            event_id=row.id,
        )
    )
    db.flush()
    if people.consent_status(db, patient.id) == "revoked":
        _stop_texts(db, patient, now=now)
    else:
        messages.wake(db, messages.planned_of_patient(db, patient.id), now=now)
        messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, WITHDREW, now=now), now=now)


def _stop_texts(db: Session, patient: Patient, *, now: datetime) -> None:
    messages.end_planned(db, messages.planned_of_patient(db, patient.id), "suppressed", WITHDREW, now=now)


def _change_consent(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    patient, warnings = keep_patient(db, row.clinic_id, event.data.patient, now=now)
    keep_consent(db, row, event, patient, event.type.removeprefix("consent."), now=now)
    return Effect("accepted", None, None, warnings)


def _note_death(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    patient, warnings = keep_patient(db, row.clinic_id, event.data.patient, now=now)
    patient.deceased_at = patient.deceased_at or event.occurred_at
    db.add(patient)
    for plan in sessions.open_plans(db, patient.id):
        close_plan(db, plan, "the patient died", now=now)
    messages.end_planned(db, messages.planned_of_patient(db, patient.id), "cancelled", "the patient died", now=now)
    return Effect("accepted", None, None, warnings)


Apply = Callable[[Session, Schedules, Event, native.Event, datetime], Effect]
EFFECTS: dict[str, Apply] = {
    "session.completed": _complete_session,
    "session.cancelled": _cancel_session,
    "consent.granted": _change_consent,
    "consent.revoked": _change_consent,
    "patient.deceased": _note_death,
}
