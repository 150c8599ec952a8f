"""A named human has it: the ladder stops ringing. By signing in, by a text with the case's number, or by a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog

from followup.flow.transaction import transaction
from followup.store import audit, cases, ladder, pages, rota
from followup.store.database import Database, Session
from followup.store.tables import Acknowledgement, Case, Climb, Staff

log = structlog.get_logger()

How = Literal["sign-in link", "reply code", "key press"]


@dataclass(frozen=True)
class Answer:
    """What became of it, in words for whoever said it; nothing of the patient."""

    is_theirs: bool
    words: str


def acknowledge(
    *, database: Database, clinic_id: UUID, case_id: UUID, staff_id: UUID, how: How, now: datetime
) -> Answer:
    """See `acknowledge_case`. Raises NoSuchCase for a case of another clinic."""
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        case = cases.get_case(db, clinic_id=clinic_id, case_id=case_id)
        return acknowledge_case(db, case, staff_id, how=how, now=now)


def acknowledge_case(
    db: Session, case: Case, staff_id: UUID, *, how: How, now: datetime, reply_id: UUID | None = None
) -> Answer:
    """From now on this person has it and nobody is rung. Again changes nothing.

    The clinic's cases must be locked. Whoever is too late is told who has it.
    """
    staff = db.get_one(Staff, staff_id)
    if staff.clinic_id != case.clinic_id or staff.left_at or staff.role in rota.READ_ONLY:
        return Answer(False, "You do not work with the patients of this clinic. Nothing was acknowledged.")
    if cases.find_closure(db, case.id):
        return Answer(False, f"Case {case.number} is closed already.")
    climb = ladder.find_ringing(db, case.id)
    held = cases.find_holder(db, case.id)
    if climb is None and held and held[1].id != staff_id:
        return Answer(False, f"{held[1].name} has case {case.number} already.")
    if climb is not None:
        stop_ringing(db, climb, staff_id, how=how, now=now, reply_id=reply_id)
    if held is None or held[1].id != staff_id:
        cases.take(db, case, staff_id=staff_id, now=now)
        audit.record(
            db,
            clinic_id=case.clinic_id,
            actor=f"staff:{staff_id}",
            action="case.taken",
            subject=f"case:{case.id}",
            now=now,
            how=how,
        )
    db.flush()
    return Answer(True, f"Case {case.number} is yours. It is not closed yet.")


def stop_ringing(
    db: Session, climb: Climb, staff_id: UUID, *, how: How, now: datetime, reply_id: UUID | None = None
) -> None:
    """This person's word ends the climb."""
    climb.ended_at = now
    db.add(climb)
    db.add(
        Acknowledgement(
            clinic_id=climb.clinic_id,
            case_id=climb.case_id,
            climb_id=climb.id,
            staff_id=staff_id,
            at=now,
            how=how,
            reply_id=reply_id,
        )
    )
    audit.record(
        db,
        clinic_id=climb.clinic_id,
        actor=f"staff:{staff_id}",
        action="case.acknowledged",
        subject=f"case:{climb.case_id}",
        now=now,
        how=how,
    )
    log.info("acknowledged", case=str(climb.case_id), how=how)


# On a call ----------------------------------------------------------------------------------------------


def words_of_call(database: Database, token: str) -> str | None:
    """What is said when somebody takes the call; None: there is no such call."""
    with database.reader() as db:
        page = pages.find_page(db, token)
    if page is None or page.way != "voice":
        return None
    return f"{page.title}. Press 1 to acknowledge."


def hear_key(*, database: Database, token: str, key: str | None, now: datetime) -> Answer | None:
    """A key was pressed on a call. Only 1 acknowledges. None: there is no such call."""
    with transaction(database) as db:
        page = pages.find_page(db, token)
        if page is None or page.way != "voice":
            return None
        if key != "1":
            return Answer(False, f"{page.title}. Press 1 to acknowledge.")
        if page.case_id is None:
            return Answer(True, "Thank you.")
        cases.lock_cases(db, page.clinic_id)
        case = cases.get_case(db, clinic_id=page.clinic_id, case_id=page.case_id)
        return acknowledge_case(db, case, page.staff_id, how="key press", now=now)


def note_call(*, database: Database, token: str, sid: str, status: str) -> None:
    """What the carrier tells of a call: that it exists is proof that it was made."""
    with transaction(database) as db:
        page = pages.lock_page(db, token)
        if page is None or page.way != "voice":
            return
        page.call_sid = page.call_sid or sid
        if page.outcome in {"calling", "unknown"}:
            page.outcome, page.reason = "accepted", None
        if status in {"completed", "busy", "no-answer", "failed"}:
            page.call_ended = page.call_ended or status
        db.add(page)
