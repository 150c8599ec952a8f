"""A completed session becomes dated messages, once."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.choose_version import choose_version
from followup.flow.facts_of import facts_of
from followup.rules.planning import LeftOut, PlannedMessage, make_plan
from followup.rules.planning import Plan as Planned
from followup.rules.schedule import Schedule
from followup.schedule_files import LoadedSchedule
from followup.store import cases, events, messages, schedules, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, CareSession, Clinic, Message, Patient, Plan

CANCELLED = "the session was cancelled"
APPOINTMENT_BEGUN = "the appointment has begun"
SUPERSEDED = "a later session has its own plan"
ANOTHER_IS_NEXT = "another appointment comes first"
OTHER_KIND = "the session's kind was corrected: it has another schedule"
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
    if kept is not None and not _was_cancelled(kept) and _is_made_from(db, kept, newest):
        return "already_planned: this session has its plan"
    assert session.ended_at is not None
    latest = sessions.latest_session(db, patient.id)
    if latest is not None and latest.ended_at and latest.ended_at > session.ended_at:
        return "superseded: a later session of this patient is known"
    loaded = choose_version(db, newest, clinic_id=clinic.id, patient_id=patient.id, now=now)
    if loaded is None:
        return f"roll_out: {newest.name} is new and reaches no more patients until somebody lets it; see /schedules"
    for plan in sessions.open_plans(db, patient.id):
        close_plan(db, plan, SUPERSEDED if plan is not kept else OTHER_KIND, now=now)
    if kept is not None and not _is_made_from(db, kept, newest):  # Nor does consent or START bring the old ones back.
        held_back = [m for m in messages.messages_of_plan(db, kept.id) if m.status == "suppressed"]
        messages.end_planned(db, held_back, "cancelled", OTHER_KIND, now=now)
    zone = ZoneInfo(patient.zone or clinic.zone)
    appointment = sessions.next_appointment(db, patient.id, after=max(session.ended_at, now))
    plan = kept or Plan(
        clinic_id=session.clinic_id,
        patient_id=patient.id,
        session_id=session.id,
        schedule_version=loaded.schedule.version,
        zone=zone.key,
        made_at=now,
    )
    keep_plan(db, plan, loaded, zone, now=now)
    facts = facts_of(db, patient, session, appointment, zone=zone)
    planned = make_plan(loaded.schedule, facts, now=now, over=messages.steps_said_of(db, appointment))
    # Of a text that is to be delivered once more the first counts: it left.
    before = {m.step: m for m in sorted(messages.messages_of_plan(db, plan.id), key=lambda m: m.again, reverse=True)}
    for text in planned.texts:
        _keep_message(db, before.get(text.step), make_message(plan, text, appointment, now=now))
    _tell_if_nobody_asks(db, loaded.schedule, planned, session, now=now)
    for out in planned.left_out:
        if out.gave_way and out.step not in before:
            db.add(make_left_out(plan, out, appointment, now=now))
    db.flush()
    return None


def _is_made_from(db: Session, plan: Plan, newest: LoadedSchedule) -> bool:
    """Else the session's kind was corrected, and what has not left comes from another schedule."""
    return schedules.schedule_of_plan(db, plan.id) == newest.name


def _tell_if_nobody_asks(
    db: Session, schedule: Schedule, planned: Planned, session: CareSession, *, now: datetime
) -> None:
    """The day's question cannot be asked, and the clinic is closed next morning: somebody calls before they go home."""
    told = {text.step for text in planned.texts if text.wording == "statement"}
    asked_instead = {schedule.get_step(text.step).instead_of for text in planned.texts}
    if told - asked_instead and told & {step.instead_of for step in schedule.steps}:
        cases.open_or_join_case(
            db,
            clinic_id=session.clinic_id,
            patient_id=session.patient_id,
            sender=None,
            session_id=session.id,
            level="concern",
            reason="No check-in can be asked after this session while somebody reads: please call",
            now=now,
        )


def _was_cancelled(plan: Plan) -> bool:
    """Its session was, and may be reopened by a newer word."""
    return plan.closed_because is not None and plan.closed_because.startswith(CANCELLED)


def keep_plan(db: Session, plan: Plan, loaded: LoadedSchedule, zone: ZoneInfo, *, now: datetime) -> None:
    """Open, with this version of its schedule, which is kept as it is now."""
    version = loaded.schedule.version
    sessions.keep_schedule_version(db, version=version, name=loaded.name, source_text=loaded.source_text, now=now)
    plan.schedule_version, plan.zone, plan.closed_at, plan.closed_because = version, zone.key, None, None
    db.add(plan)
    db.flush()


def make_message(plan: Plan, planned: PlannedMessage, appointment: Appointment | None, *, now: datetime) -> Message:
    """The row of one text of this plan."""
    is_reminder = planned.prompt == "appointment"
    return Message(
        clinic_id=plan.clinic_id,
        purpose="step",
        to=planned.to,
        patient_id=plan.patient_id,
        plan_id=plan.id,
        session_id=plan.session_id,
        appointment_id=_appointment_of(plan, planned, appointment),
        step=planned.step,
        wording=planned.wording,
        prompt=planned.prompt,
        ask=planned.ask,
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


def _appointment_of(plan: Plan, planned: PlannedMessage, appointment: Appointment | None) -> UUID | None:
    """The one whose time it tells, or whose coming it follows."""
    is_about_it = planned.is_by_appointment or plan.session_id is None
    return appointment.id if appointment and is_about_it else None


def make_left_out(plan: Plan, out: LeftOut, appointment: Appointment | None, *, now: datetime) -> Message:
    """The row of a text that gave way to others: staff see that it would have come, and why it does not."""
    assert out.gave_way is not None
    row = make_message(plan, out.gave_way, appointment, now=now)
    row.status, row.reason, row.ended_at = "suppressed", out.why, now
    return row


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
