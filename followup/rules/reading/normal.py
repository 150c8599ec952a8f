"""A reply as the readers read it: its words in one plain form, each with its place in the text as it came.

The text itself is never changed. Letters are small and bare of accents, apostrophes are gone and what they stood for
is written out (`don't` is `do not`), what was masked or run together is made plain (`k!ll`, `s u i c i d e`).
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from followup.rules.reading.folding import APOSTROPHES
from followup.rules.reading.shorthand import hold_less, written_out
from followup.rules.reading.unmasking import pull_apart, spelled_out, unmasked

Kind = Literal["word", "number", "mark", "emoji"]
Break = Literal["none", "weak", "strong"]

LONGEST = 4000
"""Characters that are read; a text message has at most 1,600 (facts/twilio)."""
WEAK_BREAKS = frozenset(',-–—()[]"“”«»…')
STRONG_BREAKS = frozenset(".!?;:\n¡¿|")
LOOK_ALIKES = str.maketrans("аеорсухіѕԁјкмтвнαοι", "aeopcyxisdjkmtbhaoi")
"""Letters of other alphabets that look like ours."""
MIXED = frozenset({"2nite", "2night", "2day", "2moro", "2morrow", "any1", "some1", "every1", "no1", "b4"})
"""Words written with a digit."""
JOINERS = frozenset("-‐‑–_")

PIECE = re.compile(
    r"\bw/o?\b|\b(?:2(?:nite|night|day|moro|morrow)|(?:any|some|every|no)1|b4)\b"
    r"|[^\W\d_]+(?:'[^\W\d_]+)*'?|\d+(?:[.,]\d+)*|\n|[^\w\s]|_"
)
MASKED = re.compile(r"(?<!\S)(?=\S*[^\W\d_])[\w$@*+!|.•#'()-]{2,40}[\w*](?=[\s.,!?;:)\"”]|$)")
"""A chunk that may be a masked word: it holds at least a letter, and ends before a blank or a mark."""
MASKS = re.compile(r"[\d$@*+!|.•#_()-]")
TAPBACK = re.compile(
    r"\s*(?:(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? [a-z ]+ from"
    r"|reacted (?:with )?\S{1,8} to|le gusto|le encanto|no le gusto|se rio de|enfatizo|pregunto por|destaco"
    r"|reacciono (?:con )?\S{1,8} a)\s+[\"“”«]|(?:liked|loved|emphasi[sz]ed|laughed at) an? (?:image|message|photo)\b)"
)


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    """The plain form; of a mark or an emoji the character itself."""
    start: int
    end: int
    """[start, end) in the text as it came. The two words of `don't` share it."""
    kind: Kind = "word"


@dataclass(frozen=True)
class Normal:
    raw: str
    tokens: tuple[Token, ...]
    """Everything but blanks, in order."""
    tapback: bool
    """A reaction of the phone that quotes another text: `Liked “See you Monday”`."""

    @cached_property
    def text(self) -> str:
        """All words, numbers and marks with one blank between."""
        return " ".join(token.word for token in self.tokens)

    @cached_property
    def clauses(self) -> tuple[tuple[Token, ...], ...]:
        """Words and numbers between marks that end a clause; no clause is empty."""
        found: list[tuple[Token, ...]] = []
        clause: list[Token] = []
        for nth, token in enumerate(self.tokens):
            if token.kind in {"word", "number"}:
                clause.append(token)
            elif clause and self.break_at(nth) != "none":
                found.append(tuple(clause))
                clause = []
        return (*found, tuple(clause)) if clause else tuple(found)

    def break_at(self, nth: int) -> Break:
        """Whether this token ends a clause (`weak`) or a sentence (`strong`)."""
        token = self.tokens[nth]
        if token.kind == "emoji":
            return "weak"
        if token.kind != "mark" or token.word not in WEAK_BREAKS | STRONG_BREAKS:
            return "none"
        beside = self.tokens[max(nth - 1, 0)], self.tokens[min(nth + 1, len(self.tokens) - 1)]
        tight = beside[0].end == token.start and token.end == beside[1].start
        if tight and all(each.kind == "number" for each in beside):
            return "none"  # 3-4, 10:30
        return "strong" if token.word in STRONG_BREAKS else "weak"


def normalise(text: str) -> Normal:
    """The same for the same text, whatever the text is."""
    plain, places = _plain_letters(text[:LONGEST])
    tokens = tuple(_joined(_pieces(plain, places)))
    return Normal(raw=text, tokens=tokens, tapback=TAPBACK.match(plain) is not None)


def _plain_letters(text: str) -> tuple[str, list[int]]:
    """Small letters without accents, and for each of them its place in the text; one more for the end."""
    if text.isascii():
        return text.lower().replace("`", "'").replace("\r", "\n"), list(range(len(text) + 1))
    letters: list[str] = []
    places: list[int] = []
    for at, character in enumerate(text):
        for letter in _plain(character):
            letters.append(letter)
            places.append(at)
    return "".join(letters).translate(LOOK_ALIKES), [*places, len(text)]


def _plain(character: str) -> str:
    """Nothing for what is not seen: accents, joiners, the frame of a keycap."""
    if character in APOSTROPHES:
        return "'"
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    if character in "\r\u2028\u2029":
        return "\n"
    plain = unicodedata.normalize("NFKD", character.casefold()).casefold()
    return "".join(each for each in plain if unicodedata.category(each) not in {"Mn", "Me", "Cf"})


# Words, numbers, marks ------------------------------------------------------------------------------------


def _pieces(plain: str, places: list[int]) -> Iterator[Token]:
    """Masked words first, whole; then what lies between them, piece by piece."""
    at = 0
    for found in MASKED.finditer(plain):
        word = unmasked(found.group()) if MASKS.search(found.group()) else None
        if word is not None:
            yield from _plain_pieces(plain, places, at, found.start())
            for part in word.split():
                yield Token(part, places[found.start()], places[found.end() - 1] + 1)
            at = found.end()
    yield from _plain_pieces(plain, places, at, len(plain))


def _plain_pieces(plain: str, places: list[int], start: int, end: int) -> Iterator[Token]:
    for found in PIECE.finditer(plain, start, end):
        piece = found.group()
        first, last = places[found.start()], places[found.end() - 1] + 1
        if len(piece) == 1 and piece.isalpha():
            yield Token(piece, first, last)
        elif piece in MIXED:
            yield from (Token(part, first, last) for part in written_out(piece))
        elif piece[0].isdecimal():
            yield Token(piece, first, last, "number")
        elif piece[0].isalnum():
            for word in pull_apart(hold_less(piece)):
                yield from (Token(part, first, last) for part in written_out(word))
        elif not (piece in JOINERS and _stands_between_letters(plain, found.start())):
            yield Token(piece, first, last, "emoji" if unicodedata.category(piece) in {"So", "Sk"} else "mark")


def _stands_between_letters(plain: str, at: int) -> bool:
    """`self-harm` is two words, `3-4` and `ok - fine` are not."""
    return 0 < at < len(plain) - 1 and plain[at - 1].isalpha() and plain[at + 1].isalpha()


def _joined(pieces: Iterator[Token]) -> Iterator[Token]:
    """Single letters that spell words become these words: `s u i c i d e`, `k.m.s`, `d-i-e`."""
    run: list[Token] = []
    for token in pieces:
        letter = token.kind == "word" and len(token.word) == 1
        between = bool(run) and token.kind == "mark" and token.word in ".-_*"
        if letter or between:
            run.append(token)
        else:
            yield from _spelled(run)
            run = []
            yield token
    yield from _spelled(run)


def _spelled(run: list[Token]) -> Iterator[Token]:
    letters = [token for token in run if token.kind == "word"]
    words = spelled_out("".join(token.word for token in letters)) if len(letters) >= 3 else None
    if words is None:
        for token in run:
            yield from (Token(word, token.start, token.end, token.kind) for word in written_out(token.word))
        return
    at = 0
    for word in words:
        yield Token(word, letters[at].start, letters[at + len(word) - 1].end)
        at += len(word)
    last = run.index(letters[-1])
    yield from run[last + 1 :]
