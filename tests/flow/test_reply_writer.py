"""One writer for incoming texts: whoever brought one is told only after it is committed."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from followup.carriers.carrier import IncomingText
from followup.flow.receive_reply import keep_replies
from followup.flow.reply_writer import MOST_AT_ONCE, ReplyWriter, WriterClosed
from followup.flow.spool_replies import ReplySpool
from followup.store.database import Database
from followup.store.tables import Reply
from tests.flow.stories import NOW, PHONE, Story
from tests.journeys.service import wait_for

PATIENCE = 10.0


def text(number: int) -> IncomingText:
    return IncomingText(sid=f"SM{number}", sender=PHONE, to="", body="hello", media_count=0)


class Gate:
    """Keeps batches, and lets each through only when it is told to."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.came = threading.Semaphore(0)
        self._open = threading.Semaphore(0)

    def keep(self, texts: Sequence[IncomingText]) -> None:
        self.came.release()
        assert self._open.acquire(timeout=PATIENCE)
        self.batches.append(len(texts))

    def let_through(self, batches: int = 1) -> None:
        self._open.release(batches)


@pytest.fixture
def make_writer() -> Iterator[Callable[..., ReplyWriter]]:
    made: list[ReplyWriter] = []

    def make(keep: Callable[[Sequence[IncomingText]], object], **more: Any) -> ReplyWriter:
        made.append(ReplyWriter(keep, **more))
        return made[-1]

    yield make
    for writer in made:
        writer.close()


MakeWriter = Callable[..., ReplyWriter]


def test_whoever_brings_a_text_is_told_after_it_is_committed(story: Story, make_writer: MakeWriter) -> None:
    writer = make_writer(partial(keep_replies, story.database, now=NOW))

    writer.put(text(1)).result(timeout=PATIENCE)

    assert story.one(Reply).carrier_sid == "SM1"


def test_all_that_wait_are_stored_together(make_writer: MakeWriter) -> None:
    gate = Gate()
    writer = make_writer(gate.keep)
    first = writer.put(text(0))
    assert gate.came.acquire(timeout=PATIENCE)
    waiting = [writer.put(text(number)) for number in range(1, MOST_AT_ONCE + 11)]
    assert not first.done()

    gate.let_through(3)
    for each in [first, *waiting]:
        each.result(timeout=PATIENCE)

    assert gate.batches == [1, MOST_AT_ONCE, 10]


def test_a_failure_reaches_everybody_whose_text_was_in_the_batch_and_the_next_is_stored(
    make_writer: MakeWriter,
) -> None:
    gate = Gate()
    broken = True

    def keep(texts: Sequence[IncomingText]) -> None:
        gate.keep(texts)
        if broken:
            raise OSError("the disk is full")

    writer = make_writer(keep)
    waiting = [writer.put(text(0))]
    assert gate.came.acquire(timeout=PATIENCE)
    waiting += [writer.put(text(number)) for number in range(1, 4)]
    gate.let_through(2)

    for each in waiting:
        assert isinstance(each.exception(timeout=PATIENCE), OSError)
    broken = False
    gate.let_through()
    assert writer.put(text(5)).result(timeout=PATIENCE) is None


def test_closing_stores_what_waits(make_writer: MakeWriter) -> None:
    gate = Gate()
    writer = make_writer(gate.keep)
    waiting = [writer.put(text(number)) for number in range(3)]
    gate.let_through(3)

    writer.close()
    writer.close()

    assert all(each.done() and each.exception() is None for each in waiting)
    assert sum(gate.batches) == 3


def test_a_text_brought_to_a_closed_writer_is_refused_and_nobody_waits_for_ever(make_writer: MakeWriter) -> None:
    kept: list[IncomingText] = []
    writer = make_writer(kept.extend)
    writer.close()

    with pytest.raises(WriterClosed):
        writer.put(text(1)).result(timeout=PATIENCE)
    assert kept == []


def test_a_caller_that_went_away_stops_nobody_and_its_text_is_stored(make_writer: MakeWriter) -> None:
    gate = Gate()
    writer = make_writer(gate.keep)
    writer.put(text(0))
    assert gate.came.acquire(timeout=PATIENCE)

    assert not writer.put(text(1)).cancel()
    last = writer.put(text(2))
    gate.let_through(2)

    last.result(timeout=PATIENCE)
    assert gate.batches == [1, 2]


