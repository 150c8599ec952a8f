"""The last look at one attempt, when its connection stands and nothing was written yet: does all of it still hold?"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Standing:
    """What the store says of an attempt at that moment."""

    purpose: Literal["step", "answer", "staff", "page"]
    seal: str
    """Of patient, number and text, as they were rendered together."""
    is_claimed: bool
    """By this attempt and no newer one, and nobody has said yet what became of it."""
    phone: str | None
    """Of whom it is to, as it is now."""
    has_patient: bool
    deceased: bool
    opted_out: bool
    withdrew: bool
    unread_reply: bool
    """Something came from this number that may be STOP."""
    sending_off: bool


def may_still_leave(standing: Standing, *, seal: str, number: str) -> bool:
    """A page needs its claim and its seal only; an answer is stopped by STOP, death and the switch besides."""
    if not standing.is_claimed or standing.seal != seal:
        return False
    if standing.purpose == "page":
        return True
    if standing.deceased or standing.opted_out or standing.sending_off:
        return False
    if standing.has_patient and standing.phone != number:
        return False
    return standing.purpose == "answer" or not (standing.withdrew or standing.unread_reply)
