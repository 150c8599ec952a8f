"""The rota as a stretch of time: when nobody is on call."""

from collections.abc import Iterable, Iterator
from datetime import datetime

Span = tuple[datetime, datetime]


def gaps(shifts: Iterable[Span], since: datetime, until: datetime) -> Iterator[Span]:
    """The stretches of that time that no shift covers, earliest first."""
    covered = since
    for starts_at, ends_at in sorted(shifts):
        if starts_at >= until:
            break
        if starts_at > covered:
            yield covered, starts_at
        covered = max(covered, ends_at)
    if covered < until:
        yield covered, until
