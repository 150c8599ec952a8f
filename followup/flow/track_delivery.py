"""What the carrier says of a text later: kept as said, then the message moves, never back."""

from datetime import datetime, timedelta

import structlog

from followup.carriers.carrier import Cause, StatusReport
from followup.flow.record_outcomes import accept, double, spoil_number
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules.delivery import after_report
from followup.store import attempts, messages, people
from followup.store.database import Database, Session
from followup.store.tables import DeliveryReport, Message

log = structlog.get_logger()

MOST_TIMES_AGAIN = 2
AGAIN_AFTER = timedelta(minutes=15)
"""A network that did not deliver may do so later. Past the text's use-by nobody tries."""

SAME_AS_BEFORE = {
    *("clinic_id", "patient_id", "plan_id", "session_id", "appointment_id", "case_id", "author_id"),
    *(
        "purpose",
        "to",
        "step",
        "wording",
        "prompt",
        "ask",
        "priority",
        "gives_way",
        "unless_booked",
        "on_unknown",
        "use_by_at",
    ),
    *("phone", "text", "text_language"),
}


def track_delivery(*, database: Database, report: StatusReport, token: str | None, now: datetime) -> None:
    """Keep one report and move its message. Twice, out of order, before the answer or for an unknown SID: all fine.

    `token` is the attempt's own, from the callback's address: a report that carries it proves acceptance.
    """
    with transaction(database) as db:
        message = _whose(db, report, token)
        kept = messages.keep_report(
            db,
            DeliveryReport(
                clinic_id=message.clinic_id if message else None,
                message_id=message.id if message else None,
                token=token,
                carrier_sid=report.sid,
                status=report.status,
                code=report.code or 0,
                received_at=now,
            ),
        )
        if message is None:
            log.warning("report_for_unknown_text", status=report.status)
        elif kept:
            _move(db, message, report, now=now)


def _whose(db: Session, report: StatusReport, token: str | None) -> Message | None:
    attempted = attempts.lock_attempted(db, [token]).get(token) if token else None
    if attempted is None:
        return messages.lock_by_sid(db, report.sid)
    attempt, message = attempted
    if attempt.carrier_sid is None:
        attempt.outcome, attempt.carrier_sid = "accepted", report.sid
        db.add(attempt)
    return message


def _move(db: Session, message: Message, report: StatusReport, *, now: datetime) -> None:
    if message.carrier_sid not in {None, report.sid}:
        log.warning("report_for_an_older_attempt", message=str(message.id), status=report.status)
        if report.status not in {"failed", "undelivered"}:
            double(db, message, now=now)
        return
    accept(db, message, report.sid, now=now)
    before = message.status
    message.status = after_report(before, report.status)  # pyright: ignore[reportArgumentType] - text columns.
    if message.status == before:
        return
    if message.status in {"delivered", "undelivered", "failed"}:
        message.ended_at = now
    if message.status == "delivered":
        _verify_number(db, message, now=now)
    if message.status in {"undelivered", "failed"}:
        message.reason = f"the carrier could not deliver it (code {report.code or 'unknown'})"
        _not_delivered(db, message, report, now=now)
    db.add(message)
    db.flush()
    log.info("text_moved", message=str(message.id), status=message.status, code=report.code)


def _verify_number(db: Session, message: Message, *, now: datetime) -> None:
    patient = people.find_by_id(db, message.clinic_id, message.patient_id) if message.patient_id else None
    if patient is not None and patient.phone == message.phone:
        patient.phone_verified_at, patient.phone_fault = now, None
        db.add(patient)


def _not_delivered(db: Session, message: Message, report: StatusReport, *, now: datetime) -> None:
    """Whose fault it is decides what comes next (facts/twilio 1.4)."""
    words = f"A text was not delivered (code {report.code or 'unknown'})"
    match report.cause:
        case Cause.OPTED_OUT if message.phone:
            people.opt_out(db, message.clinic_id, message.phone, reply_id=None, now=now)
            tell_staff(db, message, words, now=now)
        case Cause.NUMBER:
            spoil_number(db, message, f"not delivered (code {report.code})", now=now)
        case Cause.TRANSIENT if _may_try_once_more(message, now=now):
            _plan_once_more(db, message, now=now)
        case _:
            tell_staff(db, message, words, now=now)


def _may_try_once_more(message: Message, *, now: datetime) -> bool:
    """A page is not: the ladder has rung somebody else by then."""
    is_in_time = message.again < MOST_TIMES_AGAIN and now + AGAIN_AFTER < message.use_by_at
    return is_in_time and message.purpose != "page"


def _plan_once_more(db: Session, message: Message, *, now: datetime) -> None:
    """A message of its own, checked and rendered anew: what has ended never moves back."""
    due_at = now + AGAIN_AFTER
    db.add(
        Message(
            **message.model_dump(include=SAME_AS_BEFORE),
            again=message.again + 1,
            again_of=message.id,
            due_at=due_at,
            wake_at=due_at,
            moved="the network did not deliver it the first time",
            created_at=now,
        )
    )
    db.flush()
