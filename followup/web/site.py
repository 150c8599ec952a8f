"""All pages and doors as one application. A new router is added here, and guarded or listed as public."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response

from followup.store.cases import NoSuchCase
from followup.store.database import DATABASE_FAILED
from followup.web import (
    acknowledgements,
    admin,
    cases,
    clinic_hours,
    events,
    health,
    held_texts,
    patient_plan,
    phone,
    queue,
    reviews,
    rota,
    schedule_page,
    schedules,
    sessions,
    sign_in,
    twilio_hooks,
    voice_hooks,
)
from followup.web.errors import show_error
from followup.web.headers import SafeHeaders
from followup.web.last_resort import LastResort
from followup.web.limits import LimitBodies
from followup.web.pages import has_phone, mount_static
from followup.web.parts import Parts
from followup.web.problems import Problem, is_for_machines, show_bad_query, show_problem

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def make_site(parts: Parts, *, lifespan: Lifespan | None = None) -> FastAPI:
    """The site with these parts. Documentation pages are our own, behind a key (web/health.py)."""
    site = FastAPI(
        title="Aftercare",
        description="SMS aftercare: events in, what became of them out.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # Its redirects lead to whatever host the caller named.
    )
    site.state.parts = parts
    site.state.waiting_room = sign_in.WaitingRoom()
    for module in (
        events,
        sessions,
        twilio_hooks,
        voice_hooks,
        health,
        sign_in,
        queue,
        cases,
        held_texts,
        acknowledgements,
        reviews,
        patient_plan,
        schedules,
        schedule_page,
        rota,
        admin,
        clinic_hours,
    ):
        site.include_router(module.router)
    if has_phone(parts):
        site.include_router(phone.router)
    mount_static(site)
    for kind in (AnyHTTPException, NoSuchCase, RequestValidationError):
        site.add_exception_handler(kind, show)
    # The last added is the outermost.
    site.add_middleware(LastResort, show=show)
    site.add_middleware(LimitBodies)
    site.add_middleware(SafeHeaders)
    return site


def show(request: Request, error: Exception) -> Response:
    """What went wrong: problem+json for a machine, a page for a person."""
    if not is_for_machines(request.url.path):
        return show_error(request, HTTPException(404) if isinstance(error, RequestValidationError) else error)
    if isinstance(error, RequestValidationError):
        return show_bad_query(error)
    if isinstance(error, AnyHTTPException):
        return show_problem(error)
    if isinstance(error, DATABASE_FAILED):
        return show_problem(Problem(503, "The database does not answer; send it again", headers={"Retry-After": "5"}))
    return show_problem(HTTPException(500, "Something broke on our side; what was acknowledged is kept"))
