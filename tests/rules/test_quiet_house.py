"""When it is too quiet, and where a rota has gaps."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.rules.quiet_house import is_inbound_silent, stopped_jobs
from followup.rules.rota import gaps

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HOUR, TWO_DAYS = timedelta(hours=1), timedelta(hours=48)


@pytest.mark.parametrize(
    ("heard", "asked", "is_silent"),
    [
        pytest.param(None, None, False, id="nobody was asked"),
        pytest.param(None, 47, False, id="asked a while ago"),
        pytest.param(None, 48, True, id="asked long ago, and never an answer"),
        pytest.param(72, 47, False, id="the answer is old, the question is not"),
        pytest.param(72, 48, True, id="asked long ago, and no answer since"),
    ],
)
def test_silence_is_questions_without_an_answer(heard: int | None, asked: int | None, is_silent: bool) -> None:
    heard_at, asked_at = (NOW - hours * HOUR if hours else None for hours in (heard, asked))

    assert is_inbound_silent(heard_at, asked_at, TWO_DAYS, now=NOW) is is_silent


def test_a_job_is_stopped_after_three_minutes_counted_from_the_start_at_the_earliest() -> None:
    old, fresh = NOW - HOUR, NOW - timedelta(minutes=1)
    good = {"read": fresh, "send": old}

    assert stopped_jobs(good, since=NOW - 2 * HOUR, now=NOW) == ["send", "page"]
    assert stopped_jobs(good, since=fresh, now=NOW) == []
    assert stopped_jobs(good, since=None, now=NOW) == ["send"]


def at(*hours: float) -> list[datetime]:
    return [NOW + hour * HOUR for hour in hours]


@pytest.mark.parametrize(
    ("shifts", "empty"),
    [
        pytest.param([], [(0, 24)], id="nobody at all"),
        pytest.param([(-5, 30)], [], id="somebody all the time"),
        pytest.param([(0, 12), (12, 24)], [], id="one after the other"),
        pytest.param([(2, 8), (6, 10), (20, 30)], [(0, 2), (10, 20)], id="with gaps"),
        pytest.param([(2, 20), (3, 4)], [(0, 2), (20, 24)], id="one within another"),
        pytest.param([(30, 40)], [(0, 24)], id="later than asked"),
    ],
)
def test_gaps_are_what_no_shift_covers(shifts: list, empty: list) -> None:
    spans = [tuple(at(*shift)) for shift in shifts]

    assert list(gaps(spans, *at(0, 24))) == [tuple(at(*gap)) for gap in empty]
