"""A folder for what the database cannot take at this moment. It knows files and bytes, not what is in them.

Each file is written under a name of its own that nobody reads, synced, and only then named as waiting, so that a power
cut leaves it whole or not there, and never touches another.
"""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from followup.store.tables import new_id

UNFINISHED, WAITING, UNREADABLE = ".unfinished", ".waiting", ".unreadable"


class Spool:
    """Several processes may share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> None:
        """When this returns it survives a power cut. Raises OSError where it cannot be written."""
        self._make_folder()
        name = new_id().hex  # Sorts by the time it was made.
        unfinished = self._folder / f"{name}{UNFINISHED}"
        try:
            with open(unfinished, "xb", opener=_only_ours) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._folder / f"{name}{WAITING}")
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        _sync(self._folder)

    def waiting(self) -> list[str]:
        """Names, oldest first."""
        return self._names(WAITING)

    def unreadable(self) -> list[str]:
        """Names of what was set aside: only a person removes those."""
        return self._names(UNREADABLE)

    def read(self, name: str) -> bytes | None:
        """None where another process has taken it meanwhile."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """It is in the database now. Again changes nothing."""
        (self._folder / name).unlink(missing_ok=True)

    def set_aside(self, name: str) -> None:
        """It stays, and waits no longer. Again changes nothing."""
        with suppress(FileNotFoundError):
            (self._folder / name).rename(self._folder / name.replace(WAITING, UNREADABLE))
        _sync(self._folder)

    def sweep(self, *, before: datetime) -> None:
        """Remove what was never finished, and so never promised, by a process that died in the middle."""
        for name in self._names(UNFINISHED):
            path = self._folder / name
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before.timestamp():
                    path.unlink()

    def _make_folder(self) -> None:
        """Readable by this user only, and itself on the disk."""
        if not self._folder.is_dir():
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            _sync(self._folder.parent)

    def _names(self, ending: str) -> list[str]:
        try:
            return sorted(path.name for path in self._folder.iterdir() if path.name.endswith(ending))
        except FileNotFoundError:
            return []


def _only_ours(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
