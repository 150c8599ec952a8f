"""The real carrier: Twilio's Messages API through its SDK (twilio 9.13).

Twilio has no idempotency key for texts: a second POST is a second text. So nothing here ever repeats a POST,
and an answer that does not prove a refusal is `Unknown`.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlsplit

from twilio.base import values
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance, MessagePage

from followup import clock
from followup.carriers import twilio_forms, twilio_voice
from followup.carriers.background_loop import BackgroundLoop
from followup.carriers.carrier import (
    CallReport,
    Cause,
    IncomingText,
    Outcome,
    OutgoingCall,
    OutgoingText,
    Refused,
    StatusReport,
    Unknown,
)
from followup.carriers.twilio_errors import ErrorAnswer, outcome_of_answer, outcome_of_error
from followup.carriers.twilio_http import BoundedHttpClient, may_this_one_leave
from followup.rules.segments import count_segments

Found = TypeVar("Found")

LONGEST_VALIDITY = timedelta(seconds=36_000)  # Twilio takes 1 to 36000 seconds.
LIST_PAGE_SIZE = 200
CLOCK_TOLERANCE = timedelta(seconds=30)
LIST_GRANULARITY = timedelta(days=1)
"""The docs show whole days for the list's DateSent filter; whether it keeps to the second is not said."""
OPT_OUT_WORDS = "which words it takes for STOP by itself the API does not tell: see Opt-Out Management in the console"
NOBODYS_SID = "SM" + "0" * 32
PUBLIC_URL_WORDS = {
    204: "reached from here, and what the carrier signs is taken",
    403: "refuses what the carrier signs: the proxy leads elsewhere, or the service runs with another token or address",
}


