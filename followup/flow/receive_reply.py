"""A text comes in: stored and committed first, then read, and put before a human unless it is provably routine."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from followup.carriers.carrier import IncomingText
from followup.flow.answer_patient import answer_patient
from followup.flow.hear_pager import hear_pager
from followup.flow.heed_stop import heed_stop
from followup.flow.transaction import transaction
from followup.flow.understand_reply import Understood, understand_reply
from followup.rules.matching import ANSWER_WINDOW
from followup.rules.phone import comparable
from followup.rules.reading.readers import Readers
from followup.rules.reading.reading import Level
from followup.rules.reading.reading import Reading as ReadingValue
from followup.rules.reading.reply import read_reply
from followup.rules.reading.stop import find_stop, is_opt_out_word
from followup.rules.standard_texts import StandardTexts
from followup.store import audit, cases, companions, people, replies, sessions
from followup.store.database import Database, Session
from followup.store.tables import Clinic, Message, Patient, Reading, Reply

log = structlog.get_logger()

NO_CHARACTER = str.maketrans(dict.fromkeys((0, *range(0xD800, 0xE000)), "�"))
"""NUL and halves of characters: no database holds them. They are shown as what they are, one that could not be."""


@dataclass(frozen=True)
class Whose:
    """Where a reply belongs."""

    clinic: Clinic
    patient: Patient | None
    shared: bool = False
    """Several patients have this number."""
    question: Message | None = None
    is_companions: bool = False
    """The patient's companion wrote it: nothing of it is the patient's own answer."""


def keep_replies(
    database: Database, incoming: Sequence[IncomingText], *, now: datetime, recovered: bool = False
) -> list[UUID]:
    """Store them in one transaction; the ids of those that were new. Only after this are they acknowledged."""
    rows = [
        Reply(
            carrier_sid=text.sid,
            sender=comparable(text.sender).translate(NO_CHARACTER)[:60],
            to=text.to.translate(NO_CHARACTER)[:60],
            body=text.body.translate(NO_CHARACTER),
            media_count=text.media_count,
            carrier_says=text.opt_out,
            received_at=text.received_at or now,
            recovered=recovered,
        )
        for text in {text.sid: text for text in incoming}.values()
    ]
    with transaction(database) as db:
        return replies.keep_replies(db, rows)


ReadersOf = Callable[[str | None], Readers]
TextsOf = Callable[[str], StandardTexts]
"""What reads the replies of a clinic, by its slug."""


def read_waiting_replies(
    *, database: Database, readers_of: ReadersOf, now: datetime, texts_of: TextsOf | None = None
) -> int:
    """Read every reply that nobody has read yet, oldest first; how many. Without `texts_of` none is answered."""
    with database.reader() as db:
        waiting = replies.unread_replies(db)
    return sum(_read_safely(database, id_, readers_of, texts_of, now=now) for id_ in waiting)


def _read_safely(
    database: Database, reply_id: UUID, readers_of: ReadersOf, texts_of: TextsOf | None, *, now: datetime
) -> bool:
    """A reader that fails makes a case, never a silence."""
    try:
        with transaction(database) as db:
            return _read(db, reply_id, readers_of, texts_of, now=now)
    except Exception as error:  # noqa: BLE001 - invariant 2 of DESIGN.md: it becomes a case.
        log.error("reply_not_read", reply=str(reply_id), error=type(error).__name__)
    try:
        with transaction(database) as db:
            return _read(db, reply_id, readers_of, texts_of, now=now, failed=True)
    except Exception as error:  # noqa: BLE001 - it stays unread and is tried again at the next tick.
        log.error("reply_not_filed", reply=str(reply_id), error=type(error).__name__)
        return False


ANSWERS = frozenset({"score", "choice"})
SOON = timedelta(hours=72)

COULD_NOT_BE_READ = ReadingValue(
    kind="unclear", value=None, level="concern", reasons=("could not be read",), spans=(), language="en", reader="none"
)


def _read(
    db: Session,
    reply_id: UUID,
    readers_of: ReadersOf,
    texts_of: TextsOf | None,
    *,
    now: datetime,
    failed: bool = False,
) -> bool:
    reply = replies.take_unread(db, reply_id)
    if reply is None:
        return False
    if not failed and hear_pager(db, reply, now=now):
        return True
    whose = _find_whose(db, reply)
    if whose is None:
        return False  # There is no clinic yet; the reply waits for one.
    clinic = whose.clinic
    if failed:
        understood = Understood(None, _unread(reply, lambda: readers_of(clinic.slug)))
    else:
        understood = understand_reply(
            db,
            reply,
            clinic=clinic,
            patient=None if whose.is_companions else whose.patient,
            readers=readers_of(clinic.slug),
        )
        if understood.reading.failed:
            log.error("reader_failed", reply=str(reply_id), readers=", ".join(understood.reading.failed))
    whose = replace(whose, question=understood.question)
    reading = _as_the_carrier_says(understood.reading, reply.carrier_says)
    if whose.shared and reading.kind not in ANSWERS:
        whose = Whose(whose.clinic, None, shared=True)
    _file(db, reply, whose, reading, now=now)
    if texts_of and whose.patient is not None and not whose.is_companions and not whose.shared:
        texts = texts_of(clinic.slug)
        answer_patient(db, reply, reading, clinic=clinic, patient=whose.patient, texts=texts, now=now)
    return True


def _unread(reply: Reply, readers: Callable[[], Readers]) -> ReadingValue:
    """For a text whose reading failed. STOP holds even then, and what its words alone make urgent is urgent."""
    with suppress(Exception):  # It may be what failed.
        alone = read_reply(reply.body, prompt="none", readers=readers())
        if alone.level == "urgent":
            reasons = (*alone.reasons, "could not be read in full")
            return replace(alone, value=None, reasons=reasons, reader=COULD_NOT_BE_READ.reader)
    if is_opt_out_word(reply.body):
        return replace(COULD_NOT_BE_READ, kind="stop", reasons=("asks to stop texts",))
    with suppress(Exception):  # It may be what failed; then the text is filed without it.
        if request := find_stop(reply.body):
            return replace(COULD_NOT_BE_READ, kind=request.kind, reasons=("asks to stop texts",))
    return COULD_NOT_BE_READ


def _as_the_carrier_says(reading: ReadingValue, says: str | None) -> ReadingValue:
    """What the carrier took for STOP is one, whatever we read. START and HELP count where we read nothing else."""
    took_it = f"the carrier took it as {(says or '').upper()}"
    level = _at_least_concern(reading.level)
    if says == "stop" and "stop" not in reading.labels:
        reading = replace(reading, level=level, reasons=(took_it, *reading.reasons), labels=("stop", *reading.labels))
        return reading if reading.level == "urgent" else replace(reading, kind="stop", value=None)
    if says in {"start", "help"} and reading.kind in {"unclear", "thanks", "question"}:
        return replace(reading, kind=says, level=level, reasons=(took_it,), labels=(says, *reading.labels))
    return reading


def _find_whose(db: Session, reply: Reply) -> Whose | None:
    """By the number texted and the number that texts; never guessed between two patients."""
    patients = list(people.patients_with_phone(db, reply.sender))
    accompanied = companions.patients_accompanied_by(db, reply.sender)
    clinic = _find_clinic(db, reply, [p.clinic_id for p in (*patients, *accompanied)])
    if clinic is None:
        return None
    here = [p for p in patients if p.clinic_id == clinic.id]
    if not here:
        accompanied = [p for p in accompanied if p.clinic_id == clinic.id]
        if accompanied:
            is_clear = len(accompanied) == 1
            return Whose(clinic, accompanied[0] if is_clear else None, shared=not is_clear, is_companions=is_clear)
    if not here:  # The number may have been changed in the record since we texted it.
        here = [
            p for id_ in people.patients_texted_at(db, reply.sender) if (p := people.find_by_id(db, clinic.id, id_))
        ]
    is_shared = len(here) > 1
    if is_shared:  # Told apart only where nobody else can have been answering; and only by an answer: see `_read`.
        here = [
            p for p in here if people.was_texted_at(db, p.id, reply.sender, since=reply.received_at - ANSWER_WINDOW)
        ]
    if len(here) != 1:
        return Whose(clinic, None, shared=is_shared)
    return Whose(clinic, here[0], shared=is_shared)


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
    reply.is_companions = whose.is_companions
    reply.session_id, reply.answers_id = session, whose.question.id if whose.question else None
    _note_number(db, reply, whose.patient, reading)
    heed_stop(db, reply, whose.clinic, _asked_of_carrier(reading), now=now)
    case = cases.open_or_join_case(
        db,
        clinic_id=whose.clinic.id,
        patient_id=reply.patient_id,
        sender=None if whose.patient else reply.sender,
        session_id=session,
        level=reading.level if whose.patient and not whose.is_companions else _at_least_concern(reading.level),
        reason=_reason(db, reply, whose, reading),
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


def _asked_of_carrier(reading: ReadingValue) -> str:
    """STOP, START and *wrong number* take effect beside whatever else is said, and however urgent that is."""
    return next((label for label in ("wrong_person", "stop", "start") if label in reading.labels), reading.kind)


def _note_number(db: Session, reply: Reply, patient: Patient | None, reading: ReadingValue) -> None:
    """A text from the patient's own number shows that it takes texts."""
    if patient is None or patient.phone != reply.sender or "wrong_person" in {reading.kind, *reading.labels}:
        return
    held = people.open_opt_out(db, patient.clinic_id, reply.sender)
    if held and people.is_somebody_elses(db, held):
        return
    patient.phone_verified_at = max(patient.phone_verified_at or reply.received_at, reply.received_at)
    patient.phone_fault = None
    db.add(patient)


