"""Words of danger: found however they are written, lowered where they are denied, never lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.reading_files import load_danger_words
from followup.rules.reading.danger import Danger, find_danger
from followup.rules.reading.normal import normalise
from tests.reading import SCHEDULES_FOLDER, readers_of

GRAMMAR = load_danger_words(SCHEDULES_FOLDER)

URGENT = {
    "I want to die": "wish_to_die",
    "thinking about killing myself tonight": "intent",
    "k!ll my self": "intent",
    "s u i c i d e is all i think about": "intent",
    "i want. to. die.": "wish_to_die",
    "no nausea no dizziness just want to die": "wish_to_die",
    "never felt so suicidal": "intent",
    "no one knows I'm suicidal": "intent",
    "not sure i want to live": "wish_to_die",
    "can't stop thinking about dying": "wish_to_die",
    "not gonna lie, i want to die": "wish_to_die",
    "I don't want to be here anymore": "wish_to_die",
    "my kids would be better off without me": "burden",
    "been counting my pills": "means",
    "i have the gun on my lap": "means",
    "took thirty of my ambien": "attempt",
    "please take care of my dog when I'm gone": "farewell",
    "got nothing left in me, done fighting": "hopeless",
    "cut myself again last night": "self_harm",
    "I don't feel safe with myself": "not_safe",
    "I keep thinking about hurting my neighbor": "harm_to_others",
    "My husband says he wants to kill himself": "report",
    "i wnt 2 die": "wish_to_die",
    "wanna 🔫 myself": "intent",
    "imgonnakillmyself": "intent",
    "gave away my guitars today. feels good to have everything settled": "farewell",
    "quiero morirme": "wish_to_die",
    "voy a quitarme la vida": "intent",
    "mis hijos estarían mejor sin mí": "burden",
    "me tomé todas las pastillas": "attempt",
    "mi mamá dice que ya no quiere vivir": "report",
    "feeling mal, quiero dormir y no despertar": "wish_to_die",
}
LOWERED = {
    "I don't want to die": "may be denied",
    "7 and I haven't wanted to die since Sunday!": "may be denied",
    "no thoughts of suicide": "may be denied",
    "I'm not thinking about hurting myself or anything": "may be denied",
    "no pain or suicidal thoughts": "may be denied",
    "no quiero morir": "may be denied",
    "suicidal thoughts haven't come back": "may be denied",
    "suicidal thoughts are gone": "may be over",
    "I was suicidal in college": "may be past",
    "the guy in the movie was suicidal": "may be about a story or the news",
    "does insurance cover ketamine for suicidal ideation?": "may be meant otherwise",
    "I want to die of embarrassment": "may be meant otherwise",
}
PLAIN = ["7", "seven thanks", "yes I'll be there", "kinda dizzy", "can we move it to Friday", "gracias", "9!"]
TROUBLE = [
    "I'm having trouble with the nausea, anything I can take?",
    "my back is killing me from that chair",
    "could murder a burger right now",
    "6 - deadlines at work are brutal",
    "this traffic, I'll be late. am on the bridge",
    "I'll be gone until the 4th, can we reschedule",
]


def dangers(text: str) -> tuple[Danger, ...]:
    return find_danger(normalise(text), GRAMMAR)


@pytest.mark.parametrize(("text", "family"), URGENT.items())
def test_words_of_danger_are_urgent(text: str, family: str) -> None:
    assert family in {danger.family for danger in dangers(text) if danger.level == "urgent"}


@pytest.mark.parametrize(("text", "why"), LOWERED.items())
def test_what_is_denied_past_or_meant_otherwise_is_a_concern_and_says_why(text: str, why: str) -> None:
    found = dangers(text)

    assert found
    assert {danger.level for danger in found} == {"concern"}
    assert why in {danger.lowered for danger in found}


@pytest.mark.parametrize("text", PLAIN)
def test_plain_replies_hold_no_danger(text: str) -> None:
    assert dangers(text) == ()


@pytest.mark.parametrize("text", TROUBLE)
def test_other_trouble_is_not_urgent(text: str) -> None:
    assert all(danger.level == "concern" for danger in dangers(text))


def test_the_words_are_shown_where_they_stand_and_described_without_the_person() -> None:
    text = "5. Slept ok 😊 but I want to k!ll  myself, sorry"

    [danger] = [each for each in dangers(text) if each.family == "intent"]

    assert [text[start:end] for start, end in danger.spans] == ["want to k!ll  myself"]
    assert danger.reason == "Suicidal language"


def test_our_own_texts_are_no_danger() -> None:
    text = (
        "Thank you for telling us. This line is automated and may not be read right away. If you might act on these "
        "thoughts or are hurt, call 911. To talk with someone now, call or text 988, any time."
    )
    assert all(each.family in {"intent", "not_safe"} for each in dangers(text))


def test_the_most_urgent_comes_first() -> None:
    found = dangers("I feel hopeless and I am going to kill myself")

    assert [danger.level for danger in found] == sorted((danger.level for danger in found), reverse=True)


# However it is written ------------------------------------------------------------------------------------

NOISE = st.sampled_from(["😭", " 😢 ", "...", ", ", " just ", " really ", " honestly ", "!!", "\n", " lol ", "\u200b"])


@st.composite
def disturbed(draw: st.DrawFn) -> str:
    """A line of danger with noise between its words, other cases and other apostrophes."""
    words = draw(st.sampled_from(sorted(URGENT))).replace("'", draw(st.sampled_from(["'", "’", "", "`"]))).split(" ")
    noise = draw(st.dictionaries(st.integers(0, len(words)), NOISE, max_size=3))
    text = "".join(f"{noise.get(nth, '')} {word}" for nth, word in enumerate(words)) + noise.get(len(words), "")
    return draw(st.sampled_from([text, text.upper(), text.title(), text.replace(" ", "  ")]))


@given(disturbed())
@settings(deadline=None, max_examples=300)
def test_noise_never_makes_danger_routine(text: str) -> None:
    from followup.rules.reading.reply import read_reply

    assert all(
        read_reply(text, prompt=prompt, readers=readers_of()).level != "routine"
        for prompt in ("mood", "same_day", "appointment", "none")
    )


@given(st.text(max_size=200))
@settings(deadline=None)
def test_any_text_can_be_read_and_spans_lie_in_it(text: str) -> None:
    for danger in dangers(text):
        assert all(0 <= start < end <= len(text) for start, end in danger.spans)
