"""Hours in which somebody works at the clinic, on its own wall clock, every day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from followup.rules.quiet_hours import at_wall_clock

NOTHING = timedelta(0)


@dataclass(frozen=True)
class StaffedHours:
    """From `opens` to `closes`; past midnight where `closes` is not later than `opens`."""

    opens: time
    closes: time
    zone: ZoneInfo


def staffed_time(since: datetime, until: datetime, hours: StaffedHours) -> timedelta:
    """How much of that stretch was staffed."""
    day, last = since.astimezone(hours.zone).date() - timedelta(days=1), until.astimezone(hours.zone).date()
    staffed = NOTHING
    while day <= last:
        next_day = day + timedelta(days=1)
        opens = at_wall_clock(day, hours.opens, hours.zone)
        closes = at_wall_clock(day if hours.closes > hours.opens else next_day, hours.closes, hours.zone)
        staffed += max(min(until, closes) - max(since, opens), NOTHING)
        day = next_day
    return staffed