def _at_least_concern(level: Level) -> Level:
    return "concern" if level == "routine" else level


def _reason(db: Session, reply: Reply, whose: Whose, reading: ReadingValue) -> str:
    """In words for staff, beginning with a capital."""
    reasons = "; ".join(reading.reasons)
    if whose.patient is None:
        whom = "several patients have this number" if whose.shared else "unknown number"
        is_told = reading.level == "urgent" or reading.kind in {"stop", "wrong_person", "help"}
        words = f"{whom}; {reasons}" if is_told else whom
    elif whose.is_companions:
        words = f"from the patient's companion; {reasons}"
    elif whose.shared:
        words = f"{reasons}; of several patients with this number only this one was asked"
    else:
        words = reasons + _soon_after(db, reply, whose.patient) if reading.kind == "help" else reasons
    return words[:1].upper() + words[1:]


def _soon_after(db: Session, reply: Reply, patient: Patient) -> str:
    """How long after a session, where that is less than 72 hours."""
    latest = sessions.latest_session(db, patient.id)
    ago = reply.received_at - latest.ended_at if latest and latest.ended_at else None
    if ago is None or not timedelta(0) <= ago <= SOON:
        return ""
    hours = ago // timedelta(hours=1)
    return f", {hours} h after a session" if hours else ", less than 1 h after a session"


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
