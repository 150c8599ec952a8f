"""A schedule file is read, or the mistake in it is named: file, step and key."""

from datetime import time, timedelta
from typing import Any

import pytest

from followup.rules.schedule import ScheduleMistake, read_schedule
from tests.rules.schedules import MOOD, SAME_DAY, parsed, small

REMINDER = MOOD | {"name": "reminder", "days_after": None, "days_before_appointment": 1, "use_by": "2h"}


def without(step: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in step.items() if name != key}


def mistake(given: dict[str, Any]) -> ScheduleMistake:
    with pytest.raises(ScheduleMistake) as caught:
        read_schedule(given, file="small.toml")
    return caught.value


KEYS = [
    pytest.param({"days_after": None}, "", "exactly one of", id="it says no time at all"),
    pytest.param({"after_end": "4h"}, "", "exactly one of", id="it says two times"),
    pytest.param({"at": None}, "", "`at`", id="a day without a time on the wall clock"),
    pytest.param(
        {"days_after": None, "after_end": "4h"}, "", "a duration (after_end", id="hours after the end and a time"
    ),
    pytest.param({"days_after": -1}, "days_after", "greater", id="a day before the session"),
    pytest.param({"days_after": 366}, "days_after", "less", id="a day after a year"),
    pytest.param({"days_after": "soon"}, "days_after", "integer", id="a day in words"),
    pytest.param({"at": "25:00"}, "at", "10:00", id="an hour that does not exist"),
    pytest.param({"at": "9:00"}, "at", "10:00", id="an hour of one digit"),
    pytest.param({"at": 1000}, "at", "10:00", id="a time without quotes"),
    pytest.param({"use_by": "8 hours"}, "use_by", "90m, 4h or 3d", id="a duration in words"),
    pytest.param({"use_by": 8}, "use_by", "90m, 4h or 3d", id="a duration without unit"),
    pytest.param({"use_by": "24:00"}, "use_by", "10:00", id="a use-by hour that does not exist"),
    pytest.param({"prompt": "weather"}, "prompt", "mood", id="a prompt that nobody reads"),
    pytest.param({"on_unknown": "guess"}, "on_unknown", "resend", id="an unknown way out of an unknown outcome"),
    pytest.param({"gives_way": "maybe"}, "gives_way", "boolean", id="neither yes nor no"),
    pytest.param({"useby": "8h"}, "useby", "is not known", id="a key that does not exist"),
    pytest.param({"text": {}}, "text", "at least 1", id="no text"),
    pytest.param({"text": {"en": ""}}, "text.en", "at least 1", id="an empty text"),
    pytest.param({"text": "Hello"}, "text", "dictionary", id="a text without language"),
    pytest.param({"text": {"es": "Hola"}}, "", "text: en is missing", id="no English text"),
    pytest.param({"text": {"en": "Hi", "fr": "Salut"}}, "text.fr.[key]", "'en' or 'es'", id="a language nobody reads"),
    pytest.param({"text_without_question": {"es": "Hola"}}, "", "en is missing", id="no English text without question"),
    pytest.param({"no_earlier_than": "90m"}, "", "no_earlier_than needs after_end", id="a floor without hours"),
    pytest.param(
        {"instead_of": "same-day check-in"}, "instead_of", "no other step", id="instead of a step nobody wrote"
    ),
    pytest.param({"instead_of": "next-day mood"}, "instead_of", "no other step", id="instead of itself"),
]


@pytest.mark.parametrize(("change", "key", "words"), KEYS)
def test_a_mistake_in_a_step_names_file_step_and_key(change: dict[str, Any], key: str, words: str) -> None:
    found = mistake(parsed(MOOD | change))

    assert (found.file, found.step, found.key) == ("small.toml", "next-day mood", key)
    assert str(found).startswith(f"small.toml: step 'next-day mood': {key}")
    assert words in str(found)


def test_a_step_without_use_by_is_refused() -> None:
    found = mistake(parsed(without(MOOD, "use_by")))

    assert (found.step, found.key, "required" in str(found)) == ("next-day mood", "use_by", True)


def test_a_step_without_name_is_named_by_its_place() -> None:
    found = mistake(parsed(MOOD, without(MOOD, "name")))

    assert (found.step, found.key) == ("number 2", "name")


def test_a_step_that_is_no_table_is_named_by_its_place() -> None:
    assert mistake(parsed(step=["soon"])).step == "number 1"


