"""A step of a schedule in plain words."""

from typing import Any

import pytest

from followup.rules.step import Step
from followup.web.hours_words import listed
from followup.web.step_words import terms_of, when_words

DAY = {"days_after": 3, "at": "10:00"}
MOOD = {**DAY, "prompt": "mood"}


def step(**given: Any) -> Step:
    return Step.model_validate({"name": "x", "use_by": "2h", "text": {"en": "x"}, **given})


@pytest.mark.parametrize(
    ("given", "day", "clock"),
    [
        ({"after_end": "4h"}, "Session day", "4 h after the end"),
        ({"days_after": 0, "at": "19:00"}, "Session day", "19:00"),
        (DAY, "Day 3", "10:00"),
        ({**DAY, "at_own_hour": True}, "Day 3", "10:00, or the hour that the patient prefers"),
        ({**DAY, "weekday": "mon"}, "Day 3", "10:00, on the first Monday from that day on"),
        ({**DAY, "weekday": "workday"}, "Day 3", "10:00, on the first workday from that day on"),
        ({**DAY, "every": "1w", "until_day": 28}, "From day 3", "10:00, every 7 days until day 28"),
        ({**DAY, "every": "1d", "until_date": "2026-12-31"}, "From day 3", "10:00, every day until 2026-12-31"),
        (
            {**DAY, "days_after": 0, "every": "2d", "until_day": 4},
            "From session day",
            "10:00, every 2 days until day 4",
        ),
        ({"before_appointment": "90m"}, "Before the next visit", "1 h 30 min before it"),
        ({"days_before_appointment": 0, "at": "08:00"}, "Day of the next visit", "08:00"),
        ({"days_before_appointment": 1, "at": "10:00"}, "Day before the next visit", "10:00"),
        ({"days_before_appointment": 7, "at": "10:00"}, "7 days before the next visit", "10:00"),
        ({"days_after_appointment": 1, "at": "10:00"}, "Day after the next visit", "10:00"),
    ],
    ids=str,
)
def test_when_a_step_comes_is_said_in_words(given: dict[str, Any], day: str, clock: str) -> None:
    assert when_words(step(**given)) == (day, clock)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({**DAY, "to": "companion"}, "To the companion, if they agreed to be texted"),
        ({**DAY, "for_kinds": ["iv", "im"]}, "Only for iv, im"),
        ({**DAY, "phase": "induction"}, "Only in induction, the first series of sessions"),
        ({**DAY, "phase": "maintenance"}, "Only in maintenance, after the first series"),
        ({**DAY, "session": "first"}, "Only after a patient's first session"),
        ({**DAY, "session": "later"}, "Only after later sessions than the first"),
        ({**DAY, "session": "last"}, "Only after the last session of a series"),
        ({**DAY, "from_session": 4}, "Only from session 4 on"),
        ({**DAY, "unless_booked": True}, "Only while no visit is booked"),
        ({**DAY, "instead_of": "check-in"}, "Only where the check-in could not ask"),
        ({**DAY, "if": {"step": "mood", "answered": True}}, "Only if the mood was answered"),
        ({**DAY, "if": {"step": "mood", "answered": False}}, "Only if the mood was not answered"),
        ({**DAY, "if": {"step": "visit", "answer": "reschedule"}}, "Only if the answer to the visit was reschedule"),
        ({**DAY, "if": {"step": "mood", "score_at_most": 3}}, "Only if the number given to the mood was 3 or less"),
        ({**DAY, "if": {"step": "pain", "score_at_least": 8}}, "Only if the number given to the pain was 8 or more"),
        ({**DAY, "every": "1w", "until_day": 9, "until": "booked"}, "Ends once a visit is booked"),
        ({**MOOD, "every": "1w", "until_day": 9, "until": "answered"}, "Ends once one of them is answered"),
        (DAY, "Asks nothing"),
        (MOOD, "Asks for a number from 0 (worst) to 10 (best); an answer counts for 2 d"),
        ({**MOOD, "ask": "pain"}, "Asks for a number from 0 (none) to 10 (worst); an answer counts for 2 d"),
        ({**MOOD, "ask": "phq2"}, "Asks for a number from 0 to 3; an answer counts for 2 d"),
        ({**MOOD, "prompt": "same_day", "ask": "yes_no"}, "Asks for yes or no; an answer counts for 2 d"),
        ({**MOOD, "prompt": "same_day", "answer_within": "22h"}, "Asks for words; an answer counts for 22 h"),
        ({**MOOD, "prompt": "appointment"}, "Asks to confirm or to move the visit; an answer counts for 2 d"),
        (
            {**MOOD, "worry": {"at_most": 2, "fall": 3}},
            "A person looks at 2 or less, or 3 worse than is usual for the patient",
        ),
        ({**MOOD, "worry": {"at_least": 8}}, "A person looks at 8 or more"),
        ({**MOOD, "nudge": {"after": "90m", "text": {"en": "x"}}}, "Asks once more after 1 h 30 min without an answer"),
        (
            {**MOOD, "nudge": {"after": "3h", "most": 2, "text": {"en": "x"}}},
            "Asks once more after 3 h without an answer, 2 times at most",
        ),
        (
            {**MOOD, "silence": {"by": "19:00", "sooner_after": "2h"}},
            "No answer by 19:00 stands before a person, after a first session 2 h after the text",
        ),
        ({**DAY, "gives_way": False}, "Never gives way to other texts"),
        ({**DAY, "on_unknown": "hold"}, "Where nobody can tell whether it left, a person decides"),
        ({**DAY, "discretion_off": "Dr Lee, 3 May"}, "May name what others must not: Dr Lee, 3 May"),
        (DAY, "Not sent more than 2 h late"),
        ({**DAY, "use_by": "20:00"}, "Not sent after 20:00"),
        ({"before_appointment": "1d", "use_by": "3h"}, "Not sent later than 3 h before the visit"),
        (
            {"after_end": "4h", "no_earlier_than": "90m", "text_without_question": {"en": "x"}},
            "Where that is past 18:00 it comes earlier, down to 1 h 30 min after the end, else without its question",
        ),
    ],
    ids=str,
)
def test_what_a_step_says_stands_there_in_words(given: dict[str, Any], words: str) -> None:
    assert words in list(terms_of(step(**given)))


@pytest.mark.parametrize(
    ("words", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")], ids=str
)
def test_a_list_reads_as_people_say_it(words: list[str], said: str) -> None:
    assert listed(words) == said
