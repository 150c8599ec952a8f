"""The rota: who is on call now and this week, and how each is reached. Everybody sees it; admins change it."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.set_rota import add_shift, remove_shift, set_pager, set_terms
from followup.flow.work_case import Refused
from followup.rules.ladder import LIMITS
from followup.rules.quiet_hours import at_wall_clock
from followup.web.guards import SignedIn, form, signed_in, uuid_or_404, word
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.rota_view import rota_view

router = APIRouter()
Reader = Annotated[SignedIn, Depends(signed_in())]
Admin = Annotated[SignedIn, Depends(signed_in("admin"))]
Fields = Annotated[FormData, Depends(form)]
SAID = {"shift": "The rota is changed.", "pager": "How they are reached is changed.", "terms": "The ladder is changed."}
NO_TIME = Refused("A shift needs a day and a time to begin, and to end.")
NO_NUMBER = Refused("Minutes are whole numbers.")


@router.get("/rota")
def show_rota(request: Request, who: Reader) -> Response:
    return _page(request, who)


def _page(request: Request, who: SignedIn, *, refused: str = "") -> Response:
    parts = parts_of(request)
    with parts.database.reader() as db:
        return page(
            "rota.html",
            status=409 if refused else 200,
            frame=frame(db, request, who, path="/rota"),
            rota=rota_view(db, parts, who.clinic_id, zone=who.zone, now=parts.now()),
            may_change=who.role == "admin",
            refused=refused,
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


@router.post("/rota/shifts")
def add(request: Request, who: Admin, fields: Fields) -> Response:
    """`from` and `until` as a browser's field for day and time gives them, on the clinic's clock."""
    parts = parts_of(request)
    starts_at, ends_at = (_instant(word(fields, name), who.zone) for name in ("from", "until"))
    if starts_at is None or ends_at is None:
        return _page(request, who, refused=NO_TIME.words)
    done = add_shift(
        parts.database,
        clinic_id=who.clinic_id,
        staff_id=uuid_or_404(word(fields, "staff")),
        starts_at=starts_at,
        ends_at=ends_at,
        place=_number(word(fields, "place")) or 1,
        by_staff_id=who.staff_id,
        now=parts.now(),
    )
    return _done(request, who, done, "shift")


@router.post("/rota/shifts/{shift_id}/removal")
def remove(request: Request, who: Admin, shift_id: str) -> Response:
    parts = parts_of(request)
    remove_shift(
        parts.database,
        clinic_id=who.clinic_id,
        shift_id=uuid_or_404(shift_id),
        by_staff_id=who.staff_id,
        now=parts.now(),
    )
    return _done(request, who, None, "shift")


@router.post("/rota/pagers/{staff_id}")
def reach(request: Request, who: Admin, staff_id: str, fields: Fields) -> Response:
    """How one person is reached."""
    parts = parts_of(request)
    done = set_pager(
        parts.database,
        clinic_id=who.clinic_id,
        staff_id=uuid_or_404(staff_id),
        phone=word(fields, "phone"),
        email=word(fields, "email"),
        takes_calls=bool(word(fields, "takes_calls")),
        by=f"staff:{who.staff_id}",
        now=parts.now(),
    )
    return _done(request, who, done, "pager")


@router.post("/rota/ladder")
def change_ladder(request: Request, who: Admin, fields: Fields) -> Response:
    """The medical director, the minutes, the hour of the test page."""
    parts = parts_of(request)
    minutes = {name: _number(word(fields, name)) for name in LIMITS if word(fields, name)}
    if None in minutes.values():
        return _page(request, who, refused=NO_NUMBER.words)
    done = set_terms(
        parts.database,
        clinic_id=who.clinic_id,
        director_id=uuid_or_404(word(fields, "director")) if word(fields, "director") else None,
        minutes={name: number for name, number in minutes.items() if number is not None},
        test_at_local=word(fields, "test_at"),
        by=f"staff:{who.staff_id}",
        now=parts.now(),
    )
    return _done(request, who, done, "terms")


def _done(request: Request, who: SignedIn, done: Refused | None, said: str) -> Response:
    if done:
        return _page(request, who, refused=done.words)
    parts_of(request).wake()
    return RedirectResponse(f"/rota?said={said}", 303)


def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    """`2026-11-25T08:00` on the clinic's clock, as an instant."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 2000 <= local.year < 2200:
        return None
    return at_wall_clock(local.date(), local.time().replace(tzinfo=None), zone)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else None
