"""A text of which nobody knows whether the carrier has it: looked up, never guessed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followup.carriers.carrier import Accepted, Refused, StatusReport, Unknown
from followup.carriers.pretend import Accept, LoseAnswer, LoseText, PretendCarrier
from followup.flow.claim_texts import claim_texts
from followup.flow.reconcile import doubt_stale_claims, reconcile
from followup.flow.record_outcomes import record_outcomes
from followup.flow.track_delivery import track_delivery
from followup.rules.doubt import ALARM
from followup.store.tables import Attempt, Case, Message
from tests.flow.stories import LEASE, MAINTENANCE, NOW, Story

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUIET = timedelta(minutes=5)
AFTER = NOW + LEASE + SECOND


def look(story: Story, *, at: datetime, carrier: PretendCarrier | None = None) -> int:
    """One round of the reconciler, then one of the sender."""
    story.now = at
    looked = reconcile(database=story.database, carrier=carrier or story.carrier, quiet=QUIET, now=at)
    story.send()
    return looked


def lost(story: Story, *behaviours: Accept | LoseAnswer | LoseText, **more: object) -> Message:
    """A text of Tom's whose outcome nobody knows."""
    message = story.due_text(story.patient(), **more)
    story.carrier.behave(*behaviours)
    story.send()
    return message


# What a process that died left behind ------------------------------------------------------------------------


def test_a_claim_whose_lease_runs_is_left_alone(story: Story) -> None:
    story.due_text(story.patient())
    claim_texts(database=story.database, rules=story.rules, now=NOW)

    assert doubt_stale_claims(database=story.database, now=NOW + LEASE) == 0
    assert story.one(Message).status == "claimed"


def test_a_claim_whose_sender_died_is_doubted_and_not_sent_again_at_once(story: Story) -> None:
    story.due_text(story.patient())
    claim_texts(database=story.database, rules=story.rules, now=NOW)

    assert doubt_stale_claims(database=story.database, now=AFTER) == 1
    assert doubt_stale_claims(database=story.database, now=AFTER) == 0
    story.send(at=AFTER)

    assert (story.one(Message).status, story.one(Message).lease_until) == ("uncertain", None)
    assert (story.one(Attempt).outcome, story.one(Attempt).ended_at) == ("unknown", AFTER)
    assert story.carrier.all_texts() == []


def test_all_that_a_sender_left_is_doubted_and_what_it_finished_is_not(story: Story) -> None:
    for number in range(5):
        story.due_text(story.patient(f"Tom {number}"))
    texts, _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    record_outcomes(story.database, [(texts[0].attempt, Accepted("SM1"))], now=NOW)

    assert doubt_stale_claims(database=story.database, now=AFTER) == 4
    assert sorted(m.status for m in story.all(Message)) == ["accepted"] + ["uncertain"] * 4


def test_where_nothing_is_left_nothing_happens(story: Story) -> None:
    assert reconcile(database=story.database, carrier=story.carrier, quiet=QUIET, now=AFTER) == 0


# What the carrier's list says --------------------------------------------------------------------------------


def test_a_text_whose_answer_was_lost_is_found_in_the_list_and_not_sent_again(story: Story) -> None:
    lost(story, LoseAnswer())

    assert look(story, at=NOW + SECOND) == 1

    (taken,) = story.carrier.all_texts()
    found, attempt = story.one(Message), story.one(Attempt)
    assert (found.status, found.carrier_sid, found.reason) == ("accepted", taken.sid, None)
    assert (attempt.outcome, attempt.carrier_sid) == ("accepted", taken.sid)
    assert story.all(Case) == []


def test_a_text_that_was_lost_on_the_way_is_sent_again_after_two_clean_looks_past_the_quiet_period(
    story: Story,
) -> None:
    lost(story, LoseText())

    look(story, at=NOW)
    assert story.one(Message).look_at == NOW + QUIET
    assert look(story, at=NOW + QUIET - SECOND) == 0
    look(story, at=NOW + QUIET)
    assert story.one(Message).status == "uncertain"
    assert look(story, at=NOW + QUIET + MINUTE - SECOND) == 0
    look(story, at=NOW + QUIET + MINUTE)

    assert story.one(Message).status == "accepted"
    first, second = story.all(Attempt)
    assert (first.outcome, first.clean_looks, second.outcome) == ("refused", 2, "accepted")
    assert first.token != second.token
    assert len(story.carrier.all_texts()) == 1
    assert story.all(Case) == []


