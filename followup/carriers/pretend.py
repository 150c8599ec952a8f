"""The pretend carrier: texts stay in memory, nothing real is ever reached. For tests and the demonstration."""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from followup.carriers.carrier import (
    Accepted,
    BadCallback,
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

RINGS_FOR = timedelta(minutes=1)
"""Longer than a real call: whoever plays the staff has to find the handset first."""


@dataclass(frozen=True)
class Accept:
    """Takes the text, answers, and reports these statuses afterwards; code and cause go with the last one."""

    statuses: tuple[str, ...] = ("sent", "delivered")
    code: int | None = None
    cause: Cause | None = None


@dataclass(frozen=True)
class Refuse:
    """Does not take the text and says so."""

    cause: Cause
    code: int | None = None
    words: str = "refused by the pretend carrier"
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class LoseAnswer:
    """Takes the text, but the answer gets lost: the caller sees Unknown."""

    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoseText:
    """The text gets lost on the way: the caller sees the same Unknown."""


@dataclass(frozen=True)
class Break:
    """Raises in the middle of sending, after the outcomes before it were handed over."""

    error: Exception = field(default_factory=lambda: RuntimeError("the pretend carrier broke, as it was told"))


Behaviour = Accept | Refuse | LoseAnswer | LoseText | Break


@dataclass(frozen=True)
class PretendText:
    """One text that the pretend carrier took."""

    sid: str
    attempt: str
    to: str
    body: str
    sender: str | None
    created_at: datetime


@dataclass(frozen=True)
class PretendCall:
    """One call that the pretend carrier made."""

    sid: str
    token: str
    to: str
    sender: str | None
    created_at: datetime


class PretendCarrier:
    """Implements `Carrier` in memory; threads may share one."""

    name = "pretend"
    reaches_people = False
    is_public = False

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        delay: timedelta = timedelta(0),
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """`pause(seconds)` is called with `delay` before each text is answered; without it nothing waits."""
        self._now = now
        self._delay, self._pause = delay, pause
        self._lock = threading.Lock()
        self._script: deque[Behaviour] = deque()
        self._taken: list[PretendText] = []
        self._written: list[IncomingText] = []
        self._reports: list[tuple[str, StatusReport]] = []
        self._call_script: deque[Accept | Refuse | LoseAnswer | LoseText] = deque()
        self._calls: list[PretendCall] = []
        self._keys: list[tuple[str, str]] = []
        self._answered: set[str] = set()

    def behave(self, *behaviours: Behaviour) -> None:
        """Treat the next texts like this, one behaviour each, in order; after that everything is accepted."""
        with self._lock:
            self._script.extend(behaviours)

    def behave_on_calls(self, *behaviours: Accept | Refuse | LoseAnswer | LoseText) -> None:
        """Treat the next calls like this, one behaviour each, in order; after that everybody is rung."""
        with self._lock:
            self._call_script.extend(behaviours)

    def forget_script(self) -> None:
        """From now on everything is accepted."""
        with self._lock:
            self._script.clear()
            self._call_script.clear()

    def all_texts(self) -> list[PretendText]:
        """Everything taken, in order."""
        with self._lock:
            return list(self._taken)

    def texts_to(self, number: str) -> list[PretendText]:
        """What lies on this handset, in order."""
        return [text for text in self.all_texts() if text.to == number]

    def all_calls(self) -> list[PretendCall]:
        """Every call made, in order."""
        with self._lock:
            return list(self._calls)

    def calls_to(self, number: str) -> list[PretendCall]:
        """Who rang this handset, in order."""
        return [call for call in self.all_calls() if call.to == number]

    def ringing(self, number: str) -> PretendCall | None:
        """The newest call to this handset that nobody has answered within RINGS_FOR."""
        with self._lock:
            recent = [call for call in self._calls if call.to == number and self._now() - call.created_at <= RINGS_FOR]
            return next((call for call in reversed(recent) if call.token not in self._answered), None)

    def press(self, call: PretendCall, key: str = "1") -> None:
        """Somebody answers this call and presses a key."""
        with self._lock:
            self._keys.append((call.token, key))
            self._answered.add(call.token)

    def take_keys(self) -> list[tuple[str, str]]:
        """The (token, key) pairs that wait, oldest first; they wait no longer."""
        with self._lock:
            waiting, self._keys = self._keys, []
            return waiting

    def take_reports(self) -> list[tuple[str, StatusReport]]:
        """The (attempt, report) pairs that wait, oldest first; they wait no longer."""
        with self._lock:
            waiting, self._reports = self._reports, []
            return waiting

    def write(self, *, sender: str, to: str, body: str, media_count: int = 0) -> IncomingText:
        """A text from a handset to us: listed from now on, and returned for whoever plays the webhook."""
        with self._lock:
            text = IncomingText(
                sid=_new_sid(),
                sender=sender,
                to=to,
                body=body,
                media_count=media_count,
                received_at=self._now(),
            )
            self._written.append(text)
            return text

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        """See `Carrier.send`: one group for all, or one for each text where there is a delay."""
        group: list[tuple[str, Outcome]] = []
        for text in texts:
            if self._pause is not None and self._delay:
                if group:
                    yield group
                    group = []
                self._pause(self._delay.total_seconds())
            if not may_still_send(text.attempt):
                group.append((text.attempt, Refused(Cause.HELD, None, "held back before the call")))
                continue
            behaviour = self._next_behaviour()
            if isinstance(behaviour, Break):
                if group:
                    yield group
                raise behaviour.error
            group.append((text.attempt, self._outcome_of(text, behaviour)))
        if group:
            yield group

    def call(self, call: OutgoingCall, *, may_still_call: Callable[[], bool]) -> Outcome:
        """See `Carrier.call`. Nobody is rung: who plays the staff presses keys with `press`."""
        if not may_still_call():
            return Refused(Cause.HELD, None, "held back before the call")
        with self._lock:
            behaviour = self._call_script.popleft() if self._call_script else Accept()
        if isinstance(behaviour, Refuse):
            return Refused(behaviour.cause, behaviour.code, behaviour.words, behaviour.retry_after)
        if isinstance(behaviour, LoseText):
            return Unknown("the answer was lost (pretend)")
        sid = f"CA{uuid.uuid4().hex}"
        with self._lock:
            self._calls.append(PretendCall(sid, call.token, call.to, call.sender, self._now()))
        return Accepted(sid) if isinstance(behaviour, Accept) else Unknown("the answer was lost (pretend)")

    def verify(self, url: str, form: Iterable[tuple[str, str]], signature: str | None) -> bool:
        """Never: the pretend carrier has no signed door, so nobody can come in through it."""
        return False

    def read_status(self, form: Mapping[str, str]) -> StatusReport:
        """Always raises BadCallback; status reports come from `take_reports`."""
        raise BadCallback("the pretend carrier sends no forms")

    def read_call(self, form: Mapping[str, str]) -> CallReport:
        """Always raises BadCallback; keys come from `take_keys`."""
        raise BadCallback("the pretend carrier sends no forms")

    def read_incoming(self, form: Mapping[str, str]) -> IncomingText:
        """Always raises BadCallback; incoming texts come from `write`."""
        raise BadCallback("the pretend carrier sends no forms")

    def list_incoming(self, *, since: datetime) -> Iterator[IncomingText]:
        """See `Carrier.list_incoming`."""
        with self._lock:
            written = list(self._written)
        return (text for text in reversed(written) if text.received_at is None or text.received_at >= since)

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
        """See `Carrier.list_sent_to`; newest first."""
        return ((text.sid, text.body, text.created_at) for text in reversed(self.texts_to(number)))

    def check(self) -> list[tuple[str, bool, str]]:
        """See `Carrier.check`."""
        return [("carrier", True, "pretend: no text leaves this machine")]

    def close(self) -> None:
        """Nothing is open."""

    def _next_behaviour(self) -> Behaviour:
        with self._lock:
            return self._script.popleft() if self._script else Accept()

    def _outcome_of(self, text: OutgoingText, behaviour: Accept | Refuse | LoseAnswer | LoseText) -> Outcome:
        match behaviour:
            case Accept(statuses, code, cause):
                return Accepted(self._take(text, statuses, code=code, cause=cause))
            case LoseAnswer(statuses):
                self._take(text, statuses)
                return Unknown("the answer was lost (pretend)")
            case LoseText():
                return Unknown("the answer was lost (pretend)")
            case Refuse(cause, code, words, retry_after):
                return Refused(cause, code, words, retry_after)

    def _take(
        self,
        text: OutgoingText,
        statuses: tuple[str, ...],
        *,
        code: int | None = None,
        cause: Cause | None = None,
    ) -> str:
        with self._lock:
            sid = _new_sid()
            self._taken.append(
                PretendText(
                    sid=sid,
                    attempt=text.attempt,
                    to=text.to,
                    body=text.body,
                    sender=text.sender,
                    created_at=self._now(),
                )
            )
            for place, status in enumerate(statuses, start=1):
                last = place == len(statuses)
                report = StatusReport(sid, status, code if last else None, cause if last else None)
                self._reports.append((text.attempt, report))
            return sid


def _new_sid() -> str:
    """Shaped like Twilio's, so that whatever stores or checks one meets the real form."""
    return f"SM{uuid.uuid4().hex}"
