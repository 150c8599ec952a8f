"""A small server on loopback that looks like Twilio to the SDK: a real socket, with every fault one can ask for."""

import socket
import threading
import urllib.error
import urllib.request
import uuid
from base64 import b64decode
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.twilio_behaviours import ACCEPT, Behaviour
from tests.twilio_handler import LoopbackServer, TwilioHandler, shut

ACCOUNT_SID = "AC" + "a1" * 16
AUTH_TOKEN = "7e57" * 8
SERVICE_SID = "MG" + "b2" * 16
OUR_NUMBER = "+12025550100"


@dataclass
class Sent:
    """The answer of whoever was called back."""

    status: int
    body: str


@dataclass
class TwilioServer:
    """A context manager. `accepted` is what Twilio has; `script` and `behave` say what befalls the next POSTs.

    `behave(form)` is asked for each POST where the script is empty; both may be changed at any time.
    """

    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    service_sid: str = SERVICE_SID
    numbers: tuple[str, ...] = (OUR_NUMBER,)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    """What the server takes for the time, in dates of texts and in the Date header."""
    behave: Callable[[Mapping[str, str]], Behaviour] = field(default=lambda form: ACCEPT)
    script: deque[Behaviour] = field(default_factory=deque)
    number_settings: dict[str, str] = field(default_factory=dict)
    """Further fields of each number, such as sms_url; without them the server does not tell."""
    service_settings: dict[str, object] = field(default_factory=dict)
    accepted: list[dict[str, str]] = field(default_factory=list)
    """sid, to, from, body, status_callback, validity_period, created_at (ISO 8601, UTC), oldest first."""
    posts: list[dict[str, str]] = field(default_factory=list)
    """The form of every POST of a text, accepted or not."""
    calls: list[dict[str, str]] = field(default_factory=list)
    """sid, to, from, url, status_callback of every call that was made, oldest first."""
    requests: list[str] = field(default_factory=list)
    """`METHOD path?query` of every request."""
    longest_page: int = 1000
    """No page of the list holds more, whatever PageSize asks for."""
    list_lag: timedelta = timedelta(0)
    """How long a text that was accepted or came in stays out of the list; Twilio does not say how long it may be."""
    most_at_once: int = 0
    """How many POSTs of texts were ever being answered at the same time."""

    def __enter__(self) -> "TwilioServer":
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._records: list[dict] = []
        self._listed_from: dict[str, datetime] = {}
        self._at_once = 0
        server = self

        class Handler(TwilioHandler):
            twilio = server

        self._http = LoopbackServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends every wait and connection; may be called twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._http.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                shut(connection)
        self._http.server_close()

    def texts_to(self, number: str) -> list[dict[str, str]]:
        """What was accepted for this number, oldest first."""
        return [text for text in list(self.accepted) if text["to"] == number]

    def send_status(self, sid: str, status: str, error_code: int | None = None) -> Sent:
        """Set the status of an accepted text and call its StatusCallback, signed."""
        record = self.set_status(sid, status, error_code)
        form = {
            "AccountSid": self.account_sid,
            "ApiVersion": "2010-04-01",
            "From": record["from"] or "",
            "To": record["to"],
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        if error_code is not None:
            form["ErrorCode"] = str(error_code)
        [text] = [text for text in self.accepted if text["sid"] == sid]
        return self.post_signed(text["status_callback"], form)

    def set_status(self, sid: str, status: str, error_code: int | None = None) -> dict:
        """The same with the callback lost: only the list shows it. Gives the changed Message resource."""
        with self._lock:
            [record] = [record for record in self._records if record["sid"] == sid]
            record |= {"status": status, "error_code": error_code}
            if status in ("sent", "delivered", "undelivered") and record["date_sent"] is None:
                record["date_sent"] = format_datetime(self.now(), usegmt=True)
            return record

    def text_in(self, url: str, from_: str, to: str, body: str, **extra: str) -> Sent:
        """A patient writes: the text is listed as inbound, and the webhook at `url` is called, signed."""
        sid = self.records_inbound(from_, to, body)
        return self.post_signed(url, self.inbound_form(sid, from_, to, body) | extra)

    def inbound_form(self, sid: str, from_: str, to: str, body: str) -> dict[str, str]:
        """The fields of a real webhook for a text with no media."""
        return {
            "ToCountry": "US",
            "ToState": "DC",
            "SmsMessageSid": sid,
            "NumMedia": "0",
            "ToCity": "",
            "FromZip": "",
            "SmsSid": sid,
            "FromState": "NY",
            "SmsStatus": "received",
            "FromCity": "",
            "Body": body,
            "FromCountry": "US",
            "To": to,
            "MessagingServiceSid": self.service_sid,
            "ToZip": "",
            "NumSegments": "1",
            "MessageSid": sid,
            "AccountSid": self.account_sid,
            "From": from_,
            "ApiVersion": "2010-04-01",
        }

    def records_inbound(self, from_: str, to: str, body: str) -> str:
        """A patient writes and the webhook is lost: the text only stands in the list. Gives its SID."""
        sid = _new_sid()
        sent = format_datetime(self.now(), usegmt=True)
        with self._lock:
            self._records.append(
                self._resource(sid=sid, to=to, from_=from_, body=body, status="received", direction="inbound")
                | {"date_sent": sent}
            )
        return sid

    def post_signed(self, url: str, form: Mapping[str, str]) -> Sent:
        """POST the form like Twilio does; the fragment of the URL is neither signed nor sent."""
        address = url.partition("#")[0]
        signature = RequestValidator(self.auth_token).compute_signature(address, dict(form))
        request = urllib.request.Request(
            address,
            data=urlencode(form).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": signature,
                "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return Sent(answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Sent(error.code, error.read().decode())

    def _resource(self, *, sid: str, to: str, from_: str | None, body: str, status: str, direction: str) -> dict:
        """A Message resource as the API shows it."""
        created = format_datetime(self.now(), usegmt=True)
        self._listed_from[sid] = self.now() + self.list_lag
        return {
            "body": body,
            "num_segments": "1",
            "direction": direction,
            "from": from_,
            "to": to,
            "date_updated": created,
            "price": None,
            "error_message": None,
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{sid}.json",
            "account_sid": self.account_sid,
            "num_media": "0",
            "status": status,
            "messaging_service_sid": None,
            "sid": sid,
            "date_sent": None,
            "date_created": created,
            "error_code": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "subresource_uris": {},
        }

    # What follows is for the handler.

    def next_behaviour(self, form: Mapping[str, str]) -> Behaviour:
        with self._lock:
            scripted = self.script.popleft() if self.script else None
        return scripted or self.behave(form)  # Outside the lock: it may wait, and only this request with it.

    def accept(self, form: Mapping[str, str], *, status: str | None = None, code: int | None = None) -> dict:
        """Take the text (or, with `status`, keep a refused POST in the list, as Twilio does since 2024)."""
        service = form.get("MessagingServiceSid")
        sid = _new_sid()
        resource = self._resource(
            sid=sid,
            to=form["To"],
            from_=form.get("From"),
            body=form["Body"],
            status=status or ("accepted" if service else "queued"),
            direction="outbound-api",
        )
        resource |= {"messaging_service_sid": service, "error_code": code}
        if service:
            resource["num_segments"] = "0"
        with self._lock:
            self._records.append(resource)
            if status is None:
                self.accepted.append(
                    {
                        "sid": sid,
                        "to": form["To"],
                        "from": form.get("From", ""),
                        "body": form["Body"],
                        "status_callback": form.get("StatusCallback", ""),
                        "validity_period": form.get("ValidityPeriod", ""),
                        "created_at": self.now().isoformat(),
                    }
                )
        return dict(resource)

    def ring(self, form: Mapping[str, str]) -> dict:
        """Make the call."""
        call = {"sid": f"CA{uuid.uuid4().hex}", "to": form["To"], "from": form["From"], "url": form["Url"]}
        with self._lock:
            self.calls.append({**call, "status_callback": form["StatusCallback"], "timeout": form["Timeout"]})
        return {**call, "account_sid": self.account_sid, "status": "queued"}

    def page(self, query: Mapping[str, str]) -> dict:
        """One page of the list, newest first; PageToken anchors it, so that new texts do not shift it."""
        with self._lock:
            found = [record for record in reversed(self._records) if _matches(record, query) and self._shows(record)]
        size = min(int(query.get("PageSize", "50")), self.longest_page)
        number = int(query.get("Page", "0"))
        if token := query.get("PageToken"):
            seen = [record["sid"] for record in found].index(token.removeprefix("PA"))
            found = found[seen + 1 :]
        records, rest = found[:size], found[size:]
        path = f"/2010-04-01/Accounts/{self.account_sid}/Messages.json"
        following = {**query, "PageSize": size, "Page": number + 1}
        if records:
            following["PageToken"] = "PA" + records[-1]["sid"]
        return {
            "messages": [dict(record) for record in records],
            "uri": f"{path}?{urlencode(query)}",
            "first_page_uri": f"{path}?{urlencode({**query, 'PageSize': size, 'Page': 0})}",
            "next_page_uri": f"{path}?{urlencode(following)}" if rest else None,
            "previous_page_uri": None,
            "page": number,
            "page_size": size,
            "start": number * size,
            "end": number * size + max(len(records) - 1, 0),
        }

    def _shows(self, record: dict) -> bool:
        return self._listed_from[record["sid"]] <= self.now()

    def knows(self, authorization: str) -> bool:
        """Whether this header holds the account's credentials."""
        kind, _, secret = authorization.partition(" ")
        return kind == "Basic" and b64decode(secret).decode() == f"{self.account_sid}:{self.auth_token}"

    def enter_post(self) -> None:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)

    @property
    def is_answering(self) -> bool:
        """Whether the POST of a text is being answered at this moment."""
        return self._at_once > 0

    def leave_post(self) -> None:
        with self._lock:
            self._at_once -= 1

    def keep(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)
        if self._stopping.is_set():
            shut(connection)

    def forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)


def _matches(record: dict, query: Mapping[str, str]) -> bool:
    if query.get("To", record["to"]) != record["to"] or query.get("From", record["from"]) != record["from"]:
        return False
    if after := query.get("DateSent>"):
        sent = record["date_sent"]
        return sent is not None and _instant(sent) >= datetime.fromisoformat(after)
    return True


def _instant(rfc2822: str) -> datetime:
    return datetime.strptime(rfc2822, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def _new_sid() -> str:
    return f"SM{uuid.uuid4().hex}"
