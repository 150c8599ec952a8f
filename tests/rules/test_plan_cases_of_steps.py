"""Named cases of plans and steps: weekdays, series, own hours, for whom, and preparation."""

from datetime import date, time

import pytest

from tests.rules.plan_cases import CHECK_IN, NEXT_DAY, REMIND, REMINDER, SERIES, TIP, Case, case, open_until
from tests.rules.schedules import MOOD, SAME_DAY

WEEKDAYS = [
    case(
        "the first Monday from the day after",
        {"tip": "11-23 12:00"},
        steps=[TIP | {"weekday": "mon"}],
        moved={"tip": None},
    ),
    case(
        "a Friday is its own first Friday",
        {"tip": "11-27 12:00"},
        steps=[TIP | {"days_after": 7, "weekday": "fri"}],
    ),
    case("a Saturday is no workday", {"tip": "11-23 12:00"}, steps=[TIP | {"weekday": "workday"}]),
    case(
        "a Sunday is no workday",
        {"tip": "11-23 12:00"},
        steps=[TIP | {"days_after": 2, "weekday": "workday"}],
    ),
    case(
        "a Friday is a workday",
        {"tip": "11-27 12:00"},
        steps=[TIP | {"days_after": 7, "weekday": "workday"}],
    ),
    case(
        "three days before a Tuesday's visit is a Saturday: reminded on Monday",
        {REMINDER: "11-30 10:00"},
        steps=[REMIND | {"days_before_appointment": 3, "weekday": "workday"}],
        appointment="2026-12-01T13:00",
    ),
    case(
        "a weekday that comes after the visit is of no use",
        {},
        steps=[REMIND | {"weekday": "fri"}],
        appointment="2026-12-01T13:00",
        left={REMINDER: "too late"},
    ),
]

REPEATED = [
    case(
        "weekly until day 28, at ten on the wall clock though clocks go back",
        {"mood, day 7": "10-29 10:00", "mood, day 14": "11-05 10:00", "mood, day 21": "11-12 10:00"}
        | {"mood, day 28": "11-19 10:00"},
        steps=[SERIES],
        ended="2026-10-22T15:00",
        moved={"mood, day 14": None},
    ),
    case(
        "every 14 days from day 42 until day 84, and no day longer",
        {"mood, day 42": "01-01 10:00", "mood, day 56": "01-15 10:00", "mood, day 70": "01-29 10:00"}
        | {"mood, day 84": "02-12 10:00"},
        steps=[SERIES | {"days_after": 42, "every": "14d", "until_day": 84}],
    ),
    case(
        "weekly until a date: that day still counts",
        {"mood, day 7": "11-27 10:00", "mood, day 14": "12-04 10:00"},
        steps=[SERIES | {"until_day": None, "until_date": date(2026, 12, 4)}],
    ),
    case(
        "weekly until a date that lies before the first: said, not silently nothing",
        {},
        steps=[SERIES | {"until_day": None, "until_date": date(2026, 11, 26)}],
        left={"mood": "its series ended on 2026-11-26"},
    ),
    case(
        "a series on workdays asks once on a Monday, not thrice",
        {"mood, day 3": "11-23 10:00", "mood, day 4": "11-24 10:00", "mood, day 5": "11-25 10:00"},
        steps=[SERIES | {"days_after": 1, "every": "1d", "until_day": 5, "weekday": "workday"}],
    ),
    case(
        "a series on Mondays: its last day may be the Monday after",
        {"mood, day 1": "11-23 10:00", "mood, day 8": "11-30 10:00", "mood, day 15": "12-07 10:00"},
        steps=[SERIES | {"days_after": 1, "until_day": 15, "weekday": "mon"}],
    ),
    case(
        "a series on Mondays until a date: no Monday after it",
        {"mood, day 1": "11-23 10:00", "mood, day 8": "11-30 10:00"},
        steps=[SERIES | {"days_after": 1, "until_day": None, "until_date": date(2026, 12, 5), "weekday": "mon"}],
    ),
    case(
        "until something is booked, and something is",
        {},
        steps=[SERIES | {"until": "booked"}],
        appointment="2026-12-24T13:00",
        left={"mood": "an appointment is booked"},
    ),
    case(
        "until something is booked, and nothing is",
        {"mood, day 7": "11-27 10:00"},
        steps=[SERIES | {"until": "booked", "until_day": 7}],
    ),
    case(
        "heard 16 days later: the rest of the series",
        {"mood, day 21": "12-11 10:00", "mood, day 28": "12-18 10:00"},
        steps=[SERIES],
        now="2026-12-06T12:00",
        left={"mood, day 7": "was due 2026-11-27 10:00: too late", "mood, day 14": "too late to be of use"},
    ),
    case(
        "heard on one of its days: asked at once",
        {"mood, day 7": "11-27 12:00", "mood, day 14": "12-04 10:00"},
        steps=[SERIES | {"until_day": 14}],
        now="2026-11-27T12:00",
        moved={"mood, day 7": "was due 2026-11-27 10:00: sent late", "mood, day 14": None},
    ),
    case(
        "one of a series falls on a holiday and is not asked: the others are",
        {"mood, day 14": "12-03 10:00"},
        steps=[SERIES | {"until_day": 14}],
        ended="2026-11-19T15:00",
        staffed=open_until("20:00", m11d26="Thanksgiving"),
        left={"mood, day 7": "the clinic is closed on Thu 26 Nov: Thanksgiving"},
    ),
]

