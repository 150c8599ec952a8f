"""When a clinic reads answers, in words."""

from collections.abc import Sequence

from followup.rules.quiet_hours import StaffedHours

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""By their number: Monday is 0."""


def hours_words(staffed: StaffedHours) -> str:
    """`09:00 to 17:00 (America/New_York), closed on Sundays and 2 single days`"""
    closed = [f"{DAYS[day]}s" for day in sorted(staffed.closed_weekdays)]
    if single := len(staffed.closed_on):
        closed.append("1 single day" if single == 1 else f"{single} single days")
    hours = f"{staffed.opens:%H:%M} to {staffed.closes:%H:%M} ({staffed.zone.key})"
    return f"{hours}, closed on {listed(closed)}" if closed else f"{hours}, every day"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`"""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
