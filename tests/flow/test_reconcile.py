"""What a process that died left behind."""

from datetime import timedelta

from followup.carriers.carrier import Accepted
from followup.flow.claim_texts import claim_texts
from followup.flow.reconcile import doubt_stale_claims
from followup.flow.send_due import record_outcomes
from followup.store.tables import Attempt, Case, Message
from tests.flow.stories import LEASE, NOW, Story

AFTER = NOW + LEASE + timedelta(seconds=1)


def test_a_claim_whose_lease_runs_is_left_alone(story: Story) -> None:
    story.due_text(story.patient())
    claim_texts(database=story.database, rules=story.rules, now=NOW)

    assert doubt_stale_claims(database=story.database, now=NOW + LEASE) == 0
    assert story.one(Message).status == "claimed"


def test_a_claim_whose_sender_died_is_doubted_and_not_sent_again(story: Story) -> None:
    story.due_text(story.patient())
    claim_texts(database=story.database, rules=story.rules, now=NOW)

    assert doubt_stale_claims(database=story.database, now=AFTER) == 1
    assert doubt_stale_claims(database=story.database, now=AFTER) == 0
    story.send(at=AFTER)

    assert (story.one(Message).status, story.one(Message).lease_until) == ("uncertain", None)
    assert (story.one(Attempt).outcome, story.one(Attempt).ended_at) == ("unknown", AFTER)
    assert story.one(Case).reason == "Nobody knows whether a text was sent"
    assert story.carrier.all_texts() == []


def test_all_that_a_sender_left_is_doubted_and_what_it_finished_is_not(story: Story) -> None:
    for number in range(5):
        story.due_text(story.patient(f"Tom {number}"))
    texts, _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    record_outcomes(story.database, [(texts[0].attempt, Accepted("SM1"))], now=NOW)

    assert doubt_stale_claims(database=story.database, now=AFTER) == 4

    assert sorted(m.status for m in story.all(Message)) == ["accepted"] + ["uncertain"] * 4
    assert len(story.all(Case)) == 4


def test_where_nothing_is_left_nothing_happens(story: Story) -> None:
    assert doubt_stale_claims(database=story.database, now=AFTER) == 0
