"""What a schedule would send and what a reply would mean, with nobody texted."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from followup.commands import Stop
from followup.previews import preview_schedule, read_one
from followup.schedule_files import load_schedules
from tests.reading import readers_of

SCHEDULES = load_schedules(Path(__file__).parent / "schedules")
ENDED = datetime.fromisoformat("2026-11-20T15:00:00-05:00")
VISIT = datetime.fromisoformat("2026-11-27T13:00:00-05:00")


def preview(**changes: Any) -> list[dict[str, Any]]:
    asked: dict[str, Any] = {
        "name": "ketamine_infusion",
        "ended_at": ENDED,
        "zone": "America/New_York",
        "language": "en",
        "number": None,
        "appointment": None,
    }
    return preview_schedule(SCHEDULES, **asked | changes).rows


def test_a_row_says_step_time_text_price_and_why_it_moved() -> None:
    first = preview()[0]

    assert first == {
        "step": "same-day check-in",
        "due_at": "2026-11-20T22:45:00+00:00",
        "local": "2026-11-20T17:45:00-05:00",
        "text": (
            "Riverside Clinic: Hi Sam, how are you feeling after today's visit? Answer in your own words. No driving "
            "until tomorrow, after a night's sleep. Texts are not monitored 24/7. Emergency: 911. Crisis: call or "
            "text 988. Reply STOP to end texts."
        ),
        "segments": 2,
        "moved": "falls after prompt hours, which end at 18:00: asked earlier",
    }


def test_times_are_utc_and_the_same_on_the_wall_clock() -> None:
    for row in preview():
        due_at, local = datetime.fromisoformat(row["due_at"]), datetime.fromisoformat(row["local"])
        assert due_at.utcoffset() == timedelta(0)
        assert due_at == local


def test_rows_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(preview())) == preview()


def test_rows_come_earliest_first() -> None:
    rows = preview(appointment=VISIT)

    assert [row["step"] for row in rows] == ["same-day check-in", "next-day mood", "appointment reminder"]
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)


def test_the_end_may_be_given_in_any_offset() -> None:
    assert preview(ended_at=ENDED.astimezone(UTC)) == preview()


def test_the_reminder_names_the_time_of_the_visit_on_the_wall_clock() -> None:
    reminder = preview(appointment=VISIT.astimezone(UTC))[-1]

    assert "your next visit is Fri, Nov 27 at 1:00 PM" in reminder["text"]


@pytest.mark.parametrize("number", [None, 1])
def test_the_first_text_of_a_first_session_says_stop_and_no_other_does(number: int | None) -> None:
    assert ["STOP" in row["text"] for row in preview(number=number)] == [True, False, False]


def test_no_text_of_a_later_session_says_stop() -> None:
    assert not any("STOP" in row["text"] for row in preview(number=3))


def test_a_late_session_tells_without_asking() -> None:
    rows = preview(ended_at=ENDED + timedelta(hours=2))

    assert [row["step"] for row in rows][:2] == ["same-day check-in", "morning-after check-in"]
    assert "?" not in rows[0]["text"]
    assert rows[0]["text"].endswith("Reply STOP to end texts.")


def test_texts_are_shown_in_spanish() -> None:
    assert preview(language="es-MX")[0]["text"].startswith("Riverside Clinic: Hola Sam,")


def test_a_language_that_nobody_wrote_is_english() -> None:
    assert preview(language="fr") == preview()


def test_a_schedule_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(Stop, match="no schedule 'night'; there are ketamine_infusion"):
        preview(name="night")


@pytest.mark.parametrize("zone", ["Mars/Base", "", "America", "../etc/passwd", "/etc/localtime", "New York", "a\0b"])
def test_a_zone_that_does_not_exist_is_named(zone: str) -> None:
    with pytest.raises(Stop, match="is no zone"):
        preview(zone=zone)


# Replies -------------------------------------------------------------------------------------------------


def test_a_reply_is_read_with_its_prompt() -> None:
    assert read_one('{"text": "7", "prompt": "mood"}', readers_of()) == {
        "kind": "score",
        "value": 7,
        "level": "routine",
        "reasons": ["score 7"],
        "language": "en",
    }


@pytest.mark.parametrize("line", ['{"text": "7"}', '{"text": "7", "prompt": null}', '{"text": "7", "prompt": "none"}'])
def test_a_reply_without_prompt_answers_none(line: str) -> None:
    assert read_one(line, readers_of())["kind"] == "unclear"


def test_a_confirming_choice_has_the_value_confirm() -> None:
    assert read_one('{"text": "C", "prompt": "appointment"}', readers_of())["value"] == "confirm"


def test_a_reply_with_half_a_character_is_read() -> None:
    assert read_one('{"text": "\\ud800", "prompt": "mood"}', readers_of())["kind"] == "unclear"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("", id="nothing"),
        pytest.param("7", id="a number"),
        pytest.param('"7"', id="a text alone"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param("{}", id="no text"),
        pytest.param('{"text": 7, "prompt": "mood"}', id="a text that is a number"),
        pytest.param('{"text": null}', id="a text that is null"),
        pytest.param('{"text": "7", "prompt": "weather"}', id="a prompt that nobody sends"),
        pytest.param('{"text": "7", "prompt": ["mood"]}', id="a prompt that is a list"),
        pytest.param('{"text": "7"', id="half a line"),
        pytest.param("[" * 100_000, id="a very deep line"),
        pytest.param('{"text": ' + "1" * 5000 + "}", id="a very long number"),
    ],
)
def test_a_line_that_is_no_reply_is_refused_in_words(line: str) -> None:
    with pytest.raises(Stop, match="text"):
        read_one(line, readers_of())
