"""Any plan: strategies that draw sessions and schedules, and what their steps say, worked out anew."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st

from followup.rules.placing import AFTER_THE_VISIT
from followup.rules.planned import Plan
from followup.rules.planning import PlannedMessage, SessionFacts, make_plan
from followup.rules.quiet_hours import PROMPTS, SENDING, StaffedHours, Window, at_wall_clock
from followup.rules.schedule import OF_A_NUDGE, Schedule
from followup.rules.state_hours import state_hours
from followup.rules.step import Step
from tests.rules.schedules import MOOD, SAME_DAY, plain, plan_messages, small

PLAIN = plain()
CHECK_IN, MORNING, NEXT_DAY = "same-day check-in", "morning-after check-in", "next-day mood"
ZONES = [
    "America/New_York",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Phoenix",
    "America/St_Johns",
    "America/Havana",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]
"""Among them: no summer time, half hours, clocks that change at midnight or by half an hour, winter time in Ramadan."""
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=50)

SURE = {"gives_way": False}
TIP: dict[str, Any] = {"name": "tip", "days_after": 1, "at": "12:00", "use_by": "8h", "text": {"en": "{clinic}: rest."}}
BEFORE = MOOD | {"days_after": None, "prompt": "appointment", "use_by": "2h"}
NUDGE = {"after": "7h", "most": 2, "text": MOOD["text"]}
EVERY = small(
    SAME_DAY | SURE | {"nudge": NUDGE | {"after": "30m"}},
    MOOD | {"name": MORNING, "at": "09:00", "use_by": "4h", "prompt": "same_day", "instead_of": CHECK_IN},
    MOOD | SURE | {"nudge": NUDGE},
    MOOD | {"name": "at any hour", "days_after": 0, "use_by": "2d", "nudge": NUDGE | {"after": "1d"}},
    TIP | {"name": "told at any hour", "days_after": 0, "use_by": "1d"},
    MOOD | {"name": "daily", "days_after": 2, "every": "1d", "until_day": 10, "at_own_hour": True},
    MOOD | {"name": "weekly", "days_after": 7, "every": "1w", "until_day": 28, "at": "15:00", "use_by": "1d"},
    TIP | {"name": "on Mondays", "every": "3d", "until_day": 20, "weekday": "mon", "at_own_hour": True},
    TIP | {"name": "on workdays", "every": "1d", "until_day": 9, "weekday": "workday", "use_by": "20:00"},
    {"name": "tonight", "after_end": "5h", "use_by": "12h", "text": TIP["text"]},
    BEFORE | SURE | {"name": "day before", "days_before_appointment": 1},
    BEFORE | {"name": "week before", "days_before_appointment": 7, "use_by": "2d"},
    BEFORE | {"name": "hours before", "before_appointment": "3h", "at": None, "use_by": "30m"},
    TIP | {"name": "after the visit", "days_after": None, "days_after_appointment": 1},
    TIP | {"name": "nothing booked", "days_after": 4, "use_by": "5d", "unless_booked": True},
    TIP | {"name": "driver", "days_after": 0, "at": "14:30", "to": "companion", "use_by": "12h"},
    TIP | {"name": "night watch", "to": "companion", "at": "09:30"},
)
"""Every way to say when; `at any hour` gets another one each time."""


def staffed(zone: str, closes: int, *closed: int, **days: str) -> StaffedHours:
    on = {date.fromisoformat(day.replace("_", "-")[1:]): name for day, name in days.items()}
    return StaffedHours(ZoneInfo(zone), closes=time(closes), closed_weekdays=frozenset(closed), closed_on=on)


READERS = [
    None,
    staffed("America/New_York", 20),
    staffed("America/New_York", 17, 5, 6),
    staffed("America/Los_Angeles", 16, 6),
    staffed("Pacific/Auckland", 21),
    staffed("America/New_York", 12, 2, d2026_11_26="Thanksgiving", d2026_03_08="closed"),
    staffed("America/Chicago", 20, *range(7)),
]


class Story(NamedTuple):
    """A session, a schedule of some steps, the moment of planning, and the plan."""

    schedule: Schedule
    facts: SessionFacts
    now: datetime
    plan: Plan


SPECIAL_DAYS = st.sampled_from([65, 66, 302, 303, 304, 328, 329, 788])
"""Days after 2026-01-01: around the nights when clocks change, Thanksgiving, a leap day."""
SPECIAL_MINUTES = st.sampled_from([0, 120, 299, 300, 825, 989, 990, 1080, 1185, 1199, 1200])
DAYS, MINUTES = SPECIAL_DAYS | st.integers(0, 3 * 365), SPECIAL_MINUTES | st.integers(0, 1439)
HABITS = [(None, True, False), (time(9), False, False), (time(17, 30), True, True), (time(2), True, True)]
"""A patient's own hour, whether there is a companion, and whether the zone is only the clinic's."""
WAITED = st.just(0) | st.integers(0, 24 * 60) | st.integers(0, 72 * 60)


STEPS = st.integers(1, 2 ** len(EVERY.steps) - 1)
"""Bits: two such numbers together choose some four steps, which leave one another room."""


def story_of(
    *,
    zone: str,
    days: int,
    minute: int,
    has_session: bool,
    booked: int | None,
    habits: tuple[time | None, bool, bool],
    state: str | None,
    readers: StaffedHours | None,
    chosen: int,
    also: int,
    any_hour: int,
    waited: int,
) -> Story:
    ended_at = end_of(zone, days, minute)
    facts = SessionFacts(
        kind="small",
        ended_at=ended_at if has_session else None,
        zone=ZoneInfo(zone),
        appointment_at=None if booked is None and has_session else ended_at + timedelta(hours=booked or 0),
        state=state,
        staffed=readers,
        own_hour=habits[0],
        has_companion=habits[1],
        zone_is_clinics=habits[2],
    )
    hour = {"at": time(any_hour // 60, any_hour % 60)}
    steps = [step.model_copy(update=hour) if "any hour" in step.name else step for step in EVERY.steps]
    few = chosen & also or chosen
    schedule = EVERY.model_copy(update={"step": [step for n, step in enumerate(steps) if few >> n & 1]})
    now = ended_at + timedelta(minutes=waited)
    return Story(schedule, facts, now, make_plan(schedule, facts, now=now))


def end_of(zone: str, days: int, minute: int) -> datetime:
    return at_wall_clock(date(2026, 1, 1) + timedelta(days=days), time(minute // 60, minute % 60), ZoneInfo(zone))


def drawn(waited: st.SearchStrategy[int]) -> st.SearchStrategy[Story]:
    return st.builds(
        story_of,
        zone=st.sampled_from(ZONES),
        days=DAYS,
        minute=MINUTES,
        has_session=st.sampled_from([True, True, True, False]),
        booked=st.none() | st.integers(-24, 24 * 20),
        habits=st.sampled_from(HABITS),
        state=st.sampled_from([None, "RI", "AL", "TX", "KY", "PA"]),
        readers=st.sampled_from(READERS),
        chosen=STEPS,
        also=STEPS,
        any_hour=st.integers(0, 1439),
        waited=waited,
    )


STORIES, HEARD_IN_TIME = drawn(WAITED), drawn(st.just(0))


# What the step says, worked out anew -----------------------------------------------------------------------


def window_of(text: PlannedMessage) -> Window:
    return SENDING if text.prompt == "none" else PROMPTS


def may_leave(facts: SessionFacts, at: datetime, window: Window) -> bool:
    local = at.astimezone(facts.zone)
    rule = state_hours(facts.state, local.weekday()) if facts.state else None
    if not window.holds(local.time()) or (rule and not rule[0] <= local.time() < rule[1]):
        return False
    if window == SENDING or facts.staffed is None:
        return True
    reads = at.astimezone(facts.staffed.zone)
    closes = datetime.combine(reads.date(), facts.staffed.closes, facts.staffed.zone)
    return facts.staffed.why_closed(reads.date()) is None and reads.astimezone(UTC) + timedelta(hours=2) < closes


def natural_time(story: Story, text: PlannedMessage) -> datetime:
    """When the step says, in UTC; of a nudge, counted from its question."""
    step, facts = story.schedule.get_step(text.step), story.facts
    if text.wording == "nudge":
        assert step.nudge is not None
        (asked,) = [each for each in story.plan.texts if each.step == OF_A_NUDGE.sub("", text.step)]
        return asked.due_at + step.nudge.after * (2 if text.step.endswith("2") else 1)
    if step.after_end is not None:
        assert facts.ended_at is not None
        return facts.ended_at + step.after_end
    if step.before_appointment is not None:
        assert facts.appointment_at is not None
        return facts.appointment_at - step.before_appointment
    day, own = natural_day(facts, step, text.step), facts.own_hour
    if step.at_own_hour and own and may_leave(facts, at_wall_clock(day, own, facts.zone), window_of(text)):
        return at_wall_clock(day, own, facts.zone)
    assert step.at is not None
    return at_wall_clock(day, step.at, facts.zone)


def natural_day(facts: SessionFacts, step: Step, name: str) -> date:
    anchor = facts.appointment_at if step.is_by_appointment else facts.ended_at
    assert anchor is not None
    after = int(name.rsplit(" ", 1)[1]) if step.every else step.days_after or step.days_after_appointment or 0
    day = anchor.astimezone(facts.zone).date() + timedelta(days=after - (step.days_before_appointment or 0))
    while (step.weekday == "mon" and day.weekday() != 0) or (step.weekday == "workday" and day.weekday() > 4):
        day += timedelta(days=1)
    return day


def home_at(facts: SessionFacts, text: PlannedMessage) -> datetime:
    """A patient's text waits for this, a companion's for the end only."""
    ended_at = facts.ended_at or datetime.min.replace(tzinfo=UTC)
    return ended_at + AFTER_THE_VISIT if text.to == "patient" else ended_at


def moves_freely(story: Story, text: PlannedMessage) -> bool:
    """It is neither a nudge nor counted from the end, as the check-in of the day is."""
    return text.wording != "nudge" and story.schedule.get_step(text.step).after_end is None


def use_by_of(facts: SessionFacts, step: Step, due_at: datetime) -> datetime:
    if isinstance(step.use_by, time):
        return at_wall_clock(due_at.astimezone(facts.zone).date(), step.use_by, facts.zone)
    if step.is_before_appointment:
        assert facts.appointment_at is not None
        return facts.appointment_at - step.use_by
    return due_at + step.use_by


# The plain schedule ------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A session with the plain schedule, and the moment when its plan is made."""

    facts: SessionFacts
    now: datetime

    @property
    def planned(self) -> list[PlannedMessage]:
        return plan_messages(PLAIN, self.facts, now=self.now)


def case_of(zone: str, days: int, minute: int, booked: int | None, waited: int) -> Case:
    ended_at = end_of(zone, days, minute)
    appointment_at = None if booked is None else ended_at + timedelta(hours=booked)
    facts = SessionFacts("ketamine-iv", ended_at, ZoneInfo(zone), appointment_at=appointment_at)
    return Case(facts, ended_at + timedelta(minutes=waited))


CASES = st.builds(
    case_of,
    zone=st.sampled_from(ZONES),
    days=DAYS,
    minute=MINUTES,
    booked=st.none() | st.integers(-24, 24 * 30),
    waited=WAITED,
)
