"""The readers of replies as they are shipped."""

from pathlib import Path

from followup.readers_from_files import load_readers
from followup.rules.reading.readers import Readers

SCHEDULES_FOLDER = Path(__file__).parents[1] / "schedules"


def readers_of(_clinic: str | None = None) -> Readers:
    """Read once for all tests."""
    return load_readers(SCHEDULES_FOLDER)
