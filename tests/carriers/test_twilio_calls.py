"""Ringing somebody up: the real SDK against a real socket, once, whatever becomes of the answer."""

import secrets
from xml.etree import ElementTree

import pytest

from followup.carriers.carrier import Accepted, BadCallback, Cause, OutgoingCall, OutgoingText, Refused, Unknown
from followup.carriers.twilio_voice import ask_for_key, say
from tests.carriers.conftest import PUBLIC_URL
from tests.carriers.test_twilio import MARIA, a_text, outcome_of
from tests.twilio_behaviours import ACCEPT_THEN_DROP, DROP_BEFORE, ERROR_AFTER, TOO_MANY, TRUNCATED, refuse
from tests.twilio_server import ACCOUNT_SID, OUR_NUMBER, SERVICE_SID

ANA, PAGE_NUMBER = "+12025550124", "+13125550199"
CALL_SID = "CA" + "c4" * 16


def a_call(*, sender=None):
    return OutgoingCall(token=secrets.token_hex(16), to=ANA, sender=sender)


def ring(carrier, call=None, *, may_still_call=lambda: True):
    return carrier.call(call or a_call(), may_still_call=may_still_call)


def test_a_call_says_where_its_words_and_its_end_are_asked_for(carrier, twilio):
    call = a_call(sender=PAGE_NUMBER)

    outcome = ring(carrier, call)

    [made] = twilio.calls
    assert outcome == Accepted(made["sid"])
    assert (made["to"], made["from"], made["timeout"]) == (ANA, PAGE_NUMBER, "25")
    assert made["url"] == f"{PUBLIC_URL}/webhooks/twilio/voice/{call.token}"
    assert made["status_callback"] == f"{PUBLIC_URL}/webhooks/twilio/voice/{call.token}/status"


def test_without_a_page_number_it_comes_from_the_usual_sender(carrier, twilio):
    ring(carrier)

    assert twilio.calls[0]["from"] == OUR_NUMBER


def test_a_messaging_service_alone_cannot_call(make_carrier, twilio):
    outcome = ring(make_carrier(from_number=None, messaging_service_sid=SERVICE_SID))

    assert isinstance(outcome, Refused)
    assert twilio.calls == []


@pytest.mark.parametrize(
    ("behaviour", "made"),
    [
        pytest.param(ACCEPT_THEN_DROP, 1, id="lost after it was made"),
        pytest.param(DROP_BEFORE, 0, id="lost before"),
        pytest.param(ERROR_AFTER, 1, id="500"),
        pytest.param(TRUNCATED, 1, id="201 cut in the middle"),
    ],
)
def test_an_answer_that_proves_nothing_is_unknown_and_the_call_is_made_once(carrier, twilio, behaviour, made):
    twilio.script.append(behaviour)

    assert isinstance(ring(carrier), Unknown)
    assert len(twilio.calls) == made
    assert sum("Calls" in request for request in twilio.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [(refuse(21211), Cause.NUMBER), (refuse(20003, status=401), Cause.SENDER), (TOO_MANY, Cause.RATE)],
)
def test_a_certain_refusal_is_one(carrier, twilio, behaviour, cause):
    twilio.script.append(behaviour)

    outcome = ring(carrier)

    assert isinstance(outcome, Refused)
    assert outcome.cause == cause
    assert ANA not in outcome.words


def test_a_claim_that_ran_out_calls_nobody(carrier, twilio):
    outcome = ring(carrier, may_still_call=lambda: False)

    assert outcome == Refused(Cause.HELD, None, "held back before the call")
    assert twilio.calls == []


def test_a_page_leaves_from_its_own_number_also_beside_a_messaging_service(make_carrier, twilio):
    carrier = make_carrier(messaging_service_sid=SERVICE_SID)
    text = a_text(sender=PAGE_NUMBER)

    outcome_of(carrier, OutgoingText(**{**vars(text), "is_page": True}))
    outcome_of(carrier, a_text(to=MARIA))

    page, patients = twilio.posts
    assert (page["From"], "MessagingServiceSid" in page) == (PAGE_NUMBER, False)
    assert patients["MessagingServiceSid"] == SERVICE_SID


# What is said -------------------------------------------------------------------------------------------


def test_what_is_said_is_well_formed_whatever_it_holds():
    words = 'Case 1042 <of> "Riverside" & Hill. Press 1.'

    twiml = ElementTree.fromstring(ask_for_key(words, then=f"{PUBLIC_URL}/webhooks/twilio/voice/ab/key"))

    gathers = twiml.findall("Gather")
    assert [gather.find("Say").text for gather in gathers] == [words, words]
    assert {gather.get("action") for gather in gathers} == {f"{PUBLIC_URL}/webhooks/twilio/voice/ab/key"}
    assert {gather.get("numDigits") for gather in gathers} == {"1"}
    assert ElementTree.fromstring(say("Thank you & goodbye.")).find("Say").text == "Thank you & goodbye."


# What Twilio tells of it --------------------------------------------------------------------------------


def form(**more):
    return {"CallSid": CALL_SID, "AccountSid": ACCOUNT_SID, "CallStatus": "in-progress", **more}


def test_a_key_and_the_end_of_a_call_are_read(carrier):
    assert carrier.read_call(form(Digits="1")).key == "1"
    assert carrier.read_call(form()).key is None
    assert carrier.read_call(form(CallStatus="no-answer")).status == "no-answer"
    assert carrier.read_call(form(CallStatus="canceled")).status == "failed"


@pytest.mark.parametrize(
    "wrong",
    [{"CallSid": "CA1"}, {"CallSid": "SM" + "c4" * 16}, {"AccountSid": "AC" + "0" * 32}, {"CallStatus": "dancing"}],
)
def test_a_form_that_is_not_shaped_like_a_calls_is_refused(carrier, wrong):
    with pytest.raises(BadCallback):
        carrier.read_call(form(**wrong))
