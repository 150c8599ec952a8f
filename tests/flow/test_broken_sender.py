"""A sender that does not work: one text at a time tries it, the others wait, and staff hear of it once."""

from dataclasses import replace
from datetime import timedelta

from followup.carriers.carrier import Cause
from followup.carriers.pretend import LoseText, Refuse
from followup.flow.reconcile import reconcile
from followup.store.breakers import CARRIER
from followup.store.tables import Attempt, Breaker, Case, Message
from tests.flow.stories import NOW, Story, clinic_row

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WRONG_KEY = Refuse(Cause.SENDER, 20003, "the credentials are wrong")
NO_WAY = Refuse(Cause.TRANSIENT, None, "no connection")


def texts(story: Story, number: int) -> None:
    for each in range(number):
        story.due_text(story.patient(f"Tom {each}"))


def test_a_fault_in_the_account_stops_the_sender_and_uses_one_attempt(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    texts(story, 5)
    story.carrier.behave(WRONG_KEY)

    story.send()

    assert len(story.all(Attempt)) == 1
    assert story.one(Breaker).sender == CARRIER
    assert {message.status for message in story.all(Message)} == {"planned"}
    assert story.one(Case).reason == "Sending does not work: the credentials are wrong"


def test_one_text_at_a_time_tries_and_when_it_works_all_leave(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    texts(story, 5)
    story.carrier.behave(WRONG_KEY, WRONG_KEY)

    story.send()
    story.send(at=NOW + timedelta(seconds=29))
    assert len(story.all(Attempt)) == 1
    story.send(at=NOW + timedelta(seconds=30))
    assert len(story.all(Attempt)) == 2
    story.send(at=NOW + timedelta(seconds=90))

    assert {message.status for message in story.all(Message)} == {"accepted"}
    assert story.one(Breaker).opened_at is None
    assert len(story.all(Case)) == 1


def test_pages_and_answers_are_tried_all_the_same(story: Story) -> None:
    story.carrier.behave(WRONG_KEY)
    story.due_text(story.patient("Maria"))
    story.send()
    answer = story.due_text(story.patient("Tom"), purpose="answer", priority=0)
    page = story.due_text(phone="+12125550299")

    story.send(at=NOW + SECOND)

    assert {story.get(Message, each.id).status for each in (answer, page)} == {"accepted"}


def test_lost_answers_in_a_row_open_it_and_a_few_do_not(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    texts(story, 8)
    story.carrier.behave(*[NO_WAY] * 4)
    story.send()
    assert story.one(Breaker).failures == 0

    story.carrier.behave(*[LoseText()] * 50)
    for number in range(10):
        story.due_text(story.patient(f"Maria {number}"))
    story.send(at=NOW + MINUTE)

    broken = story.one(Breaker)
    assert (broken.failures, broken.opened_at) == (5, story.now)
    assert len(story.all(Message, status="uncertain")) == 5


def test_another_clinics_own_number_goes_on(story: Story) -> None:
    there = clinic_row("Hillside", sender_number="+12125550111")
    story.keep(there)
    mine, theirs = story.due_text(story.patient("Tom")), story.due_text(story.patient("Maria", clinic=there))
    story.clinic.sender_number = "+12125550112"
    story.keep(story.clinic)
    story.rules = replace(story.rules, batch=1)
    story.carrier.behave(WRONG_KEY)

    story.send()

    assert (story.get(Message, mine.id).status, story.get(Message, theirs.id).status) == ("planned", "accepted")
    assert story.one(Breaker).sender == "+12125550112"


def test_a_day_without_the_carrier_loses_and_doubles_nothing_and_tells_staff_once(small_story: Story) -> None:
    """From ten in the morning to ten next morning; each clinic's patients have a check-in, a mood prompt and more."""
    story = small_story
    story.rules = replace(story.rules, batch=20)
    sent_before = 60
    for number in range(sent_before):
        due_at = NOW + timedelta(minutes=23 * number)
        story.step_text(
            story.patient(f"Tom {number}", phone=f"+1212555{3000 + number}"),
            due_at=due_at,
            wake_at=due_at,
            use_by_at=due_at + timedelta(hours=3 if number % 2 else 40),
        )
    story.carrier.behave(*[NO_WAY] * 100_000)
    for minutes in range(0, 24 * 60, 10):
        story.send(at=NOW + timedelta(minutes=minutes))
        reconcile(database=story.database, carrier=story.carrier, quiet=5 * MINUTE, now=story.now)
    assert story.carrier.all_texts() == []
    assert len(story.all(Case)) == 1

    story.carrier.forget_script()
    for minutes in range(24 * 60, 56 * 60, 10):
        story.send(at=NOW + timedelta(minutes=minutes))

    ended = {message.status for message in story.all(Message)}
    assert ended == {"accepted", "expired"}
    expired = [message for message in story.all(Message) if message.status == "expired"]
    assert all(message.reason for message in expired)
    assert len(story.carrier.all_texts()) == len({text.to for text in story.carrier.all_texts()})
    assert len(story.carrier.all_texts()) + len(expired) == sent_before
    assert len(story.all(Case)) == 1
