"""What runs by itself: each run is caught and counted, and no wake-up is lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from followup import clock
from followup.carriers.carrier import Carrier, IncomingText, OutgoingText
from followup.carriers.pretend import PretendCarrier
from followup.demonstration import midday_zone
from followup.flow.claim_texts import SendingRules
from followup.flow.spool_replies import ReplySpool
from followup.jobs import LONGEST_WAIT_FOR_FIRST_LOOK, Jobs
from followup.store.database import Database
from followup.store.tables import Event, JobRun, Message, Reply
from tests.databases import KEY
from tests.flow.stories import LEASE, OUR_NUMBER, SCHEDULES, Story, WatchedCarrier, riverside
from tests.journeys.service import wait_for
from tests.reading import readers_of

PATIENCE = 20.0


@pytest.fixture
def story(sqlite: Database) -> Story:
    """Riverside lies where it is midday now: these tests run on the real clock."""
    made = riverside(sqlite, zone=midday_zone(datetime.now(UTC)))
    made.now = clock.now()
    return made


@pytest.fixture
def start(story: Story) -> Iterator[Callable[..., Jobs]]:
    started: list[Jobs] = []

    def start(carrier: Carrier | None = None, take_reports: Callable[[], object] | None = None, **more: Any) -> Jobs:
        given: dict[str, Any] = {"clock": clock.now, "take_reports": take_reports} | more
        jobs = Jobs(
            database=story.database,
            carrier=carrier or PretendCarrier(now=clock.now),
            schedules=SCHEDULES,
            readers_of=readers_of,
            rules=SendingRules(lease=LEASE, batch=100, reaches_people=False),
            **given,
        )
        started.append(jobs)
        jobs.start()
        return jobs

    yield start
    for jobs in started:
        jobs.stop()


Start = Callable[..., Jobs]


class Turnstile:
    """A carrier's hand: says when a text is there, and keeps it until it may go on."""

    def __init__(self, story: Story) -> None:
        self.came = threading.Semaphore(0)
        self.may_go = threading.Semaphore(0)
        self.bodies: list[str] = []
        self.carrier = WatchedCarrier(story, self._hold)

    def _hold(self, text: OutgoingText) -> None:
        self.bodies.append(text.body)
        self.came.release()
        assert self.may_go.acquire(timeout=PATIENCE)

    def wait(self) -> None:
        assert self.came.acquire(timeout=PATIENCE)


def run_of(story: Story, name: str) -> JobRun | None:
    with story.database.reader() as db:
        return db.get(JobRun, name)


def test_what_is_due_at_the_start_leaves_at_once(story: Story, start: Start) -> None:
    story.due_text(story.patient())
    turnstile = Turnstile(story)

    start(turnstile.carrier)
    turnstile.wait()
    turnstile.may_go.release()

    assert turnstile.bodies == ["Please call us."]


def test_a_text_leaves_when_it_is_due_and_not_at_the_next_interval(story: Story, start: Start) -> None:
    due_at = clock.now() + timedelta(milliseconds=600)
    story.due_text(story.patient(), due_at=due_at, wake_at=due_at)
    left_at: list[datetime] = []
    left = threading.Event()

    def note(_: OutgoingText) -> None:
        left_at.append(clock.now())
        left.set()

    start(WatchedCarrier(story, note))

    assert left.wait(timeout=PATIENCE)
    assert timedelta(0) <= left_at[0] - due_at < timedelta(seconds=4)


def test_a_wake_up_during_a_run_is_not_lost(story: Story, start: Start) -> None:
    tom = story.patient()
    story.due_text(tom, text="the first")
    turnstile = Turnstile(story)
    jobs = start(turnstile.carrier)
    turnstile.wait()

    story.now = clock.now()
    story.due_text(tom, text="the second")
    for _ in range(20):
        jobs.wake()
    turnstile.may_go.release(2)
    turnstile.wait()

    assert turnstile.bodies == ["the first", "the second"]


def test_a_reply_is_read_as_soon_as_somebody_says_so(story: Story, start: Start) -> None:
    jobs = start()
    read = threading.Event()
    carrier = WatchedCarrier(story, lambda _: read.set())
    jobs.stop()
    jobs = start(carrier)
    tom = story.patient()
    story.now = clock.now()
    kept = story.keep_text("hello", sender=tom.phone or "")
    story.due_text(tom, text="This waits until the reply was read.")

    jobs.wake()

    assert read.wait(timeout=PATIENCE)
    assert story.get(Reply, kept).read_at is not None


