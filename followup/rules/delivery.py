"""The life of a message (DESIGN.md 4): which status may follow which. A final one never moves back."""

from typing import Literal

Status = Literal[
    "planned",
    "claimed",
    "uncertain",
    "accepted",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "cancelled",
    "expired",
    "suppressed",
]

MOVES: dict[Status, frozenset[Status]] = {
    "planned": frozenset({"claimed", "cancelled", "expired", "suppressed", "failed"}),
    # A certain refusal is planned again; a callback may be faster than the answer to the call.
    "claimed": frozenset(
        {
            "planned",
            "uncertain",
            "accepted",
            "sent",
            "delivered",
            "undelivered",
            "failed",
            "suppressed",
            "cancelled",
            "expired",
        }
    ),
    "uncertain": frozenset(
        {"planned", "accepted", "sent", "delivered", "undelivered", "failed", "suppressed", "cancelled", "expired"}
    ),
    "accepted": frozenset({"sent", "delivered", "undelivered", "failed"}),
    "sent": frozenset({"delivered", "undelivered", "failed"}),
    "delivered": frozenset(),
    "undelivered": frozenset(),
    "failed": frozenset(),
    "cancelled": frozenset(),
    "expired": frozenset(),
    "suppressed": frozenset(),
}

FINAL: frozenset[Status] = frozenset(status for status, after in MOVES.items() if not after)


def may_move(before: Status, after: Status) -> bool:
    return after in MOVES[before]


def after_report(current: Status, reported: Status) -> Status:
    """Where a message stands after the carrier's word; one that would move it back is nothing new."""
    return reported if may_move(current, reported) else current
