"""What came before lifts a reading, and never lowers it; texts within minutes are one answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.reading.context import Earlier, in_context, together
from followup.rules.reading.reading import LEVELS, Level, Reading

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SEVEN = Reading("score", 7, "routine", ("score 7",), ((0, 1),), "en", "test", labels=("score",), low=7)
SCARED = Reading("danger", None, "concern", ("Wish-to-die language",), (), "en", "test", labels=("danger",))
ASKS = Reading("question", None, "concern", ("asks a question",), (), "en", "test", labels=("question",))
LOW = replace(SEVEN, value=1, low=1, level="concern")


def before(*levels: Level, kind: str = "unclear", hours: float = 12) -> list[Earlier]:
    return [Earlier(NOW - timedelta(hours=hours + nth), kind, level) for nth, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("reading", "earlier", "was_urgent", "wanted"),
    [
        pytest.param(SEVEN, [], False, "routine", id="nothing before"),
        pytest.param(SEVEN, before("routine", "routine", "routine"), False, "routine", id="routine before"),
        pytest.param(SEVEN, before("concern"), False, "routine", id="one concern before"),
        pytest.param(SEVEN, before("concern", "concern"), False, "concern", id="two concerns before"),
        pytest.param(SEVEN, before("concern", "concern", hours=80), False, "routine", id="two concerns long ago"),
        pytest.param(ASKS, before("concern", "concern"), False, "concern", id="a question after two concerns"),
        pytest.param(
            SCARED, before("concern", kind="danger"), False, "concern", id="danger lowered for the second time"
        ),
        pytest.param(SCARED, before("concern", "concern", kind="danger"), False, "urgent", id="for the third time"),
        pytest.param(SEVEN, [], True, "concern", id="an urgent case lately"),
        pytest.param(ASKS, [], True, "concern", id="a question after an urgent case"),
        pytest.param(SCARED, [], True, "urgent", id="danger lowered after an urgent case"),
        pytest.param(LOW, [], True, "urgent", id="a low score after an urgent case"),
    ],
)
def test_what_came_before_lifts_the_level(
    reading: Reading, earlier: list[Earlier], was_urgent: bool, wanted: Level
) -> None:
    lifted = in_context(reading, earlier, at=NOW, was_urgent_lately=was_urgent)

    assert lifted.level == wanted
    assert (lifted.level != reading.level) <= (len(lifted.reasons) > len(reading.reasons))


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    reading=st.sampled_from([SEVEN, SCARED, ASKS, LOW]),
    earlier=st.lists(
        st.builds(
            Earlier,
            st.integers(0, 900).map(lambda hours: NOW - timedelta(hours=hours)),
            st.sampled_from(["score", "danger", "unclear"]),
            st.sampled_from(LEVELS),
        ),
        max_size=8,
    ),
    was_urgent=st.booleans(),
)
def test_what_came_before_never_lowers(reading: Reading, earlier: list[Earlier], was_urgent: bool) -> None:
    lifted = in_context(reading, earlier, at=NOW, was_urgent_lately=was_urgent)

    assert LEVELS.index(lifted.level) <= LEVELS.index(reading.level)
    assert (lifted.kind, lifted.value) == (reading.kind, reading.value)


# Several texts that are one answer ---------------------------------------------------------------------------------


def test_what_is_urgent_only_when_read_together_is_urgent() -> None:
    joined = replace(SCARED, level="urgent")
    lifted = together(SEVEN, joined)

    assert (lifted.kind, lifted.value, lifted.level) == ("danger", 7, "urgent")
    assert "read together with the text before" in lifted.reasons


@pytest.mark.parametrize("level", ["concern", "routine"])
def test_what_is_not_urgent_together_changes_nothing(level: Level) -> None:
    assert together(SEVEN, replace(SCARED, level=level)) == SEVEN
