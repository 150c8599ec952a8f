"""One step of a schedule as a clinician writes it: when, to whom, what it asks, its words. See README, Schedules."""

import re
from datetime import date, time, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from followup.rules.reading.reading import Prompt

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _duration(given: object) -> object:
    """`90m`, `4h`, `3d` or `2w`."""
    if isinstance(given, timedelta):
        return given
    if not isinstance(given, str) or not (found := re.fullmatch(r"(\d{1,4})([mhdw])", given)):
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
    is_time = isinstance(given, time) or (isinstance(given, str) and ":" in given)
    return _wall_clock(given) if is_time else _duration(given)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
WallClock = Annotated[time, BeforeValidator(_wall_clock)]
UseBy = Annotated[timedelta | time, BeforeValidator(_use_by)]
Language = Literal["en", "es"]
Texts = Annotated[dict[Language, Annotated[str, Field(min_length=1)]], Field(min_length=1)]
Ask = Literal["words", "score", "pain", "phq2", "yes_no", "choice"]
Recipient = Literal["patient", "companion"]
Phase = Literal["induction", "maintenance"]

ASKS: dict[Prompt, tuple[Ask, ...]] = {
    "same_day": ("words", "yes_no"),
    "mood": ("score", "pain", "phq2"),
    "appointment": ("choice",),
    "none": (),
}
"""What may be asked under each prompt; the first is what is asked where a step does not say."""
NUMBERS: dict[Ask, int] = {"score": 10, "pain": 10, "phq2": 3}
"""The highest number that answers it; the lowest is 0."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Worry(Strict):
    """Which answers a person looks at."""

    at_most: Annotated[int, Field(ge=0, le=10)] | None = None
    at_least: Annotated[int, Field(ge=0, le=10)] | None = None
    fall: Annotated[int, Field(ge=1, le=10)] | None = None
    """So much worse than what is usual for this patient."""

    @model_validator(mode="after")
    def _has_a_limit(self) -> "Worry":
        if self.at_most is None and self.at_least is None and self.fall is None:
            raise ValueError("needs at_most, at_least or fall")
        return self


class Nudge(Strict):
    """The question once more, where nobody answered."""

    after: Annotated[Duration, Field(gt=timedelta(0))]
    most: Annotated[int, Field(ge=1, le=3)] = 1
    text: Texts


class Silence(Strict):
    """A question that nobody answered by then becomes a case; at the latest half an hour before the clinic closes."""

    by: WallClock
    sooner_after: Duration
    """So long after it left, for a first session or after an urgent case within a week."""


class Condition(Strict):
    """What an earlier step of the plan must have brought. Asked when the text is about to leave."""

    step: str
    answered: bool | None = None
    answer: Literal["yes", "no", "confirm", "reschedule"] | None = None
    score_at_most: Annotated[int, Field(ge=0, le=10)] | None = None
    score_at_least: Annotated[int, Field(ge=0, le=10)] | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> "Condition":
        given = [self.answered, self.answer, self.score_at_most, self.score_at_least]
        if sum(each is not None for each in given) != 1:
            raise ValueError("exactly one of answered, answer, score_at_most, score_at_least")
        return self


class Step(Strict):
    """One text of a plan, or the same one every so many days."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    to: Recipient = "patient"

    # When
    after_end: Duration | None = None
    """This long after the session's end."""
    no_earlier_than: Duration | None = None
    """With `after_end`: the text belongs to the day of the session. Where `after_end` falls past prompt hours it
    comes earlier, down to this; past them still, it goes without its question."""
    days_after: Annotated[int, Field(ge=0, le=365)] | None = None
    """This many days after the session's date, at `at`."""
    before_appointment: Duration | None = None
    days_before_appointment: Annotated[int, Field(ge=0, le=60)] | None = None
    days_after_appointment: Annotated[int, Field(ge=0, le=60)] | None = None
    at: WallClock | None = None
    """On the patient's wall clock."""
    at_own_hour: bool = False
    """At the hour that the patient prefers, where that is known; else at `at`."""
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "workday"] | None = None
    """The first such day on or after the day that is meant."""
    every: Duration | None = None
    """With `days_after`: again and again, so many days or weeks apart, until `until_day` or `until_date`."""
    until_day: Annotated[int, Field(ge=1, le=365)] | None = None
    until_date: date | None = None
    until: Literal["next_session", "booked", "answered"] = "next_session"
    """What else ends a series: a new session always does."""
    use_by: UseBy
    """After this it is of no use: a duration from when it is due, a time that day; before an appointment,
    how long before it."""

    # For whom
    for_kinds: Annotated[list[str], Field(min_length=1)] | None = None
    phase: Phase | None = None
    session: Literal["first", "later", "last"] | None = None
    from_session: Annotated[int, Field(ge=2, le=1000)] | None = None
    unless_booked: bool = False
    instead_of: str | None = None
    """Only when that step could not ask its question on the day."""
    only_if: Condition | None = Field(default=None, alias="if")

    # What it asks
    prompt: Prompt = "none"
    ask: Ask | None = None
    """What answers it; where it is not said, what its prompt asks mostly."""
    answer_within: Duration = timedelta(hours=48)
    """A reply later than this after the text left does not answer it."""
    worry: Worry | None = None
    nudge: Nudge | None = None
    silence: Silence | None = None

    # How it leaves, and its words
    gives_way: bool = True
    """Whether it is left out where a patient would get more than the caps allow."""
    on_unknown: Literal["resend", "hold"] = "resend"
    text: Texts
    text_without_question: Texts | None = None
    text_discreet: Texts | None = None
    """For patients who want neither their name nor the clinic's in a text."""
    discretion_off: Annotated[str, Field(min_length=10)] | None = None
    """Who decided, when and why, that this text may name what others must not: the clinic's own words."""

    @property
    def asks(self) -> Ask | None:
        """What answers it; None: it is a statement."""
        return self.ask or next(iter(ASKS[self.prompt]), None)

    @property
    def is_by_appointment(self) -> bool:
        return not (self.before_appointment is self.days_before_appointment is self.days_after_appointment is None)

    @property
    def is_before_appointment(self) -> bool:
        return self.before_appointment is not None or self.days_before_appointment is not None

    @model_validator(mode="after")
    def _says_when(self) -> "Step":
        by_duration = [self.after_end is not None, self.before_appointment is not None]
        by_day = [
            each is not None for each in (self.days_after, self.days_before_appointment, self.days_after_appointment)
        ]
        if sum(by_duration) + sum(by_day) != 1:
            raise ValueError(
                "exactly one of after_end, days_after, before_appointment, days_before_appointment, "
                "days_after_appointment says when"
            )
        if any(by_day) != (self.at is not None):
            raise ValueError("what says a day needs `at`; a duration (after_end, before_appointment) has none")
        if not any(by_day) and (self.at_own_hour or self.weekday):
            raise ValueError("at_own_hour and weekday go with a day and `at`")
        if self.no_earlier_than is not None and (self.after_end is None or self.text_without_question is None):
            raise ValueError("no_earlier_than needs after_end and text_without_question")
        if self.no_earlier_than and self.after_end and self.no_earlier_than > self.after_end:
            raise ValueError("no_earlier_than is later than after_end")
        if self.is_before_appointment and isinstance(self.use_by, time):
            raise ValueError("use_by: before an appointment it is a duration")
        if isinstance(self.use_by, time) and self.at is not None and (self.at_own_hour or self.use_by <= self.at):
            raise ValueError("use_by: a time that day lies after `at`, and with at_own_hour it is a duration")
        return self

    @model_validator(mode="after")
    def _ends(self) -> "Step":
        if self.every is None:
            if self.until_day is not None or self.until_date is not None or self.until != "next_session":
                raise ValueError("until_day, until_date and until go with every")
            return self
        if self.days_after is None or self.every < timedelta(days=1) or self.every % timedelta(days=1):
            raise ValueError("every: whole days or weeks, with days_after")
        if (self.until_day is None) == (self.until_date is None):
            raise ValueError("every: exactly one of until_day and until_date, so that plans end")
        if self.until_day is not None and self.until_day < self.days_after:
            raise ValueError("until_day lies before days_after")
        return self

    @model_validator(mode="after")
    def _asks_what_its_prompt_is_for(self) -> "Step":
        if self.ask is not None and self.ask not in ASKS[self.prompt]:
            raise ValueError(f"ask: under prompt {self.prompt!r} it is one of {', '.join(ASKS[self.prompt]) or 'none'}")
        if self.prompt == "none" and (self.nudge or self.silence or self.worry):
            raise ValueError("nudge, silence and worry go with a prompt")
        if self.until == "answered" and self.prompt == "none":
            raise ValueError("until: only what is asked can be answered")
        if self.worry:
            highest = NUMBERS.get(self.asks) if self.asks else None
            if highest is None:
                raise ValueError("worry goes with a number that is asked for")
            if max(self.worry.at_most or 0, self.worry.at_least or 0, self.worry.fall or 0) > highest:
                raise ValueError(f"worry: {self.asks} goes to {highest}")
        if self.to == "companion" and self.prompt != "none":
            raise ValueError("to: a companion is told, not asked")
        for texts in (self.text, self.text_without_question, self.text_discreet, self.nudge and self.nudge.text):
            if texts and "en" not in texts:
                raise ValueError("text: en is missing; every text falls back to it")
        return self
