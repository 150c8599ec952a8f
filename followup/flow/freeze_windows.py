"""Until when a question may be answered, and when its silence becomes a case: fixed as it leaves."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followup.flow.render_text import schedule_of
from followup.rules.silence import silent_at
from followup.store import cases, opening_hours, sessions
from followup.store.database import Session
from followup.store.tables import Clinic, Message, Plan

LATELY = timedelta(days=7)


def freeze_windows(db: Session, message: Message, clinic: Clinic, *, now: datetime) -> None:
    """Nothing for a text that asks nothing."""
    if message.wording == "statement" or message.prompt == "none":
        return
    schedule, plan = schedule_of(db, message)
    step = schedule.get_step(message.step)
    message.answer_until_at = now + step.answer_within
    if step.silence is None or message.wording == "nudge":
        return
    message.silent_at = silent_at(
        step.silence,
        left_at=now,
        zone=ZoneInfo(plan.zone),
        staffed=opening_hours.staffed_hours(db, clinic),
        is_sooner=_is_sooner(db, message, plan, now),
    )


def _is_sooner(db: Session, message: Message, plan: Plan, now: datetime) -> bool:
    """After a first session, or an urgent case within a week."""
    session = sessions.get_session(db, plan.session_id) if plan.session_id else None
    if session is not None and session.ended_at is not None:
        earlier = sessions.sessions_before(db, plan.patient_id, session.ended_at)
        if session.number == 1 or (session.number is None and earlier == 0):
            return True
    return cases.had_urgent_since(db, plan.patient_id, now - LATELY)