def test_a_text_that_shows_in_the_list_only_at_the_second_look_is_not_sent_again(story: Story) -> None:
    message = lost(story, LoseText())
    look(story, at=NOW + QUIET)
    (attempt,) = story.all(Attempt)
    late = PretendCarrier(now=lambda: NOW + SECOND)
    taken = story.get(Message, message.id)
    assert taken.phone is not None
    sid = _take(late, taken.phone, taken.text or "")

    look(story, at=NOW + QUIET + MINUTE, carrier=late)

    assert story.one(Message).carrier_sid == sid
    assert story.get(Attempt, attempt.id).outcome == "accepted"
    assert story.carrier.all_texts() == []


def _take(carrier: PretendCarrier, to: str, body: str) -> str:
    from followup.carriers.carrier import OutgoingText

    text = OutgoingText(attempt="0" * 32, to=to, body=body, sender=None, valid_for=MINUTE)
    list(carrier.send([text], may_still_send=lambda _: True))
    return carrier.all_texts()[0].sid


def test_a_text_with_other_words_or_from_before_the_attempt_is_not_taken_for_it(story: Story) -> None:
    message = lost(story, LoseText())
    phone, words = story.one(Message).phone or "", story.one(Message).text or ""
    others = PretendCarrier(now=lambda: story.now)
    _take(others, phone, words + " ")
    story.now = NOW - timedelta(hours=1)
    _take(others, phone, words)

    look(story, at=NOW + QUIET, carrier=others)

    assert story.get(Message, message.id).status == "uncertain"


def test_a_text_that_is_known_as_another_one_of_ours_is_not_taken_for_it(story: Story) -> None:
    tom = story.patient()
    story.due_text(tom, text="Please call us.")
    story.send()
    story.carrier.behave(LoseText())
    second = story.due_text(tom, text="Please call us.")
    story.send(at=NOW + SECOND * 2)
    assert story.get(Message, second.id).status == "uncertain"

    look(story, at=NOW + SECOND * 3)

    assert story.get(Message, second.id).status == "uncertain"


def test_a_list_that_cannot_be_had_settles_nothing_and_staff_hear_of_it_once(story: Story) -> None:
    class Silent(PretendCarrier):
        def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
            raise ConnectionError("no answer")

    lost(story, LoseText())
    silent = Silent(now=lambda: story.now)
    for minutes in range(0, 120, 2):
        look(story, at=NOW + timedelta(minutes=minutes), carrier=silent)
        assert (story.all(Case) != []) == (timedelta(minutes=minutes) >= ALARM)

    assert story.one(Message).status == "uncertain"
    assert story.one(Attempt).clean_looks == 0
    assert story.one(Case).reason == "Nobody knows whether a text was sent"


def test_a_step_that_says_hold_waits_for_a_person(story: Story) -> None:
    lost(story, LoseText(), on_unknown="hold")

    for minutes in (5, 6, 7, 60):
        look(story, at=NOW + timedelta(minutes=minutes))

    held = story.one(Message)
    assert (held.status, held.held_at) == ("planned", NOW + timedelta(minutes=6))
    assert held.waits_for == "held: nobody can tell for certain whether it was sent"
    assert story.one(Case).reason == "A text is held: nobody can tell whether it was sent"
    assert story.carrier.all_texts() == []


def test_a_text_that_is_stale_when_the_doubt_is_settled_expires(story: Story) -> None:
    lost(story, LoseText(), use_by_at=NOW + timedelta(minutes=5))

    for minutes in (5, 6):
        look(story, at=NOW + timedelta(minutes=minutes))

    assert (story.one(Message).status, story.one(Message).reason) == ("expired", "too late to be of use")


# Proof that comes later --------------------------------------------------------------------------------------


def say(story: Story, attempt: Attempt, sid: str, status: str = "delivered") -> None:
    report = StatusReport(sid, status, None, None)
    track_delivery(database=story.database, report=report, token=attempt.token, now=story.now)


