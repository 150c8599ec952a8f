"""Whether this clinic's texts leave, by whose word, the switch, and its hours. Everybody sees it; admins turn it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.leave_safe_mode import leave_safe_mode
from followup.flow.set_up import turn_sending
from followup.store import obstacles, people, sign_ins
from followup.store.database import Session
from followup.store.tables import Breaker
from followup.web.guards import SignedIn, form, signed_in, word
from followup.web.hours_view import Typed, hours_view
from followup.web.pages import frame, page
from followup.web.parts import Parts, parts_of

router = APIRouter()
Reader = Annotated[SignedIn, Depends(signed_in())]
Admin = Annotated[SignedIn, Depends(signed_in("admin"))]
Fields = Annotated[FormData, Depends(form)]
SAID = {
    "on": "Sending is on. What waited is looked at now.",
    "off": "Sending is off. No text leaves to a patient of this clinic.",
    "left": "Texts leave again. Each that was in doubt is looked up at the carrier first.",
    "hours": "The hours are kept. What is planned from now on follows them.",
    "closed": "Closed that day. No question that nobody would read leaves then.",
    "open": "Open that day.",
}


@dataclass(frozen=True)
class Sending:
    """The switch of this clinic, and of what stands above it."""

    is_on: bool
    off_at: datetime | None
    off_by: str | None
    """None: the command line."""
    all_off: str
    """Why the whole service is off, in words; empty while it is on."""


@dataclass(frozen=True)
class Live:
    """Who let this clinic's texts reach people."""

    by: str
    at: datetime
    without_rota: bool
    not_set: Sequence[str]


@dataclass(frozen=True)
class AdminView:
    sending: Sending
    live: Live | None
    reaches_people: bool
    breakers: Sequence[Breaker]
    behind_fence_at: datetime | None


@router.get("/admin")
def show_admin(request: Request, who: Reader) -> Response:
    return admin_page(request, who)


def admin_page(request: Request, who: SignedIn, *, typed: Typed | None = None) -> Response:
    """The whole page. `typed`: a form of it that was refused, and why."""
    parts = parts_of(request)
    with parts.database.reader() as db:
        return page(
            "admin.html",
            status=409 if typed else 200,
            frame=frame(db, request, who, path="/admin"),
            view=_view(db, parts, who.clinic_id),
            hours=hours_view(db, who, now=parts.now(), typed=typed),
            may_change=who.role == "admin",
            refused=typed.words if typed else "",
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


@router.post("/admin/sending")
def switch_sending(request: Request, who: Admin, fields: Fields) -> Response:
    """`state` is `on` or `off`."""
    parts, state = parts_of(request), word(fields, "state")
    if state not in {"on", "off"}:
        raise HTTPException(400)
    with parts.database.reader() as db:
        slug = people.clinic_of(db, who.clinic_id).slug
    turn_sending(database=parts.database, on=state == "on", clinic=slug, by=f"staff:{who.staff_id}", now=parts.now())
    parts.wake()
    return RedirectResponse(f"/admin?said={state}", 303)


@router.post("/admin/safe-mode")
def end_safe_mode(request: Request, who: Admin) -> Response:
    """Texts may leave although the database is an old copy: somebody has looked."""
    parts = parts_of(request)
    leave_safe_mode(parts.database, who.staff_id, parts.now())
    parts.wake()
    return RedirectResponse("/admin?said=left", 303)


def _view(db: Session, parts: Parts, clinic_id: UUID) -> AdminView:
    standing = obstacles.obstacles(db, clinic_id)
    return AdminView(
        sending=Sending(
            is_on=standing.clinic_off_at is None,
            off_at=standing.clinic_off_at,
            off_by=obstacles.who_switched_off(db, clinic_id) if standing.clinic_off_at else None,
            all_off=_all_off(parts, standing),
        ),
        live=_live(db, clinic_id),
        reaches_people=parts.carrier.reaches_people,
        breakers=standing.breakers,
        behind_fence_at=standing.behind_fence_at,
    )


def _all_off(parts: Parts, standing: obstacles.Obstacles) -> str:
    if not parts.sending:
        return "The whole service is off by its setting FOLLOWUP_SENDING. Only whoever runs it can turn it on."
    if standing.all_off:
        return "The whole service is off by the command `sending off`. Only whoever runs it can turn it on."
    return ""


def _live(db: Session, clinic_id: UUID) -> Live | None:
    live = people.newest_go_live(db, clinic_id)
    if live is None:
        return None
    by = sign_ins.get_staff(db, clinic_id, live.by_staff_id).name
    return Live(by=by, at=live.at, without_rota=live.without_rota, not_set=live.not_set)
