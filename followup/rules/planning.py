"""A schedule and a session in, dated texts out. All decisions are made on the patient's wall clock."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from followup.rules.quiet_hours import PROMPTS, SENDING, Window, at_wall_clock, first_allowed
from followup.rules.reading.reading import Prompt
from followup.rules.schedule import Schedule, Step

LAST_QUESTION, LAST_WORD = time(17, 45), time(19, 45)
"""A quarter of an hour before prompt hours and sending hours end: what waits for the carrier still leaves inside."""
LATE = timedelta(minutes=15)
"""Later than this a text is a catch-up."""
AFTER_THE_VISIT = timedelta(minutes=90)
"""What should have come before the session's end waits until the patient is home."""

Wording = Literal["question", "statement"]


@dataclass(frozen=True)
class SessionFacts:
    """What planning needs to know of a session and its patient."""

    kind: str
    ended_at: datetime
    """UTC."""
    zone: ZoneInfo
    number: int | None = None
    appointment_at: datetime | None = None
    """The next one that is booked, UTC."""


@dataclass(frozen=True)
class PlannedMessage:
    """One text with its date. Times are UTC."""

    step: str
    due_at: datetime
    use_by_at: datetime
    moved: str | None
    """Why it does not come when the step says; None exactly when it does."""
    prompt: Prompt
    wording: Wording
    gives_way: bool
    on_unknown: Literal["resend", "hold"]
    unless_booked: bool
    is_catch_up: bool = False


def plan_messages(schedule: Schedule, session: SessionFacts, *, now: datetime) -> list[PlannedMessage]:
    """The texts this session will get, earliest first.

    Already moved out of quiet hours; `moved` says why. What is past its use is left out, not sent late, and of
    what was due before `now` and is still of use only the latest stays: one catch-up text, never a burst.
    """
    placed = [(step, _place(step, session, now)) for step in schedule.steps]
    planned = [(step, message) for step, message in placed if message is not None]
    late = sorted((m for _, m in planned if m.is_catch_up), key=lambda m: (m.use_by_at, m.due_at))
    kept = [(step, message) for step, message in planned if message not in late[:-1]]
    asked = {message.step for _, message in kept if message.wording == "question"}
    return sorted((message for step, message in kept if step.instead_of not in asked), key=lambda m: m.due_at)


