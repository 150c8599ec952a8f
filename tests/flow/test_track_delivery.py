"""What the carrier says of a text later: in any order, twice, too early, or about a text that nobody knows."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text as sql

from followup.carriers.carrier import Accepted, Cause, Refused, StatusReport, Unknown
from followup.carriers.pretend import Accept, LoseAnswer, Refuse
from followup.flow.claim_texts import claim_texts
from followup.flow.record_outcomes import record_outcomes
from followup.flow.track_delivery import track_delivery
from followup.flow.transaction import transaction
from followup.store.tables import Attempt, Case, DeliveryReport, Message, OptOut, Patient
from tests.flow.stories import CHECK_IN, NOW, OTHER_PHONE, Story, clinic_row

SID = "SM1"


def claim(story: Story) -> str:
    """A text of Tom's is with the carrier, whose answer is not here yet; its attempt."""
    story.due_text(story.patient())
    return claim_texts(database=story.database, rules=story.rules, now=story.now)[0][0].attempt


def report(
    story: Story,
    status: str,
    *,
    token: str | None = None,
    sid: str = SID,
    code: int | None = None,
    cause: Cause | None = None,
) -> None:
    told = StatusReport(sid, status, code, cause)
    track_delivery(database=story.database, report=told, token=token, now=story.now)


def sent(story: Story) -> str:
    token = claim(story)
    record_outcomes(story.database, [(token, Accepted(SID))], now=story.now)
    return token


def test_a_text_moves_from_accepted_to_delivered(story: Story) -> None:
    token = sent(story)

    report(story, "sent", token=token)
    assert story.one(Message).status == "sent"
    story.now += timedelta(minutes=1)
    report(story, "delivered", token=token)

    delivered = story.one(Message)
    assert (delivered.status, delivered.ended_at, delivered.handed_over_at) == ("delivered", story.now, NOW)
    assert story.all(Case) == []


@pytest.mark.parametrize("order", list(itertools.permutations(["answer", "sent", "delivered"])))
def test_the_answer_and_the_reports_may_come_in_any_order(story: Story, order: tuple[str, ...]) -> None:
    token = claim(story)

    for each in order:
        if each == "answer":
            record_outcomes(story.database, [(token, Accepted(SID))], now=story.now)
        else:
            report(story, each, token=token)

    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("delivered", SID)
    assert (story.one(Attempt).outcome, story.one(Attempt).carrier_sid) == ("accepted", SID)
    assert len(story.all(DeliveryReport)) == 2


@pytest.mark.parametrize("final", ["delivered", "undelivered", "failed"])
def test_a_final_status_never_moves_back(story: Story, final: str) -> None:
    token = sent(story)
    report(story, final, token=token)

    for later in ("accepted", "sent", "delivered", "undelivered", "failed"):
        report(story, later, token=token)

    assert story.one(Message).status == final


def test_the_same_report_twice_is_kept_once(story: Story) -> None:
    token = sent(story)
    report(story, "undelivered", token=token, code=30003)
    before = story.one(Case)

    story.now += timedelta(minutes=1)
    report(story, "undelivered", token=token, code=30003)

    assert len(story.all(DeliveryReport)) == 1
    assert story.one(Case) == before


def test_ten_copies_of_a_report_at_once_are_kept_once(story: Story) -> None:
    token = sent(story)
    together = threading.Barrier(10)

    def post(_: int) -> None:
        together.wait(timeout=10)
        report(story, "delivered", token=token)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(post, range(10)))

    assert len(story.all(DeliveryReport)) == 1
    assert story.one(Message).status == "delivered"


def test_a_text_that_did_not_arrive_stands_before_staff_with_its_code(story: Story) -> None:
    token = sent(story)

    report(story, "undelivered", token=token, code=30005)

    failed, case = story.one(Message), story.one(Case)
    assert (failed.status, failed.reason) == ("undelivered", "the carrier could not deliver it (code 30005)")
    assert (case.reason, case.patient_id, failed.case_id) == (
        "A text was not delivered (code 30005)",
        failed.patient_id,
        case.id,
    )


def test_a_stop_that_only_the_carrier_knows_ends_texts_to_that_number(story: Story) -> None:
    token = sent(story)

    report(story, "undelivered", token=token, code=30004, cause=Cause.OPTED_OUT)

    assert story.one(OptOut).phone == OTHER_PHONE


def test_a_report_before_the_answer_proves_that_the_carrier_has_it(story: Story) -> None:
    token = claim(story)

    report(story, "accepted", token=token)

    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("accepted", SID)
    assert story.one(Attempt).outcome == "accepted"
    record_outcomes(story.database, [(token, Unknown("the connection broke"))], now=story.now)
    assert story.one(Message).status == "accepted"
    assert story.all(Case) == []


