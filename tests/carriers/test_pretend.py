"""The pretend carrier: a handset in memory that does what it is told."""

import secrets
import threading
from datetime import UTC, datetime, timedelta

import pytest

from followup.carriers.carrier import Accepted, BadCallback, Carrier, Cause, OutgoingText, Refused, Unknown
from followup.carriers.pretend import Accept, Break, LoseAnswer, LoseText, PretendCarrier, Refuse
from followup.carriers.twilio_forms import MESSAGE_SID

MARIA, TOM, CLINIC = "+12025550123", "+12025550124", "+12025550100"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_text(to=MARIA, body="How are you?"):
    return OutgoingText(attempt=secrets.token_hex(16), to=to, body=body, sender=CLINIC, valid_for=timedelta(hours=1))


def yes(attempt: str) -> bool:
    return True


@pytest.fixture
def carrier():
    return PretendCarrier(now=lambda: NOON)


def outcome_of(carrier, text):
    [[(attempt, outcome)]] = carrier.send([text], may_still_send=yes)
    assert attempt == text.attempt
    return outcome


def test_it_keeps_the_promises_of_a_carrier_and_reaches_nobody(carrier):
    promised: Carrier = carrier
    assert (promised.name, promised.reaches_people, promised.is_public) == ("pretend", False, False)
    assert all(holds for _, holds, _ in promised.check())
    promised.close()
    promised.close()


def test_accepted_text_lies_on_the_handset(carrier):
    text = a_text()
    outcome = outcome_of(carrier, text)
    outcome_of(carrier, a_text(to=TOM))
    [kept] = carrier.texts_to(MARIA)
    assert outcome == Accepted(kept.sid)
    assert MESSAGE_SID.fullmatch(kept.sid)
    assert (kept.attempt, kept.body, kept.sender, kept.created_at) == (text.attempt, text.body, CLINIC, NOON)
    assert [each.to for each in carrier.all_texts()] == [MARIA, TOM]


def test_reports_wait_until_they_are_taken(carrier):
    text = a_text()
    outcome = outcome_of(carrier, text)
    reports = carrier.take_reports()
    assert [(attempt, report.status) for attempt, report in reports] == [
        (text.attempt, "sent"),
        (text.attempt, "delivered"),
    ]
    assert {report.sid for _, report in reports} == {outcome.sid}
    assert carrier.take_reports() == []


def test_text_may_be_accepted_and_never_arrive(carrier):
    carrier.behave(Accept(statuses=("sent", "undelivered"), code=30003, cause=Cause.TRANSIENT))
    outcome_of(carrier, a_text())
    [(_, sent), (_, undelivered)] = carrier.take_reports()
    assert (sent.status, sent.code, sent.cause) == ("sent", None, None)
    assert (undelivered.status, undelivered.code, undelivered.cause) == ("undelivered", 30003, Cause.TRANSIENT)


def test_script_is_followed_and_then_everything_is_accepted(carrier):
    carrier.behave(Refuse(Cause.OPTED_OUT, 21610), LoseAnswer(), LoseText())
    texts = [a_text(body=str(number)) for number in range(4)]
    [group] = carrier.send(texts, may_still_send=yes)
    refused, lost_answer, lost_text, accepted = (outcome for _, outcome in group)
    assert isinstance(refused, Refused)
    assert (refused.cause, refused.code) == (Cause.OPTED_OUT, 21610)
    assert isinstance(lost_answer, Unknown)
    assert lost_answer == lost_text  # Nobody can tell one from the other.
    assert isinstance(accepted, Accepted)
    assert [text.body for text in carrier.texts_to(MARIA)] == ["1", "3"]


def test_breaking_hands_over_what_came_before(carrier):
    carrier.behave(Accept(), Break(OSError("gone")))
    texts = [a_text(), a_text(), a_text()]
    groups = carrier.send(texts, may_still_send=yes)
    assert [attempt for attempt, _ in next(groups)] == [texts[0].attempt]
    with pytest.raises(OSError, match="gone"):
        next(groups)
    assert len(carrier.all_texts()) == 1


def test_claim_that_ran_out_sends_nothing_and_uses_up_no_behaviour(carrier):
    carrier.behave(LoseText())
    [[(_, outcome)]] = carrier.send([a_text()], may_still_send=lambda attempt: False)
    assert outcome == Refused(Cause.HELD, None, "held back before the call")
    assert isinstance(outcome_of(carrier, a_text()), Unknown)


def test_delay_pauses_before_each_answer_and_groups_arrive_one_by_one():
    pauses: list[float] = []
    carrier = PretendCarrier(now=lambda: NOON, delay=timedelta(seconds=2), pause=pauses.append)
    groups = carrier.send([a_text(), a_text()], may_still_send=yes)
    assert len(next(groups)) == 1
    assert pauses == [2.0]
    assert len(next(groups)) == 1
    assert pauses == [2.0, 2.0]


def test_written_text_is_returned_and_listed_newest_first():
    instants = iter([NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=2)])
    carrier = PretendCarrier(now=lambda: next(instants))
    carrier.write(sender=MARIA, to=CLINIC, body="early")
    middle = carrier.write(sender=MARIA, to=CLINIC, body="7", media_count=1)
    last = carrier.write(sender=TOM, to=CLINIC, body="STOP")
    assert list(carrier.list_incoming(since=NOON + timedelta(minutes=1))) == [last, middle]
    assert (middle.sender, middle.to, middle.body, middle.media_count) == (MARIA, CLINIC, "7", 1)
    assert MESSAGE_SID.fullmatch(middle.sid)


def test_sent_list_shows_what_was_taken_newest_first(carrier):
    carrier.behave(Accept(), LoseAnswer(), LoseText(), Refuse(Cause.NUMBER))
    texts = [a_text(body=body) for body in ("one", "two", "three", "four")]
    list(carrier.send([*texts, a_text(to=TOM)], may_still_send=yes))
    sids = [text.sid for text in carrier.texts_to(MARIA)]
    assert list(carrier.list_sent_to(MARIA)) == [(sids[1], "two", NOON), (sids[0], "one", NOON)]


def test_it_has_no_signed_door(carrier):
    assert carrier.verify("https://clinic.example/webhooks/twilio/inbound", [], "anything") is False
    with pytest.raises(BadCallback):
        carrier.read_status({})
    with pytest.raises(BadCallback):
        carrier.read_incoming({})


def test_threads_may_share_it(carrier):
    def send_many():
        for _ in range(50):
            outcome_of(carrier, a_text())

    threads = [threading.Thread(target=send_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({text.sid for text in carrier.all_texts()}) == 200
    assert len(carrier.take_reports()) == 400
