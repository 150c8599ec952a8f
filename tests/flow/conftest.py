"""Riverside, on both databases."""

import pytest
from hypothesis import settings

from followup.store.database import Database
from tests.flow.stories import Story, riverside

LONG = "long"
"""`pytest --hypothesis-profile long`: as `make fault-test` does."""
settings.register_profile(LONG, max_examples=400, deadline=None, database=None, print_blob=True)


@pytest.fixture
def story(database: Database) -> Story:
    return riverside(database)


@pytest.fixture
def small_story(sqlite: Database) -> Story:
    """On SQLite only: for what both databases do alike."""
    return riverside(sqlite)
