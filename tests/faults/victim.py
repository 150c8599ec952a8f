"""The real service with one change: at a named point of the protocol it kills (or stops) itself, once.

    VICTIM_POINT=after_claim VICTIM_MARK=/tmp/x/mark [VICTIM_SIGNAL=SIGSTOP] python tests/faults/victim.py serve ...

Nothing in the product knows of it: the carrier and the database of its `House` are wrapped in objects that pass
everything on. The file at VICTIM_MARK is made first, so that the next life goes on past the point.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from sqlalchemy import event, inspect  # noqa: E402 - only now it is known where the code lies.
from sqlmodel import Session  # noqa: E402

from followup import app  # noqa: E402
from followup.carriers.carrier import Carrier, Outcome, OutgoingText  # noqa: E402
from followup.store.database import Database  # noqa: E402
from followup.store.tables import Attempt, DeliveryReport, Message, Reply  # noqa: E402

POINTS: dict[str, str] = {
    "before_claim": "claimed and rendered, not committed",
    "after_claim": "the claim and its attempt are committed",
    "before_write": "the connection stands and the last look said yes; no byte has left",
    "after_answer": "the carrier's answer is here, not recorded",
    "before_record": "the acceptance is written, not committed",
    "after_record": "the acceptance is committed",
    "before_doubt": "the doubt is written, not committed",
    "after_doubt": "the doubt is committed",
    "before_list": "the carrier's list is about to be read",
    "after_list": "the carrier's list is here, what it means is not recorded",
    "before_settling": "what the list means is written, not committed",
    "after_settling": "what the list means is committed",
    "before_report": "a status callback is written, not committed",
    "after_report": "a status callback is committed, not acknowledged",
    "before_reply": "a reply is written, not committed",
    "after_reply": "a reply is committed, not acknowledged",
}


class Here:
    """Where the process is in the protocol; it does not come past its point the first time."""

    def __init__(self, point: str, mark: Path, number: int) -> None:
        if point not in POINTS:
            raise SystemExit(f"there is no point {point}")
        self._point, self._mark, self._number = point, mark, number
        self.writing = threading.RLock()
        """Held while a thread writes: a process stopped with the lock of an SQLite file would stop all the others."""

    def reach(self, point: str) -> None:
        if point != self._point:
            return
        with self.writing:
            try:
                self._mark.touch(exist_ok=False)
            except FileExistsError:
                return
            # To this very thread: of the whole process any other might stop first, and this one go on meanwhile.
            signal.pthread_kill(threading.get_ident(), self._number)


class WatchedCarrier:
    """Passes everything on to the carrier that it holds."""

    def __init__(self, carrier: Carrier, here: Here) -> None:
        self._carrier, self._here = carrier, here

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        def may_leave(token: str) -> bool:
            answer = may_still_send(token)
            if answer:
                self._here.reach("before_write")
            return answer

        for answers in self._carrier.send(texts, may_still_send=may_leave):
            self._here.reach("after_answer")
            yield answers

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, Any]]:
        self._here.reach("before_list")
        listed = list(self._carrier.list_sent_to(number))
        self._here.reach("after_list")
        return iter(listed)


class WatchedDatabase:
    """Passes everything on to the database that it holds; its writers say what they commit."""

    def __init__(self, database: Database, here: Here) -> None:
        self._database, self._here = database, here

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def writer(self) -> Session:
        db = self._database.writer()
        written: set[str] = set()
        event.listen(db, "after_transaction_create", lambda _, each: each.parent or self._here.writing.acquire())
        event.listen(db, "after_transaction_end", lambda _, each: each.parent or self._here.writing.release())
        event.listen(db, "after_flush", lambda session, _: written.update(_steps_in(session)))
        # A reply is inserted by a statement of its own, which no flush sees.
        event.listen(db, "do_orm_execute", lambda state: written.update(_steps_of(state)))
        event.listen(db, "before_commit", lambda session: self._reach("before", written, session))
        event.listen(db, "after_commit", lambda session: self._reach("after", written, session))
        return db

    def _reach(self, when: str, written: set[str], session: Session) -> None:
        if session.in_nested_transaction():
            return  # A savepoint only.
        for step in sorted(written):
            self._here.reach(f"{when}_{step}")
        if when == "after":
            written.clear()


def _steps_in(session: Session) -> Iterator[str]:
    """Which steps of the protocol these rows are."""
    for row in [*session.new, *session.dirty]:
        if isinstance(row, Attempt) and row in session.new:
            yield "claim"
        elif isinstance(row, Attempt) and (was := _was(row, "outcome")) and was != row.outcome:
            if was == "open":
                yield "doubt" if row.outcome == "unknown" else "record"
            elif was == "unknown":
                yield "settling"
        elif isinstance(row, Message) and row.status == "uncertain" and _was(row, "status") == "claimed":
            yield "doubt"


def _was(row: Any, name: str) -> Any:
    """What stood in this column before; None where nothing changed."""
    history = inspect(row).attrs[name].history
    return history.deleted[0] if history.deleted else None


def _steps_of(state: Any) -> Iterator[str]:
    if state.is_insert:
        table = state.bind_mapper.class_ if state.bind_mapper else None
        if table is Reply:
            yield "reply"
        elif table is DeliveryReport:
            yield "report"


class Victim(app.House):
    """The house with a watched carrier and a watched database; everything else is the product's."""

    @cached_property
    def here(self) -> Here:
        number = signal.Signals[os.environ.get("VICTIM_SIGNAL", "SIGKILL")]
        return Here(os.environ["VICTIM_POINT"], Path(os.environ["VICTIM_MARK"]), number)

    @cached_property
    def database(self) -> Any:
        return WatchedDatabase(super().database, self.here)

    @cached_property
    def carrier(self) -> Any:
        return WatchedCarrier(super().carrier, self.here)


def main(arguments: Sequence[str]) -> int:
    """What followup.app.run does, in this house."""
    from followup import commands
    from followup.logs import set_up_logs

    set_up_logs()
    chosen = commands.read_arguments(arguments)
    house = Victim()
    try:
        return chosen.run(house, chosen)
    finally:
        house.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