def test_many_at_once_are_all_stored_once(database: Database, make_writer: MakeWriter) -> None:
    writer = make_writer(partial(keep_replies, database, now=NOW))

    with ThreadPoolExecutor(8) as pool:
        for done in list(pool.map(writer.put, [text(number // 2) for number in range(400)])):
            done.result(timeout=PATIENCE)

    with database.reader() as db:
        assert db.connection().exec_driver_sql("SELECT count(*) FROM reply").scalar_one() == 200


# When the database does not take them ----------------------------------------------------------------------


class Shelf:
    """A spool that only counts."""

    def __init__(self) -> None:
        self.texts: list[IncomingText] = []

    def put(self, texts: Sequence[IncomingText]) -> None:
        self.texts.extend(texts)


def fail(_: Sequence[IncomingText]) -> None:
    raise OSError("the disk is full")


def test_what_the_database_refuses_is_spooled_and_whoever_brought_it_is_told_that_it_is_safe(
    make_writer: MakeWriter,
) -> None:
    shelf = Shelf()
    writer = make_writer(fail, spool=shelf.put)

    writer.put(text(1)).result(timeout=PATIENCE)

    assert shelf.texts == [text(1)]


def test_what_neither_takes_is_not_promised(make_writer: MakeWriter) -> None:
    writer = make_writer(fail, spool=fail)

    assert isinstance(writer.put(text(1)).exception(timeout=PATIENCE), OSError)


def test_a_database_that_hangs_is_waited_for_once_and_not_by_everybody(make_writer: MakeWriter) -> None:
    gate, shelf = Gate(), Shelf()
    writer = make_writer(gate.keep, spool=shelf.put, patience=timedelta(milliseconds=50))

    for number in range(5):
        writer.put(text(number)).result(timeout=PATIENCE)

    assert [each.sid for each in shelf.texts] == [f"SM{number}" for number in range(5)]
    gate.let_through(100)

    def is_kept_again() -> bool:
        writer.put(text(9)).result(timeout=PATIENCE)
        return len(gate.batches) > 1

    wait_for(is_kept_again, "the database to take texts again")
    assert gate.batches == [1, 1]


def test_closing_does_not_wait_for_a_database_that_hangs(make_writer: MakeWriter) -> None:
    gate, shelf = Gate(), Shelf()
    writer = make_writer(gate.keep, spool=shelf.put, patience=timedelta(milliseconds=50))
    waiting = [writer.put(text(number)) for number in range(3)]

    writer.close()

    assert all(each.exception(timeout=0) is None for each in waiting)
    assert len(shelf.texts) == 3
    gate.let_through()


def test_while_somebody_locks_the_database_texts_go_into_the_spool_and_later_come_out_once(
    small_story: Story, make_writer: MakeWriter, tmp_path: Path
) -> None:
    database, spool = small_story.database, ReplySpool(tmp_path / "spool", keys=(bytes(range(32)),))
    came_after_all = threading.Event()

    def keep(texts: Sequence[IncomingText]) -> None:
        keep_replies(database, texts, now=NOW + timedelta(hours=1))
        came_after_all.set()

    writer = make_writer(keep, spool=spool.put, patience=timedelta(milliseconds=200))
    texts = [replace(text(number), received_at=NOW + timedelta(seconds=number)) for number in range(3)]

    with database.engine.execution_options(writes=True).begin():
        for each in texts:
            writer.put(each).result(timeout=PATIENCE)
        assert small_story.all(Reply) == []
    assert came_after_all.wait(timeout=PATIENCE)
    spool.drain(database=database, now=NOW + timedelta(hours=2))

    kept = small_story.all(Reply)
    assert sorted((each.carrier_sid, each.received_at) for each in kept) == [
        (each.sid, each.received_at) for each in texts
    ]


def test_a_database_that_is_back_takes_texts_again(story: Story, make_writer: MakeWriter) -> None:
    shelf, broken = Shelf(), [True]

    def keep(texts: Sequence[IncomingText]) -> None:
        if broken:
            raise OSError("the disk is full")
        keep_replies(story.database, texts, now=NOW)

    writer = make_writer(keep, spool=shelf.put)
    writer.put(text(1)).result(timeout=PATIENCE)
    broken.clear()
    writer.put(text(2)).result(timeout=PATIENCE)

    assert ([each.sid for each in shelf.texts], story.one(Reply).carrier_sid) == (["SM1"], "SM2")
