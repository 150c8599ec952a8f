"""What each type of event changes. Each thing keeps the newest word about it; safety is sticky and wins ties."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from followup.ehr import native
from followup.flow.keep_appointment import cancel_appointment, keep_appointment, keep_next_appointment
from followup.flow.keep_companion import keep_companion
from followup.flow.keep_consent import keep_consent, stop_if_withdrawn
from followup.flow.keep_patient import keep_patient
from followup.flow.plan_session import CANCELLED, OTHER_PATIENT, close_plan, plan_session
from followup.flow.prepare_appointment import prepare_appointment
from followup.flow.redate_plan import redate_companion, redate_reminders, redate_session
from followup.rules.consent import NO_NUMBER, WITHDREW
from followup.schedule_files import Schedules
from followup.store import cases, events, messages, people, sessions
from followup.store.database import Session
from followup.store.tables import CareSession, Event, Patient

PLAN_WINDOW = timedelta(hours=72)
"""A session that ended longer ago is a replay or a backfill: nobody is texted about it (facts/ehr 2.3)."""

NO_CONSENT = "no consent on record; texts wait until it is granted"
STALE = "stale: a newer word about this session is known"
WAITS_FOR_NUMBER = ("invalid_phone", "no_phone")
PLANNED_LATER = "planned_later: a number that can be texted came with another event"


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
    people.lock_patient(db, row.clinic_id, event.data.patient.id)
    consent = event.data.sms_consent
    if consent and not event.type.startswith("consent."):
        # It has a time of its own: a session's news may be old, or of no use to us, and this counts.
        _keep_consent_of(db, row, event, consent.status, now=now)
    apply = EFFECTS.get(event.type)
    if apply is None:
        what_counts = ", and only its sms_consent has an effect" if consent else " and has no effect"
        return Effect("ignored", f"not_yet_supported: {event.type} is kept{what_counts}")
    had_number = _find_with_number(db, row, event) is not None
    effect = apply(db, schedules, row, event, now)
    if not had_number:
        _work_what_waited_for_a_number(db, schedules, row, event, now=now)
    patient = people.find_patient(db, row.clinic_id, event.data.patient.id)
    if patient is not None and not (effect.reason or "").startswith(OTHER_PATIENT):
        prepare_appointment(db, schedules, patient.id, row.clinic_id, now=now)
    return effect


def _told_at(row: Event, event: native.Event) -> datetime:
    """When the source says it happened; a clock far ahead of ours must not make all later news stale."""
    return min(event.occurred_at, row.received_at + native.AHEAD_AT_MOST).astimezone(UTC)


def _keep_what_rides_along(
    db: Session, row: Event, event: native.Event, *, told_at: datetime, now: datetime
) -> tuple[Patient, list[str]]:
    """The patient and the next appointment: each has a time of its own, whatever the event is about."""
    patient, warnings = keep_patient(db, row.clinic_id, event.data.patient, told_at=told_at, now=now)
    changed = keep_next_appointment(db, patient, event.data, told_at=told_at, now=now)
    redate_reminders(db, patient.id, changed, now=now)
    is_other_companion, more = keep_companion(db, patient, event.data, told_at=told_at)
    if is_other_companion:
        redate_companion(db, patient.id, now=now)
    return patient, warnings + more


# Sessions ------------------------------------------------------------------------------------------------


def _complete_session(db: Session, schedules: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    facts = event.data
    given = facts.session
    assert given is not None
    if others := _of_another_patient(db, row, event, now=now):
        return others
    known = sessions.find_session(db, row.clinic_id, given.id)
    if known is not None and not _is_newer(row, event, known):
        return _note_stale(db, row, event, known, now=now)
    ended_at = given.ended_at or (known.ended_at if known else None) or min(event.occurred_at, row.received_at)
    if ended_at < now - PLAN_WINDOW and not (known and _has_open_plan(db, known)):
        if known is not None:  # A replay of what nobody knows leaves no trace.
            _keep_what_rides_along(db, row, event, told_at=_told_at(row, event), now=now)
        return Effect("ignored", f"too_old: the session ended more than {PLAN_WINDOW.days * 24} h ago")
    patient, warnings = _keep_what_rides_along(db, row, event, told_at=_told_at(row, event), now=now)
    before = _what_plans_hang_on(known) if known else None
    session = _keep_session(db, row, event, patient, ended_at=ended_at, now=now)
    effect = _plan(db, schedules, patient, session, warnings, now=now)
    if before is not None and before != _what_plans_hang_on(session):
        redate_session(db, session.id, now=now)
    return effect


def _has_open_plan(db: Session, session: CareSession) -> bool:
    """Then a correction counts however late it comes: what is still ahead follows it."""
    plan = sessions.find_plan(db, session.id)
    return plan is not None and plan.closed_at is None


def _what_plans_hang_on(session: CareSession) -> tuple[object, ...]:
    return session.ended_at, session.kind, session.number, session.series_length, session.phase


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
    clinic = people.clinic_of(db, session.clinic_id)
    ours = schedules.of(clinic.slug)
    loaded = ours.for_kind(session.kind) if session.kind else ours.fallback()
    if loaded is None:
        return Effect("quarantined", f"unmapped_kind: no schedule is for {session.kind!r}", session.id, warnings)
    if session.kind is None:
        warnings = [*warnings, f"/data/session/kind: not given; planned with {loaded.name}"]
    reason = plan_session(db, loaded, clinic=clinic, patient=patient, session=session, now=now)
    stop_if_withdrawn(db, patient.id, now=now)
    is_doubtful = reason is not None and reason.startswith(OTHER_PATIENT)
    return Effect("quarantined" if is_doubtful else "accepted", reason, session.id, warnings)


def _cancel_session(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    facts = event.data
    assert facts.session is not None
    if others := _of_another_patient(db, row, event, now=now):
        return others
    session = sessions.find_session(db, row.clinic_id, facts.session.id)
    if session is not None and not _is_newer(row, event, session, ties=True):
        return _note_stale(db, row, event, session, now=now)
    patient, warnings = _keep_what_rides_along(db, row, event, told_at=_told_at(row, event), now=now)
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


def _note_stale(db: Session, row: Event, event: native.Event, known: CareSession, *, now: datetime) -> Effect:
    """It changes nothing of the session, and what rides along counts as older than what the session was told by."""
    told_at = min(_told_at(row, event), known.told_at - timedelta(microseconds=1))
    _, warnings = _keep_what_rides_along(db, row, event, told_at=told_at, now=now)
    return Effect("ignored", STALE, known.id, warnings)


def _of_another_patient(db: Session, row: Event, event: native.Event, *, now: datetime) -> Effect | None:
    """Where its session or appointment is known as somebody else's: nothing of it counts until a person has looked."""
    facts = event.data
    patient = people.find_patient(db, row.clinic_id, facts.patient.id)
    session = sessions.find_session(db, row.clinic_id, facts.session.id) if facts.session else None
    if session is not None and (patient is None or session.patient_id != patient.id):
        owner = people.get_patient(db, row.clinic_id, session.patient_id)
        people.lock_patient(db, row.clinic_id, owner.record_id)
        plan = sessions.find_plan(db, session.id)
        if plan is not None:
            close_plan(db, plan, "the record system named another patient for this session", now=now)
        return _quarantine_for(db, owner, "session", session.id, now=now)
    for given in (facts.next_appointment, facts.appointment):
        appointment = sessions.find_appointment(db, row.clinic_id, given.id) if given else None
        if appointment is not None and (patient is None or appointment.patient_id != patient.id):
            owner = people.get_patient(db, row.clinic_id, appointment.patient_id)
            return _quarantine_for(db, owner, "appointment", None, now=now)
    return None


