"""A house that was dead, or whose database is an old copy, doubts what is due before it sends anything."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from followup.flow.feel_pulse import GAP, keep_pulse
from followup.flow.reconcile import reconcile
from followup.store.database import Database, upgrade
from followup.store.fence import Fence
from followup.store.pulse import find_pulse
from followup.store.tables import Attempt, Message, Pulse
from tests.databases import KEY
from tests.flow.stories import CHECK_IN, MAINTENANCE, MOOD, NOW, Story, completed, riverside

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUIET = timedelta(minutes=5)


@pytest.fixture
def fence(tmp_path: Path) -> Fence:
    return Fence(tmp_path / "followup.db.fence")


def alive(story: Story) -> None:
    keep_pulse(database=story.database, fence=story.rules.fence, now=story.now)


def settle(story: Story) -> None:
    """The reconciler and the sender run until nothing is doubted."""
    for _ in range(12):
        reconcile(database=story.database, carrier=story.carrier, quiet=QUIET, now=story.now)
        story.send()
        story.now += MINUTE


def pulse_of(database: Database) -> Pulse:
    with database.reader() as db:
        pulse = find_pulse(db)
    assert pulse is not None
    return pulse


# A gap -------------------------------------------------------------------------------------------------------


def test_after_a_short_stop_what_is_due_leaves_at_once(story: Story) -> None:
    alive(story)
    story.due_text(story.patient())

    assert story.send(at=NOW + GAP, was_alive=False) == 1


def test_after_a_gap_what_is_due_is_looked_up_first_and_then_leaves_once(story: Story) -> None:
    alive(story)
    text = story.step_text(story.patient())

    assert story.send(at=NOW + GAP + SECOND, was_alive=False) == 0
    doubted, attempt = story.get(Message, text.id), story.one(Attempt)
    assert (doubted.status, doubted.look_at) == ("uncertain", story.now)
    assert (attempt.started_at, attempt.ended_at, attempt.outcome) == (NOW, story.now, "unknown")

    settle(story)
    assert len(story.carrier.all_texts()) == 1
    assert story.get(Message, text.id).status == "accepted"


def test_what_falls_due_after_the_gap_is_not_doubted(story: Story) -> None:
    alive(story)
    later = NOW + GAP + MINUTE
    text = story.step_text(story.patient(), due_at=later, wake_at=later)

    story.send(at=NOW + GAP + SECOND, was_alive=False)

    assert story.send(at=later) == 1
    assert story.get(Message, text.id).status == "accepted"


def test_a_text_to_nobody_is_not_doubted(story: Story) -> None:
    alive(story)
    story.step_text(story.patient(phone=None))

    story.send(at=NOW + GAP + SECOND, was_alive=False)

    assert story.one(Message).reason == "there is no number that can be texted"


def test_a_clock_that_jumps_ahead_is_a_gap_and_one_that_jumps_back_is_none(story: Story) -> None:
    alive(story)
    story.now = NOW - timedelta(hours=1)
    alive(story)
    assert pulse_of(story.database).doubted_at is None

    story.now = NOW
    alive(story)
    assert pulse_of(story.database).doubted_at == NOW


def test_an_idle_house_that_keeps_its_pulse_has_no_gap(story: Story) -> None:
    for minutes in range(0, 60):
        story.now = NOW + timedelta(minutes=minutes)
        alive(story)
    story.due_text(story.patient())

    assert story.send(was_alive=False) == 1


# A database from a backup --------------------------------------------------------------------------------------


@pytest.fixture
def own_file(tmp_path: Path, fence: Fence) -> Iterator[Story]:
    """A database file that can be copied and put back."""
    database = Database(f"sqlite:///{tmp_path / 'followup.db'}", key=KEY)
    upgrade(database)
    story = riverside(database)
    story.rules = replace(story.rules, fence=fence)
    yield story
    story.database.close()


def back_up(story: Story, folder: Path) -> None:
    story.database.engine.dispose()
    shutil.copy(folder / "followup.db", folder / "backup.db")


def restore(story: Story, folder: Path) -> None:
    story.database.close()
    for leftover in ("followup.db", "followup.db-wal", "followup.db-shm"):
        (folder / leftover).unlink(missing_ok=True)
    shutil.copy(folder / "backup.db", folder / "followup.db")
    story.database = Database(f"sqlite:///{folder / 'followup.db'}", key=KEY)


def test_a_database_of_yesterday_sends_nothing_that_left_since(own_file: Story, tmp_path: Path) -> None:
    story = own_file
    for number in range(40):
        whom = {"id": f"p-{number}", "given_name": f"Pat {number}"}
        story.tell(completed(session=f"s-{number}", patient=whom, phone=f"+12125552{number:03}"))
    alive(story)
    back_up(story, tmp_path)
    for hours in range(24):
        story.send(at=NOW + timedelta(hours=hours))
        story.report()
    before = {(text.to, text.body) for text in story.carrier.all_texts()}
    assert len(story.carrier.all_texts()) == len(before) >= 40

    restore(story, tmp_path)
    story.now = NOW + timedelta(hours=24)
    assert story.send(was_alive=False) == 0
    assert pulse_of(story.database).behind_fence_at == story.now
    settle(story)
    assert len(story.carrier.all_texts()) == len(before)

    _let_go_on(story)
    for hours in range(24, 60):
        story.send(at=NOW + timedelta(hours=hours))
        settle(story)

    sent = [(text.to, text.body) for text in story.carrier.all_texts()]
    assert len(sent) == len(set(sent))
    assert before < set(sent)
    assert {message.status for message in story.all(Message, step=CHECK_IN)} == {"accepted"}
    assert {message.status for message in story.all(Message, step=MOOD)} == {"accepted"}
    assert {message.status for message in story.all(Message, step=MAINTENANCE)} == {"planned"}


def _let_go_on(story: Story) -> None:
    from followup.flow.transaction import transaction

    with transaction(story.database) as db:
        pulse = find_pulse(db)
        assert pulse is not None
        pulse.behind_fence_at = None
        db.add(pulse)


def test_behind_the_fence_nothing_leaves_until_a_person_says_so(own_file: Story, tmp_path: Path) -> None:
    story = own_file
    alive(story)
    back_up(story, tmp_path)
    story.due_text(story.patient())
    story.send()
    restore(story, tmp_path)

    story.now = NOW + MINUTE
    story.due_text(story.patient("Maria"))
    for minutes in (1, 2, 30):
        assert story.send(at=NOW + timedelta(minutes=minutes)) == 0
    _let_go_on(story)
    settle(story)

    assert len(story.carrier.texts_to(story.all(Message)[0].phone or "")) == 1


def test_another_databases_fence_stands_in_nobodys_way(own_file: Story, fence: Fence) -> None:
    from followup.store.tables import new_id

    fence.raise_to(new_id(), 1000)
    own_file.due_text(own_file.patient())

    assert own_file.send() == 1
    assert fence.read(pulse_of(own_file.database).database_id) == 1
