"""What a reply means, as a value."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "score",
    "choice",
    "stop",
    "start",
    "help",
    "danger",
    "side_effect",
    "question",
    "thanks",
    "wrong_person",
    "unclear",
]
Level = Literal["urgent", "concern", "routine"]
Prompt = Literal["same_day", "mood", "appointment", "none"]


@dataclass(frozen=True)
class Reading:
    kind: Kind
    value: float | int | str | None
    """A score from 0 to 10; `confirm`, `reschedule` or `decline` of a choice; else None."""
    level: Level
    """`routine`: filed and visible, nobody has to look. Everything that is not provably that is more."""
    reasons: tuple[str, ...]
    """In words for staff; they describe the text, never the person."""
    spans: tuple[tuple[int, int], ...]
    """[start, end) of what moved the reader, in characters of the reply as it came."""
    language: str
    reader: str
    """Which reader, in which version."""