OWN = MOOD | {"at_own_hour": True}
OWN_HOURS = [
    case(
        "the patient likes three in the afternoon",
        {NEXT_DAY: "11-21 15:00"},
        steps=[OWN],
        own_hour=time(15),
        moved={NEXT_DAY: None},
    ),
    case("nobody knows what the patient likes", {NEXT_DAY: "11-21 10:00"}, steps=[OWN]),
    case("the step does not ask for it", {NEXT_DAY: "11-21 10:00"}, steps=[MOOD], own_hour=time(15)),
    case("seven in the morning is no hour for a text", {NEXT_DAY: "11-21 10:00"}, steps=[OWN], own_hour=time(7)),
    case("seven in the evening is no hour for a question", {NEXT_DAY: "11-21 10:00"}, steps=[OWN], own_hour=time(19)),
    case(
        "seven in the evening is an hour for what asks nothing",
        {"tip": "11-21 19:00"},
        steps=[TIP | {"at_own_hour": True}],
        own_hour=time(19),
    ),
    case(
        "at half past five nobody would read the answer: asked at the step's own hour",
        {NEXT_DAY: "11-21 10:00"},
        steps=[OWN],
        own_hour=time(17, 30),
        staffed=open_until("19:00"),
    ),
    case(
        "the state does not allow it on a Saturday: asked at the step's own hour",
        {NEXT_DAY: "11-21 10:00"},
        steps=[OWN],
        own_hour=time(9, 30),
        state="RI",
    ),
    case(
        "two o'clock on the night without it is no hour for a text either",
        {NEXT_DAY: "03-08 10:00"},
        steps=[OWN],
        ended="2026-03-07T15:00",
        own_hour=time(2, 30),
    ),
]

