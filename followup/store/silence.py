"""Whether the service hears and works: when a text came in last, when one left, when each job last ran well."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from followup.store.tables import JobRun, Message, Reply


def last_incoming_at(db: Session) -> datetime | None:
    """Of the whole service: whose a text is, is known only once it is read.

    Among the last that were kept, by their keys, which are ordered by time: there is no index of all times.
    """
    newest = select(Reply.received_at).order_by(col(Reply.id).desc()).limit(20).subquery()
    return db.exec(select(func.max(newest.c.received_at))).one()


def first_text_after(db: Session, clinic_id: UUID, since: datetime | None) -> datetime | None:
    """When the first text that invites an answer left after that instant."""
    query = select(func.min(Message.handed_over_at)).where(
        Message.clinic_id == clinic_id, Message.purpose == "step", Message.prompt != "none"
    )
    return db.exec(query.where(col(Message.handed_over_at) > since) if since else query).one()


def last_good_runs(db: Session, names: tuple[str, ...]) -> dict[str, datetime]:
    """When each of these jobs last ran well; those that never did are left out."""
    runs = db.exec(select(JobRun).where(col(JobRun.name).in_(names)))
    return {run.name: run.good_at for run in runs if run.good_at}
