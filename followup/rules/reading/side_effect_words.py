"""The after-effects as a value, read from `schedules/side_effect_words.toml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from followup.rules.reading.patterns import PatternMistake
from followup.rules.reading.reading import Level
from followup.rules.reading.spoken import Book, make_book


class SideEffectWordsMistake(ValueError):
    """The file of after-effects cannot be used: correct the key that is named, and start again."""

    def __init__(self, *, file: str, key: str, words: str) -> None:
        super().__init__(f"{file}: {key}: {words}" if key else f"{file}: {words}")
        self.file = file
        self.key = key
        self.words = words


@dataclass(frozen=True)
class Effect:
    reason: str
    """In words for staff."""
    level: Level
    """Where it is not expected."""
    expected: Mapping[str, float]
    """Hours after the end of the session until when it is expected, by treatment."""


@dataclass(frozen=True)
class SideEffectWords:
    effects: Mapping[str, Effect]
    book: Book
    unless: Book
    """By the effect that it lowers."""
    mended: frozenset[str]
    ordinary: frozenset[str]
    treatments: Mapping[str, Sequence[str]]

    def treatment_of(self, kind: str | None) -> str | None:
        """Which treatment a kind of session (`ketamine-iv`) counts as."""
        given = (kind or "").casefold()
        names = (name for name, parts in self.treatments.items() if any(part in given for part in parts))
        return next(names, None)


# The file's form -----------------------------------------------------------------------------------------------

Words = Annotated[str, Field(min_length=2, max_length=4000)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Effect(_Strict):
    reason: Annotated[str, Field(min_length=3, max_length=60)]
    level: Level = "concern"
    expected: dict[str, Annotated[float | int, Field(ge=0, le=72)]] = {}
    says: Annotated[list[Words], Field(min_length=1)]
    unless: list[Words] = []


class _File(_Strict):
    fillers: str
    mended: str
    ordinary: str
    treatments: dict[str, list[Words]]
    groups: dict[str, Words]
    effects: Annotated[dict[str, _Effect], Field(min_length=1)]


def read_side_effect_words(given: Mapping[str, Any], *, file: str) -> SideEffectWords:
    """The file, already parsed. Raises SideEffectWordsMistake."""
    try:
        form = _File.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SideEffectWordsMistake(file=file, key=key, words=first["msg"]) from None
    for name, effect in form.effects.items():
        _check(name, effect, form, file)
    return SideEffectWords(
        effects={name: Effect(each.reason, each.level, each.expected) for name, each in form.effects.items()},
        book=make_book({k: v.says for k, v in form.effects.items()}, groups=form.groups, fillers=form.fillers),
        unless=make_book({k: v.unless for k, v in form.effects.items()}, groups=form.groups, fillers=form.fillers),
        mended=frozenset(form.mended.split()),
        ordinary=frozenset(form.ordinary.split()),
        treatments=form.treatments,
    )


def _check(name: str, effect: _Effect, form: _File, file: str) -> None:
    unknown = set(effect.expected) - set(form.treatments)
    if unknown:
        raise SideEffectWordsMistake(
            file=file, key=f"effects.{name}.expected", words=f"{sorted(unknown)} is none of {sorted(form.treatments)}"
        )
    if effect.level == "routine":
        raise SideEffectWordsMistake(file=file, key=f"effects.{name}.level", words="is concern or urgent")
    for key, lines in (("says", effect.says), ("unless", effect.unless)):
        for line in lines:
            try:
                make_book({name: [line]}, groups=form.groups)
            except (PatternMistake, ValueError) as mistake:
                raise SideEffectWordsMistake(
                    file=file, key=f"effects.{name}.{key}", words=f"{line!r} {mistake}"
                ) from None
