"""What `self-test` finds out about the way back: the webhook that is set, and our address as the carrier reaches it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from followup.carriers.twilio import TwilioCarrier
from tests.carriers.conftest import PUBLIC_URL
from tests.twilio_server import SERVICE_SID, TwilioServer

Make = Callable[..., TwilioCarrier]
INBOUND = f"{PUBLIC_URL}/webhooks/twilio/inbound"


def checked(carrier: TwilioCarrier) -> dict[str, tuple[bool, str]]:
    return {what: (holds, words) for what, holds, words in carrier.check()}


# The webhook --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "holds", "words"),
    [
        ({"sms_url": INBOUND, "sms_method": "POST"}, True, f"is {INBOUND}"),
        ({"sms_url": INBOUND + "#rc=3"}, True, f"is {INBOUND}"),
        ({"sms_url": INBOUND, "sms_method": "GET"}, False, "is called with GET, should be POST"),
        ({"sms_url": ""}, False, f"is '', should be '{INBOUND}'"),
        ({"sms_url": "https://demo.twilio.com/welcome/sms/reply"}, False, "should be"),
        ({"sms_url": INBOUND + "/"}, False, "should be"),
    ],
)
def test_the_numbers_webhook_is_ours(
    carrier: TwilioCarrier, twilio: TwilioServer, settings: dict[str, str], holds: bool, words: str
) -> None:
    twilio.number_settings = settings

    found, said = checked(carrier)["incoming webhook"]

    assert found is holds
    assert words in said


def test_what_the_api_does_not_tell_is_not_judged(carrier: TwilioCarrier) -> None:
    assert "incoming webhook" not in checked(carrier)


def test_a_messaging_services_webhook_counts_instead_of_its_numbers(make_carrier: Make, twilio: TwilioServer) -> None:
    carrier = make_carrier(messaging_service_sid=SERVICE_SID)
    twilio.number_settings = {"sms_url": "https://elsewhere.example"}
    twilio.service_settings = {"inbound_request_url": INBOUND, "inbound_method": "POST"}
    assert checked(carrier)["incoming webhook"][0] is True

    twilio.service_settings = {"inbound_request_url": "https://elsewhere.example"}
    assert checked(carrier)["incoming webhook"][0] is False

    twilio.service_settings |= {"use_inbound_webhook_on_number": True}
    assert "incoming webhook" not in checked(carrier)


def test_the_page_number_is_looked_up_too_and_answers_to_pages_must_come_in_by_it(
    make_carrier: Make, twilio: TwilioServer
) -> None:
    page_number = "+12025550199"
    carrier = make_carrier(page_number=page_number, messaging_service_sid=SERVICE_SID)
    assert checked(carrier)["page number"] == (False, "not a number of this account")

    twilio.numbers = (*twilio.numbers, page_number)
    twilio.number_settings = {"sms_url": "https://elsewhere.example"}

    found = checked(carrier)
    assert found["page number"][0] is True
    assert found["incoming webhook"][0] is False


def test_what_nobody_can_ask_is_said(carrier: TwilioCarrier) -> None:
    assert "Opt-Out Management" in checked(carrier)["sender number"][1]


# Our address --------------------------------------------------------------------------------------------


@dataclass
class Door:
    """Stands where the service should; keeps what it was sent."""

    answer: int = 204
    heard: list[tuple[str, list[tuple[str, str]], str]] = field(default_factory=list)
    url: str = ""
    """On an address of this machine that does not count as loopback."""


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.heard.append((self.path, parse_qsl(body), self.headers["X-Twilio-Signature"]))
            self.send_response(made.answer)
            if made.answer == 301:
                self.send_header("Location", "https://elsewhere.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://0.0.0.0:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def public(make_carrier: Make, twilio: TwilioServer, door: Door) -> TwilioCarrier:
    """A carrier that counts as the real one, and a service that counts as public."""
    return make_carrier(public_url=door.url, api_url=twilio.url.replace("127.0.0.1", "0.0.0.0"))


def test_our_address_is_called_as_the_carrier_would_call_it(public: TwilioCarrier, door: Door) -> None:
    holds, words = checked(public)["public URL"]

    assert (holds, words) == (True, "reached from here, and what the carrier signs is taken")
    [(path, fields, signature)] = door.heard
    assert path == "/webhooks/twilio/status"
    assert public.verify(f"{door.url}{path}", fields, signature)
    assert public.read_status(dict(fields)).status == "accepted"


@pytest.mark.parametrize(
    ("answer", "words"), [(403, "refuses what the carrier signs"), (404, "answered 404"), (301, "answered 301")]
)
def test_an_address_that_answers_otherwise_fails_the_check(
    public: TwilioCarrier, door: Door, answer: int, words: str
) -> None:
    door.answer = answer

    holds, said = checked(public)["public URL"]

    assert holds is False
    assert words in said
    assert len(door.heard) == 1


def test_an_address_that_nobody_answers_fails_the_check(make_carrier: Make, twilio: TwilioServer) -> None:
    carrier = make_carrier(public_url="http://0.0.0.0:9", api_url=twilio.url.replace("127.0.0.1", "0.0.0.0"))

    holds, words = checked(carrier)["public URL"]

    assert holds is False
    assert "is `serve` running?" in words


def test_with_an_emulator_or_on_this_machine_only_nothing_is_called(make_carrier: Make, door: Door) -> None:
    assert "public URL" not in checked(make_carrier(public_url=door.url))
    assert "public URL" not in checked(make_carrier(public_url=door.url.replace("0.0.0.0", "127.0.0.1")))
    assert door.heard == []
