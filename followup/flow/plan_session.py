"""A completed session becomes dated messages, once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from followup.flow.choose_version import choose_version
from followup.rules.planning import PlannedMessage, SessionFacts, plan_messages
from followup.schedule_files import LoadedSchedule
from followup.store import events, messages, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, CareSession, Clinic, Message, Patient, Plan

CANCELLED = "the session was cancelled"
APPOINTMENT_BEGUN = "the appointment has begun"
OTHER_PATIENT = "other_patient"
"""The identifier of the reason of an event that gives a session to somebody else than whose it is."""
REMINDER, PROMPT = 2, 3
"""Priorities: a reminder goes before a prompt when the carrier is slow."""


def plan_session(
    db: Session, newest: LoadedSchedule, *, clinic: Clinic, patient: Patient, session: CareSession, now: datetime
) -> str | None:
    """Make the session's plan and its messages; why there are none or no new ones, None if all went as usual.

    `newest` is the schedule's file as it is now; while a change of it is rolled out, others get the version before.
    """
    if events.quarantined_of_session(db, session.id, [OTHER_PATIENT]):
        return f"{OTHER_PATIENT}: two patients were named for this session; a person has to look"
    kept = sessions.find_plan(db, session.id)
    if kept is not None and not _was_cancelled(kept):
        return "already_planned: this session has its plan"
    assert session.ended_at is not None
    latest = sessions.latest_session(db, patient.id)
    if latest is not None and latest.ended_at and latest.ended_at > session.ended_at:
        return "superseded: a later session of this patient is known"
    loaded = choose_version(db, newest, clinic_id=clinic.id, patient_id=patient.id, now=now)
    if loaded is None:
        return f"roll_out: {newest.name} is new and reaches no more patients until somebody lets it; see /schedules"
    for plan in sessions.open_plans(db, patient.id):
        close_plan(db, plan, "a later session has its own plan", now=now)
    zone = ZoneInfo(patient.zone or clinic.zone)
    appointment = sessions.next_appointment(db, patient.id, after=max(session.ended_at, now))
    facts = facts_of(session, zone, appointment)
    plan = _keep_plan(db, kept, loaded, patient, session, zone, now=now)
    before = {message.step: message for message in messages.messages_of_plan(db, plan.id)}
    for planned in plan_messages(loaded.schedule, facts, now=now):
        _keep_message(db, before.get(planned.step), make_message(plan, planned, appointment, now=now))
    db.flush()
    return None


def _was_cancelled(plan: Plan) -> bool:
    """Its session was, and may be reopened by a newer word."""
    return plan.closed_because is not None and plan.closed_because.startswith(CANCELLED)


def _keep_plan(
    db: Session,
    kept: Plan | None,
    loaded: LoadedSchedule,
    patient: Patient,
    session: CareSession,
    zone: ZoneInfo,
    *,
    now: datetime,
) -> Plan:
    version = loaded.schedule.version
    sessions.keep_schedule_version(db, version=version, name=loaded.name, source_text=loaded.source_text, now=now)
    plan = kept or Plan(
        clinic_id=session.clinic_id,
        patient_id=patient.id,
        session_id=session.id,
        schedule_version=version,
        zone=zone.key,
        made_at=now,
    )
    plan.schedule_version, plan.zone, plan.closed_at, plan.closed_because = version, zone.key, None, None
    db.add(plan)
    db.flush()
    return plan


def facts_of(session: CareSession, zone: ZoneInfo, appointment: Appointment | None) -> SessionFacts:
    """What planning needs to know; the appointment is the next one that is booked."""
    assert session.ended_at is not None
    return SessionFacts(
        kind=session.kind or "",
        ended_at=session.ended_at,
        zone=zone,
        number=session.number,
        appointment_at=appointment.starts_at if appointment else None,
    )


def make_message(plan: Plan, planned: PlannedMessage, appointment: Appointment | None, *, now: datetime) -> Message:
    """The row of one text of this plan."""
    is_reminder = planned.prompt == "appointment"
    return Message(
        clinic_id=plan.clinic_id,
        purpose="step",
        patient_id=plan.patient_id,
        plan_id=plan.id,
        session_id=plan.session_id,
        appointment_id=appointment.id if appointment and is_reminder else None,
        step=planned.step,
        wording=planned.wording,
        prompt=planned.prompt,
        priority=REMINDER if is_reminder else PROMPT,
        gives_way=planned.gives_way,
        unless_booked=planned.unless_booked,
        on_unknown=planned.on_unknown,
        due_at=planned.due_at,
        use_by_at=planned.use_by_at,
        moved=planned.moved,
        wake_at=planned.due_at,
        created_at=now,
    )


def _keep_message(db: Session, before: Message | None, message: Message) -> None:
    """A step that left, or that the carrier refused for good, is not planned a second time."""
    if before is None:
        db.add(message)
    elif before.handed_over_at is None and before.status in {"cancelled", "suppressed"}:
        before.sqlmodel_update(message.model_dump(exclude={"id", "fence", "created_at"}))
        db.add(before)


def close_plan(db: Session, plan: Plan, why: str, *, now: datetime) -> None:
    """Nothing more of it will leave. Again changes nothing."""
    if plan.closed_at is None:
        plan.closed_at, plan.closed_because = now, why
        db.add(plan)
    waiting = [m for m in messages.planned_of_patient(db, plan.patient_id) if m.plan_id == plan.id]
    messages.end_planned(db, waiting, "cancelled", why, now=now)
