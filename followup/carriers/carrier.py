"""What every carrier promises: hand texts over, say of each what is certain, and prove who calls back."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class OutgoingText:
    """One attempt to hand one text over."""

    attempt: str
    """Random, 128 bit, hexadecimal; comes back in the address of every status callback."""
    to: str
    """E.164."""
    body: str
    sender: str | None
    """E.164 number of the clinic, or None for the carrier's configured sender."""
    valid_for: timedelta
    """How long the carrier may keep it in its own queue before it must drop it."""
    is_page: bool = False
    """To staff: it leaves from `sender` itself, also where a messaging service sends what patients get."""


@dataclass(frozen=True)
class OutgoingCall:
    """One call to a member of staff."""

    token: str
    """Random, 128 bit, hexadecimal; stands in every address that the carrier calls back about it."""
    to: str
    """E.164."""
    sender: str | None
    """E.164 number that the call comes from, or None for the carrier's configured sender."""
    rings_for: timedelta = timedelta(seconds=25)
    """Shorter than most mailboxes wait before they answer."""


class Cause(StrEnum):
    """Whose fault a refusal is; it decides what happens next (facts/twilio 1.4)."""

    OPTED_OUT = "opted_out"
    NUMBER = "number"
    SENDER = "sender"
    CONTENT = "content"
    RATE = "rate"
    TRANSIENT = "transient"
    HELD = "held"
    """We ourselves held it back at the last moment."""


@dataclass(frozen=True)
class Accepted:
    """The carrier has it. Nothing more is promised."""

    sid: str


@dataclass(frozen=True)
class Refused:
    """The carrier certainly does not have it."""

    cause: Cause
    code: int | None
    words: str
    """For staff: no number, no text."""
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell whether the carrier has it: it must be looked up before anything is sent again."""

    words: str


Outcome = Accepted | Refused | Unknown


@dataclass(frozen=True)
class StatusReport:
    """What a status callback says, in our words."""

    sid: str
    status: str
    """One of `sent`, `delivered`, `undelivered`, `failed`, or `accepted` for anything before `sent`."""
    code: int | None
    cause: Cause | None


@dataclass(frozen=True)
class CallReport:
    """What the carrier says of a call while it goes on, or after it ended."""

    sid: str
    status: str
    """`ringing`, `answered`, `completed`, `busy`, `no-answer`, `failed`."""
    key: str | None = None
    """What was pressed."""


@dataclass(frozen=True)
class IncomingText:
    """One text from outside, as the carrier handed it over."""

    sid: str
    sender: str
    """E.164 where the carrier knows it; a short code or anything else where not."""
    to: str
    body: str
    media_count: int
    received_at: datetime | None = None
    """When the carrier says it came; None when it came through the webhook just now."""
    opt_out: str | None = None
    """`stop`, `start` or `help`, where the carrier itself took it for one and has acted on it."""


class BadCallback(Exception):
    """The form does not have the fields of a genuine callback of this account."""


class Carrier(Protocol):
    """`twilio` or `pretend`."""

    name: str
    reaches_people: bool
    """False only where no text can ever arrive on a real handset."""
    is_public: bool
    """True when the carrier's address is not loopback."""

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        """Hand the texts over, many at once; yield (attempt, outcome) groups as answers come in.

        `may_still_send(attempt)` is asked just before the bytes leave; False gives
        `Refused(Cause.HELD, None, "held back before the call")`. Every text gets exactly one outcome.
        """
        ...

    def call(self, call: OutgoingCall, *, may_still_call: Callable[[], bool]) -> Outcome:
        """Ring somebody up. `may_still_call()` is asked just before the bytes leave, as in `send`.

        What is said, and which key was pressed, comes through the webhooks at `/webhooks/twilio/voice/<token>`.
        """
        ...

    def verify(self, url: str, form: Iterable[tuple[str, str]], signature: str | None) -> bool:
        """Whether the carrier signed this form for this address; never raises."""
        ...

    def read_status(self, form: Mapping[str, str]) -> StatusReport:
        """Raises BadCallback."""
        ...

    def read_incoming(self, form: Mapping[str, str]) -> IncomingText:
        """Raises BadCallback."""
        ...

    def read_call(self, form: Mapping[str, str]) -> CallReport:
        """Raises BadCallback."""
        ...

    def list_incoming(self, *, since: datetime) -> Iterator[IncomingText]:
        """Texts that came in since then, newest first, all pages."""
        ...

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
        """(sid, body, created_at) of every text handed over for this number, all pages, no date filter."""
        ...

    def check(self) -> list[tuple[str, bool, str]]:
        """For `self-test`: (what was checked, whether it holds, words)."""
        ...

    def close(self) -> None:
        """Stop threads and connections; may be called twice."""
        ...
