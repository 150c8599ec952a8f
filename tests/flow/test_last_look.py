"""What happens between the claim and the call still counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from followup.carriers.carrier import OutgoingText
from followup.flow.claim_texts import claim_texts
from followup.flow.last_look import last_look
from followup.flow.set_up import turn_sending
from followup.store.tables import Attempt, Clinic, Message, Patient
from tests.flow.stories import LEASE, NOW, PHONE, Story, WatchedCarrier, completed, consent, died

CHECK_IN_AT = NOW.replace(hour=19, minute=0)
Happening = Callable[[Story], object]


def change(story: Story, table: type[Patient] | type[Clinic] | type[Message] | type[Attempt], **values: object) -> None:
    row = story.all(table)[0]
    for name, value in values.items():
        setattr(row, name, value)
    story.keep(row)


HAPPENS: dict[str, Happening] = {
    "the patient sent STOP": lambda story: story.hear("STOP"),
    "something came that may be STOP": lambda story: story.keep_text("please stop"),
    "consent was withdrawn": lambda story: story.tell(consent("revoked")),
    "the patient died": lambda story: story.tell(died()),
    "the number changed": lambda story: change(story, Patient, phone="+12125550177"),
    "sending was switched off": lambda story: turn_sending(
        database=story.database, on=False, clinic=None, by="test", now=story.now
    ),
    "the clinic was switched off": lambda story: change(story, Clinic, sending_off_at=story.now),
    "somebody else claimed it": lambda story: change(story, Message, fence=7),
    "a callback was faster": lambda story: change(story, Message, status="delivered"),
    "its seal does not fit": lambda story: change(story, Attempt, seal="0" * 64),
}


@pytest.mark.parametrize("what", HAPPENS)
def test_a_claimed_text_does_not_leave_when(story: Story, what: str) -> None:
    story.tell(completed())
    carrier = WatchedCarrier(story, lambda _: HAPPENS[what](story))

    story.send(at=CHECK_IN_AT, carrier=carrier)

    assert carrier.all_texts() == []
    assert story.texts() == []


def test_a_claimed_text_leaves_when_nothing_happened(story: Story) -> None:
    story.tell(completed())
    carrier = WatchedCarrier(story, lambda _: None)

    story.send(at=CHECK_IN_AT, carrier=carrier)

    assert len(carrier.texts_to(PHONE)) == 1


@pytest.mark.parametrize("what", ["the patient sent STOP", "the patient died", "consent was withdrawn"])
def test_what_was_held_back_ends_with_its_reason(story: Story, what: str) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT, carrier=WatchedCarrier(story, lambda _: HAPPENS[what](story)))

    story.send(at=CHECK_IN_AT + timedelta(seconds=1))

    reasons = {
        "the patient sent STOP": ("suppressed", "the patient sent STOP"),
        "the patient died": ("cancelled", "the patient died"),
        "consent was withdrawn": ("suppressed", "the patient withdrew consent"),
    }
    assert (story.message().status, story.message().reason) == reasons[what]


@pytest.mark.parametrize("what", ["something came that may be STOP", "consent was withdrawn"])
def test_an_answer_to_the_patient_leaves_all_the_same(story: Story, what: str) -> None:
    story.tell(completed())
    story.due_text(story.one(Patient), purpose="answer", priority=0, text="Call 911.")
    carrier = WatchedCarrier(story, lambda _: HAPPENS[what](story))

    story.send(carrier=carrier)

    assert [text.body for text in carrier.all_texts()] == ["Call 911."]


def test_a_page_leaves_whatever_is_switched_off(story: Story) -> None:
    story.due_text(phone=PHONE, text="An urgent reply waits.")
    off = HAPPENS["sending was switched off"]
    carrier = WatchedCarrier(story, lambda _: off(story))

    story.send(carrier=carrier)

    assert len(carrier.all_texts()) == 1


def look(story: Story, text: OutgoingText, *, at_offset: timedelta, stopping: bool = False) -> bool:
    may_leave = last_look(
        story.database,
        [text],
        give_up_at=NOW + LEASE,
        clock=lambda: NOW + at_offset,
        is_stopping=lambda: stopping,
    )
    return may_leave(text.attempt)


def test_a_process_that_wakes_up_late_or_is_stopping_does_not_send(story: Story) -> None:
    story.due_text(story.patient())
    (text,), _ = claim_texts(database=story.database, rules=story.rules, now=NOW)

    assert look(story, text, at_offset=timedelta(0))
    assert not look(story, text, at_offset=LEASE)
    assert not look(story, text, at_offset=timedelta(0), stopping=True)


def test_other_words_than_those_that_were_claimed_do_not_leave(story: Story) -> None:
    story.due_text(story.patient("Tom"))
    story.due_text(story.patient("Maria"))
    (one, other), _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    crossed = OutgoingText(attempt=one.attempt, to=one.to, body=other.body, sender=None, valid_for=one.valid_for)

    assert not look(story, crossed, at_offset=timedelta(0))


def test_what_cannot_be_looked_up_does_not_leave(story: Story) -> None:
    text = OutgoingText(attempt="0" * 32, to=PHONE, body="?", sender=None, valid_for=LEASE)

    assert not look(story, text, at_offset=timedelta(0))


def test_a_process_that_was_stopped_while_it_looked_does_not_send(story: Story) -> None:
    story.due_text(story.patient())
    claimed = story.claim()
    give_up_at = story.now + LEASE / 2
    told = iter([story.now, give_up_at])

    may_leave = last_look(
        story.database, claimed, give_up_at=give_up_at, clock=lambda: next(told), is_stopping=lambda: False
    )

    assert not may_leave(claimed[0].attempt)