def local_time(at: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 on the wall clock, with its offset."""
    return at.astimezone(zone).isoformat(timespec="seconds")


def _place(step: Step, session: SessionFacts, now: datetime) -> PlannedMessage | None:
    """The step's text, or None where it does not apply or is of no use any more."""
    if step.unless_booked and session.appointment_at is not None:
        return None
    if step.no_earlier_than is not None:
        return _place_on_the_day(step, session, now)
    due_at = _natural(step, session)
    if due_at is None:
        return None
    window = SENDING if step.prompt == "none" else PROMPTS
    moved = None
    allowed_at = due_at
    if due_at <= session.ended_at:
        allowed_at, moved = session.ended_at + AFTER_THE_VISIT, "falls before the end of the session"
    allowed_at, moved = _into(window, allowed_at, session.zone, moved)
    use_by_at = _use_by(step, due_at, session)
    return _catch_up(_message(step, allowed_at, use_by_at, moved), window, session, now)


def _natural(step: Step, session: SessionFacts) -> datetime | None:
    """When the step says, whatever the hour."""
    if step.after_end is not None:
        return session.ended_at + step.after_end
    assert step.at is not None
    if step.days_after is not None:
        day = session.ended_at.astimezone(session.zone).date() + timedelta(days=step.days_after)
        return at_wall_clock(day, step.at, session.zone)
    if session.appointment_at is None or session.appointment_at <= session.ended_at:
        return None
    assert step.days_before_appointment is not None
    day = session.appointment_at.astimezone(session.zone).date() - timedelta(days=step.days_before_appointment)
    return at_wall_clock(day, step.at, session.zone)


def _use_by(step: Step, due_at: datetime, session: SessionFacts) -> datetime:
    if isinstance(step.use_by, time):
        return at_wall_clock(due_at.astimezone(session.zone).date(), step.use_by, session.zone)
    if step.days_before_appointment is not None and session.appointment_at is not None:
        return session.appointment_at - step.use_by
    return due_at + step.use_by


def _into(window: Window, at: datetime, zone: ZoneInfo, moved: str | None) -> tuple[datetime, str | None]:
    """The first allowed instant, and why it moved."""
    allowed_at = first_allowed(at, zone, window)
    if allowed_at == at:
        return at, moved
    local = at.astimezone(zone)
    return allowed_at, moved or f"falls at {local:%H:%M}, outside {window.opens:%H:%M} to {window.closes:%H:%M}"


def _catch_up(message: PlannedMessage, window: Window, session: SessionFacts, now: datetime) -> PlannedMessage | None:
    if now - message.due_at > LATE:
        due = message.due_at.astimezone(session.zone)
        caught_up_at = first_allowed(now, session.zone, window)
        message = replace(
            message, due_at=caught_up_at, moved=f"was due {due:%Y-%m-%d %H:%M}: sent late", is_catch_up=True
        )
    return message if message.due_at < message.use_by_at else None


def _message(
    step: Step,
    due_at: datetime,
    use_by_at: datetime,
    moved: str | None,
    wording: Wording = "question",
) -> PlannedMessage:
    return PlannedMessage(
        step=step.name,
        due_at=due_at,
        use_by_at=use_by_at,
        moved=moved,
        prompt=step.prompt if wording == "question" else "none",
        wording=wording,
        gives_way=step.gives_way,
        on_unknown=step.on_unknown,
        unless_booked=step.unless_booked,
    )


# The day of the session ----------------------------------------------------------------------------------


def _place_on_the_day(step: Step, session: SessionFacts, now: datetime) -> PlannedMessage | None:
    """The same-day rule (DESIGN.md 6, Defaults): asked by 18:00, told by 20:00, else nothing: never next morning."""
    assert step.after_end is not None and step.no_earlier_than is not None
    ended_at = session.ended_at
    day = ended_at.astimezone(session.zone).date()

    def on_the_day(at: time) -> datetime:
        return at_wall_clock(day, at, session.zone)

    natural, earliest = ended_at + step.after_end, ended_at + step.no_earlier_than
    ask_at = max(min(natural, on_the_day(LAST_QUESTION)), earliest, on_the_day(PROMPTS.opens))
    tell_at = max(min(earliest, on_the_day(LAST_WORD)), ended_at, on_the_day(SENDING.opens))
    ways: list[tuple[datetime, Window, Wording]] = [(ask_at, PROMPTS, "question"), (tell_at, SENDING, "statement")]
    for at, window, wording in ways:
        is_late = now - at > LATE
        leaves_at = now if is_late else at
        ends_at = min(on_the_day(window.closes), _use_by_of_day(step, session, on_the_day))
        if max(leaves_at, now) >= ends_at:
            continue
        moved = _why_moved(leaves_at, natural, wording, is_late=is_late)
        message = _message(step, leaves_at, _use_by_of_day(step, session, on_the_day), moved, wording)
        return replace(message, is_catch_up=is_late)
    return None


def _use_by_of_day(step: Step, session: SessionFacts, on_the_day: Callable[[time], datetime]) -> datetime:
    """Never later than the sending hours of the day itself."""
    if isinstance(step.use_by, time):
        return min(on_the_day(step.use_by), on_the_day(SENDING.closes))
    assert step.after_end is not None
    return min(session.ended_at + step.after_end + step.use_by, on_the_day(SENDING.closes))


def _why_moved(leaves_at: datetime, natural: datetime, wording: Wording, *, is_late: bool) -> str | None:
    if is_late:
        return "was due earlier: sent late"
    if wording == "statement":
        return "prompt hours end at 18:00: goes without its question, which comes next morning"
    if leaves_at < natural:
        return "falls after prompt hours, which end at 18:00: asked earlier"
    if leaves_at > natural:
        return "falls before prompt hours, which begin at 09:00: asked then"
    return None
