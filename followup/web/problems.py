"""Errors for machines: RFC 9457 problem+json."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import JSONResponse

CONTENT_TYPE = "application/problem+json"
DOORS = ("/api/", "/webhooks/", "/fhir", "/hl7v2", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs")


def is_for_machines(path: str) -> bool:
    """Whether whoever asks for this path reads problem+json rather than a page."""
    return path.startswith(DOORS)


class Problem(HTTPException):
    """Ends a request of a machine with a problem+json answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = list(errors)


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer; `errors` are {pointer, code, detail}."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=CONTENT_TYPE)


def show_problem(error: AnyHTTPException) -> JSONResponse:
    """The answer for a Problem or any HTTPException of a door."""
    errors = error.errors if isinstance(error, Problem) else []
    return problem(error.status_code, str(error.detail), errors=errors, headers=error.headers)


def show_bad_query(error: RequestValidationError) -> JSONResponse:
    """A query that has the wrong form, such as ?dry_run=perhaps."""
    errors = [
        {"pointer": "/" + "/".join(map(str, e["loc"])), "code": e["type"], "detail": e["msg"]} for e in error.errors()
    ]
    return problem(422, "The query has the wrong form", errors=errors)
