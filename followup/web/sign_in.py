"""The sign-in page, and the way out."""

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.sign_in import sign_in, sign_out
from followup.web.guards import (
    WHOLE_LIMIT,
    SignedIn,
    cookie_name,
    find_signed_in,
    from_our_page,
    is_https,
    local_path,
    read_form,
    signed_in,
    word,
)
from followup.web.pages import page
from followup.web.parts import Parts, parts_of

router = APIRouter()

AT_ONCE = 2
"""Tries that are looked at: a flood of them must not eat the memory (19 MB each) or the cores that texts need."""
MOST_WAITING = 20
# One sentence for every cause, so that nobody learns which e-mail works here.
NOT_SIGNED_IN = (
    "That did not work. Check the e-mail and the password. After five wrong tries an e-mail has to wait 15 minutes."
)


BUSY = "Too many people are signing in right now. Nothing was checked: wait some seconds, then try again."


class WaitingRoom:
    """One for a site. Who waits in it holds no thread: pages and doors have theirs to themselves."""

    def __init__(self) -> None:
        self._threads = CapacityLimiter(AT_ONCE)
        self._inside = 0

    async def sign_in(self, parts: Parts, email: str, password: str) -> str | None:
        """What `flow.sign_in` says. Raises RoomIsFull at once."""
        if self._inside == AT_ONCE + MOST_WAITING:
            raise RoomIsFull
        self._inside += 1
        try:
            return await to_thread.run_sync(
                sign_in, parts.database, email, password, parts.now(), limiter=self._threads
            )
        finally:
            self._inside -= 1


class RoomIsFull(Exception):
    """Too many wait already; nothing was checked."""


@router.get("/sign-in")
def show_sign_in(request: Request) -> Response:
    then = local_path(request.query_params.get("next"))
    if find_signed_in(request):
        return RedirectResponse(then, 303)
    return page("sign_in.html", then=then, email="", wrong="")


@router.post("/sign-in", dependencies=[Depends(from_our_page)])
async def start_session(request: Request, fields: Annotated[FormData, Depends(read_form)]) -> Response:
    """A stranger's odd form is a failed sign-in, never a list of its faults. 503 where too many wait already."""
    parts, email, then = parts_of(request), word(fields, "email"), local_path(word(fields, "next"))
    try:
        token = await request.app.state.waiting_room.sign_in(parts, email, word(fields, "password"))
    except RoomIsFull:
        busy = page("sign_in.html", status=503, then=then, email=email, wrong=BUSY)
        busy.headers["Retry-After"] = "5"
        return busy
    if token is None:
        return page("sign_in.html", status=401, then=then, email=email, wrong=NOT_SIGNED_IN)
    response = RedirectResponse(then, 303)
    response.set_cookie(
        cookie_name(parts),
        token,
        max_age=int(WHOLE_LIMIT.total_seconds()),
        path="/",
        secure=is_https(parts),
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/sign-out")
def end_session(request: Request, who: Annotated[SignedIn, Depends(signed_in(changes_nothing=True))]) -> Response:
    parts = parts_of(request)
    sign_out(parts.database, who.token_hash, parts.now())
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(parts), path="/", secure=is_https(parts), httponly=True, samesite="lax")
    return response
