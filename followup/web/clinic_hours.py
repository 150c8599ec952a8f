"""When a clinic reads answers: its hours, its closed days, its state. Admins set them, on the admin page."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.set_hours import HoursNotUsable, close_on, open_on, set_hours
from followup.web import times
from followup.web.admin import admin_page
from followup.web.guards import SignedIn, form, signed_in, word, words
from followup.web.hours_view import Typed
from followup.web.parts import parts_of

router = APIRouter()
Admin = Annotated[SignedIn, Depends(signed_in("admin"))]
Fields = Annotated[FormData, Depends(form)]
MOST_WORDS = 80
"""What a closure's words may be (store/tables)."""


@router.post("/admin/hours")
def change_hours(request: Request, who: Admin, fields: Fields) -> Response:
    """`opens`, `closes`, `closed` for each weekday that is (Monday is 0), `state`, empty where none counts."""
    parts = parts_of(request)
    state, closed = word(fields, "state").strip().upper(), words(fields, "closed")
    opens, closes = word(fields, "opens"), word(fields, "closes")
    opens_at, closes_at = times.parse_clock(opens), times.parse_clock(closes)
    try:
        if opens_at is None or closes_at is None:
            raise HoursNotUsable("It opens and closes at times such as 09:00.")
        set_hours(
            database=parts.database,
            clinic_id=who.clinic_id,
            staff_id=who.staff_id,
            opens=opens_at,
            closes=closes_at,
            closed_weekdays=[_weekday(day) for day in closed],
            state=state or None,
            now=parts.now(),
        )
    except HoursNotUsable as odd:
        typed = Typed(f"{odd} Nothing was changed.", opens=opens, closes=closes, closed=closed, state=state)
        return admin_page(request, who, typed=typed)
    return RedirectResponse("/admin?said=hours", 303)


def _weekday(text: str) -> int:
    if text not in set("0123456"):
        raise HTTPException(400)
    return int(text)


@router.post("/admin/closures")
def close_for_a_day(request: Request, who: Admin, fields: Fields) -> Response:
    """`day`, and in `words` why."""
    parts, typed_day, why = parts_of(request), word(fields, "day").strip(), word(fields, "words").strip()
    day = times.parse_date(typed_day)
    refused = ""
    if day is None or day.year not in times.YEARS or day < parts.now().astimezone(who.zone).date():
        refused = "Choose a day that is not over. Nothing was changed."
    elif not why or len(why) > MOST_WORDS:
        refused = f"Say why in at most {MOST_WORDS} characters, such as Thanksgiving. Nothing was changed."
    if refused or day is None:
        return admin_page(request, who, typed=Typed(refused, day=typed_day, closure=why, is_closure=True))
    close_on(
        database=parts.database,
        clinic_id=who.clinic_id,
        staff_id=who.staff_id,
        day=day,
        words=why,
        now=parts.now(),
    )
    return RedirectResponse("/admin?said=closed", 303)


@router.post("/admin/closures/{day}/removal")
def open_after_all(request: Request, who: Admin, day: str) -> Response:
    """It is open that day after all. A day that was never closed stays open."""
    parts, on = parts_of(request), times.parse_date(day)
    if on is None:
        raise HTTPException(404)
    open_on(database=parts.database, clinic_id=who.clinic_id, staff_id=who.staff_id, day=on, now=parts.now())
    return RedirectResponse("/admin?said=open", 303)
