"""The Twilio-shaped server itself calls back the way Twilio does."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from followup.carriers.carrier import OutgoingText
from tests.carriers.test_twilio import a_text, outcome_of
from tests.twilio_server import OUR_NUMBER

MARIA = "+12025550123"


@pytest.fixture
def ear() -> Iterator[ThreadingHTTPServer]:
    """Listens on loopback and keeps (path, fields, signature) of every POST in `heard`; answers 204."""
    heard: list[tuple[str, list[tuple[str, str]], str]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = parse_qsl(body, keep_blank_values=True)
            heard.append((self.path, fields, self.headers["X-Twilio-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.heard = heard
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_status_callback_reaches_its_own_address_signed(make_carrier, twilio, ear):
    carrier = make_carrier(public_url=ear.url)
    text: OutgoingText = a_text()
    sid = outcome_of(carrier, text).sid
    assert twilio.send_status(sid, "undelivered", 30003).status == 204
    [(path, fields, signature)] = ear.heard
    assert path == f"/webhooks/twilio/status?attempt={text.attempt}"
    assert carrier.verify(ear.url + path, fields, signature)
    report = carrier.read_status(dict(fields))
    assert (report.sid, report.status, report.code) == (sid, "undelivered", 30003)


def test_incoming_text_is_called_in_signed_and_listed(carrier, twilio, ear):
    answer = twilio.text_in(ear.url + "/inbound#rc=3", MARIA, OUR_NUMBER, "7, mejor 😀", OptOutType="STOP")
    assert answer.status == 204
    [(path, fields, signature)] = ear.heard
    assert path == "/inbound"
    assert carrier.verify(ear.url + "/inbound#rc=3", fields, signature)
    text = carrier.read_incoming(dict(fields))
    assert (text.sender, text.body) == (MARIA, "7, mejor 😀")
    [listed] = carrier.list_incoming(since=twilio.now())
    assert listed.sid == text.sid
