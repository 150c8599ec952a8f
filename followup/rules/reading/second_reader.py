"""A second reader that knows no list of phrases: letters and words weighed by what lines of danger have in common.

TF-IDF over words and pieces of words, and a logistic regression, trained by `tests/readers/train.py`; what is kept of
it are numbers in `second_reader.json`. It lifts a reply to `concern`, and one that speaks of the writer and scores very
high to `urgent`. It never lowers. It is no measure of risk (MODEL_CARD.md).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any, Literal

from followup.rules.reading.normal import Normal, Token
from followup.rules.reading.phrase import words_in

MOST_SHOWN = 5
"""Words that are named as having moved it."""
LONGEST_PIECE = 5
SPEAKER = words_in("i me my myself mine yo mi mis conmigo mio estoy quiero voy tengo soy siento puedo")
"""Words by which a writer speaks of themselves."""


class WeightsMistake(ValueError):
    """The weights of the second reader cannot be used: train it again (`tests/readers/train.py`)."""


@dataclass(frozen=True)
class Weights:
    idf: float
    moves: float


@dataclass(frozen=True)
class SecondReader:
    version: str
    features: Mapping[str, Weights]
    start: float
    """What an empty text scores, before the curve."""
    concern_from: float
    """From this score on a reply is a concern,"""
    urgent_from: float
    """and from this one on urgent, where the writer speaks of themselves;"""
    agrees_from: float
    """from this one on where the grammar has found words of death, harm or despair beside it."""


@dataclass(frozen=True)
class Opinion:
    score: float
    """0 to 1, of use only beside the thresholds: it is no probability of anything."""
    level: Literal["urgent", "concern", "none"]
    spans: tuple[tuple[int, int], ...]
    """The words that moved it most, [start, end) in the text as it came, in order."""


def read_weights(given: Mapping[str, Any]) -> SecondReader:
    """From the file's JSON. Raises WeightsMistake."""
    try:
        features = {name: Weights(float(idf), float(moves)) for name, (idf, moves) in given["features"].items()}
        reader = SecondReader(
            version=str(given["version"]),
            features=features,
            start=float(given["start"]),
            concern_from=float(given["concern_from"]),
            urgent_from=float(given["urgent_from"]),
            agrees_from=float(given["agrees_from"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsMistake(f"the weights are not as they should be: {error!r}") from None
    if not features or not 0 < reader.concern_from <= reader.agrees_from <= reader.urgent_from <= 1:
        raise WeightsMistake("the weights are empty, or the thresholds are not 0 < concern <= agrees <= urgent <= 1")
    return reader


def second_opinion(normal: Normal, reader: SecondReader, *, beside_words: bool = False) -> Opinion:
    """The same for the same text.

    `beside_words`: the grammar has found something that nothing lowers; two readers that agree are urgent sooner.
    """
    words = _words(normal)
    moved = _moved(words, reader)
    score = 1 / (1 + exp(-(reader.start + sum(moved.values()))))
    if score < reader.concern_from:
        return Opinion(score, "none", ())
    speaks_of_self = any(token.word in SPEAKER for token in words)
    urgent_from = min(reader.agrees_from, reader.urgent_from) if beside_words else reader.urgent_from
    level = "urgent" if score >= urgent_from and speaks_of_self else "concern"
    return Opinion(score, level, _spans(words, moved))


def features(words: list[Token]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Each feature with the places of the words that it is made of: words, pairs, threes, and pieces of words."""
    plain = [token.word if token.kind == "word" else "0" for token in words]
    for at, word in enumerate(plain):
        yield f"w {word}", (at,)
        if at + 1 < len(plain):
            yield f"w {word} {plain[at + 1]}", (at, at + 1)
        if at + 2 < len(plain):
            yield f"w {word} {plain[at + 1]} {plain[at + 2]}", (at, at + 1, at + 2)
            yield f"w {word} _ {plain[at + 2]}", (at, at + 2)
        edged = f"<{word}>"
        for length in range(3, LONGEST_PIECE + 1):
            for start in range(len(edged) - length + 1):
                yield f"c {edged[start : start + length]}", (at,)


def _words(normal: Normal) -> list[Token]:
    return [token for token in normal.tokens if token.kind in {"word", "number"}]


def _moved(words: list[Token], reader: SecondReader) -> dict[int, float]:
    """How far each word moved the score: a feature's share is split among its words."""
    known = [(name, places) for name, places in features(words) if name in reader.features]
    counts = Counter(name for name, _ in known)
    sizes = {name: (1 + log(count)) * reader.features[name].idf for name, count in counts.items()}
    length = sqrt(sum(size * size for size in sizes.values())) or 1.0
    moved: dict[int, float] = {}
    for name, places in known:
        share = sizes[name] / length * reader.features[name].moves / counts[name] / len(places)
        for place in places:
            moved[place] = moved.get(place, 0.0) + share
    return moved


def _spans(words: list[Token], moved: Mapping[int, float]) -> tuple[tuple[int, int], ...]:
    most = sorted(moved, key=lambda place: (-moved[place], place))[:MOST_SHOWN]
    return tuple(sorted({(words[place].start, words[place].end) for place in most if moved[place] > 0}))
