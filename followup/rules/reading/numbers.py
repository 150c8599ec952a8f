"""The numbers that a reply names, in digits and in words, English and Spanish; not yet what they stand for."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from followup.rules.reading.folding import is_near
from followup.rules.reading.normal import Normal, Token
from followup.rules.reading.phrase import words_in

NUMBER_WORDS: Mapping[str, int] = {
    **{
        word: n
        for n, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
        )
    },
    **{
        word: n
        for n, word in enumerate(
            ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"], 13
        )
    },
    **{
        word: 10 * n
        for n, word in enumerate(
            ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred"], 2
        )
    },
    **{
        word: n
        for n, word in enumerate(
            ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"]
        )
    },
    **{
        word: 10 * n
        for n, word in enumerate(["veinte", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta"], 2)
    },
    **{"cien": 100, "mil": 1000, "thousand": 1000, "doce": 12, "trece": 13, "catorce": 14, "quince": 15},
    **{"sinco": 5, "quatro": 4, "nuebe": 9, "sevn": 7, "thre": 3, "sero": 0},
}
MENDED = words_in("three seven eight cuatro cinco siete nueve")
"""Only long words have typos that can be made good: `even` is nearly `seven`, `for` is nearly `four`."""
NO_NUMBERS = words_in(
    "there these theme threw threes threat thread thrice eighth eighty eights seventh sevens sever severe severn never",
    "siente sientes siesta sierte cuadro cuarto cuarta cuadra cinto circo cinta cinco nuevo nueva nuevos nuevas nieve",
    "nueces nuez nueras nuera sweet tweet thee",
)
"""Words of their own that are one letter from those."""
AND = frozenset({"and", "n", "an", "y", "&"})
HALF = frozenset({"half", "medio", "media"})
POINT = frozenset({"point", "coma", "punto"})
SLASHES = frozenset("/\\⁄")
DASHES = frozenset("-‐‑–—~")
MAYBE = frozenset({"maybe", "perhaps", "possibly", "quizas", "quiza"})
WIDEST = 2
"""What a range may span: `7-10` and `9 to 5` are none, and `7-8` is."""


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    low: float
    """The lower end of a range; else the value."""
    first: int
    last: int
    """[first, last) in tokens."""
    of: float | None = None
    """10 in `7/10`."""
    is_rating: bool = True
    """False where it is written as nothing that anybody rates with: `07`, `-3`, `602-555`, `9 to 5`."""
    came_from: float | None = None
    """3 in `from 3 to 5`."""


def find_amounts(normal: Normal) -> tuple[Amount, ...]:
    """In the order in which they stand."""
    tokens = normal.tokens
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        amount = _with_scale(normal, at)
        if amount is None:
            at += 1
            continue
        amount = _unless_it_goes_on(normal, _as_range(normal, amount))
        found.append(amount)
        at = amount.last
    return tuple(found)


# One number -----------------------------------------------------------------------------------------------------


def _with_scale(normal: Normal, at: int) -> Amount | None:
    """`7/10`, `7 out of 10`, `7 de 10`, `seven over ten`; a third number makes a date or a phone number of it."""
    amount = _single(normal, at)
    if amount is None:
        return None
    tokens, next_at = normal.tokens, amount.last
    words = [token.word for token in tokens[next_at : next_at + 3]]
    steps = 0
    if words[:1] and words[0] in SLASHES | {"de", "of", "over", "sobre"}:
        steps = 1
    elif words[:2] == ["out", "of"]:
        steps = 2
    scale = _single(normal, next_at + steps) if steps else None
    if scale is None:
        return amount
    is_rating = amount.is_rating and scale.is_rating
    if _word_at(tokens, scale.last) in SLASHES and (third := _single(normal, scale.last + 1)):
        scale, is_rating = replace(scale, last=third.last), False
    return replace(amount, last=scale.last, of=scale.value, is_rating=is_rating)


def _single(normal: Normal, at: int) -> Amount | None:
    if at >= len(normal.tokens):
        return None
    token = normal.tokens[at]
    if token.kind == "number":
        value, last, is_rating = _digits(normal, at)
    elif token.word == "🔟":
        value, last, is_rating = 10.0, at + 1, True
    elif token.kind == "word" and (number := number_word(token.word)) is not None:
        value, last, is_rating = float(number), at + 1, True
    else:
        return None
    value, last = _with_half(normal.tokens, value, last)
    joined = _word_at(normal.tokens, last)
    if token.kind == "word" and (number_word(joined) is not None) and joined not in {"ten", "diez"}:
        is_rating, last = False, last + 1  # seventy five
    is_rating = is_rating and not _is_negative(normal, at) and not _is_glued(normal, at)
    return Amount(value, value, at, last, is_rating=is_rating)


@lru_cache(maxsize=4096)
def number_word(word: str) -> int | None:
    if word in NUMBER_WORDS:
        return NUMBER_WORDS[word]
    if len(word) < 5 or word in NO_NUMBERS:
        return None
    near = [each for each in sorted(MENDED) if each[0] == word[0] and is_near(word, each, 1)]
    return NUMBER_WORDS[near[0]] if len(near) == 1 else None


def _digits(normal: Normal, at: int) -> tuple[float, int, bool]:
    """What the digits say, the token after them, and whether anybody rates so."""
    token = normal.tokens[at]
    raw, last = normal.raw[token.start : token.end], at + 1
    fraction = next((each for each in raw if unicodedata.decomposition(each).startswith("<fraction>")), None)
    if fraction is not None:
        whole = raw.partition(fraction)[0].strip() or "0"
        while last < len(normal.tokens) and normal.tokens[last].start < token.end:
            last += 1
        halves = unicodedata.numeric(fraction)
        return (int(whole) + halves if whole.isdecimal() else 0.0), last, whole.isdecimal() and halves == 0.5
    if any(unicodedata.decomposition(each).startswith(("<super>", "<sub>")) for each in raw):
        return 0.0, last, False
    digits = token.word.replace(",", ".")
    whole, point, rest = digits.partition(".")
    is_rating = (
        digits.isascii() and len(whole) <= 2 and (whole == "0" or whole[0] != "0") and (not point or len(rest) == 1)
    )
    return (float(digits) if digits.count(".") < 2 and len(digits) < 20 else 0.0), last, is_rating


def _with_half(tokens: Sequence[Token], value: float, last: int) -> tuple[float, int]:
    words = [token.word for token in tokens[last : last + 5]]
    for ways in (
        ("AND", "a", "HALF"),
        ("AND", "HALF"),
        ("AND", "1", "/", "2"),
        ("1", "/", "2"),
        ("AND", "a", "1", "/", "2"),
    ):
        if len(words) >= len(ways) and all(map(_is_way, words, ways)):
            return value + 0.5, last + len(ways)
    if words[:1] and words[0] in POINT and len(words) > 1:
        tenths = int(words[1]) if words[1].isdecimal() and len(words[1]) == 1 else number_word(words[1])
        if tenths is not None and tenths < 10:
            return value + tenths / 10, last + 2
    return value, last


def _is_way(word: str, way: str) -> bool:
    if way == "AND":
        return word in AND
    if way == "HALF":
        return word in HALF
    return word in SLASHES if way == "/" else word == way


def _is_negative(normal: Normal, at: int) -> bool:
    """`-3`, `minus 3`; neither `3-4` nor `mood - 3` nor `mas o menos 3`."""
    tokens, before, two_before = normal.tokens, _word_at(normal.tokens, at - 1), _word_at(normal.tokens, at - 2)
    if before in {"minus", "negative", "negativo"} or (before == "menos" and two_before != "o"):
        return True
    if before not in {"-", "−", "–"} or tokens[at - 1].end != tokens[at].start:
        return False
    return at == 1 or tokens[at - 2].end < tokens[at - 1].start


def _is_glued(normal: Normal, at: int) -> bool:
    """Part of something longer: `<3`, `#7`, `$7`, `b12`, `i-10`, `.5`, `10:30`, `7%`, `5+5`."""
    tokens = normal.tokens
    if tokens[at].kind == "word":
        return False
    return _is_glued_before(tokens, at) or _is_glued_after(tokens, at)


def _is_glued_before(tokens: Sequence[Token], at: int) -> bool:
    before = _word_at(tokens, at - 1)
    if before in {"<", ">", "→"}:
        return True
    if at == 0 or tokens[at - 1].end < tokens[at].start:
        return False
    if before in "#$€£+^@" or (tokens[at - 1].kind == "word" and before not in {"a", "un"}):
        return True
    is_apart = at == 1 or _gap_before(tokens, at - 1)
    if before in ".":
        return is_apart
    if before in DASHES and not is_apart:
        return tokens[at - 2].kind == "word" and len(tokens[at - 2].word) < 3
    return before == ":" and at > 1 and (is_apart or tokens[at - 2].kind == "number")


def _is_glued_after(tokens: Sequence[Token], at: int) -> bool:
    if at + 1 >= len(tokens):
        return False
    after = tokens[at + 1]
    if after.word in "%°⭐★☆🌟$€£→>" or (after.word in DASHES and _word_at(tokens, at + 2) == ">"):
        return True
    if after.start > tokens[at].end:
        return False
    if after.word == "x" or at + 2 >= len(tokens):
        return after.word == "x"
    is_tight = tokens[at + 2].start == after.end
    return is_tight and (after.word in "+=" or (after.word == ":" and tokens[at + 2].kind == "number"))


def _gap_before(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].end < tokens[at].start


# Two numbers that are one answer ----------------------------------------------------------------------------------


def _as_range(normal: Normal, amount: Amount) -> Amount:
    """`3-4`, `4 or 5`, `between 6 and 7`, `from 3 to 5`, `2 maybe 3`; else the amount as it is."""
    tokens = normal.tokens
    joint, at = _joint(tokens, amount)
    other = _with_scale(normal, at) if joint else None
    if other is None:
        return amount
    if joint == "comma" and not (amount.value < other.value <= amount.value + 1):
        return amount
    last, of = other.last, other.of or amount.of
    is_rating = amount.is_rating and other.is_rating and (amount.of is None or amount.of == other.of)
    before = {_word_at(tokens, amount.first - back) for back in (1, 2, 3)}
    if joint == "to" and before & {"from", "de", "del", "desde"}:
        return Amount(other.value, other.low, amount.first, last, of, is_rating, came_from=amount.value)
    width = other.value - amount.value
    widest = WIDEST + 1 if before & {"between", "entre"} else WIDEST
    if 0 < width <= widest and is_rating:
        return Amount((amount.value + other.value) / 2, amount.value, amount.first, last, of)
    if joint == "or" and 0 < -width <= 1 and is_rating:
        return Amount((amount.value + other.value) / 2, other.value, amount.first, last, of)
    if joint in {"or", "and"} and width == 0:
        return replace(amount, last=last)
    return Amount(amount.value, amount.low, amount.first, last, of, is_rating=False)


def _unless_it_goes_on(normal: Normal, amount: Amount) -> Amount:
    """`7-7-7` and `602-555-0134` are no ratings, whatever their parts are."""
    tokens, last = normal.tokens, amount.last
    while _word_at(tokens, last) in DASHES | SLASHES and _kind_at(tokens, last + 1) == "number":
        if tokens[last - 1].end < tokens[last].start:
            break
        last += 2
    return amount if last == amount.last else replace(amount, last=last, is_rating=False)


def _joint(tokens: Sequence[Token], amount: Amount) -> tuple[str, int]:
    """What joins this number to the next, and where that begins; nothing where nothing does."""
    at = amount.last
    word = _word_at(tokens, at)
    before = {_word_at(tokens, amount.first - back) for back in (1, 2)}
    joint = ""
    if word in {"or", "o", "u"}:
        joint = "or"
    elif word in {"to", "a", "hasta", "al"} or word in DASHES:
        joint = "to" if word not in DASHES else "dash"
    elif word in {"and", "y", "n"} and not before.isdisjoint({"between", "entre"}):
        joint = "and"
    elif word in MAYBE or (word == "," and _word_at(tokens, at + 1) in MAYBE):
        joint = "comma"
        at += word == ","
    if not joint or (joint == "dash" and _is_apart(tokens, at)):
        return "", at
    at += 1
    while _word_at(tokens, at) in MAYBE | {"a", "an", "un", "like", "possibly", "como", "the", "even"}:
        at += 1
    return joint, at


def _is_apart(tokens: Sequence[Token], at: int) -> bool:
    """`4 -5` is no range."""
    return _gap_before(tokens, at) and at + 1 < len(tokens) and tokens[at].end == tokens[at + 1].start


def _word_at(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].word if 0 <= at < len(tokens) else ""


def _kind_at(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].kind if 0 <= at < len(tokens) else ""
