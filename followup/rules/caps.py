"""How many automatic texts a person gets at most: what gives way, and to what."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from followup.rules.planned import PlannedMessage
from followup.rules.schedule import OF_A_NUDGE

PER_DAY, PER_WEEK = 2, 7
WEEK = timedelta(days=7)
TOO_MANY_THAT_DAY = f"gave way: {PER_DAY} automatic texts that day already"
TOO_MANY_THAT_WEEK = f"gave way: {PER_WEEK} automatic texts in seven days already"
GAVE_WAY = "gave way: "
ITS_QUESTION = "gave way: its question did"


def give_way(texts: Sequence[PlannedMessage], zone: ZoneInfo) -> list[tuple[PlannedMessage, str]]:
    """The texts that the caps leave out, each with why. Those that never give way count all the same.

    A companion's texts are counted apart.
    """
    return [
        out
        for to in ("patient", "companion")
        for out in _of_one_person(sorted((t for t in texts if t.to == to), key=lambda t: t.due_at), zone)
    ]


def _of_one_person(texts: Sequence[PlannedMessage], zone: ZoneInfo) -> list[tuple[PlannedMessage, str]]:
    kept = [text.due_at for text in texts if not text.gives_way]
    out: list[tuple[PlannedMessage, str]] = []
    # What may never leave, because it depends on an answer, takes nobody's place.
    for text in sorted((t for t in texts if t.gives_way), key=lambda t: t.condition is not None):
        if OF_A_NUDGE.sub("", text.step) in {question.step for question, _ in out}:
            out.append((text, ITS_QUESTION))
        elif sum(_day(at, zone) == _day(text.due_at, zone) for at in kept) >= PER_DAY:
            out.append((text, TOO_MANY_THAT_DAY))
        elif _fullest_week(kept, text.due_at) >= PER_WEEK:
            out.append((text, TOO_MANY_THAT_WEEK))
        else:
            kept.append(text.due_at)
    return out


def _fullest_week(kept: Iterable[datetime], at: datetime) -> int:
    """How many of these lie in the fullest seven days that hold this instant."""
    near = [other for other in kept if abs(other - at) < WEEK]
    starts = [at, *(other for other in near if other <= at)]
    return max(sum(start <= other < start + WEEK for other in near) for start in starts)


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
