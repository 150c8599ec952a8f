"""One step of a schedule: every rule of the vocabulary, and what is refused names the step and the key."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from followup.rules.schedule import ScheduleMistake, read_schedule
from followup.rules.step import ASKS, NUMBERS, Step
from tests.rules.schedules import MOOD, SAME_DAY, parsed, small

SAID = {"en": "{clinic}: rest well."}
TIP: dict[str, Any] = {"name": "tip", "days_after": 1, "at": "12:00", "use_by": "8h", "text": SAID}
REMIND: dict[str, Any] = {
    "name": "reminder",
    "days_before_appointment": 1,
    "at": "10:00",
    "use_by": "2h",
    "prompt": "appointment",
    "text": SAID,
}
SERIES = MOOD | {"name": "mood", "days_after": 7, "every": "1w", "until_day": 28}
LATER: dict[str, Any] = {"name": "later", "after_end": "12h", "use_by": "6h", "text": SAID}
YES_NO = MOOD | {"name": "driver", "prompt": "same_day", "ask": "yes_no"}


def mistake(step: dict[str, Any], *others: dict[str, Any]) -> ScheduleMistake:
    with pytest.raises(ScheduleMistake) as caught:
        read_schedule(parsed(*others, step), file="small.toml")
    return caught.value


def read(step: dict[str, Any]) -> Step:
    return small(step).steps[0]


ONE_KEY = [
    pytest.param(TIP | {"to": "nurse"}, "to", "'patient' or 'companion'", id="to somebody else"),
    pytest.param(TIP | {"name": ""}, "name", "at least 1", id="no name"),
    pytest.param(TIP | {"name": "n" * 61}, "name", "at most 60", id="a name that fills the page"),
    pytest.param(LATER | {"after_end": "twelve"}, "after_end", "90m, 4h or 3d", id="hours in words"),
    pytest.param(LATER | {"after_end": "1.5h"}, "after_end", "90m, 4h or 3d", id="hours with a fraction"),
    pytest.param(LATER | {"after_end": "-1h"}, "after_end", "90m, 4h or 3d", id="hours before the end"),
    pytest.param(SAME_DAY | {"no_earlier_than": 90}, "no_earlier_than", "90m, 4h or 3d", id="a floor without unit"),
    pytest.param(
        REMIND | {"days_before_appointment": 61}, "days_before_appointment", "less", id="two months before a visit"
    ),
    pytest.param(
        REMIND | {"days_before_appointment": -1}, "days_before_appointment", "greater", id="less than no days before"
    ),
    pytest.param(
        TIP | {"days_after": None, "days_after_appointment": 61}, "days_after_appointment", "less", id="long after it"
    ),
    pytest.param(
        REMIND | {"days_before_appointment": None, "at": None, "before_appointment": "a while"},
        "before_appointment",
        "90m, 4h or 3d",
        id="a while before a visit",
    ),
    pytest.param(TIP | {"at_own_hour": "often"}, "at_own_hour", "boolean", id="often at their own hour"),
    pytest.param(TIP | {"weekday": "Monday"}, "weekday", "'mon'", id="a weekday in full"),
    pytest.param(SERIES | {"every": "week"}, "every", "90m, 4h or 3d", id="every week in words"),
    pytest.param(SERIES | {"until_day": 0}, "until_day", "greater", id="until the day itself"),
    pytest.param(SERIES | {"until_day": 366}, "until_day", "less", id="longer than a year"),
    pytest.param(SERIES | {"until_day": None, "until_date": "soon"}, "until_date", "date", id="until a date in words"),
    pytest.param(SERIES | {"until": "better"}, "until", "'next_session'", id="until something nobody can know"),
    pytest.param(TIP | {"for_kinds": []}, "for_kinds", "at least 1", id="for no kind"),
    pytest.param(TIP | {"for_kinds": ["large"]}, "for_kinds", "not for 'large'", id="for a kind of another schedule"),
    pytest.param(TIP | {"phase": "booster"}, "phase", "'induction' or 'maintenance'", id="a phase nobody knows"),
    pytest.param(TIP | {"session": "second"}, "session", "'first', 'later' or 'last'", id="a session by its number"),
    pytest.param(TIP | {"from_session": 1}, "from_session", "greater", id="from the first session on"),
    pytest.param(TIP | {"unless_booked": "no"} | {"unless_booked": 7}, "unless_booked", "boolean", id="unless seven"),
    pytest.param(TIP | {"instead_of": "call"}, "instead_of", "no other step 'call'", id="instead of no step"),
    pytest.param(TIP | {"if": {"step": "call", "answered": True}}, "if.step", "no other step", id="if no step"),
    pytest.param(TIP | {"if": {"answered": True}}, "if.step", "required", id="if something was answered somewhere"),
    pytest.param(
        TIP | {"if": {"step": "tip", "answered": True}}, "if.step", "no other step", id="if it was answered itself"
    ),
    pytest.param(
        TIP | {"if": {"step": "x", "answer": "maybe"}}, "if.answer", "'yes', 'no'", id="if the answer was maybe"
    ),
    pytest.param(
        TIP | {"if": {"step": "x", "score_at_most": 11}}, "if.score_at_most", "less", id="if the score was high above"
    ),
    pytest.param(TIP | {"only_if": {"step": "x"}}, "only_if", "is not known", id="a key by its name in the code"),
    pytest.param(MOOD | {"prompt": "weather"}, "prompt", "'mood'", id="a prompt nobody reads"),
    pytest.param(MOOD | {"ask": "colour"}, "ask", "'score'", id="a question nobody reads"),
    pytest.param(MOOD | {"answer_within": "long"}, "answer_within", "90m, 4h or 3d", id="answered within long"),
    pytest.param(MOOD | {"worry": {"at_most": 11}}, "worry.at_most", "less", id="a limit above the scale"),
    pytest.param(MOOD | {"worry": {"at_least": -1}}, "worry.at_least", "greater", id="a limit below the scale"),
    pytest.param(MOOD | {"worry": {"fall": 0}}, "worry.fall", "greater", id="a fall of nothing"),
    pytest.param(MOOD | {"worry": {}}, "worry", "needs at_most, at_least or fall", id="worried about nothing"),
    pytest.param(MOOD | {"worry": {"sudden": 3}}, "worry.sudden", "is not known", id="worried about what is not known"),
    pytest.param(MOOD | {"nudge": {"after": "4h"}}, "nudge.text", "required", id="a nudge without words"),
    pytest.param(MOOD | {"nudge": {"text": SAID}}, "nudge.after", "required", id="a nudge at no time"),
    pytest.param(MOOD | {"nudge": {"after": "0m", "text": SAID}}, "nudge.after", "greater", id="a nudge at once"),
    pytest.param(
        MOOD | {"nudge": {"after": "4h", "most": 4, "text": SAID}}, "nudge.most", "less", id="four times nudged"
    ),
    pytest.param(
        MOOD | {"nudge": {"after": "4h", "most": 0, "text": SAID}}, "nudge.most", "greater", id="nudged no times"
    ),
    pytest.param(MOOD | {"silence": {"by": "17:00"}}, "silence.sooner_after", "required", id="silence, half said"),
    pytest.param(
        MOOD | {"silence": {"by": "5pm", "sooner_after": "2h"}}, "silence.by", "10:00", id="silence by an hour in words"
    ),
    pytest.param(TIP | {"discretion_off": "ok"}, "discretion_off", "at least 10", id="discretion off without a reason"),
    pytest.param(TIP | {"text_discreet": {"en": ""}}, "text_discreet.en", "at least 1", id="an empty discreet text"),
]


@pytest.mark.parametrize(("step", "key", "words"), ONE_KEY)
def test_a_key_that_cannot_be_read_is_named(step: dict[str, Any], key: str, words: str) -> None:
    found = mistake(step)

    assert (found.file, found.key) == ("small.toml", key)
    assert found.step == (step["name"] or "")
    assert words in str(found)


TOGETHER = [
    pytest.param(TIP | {"after_end": "4h"}, "exactly one of after_end", id="after the end and on a day"),
    pytest.param(TIP | {"days_after": None}, "exactly one of after_end", id="at no time"),
    pytest.param(REMIND | {"before_appointment": "3h"}, "exactly one of", id="twice before a visit"),
    pytest.param(LATER | {"at": "10:00"}, "has none", id="hours later, at ten"),
    pytest.param(TIP | {"at": None}, "a day needs `at`", id="on a day at no hour"),
    pytest.param(LATER | {"at_own_hour": True}, "at_own_hour and weekday go with a day", id="hours later at their own"),
    pytest.param(LATER | {"weekday": "mon"}, "at_own_hour and weekday go with a day", id="hours later on a Monday"),
    pytest.param(TIP | {"no_earlier_than": "90m"}, "no_earlier_than needs after_end", id="a floor on a day"),
    pytest.param(
        SAME_DAY | {"no_earlier_than": "5h"}, "no_earlier_than is later than after_end", id="a floor above its time"
    ),
    pytest.param(REMIND | {"use_by": "20:00"}, "use_by: before an appointment", id="a reminder of use until an hour"),
    pytest.param(TIP | {"use_by": "11:00"}, "use_by: a time that day lies after `at`", id="of no use when it comes"),
    pytest.param(TIP | {"use_by": "12:00"}, "use_by: a time that day lies after `at`", id="of no use at that moment"),
    pytest.param(
        TIP | {"use_by": "18:00", "at_own_hour": True},
        "with at_own_hour it is a duration",
        id="of no use to some at their own hour",
    ),
    pytest.param(TIP | {"until_day": 7}, "until_day, until_date and until go with every", id="until a day, once"),
    pytest.param(TIP | {"until_date": date(2026, 12, 1)}, "go with every", id="until a date, once"),
    pytest.param(TIP | {"until": "booked"}, "go with every", id="until something is booked, once"),
    pytest.param(SERIES | {"every": "12h"}, "every: whole days or weeks", id="twice a day"),
    pytest.param(SERIES | {"every": "36h"}, "every: whole days or weeks", id="every day and a half"),
    pytest.param(SERIES | {"every": "0d"}, "every: whole days or weeks", id="every no days"),
    pytest.param(
        REMIND | {"every": "1d", "until_day": 7}, "every: whole days or weeks, with days_after", id="reminded daily"
    ),
    pytest.param(SERIES | {"until_day": None}, "exactly one of until_day and until_date", id="for ever"),
    pytest.param(
        SERIES | {"until_date": date(2026, 12, 1)}, "exactly one of until_day and until_date", id="until both"
    ),
    pytest.param(SERIES | {"until_day": 6}, "until_day lies before days_after", id="over before it begins"),
    pytest.param(
        TIP | {"days_after": 7, "every": "1w", "until_day": 28, "until": "answered"},
        "until: only what is asked can be answered",
        id="until somebody answers what nobody asks",
    ),
    pytest.param(
        MOOD | {"ask": "words"}, "ask: under prompt 'mood' it is one of score, pain, phq2", id="mood in words"
    ),
    pytest.param(TIP | {"ask": "score"}, "ask: under prompt 'none' it is one of none", id="asked by no prompt"),
    pytest.param(TIP | {"nudge": {"after": "4h", "text": SAID}}, "go with a prompt", id="a nudge of no question"),
    pytest.param(
        TIP | {"silence": {"by": "17:00", "sooner_after": "2h"}}, "go with a prompt", id="silence after no question"
    ),
    pytest.param(TIP | {"worry": {"at_most": 2}}, "go with a prompt", id="worry about no answer"),
    pytest.param(REMIND | {"worry": {"at_most": 2}}, "worry goes with a number", id="worry about a choice"),
    pytest.param(
        MOOD | {"ask": "phq2", "worry": {"at_least": 4}}, "worry: phq2 goes to 3", id="a limit that no answer reaches"
    ),
    pytest.param(MOOD | {"to": "companion"}, "to: a companion is told, not asked", id="a companion who is asked"),
    pytest.param(TIP | {"text": {"es": "{clinic}: descanse."}}, "text: en is missing", id="a text without English"),
    pytest.param(TIP | {"text_discreet": {"es": "Descanse."}}, "en is missing", id="a discreet text without English"),
    pytest.param(
        MOOD | {"nudge": {"after": "4h", "text": {"es": "Y hoy?"}}}, "en is missing", id="a nudge without English"
    ),
]


@pytest.mark.parametrize(("step", "words"), TOGETHER)
def test_keys_that_do_not_go_together_are_named(step: dict[str, Any], words: str) -> None:
    found = mistake(step)

    assert (found.file, found.step) == ("small.toml", step["name"])
    assert words in str(found)


NEVER = [
    pytest.param({"step": "tip", "answered": True}, "'tip' asks nothing", id="what asks nothing is not answered"),
    pytest.param({"step": "mood", "answered": False}, "'mood' asks again and again", id="one of a series"),
    pytest.param({"step": "next-day mood", "answer": "yes"}, "nobody answers 'yes' to score", id="yes to a number"),
    pytest.param({"step": "driver", "answer": "confirm"}, "nobody answers 'confirm' to yes_no", id="confirmed a ride"),
    pytest.param({"step": "reminder", "answer": "no"}, "nobody answers 'no' to choice", id="no to a visit"),
    pytest.param({"step": "reminder", "score_at_most": 3}, "'reminder' asks for no number", id="the score of a visit"),
    pytest.param({"step": "worries", "score_at_least": 4}, "phq2 goes to 3", id="a score above the scale"),
]


@pytest.mark.parametrize(("given", "words"), NEVER)
def test_a_condition_that_can_never_hold_is_refused(given: dict[str, Any], words: str) -> None:
    worries = MOOD | {"name": "worries", "ask": "phq2"}
    found = mistake(LATER | {"if": given}, TIP, MOOD, SERIES, YES_NO, REMIND, worries)

    assert (found.step, found.key) == ("later", "if")
    assert f"can never hold: {words}" in str(found)


HOLDS = [
    pytest.param({"step": "next-day mood", "answered": False}, id="no answer"),
    pytest.param({"step": "next-day mood", "score_at_most": 3}, id="a low score"),
    pytest.param({"step": "next-day mood", "score_at_least": 10}, id="the highest score"),
    pytest.param({"step": "driver", "answer": "no"}, id="no"),
    pytest.param({"step": "reminder", "answer": "reschedule"}, id="another day"),
]


@pytest.mark.parametrize("given", HOLDS)
def test_a_condition_that_can_hold_is_read(given: dict[str, Any]) -> None:
    step = small(MOOD, YES_NO, REMIND, LATER | {"if": given}).get_step("later")

    assert step.only_if is not None
    assert step.only_if.model_dump(exclude_none=True) == given


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"answered": True, "score_at_most": 3}, id="two things"),
        pytest.param({"score_at_most": 3, "score_at_least": 1}, id="between"),
    ],
)
def test_a_condition_asks_one_thing(given: dict[str, Any]) -> None:
    found = mistake(LATER | {"if": {"step": "next-day mood"} | given}, MOOD)

    assert (found.step, found.key) == ("later", "if")
    assert "exactly one of answered, answer, score_at_most, score_at_least" in str(found)


DURATIONS = [
    pytest.param("90m", timedelta(minutes=90), id="minutes"),
    pytest.param("4h", timedelta(hours=4), id="hours"),
    pytest.param("3d", timedelta(days=3), id="days"),
    pytest.param("2w", timedelta(days=14), id="weeks"),
    pytest.param("0m", timedelta(0), id="at once"),
]


@pytest.mark.parametrize(("written", "expected"), DURATIONS)
def test_a_duration_has_a_number_and_a_unit(written: str, expected: timedelta) -> None:
    assert read(LATER | {"after_end": written}).after_end == expected


def test_a_schedule_that_was_parsed_already_reads_the_same_again() -> None:
    step = read(SAME_DAY)

    assert Step.model_validate(step.model_dump(by_alias=True)) == step


@pytest.mark.parametrize(
    ("step", "asks"),
    [
        pytest.param(SAME_DAY, "words", id="on the day: in words"),
        pytest.param(YES_NO, "yes_no", id="on the day: yes or no, where it says so"),
        pytest.param(MOOD, "score", id="mood: a score"),
        pytest.param(MOOD | {"ask": "pain"}, "pain", id="mood: pain, where it says so"),
        pytest.param(REMIND, "choice", id="appointment: a choice"),
        pytest.param(TIP, None, id="nothing"),
    ],
)
def test_a_prompt_says_what_is_asked_unless_the_step_does(step: dict[str, Any], asks: str | None) -> None:
    assert read(step).asks == asks


def test_everything_that_asks_for_a_number_has_a_highest_one() -> None:
    assert set(NUMBERS) == set(ASKS["mood"])


@pytest.mark.parametrize(
    ("step", "before", "by"),
    [
        pytest.param(REMIND, True, True, id="days before"),
        pytest.param(
            REMIND | {"days_before_appointment": None, "at": None, "before_appointment": "3h"}, True, True, id="hours"
        ),
        pytest.param(TIP | {"days_after": None, "days_after_appointment": 1}, False, True, id="days after"),
        pytest.param(TIP, False, False, id="after the session"),
    ],
)
def test_a_step_knows_whether_an_appointment_dates_it(step: dict[str, Any], before: bool, by: bool) -> None:
    assert (read(step).is_before_appointment, read(step).is_by_appointment) == (before, by)


def test_use_by_may_be_a_time_that_day_after_the_hour_of_the_step() -> None:
    assert read(TIP | {"use_by": "12:01"}).use_by == time(12, 1)
