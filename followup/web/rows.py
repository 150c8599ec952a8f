"""A case as one row of the queue, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.work_case import OTHER_OUTCOMES, REVIEWED, URGENT_OUTCOMES
from followup.store.queue import Row
from followup.store.tables import CareSession, Case, Patient
from followup.web import times

LATE_AFTER = {"urgent": timedelta(minutes=5), "concern": timedelta(hours=2)}
LEVEL_WORDS = {"urgent": "Urgent", "concern": "Concern", "routine": "Routine"}
LEVEL_ICONS = {"urgent": "octagon-alert", "concern": "triangle-alert", "routine": "circle"}
HINTS = {"urgent": "Act now", "concern": "Review today", "routine": "Nobody has to look"}
EXCERPT_LEAD = 40
"""Characters shown before the first matched word where a long text would hide it."""
EXCERPT_FROM = 90
OUTCOME_WORDS = {**URGENT_OUTCOMES, **OTHER_OUTCOMES, REVIEWED: "Reviewed"}


@dataclass(frozen=True)
class Piece:
    """A stretch of a patient's words."""

    text: str
    is_marked: bool
    """It is what moved the reading."""


@dataclass(frozen=True)
class RowView:
    id: UUID
    level: str
    name: str
    words: Sequence[Piece]
    reason: str
    place: str
    """`Day 7, session 4`"""
    score: str | None
    waited: str
    waits_since: datetime
    is_late: bool
    holder: str | None
    ended: str | None
    """How it was closed and by whom."""
    seen: str
    """When it last changed, for a form to say what its sender had seen."""


@dataclass(frozen=True)
class Group:
    """One level of the queue."""

    level: str
    word: str
    hint: str
    count: int
    """All there are; `rows` may be fewer."""
    rows: Sequence[RowView]


def row_view(row: Row, *, zone: ZoneInfo, now: datetime, in_full: bool = False) -> RowView:
    waited = now - row.waits_since
    late_after = LATE_AFTER.get(row.case.level)
    return RowView(
        id=row.case.id,
        level=row.case.level,
        name=name_of(row.case, row.patient),
        words=_words(row, in_full),
        reason=row.case.reason,
        place=place_after(row.session, at=row.waits_since, zone=zone),
        score=row.last_score,
        waited=times.wait(waited),
        waits_since=row.waits_since,
        is_late=late_after is not None and waited > late_after,
        holder=row.holder.name if row.holder else None,
        ended=_ended(row, zone),
        seen=row.case.changed_at.isoformat(),
    )


def _words(row: Row, in_full: bool) -> Sequence[Piece]:
    if row.reply is None:
        return [Piece(row.case.reason, False)]
    if not row.reply.body.strip():
        return [Piece("(a picture)" if row.reply.media_count else "(an empty text)", False)]
    spans = row.reading.spans if row.reading else []
    return pieces_of(row.reply.body, spans) if in_full else excerpt(row.reply.body, spans)


def _ended(row: Row, zone: ZoneInfo) -> str | None:
    if row.closure is None:
        return None
    outcome = OUTCOME_WORDS.get(row.closure.outcome, row.closure.outcome)
    return f"{outcome}, {row.closed_by}, {times.clock_and_zone(row.closure.at, zone)}"


def name_of(case: Case, patient: Patient | None) -> str:
    """The patient's name; without one what else is known."""
    if patient is None:
        return shown_phone(case.sender) if case.sender else "Unknown sender"
    return patient_name(patient)


def patient_name(patient: Patient) -> str:
    """In full; without one the record system's id."""
    names = [name for name in (patient.given_name, patient.family_name) if name]
    return " ".join(names) or f"Patient {patient.record_id}"


def shown_phone(number: str) -> str:
    """`(212) 555-0100` of a number in the US and its neighbours; others as they are."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def sentence(words: str) -> str:
    """A capital in front, and the rest as it is: `PHQ-2` stays."""
    return words[:1].upper() + words[1:]


def place_after(session: CareSession | None, *, at: datetime, zone: ZoneInfo) -> str:
    """`Day 7, session 4`: whole days on the clinic's calendar since that session. Empty where none is known."""
    if session is None or session.ended_at is None:
        return ""
    days = (at.astimezone(zone).date() - session.ended_at.astimezone(zone).date()).days
    return f"Day {days}, session {session.number}" if session.number else f"Day {days}"


# Matched words ------------------------------------------------------------------------------------------


def pieces_of(body: str, spans: Sequence[Sequence[int]]) -> list[Piece]:
    """The whole text, cut where marking starts and ends; spans may overlap or reach past the end."""
    pieces: list[Piece] = []
    done = 0
    for start, end in _tidy(spans, len(body)):
        if end > done:
            pieces += [Piece(body[done:start], False), Piece(body[max(start, done) : end], True)]
            done = end
    pieces.append(Piece(body[done:], False))
    return [piece for piece in pieces if piece.text]


def _tidy(spans: Sequence[Sequence[int]], length: int) -> list[tuple[int, int]]:
    cut = [(max(span[0], 0), min(span[1], length)) for span in spans if len(span) == 2]
    return sorted((start, end) for start, end in cut if start < end)


def excerpt(body: str, spans: Sequence[Sequence[int]]) -> list[Piece]:
    """The same, beginning shortly before the first match where that stands far into a long text."""
    tidy = _tidy(spans, len(body))
    if not tidy or tidy[0][0] <= EXCERPT_FROM:
        return pieces_of(body, spans)
    start = body.rfind(" ", 0, tidy[0][0] - EXCERPT_LEAD) + 1
    return [Piece("… ", False), *pieces_of(body[start:], [(a - start, b - start) for a, b in tidy])]
