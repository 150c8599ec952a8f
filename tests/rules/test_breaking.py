"""When a sender counts as broken, and how often it is tried."""

from datetime import UTC, datetime, timedelta

from followup.rules.breaking import FAILURES_TO_OPEN, State, after_failure, after_success

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def failed(times: int, *, certain: bool = False) -> State:
    state = State()
    for _ in range(times):
        state = after_failure(state, why="no answer", certain=certain, now=NOW)
    return state


def test_a_few_lost_answers_are_nothing() -> None:
    assert not failed(FAILURES_TO_OPEN - 1).is_open


def test_many_in_a_row_open_it() -> None:
    state = failed(FAILURES_TO_OPEN)
    assert (state.is_open, state.probe_at, state.why) == (True, NOW + timedelta(seconds=30), "no answer")


def test_what_is_certain_opens_it_at_once() -> None:
    assert failed(1, certain=True).probe_at == NOW + timedelta(seconds=30)


def test_the_longer_it_lasts_the_rarer_it_is_tried() -> None:
    pauses = [failed(FAILURES_TO_OPEN + number).probe_at for number in range(8)]
    assert [(at - NOW).total_seconds() for at in pauses if at] == [30, 60, 120, 240, 480, 600, 600, 600]


def test_it_remembers_since_when() -> None:
    later = after_failure(failed(FAILURES_TO_OPEN), why="still", certain=False, now=NOW + timedelta(hours=3))
    assert later.opened_at == NOW


def test_one_success_closes_it() -> None:
    assert after_success() == State()
