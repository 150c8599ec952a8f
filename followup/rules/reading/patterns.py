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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

PIECE = re.compile(r"\s*(?:(\()|(\))|(\|)|(\?)|(\.\.)|\{(\w+)\}|(\^)|(\$)|(##?)|([^\W_]+\*?))")


class PatternMistake(ValueError):
    """A pattern that cannot be read, in words for its author."""


@dataclass(frozen=True, eq=False, slots=True)
class Element:
    """One step of a pattern."""

    kind: Literal["word", "choice", "gap", "start", "end"]
    key: str = ""
    """Of a word: itself; a prefix with its `*`; NUMBER or LARGE."""
    by_word: "Mapping[str, tuple[tuple[Element, ...], ...]]" = field(default_factory=dict[str, Any])
    """The ways of a choice by what they may begin with (`first_words`)."""
    ways: "tuple[tuple[Element, ...], ...]" = ()
    optional: bool = False
    or_end: bool = False
    """Of a choice: the end of a clause will do, too (`(tonight|$)`)."""


Pattern = tuple[Element, ...]

NUMBER, LARGE = "#", "##"
ANY = "*"
"""Stands for every word."""
MARKS: Mapping[str, Element] = {"..": Element("gap"), "^": Element("start"), "$": Element("end")}


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
    worded = [way for way in ways if [step.kind for step in way] != ["end"]]
    for way in worded:
        for word in first_words(way):
            by_word.setdefault(word, []).append(way)
    found = {key: tuple(some) for key, some in by_word.items()}
    return Element("choice", by_word=found, ways=tuple(worded), or_end=len(worded) < len(ways))


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
            element = replace(element, optional=True)
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
    return MARKS.get(piece) or Element("word", piece)


# What a text must hold ---------------------------------------------------------------------------------------


def first_words(pattern: Pattern) -> frozenset[str]:
    """The keys that it may begin with: words, prefixes with their `*`, NUMBER; ANY where they cannot be told."""
    found: set[str] = set()
    for element in pattern:
        if element.kind == "choice":
            found.update(element.by_word, {ANY} if element.or_end else ())
        elif element.kind == "word":
            found.add(element.key)
        elif element.kind != "start":
            return frozenset({ANY})
        if not element.optional and element.kind != "start":
            return frozenset(found)
    return frozenset({ANY})


def needed_words(pattern: Pattern) -> tuple[frozenset[str], ...]:
    """Sets of words of each of which a text must hold one, the smallest first: a quick no for most texts."""
    steps = (first_words((element,)) for element in pattern if not element.optional and element.kind != "start")
    return tuple(sorted((words for words in steps if ANY not in words), key=len))


def words_of(pattern: Pattern) -> Iterator[str]:
    """Every word in it, prefixes with their `*`."""
    for element in pattern:
        if element.key:
            yield element.key
        for way in element.ways:
            yield from words_of(way)
