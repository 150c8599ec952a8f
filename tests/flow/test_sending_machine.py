"""Everything that can happen around a text, in any order, against a model that knows what may be so.

One patient's telephone and at most three messages: with more the interesting meetings would hardly ever happen.
The senders here are the real `send_due`; what other processes, patients and staff do meanwhile happens inside the
carrier's call, where a real process may be stopped for as long as it likes. `make fault-test` runs thousands of steps.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from followup.carriers.carrier import Accepted, Cause, Outcome, OutgoingText, Refused, StatusReport, Unknown
from followup.carriers.pretend import PretendCarrier
from followup.flow.feel_pulse import keep_pulse
from followup.flow.receive_reply import read_waiting_replies
from followup.flow.reconcile import reconcile
from followup.flow.send_due import send_due
from followup.flow.set_up import turn_sending
from followup.flow.track_delivery import track_delivery
from followup.rules.delivery import FINAL
from followup.rules.quiet_hours import STAFF
from followup.store.database import Database
from followup.store.tables import Attempt, Message
from tests.databases import empty
from tests.flow.conftest import LONG
from tests.flow.stories import CHECK_IN_AT, MAINTENANCE, MOOD, OTHER_PHONE, Story, riverside
from tests.reading import readers_of

QUIET = timedelta(seconds=300)
HERE = ZoneInfo("America/New_York")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OPEN = {"planned", "claimed", "uncertain"}
HAS_IT = {"accepted", "sent", "delivered"}

FATES = (
    "taken",
    "taken, answer lost",
    "taken, answer lost",
    "lost on the way",
    "too many at once",
    "killed before the call",
    "killed after it was taken",
    "killed after it was taken",
    "killed before it is recorded",
)
TROUBLES = ("people write", "switched off", "nights", "no list")
"""Each run has some of them only: with all at once hardly a text would ever leave."""
MEANWHILE = (
    "a second",
    "a lease",
    "a lease",
    "a quiet period",
    "another sender",
    "another sender",
    "reconcile",
    "reconcile",
    "callback",
    "STOP",
    "START",
    "a reply",
    "read",
    "switch off",
    "switch on",
)
events = st.lists(st.sampled_from(MEANWHILE), min_size=1, max_size=5)
perhaps = st.one_of(st.just([]), st.just([]), events)
"""Mostly nothing: a claim that has to wait is mostly too old to be used."""


class Killed(BaseException):
    """The process is gone; nothing catches this."""


@dataclass
class Turn:
    """What befalls the next call."""

    fate: str = "taken"
    before: Sequence[str] = ()
    """What happens when the call is about to be made, the text claimed long ago perhaps."""
    after: Sequence[str] = ()
    """What happens between the call and its answer."""


@dataclass(frozen=True)
class Taken:
    sid: str
    token: str
    to: str
    body: str
    at: datetime


class ModelCarrier(PretendCarrier):
    """Takes texts as its turn says, shows them in its list after a while, and checks that they may leave."""

    def __init__(self, machine: "Sending") -> None:
        super().__init__(now=lambda: machine.story.now)
        self._machine = machine
        self.turn = Turn()
        self.while_listing: Sequence[str] = ()
        """What happens after the next list was made and before it is here."""
        self.taken: list[Taken] = []
        self.lists = True

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        turn, self.turn = self.turn, Turn()  # Whoever else sends meanwhile has nothing in the way.
        for text in texts:
            self._machine.play(turn.before)
            if turn.fate == "killed before the call":
                raise Killed
            if not may_still_send(text.attempt):
                yield [(text.attempt, Refused(Cause.HELD, None, "held back before the call"))]
                continue
            outcome = self._outcome(text, turn.fate)
            if turn.fate == "killed after it was taken":
                raise Killed
            self._machine.play(turn.after)
            if turn.fate == "killed before it is recorded":
                raise Killed
            yield [(text.attempt, outcome)]
            turn = Turn()

    def _outcome(self, text: OutgoingText, fate: str) -> Outcome:
        match fate:
            case "lost on the way":
                return Unknown("the answer was lost")
            case "too many at once":
                return Refused(Cause.RATE, 20429, "too many")
            case "taken, answer lost":
                self._take(text)  # pyright: ignore[reportCallIssue]
                return Unknown("the answer was lost")
            case _:
                return Accepted(self._take(text))  # pyright: ignore[reportCallIssue]

    def _take(self, text: OutgoingText) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._machine.may_arrive(text)
        sid = f"SM{len(self.taken):032x}"
        self.taken.append(Taken(sid, text.attempt, text.to, text.body, self._machine.story.now))
        return sid

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
        if not self.lists:
            raise ConnectionError("no list")
        meanwhile, self.while_listing = self.while_listing, ()
        now, lag = self._machine.story.now, self._machine.lag
        # Twilio's dates are whole seconds.
        shown = [
            (t.sid, t.body, t.at.replace(microsecond=0)) for t in self.taken if t.to == number and t.at + lag <= now
        ]
        self._machine.play(meanwhile)
        return iter(shown[::-1])


class Sending(RuleBasedStateMachine):
    """The house, its carrier, one telephone; and the model: who may be texted, and how often."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        empty(self.database)
        self.story: Story = riverside(self.database)
        self.story.now = CHECK_IN_AT
        self.carrier = ModelCarrier(self)
        self.lag = timedelta(0)
        self.is_stopped = self.was_stopped = False
        self.is_off = False
        self.troubles: set[str] = set()
        self.words_kept: list[str] = []
        self.statuses: dict[str, str] = {}

    @initialize(
        texts=st.lists(st.sampled_from(("step", "other step", "staff")), min_size=1, max_size=3),
        lag=st.sampled_from((timedelta(0), QUIET - SECOND)),
        troubles=st.sets(st.sampled_from(TROUBLES)),
    )
    def plan(self, texts: list[str], lag: timedelta, troubles: set[str]) -> None:
        """Up to three texts for one telephone, due now. What staff write may be the same words again."""
        self.lag, self.troubles = lag, troubles
        tom = self.story.patient()
        keeps = {"use_by_at": self.story.now + timedelta(days=30), "due_at": self.story.now, "wake_at": self.story.now}
        for number, kind in enumerate(texts):
            if kind == "staff":
                self.story.due_text(tom, **keeps)
            else:
                # Two of one step would say the same to one number: that is held for a person, and proved elsewhere.
                step = {"step": MAINTENANCE, "other step": MOOD}[kind]
                if number == texts.index(kind):
                    self.story.step_text(tom, step, **keeps)

    # What happens ---------------------------------------------------------------------------------------------

    @rule(fate=st.sampled_from(FATES), before=perhaps, after=perhaps)
    def send(self, fate: str, before: list[str], after: list[str]) -> None:
        self.story.now += 3 * SECOND  # What waited for another text to the number, or for a reader, may have its turn.
        self.carrier.turn = Turn(fate, before, after)
        self._send()
        self.carrier.turn = Turn()

    @rule(meanwhile=perhaps)
    def look(self, meanwhile: list[str]) -> None:
        """A process is stopped with the list in its hand."""
        self.story.now += MINUTE + SECOND  # So that it is the next look, and not the same one again.
        self.carrier.while_listing = meanwhile
        self._reconcile()
        self.carrier.while_listing = ()

    @rule(happenings=events)
    def live(self, happenings: list[str]) -> None:
        self.play(happenings)

    @precondition(lambda self: "nights" in self.troubles)
    @rule(hours=st.integers(1, 20))
    def much_time_passes(self, hours: int) -> None:
        """Nobody was there: longer than the house may be dead without doubting what is due."""
        self.story.now += timedelta(hours=hours)

    @precondition(lambda self: "no list" in self.troubles)
    @rule()
    def the_list_breaks(self) -> None:
        self.carrier.lists = False

    @precondition(lambda self: not self.carrier.lists)
    @rule()
    def the_list_is_back(self) -> None:
        self.carrier.lists = True

    def play(self, happenings: Sequence[str]) -> None:
        for happening in happenings:
            self._happen(happening)

    def _happen(self, what: str) -> None:
        match what:
            case "a second":
                self.story.now += SECOND
            case "a lease":
                self.story.now += self.story.rules.lease + SECOND
            case "a quiet period":
                self.story.now += QUIET + SECOND
            case "another sender":
                self._send()
            case "reconcile":
                self._reconcile()
            case "callback":
                self._call_back()
            case "read":
                self._read()
            case "switch off" | "switch on":
                if "switched off" in self.troubles:
                    self._switch(on=what == "switch on")
            case _:
                if "people write" in self.troubles:
                    self._write(what)

    def _send(self) -> None:
        with suppress(Killed):
            send_due(database=self.database, carrier=self.carrier, rules=self.story.rules, clock=lambda: self.story.now)

    def _reconcile(self) -> None:
        keep_pulse(database=self.database, fence=None, now=self.story.now)
        reconcile(database=self.database, carrier=self.carrier, quiet=QUIET, now=self.story.now)

    def _call_back(self) -> None:
        """About the newest text: first that it is delivered, at the next time that it was sent."""
        if self.carrier.taken:
            newest = self.carrier.taken[-1]
            known = self.statuses.get(newest.sid)
            status = "sent" if known == "delivered" else "delivered"
            self.statuses[newest.sid] = status
            report = StatusReport(newest.sid, status, None, None)
            track_delivery(database=self.database, report=report, token=newest.token, now=self.story.now)

    def _write(self, words: str) -> None:
        """It is kept, which is all that was promised; when it is read is another matter."""
        self.story.now += SECOND  # So that it is clear which of two came first.
        self.story.keep_text("thank you" if words == "a reply" else words, sender=OTHER_PHONE)
        self.words_kept.append(words)
        if words == "STOP":
            self.is_stopped = self.was_stopped = True

    def _read(self) -> None:
        read_waiting_replies(database=self.database, readers_of=readers_of, now=self.story.now)
        for words in self.words_kept:
            if words in {"STOP", "START"}:
                self.is_stopped = words == "STOP"
        self.words_kept.clear()

    def _switch(self, *, on: bool) -> None:
        turn_sending(database=self.database, on=on, clinic=None, by="test", now=self.story.now)
        self.is_off = not on

    # What must hold -------------------------------------------------------------------------------------------

    def may_arrive(self, text: OutgoingText) -> None:
        """Asked in the moment in which the carrier takes a text."""
        local = self.story.now.astimezone(HERE).time()
        assert not self.is_stopped, "a text left after STOP was kept"
        assert not self.is_off, "a text left while sending was off"
        assert STAFF.holds(local), f"a text left at {local}"
        assert text.to == OTHER_PHONE

    @invariant()
    def nobody_gets_a_text_twice(self) -> None:
        """Each message's words were taken no more often than there are messages with these words."""
        frozen = Counter(m.text for m in self.story.all(Message) if m.text is not None)
        taken = Counter(t.body for t in self.carrier.taken)
        assert not taken - frozen, "the carrier took a text twice"

    @invariant()
    def what_ended_stays_ended(self) -> None:
        """Only START brings back what STOP alone had stopped before it left."""
        now = {str(m.id): m.status for m in self.story.all(Message)}
        for id_, before in self.statuses.items():
            if before in FINAL and id_ in now:
                # Between two looks it may have been brought back and left already.
                brought_back = before == "suppressed" and now[id_] in OPEN | HAS_IT | {"expired"}
                assert now[id_] == before or brought_back, (before, now[id_])
        self.statuses |= now

    @invariant()
    def what_counts_as_taken_was_taken(self) -> None:
        sids = {t.sid: t.body for t in self.carrier.taken}
        having = [m for m in self.story.all(Message) if m.status in HAS_IT]
        assert all(sids.get(m.carrier_sid or "") == m.text for m in having)
        assert len({m.carrier_sid for m in having}) == len(having), "two messages share a SID"

    def teardown(self) -> None:
        """From here on everything works: in the end nothing is open and nothing is lost."""
        self.carrier.lists = True
        self._switch(on=True)
        self.story.now = self.story.now.replace(hour=15, minute=0) + timedelta(days=1)  # Next morning in New York.
        for _ in range(80):
            self._read()
            self._reconcile()
            self._send()
            if not any(m.status in OPEN for m in self.story.all(Message)):
                break
            self.story.now += MINUTE + SECOND
        self.nobody_gets_a_text_twice()
        self.what_counts_as_taken_was_taken()
        every = self.story.all(Message)
        for message in every:
            what_it_says = (message.status, message.reason, message.waits_for)
            if message.status in {"suppressed", "cancelled"}:
                assert self.was_stopped, what_it_says
            elif message.status == "expired":  # Late: of a patient's steps one catches up, never a burst.
                others = [m.status for m in every if m.purpose == "step" and m.id != message.id]
                assert message.purpose == "step", what_it_says
                assert self.was_stopped or HAS_IT & set(others), what_it_says
                assert message.text not in {t.body for t in self.carrier.taken}, "it was taken, and counts as expired"
            else:
                assert message.status in HAS_IT, what_it_says


