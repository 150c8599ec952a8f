"""The grammar of danger as a value, read from `schedules/danger_words.toml` and what a clinic lays over it.

A clinic adds freely. It lowers one phrase at a time, from `urgent` to `concern`, and says why. It cannot remove one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from followup.rules.reading.patterns import (
    Element,
    Pattern,
    PatternMistake,
    choice,
    first_words,
    needed_words,
    one_of,
    read_pattern,
)
from followup.rules.reading.patterns import words_of as words_of_pattern

Language = Literal["en", "es"]
DangerLevel = Literal["urgent", "concern"]


Form = TypeVar("Form", bound=BaseModel)


LOWERING = {
    "negations",
    "no_negations",
    "links",
    "past",
    "present",
    "again",
    "gone",
    "denied_after",
    "story",
    "first_person",
}
"""What the file must say about lowering."""


class DangerWordsMistake(ValueError):
    """A file of danger words cannot be used: correct the key that is named, and start again."""

    def __init__(self, *, file: str, key: str, words: str) -> None:
        super().__init__(f"{file}: {key}: {words}" if key else f"{file}: {words}")
        self.file = file
        self.key = key
        self.words = words


@dataclass(frozen=True, eq=False)
class Phrase:
    family: str
    language: Language
    level: DangerLevel
    says: str
    """The pattern as it stands in the file: the name by which a clinic lowers it."""
    pattern: Pattern
    unless: Pattern = ()
    """Where this is said anywhere in the reply too, the phrase is a concern only."""
    needed: tuple[frozenset[str], ...] = ()
    """Of each of these a reply must hold a word (`needed_words`)."""
    lowered_because: str = ""
    """The clinic's reason for lowering it."""


@dataclass(frozen=True)
class Grammar:
    phrases: tuple[Phrase, ...]
    reasons: Mapping[str, str]
    """What staff read, by family."""
    of_another: frozenset[str]
    """Families whose words speak of somebody else than the writer."""
    fillers: frozenset[str]
    mended: frozenset[str]
    """Words whose typos are made good."""
    ordinary: frozenset[str]
    """Words near those that are words of their own."""
    lowering: Mapping[str, Pattern]
    """What lowers a phrase, by name: `negations`, `past`, ... (see the file)."""

    @cached_property
    def by_word(self) -> Mapping[str, tuple[Phrase, ...]]:
        """Phrases by the words that they may begin with."""
        found: dict[str, list[Phrase]] = {}
        for phrase in self.phrases:
            for word in first_words(phrase.pattern):
                found.setdefault(word, []).append(phrase)
        return {word: tuple(some) for word, some in found.items()}

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Every plain word of every phrase: they are no typos."""
        return frozenset(word for phrase in self.phrases for word in words_of_pattern(phrase.pattern))

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Every beginning of words that is looked for anywhere, with its `*`."""
        patterns = [*(phrase.pattern for phrase in self.phrases), *(phrase.unless for phrase in self.phrases)]
        words = (word for pattern in (*patterns, *self.lowering.values()) for word in words_of_pattern(pattern))
        return frozenset(word for word in words if word.endswith("*"))


# The file's form -----------------------------------------------------------------------------------------------

