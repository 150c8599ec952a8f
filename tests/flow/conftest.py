"""Riverside, on both databases."""

import pytest

from followup.store.database import Database
from tests.flow.stories import Story, riverside


@pytest.fixture
def story(database: Database) -> Story:
    return riverside(database)


@pytest.fixture
def small_story(sqlite: Database) -> Story:
    """On SQLite only: for what both databases do alike."""
    return riverside(sqlite)
