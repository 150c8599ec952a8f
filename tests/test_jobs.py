"""What runs by itself: each run is caught and counted, and no wake-up is lost."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from followup import clock
from followup.carriers.carrier import Carrier, OutgoingText
from followup.carriers.pretend import PretendCarrier
from followup.demonstration import midday_zone
from followup.flow.claim_texts import SendingRules
from followup.jobs import Jobs
from followup.store.database import Database
from followup.store.tables import Event, JobRun, Message, Reply
from tests.flow.stories import LEASE, SCHEDULES, Story, WatchedCarrier, riverside

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

    def start(carrier: Carrier | None = None, take_reports: Callable[[], object] | None = None) -> Jobs:
        jobs = Jobs(
            database=story.database,
            carrier=carrier or PretendCarrier(now=clock.now),
            schedules=SCHEDULES,
            rules=SendingRules(lease=LEASE, batch=100, reaches_people=False),
            clock=clock.now,
            take_reports=take_reports,
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
    assert set(runs) == {"read", "send", "work events", "doubt", "reports"}
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
    assert story.one(Message).status == "accepted"


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
