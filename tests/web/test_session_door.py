"""What a record system sees of one session."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.carriers.pretend import PretendCarrier
from tests.people import NOW
from tests.web.doors import PHONE, PROBLEM, Doors, about_maria, completed, open_doors


@pytest.fixture
def doors() -> Iterator[Doors]:
    """Maria's session is known, and nothing was sent yet."""
    with open_doors() as made:
        assert made.post_event(completed()).status_code == 202
        yield made


def carrier_of(doors: Doors) -> PretendCarrier:
    assert isinstance(doors.carrier, PretendCarrier)
    return doors.carrier


def send_at(doors: Doors, at: datetime) -> None:
    doors.now = at
    doors.send()


def answer_with(doors: Doors, text: str, *, sender: str = PHONE) -> str:
    """A text from the handset, kept and read; its SID."""
    came = replace(carrier_of(doors).write(sender=sender, to="", body=text), received_at=doors.now)
    doors.keep([came])
    doors.read_replies()
    return came.sid


def message(doors: Doors, step: str) -> dict[str, Any]:
    [found] = [each for each in doors.session()["messages"] if each["step"] == step]
    return found


def ends(doors: Doors) -> set[tuple[str, str]]:
    return {(each["status"], each["reason"]) for each in doors.session()["messages"]}


def test_a_session_has_exactly_the_fields_of_the_contract(doors: Doors) -> None:
    send_at(doors, NOW + timedelta(hours=2))
    answer_with(doors, "a bit dizzy")

    session = doors.session()

    assert set(session) == {"session", "messages", "replies", "cases"}
    for each in session["messages"]:
        assert set(each) == {"id", "step", "to", "due_at", "status", "reason", "text", "carrier_sid"}
    for each in session["replies"]:
        assert set(each) == {"id", "carrier_sid", "received_at", "recovered", "text", "reading", "answers"}
        assert set(each["reading"]) == {"kind", "value", "level", "reasons", "language"}
    assert len(session["replies"]) == len(session["cases"]) == 1


def test_the_session_says_what_was_told_of_it(doors: Doors) -> None:
    told = doors.session()["session"]

    assert told["id"] == "s-1"
    assert told["patient_id"] == "p-maria"
    assert told["kind"] == "ketamine-iv"
    assert told["ended_at"] == "2026-11-24T13:22:00Z"
    assert told["number"] == 1
    assert told["status"] == "completed"
    assert told["schedule"] == "ketamine_infusion"
    assert told["zone"] == "America/New_York"


def test_a_planned_text_is_shown_as_it_would_leave(doors: Doors) -> None:
    planned = doors.session()["messages"]

    assert [each["step"] for each in planned] == ["same-day check-in", "next-day mood", "maintenance due"]
    assert {each["status"] for each in planned} == {"planned"}
    assert {each["to"] for each in planned} == {"patient"}
    assert {each["carrier_sid"] for each in planned} == {None}
    first = planned[0]
    assert first["due_at"] == "2026-11-24T17:22:00Z"
    assert first["text"].startswith("Riverside Clinic: Hi Maria, how are you feeling")
    assert first["text"].endswith("Reply STOP to end texts.")
    assert all("{" not in each["text"] for each in planned)


def test_what_has_left_carries_its_text_and_the_carriers_sid(doors: Doors) -> None:
    shown = message(doors, "same-day check-in")["text"]

    send_at(doors, NOW + timedelta(hours=2))

    [sent] = carrier_of(doors).texts_to(PHONE)
    left = message(doors, "same-day check-in")
    assert (left["status"], left["carrier_sid"], left["text"]) == ("accepted", sent.sid, sent.body)
    assert sent.body == shown


def test_a_companion_is_no_part_of_what_became_of_a_session(doors: Doors) -> None:
    event = completed("s-2", event_id="e-9")
    event["data"]["companion"] = {"name": "Alex Doe", "phone": "(212) 555-0101", "consent": True}
    doors.post_event(event)

    for session in ("s-1", "s-2"):
        assert "Alex" not in str(doors.session(session))
        assert {each["to"] for each in doors.session(session)["messages"]} == {"patient"}


def test_a_reply_stands_with_the_text_it_answers(doors: Doors) -> None:
    send_at(doors, NOW + timedelta(hours=2))
    asked = message(doors, "same-day check-in")

    sid = answer_with(doors, "7")

    [reply] = doors.session()["replies"]
    assert (reply["carrier_sid"], reply["text"], reply["answers"]) == (sid, "7", asked["id"])


