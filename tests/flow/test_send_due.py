"""How a text leaves: once, at a decent hour, to somebody who may still be texted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from followup.carriers.carrier import Accepted, Cause, Outcome, OutgoingText, Refused, Unknown
from followup.carriers.pretend import Accept, Behaviour, Break, LoseAnswer, LoseText, Refuse
from followup.flow.reconcile import doubt_stale_claims
from followup.flow.record_outcomes import record_outcomes
from followup.flow.send_due import next_due
from followup.store.tables import (
    Attempt,
    Case,
    CaseAssignment,
    Message,
    OptOut,
)
from tests.databases import open_again
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    LEASE,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    WatchedCarrier,
    completed,
    staff_row,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def record(story: Story, attempt: str, outcome: Outcome) -> None:
    record_outcomes(story.database, [(attempt, outcome)], now=story.now)


# Claim, call, record ---------------------------------------------------------------------------------------


def test_a_due_text_leaves_once(story: Story) -> None:
    story.tell(completed())
    assert story.send(at=CHECK_IN_AT - SECOND) == 0

    assert story.send(at=CHECK_IN_AT) == 1
    assert story.send() == 0

    sent = story.message()
    (taken,) = story.carrier.all_texts()
    assert (taken.to, taken.body, taken.sid) == (PHONE, sent.text, sent.carrier_sid)
    assert (sent.status, sent.phone, sent.handed_over_at, sent.lease_until) == ("accepted", PHONE, CHECK_IN_AT, None)
    attempt = story.one(Attempt)
    assert (attempt.token, attempt.outcome, attempt.carrier_sid) == (taken.attempt, "accepted", taken.sid)


def test_the_carrier_is_called_with_no_transaction_open(story: Story) -> None:
    story.tell(completed())
    other = open_again(story.database)

    def write_meanwhile(_: OutgoingText) -> None:
        with other.writer() as db:
            if not other.is_sqlite:
                db.execute(sql("SET lock_timeout = '1s'"))
            assert db.execute(sql("UPDATE message SET moved = 'touched' WHERE status = 'claimed'")).rowcount == 1
            assert db.execute(sql("SELECT count(*) FROM attempt WHERE outcome = 'open'")).scalar_one() == 1
            db.commit()

    try:
        story.send(at=CHECK_IN_AT, carrier=WatchedCarrier(story, write_meanwhile))
    finally:
        other.close()

    assert (story.message().status, story.message().moved) == ("accepted", "touched")


def test_what_the_carrier_answered_is_recorded_before_the_next_answer_comes(story: Story) -> None:
    for _ in range(3):
        story.due_text(story.patient(f"Tom {_}"))
    seen: list[int] = []

    def count(_: OutgoingText) -> None:
        seen.append(len(story.all(Message, status="accepted")))

    story.send(carrier=WatchedCarrier(story, count))

    assert seen == [0, 1, 2]


def test_texts_that_were_taken_before_the_carrier_broke_are_not_sent_again(story: Story) -> None:
    for number in range(3):
        story.due_text(story.patient(f"Tom {number}"))
    story.carrier.behave(Accept(), Break())

    with pytest.raises(RuntimeError):
        story.send()
    story.now += LEASE + SECOND
    doubt_stale_claims(database=story.database, now=story.now)
    story.send()

    assert sorted(m.status for m in story.all(Message)) == ["accepted", "uncertain", "uncertain"]
    assert len(story.carrier.all_texts()) == 1


def test_the_same_answer_twice_changes_nothing(story: Story) -> None:
    story.due_text(story.patient())
    (text,) = story.claim()
    record(story, text.attempt, Refused(Cause.NUMBER, 21211, "no such number"))
    before = (story.one(Message), story.one(Attempt), story.one(Case))

    story.now += MINUTE
    record(story, text.attempt, Refused(Cause.NUMBER, 21211, "no such number"))
    record(story, text.attempt, Unknown("?"))
    record(story, "no such attempt", Accepted("SM1"))

    after = (story.one(Message), story.one(Attempt), story.one(Case))
    assert [row.model_dump() for row in after] == [row.model_dump() for row in before]


# What the carrier answers ----------------------------------------------------------------------------------


def test_a_number_that_sent_stop_to_the_carrier_hears_no_more(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Refuse(Cause.OPTED_OUT, 21610))

    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)

    assert story.message().reason == "the carrier says: the patient sent STOP"
    assert story.statuses()[CHECK_IN] == story.statuses()[MOOD] == "suppressed"
    assert (story.one(OptOut).phone, story.one(OptOut).reply_id) == (PHONE, None)
    assert story.all(Case) == []
    assert story.texts() == []


@pytest.mark.parametrize("cause", [Cause.NUMBER, Cause.CONTENT])
def test_a_text_refused_for_good_fails_and_stands_before_staff(story: Story, cause: Cause) -> None:
    story.due_text(story.patient())
    story.carrier.behave(Refuse(cause, 21211, "it is no mobile number"))

    story.send()
    story.send(at=NOW + timedelta(hours=1))

    failed, case = story.one(Message), story.one(Case)
    assert (failed.status, failed.reason) == ("failed", "it is no mobile number")
    said = "The number cannot be texted" if cause is Cause.NUMBER else "A text was refused"
    assert (case.level, case.reason) == ("concern", f"{said}: it is no mobile number")
    assert failed.case_id == case.id
    assert story.carrier.all_texts() == []
    attempt = story.one(Attempt)
    assert (attempt.outcome, attempt.cause, attempt.code) == ("refused", cause, 21211)


def test_a_fault_in_the_account_holds_the_text_and_gives_it_up_for_no_reason(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(*[Refuse(Cause.SENDER, 20003, "the key is wrong")] * 3)

    for _ in range(3):
        story.send()
        waiting = story.one(Message)
        assert (waiting.status, waiting.wake_at) == ("planned", story.now + timedelta(seconds=30))
        story.now = waiting.wake_at
    story.send()

    assert story.one(Message).status == "accepted"
    assert story.one(Case).reason == "Sending does not work: the key is wrong"


def test_a_fault_in_the_account_is_said_once_and_takes_no_case_from_whoever_has_it(story: Story) -> None:
    tom = story.patient()
    story.hear("what?", sender=OTHER_PHONE)
    case = story.one(Case)
    ana = staff_row(story.clinic)
    case.level = "urgent"
    story.keep(case, ana)
    story.due_text(tom, case_id=case.id)
    story.carrier.behave(*[Refuse(Cause.SENDER, 20003, "the key is wrong")] * 2)

    story.send()
    story.keep(CaseAssignment(clinic_id=case.clinic_id, case_id=case.id, staff_id=ana.id, at=story.now))
    story.send(at=story.now + MINUTE)

    assert story.one(CaseAssignment).released_at is None


@pytest.mark.parametrize("cause", [Cause.RATE, Cause.TRANSIENT])
def test_what_may_be_tried_again_waits_longer_each_time(story: Story, cause: Cause) -> None:
    story.due_text(story.patient(), use_by_at=NOW + timedelta(hours=4))
    story.carrier.behave(*[Refuse(cause, 20429)] * 8)

    waited: list[float] = []
    for _ in range(8):
        story.send()
        story.now, before = story.one(Message).wake_at, story.now
        waited.append((story.now - before).total_seconds())
    story.send()

    for seconds, about in zip(waited, [15, 30, 60, 120, 240, 480, 600, 600], strict=True):
        assert 0.75 * about <= seconds <= 1.25 * about
    assert story.one(Message).status == "accepted"
    assert story.all(Case) == []


def test_a_carrier_that_says_when_is_taken_at_its_word(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(Refuse(Cause.RATE, 20429, retry_after=timedelta(seconds=7)))

    story.send()

    assert story.one(Message).wake_at == NOW + timedelta(seconds=7)
    assert next_due(story.database) == NOW + timedelta(seconds=7)


@pytest.mark.parametrize("behaviour", [LoseAnswer(), LoseText()], ids=["answer lost", "text lost"])
def test_a_text_of_which_nobody_knows_is_not_sent_again_on_a_guess(story: Story, behaviour: Behaviour) -> None:
    story.due_text(story.patient())
    story.carrier.behave(behaviour)

    for hours in range(8):
        story.send(at=NOW + timedelta(hours=hours))

    assert story.one(Message).status == "uncertain"
    assert story.one(Attempt).outcome == "unknown"


# Order -----------------------------------------------------------------------------------------------------


def test_safety_texts_leave_first_then_staffs_then_reminders_then_prompts(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    given = {"prompt": 3, "reminder": 2, "from staff": 1, "page": 0}
    for number, (words, priority) in enumerate(given.items()):
        who = story.patient(f"Tom {number}")
        story.due_text(who, text=words, priority=priority, wake_at=NOW - timedelta(minutes=10 - number))

    story.send()

    assert [t.body for t in story.carrier.all_texts()] == ["page", "from staff", "reminder", "prompt"]


def test_within_a_priority_the_one_that_waited_longest_leaves_first(story: Story) -> None:
    who = story.patient()
    for minutes in (3, 9, 1):
        story.due_text(who, text=f"{minutes} minutes", wake_at=NOW - timedelta(minutes=minutes))

    story.send()

    assert story.texts(OTHER_PHONE) == ["9 minutes", "3 minutes", "1 minutes"]
