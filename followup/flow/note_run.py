"""The last good tick of a job is a row: readiness and the late banner read it."""

from datetime import datetime, timedelta

from followup.flow.transaction import transaction
from followup.store import figures
from followup.store.database import Database

OFTEN_ENOUGH = timedelta(seconds=10)
"""A good run after a good run this close changes nothing that anybody looks at."""


def note_run(*, database: Database, name: str, good: bool, now: datetime) -> None:
    """Remember how a run went. Good runs in quick succession are written once."""
    if good:
        with database.reader() as db:
            last = figures.last_good_run(db, name)
        if last is not None and timedelta(0) <= now - last < OFTEN_ENOUGH:
            return
    with transaction(database) as db:
        figures.note_run(db, name, good=good, now=now)
