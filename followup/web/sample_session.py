"""A made-up session that a schedule is shown with: Sam's, as somebody chose it in a form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.flow.render_text import tokens_of
from followup.rules.planned import SessionFacts
from followup.rules.quiet_hours import Hours, at_wall_clock
from followup.rules.schedule import Schedule
from followup.rules.wording import Tokens
from followup.store.database import Session
from followup.store.tables import Clinic
from followup.web import times
from followup.web.schedule_view import LANGUAGES

NAME = "Sam"
ENDS = time(14)
"""Of the day, where nobody chose otherwise."""
MOST_SESSIONS = 1_000
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
)
"""Offered; every name of the IANA list is taken."""


class NotASession(ValueError):
    """The words say what cannot be so, to whoever filled in the form."""


@dataclass(frozen=True)
class Chosen:
    """The form as it was filled in."""

    ended: str
    """A date and a time on the patient's wall clock; empty: there was no session yet, only a visit is booked."""
    zone: str
    number: str
    appointment: str
    kind: str
    language: str
    has_companion: bool


def first_choice(schedule: Schedule, *, zone: ZoneInfo, now: datetime) -> Chosen:
    """Sam's first session ends today at 14:00, nothing is booked, and nobody drives him home."""
    today = now.astimezone(zone).date()
    return Chosen(
        ended=f"{today.isoformat()}T{ENDS:%H:%M}",
        zone=zone.key,
        number="1",
        appointment="",
        kind=schedule.for_kinds[0],
        language="en",
        has_companion=False,
    )


def read_choice(given: Mapping[str, str], schedule: Schedule, *, zone: ZoneInfo, now: datetime) -> Chosen:
    """What an address says, and the first choice where it says nothing."""
    first = first_choice(schedule, zone=zone, now=now)
    if "ended" not in given:
        return first
    return Chosen(
        ended=given["ended"].strip(),
        zone=given.get("zone", first.zone).strip(),
        number=given.get("number", first.number).strip(),
        appointment=given.get("appointment", "").strip(),
        kind=given.get("kind", first.kind),
        language=given.get("language", first.language),
        has_companion=given.get("companion") == "yes",
    )


def facts_of_choice(chosen: Chosen, schedule: Schedule, hours: Hours) -> SessionFacts:
    """As flow/facts_of would find them at a clinic with these hours. Raises NotASession."""
    zone = _zone(chosen.zone)
    ended_at = _instant(chosen.ended, zone, "The end of the session")
    appointment_at = _instant(chosen.appointment, zone, "The next visit")
    if chosen.kind not in schedule.for_kinds:
        raise NotASession("This schedule is not for sessions of that kind.")
    if chosen.language not in LANGUAGES:
        raise NotASession("Texts are written in English or Spanish.")
    if ended_at is None and appointment_at is None:
        raise NotASession("Say when the session ends, or when the next visit is.")
    if ended_at and appointment_at and appointment_at <= ended_at:
        raise NotASession("The next visit comes after the session's end.")
    return SessionFacts(
        kind=chosen.kind,
        ended_at=ended_at,
        zone=zone,
        number=_number(chosen.number) if ended_at else None,
        appointment_at=appointment_at,
        state=hours.state,
        staffed=hours.staffed,
        has_companion=chosen.has_companion,
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotASession("The zone is a name of the IANA list, such as America/New_York.") from None


def _instant(text: str, zone: ZoneInfo, what: str) -> datetime | None:
    """UTC; None where nothing was typed."""
    if not text:
        return None
    local = times.parse_local(text)
    if local is None:
        raise NotASession(f"{what} is a date and a time such as 2026-11-24T14:00.")
    return at_wall_clock(local.date(), local.time(), zone).astimezone(UTC)


def _number(text: str) -> int | None:
    """None where nothing was typed: the patient's first."""
    if not text:
        return None
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_SESSIONS))
    if not is_number or not 1 <= int(text) <= MOST_SESSIONS:
        raise NotASession(f"The session's number is between 1 and {MOST_SESSIONS}.")
    return int(text)


def tokens_for_sam(
    db: Session,
    clinic: Clinic,
    schedule: Schedule,
    *,
    zone: ZoneInfo,
    ended_at: datetime | None,
    appointment_at: datetime | None,
) -> Tokens:
    """What is filled into a text to Sam from this clinic."""
    tokens = tokens_of(
        db,
        clinic,
        None,
        session_day=ended_at.astimezone(zone) if ended_at else None,
        appointment_at=appointment_at.astimezone(zone) if appointment_at else None,
        usual_until=(ended_at + schedule.usual_for).astimezone(zone) if ended_at else None,
    )
    return replace(tokens, first_name=NAME)