PAIN = MOOD | {"name": "pain", "at": "15:00", "ask": "pain", "for_kinds": ["small-pain"]}
BOTH = {"for_kinds": ["small", "small-pain"]}
ASKED = {NEXT_DAY: "11-21 10:00"}
FOR_WHOM = [
    case(
        "after a session for chronic pain the pain is asked for beside the mood",
        ASKED | {"pain": "11-21 15:00"},
        steps=[MOOD, PAIN],
        whole=BOTH,
        kind="small-pain",
    ),
    case(
        "after another session no pain is asked for",
        ASKED,
        steps=[MOOD, PAIN],
        whole=BOTH,
        left={"pain": "only for small-pain"},
    ),
    case(
        "induction: the third of six",
        ASKED,
        steps=[MOOD | {"phase": "induction"}],
        number=3,
        series_length=6,
    ),
    case(
        "induction is over: the seventh of six",
        {},
        steps=[MOOD | {"phase": "induction"}],
        number=7,
        series_length=6,
        left={NEXT_DAY: "only in induction"},
    ),
    case(
        "maintenance: the seventh, where the schedule knows that a series has six",
        ASKED,
        steps=[MOOD | {"phase": "maintenance"}],
        number=7,
        whole={"series_length": 6},
    ),
    case(
        "what the record system says of the phase counts before the number",
        {},
        steps=[MOOD | {"phase": "induction"}],
        number=2,
        series_length=6,
        phase="Maintenance",
        left={NEXT_DAY: "only in induction"},
    ),
    case(
        "a session without a number is in induction",
        {},
        steps=[MOOD | {"phase": "maintenance"}],
        whole={"series_length": 6},
        left={NEXT_DAY: "only in maintenance"},
    ),
    case("first only: a session without a number", ASKED, steps=[MOOD | {"session": "first"}]),
    case(
        "first only: the second session",
        {},
        steps=[MOOD | {"session": "first"}],
        number=2,
        left={NEXT_DAY: "only after the first session"},
    ),
    case(
        "later only: the first session",
        {},
        steps=[MOOD | {"session": "later"}],
        number=1,
        left={NEXT_DAY: "only after later sessions than the first"},
    ),
    case("later only: the second session", ASKED, steps=[MOOD | {"session": "later"}], number=2),
    case(
        "last of a series: the sixth of six that the schedule knows of",
        ASKED,
        steps=[MOOD | {"session": "last"}],
        number=6,
        whole={"series_length": 6},
    ),
    case(
        "last of a series: the sixth of eight that the record system knows of",
        {},
        steps=[MOOD | {"session": "last"}],
        number=6,
        series_length=8,
        whole={"series_length": 6},
        left={NEXT_DAY: "only after the last session of a series"},
    ),
    case(
        "last of a series that nobody knows the length of",
        {},
        steps=[MOOD | {"session": "last"}],
        number=6,
        left={NEXT_DAY: "only after the last session of a series"},
    ),
    case(
        "from session three on: the second",
        {},
        steps=[MOOD | {"from_session": 3}],
        number=2,
        left={NEXT_DAY: "only from session 3 on"},
    ),
    case("from session three on: the third", ASKED, steps=[MOOD | {"from_session": 3}], number=3),
    case(
        "a companion who agreed is told",
        {"tip": "11-21 12:00"},
        steps=[TIP | {"to": "companion"}],
        has_companion=True,
    ),
    case(
        "a companion who did not agree is not",
        {},
        steps=[TIP | {"to": "companion"}],
        left={"tip": "no companion agreed to be texted"},
    ),
]

