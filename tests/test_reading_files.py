"""The files of the readers: what is wrong in one is said with its name and key."""

import json
import shutil
import time
from pathlib import Path

import pytest

from followup.reading_files import DANGER_WORDS, NoReader, load_danger_words, load_second_reader
from followup.rules.reading.danger import find_danger
from followup.rules.reading.danger_words import Grammar
from followup.rules.reading.normal import normalise
from tests.reading import SCHEDULES_FOLDER

LOWERS = """
[[lower]]
says = "(kms|ctb|sewerslide|sewercide|unalive|unaliving|unalived|unaliv*)"
reason = "Our bus line is called CTB"
by = "Dr Lee"
"""
ADDS = """
[[add]]
family = "means"
language = "en"
level = "urgent"
says = ["down by the old quarry"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(SCHEDULES_FOLDER / DANGER_WORDS, tmp_path)
    (tmp_path / "north").mkdir()
    return tmp_path


def level_of(text: str, grammar: Grammar) -> str:
    return max((each.level for each in find_danger(normalise(text), grammar)), default="none")


def test_a_clinic_adds_words_of_its_own(folder: Path) -> None:
    (folder / "north" / DANGER_WORDS).write_text(ADDS)

    assert level_of("I am down by the old quarry", load_danger_words(folder, clinic="north")) == "urgent"
    assert level_of("I am down by the old quarry", load_danger_words(folder, clinic="south")) == "none"


def test_a_clinic_lowers_one_phrase_with_a_reason_and_a_name(folder: Path) -> None:
    (folder / "north" / DANGER_WORDS).write_text(LOWERS)
    grammar = load_danger_words(folder, clinic="north")

    [danger] = find_danger(normalise("waiting at the ctb"), grammar)

    assert danger.level == "concern"
    assert danger.lowered == "lowered by the clinic: Our bus line is called CTB (Dr Lee)"
    assert level_of("ctb thoughts, I want to die", grammar) == "urgent"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[remove]]\nsays = "ctb"', "remove"),
        (LOWERS.replace("Our bus line is called CTB", "noise"), "lower.0.reason"),
        (LOWERS.replace('by = "Dr Lee"', ""), "lower.0.by"),
        (LOWERS.replace("kms|ctb", "kms"), "lower.0.says"),
        (ADDS.replace("means", "weapons"), "add.0.family"),
        (ADDS.replace('"urgent"', '"routine"'), "add.0.level"),
        (ADDS.replace("the old quarry", "(the old quarry"), "add.0.says.0"),
        ("[[add", "no TOML"),
    ],
)
def test_a_mistake_names_file_and_key_and_leaves_the_built_in_words(folder: Path, text: str, words: str) -> None:
    (folder / "north" / DANGER_WORDS).write_text(text)

    with pytest.raises(NoReader) as mistake:
        load_danger_words(folder, clinic="north")

    assert str(mistake.value).startswith(f"north/{DANGER_WORDS}: ")
    assert words in str(mistake.value)
    assert mistake.value.otherwise is not None
    assert level_of("I want to die", mistake.value.otherwise) == "urgent"


def test_broken_words_are_named(tmp_path: Path) -> None:
    (tmp_path / DANGER_WORDS).write_text("family = ")

    with pytest.raises(NoReader, match=DANGER_WORDS):
        load_danger_words(tmp_path)


def test_a_folder_without_words_of_its_own_reads_by_those_that_ship(tmp_path: Path) -> None:
    found = find_danger(normalise("I want to kill myself"), load_danger_words(tmp_path))

    assert "urgent" in {each.level for each in found}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"features": {"a": 1}}', "\0"])
def test_broken_weights_are_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "second_reader.json"
    file.write_text(text)

    with pytest.raises(NoReader, match=r"second_reader\.json"):
        load_second_reader(file)


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoReader, match="gone"):
        load_second_reader(tmp_path / "gone.json")


def test_thresholds_out_of_order_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "second_reader.json"
    file.write_text(
        json.dumps(
            {
                "version": "1",
                "start": 0,
                "concern_from": 0.9,
                "agrees_from": 0.9,
                "urgent_from": 0.8,
                "features": {"w a": [1, 1]},
            }
        )
    )
    with pytest.raises(NoReader, match="thresholds"):
        load_second_reader(file)


def test_both_are_loaded_in_half_a_second() -> None:
    """The quickest of three: what the machine does besides only ever adds."""
    spent: list[float] = []
    for _ in range(3):
        before = time.process_time()
        load_danger_words(SCHEDULES_FOLDER)
        load_second_reader()
        spent.append(time.process_time() - before)

    assert min(spent) < 0.5
