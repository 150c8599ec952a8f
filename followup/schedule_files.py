"""Reads schedules/*.toml into rules. A mistake stops the start and names file, step and key.

While the service runs a changed file counts from the next session on; a mistake in it is shown, and the last good
version of that file stays in force. `schedules/<clinic-slug>/` holds what one clinic has otherwise.
"""

import re
import threading
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from followup.rules.schedule import Schedule, ScheduleMistake
from followup.rules.schedule import read_schedule as read_parsed
from followup.rules.schedule_checks import check_schedule, revealing
from followup.rules.standard_texts import StandardTexts, read_standard_texts

SHIPPED = Path(__file__).parents[1] / "schedules"
STANDARD_TEXTS, REVEALING_WORDS = "standard_texts.toml", "revealing_words.toml"
NO_SCHEDULES = frozenset({STANDARD_TEXTS, REVEALING_WORDS, "danger_words.toml", "side_effect_words.toml"})
"""Files of the folder that hold something else."""


@dataclass(frozen=True)
class LoadedSchedule:
    """A schedule with its name (the file's, without ending) and the file's text."""

    name: str
    schedule: Schedule
    source_text: str


class Schedules:
    """What counts for a clinic: its schedules, found by name or kind of session, and its standard texts."""

    def __init__(self, loaded: Iterable[LoadedSchedule], *, texts: StandardTexts | None = None, at: str = "") -> None:
        """`at` is the folder inside that of all, for mistakes; without `texts` those that ship count.

        Raises ScheduleMistake where two files are for the same kind of session.
        """
        self._texts, self._at = texts, at
        self.mistakes: list[ScheduleMistake] = []
        """What is wrong with files that were changed since the start; the versions before are in force."""
        self._take(loaded)

    def _take(self, loaded: Iterable[LoadedSchedule]) -> None:
        by_name = {each.name: each for each in loaded}
        by_kind: dict[str, LoadedSchedule] = {}
        for each in by_name.values():
            for kind in each.schedule.for_kinds:
                other = by_kind.setdefault(kind, each)
                if other is not each:
                    words = f"{other.name}.toml is for {kind!r} too"
                    raise ScheduleMistake(file=f"{self._at}{each.name}.toml", step=None, key="for_kinds", words=words)
        self._by_name, self._by_kind = by_name, by_kind

    def __iter__(self) -> Iterator[LoadedSchedule]:
        return iter(self._by_name.values())

    def named(self, name: str) -> LoadedSchedule | None:
        return self._by_name.get(name)

    def for_kind(self, kind: str) -> LoadedSchedule | None:
        return self._by_kind.get(kind)

    def fallback(self) -> LoadedSchedule | None:
        """For a session whose kind was not said, or an appointment: `general`, or the only schedule there is."""
        only = next(iter(self._by_name.values())) if len(self._by_name) == 1 else None
        return self._by_name.get("general") or only

    def of(self, slug: str) -> "Schedules":
        """What counts for the clinic of this slug now."""
        del slug
        return self

    def texts(self, slug: str) -> StandardTexts:
        """The standard texts that count for this clinic."""
        return self.of(slug)._texts or read_texts(SHIPPED)

    def look_again(self) -> None:
        """Take over what changed; what is wrong is kept in `mistakes`, and changes nothing."""

    def mistakes_for(self, slug: str) -> list[ScheduleMistake]:
        """Those in files of all clinics, and in this clinic's own."""
        return [each for each in self.mistakes if "/" not in each.file or each.file.startswith(f"{slug}/")]

    @property
    def folder(self) -> Path:
        """Where they and the words for reading replies lie."""
        return SHIPPED

    @property
    def reveals(self) -> re.Pattern[str]:
        """Words that no text says."""
        return revealing_words(SHIPPED)


