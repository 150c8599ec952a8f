"""The numbers of a reply with the words around each, in its clause."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from followup.rules.reading import score_words as words
from followup.rules.reading.normal import Normal
from followup.rules.reading.numbers import Amount, find_amounts

Role = Literal["rating", "elsewhere", "set aside", "in doubt"]
"""`set aside`: a rating, but not of now, or denied, or wished for, or somebody else's."""


@dataclass(frozen=True)
class Mention:
    """A number with the words around it in its clause."""

    amount: Amount
    left: tuple[str, ...]
    right: tuple[str, ...]
    before: str
    """The last word or mark before its clause."""
    marks: str
    """The mark that ends its clause; nothing at the end."""
    is_first: bool
    """Nothing but a greeting stands before it in the reply."""
    in_question: bool
    sentence: int
    word: str
    """The number as it is written."""
    touches_another: bool
    """Another number stands right beside it."""
    role: Role = "in doubt"
    is_named: bool = False
    """The mood is named with it."""
    is_past: bool = False
    order: int = 0
    """Later in the day is more; `now` is most; 0 where nothing is said."""
    corrects: bool = False


def find_mentions(normal: Normal) -> Iterator[Mention]:
    tokens, amounts = normal.tokens, find_amounts(normal)
    inside = {at for each in amounts for at in range(each.first, each.last)}
    edges = {at for at in range(len(tokens)) if at not in inside and _is_edge(normal, at)}
    taken = inside | edges
    sentence, begins, told = 0, 0, False
    for amount in amounts:
        for at in range(begins, amount.first):
            if at not in inside and normal.break_at(at) == "strong" and tokens[at].word != ":":
                sentence += 1
            if tokens[at].kind == "word" and tokens[at].word not in words.PLAIN:
                told = True
        begins = amount.first
        left_from, right_to = amount.first, amount.last
        while left_from > 0 and left_from - 1 not in taken:
            left_from -= 1
        while right_to < len(tokens) and right_to not in taken:
            right_to += 1
        yield Mention(
            amount=amount,
            left=_words(normal, left_from, amount.first),
            right=_words(normal, amount.last, right_to),
            before=next((token.word for token in tokens[:left_from][::-1] if token.kind == "word"), ""),
            marks=tokens[right_to].word if right_to < len(tokens) and right_to in edges else "",
            is_first=not told and amount is amounts[0],
            in_question=_in_question(normal, amount),
            sentence=sentence,
            word=tokens[amount.first].word,
            touches_another=amount.last in inside or amount.first - 1 in inside,
        )


def _is_edge(normal: Normal, at: int) -> bool:
    token = normal.tokens[at]
    if token.kind == "word":
        return token.word in words.SPLITTERS and not (at and token.word == "so" and normal.tokens[at - 1].word == "or")
    return normal.break_at(at) != "none" and token.word != ":"


def _words(normal: Normal, start: int, end: int) -> tuple[str, ...]:
    return tuple(token.word for token in normal.tokens[start:end] if token.kind in {"word", "number"})


def _in_question(normal: Normal, amount: Amount) -> bool:
    """The sentence is a question that is more than a rating with a shrug (`a 5?`)."""
    first, last = amount.first, amount.last
    tokens = normal.tokens
    while first > 0 and normal.break_at(first - 1) != "strong":
        first -= 1
    while last < len(tokens) and normal.break_at(last) != "strong":
        last += 1
    asks = (last < len(tokens) and tokens[last].word == "?") or (first > 0 and tokens[first - 1].word == "¿")
    around = [*_words(normal, first, amount.first), *_words(normal, amount.last, last)]
    opens = bool(around) and around[0] in {"is", "it"} and len(around) < 3 and around[1:2] != ["is"]
    return asks and (opens or not all(word in words.QUESTION_HEDGES for word in around))
