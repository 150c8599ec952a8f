"""The only place that commits."""

from collections.abc import Generator
from contextlib import contextmanager

from followup.store.database import Database, Session


@contextmanager
def transaction(database: Database) -> Generator[Session]:
    """All of the block or nothing of it. Other writers wait meanwhile, so nothing slow belongs inside."""
    with database.writer() as db:
        yield db
        db.commit()
