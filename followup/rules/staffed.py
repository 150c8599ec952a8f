"""How long something has waited while anybody was there."""

from datetime import datetime, timedelta

from followup.rules.quiet_hours import StaffedHours, at_wall_clock

NOTHING = timedelta(0)


def staffed_time(since: datetime, until: datetime, hours: StaffedHours) -> timedelta:
    """How much of that stretch was staffed."""
    day, last = since.astimezone(hours.zone).date(), until.astimezone(hours.zone).date()
    staffed = NOTHING
    while day <= last:
        if hours.why_closed(day) is None:
            opens = at_wall_clock(day, hours.opens, hours.zone)
            staffed += max(min(until, hours.closes_at(day)) - max(since, opens), NOTHING)
        day += timedelta(days=1)
    return staffed
