"""Several senders at once, slow ones, and a whole week of them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from followup.carriers.carrier import Accepted, Cause, Outcome, OutgoingText, Refused, Unknown
from followup.carriers.pretend import Accept, LoseAnswer, LoseText, Refuse
from followup.flow.reconcile import doubt_stale_claims
from followup.flow.record_outcomes import record_outcomes
from followup.flow.send_due import CALL_MARGIN, next_due, send_due
from followup.store.tables import (
    Attempt,
    AuditEntry,
    Case,
    Message,
    Patient,
    Plan,
    new_id,
)
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    LEASE,
    MAINTENANCE,
    NOW,
    PHONE,
    Story,
    WatchedCarrier,
    clinic_row,
    completed,
    ids,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def record(story: Story, attempt: str, outcome: Outcome) -> None:
    record_outcomes(story.database, [(attempt, outcome)], now=story.now)


# Leases and fences -----------------------------------------------------------------------------------------


def test_a_claim_too_near_to_the_end_of_its_lease_is_not_called(story: Story) -> None:
    story.due_text(story.patient())
    instants = iter([NOW, NOW + LEASE - CALL_MARGIN, NOW + LEASE - CALL_MARGIN])
    clock: Callable[[], datetime] = lambda: next(instants, NOW + LEASE - CALL_MARGIN)  # noqa: E731

    send_due(database=story.database, carrier=story.carrier, rules=story.rules, clock=clock)

    assert story.carrier.all_texts() == []
    waiting = story.one(Message)
    assert (waiting.status, waiting.waits_for) == ("planned", "to be tried again: held back before the call")
    assert story.send(at=waiting.wake_at) == 1
    assert len(story.carrier.all_texts()) == 1


def test_a_slow_sender_cannot_record_over_a_newer_claim(story: Story) -> None:
    message = story.due_text(story.patient())
    (slow,) = story.claim()
    story.now += LEASE + SECOND
    assert doubt_stale_claims(database=story.database, now=story.now) == 1
    doubted = story.get(Message, message.id)
    doubted.status = "planned"  # As whoever finds that the carrier does not have it does.
    story.keep(doubted)
    story.send()
    sent = story.get(Message, message.id)

    for outcome in (Refused(Cause.NUMBER, 21211, "no"), Unknown("?"), Accepted("SM-late")):
        record(story, slow.attempt, outcome)

    after = story.get(Message, message.id)
    assert (after.status, after.carrier_sid, after.fence) == ("accepted", sent.carrier_sid, 2)
    assert after.doubled_at is not None  # It was late, but it is proof.
    assert story.one(Case).reason == "The patient may have got a text twice"


def test_an_answer_after_the_lease_ran_out_still_counts_while_nobody_else_claimed_it(story: Story) -> None:
    story.due_text(story.patient())
    (slow,) = story.claim()
    story.now += LEASE + SECOND
    doubt_stale_claims(database=story.database, now=story.now)

    record(story, slow.attempt, Accepted("SM-late"))

    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("accepted", "SM-late")


def test_four_senders_at_once_send_each_of_200_texts_once(story: Story) -> None:
    people = [story.patient(f"Tom {number}") for number in range(10)]
    story.now -= SECOND
    story.keep(*[_text(story, people[number % 10]) for number in range(200)])
    story.now += SECOND
    story.rules = replace(story.rules, batch=7)
    together = threading.Barrier(4)

    def send(_: int) -> int:
        together.wait(timeout=10)
        return story.send()

    with ThreadPoolExecutor(4) as pool:
        handed = sum(pool.map(send, range(4)))

    assert handed == 200
    assert len(story.carrier.all_texts()) == len({t.body for t in story.carrier.all_texts()}) == 200
    assert {(m.status, m.fence) for m in story.all(Message)} == {("accepted", 1)}
    assert len(story.all(Attempt)) == 200


def test_senders_at_once_with_every_kind_of_answer_leave_nothing_half_done(story: Story) -> None:
    people = [story.patient(f"Tom {number}") for number in range(4)]
    story.keep(*[_text(story, people[number % 4]) for number in range(60)])
    story.rules = replace(story.rules, batch=5)
    answers = [Refuse(Cause.CONTENT, 30019), Accept(), Refuse(Cause.CONTENT, 30007), LoseAnswer(), LoseText()]
    story.carrier.behave(*answers * 12)
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait(timeout=10)
        story.send()
        if number % 2:
            story.report()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    counted = [m.status for m in story.all(Message)]
    assert counted.count("failed") == 24
    assert counted.count("uncertain") == 24
    assert len(story.carrier.all_texts()) == 24
    assert {case.patient_id for case in story.all(Case)} == ids(people)
    assert len(story.all(Case)) == 4


def _text(story: Story, who: Patient) -> Message:
    id_ = new_id()
    return Message(
        id=id_,
        clinic_id=who.clinic_id,
        purpose="staff",
        patient_id=who.id,
        step=str(id_),
        text=f"text {id_}",
        priority=1,
        due_at=story.now,
        wake_at=story.now,
        use_by_at=story.now + timedelta(hours=1),
        created_at=story.now,
    )


# A week ----------------------------------------------------------------------------------------------------

ZONES = ["America/New_York", "America/Los_Angeles", "Pacific/Auckland"]
WEEK_STARTS_AT = datetime(2026, 10, 28, 0, 0, tzinfo=UTC)
"""Clocks go back in the United States on the Sunday of this week."""


def test_in_a_whole_week_nothing_automatic_leaves_between_eight_in_the_evening_and_nine(small_story: Story) -> None:
    story = small_story
    story.now = WEEK_STARTS_AT
    for zone in ZONES:
        for number in range(20):
            who = story.patient(f"{zone} {number}", phone=f"+1212555{1000 + number + 100 * ZONES.index(zone)}")
            who.zone = zone
            story.keep(who)
            at = WEEK_STARTS_AT + timedelta(hours=7.3 * number)
            step = CHECK_IN if number % 2 else MAINTENANCE
            story.step_text(who, step, due_at=at, wake_at=at, use_by_at=at + timedelta(hours=20))
    left: list[tuple[datetime, OutgoingText]] = []
    carrier = WatchedCarrier(story, lambda text: left.append((story.now, text)))

    for half_hours in range(7 * 48):
        story.send(at=WEEK_STARTS_AT + timedelta(minutes=30 * half_hours, seconds=1), carrier=carrier)

    zone_of = {p.phone: ZoneInfo(p.zone) for p in story.all(Patient) if p.phone and p.zone}
    assert len(left) == 60
    assert len({zone_of[text.to] for _, text in left}) == 3
    for at, text in left:
        local, at_last = at.astimezone(zone_of[text.to]), (at + text.valid_for).astimezone(zone_of[text.to])
        is_prompt = "how are you feeling" in text.body
        assert time(9) <= local.time() < (time(18) if is_prompt else time(20)), (local, text.body)
        assert at_last <= local.replace(hour=18 if is_prompt else 20, minute=0, second=0), (local, at_last)


def test_nothing_is_due_where_nothing_is_planned(story: Story) -> None:
    assert next_due(story.database) is None
    assert story.send() == 0
    story.tell(completed())
    assert next_due(story.database) == CHECK_IN_AT


def test_clinics_do_not_stand_in_each_others_way(story: Story) -> None:
    other = clinic_row("Hillside")
    story.keep(other)
    here, there = story.patient("Maria", phone=PHONE), story.patient("Tom", clinic=other)
    story.switch_off(clinic="riverside")
    held, free = story.due_text(here), story.due_text(there)

    story.send()

    assert (story.get(Message, held.id).status, story.get(Message, free.id).status) == ("planned", "accepted")
    assert story.all(Plan) == []
    assert {entry.action for entry in story.all(AuditEntry)} == {"sending off"}


def test_an_exception_of_the_database_leaves_the_claim_to_be_doubted(
    story: Story, break_inserts: Callable[..., Any]
) -> None:
    story.due_text(story.patient())
    broken = break_inserts("case", when="1 = 1")
    story.carrier.behave(Refuse(Cause.NUMBER, 21211))

    with pytest.raises(Exception, match="broken on purpose"):
        story.send()

    broken.mend()
    assert story.one(Message).status == "claimed"
    doubt_stale_claims(database=story.database, now=NOW + LEASE + SECOND)
    assert story.one(Message).status == "uncertain"
