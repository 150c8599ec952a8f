"""Words that were hidden from filters, or run together in haste, made plain again.

People who were once blocked for a word write it so (`su1c1de`, `k*ll`, `unal1ve`). Only the words listed here are
looked for, so that `b12`, `covid19` and `3pm` stay what they are.
"""

from functools import lru_cache

from followup.rules.reading.phrase import words_in

HIDDEN = words_in(
    "suicide suicidal suicides kill killed killing kills kms kys die dies died dying dead death myself himself herself",
    "unalive unaliving unalived selfharm harm harming hurt hurting cut cutting cuts hang hanging shoot shooting shot",
    "overdose overdosed overdosing od pills pill gun knife blade razor rope noose bridge jump jumping murder ctb live",
    "alive life living wake sewerslide sewercide slit wrists bleed drown drowning self end ending",
    "suicidio suicidarme suicida suicidar matar matarme mato matare morir morirme muero muerto muerta muerte vivir",
    "ahorcarme colgarme cortarme cortando pastillas pistola cuchillo arma vida danarme lastimarme dano desaparecer",
)
GLUE = words_in(
    "i im to the a my me it all wanna want wanted going gonna just dont do not be so of is up in for and no more get",
    "think thinking thoughts about feel feeling wish was were with out over am can cant this off from today tonight",
    "anymore even care did life this because anyone everyone nobody would should could never ever here hate",
    "need have own better exist existing go away forever sleep please help",
    "yo me mi la el lo que quiero voy a ya no ganas de tengo mas hacerme en este mundo dormir y",
)
TELLING = HIDDEN - words_in("live life alive living wake end ending self cut cuts shot harm arma vida od hurt up")
"""Without one of these, words run together are left as they are."""
LETTER = dict(zip("1!|30$5@47+8(962", ("il", "il", "il", *"eossaattbcggz"), strict=True))
"""What a digit or mark may stand for."""
NOTHING = frozenset(".-_•#'|")
"""Between letters they are only there to part them."""
LONGEST_RUN = 60


@lru_cache(maxsize=4096)
def unmasked(chunk: str) -> str | None:
    """The hidden word behind digits and marks, if there is one: `k!ll`, `su1c1de`, `s*icide`, `k-i-l-l`."""
    trimmed = chunk.strip(".-_•#'()|!*" if chunk[-1].isalnum() else ".-_•#'(|")
    if sum(each.isalpha() for each in trimmed) < 2 or not trimmed[0].isascii() or trimmed.isalpha():
        return None
    bare = "".join(each for each in trimmed if each not in NOTHING)
    if bare.isalpha():
        return _unmasked_letters(trimmed, bare)
    for word in _words_of_length(len(bare)):
        if all(_may_be(mark, letter) for mark, letter in zip(bare, word, strict=True)):
            return word
    plain = "".join(LETTER.get(each, each)[0] for each in bare)
    words = pull_apart(plain) if plain.isalpha() and len(plain) >= 6 else (plain,)
    return " ".join(words) if len(words) > 1 else None


def _unmasked_letters(trimmed: str, bare: str) -> str | None:
    """`k-i-l-l` or `su-icide`; `self-harm` is two words and no mask."""
    parts = [part for part in trimmed.replace("_", "-").replace(".", "-").split("-") if part]
    if bare in HIDDEN and not all(part in HIDDEN or part in GLUE for part in parts):
        return bare
    return None


def _may_be(mark: str, letter: str) -> bool:
    return mark in {letter, "*"} or letter in LETTER.get(mark, "")


@lru_cache(maxsize=64)
def _words_of_length(length: int) -> tuple[str, ...]:
    return tuple(sorted(word for word in HIDDEN if len(word) == length))


def spelled_out(letters: str) -> list[str] | None:
    """The words that single letters spell, if they spell words and one of them tells."""
    words = _apart(letters)
    return words if words and TELLING.intersection(words) else None


@lru_cache(maxsize=4096)
def pull_apart(word: str) -> tuple[str, ...]:
    """The words that were run together (`wannadie`), if one of them tells; else the word as it is."""
    if not 6 <= len(word) <= LONGEST_RUN or word in HIDDEN or word in GLUE:
        return (word,)
    words = _apart(word)
    if words is None or len(words) < 2 or not TELLING.intersection(words):
        return (word,)
    return tuple(words)


def _apart(run: str) -> list[str] | None:
    """As few words as can be, all of them known here."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(run) + 1):
        found: list[str] | None = None
        for start in range(max(0, end - 12), end):
            before, word = best[start], run[start:end]
            if before is not None and (word in HIDDEN or word in GLUE) and (not found or len(before) + 1 < len(found)):
                found = [*before, word]
        best.append(found)
    return best[-1]
