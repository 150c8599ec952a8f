"""The texts that answer a patient: what they must say, what none of them may promise."""

import re
from pathlib import Path
from typing import Any

import pytest

from followup.rules.schedule import ScheduleMistake
from followup.rules.schedule_checks import revealing
from followup.rules.segments import count_segments
from followup.rules.standard_texts import (
    NAMES_CRISIS_LINES,
    StandardText,
    StandardTexts,
    read_standard_texts,
    render_standard_text,
)
from followup.rules.wording import LONGEST, Tokens, fill_in
from followup.schedule_files import SHIPPED, read_texts

REVEALS = revealing(["ketamin", "infusi", "depress"])
SAFE = "Texts are not monitored 24/7. Emergency: 911. Crisis: call or text 988."
NAMES = sorted(name for name in StandardTexts.model_fields if name != "stop_confirmation")


def given(**changes: Any) -> dict[str, Any]:
    """A file of the shortest texts that are allowed."""
    return {name: {"en": SAFE, "es": f"{SAFE} (es)"} for name in NAMES} | changes


def mistake(**changes: Any) -> str:
    with pytest.raises(ScheduleMistake) as caught:
        read_standard_texts(given(**changes), file="standard_texts.toml", reveals=REVEALS)
    return str(caught.value)


# The file ------------------------------------------------------------------------------------------------


def test_a_file_with_every_text_is_read() -> None:
    texts = read_standard_texts(given(), file="standard_texts.toml", reveals=REVEALS)

    assert sorted(texts.named()) == NAMES
    assert texts.stop_confirmation == "carrier"


@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_is_missing_is_named(name: str) -> None:
    without = given()
    del without[name]
    with pytest.raises(ScheduleMistake, match=rf"^standard_texts.toml: {name}: Field required"):
        read_standard_texts(without, file="standard_texts.toml", reveals=REVEALS)


@pytest.mark.parametrize("name", NAMES)
def test_english_is_never_missing(name: str) -> None:
    assert mistake(**{name: {"es": SAFE}}).startswith(f"standard_texts.toml: {name}.en: ")


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"greeting": {"en": "x"}}, "greeting"),
        ({"thanks": {"en": "x", "fr": "x"}}, "thanks.fr"),
        ({"thanks": {"en": ""}}, "thanks.en"),
        ({"thanks": "x"}, "thanks"),
        ({"thanks": {"en": 7}}, "thanks.en"),
    ],
)
def test_what_is_not_known_or_empty_is_named(changes: dict[str, Any], key: str) -> None:
    assert mistake(**changes).startswith(f"standard_texts.toml: {key}: ")


@pytest.mark.parametrize("policy", ["ours", "none", "both", ""])
def test_stop_is_confirmed_by_the_carrier_and_nobody_else(policy: str) -> None:
    assert "only `carrier`" in mistake(stop_confirmation=policy)


def test_the_version_is_of_the_words_and_not_of_the_order() -> None:
    def version(told: dict[str, Any]) -> str:
        return read_standard_texts(told, file="x", reveals=REVEALS).version

    assert version(given()) == version(dict(reversed(given().items())))
    assert version(given()) != version(given(thanks={"en": "Thank you."}))


# The words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", NAMES_CRISIS_LINES)
@pytest.mark.parametrize("line", ["911", "988"])
def test_no_clinic_can_take_the_crisis_lines_out(name: str, language: str, line: str) -> None:
    texts = {"en": SAFE, "es": SAFE} | {language: SAFE.replace(line, "---")}

    assert mistake(**{name: texts}) == f"standard_texts.toml: {name}.{language}: names not both 911 and 988"


def test_an_urgent_after_effect_names_911() -> None:
    assert mistake(after_effect_urgent={"en": "Call us."}).endswith("after_effect_urgent.en: does not name 911")


@pytest.mark.parametrize(
    "promise",
    [
        "We will call you.",
        "We'll call soon.",
        "A nurse will call you within an hour.",
        "Somebody is watching.",
        "Our team has been alerted.",
        "This line is monitored 24/7.",
        "We’ll call soon.",
        "Somebody will contact you.",
        "Le llamaremos en una hora.",
        "Una enfermera la llamara.",
        "Estamos pendientes.",
    ],
)
@pytest.mark.parametrize("name", ["urgent", "thanks"])
def test_nothing_is_promised_that_nobody_can_keep(name: str, promise: str) -> None:
    assert "promises what nobody can keep" in mistake(**{name: {"en": f"{SAFE} {promise}"}})


