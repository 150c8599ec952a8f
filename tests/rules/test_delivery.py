"""The life of a message: it moves on, never back."""

from collections.abc import Iterable
from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.delivery import FINAL, MOVES, Status, after_report, may_move

REPORTS: list[Status] = ["accepted", "sent", "delivered", "undelivered", "failed"]
"""What a carrier says of a text that it took."""
EVERY = st.sampled_from(get_args(Status))
QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=150)


def after(reports: Iterable[Status], start: Status) -> Status:
    status = start
    for report in reports:
        status = after_report(status, report)
    return status


def test_every_status_says_what_may_follow() -> None:
    assert set(MOVES) == set(get_args(Status))


def test_six_statuses_are_final() -> None:
    assert {"delivered", "undelivered", "failed", "cancelled", "expired", "suppressed"} == FINAL


@pytest.mark.parametrize("final", sorted(FINAL))
def test_nothing_follows_a_final_status(final: Status) -> None:
    assert not any(may_move(final, status) for status in get_args(Status))


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param("planned", "claimed", id="a due text is claimed"),
        pytest.param("claimed", "planned", id="a certain refusal is planned again"),
        pytest.param("claimed", "uncertain", id="a lost answer is uncertain"),
        pytest.param("claimed", "delivered", id="a callback may be faster than the answer"),
        pytest.param("uncertain", "accepted", id="the carrier has it after all"),
        pytest.param("uncertain", "planned", id="the carrier never had it"),
        pytest.param("accepted", "sent", id="it is on its way"),
        pytest.param("sent", "delivered", id="it has arrived"),
        pytest.param("accepted", "delivered", id="the report between was lost"),
    ],
)
def test_a_message_moves_on(before: Status, then: Status) -> None:
    assert may_move(before, then)


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param("accepted", "planned", id="what the carrier took is not planned again"),
        pytest.param("sent", "claimed", id="what was sent is not claimed"),
        pytest.param("sent", "accepted", id="what was sent is not merely accepted"),
        pytest.param("accepted", "cancelled", id="what the carrier took cannot be cancelled"),
        pytest.param("sent", "expired", id="what was sent cannot expire"),
        pytest.param("planned", "delivered", id="what was never claimed is not delivered"),
        pytest.param("planned", "uncertain", id="what was never tried is not uncertain"),
    ],
)
def test_a_message_does_not_move(before: Status, then: Status) -> None:
    assert not may_move(before, then)


@QUICK
@given(start=EVERY, reports=st.lists(EVERY, max_size=8))
def test_a_final_status_stays_whatever_is_reported(start: Status, reports: list[Status]) -> None:
    status = start
    for report in reports:
        was_final = status in FINAL
        before, status = status, after_report(status, report)
        assert status == before or not was_final


@pytest.mark.parametrize("outcome", ["delivered", "undelivered", "failed"])
@pytest.mark.parametrize("start", ["claimed", "uncertain", "accepted"])
def test_reports_may_come_in_any_order(start: Status, outcome: Status) -> None:
    reports: list[Status] = ["accepted", "sent", outcome]

    ended = {after(order, start) for order in permutations(reports)}

    assert ended == {outcome}


@QUICK
@given(start=st.sampled_from(["claimed", "uncertain", "accepted", "sent"]), reports=st.permutations(REPORTS))
def test_the_first_final_report_wins(start: Status, reports: list[Status]) -> None:
    first_final = next(report for report in reports if report in FINAL)

    assert after(reports, start) == first_final


@QUICK
@given(start=EVERY, reports=st.lists(st.sampled_from(REPORTS), max_size=8))
def test_the_same_report_twice_changes_nothing(start: Status, reports: list[Status]) -> None:
    twice: list[Status] = [report for report in reports for _ in range(2)]

    assert after(twice, start) == after(reports, start)
