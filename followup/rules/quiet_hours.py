"""When texts may leave: windows on the patient's wall clock, narrowed by the state and by who reads answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from followup.rules.state_hours import state_hours


@dataclass(frozen=True)
class Window:
    """Open from `opens`, and no longer at `closes`."""

    opens: time
    closes: time

    def holds(self, local: time) -> bool:
        return self.opens <= local < self.closes


SENDING = Window(time(9), time(20))
"""Automatic texts. The law says 8:00 to 21:00, the strictest states 9:00 to 20:00 (facts/twilio 1.5)."""
PROMPTS = Window(time(9), time(18))
"""Texts that invite an answer: it must find a reader (facts/clinical 1.3)."""
STAFF = Window(time(8), time(21))
"""What a person writes: 47 CFR 64.1200(c)(1). Stricter states mean what is sent by itself."""
READING_TIME = timedelta(hours=2)
"""An automatic question leaves at least so long before staffed hours end (facts/clinical 1.3)."""
LOOKS_AHEAD = 15
"""Days. What finds no open hour for so long is of no use any more."""

Span = tuple[datetime, datetime]
"""From, and no longer at; UTC."""


@dataclass(frozen=True)
class StaffedHours:
    """When somebody reads answers, on the clinic's own clock."""

    zone: ZoneInfo
    opens: time = time(9)
    closes: time = time(20)
    closed_weekdays: frozenset[int] = frozenset()
    """Monday is 0."""
    closed_on: Mapping[date, str] = field(default_factory=dict[date, str])
    """Holidays and closures, with their names."""

    def why_closed(self, day: date) -> str | None:
        """In words for staff; None: it is open."""
        if day in self.closed_on:
            return f"the clinic is closed on {day:%a} {day.day} {day:%b}: {self.closed_on[day]}"
        if day.weekday() in self.closed_weekdays:
            return f"the clinic is closed on {day:%A}s"
        return None

    def is_staffed(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return self.why_closed(local.date()) is None and self.opens <= local.time() < self.closes

    def closes_at(self, day: date) -> datetime:
        return at_wall_clock(day, self.closes, self.zone)

    def finds_reader(self, span: Span) -> Iterator[Span]:
        """The parts of the span in which a question still finds a reader the same day."""
        day, last = span[0].astimezone(self.zone).date(), span[1].astimezone(self.zone).date()
        while day <= last:
            if self.why_closed(day) is None:
                begins = max(span[0], at_wall_clock(day, time(0), self.zone))
                ends = min(span[1], self.closes_at(day) - READING_TIME)
                if begins < ends:
                    yield begins, ends
            day += timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """One patient's: whose clock counts, which state's rules, and when their clinic reads answers."""

    zone: ZoneInfo
    state: str | None = None
    """Two letters, where the event or the clinic gave it; never guessed."""
    staffed: StaffedHours | None = None
    """None: nobody said, and the windows alone count."""

    def window_on(self, day: date, window: Window) -> Window | None:
        """The window of that day in that state; None: nothing leaves that day."""
        if self.state is None or window == STAFF:
            return window
        rule = state_hours(self.state, day.weekday())
        if rule is None:
            return window
        narrowed = Window(max(window.opens, rule[0]), min(window.closes, rule[1]))
        return narrowed if narrowed.opens < narrowed.closes else None

    def spans_on(self, day: date, window: Window) -> list[Span]:
        """When the window is open on that day of the patient's, earliest first; mostly one span."""
        today = self.window_on(day, window)
        if today is None:
            return []
        span = at_wall_clock(day, today.opens, self.zone), at_wall_clock(day, today.closes, self.zone)
        if span[0] >= span[1]:  # A day that never was (Apia, 2011-12-30).
            return []
        if window == PROMPTS and self.staffed is not None:
            return list(self.staffed.finds_reader(span))
        return [span]

    def is_allowed(self, at: datetime, window: Window) -> bool:
        return any(begins <= at < ends for begins, ends in self.spans_on(self._day(at), window))

    def first_allowed(self, at: datetime, window: Window) -> datetime | None:
        """`at` itself if the window is open then, else when it opens next; None: not for LOOKS_AHEAD days. UTC."""
        day = self._day(at)
        for ahead in range(LOOKS_AHEAD + 1):
            for begins, ends in self.spans_on(day + timedelta(days=ahead), window):
                if at < ends:
                    return max(at, begins)
        return None

    def closes_after(self, at: datetime, window: Window) -> datetime:
        """When the window that is open at this instant closes, in UTC; `at` itself where none is open."""
        return next((ends for begins, ends in self.spans_on(self._day(at), window) if begins <= at < ends), at)

    def why_moved(self, at: datetime, window: Window) -> str:
        """Why nothing leaves at this instant, in words for staff."""
        local = at.astimezone(self.zone)
        today = self.window_on(local.date(), window)
        if today is None:
            return f"falls on a {local:%A}, when {self.state} allows no automatic texts"
        if not today.holds(local.time()):
            why = f"falls at {local:%H:%M}, outside {today.opens:%H:%M} to {today.closes:%H:%M}"
            return why if today == window else f"{why} in {self.state}"
        assert self.staffed is not None
        day = at.astimezone(self.staffed.zone).date()
        return self.staffed.why_closed(day) or (
            f"falls less than {READING_TIME // timedelta(hours=1)} h before the clinic closes at "
            f"{self.staffed.closes:%H:%M}"
        )

    def _day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()


def at_wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant when the clock on the wall shows this.

    Where clocks go forward over it: the first minute after the gap. Where it comes twice: the first.
    """
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    return _end_of_gap(local, zone)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    """`local` does not exist. Read with the offset from after the gap it lies before it, with the other behind it."""
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset_before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset_before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
