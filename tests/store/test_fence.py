"""The file that knows how far the database beside it had come."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from followup.store import fence as fences
from followup.store.fence import DiskAlmostFull, Fence, FenceUnreadable
from followup.store.tables import new_id

OURS = new_id()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "followup.db.fence"


def test_without_a_file_nothing_is_known(path: Path) -> None:
    assert Fence(path).read(OURS) == 0


def test_it_remembers_the_highest(path: Path) -> None:
    fence = Fence(path)
    for claims in (3, 7, 5):
        fence.raise_to(OURS, claims)

    assert Fence(path).read(OURS) == 7


def test_another_databases_count_is_not_ours(path: Path) -> None:
    Fence(path).raise_to(new_id(), 9)

    assert Fence(path).read(OURS) == 0
    Fence(path).raise_to(OURS, 2)
    assert Fence(path).read(OURS) == 2


def test_many_at_once_leave_the_highest(path: Path) -> None:
    fence = Fence(path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda claims: fence.raise_to(OURS, claims), range(1, 101)))

    assert fence.read(OURS) == 100


@pytest.mark.parametrize("content", ["", "x", "{ours}", "{ours} many", "1 2 3", "not-an-id 4"])
def test_a_damaged_file_is_said_and_nothing_guessed(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content.format(ours=OURS))

    with pytest.raises(FenceUnreadable):
        Fence(path).read(OURS)


def test_a_disk_with_room_is_fine_and_one_without_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Fence(path).check_room()
    monkeypatch.setattr(fences, "ROOM_NEEDED", 1 << 60)

    with pytest.raises(DiskAlmostFull):
        Fence(path).check_room()
