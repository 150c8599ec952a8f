"""What patients wrote while the service was down, or its database locked, stands on the queue all the same."""

import base64
import re
from collections.abc import Callable

import pytest

from followup.store.database import Database
from tests.journeys.conftest import PHONE, completed, twilio_settings
from tests.journeys.service import Service, wait_for
from tests.twilio_server import OUR_NUMBER, TwilioServer

pytestmark = pytest.mark.journey
MakeService = Callable[..., Service]


def test_a_reply_that_came_while_the_service_was_down_stands_on_the_queue(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    service.post_event(completed())
    wait_for(lambda: twilio.texts_to(PHONE), "the check-in to reach Twilio")
    service.stop()
    twilio.longest_page = 2  # So that the list has pages.
    sids = [twilio.records_inbound(PHONE, OUR_NUMBER, words) for words in ("I feel odd", "very odd", "please call")]

    service.start()

    wait_for(lambda: service.figure('followup_replies{state="read"}') == 3, "the replies to be found and read")
    found = service.session("s-1")["replies"]
    assert [(reply["carrier_sid"], reply["recovered"]) for reply in found] == [(sid, True) for sid in sids]
    browser = service.browser()
    assert "Maria Lopez" in browser.get("/").text
    case = re.sub("<[^>]+>", "", browser.get(f"/cases/{service.session('s-1')['cases'][0]['id']}").text)
    assert "please call" in case
    assert "found later" in case


def test_a_stop_that_came_while_the_service_was_down_is_obeyed_before_anything_leaves(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    service.command("sending", "off")
    service.post_event(completed())
    service.kill()
    twilio.records_inbound(PHONE, OUR_NUMBER, "STOP")
    service.command("sending", "on")

    service.start()

    wait_for(lambda: service.session("s-1")["replies"], "the STOP to be read")
    assert {(m["status"], m["reason"]) for m in service.session("s-1")["messages"]} == {
        ("suppressed", "the patient sent STOP")
    }
    assert twilio.posts == []


def test_a_reply_that_comes_while_the_database_is_locked_is_acknowledged_in_time_and_outlives_the_process(
    make_service: MakeService, twilio: TwilioServer
) -> None:
    service = make_service(**twilio_settings(twilio))
    service.start()
    key = base64.urlsafe_b64decode(service.settings["SECRET_KEYS"])
    database = Database(service.settings["DATABASE_URL"], key=key)
    with database.engine.execution_options(writes=True).begin():
        # Twilio waits 15 s for the answer, and so does this call.
        came = twilio.text_in(f"{service.url}/webhooks/twilio/inbound", PHONE, OUR_NUMBER, "I feel odd")
        assert (came.status, came.body) == (200, "<Response/>")
        service.kill()
    database.close()
    [spooled] = service.folder.glob("*.spool/*")
    assert b"odd" not in spooled.read_bytes()

    service.start()

    wait_for(lambda: service.figure('followup_replies{state="read"}') == 1, "the reply to be stored and read")
    assert [row["body"] for row in service.export("reply")] == ["I feel odd"]
    assert not list(service.folder.glob("*.spool/*"))
