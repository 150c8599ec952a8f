"""Words that speak of danger to the patient or to others, found by the grammar of `schedules/danger_words.toml`.

What lowers them (`lowering.py`) lowers from `urgent` to `concern`; nothing here makes them routine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from followup.rules.reading.danger_words import DangerLevel, Grammar, Language, Phrase
from followup.rules.reading.finding import Sentence, find_pattern, keys_of
from followup.rules.reading.folding import is_near
from followup.rules.reading.lowering import Match, why_lowered
from followup.rules.reading.normal import Normal, Token
from followup.rules.reading.phrase import words_in

SHOWN_AS = {
    "🔫": "gun",
    "💊": "pills",
    "🔪": "knife",
    "🗡": "knife",
    "🪢": "rope",
    "⚰": "coffin",
    "🪦": "grave",
    "🩸": "blood",
}
"""Pictures that stand for a word; a picture of pills says more than the word "suicide" (facts/clinical 3.1)."""
BEFORE_TO = words_in("want wants wanted need going have about ready try trying like used wish hope")
"""After these a 2 is the word: `want 2 die`."""


@dataclass(frozen=True)
class Danger:
    family: str
    level: DangerLevel
    spans: tuple[tuple[int, int], ...]
    """[start, end) in the text as it came, in order; they do not overlap."""
    reason: str
    """Describes the text, not the person: `Self-harm language`."""
    language: Language
    lowered: str = ""
    """Why it is no more than a concern, where its words alone are urgent."""


def find_danger(normal: Normal, grammar: Grammar) -> tuple[Danger, ...]:
    """One for each family that was found, the most urgent first."""
    tokens, sentence = _sentence(normal, grammar)
    found: dict[str, list[tuple[Match, str]]] = {}
    for match in _matches(sentence, grammar):
        found.setdefault(match.phrase.family, []).append((match, why_lowered(match, sentence, grammar)))
    dangers = [_danger(family, some, tokens, grammar) for family, some in found.items()]
    return tuple(sorted(dangers, key=lambda danger: (danger.level != "urgent", danger.spans)))


def _sentence(normal: Normal, grammar: Grammar) -> tuple[list[Token], Sentence]:
    """The words and numbers of a reply, typos made good, with the breaks before each and after the last."""
    tokens: list[Token] = []
    breaks: list[int] = [0]
    for nth, token in enumerate(normal.tokens):
        if token.kind in {"word", "number"} or token.word in SHOWN_AS:
            tokens.append(token)
            breaks.append(0)
        else:
            breaks[-1] = max(breaks[-1], ("none", "weak", "strong").index(normal.break_at(nth)))
    breaks[-1] = 2
    known = grammar.known_words
    plain = [SHOWN_AS.get(token.word, token.word) for token in tokens]
    for nth, (before, word) in enumerate(pairwise(plain), start=1):
        if word == "2" and before in BEFORE_TO:
            plain[nth] = "to"
    words = [word if word in known else _mended(word, grammar) for word in plain]
    keys = [keys_of(word, grammar.prefixes) for word in words]
    return tokens, Sentence(words, breaks, keys, grammar.fillers)


def _matches(sentence: Sentence, grammar: Grammar) -> Iterator[Match]:
    said = frozenset(key for keys in sentence.keys for key in keys)
    possible = {phrase for key in said for phrase in grammar.by_word.get(key, ()) if _may_be_said(phrase, said)}
    for at, keys in enumerate(sentence.keys):
        for key in keys:
            for phrase in grammar.by_word.get(key, ()):
                if phrase in possible and (end := find_pattern(phrase.pattern, sentence, at)) is not None:
                    yield Match(phrase, at, end)


def _may_be_said(phrase: Phrase, said: frozenset[str]) -> bool:
    return not any(needed.isdisjoint(said) for needed in phrase.needed)


def _danger(family: str, some: list[tuple[Match, str]], tokens: Sequence[Token], grammar: Grammar) -> Danger:
    urgent = [match for match, lowered in some if _is_urgent(match.phrase, lowered)]
    match, lowered = (urgent[0], "") if urgent else max(some, key=lambda each: each[0].phrase.level == "urgent")
    spans = [(tokens[each.start].start, tokens[each.end - 1].end) for each in urgent or [each for each, _ in some]]
    return Danger(
        family=family,
        level="urgent" if urgent else "concern",
        spans=_joined(spans),
        reason=grammar.reasons[family],
        language=match.phrase.language,
        lowered=lowered,
    )


def _is_urgent(phrase: Phrase, lowered: str) -> bool:
    return phrase.level == "urgent" and not lowered


def _joined(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _mended(word: str, grammar: Grammar) -> str:
    if len(word) < 5 or word in grammar.ordinary or word[0].isdigit():
        return word
    return _nearest(word, grammar.mended)


@lru_cache(maxsize=8192)
def _nearest(word: str, mended: frozenset[str]) -> str:
    """The word that this is a typo of: first letter right, one letter wrong, two in a long word."""
    for wanted in sorted(mended):
        most = 2 if len(wanted) >= 8 else 1
        if word[0] == wanted[0] and abs(len(word) - len(wanted)) <= most and is_near(word, wanted, most):
            return wanted
    return word
