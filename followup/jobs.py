"""What runs by itself and how often. APScheduler is the clock that wakes it, never the memory of what is planned."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from followup.carriers.carrier import Carrier
from followup.carriers.mail import Mailer, NoMailer
from followup.flow.accept_event import work_waiting_events
from followup.flow.chase_silence import chase_silence
from followup.flow.claim_texts import SendingRules
from followup.flow.feel_pulse import keep_pulse
from followup.flow.note_run import note_run
from followup.flow.page_staff import PagingRules, page_staff
from followup.flow.reach_staff import reach_staff
from followup.flow.receive_reply import ReadersOf, TextsOf, read_waiting_replies
from followup.flow.reconcile import reconcile
from followup.flow.recover_replies import recover_replies
from followup.flow.send_due import next_due, send_due
from followup.flow.spool_replies import ReplySpool
from followup.flow.watch_house import watch_house
from followup.schedule_files import Schedules
from followup.store.database import Database

log = structlog.get_logger()

PATIENCE = timedelta(seconds=1)
"""How long a stop waits for calls that are out before it cuts them off; their texts are looked up at the next start."""
LONGEST_WAIT_FOR_FIRST_LOOK = timedelta(seconds=30)
"""A look that fails ends after the carrier's own 10 s; only a long list takes longer."""


@dataclass(frozen=True)
class Job:
    """One thing that runs by itself. It must be safe to run twice, late, and beside itself in another process."""

    name: str
    every: timedelta
    run: Callable[[], object]


