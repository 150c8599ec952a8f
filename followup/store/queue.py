"""What the queue shows: open cases worst first, who waits how long, and what happened today."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_
from sqlalchemy import select as select_many
from sqlmodel import Session, col, select

from followup.store.cases import WORST_FIRST, is_open
from followup.store.replies import newest_readings
from followup.store.tables import (
    CareSession,
    Case,
    CaseAssignment,
    CaseClosure,
    Message,
    Patient,
    Reading,
    Reply,
    Staff,
)

View = Literal["open", "mine", "none", "done"]
MOST_ROWS = 200
"""More than anybody works through before the next refresh."""


@dataclass(frozen=True)
class Row:
    """One case as the queue shows it."""

    case: Case
    patient: Patient | None
    session: CareSession | None
    holder: Staff | None
    waits_since: datetime
    closure: CaseClosure | None = None
    closed_by: str | None = None
    reply: Reply | None = None
    """The newest of those that made the case as bad as it is."""
    reading: Reading | None = None
    last_score: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A case that nobody has."""

    case_id: UUID
    waits_since: datetime


@dataclass(frozen=True)
class Unread:
    """Texts that came in and that the service has not read: no case has them, so nobody sees them."""

    texts: int
    since: datetime


@dataclass(frozen=True)
class Count:
    """How many open cases of one level are held by me, by somebody else, or by nobody."""

    level: str
    held_by: Literal["me", "other", "nobody"]
    cases: int
    waits_since: datetime


# Rows ---------------------------------------------------------------------------------------------------


def rows(db: Session, clinic_id: UUID, *, view: View, staff_id: UUID) -> list[Row]:
    """Open cases: worst first, those that nobody has before those taken, then longest wait."""
    return _open_rows(db, clinic_id, *_only(view, staff_id))


def routine_rows(db: Session, clinic_id: UUID, *, most: int = MOST_ROWS) -> list[Row]:
    """Open routine cases that nobody has, longest wait first."""
    return _open_rows(db, clinic_id, col(Case.level) == "routine", col(CaseAssignment.id).is_(None), most=most)


def _open_rows(db: Session, clinic_id: UUID, *only: ColumnElement[bool], most: int = MOST_ROWS) -> list[Row]:
    query = (
        select_many(Case, Patient, CareSession, Staff, _waits_since().label("waits_since"))
        .outerjoin(Patient, col(Patient.id) == col(Case.patient_id))
        .outerjoin(CareSession, col(CareSession.id) == col(Case.session_id))
        .outerjoin(CaseAssignment, _holds())
        .outerjoin(Staff, col(Staff.id) == col(CaseAssignment.staff_id))
        .where(col(Case.clinic_id) == clinic_id, is_open(), *only)
        .order_by(_badness(), col(CaseAssignment.id).is_not(None), _waits_since(), col(Case.number))
        .limit(most)
    )
    found = [
        Row(case=a_case, patient=patient, session=session, holder=holder, waits_since=since)
        for a_case, patient, session, holder, since in db.execute(query)
    ]
    return _with_words(db, found)


def closed_rows(db: Session, clinic_id: UUID, *, since: datetime) -> list[Row]:
    """Cases closed since then, latest first."""
    query = (
        select_many(Case, Patient, CareSession, CaseClosure, Staff)
        .join(CaseClosure, col(CaseClosure.case_id) == col(Case.id))
        .join(Staff, col(Staff.id) == col(CaseClosure.staff_id))
        .outerjoin(Patient, col(Patient.id) == col(Case.patient_id))
        .outerjoin(CareSession, col(CareSession.id) == col(Case.session_id))
        .where(col(Case.clinic_id) == clinic_id, col(CaseClosure.at) >= since)
        .order_by(col(CaseClosure.at).desc())
        .limit(MOST_ROWS)
    )
    found = [
        Row(
            case=a_case,
            patient=patient,
            session=session,
            holder=None,
            waits_since=a_case.opened_at,
            closure=closure,
            closed_by=staff.name,
        )
        for a_case, patient, session, closure, staff in db.execute(query)
    ]
    return _with_words(db, found)


def _holds() -> ColumnElement[bool]:
    return and_(col(CaseAssignment.case_id) == col(Case.id), col(CaseAssignment.released_at).is_(None))


def _only(view: View, staff_id: UUID) -> list[ColumnElement[bool]]:
    if view == "mine":
        return [col(CaseAssignment.staff_id) == staff_id]
    return [col(CaseAssignment.id).is_(None)] if view == "none" else []


def _badness() -> ColumnElement[int]:
    return case({level: rank for rank, level in enumerate(WORST_FIRST)}, value=col(Case.level), else_=0)


def _waits_since() -> ScalarSelect[datetime]:
    """Since when the patient waits: the first reply, as bad as the case is, that came after somebody last took it."""
    taken_at = (
        select(func.max(CaseAssignment.at)).where(col(CaseAssignment.case_id) == col(Case.id)).correlate(Case)
    ).scalar_subquery()
    first_unseen = (
        select(func.min(Reply.received_at))
        .join(Reading, col(Reading.reply_id) == col(Reply.id))
        .where(
            col(Reply.case_id) == col(Case.id),
            col(Reading.level) == col(Case.level),
            or_(taken_at.is_(None), col(Reading.at) > taken_at),
        )
        .correlate(Case)
    ).scalar_subquery()
    return select(func.coalesce(first_unseen, Case.changed_at)).correlate(Case).scalar_subquery()


