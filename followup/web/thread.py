"""A case as a conversation: who said what when, what became of each text, and what comes next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.work_case import REVIEWED
from followup.store.holds import is_held
from followup.store.tables import Message
from followup.store.threads import Thread
from followup.web import times
from followup.web.rows import OUTCOME_WORDS, Piece, pieces_of, sentence

NEVER_LEFT = ("cancelled", "suppressed", "expired")
DELIVERY = {
    "planned": ("clock", "Waiting"),
    "claimed": ("send", "Sending"),
    "accepted": ("send", "Sending"),
    "sent": ("check", "Sent"),
    "delivered": ("check-check", "Delivered"),
    "undelivered": ("circle-alert", "Not delivered"),
    "failed": ("circle-alert", "Not sent"),
    "uncertain": ("circle-alert", "Checking with the carrier whether it was sent"),
    "cancelled": ("circle-alert", "Not sent"),
    "suppressed": ("circle-alert", "Not sent"),
    "expired": ("circle-alert", "Not sent"),
}
"""Every status of a message: its icon, and the words for it."""
TWICE = "the patient got this twice"
PROBLEMS = ("undelivered", "failed", "uncertain", *NEVER_LEFT)


class HasTime(Protocol):
    @property
    def at(self) -> datetime: ...


Timed = TypeVar("Timed", bound=HasTime)


@dataclass(frozen=True)
class Entry:
    """One thing in the conversation."""

    kind: str
    """`patient`, `automatic`, `staff`, `note` or `event`."""
    at: datetime
    words: Sequence[Piece]
    byline: str = ""
    delivery: str = ""
    icon: str = ""
    is_problem: bool = False
    held: UUID | None = None
    """The text that waits for a person's word."""
    level: str = ""
    """Of a reply that belongs to this case and made it what it is."""


@dataclass(frozen=True)
class Upcoming:
    """A text that is planned."""

    step: str
    when: str
    at: datetime
    why: str
    """Why it was moved, or what it waits for; mostly empty."""


def days_of(
    thread: Thread, *, zone: ZoneInfo, now: datetime, held_words: Mapping[UUID, str]
) -> list[tuple[str, list[Entry]]]:
    """What has happened, by day. `held_words`: how each text that is held would read."""
    in_order = sorted(
        entries_of(thread, zone=zone, held_words=held_words), key=lambda entry: (entry.at, entry.kind != "patient")
    )
    return by_day(in_order, zone=zone, now=now)


def by_day(happened: Sequence[Timed], *, zone: ZoneInfo, now: datetime) -> list[tuple[str, list[Timed]]]:
    """The same, oldest first, under the days of the clinic's calendar; its zone stands with each day."""
    days = groupby(happened, key=lambda one: one.at.astimezone(zone).date())
    lists = [list(group) for _, group in days]
    return [
        (f"{times.day(list_[0].at, zone, now=now)}, {times.zone_name(list_[0].at, zone)}", list_) for list_ in lists
    ]


def entries_of(thread: Thread, *, zone: ZoneInfo, held_words: Mapping[UUID, str]) -> Iterator[Entry]:
    """In no order."""
    yield from _texts(thread, zone)
    yield from _held(thread, held_words)
    yield from _never_sent(thread.messages)
    yield from _replies(thread)
    for note in thread.notes:
        yield Entry("note", note.at, [Piece(note.text, False)], byline=thread.names[note.staff_id])
    yield from _events(thread)


def _texts(thread: Thread, zone: ZoneInfo) -> Iterator[Entry]:
    for message in thread.messages:
        is_staff = message.purpose == "staff"
        if is_held(message) or (not is_staff and (message.status in NEVER_LEFT or message.status == "planned")):
            continue
        icon, delivery = delivery_of(message, zone)
        yield Entry(
            "staff" if is_staff else "automatic",
            message.handed_over_at or message.ended_at or message.created_at,
            [Piece(message.text or f"({message.step})", False)],
            byline=_author(message, thread),
            delivery=delivery,
            icon=icon,
            is_problem=message.status in PROBLEMS or message.doubled_at is not None,
        )


