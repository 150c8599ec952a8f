"""Stricter states are kept to where somebody gave the state; nobody's hours ever get wider."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from followup.rules.quiet_hours import PROMPTS, SENDING, STAFF, Hours, Window
from followup.rules.state_hours import OTHER_DAYS, WEEK, state_hours
from tests.rules.schedules import wall

NEW_YORK = ZoneInfo("America/New_York")
WEDNESDAY, SATURDAY, SUNDAY = date(2026, 11, 25), date(2026, 11, 28), date(2026, 11, 29)
STATES = sorted({*WEEK, *(state for state, _ in OTHER_DAYS)})

KEPT_TO = [
    pytest.param("RI", WEDNESDAY, SENDING, "09:00-18:00", id="Rhode Island, a weekday"),
    pytest.param("RI", SATURDAY, SENDING, "10:00-17:00", id="Rhode Island, a Saturday"),
    pytest.param("RI", SUNDAY, PROMPTS, "10:00-17:00", id="Rhode Island, a Sunday, a question"),
    pytest.param("KY", WEDNESDAY, SENDING, "10:00-20:00", id="Kentucky begins at ten"),
    pytest.param("KY", SUNDAY, PROMPTS, "10:00-18:00", id="Kentucky begins at ten on a Sunday too"),
    pytest.param("TX", WEDNESDAY, SENDING, "09:00-20:00", id="Texas, a weekday"),
    pytest.param("TX", SUNDAY, SENDING, "12:00-20:00", id="Texas begins at noon on a Sunday"),
    pytest.param("TX", SUNDAY, PROMPTS, "12:00-18:00", id="Texas, a Sunday, a question"),
    pytest.param("PA", SUNDAY, SENDING, "13:30-20:00", id="Pennsylvania begins in the afternoon on a Sunday"),
    pytest.param("PA", SATURDAY, SENDING, "09:00-20:00", id="Pennsylvania, a Saturday"),
    pytest.param("AL", SUNDAY, SENDING, None, id="Alabama has no Sunday"),
    pytest.param("AL", SATURDAY, SENDING, "09:00-20:00", id="Alabama, a Saturday"),
    pytest.param("LA", SUNDAY, PROMPTS, None, id="Louisiana has no Sunday"),
    pytest.param("MS", SUNDAY, SENDING, None, id="Mississippi has no Sunday"),
    pytest.param("FL", SUNDAY, SENDING, "09:00-20:00", id="Florida would begin at eight, we do not"),
    pytest.param("NM", WEDNESDAY, SENDING, "09:00-20:00", id="New Mexico would end at nine, we do not"),
    pytest.param("CA", SUNDAY, SENDING, "09:00-20:00", id="California has no rule of its own"),
    pytest.param(None, SUNDAY, SENDING, "09:00-20:00", id="nobody gave the state"),
    pytest.param("AL", SUNDAY, STAFF, "08:00-21:00", id="a person may write on a Sunday in Alabama"),
    pytest.param("RI", SATURDAY, STAFF, "08:00-21:00", id="a person may write in the evening in Rhode Island"),
]


@pytest.mark.parametrize(("state", "day", "window", "expected"), KEPT_TO)
def test_the_hours_of_a_state_are_kept_to(state: str | None, day: date, window: Window, expected: str | None) -> None:
    open_then = Hours(NEW_YORK, state).window_on(day, window)

    assert (f"{open_then.opens:%H:%M}-{open_then.closes:%H:%M}" if open_then else None) == expected


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("window", [SENDING, PROMPTS])
def test_no_state_widens_our_hours(state: str, window: Window) -> None:
    for ahead in range(7):
        day = WEDNESDAY + timedelta(days=ahead)
        narrowed = Hours(NEW_YORK, state).window_on(day, window)
        rule = state_hours(state, day.weekday())
        if narrowed is not None and rule is not None:
            assert window.opens <= narrowed.opens < narrowed.closes <= window.closes
            assert rule[0] <= narrowed.opens and narrowed.closes <= rule[1]


@pytest.mark.parametrize("state", STATES)
def test_every_state_leaves_an_hour_for_a_question_within_two_days(state: str) -> None:
    hours = Hours(NEW_YORK, state)

    for ahead in range(7):
        at = wall("2026-11-25T20:00") + timedelta(days=ahead)
        allowed_at = hours.first_allowed(at, PROMPTS)
        assert allowed_at is not None
        assert allowed_at - at <= timedelta(days=2)


def test_a_state_is_two_letters_and_its_rule_a_span_of_hours() -> None:
    for state in STATES:
        assert (len(state), state.isupper()) == (2, True)
    for opens, closes in [*WEEK.values(), *OTHER_DAYS.values()]:
        assert opens < closes or (opens, closes) == (time(0), time(0))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("2026-11-27T18:00", "2026-11-28T10:00", id="Friday at six waits for Saturday at ten"),
        pytest.param("2026-11-28T17:00", "2026-11-29T10:00", id="Saturday at five waits for Sunday at ten"),
        pytest.param("2026-11-29T16:59", "2026-11-29T16:59", id="Sunday just before five leaves"),
        pytest.param("2026-11-29T17:00", "2026-11-30T09:00", id="Sunday at five waits for Monday at nine"),
    ],
)
def test_a_text_waits_for_the_next_hour_that_the_state_allows(at: str, expected: str) -> None:
    assert Hours(NEW_YORK, "RI").first_allowed(wall(at), SENDING) == wall(expected)


def test_a_day_without_automatic_texts_is_passed_over() -> None:
    hours, saturday_evening = Hours(ZoneInfo("America/Chicago"), "AL"), wall("2026-11-28T20:00", "America/Chicago")

    assert hours.first_allowed(saturday_evening, SENDING) == wall("2026-11-30T09:00", "America/Chicago")
    assert hours.spans_on(SUNDAY, SENDING) == []
    assert hours.closes_after(wall("2026-11-29T12:00", "America/Chicago"), SENDING) == wall(
        "2026-11-29T12:00", "America/Chicago"
    )


@pytest.mark.parametrize(
    ("state", "at", "words"),
    [
        pytest.param("AL", "2026-11-29T12:00", "falls on a Sunday, when AL allows no automatic texts", id="no Sunday"),
        pytest.param("RI", "2026-11-28T17:30", "falls at 17:30, outside 10:00 to 17:00 in RI", id="a state's hours"),
        pytest.param("RI", "2026-11-25T08:00", "falls at 08:00, outside 09:00 to 18:00 in RI", id="both"),
        pytest.param("TX", "2026-11-25T20:30", "falls at 20:30, outside 09:00 to 20:00", id="our own hours"),
    ],
)
def test_staff_read_whose_rule_it_was(state: str, at: str, words: str) -> None:
    assert Hours(NEW_YORK, state).why_moved(wall(at), SENDING) == words


def test_the_day_is_the_patients_not_the_one_in_utc() -> None:
    evening = datetime.fromisoformat("2026-11-29T01:00:00+00:00")  # Saturday, 15:00 in Honolulu.

    assert Hours(ZoneInfo("Pacific/Honolulu"), "AL").is_allowed(evening, SENDING)
    assert not Hours(ZoneInfo("Pacific/Honolulu"), "AL").is_allowed(evening + timedelta(days=1), SENDING)