def test_a_callback_with_the_attempts_token_is_proof(story: Story) -> None:
    lost(story, LoseAnswer())
    (attempt,) = story.all(Attempt)

    say(story, attempt, "SM1")
    assert look(story, at=NOW + QUIET) == 0

    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("delivered", "SM1")


def test_a_callback_after_the_text_was_planned_again_keeps_it_from_leaving_twice(story: Story) -> None:
    lost(story, LoseText())
    for minutes in (5, 6):
        reconcile(database=story.database, carrier=story.carrier, quiet=QUIET, now=NOW + timedelta(minutes=minutes))
    assert story.one(Message).status == "planned"

    say(story, story.one(Attempt), "SM-late", "sent")
    story.send(at=NOW + timedelta(minutes=7))

    assert (story.one(Message).status, story.one(Message).doubled_at) == ("sent", None)
    assert story.carrier.all_texts() == []


def test_a_callback_after_the_text_was_sent_again_is_recorded_as_doubled_and_shown_once(story: Story) -> None:
    lost(story, LoseText())
    for minutes in (5, 6):
        look(story, at=NOW + timedelta(minutes=minutes))
    first, _ = story.all(Attempt)

    say(story, first, "SM-late", "sent")
    say(story, first, "SM-late")

    assert story.one(Message).doubled_at == NOW + timedelta(minutes=6)
    assert story.one(Message).carrier_sid == story.carrier.all_texts()[0].sid
    assert story.one(Case).reason == "The patient may have got a text twice"


def test_a_late_certain_refusal_settles_the_doubt(story: Story) -> None:
    from followup.carriers.carrier import Cause

    story.due_text(story.patient())
    (text,), _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    doubt_stale_claims(database=story.database, now=AFTER)

    record_outcomes(story.database, [(text.attempt, Refused(Cause.HELD, None, "held back before the call"))], now=AFTER)
    assert story.one(Message).status == "planned"
    assert story.send(at=AFTER + SECOND) == 1


def test_an_unknown_outcome_of_a_claim_that_was_doubted_already_changes_nothing(story: Story) -> None:
    story.due_text(story.patient())
    (text,), _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    doubt_stale_claims(database=story.database, now=AFTER)

    record_outcomes(story.database, [(text.attempt, Unknown("timeout"))], now=AFTER)

    assert story.one(Message).status == "uncertain"


# One unresolved text for each number ---------------------------------------------------------------------------


def test_an_automatic_text_waits_while_another_to_its_number_is_in_doubt(story: Story) -> None:
    tom = story.patient()
    story.carrier.behave(LoseText())
    story.step_text(tom)
    story.send()
    other = story.step_text(tom, MAINTENANCE, text="something else", due_at=NOW + SECOND, wake_at=NOW + SECOND)

    story.send(at=NOW + SECOND)

    assert story.get(Message, other.id).waits_for == "another text to this number is on its way, or may be"


@pytest.mark.parametrize("purpose", ["answer", "staff"])
def test_an_answer_and_what_staff_wrote_do_not_wait_for_it(story: Story, purpose: str) -> None:
    tom = story.patient()
    story.carrier.behave(LoseText())
    story.step_text(tom)
    story.send()

    answer = story.due_text(tom, purpose=purpose, text="Are you safe?")
    story.send()

    assert story.get(Message, answer.id).status == "accepted"


def test_two_texts_in_the_same_words_are_never_on_their_way_at_once(story: Story) -> None:
    tom = story.patient()
    first, second = (story.due_text(tom, text="Please call us.") for _ in range(2))
    story.carrier.behave(LoseText())

    story.send()

    assert {story.get(Message, m.id).status for m in (first, second)} == {"uncertain", "planned"}


def test_two_patients_with_one_number_do_not_confuse_the_list(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    one, two = story.patient("Tom"), story.patient("Tim", phone="+12125550200")
    assert one.phone == two.phone
    story.carrier.behave(LoseAnswer(), LoseText())
    story.step_text(one, text="Hi", wake_at=NOW - SECOND)
    story.step_text(two)
    story.send()

    assert sorted(m.status for m in story.all(Message)) == ["planned", "uncertain"]
