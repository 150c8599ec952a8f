"""Before anything is claimed: was the house alive, and is this database its newest?

A house that was dead for a while, or whose database came back from a backup, may have sent what its rows call due.
So all of that is doubted, and looked up at the carrier before anything leaves.
"""

import secrets
from datetime import datetime, timedelta

import structlog

from followup.flow.render_text import render_message
from followup.flow.transaction import transaction
from followup.rules.seal import seal_of
from followup.store import attempts, people, pulse
from followup.store.database import Database, Session
from followup.store.fence import Fence
from followup.store.tables import Attempt, Message, Pulse

log = structlog.get_logger()

GAP = timedelta(minutes=5)
NOBODY_WAS_THERE = "nobody was there to send it, or this database is an old copy"


def keep_pulse(*, database: Database, fence: Fence | None, now: datetime) -> None:
    """The house is alive. Again changes nothing but the time."""
    with transaction(database) as db:
        feel_pulse(db, fence, now=now)


def feel_pulse(db: Session, fence: Fence | None, *, now: datetime) -> Pulse:
    """The house's row, locked, with its time brought up to now; whatever is due is doubted where there was a gap.

    `behind_fence_at` is set while the database is an old copy and no person has said that sending may go on.
    """
    row = pulse.lock_pulse(db, now=now)
    known = fence.read(row.database_id) if fence else 0
    if known > row.claims:
        log.error("database_is_an_old_copy", claims=row.claims, known=known)
        row.claims, row.behind_fence_at = known, now
        _doubt_everything_due(db, row, now=now)
    elif now - row.alive_at > GAP:
        log.warning("nobody_was_alive", seconds=int((now - row.alive_at).total_seconds()))
        _doubt_everything_due(db, row, now=now)
    row.alive_at = now
    db.add(row)
    db.flush()
    return row


def _doubt_everything_due(db: Session, row: Pulse, *, now: datetime) -> None:
    row.doubted_at = now
    for message in attempts.lock_due(db, now=now):
        try:
            with db.begin_nested():
                _doubt(db, message, since=row.alive_at, now=now)
        except Exception as error:  # noqa: BLE001 - the claim meets it again, and tells staff.
            log.error("text_not_doubted", message=str(message.id), error=type(error).__name__)


def _doubt(db: Session, message: Message, *, since: datetime, now: datetime) -> None:
    """As if it had been claimed when the house was last alive, and its answer had been lost."""
    clinic = people.clinic_of(db, message.clinic_id)
    patient = people.get_patient(db, clinic.id, message.patient_id) if message.patient_id else None
    message.phone = patient.phone if patient else message.phone
    if message.phone is None:
        return
    if message.purpose == "step" or message.text is None:
        message.text, message.text_language = render_message(db, message, clinic, patient)
    message.fence += 1
    message.status, message.reason, message.look_at, message.waits_for = "uncertain", NOBODY_WAS_THERE, now, None
    db.add(message)
    db.add(
        Attempt(
            clinic_id=clinic.id,
            message_id=message.id,
            token=secrets.token_hex(16),
            seal=seal_of(str(patient.id) if patient else "", message.phone, message.text),
            fence=message.fence,
            started_at=since,
            ended_at=now,
            outcome="unknown",
            words=NOBODY_WAS_THERE,
        )
    )
    db.flush()
