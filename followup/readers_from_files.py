"""All readers of replies, from their files. One that cannot be used is left out and logged; the others still read."""

import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import structlog

from followup.reading_files import NoReader, load_danger_words, load_second_reader, shipped_unless
from followup.rules.reading.readers import Readers
from followup.rules.reading.side_effect_words import SideEffectWords, SideEffectWordsMistake, read_side_effect_words

log = structlog.get_logger()

SIDE_EFFECT_WORDS = "side_effect_words.toml"

Reader = TypeVar("Reader")


@lru_cache(maxsize=64)
def load_readers(folder: Path, clinic: str | None = None) -> Readers:
    """Of this folder of schedules, with the clinic's own words on top; read once."""
    return Readers(
        danger=_usable(lambda: load_danger_words(folder, clinic=clinic)),
        second=_usable(load_second_reader),
        side_effects=_usable(lambda: load_side_effect_words(folder)),
    )


def load_side_effect_words(folder: Path) -> SideEffectWords:
    """Raises NoReader."""
    try:
        given = tomllib.loads(shipped_unless(folder, SIDE_EFFECT_WORDS).read_text(encoding="utf-8"))
        return read_side_effect_words(given, file=SIDE_EFFECT_WORDS)
    except SideEffectWordsMistake as mistake:
        raise NoReader(file=mistake.file, words=f"{mistake.key}: {mistake.words}") from mistake
    except (OSError, ValueError) as error:  # no TOML and no UTF-8 are ValueErrors
        raise NoReader(file=SIDE_EFFECT_WORDS, words=f"cannot be read: {error}") from error


def _usable(load: Callable[[], Reader]) -> Reader | None:
    """None: it is missing. Where only a clinic's own words are broken, the built-in ones still read."""
    try:
        return load()
    except NoReader as missing:
        log.error("reader_missing", file=missing.file, words=missing.words)
        return missing.otherwise  # pyright: ignore[reportReturnType] - a grammar, where it is one that was loaded.