class TwilioCarrier:
    """Implements `Carrier`. Threads may share one; its asyncio loop runs in a thread of its own."""

    name = "twilio"
    reaches_people = True

    def __init__(  # noqa: PLR0913 - plain values, so that only app.py knows settings
        self,
        *,
        account_sid: str,
        auth_token: str,
        public_url: str,
        previous_auth_token: str | None = None,
        messaging_service_sid: str | None = None,
        from_number: str | None = None,
        page_number: str | None = None,
        api_url: str | None = None,
        messages_per_second: float | None = None,
        concurrency: int = 20,
        connect_timeout: timedelta = timedelta(seconds=3),
        total_timeout: timedelta = timedelta(seconds=10),
    ) -> None:
        """`api_url` None means Twilio itself. `messages_per_second` counts segments; None means no limit.

        `total_timeout` bounds one whole call, from the wait for a connection to the last byte of the answer.
        """
        # At INFO the SDK logs addresses with phone numbers in them.
        logging.getLogger("twilio").setLevel(logging.WARNING)
        self.is_public = api_url is None or not _is_loopback(api_url)
        self._account_sid, self._auth_token = account_sid, auth_token
        self._messaging_service_sid, self._from_number = messaging_service_sid, from_number
        self._page_number = page_number
        self._api_url = api_url
        self._public_url = public_url.rstrip("/")
        self._status_url = f"{self._public_url}/webhooks/twilio/status"
        tokens = [auth_token, *([previous_auth_token] if previous_auth_token else [])]
        self._validators = [RequestValidator(token) for token in tokens]
        self._concurrency = concurrency
        self._connect_timeout, self._total_timeout = connect_timeout, total_timeout
        self._seconds_per_segment = 1 / messages_per_second if messages_per_second else 0.0
        self._next_turn_at: dict[str | None, float] = {}
        self._slots = asyncio.Semaphore(concurrency)
        self._loop = BackgroundLoop(name="twilio")
        self._open_client: Client | None = None
        self._http: BoundedHttpClient | None = None

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        """See `Carrier.send`. Each group is all that came back since the last look: a slow answer delays none.

        `may_still_send` is asked on the carrier's own thread and must be quick. Leaving the iteration early
        abandons what is still out, like a crash would. Raises RuntimeError after `close`.
        """
        answers: SimpleQueue[tuple[str, Outcome] | None] = SimpleQueue()
        work = self._loop.start(self._send_all(texts, may_still_send, answers))
        work.add_done_callback(lambda _: answers.put(None))
        waiting = {text.attempt for text in texts}
        try:
            while waiting:
                group, ended = _all_that_came(answers)
                waiting -= {attempt for attempt, _ in group}
                if ended:  # Everything has answered, or the carrier was closed meanwhile.
                    group += [(attempt, Unknown("the carrier was closed meanwhile")) for attempt in waiting]
                    waiting.clear()
                if group:
                    yield group
        finally:
            work.cancel()

    async def _send_all(
        self,
        texts: Sequence[OutgoingText],
        may_still_send: Callable[[str], bool],
        answers: SimpleQueue[tuple[str, Outcome] | None],
    ) -> None:
        async def send_one(text: OutgoingText) -> None:
            async with self._slots:
                answers.put((text.attempt, await self._post(text, lambda: may_still_send(text.attempt))))

        await asyncio.gather(*map(send_one, texts))

    async def _wait_for_turn(self, text: OutgoingText) -> None:
        """The rate limit: each text books as much of its sender's time as it has segments."""
        if not self._seconds_per_segment:
            return
        now = asyncio.get_running_loop().time()
        sender = text.sender if text.is_page or not self._messaging_service_sid else None
        turn_at = max(now, self._next_turn_at.get(sender, 0.0))
        self._next_turn_at[sender] = turn_at + count_segments(text.body).segments * self._seconds_per_segment
        await asyncio.sleep(turn_at - now)

    async def _post(self, text: OutgoingText, may_leave: Callable[[], bool]) -> Outcome:
        may_this_one_leave.set(may_leave)
        try:
            await self._wait_for_turn(text)
            answer = await self._client().messages.create_with_http_info_async(**self._fields_of(text))
        except Exception as error:  # noqa: BLE001 - whatever happens around a POST, the text gets an outcome
            return outcome_of_error(error)
        return outcome_of_answer(answer.status_code, answer.data.sid)

    def _fields_of(self, text: OutgoingText) -> dict[str, Any]:
        service = None if text.is_page and (text.sender or self._from_number) else self._messaging_service_sid
        return {
            "to": text.to,
            "body": text.body,
            "from_": values.unset if service else text.sender or self._from_number or values.unset,
            "messaging_service_sid": service or values.unset,
            "status_callback": f"{self._status_url}?attempt={text.attempt}",
            "validity_period": int(min(max(text.valid_for, timedelta(seconds=1)), LONGEST_VALIDITY).total_seconds()),
        }

    def call(self, call: OutgoingCall, *, may_still_call: Callable[[], bool]) -> Outcome:
        """See `Carrier.call`. A second POST is a second call, so this one is never repeated either."""
        sender = call.sender or self._from_number
        if sender is None:
            return Refused(Cause.SENDER, None, "there is no number to call from: FOLLOWUP_PAGE_FROM or _TWILIO_FROM")
        return self._loop.result_of(self._ring(call, sender, may_still_call))

    async def _ring(self, call: OutgoingCall, sender: str, may_still_call: Callable[[], bool]) -> Outcome:
        may_this_one_leave.set(may_still_call)
        address = f"{self._public_url}/webhooks/twilio/voice/{call.token}"
        try:
            answer = await self._client().calls.create_with_http_info_async(
                to=call.to,
                from_=sender,
                url=address,
                method="POST",
                status_callback=f"{address}/status",
                status_callback_method="POST",
                status_callback_event=["answered", "completed"],
                timeout=int(call.rings_for.total_seconds()),
            )
        except Exception as error:  # noqa: BLE001 - as for a text: whatever happens, there is an outcome.
            return outcome_of_error(error)
        return outcome_of_answer(answer.status_code, answer.data.sid)

    def verify(self, url: str, form: Iterable[tuple[str, str]], signature: str | None) -> bool:
        """See `Carrier.verify`. The present or the previous token signs, always with HMAC-SHA1: the algorithm is
        never taken from the request.
        """
        try:
            # Twilio does not sign the fragment (`#rc=3`, connection overrides); the SDK does not strip it.
            signed_url = url.partition("#")[0]
            fields = SignedFields.of(form)
            return any(each.validate(signed_url, fields, signature or "") for each in self._validators)
        except Exception:  # noqa: BLE001 - the SDK raises on junk ports, bad IPv6 and values that are no text
            return False

    def read_status(self, form: Mapping[str, str]) -> StatusReport:
        """See `Carrier.read_status`."""
        return twilio_forms.read_status(form, account_sid=self._account_sid)

    def read_call(self, form: Mapping[str, str]) -> CallReport:
        """See `Carrier.read_call`."""
        return twilio_voice.read_call(form, account_sid=self._account_sid)

    def read_incoming(self, form: Mapping[str, str]) -> IncomingText:
        """See `Carrier.read_incoming`."""
        return twilio_forms.read_incoming(form, account_sid=self._account_sid, our_number=self._from_number)

    def list_incoming(self, *, since: datetime) -> Iterator[IncomingText]:
        """See `Carrier.list_incoming`; may give up to a day more than asked for (`LIST_GRANULARITY`).

        Only texts to `from_number` where that is set. Raises ConnectionError when a page cannot be had.
        """
        found = self._list(
            to=self._from_number or values.unset,
            # The SDK drops the offset and writes "Z" behind the wall-clock time.
            date_sent_after=(since - LIST_GRANULARITY).astimezone(UTC),
        )
        for message in found:
            if message.direction == "inbound" and message.sid:
                yield IncomingText(
                    sid=message.sid,
                    sender=message.from_ or "",
                    to=message.to or "",
                    body=message.body or "",
                    media_count=int(message.num_media or 0),
                    received_at=message.date_sent or message.date_created,
                )

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
        """See `Carrier.list_sent_to`. What is `failed` or `canceled` is left out: it never left Twilio, which lists
        refused POSTs as failed too. No date filter, since DateSent is empty while a text is queued.

        Raises ConnectionError when a page cannot be had or a text has no date.
        """
        for message in self._list(to=number):
            if message.direction == "inbound" or message.status in ("failed", "canceled"):
                continue
            if not message.sid or message.date_created is None:
                # Leaving it out could mean a second text.
                raise ConnectionError("Twilio listed a text without SID or date")
            yield message.sid, message.body or "", message.date_created

    def _list(self, **filters: Any) -> Iterator[MessageInstance]:
        """All pages, newest first, each fetched when it is needed."""

        async def first_page() -> MessagePage:
            return await self._client().messages.page_async(page_size=LIST_PAGE_SIZE, **filters)

        page = self._ask(first_page())
        while page is not None:
            yield from page
            page = self._ask(page.next_page_async())

    def check(self) -> list[tuple[str, bool, str]]:
        """See `Carrier.check`: account and clock, sender and its webhook, signature, and our address from outside.

        Never raises, names no number. The last one leaves a row in `delivery_report`, always the same.
        """
        checks = [*self._check_account()]
        if self._messaging_service_sid:
            checks += self._check_messaging_service(self._messaging_service_sid)
        if self._from_number:
            checks += self._check_number(self._from_number)
        if self._page_number and self._page_number != self._from_number:
            checks += self._check_number(self._page_number, name="page number")
        checks.append(self._check_signature())
        if self.is_public and not _is_loopback(self._public_url):
            checks.append(self._check_public_url())
        return checks

    def _check_account(self) -> Iterator[tuple[str, bool, str]]:
        async def fetch() -> Any:
            return await self._client().api.v2010.accounts(self._account_sid).fetch_with_http_info_async()

        try:
            answer = self._ask(fetch())
        except ConnectionError as error:
            yield "Twilio account", False, str(error)
            return
        yield "Twilio account", answer.data.status == "active", f"the account is {answer.data.status}"
        try:
            skew = abs(clock.now() - parsedate_to_datetime(answer.headers.get("Date", "")))
        except (TypeError, ValueError):
            yield "clock", False, "Twilio's answer had no readable date"
            return
        yield "clock", skew <= CLOCK_TOLERANCE, f"{skew.total_seconds():.0f} s away from Twilio's"

    def _check_messaging_service(self, sid: str) -> Iterator[tuple[str, bool, str]]:
        async def fetch() -> Any:
            return await self._client().messaging.v1.services(sid).fetch_async()

        try:
            service = self._ask(fetch())
        except ConnectionError as error:
            yield "messaging service", False, str(error)
            return
        yield "messaging service", True, f"found in this account; {OPT_OUT_WORDS}"
        if not service.use_inbound_webhook_on_number:
            yield from self._check_webhook(service.inbound_request_url, service.inbound_method)

    def _check_number(self, number: str, *, name: str = "sender number") -> Iterator[tuple[str, bool, str]]:
        async def find() -> list[Any]:
            return await self._client().incoming_phone_numbers.list_async(phone_number=number, limit=1)

        try:
            found = self._ask(find())
        except ConnectionError as error:
            yield name, False, str(error)
            return
        if not found:
            yield name, False, "not a number of this account"
            return
        yield name, True, f"found in this account; {OPT_OUT_WORDS}"
        if name == "page number" or not self._messaging_service_sid:  # An answer to a page comes in by it.
            yield from self._check_webhook(found[0].sms_url, found[0].sms_method)

    def _check_webhook(self, told: str | None, method: str | None) -> Iterator[tuple[str, bool, str]]:
        """Where incoming texts are posted to. Nothing where the carrier does not say."""
        ours = f"{self._public_url}/webhooks/twilio/inbound"
        if told is None:
            return
        if told.partition("#")[0] != ours:
            yield "incoming webhook", False, f"is {told!r}, should be {ours!r}: replies come late, from the list only"
        elif method not in {None, "POST"}:
            yield "incoming webhook", False, f"is called with {method}, should be POST"
        else:
            yield "incoming webhook", True, f"is {ours}"

    def _check_signature(self) -> tuple[str, bool, str]:
        form = [("Body", "¿Qué tal?"), ("FromCity", ""), ("MessageSid", "SM" + "0" * 32)]
        signature = self._validators[0].compute_signature(self._status_url, SignedFields.of(form))
        holds = self.verify(self._status_url, form, signature) and not self.verify(self._status_url, form, "")
        return "signature", holds, "what we sign verifies" if holds else "what we sign does not verify"

    def _check_public_url(self) -> tuple[str, bool, str]:
        """A callback as Twilio would sign and send it, to ourselves: it finds what a proxy or another token changes."""
        form = {"AccountSid": self._account_sid, "MessageSid": NOBODYS_SID, "MessageStatus": "queued"}
        signature = self._validators[0].compute_signature(self._status_url, SignedFields.of(form.items()))

        async def post() -> int:
            self._client()
            assert self._http is not None
            asked = self._http.session.post(
                self._status_url, data=form, headers={"X-Twilio-Signature": signature}, allow_redirects=False
            )
            async with asyncio.timeout(self._total_timeout.total_seconds()), asked as answer:
                return answer.status

        try:
            status = self._loop.result_of(post())
        except Exception as error:  # noqa: BLE001 - whatever it is, the carrier would not reach us either
            return (
                "public URL",
                False,
                f"{self._public_url} does not answer ({type(error).__name__}); is `serve` running?",
            )
        return "public URL", status == 204, PUBLIC_URL_WORDS.get(status, f"answered {status}, should be 204")

    def close(self) -> None:
        """See `Carrier.close`. What is being sent at that moment ends as Unknown."""
        self._loop.close(last=self._close_client)

    async def _close_client(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _ask(self, question: Coroutine[Any, Any, Found]) -> Found:
        """The answer to a question that changes nothing. Raises ConnectionError; its words hold no number."""
        try:
            return self._loop.result_of(question)
        except Exception as error:  # noqa: BLE001 - a list that cannot be had is one thing, whatever the reason
            words = str(error) if isinstance(error, ErrorAnswer) else type(error).__name__
            # Without its cause: what the SDK and aiohttp raise may hold the number.
            raise ConnectionError(f"no answer from Twilio: {words}") from None

    def _client(self) -> Client:
        """Made at the first use, because its session belongs to the loop; call it from the loop only."""
        if self._open_client is None:
            self._http = BoundedHttpClient(
                connections=self._concurrency,
                connect_timeout=self._connect_timeout,
                total_timeout=self._total_timeout,
            )
            self._open_client = client = Client(
                self._account_sid,
                self._auth_token,
                http_client=self._http,
                # Else TWILIO_EDGE and TWILIO_REGION of the environment would redirect the calls.
                environment={"TWILIO_EDGE": "", "TWILIO_REGION": ""},
            )
            if self._api_url is not None:
                client.api.base_url = client.messaging.base_url = self._api_url
        return self._open_client


class SignedFields(dict[str, list[str]]):
    """A form as the SDK's validator wants it: names that come twice keep all their values."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "SignedFields":
        fields = cls()
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        return fields

    def getall(self, name: str) -> list[str]:
        return self[name]


def _all_that_came(
    answers: SimpleQueue[tuple[str, Outcome] | None],
) -> tuple[list[tuple[str, Outcome]], bool]:
    """Waits for one, takes all that lie there; True when the end mark was among them."""
    came = [answers.get()]
    try:
        while True:
            came.append(answers.get_nowait())
    except Empty:
        return [each for each in came if each is not None], None in came


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
