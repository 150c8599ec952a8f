"""After-effects of a session: expected, to be looked at, or a red flag, by the treatment and the hours since its end.

A denial lowers a red flag to a concern and leaves an ordinary effect unsaid; it ends at the clause.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from followup.rules.reading.normal import Normal
from followup.rules.reading.phrase import words_in
from followup.rules.reading.reading import Level, Prompt
from followup.rules.reading.side_effect_words import Effect, SideEffectWords
from followup.rules.reading.spoken import Said, Spoken, speak

DENIALS = words_in("no not without never nor neither zero none sin ni tampoco nunca ningun ninguna deny denies niego")
CARRY_ON = words_in(
    "any a an the or and more real longer really bad have had having feel feeling felt my been noticed experienced at",
    "all",
    "signs of issues problems with trouble de ningun ninguna tengo tuve hay he siento o y mas nada el la los las ni me",
    "ha dado fuerte much longer is there was bit even single significant major",
)
"""Words that carry a denial on to what follows."""
ONGOING = words_in("still todavia aun sigo sigue siguen lingering persists")
SYSTOLIC, DIASTOLIC = 180, 120
"""From here on a blood pressure that a patient reports is a red flag (facts/clinical 1.2; the clinic may set it)."""
FAST_PULSE = 120
"""Beats a minute, in a text that speaks of the heart."""
SAME_DAY_HOURS = 6.0
"""How long ago the session was where all that is known is that it was today."""
PRESSURE_WORDS = words_in("bp pressure presion tension blood")
HEART_WORDS = words_in("heart hearts pulse heartbeat hr bpm corazon pulso")


@dataclass(frozen=True)
class SideEffect:
    name: str
    level: Level
    reason: str
    span: tuple[int, int]
    covered: frozenset[int]
    """Tokens of the reply that say this and nothing else."""
    is_denied: bool = False


def find_side_effects(
    normal: Normal,
    words: SideEffectWords,
    *,
    prompt: Prompt,
    treatment: str | None = None,
    hours_since: float | None = None,
) -> tuple[SideEffect, ...]:
    """The most urgent first. `treatment` is the kind of session; `hours_since` counts from its end."""
    spoken = speak(normal, words.book, words.unless, mended=words.mended, ordinary=words.ordinary)
    lowered = {said.name for said in words.unless.find(spoken)}
    said = list(words.book.find(spoken))
    kind = words.treatment_of(treatment)
    hours = _hours(prompt, hours_since)
    found = [_effect(each, words.effects[each.name], spoken, said, each.name in lowered, hours, kind) for each in said]
    found += _pressures(normal, spoken)
    return tuple(sorted(found, key=lambda each: ("urgent", "concern", "routine").index(each.level)))


def _hours(prompt: Prompt, hours_since: float | None) -> float:
    """Unknown is long ago, but for an answer to the question of the day itself."""
    if hours_since is not None and hours_since >= 0:
        return hours_since
    return SAME_DAY_HOURS if prompt == "same_day" else float("inf")


def _effect(
    said: Said, effect: Effect, spoken: Spoken, all_said: list[Said], is_lowered: bool, hours: float, kind: str | None
) -> SideEffect:
    level, reason = _level(effect, hours, kind)
    denied = _is_denied(said, spoken, all_said)
    if is_lowered and level == "urgent":
        level, reason = "concern", f"{reason} (may be meant otherwise)"
    if denied is not None:
        level, reason = ("concern" if level == "urgent" else "routine"), f"{effect.reason} (may be denied)"
    return SideEffect(
        name=said.name,
        level=level,
        reason=reason,
        span=spoken.span(said.start, said.end),
        covered=spoken.covered(said.start if denied is None else denied, said.end),
        is_denied=denied is not None,
    )


def _level(effect: Effect, hours: float, kind: str | None) -> tuple[Level, str]:
    until = effect.expected.get(kind, 0) if kind else min(effect.expected.values(), default=0)
    if kind is None and len(effect.expected) < 3:
        until = 0
    if hours < until:
        expected: Level = "concern" if effect.level == "urgent" else "routine"
        return expected, f"{effect.reason} (expected until {until:g} h after the session)"
    return effect.level, f"{effect.reason}{', later than expected' if until and hours < 1000 else ''}"


def _is_denied(said: Said, spoken: Spoken, all_said: list[Said]) -> int | None:
    """Where the denial stands; None where there is none. `No nausea, headache or dizziness` denies all three."""
    sentence = spoken.sentence
    inside = {at for each in all_said for at in range(each.start, each.end)}
    at = said.start
    while at > 0:
        if sentence.breaks[at] == 2 or (sentence.breaks[at] == 1 and not _carries_over(at, inside)):
            return None
        at -= 1
        if sentence.words[at] in DENIALS and not (at and sentence.words[at - 1] in {"can", "could"}):
            return at
        if sentence.words[at] not in CARRY_ON and at not in inside:
            return None
    return None


def _carries_over(at: int, inside: set[int]) -> bool:
    """A comma in a list of effects ends no denial: what stands before it is an effect, too."""
    return at - 1 in inside


# Numbers --------------------------------------------------------------------------------------------------------


def _pressures(normal: Normal, spoken: Spoken) -> Iterator[SideEffect]:
    """`bp 190 over 110`, `138/84`, `pulse 150`."""
    tokens = normal.tokens
    said = {token.word for token in tokens}
    numbers = [(nth, float(t.word)) for nth, t in enumerate(tokens) if t.kind == "number" and t.word.isdecimal()]
    for (first, upper), (second, lower) in pairwise(numbers):
        between = [token.word for token in tokens[first + 1 : second]]
        if between in (["/"], ["over"], ["sobre"], ["con"], ["y"]) and 70 <= upper <= 280 and 30 <= lower <= 180:
            is_high = upper >= SYSTOLIC or lower >= DIASTOLIC
            span = (tokens[first].start, tokens[second].end)
            yield _measured("Very high blood pressure" if is_high else "Mentions a blood pressure", is_high, span)
    for nth, number in numbers:
        span = (tokens[nth].start, tokens[nth].end)
        if said & PRESSURE_WORDS and SYSTOLIC <= number <= 280:
            yield _measured("Very high blood pressure", True, span)
        if said & HEART_WORDS and FAST_PULSE <= number <= 250 and not said & PRESSURE_WORDS:
            yield _measured("Very fast pulse", True, span)


def _measured(reason: str, is_high: bool, span: tuple[int, int]) -> SideEffect:
    return SideEffect("measured", "urgent" if is_high else "concern", reason, span, frozenset())
