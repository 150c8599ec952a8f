"""Reads schedules/*.toml into rules. A mistake stops the start and names file, step and key."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from followup.rules.schedule import Schedule, ScheduleMistake
from followup.rules.schedule import read_schedule as read_parsed
from followup.rules.wording import check_texts


@dataclass(frozen=True)
class LoadedSchedule:
    """A schedule with its name (the file's, without ending) and the file's text."""

    name: str
    schedule: Schedule
    source_text: str


class Schedules:
    """All schedules of a folder."""

    def __init__(self, loaded: list[LoadedSchedule]) -> None:
        """Raises ScheduleMistake where two files are for the same kind of session."""
        self._by_name = {each.name: each for each in loaded}
        self._by_kind: dict[str, LoadedSchedule] = {}
        for each in loaded:
            for kind in each.schedule.for_kinds:
                other = self._by_kind.setdefault(kind, each)
                if other is not each:
                    raise ScheduleMistake(
                        file=f"{each.name}.toml",
                        step=None,
                        key="for_kinds",
                        words=f"{other.name}.toml is for {kind!r} too",
                    )

    def __iter__(self) -> Iterator[LoadedSchedule]:
        return iter(self._by_name.values())

    def named(self, name: str) -> LoadedSchedule | None:
        return self._by_name.get(name)

    def for_kind(self, kind: str) -> LoadedSchedule | None:
        return self._by_kind.get(kind)

    def fallback(self) -> LoadedSchedule | None:
        """For a session whose kind was not said: `general`, or the only schedule there is."""
        only = next(iter(self._by_name.values())) if len(self._by_name) == 1 else None
        return self._by_name.get("general") or only


def load_schedules(folder: Path) -> Schedules:
    """Raises ScheduleMistake; also for a folder that holds none."""
    files = sorted(file for file in folder.glob("*.toml") if not file.stem.endswith("_words"))  # reading_files.py
    if not files:
        raise ScheduleMistake(file=str(folder), step=None, key="", words="no *.toml file is here")
    return Schedules([_load(file) for file in files])


def _load(file: Path) -> LoadedSchedule:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScheduleMistake(file=file.name, step=None, key="", words=f"cannot be read: {error}") from None
    return LoadedSchedule(file.stem, read_schedule(text, file=file.name), text)


@lru_cache(maxsize=256)
def read_schedule(text: str, *, file: str) -> Schedule:
    """One file's text. Raises ScheduleMistake."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleMistake(file=file, step=None, key="", words=f"is no TOML: {error}") from None
    schedule = read_parsed(given, file=file)
    check_texts(schedule, file=file)
    return schedule
