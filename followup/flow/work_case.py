"""What staff do with a case: take it, note, answer, close.

Every function may be called twice with the same input; the second call changes nothing. Each raises NoSuchCase
for a case of another clinic. What is refused for a reason that a person can act on is a `Refused`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from followup.flow.acknowledge import stop_ringing
from followup.flow.transaction import transaction
from followup.rules.segments import count_segments
from followup.store import audit, cases, holds, ladder, people, sign_ins
from followup.store.database import Database, Session
from followup.store.tables import Case, CaseClosure, CaseNote, Message

REPLY_USE_BY = timedelta(hours=24)
MOST_CHARACTERS = 1_600  # The longest text the carrier takes. Twilio error dictionary, 21617.
MOST_SEGMENTS = 10
MOST_IN_NOTE = 4_000
REVIEWED = "reviewed"
SOMEBODY_ELSES = "Whoever has this number says that it is not the patient's. Find out before you call or text it."

URGENT_OUTCOMES: Mapping[str, str] = {
    "reached / safe plan": "Reached the patient, safe plan made",
    "911 or welfare check": "911 or welfare check",
    "emergency room": "Went to the emergency room",
    "collateral reached": "Reached the emergency contact",
    "handed over": "Handed over, to whom is written below",
    "false alarm: wording": "False alarm: wording, not risk",
}
OTHER_OUTCOMES: Mapping[str, str] = {
    "answered": "Answered by text",
    "called": "Called the patient",
    "no action needed": "No action needed",
    "handed over": "Handed over, to whom is written below",
    "false alarm: wording": "False alarm: wording, not risk",
}


@dataclass(frozen=True)
class Refused:
    """Nothing was changed and nothing was sent; `words` say why, to staff."""

    words: str


ALREADY_USED = Refused("This form was used before. Nothing was sent or saved now: look at the thread, then try again.")
"""The browser's Back shows a form as it was. Other words in it are new, and must not be lost as a double click is."""


def outcomes_for(level: str) -> Mapping[str, str]:
    """How a case of this level can end: the word that is kept, and what staff read."""
    return URGENT_OUTCOMES if level == "urgent" else OTHER_OUTCOMES


# Who has it ---------------------------------------------------------------------------------------------


def take_case(
    database: Database,
    *,
    clinic_id: UUID,
    case_id: UUID,
    staff_id: UUID,
    instead_of: UUID | None = None,
    now: datetime,
) -> Refused | None:
    """From now on this person has it. `instead_of`: who had it on the page where the button was pressed."""
    with transaction(database) as db:
        case = _lock(db, clinic_id, case_id)
        held = cases.find_holder(db, case.id)
        if held and held[1].id == staff_id:
            return None
        if cases.find_closure(db, case.id):
            return Refused("This was closed meanwhile.")
        if held and held[1].id != instead_of:
            return Refused(f"{held[1].name} picked this up meanwhile.")
        cases.take(db, case, staff_id=staff_id, now=now)
        climb = ladder.find_ringing(db, case.id)
        if climb:
            stop_ringing(db, climb, staff_id, how="sign-in link", now=now)
        _record(db, case, staff_id, "case.taken", now)
    return None


