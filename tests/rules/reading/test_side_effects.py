"""After-effects: expected for a time, looked at after it, and red flags at once, by treatment and hours."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from followup.rules.reading.normal import normalise
from followup.rules.reading.reading import LEVELS, Level, Prompt
from followup.rules.reading.side_effect_words import SideEffectWords, SideEffectWordsMistake, read_side_effect_words
from followup.rules.reading.side_effects import SideEffect, find_side_effects

FILE = Path(__file__).parents[3] / "schedules" / "side_effect_words.toml"
GIVEN = tomllib.loads(FILE.read_text(encoding="utf-8"))
WORDS = read_side_effect_words(GIVEN, file=FILE.name)


def find(
    text: str, *, kind: str | None = "ketamine-iv", hours: float | None = 3.0, prompt: Prompt = "same_day"
) -> tuple[SideEffect, ...]:
    return find_side_effects(normalise(text), WORDS, prompt=prompt, treatment=kind, hours_since=hours)


def level(text: str, **more: Any) -> Level | None:
    return next((each.level for each in find(text, **more)), None)


URGENT = """
    really bad chest pain
    my chest is tight
    chest hurts and my left arm too
    pressure in my chest
    having trouble breathing
    can't breathe
    short of breath
    can't catch my breath
    hard to breathe
    my throat is closing
    lips are blue
    I fainted twice since coming home
    passed out in the bathroom
    she collapsed in the hall
    I blacked out
    hit my head when I fell
    banged my head on the sink
    had a seizure after my neck injection
    he is having convulsions
    left side of my face is numb
    my right side feels weak
    can't move my left arm
    my speech is slurred
    face is drooping on one side
    worst headache of my life
    severe headache
    lost my vision in one eye
    I can't see anything
    bp 190 over 110
    BP is 182/95
    blood pressure 150/125
    my pressure was 201/99
    my heart is pounding 150 a minute and won't slow down
    heart racing for hours
    heart won't stop racing
    can't stop vomiting, it's been since 2pm
    throwing up all day
    can't keep anything down
    vomiting blood
    hives all over and my tongue feels thick
    lips are swelling
    my tongue is swollen
    allergic reaction
    my neck is swelling where they put the shot
    roommate here - he wont wake up properly after the treatment
    I can't wake her up
    she is not responding
    took too many of my pills
    took a double dose of my meds
    me duele el pecho
    dolor en el pecho
    no puedo respirar
    me falta el aire
    me desmayé
    perdí el conocimiento
    me pegué en la cabeza
    tuvo una convulsión
    no puedo mover el brazo izquierdo
    se me hinchó la lengua
    no paro de vomitar
    mi esposo no despierta
    presión 190/115
    havin trouble breathign
    I had a siezure
    vomitting blood
""".strip().splitlines()

CONCERN = """
    it burns when I pee
    blood in my urine
    I have a fever
    I drove home
    had two beers
    I fell but no injury
    fell down this morning
    my heart is racing
    threw up once
    bp 138/84
    my eyelid is droopy
    rash on my arm
    me arde al orinar
    tengo fiebre
    manejé a casa
""".strip().splitlines()

EXPECTED = """
    kinda dizzy
    a bit nauseous
    slight nausea nothing major
    mild headache
    floaty
    a little out of body still but kind of nice
    metallic taste and cotton mouth
    blurry vision
    numb lips
    tired but good
    groggy
    mareada
    un poco de nausea
    me duele la cabeza un poco
    cansado
