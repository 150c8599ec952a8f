"""The words of a reply for patterns (`patterns.py`) to be looked for, and books of such patterns by name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from followup.rules.reading.finding import Sentence, find_pattern, keys_of
from followup.rules.reading.folding import is_near
from followup.rules.reading.normal import Normal, Token
from followup.rules.reading.patterns import Element, Pattern, choice, first_words, needed_words, read_pattern, words_of


@dataclass(frozen=True)
class Spoken:
    """Words and numbers only, each with its place."""

    tokens: tuple[Token, ...]
    places: tuple[int, ...]
    """Where each stands among all tokens of the reply."""
    sentence: Sentence

    def span(self, start: int, end: int) -> tuple[int, int]:
        """What the words [start, end) are in the reply as it came."""
        return self.tokens[start].start, self.tokens[end - 1].end

    def covered(self, start: int, end: int) -> frozenset[int]:
        return frozenset(self.places[start:end])


@dataclass(frozen=True)
class Said:
    """A phrase that was found: the words [start, end)."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Way:
    name: str
    pattern: Pattern
    needed: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Book:
    """Ways to say things, by name."""

    ways: Sequence[Way]
    fillers: Set[str] = frozenset()

    @cached_property
    def by_word(self) -> Mapping[str, Sequence[Way]]:
        found: dict[str, list[Way]] = {}
        for way in self.ways:
            for word in first_words(way.pattern):
                found.setdefault(word, []).append(way)
        return found

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Every beginning of words that is looked for anywhere, with its `*`."""
        return frozenset(word for way in self.ways for word in words_of(way.pattern) if word.endswith("*"))

    def find(self, spoken: Spoken) -> Iterator[Said]:
        """All that is said, in the order of the words; of one name at one place the longest."""
        sentence = spoken.sentence
        said = frozenset(key for keys in sentence.keys for key in keys)
        for at, keys in enumerate(sentence.keys):
            longest: dict[str, int] = {}
            for way in (way for key in keys for way in self.by_word.get(key, ())):
                if any(needed.isdisjoint(said) for needed in way.needed):
                    continue
                end = find_pattern(way.pattern, sentence, at)
                if end is not None and end > longest.get(way.name, at):
                    longest[way.name] = end
            for name, end in longest.items():
                yield Said(name, at, end)


def make_book(
    ways: Mapping[str, str | Iterable[str]], *, groups: Mapping[str, str] | None = None, fillers: str = ""
) -> Book:
    """From lines of patterns. Raises PatternMistake."""
    known: dict[str, Element] = {}
    for name, text in (groups or {}).items():
        known[name] = choice([read_pattern(f"({text})", known)])
    patterns = (
        (name, read_pattern(line.strip(), known))
        for name, lines in ways.items()
        for line in _lines(lines)
        if line.strip()
    )
    read = tuple(Way(name, pattern, needed_words(pattern)) for name, pattern in patterns)
    return Book(read, frozenset(fillers.split()))


def _lines(lines: str | Iterable[str]) -> Iterable[str]:
    """A line that ends with `|` goes on in the next."""
    return re.sub(r"\|\s*\n\s*", "|", lines).splitlines() if isinstance(lines, str) else lines


def speak(
    normal: Normal, *books: Book, mended: frozenset[str] = frozenset(), ordinary: Set[str] = frozenset()
) -> Spoken:
    """The words for these books to be looked for in, with the filler words of the first.

    `mended` are words whose typos are made good, `ordinary` words near those that are words of their own.
    """
    tokens: list[Token] = []
    places: list[int] = []
    breaks: list[int] = [0]
    for nth, token in enumerate(normal.tokens):
        if token.kind in {"word", "number"}:
            tokens.append(token)
            places.append(nth)
            breaks.append(0)
        else:
            breaks[-1] = max(breaks[-1], ("none", "weak", "strong").index(normal.break_at(nth)))
    breaks[-1] = 2
    words = [token.word if token.word in ordinary else _nearest(token.word, mended) for token in tokens]
    prefixes = frozenset[str]().union(*(book.prefixes for book in books))
    keys = [keys_of(word, prefixes) for word in words]
    return Spoken(tuple(tokens), tuple(places), Sentence(words, breaks, keys, books[0].fillers))


@lru_cache(maxsize=8192)
def _nearest(word: str, mended: frozenset[str]) -> str:
    """The word that this is a typo of: first letter right, one letter wrong, two in a long word."""
    if len(word) < 5 or word in mended or word[0].isdigit():
        return word
    for wanted in sorted(mended):
        most = 2 if len(wanted) >= 8 else 1
        if word[0] == wanted[0] and abs(len(word) - len(wanted)) <= most and is_near(word, wanted, most):
            return wanted
    return word
