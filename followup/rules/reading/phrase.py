"""One way to say something, as a pattern over a folded reply (`folding.py`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Counts = Callable[[str, str], bool]
"""Whether a phrase counts between these words before and after it in its clause."""


@dataclass(frozen=True)
class Phrase:
    """It lies within one clause."""

    pattern: re.Pattern[str]
    counts: Counts
    kind: Literal["stop", "wrong_person"] = "stop"
    is_sure: bool = True
    """False where it may well be meant otherwise."""
    language: str = "en"


def always(_before: str, _after: str) -> bool:
    return True


def one_of(words: str) -> str:
    """A pattern for one of these words; a `_` is a blank in what belongs together."""
    return "(?:" + "|".join(words.split()).replace("_", " ") + ")"


def some_of(words: str, *, most: int) -> str:
    """A pattern for up to so many of these words, each followed by a blank."""
    return f"(?:{one_of(words)} ){{0,{most}}}"


def words_in(*lines: str) -> frozenset[str]:
    """All words of these lines; a `_` is a blank in what belongs together."""
    return frozenset(word.replace("_", " ") for line in lines for word in line.split())
