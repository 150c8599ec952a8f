"""When it is too quiet: a way in or a job that may have stopped without an error."""

from collections.abc import Mapping
from datetime import datetime, timedelta

TICKS = {"read": timedelta(minutes=3), "send": timedelta(minutes=3), "page": timedelta(minutes=3)}
"""Jobs that patients depend on, and how long each may be without a good run."""


def is_inbound_silent(
    last_incoming_at: datetime | None, first_question_at: datetime | None, silence: timedelta, *, now: datetime
) -> bool:
    """Whether questions went out and nobody has answered for so long. `first_question_at`: since the last answer."""
    if first_question_at is None:
        return False
    return now - max(first_question_at, last_incoming_at or first_question_at) >= silence


def stopped_jobs(good_at: Mapping[str, datetime], *, since: datetime | None, now: datetime) -> list[str]:
    """Jobs without a good run for too long.

    `since`: when the process began, before which nothing counts against it. None: nobody knows, so a job that never
    ran counts as about to start.
    """
    stopped: list[str] = []
    for name, limit in TICKS.items():
        last = max((at for at in (good_at.get(name), since) if at), default=now)
        if now - last >= limit:
            stopped.append(name)
    return stopped
