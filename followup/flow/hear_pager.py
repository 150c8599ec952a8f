"""A text from a staff phone may be the answer to a page: it is looked at before it is taken for a patient's."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from followup.flow.acknowledge import acknowledge_case
from followup.flow.page_staff import PAGE_IS_OF_USE
from followup.store import cases, ladder, people, rota
from followup.store.database import Session
from followup.store.tables import Case, FailedAnswer, Message, Reply, Staff

log = structlog.get_logger()

CODE = re.compile(r"\s*(?:ack|acknowledged?|ok|yes|case)?\s*#?\s*([0-9]{1,9})\s*[.!]?\s*", re.IGNORECASE)
PAGED_WITHIN = timedelta(hours=24)


def hear_pager(db: Session, reply: Reply, *, now: datetime) -> bool:
    """Whether the text was an answer to a page; then it has had its effect, and is filed as read.

    It counts only from a phone that is a member of staff's, and for a case of their clinic. What looks like an answer
    and is none acknowledges nothing and says so on the case; unless it is certainly staff's, it is read on as a
    patient's, since it may be one.
    """
    number = _number_in(reply.body)
    if number is None:
        return False
    staff = rota.staff_with_phone(db, reply.sender)
    is_patients = bool(people.patients_with_phone(db, reply.sender) or people.patients_texted_at(db, reply.sender))
    for person in staff:
        case = ladder.case_rung_for(db, person.clinic_id, number)
        if case is not None and not (is_patients and cases.find_closure(db, case.id)):
            return _answer(db, reply, person, case, now=now)
    for person in staff:
        if is_patients:
            break
        paged_for = ladder.cases_paged_for(db, person.id, since=now - PAGED_WITHIN)
        if paged_for:
            return _wrong_number(db, reply, person, number, paged_for, now=now)
    if not is_patients:
        _note_stranger(db, reply, number, now=now)
    return False


def _number_in(body: str) -> int | None:
    found = CODE.fullmatch(body)
    return int(found[1]) if found else None


def _answer(db: Session, reply: Reply, person: Staff, case: Case, *, now: datetime) -> bool:
    cases.lock_cases(db, case.clinic_id)
    answer = acknowledge_case(db, case, person.id, how="reply code", now=now, reply_id=reply.id)
    _file(db, reply, person, now=now)
    _text_back(db, reply, person, answer.words, now=now)
    return True


def _wrong_number(
    db: Session, reply: Reply, person: Staff, number: int, paged_for: Sequence[Case], *, now: datetime
) -> bool:
    for case in paged_for:
        _fail(db, reply, case, f"{person.name}'s phone answered {number}, which is not this case's number", now=now)
    _file(db, reply, person, now=now)
    numbers = " or ".join(str(case.number) for case in paged_for)
    _text_back(db, reply, person, f"{number} was not paged. Nothing was acknowledged. Reply {numbers}.", now=now)
    return True


def _note_stranger(db: Session, reply: Reply, number: int, *, now: datetime) -> None:
    for case in ladder.ringing_with_number(db, number):
        _fail(db, reply, case, f"{number} came from a phone that belongs to nobody of this clinic", now=now)


def _fail(db: Session, reply: Reply, case: Case, words: str, *, now: datetime) -> None:
    log.warning("page_answer_did_not_count", case=str(case.id), reply=str(reply.id))
    db.add(
        FailedAnswer(
            clinic_id=case.clinic_id, case_id=case.id, at=now, how="reply code", words=words, reply_id=reply.id
        )
    )
    db.flush()


def _file(db: Session, reply: Reply, person: Staff, *, now: datetime) -> None:
    """It is kept as a text that came, in no patient's conversation."""
    reply.clinic_id, reply.read_at = person.clinic_id, now
    db.add(reply)
    db.flush()


def _text_back(db: Session, reply: Reply, person: Staff, words: str, *, now: datetime) -> None:
    db.add(
        Message(
            clinic_id=person.clinic_id,
            purpose="page",
            step="answer to staff",
            priority=0,
            phone=reply.sender,
            text=words,
            text_language="en",
            due_at=now,
            wake_at=now,
            use_by_at=now + PAGE_IS_OF_USE,
            created_at=now,
        )
    )
    db.flush()
