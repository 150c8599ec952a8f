"""Named cases of plans of several texts: nudges, caps, catching up, and what hangs on an answer."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from followup.rules.planned import LeftOut
from followup.rules.planning import SessionFacts, make_plan
from tests.rules.plan_cases import (
    CHECK_IN,
    FRIDAY,
    MORNING,
    NEW_YORK,
    NEXT_DAY,
    QUESTION,
    REMIND,
    REMINDER,
    SERIES,
    STAND_IN,
    TIP,
    Case,
    case,
    open_until,
)
from tests.rules.schedules import MOOD, SAME_DAY, small, wall

SESSION = SessionFacts("small", wall(FRIDAY), ZoneInfo(NEW_YORK))

NUDGED = MOOD | {"nudge": {"after": "4h", "text": QUESTION}}
NUDGES = [
    case(
        "nobody answers: asked once more four hours later",
        {NEXT_DAY: "11-21 10:00", f"{NEXT_DAY}, nudge": "11-21 14:00"},
        steps=[NUDGED],
        moved={f"{NEXT_DAY}, nudge": None},
    ),
    case(
        "twice at most, and never in the evening",
        {NEXT_DAY: "11-21 10:00", f"{NEXT_DAY}, nudge": "11-21 14:00"},
        steps=[MOOD | {"nudge": {"after": "4h", "most": 2, "text": QUESTION}}],
        left={f"{NEXT_DAY}, nudge 2": "falls at 18:00, outside 09:00 to 18:00: a nudge does not move"},
    ),
    case(
        "a day later, on the wall clock of an ordinary night",
        {NEXT_DAY: "11-21 10:00", f"{NEXT_DAY}, nudge": "11-22 10:00"},
        steps=[MOOD | {"nudge": {"after": "1d", "text": QUESTION}}],
    ),
    case(
        "a nudge finds a reader too",
        {NEXT_DAY: "11-21 10:00"},
        steps=[NUDGED],
        staffed=open_until("16:00"),
        left={f"{NEXT_DAY}, nudge": "less than 2 h before the clinic closes at 16:00: a nudge does not move"},
    ),
    case(
        "asked late, nudged four hours after that",
        {NEXT_DAY: "11-21 12:00", f"{NEXT_DAY}, nudge": "11-21 16:00"},
        steps=[NUDGED],
        now="2026-11-21T12:00",
    ),
    case(
        "no nudge where nothing was asked",
        {CHECK_IN: "11-20 18:30 told"},
        steps=[SAME_DAY | {"nudge": {"after": "15h", "text": QUESTION}}],
        ended="2026-11-20T17:00",
    ),
    case(
        "no nudge of a question whose place another took",
        {NEXT_DAY: "11-21 12:00"},
        steps=[STAND_IN | {"instead_of": None, "nudge": {"after": "5h", "text": QUESTION}}, MOOD],
        now="2026-11-21T12:00",
        left={MORNING: "another text took its place", f"{MORNING}, nudge": "its question is not asked"},
    ),
    case(
        "no nudge of a question that gave way, and others have its place",
        {"one": "11-21 09:00", "two": "11-21 09:30", "three": "11-22 10:00"},
        steps=[
            TIP | {"name": "one", "at": "09:00"},
            TIP | {"name": "two", "at": "09:30"},
            MOOD | {"nudge": {"after": "1d", "text": QUESTION}},
            TIP | {"name": "three", "days_after": 2, "at": "10:00"},
        ],
        left={NEXT_DAY: "gave way: 2 automatic texts that day", f"{NEXT_DAY}, nudge": "gave way: its question did"},
    ),
    case(
        "planned again after the question left: its nudge stays where it is",
        {},
        steps=[NUDGED],
        now="2026-11-21T12:00",
        over=[NEXT_DAY],
        asked=[NEXT_DAY],
    ),
    case(
        "no nudge of the stand-in that nobody needs",
        {CHECK_IN: "11-20 17:45"},
        steps=[SAME_DAY, STAND_IN | {"nudge": {"after": "1h", "text": QUESTION}}],
        left={f"{MORNING}, nudge": "only where the same-day check-in could not ask its question"},
    ),
]

SURE = {"gives_way": False}
CAPS = [
    case(
        "the third text of a day gives way",
        {"one": "11-21 09:00", "two": "11-21 12:00"},
        steps=[TIP | {"name": "one", "at": "09:00"}, TIP | {"name": "two"}, TIP | {"name": "three", "at": "15:00"}],
        left={"three": "gave way: 2 automatic texts that day already"},
    ),
    case(
        "an early text gives way to two later ones that never do",
        {"two": "11-21 12:00", "three": "11-21 15:00"},
        steps=[
            TIP | {"name": "one", "at": "09:00"},
            TIP | SURE | {"name": "two"},
            TIP | SURE | {"name": "three", "at": "15:00"},
        ],
        left={"one": "gave way: 2 automatic texts that day already"},
    ),
    case(
        "three that never give way all stay",
        {"one": "11-21 09:00", "two": "11-21 12:00", "three": "11-21 15:00"},
        steps=[
            TIP | SURE | {"name": "one", "at": "09:00"},
            TIP | SURE | {"name": "two"},
            TIP | SURE | {"name": "three", "at": "15:00"},
        ],
    ),
    case(
        "a day is the patient's: late in the evening and next morning are two days",
        {"one": "11-21 19:00", "two": "11-21 19:30", "three": "11-22 09:00"},
        steps=[
            TIP | {"name": "one", "at": "19:00"},
            TIP | {"name": "two", "at": "19:30"},
            TIP | {"name": "three", "days_after": 2, "at": "09:00"},
        ],
        zone="Pacific/Auckland",
    ),
    case(
        "the eighth text in seven days gives way, the ninth has room again",
        {f"mood, day {day}": f"11-{20 + day} 10:00" for day in (1, 2, 3, 4, 5, 6, 8)} | {"tip": "11-21 12:00"},
        steps=[SERIES | {"days_after": 1, "every": "1d", "until_day": 8}, TIP],
        left={"mood, day 7": "gave way: 7 automatic texts in seven days already"},
    ),
    case(
        "what never gives way counts before it comes",
        {f"mood, day {day}": f"11-{20 + day} 10:00" for day in range(1, 8)},
        steps=[TIP, SERIES | SURE | {"days_after": 1, "every": "1d", "until_day": 7}],
        left={"tip": "gave way: 7 automatic texts in seven days already"},
    ),
    case(
        "the companion's texts are counted apart",
        {"one": "11-21 09:00", "two": "11-21 12:00", "three": "11-21 15:00"},
        steps=[
            TIP | {"name": "one", "at": "09:00"},
            TIP | {"name": "two"},
            TIP | {"name": "three", "at": "15:00", "to": "companion"},
        ],
        has_companion=True,
    ),
    case(
        "the companion's third text of a day gives way as well",
        {"one": "11-21 09:00", "two": "11-21 12:00"},
        steps=[
            TIP | {"name": "one", "at": "09:00", "to": "companion"},
            TIP | {"name": "two", "to": "companion"},
            TIP | {"name": "three", "at": "15:00", "to": "companion"},
        ],
        has_companion=True,
        left={"three": "gave way: 2 automatic texts that day already"},
    ),
    case(
        "a nudge gives way though its question does not",
        {"one": "11-21 09:00", NEXT_DAY: "11-21 10:00"},
        steps=[TIP | {"name": "one", "at": "09:00"}, NUDGED | SURE],
        left={f"{NEXT_DAY}, nudge": "gave way: 2 automatic texts that day already"},
    ),
]

CATCHING_UP = [
    case(
        "a companion's late text takes no place from the patient's",
        {CHECK_IN: "11-20 16:00", "tip": "11-20 16:00"},
        steps=[SAME_DAY, TIP | {"days_after": 0, "to": "companion", "use_by": "20h"}],
        ended="2026-11-20T10:00",
        now="2026-11-20T16:00",
        has_companion=True,
    ),
    case(
        "of three that were missed the one of longest use is sent",
        {"three": "11-21 16:00"},
        steps=[
            TIP | {"name": "one", "at": "09:00"},
            TIP | {"name": "two"},
            TIP | {"name": "three", "at": "15:00"},
        ],
        now="2026-11-21T16:00",
        left={"one": "one to catch up, never a burst", "two": "one to catch up, never a burst"},
    ),
    case(
        "the check-in asked: nothing stands in for it",
        {CHECK_IN: "11-20 17:45"},
        steps=[SAME_DAY, STAND_IN],
        left={MORNING: "only where the same-day check-in could not ask its question"},
    ),
    case(
        "the check-in left as a question: nothing stands in for it",
        {},
        steps=[SAME_DAY, STAND_IN],
        now="2026-11-20T19:00",
        over=[CHECK_IN],
        asked=[CHECK_IN],
        left={MORNING: "only where the same-day check-in could not ask its question"},
    ),
    case(
        "the check-in left without its question: asked next morning",
        {MORNING: "11-21 09:00"},
        steps=[SAME_DAY, STAND_IN],
        now="2026-11-20T19:00",
        over=[CHECK_IN],
    ),
    case(
        "nothing stands in for a check-in that is not for this session",
        {},
        steps=[SAME_DAY | {"session": "first"}, STAND_IN],
        number=2,
        left={
            CHECK_IN: "only after the first session",
            MORNING: "only where the same-day check-in could not ask its question",
        },
    ),
]


@pytest.mark.parametrize("case", [*NUDGES, *CAPS, *CATCHING_UP])
def test_the_plan_of(case: Case) -> None:
    case.holds()


CONDITIONS = [
    pytest.param({"answered": True}, "only if the next-day mood was answered", id="an answer"),
    pytest.param({"answered": False}, "only if the next-day mood was not answered", id="no answer"),
    pytest.param({"score_at_most": 3}, "only if the score of the next-day mood was 3 or less", id="a low score"),
    pytest.param({"score_at_least": 7}, "only if the score of the next-day mood was 7 or more", id="a high score"),
]


@pytest.mark.parametrize(("given", "words"), CONDITIONS)
def test_a_text_that_hangs_on_an_answer_is_planned_and_says_so(given: dict[str, Any], words: str) -> None:
    schedule = small(MOOD, TIP | {"days_after": 3, "if": {"step": NEXT_DAY} | given})

    asked, hangs = make_plan(schedule, SESSION, now=wall(FRIDAY)).texts

    assert (asked.condition, hangs.condition) == (None, words)


def test_a_text_that_hangs_on_a_choice_says_so() -> None:
    schedule = small(REMIND, TIP | {"if": {"step": REMINDER, "answer": "reschedule"}})

    (hangs,) = make_plan(schedule, SESSION, now=wall(FRIDAY)).texts

    assert hangs.condition == "only if the answer to the reminder was reschedule"


def test_a_nudge_asks_what_its_question_asks_and_hangs_on_its_answer() -> None:
    asked, nudge = make_plan(small(NUDGED | SURE), SESSION, now=wall(FRIDAY)).texts

    assert (nudge.wording, nudge.prompt, nudge.ask) == ("nudge", asked.prompt, asked.ask)
    assert (asked.gives_way, nudge.gives_way) == (False, True)
    assert nudge.condition == "only if the next-day mood was not answered"


def test_what_gave_way_is_kept_as_it_would_have_been() -> None:
    schedule = small(*(TIP | {"name": name} for name in ("one", "two", "three")))

    (out,) = make_plan(schedule, SESSION, now=wall(FRIDAY)).left_out

    assert out.gave_way is not None
    assert (out.gave_way.step, out.gave_way.due_at) == (out.step, out.due_at) == ("three", wall("2026-11-21T12:00"))


def test_what_is_not_for_a_session_has_no_date() -> None:
    (out,) = make_plan(small(REMIND), SESSION, now=wall(FRIDAY)).left_out

    assert out == LeftOut(REMINDER, "no appointment is booked", None)
