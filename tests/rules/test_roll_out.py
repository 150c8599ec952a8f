"""How far a changed schedule reaches, and who has to agree."""

from itertools import product
from uuid import UUID, uuid4

import pytest

from followup.rules.roll_out import (
    ALONE_AT_MOST,
    STAGES,
    NotAllowed,
    Reach,
    has_room,
    needs_second,
    next_stage,
    widen,
)

ANA, BEN, CARL = uuid4(), uuid4(), uuid4()


def widened(reach: Reach, to: int | None, by: UUID = ANA, role: str = "admin") -> Reach:
    after = widen(reach, to=to, by=by, role=role)
    assert isinstance(after, Reach), after
    return after


def refusal(reach: Reach, to: int | None, by: UUID = ANA, role: str = "admin") -> str:
    after = widen(reach, to=to, by=by, role=role)
    assert isinstance(after, NotAllowed)
    return after.words


def test_a_change_reaches_one_then_ten_then_a_hundred_then_all() -> None:
    reach, reached = Reach(), [1]
    for person in (ANA, BEN, BEN):
        reach = widened(reach, next_stage(reach), person)
        reached.append(reach.most_patients)

    assert reached == [1, 10, 100, None]
    assert (reach.approved_by, reach.second_by) == (ANA, BEN)
    assert next_stage(reach) is None


@pytest.mark.parametrize(
    ("most", "patients", "is_among_them", "room"),
    [
        (1, 0, False, True),
        (1, 1, False, False),
        (1, 1, True, True),
        (10, 9, False, True),
        (10, 10, False, False),
        (100, 99, False, True),
        (100, 100, False, False),
        (None, 5_000, False, True),
    ],
)
def test_there_is_room_for_so_many_patients_and_for_who_has_it_already(
    most: int | None, patients: int, is_among_them: bool, room: bool
) -> None:
    assert has_room(Reach(most_patients=most), patients=patients, is_among_them=is_among_them) is room


def test_more_than_fifty_need_somebody_else() -> None:
    ten = widened(Reach(), 10, ANA)

    assert "Somebody else has to agree" in refusal(ten, 100, ANA)
    assert widened(ten, 100, BEN).second_by == BEN
    assert [stage for stage in STAGES if needs_second(stage)] == [100, None]


def test_once_two_have_agreed_either_of_them_or_a_third_lets_it_reach_all() -> None:
    hundred = widened(widened(Reach(), 10, ANA), 100, BEN)

    for person in (ANA, BEN, CARL):
        reach = widened(hundred, None, person)
        assert (reach.approved_by, reach.second_by) == (ANA, BEN)


@pytest.mark.parametrize("role", ["nurse", "auditor", "", "visitor"])
def test_only_an_admin_or_a_prescriber_lets_it_reach_more(role: str) -> None:
    assert "An admin or a prescriber" in refusal(Reach(), 10, role=role)


@pytest.mark.parametrize(
    ("most", "to", "first"), [(1, 100, 10), (1, None, 10), (10, None, 100), (10, 11, 100), (1, 5, 10)]
)
def test_no_stage_is_left_out_and_none_is_made_up(most: int, to: int | None, first: int) -> None:
    assert refusal(Reach(most_patients=most), to, BEN) == f"It reaches {first} patients first."


@pytest.mark.parametrize(
    ("most", "to"), [(1, 1), (10, 1), (10, 10), (100, 10), (None, 100), (None, None), (10, 0), (1, -5)]
)
def test_what_it_reaches_already_changes_nothing(most: int | None, to: int | None) -> None:
    reach = Reach(most_patients=most, approved_by=ANA)

    assert widened(reach, to, CARL) == reach


def test_whatever_is_pressed_in_whatever_order_nobody_alone_reaches_more_than_fifty() -> None:
    presses = list(product((10, 100, None), (ANA, BEN)))
    for tried in product(presses, repeat=4):
        reach = Reach()
        for to, person in tried:
            after = widen(reach, to=to, by=person, role="prescriber")
            reach = after if isinstance(after, Reach) else reach
        if reach.most_patients is None or reach.most_patients > ALONE_AT_MOST:
            assert {reach.approved_by, reach.second_by} == {ANA, BEN}
