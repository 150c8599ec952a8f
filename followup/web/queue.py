"""The queue: what needs a human, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from followup.store import queue
from followup.store.database import Session
from followup.store.queue import Count, Row, View
from followup.web import times
from followup.web.guards import SignedIn, signed_in
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.rows import HINTS, LEVEL_WORDS, Group, RowView, row_view

router = APIRouter()
Reader = Annotated[SignedIn, Depends(signed_in())]
TABS = {"open": "Needs review", "mine": "Mine", "none": "Unassigned", "done": "Done today"}
SAID = {
    "closed": "Closed.",
    "reviewed": "Marked reviewed.",
    "all-reviewed": "Marked reviewed. No routine reply is left.",
}
"""What a page says after a form brought its sender here."""


@dataclass(frozen=True)
class Tab:
    view: View
    word: str
    count: int | None
    is_current: bool


@dataclass(frozen=True)
class QueueView:
    """The list on the left."""

    view: View
    tabs: Sequence[Tab]
    groups: Sequence[Group]
    open_case: UUID | None
    """The one whose page is open beside the list."""
    query: str
    """Kept on every link, so that the list stays the same."""


@dataclass(frozen=True)
class Standing:
    """One number of *Right now*."""

    label: str
    level: str
    count: int
    longest: str


@router.get("/")
def show_queue(request: Request, who: Reader) -> Response:
    parts = parts_of(request)
    now = parts.now()
    with parts.database.reader() as db:
        counts = queue.count_open(db, who.clinic_id, staff_id=who.staff_id)
        return page(
            "queue.html",
            frame=frame(db, request, who),
            queue=queue_view(db, request, who, counts=counts),
            standings=list(_standings(counts, now)),
            today=queue.count_today(db, who.clinic_id, since=midnight(now, who.zone)),
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


@router.get("/queue/list")
def show_list(request: Request, who: Reader) -> Response:
    """The list and the bars alone: what a page that is open fetches again and again."""
    with parts_of(request).database.reader() as db:
        open_case = _open_case(request)
        has_list = request.query_params.get("list") != "no"
        return page(
            "queue/refresh.html",
            frame=frame(db, request, who, open_case=open_case),
            queue=queue_view(db, request, who, open_case=open_case) if has_list else None,
        )


def _open_case(request: Request) -> UUID | None:
    try:
        return UUID(request.query_params.get("open", ""))
    except ValueError:
        return None


def queue_view(
    db: Session,
    request: Request,
    who: SignedIn,
    *,
    open_case: UUID | None = None,
    counts: Sequence[Count] | None = None,
) -> QueueView:
    """The list as `?view=` asks for it."""
    now, view = parts_of(request).now(), view_of(request)
    if counts is None:
        counts = queue.count_open(db, who.clinic_id, staff_id=who.staff_id)
    if view == "done":
        groups = _done(queue.closed_rows(db, who.clinic_id, since=midnight(now, who.zone)), who.zone, now)
    else:
        rows = queue.rows(db, who.clinic_id, view=view, staff_id=who.staff_id)
        groups = list(_groups(rows, _shown_counts(counts, view), who.zone, now))
    return QueueView(view, _tabs(counts, view), groups, open_case, "" if view == "open" else f"?view={view}")


def view_of(request: Request) -> View:
    asked = request.query_params.get("view")
    return next((view for view in get_args(View) if view == asked), "open")


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the clinic's day began."""
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _tabs(counts: Sequence[Count], view: View) -> list[Tab]:
    numbers = {
        "mine": sum(count.cases for count in counts if count.held_by == "me"),
        "none": sum(count.cases for count in counts if count.held_by == "nobody"),
    }
    return [Tab(name, TABS[name], numbers.get(name), name == view) for name in get_args(View)]


def _shown_counts(counts: Sequence[Count], view: View) -> dict[str, int]:
    """How many of each level the view has, shown or not."""
    holders = {"mine": ("me",), "none": ("nobody",)}.get(view, ("me", "other", "nobody"))
    shown: dict[str, int] = {}
    for count in counts:
        if count.held_by in holders:
            shown[count.level] = shown.get(count.level, 0) + count.cases
    return shown


def _groups(rows: Sequence[Row], counts: dict[str, int], zone: ZoneInfo, now: datetime) -> list[Group]:
    """Urgent is always there, also empty: nothing urgent is worth knowing."""
    groups = [
        Group(
            level=level,
            word=word,
            hint=HINTS[level],
            count=counts.get(level, 0),
            rows=[row_view(row, zone=zone, now=now) for row in rows if row.case.level == level],
        )
        for level, word in LEVEL_WORDS.items()
    ]
    return [group for group in groups if group.rows or group.level == "urgent"]


def _done(rows: Sequence[Row], zone: ZoneInfo, now: datetime) -> list[Group]:
    shown: list[RowView] = [row_view(row, zone=zone, now=now) for row in rows]
    return [Group("done", "Closed today", "Latest first", len(shown), shown)]


def _standings(counts: Sequence[Count], now: datetime) -> list[Standing]:
    nobodys = {count.level: [count] for count in counts if count.held_by == "nobody"}
    return [
        _standing("Urgent, not picked up", "urgent", nobodys.get("urgent", []), now),
        _standing("Concern, not picked up", "concern", nobodys.get("concern", []), now),
        _standing("Yours", "", [count for count in counts if count.held_by == "me"], now),
    ]


def _standing(label: str, level: str, counts: Sequence[Count], now: datetime) -> Standing:
    longest = min((count.waits_since for count in counts), default=None)
    waited = f"Longest wait {times.wait(now - longest)}" if longest and level else ""
    return Standing(label, level, sum(count.cases for count in counts), waited or ("In progress" if counts else "None"))
