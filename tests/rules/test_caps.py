"""How many automatic texts a person gets at most, and what gives way to what."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.caps import GAVE_WAY, ITS_QUESTION, TOO_MANY_THAT_DAY, TOO_MANY_THAT_WEEK, give_way
from followup.rules.planned import PlannedMessage
from followup.rules.step import Recipient
from tests.rules.schedules import wall

NEW_YORK = ZoneInfo("America/New_York")
FRIDAY = wall("2026-11-20T10:00")


def text(name: str, at: datetime, *, gives_way: bool = True, to: Recipient = "patient") -> PlannedMessage:
    return PlannedMessage(
        step=name,
        due_at=at,
        use_by_at=at + timedelta(hours=8),
        moved=None,
        prompt="none",
        wording="question",
        gives_way=gives_way,
        on_unknown="resend",
        unless_booked=False,
        to=to,
    )


def on(day: int, hour: int = 10, *, gives_way: bool = True, to: Recipient = "patient") -> PlannedMessage:
    """So many days after a Friday, at that hour."""
    at = wall(f"{date(2026, 11, 20) + timedelta(days=day)}T{hour:02}:00")
    return text(f"day {day}, {hour}:00", at, gives_way=gives_way, to=to)


def gone(texts: Sequence[PlannedMessage], zone: ZoneInfo = NEW_YORK) -> dict[str, str]:
    return {out.step: why for out, why in give_way(texts, zone)}


def test_two_texts_a_day_are_not_too_many() -> None:
    assert gone([on(0, 9), on(0, 19), on(1, 9), on(1, 19)]) == {}


def test_the_third_of_a_day_gives_way_whatever_its_place_in_the_file() -> None:
    assert gone([on(0, 19), on(0, 9), on(0, 12)]) == {"day 0, 19:00": TOO_MANY_THAT_DAY}


def test_what_never_gives_way_is_counted_first() -> None:
    assert gone([on(0, 9), on(0, 12, gives_way=False), on(0, 15, gives_way=False)]) == {
        "day 0, 9:00": TOO_MANY_THAT_DAY
    }


def test_what_never_gives_way_stays_however_many_there_are() -> None:
    assert gone([on(0, hour, gives_way=False) for hour in range(9, 18)]) == {}
    assert gone([on(day, gives_way=False) for day in range(9)]) == {}


def test_seven_in_seven_days_are_not_too_many_and_the_eighth_is() -> None:
    assert gone([on(day) for day in range(7)]) == {}
    assert gone([on(0, 9), *(on(day) for day in range(7))]) == {"day 6, 10:00": TOO_MANY_THAT_WEEK}


def test_a_text_that_gave_way_leaves_its_room_to_the_next() -> None:
    daily_and_two = [on(0, 9), on(0, 12), on(0, 15), on(0, 18), *(on(day) for day in range(1, 8))]

    assert gone(daily_and_two) == {
        "day 0, 15:00": TOO_MANY_THAT_DAY,
        "day 0, 18:00": TOO_MANY_THAT_DAY,
        "day 6, 10:00": TOO_MANY_THAT_WEEK,
    }


def test_seven_days_are_seven_times_24_hours() -> None:
    first = [on(day, hour) for day in range(3) for hour in (12, 15)]

    assert gone([*first, on(6), on(6, 11)]) == {"day 6, 11:00": TOO_MANY_THAT_WEEK}
    assert gone([*first, on(6), on(7, 12)]) == {}
    assert gone([*first, on(6), on(7, 11)]) == {"day 7, 11:00": TOO_MANY_THAT_WEEK}


def test_days_before_and_after_count_together() -> None:
    around = [on(day, hour, gives_way=False) for day in (0, 5, 6) for hour in (12, 15)]

    assert gone([*around, on(6, 17, gives_way=False), on(3)]) == {"day 3, 10:00": TOO_MANY_THAT_WEEK}
    assert gone([*around, on(3)]) == {}


def test_what_lies_a_week_apart_never_counts_together() -> None:
    assert gone([on(day, hour) for day in (0, 7, 14) for hour in (9, 12)]) == {}


def test_a_day_is_the_patients() -> None:
    texts = [on(0, 10), on(0, 18), on(1, 8)]

    assert gone(texts) == {}
    assert gone(texts, ZoneInfo("Asia/Tokyo")) == {"day 1, 8:00": TOO_MANY_THAT_DAY}  # Saturday from 0:00 to 22:00.


def test_a_day_of_25_hours_is_one_day() -> None:
    texts = [text(f"{hour}", wall(f"2026-11-01T{hour:02}:00")) for hour in (0, 9, 23)]

    assert gone(texts) == {"23": TOO_MANY_THAT_DAY}


def test_companion_and_patient_are_two_people() -> None:
    patients = [on(0, 9), on(0, 12)]
    companions = [on(0, hour, to="companion") for hour in (10, 11)]

    assert gone([*patients, *companions]) == {}
    assert gone([*patients, *companions, on(0, 13, to="companion")]) == {"day 0, 13:00": TOO_MANY_THAT_DAY}


def test_a_nudge_goes_with_its_question() -> None:
    mood, nudge = text("mood", FRIDAY + timedelta(hours=5)), text("mood, nudge", FRIDAY + timedelta(days=1))

    assert gone([on(0, 9), on(0, 12), mood, nudge]) == {"mood": TOO_MANY_THAT_DAY, "mood, nudge": ITS_QUESTION}
    assert gone([on(0, 9), mood, nudge]) == {}


@pytest.mark.parametrize("why", [TOO_MANY_THAT_DAY, TOO_MANY_THAT_WEEK, ITS_QUESTION])
def test_every_reason_begins_alike(why: str) -> None:
    assert why.startswith(GAVE_WAY)


PLANS = st.lists(st.tuples(st.integers(0, 24 * 12), st.booleans()), max_size=16)


@settings(deadline=None, derandomize=True, database=None, max_examples=60)
@given(plan=PLANS)
def test_no_day_and_no_seven_days_hold_more_than_the_caps_with_one_that_gives_way(plan: list[tuple[int, bool]]) -> None:
    texts = [text(str(n), FRIDAY + timedelta(hours=at), gives_way=gives) for n, (at, gives) in enumerate(plan)]
    out = [each for each, _ in give_way(texts, NEW_YORK)]
    kept = [each for each in texts if each not in out]

    assert all(each.gives_way for each in out)
    for day in {each.due_at.astimezone(NEW_YORK).date() for each in kept}:
        that_day = [each for each in kept if each.due_at.astimezone(NEW_YORK).date() == day]
        assert len(that_day) <= 2 or not any(each.gives_way for each in that_day)
    for start in (each.due_at for each in kept):
        that_week = [each for each in kept if start <= each.due_at < start + timedelta(days=7)]
        assert len(that_week) <= 7 or not any(each.gives_way for each in that_week)
