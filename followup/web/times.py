"""Times in words, always on a named clock."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEARS = range(2000, 2100)
"""What a date that somebody types may lie in: far from where counting in zones ends."""


def clock(at: datetime, zone: ZoneInfo) -> str:
    """`07:22`"""
    return f"{at.astimezone(zone):%H:%M}"


def zone_name(at: datetime, zone: ZoneInfo) -> str:
    """`EST`; `UTC+03` where a zone has no letters of its own."""
    name = at.astimezone(zone).tzname() or zone.key
    return f"UTC{name}" if name[0] in "+-" else name


def clock_and_zone(at: datetime, zone: ZoneInfo) -> str:
    """`07:22 EST`"""
    return f"{clock(at, zone)} {zone_name(at, zone)}"


def day(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`Today`, `Yesterday`, `Tomorrow`, `Tue 24 Nov`, `Tue 24 Nov 2025` in another year."""
    local, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    near = {0: "Today", -1: "Yesterday", 1: "Tomorrow"}.get((local - today).days)
    return near or f"{local:%a} {short_date(local, today=today)}"


def short_date(on: date, *, today: date) -> str:
    """`24 Nov`, with the year where it is another."""
    return f"{on.day} {on:%b}" if on.year == today.year else long_date(on)


def long_date(on: date) -> str:
    """`4 Sep 1960`: nobody can take the day for the month."""
    return f"{on.day} {on:%b} {on.year}"


def moment(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`Tomorrow 10:00 EST`"""
    return f"{day(at, zone, now=now)} {clock_and_zone(at, zone)}"


def when(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """`10:00 EST` of today, which needs no date; `Yesterday 10:00 EST`."""
    is_today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return clock_and_zone(at, zone) if is_today else moment(at, zone, now=now)


def full(at: datetime, zone: ZoneInfo) -> str:
    """`Tue 24 Nov 2026, 07:22:05 EST`: what a pointer held over a short time shows."""
    local = at.astimezone(zone)
    return f"{local:%a} {long_date(local.date())}, {local:%H:%M:%S} {zone_name(at, zone)}"


def wait(lasted: timedelta) -> str:
    """`under 1 min`, `3 min`, `2 h 8 min`, `3 d 4 h`"""
    minutes = max(int(lasted.total_seconds() // 60), 0)
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 1:
        return "under 1 min"
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


def age(born: date, *, today: date) -> int:
    """Whole years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def parse_date(text: str | None) -> date | None:
    """A date as record systems write it; None where it is not one."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def parse_clock(text: str) -> time | None:
    """`14:05` as a browser's field gives it; None where it is no time on the wall."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?", text, re.ASCII)
    return time(int(found[1]), int(found[2])) if found else None


def parse_local(text: str) -> datetime | None:
    """`2026-11-24T14:05`, a date and a time on the wall, as a browser's field gives it; None where it is neither."""
    day, _, clock_ = text.partition("T")
    on, at = parse_date(day), parse_clock(clock_)
    return datetime.combine(on, at) if on and at and on.year in YEARS else None
