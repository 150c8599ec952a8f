"""One writer for incoming texts: all that wait are stored by one commit, and each sender is told after it.

One transaction per request gave 640 signed replies/s at p99 1,052 ms, this 9,441/s at 44 ms (DESIGN.md 7).
A database that does not take them, or takes too long, is not waited for: they go into the spool.
"""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import timedelta

import structlog

from followup.carriers.carrier import IncomingText

log = structlog.get_logger()

MOST_AT_ONCE = 500
PATIENCE = timedelta(seconds=5)
"""With the database. The carrier waits 15 s in all for its answer (facts/twilio 1.1)."""

Texts = Sequence[IncomingText]
Store = Callable[[Texts], object]


class WriterClosed(Exception):
    """The service is stopping. The text was not stored; bring it again."""


class ReplyWriter:
    """A thread that stores texts. `keep` stores a batch in one transaction, or raises and stores none.

    What `keep` does not store in time goes to `spool`, which is as good a promise: both survive a power cut.
    """

    def __init__(self, keep: Store, *, spool: Store | None = None, patience: timedelta = PATIENCE) -> None:
        self._keeper = Keeper(keep, patience=patience)
        self._spool = spool
        self._waiting: queue.SimpleQueue[tuple[IncomingText, Future[None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="reply-writer", daemon=True)
        self._closing = threading.Lock()
        self._is_closed = False
        self._thread.start()

    def put(self, text: IncomingText) -> Future[None]:
        """Done when the text is committed or spooled; raises what the store raised if it could not be."""
        stored: Future[None] = Future()
        # From here on it cannot be cancelled: a caller that is gone must not stop the writer, and its text is kept.
        stored.set_running_or_notify_cancel()
        with self._closing:
            if self._is_closed:
                stored.set_exception(WriterClosed())
            else:
                self._waiting.put((text, stored))
        return stored

    def close(self) -> None:
        """Store what waits, then stop; what comes later is refused. Again changes nothing."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._waiting.put(None)
        self._thread.join()
        self._keeper.close()

    def _write(self) -> None:
        while True:
            batch, is_last = self._next_batch()
            if batch:
                self._store(batch)
            if is_last:
                return

    def _next_batch(self) -> tuple[list[tuple[IncomingText, Future[None]]], bool]:
        batch: list[tuple[IncomingText, Future[None]]] = []
        while len(batch) < MOST_AT_ONCE and (not batch or not self._waiting.empty()):
            item = self._waiting.get()
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False

    def _store(self, batch: list[tuple[IncomingText, Future[None]]]) -> None:
        try:
            self._keep_or_spool([text for text, _ in batch])
        except Exception as error:  # noqa: BLE001 - each sender is told; the carrier tries again.
            log.error("texts_not_kept", count=len(batch), error=type(error).__name__)
            for _, stored in batch:
                stored.set_exception(error)
        else:
            for _, stored in batch:
                stored.set_result(None)

    def _keep_or_spool(self, texts: Texts) -> None:
        try:
            self._keeper.keep(texts)
        except Exception as error:
            if self._spool is None:
                raise
            self._spool(texts)
            log.warning("texts_spooled", count=len(texts), error=type(error).__name__)


class Keeper:
    """Calls `keep` in a thread of its own, because a call to a database that hangs cannot be ended from outside."""

    def __init__(self, keep: Store, *, patience: timedelta) -> None:
        self._keep, self._patience = keep, patience
        self._tasks: queue.SimpleQueue[tuple[Texts, Future[None]] | None] = queue.SimpleQueue()
        self._newest: Future[None] = Future()
        self._newest.set_result(None)
        threading.Thread(target=self._work, name="reply-keeper", daemon=True).start()

    def keep(self, texts: Texts) -> None:
        """Raises what the store raised, or TimeoutError: then it may have them later, which doubles nothing.

        While a call hangs, the next ones do not wait for it: whoever brought them has waited already.
        """
        if not self._newest.done():
            raise TimeoutError
        self._newest = Future()
        self._tasks.put((texts, self._newest))
        self._newest.result(timeout=self._patience.total_seconds())

    def close(self) -> None:
        """A call that hangs is left behind with its thread, a daemon."""
        self._tasks.put(None)

    def _work(self) -> None:
        while task := self._tasks.get():
            texts, done = task
            try:
                self._keep(texts)
            except Exception as error:  # noqa: BLE001 - whoever waits for it decides.
                done.set_exception(error)
            else:
                done.set_result(None)
