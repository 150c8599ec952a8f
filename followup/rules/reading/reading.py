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
LEVELS: tuple[Level, ...] = ("urgent", "concern", "routine")
"""The most urgent first."""


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
    labels: tuple[str, ...] = ()
    """All that was read, the most pressing first; the kind is what is acted on."""
    low: float | None = None
    """The low end of a score that is a range, for alarms; else the score."""
    asks_again: bool = False
    """A number was asked for and none can be told: the patient may be asked once again."""
    is_odd: bool = False
    """A score that was not simply a number."""
    failed: tuple[str, ...] = ()
    """The readers that failed or lacked their file: a technical warning."""

    @property
    def score(self) -> float | None:
        return None if self.value is None or isinstance(self.value, str) else float(self.value)


def more_urgent(one: Level, other: Level) -> Level:
    return one if LEVELS.index(one) <= LEVELS.index(other) else other