def test_a_report_ends_the_doubt_about_a_text(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(LoseAnswer(("sent", "delivered")))
    story.send()
    assert story.one(Message).status == "uncertain"

    story.report()

    assert story.one(Message).status == "delivered"
    assert story.one(Attempt).outcome == "accepted"


def test_a_text_that_the_carrier_refused_and_has_all_the_same_is_not_sent_again(story: Story) -> None:
    token = claim(story)
    record_outcomes(story.database, [(token, Refused(Cause.TRANSIENT, None, "busy"))], now=story.now)
    assert story.one(Message).status == "planned"

    report(story, "sent", token=token)
    story.send(at=NOW + timedelta(hours=1))

    assert story.one(Message).status == "sent"
    assert story.carrier.all_texts() == []


def test_a_report_about_a_text_that_nobody_knows_is_kept(story: Story) -> None:
    sent(story)

    report(story, "delivered", sid="SM-of-another-system")
    report(story, "delivered", sid="SM-x", token="0" * 32)

    assert [(row.clinic_id, row.message_id) for row in story.all(DeliveryReport)] == [(None, None)] * 2
    assert story.one(Message).status == "accepted"


def test_a_report_without_its_attempt_finds_the_text_by_its_sid(story: Story) -> None:
    sent(story)

    report(story, "delivered")

    assert story.one(Message).status == "delivered"


def test_a_report_about_an_older_attempt_does_not_move_the_text(story: Story) -> None:
    token = sent(story)

    report(story, "undelivered", token=token, sid="SM-other", code=30003)

    assert story.one(Message).status == "accepted"
    assert story.all(Case) == []


def test_a_report_belongs_to_the_clinic_of_its_text(story: Story) -> None:
    other = clinic_row("Hillside")
    story.keep(other)
    token = sent(story)

    report(story, "undelivered", token=token)

    assert story.one(DeliveryReport).clinic_id == story.one(Case).clinic_id == story.clinic.id


def test_an_answer_that_comes_while_a_report_is_written_does_not_move_the_text_back(story: Story) -> None:
    token = claim(story)
    with transaction(story.database) as db, ThreadPoolExecutor(1) as pool:
        message = db.get_one(Message, story.one(Message).id, with_for_update=True)
        message.status, message.carrier_sid = "delivered", SID
        db.flush()
        answered = pool.submit(record_outcomes, story.database, [(token, Accepted(SID))], now=story.now)
        if not story.database.is_sqlite:
            _wait_until_somebody_waits(story)
        db.commit()
        answered.result(timeout=10)

    assert story.one(Message).status == "delivered"


def _wait_until_somebody_waits(story: Story) -> None:
    """For a lock of PostgreSQL's; each look is a round trip, and there are not endlessly many."""
    waiting = sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with story.database.engine.connect() as connection:
        for _ in range(100_000):
            if connection.execute(waiting).scalar_one():
                return
    raise AssertionError("nobody waits for the row")


def test_the_status_of_a_step_shows_what_became_of_it(story: Story) -> None:
    tom = story.patient()
    story.step_text(tom, CHECK_IN)
    story.carrier.behave(Accept(("sent", "undelivered"), code=30006, cause=Cause.NUMBER))

    story.send()
    story.report()

    assert story.statuses() == {CHECK_IN: "undelivered"}


def test_reports_never_arrive_for_a_text_that_was_refused(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(Refuse(Cause.NUMBER, 21211))

    story.send()
    story.report()

    assert story.all(DeliveryReport) == []


# What the network did not deliver ----------------------------------------------------------------------------


def undelivered(story: Story, cause: Cause | None, code: int, **more: Any) -> Message:
    """A text of Tom's that left and did not arrive."""
    message = story.due_text(story.patient(), **more)
    story.carrier.behave(Accept(("sent", "undelivered"), code=code, cause=cause))
    story.send()
    story.report()
    return story.get(Message, message.id)


def test_what_a_network_did_not_deliver_is_tried_twice_more_and_then_stands_before_staff(story: Story) -> None:
    first = undelivered(story, Cause.TRANSIENT, 30003)
    assert (first.status, story.all(Case)) == ("undelivered", [])
    story.carrier.behave(*[Accept(("sent", "undelivered"), code=30003, cause=Cause.TRANSIENT)] * 5)

    for quarters in range(1, 9):
        story.send(at=NOW + timedelta(minutes=16 * quarters))
        story.report()

    tries = sorted(story.all(Message), key=lambda message: message.again)
    assert [(each.again, each.status) for each in tries] == [(0, "undelivered"), (1, "undelivered"), (2, "undelivered")]
    assert [each.again_of for each in tries] == [None, tries[0].id, tries[1].id]
    assert len(story.carrier.all_texts()) == 3
    assert story.one(Case).reason == "A text was not delivered (code 30003)"


def test_it_is_not_tried_again_past_its_use(story: Story) -> None:
    undelivered(story, Cause.TRANSIENT, 30003, use_by_at=NOW + timedelta(minutes=10))

    assert len(story.all(Message)) == 1
    assert story.one(Case).reason == "A text was not delivered (code 30003)"


def test_trying_again_obeys_the_hours_and_stop(story: Story) -> None:
    tom = story.patient()
    story.step_text(tom, CHECK_IN, use_by_at=NOW + timedelta(hours=8))
    story.carrier.behave(Accept(("sent", "undelivered"), code=30003, cause=Cause.TRANSIENT))
    story.send()
    story.report()
    story.hear("STOP", sender=tom.phone or "")

    story.send(at=NOW + timedelta(minutes=16))

    assert sorted(message.status for message in story.all(Message)) == ["suppressed", "undelivered"]


def test_a_number_that_cannot_be_texted_stops_texts_and_is_a_case_once(story: Story) -> None:
    failed = undelivered(story, Cause.NUMBER, 30006)
    tom = story.one(Patient)
    assert tom.phone_fault == "not delivered (code 30006)"

    for number in range(3):
        story.due_text(tom)
        story.send(at=NOW + timedelta(minutes=number + 1))

    assert failed.status == "undelivered"
    assert {m.status for m in story.all(Message)} == {"undelivered", "suppressed"}
    assert story.one(Case).reason == "The number cannot be texted: not delivered (code 30006)"


def test_a_delivered_text_verifies_the_number(story: Story) -> None:
    story.due_text(story.patient())
    story.send()
    story.report()

    assert story.one(Patient).phone_verified_at == NOW
