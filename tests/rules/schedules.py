"""Builders: a plain schedule of five steps, small ones, plans, and instants as a clock on the wall shows them."""

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from followup.rules.planning import PlannedMessage, SessionFacts, make_plan
from followup.rules.schedule import Schedule, read_schedule
from followup.schedule_files import load_schedules

FOLDER = Path(__file__).parents[1] / "schedules"
"""Schedules that stay as they are while the shipped ones change."""
SAFE = "Texts are not monitored 24/7. Emergency: 911. Crisis: call or text 988."
MOOD: dict[str, Any] = {
    "name": "next-day mood",
    "days_after": 1,
    "at": "10:00",
    "use_by": "8h",
    "prompt": "mood",
    "text": {"en": f"{{clinic}}: Hi {{first_name}}, how is your mood from 0 to 10? {SAFE}"},
}
SAME_DAY: dict[str, Any] = {
    "name": "same-day check-in",
    "after_end": "4h",
    "no_earlier_than": "90m",
    "use_by": "20:00",
    "prompt": "same_day",
    "text": {"en": f"{{clinic}}: Hi {{first_name}}, how do you feel? {SAFE}"},
    "text_without_question": {"en": "{clinic}: Hi {first_name}, rest well. No driving. Emergency: 911. Crisis: 988."},
}


def plain() -> Schedule:
    """Five steps: on the day, next morning in its place, next day, before the next visit, and maintenance."""
    loaded = load_schedules(FOLDER).named("ketamine_infusion")
    assert loaded is not None
    return loaded.schedule


def parsed(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A schedule file as TOML reads it."""
    whole: dict[str, Any] = {
        "title": "Small",
        "for_kinds": ["small"],
        "first_text": {"en": "Reply STOP to end texts."},
        "step": list(steps) or [MOOD],
    }
    return copy.deepcopy(whole | changes)


def small(*steps: dict[str, Any], **changes: Any) -> Schedule:
    return read_schedule(parsed(*steps, **changes), file="small.toml")


def wall(text: str, zone: str = "America/New_York") -> datetime:
    """The instant, in UTC, when the clock on the wall shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def plan_messages(schedule: Schedule, session: SessionFacts, *, now: datetime) -> list[PlannedMessage]:
    """The texts of its plan."""
    return list(make_plan(schedule, session, now=now).texts)
