"""Where each text of a step falls. All decisions are made on the patient's wall clock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from followup.rules.planned import LeftOut, PlannedMessage, SessionFacts, Wording
from followup.rules.quiet_hours import PROMPTS, SENDING, Span, Window, at_wall_clock
from followup.rules.schedule import Schedule, Step

MARGIN = timedelta(minutes=15)
"""Before prompt hours and sending hours end: what waits for the carrier still leaves inside."""
LATE = timedelta(minutes=15)
"""Later than this a text is a catch-up."""
EARLIER_AT_MOST = 4
"""Days: over a long weekend."""
AFTER_THE_VISIT = timedelta(minutes=90)
"""What should have come before the session's end, or soon after it, waits until the patient is home."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUESTION_LATER = ", which comes next morning"
OUR_ZONE = "on the clinic's clock: the patient's zone is not known"
BOOKED, NOT_BOOKED = "an appointment is booked", "no appointment is booked"

Placed = PlannedMessage | LeftOut


def place_step(schedule: Schedule, step: Step, session: SessionFacts, *, now: datetime) -> Iterator[Placed]:
    """The texts of one step with its nudges, or why there are none."""
    if why := why_not_for(schedule, step, session):
        yield LeftOut(step.name, why)
        return
    if step.until_date is not None and not any(_days(step, session)):
        yield LeftOut(step.name, f"its series ended on {step.until_date}")
    for name, day in _days(step, session):
        placed = _place(step, name, day, session, now)
        if isinstance(placed, PlannedMessage) and placed.moved and session.zone_is_clinics:
            placed = replace(placed, moved=f"{placed.moved}; {OUR_ZONE}")
        yield placed
        if step.nudge and isinstance(placed, PlannedMessage) and placed.wording == "question":
            yield from _nudges(step, placed, session)


def why_not_for(schedule: Schedule, step: Step, session: SessionFacts) -> str | None:
    """Why a step is not for this session at all, in words; None: it is."""
    if session.ended_at is None and not step.is_before_appointment:
        return "comes after a session only"
    if step.for_kinds is not None and session.kind not in step.for_kinds:
        return f"only for {', '.join(step.for_kinds)}"
    if step.phase is not None and step.phase != session.phase_of(schedule.series_length):
        return f"only in {step.phase}"
    if step.session == "first" and session.number not in (None, 1):
        return "only after the first session"
    if step.session == "later" and session.number in (None, 1):
        return "only after later sessions than the first"
    if step.session == "last" and not session.is_last_of(schedule.series_length):
        return "only after the last session of a series"
    if step.from_session is not None and (session.number or 1) < step.from_session:
        return f"only from session {step.from_session} on"
    if step.to == "companion" and not session.has_companion:
        return "no companion agreed to be texted"
    if (step.unless_booked or step.until == "booked") and _is_ahead(session):
        return BOOKED
    if step.is_by_appointment and not _is_ahead(session):
        return NOT_BOOKED
    return None


def _is_ahead(session: SessionFacts) -> bool:
    at = session.appointment_at
    return at is not None and (session.ended_at is None or at > session.ended_at)


# When the step says --------------------------------------------------------------------------------------


def _days(step: Step, session: SessionFacts) -> Iterator[tuple[str, date | None]]:
    """(name, day) of each text of the step; None where an instant says when."""
    anchor = session.appointment_at if step.is_by_appointment else session.ended_at
    assert anchor is not None
    day = anchor.astimezone(session.zone).date()
    if step.at is None:
        yield step.name, None
    elif step.days_before_appointment is not None:
        yield step.name, _on_weekday(step, day - timedelta(days=step.days_before_appointment))
    elif step.days_after_appointment is not None:
        yield step.name, _on_weekday(step, day + timedelta(days=step.days_after_appointment))
    else:
        assert step.days_after is not None
        yield from _series(step, day, step.days_after)


def _series(step: Step, session_day: date, first: int) -> Iterator[tuple[str, date]]:
    if step.every is None:
        yield step.name, _on_weekday(step, session_day + timedelta(days=first))
        return
    last = step.until_day if step.until_date is None else min((step.until_date - session_day).days, 365)
    assert last is not None
    texts = {_on_weekday(step, session_day + timedelta(days=n)): n for n in range(first, last + 1, step.every.days)}
    for day, after in texts.items():  # One a day, though a Saturday, a Sunday and a Monday have the same workday.
        if step.until_date is None or day <= step.until_date:
            yield f"{step.name}, day {after}", day


def _on_weekday(step: Step, day: date) -> date:
    """The first such day on or after this one."""
    if step.weekday == "workday":
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    if step.weekday is None:
        return day
    return day + timedelta(days=(WEEKDAYS.index(step.weekday) - day.weekday()) % 7)


