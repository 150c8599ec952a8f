"""Which of the clinic's approved texts answers a patient by itself, if one does (facts/clinical 4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from followup.rules.reading.reading import Reading

Answer = Literal[
    "urgent", "after_effect_urgent", "asked_again", "unclear", "out_of_hours", "help", "thanks", "usual_after_effect"
]
"""Names of standard texts."""
NOT_AGAIN_WITHIN: Mapping[Answer, timedelta] = {
    "urgent": timedelta(hours=6),
    "after_effect_urgent": timedelta(hours=6),
    "asked_again": timedelta(0),
    "unclear": timedelta(days=1),
    "out_of_hours": timedelta(hours=12),
    "help": timedelta(hours=1),
    "thanks": timedelta(days=7),
    "usual_after_effect": timedelta(days=1),
}
"""An episode, a conversation: the same text twice in it says less than once. `asked_again` counts by its question."""
A_PERSON_WRITES = timedelta(hours=2)
"""While a member of staff writes with the patient, only what is urgent or asked for by name is said beside them."""


@dataclass(frozen=True)
class Heard:
    """What is known when a reply was read."""

    reading: Reading
    is_staffed: bool
    carrier_answers: bool = False
    """The carrier took the text for STOP, START or HELP, and answers it itself."""
    staff_wrote_at: datetime | None = None
    asked_again: bool = False
    """This question was asked again before: now a person looks."""
    left_at: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """When each standard text was last on its way to this patient."""


def choose_answer(heard: Heard, *, now: datetime) -> Answer | None:
    """None: nothing leaves by itself. What is urgent is said first, and never beside anything else."""
    if heard.carrier_answers or {"stop", "start", "wrong_person"} & {heard.reading.kind, *heard.reading.labels}:
        return None
    wanted = _wanted(heard, now=now)
    if wanted is None:
        return None
    left_at = heard.left_at.get(wanted)
    return None if left_at is not None and now - left_at < NOT_AGAIN_WITHIN[wanted] else wanted


def _wanted(heard: Heard, *, now: datetime) -> Answer | None:
    reading = heard.reading
    if reading.level == "urgent":
        return "after_effect_urgent" if reading.kind == "side_effect" else "urgent"
    if reading.kind == "help":
        return "help"
    if heard.staff_wrote_at is not None and now - heard.staff_wrote_at < A_PERSON_WRITES:
        return None
    if reading.asks_again and not heard.asked_again:
        return "asked_again"
    if reading.level == "concern":
        if not heard.is_staffed:
            return "out_of_hours"
        return "unclear" if reading.kind == "unclear" else None
    if reading.kind == "side_effect":
        return "usual_after_effect"
    return "thanks" if reading.kind == "choice" else None
