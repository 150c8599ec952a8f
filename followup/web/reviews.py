"""Routine replies, read and put away: one, or all of a page."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.work_case import mark_reviewed
from followup.store import queue
from followup.web.guards import SignedIn, form, signed_in, words
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.queue import view_of
from followup.web.rows import row_view

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
NEVER = datetime.min.replace(tzinfo=UTC)


@router.get("/reviews")
def show_routine(request: Request, who: Person) -> Response:
    """Every routine reply in full, so that all of them can be read before they are put away together."""
    parts = parts_of(request)
    with parts.database.reader() as db:
        rows = queue.routine_rows(db, who.clinic_id)
        return page(
            "reviews.html",
            frame=frame(db, request, who, path="/"),
            rows=[row_view(row, zone=who.zone, now=parts.now(), in_full=True) for row in rows],
        )


@router.post("/reviews")
def review(request: Request, who: Person, fields: Annotated[FormData, Depends(form)]) -> Response:
    """`case=ID@SEEN` once or often. From a case's page on to the next routine reply, else to the queue."""
    parts = parts_of(request)
    seen = dict(pair for text in words(fields, "case") if (pair := _id_and_seen(text)))
    mark_reviewed(parts.database, clinic_id=who.clinic_id, seen=seen, staff_id=who.staff_id, now=parts.now())
    with parts.database.reader() as db:
        left = queue.routine_rows(db, who.clinic_id, most=1)
    kept = f"&view={view_of(request)}"
    if left and words(fields, "then") == ["next"]:
        return RedirectResponse(f"/cases/{left[0].case.id}?said=reviewed{kept}", 303)
    return RedirectResponse(f"/?said={'reviewed' if left else 'all-reviewed'}{kept}", 303)


def _id_and_seen(text: str) -> tuple[UUID, datetime] | None:
    id_, _, seen = text.partition("@")
    try:
        return UUID(id_), seen_at(seen)
    except ValueError:
        return None


def seen_at(text: str) -> datetime:
    """What a form says it had seen; a form that says nothing had seen nothing."""
    try:
        seen = datetime.fromisoformat(text)
    except ValueError:
        return NEVER
    return seen if seen.tzinfo else NEVER