class ScheduleFolder(Schedules):
    """What counts for all clinics, and what single ones have otherwise, as the files are now."""

    def __init__(self, folder: Path) -> None:
        """Raises ScheduleMistake, also for a folder that holds none."""
        super().__init__([])
        self._folder, self._looking = folder, threading.Lock()
        self._own: dict[str, dict[str, LoadedSchedule]] = {}
        self._of_clinics: dict[str, Schedules] = {}
        self._seen = _signature(folder)
        self._read()
        if self.mistakes:
            raise self.mistakes[0]

    def of(self, slug: str) -> Schedules:
        self.look_again()
        return self._of_clinics.get(slug, self)

    def look_again(self) -> None:
        with self._looking:
            seen = _signature(self._folder)
            if seen != self._seen:
                self._seen = seen
                self._read()

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def reveals(self) -> re.Pattern[str]:
        return revealing_words(self._folder)

    def _read(self) -> None:
        """Everything as it is now; where there is a mistake, as it was before."""
        self.mistakes = []
        if not _schedule_files(self._folder):  # Nobody removes all of them on purpose.
            self._note(ScheduleMistake(file=self._folder.name, step=None, key="", words="no *.toml file is here"))
            return
        try:
            self._take(self._load_each(self._folder, self._by_name))
        except ScheduleMistake as mistake:
            self._note(mistake)
        self._texts = self._read_texts(None, self._texts)
        self._of_clinics = {place.name: self._read_clinic(place) for place in _clinic_folders(self._folder)}

    def _read_clinic(self, place: Path) -> Schedules:
        slug, before = place.name, self._of_clinics.get(place.name)
        own = {each.name: each for each in self._load_each(place, self._own.get(slug, {}))}
        texts = self._read_texts(slug, before._texts if before else self._texts)
        try:
            found = Schedules({**self._by_name, **own}.values(), texts=texts, at=f"{slug}/")
        except ScheduleMistake as mistake:
            self._note(mistake)
            return before or Schedules(self._by_name.values(), texts=texts)
        self._own[slug] = own
        return found

    def _load_each(self, place: Path, before: dict[str, LoadedSchedule]) -> list[LoadedSchedule]:
        loaded: list[LoadedSchedule] = []
        for file in _schedule_files(place):
            try:
                loaded.append(_load(file, self._folder))
            except ScheduleMistake as mistake:
                self._note(mistake)
                loaded += [before[file.stem]] if file.stem in before else []
        return loaded

    def _read_texts(self, slug: str | None, before: StandardTexts | None) -> StandardTexts | None:
        try:
            return read_texts(self._folder, slug=slug)
        except ScheduleMistake as mistake:
            self._note(mistake)
            return before

    def _note(self, mistake: ScheduleMistake) -> None:
        """Once, though it is met with every file."""
        if str(mistake) not in map(str, self.mistakes):
            self.mistakes.append(mistake)


def load_schedules(folder: Path) -> Schedules:
    """Raises ScheduleMistake; also for a folder that holds none."""
    return ScheduleFolder(folder)


def read_texts(folder: Path, *, slug: str | None = None) -> StandardTexts:
    """The clinic's own standard texts, else the folder's, else those that ship. Raises ScheduleMistake."""
    places = [*([folder / slug] if slug else []), folder, SHIPPED]
    file = next(place / STANDARD_TEXTS for place in places if (place / STANDARD_TEXTS).exists())
    reveals = revealing_words(*dict.fromkeys((folder, file.parent)))
    return read_standard_texts(_read_toml(file, folder), file=_named(file, folder), reveals=reveals)


def revealing_words(*folders: Path) -> re.Pattern[str]:
    """What ships, and what each of these folders adds. Raises ScheduleMistake; the first is that of all clinics."""
    return _revealing_words(folders, *(_signature(place) for place in (SHIPPED, *folders)))


@lru_cache(maxsize=16)
def _revealing_words(folders: tuple[Path, ...], *_: object) -> re.Pattern[str]:
    words: list[str] = []
    for place in dict.fromkeys((SHIPPED, *folders)):
        file = place / REVEALING_WORDS
        given = _read_toml(file, folders[0]).get("words") if file.exists() else []
        if not isinstance(given, list) or not all(isinstance(word, str) and len(word) > 2 for word in given):
            where = _named(file, folders[0])
            raise ScheduleMistake(file=where, step=None, key="words", words="is a list of words of three letters up")
        words += given
    return revealing(words)


@lru_cache(maxsize=256)
def read_schedule(text: str, *, file: str) -> Schedule:
    """One file's text, as a version that was kept: what may be sent was checked when it was first read.

    Raises ScheduleMistake.
    """
    return read_parsed(_parse_toml(text, file), file=file)


# Files ---------------------------------------------------------------------------------------------------


def _load(file: Path, root: Path) -> LoadedSchedule:
    text, name = _read_text(file, root), _named(file, root)
    schedule = read_schedule(text, file=name)
    check_schedule(schedule, file=name, reveals=revealing_words(*dict.fromkeys((root, file.parent))))
    return LoadedSchedule(file.stem, schedule, text)


def _named(file: Path, root: Path) -> str:
    """As mistakes call it: `general.toml`, `riverside/general.toml`."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else file.name


def _schedule_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.toml") if file.name not in NO_SCHEDULES)


def _clinic_folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.glob("*/") if each.is_dir() and each.name != "rehearsals")


def _signature(folder: Path) -> tuple[tuple[str, float, int], ...]:
    """Changes whenever a file of the folder does."""
    found: list[tuple[str, float, int]] = []
    for file in sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml")]):
        try:
            stat = file.stat()
        except OSError:
            continue  # Gone since it was listed.
        found.append((str(file), stat.st_mtime, stat.st_size))
    return tuple(found)


def _read_toml(file: Path, root: Path) -> dict[str, Any]:
    return _parse_toml(_read_text(file, root), _named(file, root))


def _read_text(file: Path, root: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScheduleMistake(file=_named(file, root), step=None, key="", words=f"cannot be read: {error}") from None


def _parse_toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleMistake(file=file, step=None, key="", words=f"is no TOML: {error}") from None