def test_a_job_that_raises_is_counted_and_stops_nothing(story: Story, start: Start) -> None:
    raised, left = threading.Semaphore(0), threading.Event()

    def fail() -> None:
        raised.release()
        raise RuntimeError("reports cannot be taken")

    jobs = start(WatchedCarrier(story, lambda _: left.set()), take_reports=fail)
    for _ in range(2):
        assert raised.acquire(timeout=PATIENCE)
    story.now = clock.now()
    story.due_text(story.patient())
    jobs.wake()
    assert left.wait(timeout=PATIENCE)
    jobs.stop()

    failed, good = run_of(story, "reports"), run_of(story, "send")
    assert failed is not None
    assert (failed.good_at, failed.failures >= 2) == (None, True)
    assert failed.failed_at is not None
    assert good is not None
    assert (good.good_at is not None, good.failures) == (True, 0)


def test_every_job_notes_its_first_good_run(story: Story, start: Start) -> None:
    done = threading.Event()
    jobs = start(take_reports=done.set)
    assert done.wait(timeout=PATIENCE)

    jobs.stop()

    with story.database.reader() as db:
        runs = {run.name: run for run in db.exec(select(JobRun))}
    looks = {"recover", "read", "work events", "silence", "reconcile", "pulse", "reports"}
    assert set(runs) == {*looks, "send", "page", "ring", "watch"}
    assert all(run.good_at is not None and run.failures == 0 for run in runs.values())


def test_stopping_waits_for_what_runs(story: Story, start: Start) -> None:
    story.due_text(story.patient())
    turnstile = Turnstile(story)
    jobs = start(turnstile.carrier)
    turnstile.wait()
    stopped = threading.Event()

    def stop() -> None:
        jobs.stop()
        stopped.set()

    stopping = threading.Thread(target=stop)
    stopping.start()
    assert not stopped.is_set()
    turnstile.may_go.release()
    stopping.join(timeout=PATIENCE)

    assert stopped.is_set()
    assert story.one(Message).status == "planned"  # Its bytes had not left yet.
    assert turnstile.carrier.all_texts() == []


def test_stopping_ends_at_whatever_moment_it_comes(story: Story, start: Start) -> None:
    """Runs wish for other runs; while APScheduler shuts down, such a wish would wait for ever, and the stop for it."""
    for _ in range(12):
        jobs = start()
        stopping = threading.Thread(target=jobs.stop, daemon=True)
        stopping.start()
        stopping.join(timeout=PATIENCE)
        assert not stopping.is_alive()


def test_after_stopping_nothing_starts_and_stopping_again_is_fine(story: Story, start: Start) -> None:
    turnstile = Turnstile(story)
    jobs = start(turnstile.carrier)
    jobs.stop()
    story.now = clock.now()
    story.due_text(story.patient())

    jobs.wake()
    jobs.stop()

    assert turnstile.bodies == []
    assert story.one(Message).status == "planned"


def test_an_event_that_a_dead_process_left_is_worked(story: Story, start: Start) -> None:
    left: dict[str, Any] = {"event_id": "evt-1", "type": "consent.granted", "body_hash": "x"}
    at = clock.now() - timedelta(minutes=1)
    body = f'{{"id": "evt-1", "type": "consent.granted", "occurred_at": "{at.isoformat()}", '
    body += '"data": {"patient": {"id": "p-1"}}}'
    story.keep(Event(clinic_id=story.clinic.id, source_id=story.source.id, body=body, received_at=at, **left))
    done = threading.Event()
    jobs = start(take_reports=done.set)
    assert done.wait(timeout=PATIENCE)

    jobs.stop()

    assert story.one(Event).status == "accepted"


# What may hold a STOP is looked through before anything leaves ----------------------------------------------


class Listing(WatchedCarrier):
    """Lists what was written only when it may; `bodies` is what left."""

    def __init__(self, story: Story) -> None:
        super().__init__(story, lambda text: self.bodies.append(text.body))
        self.bodies: list[str] = []
        self.may_answer = threading.Event()
        self.fails = False

    def list_incoming(self, *, since: datetime) -> Iterator[IncomingText]:
        assert self.may_answer.wait(timeout=PATIENCE)
        if self.fails:
            raise ConnectionError("no answer")
        yield from super().list_incoming(since=since)


