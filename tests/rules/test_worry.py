"""Which numbers a person looks at."""

from dataclasses import replace

import pytest

from followup.rules.reading.reading import Reading
from followup.rules.step import Ask, Worry
from followup.rules.worry import usual_number, weigh, why_it_worries

NUMBERS = [
    pytest.param("score", 2, [], "score 2, 2 or less", id="a low mood"),
    pytest.param("score", 0, [], "score 0, 2 or less", id="the lowest mood"),
    pytest.param("score", 2.5, [], None, id="just above the limit"),
    pytest.param("score", 4, [7, 8, 7], "score 4, 3 worse than the usual 7", id="a fall from what is usual"),
    pytest.param("score", 5, [7, 8, 7], None, id="a smaller fall"),
    pytest.param("score", 4, [9], None, id="one earlier answer is nothing usual"),
    pytest.param("score", 4, [9, 9, 9, 9, 4, 4, 4, 4, 4, 4, 4], None, id="what is usual changes with time"),
    pytest.param("score", 10, [3, 3], None, id="a rise"),
    pytest.param("pain", 2, [], None, id="little pain is good"),
    pytest.param("pain", 8, [], "pain score 8, 8 or more", id="much pain"),
    pytest.param("pain", 6, [2, 3, 3], "pain score 6, 3 worse than the usual 3", id="more pain than usual"),
    pytest.param("phq2", 1, [], None, id="several days"),
    pytest.param("phq2", 2, [], "PHQ-2 item 2, 2 or more", id="more than half the days"),
]


@pytest.mark.parametrize(("ask", "number", "earlier", "why"), NUMBERS)
def test_a_number_worries_by_its_scale(ask: Ask, number: float, earlier: list[float], why: str | None) -> None:
    assert why_it_worries(ask, number, earlier=earlier, limits=None) == why


def test_a_schedule_has_limits_of_its_own() -> None:
    limits = Worry(at_most=4)

    assert why_it_worries("score", 4, earlier=[], limits=limits) == "score 4, 4 or less"
    assert why_it_worries("score", 5, earlier=[10, 10], limits=limits) is None


def test_what_is_usual_is_the_middle_of_the_last_answers() -> None:
    assert usual_number([]) is None
    assert usual_number([5]) is None
    assert usual_number([1, 2, 9]) == 2
    assert usual_number([0] * 20 + [6] * 7) == 6


SEVEN = Reading("score", 7, "routine", ("score 7",), ((0, 1),), "en", "test", labels=("score",), low=7)


@pytest.mark.parametrize(
    ("reading", "ask", "earlier", "level", "reason"),
    [
        pytest.param(SEVEN, "score", [8, 8], "routine", "score 7", id="within the limits"),
        pytest.param(replace(SEVEN, value=4.5, low=4), "score", [7, 7], "concern", "score 4, 3 worse", id="a range"),
        pytest.param(SEVEN, "pain", [2, 2], "concern", "pain score 7, 5 worse", id="more pain than usual"),
        pytest.param(SEVEN, "words", [9, 9], "routine", "score 7", id="a number that nobody asked for"),
        pytest.param(replace(SEVEN, level="urgent"), "pain", [1, 1], "urgent", "pain score 7", id="never lowered"),
        pytest.param(replace(SEVEN, value=None, labels=()), "score", [9, 9], "routine", "score 7", id="no number"),
    ],
)
def test_a_reading_is_lifted_where_its_number_worries(
    reading: Reading, ask: Ask, earlier: list[float], level: str, reason: str
) -> None:
    weighed = weigh(reading, ask, earlier=earlier, limits=None)

    assert weighed.level == level
    assert weighed.reasons[0].startswith(reason)
    assert weigh(weighed, ask, earlier=earlier, limits=None) == weighed
