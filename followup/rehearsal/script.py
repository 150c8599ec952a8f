"""A rehearsal as a clinician writes it (TOML). See README, Rehearsals."""

import re
import tomllib
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, ValidationError, model_validator

from followup.rehearsal.entries import ClinicPart, Expect, LocalTime, PatientPart, Then, Zone
from followup.rules.step import Duration, Strict

Section = Literal["patient", "then", "expect"]


class ScriptMistake(Exception):
    """Something in a rehearsal's script is wrong; the message names file, line, entry and key."""


def _listed(given: object) -> object:
    """`[patient]` for one, `[[patient]]` for each of several."""
    return [given] if isinstance(given, dict) else given


class Script(Strict):
    """Times are on the wall clock of the patient whom they are about."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    schedule: str
    """The file's name without its ending; sessions of other kinds follow theirs."""
    zone: Zone
    """The clinic's."""
    starts: LocalTime
    lasts: Duration | None = None
    """Without it until a day after the last that happens or is expected."""
    staff_close_after: Duration = timedelta(hours=4)
    """So long after it last changed staff close a case. Until then what comes joins it, and an urgent one holds
    automatic texts."""
    clinic: ClinicPart = ClinicPart()
    patient: Annotated[list[PatientPart], BeforeValidator(_listed), Field(min_length=1, max_length=20)]
    then: Annotated[list[Then], Field(min_length=1)]
    expect: Annotated[list[Expect], Field(min_length=1)]
    _file: str = PrivateAttr("")
    _lines: dict[str, list[int]] = PrivateAttr({})

    @property
    def file(self) -> str:
        return self._file

    def line(self, section: Section, number: int) -> int | None:
        """Where entry `number` (from 1) of a section begins in the file."""
        lines = self._lines.get(section, [])
        return lines[number - 1] if number <= len(lines) else None

    def mistake(self, section: Section, number: int, key: str, words: str) -> ScriptMistake:
        return _mistake(self._file, self._lines, [section, number - 1, key], words)

    def find_patient(self, section: Section, number: int, who: str | None) -> PatientPart:
        """The one named, or the only one. Raises ScriptMistake."""
        names = ", ".join(patient.given_name for patient in self.patient)
        if who is None and len(self.patient) == 1:
            return self.patient[0]
        for patient in self.patient:
            if patient.given_name == who:
                return patient
        raise self.mistake(section, number, "who", f"no {who!r}; it is one of {names}" if who else f"say who: {names}")

    @model_validator(mode="after")
    def _can_tell_patients_apart(self) -> "Script":
        names = [patient.given_name for patient in self.patient]
        if len(set(names)) < len(names):
            raise ValueError("patient: two have the same given_name")
        return self


def read_script(text: str, *, file: str) -> Script:
    """The script of a TOML file's text. Raises ScriptMistake."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptMistake(f"{file}: is no TOML: {error}") from None
    lines = {section: _lines_of(section, text) for section in ("patient", "then", "expect")}
    try:
        script = Script.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        words = "is not known" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
        raise _mistake(file, lines, list(first["loc"]), words) from None
    script._file, script._lines = file, lines
    return script


def _lines_of(section: str, text: str) -> list[int]:
    header = re.compile(rf"\s*\[\[?\s*{section}\s*\]")
    return [number for number, line in enumerate(text.splitlines(), start=1) if header.match(line)]


def _mistake(file: str, lines: dict[str, list[int]], where: list[Any], words: str) -> ScriptMistake:
    named = [file]
    if len(where) > 1 and isinstance(where[1], int):
        section, number, *where = where
        known = lines.get(section, [])
        named[0] += f", line {known[number]}" if number < len(known) else ""
        named.append(f"{section} {number + 1}")
    key = ".".join(str(part) for part in where if part)
    return ScriptMistake(": ".join([*named, *([key] if key else []), words]))
