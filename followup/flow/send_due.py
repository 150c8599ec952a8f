"""The only place that hands a text to the carrier: claim, call, record, in three separate steps."""

from collections.abc import Callable
from datetime import datetime, timedelta

from followup.carriers.carrier import Carrier
from followup.flow.claim_texts import SendingRules, claim_texts
from followup.flow.last_look import last_look
from followup.flow.record_outcomes import record_outcomes
from followup.store import messages
from followup.store.database import Database

CALL_MARGIN = timedelta(seconds=15)
"""What a call may take (connect, send, read) before the lease ends; a claim closer to its end is given up."""

Clock = Callable[[], datetime]


def send_due(
    *,
    database: Database,
    carrier: Carrier,
    rules: SendingRules,
    clock: Clock,
    is_stopping: Callable[[], bool] = lambda: False,
    after_round: Callable[[], None] = lambda: None,
) -> int:
    """Send everything that is due and may leave; how many texts were handed to the carrier.

    Any number of processes may do this at once: each message is claimed by one of them. Once `is_stopping` nothing
    is claimed any more, and what waits for its turn does not leave; `after_round` is called when a claim is recorded.
    """
    handed = 0
    while not is_stopping():
        claimed_at = clock()
        texts, looked_at = claim_texts(database=database, rules=rules, now=claimed_at)
        if not looked_at:
            break
        handed += len(texts)
        give_up_at = claimed_at + rules.lease - min(CALL_MARGIN, rules.lease / 2)
        may_leave = last_look(database, texts, give_up_at=give_up_at, clock=clock, is_stopping=is_stopping)
        for answers in carrier.send(texts, may_still_send=may_leave):
            record_outcomes(database, answers, now=clock())
        after_round()
    return handed


def next_due(database: Database) -> datetime | None:
    """When there is something to look at next; None: nothing is planned."""
    with database.reader() as db:
        return messages.next_wake(db)