def test_two_steps_of_one_name_are_refused() -> None:
    found = mistake(parsed(MOOD, MOOD))

    assert (found.step, found.key, "stands twice" in str(found)) == ("next-day mood", "name", True)


@pytest.mark.parametrize("name", ["mood, day 14", "mood, nudge", "mood, nudge 2", "mood, day 14, nudge"])
def test_a_step_is_not_named_like_one_of_a_series_or_a_nudge(name: str) -> None:
    found = mistake(parsed(MOOD | {"name": name}))

    assert (found.step, found.key) == (name, "name")
    assert "ends like a text of a series or a nudge" in str(found)


@pytest.mark.parametrize("name", ["day 14", "mood on day 14", "nudge", "mood, day 14 (pain)"])
def test_a_step_may_be_named_after_a_day(name: str) -> None:
    assert small(MOOD | {"name": name}).get_step(name).name == name


def test_a_step_for_a_kind_that_the_schedule_is_not_for_is_refused() -> None:
    found = mistake(parsed(MOOD | {"for_kinds": ["small", "large"]}))

    assert (found.step, found.key) == ("next-day mood", "for_kinds")
    assert "the schedule is not for 'large'" in str(found)


def test_what_another_step_must_have_brought_is_a_step_of_the_schedule() -> None:
    found = mistake(parsed(MOOD | {"if": {"step": "night call", "answered": True}}))

    assert (found.step, found.key) == ("next-day mood", "if.step")
    assert "no other step 'night call'" in str(found)


def test_the_first_mistake_is_named_where_there_are_more() -> None:
    assert mistake(parsed(MOOD | {"at": "9:00"}, MOOD | {"name": "", "use_by": "soon"})).step == "next-day mood"


def test_a_reminder_is_of_use_until_some_time_before_the_visit_not_until_an_hour_of_the_day() -> None:
    found = mistake(parsed(REMINDER | {"use_by": "20:00"}))

    assert found.step == "reminder"
    assert "use_by: before an appointment it is a duration" in str(found)


def test_a_floor_needs_words_for_a_text_without_a_question() -> None:
    found = mistake(parsed(without(SAME_DAY, "text_without_question")))

    assert found.step == "same-day check-in"
    assert "text_without_question" in str(found)


WHOLE = [
    pytest.param({"title": ""}, "title", id="no title"),
    pytest.param({"for_kinds": []}, "for_kinds", id="for no kind of session"),
    pytest.param({"first_text": {}}, "first_text", id="no words about STOP"),
    pytest.param({"step": []}, "step", id="no steps"),
    pytest.param({"step": {"name": "one"}}, "step", id="a step that is no list"),
    pytest.param({"colour": "red"}, "colour", id="a key that does not exist"),
    pytest.param({"series_length": 0}, "series_length", id="a series of nothing"),
    pytest.param({"series_length": 101}, "series_length", id="a series without end"),
    pytest.param({"usual_for": "long"}, "usual_for", id="after-effects for long"),
    pytest.param({"title": "t" * 121}, "title", id="a title that fills the page"),
    pytest.param({"first_text": {"en": ""}}, "first_text.en", id="empty words about STOP"),
]


@pytest.mark.parametrize(("change", "key"), WHOLE)
def test_a_mistake_outside_the_steps_names_file_and_key(change: dict[str, Any], key: str) -> None:
    found = mistake(parsed(**change))

    assert (found.file, found.step, found.key) == ("small.toml", None, key)
    assert str(found).startswith(f"small.toml: {key}: ")


def test_words_about_stop_exist_in_english_because_everything_falls_back_to_it() -> None:
    found = mistake(parsed(first_text={"es": "Responda STOP para no recibir mas."}))

    assert "first_text: en is missing" in str(found)


@pytest.mark.parametrize("key", ["title", "for_kinds", "first_text", "step"])
def test_what_a_schedule_needs_is_asked_for_by_name(key: str) -> None:
    given = parsed()
    del given[key]

    assert mistake(given).key == key


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("90m", timedelta(minutes=90), id="minutes"),
        pytest.param("4h", timedelta(hours=4), id="hours"),
        pytest.param("3d", timedelta(days=3), id="days"),
        pytest.param("20:00", time(20), id="a time of that day"),
    ],
)
def test_use_by_is_a_duration_or_a_time_of_that_day(written: str, expected: object) -> None:
    assert small(MOOD | {"use_by": written}).get_step("next-day mood").use_by == expected


