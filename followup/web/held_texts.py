"""A text that is held: staff say in the conversation whether it is sent."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from followup.flow.release_text import drop_text, release_text
from followup.store import cases
from followup.store.holds import NoSuchText
from followup.web.guards import SignedIn, signed_in, uuid_or_404
from followup.web.parts import parts_of
from followup.web.queue import view_of

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]


@router.post("/cases/{case_id}/texts/{message_id}/release")
def release(request: Request, who: Person, case_id: str, message_id: str) -> Response:
    """*Send it*. It leaves where everything else allows it: STOP, the switch and the hour are looked at again."""
    try:
        release_text(**_what(request, who, case_id, message_id))
    except NoSuchText:
        raise HTTPException(404) from None
    parts_of(request).wake()
    return _back(request, case_id)


@router.post("/cases/{case_id}/texts/{message_id}/drop")
def drop(request: Request, who: Person, case_id: str, message_id: str) -> Response:
    """*Do not send*."""
    try:
        drop_text(**_what(request, who, case_id, message_id))
    except NoSuchText:
        raise HTTPException(404) from None
    return _back(request, case_id)


def _what(request: Request, who: SignedIn, case_id: str, message_id: str) -> dict[str, Any]:
    """Raises NoSuchCase for a conversation of another clinic."""
    parts = parts_of(request)
    with parts.database.reader() as db:
        cases.get_case(db, clinic_id=who.clinic_id, case_id=uuid_or_404(case_id))
    return {
        "database": parts.database,
        "clinic_id": who.clinic_id,
        "message_id": uuid_or_404(message_id),
        "staff_id": who.staff_id,
        "now": parts.now(),
    }


def _back(request: Request, case_id: str) -> Response:
    view = view_of(request)
    return RedirectResponse(f"/cases/{case_id}{'' if view == 'open' else f'?view={view}'}", 303)
