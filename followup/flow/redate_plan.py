"""An appointment moves, or a session's end is corrected: what has not left yet gets its new date."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.keep_consent import stop_if_withdrawn
from followup.flow.plan_session import APPOINTMENT_BEGUN, facts_of, make_message
from followup.flow.tell_staff import tell_staff
from followup.rules.consent import BOOKED, NO_NUMBER, WITHDREW
from followup.rules.planning import plan_messages
from followup.rules.schedule import Schedule, Step
from followup.schedule_files import read_schedule
from followup.store import messages, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, Message, Plan

NOT_BOOKED = "no appointment is booked any more"
TOO_NEAR = "the appointment moved: a reminder would come too late"
END_CORRECTED = "the session's end was corrected: it would come too late"
FELL_AWAY = {BOOKED, NOT_BOOKED, TOO_NEAR, END_CORRECTED, APPOINTMENT_BEGUN, "the appointment was cancelled"}
"""Dates alone ended it: another date brings it back."""
WAITS_OTHERWISE = {WITHDREW, NO_NUMBER}
"""Consent or a number brings it back: then it needs its new date."""
MAY_HAVE_ARRIVED = {*messages.ARRIVED, "uncertain"}
DATES = {
    *("appointment_id", "wording", "prompt", "priority", "gives_way", "unless_booked", "on_unknown"),
    *("due_at", "use_by_at", "moved", "wake_at"),
}


def redate_reminders(db: Session, patient_id: UUID, changed: Collection[UUID], *, now: datetime) -> None:
    """These appointments of the patient changed: what depends on them follows, in every open plan.

    Of a reminder that had left already staff hear: the patient may have the old time.
    """
    if not changed:
        return
    for plan in sessions.open_plans(db, patient_id):
        for message in _redate(db, plan, only_by_appointment=True, now=now):
            if message.appointment_id in changed and message.status in MAY_HAVE_ARRIVED:
                tell_staff(db, message, "The appointment changed after its reminder left", now=now)


def redate_session(db: Session, session_id: UUID, *, now: datetime) -> None:
    """The session's end was corrected: its plan follows, as long as it is open."""
    plan = sessions.find_plan(db, session_id)
    if plan is not None and plan.closed_at is None:
        _redate(db, plan, only_by_appointment=False, now=now)


def _redate(db: Session, plan: Plan, *, only_by_appointment: bool, now: datetime) -> list[Message]:
    """Plan it anew with its own version of the schedule; gives what has left or ended, and stays as it is."""
    session = sessions.get_session(db, plan.session_id)
    assert session.ended_at is not None
    appointment = sessions.next_appointment(db, plan.patient_id, after=max(session.ended_at, now))
    all_of_plan = messages.lock_plan(db, plan.id)
    waiting = {message.step: message for message in all_of_plan if _is_waiting(message)}
    ended = [message for message in all_of_plan if not _is_waiting(message)]
    schedule = _schedule_of(db, plan)
    steps = [
        step for step in _without(schedule.steps, ended, waiting) if _is_by_appointment(step) or not only_by_appointment
    ]
    facts = facts_of(session, ZoneInfo(plan.zone), appointment)
    planned = plan_messages(schedule.model_copy(update={"step": steps}), facts, now=now)
    for each in planned:
        _keep(db, waiting.pop(each.step, None), make_message(plan, each, appointment, now=now))
    for step in steps:
        if step.name in waiting:
            _end(db, waiting[step.name], _why_it_falls_away(step, appointment), now=now)
    db.flush()
    stop_if_withdrawn(db, plan.patient_id, now=now)
    return ended


def _is_waiting(message: Message) -> bool:
    """It has not left, and may still."""
    if message.status == "planned":
        return True
    if message.handed_over_at is not None or message.text is not None:
        return False
    return (
        (message.status == "suppressed" and message.reason in WAITS_OTHERWISE)
        or (message.status == "cancelled" and message.reason in FELL_AWAY)
        or message.status == "expired"
    )


def _schedule_of(db: Session, plan: Plan) -> Schedule:
    kept = sessions.get_schedule_version(db, plan.schedule_version)
    return read_schedule(kept.source_text, file=f"{kept.name}.toml")


def _without(steps: Iterable[Step], ended: Iterable[Message], waiting: Collection[str]) -> list[Step]:
    """Those that are still to come: not what has left or ended, and not what stands in for a question that left."""
    over = {message.step for message in ended} - set(waiting)
    asked = {message.step for message in ended if message.wording == "question"}
    return [step for step in steps if step.name not in over and step.instead_of not in asked]


def _is_by_appointment(step: Step) -> bool:
    return step.unless_booked or step.days_before_appointment is not None


def _keep(db: Session, before: Message | None, message: Message) -> None:
    if before is None:
        db.add(message)
        return
    before.sqlmodel_update(message.model_dump(include=DATES))
    if before.status in {"cancelled", "expired"}:
        before.status, before.reason, before.ended_at = "planned", None, None
    if before.held_at is None:
        before.waits_for = None
    db.add(before)


def _end(db: Session, message: Message, why: str, *, now: datetime) -> None:
    if message.status in {"planned", "suppressed"}:
        messages.end_planned(db, [message], "cancelled", why, now=now)


def _why_it_falls_away(step: Step, appointment: Appointment | None) -> str:
    if step.unless_booked and appointment is not None:
        return BOOKED
    if step.days_before_appointment is not None:
        return TOO_NEAR if appointment else NOT_BOOKED
    return END_CORRECTED
