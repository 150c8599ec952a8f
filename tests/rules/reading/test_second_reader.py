"""The second reader: it lifts, shows why, and knows when the writer speaks of themselves."""

import time

from hypothesis import given
from hypothesis import strategies as st

from followup.reading_files import WEIGHTS, load_second_reader
from followup.rules.reading.normal import normalise
from followup.rules.reading.second_reader import SecondReader, Weights, second_opinion

SMALL = SecondReader(
    version="test",
    features={"w gone": Weights(1.0, 4.0), "w fine": Weights(1.0, -4.0), "w tea": Weights(1.0, 2.0)},
    start=0.0,
    concern_from=0.7,
    urgent_from=0.95,
    agrees_from=0.8,
)


def test_it_lifts_to_concern() -> None:
    assert second_opinion(normalise("tea"), SMALL).level == "concern"


def test_a_very_high_score_is_urgent_only_where_the_writer_speaks_of_themselves() -> None:
    assert second_opinion(normalise("I am gone"), SMALL).level == "urgent"
    assert second_opinion(normalise("the bus is gone"), SMALL).level == "concern"


def test_beside_words_of_the_grammar_it_is_urgent_sooner() -> None:
    assert second_opinion(normalise("my tea"), SMALL).level == "concern"
    assert second_opinion(normalise("my tea"), SMALL, beside_words=True).level == "urgent"
    assert second_opinion(normalise("tea"), SMALL, beside_words=True).level == "concern"


def test_what_it_does_not_know_moves_nothing() -> None:
    opinion = second_opinion(normalise("fine, thanks"), SMALL)

    assert (opinion.level, opinion.spans) == ("none", ())
    assert second_opinion(normalise(""), SMALL).score == 0.5


def test_it_shows_the_words_that_moved_it() -> None:
    text = "So... all GONE now"
    [span] = second_opinion(normalise(text), SMALL).spans

    assert text[slice(*span)] == "GONE"


def test_the_weights_are_small_and_read_a_line_in_time() -> None:
    reader = load_second_reader()
    line = normalise("Honestly I do not know what to tell you, it was a long day and I would rather sleep. " * 2)
    before = time.process_time()

    for _ in range(20):
        second_opinion(line, reader)

    assert (time.process_time() - before) / 20 < 0.005
    assert WEIGHTS.stat().st_size < 600_000


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_spans_lie_in_it(text: str) -> None:
    opinion = second_opinion(normalise(text), SMALL)

    assert 0 <= opinion.score <= 1
    assert all(0 <= start < end <= len(text) for start, end in opinion.spans)
