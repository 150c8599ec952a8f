"""Whoever holds an older claim may not record, even where its attempt was never settled.

The protocol settles an attempt before its message is claimed anew, so nobody should come here. The fence holds all the
same: for a process of an older version, or a row that somebody mended by hand.
"""

import pytest

from followup.carriers.carrier import Accepted, Cause, Outcome, Refused, Unknown
from followup.flow.claim_texts import claim_texts
from followup.flow.record_outcomes import record_outcomes
from followup.store.tables import Attempt, Message
from tests.flow.stories import NOW, Story


def claimed_twice(story: Story) -> tuple[str, str]:
    """The tokens of the older claim and of the newer one; neither has ended."""
    story.due_text(story.patient())
    [text], _ = claim_texts(database=story.database, rules=story.rules, now=NOW)
    message, first = story.one(Message), story.one(Attempt)
    message.fence += 1
    second = Attempt(
        clinic_id=message.clinic_id,
        message_id=message.id,
        token="2" * 32,
        seal=first.seal,
        fence=message.fence,
        started_at=NOW,
    )
    story.keep(message, second)
    return text.attempt, second.token


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Unknown("lost"), id="unknown"),
        pytest.param(Refused(Cause.NUMBER, 21211, "no number"), id="refused for good"),
        pytest.param(Refused(Cause.RATE, 20429, "too many"), id="refused for now"),
        pytest.param(Refused(Cause.HELD, None, "held back"), id="held back"),
    ],
)
def test_what_an_older_claim_learnt_does_not_move_the_text(story: Story, outcome: Outcome) -> None:
    older, newer = claimed_twice(story)

    record_outcomes(story.database, [(older, outcome)], now=NOW)

    assert story.one(Message).status == "claimed"
    assert story.one(Attempt, token=newer).outcome == "open"
    record_outcomes(story.database, [(newer, Accepted("SM2"))], now=NOW)
    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("accepted", "SM2")


def test_an_acceptance_is_proof_even_from_an_older_claim_and_the_second_one_is_shown(story: Story) -> None:
    older, newer = claimed_twice(story)

    record_outcomes(story.database, [(older, Accepted("SM1"))], now=NOW)
    record_outcomes(story.database, [(newer, Accepted("SM2"))], now=NOW)

    message = story.one(Message)
    assert (message.status, message.carrier_sid, message.doubled_at) == ("accepted", "SM1", NOW)
