"""Which question a reply answers, and which day it counts for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.matching import WINDOWS, Match, Question, match_question
from followup.rules.reading.reading import Prompt

NEW_YORK = ZoneInfo("America/New_York")
TEN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in New York."""
CHECK_IN = Question("check-in", "same_day", TEN - timedelta(hours=20))
MOOD = Question("mood", "mood", TEN)
NEXT_MOOD = Question("next mood", "mood", TEN + timedelta(days=1))
REMINDER = Question("reminder", "appointment", TEN + timedelta(hours=2))


def match(*questions: Question[str], after: timedelta, says: Prompt | None = None) -> Match[str]:
    """A reply that long after ten o'clock, which answers such a question; every one where it is not said."""
    return match_question(
        questions, received_at=TEN + after, zone=NEW_YORK, answers=lambda prompt: says is None or prompt == says
    )


@pytest.mark.parametrize(
    ("questions", "after", "says", "wanted"),
    [
        pytest.param([MOOD], timedelta(minutes=5), "mood", "mood", id="the only one"),
        pytest.param([CHECK_IN, MOOD], timedelta(minutes=5), None, "mood", id="the newest"),
        pytest.param([MOOD, REMINDER], timedelta(hours=3), "mood", "mood", id="a number after the reminder"),
        pytest.param([MOOD, REMINDER], timedelta(hours=3), "appointment", "reminder", id="a yes after the reminder"),
        pytest.param([MOOD, REMINDER], timedelta(hours=3), "none", "reminder", id="what answers none of them"),
        pytest.param([MOOD, NEXT_MOOD], timedelta(hours=25), "mood", "next mood", id="of two moods the newer"),
        pytest.param([MOOD], timedelta(hours=49), "mood", None, id="too late"),
        pytest.param([REMINDER], timedelta(days=6), "appointment", "reminder", id="a reminder waits for a week"),
        pytest.param([NEXT_MOOD], timedelta(hours=1), "mood", None, id="before it was asked"),
        pytest.param([], timedelta(0), "mood", None, id="nothing was asked"),
    ],
)
def test_a_reply_answers_the_newest_question_that_it_fits(
    questions: list[Question[str]], after: timedelta, says: Prompt, wanted: str | None
) -> None:
    found = match(*questions, after=after, says=says)

    assert (found.question.id if found.question else None) == wanted


def test_an_answer_on_the_same_day_needs_no_words() -> None:
    found = match(MOOD, after=timedelta(hours=9))

    assert (found.counts_for, found.reason, found.is_doubtful) == (date(2026, 11, 24), "", False)


def test_an_answer_after_midnight_counts_for_the_day_before_and_says_so() -> None:
    found = match(MOOD, after=timedelta(hours=14, minutes=30))

    assert found.counts_for == date(2026, 11, 24)
    assert found.reason == "counts for Tuesday, 24 November, when it was asked"
    assert not found.is_doubtful


def test_midnight_is_the_patients() -> None:
    """Nine in the evening in New York is the next day in UTC."""
    assert match(MOOD, after=timedelta(hours=11)).reason == ""


def test_an_answer_after_a_day_counts_for_its_day_and_a_human_looks() -> None:
    found = match(MOOD, after=timedelta(hours=30))

    assert found.counts_for == date(2026, 11, 24)
    assert found.is_doubtful
    assert "came 30 h after the question and may mean another day" in found.reason


def test_an_answer_that_crossed_with_the_next_question_belongs_to_the_older_and_a_human_looks() -> None:
    found = match(MOOD, NEXT_MOOD, after=timedelta(days=1, seconds=20))

    assert found.question == MOOD
    assert found.is_doubtful


def test_what_was_answered_already_is_not_answered_by_a_text_that_crossed() -> None:
    answered = Question("mood", "mood", TEN, is_answered=True)

    assert match(answered, NEXT_MOOD, after=timedelta(days=1, seconds=20)).question == NEXT_MOOD


def test_an_older_question_that_fits_better_is_named() -> None:
    assert "earlier question" in match(MOOD, REMINDER, after=timedelta(hours=3), says="mood").reason


def test_a_reply_that_is_too_late_says_how_late() -> None:
    found = match(MOOD, after=timedelta(hours=72))

    assert (found.question, found.counts_for, found.reason) == (None, None, "came 72 h after the last question")


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    asked=st.lists(st.tuples(st.sampled_from(list(WINDOWS)), st.integers(-300, 300)), max_size=5),
    says=st.sampled_from([*WINDOWS, None]),
)
def test_no_question_is_answered_before_it_was_asked_or_after_its_window(
    asked: list[tuple[Prompt, int]], says: Prompt | None
) -> None:
    questions = [Question(str(nth), prompt, TEN + timedelta(hours=hours)) for nth, (prompt, hours) in enumerate(asked)]

    found = match(*questions, after=timedelta(0), says=says)

    if found.question is not None:
        waited = TEN - found.question.asked_at
        assert timedelta(0) <= waited <= WINDOWS[found.question.prompt]
        assert found.counts_for == found.question.asked_at.astimezone(NEW_YORK).date()
    else:
        assert not any(timedelta(0) <= TEN - each.asked_at <= WINDOWS[each.prompt] for each in questions)