def machine_on(database: Database) -> type[Sending]:
    return type("SendingHere", (Sending,), {"database": database, "TestCase": None})


def test_whatever_happens_no_text_is_lost_and_none_comes_twice(
    sqlite: Database, request: pytest.FixtureRequest
) -> None:
    is_long = request.config.getoption("--hypothesis-profile") == LONG
    # Without shrinking, which takes minutes: `make fault-test` does it.
    quick = settings(max_examples=30, derandomize=True, database=None, phases=[Phase.generate])
    run_state_machine_as_test(
        machine_on(sqlite),
        settings=settings(
            settings.default if is_long else quick,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_senders_of_the_machine_come_through_all_of_it(sqlite: Database) -> None:
    machine = machine_on(sqlite)()
    machine.plan(["step", "staff"], QUIET - SECOND, set())
    machine.send("taken, answer lost", [], [])
    machine.play(["reconcile", "a second", "a second", "another sender"])
    assert {a.outcome for a in machine.story.all(Attempt)} == {"unknown"}
    machine.play(["a quiet period", "reconcile", "a second", "another sender", "callback"])
    assert {m.status for m in machine.story.all(Message)} == {"delivered", "uncertain"}
    machine.teardown()
    assert {m.status for m in machine.story.all(Message)} == {"delivered", "accepted"}
    assert len(machine.carrier.taken) == 2
