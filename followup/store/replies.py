"""Incoming texts: kept first, read later."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.store.tables import Message, Reading, Reply, new_id


def keep_replies(db: Session, rows: Sequence[Reply]) -> list[UUID]:
    """Insert those whose carrier_sid is new; the ids that were new, in order."""
    if not rows:
        return []
    values = [{**row.model_dump(), "id": new_id()} for row in rows]
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Reply).on_conflict_do_nothing(index_elements=["carrier_sid"]).returning(col(Reply.id))
    return list(db.scalars(insert, values))


def known_sids(db: Session, carrier_sids: Sequence[str]) -> set[str]:
    """Those of them that we have."""
    return set(db.exec(select(Reply.carrier_sid).where(col(Reply.carrier_sid).in_(carrier_sids))))


def unread_replies(db: Session) -> Sequence[UUID]:
    """Oldest first; of one second, and the carrier counts in seconds, in the order in which they were kept."""
    query = select(Reply.id).where(col(Reply.read_at).is_(None)).order_by(col(Reply.received_at), col(Reply.id))
    return db.exec(query).all()


def take_unread(db: Session, reply_id: UUID) -> Reply | None:
    """The reply, locked, if nobody has read it meanwhile."""
    query = select(Reply).where(Reply.id == reply_id, col(Reply.read_at).is_(None))
    return db.exec(query.with_for_update(skip_locked=True)).one_or_none()


def has_unread_from(db: Session, sender: str) -> bool:
    query = select(Reply.id).where(Reply.sender == sender, col(Reply.read_at).is_(None)).limit(1)
    return db.exec(query).first() is not None


def last_reply_at(db: Session, patient_id: UUID) -> datetime | None:
    """Of the patient's own."""
    query = select(Reply.received_at).where(Reply.patient_id == patient_id, col(Reply.is_companions).is_(False))
    return db.exec(query.order_by(col(Reply.received_at).desc()).limit(1)).first()


def replies_of_session(db: Session, session_id: UUID) -> Sequence[Reply]:
    query = select(Reply).where(Reply.session_id == session_id).order_by(col(Reply.received_at), col(Reply.id))
    return db.exec(query).all()


def newest_readings(db: Session, reply_ids: Sequence[UUID]) -> dict[UUID, Reading]:
    """The reading that counts for each reply."""
    query = select(Reading).where(col(Reading.reply_id).in_(reply_ids)).order_by(col(Reading.at), col(Reading.id))
    return {reading.reply_id: reading for reading in db.exec(query)}


def has_written_since(db: Session, patient_id: UUID, since: datetime) -> bool:
    """Whether anything came from this patient since then, whatever it meant."""
    query = select(Reply.id).where(
        Reply.patient_id == patient_id, col(Reply.is_companions).is_(False), Reply.received_at >= since
    )
    return db.exec(query.limit(1)).first() is not None


def answers_in_plan(db: Session, plan_id: UUID) -> Sequence[tuple[str, Reading]]:
    """(a text's name in the plan, what an answer to it means), oldest first."""
    query = (
        select(Message.step, Reading)
        .join(Reply, col(Reply.answers_id) == col(Message.id))
        .join(Reading, col(Reading.reply_id) == col(Reply.id))
        .where(Message.plan_id == plan_id)
        .order_by(col(Reply.received_at), col(Reading.at), col(Reading.id))
    )
    return db.exec(query).all()


def scores_before(db: Session, patient_id: UUID, ask: str, *, before: datetime) -> Sequence[float]:
    """What this patient answered to this question earlier, oldest first."""
    query = (
        select(Reading.value)
        .join(Reply, col(Reply.id) == col(Reading.reply_id))
        .join(Message, col(Message.id) == col(Reply.answers_id))
        .where(
            Reply.patient_id == patient_id,
            Message.ask == ask,
            col(Reading.value).is_not(None),
            Reading.kind != "choice",
            Reply.received_at < before,
        )
        .order_by(col(Reply.received_at), col(Reading.at))
    )
    return [float(value) for value in db.exec(query) if value is not None]


def answered_questions(db: Session, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those of them that some reply was filed under."""
    found = db.exec(select(Reply.answers_id).where(col(Reply.answers_id).in_(message_ids)))
    return {each for each in found if each is not None}


def readings_of_patient(
    db: Session, patient_id: UUID, *, since: datetime, until: datetime
) -> Sequence[tuple[Reply, Reading]]:
    """The replies of that time that were read, each with the reading that counts, oldest first."""
    query = (
        select(Reply)
        .where(
            Reply.patient_id == patient_id,
            col(Reply.read_at).is_not(None),
            col(Reply.received_at) >= since,
            col(Reply.received_at) <= until,
        )
        .order_by(col(Reply.received_at), col(Reply.id))
    )
    rows = db.exec(query).all()
    newest = newest_readings(db, [row.id for row in rows])
    return [(row, newest[row.id]) for row in rows if row.id in newest]
