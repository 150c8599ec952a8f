"""Patterns (`patterns.py`) found among the words of a reply."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field

from followup.rules.reading.patterns import ANY, LARGE, NUMBER, Element, Pattern

GAP = 4
FILLERS_IN_A_ROW = 3
SHORT_CLAUSE = 2


@dataclass(frozen=True)
class Sentence:
    """The words that patterns are looked for in."""

    words: Sequence[str]
    breaks: Sequence[int]
    """Before each word, and after the last: 0 nothing, 1 the end of a clause, 2 the end of a sentence."""
    keys: Sequence[tuple[str, ...]]
    """By what each word may be found in an index of first words (`keys_of`)."""
    fillers: Set[str]
    found: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    """Where a choice ends that begins at a word, once it is known: groups are looked for again and again."""


def keys_of(word: str, prefixes: Set[str]) -> tuple[str, ...]:
    """The word, those of the known prefixes that it begins with, and what stands for every word."""
    if word[0].isdigit():
        return (word, NUMBER, LARGE, ANY) if len(word) > 1 else (word, NUMBER, ANY)
    begins = (word[:length] + "*" for length in range(1, len(word) + 1))
    return (word, *(key for key in begins if key in prefixes), ANY)


def find_pattern(pattern: Pattern, sentence: Sentence, at: int) -> int | None:
    """Where the longest match that begins at this word ends; None if there is none."""
    return max(_ends(pattern, sentence, at), default=None)


def _ends(pattern: Pattern, sentence: Sentence, at: int) -> set[int]:
    """Every place where a match that begins here may end."""
    places = {at}
    last = len(pattern) - 1
    for nth, element in enumerate(pattern):
        reached = _after(element, sentence, places, at, is_last=nth == last)
        places = reached | places if element.optional else reached
        if not places:
            break
    return places


def _after(element: Element, sentence: Sentence, places: Set[int], first: int, *, is_last: bool) -> set[int]:
    """Where one element may end that begins at one of these places."""
    if element.kind == "gap":
        return set(places) if is_last else {reach for place in places for reach in _gap(sentence, place)}
    if element.kind == "start":
        return {place for place in places if place == 0 or sentence.breaks[place] > 0}
    if element.kind == "end":
        return {place for place in places if sentence.breaks[place] > 0}
    reached = {
        end
        for place in places
        for begin in _begins(sentence, place, may_skip=place != first)
        for end in _steps(element, sentence, begin)
    }
    return reached | {place for place in places if sentence.breaks[place] > 0} if element.or_end else reached


def _begins(sentence: Sentence, at: int, *, may_skip: bool) -> Iterable[int]:
    """Where the next element may begin: here, or after some filler words."""
    words = sentence.words
    if not may_skip:
        return (at,) if at < len(words) else ()
    begins: list[int] = []
    for begin in range(at, min(at + FILLERS_IN_A_ROW + 1, len(words))):
        if sentence.breaks[begin] == 2 and not _runs_on(sentence, begin):
            break
        begins.append(begin)
        if words[begin] not in sentence.fillers:
            break
    return begins


def _runs_on(sentence: Sentence, at: int) -> bool:
    """Whether the sentence that begins here is so short that it goes on with the one before: `i want. to die.`"""
    upcoming = range(at + 1, min(at + SHORT_CLAUSE + 1, len(sentence.breaks)))
    return any(sentence.breaks[each] == 2 for each in upcoming)


def _steps(element: Element, sentence: Sentence, at: int) -> Iterable[int]:
    if element.kind != "choice":
        return (at + 1,) if element.key in sentence.keys[at] else ()
    memory = (id(element.by_word), at)
    known = sentence.found.get(memory)
    if known is None:
        by_word = element.by_word
        ways = [way for key in sentence.keys[at] if key in by_word for way in by_word[key]]
        known = tuple({end for way in ways for end in _ends(way, sentence, at)})
        sentence.found[memory] = known
    return known


def _gap(sentence: Sentence, at: int) -> Iterable[int]:
    """Here and up to some words further, as long as the sentence goes on."""
    yield at
    for reach in range(at + 1, min(at + GAP + 1, len(sentence.words))):
        if 2 in sentence.breaks[at : reach + 1]:
            return
        yield reach
