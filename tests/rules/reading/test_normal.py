"""The plain form of a reply, and the way back to the text as it came."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.rules.reading.normal import LONGEST, normalise


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("I DON’T know", "i do not know"),
        ("dont wanna", "do not want to"),
        ("he's ok, Mike's not", "he is ok , mikes not"),
        ("Mañana estaré", "manana estare"),
        ("6️⃣ and ４", "6 and 4"),
        ("5.5 or 7/10", "5.5 or 7 / 10"),
        ("sooo diiiie", "so die"),
        ("self-harm 3-4", "self harm 3 - 4"),
        ("su\u200bici\u2060de", "suicide"),
        ("k!ll myself", "kill myself"),
        ("su1c1de s*icide unal1ve", "suicide suicide unalive"),
        ("s u i c i d e", "suicide"),
        ("i w a n t t o d i e", "i want to die"),
        ("k.m.s", "kms"),
        ("wannadie #killmyself", "want to die # kill myself"),
        ("su\u0456cide", "suicide"),
        ("q m0rir", "que morir"),
        ("r u there w/o me", "are you there without me"),
    ],
)
def test_a_reply_is_read_in_one_plain_form(text: str, plain: str) -> None:
    assert normalise(text).text == plain


@pytest.mark.parametrize("text", ["b12 at 3pm", "covid19", "diehard fan", "audience studied", "a b c 1 2 3", "f*ck"])
def test_what_hides_no_word_stays_as_it_is(text: str) -> None:
    assert normalise(text).text.replace(" ", "") == text.replace(" ", "")


def test_every_word_knows_its_place_in_the_text_as_it_came() -> None:
    text = "Ｎo 😂 I can’t, k!ll  m y s e l f"

    places = [text[token.start : token.end] for token in normalise(text).tokens]

    assert places == ["Ｎo", "😂", "I", "can’t", "can’t", ",", "k!ll", "m y s e l f"]


def test_a_clause_ends_at_marks_and_emoji_and_not_inside_a_number() -> None:
    clauses = normalise("no nausea, 3-4 at 10:30 😂 ok? yes").clauses

    assert [" ".join(token.word for token in clause) for clause in clauses] == [
        "no nausea",
        "3 4 at 10 30",
        "ok",
        "yes",
    ]


@pytest.mark.parametrize("text", ["Liked “See you Monday”", 'Loved "ok"', "Le gustó “hola”", "Reacted 👍 to “Hi”"])
def test_a_reaction_of_the_phone_is_known(text: str) -> None:
    assert normalise(text).tapback


@pytest.mark.parametrize("text", ["I liked the playlist", "loved it", "Liked it “a lot”", ""])
def test_a_reply_about_liking_is_no_reaction(text: str) -> None:
    assert not normalise(text).tapback


@given(st.text(max_size=300))
def test_places_never_leave_the_text_nor_run_backwards(text: str) -> None:
    tokens = normalise(text).tokens

    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


def test_the_longest_reply_is_read_in_time() -> None:
    text = "s.u*i c i d e k!ll wannadieeee 1! " * (LONGEST // 20)
    before = time.process_time()

    normalise(text)

    assert time.process_time() - before < 0.5
