"""When a sender, or the way to the carrier, counts as broken: all its texts wait, and one at a time tries again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 5
"""Lost answers and failed connections in a row. A refusal that is about the account itself opens at once."""
FIRST_PROBE, LONGEST_PROBE = timedelta(seconds=30), timedelta(minutes=10)


@dataclass(frozen=True)
class State:
    failures: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    why: str | None = None

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


def after_failure(state: State, *, why: str, certain: bool, now: datetime) -> State:
    """`certain`: the carrier said that it is the account or the sender; else it may be this one call."""
    failures = state.failures + 1
    if not state.is_open and not certain and failures < FAILURES_TO_OPEN:
        return replace(state, failures=failures)
    tried = max(0, failures - FAILURES_TO_OPEN)
    pause = min(FIRST_PROBE * 2 ** min(tried, 10), LONGEST_PROBE)
    return State(failures=failures, opened_at=state.opened_at or now, probe_at=now + pause, why=why)


def after_success() -> State:
    """The carrier took a text, or refused one for the text's own fault: the way works."""
    return State()
