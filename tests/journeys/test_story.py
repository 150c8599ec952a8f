"""The whole story, as its users live it: event in, text out, answer in, queue."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.journeys.conftest import PHONE, completed, twilio_settings, zone_now
from tests.journeys.service import Service, wait_for
from tests.twilio_server import OUR_NUMBER, TwilioServer

pytestmark = pytest.mark.journey
MakeService = Callable[..., Service]


def test_a_session_becomes_a_text_and_its_answer_stands_on_the_queue_with_the_real_sdk(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()

    answer = service.post_event(completed())
    assert answer.status_code == 202, answer.text
    assert answer.json()["session"]["scheduled"] > 10

    sent = wait_for(lambda: twilio.texts_to(PHONE), "the check-in to reach Twilio")[0]
    assert sent["body"].startswith("Riverside Clinic: Hi Maria")
    assert "STOP" in sent["body"]
    assert sent["from"] == OUR_NUMBER
    check_in = wait_for(lambda: _with_status(service, "accepted"), "the acceptance to be recorded")
    assert check_in["carrier_sid"] == sent["sid"]

    assert twilio.send_status(sent["sid"], "sent").status == 204
    assert twilio.send_status(sent["sid"], "delivered").status == 204
    assert _with_status(service, "delivered")

    came = twilio.text_in(f"{service.url}/webhooks/twilio/inbound", PHONE, OUR_NUMBER, "a bit dizzy <b>still</b>")
    assert (came.status, came.body) == (200, "<Response/>")
    reply = wait_for(lambda: service.session("s-1")["replies"], "the reply to be read")[0]
    assert reply["text"] == "a bit dizzy <b>still</b>"
    assert reply["answers"] == check_in["id"]
    assert reply["reading"]["level"] == "concern"

    queue = service.browser().get("/").text
    assert "Maria Lopez" in queue
    assert "a bit <mark>dizzy</mark> &lt;b&gt;still&lt;/b&gt;" in queue


def test_the_same_story_with_the_pretend_handset(make_service: MakeService) -> None:
    service = make_service()
    service.start()
    assert service.post_event(completed()).status_code == 202
    wait_for(lambda: _with_status(service, "delivered"), "the check-in to be delivered")
    browser = service.browser()
    assert "Hi Maria" in browser.get("/phone", params={"number": PHONE}).text

    browser.post("/phone/texts", data={"number": PHONE, "text": "7"})

    reply = wait_for(lambda: service.session("s-1")["replies"], "the answer to be read")[0]
    assert reply["reading"] == {
        "kind": "score",
        "value": 7,
        "level": "routine",
        "reasons": ["score 7"],
        "language": "en",
    }
    assert "Maria Lopez" in browser.get("/").text


def test_stop_ends_what_was_planned_and_stands_before_staff(make_service: MakeService, twilio: TwilioServer) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    service.post_event(completed())
    wait_for(lambda: twilio.texts_to(PHONE), "the check-in to reach Twilio")

    twilio.text_in(f"{service.url}/webhooks/twilio/inbound", PHONE, OUR_NUMBER, "STOP")

    wait_for(lambda: service.session("s-1")["replies"], "the STOP to be read")
    later = [m for m in service.session("s-1")["messages"] if m["step"] != "same-day check-in"]
    assert {(m["status"], m["reason"]) for m in later} == {("suppressed", "the patient sent STOP")}
    assert service.session("s-1")["cases"][0]["level"] == "concern"


def test_a_text_from_nobody_we_know_is_kept_and_becomes_a_case(make_service: MakeService, twilio: TwilioServer) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    url = f"{service.url}/webhooks/twilio/inbound"
    for sender in ("+12125550177", "72975", ""):
        assert twilio.text_in(url, sender, OUR_NUMBER, "who is this?").status == 200

    wait_for(lambda: service.figure('followup_replies{state="read"}') == 3, "the texts to be read")
    assert len(service.export("reply")) == 3
    assert {row["reason"] for row in service.export("case")} == {"Unknown number"}


def test_the_same_webhook_twice_keeps_one_reply(make_service: MakeService, twilio: TwilioServer) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    form = twilio.inbound_form("SM" + "0" * 32, PHONE, OUR_NUMBER, "hello")

    answers = [twilio.post_signed(f"{service.url}/webhooks/twilio/inbound", form).status for _ in range(2)]

    assert answers == [200, 200]
    assert [row["carrier_sid"] for row in service.export("reply")] == ["SM" + "0" * 32]


def test_a_killed_process_sends_what_was_planned_after_its_restart(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    service.command("sending", "off")
    service.post_event(completed())
    service.kill()
    assert twilio.texts_to(PHONE) == []

    service.start()
    service.command("sending", "on")

    wait_for(lambda: twilio.texts_to(PHONE), "the check-in to reach Twilio")
    wait_for(lambda: _with_status(service, "accepted"), "the acceptance to be recorded")
    assert len(twilio.texts_to(PHONE)) == 1


def test_a_real_carrier_sends_nothing_before_the_clinic_goes_live(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(is_set_up=False, **twilio_settings(twilio))
    service.command("add-clinic", "Riverside Clinic", "--zone", zone_now())
    service.bearer = json.loads(service.command("add-source", "ehr"))["bearer"]
    service.start()
    assert "has not gone live" in service.log()
    service.post_event(completed())

    waiting = wait_for(lambda: _with_reason(service, "the clinic has not gone live"), "the claim to look at the text")

    assert waiting["status"] == "planned"
    assert twilio.posts == []


def test_it_stops_within_five_seconds_while_connections_are_open(make_service: MakeService) -> None:
    service = make_service()
    service.start()
    with httpx.Client(base_url=service.url) as idle:
        assert idle.get("/healthz").status_code == 200
        assert service.stop() < 5


def _with_status(service: Service, status: str) -> dict | None:
    return next((m for m in service.session("s-1")["messages"] if m["status"] == status), None)


def _with_reason(service: Service, reason: str) -> dict | None:
    return next((m for m in service.session("s-1")["messages"] if m["reason"] == reason), None)
