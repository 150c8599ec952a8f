"""The words that a patient reads."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.schedule import ScheduleMistake
from followup.rules.segments import count_segments
from followup.rules.wording import LONGEST, Tokens, check_texts, clean, day_words, fill_in, render_step, time_words
from tests.rules.schedules import MOOD, SAFE, SAME_DAY, shipped, small

MARIA = Tokens(first_name="Maria", clinic="Riverside Clinic", clinic_phone="(212) 555-0100")
VISIT = datetime(2026, 11, 25, 10, 30)  # noqa: DTZ001 - a wall clock.


def test_a_text_names_the_clinic_and_the_patient() -> None:
    assert fill_in("{clinic}: Hi {first_name}, hello.", MARIA, "en") == "Riverside Clinic: Hi Maria, hello."


@pytest.mark.parametrize("name", [None, "", "  ", "\n", "{}", "\x00"])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {first_name}, how are you?", "Hi, how are you?"),
        ("Good morning {first_name}. How are you?", "Good morning. How are you?"),
        ("{first_name}, hello", ", hello"),
    ],
)
def test_a_missing_name_leaves_no_hole(name: str | None, template: str, expected: str) -> None:
    assert fill_in(template, replace(MARIA, first_name=name), "en") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("Maria", "Maria", id="a name stays"),
        pytest.param("  Ana   Sofia ", "Ana Sofia", id="blanks"),
        pytest.param("Ana\r\nSofia\tB", "Ana Sofia B", id="line ends"),
        pytest.param("José", "José", id="é is in the alphabet"),
        pytest.param("Jose\u0301", "José", id="é in two characters"),
        pytest.param("María", "Maria", id="í is not"),
        pytest.param("Zoë", "Zoe", id="ë is not"),
        pytest.param("Muñoz", "Muñoz", id="ñ is"),
        pytest.param("O’Brien", "O'Brien", id="curly apostrophe"),
        pytest.param("O`Brien", "O'Brien", id="backtick"),
        pytest.param("O´Brien", "O'Brien", id="acute accent"),
        pytest.param("Anne–Marie", "Anne-Marie", id="dash"),
        pytest.param("李", "李", id="no letter of the alphabet comes near"),
        pytest.param("{clinic}", "clinic", id="braces"),
        pytest.param("Ana {x} B", "Ana x B", id="braces leave no double blank"),
        pytest.param("<b>Ana</b>", "<b>Ana</b>", id="markup means nothing in a text"),
        pytest.param("\u202eanA", "anA", id="a character that turns the line around"),
        pytest.param("Maria de los Angeles Guadalupe", "Maria de los Angeles", id="long: cut at a word"),
        pytest.param("Maria Guadalupe Esperanza", "Maria Guadalupe", id="long: no half word"),
        pytest.param("N" * 30, "N" * 20, id="long and one word: cut"),
    ],
)
def test_a_name_becomes_one_line_of_plain_letters(given: str, expected: str) -> None:
    assert clean(given, 20) == expected


def test_a_token_in_a_name_is_not_filled_in() -> None:
    text = fill_in("{clinic}: Hi {first_name}", replace(MARIA, first_name="{clinic_phone}"), "en")

    assert text == "Riverside Clinic: Hi clinic_phone"


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(name=st.text(max_size=60))
def test_whatever_a_name_holds_it_is_one_line_without_braces_and_not_too_long(name: str) -> None:
    cleaned = clean(name, 20)

    assert len(cleaned) <= 20
    assert "{" not in cleaned and "}" not in cleaned
    assert cleaned.splitlines() in ([], [cleaned])
    assert cleaned == cleaned.strip()
    assert clean(cleaned, 20) == cleaned


def test_days_and_times_are_written_as_people_there_write_them() -> None:
    assert day_words(VISIT, "en") == "Wed, Nov 25"
    assert day_words(VISIT, "es") == "mie 25 nov"
    assert time_words(VISIT, "en") == "Wed, Nov 25 at 10:30 AM"
    assert time_words(VISIT, "es") == "mie 25 nov, 10:30 AM"


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, "12:30 AM"), (9, "9:30 AM"), (11, "11:30 AM"), (12, "12:30 PM"), (23, "11:30 PM")]
)
def test_midnight_and_noon_are_twelve(hour: int, expected: str) -> None:
    assert time_words(VISIT.replace(hour=hour), "en").endswith(f" {expected}")


def test_what_is_not_known_is_said_in_words() -> None:
    nothing = Tokens(first_name=None, clinic="Riverside")

    assert fill_in("{time}, {session_day}, call {clinic_phone}", nothing, "en") == "soon, soon, call the clinic"
    assert fill_in("{time}, {session_day}, {clinic_phone}", nothing, "es") == "pronto, pronto, la clinica"


BILINGUAL = small(
    SAME_DAY | {"text": {"en": f"{{clinic}}: Hi. {SAFE}", "es": f"{{clinic}}: Hola. {SAFE}"}},
    first_text={"en": "Reply STOP to end texts.", "es": "Responda STOP para no recibir mas."},
)


def rendered(language: str, *, wording: str = "question", is_first: bool = False) -> tuple[str, str]:
    step = BILINGUAL.get_step("same-day check-in")
    return render_step(BILINGUAL, step, wording=wording, language=language, tokens=MARIA, is_first=is_first)


@pytest.mark.parametrize(
    ("language", "used"),
    [("en", "en"), ("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("fr", "en"), ("", "en"), ("est", "en")],
)
def test_a_patient_reads_their_language_or_english(language: str, used: str) -> None:
    text, in_language = rendered(language)

    assert in_language == used
    assert ("Hola" in text) == (used == "es")


def test_what_nobody_translated_is_english() -> None:
    text, used = rendered("es", wording="statement", is_first=True)

    assert used == "en"
    assert text.endswith("Reply STOP to end texts.")


def test_the_first_text_says_how_to_end_them() -> None:
    assert rendered("en", is_first=True)[0] == rendered("en")[0] + " Reply STOP to end texts."
    assert rendered("es", is_first=True)[0].endswith(" Responda STOP para no recibir mas.")


def test_a_first_text_that_nobody_translated_says_it_in_english() -> None:
    spanish = small(MOOD | {"text": MOOD["text"] | {"es": f"{{clinic}}: Hola. {SAFE}"}})

    text, used = render_step(spanish, spanish.steps[0], wording="question", language="es", tokens=MARIA, is_first=True)

    assert (used, text.endswith("Reply STOP to end texts.")) == ("es", True)


def test_a_text_without_a_question_has_its_own_words() -> None:
    assert "rest well" in rendered("en", wording="statement")[0]


SHIPPED = [
    pytest.param(step.name, wording, language, id=f"{step.name}, {wording}, {language}")
    for step in shipped().steps
    for wording in (["question", "statement"] if step.text_without_question else ["question"])
    for language in ("en", "es")
]


@pytest.mark.parametrize(("name", "wording", "language"), SHIPPED)
def test_every_shipped_text_fits_two_segments_with_the_longest_names(name: str, wording: str, language: str) -> None:
    schedule = shipped()
    text, used = render_step(
        schedule, schedule.get_step(name), wording=wording, language=language, tokens=LONGEST, is_first=True
    )

    assert used == language
    assert count_segments(text).encoding == "GSM-7"
    assert count_segments(text).segments <= 2
    assert text.startswith("C" * 40)
    assert "STOP" in text


# Checks --------------------------------------------------------------------------------------------------


def refused(step: dict[str, Any], **changes: Any) -> ScheduleMistake:
    with pytest.raises(ScheduleMistake) as caught:
        check_texts(small(step, **changes), file="small.toml")
    return caught.value


WRONG = [
    pytest.param("Hi {name}. " + SAFE, "no token {name}", id="a token that does not exist"),
    pytest.param("Hi {first name}. " + SAFE, "a brace", id="a token with a blank"),
    pytest.param("Hi {first_name. " + SAFE, "a brace", id="a token that is not closed"),
    pytest.param("Your ketamine visit? " + SAFE, "'ketamin' reveals", id="the treatment"),
    pytest.param("Your Infusion? " + SAFE, "'Infusi' reveals", id="the treatment in other words"),
    pytest.param("Su inyeccion? " + SAFE, "'inyecci' reveals", id="the treatment in Spanish"),
    pytest.param("Your DEPRESSION? " + SAFE, "'DEPRESS' reveals", id="a diagnosis"),
    pytest.param("Reply YES if well. " + SAFE, "asks for 'YES'", id="a carrier's opt-in word"),
    pytest.param("Text HELP for more. " + SAFE, "asks for 'HELP'", id="a carrier's help word"),
    pytest.param("Reply with 'cancel' to move it. " + SAFE, "asks for 'cancel'", id="a carrier's opt-out word"),
    pytest.param("Responda STOP. " + SAFE, "asks for 'STOP'", id="STOP that does not say what it does"),
    pytest.param(
        "Reply STOP to end texts, reply YES to confirm. " + SAFE, "asks for 'YES'", id="a carrier's word after STOP"
    ),
    pytest.param("How are you? Texts are not monitored 24/7. 911.", "911 and 988", id="no crisis line"),
    pytest.param("How are you? Texts are not monitored 24/7. 988.", "911 and 988", id="no emergency number"),
    pytest.param("How are you? Emergency: 911. Crisis: 988.", "not monitored 24/7", id="it does not say who reads"),
    pytest.param("How are you? " * 20 + SAFE, "segments", id="too long"),
    pytest.param("¿Cómo está? " * 5 + SAFE, "UCS-2", id="too long because of an accent"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_text_that_must_not_leave_is_refused(text: str, words: str) -> None:
    found = refused(MOOD | {"text": {"en": text}})

    assert (found.file, found.step, found.key) == ("small.toml", "next-day mood", "text.en")
    assert words in str(found)


def test_a_spanish_text_is_checked_too() -> None:
    assert refused(MOOD | {"text": MOOD["text"] | {"es": "Hola"}}).key == "text.es"


def test_a_text_without_a_question_is_checked_too() -> None:
    found = refused(SAME_DAY | {"text_without_question": {"en": "Reply YES."}})

    assert found.key == "text_without_question.en"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{name}, reply STOP to end texts.", "no token {name}", id="a token that does not exist"),
        pytest.param("Reply HELP for help.", "asks for 'HELP'", id="a carrier's word"),
        pytest.param("About your infusion.", "reveals", id="the treatment"),
    ],
)
def test_the_words_of_the_first_text_are_checked_too(text: str, words: str) -> None:
    found = refused(MOOD, first_text={"en": text})

    assert (found.step, found.key, words in str(found)) == (None, "first_text.en", True)


def test_the_words_of_the_first_text_count_towards_the_length() -> None:
    long = MOOD | {"text": {"en": "How are you? " * 13 + SAFE}}
    check_texts(small(long), file="small.toml")

    assert "segments" in str(refused(long, first_text={"en": "Reply STOP to end texts. " * 5}))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{clinic}: your visit is {time}.", id="a text that asks nothing names no crisis line"),
        pytest.param("{clinic}: reply STOP to end texts.", id="STOP that says what it does"),
        pytest.param("{clinic}: responda STOP para dejar de recibir.", id="STOP in Spanish"),
        pytest.param("{clinic}: reply C to confirm or R to reschedule.", id="words that carriers leave alone"),
    ],
)
def test_a_text_that_does_no_harm_passes(text: str) -> None:
    check_texts(small(MOOD | {"prompt": "none", "text": {"en": text}}), file="small.toml")


def test_the_shipped_texts_pass() -> None:
    check_texts(shipped(), file="ketamine_infusion.toml")
