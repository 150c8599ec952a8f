"""One asyncio loop in one daemon thread, for a carrier that has many slow calls at once."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, TypeVar

Answer = TypeVar("Answer")

PATIENCE_AT_THE_END = 5.0
"""Seconds that closing may take before the thread, a daemon, is left behind."""


class BackgroundLoop:
    """Runs coroutines for threads that know nothing of asyncio. The thread starts at the first use."""

    def __init__(self, *, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self, work: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Begin the work and return at once. Raises RuntimeError after `close`."""
        with self._lock:
            if self._closed:
                work.close()
                raise RuntimeError(f"{self._name}: closed, make a new one")
            return asyncio.run_coroutine_threadsafe(work, self._started_loop())

    def result_of(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Wait for the work; raises what it raises. Never call it from a coroutine of this loop."""
        return self.start(work).result()

    def close(self, *, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancel all work, run `last` on the loop, stop. The second call does nothing."""
        with self._lock:
            first_time, self._closed = not self._closed, True
            loop, thread = self._loop, self._thread
        if not first_time or loop is None or thread is None:
            return
        wait([asyncio.run_coroutine_threadsafe(_wind_up(last), loop)], PATIENCE_AT_THE_END)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_AT_THE_END)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(self._loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _wind_up(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()
