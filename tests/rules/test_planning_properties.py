"""What holds of every plan, whatever the zone, the end, the steps, the state, the readers and the moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from followup.rules.placing import AFTER_THE_VISIT, OUR_ZONE
from followup.rules.planned import Plan
from followup.rules.planning import LATE, PlannedMessage, make_plan
from followup.rules.quiet_hours import PROMPTS, SENDING, at_wall_clock
from followup.rules.schedule import OF_A_DAY, OF_A_NUDGE
from tests.rules.any_plan import (
    CASES,
    CHECK_IN,
    HEARD_IN_TIME,
    MORNING,
    NEXT_DAY,
    QUICK,
    STORIES,
    Case,
    Story,
    home_at,
    may_leave,
    moves_freely,
    natural_day,
    natural_time,
    use_by_of,
    window_of,
)

HALF_HOUR = timedelta(minutes=30)

# When --------------------------------------------------------------------------------------------------------


@QUICK
@given(story=STORIES)
def test_no_text_falls_outside_the_hours_of_its_kind_its_state_and_its_readers(story: Story) -> None:
    for text in story.plan.texts:
        assert may_leave(story.facts, text.due_at, window_of(text)), text


@QUICK
@given(story=STORIES)
def test_no_text_comes_before_the_end_of_the_session(story: Story) -> None:
    for text in story.plan.texts:
        assert story.facts.ended_at is None or text.due_at >= story.facts.ended_at
        assert text.due_at >= home_at(story.facts, text) or not moves_freely(story, text)


@QUICK
@given(story=STORIES)
def test_no_text_is_planned_past_its_use_or_for_a_moment_that_is_long_over(story: Story) -> None:
    for text in story.plan.texts:
        assert story.now - LATE <= text.due_at < text.use_by_at


@QUICK
@given(story=STORIES)
def test_a_text_says_why_it_moved_exactly_when_it_does_not_come_as_the_step_says(story: Story) -> None:
    for text in story.plan.texts:
        comes_as_written = text.due_at == natural_time(story, text) and text.wording != "statement"
        assert (text.moved is None) == comes_as_written, text
        if text.moved:
            assert text.moved.endswith(OUR_ZONE) == story.facts.zone_is_clinics


@QUICK
@given(story=HEARD_IN_TIME)
def test_a_text_moves_no_further_than_it_must(story: Story) -> None:
    for text in story.plan.texts:
        if moves_freely(story, text) and not comes_earlier(story, text):
            earliest = max(natural_time(story, text), home_at(story.facts, text))
            just_before = text.due_at - timedelta(seconds=1)
            if natural_time(story, text) >= story.now:
                assert text.due_at == earliest or not may_leave(story.facts, just_before, window_of(text)), text
                assert text.due_at >= earliest


@QUICK
@given(story=HEARD_IN_TIME)
def test_only_a_reminder_comes_earlier_and_only_where_its_day_has_no_hour_for_it(story: Story) -> None:
    for text in story.plan.texts:
        if moves_freely(story, text) and comes_earlier(story, text):
            step, natural = story.schedule.get_step(text.step), natural_time(story, text).astimezone(story.facts.zone)
            midnight = at_wall_clock(natural.date(), time(0), story.facts.zone)
            assert step.is_before_appointment
            assert not any(may_leave(story.facts, midnight + n * HALF_HOUR, window_of(text)) for n in range(46))
            assert text.due_at.astimezone(story.facts.zone).time() == step.at


def comes_earlier(story: Story, text: PlannedMessage) -> bool:
    return text.due_at < natural_time(story, text)


@QUICK
@given(story=HEARD_IN_TIME)
def test_what_is_left_out_as_too_late_had_no_hour_at_which_it_might_leave(story: Story) -> None:
    for out in story.plan.left_out:
        step = story.schedule.get_step(out.step)
        if out.due_at is not None and "too late" in out.why and step.after_end is None:
            window = SENDING if step.prompt == "none" else PROMPTS
            at = max(out.due_at, story.now if step.to == "companion" else story.now + AFTER_THE_VISIT)
            while at < min(use_by_of(story.facts, step, out.due_at), out.due_at + timedelta(days=2)):
                assert not may_leave(story.facts, at, window), out
                at += HALF_HOUR


@QUICK
@given(story=STORIES)
def test_a_text_that_has_not_moved_shows_the_hour_of_the_step_on_its_day(story: Story) -> None:
    for text in story.plan.texts:
        step, local = story.schedule.get_step(text.step), text.due_at.astimezone(story.facts.zone)
        if text.moved is None and text.wording == "question" and step.at is not None:
            assert local.date() == natural_day(story.facts, step, text.step)
            assert local.time() in {step.at, story.facts.own_hour if step.at_own_hour else step.at}


@QUICK
@given(story=HEARD_IN_TIME)
def test_texts_of_one_kind_keep_the_order_that_their_steps_say(story: Story) -> None:
    for to, window in (("patient", PROMPTS), ("patient", SENDING), ("companion", SENDING)):
        alike = [
            text
            for text in story.plan.texts
            if text.to == to and window_of(text) == window and moves_freely(story, text)
            if not text.is_catch_up and not comes_earlier(story, text)
        ]
        for first, second in pairwise(sorted(alike, key=lambda text: natural_time(story, text))):
            assert first.due_at <= second.due_at


@QUICK
@given(story=STORIES)
def test_a_nudge_follows_a_question_of_the_same_plan(story: Story) -> None:
    asked = {text.step: text.due_at for text in story.plan.texts if text.wording == "question"}
    for text in story.plan.texts:
        if text.wording == "nudge":
            assert text.due_at > asked[OF_A_NUDGE.sub("", text.step)]


# How many ----------------------------------------------------------------------------------------------------


@QUICK
@given(story=STORIES)
def test_nobody_gets_more_than_one_text_of_what_was_missed(story: Story) -> None:
    for to in ("patient", "companion"):
        assert sum(text.is_catch_up for text in story.plan.texts if text.to == to) <= 1


def most_beside(plan: Plan, text: PlannedMessage, zone: ZoneInfo) -> tuple[int, int]:
    """How many others its person gets that day, and in the fullest seven days that hold it."""
    others = [each.due_at for each in plan.texts if each.to == text.to and each != text]
    day = text.due_at.astimezone(zone).date()
    week = timedelta(days=7)
    starts = [at for at in (*others, text.due_at) if at <= text.due_at < at + week]
    return (
        sum(at.astimezone(zone).date() == day for at in others),
        max(sum(start <= at < start + week for at in others) for start in starts),
    )


@QUICK
@given(story=STORIES)
def test_what_gives_way_comes_only_where_the_caps_have_room(story: Story) -> None:
    for text in story.plan.texts:
        if text.gives_way:
            that_day, that_week = most_beside(story.plan, text, story.facts.zone)
            assert that_day < 2 and that_week < 7, text


@QUICK
@given(story=STORIES)
def test_nothing_gives_way_where_the_caps_have_room(story: Story) -> None:
    gone = {out.step for out in story.plan.left_out if out.gave_way}
    for out in story.plan.left_out:
        if out.gave_way:
            that_day, that_week = most_beside(story.plan, out.gave_way, story.facts.zone)
            assert that_day >= 2 or that_week >= 7 or OF_A_NUDGE.sub("", out.step) in gone - {out.step}, out
            assert out.gave_way.gives_way


@QUICK
@given(story=STORIES)
def test_every_step_is_planned_or_left_out_with_a_reason(story: Story) -> None:
    named = [*(text.step for text in story.plan.texts), *(out.step for out in story.plan.left_out)]

    assert {OF_A_DAY.sub("", OF_A_NUDGE.sub("", name)) for name in named} == {s.name for s in story.schedule.steps}
    assert len(set(named)) == len(named)
    assert all(out.why for out in story.plan.left_out)


# Again -------------------------------------------------------------------------------------------------------


@QUICK
@given(story=STORIES)
def test_planning_twice_gives_the_same_plan_earliest_first(story: Story) -> None:
    again = make_plan(story.schedule, story.facts, now=story.now)

    assert again == story.plan
    assert all(first.due_at <= second.due_at for first, second in pairwise(again.texts))


@QUICK
@given(story=HEARD_IN_TIME, later=st.integers(0, 30) | st.integers(0, 30 * 24))
def test_planning_again_when_some_have_left_changes_nothing_of_the_rest(story: Story, later: int) -> None:
    now = story.now + timedelta(hours=later)
    left = [text for text in story.plan.texts if text.due_at <= now]
    over = {text.step for text in left} | {out.step for out in story.plan.left_out if out.gave_way}
    asked = {text.step for text in left if text.wording == "question"}

    again = make_plan(story.schedule, story.facts, now=now, over=over, asked=asked)

    assert list(again.texts) == [text for text in story.plan.texts if not {*names_of(text)} & over]


def names_of(text: PlannedMessage) -> Iterator[str]:
    """Its own, and of a nudge that of its question: a nudge of what has left stays as it is."""
    yield text.step
    yield OF_A_NUDGE.sub("", text.step)


# The day of the session and the morning after ----------------------------------------------------------------


@QUICK
@given(case=CASES)
def test_a_question_that_waits_for_the_sender_still_leaves_inside_its_hours(case: Case) -> None:
    for text in case.planned:
        if text.step == CHECK_IN:
            leaves_at = max(text.due_at, case.now).astimezone(case.facts.zone)
            assert (SENDING if text.wording == "statement" else PROMPTS).holds(leaves_at.time()), text


@QUICK
@given(case=CASES)
def test_a_same_day_text_is_never_on_another_day(case: Case) -> None:
    zone = case.facts.zone
    for text in case.planned:
        if text.step == CHECK_IN:
            assert case.facts.ended_at is not None
            day = case.facts.ended_at.astimezone(zone).date()
            assert text.due_at.astimezone(zone).date() == text.use_by_at.astimezone(zone).date() == day


@QUICK
@given(case=CASES)
def test_the_mood_is_asked_at_ten_on_the_next_day_when_the_event_comes_in_time(case: Case) -> None:
    assert case.facts.ended_at is not None
    next_day = case.facts.ended_at.astimezone(case.facts.zone).date() + timedelta(days=1)
    ten = datetime.combine(next_day, time(10), case.facts.zone).astimezone(UTC)

    if case.now <= ten:
        assert [text.due_at for text in case.planned if text.step == NEXT_DAY] == [ten]


@QUICK
@given(case=CASES)
def test_who_could_not_be_asked_on_the_day_is_asked_next_morning_and_nobody_else(case: Case) -> None:
    assert case.facts.ended_at is not None
    asked_on_the_day = any(text.step == CHECK_IN and text.wording == "question" for text in case.planned)
    morning = any(text.step == MORNING for text in case.planned)
    on_the_day = case.now.astimezone(case.facts.zone).date() == case.facts.ended_at.astimezone(case.facts.zone).date()

    assert not (asked_on_the_day and morning)
    if on_the_day:
        assert asked_on_the_day or morning
