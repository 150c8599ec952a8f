"""What one patient gets and got: every text of every plan with what became of it, and what a plan never had."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.facts_of import facts_of_plan
from followup.rules.planned import LeftOut, PlannedMessage
from followup.rules.planning import make_plan
from followup.rules.schedule import Schedule, ScheduleMistake
from followup.schedule_files import read_schedule
from followup.store import messages, sessions
from followup.store.database import Session
from followup.store.holds import is_held
from followup.store.tables import Appointment, CareSession, Message, Patient, Pause, Plan
from followup.web import times
from followup.web.plan_words import words_of_plan
from followup.web.rows import sentence
from followup.web.schedule_view import SHORT
from followup.web.thread import PROBLEMS, delivery_of

KNOWN_LATER = "Was not planned then; what is known by now would bring it"
LATER = timedelta(minutes=1)
"""A text that leaves within this time of when it was due left when it was due."""


@dataclass(frozen=True)
class PlannedRow:
    """One text of a plan."""

    name: str
    to_companion: bool
    at: datetime
    day: str
    clock: str
    """On the patient's clock, as the day is."""
    left: str
    """When it left, where that was later."""
    icon: str
    status: str
    is_problem: bool
    words: str
    """As it left, or as it would leave now; empty where it never had any."""
    code: str
    notes: Sequence[str]
    """Why it moved, on what it depends, what it waits for."""


@dataclass(frozen=True)
class MissingRow:
    """A text that the schedule has and this plan has not."""

    name: str
    when: str
    why: str


@dataclass(frozen=True)
class PlanView:
    title: str
    version: str
    about: str
    """Which session it follows, or which visit it prepares for."""
    made: str
    closed: str
    """When and why; empty while it is open."""
    zone: str
    """The wall clock that its times are told on."""
    rows: Sequence[PlannedRow]
    missing: Sequence[MissingRow]
    is_readable: bool
    """Whether its schedule's version can still be read; else nobody knows what is missing."""


def plan_view(
    db: Session, plan: Plan, patient: Patient, *, pause: Pause | None, zone: ZoneInfo, now: datetime
) -> PlanView:
    """`pause` is the one that holds. `zone` is the clinic's clock, on which staff acts are told."""
    patients = ZoneInfo(plan.zone)
    kept = sessions.get_schedule_version(db, plan.schedule_version)
    schedule = _read(kept.source_text, f"{kept.name}.toml")
    appointment = _appointment(db, plan)
    of_plan = sorted(messages.messages_of_plan(db, plan.id), key=lambda message: (message.due_at, message.id))
    anew = _plan_anew(db, plan, schedule, appointment) if schedule else {}
    conditions = {name: each.condition for name, each in anew.items() if isinstance(each, PlannedMessage)}
    closed_at = plan.closed_at
    return PlanView(
        title=schedule.title if schedule else kept.name,
        version=plan.schedule_version[:SHORT],
        about=_about(db, plan, appointment, zone=patients, now=now),
        made=times.moment(plan.made_at, zone, now=now),
        closed=f"{times.moment(closed_at, zone, now=now)}: {plan.closed_because}" if closed_at else "",
        zone=plan.zone,
        rows=[
            _row(message, conditions.get(message.step), words, pause=pause, zone=patients, now=now)
            for message, words in zip(of_plan, words_of_plan(db, plan, schedule, patient, of_plan), strict=True)
        ],
        missing=list(_missing(schedule, anew, of_plan, zone=patients, now=now)) if schedule else [],
        is_readable=schedule is not None,
    )


def _read(source_text: str, file: str) -> Schedule | None:
    try:
        return read_schedule(source_text, file=file)
    except ScheduleMistake:
        return None


# What it is for ------------------------------------------------------------------------------------------


def _appointment(db: Session, plan: Plan) -> Appointment | None:
    """The visit that came next when the plan was made, as far as is known now."""
    if plan.appointment_id is not None:
        own = sessions.get_appointment(db, plan.appointment_id)
        return None if own.cancelled_at else own
    assert plan.session_id is not None
    ended_at = sessions.get_session(db, plan.session_id).ended_at
    return sessions.next_appointment(db, plan.patient_id, after=max(ended_at or plan.made_at, plan.made_at))


