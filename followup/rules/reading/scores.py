"""The one number that answers *how are you, from 0 to 10?*, where a reply names it beyond doubt; else none.

A number is a rating only by what stands around it. What is not known as a time, a count, a dose, another scale, the
past, a wish or somebody else's word, and not as a rating either, is in doubt: then there is no score, and the patient
is asked again. Nothing is rounded, rescaled or made to fit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from followup.rules.reading import score_words as words
from followup.rules.reading.mentions import Mention, Role, find_mentions
from followup.rules.reading.normal import Normal
from followup.rules.reading.reading import Prompt

KNOWN = frozenset(
    words.PLAIN
    | words.MOODS
    | words.BEFORE_PAST
    | words.MOOD_FIELDS
    | words.DAY_ORDER.keys()
    | words.CORRECTIONS
    | words.NEGATIONS
)
"""All words that may stand in one clause with a rating."""
LEADS = frozenset(tuple(lead.split()) for lead in words.LEADS)
LONGEST_LEAD = max(map(len, LEADS))


@dataclass(frozen=True)
class Score:
    value: float
    """The midpoint of a range."""
    low: float
    """The low end of a range, for alarms."""
    span: tuple[int, int]
    """[start, end) in the text as it came."""
    covered: frozenset[int]
    """Tokens that belong to the rating and say nothing else."""
    is_clean: bool
    """The reply is the number and nothing else, but for words that say nothing."""
    earlier: float | None = None
    """What the reply says it was before."""

    @property
    def number(self) -> int | float:
        return int(self.value) if self.value == int(self.value) else self.value


def find_score(normal: Normal, *, prompt: Prompt, highest: int = 10) -> Score | None:
    """None for a question that is not answered with a number, and wherever the number is in doubt."""
    if prompt not in {"mood", "same_day"}:
        return None
    mentions = [_judged(each, highest=highest) for each in find_mentions(normal)]
    chosen = None if any(_turns_the_scale(each, highest) for each in mentions) else _choose(mentions)
    if chosen is None or (prompt == "same_day" and not _is_plainly_a_rating(chosen, mentions, normal)):
        return None
    amount = chosen.amount
    tokens = normal.tokens
    covered = _covered(normal, mentions)
    return Score(
        value=amount.value,
        low=amount.low,
        span=(tokens[amount.first].start, tokens[amount.last - 1].end),
        covered=covered,
        is_clean=len(mentions) == 1 and len(covered) == sum(each.kind in {"word", "number"} for each in tokens),
        earlier=_earlier(chosen, mentions),
    )


# What it stands for -----------------------------------------------------------------------------------------------


def _judged(mention: Mention, *, highest: int) -> Mention:
    mention = replace(
        mention,
        is_named=_named(mention) == "mood",
        is_past=_is_past(mention),
        order=max((words.DAY_ORDER.get(word, 0) for word in (*mention.left, *mention.right[:4])), default=0),
        corrects=mention.before in words.CORRECTIONS or bool(words.CORRECTIONS.intersection(mention.left[:3])),
    )
    return replace(mention, role=_role(mention, highest=highest))


def _role(mention: Mention, *, highest: int) -> Role:
    amount = mention.amount
    if amount.of not in {None, float(highest)} or not amount.is_rating or _named(mention) == "other":
        return "elsewhere"
    if mention.in_question or mention.touches_another:
        return "in doubt"
    if _is_elsewhere(mention) or _is_somebody(mention):
        return "elsewhere"
    if _is_set_aside(mention):
        return "set aside"
    is_supported = _is_supported(mention)
    if not 0 <= amount.value <= highest:
        return "in doubt" if is_supported else "elsewhere"
    if not is_supported:
        return "elsewhere" if _is_count(mention) else "in doubt"
    return "rating"


def _named(mention: Mention) -> Literal["mood", "other", ""]:
    """What is named with it: the nearest name in its clause, before it or right after."""
    for nth in range(len(mention.left) - 1, -1, -1):
        word = mention.left[nth]
        if word in words.MOOD_FIELDS:
            return "mood"
        if word in words.OTHER_FIELDS and not (
            word == "back" and mention.left[nth + 1 : nth + 2] in {("to",), ("at",)}
        ):
            return "other"
    after = [
        word for word in mention.right[:3] if word not in {"for", "in", "on", "de", "del", "en", "my", "mi", "the"}
    ]
    if after and after[0] in words.MOOD_FIELDS:
        return "mood"
    return "other" if after and after[0] in words.OTHER_FIELDS else ""


def _is_elsewhere(mention: Mention) -> bool:
    """A time, a count, a dose, a room: by the word right before it or right after."""
    if mention.amount.of is not None:
        return not {"recommend", "would"}.isdisjoint(mention.right[:3]) or (
            bool(mention.left) and mention.left[-1] in {"on", "by", "until", "session", "sesion", "the", "infusion"}
        )
    after = next((word for word in mention.right if word not in words.BEFORE_UNITS), "")
    if after in words.UNITS and not (after in words.UNITS_BUT and len(mention.right) == 1):
        return _named(mention) != "mood" or after != "de"
    left = mention.left
    if "scale" in left or (mention.right[:1] and mention.right[0] in {"is", "being"} and _tells_scale(mention)):
        return True
    if not left or (mention.amount.came_from is not None and words.CHANGE.intersection(left)):
        return False
    if _led_to(left) and left[-1] not in words.LEADS_ELSEWHERE - words.LEADS_BUT:
        return False
    if mention.is_named and left[-1] in words.LEADS_BUT:
        return False
    return left[-1] in words.LEADS_ELSEWHERE - {"around"}


def _tells_scale(mention: Mention) -> bool:
    """`10 is best`."""
    return not {"best", "worst", "highest", "lowest", "great", "top"}.isdisjoint(mention.right[1:3])


def _turns_the_scale(mention: Mention, highest: int) -> bool:
    """`0 is best`: then every number of the reply means the opposite."""
    said = {*mention.right[:3]}
    is_low = mention.amount.value < highest / 2
    return _tells_scale(mention) and not said.isdisjoint(
        {"best", "great", "highest"} if is_low else {"worst", "lowest"}
    )


def _is_somebody(mention: Mention) -> bool:
    """`no one`, `the good one`, `uno hace lo que puede`: no number, unless it stands alone (`a one`, `un uno`)."""
    if mention.word not in {"one", "uno"}:
        return False
    left, right = mention.left, mention.right
    leads = not left or left[-1] in {"a", "an", "un", "is", "like", "about", "at", "maybe", "i", "say"} or _led_to(left)
    return not leads or not all(word in words.PLAIN for word in (*left, *right)) or (not left and "i" in right)


def _is_count(mention: Mention) -> bool:
    """`7 kids`: a word that says what is counted follows."""
    after = mention.right[0] if mention.right else ""
    return (
        len(after) > 2 or (mention.word in {"zero", "cero"} and after != "")
    ) and after not in words.FOLLOWERS | words.PLAIN | words.MOODS | words.FUNCTION


def _is_set_aside(mention: Mention) -> bool:
    left = mention.left
    for nth in range(len(left) - 1, -1, -1):
        if left[nth] == "no" and nth == 0 and len(left) < 3 and mention.follows_on:
            break  # 6 no 5
        if left[nth] in words.NEGATIONS:
            return True
        if left[nth] not in words.NEGATED_THROUGH:
            break
    wishes = words.WISHES - ({"want"} if left[-3:] == ("want", "to", "say") else set())
    if "usual" in left and "is" in left:
        return True
    return not wishes.isdisjoint(left) or not words.OTHERS.isdisjoint({*left, *mention.right})


def _is_past(mention: Mention) -> bool:
    around = {*mention.left, *mention.right[:2]}
    is_now = any(words.DAY_ORDER.get(word) == 4 for word in around) or "this" in around
    return not is_now and not around.isdisjoint(words.BEFORE_PAST)


def _is_supported(mention: Mention) -> bool:
    """What stands before it leads to a rating, and what stands after it may follow one."""
    left = mention.left
    if _is_limit(left):
        return False
    if mention.amount.came_from is not None:
        return not words.CHANGE.isdisjoint(left)
    if mention.amount.of is not None:
        return True
    if mention.is_named:
        return all(word in KNOWN | words.ARTICLES for word in _after_name(left))
    if not _may_follow(mention):
        return False
    if not left:
        return True
    if left[-1] in {"at", "the", "el"} and not _led_to(left):
        return False
    if not mention.right and left[-2:-1] in {("a",), ("an",)} and left[-1] not in words.LEADS_ELSEWHERE:
        left = left[:-1]  # a bumpy 6
    if left[-1] in {"a", "an"} and words.GIVEN.isdisjoint(left):
        return True  # Arsenal lost, otherwise an 8
    return all(word in KNOWN for word in left) or _led_to(left)


def _may_follow(mention: Mention) -> bool:
    """Whether what stands after it may follow a rating; after a bare number less may than after `I'd say a 5`."""
    if all(word in KNOWN for word in mention.right):
        return mention.right[:1] != ("is",)
    after = mention.right[0]
    if after.endswith(("ing", "ando", "iendo")):
        return True
    is_bare = not mention.left and not mention.is_first
    return after in words.FOLLOWERS - ({"with", "on", "in", "at"} if is_bare else set())


def _after_name(left: Sequence[str]) -> Sequence[str]:
    """What stands between the name of the mood and its number."""
    names = [nth for nth, word in enumerate(left) if word in words.MOOD_FIELDS]
    return left[names[-1] + 1 :] if names else ()


def _is_limit(left: Sequence[str]) -> bool:
    """`more than 5`, `más de 5`; not `más o menos 5`."""
    if left[-3:] == ("mas", "o", "menos") or left[-4:-1] == ("mas", "o", "menos"):
        return False
    return not words.LIMITS.isdisjoint(left[-2:]) or left[-2:] == ("mas", "de")


def _led_to(left: Sequence[str]) -> bool:
    """Whether these words end in something that leads to a rating, but for articles and hedges."""
    return _lead(left) > 0


def _lead(left: Sequence[str]) -> int:
    """How many words at the end of these lead to a rating; none where they do not."""
    end = len(left)
    if left[-1:] == ("to",) and not words.CHANGE.isdisjoint(left):
        return 1
    while end > 0:
        for length in range(min(LONGEST_LEAD, end), 0, -1):
            if tuple(left[end - length : end]) in LEADS:
                return len(left) - end + length
        if left[end - 1] not in words.ARTICLES:
            return 0
        end -= 1
    return 0


# Which one counts -------------------------------------------------------------------------------------------------


def _choose(mentions: Sequence[Mention]) -> Mention | None:
    ratings = [each for each in mentions if each.role == "rating"]
    in_doubt = [each for each in mentions if each.role == "in doubt"]
    named = [each for each in ratings if each.is_named]
    if named:
        return _latest([each for each in named if not each.is_past] or [])
    present = [each for each in ratings if not each.is_past]
    if in_doubt:  # But for what is taken back at last: `typed 88, meant 8`.
        is_last = present and present[-1].amount.first > in_doubt[-1].amount.first
        return present[-1] if is_last and present[-1].corrects else None
    scaled = [each for each in present if each.amount.of is not None]
    if scaled and len({each.amount.value for each in scaled}) == 1 and not any(each.corrects for each in present):
        return scaled[-1]
    return _latest(present)


def _latest(ratings: Sequence[Mention]) -> Mention | None:
    """The one there is; of several the last correction, or the one of now. None where they contradict each other."""
    if not ratings:
        return None
    if len({each.amount.value for each in ratings}) == 1:
        return ratings[0]
    if ratings[-1].corrects:
        return ratings[-1]
    latest = max(each.order for each in ratings)
    of_then = [each for each in ratings if each.order == latest]
    others = [each for each in ratings if each.order != latest]
    if len(of_then) == 1 and latest > 0 and (latest == 4 or all(each.order > 0 for each in others)):
        return of_then[0]
    return None


def _is_plainly_a_rating(chosen: Mention, mentions: Sequence[Mention], normal: Normal) -> bool:
    """For a question that did not ask for a number: `8`, `8/10`, `mood 4`, `8. I felt ...`, `I'd put it at 6`."""
    if chosen.is_named or chosen.amount.of is not None:
        return True
    if sum(each.role != "elsewhere" for each in mentions) > 1:
        return False
    known = words.PLAIN | words.MOOD_FIELDS
    clause_is_plain = all(word in known for word in (*chosen.left, *chosen.right))
    if _led_to(chosen.left) or (clause_is_plain and chosen.is_first):
        return True
    return chosen.is_first and not chosen.left and normal.tokens[chosen.amount.first].kind == "number"


def _earlier(chosen: Mention, mentions: Sequence[Mention]) -> float | None:
    """The highest that the reply says it was before."""
    if chosen.amount.came_from is not None:
        return chosen.amount.came_from
    ratings = [each for each in mentions if each is not chosen and each.role == "rating"]
    before = [each.amount.value for each in ratings if each.is_past or 0 < each.order < chosen.order]
    return max(before, default=None)


def _covered(normal: Normal, mentions: Sequence[Mention]) -> frozenset[int]:
    """The numbers that are ratings, and all plain words in their clauses."""
    covered: set[int] = set()
    for each in mentions:
        if each.role == "rating" or (each.role == "set aside" and not words.OTHERS & {*each.left, *each.right}):
            covered.update(range(each.amount.first, each.amount.last))
            covered.update(_plain_around(normal, each))
    return frozenset(at for at in covered if normal.tokens[at].kind in {"word", "number"})


def _plain_around(normal: Normal, mention: Mention) -> Iterator[int]:
    known = words.PLAIN | words.BEFORE_PAST | words.MOOD_FIELDS | words.DAY_ORDER.keys()
    if mention.role == "set aside":
        known |= words.NEGATIONS | words.NEGATED_THROUGH
    if mention.corrects:
        known |= words.CORRECTIONS
    if mention.amount.came_from is not None:
        known |= words.CHANGE | {"from", "de"}
    first = mention.amount.first
    yield from range(first - _lead(mention.left), first)
    for step, at_first in ((-1, first - 1), (1, mention.amount.last)):
        at = at_first
        while 0 <= at < len(normal.tokens) and (normal.tokens[at].kind != "word" or normal.tokens[at].word in known):
            if normal.tokens[at].kind == "number" or normal.break_at(at) == "strong":
                break
            yield at
            at += step
