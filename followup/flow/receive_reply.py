"""A text comes in: stored and committed first, then read, and put before a human unless it is provably routine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from followup.carriers.carrier import IncomingText
from followup.flow.transaction import transaction
from followup.rules.matching import ANSWER_WINDOW
from followup.rules.phone import comparable
from followup.rules.reading.plain import is_opt_out_word, read_reply
from followup.rules.reading.reading import Reading as ReadingValue
from followup.store import audit, cases, messages, people, replies, sessions
from followup.store.database import Database, Session
from followup.store.tables import Clinic, Message, Patient, Reading, Reply

log = structlog.get_logger()

NUL = "\x00"
"""PostgreSQL cannot hold it; it is shown as what it is, a character that could not be."""


@dataclass(frozen=True)
class Whose:
    """Where a reply belongs."""

    clinic: Clinic
    patient: Patient | None
    shared: bool = False
    """Several patients have this number: a human tells them apart."""
    question: Message | None = None


def keep_replies(
    database: Database, incoming: Sequence[IncomingText], *, now: datetime, recovered: bool = False
) -> list[UUID]:
    """Store them in one transaction; the ids of those that were new. Only after this are they acknowledged."""
    rows = [
        Reply(
            carrier_sid=text.sid,
            sender=comparable(text.sender).replace(NUL, "�")[:60],
            to=text.to.replace(NUL, "�")[:60],
            body=text.body.replace(NUL, "�"),
            media_count=text.media_count,
            received_at=text.received_at or now,
            recovered=recovered,
        )
        for text in {text.sid: text for text in incoming}.values()
    ]
    with transaction(database) as db:
        return replies.keep_replies(db, rows)


def read_waiting_replies(*, database: Database, now: datetime) -> int:
    """Read every reply that nobody has read yet, oldest first; how many were read."""
    with database.reader() as db:
        waiting = replies.unread_replies(db)
    return sum(_read_safely(database, id_, now=now) for id_ in waiting)


def _read_safely(database: Database, reply_id: UUID, *, now: datetime) -> bool:
    """A reader that fails makes a case, never a silence."""
    try:
        with transaction(database) as db:
            return _read(db, reply_id, now=now)
    except Exception as error:  # noqa: BLE001 - invariant 2 of DESIGN.md: it becomes a case.
        log.error("reply_not_read", reply=str(reply_id), error=type(error).__name__)
    try:
        with transaction(database) as db:
            return _read(db, reply_id, now=now, failed=True)
    except Exception as error:  # noqa: BLE001 - it stays unread and is tried again at the next tick.
        log.error("reply_not_filed", reply=str(reply_id), error=type(error).__name__)
        return False


COULD_NOT_BE_READ = ReadingValue(
    kind="unclear", value=None, level="concern", reasons=("could not be read",), spans=(), language="en", reader="none"
)


def _read(db: Session, reply_id: UUID, *, now: datetime, failed: bool = False) -> bool:
    reply = replies.take_unread(db, reply_id)
    if reply is None:
        return False
    whose = _find_whose(db, reply)
    if whose is None:
        return False  # There is no clinic yet; the reply waits for one.
    prompt = whose.question.prompt if whose.question else "none"
    reading = _unread(reply) if failed else read_reply(reply.body, prompt=prompt)  # pyright: ignore[reportArgumentType]
    if reply.media_count and reading.level == "routine":
        reading = COULD_NOT_BE_READ
    _file(db, reply, whose, reading, now=now)
    return True


def _unread(reply: Reply) -> ReadingValue:
    """For a text whose reading failed. STOP holds even then."""
    if is_opt_out_word(reply.body):
        return replace(COULD_NOT_BE_READ, kind="stop", reasons=("asks to stop texts",))
    return COULD_NOT_BE_READ


def _find_whose(db: Session, reply: Reply) -> Whose | None:
    """By the number texted and the number that texts; never guessed between two patients."""
    patients = list(people.patients_with_phone(db, reply.sender))
    clinic = _find_clinic(db, reply, [p.clinic_id for p in patients])
    if clinic is None:
        return None
    here = [p for p in patients if p.clinic_id == clinic.id]
    if not here:  # The number may have been changed in the record since we texted it.
        here = [
            p for id_ in people.patients_texted_at(db, reply.sender) if (p := people.find_by_id(db, clinic.id, id_))
        ]
    if len(here) != 1:
        return Whose(clinic, None, shared=len(here) > 1)
    question = messages.last_question(db, here[0].id, reply.sender, since=ANSWER_WINDOW, now=reply.received_at)
    return Whose(clinic, here[0], question=question)


def _find_clinic(db: Session, reply: Reply, clinics_of_patients: Sequence[UUID]) -> Clinic | None:
    """The clinic whose number was texted; of several the one that texted the sender last, or knows it, or is oldest."""
    clinics = people.all_clinics(db)
    texted = [c for c in clinics if c.sender_number == comparable(reply.to)]
    texted = texted or [c for c in clinics if c.sender_number is None] or list(clinics)
    by_id = {c.id: c for c in texted}
    if len(texted) > 1:
        for id_ in [*people.clinics_that_texted(db, reply.sender), *clinics_of_patients]:
            if id_ in by_id:
                return by_id[id_]
    return next(iter(texted), None)


def _file(db: Session, reply: Reply, whose: Whose, reading: ReadingValue, *, now: datetime) -> None:
    """Write the reading down, let it take effect, and put the reply into a case."""
    session = whose.question.session_id if whose.question else None
    if session is None and whose.patient is not None:
        latest = sessions.latest_session(db, whose.patient.id)
        session = latest.id if latest else None
    reply.clinic_id, reply.patient_id = whose.clinic.id, whose.patient.id if whose.patient else None
    reply.session_id, reply.answers_id = session, whose.question.id if whose.question else None
    _take_effect(db, reply, whose.clinic, reading, now=now)
    case = cases.open_or_join_case(
        db,
        clinic_id=whose.clinic.id,
        patient_id=reply.patient_id,
        sender=None if whose.patient else reply.sender,
        session_id=session,
        level=reading.level if whose.patient else _at_least_concern(reading.level),
        reason=_reason(whose, reading),
        now=now,
    )
    reply.case_id, reply.read_at = case.id, now
    db.add(reply)
    db.add(_row(reply, reading, now=now))
    audit.record(
        db,
        clinic_id=whose.clinic.id,
        actor="reader",
        action="reply read",
        subject=f"reply:{reply.id}",
        now=now,
        kind=reading.kind,
        level=reading.level,
        case=str(case.id),
    )
    log.info("reply_read", reply=str(reply.id), kind=reading.kind, level=reading.level, case=str(case.id))


def _at_least_concern(level: str) -> str:
    return "concern" if level == "routine" else level


def _reason(whose: Whose, reading: ReadingValue) -> str:
    if whose.shared:
        return "Several patients have this number"
    if whose.patient is None:
        return "Unknown number"
    words = "; ".join(reading.reasons)
    return words[:1].upper() + words[1:]


def _row(reply: Reply, reading: ReadingValue, *, now: datetime) -> Reading:
    assert reply.clinic_id is not None
    return Reading(
        clinic_id=reply.clinic_id,
        reply_id=reply.id,
        kind=reading.kind,
        value=None if reading.value is None else str(reading.value),
        level=reading.level,
        reasons=list(reading.reasons),
        spans=[list(span) for span in reading.spans],
        language=reading.language,
        reader=reading.reader,
        at=now,
    )


def _take_effect(db: Session, reply: Reply, clinic: Clinic, reading: ReadingValue, *, now: datetime) -> None:
    """STOP stops every clinic that texts from the same number; START, from that number only, lifts it."""
    if reading.kind == "stop":
        for each in people.clinics_sharing_sender(db, clinic):
            theirs = [p for p in people.patients_with_phone(db, reply.sender) if p.clinic_id == each.id]
            if each.id == clinic.id or theirs:
                people.opt_out(db, each.id, reply.sender, reply_id=reply.id, now=now)
            for patient in theirs:
                planned = messages.planned_of_patient(db, patient.id)
                messages.end_planned(db, planned, "suppressed", "the patient sent STOP", now=now)
    elif reading.kind == "start":
        for each in people.clinics_sharing_sender(db, clinic):
            people.lift_opt_out(db, each.id, reply.sender, reply_id=reply.id, now=now)