def _about(db: Session, plan: Plan, appointment: Appointment | None, *, zone: ZoneInfo, now: datetime) -> str:
    if plan.session_id is None:
        visit = times.moment(appointment.starts_at, zone, now=now) if appointment else "that was cancelled"
        return f"Prepares for the visit {visit}"
    session = sessions.get_session(db, plan.session_id)
    ended = f", ended {times.moment(session.ended_at, zone, now=now)}" if session.ended_at else ""
    kind = f" ({session.kind})" if session.kind else ""
    return f"{session_words(session)}{kind}{ended}"


def session_words(session: CareSession) -> str:
    """`Session 4 of 6`"""
    if session.number is None:
        return "A session"
    return f"Session {session.number}" + (f" of {session.series_length}" if session.series_length else "")


# Its texts -----------------------------------------------------------------------------------------------


def _row(
    message: Message, condition: str | None, words: str, *, pause: Pause | None, zone: ZoneInfo, now: datetime
) -> PlannedRow:
    icon, status = _status(message, zone)
    return PlannedRow(
        name=message.step,
        to_companion=message.to == "companion",
        at=message.due_at,
        day=times.day(message.due_at, zone, now=now),
        clock=times.clock_and_zone(message.due_at, zone),
        left=_left(message, zone, now),
        icon=icon,
        status=status,
        is_problem=message.status in PROBLEMS or is_held(message),
        words=words,
        code=message.text_language or "",
        notes=[sentence(note) for note in _notes(message, condition, pause)],
    )


def _status(message: Message, zone: ZoneInfo) -> tuple[str, str]:
    if is_held(message):
        return "circle-pause", sentence(message.waits_for or "held")
    if message.status == "planned" and message.waits_for is None:
        return "clock", "Planned"
    return delivery_of(message, zone)


def _left(message: Message, zone: ZoneInfo, now: datetime) -> str:
    at = message.handed_over_at
    return f"left {times.when(at, zone, now=now)}" if at and at - message.due_at > LATER else ""


def _notes(message: Message, condition: str | None, pause: Pause | None) -> Iterator[str]:
    if message.again:
        yield "planned anew, because the network did not deliver it"
    if message.wording == "statement" and message.moved is None:
        yield "without its question"
    if message.moved:
        yield message.moved
    if is_held(message):
        yield "it leaves by a person's word, in the conversation"
    if message.status == "planned":
        if condition:
            yield condition
        if message.unless_booked:
            yield "only while no visit is booked"
        if pause and (pause.until_at is None or message.due_at < pause.until_at):
            yield "falls into the pause: it will not be sent"


# What it has not -----------------------------------------------------------------------------------------


def _plan_anew(
    db: Session, plan: Plan, schedule: Schedule, appointment: Appointment | None
) -> Mapping[str, PlannedMessage | LeftOut]:
    """Every text by its name, as its version of the schedule would be planned at that time with what is known now."""
    made = make_plan(schedule, facts_of_plan(db, plan, appointment), now=plan.made_at)
    return {each.step: each for each in [*made.texts, *made.left_out]}


def _missing(
    schedule: Schedule,
    anew: Mapping[str, PlannedMessage | LeftOut],
    of_plan: Sequence[Message],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> Iterator[MissingRow]:
    """In the order of the file."""
    there = {message.step for message in of_plan}
    for step in schedule.steps:
        named = [each for name, each in anew.items() if schedule.get_step(name).name == step.name]
        for each in named:
            if each.step not in there:
                when = times.moment(each.due_at, zone, now=now) if each.due_at else ""
                yield MissingRow(each.step, when, sentence(each.why) if isinstance(each, LeftOut) else KNOWN_LATER)


# Pauses --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PauseView:
    why: str
    story: str
    """By whom, from when until when."""
    is_open: bool


def pause_view(
    pause: Pause, *, names: Mapping[UUID, str], is_open: bool, patients: ZoneInfo, zone: ZoneInfo, now: datetime
) -> PauseView:
    until = f" until {times.moment(pause.until_at, patients, now=now)}" if pause.until_at else ""
    told = (
        f"{names[pause.by_staff_id]}, {times.moment(pause.at, zone, now=now)}{until or ' until somebody resumes them'}"
    )
    if pause.ended_at and pause.ended_by_id:
        told += f"; resumed by {names[pause.ended_by_id]} {times.moment(pause.ended_at, zone, now=now)}"
    return PauseView(why=pause.why, story=told, is_open=is_open)
