"""Which texts a session brings, and when, on the patient's wall clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from followup.rules.planning import PlannedMessage, SessionFacts
from followup.rules.schedule import Schedule
from tests.rules.schedules import MOOD, SAFE, SAME_DAY, plain, plan_messages, small, wall

SCHEDULE = plain()
NEW_YORK = "America/New_York"
CHECK_IN, MORNING, NEXT_DAY = "same-day check-in", "morning-after check-in", "next-day mood"
REMINDER, MAINTENANCE = "appointment reminder", "maintenance due"


def plan(
    ended: str,
    zone: str = NEW_YORK,
    *,
    schedule: Schedule = SCHEDULE,
    now: str | None = None,
    appointment: str | None = None,
) -> list[PlannedMessage]:
    """The plan of a session that ended then; all times as the clock on the wall shows them."""
    facts = SessionFacts(
        kind="ketamine-iv",
        ended_at=wall(ended, zone),
        zone=ZoneInfo(zone),
        appointment_at=wall(appointment, zone) if appointment else None,
    )
    return plan_messages(schedule, facts, now=wall(now or ended, zone))


def shown(planned: list[PlannedMessage], zone: str = NEW_YORK) -> list[tuple[str, str, str]]:
    """(step, wall clock, what it is) of the texts of the first days."""
    rows = [(m.step, f"{m.due_at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}", m.wording) for m in planned]
    return [row for row in rows if row[0] != MAINTENANCE]


def only(planned: list[PlannedMessage], step: str) -> PlannedMessage:
    (found,) = [m for m in planned if m.step == step]
    return found


ASKED, TOLD = "question", "statement"
BY_END = [
    pytest.param("00:10", [(CHECK_IN, "11-20 09:00", ASKED)], id="ends 00:10: asked at nine"),
    pytest.param("04:59", [(CHECK_IN, "11-20 09:00", ASKED)], id="ends 04:59: asked at nine"),
    pytest.param("05:00", [(CHECK_IN, "11-20 09:00", ASKED)], id="ends 05:00: asked at nine, four hours later"),
    pytest.param("08:00", [(CHECK_IN, "11-20 12:00", ASKED)], id="ends 08:00: asked at noon"),
    pytest.param("13:45", [(CHECK_IN, "11-20 17:45", ASKED)], id="ends 13:45: asked four hours later"),
    pytest.param("13:46", [(CHECK_IN, "11-20 17:45", ASKED)], id="ends 13:46: asked a minute earlier than that"),
    pytest.param("15:00", [(CHECK_IN, "11-20 17:45", ASKED)], id="ends 15:00: asked at 17:45"),
    pytest.param("16:15", [(CHECK_IN, "11-20 17:45", ASKED)], id="ends 16:15: asked 90 minutes later"),
    pytest.param("16:20", [(CHECK_IN, "11-20 17:50", ASKED)], id="ends 16:20: asked at 17:50"),
    pytest.param("16:29", [(CHECK_IN, "11-20 17:59", ASKED)], id="ends 16:29: asked at 17:59"),
    pytest.param(
        "16:30",
        [(CHECK_IN, "11-20 18:00", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="ends 16:30: told at six, asked next morning",
    ),
    pytest.param(
        "17:00",
        [(CHECK_IN, "11-20 18:30", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="ends 17:00: told without a question at 18:30 and asked next morning",
    ),
    pytest.param(
        "19:00",
        [(CHECK_IN, "11-20 19:45", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="ends 19:00: told at 19:45",
    ),
    pytest.param(
        "19:50",
        [(CHECK_IN, "11-20 19:50", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="ends 19:50: told at once, never before the end",
    ),
    pytest.param("20:00", [(MORNING, "11-21 09:00", ASKED)], id="ends 20:00: nothing that day"),
    pytest.param("23:50", [(MORNING, "11-21 09:00", ASKED)], id="ends 23:50: nothing that day, asked next morning"),
]


@pytest.mark.parametrize(("ended", "expected"), BY_END)
def test_the_day_of_the_session(ended: str, expected: list[tuple[str, str, str]]) -> None:
    planned = plan(f"2026-11-20T{ended}")

    assert shown(planned) == [*expected, (NEXT_DAY, "11-21 10:00", ASKED)]


CLOCK_CHANGES = [
    pytest.param(
        "America/Anchorage",
        "2026-03-07T15:00",
        [(CHECK_IN, "03-07 17:45", ASKED), (NEXT_DAY, "03-08 10:00", ASKED)],
        id="night clocks go forward in Anchorage",
    ),
    pytest.param(
        "America/Anchorage",
        "2026-10-31T23:00",
        [(MORNING, "11-01 09:00", ASKED), (NEXT_DAY, "11-01 10:00", ASKED)],
        id="night clocks go back in Anchorage",
    ),
    pytest.param(
        "America/New_York",
        "2026-03-08T01:30",
        [(CHECK_IN, "03-08 09:00", ASKED), (NEXT_DAY, "03-09 10:00", ASKED)],
        id="ends half an hour before clocks go forward",
    ),
    pytest.param(
        "America/New_York",
        "2026-03-08T07:00",
        [(CHECK_IN, "03-08 11:00", ASKED), (NEXT_DAY, "03-09 10:00", ASKED)],
        id="ends in the morning after clocks went forward",
    ),
    pytest.param(
        "Australia/Lord_Howe",
        "2026-10-03T17:00",
        [(CHECK_IN, "10-03 18:30", TOLD), (MORNING, "10-04 09:00", ASKED), (NEXT_DAY, "10-04 10:00", ASKED)],
        id="night clocks go forward by half an hour on Lord Howe",
    ),
    pytest.param(
        "America/Phoenix",
        "2026-03-07T15:00",
        [(CHECK_IN, "03-07 17:45", ASKED), (NEXT_DAY, "03-08 10:00", ASKED)],
        id="Phoenix has no summer time",
    ),
    pytest.param(
        "Pacific/Apia",
        "2011-12-29T15:00",
        [(CHECK_IN, "12-29 17:45", ASKED)],
        id="the next day never was, in Apia: what belongs to it is left out",
    ),
]


@pytest.mark.parametrize(("zone", "ended", "expected"), CLOCK_CHANGES)
def test_the_wall_clock_decides(zone: str, ended: str, expected: list[tuple[str, str, str]]) -> None:
    assert shown(plan(ended, zone), zone) == expected


LATE_EVENTS = [
    pytest.param(
        "15:00",
        "2026-11-20T17:58",
        [(CHECK_IN, "11-20 17:45", ASKED)],
        id="heard 13 minutes after it was due: still on time",
    ),
    pytest.param(
        "11:00",
        "2026-11-20T16:00",
        [(CHECK_IN, "11-20 16:00", ASKED)],
        id="heard an hour after it was due: asked at once",
    ),
    pytest.param(
        "05:00",
        "2026-11-20T09:15",
        [(CHECK_IN, "11-20 09:00", ASKED)],
        id="heard a quarter of an hour late: still on time",
    ),
    pytest.param(
        "15:00",
        "2026-11-20T18:05",
        [(CHECK_IN, "11-20 18:05", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="heard after prompt hours: told at once, asked next morning",
    ),
    pytest.param(
        "16:25",
        "2026-11-20T18:05",
        [(CHECK_IN, "11-20 17:55", TOLD), (MORNING, "11-21 09:00", ASKED)],
        id="a question ten minutes late is no question any more after six",
    ),
    pytest.param(
        "19:50",
        "2026-11-20T20:01",
        [(MORNING, "11-21 09:00", ASKED)],
        id="heard after eight: nothing that day, asked next morning",
    ),
]


@pytest.mark.parametrize(("ended", "now", "expected"), LATE_EVENTS)
def test_an_event_that_comes_late_the_same_day(ended: str, now: str, expected: list[tuple[str, str, str]]) -> None:
    planned = plan(f"2026-11-20T{ended}", now=now)

    assert shown(planned) == [*expected, (NEXT_DAY, "11-21 10:00", ASKED)]


NEXT_MORNINGS = [
    pytest.param(
        "2026-11-21T08:00",
        [(MORNING, "11-21 09:00", ASKED), (NEXT_DAY, "11-21 10:00", ASKED)],
        id="heard at eight next morning: asked at nine and at ten",
    ),
    pytest.param(
        "2026-11-21T12:00",
        [(NEXT_DAY, "11-21 12:00", ASKED)],
        id="heard at noon next day: the mood alone, at once",
    ),
    pytest.param("2026-11-21T17:59", [(NEXT_DAY, "11-21 17:59", ASKED)], id="heard just before six: the mood alone"),
    pytest.param("2026-11-21T18:00", [], id="heard at six next day: too late to ask"),
    pytest.param("2026-11-23T12:00", [], id="heard three days later: nothing of the first days"),
]


@pytest.mark.parametrize(("now", "expected"), NEXT_MORNINGS)
def test_an_event_that_comes_the_next_day_or_later(now: str, expected: list[tuple[str, str, str]]) -> None:
    assert shown(plan("2026-11-20T15:00", now=now)) == expected


REMINDERS = [
    pytest.param("2026-11-27T13:00", "11-26 10:00", id="next visit in a week: the day before at ten"),
    pytest.param("2026-11-22T08:30", "11-21 10:00", id="next visit the day after tomorrow"),
    pytest.param("2026-11-21T13:00", "11-20 16:30", id="next visit tomorrow: 90 minutes after the end"),
    pytest.param("2026-11-20T18:00", None, id="next visit an hour and a half after that: of no use"),
    pytest.param("2026-11-19T13:00", None, id="the visit is over"),
]


@pytest.mark.parametrize(("appointment", "expected"), REMINDERS)
def test_the_appointment_reminder(appointment: str, expected: str | None) -> None:
    rows = shown(plan("2026-11-20T15:00", appointment=appointment))

    assert [at for step, at, _ in rows if step == REMINDER] == ([expected] if expected else [])


def test_the_reminder_comes_on_the_wall_clock_though_clocks_go_back_before_the_visit() -> None:
    rows = shown(plan("2026-10-29T12:00", appointment="2026-11-02T09:00"))

    assert (REMINDER, "11-01 10:00", ASKED) in rows


def test_a_reminder_is_of_no_use_two_hours_before_the_visit() -> None:
    reminder = only(plan("2026-11-20T15:00", appointment="2026-11-27T13:00"), REMINDER)

    assert reminder.use_by_at == wall("2026-11-27T11:00")


def test_without_a_next_visit_nobody_is_reminded_and_maintenance_is_due_after_three_weeks() -> None:
    planned = plan("2026-11-20T15:00")

    assert [m.step for m in planned] == [CHECK_IN, NEXT_DAY, MAINTENANCE]
    assert only(planned, MAINTENANCE).due_at == wall("2026-12-11T10:00")


def test_with_a_next_visit_no_maintenance_is_due() -> None:
    planned = plan("2026-11-20T15:00", appointment="2026-11-27T13:00")

    assert MAINTENANCE not in [m.step for m in planned]


def test_maintenance_due_may_come_days_late() -> None:
    (late,) = plan("2026-11-20T15:00", now="2026-12-14T21:00")

    assert (late.step, late.due_at, late.is_catch_up) == (MAINTENANCE, wall("2026-12-15T09:00"), True)


def test_maintenance_due_is_left_out_when_its_five_days_are_over() -> None:
    assert plan("2026-11-20T15:00", now="2026-12-16T10:00") == []


def test_only_the_latest_of_what_was_missed_is_caught_up() -> None:
    planned = plan("2026-11-20T15:00", now="2026-11-21T11:00", appointment="2026-11-22T13:00")

    assert shown(planned) == [(REMINDER, "11-21 11:00", ASKED)]


def test_who_misses_the_check_in_for_a_reminder_is_asked_next_morning() -> None:
    planned = plan("2026-11-20T05:00", now="2026-11-20T12:00", appointment="2026-11-21T15:00")

    assert shown(planned) == [
        (REMINDER, "11-20 12:00", ASKED),
        (MORNING, "11-21 09:00", ASKED),
        (NEXT_DAY, "11-21 10:00", ASKED),
    ]


def test_a_text_that_comes_as_the_step_says_has_not_moved() -> None:
    planned = plan("2026-11-20T08:00")

    assert {m.step: m.moved for m in planned} == {CHECK_IN: None, NEXT_DAY: None, MAINTENANCE: None}


@pytest.mark.parametrize(
    ("ended", "now", "why"),
    [
        pytest.param("04:00", "04:00", "falls before prompt hours, which begin at 09:00: asked then", id="too early"),
        pytest.param("15:00", "15:00", "falls after prompt hours, which end at 18:00: asked earlier", id="too late"),
        pytest.param(
            "17:00",
            "17:00",
            "prompt hours end at 18:00: goes without its question, which comes next morning",
            id="too late for a question",
        ),
        pytest.param("10:00", "15:00", "was due earlier: sent late", id="heard late"),
    ],
)
def test_a_moved_check_in_says_why(ended: str, now: str, why: str) -> None:
    assert only(plan(f"2026-11-20T{ended}", now=f"2026-11-20T{now}"), CHECK_IN).moved == why


def test_a_moved_text_of_another_day_says_why() -> None:
    at_night = small(MOOD | {"at": "21:30", "use_by": "1d"})

    (moved,) = plan("2026-11-20T15:00", schedule=at_night)

    assert moved.due_at == wall("2026-11-22T09:00")
    assert moved.moved == "falls at 21:30, outside 09:00 to 18:00"


def test_a_late_text_of_another_day_says_when_it_was_due() -> None:
    late = only(plan("2026-11-20T15:00", now="2026-11-21T12:00"), NEXT_DAY)

    assert late.moved == "was due 2026-11-21 10:00: sent late"


def test_a_statement_invites_no_answer() -> None:
    told = only(plan("2026-11-20T17:00"), CHECK_IN)

    assert (told.wording, told.prompt) == ("statement", "none")


def test_the_order_of_steps_in_the_file_does_not_matter() -> None:
    backwards = SCHEDULE.model_copy(update={"step": list(reversed(SCHEDULE.step))})

    for ended in ("2026-11-20T15:00", "2026-11-20T17:00", "2026-11-20T23:50"):
        assert plan(ended, schedule=backwards) == plan(ended)


def test_a_same_day_text_may_be_of_use_for_a_duration_only() -> None:
    for_an_hour = small(SAME_DAY | {"use_by": "1h"})

    assert only(plan("2026-11-20T10:00", schedule=for_an_hour), CHECK_IN).use_by_at == wall("2026-11-20T15:00")
    assert plan("2026-11-20T10:00", schedule=for_an_hour, now="2026-11-20T15:00") == []


def test_a_same_day_text_is_of_no_use_after_sending_hours_whatever_the_step_says() -> None:
    for_a_day = small(SAME_DAY | {"use_by": "1d"})

    assert only(plan("2026-11-20T10:00", schedule=for_a_day), CHECK_IN).use_by_at == wall("2026-11-20T20:00")


def test_a_step_some_hours_after_the_end_waits_for_morning() -> None:
    hours_later = small(
        {"name": "later", "after_end": "8h", "use_by": "12h", "text": {"en": "{clinic}: rest well."}},
        {
            "name": "asks",
            "after_end": "3h",
            "use_by": "1d",
            "prompt": "mood",
            "text": {"en": f"{{clinic}}: how? {SAFE}"},
        },
    )

    assert shown(plan("2026-11-20T15:30", schedule=hours_later)) == [
        ("later", "11-21 09:00", ASKED),
        ("asks", "11-21 09:00", ASKED),
    ]


def test_a_plan_made_just_before_the_end_is_the_plan_made_at_it() -> None:
    facts = SessionFacts("ketamine-iv", wall("2026-11-20T15:00"), ZoneInfo(NEW_YORK))

    early = plan_messages(SCHEDULE, facts, now=facts.ended_at - timedelta(minutes=10))

    assert early == plan_messages(SCHEDULE, facts, now=facts.ended_at)


def test_the_same_session_in_another_zone_is_planned_on_that_clock() -> None:
    facts = SessionFacts("ketamine-iv", wall("2026-11-20T15:00"), ZoneInfo(NEW_YORK))
    in_honolulu = replace(facts, zone=ZoneInfo("Pacific/Honolulu"))

    next_day = only(plan_messages(SCHEDULE, in_honolulu, now=facts.ended_at), NEXT_DAY)

    assert next_day.due_at.astimezone(in_honolulu.zone).replace(tzinfo=None) == datetime(2026, 11, 21, 10)  # noqa: DTZ001


def test_times_of_a_plan_are_utc() -> None:
    for message in plan("2026-11-20T15:00", appointment="2026-11-27T13:00"):
        assert message.due_at.utcoffset() == message.use_by_at.utcoffset() == timedelta(0)
