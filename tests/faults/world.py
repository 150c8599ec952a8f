"""The world around the service: a record system that posts, a carrier that calls back, patients who answer.

None of them stops when the service dies. Each knows what it was promised: a 202, a 201, a 200.
"""

import contextlib
import heapq
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.faults.mix import NO_FAULTS, Dice, Mix, treated_by
from tests.journeys.conftest import completed
from tests.journeys.service import Service
from tests.twilio_server import OUR_NUMBER, TwilioServer

GONE = (httpx.TransportError, urllib.error.URLError, OSError)
"""What a caller meets whose other side dies."""
SHARED_PHONE_EVERY = 20
"""So many patients on, the next one has the telephone of the one before."""
WEBHOOK_RETRIES, RETRY_AFTER = 3, 0.8
"""How often Twilio tries again within 15 s where it is asked to (`#rc=3&rp=5xx,ct,rt`); and after how long here."""
ANSWERS = ("7", "a bit dizzy still", "fine, thank you", "3 but better", "when is my next visit?")


@dataclass
class World:
    """A context manager; everything in it ends with it."""

    service: Service
    twilio: TwilioServer
    seed: int
    mix: Mix = field(default_factory=Mix)
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    """By session id: {phone, name} of every patient whose event was answered with 202."""
    kept: list[tuple[str, str]] = field(default_factory=list)
    """(SID, body) of every reply that was acknowledged with 200."""
    not_kept: list[str] = field(default_factory=list)
    """SIDs of replies that were written and not acknowledged: they only stand in the carrier's list."""
    wanted: int = 0
    """How many events are to be posted in all; the record system goes on until they are."""

    def __enter__(self) -> "World":
        self.dice = Dice(self.seed)
        self._stopping = threading.Event()
        self._moment = threading.Condition()
        self._actions: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._seen = 0
        self.twilio.behave = treated_by(self.mix, self.dice)
        works = [self._post_events, *[self._act] * 3, self._watch]
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with self._moment:
            self._moment.notify_all()
        for thread in self._threads:
            thread.join(timeout=30)

    def calm_down(self) -> None:
        """From now on everything works."""
        self.mix = NO_FAULTS
        self.twilio.behave = treated_by(self.mix, self.dice)

    def is_all_posted(self) -> bool:
        return len(self.known) >= self.wanted

    def is_silent(self) -> bool:
        """Nobody has anything left to call about."""
        with self._moment:
            return not self._actions and self._seen == len(self.twilio.accepted)

    def expected(self) -> Counter[tuple[str, str]]:
        """How many texts each (phone, name) was promised."""
        return Counter((patient["phone"], patient["name"]) for patient in self.known.values())

    def arrived(self) -> Counter[tuple[str, str]]:
        """How many the carrier took."""
        return Counter((text["to"], name_in(text["body"])) for text in list(self.twilio.accepted))

    # The record system ----------------------------------------------------------------------------------

    def _post_events(self) -> None:
        """One after the other, each until it is answered with 202: what record systems promise to do."""
        client = httpx.Client(timeout=15, verify=False)
        for number in count():
            while self.wanted <= number and not self._stopping.is_set():
                self._stopping.wait(0.01)
            patient = {"phone": _phone(number), "name": f"Pat{number}"}
            session = f"s-{number}"
            event = completed(session, event_id=f"e-{number}", phone=patient["phone"], given_name=patient["name"])
            while not self._stopping.is_set():
                try:
                    if self._post(client, event):
                        self.known[session] = patient
                        break
                except GONE:
                    client.close()
                    client = httpx.Client(timeout=15, verify=False)
                self._stopping.wait(0.03)
            if self._stopping.is_set():
                client.close()
                return

    def _post(self, client: httpx.Client, event: dict[str, Any]) -> bool:
        key = {"Authorization": f"Bearer {self.service.bearer}"}
        answer = client.post(f"{self.service.url}/api/v1/events", json=event, headers=key)
        assert answer.status_code in {202, 429, 503}, answer.text
        return answer.status_code == 202

    # The carrier and the patients -----------------------------------------------------------------------

    def _watch(self) -> None:
        """For every text that was taken: callbacks in any order, some lost, some twice; and perhaps an answer."""
        while not self._stopping.wait(0.005):
            for text in self.twilio.accepted[self._seen :]:
                self._foretell(text)
                self._seen += 1

    def _foretell(self, text: dict[str, str]) -> None:
        callbacks = [s for s in ("sent", "delivered") if not self.dice.chance(self.mix.lost_callbacks)]
        callbacks += [s for s in callbacks if self.dice.chance(self.mix.doubled_callbacks)]
        for status in self.dice.shuffled(callbacks):
            self._later(lambda status=status: self._call_back(text["sid"], status))
        if self.dice.chance(self.mix.replies):
            self._later(lambda: self._answer(text["to"]))

    def _call_back(self, sid: str, status: str) -> None:
        self.twilio.send_status(sid, status)

    def _answer(self, phone: str) -> None:
        body = ANSWERS[int(self.dice.between(0, len(ANSWERS)))]
        self._bring(self.twilio.records_inbound(phone, OUR_NUMBER, body), phone, body, tries_left=1 + WEBHOOK_RETRIES)

    def _bring(self, sid: str, phone: str, body: str, *, tries_left: int) -> None:
        """The same webhook again and again until it is acknowledged; a lost answer makes it come twice."""
        form = self.twilio.inbound_form(sid, phone, OUR_NUMBER, body)
        try:
            status = self.twilio.post_signed(f"{self.service.url}/webhooks/twilio/inbound", form).status
        except GONE:
            status = 0
        if status == 200:
            self.kept.append((sid, body))
        elif tries_left > 1:
            self._later(lambda: self._bring(sid, phone, body, tries_left=tries_left - 1), RETRY_AFTER)
        else:
            self.not_kept.append(sid)

    def _later(self, action: Callable[[], object], after: float = 0.0) -> None:
        at = time.monotonic() + after + self.dice.between(0, 0.6)
        with self._moment:
            heapq.heappush(self._actions, (at, next(self._order), action))
            self._moment.notify()

    def _act(self) -> None:
        while not self._stopping.is_set():
            with self._moment:
                wait = self._actions[0][0] - time.monotonic() if self._actions else 0.2
                if not self._actions or wait > 0:
                    self._moment.wait(min(wait, 0.2))
                    continue
                action = heapq.heappop(self._actions)[2]
            with contextlib.suppress(*GONE):  # Nobody is there: a callback is lost.
                action()


def name_in(body: str) -> str:
    """Whom a text greets."""
    return body.partition(" Hi ")[2].partition(",")[0]


def _phone(number: int) -> str:
    if number % SHARED_PHONE_EVERY == SHARED_PHONE_EVERY - 1:
        number -= 1
    return f"+1212{2_000_000 + number}"
