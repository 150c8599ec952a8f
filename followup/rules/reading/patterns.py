"""A small language for ways to say something, read word by word; `schedules/danger_words.toml` is written in it.

    want to die          these words in this order; filler words (`just`, `really`) may stand between them
    (die|be dead)        one of these
    {want}               one of the entries of the group `want`
    my? (own|very)?      may be there or not
    suicid*              any word that begins so
    ..                   up to four other words of the same sentence
    #                    a number
    ##                   a number of two or more digits
    ^  $                 the beginning or the end of a clause
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

GAP = 4
FILLERS_IN_A_ROW = 3
SHORT_CLAUSE = 2
PIECE = re.compile(r"\s*(?:(\()|(\))|(\|)|(\?)|(\.\.)|\{(\w+)\}|(\^)|(\$)|(##?)|([^\W_]+\*?))")


class PatternMistake(ValueError):
    """A pattern that cannot be read, in words for its author."""


@dataclass(frozen=True)
class Element:
    """One step of a pattern."""

    kind: str
    """`word`, `prefix`, `choice`, `gap`, `number`, `large number`, `start`, `end`."""
    word: str = ""
    ways: "tuple[tuple[Element, ...], ...]" = ()
    optional: bool = False
    by_word: "Mapping[str, tuple[tuple[Element, ...], ...]]" = field(default_factory=dict, compare=False)
    """The ways of a choice by their first word (`first_words`)."""


Pattern = tuple[Element, ...]


@dataclass(frozen=True)
class Sentence:
    """The words that patterns are matched against."""

    words: Sequence[str]
    breaks: Sequence[int]
    """Before each word, and after the last: 0 nothing, 1 the end of a clause, 2 the end of a sentence."""
    fillers: Set[str]
    found: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    """Where a choice ends that begins at a word, once it is known: groups are looked for again and again."""


# Reading a pattern -------------------------------------------------------------------------------------------


def read_pattern(text: str, groups: Mapping[str, Element]) -> Pattern:
    """Raises PatternMistake."""
    pieces = _pieces(text)
    pattern, at = _read_ways(pieces, 0, groups)
    if at < len(pieces):
        raise PatternMistake("a `)` too many")
    if len(pattern) > 1:
        return (choice(pattern),)
    if all(element.optional or element.kind in {"gap", "start", "end"} for element in pattern[0]):
        raise PatternMistake("says nothing: at least one word must be there")
    return pattern[0]


def choice(ways: Sequence[Pattern]) -> Element:
    """One of these."""
    by_word: dict[str, list[Pattern]] = {}
    for way in ways:
        for word in first_words(way):
            by_word.setdefault(word, []).append(way)
    return Element("choice", ways=tuple(ways), by_word={key: tuple(some) for key, some in by_word.items()})


def one_of(patterns: Sequence[Pattern]) -> Pattern:
    """Any of these patterns; of none, nothing is ever found."""
    return (choice(patterns),)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = PIECE.match(text, at)
        if found is None:
            raise PatternMistake(f"cannot be read from {text[at:].strip()!r} on")
        pieces.append(found.group().strip())
        at = found.end()
    return pieces


def _read_ways(pieces: list[str], at: int, groups: Mapping[str, Element]) -> tuple[list[Pattern], int]:
    """All ways up to the closing bracket or the end."""
    ways: list[Pattern] = []
    way: list[Element] = []
    while at < len(pieces) and pieces[at] != ")":
        piece = pieces[at]
        at += 1
        if piece == "|":
            ways.append(_whole(way))
            way = []
            continue
        if piece == "(":
            inner, at = _read_ways(pieces, at, groups)
            if at == len(pieces):
                raise PatternMistake("a `(` is never closed")
            element, at = choice(inner), at + 1
            if any(step.kind == "gap" for way in inner for step in (way[0], way[-1])):
                raise PatternMistake("`..` cannot stand at the end of a bracket; write it outside")
        elif piece == "?":
            raise PatternMistake("`?` stands after nothing")
        else:
            element = _element(piece, groups)
        if at < len(pieces) and pieces[at] == "?":
            at += 1
            element = Element(element.kind, element.word, element.ways, optional=True, by_word=element.by_word)
        way.append(element)
    return [*ways, _whole(way)], at


def _whole(way: list[Element]) -> Pattern:
    if not way:
        raise PatternMistake("one of the ways is empty; write `(this|that)?` for what may be missing")
    return tuple(way)


def _element(piece: str, groups: Mapping[str, Element]) -> Element:
    if piece.startswith("{"):
        if piece[1:-1] not in groups:
            raise PatternMistake(f"the group {piece} is not known (a group must stand above where it is used)")
        return groups[piece[1:-1]]
    kinds = {"..": "gap", "#": "number", "##": "large number", "^": "start", "$": "end"}
    if piece in kinds:
        return Element(kinds[piece])
    return Element("prefix", piece[:-1]) if piece.endswith("*") else Element("word", piece)


ANY = "*"
"""Stands for every word."""


def first_words(pattern: Pattern) -> frozenset[str]:
    """The words that it may begin with; ANY among them where they cannot be told."""
    found: set[str] = set()
    for element in pattern:
        if element.kind == "word":
            found.add(element.word)
        elif element.kind == "choice":
            found.update(element.by_word)
        elif element.kind != "start":
            found.add(ANY)
        if not element.optional and element.kind != "start":
            return frozenset(found)
    return frozenset(found | {ANY})


def words_of(pattern: Pattern) -> Iterator[str]:
    """Every plain word in it."""
    for element in pattern:
        if element.kind == "word":
            yield element.word
        for way in element.ways:
            yield from words_of(way)


# Finding it --------------------------------------------------------------------------------------------------


def find_pattern(pattern: Pattern, sentence: Sentence, at: int) -> int | None:
    """Where the longest match that begins at this word ends; None if there is none."""
    return max(_ends(pattern, 0, sentence, at, first=True), default=None)


def _ends(pattern: Pattern, step: int, sentence: Sentence, at: int, *, first: bool = False) -> Iterator[int]:
    if step == len(pattern):
        yield at
        return
    element = pattern[step]
    if element.optional:
        yield from _ends(pattern, step + 1, sentence, at, first=first)
    if element.kind == "gap":
        yield from _after_gap(pattern, step, sentence, at)
        return
    if element.kind in {"start", "end"}:
        if sentence.breaks[at] > 0 or (element.kind == "start" and at == 0):
            yield from _ends(pattern, step + 1, sentence, at, first=first)
        return
    for begin in _starts(sentence, at, first=first):
        for end in _steps(element, sentence, begin):
            yield from _ends(pattern, step + 1, sentence, end)


def _starts(sentence: Sentence, at: int, *, first: bool) -> Iterator[int]:
    """Where the next element may begin: here, or after some filler words."""
    for begin in range(at, min(at + FILLERS_IN_A_ROW + 1, len(sentence.words))):
        if not first and begin > 0 and not _runs_on(sentence, begin):
            return
        yield begin
        if first or sentence.words[begin] not in sentence.fillers:
            return


def _runs_on(sentence: Sentence, at: int) -> bool:
    """Whether this word goes on with what was said before it: `i want. to. die.` does."""
    if sentence.breaks[at] < 2:
        return True
    upcoming = range(at + 1, min(at + SHORT_CLAUSE + 1, len(sentence.breaks)))
    return any(sentence.breaks[each] == 2 for each in upcoming)


def _steps(element: Element, sentence: Sentence, at: int) -> Iterator[int]:
    word = sentence.words[at]
    if element.kind == "choice":
        known = sentence.found.get((id(element.by_word), at))
        if known is None:
            ways = (way for key in (word, ANY) for way in element.by_word.get(key, ()))
            known = tuple({end for way in ways for end in _ends(way, 0, sentence, at, first=True)})
            sentence.found[id(element.by_word), at] = known
        yield from known
    elif _is_it(element, word):
        yield at + 1


def _is_it(element: Element, word: str) -> bool:
    if element.kind == "word":
        return word == element.word
    if element.kind == "prefix":
        return word.startswith(element.word)
    return word[0].isdigit() and (element.kind == "number" or len(word) > 1)


def _after_gap(pattern: Pattern, step: int, sentence: Sentence, at: int) -> Iterator[int]:
    if step + 1 == len(pattern):
        yield at
        return
    for begin in range(at, min(at + GAP + 1, len(sentence.words) + 1)):
        if begin > at and sentence.breaks[begin - 1] == 2 and begin - 1 > 0:
            return
        if begin < len(sentence.words) and sentence.breaks[begin] < 2:
            yield from _ends(pattern, step + 1, sentence, begin, first=True)