def release_case(database: Database, *, clinic_id: UUID, case_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Whoever had it has it no more, and it waits for somebody again."""
    with transaction(database) as db:
        case = _lock(db, clinic_id, case_id)
        held = cases.find_holder(db, case.id)
        if held and held[1].id == staff_id:
            cases.release(db, case.id, now=now)
            _record(db, case, staff_id, "case.released", now)


# What is written ----------------------------------------------------------------------------------------


def add_note(
    database: Database,
    *,
    clinic_id: UUID,
    case_id: UUID,
    staff_id: UUID,
    text: str,
    once: UUID,
    now: datetime,
) -> UUID | Refused:
    """The note's id, which is `once`: the same form posted twice makes one note."""
    text = text.strip()
    if not text:
        return Refused("The note is empty.")
    if len(text) > MOST_IN_NOTE:
        return Refused(f"The note is longer than {MOST_IN_NOTE} characters.")
    with transaction(database) as db:
        case = _lock(db, clinic_id, case_id)
        kept = db.get(CaseNote, once)
        if kept:
            return once if (kept.case_id, kept.text) == (case.id, text) else ALREADY_USED
        db.add(CaseNote(id=once, clinic_id=clinic_id, case_id=case.id, staff_id=staff_id, at=now, text=text))
        _record(db, case, staff_id, "case.noted", now, note=str(once))
    return once


def reply_to_patient(
    database: Database,
    *,
    clinic_id: UUID,
    case_id: UUID,
    staff_id: UUID,
    text: str,
    once: UUID,
    seen_at: datetime,
    now: datetime,
) -> UUID | Refused:
    """The planned message's id, which is `once`: the same form posted twice makes one text.

    `seen_at` as in `close_case`: nobody answers what they have not read, nor beside a colleague who has it.
    """
    text = text.strip()
    unfit = why_unfit(text)
    if unfit:
        return Refused(unfit)
    with transaction(database) as db:
        case = _lock(db, clinic_id, case_id)
        sent = db.get(Message, once)
        if sent:
            return once if (sent.case_id, sent.text) == (case.id, text) else ALREADY_USED
        closed_to_texts = why_no_text(db, case)
        if closed_to_texts:
            return Refused(closed_to_texts)
        if case.changed_at > seen_at:
            return Refused("Something new came in meanwhile. Nothing was sent: read it first.")
        held = cases.find_holder(db, case.id)
        if held and held[1].id != staff_id:
            return Refused(f"{held[1].name} is handling this. Nothing was sent: take over first.")
        db.add(_reply(case, staff_id=staff_id, text=text, once=once, now=now))
        _record(db, case, staff_id, "case.replied", now, message=str(once))
    return once


def why_unfit(text: str) -> str | None:
    """Why this cannot be a text message, in words; None: it can."""
    if not text:
        return "The text is empty."
    if len(text) > MOST_CHARACTERS:
        return f"The text is longer than {MOST_CHARACTERS} characters."
    if count_segments(text).segments > MOST_SEGMENTS:
        return f"The text would be more than {MOST_SEGMENTS} SMS long."
    return None


def why_no_text(db: Session, case: Case) -> str | None:
    """Why nobody may text the person of this case, in words; None: staff may."""
    if case.patient_id is None:
        return "This number belongs to no patient of the clinic, so it cannot be answered from here."
    patient = people.get_patient(db, case.clinic_id, case.patient_id)
    if patient.deceased_at:
        return "The patient has died. No text can be sent."
    if patient.phone is None:
        return "There is no number that can be texted. You can call."
    held = people.open_opt_out(db, case.clinic_id, patient.phone)
    if held:
        is_wrong = people.is_somebody_elses(db, held)
        return SOMEBODY_ELSES if is_wrong else "This number sent STOP. You can call."
    if patient.phone_fault:
        return f"The number cannot be texted: {patient.phone_fault}. You can call."
    if people.consent_status(db, patient.id) == "revoked":
        return "The patient withdrew consent to texts. You can call."
    return None


def _reply(case: Case, *, staff_id: UUID, text: str, once: UUID, now: datetime) -> Message:
    return Message(
        id=once,
        clinic_id=case.clinic_id,
        purpose="staff",
        step="staff reply",
        priority=1,
        prompt="none",
        on_unknown="hold",
        patient_id=case.patient_id,
        session_id=case.session_id,
        case_id=case.id,
        author_id=staff_id,
        text=text,
        segments=count_segments(text).segments,
        due_at=now,
        wake_at=now,
        use_by_at=now + REPLY_USE_BY,
        created_at=now,
    )


# How it ends --------------------------------------------------------------------------------------------


def close_case(
    database: Database,
    *,
    clinic_id: UUID,
    case_id: UUID,
    staff_id: UUID,
    outcome: str,
    text: str | None = None,
    seen_at: datetime,
    now: datetime,
) -> Refused | None:
    """Closed, with how it ended. `seen_at` is the `changed_at` of the page: what came since is not closed unread.

    An urgent case is closed by whoever has it; automatic texts to its patient wait on until a person lifts that.
    """
    note = _closing_note(text)
    with transaction(database) as db:
        case = _lock(db, clinic_id, case_id)
        closure = cases.find_closure(db, case.id)
        if closure:
            is_again = (closure.staff_id, closure.outcome, closure.text) == (staff_id, outcome, note)
            return None if is_again else _closed_already(db, closure)
        not_theirs = _not_theirs(db, case, staff_id) if case.level == "urgent" else None
        if not_theirs:
            return not_theirs
        if outcome not in outcomes_for(case.level):
            return Refused("Choose what happened. Nothing was closed.")
        if case.changed_at != seen_at:
            return Refused("Something new came in meanwhile. Nothing was closed: read it first.")
        _close(db, case, staff_id, outcome, note, now)
    return None


def _closed_already(db: Session, closure: CaseClosure) -> Refused:
    by = sign_ins.get_staff(db, closure.clinic_id, closure.staff_id)
    outcome = {**URGENT_OUTCOMES, **OTHER_OUTCOMES}.get(closure.outcome, closure.outcome)
    return Refused(f"{by.name} closed this meanwhile: {outcome}. What you chose was not kept.")


def _not_theirs(db: Session, case: Case, staff_id: UUID) -> Refused | None:
    held = cases.find_holder(db, case.id)
    if held is None:
        return Refused("Nobody has picked this up. Pick it up, then close it.")
    return None if held[1].id == staff_id else Refused(f"{held[1].name} is handling this. Nothing was closed.")


def _closing_note(text: str | None) -> str | None:
    return (text or "").strip()[:MOST_IN_NOTE] or None


def mark_reviewed(
    database: Database, *, clinic_id: UUID, seen: Mapping[UUID, datetime], staff_id: UUID, now: datetime
) -> int:
    """How many routine cases were closed as read; `seen` says of each when it had last changed on the page.

    What is not routine, not of this clinic, closed, in a colleague's hands, or has something new is left as it is.
    """
    with transaction(database) as db:
        cases.lock_cases(db, clinic_id)
        others = cases.taken_by_others(db, case_ids=list(seen), staff_id=staff_id)
        read = [
            case
            for case in cases.open_cases_among(db, clinic_id=clinic_id, case_ids=list(seen))
            if case.level == "routine" and case.changed_at == seen[case.id] and case.id not in others
        ]
        for case in read:
            _close(db, case, staff_id, REVIEWED, None, now)
    return len(read)


def _close(db: Session, case: Case, staff_id: UUID, outcome: str, note: str | None, now: datetime) -> None:
    db.add(
        CaseClosure(clinic_id=case.clinic_id, case_id=case.id, staff_id=staff_id, at=now, outcome=outcome, text=note)
    )
    if case.level == "urgent" and case.patient_id:
        holds.hold_since(db, clinic_id=case.clinic_id, case_id=case.id, patient_id=case.patient_id, since=now)
    _record(db, case, staff_id, "case.closed", now, outcome=outcome)


def _lock(db: Session, clinic_id: UUID, case_id: UUID) -> Case:
    cases.lock_cases(db, clinic_id)
    return cases.get_case(db, clinic_id=clinic_id, case_id=case_id)


def _record(db: Session, case: Case, staff_id: UUID, action: str, now: datetime, **details: Any) -> None:
    audit.record(
        db,
        clinic_id=case.clinic_id,
        actor=f"staff:{staff_id}",
        action=action,
        subject=f"case:{case.id}",
        now=now,
        **details,
    )
