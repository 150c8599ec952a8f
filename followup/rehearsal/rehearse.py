"""One script from beginning to end: read, played in a database of its own, told, and held against what it expects."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from followup.rehearsal.expectations import Unmet, unmet
from followup.rehearsal.play import play
from followup.rehearsal.report import tell
from followup.rehearsal.script import ScriptMistake, read_script
from followup.schedule_files import Schedules
from followup.store.database import Database, upgrade


@dataclass(frozen=True)
class Rehearsed:
    """What came of a script."""

    lines: Sequence[str]
    """For a person."""
    unmet: Sequence[Unmet]

    @property
    def holds(self) -> bool:
        return not self.unmet


def rehearse_file(file: Path, *, schedules: Schedules) -> Rehearsed:
    """With a database that is thrown away. Raises ScriptMistake."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptMistake(f"{file.name}: cannot be read: {error}") from None
    database = Database("sqlite://")
    try:
        upgrade(database)
        return rehearse(text, file=file.name, schedules=schedules, database=database)
    finally:
        database.close()


def rehearse(text: str, *, file: str, schedules: Schedules, database: Database) -> Rehearsed:
    """In this database, which is empty. Raises ScriptMistake."""
    played = play(read_script(text, file=file), schedules=schedules, database=database)
    failed = unmet(played)
    return Rehearsed(list(tell(played, failed)), failed)