def _quarantine_for(db: Session, owner: Patient, what: str, session_id: UUID | None, *, now: datetime) -> Effect:
    cases.open_or_join_case(
        db,
        clinic_id=owner.clinic_id,
        patient_id=owner.id,
        sender=None,
        session_id=session_id,
        level="concern",
        reason=f"The record system named another patient for this {what}",
        now=now,
    )
    return Effect("quarantined", f"{OTHER_PATIENT}: this {what} is known as another patient's", session_id)


def _keep_session(
    db: Session, row: Event, event: native.Event, patient: Patient, *, ended_at: datetime, now: datetime
) -> CareSession:
    given = event.data.session
    assert given is not None
    session = sessions.find_session(db, row.clinic_id, given.id) or CareSession(
        clinic_id=row.clinic_id, patient_id=patient.id, record_id=given.id, told_at=_told_at(row, event), created_at=now
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


# Appointments --------------------------------------------------------------------------------------------


def _change_appointment(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    """Booked, moved or cancelled: reminders follow, and where no session's plan reminds there is a preparation."""
    given, told_at = event.data.appointment, _told_at(row, event)
    assert given is not None
    if others := _of_another_patient(db, row, event, now=now):
        return others
    patient, warnings = _keep_what_rides_along(db, row, event, told_at=told_at, now=now)
    change = cancel_appointment if event.type == "appointment.cancelled" else keep_appointment
    changed = change(db, patient, given, told_at=told_at, now=now)
    redate_reminders(db, patient.id, changed, now=now)
    return Effect("accepted", None, None, warnings)


# Patients ------------------------------------------------------------------------------------------------


def _keep_consent_of(db: Session, row: Event, event: native.Event, status: str, *, now: datetime) -> None:
    """Also where the rest of the event does not count: only a patient that is new is taken from it."""
    given = event.data.patient
    patient = people.find_patient(db, row.clinic_id, given.id)
    if patient is None:
        patient, _ = keep_patient(db, row.clinic_id, given, told_at=_told_at(row, event), now=now)
    keep_consent(db, row, event, patient, status, now=now)


def _change_consent(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    told_at = _told_at(row, event)
    patient, warnings = keep_patient(db, row.clinic_id, event.data.patient, told_at=told_at, now=now)
    keep_consent(db, row, event, patient, event.type.removeprefix("consent."), now=now)
    return Effect("accepted", None, None, warnings)


def _update_patient(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    if others := _of_another_patient(db, row, event, now=now):
        return others
    _patient, warnings = _keep_what_rides_along(db, row, event, told_at=_told_at(row, event), now=now)
    return Effect("accepted", None, None, warnings)


def _note_death(db: Session, _: Schedules, row: Event, event: native.Event, now: datetime) -> Effect:
    told_at = _told_at(row, event)
    patient, warnings = keep_patient(db, row.clinic_id, event.data.patient, told_at=told_at, now=now)
    patient.deceased_at = patient.deceased_at or told_at
    db.add(patient)
    for plan in sessions.open_plans(db, patient.id):
        close_plan(db, plan, "the patient died", now=now)
    messages.end_planned(db, messages.planned_of_patient(db, patient.id), "cancelled", "the patient died", now=now)
    return Effect("accepted", None, None, warnings)


def _find_with_number(db: Session, row: Event, event: native.Event) -> Patient | None:
    patient = people.find_patient(db, row.clinic_id, event.data.patient.id)
    return patient if patient is not None and patient.phone is not None else None


def _work_what_waited_for_a_number(
    db: Session, schedules: Schedules, row: Event, event: native.Event, *, now: datetime
) -> None:
    """Texts that found none, and the latest session, as long as something of it is still ahead."""
    patient = _find_with_number(db, row, event)
    if patient is None:
        return
    messages.plan_again(db, messages.suppressed_of_patient(db, patient.id, NO_NUMBER, now=now), now=now)
    stop_if_withdrawn(db, patient.id, now=now)
    session = sessions.latest_session(db, patient.id)
    if session is None or session.ended_at is None or session.ended_at < now - PLAN_WINDOW:
        return
    effect = _plan(db, schedules, patient, session, [], now=now)
    if effect.status == "accepted" and sessions.find_plan(db, session.id) is not None:
        for waited in events.quarantined_of_session(db, session.id, WAITS_FOR_NUMBER):
            waited.status, waited.reason = "accepted", PLANNED_LATER
            db.add(waited)
        db.flush()


Apply = Callable[[Session, Schedules, Event, native.Event, datetime], Effect]
EFFECTS: dict[str, Apply] = {
    "session.completed": _complete_session,
    "session.amended": _complete_session,
    "session.cancelled": _cancel_session,
    "appointment.booked": _change_appointment,
    "appointment.moved": _change_appointment,
    "appointment.cancelled": _change_appointment,
    "patient.updated": _update_patient,
    "consent.granted": _change_consent,
    "consent.revoked": _change_consent,
    "patient.deceased": _note_death,
}
