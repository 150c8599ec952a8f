"""What holds of every plan, whatever the zone, the end and the moment of planning."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.planning import LATE, PlannedMessage, SessionFacts, plan_messages
from followup.rules.quiet_hours import PROMPTS, SENDING, at_wall_clock
from followup.rules.schedule import Step
from tests.rules.schedules import shipped

SCHEDULE = shipped()
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
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=120)


class Case(NamedTuple):
    """A session, and the moment when its plan is made."""

    session: SessionFacts
    now: datetime

    @property
    def planned(self) -> list[PlannedMessage]:
        return plan_messages(SCHEDULE, self.session, now=self.now)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Ends over three years, half of them near the hours where rules change; `now` up to 72 h later."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    day = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=draw(st.integers(0, 3 * 365)))
    minutes = st.integers(0, 24 * 60 - 1) | st.sampled_from([0, 120, 299, 300, 825, 989, 990, 1080, 1185, 1199, 1200])
    ended_at = at_wall_clock(day.date(), (day + timedelta(minutes=draw(minutes))).time(), zone)
    waited = timedelta(minutes=draw(st.just(0) | st.integers(0, 24 * 60) | st.integers(0, 72 * 60)))
    booked = draw(st.none() | st.integers(-24, 24 * 30))
    return Case(
        SessionFacts(
            kind="ketamine-iv",
            ended_at=ended_at,
            zone=zone,
            appointment_at=None if booked is None else ended_at + timedelta(hours=booked),
        ),
        ended_at + waited,
    )


def natural_time(step: Step, session: SessionFacts) -> datetime:
    """When the step says, worked out anew."""
    if step.after_end is not None:
        return session.ended_at + step.after_end
    assert step.at is not None
    if step.days_after is not None:
        day = session.ended_at.astimezone(session.zone).date() + timedelta(days=step.days_after)
    else:
        assert session.appointment_at is not None and step.days_before_appointment is not None
        day = session.appointment_at.astimezone(session.zone).date() - timedelta(days=step.days_before_appointment)
    return datetime.combine(day, step.at, session.zone).astimezone(UTC)


@QUICK
@given(case=cases())
def test_no_text_falls_outside_the_hours_of_its_kind(case: Case) -> None:
    for message in case.planned:
        window = SENDING if message.prompt == "none" else PROMPTS
        assert window.holds(message.due_at.astimezone(case.session.zone).time()), message


@QUICK
@given(case=cases())
def test_a_question_that_waits_for_the_sender_still_leaves_inside_its_hours(case: Case) -> None:
    for message in case.planned:
        if message.step == CHECK_IN:
            window = SENDING if message.wording == "statement" else PROMPTS
            leaves_at = max(message.due_at, case.now)
            assert window.holds(leaves_at.astimezone(case.session.zone).time()), message


@QUICK
@given(case=cases())
def test_no_text_comes_before_the_end_of_the_session(case: Case) -> None:
    assert all(message.due_at >= case.session.ended_at for message in case.planned)


@QUICK
@given(case=cases())
def test_no_text_is_planned_for_a_moment_that_is_long_over(case: Case) -> None:
    assert all(message.due_at >= case.now - LATE for message in case.planned)


@QUICK
@given(case=cases())
def test_no_text_is_planned_past_its_use(case: Case) -> None:
    assert all(message.due_at < message.use_by_at for message in case.planned)


@QUICK
@given(case=cases())
def test_a_text_says_why_it_moved_exactly_when_it_does_not_come_as_the_step_says(case: Case) -> None:
    for message in case.planned:
        comes_as_written = message.due_at == natural_time(SCHEDULE.get_step(message.step), case.session)
        assert (message.moved is None) == (comes_as_written and message.wording == "question"), message


@QUICK
@given(case=cases())
def test_a_same_day_text_is_never_on_another_day(case: Case) -> None:
    zone = case.session.zone
    for message in case.planned:
        if message.step == CHECK_IN:
            assert message.due_at.astimezone(zone).date() == case.session.ended_at.astimezone(zone).date()
            assert message.use_by_at.astimezone(zone).date() == case.session.ended_at.astimezone(zone).date()


@QUICK
@given(case=cases())
def test_the_mood_is_asked_at_ten_on_the_next_day_when_the_event_comes_in_time(case: Case) -> None:
    zone, ended_at = case.session.zone, case.session.ended_at
    next_day = ended_at.astimezone(zone).date() + timedelta(days=1)
    ten = datetime.combine(next_day, datetime.min.time().replace(hour=10), zone).astimezone(UTC)
    asked = [message.due_at for message in case.planned if message.step == NEXT_DAY]

    if case.now <= ten:
        assert asked == [ten]


@QUICK
@given(case=cases())
def test_nobody_gets_more_than_one_text_of_what_was_missed(case: Case) -> None:
    assert sum(message.is_catch_up for message in case.planned) <= 1


@QUICK
@given(case=cases())
def test_who_could_not_be_asked_on_the_day_is_asked_next_morning_and_nobody_else(case: Case) -> None:
    zone = case.session.zone
    asked_on_the_day = any(m.step == CHECK_IN and m.wording == "question" for m in case.planned)
    morning = any(m.step == MORNING for m in case.planned)
    on_the_day = case.now.astimezone(zone).date() == case.session.ended_at.astimezone(zone).date()

    assert not (asked_on_the_day and morning)
    if on_the_day:
        assert asked_on_the_day or morning


@QUICK
@given(case=cases())
def test_planning_twice_gives_the_same_plan_earliest_first(case: Case) -> None:
    assert case.planned == case.planned
    assert case.planned == sorted(case.planned, key=lambda message: message.due_at)
    assert len({message.step for message in case.planned}) == len(case.planned)
