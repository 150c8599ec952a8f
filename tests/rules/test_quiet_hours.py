"""Nobody is texted at night, wherever they are and whatever their clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.quiet_hours import PROMPTS, SENDING, STAFF, Hours, Window, at_wall_clock

NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
ZONES = [
    "America/New_York",
    "America/Anchorage",
    "America/St_Johns",
    "America/Havana",
    "America/Phoenix",
    "America/Asuncion",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    """The instant, in UTC, when the clock on the wall shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "window", "expected"),
    [
        pytest.param("2026-11-20T02:00", SENDING, "2026-11-20T09:00", id="due at 2 am waits until morning"),
        pytest.param("2026-11-20T08:59:59", SENDING, "2026-11-20T09:00", id="a second too early waits for it"),
        pytest.param("2026-11-20T09:00", SENDING, "2026-11-20T09:00", id="leaves at nine sharp"),
        pytest.param("2026-11-20T19:59:59", SENDING, "2026-11-20T19:59:59", id="leaves a second before eight"),
        pytest.param("2026-11-20T20:00", SENDING, "2026-11-21T09:00", id="eight sharp is too late"),
        pytest.param("2026-11-20T17:59", PROMPTS, "2026-11-20T17:59", id="a question leaves before six"),
        pytest.param("2026-11-20T18:00", PROMPTS, "2026-11-21T09:00", id="a question at six waits until morning"),
        pytest.param("2026-11-20T07:59", STAFF, "2026-11-20T08:00", id="a nurse's text waits until eight"),
        pytest.param("2026-11-20T20:59", STAFF, "2026-11-20T20:59", id="a nurse's text leaves before nine"),
        pytest.param("2026-11-20T23:59:59", SENDING, "2026-11-21T09:00", id="just before midnight waits until morning"),
        pytest.param("2026-11-21T00:00", SENDING, "2026-11-21T09:00", id="midnight belongs to the day that begins"),
        pytest.param("2026-12-31T21:00", SENDING, "2027-01-01T09:00", id="over New Year"),
        pytest.param("2028-02-28T21:00", SENDING, "2028-02-29T09:00", id="over a leap day"),
        pytest.param("2026-03-07T22:00", SENDING, "2026-03-08T09:00", id="the night clocks go forward"),
        pytest.param("2026-10-31T22:00", SENDING, "2026-11-01T09:00", id="the night clocks go back"),
    ],
)
def test_a_text_due_outside_its_hours_waits_until_they_open(at: str, window: Window, expected: str) -> None:
    assert Hours(NEW_YORK).first_allowed(wall(at), window) == wall(expected)


def test_the_night_when_clocks_go_forward_is_an_hour_shorter() -> None:
    waits = Hours(NEW_YORK).first_allowed(wall("2026-03-07T22:00"), SENDING) - wall("2026-03-07T22:00")

    assert waits == timedelta(hours=10)


@pytest.mark.parametrize(
    ("day", "at", "zone", "expected"),
    [
        pytest.param("2026-11-20", "10:00", "America/New_York", "2026-11-20T15:00", id="winter in New York"),
        pytest.param("2026-07-20", "10:00", "America/New_York", "2026-07-20T14:00", id="summer in New York"),
        pytest.param("2026-03-08", "02:30", "America/New_York", "2026-03-08T07:00", id="gap: the minute after it"),
        pytest.param("2026-03-08", "02:00", "America/New_York", "2026-03-08T07:00", id="gap: its first minute"),
        pytest.param("2026-03-08", "03:00", "America/New_York", "2026-03-08T07:00", id="gap: its end exists"),
        pytest.param("2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30", id="twice: the first"),
        pytest.param("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03T15:30", id="Lord Howe: gap of 30 min"),
        pytest.param("2026-10-04", "02:30", "Australia/Lord_Howe", "2026-10-03T15:30", id="Lord Howe: after the gap"),
        pytest.param(
            "2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-04T14:45", id="Lord Howe: twice, the first"
        ),
        pytest.param("2026-03-08", "00:30", "America/Havana", "2026-03-08T05:00", id="Havana: midnight does not exist"),
        pytest.param("2011-12-29", "10:00", "Pacific/Apia", "2011-12-29T20:00", id="Apia: the day before"),
        pytest.param("2011-12-30", "10:00", "Pacific/Apia", "2011-12-30T10:00", id="Apia: a day that never was"),
        pytest.param("2011-12-31", "10:00", "Pacific/Apia", "2011-12-30T20:00", id="Apia: the day after"),
    ],
)
def test_the_clock_on_the_wall_shows_the_time_that_was_meant(day: str, at: str, zone: str, expected: str) -> None:
    assert at_wall_clock(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone)) == utc(expected)


def test_the_evening_before_a_day_that_never_was_waits_until_the_morning_after_it() -> None:
    evening = wall("2011-12-29T21:00", APIA)

    assert Hours(APIA).first_allowed(evening, SENDING) == wall("2011-12-31T09:00", APIA)
    assert Hours(APIA).first_allowed(evening, SENDING) - evening == timedelta(hours=12)


def test_a_morning_on_lord_howe_is_at_nine_after_the_half_hour_is_gone() -> None:
    night = wall("2026-10-03T21:00", LORD_HOWE)

    assert Hours(LORD_HOWE).first_allowed(night, SENDING) - night == timedelta(hours=11, minutes=30)


def test_the_window_closes_at_eight_on_the_day_that_clocks_change() -> None:
    assert Hours(NEW_YORK).closes_after(wall("2026-11-01T09:30"), SENDING) == wall("2026-11-01T20:00")


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    at=st.datetimes(datetime(2011, 12, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made UTC.
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    window=st.sampled_from([SENDING, PROMPTS, STAFF]),
)
def test_whatever_the_instant_a_text_leaves_inside_its_hours_and_no_later_than_needed(
    at: datetime, zone: ZoneInfo, window: Window
) -> None:
    allowed_at = Hours(zone).first_allowed(at, window)

    assert Hours(zone).is_allowed(allowed_at, window)
    assert at <= allowed_at <= at + timedelta(hours=16)
    assert Hours(zone).first_allowed(allowed_at, window) == allowed_at
    assert allowed_at == at or not Hours(zone).is_allowed(allowed_at - timedelta(seconds=1), window)
