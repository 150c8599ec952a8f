"""What a schedule would send and what a reply would mean, with nothing stored and nobody texted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.rules.planning import Plan, PlannedMessage, SessionFacts, local_time, make_plan
from followup.rules.reading.readers import Readers
from followup.rules.reading.reply import read_reply
from followup.rules.segments import count_segments
from followup.rules.wording import Tokens, render_step
from followup.schedule_files import LoadedSchedule, Schedules
from followup.terminal import Stop

CLINIC, NAME, PHONE = "Riverside Clinic", "Sam", "(212) 555-0100"
"""A made-up clinic and patient; the number is one that is never given out."""
PROMPTS = ("same_day", "mood", "appointment", "none")


@dataclass(frozen=True)
class Preview:
    """What a patient would get who answers nothing."""

    rows: list[dict[str, Any]]
    """As `preview --json` gives them: texts that leave whatever is answered."""
    notes: list[str]
    """A line for each text that depends on an answer, and for each that is left out: why."""


def preview_schedule(
    schedules: Schedules,
    *,
    name: str,
    ended_at: datetime,
    zone: str,
    language: str,
    number: int | None,
    appointment: datetime | None,
) -> Preview:
    """Raises Stop."""
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
    plan = make_plan(loaded.schedule, facts, now=ended_at.astimezone(UTC))
    texts = [text for text in plan.texts if text.to == "patient"]
    is_new = number is None or number == 1
    sure = [text for text in texts if text.condition is None]
    rows = [_row(loaded, facts, text, language, is_first=is_new and text is texts[0]) for text in sure]
    return Preview(rows, [*_notes(plan, facts)])


def _notes(plan: Plan, facts: SessionFacts) -> Iterator[str]:
    for text in plan.texts:
        if text.condition:
            yield f"{local_time(text.due_at, facts.zone)}  {text.step}: {text.condition}"
    for out in plan.left_out:
        at = f"{local_time(out.due_at, facts.zone)}  " if out.due_at else ""
        yield f"{at}{out.step}: left out: {out.why}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Stop(f"{name!r} is no zone of the IANA list, such as America/New_York") from None


def _row(
    loaded: LoadedSchedule, facts: SessionFacts, message: PlannedMessage, language: str, *, is_first: bool
) -> dict[str, Any]:
    at, ended_at = facts.appointment_at, facts.ended_at
    assert ended_at is not None
    text, _ = render_step(
        loaded.schedule,
        loaded.schedule.get_step(message.step),
        wording=message.wording,
        language=language,
        tokens=Tokens(
            first_name=NAME,
            clinic=CLINIC,
            clinic_phone=PHONE,
            session_day=ended_at.astimezone(facts.zone),
            appointment_at=at.astimezone(facts.zone) if at else None,
            usual_until=(ended_at + loaded.schedule.usual_for).astimezone(facts.zone),
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
