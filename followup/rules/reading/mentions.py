"""The numbers of a reply with the words around each, in its clause."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from followup.rules.reading import score_words as words
from followup.rules.reading.normal import Normal
from followup.rules.reading.numbers import Amount, find_amounts

Role = Literal["rating", "elsewhere", "set aside", "in doubt"]
"""`set aside`: a rating, but not of now, or denied, or wished for, or somebody else's."""
TELLING = words.MOOD_FIELDS | words.OTHER_FIELDS | words.DAY_ORDER.keys() | words.BEFORE_PAST


@dataclass(frozen=True)
class Mention:
    """A number with the words around it in its clause."""

    amount: Amount
    left: tuple[str, ...]
    right: tuple[str, ...]
    before: str
    """The last word or mark before its clause."""
    is_first: bool
    """Nothing but a greeting stands before it in the reply."""
    in_question: bool
    word: str
    """The number as it is written."""
    touches_another: bool
    """Another number stands right beside it."""
    follows_on: bool
    """Another number stands before it in its clause."""
    role: Role = "in doubt"
    is_named: bool = False
    """The mood is named with it."""
    is_past: bool = False
    order: int = 0
    """Later in the day is more; `now` is most; 0 where nothing is said."""
    corrects: bool = False


def find_mentions(normal: Normal) -> tuple[Mention, ...]:
    """In the order in which they stand."""
    tokens, amounts = normal.tokens, find_amounts(normal)
    inside = {at for each in amounts for at in range(each.first, each.last)}
    edges = {at for at in range(len(tokens)) if at not in inside and _is_edge(normal, at)}
    found: list[Mention] = []
    for amount in amounts:
        start, end = amount.first, amount.last
        while start > 0 and start - 1 not in inside | edges:
            start -= 1
        while end < len(tokens) and end not in inside | edges:
            end += 1
        told = any(token.kind == "word" and token.word not in words.PLAIN for token in tokens[: amount.first])
        found.append(
            Mention(
                amount=amount,
                left=_words(normal, start, amount.first),
                right=_words(normal, amount.last, end),
                before=next((token.word for token in tokens[:start][::-1] if token.kind == "word"), ""),
                is_first=not told and amount is amounts[0],
                in_question=_in_question(normal, amount),
                word=tokens[amount.first].word,
                touches_another=amount.last in inside or amount.first - 1 in inside,
                follows_on=start > 0 and start - 1 in inside,
            )
        )
    return tuple(_told_apart(found))


def _is_edge(normal: Normal, at: int) -> bool:
    """Whether a clause ends here. `mood: 5` and `mood - 5` are one."""
    token, before = normal.tokens[at], normal.tokens[at - 1].word if at else ""
    if token.kind == "word":
        return token.word in words.SPLITTERS and not (token.word == "so" and before == "or")
    if token.word in "-–—:=" and before in words.MOOD_FIELDS | words.OTHER_FIELDS:
        return False
    return normal.break_at(at) != "none" and not (token.word == ":" and before in words.PLAIN)


def _told_apart(mentions: list[Mention]) -> Iterator[Mention]:
    """Between two numbers of one clause the words belong to one: to the later where names and days stand before
    (`yesterday 3 today 5`), to the earlier where they stand after (`6 mood 8 anxiety`)."""
    stands_before = True
    for nth, mention in enumerate(mentions):
        goes_on = nth + 1 < len(mentions) and mentions[nth + 1].follows_on
        if not mention.follows_on:
            stands_before = not TELLING.isdisjoint(mention.left) or TELLING.isdisjoint(mention.right)
        yield replace(
            mention,
            left=() if mention.follows_on and not stands_before else mention.left,
            right=() if goes_on and stands_before and words.UNITS.isdisjoint(mention.right[:1]) else mention.right,
        )


def _words(normal: Normal, start: int, end: int) -> tuple[str, ...]:
    return tuple(token.word for token in normal.tokens[start:end] if token.kind in {"word", "number"})


def _in_question(normal: Normal, amount: Amount) -> bool:
    """It is asked about; `a 5?` is a rating with a shrug, and so is `8, but can I drive?`."""
    first, last = amount.first, amount.last
    tokens = normal.tokens
    while first > 0 and normal.break_at(first - 1) != "strong":
        first -= 1
    clause_ends = last
    while clause_ends < len(tokens) and not _is_edge(normal, clause_ends):
        clause_ends += 1
    while last < len(tokens) and normal.break_at(last) != "strong":
        last += 1
    if first > 0 and tokens[first - 1].word == "¿":
        return True
    if last == len(tokens) or tokens[last].word != "?":
        return False
    around = [*_words(normal, first, amount.first), *_words(normal, amount.last, last)]
    if clause_ends < last and around and around[0] not in words.QUESTION_OPENERS:
        return False
    opens = bool(around) and around[0] in {"is", "it"} and len(around) < 3 and around[1:2] != ["is"]
    return opens or not all(word in words.QUESTION_HEDGES for word in around)
