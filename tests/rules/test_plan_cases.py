"""Named cases of plans and hours: clocks that change, late ends, other zones, who reads, and stricter states."""

import pytest

from tests.rules.plan_cases import CHECK_IN, HOURS_LATER, MORNING, NEXT_DAY, PATIENT_MOOD, TIP, Case, case, open_until
from tests.rules.schedules import MOOD, SAME_DAY

CLOCKS = [
    case(
        "session ends 19:30 on the night clocks go forward, Anchorage",
        {CHECK_IN: "03-07 19:45 told", MORNING: "03-08 09:00", NEXT_DAY: "03-08 10:00"},
        ended="2026-03-07T19:30",
        zone="America/Anchorage",
        moved={CHECK_IN: "prompt hours end at 18:00: goes without its question, which comes next morning"},
    ),
    case(
        "session ends 19:30 on the night clocks go back, Anchorage",
        {CHECK_IN: "10-31 19:45 told", MORNING: "11-01 09:00", NEXT_DAY: "11-01 10:00"},
        ended="2026-10-31T19:30",
        zone="America/Anchorage",
        moved={MORNING: None, NEXT_DAY: None},
    ),
    case(
        "session ends 01:30 for the second time that night",
        {CHECK_IN: "11-01 09:00", NEXT_DAY: "11-02 10:00"},
        ended="2026-11-01T06:30Z",
    ),
    case(
        "session ends 01:59, a minute before clocks go forward",
        {CHECK_IN: "03-08 09:00", NEXT_DAY: "03-09 10:00"},
        ended="2026-03-08T01:59",
    ),
    case(
        "twelve hours are twelve hours though clocks skip one",
        {"later": "03-08 14:00"},
        steps=[HOURS_LATER],
        ended="2026-03-08T01:00",
        moved={"later": None},
    ),
    case(
        "twelve hours are twelve hours though clocks show one twice",
        {"later": "11-01 11:30"},
        steps=[HOURS_LATER],
        ended="2026-11-01T00:30",
        moved={"later": None},
    ),
    case(
        "a text for 02:30 on the night that has no 02:30 waits for nine",
        {"tip": "03-08 09:00"},
        steps=[TIP | {"at": "02:30"}],
        ended="2026-03-07T15:00",
        moved={"tip": "falls at 03:00, outside 09:00 to 20:00"},
    ),
    case(
        "midnight does not exist that night, Havana",
        {MORNING: "03-08 09:00", NEXT_DAY: "03-08 10:00"},
        ended="2026-03-07T21:00",
        zone="America/Havana",
        left={CHECK_IN: "never comes next morning"},
    ),
    case(
        "session ends at noon on the day clocks went back by half an hour, Lord Howe",
        {CHECK_IN: "04-05 16:00", NEXT_DAY: "04-06 10:00"},
        ended="2026-04-05T12:00",
        zone="Australia/Lord_Howe",
    ),
    case(
        "quarter hours from UTC, Kathmandu",
        {CHECK_IN: "11-20 17:45", NEXT_DAY: "11-21 10:00"},
        zone="Asia/Kathmandu",
        moved={CHECK_IN: "falls after prompt hours, which end at 18:00: asked earlier"},
    ),
    case(
        "the night clocks go forward at 02:45, Chatham",
        {CHECK_IN: "09-26 17:45", NEXT_DAY: "09-27 10:00"},
        ended="2026-09-26T15:00",
        zone="Pacific/Chatham",
    ),
    case(
        "the night Ramadan's winter time ends, Casablanca",
        {CHECK_IN: "03-21 17:45", NEXT_DAY: "03-22 10:00"},
        ended="2026-03-21T15:00",
        zone="Africa/Casablanca",
    ),
    case(
        "the day after the one that never was, Apia",
        {CHECK_IN: "12-29 14:00", "tip": "12-31 12:00"},
        steps=[SAME_DAY, TIP | {"days_after": 2}],
        ended="2011-12-29T10:00",
        zone="Pacific/Apia",
        moved={"tip": None},
    ),
    case(
        "the easternmost clock, Kiritimati",
        {CHECK_IN: "11-20 17:45", NEXT_DAY: "11-21 10:00"},
        zone="Pacific/Kiritimati",
    ),
    case(
        "session on the day before a leap day",
        {CHECK_IN: "02-28 17:45", NEXT_DAY: "02-29 10:00"},
        ended="2028-02-28T15:00",
    ),
    case("session on a leap day", {CHECK_IN: "02-29 17:45", NEXT_DAY: "03-01 10:00"}, ended="2028-02-29T15:00"),
    case(
        "the same days of a year without one",
        {CHECK_IN: "02-28 17:45", NEXT_DAY: "03-01 10:00"},
        ended="2027-02-28T15:00",
    ),
    case(
        "a year after a leap day",
        {"tip": "02-28 12:00"},
        steps=[TIP | {"days_after": 365}],
        ended="2028-02-29T15:00",
    ),
]

