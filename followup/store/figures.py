"""Counts, and when what last ran well."""

from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, SQLModel, col, select

from followup.store.cases import is_open
from followup.store.tables import Attempt, Case, Event, JobRun, Message, Reply


def last_good_run(db: Session, name: str) -> datetime | None:
    run = db.get(JobRun, name)
    return run.good_at if run else None


def note_run(db: Session, name: str, *, good: bool, now: datetime) -> None:
    """Remember that a job ran, and how it went."""
    run = db.get(JobRun, name) or JobRun(name=name)
    if good:
        run.good_at = now
    else:
        run.failed_at, run.failures = now, run.failures + 1
    db.add(run)
    db.flush()


def messages_by_status(db: Session) -> dict[str, int]:
    return _count(db, Message, Message.status)


def attempts_by_outcome(db: Session) -> dict[str, int]:
    return _count(db, Attempt, Attempt.outcome)


def events_by_status(db: Session) -> dict[str, int]:
    return _count(db, Event, Event.status)


def open_cases_by_level(db: Session) -> dict[str, int]:
    query = select(col(Case.level), func.count()).where(is_open()).group_by(col(Case.level))
    return dict(db.exec(query).all())


def replies_by_state(db: Session) -> dict[str, int]:
    state = case((col(Reply.read_at).is_(None), "unread"), else_="read")
    return dict(db.exec(select(state, func.count()).select_from(Reply).group_by(state)).all())


def _count(db: Session, table: type[SQLModel], column: str) -> dict[str, int]:
    return dict(db.exec(select(column, func.count()).select_from(table).group_by(column)).all())
