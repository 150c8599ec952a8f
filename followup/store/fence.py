"""A file beside the database that knows how far it had come. A database that is behind it is an old copy.

Without it a backup of yesterday would send again what left since (measured elsewhere: 239 doubled of 600).
"""

import fcntl
import os
import shutil
from pathlib import Path
from uuid import UUID

ROOM_NEEDED = 50 * 1024 * 1024
"""Bytes. With less nothing is claimed: a text that cannot be recorded must not be sent."""


class DiskAlmostFull(Exception):
    """Nothing is sent while the disk of the database has less than 50 MB left. Make room; it goes on by itself."""


class FenceUnreadable(Exception):
    """The fence file beside the database is damaged: nobody can tell whether the database is an old copy.

    Nothing is sent. If the database is no old copy, remove the file; it is made anew.
    """


class Fence:
    """One line, `DATABASE_ID CLAIMS`, replaced whole; any number of processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, database_id: UUID) -> int:
        """The highest count of claims that this database ever committed, as far as the file knows."""
        try:
            whose, claims = self._path.read_text().split()
            return int(claims) if UUID(whose) == database_id else 0
        except FileNotFoundError:
            return 0
        except ValueError:
            raise FenceUnreadable from None

    def raise_to(self, database_id: UUID, claims: int) -> None:
        """Remember it, on the disk itself. What is lower than what stands there changes nothing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if claims <= self.read(database_id):
                return
            written = self._path.with_suffix(".new")
            with written.open("w") as file:
                file.write(f"{database_id} {claims}\n")
                file.flush()
                os.fsync(file.fileno())
            written.replace(self._path)

    def check_room(self) -> None:
        """Raises DiskAlmostFull."""
        folder = next(parent for parent in self._path.absolute().parents if parent.exists())
        if shutil.disk_usage(folder).free < ROOM_NEEDED:
            raise DiskAlmostFull
