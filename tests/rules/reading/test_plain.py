"""What the plain reader makes of a whole reply; all that it does not know goes before a human."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.reading.plain import read_reply
from followup.rules.reading.reading import Kind, Level, Prompt
from followup.rules.reading.stop import STOP_WORDS, is_opt_out_word

PROMPTS: tuple[Prompt, ...] = get_args(Prompt)


@pytest.mark.parametrize(
    ("text", "score", "level"),
    [
        pytest.param("7", 7, "routine", id="a number"),
        pytest.param(" 7 \n", 7, "routine", id="with blanks"),
        pytest.param("7.", 7, "routine", id="with a full stop"),
        pytest.param("7!!", 7, "routine", id="with joy"),
        pytest.param("(7)", 7, "routine", id="in brackets"),
        pytest.param("“7”", 7, "routine", id="in curly quotes"),
        pytest.param("７", 7, "routine", id="a full-width digit"),
        pytest.param("7/10", 7, "routine", id="out of ten, with a slash"),
        pytest.param("7 / 10", 7, "routine", id="out of ten, with blanks"),
        pytest.param("7 out of 10", 7, "routine", id="out of ten, in words"),
        pytest.param("7 de 10", 7, "routine", id="out of ten, in Spanish"),
        pytest.param("10", 10, "routine", id="the best"),
        pytest.param("10/10", 10, "routine", id="ten out of ten"),
        pytest.param("3", 3, "routine", id="three is filed"),
        pytest.param("2", 2, "concern", id="two is looked at"),
        pytest.param("1", 1, "concern", id="one is looked at"),
        pytest.param("0", 0, "concern", id="the worst is looked at"),
    ],
)
@pytest.mark.parametrize("prompt", ["mood", "same_day"])
def test_a_whole_reply_is_a_score(text: str, prompt: Prompt, score: int, level: Level) -> None:
    reading = read_reply(text, prompt=prompt)

    assert (reading.kind, reading.value, reading.level) == ("score", score, level)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("...", id="dots"),
        pytest.param("11", id="more than ten"),
        pytest.param("-3", id="less than nothing"),
        pytest.param("7-8", id="a range"),
        pytest.param("7.5", id="a half"),
        pytest.param("07", id="a leading zero"),
        pytest.param("7 7", id="two numbers"),
        pytest.param("7 but I want to die", id="a number and danger"),
        pytest.param("not 7", id="a number denied"),
        pytest.param("7/5", id="out of five"),
        pytest.param("seven", id="a number in words"),
        pytest.param("٧", id="an Arabic digit"),
        pytest.param("🙂", id="a smiley"),
        pytest.param("I stopped my pills", id="stop in another word"),
        pytest.param("please don't stop texting me", id="a stop request denied"),
        pytest.param("help me please", id="a call for help in a sentence"),
        pytest.param("yes", id="a word of agreement"),
    ],
)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_is_not_known_goes_before_a_human(text: str, prompt: Prompt) -> None:
    reading = read_reply(text, prompt=prompt)

    assert (reading.kind, reading.value, reading.level) == ("unclear", None, "concern")


@pytest.mark.parametrize("prompt", ["appointment", "none"])
def test_a_number_that_nobody_asked_for_goes_before_a_human(prompt: Prompt) -> None:
    assert read_reply("7", prompt=prompt).kind == "unclear"


@pytest.mark.parametrize(
    ("text", "value", "level", "language"),
    [
        pytest.param("C", "confirm", "routine", "en", id="the letter asked for"),
        pytest.param("c.", "confirm", "routine", "en", id="small, with a full stop"),
        pytest.param("Confirm", "confirm", "routine", "en", id="the word"),
        pytest.param("¡Confirmo!", "confirm", "routine", "es", id="in Spanish"),
        pytest.param("R", "reschedule", "concern", "en", id="another time"),
        pytest.param("Reprogramar", "reschedule", "concern", "es", id="another time, in Spanish"),
    ],
)
def test_an_appointment_is_confirmed_or_moved(text: str, value: str, level: Level, language: str) -> None:
    reading = read_reply(text, prompt="appointment")

    assert (reading.kind, reading.value, reading.level, reading.language) == ("choice", value, level, language)


@pytest.mark.parametrize("prompt", ["mood", "same_day", "none"])
def test_a_letter_that_nobody_asked_for_confirms_nothing(prompt: Prompt) -> None:
    assert read_reply("C", prompt=prompt).kind == "unclear"


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("word", sorted(STOP_WORDS))
def test_a_stop_word_stops_texts_whatever_was_asked(word: str, prompt: Prompt) -> None:
    for text in (word, word.upper(), f" {word.title()}. ", f'"{word}"', f"“{word}”", f"¡{word}!"):
        assert read_reply(text, prompt=prompt).kind == "stop", text
        assert is_opt_out_word(text)


@pytest.mark.parametrize("text", ["STOP  ALL", "opt\nout", "ＳＴＯＰ", "Stop!!!", "OPT-OUT"])
def test_a_stop_word_counts_however_it_is_typed(text: str) -> None:
    assert is_opt_out_word(text)


@pytest.mark.parametrize("text", ["don't stop", "stop it", "the end", "unstop", "start", "", "S T O P"])
def test_a_text_that_is_no_stop_word_as_a_whole_stops_nothing(text: str) -> None:
    assert not is_opt_out_word(text)


@pytest.mark.parametrize(
    ("text", "kind", "language"),
    [
        ("START", "start", "en"),
        ("unstop", "start", "en"),
        ("Help", "help", "en"),
        ("INFO", "help", "en"),
        ("¿Ayuda?", "help", "es"),
        ("Alto", "stop", "es"),
    ],
)
def test_carriers_words_are_looked_at(text: str, kind: Kind, language: str) -> None:
    reading = read_reply(text, prompt="mood")

    assert (reading.kind, reading.level, reading.language) == (kind, "concern", language)


def test_a_reading_shows_what_moved_the_reader() -> None:
    assert read_reply("  7/10 \n", prompt="mood").spans == ((2, 6),)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    text=st.text(st.characters(), max_size=200) | st.text(alphabet="0123456789/ .stop\ud800\x00", max_size=12),
    prompt=st.sampled_from(PROMPTS),
)
def test_any_text_has_a_reading(text: str, prompt: Prompt) -> None:
    reading = read_reply(text, prompt=prompt)

    assert reading.kind in get_args(Kind)
    assert reading.level in get_args(Level)
    assert reading.reasons
    assert all(0 <= start < end <= len(text) for start, end in reading.spans)
    assert (reading.level == "routine") <= (reading.kind in {"score", "choice"})
    assert read_reply(text, prompt=prompt) == reading
