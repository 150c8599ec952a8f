"""The doors for machines as a record system and a carrier meet them: one small site in this process.

Riverside has two record systems, `ehr` and `billing`; Hillside has one of its own. Maria's session ended two hours ago.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from fastapi import FastAPI
from sqlmodel import select
from twilio.request_validator import RequestValidator

from followup.carriers.carrier import Carrier, IncomingText
from followup.carriers.pretend import PretendCarrier
from followup.carriers.twilio import TwilioCarrier
from followup.flow import set_up
from followup.flow.claim_texts import SendingRules
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.flow.reply_writer import ReplyWriter
from followup.flow.send_due import send_due
from followup.schedule_files import load_schedules
from followup.store.database import Database, upgrade
from followup.store.tables import Row
from followup.web.parts import Parts
from followup.web.site import make_site
from tests.flow.stories import stay_alive
from tests.people import NOW
from tests.reading import readers_of
from tests.twilio_server import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER

SCHEDULES = Path(__file__).parents[1] / "schedules"
KEY = bytes(range(32))
PUBLIC_URL = "https://aftercare.example.org"
METRICS_KEY = "the key of the metrics collector"
PHONE = "+12125550142"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
PROBLEM = "application/problem+json"
CLOSED_PORT = "http://127.0.0.1:9"
"""The carrier's address in these tests; nobody listens there, and nothing here may call it."""


@dataclass(frozen=True)
class Keys:
    """What each record system was given."""

    ehr: set_up.SourceKeys
    billing: set_up.SourceKeys
    hillside: set_up.SourceKeys


