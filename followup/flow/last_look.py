"""Asked by the carrier just before the bytes leave: may this one still go?"""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from followup.carriers.carrier import OutgoingText
from followup.rules.last_look import may_still_leave
from followup.rules.seal import seal_of
from followup.store import attempts
from followup.store.database import Database

log = structlog.get_logger()


def last_look(
    database: Database,
    texts: Sequence[OutgoingText],
    *,
    give_up_at: datetime,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool],
) -> Callable[[str], bool]:
    """For `Carrier.send`: takes an attempt's token.

    After `give_up_at` never: a process that was stopped and wakes up late must not send, somebody else may have.
    What cannot be looked up does not leave either; it certainly was not sent, and is tried again.
    """
    known = {text.attempt: text for text in texts}

    def may_leave(token: str) -> bool:
        if is_stopping() or clock() >= give_up_at:
            return False
        text = known[token]
        try:
            with database.reader() as db:
                standing, patient = attempts.standing(db, token)
        except Exception as error:  # noqa: BLE001 - whatever keeps us from looking keeps the text from leaving.
            log.error("last_look_failed", error=type(error).__name__)
            return False
        if clock() >= give_up_at:  # Stopped while it looked: what it saw may be long over.
            return False
        return may_still_leave(standing, seal=seal_of(patient, text.to, text.body), number=text.to)

    return may_leave
