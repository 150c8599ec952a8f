"""The HTTP side of the Twilio-shaped server: paths, credentials, and answers that break off."""

import contextlib
import json
import select
import socket
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.twilio_behaviours import Behaviour

if TYPE_CHECKING:
    from tests.twilio_server import TwilioServer


class LoopbackServer(ThreadingHTTPServer):
    daemon_threads = False  # Stopping waits for every handler, so that no socket outlives a test.
    request_queue_size = 128


class TwilioHandler(BaseHTTPRequestHandler):
    """One connection; the paths are those of api.twilio.com and messaging.twilio.com."""

    twilio: "TwilioServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.twilio.keep(self.connection)

    def finish(self) -> None:
        self.twilio.forget(self.connection)
        super().finish()

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # The other side was killed.
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Silent."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.twilio.now(), usegmt=True)

    def do_GET(self) -> None:
        self.twilio.requests.append(f"GET {self.path}")
        if not self._may_ask():
            return
        address = urlsplit(self.path)
        account = f"/2010-04-01/Accounts/{self.twilio.account_sid}"
        query = dict(parse_qsl(address.query))
        if address.path == f"{account}.json":
            self._answer(200, {"sid": self.twilio.account_sid, "status": "active", "friendly_name": "Test"})
        elif address.path == f"{account}/Messages.json":
            self._answer(200, self.twilio.page(query))
        elif address.path == f"{account}/IncomingPhoneNumbers.json":
            numbers = [n for n in self.twilio.numbers if query.get("PhoneNumber", n) == n]
            shown = [{"phone_number": number, **self.twilio.number_settings} for number in numbers]
            self._answer(200, {"incoming_phone_numbers": shown, "page": 0})
        elif address.path == f"/v1/Services/{self.twilio.service_sid}":
            self._answer(200, {"sid": self.twilio.service_sid, "friendly_name": "Test", **self.twilio.service_settings})
        else:
            self._error(404, 20404, "The requested resource was not found")

    def do_POST(self) -> None:
        self.twilio.requests.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        if not self._may_ask():
            return
        account = f"/2010-04-01/Accounts/{self.twilio.account_sid}"
        if self.path not in {f"{account}/Messages.json", f"{account}/Calls.json"}:
            self._error(404, 20404, "The requested resource was not found")
            return
        form = {name: found[0] for name, found in parse_qs(body, keep_blank_values=True).items()}
        self.twilio.enter_post()
        try:
            self._create(form, self.twilio.next_behaviour(form))
        finally:
            self.twilio.leave_post()

    def _create(self, form: dict[str, str], behaviour: Behaviour) -> None:
        answer: dict = {}
        if self.path.endswith("/Calls.json"):
            answer = self.twilio.ring(form) if behaviour.accepts else {}
        else:
            self.twilio.posts.append(form)
            answer = self._take(form, behaviour)
        if behaviour.waits:
            # Readable means closed: by the other side, which was killed perhaps, or by `stop`.
            select.select([self.connection], [], [], behaviour.waits)
        if behaviour.answers == "nothing":
            shut(self.connection)
            self.close_connection = True
        elif behaviour.status >= 400:
            # Twilio's own words hold the number, and so do these.
            self._error(behaviour.status, behaviour.code, f"Refused: {form['To']}", behaviour.retry_after)
        else:
            self._answer(behaviour.status, answer, half=behaviour.answers == "half")

    def _take(self, form: dict[str, str], behaviour: Behaviour) -> dict:
        if behaviour.accepts:
            return self.twilio.accept(form)
        if behaviour.status == 400:
            self.twilio.accept(form, status="failed", code=behaviour.code)
        return {}

    def _may_ask(self) -> bool:
        if self.twilio.knows(self.headers.get("Authorization", "")):
            return True
        self._error(401, 20003, "Authenticate")
        return False

    def _error(self, status: int, code: int | None, message: str, retry_after: str | None = None) -> None:
        more = {"Retry-After": retry_after} if retry_after else {}
        if code is None:
            self._write(status, b"<html>blocked</html>", {"Content-Type": "text/html", **more})
            return
        info = f"https://www.twilio.com/docs/errors/{code}"
        self._answer(status, {"code": code, "message": message, "more_info": info, "status": status}, more=more)

    def _answer(self, status: int, content: dict, *, more: dict[str, str] | None = None, half: bool = False) -> None:
        body = json.dumps(content).encode()
        self._write(status, body, {"Content-Type": "application/json", **(more or {})}, half=half)

    def _write(self, status: int, body: bytes, headers: dict[str, str], *, half: bool = False) -> None:
        try:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if half else body)
        except OSError:
            self.close_connection = True  # The other side did not wait for the answer.
        if half:
            shut(self.connection)
            self.close_connection = True


def shut(connection: socket.socket) -> None:
    """Close without another word; the other side sees the connection end."""
    with contextlib.suppress(OSError):  # It may be gone already.
        connection.shutdown(socket.SHUT_RDWR)
