"""What a whole reply means: all of it is read, the most urgent is acted on, and routine is only what is proved."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.reading.readers import NO_READERS, Readers
from followup.rules.reading.reading import Kind, Level, Prompt, Reading
from followup.rules.reading.reply import read_reply as read_in_full
from followup.rules.reading.stop import STOP_WORDS, is_opt_out_word
from tests.reading import readers_of

PROMPTS: tuple[Prompt, ...] = get_args(Prompt)


def read_reply(text: str, *, prompt: Prompt, readers: Readers | None = None, **more: Any) -> Reading:
    return read_in_full(text, prompt=prompt, readers=readers or readers_of(), **more)


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
        pytest.param("07", id="a leading zero"),
        pytest.param("7 7", id="two numbers"),
        pytest.param("not 7", id="a number denied"),
        pytest.param("7/5", id="out of five"),
        pytest.param("blue", id="a word"),
    ],
)
@pytest.mark.parametrize("prompt", PROMPTS)
def test_what_is_not_known_goes_before_a_human(text: str, prompt: Prompt) -> None:
    reading = read_reply(text, prompt=prompt)

    assert (reading.kind, reading.value, reading.level) == ("unclear", None, "concern")


@pytest.mark.parametrize("text", ["I stopped my pills", "please don't stop texting me", "🙂", "yes", "٧"])
def test_what_is_half_known_goes_before_a_human_too(text: str) -> None:
    assert read_reply(text, prompt="mood").level == "concern"


@pytest.mark.parametrize("prompt", ["appointment", "none"])
def test_a_number_that_nobody_asked_for_goes_before_a_human(prompt: Prompt) -> None:
    assert read_reply("7", prompt=prompt).value is None


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
    assert read_reply("C", prompt=prompt).value is None


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
    assert (reading.level == "routine") <= (reading.kind in {"score", "choice", "thanks", "side_effect"})
    assert not reading.failed
    assert read_reply(text, prompt=prompt) == reading


# All of it is read ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "prompt", "kind", "value", "level"),
    [
        pytest.param("7 but I want to die", "mood", "danger", 7, "urgent", id="danger in a rating"),
        pytest.param("Confirm. I want to kill myself", "appointment", "danger", None, "urgent", id="in a confirmation"),
        pytest.param("STOP, I want to kill myself", "mood", "danger", None, "urgent", id="in a request to stop"),
        pytest.param("no nausea just want to die", "same_day", "danger", None, "urgent", id="after a denial"),
        pytest.param("6, chest pain since noon", "mood", "side_effect", 6, "urgent", id="a red flag in a rating"),
        pytest.param("please call me asap", "none", "help", None, "urgent", id="a call at once"),
        pytest.param("please call me", "mood", "help", None, "concern", id="a call"),
        pytest.param("I need some help", "mood", "help", None, "concern", id="help in a sentence"),
        pytest.param("5, can you call me", "mood", "help", 5, "concern", id="a score rides on a call"),
        pytest.param("7. How is Dr. Lee?", "mood", "question", 7, "concern", id="a score rides on a question"),
        pytest.param("Yes! Do I need a driver?", "appointment", "choice", "confirm", "concern", id="a question too"),
        pytest.param("when can I drive?", "same_day", "question", None, "concern", id="a question"),
        pytest.param("thanks so much", "mood", "thanks", None, "routine", id="thanks"),
        pytest.param("muchas gracias", "same_day", "thanks", None, "routine", id="thanks in Spanish"),
        pytest.param("🙏", "mood", "thanks", None, "routine", id="folded hands"),
        pytest.param("wrong number", "mood", "wrong_person", None, "concern", id="a wrong number"),
        pytest.param("this is his wife, he is asleep", "same_day", "unclear", None, "concern", id="somebody else"),
        pytest.param("all good, resting at home", "same_day", "thanks", None, "routine", id="all is well"),
        pytest.param("tired but good", "same_day", "side_effect", None, "routine", id="tired on the day"),
        pytest.param("even worse", "mood", "unclear", None, "concern", id="worse"),
        pytest.param("thank you for everything, goodbye", "mood", "danger", None, "concern", id="thanks that part"),
    ],
)
def test_the_most_urgent_is_acted_on(text: str, prompt: Prompt, kind: Kind, value: Any, level: Level) -> None:
    reading = read_reply(text, prompt=prompt)

    assert (reading.kind, reading.value) == (kind, value)
    assert reading.level == level or (level == "concern" and kind == "danger")


@pytest.mark.parametrize(
    "text",
    [
        *[
            "7",
            "seven",
            "7/10",
            "7 thanks",
            "Seven.",
            "7!",
            "7, thank you",
            "7 out of 10",
            "siete",
            "un 7",
            "7 gracias",
        ],
        *[
            "about a 7",
            "I'd say 7",
            "it's a 7 today",
            "solid 7",
            "6-7",
            "six and a half",
            "7 🙂",
            "still a 7",
            "like a 7",
        ],
    ],
)
def test_a_plain_rating_needs_no_human(text: str) -> None:
    assert read_reply(text, prompt="mood").level == "routine"


@pytest.mark.parametrize("text", ["2", "1 or 2", "2-3", "like a two maybe", "cero", "yesterday 8, now 4"])
def test_a_low_score_or_a_great_fall_is_looked_at(text: str) -> None:
    assert read_reply(text, prompt="mood").level == "concern"


@pytest.mark.parametrize(
    "text",
    [
        *[
            "7 whatever",
            "7 💀",
            "7 it is over",
            "10 goodbye",
            "7 no more",
            "ok I am done",
            "thanks for everything",
            "7?",
        ],
        *["fine", "good", "7 and out", "I am at peace now", "so tired of this. 7", "thanks bye", "7 nothing matters"],
    ],
)
def test_what_is_not_wholly_known_is_looked_at(text: str) -> None:
    assert read_reply(text, prompt="mood").level != "routine"


def test_a_score_has_its_low_end() -> None:
    reading = read_reply("2-3", prompt="mood")

    assert (reading.value, reading.low, reading.is_odd) == (2.5, 2, False)
    assert read_reply("yesterday 5, now 6", prompt="mood").is_odd


def test_a_number_that_is_no_score_is_asked_for_again_once() -> None:
    assert read_reply("15", prompt="mood").asks_again
    assert read_reply("not sure", prompt="mood").asks_again
    assert not read_reply("7", prompt="mood").asks_again
    assert not read_reply("please call me", prompt="mood").asks_again
    assert not read_reply("15", prompt="none").asks_again


def test_a_text_with_a_picture_is_looked_at() -> None:
    assert read_reply("7", prompt="mood", media=1).level == "concern"
    assert read_reply("", prompt="mood", media=1).reasons == ("a picture or recording came with it",)


@pytest.mark.parametrize(
    "text", ["Liked “Reply STOP to end texts.”", 'Loved "how is your mood, 0 (worst) to 10 (best)?"']
)
def test_a_reaction_says_nothing_of_what_it_quotes(text: str) -> None:
    reading = read_reply(text, prompt="mood")

    assert (reading.kind, reading.value, reading.level) == ("unclear", None, "concern")
    assert "stop" not in reading.labels


# Whatever fails, fails upward -------------------------------------------------------------------------------------


class Burst(Exception):
    """A reader that breaks."""


class Bursting:
    """Breaks whatever is asked of it."""

    def __getattr__(self, name: str) -> Any:
        raise Burst(name)


@pytest.mark.parametrize("reader", ["danger", "second", "side_effects"])
@pytest.mark.parametrize("broken", [None, Bursting()], ids=["missing", "broken"])
def test_without_one_reader_no_reply_is_routine_and_the_others_still_count(reader: str, broken: Any) -> None:
    readers = replace(readers_of(), **{reader: broken})

    plain = read_reply("7", prompt="mood", readers=readers)
    assert (plain.kind, plain.value, plain.level) == ("score", 7, "concern")
    assert "a reader failed" in plain.reasons
    assert plain.failed
    urgent = "I fainted and hit my head" if reader != "side_effects" else "I want to kill myself"
    assert read_reply(urgent, prompt="mood", readers=readers).level == "urgent"
    assert read_reply("STOP", prompt="mood", readers=readers).kind == "stop"


@pytest.mark.parametrize("text", ["7", "thanks", "C", "", "STOP"])
def test_without_any_reader_every_reply_is_a_concern(text: str) -> None:
    assert read_reply(text, prompt="mood", readers=NO_READERS).level == "concern"


CHANGES: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda text: text.replace(" ", "  "),
    lambda text: f"{text} 😂",
    lambda text: f"7 {text}",
    lambda text: f"thanks! {text}",
    lambda text: f"{text}, thanks",
    lambda text: text.replace(" ", " just ", 1),
    lambda text: text.replace("a", "а"),
    lambda text: text.replace(" ", "\u200b "),
    lambda text: f"ok {text} 🙏",
]
DANGER = ["I want to die", "im going to kill myself", "quiero morir", "better off without me", "i have a gun with me"]


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    text=st.sampled_from(DANGER),
    changes=st.lists(st.sampled_from(CHANGES), max_size=4),
    prompt=st.sampled_from(PROMPTS),
)
def test_whatever_is_put_around_words_of_danger_they_are_never_routine(
    text: str, changes: list[Callable[[str], str]], prompt: Prompt
) -> None:
    for change in changes:
        text = change(text)

    assert read_reply(text, prompt=prompt).level != "routine"


def test_one_reply_is_read_in_no_time() -> None:
    """As a share of the time for a plain search, so that a slow machine does not matter."""
    text = (
        "Hi, about a 6 today, slept badly and a bit dizzy still but the headache is gone, can I drive on Thursday? " * 3
    )
    read_reply(text, prompt="mood")
    started = time.process_time()
    for _ in range(20):
        read_reply(text, prompt="mood")

    assert (time.process_time() - started) / 20 < 0.1