def test_a_step_that_nobody_wrote_cannot_be_got() -> None:
    with pytest.raises(LookupError, match="no step 'night call'"):
        small().get_step("night call")


@pytest.mark.parametrize(
    "name",
    [
        "mood",
        "mood, day 14",
        "mood, day 7, nudge",
        "mood, day 365, nudge 3",
        pytest.param("mood, nudge", id="a nudge of a step that is no series"),
    ],
)
def test_a_step_is_found_by_the_name_of_each_of_its_texts(name: str) -> None:
    assert small(MOOD | {"name": "mood"}).get_step(name).name == "mood"


@pytest.mark.parametrize("name", ["mood, day", "mood, day 7 ", "mood, nudge x", "Mood", ""])
def test_nothing_else_is_taken_for_a_name(name: str) -> None:
    with pytest.raises(LookupError):
        small(MOOD | {"name": "mood"}).get_step(name)


DEFAULTS = [
    pytest.param({}, {"to": "patient"}, id="to whom"),
    pytest.param({}, {"gives_way": True}, id="that it gives way"),
    pytest.param({}, {"on_unknown": "resend"}, id="what happens after an unknown outcome"),
    pytest.param({}, {"at_own_hour": False}, id="that it has the step's hour"),
    pytest.param({}, {"unless_booked": False}, id="that it comes though something is booked"),
    pytest.param({}, {"answer_within": "2d"}, id="how long an answer may take, in days"),
    pytest.param({}, {"answer_within": "48h"}, id="how long an answer may take, in hours"),
    pytest.param({"usual_for": "4h"}, {}, id="how long after-effects are usual"),
    pytest.param({"usual_for": "240m"}, {}, id="the same in minutes"),
]


@pytest.mark.parametrize(("whole", "step"), DEFAULTS)
def test_what_is_so_anyway_may_be_written_without_another_version(whole: dict[str, Any], step: dict[str, Any]) -> None:
    assert small(MOOD | step, **whole).version == small().version


def test_a_nudge_once_and_a_series_until_the_next_session_are_so_anyway() -> None:
    nudge, series = {"after": "4h", "text": MOOD["text"]}, MOOD | {"every": "1w", "until_day": 28}

    assert small(MOOD | {"nudge": nudge | {"most": 1}}).version == small(MOOD | {"nudge": nudge}).version
    assert small(series | {"until": "next_session"}).version == small(series).version


def test_a_vocabulary_that_grows_makes_no_other_version_of_what_was_kept() -> None:
    rest = {"name": "rest", "days_after": 1, "at": "10:00", "use_by": "8h", "text": {"en": "Rest well."}}

    assert small(rest).version == "8edb0afdec61cdbfaa797218c164d610ac43ee31a08e11375996258808718b07"


def test_the_same_duration_in_other_words_is_no_other_version() -> None:
    assert small(MOOD | {"use_by": "480m"}).version == small().version


def test_the_version_is_of_the_content_and_nothing_else() -> None:
    backwards = {key: parsed()[key] for key in reversed(parsed())}

    assert read_schedule(backwards, file="other.toml").version == small().version


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"title": "Other"}, id="title"),
        pytest.param({"step": [MOOD | {"at": "10:01"}]}, id="time"),
        pytest.param({"step": [MOOD | {"gives_way": False}]}, id="whether it gives way"),
        pytest.param({"first_text": {"en": "Reply STOP to end."}}, id="words"),
        pytest.param({"usual_for": "5h"}, id="how long after-effects are usual"),
        pytest.param({"series_length": 6}, id="how long a series is"),
        pytest.param({"step": [MOOD | {"answer_within": "24h"}]}, id="how long an answer may take"),
        pytest.param({"step": [MOOD | {"at_own_hour": True}]}, id="whose hour"),
        pytest.param({"step": [MOOD | {"to": "companion", "prompt": "none"}]}, id="to whom"),
        pytest.param({"step": [MOOD | {"worry": {"at_most": 2}}]}, id="which answers a person looks at"),
        pytest.param({"step": [MOOD | {"nudge": {"after": "4h", "text": {"en": "Hi"}}}]}, id="a nudge"),
        pytest.param({"step": [MOOD | {"discretion_off": "Dr Lee said so."}]}, id="who answers for the words"),
    ],
)
def test_another_content_is_another_version(change: dict[str, Any]) -> None:
    assert small(**change).version != small().version
