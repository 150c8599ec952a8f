"""The play: the clock moves from one moment to the next, and at each runs what runs by itself."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from followup.flow.accept_event import work_waiting_events
from followup.flow.chase_silence import chase_silence
from followup.flow.claim_texts import SendingRules
from followup.flow.feel_pulse import keep_pulse
from followup.flow.receive_reply import read_waiting_replies
from followup.flow.reconcile import reconcile
from followup.flow.recover_replies import recover_replies
from followup.flow.send_due import send_due
from followup.flow.set_hours import HoursNotUsable
from followup.flow.set_preferences import HourNotAllowed
from followup.flow.skip_ahead import skip_ahead
from followup.flow.track_delivery import track_delivery
from followup.readers_from_files import load_readers
from followup.rehearsal.dates import Dated, Entry, date_script
from followup.rehearsal.happenings import WRITTEN, Happened, close_case, perform
from followup.rehearsal.played import (
    CaseSeen,
    LeftOutOfPlan,
    Played,
    look_at_left_out,
    look_at_readings,
    look_at_texts,
)
from followup.rehearsal.script import Script, ScriptMistake
from followup.rehearsal.stage import Stage
from followup.rules.reading.readers import Readers
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store import rehearsed
from followup.store.database import Database

JOBS = frozenset({"recover", "read", "send", "work events", "silence", "reconcile", "pulse", "reports"})
"""Of the table in `jobs.py`: all that a play runs."""

FAILS = {
    "carrier": "no text gets through to the carrier, nor from it",
    "process": "nothing of ours runs",
    "both": "nothing of ours runs, and no text gets through",
}


def play(script: Script, *, schedules: Schedules, database: Database) -> Played:
    """What came of it. The database is empty, and upgraded. Raises ScriptMistake."""
    dated = date_script(script)
    loaded = _schedule_of(script, schedules)
    with _errors_counted() as errors:
        try:
            stage = Stage(database, schedules, dated, usual_kind=loaded.schedule.for_kinds[0])
        except (HoursNotUsable, HourNotAllowed) as error:
            raise ScriptMistake(f"{script.file}: {error or error.__doc__}") from None
        return _Player(stage, dated).play(errors)


def _schedule_of(script: Script, schedules: Schedules) -> LoadedSchedule:
    loaded = schedules.named(script.schedule)
    if loaded is None:
        known = ", ".join(each.name for each in schedules)
        raise ScriptMistake(f"{script.file}: schedule: no schedule {script.schedule!r}; there are {known}")
    for number, expect in enumerate(script.expect, start=1):
        if expect.step is not None and not any(_has_step(each, expect.step) for each in (loaded, *schedules)):
            steps = ", ".join(step.name for step in loaded.schedule.steps)
            raise script.mistake("expect", number, "step", f"no step {expect.step!r}; there are {steps}")
    return loaded


def _has_step(loaded: LoadedSchedule, name: str) -> bool:
    try:
        loaded.schedule.get_step(name)
    except LookupError:
        return False
    return True


@contextmanager
def _errors_counted() -> Iterator[Counter[str]]:
    """What is logged meanwhile stays unwritten; of errors the names are counted."""
    errors, before = Counter[str](), structlog.get_config()

    def count(_: object, level: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if level in {"error", "critical", "exception"}:
            errors[str(entry["event"])] += 1
        raise structlog.DropEvent

    structlog.configure(processors=[count])
    try:
        yield errors
    finally:
        structlog.configure(**before)


class _Player:
    """One run through a script."""

    def __init__(self, stage: Stage, dated: Dated) -> None:
        self._stage, self._dated = stage, dated
        self._rules = SendingRules(lease=timedelta(seconds=60), batch=20, reaches_people=False)
        self._is_dead, self._deferred = False, list[Entry]()
        self._stirred_at = dated.starts_at
        self._happened, self._left_out, self._cases = list[Happened](), list[LeftOutOfPlan](), list[CaseSeen]()
        self._known_plans, self._known_cases = set[UUID](), dict[UUID, tuple[str, str]]()
        self._close_at: datetime | None = None

    def play(self, errors: Counter[str]) -> Played:
        """To the end of the script."""
        for at, act in self._cues():
            self._run_until(at)
            self._stage.now = self._stirred_at = at
            act()
            self._run()
        self._run_until(self._dated.ends_at)
        with self._stage.database.reader() as db:
            return Played(
                dated=self._dated,
                happened=self._happened,
                texts=look_at_texts(db, self._stage),
                left_out=self._left_out,
                cases=self._cases,
                read_as=look_at_readings(db),
                errors=errors,
            )

    # The clock -------------------------------------------------------------------------------------------

    def _cues(self) -> list[tuple[datetime, Callable[[], None]]]:
        """What the script does, by time; of one moment in the order of the file."""
        cues: list[tuple[datetime, Callable[[], None]]] = []
        for entry in self._dated.entries:
            if entry.until is None:
                cues.append((entry.at, partial(self._perform, entry)))
            else:
                cues += [(entry.at, partial(self._break_off, entry)), (entry.until, partial(self._come_back, entry))]
        return sorted((cue for cue in cues if cue[0] < self._dated.ends_at), key=lambda cue: cue[0])

    def _run_until(self, end: datetime) -> None:
        """From one moment to the next, as long as they lie before the end."""
        while not self._is_dead:
            now = self._stage.now
            with self._stage.database.reader() as db:
                falls_due_at = rehearsed.next_moment(db, after=now, is_settled=now - self._stirred_at >= rehearsed.POLL)
            at = min(falls_due_at or end, self._close_at or end)
            if at >= end:
                break
            self._stage.now = at
            self._run()

    def _readers_of(self, clinic: str | None) -> Readers:
        return load_readers(self._stage.schedules.folder, clinic)

    # The jobs --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """What `jobs.py` runs, one after the other. Nothing while nothing of ours runs."""
        if self._is_dead:
            return
        database, carrier, now = self._stage.database, self._stage.carrier, self._stage.now
        skip_ahead(database, to=now)
        came_of_it = [
            work_waiting_events(database=database, schedules=self._stage.schedules, now=now),
            read_waiting_replies(
                database=database, readers_of=self._readers_of, texts_of=self._stage.schedules.texts, now=now
            ),
            reconcile(database=database, carrier=carrier, quiet=self._rules.quiet, now=now),
            chase_silence(database=database, now=now),
            send_due(database=database, carrier=carrier, rules=self._rules, clock=lambda: now),
        ]
        for token, report in carrier.take_reports():
            track_delivery(database=database, report=report, token=token, now=now)
        if any(came_of_it):
            self._stirred_at = now
        self._work_cases()

    def _work_cases(self) -> None:
        """Staff see what stands on the queue that did not stand there before, and close what has been there long."""
        with self._stage.database.reader() as db:
            standing = list(rehearsed.open_cases(db))
        self._close_at = None
        for case, patient in standing:
            seen = CaseSeen(
                case.changed_at, patient.given_name if patient else None, case.number, case.level, case.reason
            )
            if self._known_cases.get(case.id) != (seen.level, seen.reason):
                self._known_cases[case.id] = seen.level, seen.reason
                self._cases.append(seen)
            close_at = case.changed_at + self._stage.script.staff_close_after
            if close_at <= self._stage.now:
                close_case(self._stage, case)
                self._stirred_at = self._stage.now
            else:
                self._close_at = min(self._close_at or close_at, close_at)

    # What the script says --------------------------------------------------------------------------------

    def _perform(self, entry: Entry) -> None:
        if self._is_dead and entry.then.what not in WRITTEN:
            self._deferred.append(entry)  # A record system tries again, and staff find no page.
            return
        self._happened.append(perform(self._stage, entry))
        with self._stage.database.reader() as db:
            for plan in rehearsed.all_plans(db):
                if plan.id not in self._known_plans:
                    self._known_plans.add(plan.id)
                    self._left_out += look_at_left_out(db, plan, now=self._stage.now)

    def _break_off(self, entry: Entry) -> None:
        """With a last look at the carrier's list, as there is one every other minute."""
        self._run()
        self._look_at_list()
        what = entry.then.outage
        self._is_dead, self._stage.carrier.is_down = what != "carrier", what != "process"
        self._stage.hears_nothing = True
        self._note(entry.at, FAILS[what or "both"])

    def _come_back(self, entry: Entry) -> None:
        """What came meanwhile is fetched first; a gap that nobody was alive in is felt."""
        if self._is_dead:
            keep_pulse(database=self._stage.database, fence=None, now=self._stage.now)
        self._is_dead = self._stage.carrier.is_down = self._stage.hears_nothing = False
        self._look_at_list()
        self._note(self._stage.now, "all works again")
        deferred, self._deferred = self._deferred, []
        for each in deferred:
            self._perform(each)

    def _look_at_list(self) -> None:
        recover_replies(database=self._stage.database, carrier=self._stage.carrier, now=self._stage.now)

    def _note(self, at: datetime, words: str) -> None:
        """In everybody's story."""
        self._happened += [Happened(at, patient.given_name, words) for patient in self._stage.script.patient]
