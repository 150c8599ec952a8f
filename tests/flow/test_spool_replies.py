"""Texts that the database could not take: on the disk, sealed, and in the database as soon as it takes them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from followup.carriers.carrier import IncomingText
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.flow.set_up import seal
from followup.flow.spool_replies import ReplySpool, TextsUnreadable
from followup.store.database import Database
from followup.store.spool import Spool
from followup.store.tables import Case, Message, Reply
from tests.databases import Broken
from tests.flow.stories import NOW, OUR_NUMBER, PHONE, Story, completed
from tests.reading import readers_of

KEY, NEWER_KEY = bytes(range(32)), bytes(range(1, 33))
NOBODY_LISTENS = "postgresql+psycopg://followup@127.0.0.1:1/followup?connect_timeout=2"
WORDS = "I feel so dizzy 🙂"


def text(number: int = 1, body: str = WORDS) -> IncomingText:
    came_at = NOW + timedelta(seconds=number)
    return IncomingText(sid=f"SM{number}", sender=PHONE, to=OUR_NUMBER, body=body, media_count=1, received_at=came_at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def spool(folder: Path) -> ReplySpool:
    return ReplySpool(folder, keys=(KEY,))


def drain(spool: ReplySpool, story: Story) -> int:
    return spool.drain(database=story.database, now=NOW + timedelta(hours=1))


def sids(story: Story) -> list[str]:
    return sorted(reply.carrier_sid for reply in story.all(Reply))


def test_a_spooled_text_is_stored_as_it_came_and_when_it_came(story: Story, spool: ReplySpool, folder: Path) -> None:
    spool.put([text()])

    assert drain(spool, story) == 1

    kept = story.one(Reply)
    assert (kept.body, kept.sender, kept.to, kept.media_count) == (WORDS, PHONE, OUR_NUMBER, 1)
    assert (kept.received_at, kept.recovered) == (text().received_at, False)
    assert list(folder.iterdir()) == []


def test_draining_again_changes_nothing(story: Story, spool: ReplySpool, folder: Path) -> None:
    spool.put([text(1), text(2)])
    [written] = folder.iterdir()
    shutil.copy(written, folder / "copy.waiting")  # As if the process had died before it could remove the file.

    assert drain(spool, story) == 2
    assert drain(spool, story) == 0

    assert sids(story) == ["SM1", "SM2"]
    assert list(folder.iterdir()) == []


def test_a_text_that_the_database_took_after_all_is_not_doubled(story: Story, spool: ReplySpool) -> None:
    spool.put([text(1), text(2)])
    keep_replies(story.database, [text(1)], now=NOW)

    assert drain(spool, story) == 1
    assert sids(story) == ["SM1", "SM2"]


def test_no_word_and_no_number_of_a_patient_lies_open_on_the_disk(spool: ReplySpool, folder: Path) -> None:
    spool.put([text()])

    [written] = folder.iterdir()
    content = written.read_bytes()
    for secret in (b"dizzy", WORDS.encode(), PHONE.encode(), PHONE[2:].encode(), b"SM1"):
        assert secret not in content


def test_what_was_written_with_an_older_key_is_still_read(story: Story, spool: ReplySpool, folder: Path) -> None:
    spool.put([text()])

    assert drain(ReplySpool(folder, keys=(NEWER_KEY, KEY)), story) == 1


@pytest.mark.parametrize("left", [0, 1, 50, -1], ids=["nothing", "a byte", "a part", "all but a byte"])
def test_a_torn_file_is_set_aside_loudly_and_its_neighbours_are_stored(
    story: Story, spool: ReplySpool, folder: Path, left: int
) -> None:
    for number in range(3):
        spool.put([text(number)])
    torn = sorted(folder.iterdir())[1]
    torn.write_bytes(torn.read_bytes()[:left])

    assert drain(spool, story) == 2

    assert sids(story) == ["SM0", "SM2"]
    assert [path.suffix for path in folder.iterdir()] == [".unreadable"]
    with pytest.raises(TextsUnreadable):
        spool.check()
    assert drain(spool, story) == 0


def test_what_no_key_opens_is_never_deleted_and_is_stored_once_the_key_is_back(
    story: Story, spool: ReplySpool, folder: Path
) -> None:
    spool.put([text()])
    assert drain(ReplySpool(folder, keys=(NEWER_KEY,)), story) == 0

    [aside] = folder.iterdir()
    aside.rename(aside.with_suffix(".waiting"))

    assert drain(spool, story) == 1
    spool.check()


def test_a_file_of_something_else_is_set_aside(story: Story, spool: ReplySpool, folder: Path) -> None:
    Spool(folder).put(seal('[{"sid": "SM1"}]', (KEY,)))

    assert drain(spool, story) == 0
    with pytest.raises(TextsUnreadable):
        spool.check()


def test_what_the_database_refuses_stays_and_its_neighbours_are_stored(
    story: Story, spool: ReplySpool, break_inserts: Callable[..., Broken]
) -> None:
    broken = break_inserts("reply", when="NEW.body = 'no'")
    for number, body in enumerate(["yes", "no", "yes"]):
        spool.put([text(number, body)])

    for _ in range(2):
        with pytest.raises(DatabaseError, match="broken on purpose"):
            drain(spool, story)
        assert sids(story) == ["SM0", "SM2"]
    broken.mend()

    assert drain(spool, story) == 1
    assert sids(story) == ["SM0", "SM1", "SM2"]


def test_while_the_database_is_gone_everything_stays(story: Story, spool: ReplySpool) -> None:
    gone = Database(NOBODY_LISTENS)
    spool.put([text()])

    with pytest.raises(OperationalError):
        spool.drain(database=gone, now=NOW)
    gone.close()

    assert drain(spool, story) == 1


def test_stop_and_start_are_read_in_the_order_in_which_they_came(story: Story, spool: ReplySpool) -> None:
    story.tell(completed())
    for number, word in enumerate(["STOP", "START", "STOP"]):
        spool.put([replace(text(number, word), media_count=0, received_at=NOW)])
    drain(spool, story)

    read_waiting_replies(database=story.database, readers_of=readers_of, now=story.now)

    assert {message.status for message in story.all(Message)} == {"suppressed"}
    assert story.one(Case).level == "concern"