def test_that_nobody_reads_at_night_is_no_promise() -> None:
    read_standard_texts(given(urgent={"en": "This line is not monitored 24/7. 911, 988."}), file="x", reveals=REVEALS)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("about your ketamine", "'ketamin' reveals the treatment or a diagnosis"),
        ("for depression", "'depress' reveals"),
        ("Dear {last_name}", "no token {last_name}: a full name never stands in a text"),
        ("Your score: {score}", "no token {score}: what the patient answered never stands in a text"),
        ("Hi {nickname}", "no token {nickname}"),
        ("Hi {first_name", "a brace that belongs to no token"),
        ("You said you are well", "echoes what the patient answered"),
        ("Reply YES to go on", "asks for 'YES' as an answer"),
        ("Reply STOP", "asks for 'STOP' as an answer"),
        ("Born 04/01/1980", "may be a date of birth"),
    ],
)
def test_what_no_text_may_say_no_answer_says(words: str, why: str) -> None:
    assert why in mistake(thanks={"en": words})


def test_stop_may_be_named_as_the_way_to_end_texts() -> None:
    read_standard_texts(given(help={"en": f"{SAFE} Reply STOP to end texts."}), file="x", reveals=REVEALS)


@pytest.mark.parametrize("text", ["x" * 307, "{clinic} {clinic_phone} " + "x" * 260, "ñandú " * 12 + "ü✓" * 60])
def test_more_than_two_segments_are_too_long(text: str) -> None:
    assert "segments" in mistake(thanks={"en": text})


# Rendering -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "used"), [("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("en", "en"), ("fr", "en"), ("", "en")]
)
def test_it_is_in_the_patients_language_where_there_is_one(language: str, used: str) -> None:
    text = StandardText(en="Thank you, {first_name}.", es="Gracias, {first_name}.")
    words = {"en": "Thank you, Maria.", "es": "Gracias, Maria."}

    assert render_standard_text(text, language=language, tokens=Tokens(first_name="Maria", clinic="R")) == (
        words[used],
        used,
    )


def test_spanish_falls_back_to_english_visibly() -> None:
    assert render_standard_text(
        StandardText(en="Thank you."), language="es", tokens=Tokens(first_name=None, clinic="R")
    ) == ("Thank you.", "en")


def test_a_discreet_patient_reads_no_names() -> None:
    text = StandardText(en="{clinic}: Hi {first_name}, thank you.")
    tokens = Tokens(first_name="Maria", clinic="Riverside", is_discreet=True)

    assert render_standard_text(text, language="en", tokens=tokens)[0] == "Your clinic: Hi, thank you."


def test_what_a_name_holds_is_never_a_token() -> None:
    """Whoever is called {clinic} in the record is not."""
    tokens = Tokens(first_name="{clinic_phone}", clinic="Riverside", clinic_phone="+12125550100")

    assert "+1212" not in render_standard_text(StandardText(en="Hi {first_name}."), language="en", tokens=tokens)[0]


# What ships ----------------------------------------------------------------------------------------------


def shipped() -> list[Any]:
    texts = read_texts(SHIPPED).named().items()
    return [pytest.param(n, lang, t, id=f"{n} {lang}") for n, each in texts for lang, t in each.texts().items()]


@pytest.mark.parametrize(("name", "language", "text"), shipped())
def test_every_shipped_text_fits_into_two_segments_of_the_small_alphabet(name: str, language: Any, text: str) -> None:
    counted = count_segments(fill_in(text, LONGEST, language))

    assert (counted.encoding, counted.segments <= 2) == ("GSM-7", True), f"{name}: {counted}"


def test_every_shipped_text_is_written_in_both_languages() -> None:
    assert [name for name, each in read_texts(SHIPPED).named().items() if each.es is None] == []


def test_the_texts_that_ship_read_alike_in_both_languages_where_it_counts() -> None:
    """The same numbers and the same tokens: nobody gets less for writing Spanish."""
    for name, each in read_texts(SHIPPED).named().items():
        marks = [set(re.findall(r"\b(?:911|988)\b|\{clinic_phone\}", text)) for text in each.texts().values()]
        assert marks[0] == marks[-1], name


def test_the_folder_of_the_tests_may_be_anywhere(tmp_path: Path) -> None:
    """What a folder does not hold comes from what ships."""
    assert read_texts(tmp_path) == read_texts(SHIPPED)
