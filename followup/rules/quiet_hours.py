"""When texts may leave: windows on the patient's wall clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Window:
    """Open from `opens`, and no longer at `closes`."""

    opens: time
    closes: time

    def holds(self, local: time) -> bool:
        return self.opens <= local < self.closes

    def closes_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """When the window that is open at this instant closes, in UTC."""
        return at_wall_clock(at.astimezone(zone).date(), self.closes, zone)


SENDING = Window(time(9), time(20))
"""Automatic texts. The law says 8:00 to 21:00, the strictest states 9:00 to 20:00 (facts/twilio 1.5)."""
PROMPTS = Window(time(9), time(18))
"""Texts that invite an answer: it must find a reader (facts/clinical 1.3)."""
STAFF = Window(time(8), time(21))
"""What a person writes: 47 CFR 64.1200(c)(1)."""


def at_wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant when the clock on the wall shows this.

    Where clocks go forward over it: the first minute after the gap. Where it comes twice: the first.
    """
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(local, zone)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """`local` does not exist. Read with the offset from after the gap it lies before it, with the other behind it."""
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset_before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def is_allowed(at: datetime, zone: ZoneInfo, window: Window) -> bool:
    return window.holds(at.astimezone(zone).time())


def first_allowed(at: datetime, zone: ZoneInfo, window: Window) -> datetime:
    """`at` itself if the window is open then, else when it opens next. UTC in, UTC out."""
    if is_allowed(at, zone, window):
        return at
    local = at.astimezone(zone)
    opens = at_wall_clock(local.date(), window.opens, zone)
    if opens <= at:
        opens = at_wall_clock(local.date() + timedelta(days=1), window.opens, zone)
    return first_allowed(opens, zone, window)  # Where a whole day is left out (Apia 2011-12-30), its gap ends at night.
