"""Stricter hours of single states, on the patient's wall clock. A state counts only where somebody gave it.

The laws are about telephone solicitations, which aftercare hardly is; we keep to them all the same. Lists of them
disagree, so each row is the strictest reading (facts/twilio 1.5); a clinic's counsel has the last word. Hours that
are wider than our own change nothing: our windows are never widened.
"""

from datetime import time

SUNDAY, SATURDAY = 6, 5
NEVER = (time(0), time(0))
Hours = tuple[time, time]

_TO_EIGHT = (time(8), time(20))
WEEK: dict[str, Hours] = {
    "AL": _TO_EIGHT,
    "CT": (time(9), time(20)),
    "FL": _TO_EIGHT,
    "KY": (time(10), time(21)),
    "LA": _TO_EIGHT,
    "MA": _TO_EIGHT,
    "MD": _TO_EIGHT,
    "MI": (time(9), time(21)),
    "MN": (time(9), time(21)),
    "MS": _TO_EIGHT,
    "NJ": _TO_EIGHT,
    "NM": (time(9), time(21)),
    "NV": (time(9), time(20)),
    "OK": _TO_EIGHT,
    "RI": (time(9), time(18)),
    "TX": (time(9), time(21)),
}
OTHER_DAYS: dict[tuple[str, int], Hours] = {
    ("AL", SUNDAY): NEVER,
    ("LA", SUNDAY): NEVER,
    ("MS", SUNDAY): NEVER,
    ("PA", SUNDAY): (time(13, 30), time(20)),
    ("RI", SATURDAY): (time(10), time(17)),
    ("RI", SUNDAY): (time(10), time(17)),
    ("TX", SUNDAY): (time(12), time(21)),
}


def state_hours(state: str, weekday: int) -> Hours | None:
    """(from, until) of that day, Monday 0; the same twice: not at all. None: no rule of its own."""
    return OTHER_DAYS.get((state, weekday), WEEK.get(state))
