"""What earlier replies make of a reading: they lift its level, and never lower it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from followup.rules.reading.reading import Level, Reading, more_urgent

ONE_ANSWER = timedelta(minutes=10)
"""Texts so soon after each other are one answer: `6`, `slept badly`, `actually 5`."""
RECENT = timedelta(hours=72)
URGENT_LATELY = timedelta(days=7)
LOOKS_BACK = timedelta(days=28)
LOW_SCORE = 2
OF_THE_PATIENT = frozenset({"danger", "help", "call_me", "call_at_once", "worse", "side_effect"})
"""Concerns about how the patient is; a question or another time for the appointment is none."""


@dataclass(frozen=True)
class Earlier:
    """An earlier reply of the same patient, as it was read."""

    at: datetime
    kind: str
    level: str


def in_context(
    reading: Reading, earlier: Sequence[Earlier], *, at: datetime, was_urgent_lately: bool = False
) -> Reading:
    """The reading with its level lifted by what came before it, and why."""
    reasons: list[tuple[Level, str]] = []
    is_of_patient = _is_of_the_patient(reading)
    if was_urgent_lately:
        level: Level = "urgent" if is_of_patient and reading.level == "concern" else "concern"
        reasons.append((level, "an urgent case within 7 days"))
    before = [each for each in earlier if timedelta(0) <= at - each.at <= RECENT and each.level != "routine"]
    of_danger = [each for each in before if each.kind == "danger"]
    if len(before) >= 2:
        level = "urgent" if "danger" in reading.labels and len(of_danger) >= 2 else "concern"
        reasons.append((level, f"concern number {len(before) + 1} within 72 h"))
    return _lifted(reading, reasons)


def _is_of_the_patient(reading: Reading) -> bool:
    low = reading.low if reading.low is not None else reading.score
    return bool(OF_THE_PATIENT.intersection(reading.labels)) or (low is not None and low <= LOW_SCORE)


def _lifted(reading: Reading, reasons: Sequence[tuple[Level, str]]) -> Reading:
    level = reading.level
    said = list(reading.reasons)
    for lifts_to, words in reasons:
        if more_urgent(level, lifts_to) != level or reading.level != "routine":
            said.append(words)
        level = more_urgent(level, lifts_to)
    return replace(reading, level=level, reasons=tuple(said))


# Several texts that are one answer -------------------------------------------------------------------------------


def together(reading: Reading, joined: Reading) -> Reading:
    """A reading lifted by what the texts of one answer say when they are read as one (`i want to` / `die`)."""
    if more_urgent(reading.level, joined.level) == reading.level or joined.level != "urgent":
        return reading
    return replace(
        reading,
        kind=joined.kind if joined.kind in {"danger", "side_effect", "help"} else reading.kind,
        level=joined.level,
        reasons=(*joined.reasons, "read together with the text before"),
        labels=tuple(dict.fromkeys([*joined.labels, *reading.labels])),
    )
