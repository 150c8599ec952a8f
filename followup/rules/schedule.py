"""A schedule as a clinician writes it: steps, each with when, what it asks and its words. See README, Schedules."""

import hashlib
import json
import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from followup.rules.reading.reading import Prompt

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class ScheduleMistake(Exception):
    """Something in a schedule file is wrong; the message names file, step and key."""

    def __init__(self, *, file: str, step: str | None, key: str, words: str) -> None:
        where = f"{file}: " + (f"step {step!r}: " if step else "") + (f"{key}: " if key else "")
        super().__init__(where + words)
        self.file, self.step, self.key = file, step, key


def _duration(given: object) -> object:
    """`90m`, `4h` or `3d`."""
    if isinstance(given, timedelta):
        return given
    if not isinstance(given, str) or not (found := re.fullmatch(r"(\d{1,4})([mhd])", given)):
        raise ValueError("must be a duration such as 90m, 4h or 3d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _wall_clock(given: object) -> object:
    """`10:00`."""
    if isinstance(given, time):
        return given
    if not isinstance(given, str) or not (found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", given)):
        raise ValueError("must be a time on the wall clock such as 10:00")
    return time(int(found[1]), int(found[2]))


def _use_by(given: object) -> object:
    return _wall_clock(given) if isinstance(given, str) and ":" in given else _duration(given)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
WallClock = Annotated[time, BeforeValidator(_wall_clock)]
UseBy = Annotated[timedelta | time, BeforeValidator(_use_by)]
Language = Literal["en", "es"]
Texts = Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Strict):
    """One text of a plan."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    after_end: Duration | None = None
    """This long after the session's end."""
    no_earlier_than: Duration | None = None
    """With `after_end`: the text belongs to the day of the session. Where `after_end` falls past prompt hours it
    comes earlier, down to this; past them still, it goes without its question."""
    days_after: Annotated[int, Field(ge=0, le=365)] | None = None
    """This many days after the session's date, at `at`."""
    days_before_appointment: Annotated[int, Field(ge=0, le=60)] | None = None
    at: WallClock | None = None
    """On the patient's wall clock."""
    use_by: UseBy
    """After this it is of no use: a duration from when it is due, a time that day; before an appointment,
    how long before it."""
    prompt: Prompt = "none"
    gives_way: bool = True
    """Whether it is left out where a patient would get more than the caps allow."""
    unless_booked: bool = False
    instead_of: str | None = None
    """Only when that step could not ask its question on the day."""
    on_unknown: Literal["resend", "hold"] = "resend"
    text: Texts
    text_without_question: Texts | None = None

    @model_validator(mode="after")
    def _has_one_when(self) -> "Step":
        given = [self.after_end is not None, self.days_after is not None, self.days_before_appointment is not None]
        if sum(given) != 1:
            raise ValueError("exactly one of after_end, days_after, days_before_appointment says when")
        if (self.after_end is None) != (self.at is not None):
            raise ValueError("days_after and days_before_appointment need `at`; after_end has none")
        if self.no_earlier_than is not None and (self.after_end is None or self.text_without_question is None):
            raise ValueError("no_earlier_than needs after_end and text_without_question")
        if self.days_before_appointment is not None and isinstance(self.use_by, time):
            raise ValueError("use_by: before an appointment it is a duration")
        if "en" not in self.text or (self.text_without_question and "en" not in self.text_without_question):
            raise ValueError("text: en is missing; every text falls back to it")
        return self


class Schedule(_Strict):
    """What patients hear after one kind of session."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    for_kinds: Annotated[list[str], Field(min_length=1)]
    first_text: Texts
    """Added to whichever text is the first that a patient ever gets."""
    step: Annotated[list[Step], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_english_first_text(self) -> "Schedule":
        if "en" not in self.first_text:
            raise ValueError("first_text: en is missing; every text falls back to it")
        return self

    @property
    def steps(self) -> list[Step]:
        return self.step

    @property
    def version(self) -> str:
        """Hash of the content: comments and layout do not count."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def get_step(self, name: str) -> Step:
        """Raises LookupError."""
        for step in self.step:
            if step.name == name:
                return step
        raise LookupError(f"no step {name!r}")


def read_schedule(given: dict[str, Any], *, file: str) -> Schedule:
    """The schedule of a parsed TOML file. Raises ScheduleMistake."""
    try:
        schedule = Schedule.model_validate(given)
    except ValidationError as error:
        raise _mistake(given, file, error) from None
    names = [step.name for step in schedule.steps]
    for step in schedule.steps:
        if names.count(step.name) > 1:
            raise ScheduleMistake(file=file, step=step.name, key="name", words="stands twice")
        if step.instead_of is not None and step.instead_of not in {*names} - {step.name}:
            raise ScheduleMistake(
                file=file, step=step.name, key="instead_of", words=f"no other step {step.instead_of!r}"
            )
    return schedule


def _mistake(given: dict[str, Any], file: str, error: ValidationError) -> ScheduleMistake:
    first = error.errors()[0]
    where = list(first["loc"])
    step = None
    if where[:1] == ["step"] and len(where) > 1 and isinstance(where[1], int):
        step, where = _step_name(given["step"][where[1]], where[1] + 1), where[2:]
    words = "is not known" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    return ScheduleMistake(file=file, step=step, key=".".join(map(str, where)), words=words)


def _step_name(given: Any, number: int) -> str:
    """As the file names it, or by its place where it has no name."""
    try:
        return str(given["name"])
    except (KeyError, TypeError):
        return f"number {number}"