LATE_ENDS = [
    case(
        "session ends 23:50: nothing that day, asked next morning",
        {MORNING: "11-21 09:00", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-20T23:50",
        left={CHECK_IN: "the day is over before it may leave; it never comes next morning"},
    ),
    case(
        "session ends 23:50 on New Year's Eve",
        {MORNING: "01-01 09:00", NEXT_DAY: "01-01 10:00"},
        ended="2026-12-31T23:50",
    ),
    case(
        "session ends at midnight: the day that begins is its day",
        {CHECK_IN: "11-21 09:00", NEXT_DAY: "11-22 10:00"},
        ended="2026-11-21T00:00",
        left={MORNING: "only where the same-day check-in could not ask its question"},
    ),
    case(
        "session ends 23:50 in Honolulu, which is the next day in UTC",
        {MORNING: "11-21 09:00", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-21T09:50Z",
        zone="Pacific/Honolulu",
    ),
    case(
        "a text on the day itself whose hour is over waits until the patient is home",
        {"tip": "11-20 16:30"},
        steps=[TIP | {"days_after": 0}],
        moved={"tip": "falls before the end of the session"},
    ),
    case(
        "a text due a few minutes after the end waits until the patient is home",
        {"tip": "11-20 13:25"},
        steps=[TIP | {"days_after": 0}],
        ended="2026-11-20T11:55",
        moved={"tip": "falls before the patient is home"},
    ),
    case(
        "the companion need not be home: told when the session ends",
        {"tip": "11-20 15:00"},
        steps=[TIP | {"days_after": 0, "to": "companion"}],
        has_companion=True,
        moved={"tip": "falls before the end of the session"},
    ),
    case(
        "the companion need not be home: told at the hour of the step a quarter of an hour after the end",
        {"tip": "11-20 19:00"},
        steps=[TIP | {"days_after": 0, "at": "19:00", "use_by": "20:00", "to": "companion"}],
        ended="2026-11-20T18:45",
        has_companion=True,
        moved={"tip": None},
    ),
    case(
        "a text that the step wants at the very end comes at the end",
        {"later": "11-20 15:00"},
        steps=[HOURS_LATER | {"after_end": "0m"}],
        moved={"later": None},
    ),
    case(
        "a text on the day itself is of no use after eight hours",
        {},
        steps=[TIP | {"days_after": 0}],
        ended="2026-11-20T23:50",
        left={"tip": "falls before the end of the session; the next hour it may leave is too late"},
    ),
]

OTHER_CLOCKS = [
    case(
        "patient in Los Angeles, clinic in New York reads until eight: asked by three",
        {CHECK_IN: "11-20 14:45", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-20T12:00",
        zone="America/Los_Angeles",
        staffed=open_until("20:00"),
        moved={CHECK_IN: "falls after prompt hours, which end at 15:00: asked earlier"},
    ),
    case(
        "patient in Honolulu, clinic in New York: asked by one in the afternoon",
        {CHECK_IN: "11-20 12:45", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-20T11:00",
        zone="Pacific/Honolulu",
        staffed=open_until("20:00"),
    ),
    case(
        "patient in New York, clinic in Los Angeles reads longer than prompts may leave",
        {CHECK_IN: "11-20 17:45", NEXT_DAY: "11-21 10:00"},
        staffed=open_until("20:00", zone="America/Los_Angeles"),
    ),
    case(
        "clinic closed on its own Friday, which is the patient's Saturday in Kiritimati",
        {NEXT_DAY: "11-22 09:00"},
        steps=[MOOD | {"use_by": "2d"}],
        zone="Pacific/Kiritimati",
        staffed=open_until("20:00", m11d20="inventory"),
        moved={NEXT_DAY: "the clinic is closed on Fri 20 Nov: inventory"},
    ),
    case(
        "patient in New York, clinic in Auckland: it is tomorrow there, and somebody reads",
        {CHECK_IN: "11-20 17:45", NEXT_DAY: "11-21 10:00"},
        staffed=open_until("21:00", zone="Pacific/Auckland"),
        moved={NEXT_DAY: None},
    ),
    case(
        "patient in New York, clinic in Auckland closed on Sundays: Saturday's question waits for Sunday",
        {NEXT_DAY: "11-22 09:00"},
        steps=[PATIENT_MOOD],
        staffed=open_until("21:00", zone="Pacific/Auckland", closed="sun"),
        moved={NEXT_DAY: "the clinic is closed on Sundays"},
    ),
    case(
        "the patient's zone is not known and the text moves: it says whose clock it is",
        {NEXT_DAY: "11-22 09:00"},
        steps=[PATIENT_MOOD | {"at": "20:30"}],
        zone_is_clinics=True,
        moved={
            NEXT_DAY: "falls at 20:30, outside 09:00 to 18:00; on the clinic's clock: the patient's zone is not known"
        },
    ),
    case(
        "the patient's zone is not known and nothing moves: nothing is said",
        {NEXT_DAY: "11-21 10:00"},
        steps=[MOOD],
        zone_is_clinics=True,
        moved={NEXT_DAY: None},
    ),
    case(
        "the clinic's clock is said of a check-in that moved too",
        {CHECK_IN: "11-20 17:45"},
        steps=[SAME_DAY],
        zone_is_clinics=True,
        moved={
            CHECK_IN: "falls after prompt hours, which end at 18:00: asked earlier; "
            "on the clinic's clock: the patient's zone is not known"
        },
    ),
]

DECEMBER = {f"m12d{day:02}": "works" for day in range(1, 32)}
READERS = [
    case(
        "clinic closes at five: asked by three",
        {CHECK_IN: "11-20 14:45", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-20T13:00",
        staffed=open_until("17:00"),
    ),
    case(
        "clinic closes at five and the session ends at two: told, and asked next morning",
        {CHECK_IN: "11-20 15:30 told", MORNING: "11-21 09:00", NEXT_DAY: "11-21 10:00"},
        ended="2026-11-20T14:00",
        staffed=open_until("17:00"),
        moved={CHECK_IN: "prompt hours end at 15:00: goes without its question, which comes next morning"},
    ),
    case(
        "clinic closes at noon: a question at ten finds no reader",
        {},
        steps=[MOOD],
        staffed=open_until("12:00"),
        left={
            NEXT_DAY: "falls less than 2 h before the clinic closes at 12:00; the next hour it may leave is too late"
        },
    ),
    case(
        "clinic closes a minute after noon: a question at ten finds a reader",
        {NEXT_DAY: "11-21 10:00"},
        steps=[MOOD],
        staffed=open_until("12:01"),
    ),
    case(
        "clinic is never open long enough: no question, but what asks nothing leaves",
        {"tip": "11-21 12:00"},
        steps=[MOOD | {"use_by": "90d"}, TIP],
        staffed=open_until("10:30"),
        left={NEXT_DAY: "less than 2 h before the clinic closes at 10:30"},
    ),
    case(
        "clinic closed on Sundays: the mood of a Sunday is not asked",
        {},
        steps=[MOOD],
        ended="2026-11-21T15:00",
        staffed=open_until("20:00", closed="sun"),
        left={NEXT_DAY: "the clinic is closed on Sundays; the next hour it may leave is too late"},
    ),
    case(
        "clinic closed on Sundays: what may wait is asked on Monday at nine",
        {NEXT_DAY: "11-23 09:00"},
        steps=[PATIENT_MOOD],
        ended="2026-11-21T15:00",
        staffed=open_until("20:00", closed="sun"),
        moved={NEXT_DAY: "the clinic is closed on Sundays"},
    ),
    case(
        "session on a day when the clinic reads nothing: told 90 minutes later, asked next morning",
        {CHECK_IN: "11-22 16:30 told", MORNING: "11-23 09:00", NEXT_DAY: "11-23 10:00"},
        ended="2026-11-22T15:00",
        staffed=open_until("20:00", closed="sun"),
        moved={CHECK_IN: "the clinic is closed on Sundays: goes without its question, which comes next morning"},
    ),
    case(
        "a closure is named though the state's Sunday begins in the afternoon",
        {CHECK_IN: "11-22 16:30 told", MORNING: "11-23 09:00", NEXT_DAY: "11-23 10:00"},
        ended="2026-11-22T15:00",
        state="PA",
        staffed=open_until("20:00", closed="sun"),
        moved={CHECK_IN: "the clinic is closed on Sundays: goes without its question, which comes next morning"},
    ),
    case(
        "Thanksgiving: the question waits for Friday",
        {NEXT_DAY: "11-27 09:00"},
        steps=[PATIENT_MOOD],
        ended="2026-11-25T15:00",
        staffed=open_until("20:00", m11d26="Thanksgiving"),
        moved={NEXT_DAY: "the clinic is closed on Thu 26 Nov: Thanksgiving"},
    ),
    case(
        "Thanksgiving: what asks nothing leaves all the same",
        {"tip": "11-26 12:00"},
        steps=[TIP],
        ended="2026-11-25T15:00",
        staffed=open_until("20:00", m11d26="Thanksgiving"),
        moved={"tip": None},
    ),
    case(
        "Thanksgiving with the Friday and the weekend: the question waits for Monday",
        {NEXT_DAY: "11-30 09:00"},
        steps=[MOOD | {"use_by": "5d"}],
        ended="2026-11-25T15:00",
        staffed=open_until("20:00", closed="sat sun", m11d26="Thanksgiving", m11d27="bridge"),
    ),
    case(
        "closed for six weeks: nothing waits longer than two",
        {},
        steps=[MOOD | {"use_by": "90d"}],
        ended="2026-11-27T15:00",
        staffed=open_until("20:00", m11d28="works", m11d29="works", m11d30="works", **DECEMBER),
        left={NEXT_DAY: "the clinic is closed on Sat 28 Nov: works; the next hour it may leave is too late"},
    ),
]

STATES = [
    case(
        "Rhode Island, a Thursday evening: next morning",
        {"tip": "11-20 09:00"},
        steps=[TIP | {"at": "18:30", "use_by": "1d"}],
        ended="2026-11-18T15:00",
        state="RI",
        moved={"tip": "falls at 18:30, outside 09:00 to 18:00 in RI"},
    ),
    case(
        "Rhode Island, a Saturday: not before ten",
        {NEXT_DAY: "11-21 10:00"},
        steps=[MOOD | {"at": "09:30"}],
        state="RI",
        moved={NEXT_DAY: "falls at 09:30, outside 10:00 to 17:00 in RI"},
    ),
    case(
        "Rhode Island, a session that ends at three on a Saturday: asked by five",
        {CHECK_IN: "11-21 16:45", NEXT_DAY: "11-22 10:00"},
        ended="2026-11-21T15:00",
        state="RI",
        moved={CHECK_IN: "falls after prompt hours, which end at 17:00: asked earlier"},
    ),
    case(
        "Rhode Island, a session that ends at a quarter to four on a Saturday: told by five",
        {CHECK_IN: "11-21 16:45 told", MORNING: "11-22 10:00", NEXT_DAY: "11-22 10:00"},
        ended="2026-11-21T15:45",
        state="RI",
        moved={MORNING: "falls at 09:00, outside 10:00 to 17:00 in RI", NEXT_DAY: None},
    ),
    case(
        "Alabama has no Sunday: the mood of a Sunday is not asked",
        {},
        steps=[MOOD],
        ended="2026-11-21T15:00",
        state="AL",
        left={NEXT_DAY: "falls on a Sunday, when AL allows no automatic texts; the next hour it may leave is too late"},
    ),
    case(
        "Alabama has no Sunday: what may wait comes on Monday",
        {NEXT_DAY: "11-23 09:00"},
        steps=[PATIENT_MOOD],
        ended="2026-11-21T15:00",
        state="AL",
        moved={NEXT_DAY: "falls on a Sunday, when AL allows no automatic texts"},
    ),
    case(
        "Alabama, a session on a Sunday: nothing that day",
        {MORNING: "11-23 09:00", NEXT_DAY: "11-23 10:00"},
        ended="2026-11-22T12:00",
        state="AL",
        left={CHECK_IN: "falls on a Sunday, when AL allows no automatic texts; it never comes next morning"},
    ),
    case(
        "Texas, a Sunday: not before noon",
        {NEXT_DAY: "11-22 12:00"},
        steps=[MOOD],
        ended="2026-11-21T15:00",
        state="TX",
        moved={NEXT_DAY: "falls at 10:00, outside 12:00 to 18:00 in TX"},
    ),
    case(
        "Texas would allow nine in the evening: our own hours end at eight",
        {"tip": "11-22 12:00"},
        steps=[TIP | {"at": "20:30", "use_by": "1d"}],
        state="TX",
        moved={"tip": "falls at 20:30, outside 09:00 to 20:00"},
    ),
    case(
        "Kentucky: not before ten",
        {CHECK_IN: "11-20 17:45", NEXT_DAY: "11-21 10:00"},
        steps=[SAME_DAY, MOOD | {"at": "09:30"}],
        state="KY",
        moved={NEXT_DAY: "falls at 09:30, outside 10:00 to 18:00 in KY"},
    ),
    case(
        "Kentucky, and a clinic that closes at noon: no hour is left",
        {},
        steps=[MOOD],
        state="KY",
        staffed=open_until("12:00"),
        left={NEXT_DAY: "less than 2 h before the clinic closes at 12:00"},
    ),
    case(
        "Pennsylvania, a Sunday: not before half past one",
        {"tip": "11-22 13:30"},
        steps=[TIP],
        ended="2026-11-21T15:00",
        state="PA",
    ),
    case(
        "Pennsylvania, a Saturday: as everywhere",
        {"tip": "11-21 12:00"},
        steps=[TIP],
        state="PA",
        moved={"tip": None},
    ),
    case("California has no rule of its own", {NEXT_DAY: "11-21 10:00"}, steps=[MOOD], state="CA"),
]


@pytest.mark.parametrize("case", [*CLOCKS, *LATE_ENDS, *OTHER_CLOCKS, *READERS, *STATES])
def test_the_plan_of(case: Case) -> None:
    case.holds()