def _held(thread: Thread, held_words: Mapping[UUID, str]) -> Iterator[Entry]:
    for message in thread.messages:
        if is_held(message) and message.held_at:
            yield Entry(
                "staff" if message.purpose == "staff" else "automatic",
                message.held_at,
                [Piece(held_words.get(message.id) or f"({message.step})", False)],
                byline=_author(message, thread),
                delivery=sentence(message.waits_for or "held"),
                icon="circle-pause",
                is_problem=True,
                held=message.id,
            )


def _author(message: Message, thread: Thread) -> str:
    if message.author_id:
        return thread.names.get(message.author_id, "Staff")
    return f"Automatic: {message.step}"


def delivery_of(message: Message, zone: ZoneInfo) -> tuple[str, str]:
    """The icon and the words for what became of a text, with the reason where something is in the way."""
    icon, words = DELIVERY.get(message.status, ("circle-alert", message.status))
    if message.status == "planned":
        if message.waits_for is None:
            return "send", "Sending"
        return icon, f"{words}: {message.waits_for}, next try {times.clock_and_zone(message.wake_at, zone)}"
    if message.status in PROBLEMS and message.reason:
        words = f"{words}: {message.reason}"
    return ("circle-alert", f"{words}, {TWICE}") if message.doubled_at else (icon, words)


def _never_sent(messages: Sequence[Message]) -> Iterator[Entry]:
    """One line for all automatic texts that ended at the same moment for the same reason."""
    ended = [m for m in messages if m.purpose != "staff" and m.status in NEVER_LEFT]
    ended.sort(key=lambda m: (m.ended_at or m.due_at, m.reason or ""))
    for (at, reason), group in groupby(ended, key=lambda m: (m.ended_at or m.due_at, m.reason or "")):
        steps = [message.step for message in group]
        what = f"Automatic text not sent ({steps[0]})" if len(steps) == 1 else f"{len(steps)} automatic texts not sent"
        yield Entry("event", at, [Piece(f"{what}: {reason}" if reason else what, False)])


def _replies(thread: Thread) -> Iterator[Entry]:
    for reply in thread.replies:
        reading = thread.readings.get(reply.id)
        is_here = reply.case_id == thread.case.id
        shown = reply.body if reply.body.strip() or not reply.media_count else "(a picture; it is not kept here)"
        yield Entry(
            "patient",
            reply.received_at,
            pieces_of(shown, reading.spans if reading else []) or [Piece("(an empty text)", False)],
            byline="came while we were down, found later" if reply.recovered else "",
            level=reading.level if reading and is_here and reading.level == thread.case.level else "",
        )


def _events(thread: Thread) -> Iterator[Entry]:
    for message in thread.messages:
        if message.released_at and message.released_by_id:
            by = thread.names[message.released_by_id]
            yield Entry("event", message.released_at, [Piece(f"{by} let a held text be sent ({message.step})", False)])
    for taken in thread.assignments:
        yield Entry("event", taken.at, [Piece(f"{thread.names[taken.staff_id]} is handling this", False)])
    for closure in thread.closures:
        by, outcome = thread.names[closure.staff_id], OUTCOME_WORDS.get(closure.outcome, closure.outcome)
        words = f"{by} marked this reviewed" if closure.outcome == REVIEWED else f"{by} closed this: {outcome}"
        yield Entry("event", closure.at, [Piece(f"{words}. {closure.text}" if closure.text else words, False)])


def upcoming_of(thread: Thread, *, zone: ZoneInfo, now: datetime) -> list[Upcoming]:
    """Automatic texts that are planned, earliest first, on the clinic's clock."""
    planned = [m for m in thread.messages if m.purpose != "staff" and m.status == "planned" and not is_held(m)]
    return [
        Upcoming(
            step=message.step,
            when=times.moment(message.due_at, zone, now=now),
            at=message.due_at,
            why=message.waits_for or message.moved or "",
        )
        for message in planned
    ]
