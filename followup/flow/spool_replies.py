"""Where a text goes that the database cannot take now: into a sealed file, and from there into the database later.

The carrier calls once and waits 15 s; what was acknowledged must be on a disk, and what is not is soon lost.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from cryptography.fernet import InvalidToken
from pydantic import TypeAdapter, ValidationError

from followup.carriers.carrier import IncomingText
from followup.flow.receive_reply import keep_replies
from followup.flow.set_up import seal, unseal
from followup.store.database import DATABASE_FAILED, Database
from followup.store.spool import Spool

log = structlog.get_logger()

TEXTS = TypeAdapter(list[IncomingText])
NEVER_FINISHED = timedelta(days=1)
"""A file that is still being written after so long belongs to a process that died."""


class TextsUnreadable(Exception):
    """The spool holds files that no secret key opens, or that are damaged: texts of patients are in them.

    They end in `.unreadable`. Bring back the key they were written with and name them `.waiting` again; or remove
    them, once the carrier's list has brought the same texts.
    """


class ReplySpool:
    """Texts in a folder, encrypted with the newest secret key."""

    def __init__(self, folder: Path, *, keys: tuple[bytes, ...]) -> None:
        self._files, self._keys = Spool(folder), keys

    def put(self, texts: Sequence[IncomingText]) -> None:
        """All of them in one file, on the disk when this returns. Raises OSError."""
        self._files.put(seal(TEXTS.dump_json(list(texts)).decode(), self._keys))

    def drain(self, *, database: Database, now: datetime) -> int:
        """Store what waits, oldest first, as of when it came; how many texts were new.

        A file goes only after its texts are committed. Raises what the database raised; the file stays then. One that
        cannot be read is set aside for a person, and holds up nothing.
        """
        self._files.sweep(before=now - NEVER_FINISHED)
        stored, failure = 0, None
        for name in self._files.waiting():
            try:
                stored += self._drain_one(name, database, now)
            except DATABASE_FAILED:
                raise  # The others would fail alike, each after a long wait.
            except Exception as error:  # noqa: BLE001 - its neighbours are stored first; then it is raised.
                log.error("spooled_texts_not_stored", error=type(error).__name__)
                failure = error
        if failure:
            raise failure
        return stored

    def _drain_one(self, name: str, database: Database, now: datetime) -> int:
        content = self._files.read(name)
        if content is None:
            return 0
        try:
            texts = TEXTS.validate_json(unseal(content, self._keys))
        except (InvalidToken, ValidationError, UnicodeDecodeError) as error:
            log.error("spooled_texts_unreadable", error=type(error).__name__)
            self._files.set_aside(name)
            return 0
        stored = len(keep_replies(database, texts, now=now))
        self._files.remove(name)
        log.info("spooled_texts_stored", count=stored)
        return stored

    def check(self) -> None:
        """Raises TextsUnreadable as long as there is a file that was set aside."""
        if self._files.unreadable():
            raise TextsUnreadable
