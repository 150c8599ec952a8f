"""A folder for what the database cannot take now: what was put there is whole, or it is not there."""

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from followup.store.spool import UNFINISHED, Spool

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "spool"


@pytest.fixture
def spool(folder: Path) -> Spool:
    return Spool(folder)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def full_disk(after: int) -> Iterator[None]:
    """No file grows beyond so many bytes; the write that tries fails, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_was_put_waits_oldest_first(spool: Spool) -> None:
    for content in (b"one", b"two", b"three"):
        spool.put(content)

    assert [spool.read(name) for name in spool.waiting()] == [b"one", b"two", b"three"]


def test_a_folder_that_was_never_needed_is_empty_and_not_made(spool: Spool, folder: Path) -> None:
    spool.sweep(before=NOW)

    assert spool.waiting() == spool.unreadable() == []
    assert not folder.exists()


def test_nobody_else_may_look_inside(spool: Spool, folder: Path) -> None:
    was = os.umask(0)
    try:
        spool.put(b"one")
    finally:
        os.umask(was)

    assert mode(folder) == 0o700
    assert [mode(path) for path in folder.iterdir()] == [0o600]


def test_what_does_not_fit_on_the_disk_is_refused_and_leaves_nothing(spool: Spool, folder: Path) -> None:
    spool.put(b"before")

    with full_disk(after=1000), pytest.raises(OSError, match="File too large"):
        spool.put(b"x" * 5000)

    assert [spool.read(name) for name in spool.waiting()] == [b"before"]
    assert len(list(folder.iterdir())) == 1


def test_a_folder_that_cannot_be_made_refuses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(OSError, match=r"File exists|Not a directory"):
        Spool(tmp_path / "file" / "spool").put(b"one")


def test_what_was_removed_is_gone_and_removing_it_again_is_fine(spool: Spool) -> None:
    spool.put(b"one")
    [name] = spool.waiting()

    spool.remove(name)
    spool.remove(name)

    assert spool.waiting() == []
    assert spool.read(name) is None


def test_what_was_set_aside_waits_no_longer_and_stays(spool: Spool, folder: Path) -> None:
    spool.put(b"one")
    [name] = spool.waiting()

    spool.set_aside(name)
    spool.set_aside(name)

    assert spool.waiting() == []
    [aside] = spool.unreadable()
    assert (folder / aside).read_bytes() == b"one"


def test_what_was_never_finished_does_not_wait_and_goes_after_a_while(spool: Spool, folder: Path) -> None:
    spool.put(b"one")
    for name, age in {"old": timedelta(hours=2), "new": timedelta(0)}.items():
        path = folder / f"{name}{UNFINISHED}"
        path.write_bytes(b"half of it")
        os.utime(path, times=((NOW - age).timestamp(),) * 2)

    spool.sweep(before=NOW - timedelta(hours=1))

    assert [spool.read(name) for name in spool.waiting()] == [b"one"]
    assert [path.name for path in folder.iterdir() if path.name.endswith(UNFINISHED)] == [f"new{UNFINISHED}"]
