"""Which numbers a person looks at: beyond a limit, or much worse than is usual for this patient."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from followup.rules.reading.reading import Reading, more_urgent
from followup.rules.step import NUMBERS, Ask, Worry

DEFAULTS: dict[Ask, Worry] = {
    "score": Worry(at_most=2, fall=3),
    "pain": Worry(at_least=8, fall=3),
    "phq2": Worry(at_least=2),
}
"""Where a step does not say (facts/clinical 1.4, 3.5)."""
HIGH_IS_WORST: tuple[Ask, ...] = ("pain", "phq2")
LOOKS_BACK, LEAST = 7, 2
"""A patient's usual number is the middle one of so many earlier answers, once there are this many."""
NAMES: dict[Ask, str] = {"score": "score", "pain": "pain score", "phq2": "PHQ-2 item"}


def why_it_worries(ask: Ask, number: float, *, earlier: Sequence[float], limits: Worry | None) -> str | None:
    """In words for staff; None: it is within the limits. `earlier` are answers to the same question, oldest first."""
    given = limits or DEFAULTS[ask]
    name, shown = NAMES[ask], _shown(number)
    if given.at_most is not None and number <= given.at_most:
        return f"{name} {shown}, {given.at_most} or less"
    if given.at_least is not None and number >= given.at_least:
        return f"{name} {shown}, {given.at_least} or more"
    usual = usual_number(earlier)
    if given.fall is None or usual is None:
        return None
    worse_by = number - usual if ask in HIGH_IS_WORST else usual - number
    if worse_by < given.fall:
        return None
    return f"{name} {shown}, {_shown(worse_by)} worse than the usual {_shown(usual)}"


def weigh(reading: Reading, ask: Ask | None, *, earlier: Sequence[float], limits: Worry | None) -> Reading:
    """The reading of an answer to this question, lifted to `concern` where its number worries; never lowered.

    Of a range the worse end counts.
    """
    if ask not in NUMBERS or reading.score is None:
        return reading
    worst = reading.score if ask in HIGH_IS_WORST or reading.low is None else reading.low
    why = why_it_worries(ask, worst, earlier=earlier, limits=limits)
    if why in reading.reasons:
        return reading
    plain = f"score {reading.score:g}"
    if why is None:
        named = tuple(f"{NAMES[ask]} {reading.score:g}" if said == plain else said for said in reading.reasons)
        return replace(reading, reasons=named)
    others = tuple(said for said in reading.reasons if said not in {plain, f"{NAMES[ask]} {reading.score:g}"})
    return replace(reading, level=more_urgent(reading.level, "concern"), reasons=(why, *others))


def usual_number(earlier: Sequence[float]) -> float | None:
    """The patient's own baseline; None: too little is known."""
    recent = earlier[-LOOKS_BACK:]
    return median(recent) if len(recent) >= LEAST else None


def _shown(number: float) -> str:
    return f"{number:g}"
