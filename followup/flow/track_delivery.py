"""What the carrier says of a text later: kept as said, then the message moves, never back."""

from datetime import datetime

import structlog

from followup.carriers.carrier import Cause, StatusReport
from followup.flow.send_due import accept
from followup.flow.tell_staff import tell_staff
from followup.flow.transaction import transaction
from followup.rules.delivery import after_report
from followup.store import messages, people
from followup.store.database import Database, Session
from followup.store.tables import DeliveryReport, Message

log = structlog.get_logger()


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
    attempted = messages.lock_attempted(db, [token]).get(token) if token else None
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
        return
    accept(db, message, report.sid, now=now)
    before = message.status
    message.status = after_report(before, report.status)  # pyright: ignore[reportArgumentType] - text columns.
    if message.status == before:
        return
    if message.status in {"delivered", "undelivered", "failed"}:
        message.ended_at = now
    if message.status in {"undelivered", "failed"}:
        message.reason = f"the carrier could not deliver it (code {report.code or 'unknown'})"
        _tell(db, message, report, now=now)
    db.add(message)
    db.flush()
    log.info("text_moved", message=str(message.id), status=message.status, code=report.code)


def _tell(db: Session, message: Message, report: StatusReport, *, now: datetime) -> None:
    if report.cause is Cause.OPTED_OUT and message.phone:
        people.opt_out(db, message.clinic_id, message.phone, reply_id=None, now=now)
    tell_staff(db, message, f"A text was not delivered (code {report.code or 'unknown'})", now=now)
