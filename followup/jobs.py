"""What runs by itself and how often. APScheduler is the clock that wakes it, never the memory of what is planned."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from followup.carriers.carrier import Carrier
from followup.flow.accept_event import work_waiting_events
from followup.flow.claim_texts import SendingRules
from followup.flow.note_run import note_run
from followup.flow.receive_reply import read_waiting_replies
from followup.flow.reconcile import doubt_stale_claims
from followup.flow.send_due import next_due, send_due
from followup.schedule_files import Schedules
from followup.store.database import Database

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One thing that runs by itself. It must be safe to run twice, late, and beside itself in another process."""

    name: str
    every: timedelta
    run: Callable[[], object]


class Jobs:
    """The table of jobs, running. Each run is caught, logged and counted; its last good tick is a row."""

    def __init__(
        self,
        *,
        database: Database,
        carrier: Carrier,
        schedules: Schedules,
        rules: SendingRules,
        clock: Callable[[], datetime],
        take_reports: Callable[[], object] | None = None,
    ) -> None:
        self._database, self._clock = database, clock
        self._table = [
            Job("read", timedelta(seconds=10), lambda: self._read(database)),
            Job("send", timedelta(seconds=5), lambda: self._send(database, carrier, rules)),
            Job(
                "work events",
                timedelta(seconds=10),
                lambda: work_waiting_events(database=database, schedules=schedules, now=clock()),
            ),
            Job("doubt", timedelta(seconds=15), lambda: doubt_stale_claims(database=database, now=clock())),
        ]
        if take_reports:
            self._table.append(Job("reports", timedelta(seconds=1), take_reports))
        self._locks = {job.name: threading.Lock() for job in self._table}
        self._wishing, self._stopping = threading.Lock(), False
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
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

    def stop(self) -> None:
        """What runs may finish; nothing new starts. Again changes nothing."""
        with self._wishing:  # shutdown() waits for what runs, and holds the lock that modify_job() wants.
            self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def wake(self) -> None:
        """Something may be unread or due this moment."""
        self._at("read", self._clock())

    def _read(self, database: Database) -> None:
        """First what came in (it may be STOP), then what is due."""
        read_waiting_replies(database=database, now=self._clock())
        self._at("send", self._clock())

    def _send(self, database: Database, carrier: Carrier, rules: SendingRules) -> None:
        send_due(database=database, carrier=carrier, rules=rules, clock=self._clock)
        due_at = next_due(database)
        if due_at:
            self._at("send", due_at)

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
                self._note(job, good=False)
            else:
                self._note(job, good=True)

    def _note(self, job: Job, *, good: bool) -> None:
        try:
            note_run(database=self._database, name=job.name, good=good, now=self._clock())
        except Exception as error:  # noqa: BLE001 - without its row the tick counts as missed, which is true enough.
            log.error("run_not_noted", job=job.name, error=type(error).__name__)
