"""What a patient gets after a made-up session: every text with its day and words, and why the others are not there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from followup.rules.caps import TOO_MANY_THAT_DAY
from followup.rules.planned import LeftOut, Plan, PlannedMessage, SessionFacts
from followup.rules.planning import make_plan
from followup.rules.quiet_hours import StaffedHours
from followup.rules.schedule import Schedule
from followup.rules.wording import Tokens, render_step
from followup.web import times
from followup.web.hours_words import hours_words, listed
from followup.web.rows import sentence
from followup.web.sample_session import NAME, Chosen
from followup.web.schedule_view import LANGUAGES, kind_words, size_of


@dataclass(frozen=True)
class TextRow:
    """One text of the plan, as it would read."""

    name: str
    day: str
    """`Session day`, `Day 3`, `1 day before the visit`"""
    at: datetime
    date: str
    """`Wed 25 Nov`"""
    clock: str
    """`10:00 EST`"""
    to_companion: bool
    code: str
    words: str
    size: str
    moved: str
    """Why it does not come when its step says; mostly empty."""
    condition: str
    """What decides whether it leaves; mostly empty."""
    fallback: str
    """Which language it is written in instead; mostly empty."""
    use_by: str


@dataclass(frozen=True)
class LeftOutRow:
    name: str
    when: str
    """Empty where its step is not for this session at all."""
    why: str


@dataclass(frozen=True)
class PreviewView:
    story: str
    """The made-up session in one sentence."""
    hours: str
    """When this clinic reads answers, in one sentence."""
    texts: Sequence[TextRow]
    gave_way: Sequence[LeftOutRow]
    left_out: Sequence[LeftOutRow]
    not_for_it: Sequence[LeftOutRow]


def preview_view(
    schedule: Schedule, facts: SessionFacts, *, chosen: Chosen, tokens: Tokens, now: datetime
) -> PreviewView:
    """Planned at the session's end; of a visit alone, now."""
    plan = make_plan(schedule, facts, now=facts.ended_at or now)
    firsts = _first_texts(plan, facts)
    dated = [out for out in plan.left_out if out.due_at is not None and out.gave_way is None]
    return PreviewView(
        story=_story(facts, chosen, now),
        hours=_hours(facts.staffed, facts.state),
        texts=[
            _row(schedule, facts, text, chosen.language, tokens, is_first=text in firsts, now=now)
            for text in plan.texts
        ],
        gave_way=[_out(out, facts, now, plan) for out in plan.left_out if out.gave_way],
        left_out=[_out(out, facts, now, plan) for out in dated],
        not_for_it=[_out(out, facts, now, plan) for out in plan.left_out if out.due_at is None],
    )


def _first_texts(plan: Plan, facts: SessionFacts) -> list[PlannedMessage]:
    """The first that each person ever gets: it says more. Who was here before has had one."""
    if facts.number not in (None, 1):
        return []
    sure = [text for text in plan.texts if text.condition is None]
    firsts = (next((text for text in sure if text.to == to), None) for to in ("patient", "companion"))
    return [text for text in firsts if text]


def _row(
    schedule: Schedule,
    facts: SessionFacts,
    text: PlannedMessage,
    language: str,
    tokens: Tokens,
    *,
    is_first: bool,
    now: datetime,
) -> TextRow:
    step = schedule.get_step(text.step)
    words, used = render_step(schedule, step, wording=text.wording, language=language, tokens=tokens, is_first=is_first)
    return TextRow(
        name=text.step,
        day=day_words(text.due_at, facts),
        at=text.due_at,
        date=times.day(text.due_at, facts.zone, now=now),
        clock=times.clock_and_zone(text.due_at, facts.zone),
        to_companion=text.to == "companion",
        code=used,
        words=words,
        size=size_of(words),
        moved=sentence(text.moved or ""),
        condition=sentence(text.condition or ""),
        fallback="" if used == language else f"Nobody wrote it in {LANGUAGES[language]}",
        use_by=f"Not sent after {times.moment(text.use_by_at, facts.zone, now=now)}",
    )


def day_words(at: datetime, facts: SessionFacts) -> str:
    """Counted from the session on the patient's own calendar, or from the visit where there was no session."""
    day = at.astimezone(facts.zone).date()
    if facts.ended_at is not None:
        return day_after(day, facts.ended_at.astimezone(facts.zone).date())
    assert facts.appointment_at is not None
    before = (facts.appointment_at.astimezone(facts.zone).date() - day).days
    return "Day of the visit" if before == 0 else f"{before} {'day' if before == 1 else 'days'} before the visit"


def day_after(day: date, session_day: date) -> str:
    days = (day - session_day).days
    return "Session day" if days == 0 else f"Day {days}"


def _out(out: LeftOut, facts: SessionFacts, now: datetime, plan: Plan) -> LeftOutRow:
    return LeftOutRow(
        name=out.step,
        when=times.moment(out.due_at, facts.zone, now=now) if out.due_at else "",
        why=sentence(out.why) + "".join(_to_what(out, plan, facts.zone)),
    )


def _to_what(out: LeftOut, plan: Plan, zone: ZoneInfo) -> Iterator[str]:
    """Which texts of that day it gave way to."""
    if out.why != TOO_MANY_THAT_DAY or out.gave_way is None or out.due_at is None:
        return
    day = out.due_at.astimezone(zone).date()
    same = [t.step for t in plan.texts if t.to == out.gave_way.to and t.due_at.astimezone(zone).date() == day]
    if same:
        yield f" ({listed(same)})"


# The session in words ------------------------------------------------------------------------------------


def _story(facts: SessionFacts, chosen: Chosen, now: datetime) -> str:
    zone = facts.zone
    visit = f"the next visit is {times.moment(facts.appointment_at, zone, now=now)}" if facts.appointment_at else ""
    written = LANGUAGES[chosen.language]
    if facts.ended_at is None:
        return f"{NAME} has had no session yet, and {visit} ({zone.key}). Texts in {written}."
    which = "first session" if facts.number in (None, 1) else f"session {facts.number}"
    driver = f", and somebody who agreed to be texted drives {NAME} home" if facts.has_companion else ""
    ends = times.moment(facts.ended_at, zone, now=now)
    booked = visit or "nothing is booked"
    return (
        f"{NAME}'s {which} ({kind_words(facts.kind)}) ends {ends} ({zone.key}), {booked}{driver}. Texts in {written}."
    )


def _hours(staffed: StaffedHours | None, state: str | None) -> str:
    of_state = f" Its state is {state}, whose own hours count." if state else ""
    if staffed is None:
        return f"This clinic has not said when it reads answers.{of_state}"
    return f"This clinic reads answers {hours_words(staffed)}.{of_state}"
