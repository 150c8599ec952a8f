"""Who asks for texts to stop, in whatever words, and who does not."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.reading.folding import fold, is_near
from followup.rules.reading.reading import Prompt, Reading
from followup.rules.reading.reply import read_reply as read_in_full
from followup.rules.reading.stop import STOP_WORDS, find_stop, is_opt_out_word
from tests.reading import readers_of
from tests.rules.reading.stop_lines import OTHER_LINES, STOP_LINES, WRONG_PERSON_LINES, lines

AROUND = st.text(alphabet=" \t\n.,!?;:'\"*()…¡¿“”‘’«»", max_size=6)
SENTENCES = [
    "the bleeding did not {} until noon",
    "should I {} my medicine tonight",
    "we might {} early on Friday",
    "my brother wants to {} his job",
    "does it {} by itself",
    "I could not {} crying",
    "he told me to {} it",
    "we have to {} the appointment",
    "no se puede {} el dolor",
]


def read_reply(text: str, *, prompt: Prompt) -> Reading:
    return read_in_full(text, prompt=prompt, readers=readers_of())


def kind_of(text: str) -> str | None:
    """What becomes of it where nothing was asked."""
    labels = read_reply(text, prompt="none").labels
    return next((label for label in labels if label in {"stop", "wrong_person"}), None)


@pytest.mark.parametrize("text", lines(STOP_LINES, "en") + lines(STOP_LINES, "es"))
def test_who_asks_for_texts_to_stop_is_heard(text: str) -> None:
    reading = read_reply(text, prompt="none")

    assert "stop" in reading.labels
    assert (reading.kind, reading.level) in {("stop", "concern"), ("danger", "urgent")}


@pytest.mark.parametrize("text", lines(WRONG_PERSON_LINES, "en") + lines(WRONG_PERSON_LINES, "es"))
def test_who_says_that_the_number_is_wrong_is_heard(text: str) -> None:
    reading = read_reply(text, prompt="none")

    assert (reading.kind, reading.level) == ("wrong_person", "concern")


@pytest.mark.parametrize("text", lines(OTHER_LINES, "en") + lines(OTHER_LINES, "es"))
def test_who_speaks_of_something_else_goes_on_getting_texts(text: str) -> None:
    assert kind_of(text) is None


@pytest.mark.parametrize("language", ["en", "es"])
def test_there_are_enough_lines_to_mean_something(language: str) -> None:
    assert len(lines(STOP_LINES, language) + lines(WRONG_PERSON_LINES, language)) >= 60
    assert len(lines(OTHER_LINES, language)) >= 80


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(str.upper, id="shouted"),
        pytest.param(str.title, id="with capitals"),
        pytest.param(lambda text: text.replace(" ", "  "), id="with wide blanks"),
        pytest.param(lambda text: f"  {text}!!!", id="with stress"),
        pytest.param(lambda text: text.replace("'", "’"), id="with a curly apostrophe"),
        pytest.param(lambda text: text.replace(" ", "\u200b "), id="with blanks of no width"),
    ],
)
def test_a_request_is_heard_however_it_is_typed(change: type[str]) -> None:
    asked = [line for line in lines(STOP_LINES, "en") + lines(STOP_LINES, "es") if kind_of(change(line)) is None]

    assert asked == []


def test_a_stop_that_may_be_more_stops_texts_and_says_so_to_staff() -> None:
    reading = read_reply("stop, I need help", prompt="mood")

    assert (reading.kind, reading.level) == ("stop", "concern")
    assert reading.reasons == ("may be asking to stop texts", "asks for help")


@pytest.mark.parametrize(
    "text", ["Stop. I want to die", "STOP. I'm going to kill myself", "stop texting me, I'm going to hang myself"]
)
def test_danger_comes_before_a_request_to_stop_and_both_are_read(text: str) -> None:
    reading = read_reply(text, prompt="mood")

    assert (reading.kind, reading.level) == ("danger", "urgent")
    assert "stop" in reading.labels


def test_what_else_a_request_says_is_pointed_at() -> None:
    reading = read_reply("Please stop texting me. My chest hurts since noon today", prompt="mood")

    assert (reading.kind, reading.level) == ("side_effect", "urgent")
    assert reading.reasons[-2:] == ("asks to stop texts", "says more than that")
    assert read_reply("Please stop texting me, I had a good week", prompt="mood").reasons[1] == "says more than that"


def test_cancel_after_a_reminder_stops_texts_and_may_mean_the_appointment() -> None:
    assert read_reply("CANCEL", prompt="appointment").reasons == ("asks to stop texts", "may mean the appointment")
    assert read_reply("CANCEL", prompt="mood").reasons == ("asks to stop texts",)


def test_a_wrong_person_who_asks_to_stop_is_a_wrong_person() -> None:
    assert kind_of("Stop texting me, wrong number") == "wrong_person"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hi! Please stop texting me, ok?", "stop texting me"),
        ("¡Ya no me manden mensajes!", "no me manden"),
        ("Sorry — wrong number.", "wrong number"),
        ("ﬁne. STOP", "STOP"),
    ],
)
def test_the_words_that_moved_the_reader_are_shown(text: str, shown: str) -> None:
    ((start, end),) = read_reply(text, prompt="none").spans

    assert text[start:end] == shown


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(word=st.sampled_from(sorted(STOP_WORDS)), before=AROUND, after=AROUND, shout=st.booleans())
def test_whatever_stands_around_a_stop_word_it_stops_texts(word: str, before: str, after: str, shout: bool) -> None:
    text = before + (word.upper() if shout else word) + after

    assert is_opt_out_word(text)
    assert kind_of(text) == "stop"


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(word=st.sampled_from(sorted(STOP_WORDS)), sentence=st.sampled_from(SENTENCES), shout=st.booleans())
def test_a_stop_word_in_a_sentence_about_something_else_stops_nothing(word: str, sentence: str, shout: bool) -> None:
    text = sentence.format(word)
    if re.search("unsubscribe|opt|stop all|stopall", word):
        return  # These are about texts in whatever sentence.

    assert kind_of(text.upper() if shout else text) is None


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    text=st.text(max_size=160) | st.lists(st.sampled_from([*sorted(STOP_WORDS), "|", "no", "me", "text"])).map(" ".join)
)
def test_any_text_is_read_and_what_is_shown_lies_in_it(text: str) -> None:
    found = find_stop(text)

    assert found is None or 0 <= found.span[0] < found.span[1] <= len(text)


@pytest.mark.parametrize(
    "piece", ["stop ", "do not want to get all these ", "not ", "a", "no me ", "|. ", "wrong ", "get all any "]
)
def test_the_longest_text_that_a_carrier_brings_is_read_in_no_time(piece: str) -> None:
    text = (piece * 1_600)[:1_600]
    started = time.process_time()

    find_stop(text)

    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("one", "other", "most", "near"),
    [
        ("texing", "texting", 1, True),
        ("tetxing", "texting", 1, True),
        ("texting", "texting", 1, True),
        ("txeintg", "texting", 1, False),
        ("unsuscribe", "unsubscribe", 2, True),
        ("massage", "message", 1, True),
    ],
)
def test_a_typo_is_a_letter_too_many_too_few_wrong_or_swapped(one: str, other: str, most: int, near: bool) -> None:
    assert is_near(one, other, most) == near


def test_an_ordinary_word_is_not_taken_for_a_typo() -> None:
    assert fold("no more massages", telling={"messages"}, ordinary={"massages"}).text == "no more massages"
    assert fold("no more mesages", telling={"messages"}).text == "no more messages"
