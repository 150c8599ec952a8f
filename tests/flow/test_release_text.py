"""A text that waits for a person's word: sent or dropped, once, by somebody of its clinic."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest

from followup.flow.release_text import drop_text, release_text
from followup.store.holds import NoSuchText
from followup.store.tables import AuditEntry, Message, Staff
from tests.flow.stories import CHECK_IN_AT, PHONE, Story, completed, hillside, staff_row

LATER = CHECK_IN_AT + timedelta(minutes=20)


@pytest.fixture
def ana(story: Story) -> Staff:
    person = staff_row(story.clinic, role="nurse")
    story.keep(person)
    return person


@pytest.fixture
def held(story: Story) -> Message:
    """Maria's check-in is held when it is due."""
    story.tell(completed())
    message = story.message()
    message.held_at, message.waits_for = CHECK_IN_AT, "held: the same text went to this number within a day"
    story.keep(message)
    story.send(at=CHECK_IN_AT)
    story.now = LATER
    return message


def release(story: Story, message: Message, person: Staff) -> None:
    release_text(
        database=story.database,
        clinic_id=person.clinic_id,
        message_id=message.id,
        staff_id=person.id,
        now=story.now,
    )


def drop(story: Story, message: Message, person: Staff) -> None:
    drop_text(
        database=story.database,
        clinic_id=person.clinic_id,
        message_id=message.id,
        staff_id=person.id,
        now=story.now,
    )


def audited(story: Story) -> list[tuple[str, str]]:
    return [(e.actor, e.action) for e in story.all(AuditEntry) if e.action.startswith("text.")]


def test_a_held_text_does_not_leave_by_itself(story: Story, held: Message) -> None:
    story.send(at=LATER)

    assert story.texts() == []
    assert story.message().status == "planned"


def test_a_released_text_leaves_with_the_next_claim(story: Story, held: Message, ana: Staff) -> None:
    release(story, held, ana)

    kept = story.message()
    assert (kept.held_at, kept.waits_for, kept.wake_at) == (None, None, LATER)
    assert (kept.released_at, kept.released_by_id) == (LATER, ana.id)
    assert story.send() == 1
    assert len(story.texts(PHONE)) == 1
    assert audited(story) == [(f"staff:{ana.id}", "text.released")]


def test_a_text_that_is_not_due_yet_waits_until_then(story: Story, ana: Staff) -> None:
    story.tell(completed())
    message = story.message()
    message.held_at = story.now
    story.keep(message)

    release(story, message, ana)

    assert story.message().wake_at == CHECK_IN_AT


def test_a_dropped_text_is_never_sent_and_says_by_whom(story: Story, held: Message, ana: Staff) -> None:
    drop(story, held, ana)

    kept = story.message()
    assert (kept.status, kept.reason, kept.ended_at) == ("cancelled", "dropped by Ana Ruiz", LATER)
    assert story.send() == 0
    assert audited(story) == [(f"staff:{ana.id}", "text.dropped")]


def test_the_second_click_changes_nothing_whichever_it_is(story: Story, held: Message, ana: Staff) -> None:
    release(story, held, ana)
    before = story.message().model_dump()
    story.now += timedelta(seconds=5)

    release(story, held, ana)
    drop(story, held, ana)

    assert story.message().model_dump() == before
    assert len(audited(story)) == 1


def test_what_was_dropped_is_not_released_afterwards(story: Story, held: Message, ana: Staff) -> None:
    drop(story, held, ana)
    release(story, held, ana)
    drop(story, held, ana)

    assert story.message().status == "cancelled"
    assert len(audited(story)) == 1


def test_two_colleagues_at_once_decide_once(story: Story, held: Message, ana: Staff) -> None:
    together = threading.Barrier(4)

    def decide(number: int) -> None:
        together.wait(timeout=10)
        (release if number % 2 else drop)(story, held, ana)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, range(4)))

    assert len(audited(story)) == 1
    kept = story.message()
    assert (kept.status == "cancelled") is (kept.released_at is None)


def test_another_clinics_text_is_not_there(story: Story, held: Message) -> None:
    stranger = staff_row(hillside(story), "Sam Hill")
    story.keep(stranger)

    for act in (release, drop):
        with pytest.raises(NoSuchText):
            act(story, held, stranger)
    assert story.message().held_at == CHECK_IN_AT


def test_a_text_that_does_not_exist_is_not_there(story: Story, ana: Staff) -> None:
    with pytest.raises(NoSuchText):
        release_text(
            database=story.database, clinic_id=ana.clinic_id, message_id=uuid4(), staff_id=ana.id, now=story.now
        )


def test_stop_holds_for_a_text_that_is_released(story: Story, held: Message, ana: Staff) -> None:
    story.hear("STOP")

    release(story, held, ana)
    story.send()

    assert story.texts() == [] or all("Hi Maria" not in text for text in story.texts())
    assert story.message().status == "suppressed"
