"""A reply in a form that can be compared: small letters, no accents, no apostrophes, common typos made good."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

BREAK = "|"
"""Stands between two clauses."""
APOSTROPHES = frozenset("'’‘‛`´ʼ′＇")
JOINERS = frozenset("-‐‑–_")
"""Between two letters they are a blank (`opt-out`), else the end of a clause."""
SHORT_FOR: Mapping[str, str] = {
    "txt": "text",
    "txts": "texts",
    "txting": "texting",
    "texing": "texting",
    "textin": "texting",
    "txtin": "texting",
    "messagin": "messaging",
    "sendin": "sending",
    "msg": "message",
    "msgs": "messages",
    "mesgs": "messages",
    "pls": "please",
    "plz": "please",
    "plse": "please",
    "plase": "please",
    "u": "you",
    "ur": "your",
    "w": "with",
    "yall": "you",
    "dont": "do not",
    "dnt": "do not",
    "dony": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "wont": "will not",
    "cant": "can not",
    "cannot": "can not",
    "couldnt": "could not",
    "wouldnt": "would not",
    "shouldnt": "should not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "havent": "have not",
    "im": "i am",
    "id": "i would",
    "ill": "i will",
    "ive": "i have",
    "wanna": "want to",
    "gonna": "going to",
    "q": "que",
    "k": "que",
    "xfa": "por favor",
    "porfa": "por favor",
    "msj": "mensaje",
    "msjs": "mensajes",
    "mjs": "mensajes",
    "nro": "numero",
    "num": "numero",
}


@dataclass(frozen=True)
class Folded:
    """Words with one blank between them and ` | ` between clauses."""

    text: str
    starts: tuple[int, ...]
    """Where each word begins in `text`."""
    places: tuple[tuple[int, int], ...]
    """[start, end) of each word in the reply as it came."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """What [start, end) of `text` is in the reply as it came."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        return self.places[first][0], self.places[last][1]


def plain_words(text: str) -> str:
    """Lower case, one blank between words, full-width digits made plain, no punctuation around."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(" .,!?;:'\"*()…¡¿“”‘’«»")


def fold(text: str, *, telling: Set[str] = frozenset(), ordinary: Set[str] = frozenset()) -> Folded:
    """The text folded. A word that is nearly a telling one becomes it, unless it is an ordinary word of its own."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for raw, start, end in _raw_words(text):
        word = raw if raw in ordinary else _mended(raw, telling)
        for part in SHORT_FOR.get(word, word).split():
            if part != BREAK or (words and words[-1] != BREAK):
                words.append(part)
                places.append((start, end))
    starts: list[int] = []
    at = 0
    for word in words:
        starts.append(at)
        at += len(word) + 1
    return Folded(" ".join(words), tuple(starts), tuple(places))


def _raw_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word or break with its place."""
    word, start, end = "", 0, 0
    for at, character in enumerate(text):
        letters = _letters(text, at, character)
        if letters == "":
            continue
        if letters.isalnum():
            if not word:
                start = at
            word, end = word + letters, at + 1
            continue
        if word:
            yield word, start, end
            word = ""
        if letters != " ":
            yield letters, at, at + 1
    if word:
        yield word, start, end


def _letters(text: str, at: int, character: str) -> str:
    """Letters and digits of this character; ` ` or a break for what separates; nothing for what does not count."""
    if character in APOSTROPHES or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return ""
    if character in JOINERS:
        inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
        return " " if inside else BREAK
    if character == "#":
        return "number"
    plain = unicodedata.normalize("NFKD", character.casefold())
    letters = "".join(each for each in plain if each.isalnum())
    if letters:
        return letters
    if character in "\r\n" or unicodedata.category(character)[0] == "P":
        return BREAK if character not in "*@&" else " "
    return " "


# Typos --------------------------------------------------------------------------------------------------


def _mended(word: str, telling: Set[str]) -> str:
    if len(word) < 5 or word in telling or word in SHORT_FOR:
        return word
    allowed = 2 if len(word) >= 9 else 1
    near = (each for each in telling if each[0] == word[0] and abs(len(each) - len(word)) <= allowed)
    return next((each for each in sorted(near) if is_near(word, each, allowed)), word)


def is_near(one: str, other: str, most: int) -> bool:
    """Whether so few letters too many, missing, wrong or swapped tell them apart (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, two_before[j - 2] + 1)
            row.append(cost)
    return row[-1] <= most
