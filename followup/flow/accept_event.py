"""An event arrives: kept as received and committed, then worked. The second time it changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from followup.ehr import native
from followup.flow.apply_event import Effect, apply_event
from followup.flow.transaction import transaction
from followup.schedule_files import Schedules
from followup.store import audit, events, messages, sessions
from followup.store.database import Database, Session
from followup.store.tables import Event, Source

log = structlog.get_logger()

TRIES = 5
"""An event that fails this often is put before staff instead of being tried for ever."""
PICK_UP_AFTER = timedelta(seconds=10)
"""Whoever kept an event works it at once; after this long that process is taken for dead."""


class IdReusedError(Exception):
    """The source sent this event id before, with another body. Use a new id for a new event."""


@dataclass(frozen=True)
class Answer:
    """What the source is told."""

    event_id: str
    status: str
    """`accepted`, `duplicate`, `ignored` or `quarantined`; `received` if the work is still to be done."""
    reason: str | None
    warnings: Sequence[str]
    session_id: str | None = None
    """The record system's own id."""
    scheduled: int = 0
    first_at: datetime | None = None


def accept_event(
    *, database: Database, schedules: Schedules, source: Source, body: bytes, now: datetime, dry_run: bool = False
) -> Answer:
    """Keep the event, work it, and say what became of it; with `dry_run` say so and keep nothing.

    Raises native.NotJson, native.BadEvent, IdReusedError.
    """
    event, warnings = native.read_event(body, now=now)
    meaning = native.meaning_hash(native.read_json(body))
    row = Event(
        clinic_id=source.clinic_id,
        source_id=source.id,
        event_id=event.id,
        type=event.type,
        body=body.decode(),
        body_hash=meaning,
        received_at=now,
        warnings=warnings,
    )
    if dry_run:
        return _try_event(database=database, schedules=schedules, row=row, now=now)
    with transaction(database) as db:
        if not events.keep_event(db, row):
            return _answer_again(db, row)
    return work_event(database=database, schedules=schedules, id_=row.id, now=now)


def work_event(*, database: Database, schedules: Schedules, id_: UUID, now: datetime) -> Answer:
    """Let a kept event take effect. One that cannot be worked stays kept, is tried again, and ends before staff."""
    try:
        with transaction(database) as db:
            row = events.get_event(db, id_)
            if row.status == "received":
                _finish(db, row, apply_event(db, schedules, row, now=now), now=now)
            return _answer(db, row)
    except Exception as error:  # noqa: BLE001 - whatever it is, the event is kept and a person hears of it.
        log.error("event_not_worked", event_row=str(id_), error=type(error).__name__)
        return _count_try(database, id_, error, now=now)


def work_waiting_events(*, database: Database, schedules: Schedules, now: datetime) -> int:
    """Events that were acknowledged by a process which then died; how many there were."""
    with database.reader() as db:
        waiting = events.unworked_events(db, before=now - PICK_UP_AFTER)
    for id_ in waiting:
        work_event(database=database, schedules=schedules, id_=id_, now=now)
    return len(waiting)


def _try_event(*, database: Database, schedules: Schedules, row: Event, now: datetime) -> Answer:
    """The same work in a transaction that is never committed."""
    with database.writer() as db:
        if not events.keep_event(db, row):
            return _answer_again(db, row)
        kept = events.get_event(db, row.id)
        _finish(db, kept, apply_event(db, schedules, kept, now=now), now=now)
        return _answer(db, kept)


def _finish(db: Session, row: Event, effect: Effect, *, now: datetime) -> None:
    row.status, row.reason, row.worked_at, row.session_id = effect.status, effect.reason, now, effect.session_id
    row.warnings = [*row.warnings, *effect.warnings]
    db.add(row)
    audit.record(
        db,
        clinic_id=row.clinic_id,
        actor=f"source:{row.source_id}",
        action=f"event {effect.status}",
        subject=f"event:{row.id}",
        now=now,
        type=row.type,
    )
    db.flush()


def _count_try(database: Database, id_: UUID, error: Exception, *, now: datetime) -> Answer:
    with transaction(database) as db:
        row = events.get_event(db, id_)
        row.tries += 1
        if row.tries >= TRIES:
            row.status, row.reason, row.worked_at = "quarantined", f"not_worked: {type(error).__name__}", now
        db.add(row)
        db.flush()
        return _answer(db, row)


def _answer_again(db: Session, sent: Event) -> Answer:
    kept = events.find_event(db, sent.source_id, sent.event_id)
    if kept is None or kept.body_hash != sent.body_hash:
        raise IdReusedError
    return replace(_answer(db, kept), status="duplicate")


def _answer(db: Session, row: Event) -> Answer:
    answer = Answer(event_id=row.event_id, status=row.status, reason=row.reason, warnings=row.warnings)
    if row.session_id is None:
        return answer
    planned = [m for m in messages.messages_of_session(db, row.session_id) if m.purpose == "step"]
    waiting = [m for m in planned if m.status == "planned"]
    return replace(
        answer,
        session_id=sessions.get_session(db, row.session_id).record_id,
        scheduled=len(waiting),
        first_at=min((m.due_at for m in waiting), default=None),
    )
