"""The small language in which ways to say something are written."""

import pytest

from followup.rules.reading.finding import Sentence, find_pattern, keys_of
from followup.rules.reading.patterns import PatternMistake, choice, read_pattern

GROUPS = {
    "want": choice([read_pattern("want to", {}), read_pattern("need to", {})]),
    "pill": choice([read_pattern("pills", {}), read_pattern("sleeping tablets", {})]),
}


def is_said(pattern: str, text: str) -> bool:
    """`/` in the text ends a clause, `//` a sentence."""
    words: list[str] = []
    breaks = [0]
    for each in text.split():
        if each in {"/", "//"}:
            breaks[-1] = len(each)
        else:
            words.append(each)
            breaks.append(0)
    breaks[-1] = 2
    keys = [keys_of(word, frozenset({"suicid*"})) for word in words]
    sentence = Sentence(words, breaks, keys, frozenset({"just", "really"}))
    read = read_pattern(pattern, GROUPS)
    return any(find_pattern(read, sentence, at) is not None for at in range(len(words)))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("want to die", "i want to die"),
        ("want to die", "i really want to just really die"),
        ("want (die|to be dead)", "want to be dead"),
        ("{want} sleep", "i need to sleep"),
        ("my? (own|very)? life", "life"),
        ("my? (own|very)? life", "my own life"),
        ("suicid* thoughts", "suicidal thoughts"),
        ("counting .. {pill}", "counting all of my sleeping tablets"),
        ("took # pills", "took 3 pills"),
        ("took ## pills", "took 30 pills"),
        ("^ done $", "im sorry / done / bye"),
        ("want to die", "want // to // die"),
        ("want .. die", "want / to die"),
    ],
)
def test_it_finds(pattern: str, text: str) -> None:
    assert is_said(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("want to die", "want to not die"),
        ("counting .. {pill}", "counting one two three four five pills"),
        ("counting .. {pill}", "counting // and then my pills"),
        ("took ## pills", "took 3 pills"),
        ("^ done $", "done with work"),
        ("take my life", "i had nothing to take // my life is good and so on"),
    ],
)
def test_it_does_not_find(pattern: str, text: str) -> None:
    assert not is_said(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("want (to die", "never closed"),
        ("want to die)", "too many"),
        ("{wish} to die", "not known"),
        ("(|die)", "empty"),
        ("? die", "after nothing"),
        ("want & die", "cannot be read"),
        ("my? ..", "at least one word"),
        ("(took ..) pills", "outside"),
    ],
)
def test_a_mistake_is_named_in_words(pattern: str, words: str) -> None:
    with pytest.raises(PatternMistake, match=words):
        read_pattern(pattern, GROUPS)
