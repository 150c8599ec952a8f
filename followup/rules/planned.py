"""What planning takes and gives: the facts of a session or an appointment, and dated texts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from followup.rules.quiet_hours import Hours, StaffedHours
from followup.rules.reading.reading import Prompt
from followup.rules.step import Ask, Phase, Recipient

Wording = Literal["question", "statement", "nudge"]


@dataclass(frozen=True)
class SessionFacts:
    """What planning needs to know of a session and its patient; or of an appointment alone, without a session."""

    kind: str
    ended_at: datetime | None
    """UTC. None: an appointment alone; there was no session yet."""
    zone: ZoneInfo
    number: int | None = None
    """None: the patient's first."""
    appointment_at: datetime | None = None
    """The next one that is booked, UTC."""
    phase: str | None = None
    """As the record system says; else its number says it."""
    series_length: int | None = None
    state: str | None = None
    staffed: StaffedHours | None = None
    zone_is_clinics: bool = False
    """Nobody told the patient's own zone."""
    own_hour: time | None = None
    """When the patient likes to be texted, on their own clock."""
    has_companion: bool = False
    """Somebody who agreed to be texted."""

    @property
    def hours(self) -> Hours:
        return Hours(self.zone, self.state, self.staffed)

    def phase_of(self, series_length: int | None) -> Phase:
        """Said by the record system, else by the number; who is not known to be past the series is in it."""
        if self.phase is not None:
            return "maintenance" if self.phase.lower().startswith("maint") else "induction"
        length = self.series_length or series_length
        is_past = length is not None and self.number is not None and self.number > length
        return "maintenance" if is_past else "induction"

    def is_last_of(self, series_length: int | None) -> bool:
        length = self.series_length or series_length
        return length is not None and self.number == length


@dataclass(frozen=True)
class PlannedMessage:
    """One text with its date. Times are UTC."""

    step: str
    """The text's own name: the step's, for one of a series with its day."""
    due_at: datetime
    use_by_at: datetime
    moved: str | None
    """Why it does not come when the step says; None exactly when it does."""
    prompt: Prompt
    wording: Wording
    gives_way: bool
    on_unknown: Literal["resend", "hold"]
    unless_booked: bool
    is_catch_up: bool = False
    to: Recipient = "patient"
    is_by_appointment: bool = False
    """Its date hangs on the appointment's."""
    ask: Ask | None = None
    answer_within: timedelta = timedelta(hours=48)
    condition: str | None = None
    """What decides in the end whether it leaves, in words; None: it leaves whatever the patient answers."""


@dataclass(frozen=True)
class LeftOut:
    """A text that this plan does not have, and why."""

    step: str
    why: str
    due_at: datetime | None = None
    """When it would have come; None: its step is not for this session at all."""
    gave_way: PlannedMessage | None = None
    """The text as it would have been, where it gave way to others."""


@dataclass(frozen=True)
class Plan:
    """All that becomes of a schedule for one session."""

    texts: Sequence[PlannedMessage] = ()
    """Earliest first."""
    left_out: Sequence[LeftOut] = field(default_factory=tuple[LeftOut, ...])