class Jobs:
    """The table of jobs, running. Each run is caught, logged and counted; its last good tick is a row."""

    def __init__(  # noqa: PLR0913 - one for each thing that the jobs are made of.
        self,
        *,
        database: Database,
        carrier: Carrier,
        schedules: Schedules,
        readers_of: ReadersOf,
        rules: SendingRules,
        clock: Callable[[], datetime],
        paging: PagingRules | None = None,
        mailer: Mailer | None = None,
        take_reports: Callable[[], object] | None = None,
        spool: ReplySpool | None = None,
        look_every: timedelta = timedelta(seconds=120),
    ) -> None:
        self._database, self._clock, self._spool = database, clock, spool
        self._paging, self._mailer = paging or PagingRules(public_url=""), mailer or NoMailer()
        self._first_look_is_over, self._started_at = threading.Event(), clock()
        self._table = [
            Job("recover", look_every, lambda: self._recover(database, carrier)),
            Job("read", timedelta(seconds=10), lambda: self._read(database, readers_of, schedules.texts)),
            Job("send", timedelta(seconds=5), lambda: self._send(database, carrier, rules)),
            Job("page", timedelta(seconds=5), lambda: self._page(database)),
            Job("ring", timedelta(seconds=5), lambda: self._ring(database, carrier)),
            Job("watch", timedelta(seconds=60), lambda: self._watch(database)),
            Job(
                "work events",
                timedelta(seconds=10),
                lambda: work_waiting_events(database=database, schedules=schedules, now=clock()),
            ),
            Job("silence", timedelta(seconds=30), lambda: chase_silence(database=database, now=clock())),
            Job("reconcile", timedelta(seconds=5), lambda: self._reconcile(database, carrier, rules)),
            Job("pulse", timedelta(seconds=60), lambda: keep_pulse(database=database, fence=rules.fence, now=clock())),
        ]
        if spool:
            self._table.append(Job("drain", timedelta(seconds=10), lambda: self._drain(database, spool)))
        if take_reports:
            self._table.append(Job("reports", timedelta(seconds=1), take_reports))
        self._locks = {job.name: threading.Lock() for job in self._table}
        self._wishing, self._stopping = threading.Lock(), False
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            # A thread for each run that there can be: calls that hang must not keep the ladder from ringing.
            executors={"default": {"type": "threadpool", "max_workers": 2 * len(self._table)}},
            # Late is better than never: by default a run that is one second late is dropped without an error.
            # Two instances: one that runs and may have looked already, one that waits for it. A third adds nothing.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def start(self) -> None:
        """Everything runs once now, then at its interval."""
        for job in self._table:
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=int(job.every.total_seconds())),
                args=[job],
                id=job.name,
                next_run_time=self._clock(),
            )
        self._scheduler.start()

    def stop(self, hurry: Callable[[], object] = lambda: None) -> None:
        """What runs may finish; nothing new starts. Again changes nothing.

        After PATIENCE `hurry` is called once: it cuts off what a run waits for outside.
        """
        with self._wishing:  # shutdown() waits for what runs, and holds the lock that modify_job() wants.
            self._stopping = True
        if self._scheduler.running:
            timer = threading.Timer(PATIENCE.total_seconds(), hurry)
            timer.start()
            self._scheduler.shutdown(wait=True)
            timer.cancel()

    def wake(self) -> None:
        """Something may be unread or due this moment."""
        self._at("read", self._clock())

    def _read(self, database: Database, readers_of: ReadersOf, texts_of: TextsOf) -> None:
        """First what came in (it may be STOP), then what is due."""
        read_waiting_replies(database=database, readers_of=readers_of, texts_of=texts_of, now=self._clock())
        self._at("page", self._clock())
        self._at("send", self._clock())

    def _page(self, database: Database) -> None:
        """The pages that are due, and then at once what makes them."""
        look_at = page_staff(database=database, paging=self._paging, now=self._clock())
        self._at("ring", self._clock())
        self._at("send", self._clock())
        if look_at and look_at > self._clock():
            self._at("page", look_at)

    def _ring(self, database: Database, carrier: Carrier) -> None:
        reach_staff(
            database=database,
            carrier=carrier,
            mailer=self._mailer,
            page_sender=self._paging.page_sender,
            clock=self._clock,
        )

    def _watch(self, database: Database) -> None:
        watch_house(database=database, paging=self._paging, since=self._started_at, now=self._clock())
        self._at("ring", self._clock())

    def _recover(self, database: Database, carrier: Carrier) -> None:
        """What came while we were down. Good or failed, after it the sender need not wait any longer."""
        try:
            recover_replies(database=database, carrier=carrier, now=self._clock())
        finally:
            self._first_look_is_over.set()
            self.wake()

    def _drain(self, database: Database, spool: ReplySpool) -> None:
        """Fails as long as there is something that nobody can read."""
        if spool.drain(database=database, now=self._clock()):
            self.wake()
        spool.check()

    def _send(self, database: Database, carrier: Carrier, rules: SendingRules) -> None:
        """Nothing leaves while a STOP may lie where nobody has looked: at the carrier after an outage, or spooled."""
        waited = self._clock() - self._started_at
        if not self._first_look_is_over.is_set() and waited < LONGEST_WAIT_FOR_FIRST_LOOK:
            return
        if self._spool and self._spool.drain(database=database, now=self._clock()):
            self.wake()
        send_due(
            database=database,
            carrier=carrier,
            rules=rules,
            clock=self._clock,
            is_stopping=lambda: self._stopping,
            # A long queue is no reason to look dead.
            after_round=lambda: self._note("send", good=True),
        )
        due_at = next_due(database)
        if due_at and due_at > self._clock():  # What is due and still here waits for something else: the next sweep.
            self._at("send", due_at)

    def _reconcile(self, database: Database, carrier: Carrier, rules: SendingRules) -> None:
        if reconcile(database=database, carrier=carrier, quiet=rules.quiet, now=self._clock()):
            self._at("send", self._clock())

    def _at(self, name: str, at: datetime) -> None:
        """Run it at that instant and not later; from there on at its interval again."""
        with self._wishing:
            if self._stopping or not self._scheduler.running:
                return
            known = self._scheduler.get_job(name)
            if known is None or known.next_run_time is None or at < known.next_run_time:
                self._scheduler.modify_job(name, next_run_time=at)

    def _run(self, job: Job) -> None:
        with self._locks[job.name]:
            try:
                job.run()
            except Exception as error:
                log.error("job_failed", job=job.name, error=type(error).__name__, exc_info=True)
                self._note(job.name, good=False)
            else:
                self._note(job.name, good=True)

    def _note(self, name: str, *, good: bool) -> None:
        try:
            note_run(database=self._database, name=name, good=good, now=self._clock())
        except Exception as error:  # noqa: BLE001 - without its row the tick counts as missed, which is true enough.
            log.error("run_not_noted", job=name, error=type(error).__name__)
