"""Texts that came while nobody answered the carrier's webhook: it does not call again, but it lists them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from followup.carriers.carrier import Carrier, IncomingText
from followup.flow.receive_reply import keep_replies
from followup.flow.transaction import transaction
from followup.store import pulse, replies
from followup.store.database import Database

log = structlog.get_logger()

OVERLAP = timedelta(days=1)
"""A look begins this long before the last good one: Twilio's list may show a text late, or count in whole days."""
AT_ONCE = 500


def recover_replies(*, database: Database, carrier: Carrier, now: datetime) -> int:
    """Store what the carrier lists and we do not have; how many texts were found.

    The mark in the database moves to `now`, when this look began, only after the whole list was read. So an outage of
    any length is made up for, and so is a database that came back from a backup. Raises what the carrier raised; what
    it had listed until then is stored all the same.
    """
    listed: list[IncomingText] = []
    try:
        for text in carrier.list_incoming(since=_since(database, now)):
            listed.append(text)  # Nothing is open meanwhile: the carrier may take seconds for each page.
    finally:
        # The list shows the newest first; a STOP and a START are to be read in the order in which they were written.
        found = sum(_keep_missing(database, batch, now) for batch in _batches(listed[::-1]))
    with transaction(database) as db:
        pulse.note_look_at_replies(db, began_at=now)
    return found


def _since(database: Database, now: datetime) -> datetime:
    with database.reader() as db:
        row = pulse.find_pulse(db)
    return ((row and row.replies_looked_at) or now) - OVERLAP


def _keep_missing(database: Database, listed: Sequence[IncomingText], now: datetime) -> int:
    """Through the same door as the webhook. Mostly there is nothing, and so nothing is written."""
    with database.reader() as db:
        known = replies.known_sids(db, [text.sid for text in listed])
    missing = [text for text in listed if text.sid not in known]
    if not missing:
        return 0
    found = len(keep_replies(database, missing, now=now, recovered=True))
    log.warning("replies_recovered", count=found)
    return found


def _batches(texts: Sequence[IncomingText]) -> Iterator[Sequence[IncomingText]]:
    for start in range(0, len(texts), AT_ONCE):
        yield texts[start : start + AT_ONCE]
