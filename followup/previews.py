"""What a schedule would send and what a reply would mean, with nothing stored and nobody texted."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.commands import Stop
from followup.rules.planning import PlannedMessage, SessionFacts, local_time, plan_messages
from followup.rules.reading.readers import Readers
from followup.rules.reading.reply import read_reply
from followup.rules.segments import count_segments
from followup.rules.wording import Tokens, render_step
from followup.schedule_files import LoadedSchedule, Schedules

CLINIC, NAME, PHONE = "Riverside Clinic", "Sam", "(212) 555-0100"
"""A made-up clinic and patient; the number is one that is never given out."""
PROMPTS = ("same_day", "mood", "appointment", "none")


def preview_schedule(
    schedules: Schedules,
    *,
    name: str,
    ended_at: datetime,
    zone: str,
    language: str,
    number: int | None,
    appointment: datetime | None,
) -> list[dict[str, Any]]:
    """The rows of `preview --json`. Raises Stop."""
    loaded = schedules.named(name)
    if loaded is None:
        raise Stop(f"no schedule {name!r}; there are {', '.join(each.name for each in schedules)}")
    facts = SessionFacts(
        kind=loaded.schedule.for_kinds[0],
        ended_at=ended_at.astimezone(UTC),
        zone=_zone(zone),
        number=number,
        appointment_at=appointment.astimezone(UTC) if appointment else None,
    )
    planned = plan_messages(loaded.schedule, facts, now=facts.ended_at)
    is_new = number is None or number == 1
    return [_row(loaded, facts, m, language, is_first=is_new and m is planned[0]) for m in planned]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Stop(f"{name!r} is no zone of the IANA list, such as America/New_York") from None


def _row(
    loaded: LoadedSchedule, facts: SessionFacts, message: PlannedMessage, language: str, *, is_first: bool
) -> dict[str, Any]:
    at = facts.appointment_at
    text, _ = render_step(
        loaded.schedule,
        loaded.schedule.get_step(message.step),
        wording=message.wording,
        language=language,
        tokens=Tokens(
            first_name=NAME,
            clinic=CLINIC,
            clinic_phone=PHONE,
            session_day=facts.ended_at.astimezone(facts.zone),
            appointment_at=at.astimezone(facts.zone) if at else None,
        ),
        is_first=is_first,
    )
    return {
        "step": message.step,
        "due_at": message.due_at.isoformat(),
        "local": local_time(message.due_at, facts.zone),
        "text": text,
        "segments": count_segments(text).segments,
        "moved": message.moved,
    }


def read_one(line: str, readers: Readers) -> dict[str, Any]:
    """One line of `read-replies`. Raises Stop for a line that is not {"text", "prompt"}."""
    try:
        given = json.loads(line)
        text, prompt = given["text"], given.get("prompt") or "none"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Stop(f'not a line such as {{"text": "7", "prompt": "mood"}}: {line.strip()[:80]}') from None
    if not isinstance(text, str) or prompt not in PROMPTS:
        raise Stop(f"text is a text, prompt one of {', '.join(PROMPTS)}: {line.strip()[:80]}")
    reading = read_reply(text, prompt=prompt, readers=readers)
    return {
        "kind": reading.kind,
        "value": reading.value,
        "level": reading.level,
        "reasons": list(reading.reasons),
        "language": reading.language,
    }
