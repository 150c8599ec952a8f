"""The words that a patient reads."""

from dataclasses import replace
from datetime import datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.schedule import Language
from followup.rules.schedule_checks import revealing
from followup.rules.segments import count_segments
from followup.rules.wording import (
    LONGEST,
    TOKENS,
    Tokens,
    clean,
    clock_words,
    day_words,
    fill_in,
    name_for_texts,
    render_step,
    texts_of,
    time_words,
)
from tests.rules.schedules import MOOD, SAFE, SAME_DAY, plain, small

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


@pytest.mark.parametrize(
    ("hour", "expected"), [(0, "12:30 AM"), (9, "9:30 AM"), (12, "12:30 PM"), (18, "6:30 PM"), (None, "soon")]
)
def test_an_hour_is_written_as_on_a_clock(hour: int | None, expected: str) -> None:
    assert clock_words(None if hour is None else VISIT.replace(hour=hour), "en") == expected


def test_a_text_tells_when_the_session_ended_and_until_when_after_effects_are_usual() -> None:
    tokens = replace(MARIA, session_day=VISIT, usual_until=VISIT.replace(hour=14))

    assert fill_in("Ended {ended}, usual until {usual_until}.", tokens, "en") == "Ended 10:30 AM, usual until 2:30 PM."
    assert fill_in("{session_day}, {ended}", tokens, "es") == "mie 25 nov, 10:30 AM"


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        pytest.param(time(9), time(20), "9 AM-8 PM", id="full hours"),
        pytest.param(time(8, 30), time(17, 15), "8:30 AM-5:15 PM", id="with minutes"),
        pytest.param(time(0), time(12), "12 AM-12 PM", id="midnight and noon"),
    ],
)
def test_a_text_tells_when_somebody_reads(opens: time, closes: time, expected: str) -> None:
    assert fill_in("Read {hours}.", replace(MARIA, hours=(opens, closes)), "en") == f"Read {expected}."
    assert fill_in("Se leen {hours}.", replace(MARIA, hours=(opens, closes)), "es") == f"Se leen {expected}."


@pytest.mark.parametrize("token", sorted(TOKENS))
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_token_is_filled_in_and_none_is_longer_than_what_texts_are_checked_with(
    token: str, language: Language
) -> None:
    longest = fill_in(f"{{{token}}}", LONGEST, language)
    known = replace(MARIA, session_day=VISIT, appointment_at=VISIT, usual_until=VISIT)

    assert "{" not in longest
    for tokens in (MARIA, known, replace(known, is_discreet=True)):
        assert len(fill_in(f"{{{token}}}", tokens, language)) <= len(longest)


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


# Another way to say it ---------------------------------------------------------------------------------------

DISCREET = replace(MARIA, is_discreet=True)
NUDGED = small(
    MOOD
    | {
        "text_discreet": {"en": f"How is your mood from 0 to 10? {SAFE}"},
        "nudge": {"after": "4h", "text": {"en": "{clinic}: Hi {first_name}, and now?", "es": "{clinic}: y ahora?"}},
    },
    SAME_DAY | {"text_discreet": {"en": f"How do you feel? {SAFE}"}},
    {"name": "driver", "after_end": "0m", "use_by": "2h", "to": "companion", "text": {"en": "{clinic}: please stay."}},
)


def nudged(tokens: Tokens, *, step: str = "next-day mood", wording: str = "question", language: str = "en") -> str:
    return render_step(
        NUDGED, NUDGED.get_step(step), wording=wording, language=language, tokens=tokens, is_first=False
    )[0]


def test_a_nudge_has_its_own_words_in_the_patients_language() -> None:
    assert nudged(MARIA, wording="nudge") == "Riverside Clinic: Hi Maria, and now?"
    assert nudged(MARIA, wording="nudge", language="es") == "Riverside Clinic: y ahora?"


def test_who_wants_it_discreet_reads_the_discreet_text() -> None:
    assert nudged(DISCREET).startswith("How is your mood")
    assert nudged(MARIA).startswith("Riverside Clinic: Hi Maria")


@pytest.mark.parametrize(
    ("step", "wording", "expected"),
    [
        pytest.param("next-day mood", "nudge", "Your clinic: Hi, and now?", id="a nudge"),
        pytest.param("same-day check-in", "statement", "Your clinic: Hi, rest well.", id="a text without its question"),
    ],
)
def test_where_nobody_wrote_a_discreet_text_names_are_left_out(step: str, wording: str, expected: str) -> None:
    text = nudged(DISCREET, step=step, wording=wording)

    assert text.startswith(expected)
    assert "Riverside" not in text and "Maria" not in text


def test_a_discreet_text_in_spanish_is_from_su_clinica() -> None:
    assert nudged(DISCREET, wording="nudge", language="es") == "Su clinica: y ahora?"


def test_a_step_without_other_words_has_its_own() -> None:
    step = BILINGUAL.get_step("same-day check-in")

    for wording in ("question", "nudge"):
        assert texts_of(step, wording, is_discreet=True) == step.text


def test_a_companion_reads_no_words_about_a_patients_first_text() -> None:
    text, _ = render_step(
        NUDGED, NUDGED.get_step("driver"), wording="question", language="en", tokens=MARIA, is_first=True
    )

    assert text == "Riverside Clinic: please stay."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Riverside Clinic", None, id="a name that says nothing"),
        pytest.param("Riverside Ketamine Clinic", "Riverside Clinic", id="the treatment in the name"),
        pytest.param("KETAMINE", "Your clinic", id="nothing but the treatment"),
    ],
)
def test_a_clinics_name_does_not_tell_what_it_treats(name: str, expected: str | None) -> None:
    assert name_for_texts(name, revealing(["ketamin"])) == expected


SHIPPED = [
    pytest.param(step.name, wording, language, id=f"{step.name}, {wording}, {language}")
    for step in plain().steps
    for wording in (["question", "statement"] if step.text_without_question else ["question"])
    for language in ("en", "es")
]


@pytest.mark.parametrize(("name", "wording", "language"), SHIPPED)
def test_every_shipped_text_fits_two_segments_with_the_longest_names(name: str, wording: str, language: str) -> None:
    schedule = plain()
    text, used = render_step(
        schedule, schedule.get_step(name), wording=wording, language=language, tokens=LONGEST, is_first=True
    )

    assert used == language
    assert count_segments(text).encoding == "GSM-7"
    assert count_segments(text).segments <= 2
    assert text.startswith("C" * 40)
    assert "STOP" in text
