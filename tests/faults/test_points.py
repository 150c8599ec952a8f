"""The process dies at every named point of the protocol. Each time one text reaches the patient, and no second."""

import signal
from collections.abc import Callable

import pytest

from tests.faults.victim import POINTS
from tests.journeys.conftest import PHONE, completed
from tests.journeys.service import Service, wait_for
from tests.twilio_behaviours import ACCEPT_THEN_DROP, DROP_BEFORE, Behaviour, slow
from tests.twilio_server import OUR_NUMBER, TwilioServer

pytestmark = pytest.mark.journey
AsVictim = Callable[..., Service]

SENDING = ("before_claim", "after_claim", "before_write", "after_answer", "before_record", "after_record")
DOUBTING = ("before_doubt", "after_doubt", "before_list", "after_list", "before_settling", "after_settling")
HEARING = ("before_report", "after_report", "before_reply", "after_reply")
LOST_ANSWERS = {"taken, answer lost": ACCEPT_THEN_DROP, "lost on the way": DROP_BEFORE}


def test_every_point_is_tried() -> None:
    assert {*SENDING, *DOUBTING, *HEARING} == set(POINTS)


@pytest.mark.parametrize("point", SENDING)
def test_killed_while_it_sends(as_victim: AsVictim, twilio: TwilioServer, point: str) -> None:
    service = as_victim(point).start()
    service.post_event(completed())
    _dies(service)

    service.start()

    _one_text_arrives(service, twilio)


@pytest.mark.parametrize("behaviour", LOST_ANSWERS.values(), ids=LOST_ANSWERS)
@pytest.mark.parametrize("point", DOUBTING)
def test_killed_while_nobody_knows(as_victim: AsVictim, twilio: TwilioServer, point: str, behaviour: Behaviour) -> None:
    twilio.script.append(behaviour)
    service = as_victim(point).start()
    service.post_event(completed())
    _dies(service)

    service.start()

    _one_text_arrives(service, twilio)


def test_killed_after_the_carrier_took_the_text_and_before_it_said_so(service: Service, twilio: TwilioServer) -> None:
    twilio.script.append(slow(60))
    service.start()
    service.post_event(completed())
    wait_for(lambda: twilio.accepted, "the carrier to take the text")
    service.kill()

    service.start()

    _one_text_arrives(service, twilio)


@pytest.mark.parametrize("point", ["before_report", "after_report"])
def test_killed_while_it_hears_what_became_of_a_text(as_victim: AsVictim, twilio: TwilioServer, point: str) -> None:
    service = as_victim(point).start()
    service.post_event(completed())
    text = wait_for(lambda: twilio.texts_to(PHONE), "the text to be taken")[0]
    wait_for(lambda: _check_in(service)["status"] == "accepted", "the acceptance to be recorded")
    with pytest.raises(OSError):
        twilio.send_status(text["sid"], "delivered")
    _dies(service)

    service.start()

    assert _check_in(service)["status"] == ("delivered" if point == "after_report" else "accepted")
    assert twilio.send_status(text["sid"], "delivered").status == 204
    assert _check_in(service)["status"] == "delivered"
    assert len(service.export("delivery_report")) == 1
    assert len(twilio.texts_to(PHONE)) == 1


@pytest.mark.parametrize("point", ["before_reply", "after_reply"])
def test_killed_while_it_keeps_a_reply(as_victim: AsVictim, twilio: TwilioServer, point: str) -> None:
    service = as_victim(point).start()
    inbound = f"{service.url}/webhooks/twilio/inbound"
    sid = twilio.records_inbound(PHONE, OUR_NUMBER, "a bit dizzy")
    with pytest.raises(OSError):  # Nothing is acknowledged that may be lost.
        twilio.post_signed(inbound, twilio.inbound_form(sid, PHONE, OUR_NUMBER, "a bit dizzy"))
    _dies(service)

    service.start()

    assert twilio.post_signed(inbound, twilio.inbound_form(sid, PHONE, OUR_NUMBER, "a bit dizzy")).status == 200
    assert [row["carrier_sid"] for row in service.export("reply")] == [sid]


def _dies(service: Service) -> None:
    assert service.process is not None
    assert service.process.wait(timeout=30) == -signal.SIGKILL, service.log()
    service.process = None


def _one_text_arrives(service: Service, twilio: TwilioServer) -> None:
    wait_for(lambda: twilio.texts_to(PHONE), "the text to arrive", patience=40)
    settled = wait_for(lambda: _if_settled(service), "the text to be settled", patience=40)
    [text] = twilio.texts_to(PHONE)
    assert settled["carrier_sid"] == text["sid"]


def _if_settled(service: Service) -> dict | None:
    """The check-in, once nothing more can become of it by itself."""
    found = _check_in(service)
    return found if found["status"] in {"accepted", "sent", "delivered"} else None


def _check_in(service: Service) -> dict:
    [found] = [m for m in service.session("s-1")["messages"] if m["step"] == "same-day check-in"]
    return found
