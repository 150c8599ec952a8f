"""What the ladder rings for: open cases that wait, climbs, and who acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.rules.ladder import Begin, Waiting
from followup.store.cases import is_open
from followup.store.tables import (
    Acknowledgement,
    Case,
    CaseAssignment,
    CaseNote,
    Climb,
    FailedAnswer,
    Message,
    Page,
    Reading,
    Reply,
)

# What waits ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenCase:
    """An open case that nothing rings for at present."""

    case: Case
    waiting: Waiting
    climbs: int
    """How often it was rung for."""


def clinics_to_look_at(db: Session) -> Sequence[UUID]:
    """Those with an open case that may have to be rung for, or with a climb that has not ended."""
    of_cases = select(Case.clinic_id).where(col(Case.level).in_(("urgent", "concern")), is_open())
    of_climbs = select(Climb.clinic_id).where(col(Climb.ended_at).is_(None))
    return sorted({*db.exec(of_cases.distinct()), *db.exec(of_climbs.distinct())})


def open_cases(db: Session, clinic_id: UUID) -> list[OpenCase]:
    """Urgent ones and concerns for which nothing rings."""
    rings = exists().where(col(Climb.case_id) == col(Case.id), col(Climb.ended_at).is_(None))
    query = select(Case).where(
        Case.clinic_id == clinic_id, col(Case.level).in_(("urgent", "concern")), is_open(), ~rings
    )
    found = db.exec(query.order_by(col(Case.level).desc(), col(Case.opened_at))).all()
    ids = [each.id for each in found]
    known = Known(
        held=_newest(db, CaseAssignment.case_id, CaseAssignment.at, ids, col(CaseAssignment.released_at).is_(None)),
        put_back=_newest(db, CaseAssignment.case_id, CaseAssignment.released_at, ids),
        acknowledged=_newest(db, Acknowledgement.case_id, Acknowledgement.at, ids),
        noted=_newest(db, CaseNote.case_id, CaseNote.at, ids),
        answered=_newest(db, Message.case_id, Message.created_at, ids, Message.purpose == "staff"),
        urgent_read=_urgent_read_at(db, ids),
    )
    climbs = _climbs_of(db, ids)
    return [OpenCase(each, _waiting(each, known), climbs.get(each.id, 0)) for each in found]


@dataclass(frozen=True)
class Known:
    """When each last happened to a case, by its id."""

    held: dict[UUID, datetime]
    put_back: dict[UUID, datetime]
    acknowledged: dict[UUID, datetime]
    noted: dict[UUID, datetime]
    answered: dict[UUID, datetime]
    urgent_read: dict[UUID, datetime]


def _waiting(a_case: Case, known: Known) -> Waiting:
    def last(*found: dict[UUID, datetime]) -> datetime | None:
        return max((each[a_case.id] for each in found if a_case.id in each), default=None)

    changed_at, put_back_at = a_case.changed_at, last(known.put_back)
    acknowledged_at, looked_at = last(known.acknowledged), last(known.noted, known.answered)
    was_put_back = put_back_at is not None and put_back_at > changed_at
    urgent_at = last(known.urgent_read)
    return Waiting(
        level=a_case.level,
        waits_since=max(changed_at, put_back_at or changed_at),
        is_held=a_case.id in known.held,
        taken_at=last(known.held, known.acknowledged),
        is_looked_at=looked_at is not None and looked_at >= changed_at,
        is_in_talk=(
            acknowledged_at is not None and not was_put_back and (urgent_at is None or urgent_at <= acknowledged_at)
        ),
    )


def _newest(db: Session, of_case: Any, at: Any, ids: Sequence[UUID], *having: Any) -> dict[UUID, datetime]:
    query = select(of_case, func.max(at)).where(col(of_case).in_(ids), col(at).is_not(None), *having)
    return dict(db.exec(query.group_by(col(of_case))).all())


def _urgent_read_at(db: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the newest reply that is urgent by itself was read."""
    query = (
        select(Reply.case_id, func.max(Reading.at))
        .join(Reading, col(Reading.reply_id) == col(Reply.id))
        .where(col(Reply.case_id).in_(ids), Reading.level == "urgent")
        .group_by(col(Reply.case_id))
    )
    return {case_id: at for case_id, at in db.exec(query) if case_id}


def _climbs_of(db: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Climb.case_id, func.max(Climb.number)).where(col(Climb.case_id).in_(ids))
    return dict(db.exec(query.group_by(col(Climb.case_id))).all())


