"""What becomes of a text of which nobody knows whether the carrier has it.

The carrier has no idempotency key, so its list is asked before anything is sent again. How soon a text shows there is
documented nowhere: the quiet period is the whole safety margin (facts/reliability 0.3).
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

LOOKS_NEEDED = 2
"""Whole lists without it, after the quiet period, before it counts as never sent."""
LONGEST_SPACING, SHORTEST_SPACING = timedelta(seconds=60), timedelta(seconds=1)
SKEW = timedelta(seconds=60)
"""How far the carrier's clock may be behind ours."""
ALARM = timedelta(minutes=30)
"""After this a person is told that it is still not known."""


def find_match(
    listed: Iterable[tuple[str, str, datetime]], *, bodies: Collection[str], since: datetime, ours: Collection[str]
) -> str | None:
    """The SID of the oldest text in the list (sid, body, created_at) that can only be this one.

    Word for word the same, made since the attempt, and not known as another text of ours.
    """
    found = [
        (created_at, sid)
        for sid, body, created_at in listed
        if body in bodies and created_at >= since - SKEW and sid not in ours
    ]
    return min(found)[1] if found else None


def is_clean(*, doubted_at: datetime, quiet: timedelta, now: datetime) -> bool:
    """Whether a look that found nothing counts: a list that is read too early may be behind."""
    return now >= doubted_at + quiet


def next_look(*, doubted_at: datetime, quiet: timedelta, now: datetime) -> datetime:
    """When to look again after a look that found nothing."""
    if not is_clean(doubted_at=doubted_at, quiet=quiet, now=now):
        return doubted_at + quiet
    return now + min(LONGEST_SPACING, max(quiet, SHORTEST_SPACING))