Words = Annotated[str, Field(min_length=2, max_length=4000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Family(_Strict):
    reason: Annotated[str, Field(min_length=3, max_length=60)]
    """In words that describe the text, not the person."""
    of_another: bool = False
    """Its words speak of somebody else: `my` in them does not make a story the writer's own."""


class _Phrases(_Strict):
    family: str
    language: Language
    level: DangerLevel
    says: Annotated[list[Words], Field(min_length=1)]
    unless: list[Words] = []


class _File(_Strict):
    fillers: str
    mended: str
    ordinary: str
    families: dict[str, _Family]
    groups: dict[str, Words]
    lowering: dict[str, list[Words]]
    phrases: Annotated[list[_Phrases], Field(min_length=1)]


class _Lowered(_Strict):
    says: Words
    reason: Annotated[str, Field(min_length=10, max_length=300)]
    by: Annotated[str, Field(min_length=3, max_length=100)]
    """The name of who decided it."""


class _ClinicFile(_Strict):
    groups: dict[str, Words] = {}
    add: list[_Phrases] = []
    lower: list[_Lowered] = []


def read_grammar(given: Mapping[str, Any], *, file: str) -> Grammar:
    """The built-in file, already parsed. Raises DangerWordsMistake."""
    form = _checked(_File, given, file)
    groups = _read_groups(form.groups, {}, file)
    lowering = {name: one_of(_read_all(some, groups, file, f"lowering.{name}")) for name, some in form.lowering.items()}
    missing = LOWERING - set(lowering)
    if missing:
        raise DangerWordsMistake(file=file, key="lowering", words=f"{sorted(missing)} missing")
    reasons = {name: family.reason for name, family in form.families.items()}
    return Grammar(
        phrases=tuple(_phrases(form.phrases, "phrases", groups=groups, reasons=reasons, file=file)),
        reasons=reasons,
        of_another=frozenset(name for name, family in form.families.items() if family.of_another),
        fillers=frozenset(form.fillers.split()),
        mended=frozenset(form.mended.split()),
        ordinary=frozenset(form.ordinary.split()),
        lowering=lowering,
    )


def lay_over(
    grammar: Grammar, given: Mapping[str, Any], *, file: str, groups_from: Mapping[str, Any] | None = None
) -> Grammar:
    """The grammar with a clinic's own file on top. Raises DangerWordsMistake.

    `groups_from` is the parsed built-in file, whose groups a clinic's phrases may use.
    """
    form = _checked(_ClinicFile, given, file)
    built_in = _checked(_File, groups_from, file).groups if groups_from is not None else {}
    groups = _read_groups(form.groups, _read_groups(built_in, {}, file), file)
    added = tuple(_phrases(form.add, "add", groups=groups, reasons=grammar.reasons, file=file))
    lowered: dict[str, str] = {}
    known = {phrase.says for phrase in grammar.phrases}
    for nth, each in enumerate(form.lower):
        if each.says not in known:
            raise DangerWordsMistake(file=file, key=f"lower.{nth}.says", words=f"no phrase reads {each.says!r}")
        lowered[each.says] = f"{each.reason} ({each.by})"
    kept = (
        replace(phrase, level="concern", lowered_because=lowered[phrase.says]) if phrase.says in lowered else phrase
        for phrase in grammar.phrases
    )
    return replace(grammar, phrases=(*kept, *added))


def _checked(form: type[Form], given: Mapping[str, Any], file: str) -> Form:
    try:
        return form.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise DangerWordsMistake(file=file, key=key, words=first["msg"]) from None


def _read_groups(given: Mapping[str, str], known: Mapping[str, Element], file: str) -> dict[str, Element]:
    """Each group may use those above it."""
    groups = dict(known)
    for name, text in given.items():
        [pattern] = _read_all([f"({text})"], groups, file, f"groups.{name}")
        groups[name] = pattern[0] if len(pattern) == 1 else choice([pattern])
    return groups


def _phrases(
    given: list[_Phrases], table: str, *, groups: Mapping[str, Element], reasons: Mapping[str, str], file: str
) -> Iterator[Phrase]:
    for nth, some in enumerate(given):
        if some.family not in reasons:
            raise DangerWordsMistake(
                file=file, key=f"{table}.{nth}.family", words=f"{some.family!r} is none of {sorted(reasons)}"
            )
        unless = one_of(_read_all(some.unless, groups, file, f"{table}.{nth}.unless"))
        patterns = _read_all(some.says, groups, file, f"{table}.{nth}.says")
        for says, pattern in zip(some.says, patterns, strict=True):
            yield Phrase(some.family, some.language, some.level, says, pattern, unless, needed_words(pattern))


def _read_all(texts: list[str], groups: Mapping[str, Element], file: str, key: str) -> tuple[Pattern, ...]:
    found: list[Pattern] = []
    for nth, text in enumerate(texts):
        try:
            found.append(read_pattern(" ".join(text.split()), groups))
        except PatternMistake as mistake:
            raise DangerWordsMistake(file=file, key=f"{key}.{nth}", words=f"{text!r} {mistake}") from None
    return tuple(found)
