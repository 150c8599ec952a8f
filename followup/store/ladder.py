"""What the ladder rings for: open cases that wait, climbs, and who acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
    Climb,
    FailedAnswer,
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
    held, put_back = _held_since(db, ids), _put_back_at(db, ids)
    acknowledged, worst, climbs = _acknowledged_at(db, ids), _urgent_read_at(db, ids), _climbs_of(db, ids)
    return [
        OpenCase(
            case=each,
            waiting=_waiting(
                each, held.get(each.id), put_back.get(each.id), acknowledged.get(each.id), worst.get(each.id)
            ),
            climbs=climbs.get(each.id, 0),
        )
        for each in found
    ]


def _waiting(
    a_case: Case,
    held_since: datetime | None,
    put_back_at: datetime | None,
    acknowledged_at: datetime | None,
    urgent_read_at: datetime | None,
) -> Waiting:
    waits_since = max(a_case.changed_at, put_back_at or a_case.changed_at)
    was_put_back = put_back_at is not None and put_back_at > a_case.changed_at
    is_urgent_anew = urgent_read_at is not None and acknowledged_at is not None and urgent_read_at > acknowledged_at
    return Waiting(
        level=a_case.level,
        waits_since=waits_since,
        is_held=held_since is not None,
        taken_at=max((at for at in (held_since, acknowledged_at) if at), default=None),
        is_in_talk=acknowledged_at is not None and not was_put_back and not is_urgent_anew,
    )


def _held_since(db: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    query = select(CaseAssignment.case_id, func.max(CaseAssignment.at)).where(
        col(CaseAssignment.case_id).in_(ids), col(CaseAssignment.released_at).is_(None)
    )
    return dict(db.exec(query.group_by(col(CaseAssignment.case_id))).all())


def _put_back_at(db: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    query = select(CaseAssignment.case_id, func.max(CaseAssignment.released_at)).where(
        col(CaseAssignment.case_id).in_(ids), col(CaseAssignment.released_at).is_not(None)
    )
    return {case_id: at for case_id, at in db.exec(query.group_by(col(CaseAssignment.case_id))) if at}


def _acknowledged_at(db: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    query = select(Acknowledgement.case_id, func.max(Acknowledgement.at)).where(col(Acknowledgement.case_id).in_(ids))
    return dict(db.exec(query.group_by(col(Acknowledgement.case_id))).all())


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