AHEAD = {"days_before_appointment": 7, "use_by": "5d", "name": "week ahead"}
PREPARATION = [
    case(
        "an appointment alone, before the first session",
        {"week ahead": "12-01 10:00", REMINDER: "12-07 10:00"},
        steps=[SAME_DAY, MOOD, REMIND | AHEAD, REMIND],
        ended=None,
        now="2026-11-20T12:00",
        appointment="2026-12-08T13:00",
        left={CHECK_IN: "comes after a session only", NEXT_DAY: "comes after a session only"},
        moved={"week ahead": None, REMINDER: None},
    ),
    case(
        "booked three days ahead: what is said a week ahead has no use any more",
        {REMINDER: "12-07 10:00"},
        steps=[REMIND | AHEAD, REMIND],
        ended=None,
        now="2026-12-05T12:00",
        appointment="2026-12-08T13:00",
        left={"week ahead": "was due 2026-12-01 10:00: too late to be of use"},
    ),
    case(
        "booked six days ahead: what is said a week ahead is said at once",
        {"week ahead": "12-02 12:00", REMINDER: "12-07 10:00"},
        steps=[REMIND | AHEAD, REMIND],
        ended=None,
        now="2026-12-02T12:00",
        appointment="2026-12-08T13:00",
        moved={"week ahead": "was due 2026-12-01 10:00: sent late"},
    ),
    case(
        "booked the evening before: reminded at nine",
        {REMINDER: "12-08 09:00"},
        steps=[REMIND],
        ended=None,
        now="2026-12-07T19:00",
        appointment="2026-12-08T13:00",
    ),
    case(
        "booked the evening before for eleven: two hours before it there is no hour left",
        {},
        steps=[REMIND],
        ended=None,
        now="2026-12-07T19:00",
        appointment="2026-12-08T11:00",
        left={REMINDER: "too late to be of use"},
    ),
    case(
        "three hours before the visit",
        {REMINDER: "12-08 11:00"},
        steps=[
            REMIND | {"days_before_appointment": None, "at": None, "before_appointment": "3h", "use_by": "30m"},
        ],
        ended=None,
        now="2026-11-20T12:00",
        appointment="2026-12-08T14:00",
        moved={REMINDER: None},
    ),
    case(
        "three hours before a visit at ten is no decent hour: at nine",
        {REMINDER: "12-08 09:00"},
        steps=[
            REMIND | {"days_before_appointment": None, "at": None, "before_appointment": "3h", "use_by": "30m"},
        ],
        ended=None,
        now="2026-11-20T12:00",
        appointment="2026-12-08T10:00",
        moved={REMINDER: "falls at 07:00, outside 09:00 to 18:00"},
    ),
    case(
        "24 hours before a visit on the day clocks go back are 24 hours",
        {REMINDER: "10-31 14:00"},
        steps=[REMIND | {"days_before_appointment": None, "at": None, "before_appointment": "24h"}],
        ended=None,
        now="2026-10-20T12:00",
        appointment="2026-11-01T13:00",
    ),
    case(
        "the day before a visit on the day clocks go back is at ten",
        {REMINDER: "10-31 10:00"},
        steps=[REMIND],
        ended=None,
        now="2026-10-20T12:00",
        appointment="2026-11-01T13:00",
    ),
    case(
        "the day after a visit, where a session was before it",
        {"tip": "11-28 12:00"},
        steps=[TIP | {"days_after": None, "days_after_appointment": 1}],
        appointment="2026-11-27T13:00",
        moved={"tip": None},
    ),
    case(
        "the day after a visit alone: its session brings its own plan",
        {},
        steps=[TIP | {"days_after": None, "days_after_appointment": 1}],
        ended=None,
        now="2026-11-20T12:00",
        appointment="2026-11-27T13:00",
        left={"tip": "comes after a session only"},
    ),
    case(
        "the day before the visit is a Sunday and closed: reminded on the last open day",
        {REMINDER: "11-27 10:00"},
        steps=[REMIND],
        appointment="2026-11-30T13:00",
        staffed=open_until("20:00", closed="sat sun"),
        moved={REMINDER: "the clinic is closed on Sundays: comes earlier"},
    ),
    case(
        "no day is open between the visit that was and the next: reminded in the morning",
        {REMINDER: "11-30 09:00"},
        steps=[REMIND],
        ended="2026-11-28T15:00",
        appointment="2026-11-30T13:00",
        staffed=open_until("20:00", closed="sun"),
        moved={REMINDER: "the clinic is closed on Sundays"},
    ),
    case(
        "the state has no Sunday: reminded on Saturday",
        {REMINDER: "11-28 10:00"},
        steps=[REMIND],
        appointment="2026-11-30T13:00",
        state="AL",
        moved={REMINDER: "falls on a Sunday, when AL allows no automatic texts: comes earlier"},
    ),
    case("nothing is booked", {}, steps=[REMIND], left={REMINDER: "no appointment is booked"}),
    case(
        "a visit that is over is no visit: not reminded, and maintenance is due",
        {"tip": "11-21 12:00"},
        steps=[REMIND, TIP | {"unless_booked": True}],
        appointment="2026-11-19T13:00",
        left={REMINDER: "no appointment is booked"},
    ),
    case(
        "a visit is booked: no maintenance is due",
        {},
        steps=[TIP | {"unless_booked": True}],
        appointment="2026-11-27T13:00",
        left={"tip": "an appointment is booked"},
    ),
]


@pytest.mark.parametrize("case", [*WEEKDAYS, *REPEATED, *OWN_HOURS, *FOR_WHOM, *PREPARATION])
def test_the_plan_of(case: Case) -> None:
    case.holds()
