"""What stands in a brown bar over every page while no text leaves: what is in the way, since when, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from followup.store.obstacles import Obstacles
from followup.web import times

CALL = "Call where it cannot wait."


@dataclass(frozen=True)
class Bar:
    icon: str
    title: str
    words: str


def bars_of(standing: Obstacles, *, setting_is_on: bool, zone: ZoneInfo, now: datetime) -> Iterator[Bar]:
    """Worst first; none when texts leave."""

    def since(at: datetime) -> str:
        return f"since {times.when(at, zone, now=now)}"

    if standing.behind_fence_at:
        yield Bar(
            "triangle-alert",
            "This database is older than what was sent",
            f"({since(standing.behind_fence_at)}). Nothing leaves until an admin says so. {CALL}",
        )
    if not setting_is_on:
        yield Bar("circle-pause", "Sending is off for the whole service", f"by its settings. No text leaves. {CALL}")
    elif standing.all_off:
        yield Bar(
            "circle-pause",
            "Sending is off for the whole service",
            f"{since(standing.all_off.at)}. No text leaves. {CALL}",
        )
    if standing.clinic_off_at:
        yield Bar(
            "circle-pause", "Sending is off for this clinic", f"{since(standing.clinic_off_at)}. No text leaves. {CALL}"
        )
    if standing.questions_waiting:
        texts = "text that asks" if standing.questions_waiting == 1 else "texts that ask"
        yield Bar(
            "circle-pause",
            "Questions wait",
            f"({standing.questions_waiting} {texts} something): {standing.questions_wait_for}. {CALL}",
        )
    for breaker in standing.breakers:
        assert breaker.opened_at is not None
        why = f": {breaker.why}" if breaker.why else ""
        yield Bar(
            "circle-alert",
            "Texts are not leaving",
            f"{since(breaker.opened_at)}{why}. They go on by themselves as soon as it works. {CALL}",
        )
