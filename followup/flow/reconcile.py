"""What a process that died left behind: its claims become doubts, before anything is sent again."""

from datetime import datetime

from followup.flow.send_due import doubt
from followup.flow.transaction import transaction
from followup.store import messages
from followup.store.database import Database


def doubt_stale_claims(*, database: Database, now: datetime) -> int:
    """Claims whose lease ran out: the call may have been made. How many there were."""
    with transaction(database) as db:
        stale = messages.leases_run_out(db, now=now)
        for message in stale:
            attempt = messages.attempt_of(db, message.id, message.fence)
            if attempt is not None and attempt.outcome == "open":
                attempt.outcome, attempt.ended_at = "unknown", now
                attempt.words = "the process that made the call is gone"
                db.add(attempt)
            doubt(db, message, now=now)
    return len(stale)
