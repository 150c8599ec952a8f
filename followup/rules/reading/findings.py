"""What one reader found in a reply, and which of several findings is acted on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from followup.rules.reading.reading import Kind, Level

Label = Literal[
    "danger", "side_effect", "call_at_once", "call_me", "help", "somebody_else", "wrong_person", "stop", "start",
    "question", "worse", "choice", "score", "texts_again", "thanks", "media", "more", "failed", "unclear",
    "like_danger",
]  # fmt: skip

KINDS: Mapping[str, Kind] = {
    "danger": "danger",
    "side_effect": "side_effect",
    "call_at_once": "help",
    "call_me": "help",
    "help": "help",
    "wrong_person": "wrong_person",
    "stop": "stop",
    "start": "start",
    "question": "question",
    "choice": "choice",
    "score": "score",
    "thanks": "thanks",
    "unclear": "unclear",
}
"""What a reply may be acted on as. The other labels only lift its level."""

ORDER: tuple[Label, ...] = (
    "wrong_person", "stop", "start", "call_at_once", "help", "call_me", "choice", "danger", "side_effect", "question",
    "score", "like_danger", "somebody_else", "worse", "texts_again", "thanks", "media", "more", "unclear", "failed",
)  # fmt: skip
"""In which they are acted on; what is urgent comes before all that is not (facts/clinical 2.1).

Against that list a request to stop stands before what is a mere concern, which a human sees all the same; and a choice
before a question: the question is said in the reasons, the choice would be lost.
"""
MILD = ORDER.index("score") + 0.5
"""Where a routine after-effect stands: behind a rating."""


@dataclass(frozen=True)
class Finding:
    label: Label
    level: Level
    reasons: tuple[str, ...]
    """In words for staff; they describe the text, never the person."""
    spans: tuple[tuple[int, int], ...]
    language: str = ""


def most_pressing_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[bool, float]:
    if finding.level == "urgent" and finding.label == "danger":
        return False, -1
    mild = finding.label == "side_effect" and finding.level == "routine"
    return finding.level != "urgent", MILD if mild else ORDER.index(finding.label)
