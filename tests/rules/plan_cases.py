"""Builders of named cases: a session, a schedule of a few steps, and what becomes of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from followup.rules.planned import Plan
from followup.rules.planning import SessionFacts, make_plan
from followup.rules.quiet_hours import StaffedHours
from followup.rules.schedule import Schedule
from tests.rules.schedules import MOOD, SAFE, SAME_DAY, small, wall

NEW_YORK = "America/New_York"
FRIDAY = "2026-11-20T15:00"
"""A session in the afternoon of a Friday, where the case is not about the hour."""
CHECK_IN, MORNING, NEXT_DAY, REMINDER = "same-day check-in", "morning-after check-in", "next-day mood", "reminder"

QUESTION = {"en": f"{{clinic}}: how is your mood from 0 to 10? {SAFE}"}
SAID = {"en": "{clinic}: rest well."}
STAND_IN: dict[str, Any] = {
    "name": MORNING,
    "days_after": 1,
    "at": "09:00",
    "use_by": "4h",
    "prompt": "same_day",
    "instead_of": CHECK_IN,
    "text": QUESTION,
}
REMIND: dict[str, Any] = {
    "name": REMINDER,
    "days_before_appointment": 1,
    "at": "10:00",
    "use_by": "2h",
    "prompt": "appointment",
    "gives_way": False,
    "text": QUESTION,
}
TIP: dict[str, Any] = {"name": "tip", "days_after": 1, "at": "12:00", "use_by": "8h", "text": SAID}
HOURS_LATER: dict[str, Any] = {"name": "later", "after_end": "12h", "use_by": "6h", "text": SAID}
SERIES: dict[str, Any] = MOOD | {"name": "mood", "days_after": 7, "every": "1w", "until_day": 28}
FIRST_DAYS = (SAME_DAY, STAND_IN, MOOD)
PATIENT_MOOD = MOOD | {"use_by": "1d"}
"""A question that may wait a day."""


class Case(NamedTuple):
    """A session, and what becomes of a schedule for it."""

    schedule: Schedule
    facts: SessionFacts
    now: datetime
    over: Sequence[str]
    asked: Sequence[str]
    texts: Mapping[str, str]
    """`MM-DD HH:MM` on the patient's clock; `told` behind it where it goes without its question."""
    left: Mapping[str, str]
    """Words of why it is left out."""
    moved: Mapping[str, str | None]
    """Why it does not come when the step says, in full."""

    @property
    def plan(self) -> Plan:
        return make_plan(self.schedule, self.facts, now=self.now, over=self.over, asked=self.asked)

    def holds(self) -> None:
        """Asserts what is said of its plan."""
        plan = self.plan
        moved = {text.step: text.moved for text in plan.texts}
        left = {out.step: out.why for out in plan.left_out}
        assert shown(plan, self.facts.zone) == self.texts
        assert {step: moved[step] for step in self.moved} == self.moved
        for step, words in self.left.items():
            assert words in left[step]


def case(
    title: str,
    texts: Mapping[str, str],
    *,
    steps: Sequence[dict[str, Any]] = FIRST_DAYS,
    ended: str | None = FRIDAY,
    zone: str = NEW_YORK,
    now: str | None = None,
    appointment: str | None = None,
    over: Sequence[str] = (),
    asked: Sequence[str] = (),
    left: Mapping[str, str] | None = None,
    moved: Mapping[str, str | None] | None = None,
    whole: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Any:
    """A row of the table. Times are the patient's wall clock, or UTC where they end in Z."""
    ended_at = _instant(ended, zone) if ended else None
    made_at = _instant(now, zone) if now else ended_at
    assert made_at is not None
    session = SessionFacts(
        kind="small",
        ended_at=ended_at,
        zone=ZoneInfo(zone),
        appointment_at=_instant(appointment, zone) if appointment else None,
    )
    session = SessionFacts(**(vars(session) | facts))
    row = Case(small(*steps, **whole or {}), session, made_at, over, asked, texts, left or {}, moved or {})
    return pytest.param(row, id=title)


def _instant(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC) if text.endswith("Z") else wall(text, zone)


@cache
def open_until(closes: str, *, zone: str = NEW_YORK, closed: str = "", **closed_on: str) -> StaffedHours:
    """Staffed from nine until then; `closed` are weekdays, `m11d26` a date of 2026 with the name of what it is."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return StaffedHours(
        ZoneInfo(zone),
        closes=time.fromisoformat(closes),
        closed_weekdays=frozenset(days.index(day) for day in closed.split()),
        closed_on={date(2026, int(day[1:3]), int(day[4:6])): name for day, name in closed_on.items()},
    )


def shown(plan: Plan, zone: ZoneInfo) -> dict[str, str]:
    return {
        text.step: f"{text.due_at.astimezone(zone):%m-%d %H:%M}{' told' if text.wording == 'statement' else ''}"
        for text in plan.texts
    }