def _natural(step: Step, day: date | None, session: SessionFacts) -> datetime:
    """When the step says, whatever the hour; UTC."""
    if day is not None:
        assert step.at is not None
        if step.at_own_hour and session.own_hour is not None:
            own = at_wall_clock(day, session.own_hour, session.zone)
            if session.hours.is_allowed(own, _window(step)):
                return own
        return at_wall_clock(day, step.at, session.zone)
    if step.after_end is not None:
        assert session.ended_at is not None
        return session.ended_at.astimezone(UTC) + step.after_end
    assert step.before_appointment is not None and session.appointment_at is not None
    return session.appointment_at.astimezone(UTC) - step.before_appointment


def _window(step: Step) -> Window:
    return SENDING if step.prompt == "none" else PROMPTS


def _use_by(step: Step, due_at: datetime, session: SessionFacts) -> datetime:
    if isinstance(step.use_by, time):
        return at_wall_clock(due_at.astimezone(session.zone).date(), step.use_by, session.zone)
    if step.is_before_appointment:
        assert session.appointment_at is not None
        return session.appointment_at - step.use_by
    return due_at + step.use_by


# When it may leave ---------------------------------------------------------------------------------------


def _place(step: Step, name: str, day: date | None, session: SessionFacts, now: datetime) -> Placed:
    if step.no_earlier_than is not None:
        return _place_on_the_day(step, session, now)
    window = _window(step)
    due_at = _natural(step, day, session)
    use_by_at = _use_by(step, due_at, session)
    base, moved = _when_home(step, due_at, session)
    if day is not None and (earlier_at := _before_closed_days(step, day, session)) is not None:
        base, moved = earlier_at, f"{session.hours.why_moved(due_at, window)}: comes earlier"
    allowed_at = session.hours.first_allowed(base, window)
    if allowed_at != base:
        moved = moved or session.hours.why_moved(base, window)
    if allowed_at is None or allowed_at >= use_by_at:
        return LeftOut(name, f"{moved}; the next hour it may leave is too late" if moved else "too late", due_at)
    message = _message(step, name, allowed_at, use_by_at, moved)
    return _catch_up(message, window, session, now) if now - allowed_at > LATE else message


def _before_closed_days(step: Step, day: date, session: SessionFacts) -> datetime | None:
    """Before an appointment a later day may be too late: on the last open one instead. None: its own day is open."""
    if not step.is_before_appointment or session.hours.spans_on(day, _window(step)):
        return None
    for back in range(1, EARLIER_AT_MOST + 1):
        at = _natural(step, day - timedelta(days=back), session)
        is_after_the_visit = session.ended_at is None or at > session.ended_at + AFTER_THE_VISIT
        if is_after_the_visit and session.hours.is_allowed(at, _window(step)):
            return at
    return None


def _when_home(step: Step, due_at: datetime, session: SessionFacts) -> tuple[datetime, str | None]:
    """Not while the patient is at the clinic, except where the step itself counts from the end; and why it moved."""
    if session.ended_at is None or step.after_end is not None:
        return due_at, None
    home_at = session.ended_at + (AFTER_THE_VISIT if step.to == "patient" else timedelta(0))
    if due_at >= home_at:
        return due_at, None
    return home_at, f"falls before {'the end of the session' if due_at <= session.ended_at else 'the patient is home'}"


def _catch_up(message: PlannedMessage, window: Window, session: SessionFacts, now: datetime) -> Placed:
    due = message.due_at.astimezone(session.zone)
    caught_up_at = session.hours.first_allowed(now, window)
    moved = f"was due {due:%Y-%m-%d %H:%M}: sent late"
    if caught_up_at is None or caught_up_at >= message.use_by_at:
        return LeftOut(message.step, f"was due {due:%Y-%m-%d %H:%M}: too late to be of use", message.due_at)
    return replace(message, due_at=caught_up_at, moved=moved, is_catch_up=True)


def _message(
    step: Step, name: str, due_at: datetime, use_by_at: datetime, moved: str | None, wording: Wording = "question"
) -> PlannedMessage:
    asks = wording != "statement"
    return PlannedMessage(
        step=name,
        due_at=due_at,
        use_by_at=use_by_at,
        moved=moved,
        prompt=step.prompt if asks else "none",
        wording=wording,
        gives_way=step.gives_way,
        on_unknown=step.on_unknown,
        unless_booked=step.unless_booked or step.until == "booked",
        to=step.to,
        is_by_appointment=step.is_by_appointment,
        ask=step.asks if asks else None,
        answer_within=step.answer_within,
        condition=_condition_words(step),
    )


