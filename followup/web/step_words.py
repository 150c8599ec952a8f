"""A step of a schedule in plain words: when it comes, for whom, what it asks, what becomes of an answer and of none."""

from collections.abc import Iterator, Mapping
from datetime import time

from followup.rules.step import Ask, Condition, Step
from followup.web import times
from followup.web.hours_words import DAYS

WEEKDAYS = {name[:3].lower(): name for name in DAYS} | {"workday": "workday"}
ASKS_FOR: Mapping[Ask, str] = {
    "words": "Asks for words",
    "yes_no": "Asks for yes or no",
    "score": "Asks for a number from 0 (worst) to 10 (best)",
    "pain": "Asks for a number from 0 (none) to 10 (worst)",
    "phq2": "Asks for a number from 0 to 3",
    "choice": "Asks to confirm or to move the visit",
}
PHASES = {"induction": "induction, the first series of sessions", "maintenance": "maintenance, after the first series"}
SESSIONS = {
    "first": "Only after a patient's first session",
    "later": "Only after later sessions than the first",
    "last": "Only after the last session of a series",
}
ENDS = {"booked": "Ends once a visit is booked", "answered": "Ends once one of them is answered"}


# When ----------------------------------------------------------------------------------------------------


def when_words(step: Step) -> tuple[str, str]:
    """`Day 1`, `10:00`; `From day 7`, `10:00, every 7 days until day 28`."""
    if step.after_end is not None:
        return "Session day", f"{times.wait(step.after_end)} after the end"
    if step.before_appointment is not None:
        return "Before the next visit", f"{times.wait(step.before_appointment)} before it"
    return _day_words(step), ", ".join(_clock_words(step))


def _day_words(step: Step) -> str:
    if step.days_before_appointment is not None:
        return _from_visit(step.days_before_appointment, "before")
    if step.days_after_appointment is not None:
        return _from_visit(step.days_after_appointment, "after")
    day = "Session day" if step.days_after == 0 else f"Day {step.days_after}"
    return f"From {day[:1].lower()}{day[1:]}" if step.every else day


def _from_visit(days: int, side: str) -> str:
    near = {0: "Day of the next visit", 1: f"Day {side} the next visit"}
    return near.get(days, f"{days} days {side} the next visit")


def _clock_words(step: Step) -> Iterator[str]:
    assert step.at is not None
    yield f"{step.at:%H:%M}" + (", or the hour that the patient prefers" if step.at_own_hour else "")
    if step.weekday is not None:
        yield f"on the first {WEEKDAYS[step.weekday]} from that day on"
    if step.every is not None:
        days = "every day" if step.every.days == 1 else f"every {step.every.days} days"
        until = f"day {step.until_day}" if step.until_day is not None else f"{step.until_date}"
        yield f"{days} until {until}"


# For whom, what, and until when --------------------------------------------------------------------------


def terms_of(step: Step) -> Iterator[str]:
    """One sentence each, without its full stop."""
    yield from _for_whom(step)
    yield from _what_it_asks(step)
    yield from _how_it_leaves(step)


def _for_whom(step: Step) -> Iterator[str]:
    if step.to == "companion":
        yield "To the companion, if they agreed to be texted"
    if step.for_kinds:
        yield f"Only for {', '.join(step.for_kinds)}"
    if step.phase:
        yield f"Only in {PHASES[step.phase]}"
    if step.session:
        yield SESSIONS[step.session]
    if step.from_session:
        yield f"Only from session {step.from_session} on"
    if step.unless_booked:
        yield "Only while no visit is booked"
    if step.instead_of:
        yield f"Only where the {step.instead_of} could not ask"
    if step.only_if:
        yield condition_words(step.only_if)
    if step.until in ENDS:
        yield ENDS[step.until]


def condition_words(given: Condition) -> str:
    """`Only if the next-day mood was answered`"""
    if given.answered is not None:
        return f"Only if the {given.step} was {'answered' if given.answered else 'not answered'}"
    if given.answer is not None:
        return f"Only if the answer to the {given.step} was {given.answer}"
    if given.score_at_most is not None:
        return f"Only if the number given to the {given.step} was {given.score_at_most} or less"
    return f"Only if the number given to the {given.step} was {given.score_at_least} or more"


def _what_it_asks(step: Step) -> Iterator[str]:
    if step.asks is None:
        yield "Asks nothing"
        return
    yield f"{ASKS_FOR[step.asks]}; an answer counts for {times.wait(step.answer_within)}"
    if step.worry:
        yield f"A person looks at {_worries(step)}"
    if step.nudge:
        often = "" if step.nudge.most == 1 else f", {step.nudge.most} times at most"
        yield f"Asks once more after {times.wait(step.nudge.after)} without an answer{often}"
    if step.silence:
        yield (
            f"No answer by {step.silence.by:%H:%M} stands before a person, "
            f"after a first session {times.wait(step.silence.sooner_after)} after the text"
        )


def _worries(step: Step) -> str:
    assert step.worry is not None
    limits = [
        f"{step.worry.at_most} or less" if step.worry.at_most is not None else "",
        f"{step.worry.at_least} or more" if step.worry.at_least is not None else "",
        f"{step.worry.fall} worse than is usual for the patient" if step.worry.fall is not None else "",
    ]
    return ", or ".join(limit for limit in limits if limit)


def _how_it_leaves(step: Step) -> Iterator[str]:
    if step.no_earlier_than is not None:
        yield (
            f"Where that is past 18:00 it comes earlier, down to {times.wait(step.no_earlier_than)} after the end, "
            "else without its question"
        )
    yield _use_by(step)
    if not step.gives_way:
        yield "Never gives way to other texts"
    if step.on_unknown == "hold":
        yield "Where nobody can tell whether it left, a person decides"
    if step.discretion_off:
        yield f"May name what others must not: {step.discretion_off}"


def _use_by(step: Step) -> str:
    if isinstance(step.use_by, time):
        return f"Not sent after {step.use_by:%H:%M}"
    if step.is_before_appointment:
        return f"Not sent later than {times.wait(step.use_by)} before the visit"
    return f"Not sent more than {times.wait(step.use_by)} late"
