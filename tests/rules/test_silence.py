"""When an unanswered question becomes a case."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.rules.quiet_hours import StaffedHours
from followup.rules.silence import AT_LEAST, BEFORE_CLOSING, silent_at
from followup.rules.step import Silence
from tests.rules.schedules import wall

NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def when(
    left_at: str,
    *,
    by: str = "18:30",
    zone: str = NEW_YORK,
    closes: str = "20:00",
    clinic: str = NEW_YORK,
    is_sooner: bool = False,
) -> datetime:
    """`left_at` is on the patient's wall clock."""
    return silent_at(
        Silence(by=time.fromisoformat(by), sooner_after=timedelta(hours=2)),
        left_at=wall(left_at, zone),
        zone=ZoneInfo(zone),
        staffed=StaffedHours(zone=ZoneInfo(clinic), closes=time.fromisoformat(closes)),
        is_sooner=is_sooner,
    )


CASES = [
    ("at the stated hour", {}, "2026-11-24T18:30"),
    ("half an hour before the clinic closes, where that is earlier", {"closes": "17:00"}, "2026-11-24T16:30"),
    ("half an hour before it closes at the stated hour", {"closes": "18:30"}, "2026-11-24T18:00"),
    ("two hours after it left, where somebody should look sooner", {"is_sooner": True}, "2026-11-24T16:00"),
    ("no later for being sooner", {"is_sooner": True, "by": "15:00"}, "2026-11-24T15:00"),
    ("no later for being sooner than the clinic closes", {"is_sooner": True, "closes": "15:45"}, "2026-11-24T15:15"),
    ("half an hour after it left, where the clinic closes before", {"closes": "14:15"}, "2026-11-24T14:30"),
    ("half an hour after it left, where the stated hour has passed", {"by": "12:00"}, "2026-11-24T14:30"),
]


@pytest.mark.parametrize(("more", "at"), [pytest.param(more, at, id=name) for name, more, at in CASES])
def test_what_left_at_two_becomes_a_case(more: dict[str, str], at: str) -> None:
    assert when("2026-11-24T14:00", **more) == wall(at)  # pyright: ignore[reportArgumentType] - a table.


def test_the_hour_is_the_patients_and_the_closing_the_clinics() -> None:
    """18:30 in Los Angeles is after the clinic in New York has closed at 20:00, which is 17:00 there."""
    assert when("2026-11-24T13:00", zone=LOS_ANGELES) == wall("2026-11-24T16:30", LOS_ANGELES)


def test_a_clinic_far_in_the_west_does_not_make_it_later_than_the_stated_hour() -> None:
    assert when("2026-11-24T14:00", clinic="Pacific/Honolulu") == wall("2026-11-24T18:30")


def test_a_clinic_whose_day_is_over_when_the_text_leaves_hears_half_an_hour_later() -> None:
    """14:00 in Los Angeles is 23:00 in Paris."""
    assert when("2026-11-24T14:00", zone=LOS_ANGELES, clinic="Europe/Paris") == wall("2026-11-24T14:30", LOS_ANGELES)


@pytest.mark.parametrize("day", ["2027-03-14", "2026-11-01"], ids=["clocks go forward", "clocks go back"])
def test_the_stated_hour_is_that_of_the_wall_on_the_days_clocks_change(day: str) -> None:
    assert when(f"{day}T14:00") == wall(f"{day}T18:30")


def test_the_day_is_the_patients_own() -> None:
    """23:30 in New York is the next day in UTC."""
    assert when("2026-11-24T23:30") == wall("2026-11-25T00:00")


@given(
    left_at=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    by=st.times(),
    closes=st.times(),
    zone=st.sampled_from([NEW_YORK, LOS_ANGELES, "America/Anchorage", "Pacific/Honolulu"]),
    clinic=st.sampled_from([NEW_YORK, LOS_ANGELES]),
    is_sooner=st.booleans(),
)
def test_a_silence_never_waits_for_the_next_day_nor_is_there_less_than_half_an_hour(
    left_at: datetime, by: time, closes: time, zone: str, clinic: str, is_sooner: bool
) -> None:
    staffed = StaffedHours(zone=ZoneInfo(clinic), closes=closes.replace(tzinfo=None))
    silence = Silence(by=by.replace(tzinfo=None), sooner_after=2 * HOUR)

    at = silent_at(silence, left_at=left_at, zone=ZoneInfo(zone), staffed=staffed, is_sooner=is_sooner)

    assert at >= left_at + AT_LEAST
    local = left_at.astimezone(ZoneInfo(zone))
    assert at.astimezone(ZoneInfo(zone)).date() == local.date() or at == left_at + AT_LEAST
    if at > left_at + AT_LEAST:
        assert at <= staffed.closes_at(left_at.astimezone(staffed.zone).date()) - BEFORE_CLOSING
        assert not is_sooner or at <= left_at + 2 * HOUR
