"""An appointment moves, a session's end is corrected, a companion agrees: what has not left yet follows."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

import structlog

from followup.flow.facts_of import facts_of_plan
from followup.flow.keep_consent import stop_if_withdrawn
from followup.flow.plan_session import ANOTHER_IS_NEXT, APPOINTMENT_BEGUN, SUPERSEDED, make_message
from followup.flow.tell_staff import tell_staff
from followup.rules.caps import GAVE_WAY
from followup.rules.consent import BOOKED, NO_NUMBER, WITHDREW
from followup.rules.planning import make_plan
from followup.rules.schedule import OF_A_NUDGE, Schedule, ScheduleMistake, Step
from followup.schedule_files import read_schedule
from followup.store import messages, people, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, Message, Patient, Plan

log = structlog.get_logger()

NOT_BOOKED = "no appointment is booked any more"
TOO_NEAR = "the appointment moved: a reminder would come too late"
END_CORRECTED = "the session's end was corrected: it would come too late"
NO_COMPANION = "no companion agreed to be texted any more"
FELL_AWAY = {
    *(BOOKED, NOT_BOOKED, TOO_NEAR, END_CORRECTED, NO_COMPANION, APPOINTMENT_BEGUN, SUPERSEDED, ANOTHER_IS_NEXT),
    "the appointment was cancelled",
}
"""Dates or what is booked alone ended it: other news brings it back."""
WAITS_OTHERWISE = {WITHDREW, NO_NUMBER}
"""Consent or a number brings it back: then it needs its new date."""
MAY_HAVE_ARRIVED = {*messages.ARRIVED, "uncertain"}
DATES = {
    *("appointment_id", "wording", "prompt", "ask", "priority", "gives_way", "unless_booked", "on_unknown"),
    *("due_at", "use_by_at", "moved", "wake_at"),
}
Concerns = Callable[[Step], bool]


def redate_reminders(db: Session, patient_id: UUID, changed: Collection[UUID], *, now: datetime) -> None:
    """These appointments of the patient changed: what depends on them follows, in every open plan.

    Of a reminder that had left already staff hear: the patient may have the old time.
    """
    if not changed:
        return
    for plan in sessions.open_plans(db, patient_id):
        for message in _redate(db, plan, _hangs_on_appointments, now=now):
            if message.appointment_id in changed and message.status in MAY_HAVE_ARRIVED:
                tell_staff(db, message, "The appointment changed after its reminder left", now=now)


def redate_session(db: Session, session_id: UUID, *, now: datetime) -> None:
    """The session's end was corrected: its plan follows, as long as it is open."""
    plan = sessions.find_plan(db, session_id)
    if plan is not None and plan.closed_at is None:
        _redate(db, plan, lambda _: True, now=now)


def redate_companion(db: Session, patient_id: UUID, *, now: datetime) -> None:
    """A companion agreed, or does not any more: their texts follow, in every open plan."""
    for plan in sessions.open_plans(db, patient_id):
        _redate(db, plan, lambda step: step.to == "companion", now=now)


def redate_patient(db: Session, patient: Patient, *, now: datetime) -> None:
    """The patient's zone or state is another: what has not left follows their clock."""
    zone = patient.zone or people.clinic_of(db, patient.clinic_id).zone
    for plan in sessions.open_plans(db, patient.id):
        plan.zone = zone
        db.add(plan)
        _redate(db, plan, lambda _: True, now=now)


def redate_preparation(db: Session, plan: Plan, *, now: datetime) -> None:
    """A plan that prepares for an appointment is open again."""
    _redate(db, plan, lambda _: True, now=now)


