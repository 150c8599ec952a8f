"""Reads the files that the readers of replies need: the danger words and the second reader's weights.

Neither may be missing. A caller who meets NoReader reads on with what is left, makes every reply at least a concern,
and says so to those who run the service.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from followup.rules.reading.danger_words import DangerWordsMistake, Grammar, lay_over, read_grammar
from followup.rules.reading.second_reader import SecondReader, read_weights

DANGER_WORDS = "danger_words.toml"
SHIPPED = Path(__file__).parents[1] / "schedules"
WEIGHTS = Path(__file__).parent / "rules" / "reading" / "second_reader.json"


class NoReader(Exception):
    """A reader of replies has no usable file: put the named file right and start again."""

    def __init__(self, *, file: str, words: str, otherwise: Grammar | None = None) -> None:
        super().__init__(f"{file}: {words}")
        self.file = file
        self.words = words
        self.otherwise = otherwise
        """The built-in words, where only a clinic's own file is broken: better read by those than by none."""


def load_danger_words(folder: Path, *, clinic: str | None = None) -> Grammar:
    """The grammar of this folder of schedules, with the clinic's own words on top where it has any.

    `clinic` is its slug: its file is `schedules/<slug>/danger_words.toml`. Raises NoReader.
    """
    given = _parsed(shipped_unless(folder, DANGER_WORDS), DANGER_WORDS)
    try:
        grammar = read_grammar(given, file=DANGER_WORDS)
    except DangerWordsMistake as mistake:
        raise NoReader(file=mistake.file, words=f"{mistake.key}: {mistake.words}") from mistake
    own = folder / clinic / DANGER_WORDS if clinic else None
    if own is None or not own.exists():
        return grammar
    name = f"{clinic}/{DANGER_WORDS}"
    try:
        return lay_over(grammar, _parsed(own, name), file=name, groups_from=given)
    except DangerWordsMistake as mistake:
        raise NoReader(file=name, words=f"{mistake.key}: {mistake.words}", otherwise=grammar) from mistake
    except NoReader as broken:
        raise NoReader(file=name, words=broken.words, otherwise=grammar) from broken


def shipped_unless(folder: Path, name: str) -> Path:
    """The folder's own file of that name; where it has none, the one that ships."""
    return folder / name if (folder / name).exists() else SHIPPED / name


def load_second_reader(file: Path = WEIGHTS) -> SecondReader:
    """Raises NoReader."""
    try:
        return read_weights(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:  # WeightsMistake, no JSON and no UTF-8 are all ValueErrors
        raise NoReader(file=file.name, words=str(error)) from error


def _parsed(file: Path, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise NoReader(file=name, words=f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise NoReader(file=name, words=f"is no TOML: {error}") from error