# Words --------------------------------------------------------------------------------------------------


def _with_words(db: Session, found: list[Row]) -> list[Row]:
    """The same rows with the reply that matters and the last score, in three more queries whatever their number."""
    of_case = _replies_of(db, [row.case.id for row in found])
    readings = newest_readings(db, [reply.id for replies in of_case.values() for reply in replies])
    scores = last_scores(db, [row.patient.id for row in found if row.patient])
    for place, row in enumerate(found):
        reply = that_matters(row.case, of_case.get(row.case.id, []), readings)
        found[place] = replace(
            row,
            reply=reply,
            reading=readings.get(reply.id) if reply else None,
            last_score=scores.get(row.patient.id) if row.patient else None,
        )
    return found


def _replies_of(db: Session, case_ids: Sequence[UUID]) -> dict[UUID, list[Reply]]:
    """Newest first."""
    query = select(Reply).where(col(Reply.case_id).in_(case_ids)).order_by(col(Reply.received_at).desc())
    of_case: dict[UUID, list[Reply]] = {}
    for reply in db.exec(query):
        if reply.case_id:
            of_case.setdefault(reply.case_id, []).append(reply)
    return of_case


def that_matters(a_case: Case, replies: Sequence[Reply], readings: dict[UUID, Reading]) -> Reply | None:
    """The newest as bad as the case: a later "sorry" must not hide what made it urgent."""
    as_bad = (r for r in replies if r.id in readings and readings[r.id].level == a_case.level)
    return next(as_bad, replies[0] if replies else None)


def last_scores(db: Session, patient_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The newest score of each of these patients."""
    newest_first = func.row_number().over(
        partition_by=col(Reply.patient_id), order_by=(col(Reply.received_at).desc(), col(Reading.at).desc())
    )
    scored = (
        select(Reply.patient_id, Reading.value, newest_first.label("place"))
        .join(Reading, col(Reading.reply_id) == col(Reply.id))
        .where(
            col(Reply.patient_id).in_(patient_ids),
            Reading.kind != "choice",
            col(Reading.value).is_not(None),
        )
        .subquery()
    )
    query = select(scored.c.patient_id, scored.c.value).where(scored.c.place == 1)
    return dict(db.exec(query).all())


# Numbers ------------------------------------------------------------------------------------------------


def urgent_waiting(db: Session, clinic_id: UUID) -> list[Waiting]:
    """Urgent cases that nobody has, longest wait first."""
    query = (
        select(Case.id, _waits_since().label("waits_since"))
        .outerjoin(CaseAssignment, _holds())
        .where(Case.clinic_id == clinic_id, Case.level == "urgent", is_open(), col(CaseAssignment.id).is_(None))
        .order_by(_waits_since())
    )
    return [Waiting(case_id, since) for case_id, since in db.exec(query)]


def unread(db: Session, clinic_id: UUID, *, before: datetime) -> Unread | None:
    """Those that came before that instant. Whose a text is, is known only once it is read: until then it is all's."""
    query = select(func.count(), func.min(Reply.received_at)).where(
        col(Reply.read_at).is_(None),
        or_(col(Reply.clinic_id).is_(None), col(Reply.clinic_id) == clinic_id),
        col(Reply.received_at) < before,
    )
    texts, since = db.exec(query).one()
    return Unread(texts, since) if since else None


def count_open(db: Session, clinic_id: UUID, *, staff_id: UUID) -> list[Count]:
    """How many, by level and holder, with the longest wait of each."""
    held_by = case(
        (col(CaseAssignment.id).is_(None), "nobody"),
        (col(CaseAssignment.staff_id) == staff_id, "me"),
        else_="other",
    )
    each = (
        select(Case.level, held_by.label("held_by"), _waits_since().label("waits_since"))
        .outerjoin(CaseAssignment, _holds())
        .where(Case.clinic_id == clinic_id, is_open())
        .subquery()
    )
    query = select(
        each.c.level, each.c.held_by, func.count(), func.min(each.c.waits_since).label("waits_since")
    ).group_by(each.c.level, each.c.held_by)
    return [
        Count(level=level, held_by=held_by, cases=cases, waits_since=since)
        for level, held_by, cases, since in db.exec(query)
    ]


@dataclass(frozen=True)
class Today:
    """What has happened since the clinic's midnight."""

    sent: int
    replies: int
    closed: int
    not_delivered: int


def count_today(db: Session, clinic_id: UUID, *, since: datetime) -> Today:
    texts = (Message.clinic_id == clinic_id, Message.purpose != "page")
    return Today(
        sent=_count(db, Message, *texts, col(Message.handed_over_at) >= since),
        replies=_count(db, Reply, Reply.clinic_id == clinic_id, col(Reply.received_at) >= since),
        closed=_count(db, CaseClosure, CaseClosure.clinic_id == clinic_id, col(CaseClosure.at) >= since),
        not_delivered=_count(
            db, Message, *texts, col(Message.status).in_(("undelivered", "failed")), col(Message.ended_at) >= since
        ),
    )


def _count(db: Session, table: Any, *where: Any) -> int:
    return db.exec(select(func.count()).select_from(table).where(*where)).one()
