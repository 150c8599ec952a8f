"""A database that came back from a backup sends nothing until a person says so."""

from datetime import timedelta
from uuid import uuid4

import pytest

from followup.flow.leave_safe_mode import leave_safe_mode
from followup.store.tables import AuditEntry, Message, Pulse, Staff
from tests.flow.stories import NOW, Story, staff_row

LATER = NOW + timedelta(minutes=30)


@pytest.fixture
def ana(story: Story) -> Staff:
    person = staff_row(story.clinic)
    story.keep(person)
    return person


@pytest.fixture
def waiting(story: Story) -> Message:
    """The database is an old copy, and a text waits because of it."""
    story.keep(Pulse(database_id=uuid4(), alive_at=NOW, claims=7, behind_fence_at=NOW))
    return story.due_text(
        story.patient("Maria"), waits_for="this database is an old copy", wake_at=LATER + timedelta(hours=1)
    )


def test_a_person_lets_texts_leave_again(story: Story, ana: Staff, waiting: Message) -> None:
    assert leave_safe_mode(story.database, ana.id, LATER) is True

    pulse = story.one(Pulse)
    assert (pulse.behind_fence_at, pulse.claims) == (None, 7)
    assert story.get(Message, waiting.id).wake_at == LATER
    [entry] = story.all(AuditEntry)
    assert (entry.actor, entry.action, entry.clinic_id) == (f"staff:{ana.id}", "safe mode left", None)
    assert entry.details == {"since": NOW.isoformat()}


def test_again_changes_nothing(story: Story, ana: Staff, waiting: Message) -> None:
    leave_safe_mode(story.database, ana.id, LATER)

    assert leave_safe_mode(story.database, ana.id, LATER + timedelta(minutes=1)) is False

    assert len(story.all(AuditEntry)) == 1
    assert story.get(Message, waiting.id).wake_at == LATER


def test_where_nothing_held_them_nothing_happens(story: Story, ana: Staff) -> None:
    assert leave_safe_mode(story.database, ana.id, LATER) is False
    assert story.all(Pulse) == []

    story.keep(Pulse(database_id=uuid4(), alive_at=NOW))
    assert leave_safe_mode(story.database, ana.id, LATER) is False
    assert story.all(AuditEntry) == []
