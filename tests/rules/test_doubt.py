"""Which text in the carrier's list is ours, and when a look that found nothing counts."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.rules.doubt import find_match, is_clean, next_look

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUIET = timedelta(minutes=5)

LISTS = [
    ("the same words, made since", [("SM1", "Hi", NOW)], "SM1"),
    ("nothing", [], None),
    ("other words", [("SM1", "Hi ", NOW), ("SM2", "hi", NOW)], None),
    ("made a minute before, by a clock that is behind", [("SM1", "Hi", NOW - MINUTE)], "SM1"),
    ("made before", [("SM1", "Hi", NOW - MINUTE - SECOND)], None),
    ("another one of ours", [("SM-ours", "Hi", NOW)], None),
    ("ours and this one", [("SM-ours", "Hi", NOW), ("SM1", "Hi", NOW + SECOND)], "SM1"),
    ("two: the older", [("SM2", "Hi", NOW + SECOND), ("SM1", "Hi", NOW)], "SM1"),
]


@pytest.mark.parametrize(("what", "listed", "sid"), LISTS, ids=[row[0] for row in LISTS])
def test_a_text_is_recognized(what: str, listed: list[tuple[str, str, datetime]], sid: str | None) -> None:
    assert find_match(listed, bodies={"Hi"}, since=NOW, ours={"SM-ours"}) == sid


def test_a_look_counts_only_after_the_quiet_period() -> None:
    assert not is_clean(doubted_at=NOW, quiet=QUIET, now=NOW + QUIET - SECOND)
    assert is_clean(doubted_at=NOW, quiet=QUIET, now=NOW + QUIET)


def test_the_next_look_is_at_the_end_of_the_quiet_period_and_then_after_a_minute() -> None:
    assert next_look(doubted_at=NOW, quiet=QUIET, now=NOW) == NOW + QUIET
    assert next_look(doubted_at=NOW, quiet=QUIET, now=NOW + QUIET) == NOW + QUIET + MINUTE


@pytest.mark.parametrize(("quiet", "spacing"), [(0, 1), (2, 2), (59, 59), (3600, 60)])
def test_two_looks_are_never_the_same_look(quiet: int, spacing: int) -> None:
    later = NOW + timedelta(hours=2)
    assert next_look(doubted_at=NOW, quiet=timedelta(seconds=quiet), now=later) == later + timedelta(seconds=spacing)
