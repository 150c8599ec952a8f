"""When nobody has answered for too long."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followup.rules.quiet_hours import StaffedHours, at_wall_clock
from followup.rules.step import Silence

BEFORE_CLOSING = timedelta(minutes=30)
"""Time to call before everybody goes home."""
AT_LEAST = timedelta(minutes=30)
"""A patient's, to see the text and answer."""


def silent_at(
    silence: Silence, *, left_at: datetime, zone: ZoneInfo, staffed: StaffedHours, is_sooner: bool
) -> datetime:
    """The instant at which an unanswered question becomes a case, UTC.

    At the stated hour of the patient's day, and while somebody at the clinic can still call. What leaves after all
    of that is a case half an hour later: nobody's silence waits for the next day.
    """
    ends = [
        at_wall_clock(left_at.astimezone(zone).date(), silence.by, zone),
        staffed.closes_at(left_at.astimezone(staffed.zone).date()) - BEFORE_CLOSING,
    ]
    if is_sooner:
        ends.append(left_at + silence.sooner_after)
    return max(min(ends), left_at + AT_LEAST)