def _condition_words(step: Step) -> str | None:
    given = step.only_if
    if given is None:
        return None
    if given.answered is not None:
        return f"only if the {given.step} was {'answered' if given.answered else 'not answered'}"
    if given.answer is not None:
        return f"only if the answer to the {given.step} was {given.answer}"
    if given.score_at_most is not None:
        return f"only if the score of the {given.step} was {given.score_at_most} or less"
    return f"only if the score of the {given.step} was {given.score_at_least} or more"


def _nudges(step: Step, asked: PlannedMessage, session: SessionFacts) -> Iterator[Placed]:
    """The same question once more, at an hour at which it may leave: a nudge never moves to another day."""
    assert step.nudge is not None
    for number in range(1, step.nudge.most + 1):
        name = f"{asked.step}, nudge" + (f" {number}" if number > 1 else "")
        due_at = asked.due_at + number * step.nudge.after
        if not session.hours.is_allowed(due_at, PROMPTS):
            yield LeftOut(name, f"{session.hours.why_moved(due_at, PROMPTS)}: a nudge does not move", due_at)
            continue
        message = _message(step, name, due_at, due_at + timedelta(hours=2), None, "nudge")
        yield replace(message, gives_way=True, condition=f"only if the {asked.step} was not answered")


# The day of the session ----------------------------------------------------------------------------------


def _place_on_the_day(step: Step, session: SessionFacts, now: datetime) -> Placed:
    """The same-day rule (DESIGN.md 6, Defaults): asked by 18:00, told by 20:00, else nothing: never next morning."""
    assert session.ended_at is not None and step.after_end is not None and step.no_earlier_than is not None
    day = session.ended_at.astimezone(session.zone).date()
    natural, earliest = session.ended_at + step.after_end, session.ended_at + step.no_earlier_than
    ways: list[tuple[datetime, Span, Wording]] = []
    for span in _with_room(session.hours.spans_on(day, PROMPTS), earliest):
        ways.append((max(min(natural, span[1] - MARGIN), earliest, span[0]), span, "question"))
    for span in _with_room(session.hours.spans_on(day, SENDING), session.ended_at):
        ways.append((max(min(earliest, span[1] - MARGIN), session.ended_at, span[0]), span, "statement"))
    for at, span, wording in ways:
        is_late = now - at > LATE
        leaves_at = now if is_late else at
        use_by_at = _use_by_of_day(step, session, day)
        if max(leaves_at, now) >= min(span[1], use_by_at):
            continue
        moved = _why_moved(leaves_at, natural, wording, session, day, is_late=is_late)
        return replace(_message(step, step.name, leaves_at, use_by_at, moved, wording), is_catch_up=is_late)
    is_open = session.hours.window_on(day, SENDING) is not None
    why = "the day is over before it may leave" if is_open else session.hours.why_moved(session.ended_at, SENDING)
    return LeftOut(step.name, f"{why}; it never comes next morning", natural)


def _with_room(spans: list[Span], earliest: datetime) -> list[Span]:
    """The first that has not ended by then."""
    return [span for span in spans if span[1] > earliest][:1]


def _use_by_of_day(step: Step, session: SessionFacts, day: date) -> datetime:
    """Never later than the sending hours of the day itself."""
    closes_at = at_wall_clock(day, SENDING.closes, session.zone)
    if isinstance(step.use_by, time):
        return min(at_wall_clock(day, step.use_by, session.zone), closes_at)
    assert step.after_end is not None and session.ended_at is not None
    return min(session.ended_at + step.after_end + step.use_by, closes_at)


def _why_moved(
    leaves_at: datetime, natural: datetime, wording: Wording, session: SessionFacts, day: date, *, is_late: bool
) -> str | None:
    if is_late:
        return "was due earlier: sent late"
    spans = session.hours.spans_on(day, PROMPTS)
    if wording == "statement":
        why = f"prompt hours end at {_clock(spans[-1][1], session)}" if spans else _why_no_question(session, day)
        return f"{why}: goes without its question{QUESTION_LATER}"
    if leaves_at < natural:
        return f"falls after prompt hours, which end at {_clock(spans[-1][1], session)}: asked earlier"
    if leaves_at > natural:
        return f"falls before prompt hours, which begin at {_clock(spans[0][0], session)}: asked then"
    return None


def _why_no_question(session: SessionFacts, day: date) -> str:
    today = session.hours.window_on(day, PROMPTS)
    assert today is not None
    return session.hours.why_moved(at_wall_clock(day, today.opens, session.zone), PROMPTS)


def _clock(at: datetime, session: SessionFacts) -> str:
    return f"{at.astimezone(session.zone):%H:%M}"