def _redate(db: Session, plan: Plan, concerns: Concerns, *, now: datetime) -> list[Message]:
    """Plan it anew with its own version of the schedule; gives what has left or ended, and stays as it is."""
    schedule = _schedule_of(db, plan)
    if schedule is None:
        return []
    appointment = _appointment_of(db, plan, now)
    all_of_plan = messages.lock_plan(db, plan.id)
    waiting = {m.step: m for m in all_of_plan if _is_waiting(m, now) and not _is_settled(db, m, schedule, now)}
    ended = [message for message in all_of_plan if message not in waiting.values()]
    steps = [step for step in schedule.steps if concerns(step)]
    over = ({message.step for message in ended} - set(waiting)) | messages.steps_said_of(db, appointment, besides=plan)
    if steps:
        planned = make_plan(
            schedule.model_copy(update={"step": steps}),
            facts_of_plan(db, plan, appointment),
            now=now,
            over=over,
            asked={message.step for message in ended if message.wording == "question"},
        )
        for each in planned.texts:
            _keep(db, waiting.pop(each.step, None), make_message(plan, each, appointment, now=now))
        for name, message in waiting.items():
            step = schedule.get_step(name)
            if concerns(step) and OF_A_NUDGE.sub("", name) not in over:
                _end(db, message, _why_it_falls_away(step, appointment), now=now)
    db.flush()
    stop_if_withdrawn(db, plan.patient_id, now=now)
    return ended


def _appointment_of(db: Session, plan: Plan, now: datetime) -> Appointment | None:
    """The next one after the session; of a preparation its own, as long as it is booked."""
    if plan.session_id is not None:
        session = sessions.get_session(db, plan.session_id)
        assert session.ended_at is not None
        return sessions.next_appointment(db, plan.patient_id, after=max(session.ended_at, now))
    assert plan.appointment_id is not None
    appointment = sessions.get_appointment(db, plan.appointment_id)
    return appointment if appointment.cancelled_at is None and appointment.starts_at > now else None


def _is_waiting(message: Message, now: datetime) -> bool:
    """It has not left, and may still."""
    if message.status == "planned":
        return True
    if message.handed_over_at is not None or message.text is not None:
        return False
    reason = message.reason or ""
    return (
        (message.status == "suppressed" and reason in WAITS_OTHERWISE)
        or (message.status == "suppressed" and reason.startswith(GAVE_WAY) and message.due_at > now)
        or (message.status == "cancelled" and reason in FELL_AWAY)
        or message.status == "expired"
    )


def _is_settled(db: Session, message: Message, schedule: Schedule, now: datetime) -> bool:
    """It follows an appointment that has begun, and what is booked next does not move it; or its step is gone."""
    if schedule.find_step(message.step) is None:
        return True
    if message.appointment_id is None:
        return False
    appointment = sessions.get_appointment(db, message.appointment_id)
    return appointment.cancelled_at is None and appointment.starts_at <= min(now, message.due_at)


def _schedule_of(db: Session, plan: Plan) -> Schedule | None:
    """None: the version was kept by a program that read schedules otherwise; what is planned keeps its dates."""
    kept = sessions.get_schedule_version(db, plan.schedule_version)
    try:
        return read_schedule(kept.source_text, file=f"{kept.name}.toml")
    except ScheduleMistake as error:
        log.error("kept_schedule_unreadable", version=plan.schedule_version, error=type(error).__name__)
        return None


def _hangs_on_appointments(step: Step) -> bool:
    return step.unless_booked or step.until == "booked" or step.is_by_appointment


def _keep(db: Session, before: Message | None, message: Message) -> None:
    if before is None:
        db.add(message)
        return
    before.sqlmodel_update(message.model_dump(include=DATES))
    if before.status in {"cancelled", "expired"} or (before.reason or "").startswith(GAVE_WAY):
        before.status, before.reason, before.ended_at = "planned", None, None
    if before.held_at is None:
        before.waits_for = None
    db.add(before)


def _end(db: Session, message: Message, why: str, *, now: datetime) -> None:
    if message.status in {"planned", "suppressed"}:
        messages.end_planned(db, [message], "cancelled", why, now=now)


def _why_it_falls_away(step: Step, appointment: Appointment | None) -> str:
    if step.to == "companion" and not step.is_by_appointment:
        return NO_COMPANION
    if (step.unless_booked or step.until == "booked") and appointment is not None:
        return BOOKED
    if step.is_by_appointment:
        return TOO_NEAR if appointment else NOT_BOOKED
    return END_CORRECTED