""".strip().splitlines()


@pytest.mark.parametrize("text", [line.strip() for line in URGENT])
@pytest.mark.parametrize(
    ("kind", "hours"), [("ketamine-iv", 3.0), (None, None), ("sgb", 30.0)], ids=["soon", "?", "late"]
)
def test_a_red_flag_rings_whatever_the_treatment_and_the_hour(text: str, kind: str | None, hours: float | None) -> None:
    assert level(text, kind=kind, hours=hours) == "urgent"


@pytest.mark.parametrize("text", [line.strip() for line in CONCERN])
def test_what_a_clinician_sees_the_same_day_is_a_concern(text: str) -> None:
    assert level(text) == "concern"


@pytest.mark.parametrize("text", [line.strip() for line in EXPECTED])
@pytest.mark.parametrize("kind", ["ketamine-iv", "ketamine-im", "KAP", "esketamine", "Spravato"])
def test_what_is_expected_is_routine_inside_its_window_and_a_concern_after_it(text: str, kind: str) -> None:
    assert level(text, kind=kind, hours=3.9) == "routine"
    assert level(text, kind=kind, hours=30.0) == "concern"


@pytest.mark.parametrize(
    ("text", "kind", "hours", "wanted"),
    [
        pytest.param("droopy eyelid and red eye", "sgb", 6.0, "routine", id="a droopy eyelid after SGB"),
        pytest.param("my eyelid is droopy", "stellate-ganglion-block", 7.9, "routine", id="of SGB, spelled out"),
        pytest.param("my eyelid is droopy", "sgb", 8.1, "concern", id="too long after SGB"),
        pytest.param("my eyelid is droopy", "ketamine-iv", 1.0, "concern", id="a droopy eyelid after ketamine"),
        pytest.param("stuffy nose and hoarse", "sgb", 2.0, "routine", id="a stuffy nose after SGB"),
        pytest.param("dizzy", "sgb", 2.0, "concern", id="dizziness is none of SGB"),
        pytest.param("dizzy", "ketamine-iv", 4.0, "concern", id="at the end of the window"),
        pytest.param("dizzy", None, 1.0, "concern", id="of an unknown treatment"),
        pytest.param("dizzy", "ketamine-iv", None, "concern", id="at an unknown hour"),
        pytest.param("dizzy", "ketamine-iv", -1.0, "concern", id="before the session ended"),
        pytest.param("so tired", "ketamine-iv", 10.0, "routine", id="tired for the rest of the day"),
        pytest.param("so tired", None, None, "routine", id="tired, asked on the day"),
        pytest.param("so tired", "ketamine-iv", 25.0, "concern", id="tired the day after"),
        pytest.param("hearing voices", "ketamine-iv", 1.0, "concern", id="voices inside the window"),
        pytest.param("hearing voices", "ketamine-iv", 5.0, "urgent", id="voices after it"),
        pytest.param("panic attack", "ketamine-iv", 9.0, "urgent", id="panic that goes on"),
        pytest.param("still seeing double", "ketamine-iv", 6.0, "concern", id="double sight after it"),
    ],
)
def test_the_treatment_and_the_hours_decide(text: str, kind: str | None, hours: float | None, wanted: Level) -> None:
    assert level(text, kind=kind, hours=hours) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("no chest pain", "concern", id="a red flag denied"),
        pytest.param("no chest pain or trouble breathing", "concern", id="two red flags denied"),
        pytest.param("not short of breath", "concern", id="denied with not"),
        pytest.param("no nausea, headache or dizziness", "routine", id="ordinary effects denied"),
        pytest.param("sin nauseas ni mareo", "routine", id="denied in Spanish"),
        pytest.param("no nausea but chest pain", "urgent", id="a denial ends at the clause"),
        pytest.param("not dizzy. can't breathe", "urgent", id="a denial ends at the sentence"),
        pytest.param("no, chest pain since noon", "urgent", id="no is an answer of its own"),
        pytest.param("can't stop throwing up", "urgent", id="can't denies nothing"),
    ],
)
def test_a_denial_lowers_a_red_flag_to_a_concern(text: str, wanted: Level) -> None:
    assert level(text, hours=30.0, prompt="mood") == wanted


@pytest.mark.parametrize(
    "text", ["", "7", "thanks", "all good", "numbers are hard", "fine", "hello", "see you monday", "un 7 gracias"]
)
def test_other_words_are_no_after_effect(text: str) -> None:
    assert find(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "passed out on the couch as soon as I got home, slept great",
        "casi me da un infarto de la emoción",
        "had a stroke of luck",
        "chest is sore from the gym",
    ],
)
def test_what_may_be_meant_otherwise_rings_nobody(text: str) -> None:
    assert level(text) != "urgent"


def test_the_words_are_shown_and_the_reason_describes_them() -> None:
    text = "Hi! I’ve got CHEST pain since noon"
    [found] = find(text)

    assert text[found.span[0] : found.span[1]] == "CHEST pain"
    assert found.reason == "Chest pain or pressure"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"effects": {}}, "effects"),
        ({"colour": "red"}, "colour"),
        ({"effects": {"x": {"reason": "Some effect", "says": ["(a"]}}}, "effects.x.says"),
        (
            {"effects": {"x": {"reason": "Some effect", "says": ["ache"], "expected": {"magic": 3}}}},
            "effects.x.expected",
        ),
        ({"effects": {"x": {"reason": "Some effect", "says": ["ache"], "level": "routine"}}}, "effects.x.level"),
        (
            {"effects": {"x": {"reason": "Some effect", "says": ["ache"], "expected": {"sgb": 400}}}},
            "effects.x.expected",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named(change: dict[str, Any], key: str) -> None:
    with pytest.raises(SideEffectWordsMistake) as caught:
        read_side_effect_words(GIVEN | change, file="side_effect_words.toml")

    assert caught.value.key.startswith(key)


def test_every_red_flag_of_the_file_is_urgent_and_nothing_that_is_expected_for_ever_is() -> None:
    words: SideEffectWords = WORDS

    assert {each.level for each in words.effects.values()} <= set(LEVELS) - {"routine"}
    assert all(0 < hours <= 14 for each in words.effects.values() for hours in each.expected.values())
