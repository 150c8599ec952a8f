"""What an earlier answer decides about a later text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from followup.rules.conditions import Answer, why_condition_fails, why_nudge_fails, why_series_is_over
from followup.rules.placing import LATE
from followup.rules.step import Condition

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
AFTER, SECOND = timedelta(hours=3), timedelta(seconds=1)
WORDS, NUMBER = Answer(), Answer(score=5)

CASES = [
    pytest.param({"answered": True}, WORDS, None, id="answered with words"),
    pytest.param({"answered": True}, NUMBER, None, id="answered with a number"),
    pytest.param({"answered": True}, None, "the mood was not answered", id="nobody answered"),
    pytest.param({"answered": False}, None, None, id="for whom did not answer"),
    pytest.param({"answered": False}, WORDS, "the mood was answered", id="not for who did"),
    pytest.param({"answer": "confirm"}, Answer(word="confirm"), None, id="the word"),
    pytest.param(
        {"answer": "confirm"}, Answer(word="reschedule"), "the answer to the mood was not confirm", id="another word"
    ),
    pytest.param({"answer": "no"}, None, "the answer to the mood was not no", id="no word"),
    pytest.param({"answer": "no"}, NUMBER, "the answer to the mood was not no", id="a number is no word"),
    pytest.param({"score_at_most": 5}, NUMBER, None, id="just at most"),
    pytest.param({"score_at_most": 4}, NUMBER, "the score of the mood was more than 4", id="more"),
    pytest.param({"score_at_least": 5}, NUMBER, None, id="just at least"),
    pytest.param({"score_at_least": 6}, NUMBER, "the score of the mood was less than 6", id="less"),
    pytest.param({"score_at_most": 0}, Answer(score=0), None, id="zero is a score"),
    pytest.param({"score_at_most": 0}, Answer(score=0.5), "the score of the mood was more than 0", id="half a point"),
    pytest.param({"score_at_least": 0}, WORDS, "no score is known for the mood", id="words are no score"),
    pytest.param({"score_at_most": 10}, None, "no score is known for the mood", id="silence is no score"),
]


@pytest.mark.parametrize(("condition", "answer", "why"), CASES)
def test_a_condition_holds_or_says_why_not(condition: dict[str, Any], answer: Answer | None, why: str | None) -> None:
    assert why_condition_fails(Condition(step="mood", **condition), answer) == why


@pytest.mark.parametrize(
    "given",
    [{}, {"answered": True, "score_at_most": 3}, {"score_at_most": 3, "score_at_least": 1}, {"answer": "maybe"}],
    ids=["nothing", "two things", "two limits", "an unknown word"],
)
def test_a_condition_asks_exactly_one_thing(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"exactly one of|should be"):
        Condition(step="mood", **given)


def nudged(**more: Any) -> str | None:
    facts: dict[str, Any] = {"was_answered": False, "asked_at": NOW - AFTER, "after": AFTER, "now": NOW}
    return why_nudge_fails("mood", **(facts | more))


def test_a_nudge_leaves_where_nobody_answered() -> None:
    assert nudged() is None


def test_a_nudge_does_not_leave_where_somebody_did() -> None:
    assert nudged(was_answered=True) == "the mood was answered already"


def test_a_nudge_does_not_leave_where_nothing_was_asked() -> None:
    assert nudged(asked_at=None) == "the mood was not asked"


def test_a_nudge_does_not_leave_right_after_a_question_that_left_late() -> None:
    assert nudged(asked_at=NOW - AFTER + LATE) is None
    assert nudged(asked_at=NOW - AFTER + LATE + SECOND) == "the mood was asked late"


def test_a_series_is_over_with_an_answer() -> None:
    assert why_series_is_over(was_answered=True) == "one of its series was answered already"
    assert why_series_is_over(was_answered=False) is None