def stop_text(sender: str | None) -> IncomingText:
    return IncomingText(sid="SM1", sender=sender or "", to=OUR_NUMBER, body="STOP", media_count=0)


def wait_for_run(story: Story, name: str, *, good: bool) -> None:
    def ran() -> bool:
        run = run_of(story, name)
        return run is not None and (run.good_at is not None if good else run.failures > 0)

    wait_for(ran, f"the job {name} to run")


def test_nothing_leaves_before_the_first_look_for_what_came_while_we_were_down(story: Story, start: Start) -> None:
    tom, ana = story.patient("Tom"), story.patient("Ana")
    story.due_text(tom, text="for Tom")
    carrier = Listing(story)
    carrier.write(sender=tom.phone or "", to=OUR_NUMBER, body="STOP")
    start(carrier)
    wait_for_run(story, "send", good=True)
    story.due_text(ana, text="for Ana")
    assert carrier.bodies == []

    carrier.may_answer.set()

    wait_for(lambda: carrier.bodies, "the text for Ana to leave")
    assert carrier.bodies == ["for Ana"]
    assert story.one(Message, text="for Tom").status == "suppressed"
    assert story.one(Reply).recovered


def test_a_look_that_fails_is_counted_and_holds_nothing_up(story: Story, start: Start) -> None:
    story.due_text(story.patient())
    carrier = Listing(story)
    carrier.fails = True
    carrier.may_answer.set()

    start(carrier)

    wait_for(lambda: carrier.bodies, "the text to leave")
    wait_for_run(story, "recover", good=False)


def test_a_look_that_never_ends_holds_up_the_sender_only_for_a_while(story: Story, start: Start) -> None:
    story.due_text(story.patient())
    carrier = Listing(story)
    started_at = clock.now() - LONGEST_WAIT_FOR_FIRST_LOOK
    instants = chain([started_at], repeat(None))

    start(carrier, clock=lambda: next(instants) or clock.now())

    wait_for(lambda: carrier.bodies, "the text to leave")
    carrier.may_answer.set()


def test_a_stop_in_the_spool_is_stored_before_anything_leaves(story: Story, start: Start, tmp_path: Path) -> None:
    tom, ana = story.patient("Tom"), story.patient("Ana")
    spool = ReplySpool(tmp_path / "spool", keys=(KEY,))
    spool.put([stop_text(tom.phone)])
    story.due_text(tom, text="for Tom")
    story.due_text(ana, text="for Ana")
    carrier = Listing(story)
    carrier.may_answer.set()

    start(carrier, spool=spool)

    wait_for(lambda: story.one(Message, text="for Tom").status == "suppressed", "the STOP to be read")
    wait_for(lambda: carrier.bodies, "the text for Ana to leave")
    assert carrier.bodies == ["for Ana"]
    assert not story.one(Reply).recovered


def test_while_the_spool_cannot_be_drained_nothing_leaves(story: Story, start: Start, tmp_path: Path) -> None:
    stuck = tmp_path / "spool" / "stuck.waiting"
    stuck.mkdir(parents=True)  # Reading it fails, as on a broken disk.
    story.due_text(story.patient())
    carrier = Listing(story)
    carrier.may_answer.set()
    jobs = start(carrier, spool=ReplySpool(tmp_path / "spool", keys=(KEY,)))
    wait_for_run(story, "send", good=False)
    wait_for_run(story, "drain", good=False)
    assert carrier.bodies == []

    stuck.rmdir()
    jobs.wake()

    wait_for(lambda: carrier.bodies, "the text to leave")


def test_texts_that_nobody_can_read_keep_a_job_failing_and_hold_nothing_up(
    story: Story, start: Start, tmp_path: Path
) -> None:
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "torn.waiting").write_bytes(b"half of it")
    story.due_text(story.patient())
    carrier = Listing(story)
    carrier.may_answer.set()

    start(carrier, spool=ReplySpool(tmp_path / "spool", keys=(KEY,)))

    wait_for(lambda: carrier.bodies, "the text to leave")
    wait_for_run(story, "drain", good=False)
    wait_for_run(story, "send", good=True)