# Climbs -------------------------------------------------------------------------------------------------


def start_climb(db: Session, found: OpenCase, begin: Begin) -> Climb | None:
    """None where somebody else began it at the same moment."""
    climb = Climb(
        clinic_id=found.case.clinic_id,
        case_id=found.case.id,
        number=found.climbs + 1,
        started_at=begin.at,
        why=begin.why,
    )
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    insert = dialect.insert(Climb).values(climb.model_dump()).on_conflict_do_nothing()
    made = db.scalars(insert.returning(col(Climb.id))).one_or_none()
    return db.get_one(Climb, made) if made else None


def ringing(db: Session, clinic_id: UUID) -> Sequence[tuple[Climb, Case, bool]]:
    """Climbs that nobody has ended, oldest first, each with whether its case is still open."""
    query = (
        select(Climb, Case, is_open().label("is_open"))
        .join(Case, col(Case.id) == col(Climb.case_id))
        .where(Climb.clinic_id == clinic_id, col(Climb.ended_at).is_(None))
        .order_by(col(Climb.started_at), col(Climb.id))
    )
    return [(climb, found, bool(still)) for climb, found, still in db.exec(query)]


def find_ringing(db: Session, case_id: UUID) -> Climb | None:
    """The climb that rings for this case now."""
    query = select(Climb).where(Climb.case_id == case_id, col(Climb.ended_at).is_(None))
    return db.exec(query.order_by(col(Climb.number).desc())).first()


def newest_climb(db: Session, case_id: UUID) -> Climb | None:
    return db.exec(select(Climb).where(Climb.case_id == case_id).order_by(col(Climb.number).desc())).first()


def taken_urgent(db: Session, clinic_id: UUID) -> Sequence[tuple[Case, UUID, datetime]]:
    """Open urgent cases that somebody has: the case, who, and since when they have it or said so again."""
    said_at = select(func.max(Acknowledgement.at)).where(col(Acknowledgement.case_id) == col(Case.id))
    query = (
        select(Case, CaseAssignment.staff_id, CaseAssignment.at, said_at.scalar_subquery())
        .join(CaseAssignment, col(CaseAssignment.case_id) == col(Case.id))
        .where(
            Case.clinic_id == clinic_id, Case.level == "urgent", is_open(), col(CaseAssignment.released_at).is_(None)
        )
    )
    return [(found, who, max(at, said or at)) for found, who, at, said in db.exec(query)]


# Answers ------------------------------------------------------------------------------------------------


def case_rung_for(db: Session, clinic_id: UUID, number: int) -> Case | None:
    """The clinic's case of that number, if it was ever rung for; also a closed one."""
    was_rung = exists().where(col(Climb.case_id) == col(Case.id))
    query = select(Case).where(Case.clinic_id == clinic_id, Case.number == number, was_rung)
    return db.exec(query).one_or_none()


def cases_paged_for(db: Session, staff_id: UUID, *, since: datetime) -> Sequence[Case]:
    """Open cases that this person was paged for since then, oldest first."""
    was_paged = exists().where(
        col(Page.case_id) == col(Case.id), col(Page.staff_id) == staff_id, col(Page.made_at) >= since
    )
    return db.exec(select(Case).where(was_paged, is_open()).order_by(col(Case.opened_at))).all()


def ringing_with_number(db: Session, number: int) -> Sequence[Case]:
    """Cases of that number that are rung for now, whatever the clinic."""
    rings = exists().where(col(Climb.case_id) == col(Case.id), col(Climb.ended_at).is_(None))
    return db.exec(select(Case).where(Case.number == number, is_open(), rings)).all()


def acknowledgements_of(db: Session, case_id: UUID) -> Sequence[Acknowledgement]:
    query = select(Acknowledgement).where(Acknowledgement.case_id == case_id)
    return db.exec(query.order_by(col(Acknowledgement.at))).all()


def failed_answers_of(db: Session, case_id: UUID) -> Sequence[FailedAnswer]:
    return db.exec(select(FailedAnswer).where(FailedAnswer.case_id == case_id).order_by(col(FailedAnswer.at))).all()


def climbs_of(db: Session, case_id: UUID) -> Sequence[Climb]:
    return db.exec(select(Climb).where(Climb.case_id == case_id).order_by(col(Climb.number))).all()
