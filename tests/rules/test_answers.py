"""Which approved text answers a patient by itself, if one does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.rules.answers import NOT_AGAIN_WITHIN, Answer, Heard, choose_answer
from followup.rules.reading.reading import Reading

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(kind: Any, level: Any, **more: Any) -> Reading:
    return Reading(kind, None, level, ("why",), (), "en", "test", labels=more.pop("labels", (kind,)), **more)


DANGER, BLEEDS = read("danger", "urgent"), read("side_effect", "urgent")
LOST = read("unclear", "concern", labels=())
NO_NUMBER = read("unclear", "concern", labels=(), asks_again=True)


ANSWERS = [
    pytest.param(Heard(DANGER, True), "urgent", id="danger"),
    pytest.param(Heard(DANGER, False), "urgent", id="danger at night"),
    pytest.param(Heard(BLEEDS, True), "after_effect_urgent", id="an after-effect that cannot wait"),
    pytest.param(Heard(read("score", "urgent"), True), "urgent", id="a score that is urgent beside what came before"),
    pytest.param(Heard(DANGER, True, staff_wrote_at=NOW - HOUR), "urgent", id="danger while a person writes"),
    pytest.param(Heard(replace(DANGER, labels=("danger", "stop")), True), None, id="danger and STOP: a person calls"),
    pytest.param(Heard(read("help", "concern"), True), "help", id="help"),
    pytest.param(Heard(read("help", "concern"), True, carrier_answers=True), None, id="help that the carrier answers"),
    pytest.param(Heard(read("stop", "concern"), False), None, id="STOP: the carrier confirms it"),
    pytest.param(Heard(read("wrong_person", "concern"), False), None, id="somebody else's number"),
    pytest.param(Heard(NO_NUMBER, True), "asked_again", id="no certain number"),
    pytest.param(Heard(NO_NUMBER, True, asked_again=True), "unclear", id="no certain number for the second time"),
    pytest.param(Heard(NO_NUMBER, True, staff_wrote_at=NOW - HOUR), None, id="no number while a person writes"),
    pytest.param(Heard(LOST, True), "unclear", id="not understood, in hours"),
    pytest.param(Heard(LOST, False), "out_of_hours", id="not understood, out of hours"),
    pytest.param(Heard(read("question", "concern"), True), None, id="a question in hours: a person answers"),
    pytest.param(Heard(read("question", "concern"), False), "out_of_hours", id="a question out of hours"),
    pytest.param(Heard(read("score", "routine"), True), None, id="a number"),
    pytest.param(Heard(read("thanks", "routine"), True), None, id="thanks are not thanked for"),
    pytest.param(Heard(read("choice", "routine"), True), "thanks", id="a visit confirmed"),
    pytest.param(Heard(read("side_effect", "routine"), True), "usual_after_effect", id="a usual after-effect"),
]


@pytest.mark.parametrize(("heard", "answer"), ANSWERS)
def test_a_reply_has_its_answer_or_none(heard: Heard, answer: Answer | None) -> None:
    assert choose_answer(heard, now=NOW) == answer


@pytest.mark.parametrize(
    ("reading", "answer"), [(DANGER, "urgent"), (BLEEDS, "after_effect_urgent"), (LOST, "unclear")]
)
def test_the_same_text_is_not_said_twice_in_one_episode(reading: Reading, answer: Answer) -> None:
    within = NOT_AGAIN_WITHIN[answer]

    assert choose_answer(Heard(reading, True, left_at={answer: NOW - within + HOUR / 60}), now=NOW) is None
    assert choose_answer(Heard(reading, True, left_at={answer: NOW - within}), now=NOW) == answer


def test_what_is_urgent_is_never_followed_by_anything_milder() -> None:
    assert choose_answer(Heard(DANGER, False, left_at={"urgent": NOW - HOUR}), now=NOW) is None
