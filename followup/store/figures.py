"""Counts, and when what last ran well."""

from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import Session, SQLModel, col, select

from followup.store.cases import is_open
from followup.store.tables import Attempt, Breaker, Case, Event, JobRun, Message, Pulse, Reply


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


def attempts_by_outcome(db: Session) -> dict[tuple[str, str], int]:
    """By (outcome, cause); without a cause it is empty."""
    cause = func.coalesce(Attempt.cause, "")
    query = select(col(Attempt.outcome), cause, func.count()).group_by(col(Attempt.outcome), cause)
    return {(outcome, why): count for outcome, why, count in db.exec(query)}


def oddities(db: Session) -> dict[str, int]:
    """What should be none or few: each is a reason to look."""
    counted = {
        "doubled": select(func.count()).select_from(Message).where(col(Message.doubled_at).is_not(None)),
        "held": select(func.count())
        .select_from(Message)
        .where(Message.status == "planned", col(Message.held_at).is_not(None)),
        "sent_again": select(func.count()).select_from(Message).where(Message.again > 0),
        "reply_recovered": select(func.count()).select_from(Reply).where(col(Reply.recovered)),
        "sender_broken": select(func.count()).select_from(Breaker).where(col(Breaker.opened_at).is_not(None)),
        "behind_fence": select(func.count()).select_from(Pulse).where(col(Pulse.behind_fence_at).is_not(None)),
    }
    return {name: db.exec(query).one() for name, query in counted.items()}


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
