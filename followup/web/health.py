"""Whether the service lives, whether it can work, and its figures."""

import hmac
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from followup.store import figures
from followup.store.database import head, revision
from followup.web.guards import find_signed_in
from followup.web.parts import parts_of
from followup.web.sources import bearer_key, source_of_key

router = APIRouter()

LATE_AFTER = timedelta(seconds=60)
"""A sender that has not ticked for so long is stopped, not slow."""


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
def is_alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
def is_ready(request: Request) -> JSONResponse:
    """The database answers, its tables are the newest, and the sender ticked lately."""
    parts = parts_of(request)
    checks = {"database": False, "migrations": False, "sender": False}
    try:
        checks["migrations"] = revision(parts.database) == head()
        with parts.database.reader() as db:
            ticked_at = figures.last_good_run(db, "send")
        checks["database"] = True
        checks["sender"] = ticked_at is not None and parts.now() - ticked_at < LATE_AFTER
    except Exception:  # noqa: BLE001 - whatever it is: not ready, and the checks say how far it came.
        checks["database"] = False
    return JSONResponse({"ready": all(checks.values()), "checks": checks}, 200 if all(checks.values()) else 503)


def may_see_inside(request: Request) -> None:
    """The metrics key, a source's key, or a sign-in. Raises Problem 401."""
    key = parts_of(request).metrics_key
    if key and hmac.compare_digest(bearer_key(request).encode(), key.encode()):
        return
    if find_signed_in(request) is None:
        source_of_key(request)


Insider = Annotated[None, Depends(may_see_inside)]


@router.get("/metrics")
def metrics(request: Request, _: Insider) -> Response:
    """Prometheus text: counts only, no name, number or clinic."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

    registry = CollectorRegistry()
    with parts_of(request).database.reader() as db:
        counted = {
            "followup_messages": ("Messages by status", ["status"], figures.messages_by_status(db)),
            "followup_attempts": ("Attempts by outcome", ["outcome", "cause"], figures.attempts_by_outcome(db)),
            "followup_oddities": ("What should be none or few", ["what"], figures.oddities(db)),
            "followup_open_cases": ("Open cases by level", ["level"], figures.open_cases_by_level(db)),
            "followup_events": ("Events by status", ["status"], figures.events_by_status(db)),
            "followup_replies": ("Replies, read or not", ["state"], figures.replies_by_state(db)),
        }
    for name, (words, labels, counts) in counted.items():
        gauge = Gauge(name, words, labels, registry=registry)
        for values, count in counts.items():
            gauge.labels(*([values] if isinstance(values, str) else values)).set(count)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/openapi.json")
def describe(request: Request, _: Insider) -> JSONResponse:
    """The doors for machines, as OpenAPI."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def docs(request: Request, _: Insider) -> Response:
    """The same for people."""
    lines = [
        f"{method.upper():6} {path}\n       {operation.get('description', '').strip()}\n"
        for path, operations in sorted(request.app.openapi()["paths"].items())
        for method, operation in operations.items()
    ]
    return Response("\n".join(lines), media_type="text/plain")