@dataclass
class Doors:
    """A running site. `now` may be moved."""

    database: Database
    carrier: Carrier
    runner: asyncio.Runner
    keys: "Keys"
    now: datetime = NOW
    woken: int = 0
    site: FastAPI = field(init=False)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.site = make_site(
            Parts(
                database=self.database,
                carrier=self.carrier,
                schedules=load_schedules(SCHEDULES),
                now=lambda: self.now,
                wake=self._count_wake,
                public_url=PUBLIC_URL,
                keys=(KEY,),
                metrics_key=METRICS_KEY,
            )
        )
        self.site.state.reply_writer = ReplyWriter(self.keep)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.site), base_url="http://testserver")

    def _count_wake(self) -> None:
        self.woken += 1

    def keep(self, texts: Sequence[IncomingText]) -> None:
        """What the reply writer does, as app.py says."""
        keep_replies(self.database, texts, now=self.now)

    def close(self) -> None:
        self.site.state.reply_writer.close()
        self.runner.run(self.client.aclose())
        self.carrier.close()
        self.database.close()

    # Over HTTP ----------------------------------------------------------------------------------------

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **options))

    def get(self, path: str, *, bearer: str | None = "", **options: Any) -> httpx.Response:
        """As `ehr`; with another key, or with none for None."""
        return self.request("GET", path, headers=self._authorized(bearer), **options)

    def post(
        self,
        body: bytes | str,
        *,
        bearer: str | None = "",
        path: str = "/api/v1/events",
        content_type: str | None = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Any bytes to the event door."""
        more = {"Content-Type": content_type} if content_type is not None else {}
        return self.request("POST", path, content=body, headers={**self._authorized(bearer), **more, **(headers or {})})

    def post_event(self, event: Any, *, bearer: str | None = "", dry_run: bool = False) -> httpx.Response:
        path = "/api/v1/events?dry_run=true" if dry_run else "/api/v1/events"
        return self.post(json.dumps(event), bearer=bearer, path=path)

    def find_event(self, event_id: str, *, bearer: str | None = "") -> httpx.Response:
        return self.get(f"/api/v1/events/{_in_path(event_id)}", bearer=bearer)

    def session(self, session_id: str = "s-1") -> dict[str, Any]:
        answer = self.get(f"/api/v1/sessions/{_in_path(session_id)}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _authorized(self, bearer: str | None) -> dict[str, str]:
        return {} if bearer is None else {"Authorization": f"Bearer {bearer or self.keys.ehr.bearer}"}

    def post_signed(
        self,
        path: str,
        form: Mapping[str, str] | Sequence[tuple[str, str]],
        *,
        token: str = AUTH_TOKEN,
        url: str = PUBLIC_URL,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """A callback as Twilio sends it, signed for `url` + path."""
        pairs = list(form.items() if isinstance(form, Mapping) else form)
        more = {"X-Twilio-Signature": signature(url + path, pairs, token=token), "Content-Type": FORM}
        return self.request("POST", path, content=urlencode(pairs), headers={**more, **(headers or {})})

    # What runs by itself ------------------------------------------------------------------------------

    def read_replies(self) -> int:
        return read_waiting_replies(database=self.database, readers_of=readers_of, now=self.now)

    def send(self) -> int:
        stay_alive(self.database, self.now)
        rules = SendingRules(lease=timedelta(seconds=60), batch=20, reaches_people=False)
        return send_due(database=self.database, carrier=self.carrier, rules=rules, clock=lambda: self.now)

    def rows(self, table: type[Row]) -> list[Any]:
        with self.database.reader() as db:
            return list(db.exec(select(table)).all())


@contextmanager
def open_doors(carrier: Carrier | None = None) -> Iterator[Doors]:
    """A fresh site; with the pretend carrier unless another is given."""
    with TemporaryDirectory(prefix="doors-") as folder, asyncio.Runner() as runner:
        file = Path(folder) / "followup.db"
        content, keys = _two_clinics()
        file.write_bytes(content)
        made = Doors(Database(f"sqlite:///{file}", key=KEY), carrier or PretendCarrier(now=lambda: NOW), runner, keys)
        try:
            yield made
        finally:
            made.close()


@cache
def _two_clinics() -> tuple[bytes, Keys]:
    """A database with both clinics and their sources: a copy takes 2 ms, the migrations alone take 60."""
    with TemporaryDirectory(prefix="doors-") as folder:
        file = Path(folder) / "followup.db"
        database = Database(f"sqlite:///{file}", key=KEY)
        upgrade(database)
        add = {"database": database, "now": NOW}
        riverside = set_up.add_clinic(name="Riverside Clinic", zone="America/New_York", phone="(212) 555-0100", **add)
        hillside = set_up.add_clinic(name="Hillside", zone="America/New_York", **add)
        keys = Keys(
            ehr=set_up.add_source(name="ehr", clinic=riverside, kind="native", keys=(KEY,), **add),
            billing=set_up.add_source(name="billing", clinic=riverside, kind="native", keys=(KEY,), **add),
            hillside=set_up.add_source(name="ehr", clinic=hillside, kind="native", keys=(KEY,), **add),
        )
        database.close()
        return file.read_bytes(), keys


def _in_path(record_id: str) -> str:
    """Dots too: clients take `..` for the folder above."""
    return quote(record_id, safe="").replace(".", "%2E")


def twilio_carrier(*, previous_auth_token: str | None = None) -> TwilioCarrier:
    """The real one: it verifies signatures and is never asked to call anybody."""
    return TwilioCarrier(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        previous_auth_token=previous_auth_token,
        from_number=OUR_NUMBER,
        public_url=PUBLIC_URL,
        api_url=CLOSED_PORT,
    )


def signature(url: str, pairs: Sequence[tuple[str, str]], *, token: str = AUTH_TOKEN) -> str:
    """X-Twilio-Signature for this address and form, where no field comes twice with another value."""
    return RequestValidator(token).compute_signature(url, dict(pairs))


# Events ------------------------------------------------------------------------------------------------


def completed(session_id: str = "s-1", *, event_id: str = "e-1", **session: Any) -> dict[str, Any]:
    """Maria's session ended two hours ago. Keywords replace or add fields of the session."""
    ended_at = (NOW - timedelta(hours=2)).isoformat()
    return {
        "id": event_id,
        "type": "session.completed",
        "occurred_at": ended_at,
        "data": {
            "patient": {"id": "p-maria", "given_name": "Maria", "family_name": "Lopez", "phone": PHONE},
            "session": {"id": session_id, "kind": "ketamine-iv", "ended_at": ended_at, "number": 1} | session,
            "sms_consent": {"status": "granted", "recorded_at": "2026-11-01T10:00:00Z"},
        },
    }


def about_maria(kind: str, *, event_id: str = "e-2", **facts: Any) -> dict[str, Any]:
    """An event about Maria, just now."""
    return {
        "id": event_id,
        "type": kind,
        "occurred_at": NOW.isoformat(),
        "data": {"patient": {"id": "p-maria"}} | facts,
    }


def inbound(body: str = "hello", *, sid: str = "SM" + "0" * 32, sender: str = PHONE, **more: str) -> dict[str, str]:
    """The fields of a text that comes in."""
    return {
        "MessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "From": sender,
        "To": OUR_NUMBER,
        "Body": body,
        "NumMedia": "0",
    } | more


def status(state: str, *, sid: str, **more: str) -> dict[str, str]:
    """The fields of a status callback."""
    return {
        "MessageSid": sid,
        "AccountSid": ACCOUNT_SID,
        "To": PHONE,
        "From": OUR_NUMBER,
        "MessageStatus": state,
    } | more
