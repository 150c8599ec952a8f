"""The native door: record systems post events here and ask what became of them."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from followup.ehr.native import BadEvent, NotJson
from followup.flow.accept_event import Answer, IdReusedError, accept_event
from followup.store import events
from followup.store.tables import Event, Source
from followup.web.parts import parts_of
from followup.web.problems import Problem
from followup.web.record_ids import ANY_TEXT
from followup.web.sources import KnownSource, NativeSource, RawBody

router = APIRouter(prefix="/api/v1")
Status = Annotated[str | None, Query(pattern="^[a-z_-]{0,20}$")]
EventId = Annotated[str | None, Query(pattern=r"^[^\x00]{1,200}$")]
"""NUL is in no id, and PostgreSQL cannot even look for it."""
PAGE = 200


@router.post("/events", status_code=202, openapi_extra={"requestBody": {"content": {"application/json": {}}}})
def post_event(
    request: Request, response: Response, source: NativeSource, body: RawBody, dry_run: bool = False
) -> dict[str, Any]:
    """Keep one event, and say what became of it. The same event again changes nothing."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Problem(415, "Send application/json")
    parts = parts_of(request)
    answer = _accept(request, source, body, dry_run=dry_run)
    if not dry_run:
        parts.wake()
    response.status_code = 200 if dry_run else 202
    response.headers["X-Event-Id"] = _header_safe(answer.event_id)
    return _answer(answer)


@router.get(f"/events/{{event_id:{ANY_TEXT}}}")
def get_event(request: Request, source: KnownSource, event_id: str) -> dict[str, Any]:
    """What became of an event, by the sender's own id."""
    with parts_of(request).database.reader() as db:
        row = events.find_event(db, source.id, event_id)
    if row is None:
        raise Problem(404, "No event with this id came from this source")
    return _row(row)


@router.get("/events")
def list_events(request: Request, source: KnownSource, status: Status = None, before: EventId = None) -> dict[str, Any]:
    """The source's newest 200 events, of one status if asked; `next` is the `before` of those that follow."""
    with parts_of(request).database.reader() as db:
        mark = events.find_event(db, source.id, before) if before is not None else None
        if before is not None and mark is None:
            unknown = {"pointer": "/query/before", "code": "unknown", "detail": "No event with this id is known"}
            raise Problem(422, "The query has the wrong form", errors=[unknown])
        rows = events.events_of_source(db, source.id, status=status, before=mark, most=PAGE + 1)
    shown = {"events": [_row(row) for row in rows[:PAGE]]}
    return shown | {"next": rows[PAGE - 1].event_id} if len(rows) > PAGE else shown


def _accept(request: Request, source: Source, body: bytes, *, dry_run: bool) -> Answer:
    parts = parts_of(request)
    try:
        return accept_event(
            database=parts.database,
            schedules=parts.schedules,
            source=source,
            body=body,
            now=parts.now(),
            dry_run=dry_run,
        )
    except NotJson as error:
        raise Problem(400, f"Not JSON: {error}") from None
    except BadEvent as error:
        raise Problem(422, "Not an event", errors=[mistake.model_dump() for mistake in error.mistakes]) from None
    except IdReusedError as error:
        reused = {"pointer": "/id", "code": "id_reused", "detail": error.__doc__ or ""}
        raise Problem(422, "This id was used for another event", errors=[reused]) from None


def _answer(answer: Answer) -> dict[str, Any]:
    session = None
    if answer.session_id is not None:
        session = {
            "id": answer.session_id,
            "scheduled": answer.scheduled,
            "first_at": answer.first_at,
        }
    is_waiting = answer.status == "received"
    return {
        "event_id": answer.event_id,
        "status": "accepted" if is_waiting else answer.status,
        "reason": "not_yet_worked: it is kept, and tried again soon" if is_waiting else answer.reason,
        "warnings": list(answer.warnings),
        "session": session,
    }


def _row(row: Event) -> dict[str, Any]:
    return {
        "id": row.event_id,
        "type": row.type,
        "status": row.status,
        "reason": row.reason,
        "received_at": row.received_at,
        "warnings": row.warnings,
    }


def _header_safe(event_id: str) -> str:
    """Header values are visible ASCII, and a comma separates two (RFC 9110 5.5, 5.6.1); the rest is percent-encoded."""
    return quote(event_id, safe="!#$&'()*+/:;=?@[]~")