@pytest.mark.parametrize(("body", "value"), [("7", 7), ("0", 0), ("10", 10)])
def test_a_score_is_a_number(doors: Doors, body: str, value: int) -> None:
    doors.now = NOW + timedelta(days=1)
    doors.send()
    answer_with(doors, body)

    [reply] = doors.session()["replies"]
    assert (reply["reading"]["kind"], reply["reading"]["value"]) == ("score", value)


def test_a_case_is_shown_until_and_after_it_is_closed(doors: Doors) -> None:
    answer_with(doors, "I feel strange")

    [case] = doors.session()["cases"]
    assert (case["number"], case["level"], case["closed_at"], case["outcome"]) == (1, "concern", None, None)


def test_any_source_of_the_clinic_may_look_and_no_other(doors: Doors) -> None:
    path = "/api/v1/sessions/s-1"

    assert doors.get(path, bearer=doors.keys.billing.bearer).json() == doors.session()
    foreign = doors.get(path, bearer=doors.keys.hillside.bearer)
    assert foreign.status_code == 404
    assert foreign.headers["content-type"] == PROBLEM
    assert foreign.json() == doors.get("/api/v1/sessions/none", bearer=doors.keys.hillside.bearer).json()
    assert doors.get(path, bearer=None).status_code == 401


def test_two_clinics_may_have_a_session_of_the_same_id(doors: Doors) -> None:
    theirs = completed(number=9)
    theirs["data"]["patient"] = {"id": "p-other", "given_name": "Olaf", "phone": "+12125550143"}
    doors.post_event(theirs, bearer=doors.keys.hillside.bearer)

    seen = doors.get("/api/v1/sessions/s-1", bearer=doors.keys.hillside.bearer).json()

    assert (seen["session"]["patient_id"], seen["session"]["number"]) == ("p-other", 9)
    assert doors.session()["session"]["number"] == 1


@pytest.mark.parametrize("session_id", ["a/b", "zwölf 12", "a\nb", "a%2Fb", "..", "?x=1#y"], ids=ascii)
def test_a_session_is_found_whatever_its_id_holds(doors: Doors, session_id: str) -> None:
    doors.post_event(completed(session_id, event_id="e-9"))

    assert doors.session(session_id)["session"]["id"] == session_id


def test_stop_ends_everything_planned_at_once(doors: Doors) -> None:
    answer_with(doors, "STOP")

    assert ends(doors) == {("suppressed", "the patient sent STOP")}


def test_consent_taken_back_ends_everything_planned_at_once(doors: Doors) -> None:
    doors.post_event(about_maria("consent.revoked"))

    assert ends(doors) == {("suppressed", "the patient withdrew consent")}


def test_consent_given_again_frees_what_only_its_withdrawal_stopped(doors: Doors) -> None:
    doors.post_event(about_maria("consent.revoked"))
    doors.now = NOW + timedelta(minutes=1)
    doors.post_event(about_maria("consent.granted", event_id="e-3") | {"occurred_at": doors.now.isoformat()})

    assert ends(doors) == {("planned", None)}


def test_a_death_cancels_everything_planned_at_once(doors: Doors) -> None:
    doors.post_event(about_maria("patient.deceased"))

    assert ends(doors) == {("cancelled", "the patient died")}


def test_a_cancelled_session_cancels_its_texts_at_once(doors: Doors) -> None:
    doors.post_event(about_maria("session.cancelled", session={"id": "s-1"}, reason="entered_in_error"))

    assert doors.session()["session"]["status"] == "cancelled"
    assert ends(doors) == {("cancelled", "the session was cancelled (entered_in_error)")}


def test_a_cancellation_that_came_first_is_shown_without_texts(doors: Doors) -> None:
    doors.post_event(about_maria("session.cancelled", session={"id": "s-7"}))
    doors.post_event(completed("s-7", event_id="e-3"))

    late = doors.session("s-7")
    assert (late["session"]["status"], late["session"]["ended_at"], late["messages"]) == ("cancelled", None, [])


def test_no_effect_touches_what_has_left(doors: Doors) -> None:
    send_at(doors, NOW + timedelta(hours=2))
    doors.post_event(about_maria("patient.deceased"))

    assert message(doors, "same-day check-in")["status"] == "accepted"
    assert message(doors, "next-day mood")["status"] == "cancelled"
