"""The words of a plan's texts: as each left, or as it would leave after those before it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from followup.flow.render_text import tokens_of
from followup.rules.schedule import Schedule, Step
from followup.rules.wording import Tokens, render_step
from followup.store import messages, people, sessions
from followup.store.database import Session
from followup.store.tables import Message, Patient, Plan


def words_of_plan(
    db: Session, plan: Plan, schedule: Schedule | None, patient: Patient, of_plan: Sequence[Message]
) -> Iterator[str]:
    """Of each text; empty where it never had any, or nobody can read its schedule any more.

    As flow/render_text renders them one at a time, in the claim; here what they share is looked up once.
    """
    shared, had_one = _tokens(db, plan, schedule, patient), set[str]()
    for message in of_plan:
        step = _step_or_none(schedule, message)
        if message.text is not None or message.status != "planned" or schedule is None or step is None:
            yield message.text or ""
            continue
        is_first = message.to not in had_one and not messages.has_been_texted(db, patient.id, before=message)
        had_one.add(message.to)
        yield render_step(
            schedule,
            step,
            wording=message.wording,
            language=patient.language or "en",
            tokens=_with_visit(db, shared, message, ZoneInfo(plan.zone)),
            is_first=is_first,
        )[0]


def _step_or_none(schedule: Schedule | None, message: Message) -> Step | None:
    try:
        return schedule.get_step(message.step) if schedule else None
    except LookupError:
        return None


def _tokens(db: Session, plan: Plan, schedule: Schedule | None, patient: Patient) -> Tokens:
    session = sessions.get_session(db, plan.session_id) if plan.session_id else None
    ended_at = session.ended_at if session else None
    zone = ZoneInfo(plan.zone)
    return tokens_of(
        db,
        people.clinic_of(db, plan.clinic_id),
        patient,
        session_day=ended_at.astimezone(zone) if ended_at else None,
        usual_until=(ended_at + schedule.usual_for).astimezone(zone) if ended_at and schedule else None,
    )


def _with_visit(db: Session, tokens: Tokens, message: Message, zone: ZoneInfo) -> Tokens:
    """A reminder tells the time of its own visit."""
    if message.appointment_id is None:
        return tokens
    starts_at = sessions.get_appointment(db, message.appointment_id).starts_at
    return replace(tokens, appointment_at=starts_at.astimezone(zone))
