"""Calls and mails to staff are made: claimed, made, recorded, in three separate steps, and none of them twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from followup.carriers.carrier import Accepted, Carrier, Outcome, OutgoingCall, Refused, Unknown
from followup.carriers.mail import Mailer, OutgoingMail
from followup.flow.transaction import transaction
from followup.store import pages
from followup.store.database import Database
from followup.store.tables import Page

log = structlog.get_logger()

AT_ONCE = 8
"""Calls made side by side: one that hangs must not keep the others from ringing."""
LEASE = timedelta(seconds=60)
"""Longer than a call or a mail can take; after it whoever made it is gone."""


def reach_staff(
    *, database: Database, carrier: Carrier, mailer: Mailer, page_sender: str | None, clock: Callable[[], datetime]
) -> int:
    """Make every call and mail that waits; how many.

    One that may have been made by a process that is gone is never made again: the ladder climbs instead.
    """
    with database.reader() as db:
        waiting, has_stale = pages.waiting_pages(db, most=100), pages.has_stale(db, before=clock() - LEASE)
    if has_stale:
        with transaction(database) as db:
            pages.give_up_stale(db, before=clock() - LEASE)
    if not waiting:
        return 0

    def make(page_id: UUID) -> None:
        _make(database, carrier, mailer, page_sender, page_id, clock)

    with ThreadPoolExecutor(min(AT_ONCE, len(waiting))) as pool:
        list(pool.map(make, waiting))
    return len(waiting)


def _make(
    database: Database,
    carrier: Carrier,
    mailer: Mailer,
    page_sender: str | None,
    page_id: UUID,
    clock: Callable[[], datetime],
) -> None:
    claimed_at = clock()
    with transaction(database) as db:
        page = pages.claim_page(db, page_id, now=claimed_at)
    if page is None:
        return
    try:
        if page.way == "email":
            outcome = mailer.post(OutgoingMail(page.token, to=page.reached_at, subject=page.title, body=page.text))
        else:
            outcome = carrier.call(
                OutgoingCall(page.token, to=page.reached_at, sender=page_sender),
                may_still_call=lambda: clock() < claimed_at + LEASE / 2,
            )
    except Exception as error:  # noqa: BLE001 - it may have gone out.
        outcome = Unknown(f"it broke ({type(error).__name__})")
    _record(database, page, outcome)


def _record(database: Database, page: Page, outcome: Outcome) -> None:
    """A callback that was faster has said more already; that stands."""
    with transaction(database) as db:
        kept = db.get_one(Page, page.id, with_for_update=True)
        match outcome:
            case Accepted(sid):
                kept.outcome, kept.reason = "accepted", None
                kept.call_sid = kept.call_sid or (sid if page.way == "voice" else None)
            case Refused(_, _, words):
                kept.outcome, kept.reason = "refused", words
            case Unknown(words) if kept.outcome == "calling":
                kept.outcome, kept.reason = "unknown", words
            case _:
                pass
        db.add(kept)
        log.info("page_handed_over", page=str(page.id), way=page.way, outcome=kept.outcome)
