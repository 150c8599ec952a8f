"""A schedule as a clinician writes it: what patients hear after one kind of session. See README, Schedules."""

import hashlib
import json
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from followup.rules.step import NUMBERS, Condition, Duration, Language, Step, Strict, Texts

__all__ = ["Language", "Schedule", "ScheduleMistake", "Step", "Texts", "read_schedule"]

OF_A_DAY = re.compile(r", day \d+$")
OF_A_NUDGE = re.compile(r", nudge( \d)?$")


class ScheduleMistake(Exception):
    """Something in a schedule file is wrong; the message names file, step and key."""

    def __init__(self, *, file: str, step: str | None, key: str, words: str) -> None:
        where = f"{file}: " + (f"step {step!r}: " if step else "") + (f"{key}: " if key else "")
        super().__init__(where + words)
        self.file, self.step, self.key = file, step, key


class Schedule(Strict):
    """What patients hear after one kind of session, and before the next."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    for_kinds: Annotated[list[str], Field(min_length=1)]
    series_length: Annotated[int, Field(ge=1, le=100)] | None = None
    """How many sessions induction has, where the record system does not say."""
    usual_for: Duration = timedelta(hours=4)
    """How long after-effects are usual after a session's end: `{usual_until}`."""
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
        """Hash of the content: comments, layout and what is written as it is anyway do not count."""
        content = json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def get_step(self, name: str) -> Step:
        """By its own name or by that of one of its texts: `mood, day 14`, `mood, day 14, nudge`. Raises LookupError."""
        step = self.find_step(name)
        if step is None:
            raise LookupError(f"no step {name!r}")
        return step

    def find_step(self, name: str) -> Step | None:
        for wanted in (name, base := OF_A_NUDGE.sub("", name), OF_A_DAY.sub("", base)):
            for step in self.step:
                if step.name == wanted:
                    return step
        return None


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
        if OF_A_DAY.search(step.name) or OF_A_NUDGE.search(step.name):
            words = "ends like a text of a series or a nudge"
            raise ScheduleMistake(file=file, step=step.name, key="name", words=words)
        others = {*names} - {step.name}
        for key, named in (("instead_of", step.instead_of), ("if.step", step.only_if and step.only_if.step)):
            if named is not None and named not in others:
                raise ScheduleMistake(file=file, step=step.name, key=key, words=f"no other step {named!r}")
        if step.only_if and (words := _why_never(step.only_if, schedule.get_step(step.only_if.step))):
            raise ScheduleMistake(file=file, step=step.name, key="if", words=f"can never hold: {words}")
        if unknown := set(step.for_kinds or []) - set(schedule.for_kinds):
            words = f"the schedule is not for {min(unknown)!r}"
            raise ScheduleMistake(file=file, step=step.name, key="for_kinds", words=words)
    return schedule


def _why_never(given: Condition, earlier: Step) -> str | None:
    """Why no answer to that step is ever what is waited for, in words; None: some are."""
    if earlier.asks is None:
        return f"{earlier.name!r} asks nothing"
    if earlier.every is not None:
        return f"{earlier.name!r} asks again and again, and which answer is meant nobody can say"
    if given.answer is not None and earlier.asks != ("yes_no" if given.answer in {"yes", "no"} else "choice"):
        return f"nobody answers {given.answer!r} to {earlier.asks}"
    if given.score_at_most is not None or given.score_at_least is not None:
        highest = NUMBERS.get(earlier.asks)
        if highest is None:
            return f"{earlier.name!r} asks for no number"
        if given.score_at_least is not None and given.score_at_least > highest:
            return f"{earlier.asks} goes to {highest}"
    return None


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
