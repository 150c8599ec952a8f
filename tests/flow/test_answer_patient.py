"""Approved words answer a patient's own text: at once, at any hour, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from followup.flow.approve_texts import NAME, approved_texts, keep_texts
from followup.flow.receive_reply import read_waiting_replies
from followup.flow.transaction import transaction
from followup.schedule_files import read_texts
from followup.store.database import Database
from followup.store.tables import GoLive, Message
from tests.flow.stories import CHECK_IN_AT, MOOD_AT, NOW, PHONE, SCHEDULES, Story, completed, riverside, staff_row
from tests.reading import SCHEDULES_FOLDER, readers_of

AT_NIGHT = NOW.replace(day=25, hour=8)
"""03:00 in New York."""
Hear = Callable[..., list[str]]


@pytest.fixture
def story(database: Database) -> Story:
    made = riverside(database, phone="(212) 555-0100")
    made.tell(completed())
    return made


@pytest.fixture
def hear(story: Story) -> Hear:
    """A text comes in, is read and answered; what leaves for it."""

    def answered(body: str, *, at: Any = None, sender: str = PHONE) -> list[str]:
        story.now = at or story.now
        before = len(story.texts(sender))
        story.keep_text(body, sender=sender)
        read_waiting_replies(database=story.database, readers_of=readers_of, texts_of=SCHEDULES.texts, now=story.now)
        story.send()
        return story.texts(sender)[before:]

    return answered


def test_words_of_danger_are_answered_at_three_in_the_night_with_911_and_988(hear: Hear) -> None:
    (answer,) = hear("I want to kill myself", at=AT_NIGHT)

    assert "911" in answer and "988" in answer and "(212) 555-0100" in answer


def test_a_second_cry_within_the_episode_is_not_answered_by_the_same_words(story: Story, hear: Hear) -> None:
    assert len(hear("I want to kill myself")) == 1
    assert hear("please, I want to die") == []
    assert len(hear("I want to die", at=story.now + timedelta(hours=6))) == 1


def test_a_spanish_cry_is_answered_in_spanish(hear: Hear) -> None:
    (answer,) = hear("quiero matarme")

    assert answer.startswith("Riverside Clinic: Gracias")


def test_reading_a_reply_again_answers_it_once(story: Story, hear: Hear) -> None:
    hear("I want to kill myself")
    read_waiting_replies(database=story.database, readers_of=readers_of, texts_of=SCHEDULES.texts, now=story.now)

    assert len(story.all(Message, purpose="answer")) == 1


def test_stop_is_confirmed_by_nobody_of_ours(hear: Hear) -> None:
    assert hear("STOP") == []
    assert hear("I want to kill myself") == []


def test_a_stranger_is_not_answered(hear: Hear) -> None:
    assert hear("I want to kill myself", sender="+12125550177") == []


def test_a_number_is_asked_for_again_once(story: Story, hear: Hear) -> None:
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)

    (again,) = hear("hmm somewhere in the middle", at=MOOD_AT + timedelta(minutes=5))
    assert "one number" in again
    assert [text for text in hear("no idea really", at=MOOD_AT + timedelta(hours=1)) if "one number" in text] == []


def test_out_of_hours_is_said_once_in_a_conversation(hear: Hear) -> None:
    (answer,) = hear("can I take my other pills?", at=AT_NIGHT)

    assert "911" in answer and "988" in answer
    assert hear("hello?", at=AT_NIGHT + timedelta(minutes=10)) == []


def test_a_changed_text_waits_for_the_next_approval(story: Story) -> None:
    approved = read_texts(SCHEDULES_FOLDER)
    changed = approved.model_copy(update={"help": approved.help.model_copy(update={"en": "{clinic}: 911, 988."})})
    ana = staff_row(story.clinic)
    story.keep(ana)
    with transaction(story.database) as db:
        assert approved_texts(db, story.clinic.id, changed) == changed
        version = keep_texts(db, approved, now=NOW)
        db.add(GoLive(clinic_id=story.clinic.id, by_staff_id=ana.id, at=NOW, schedule_versions={NAME: version}))
        db.flush()
        assert approved_texts(db, story.clinic.id, changed) == approved
