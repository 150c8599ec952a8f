"""Templates, static files, and the frame around every page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from followup.store import figures, queue
from followup.store.database import Session
from followup.store.obstacles import obstacles
from followup.web import times
from followup.web.bars import Bar, bars_of
from followup.web.guards import SignedIn
from followup.web.paging_bars import PagingBar, paging_bars
from followup.web.parts import Parts, parts_of
from followup.web.rows import sentence, shown_phone

HERE = Path(__file__).parent
STATIC = HERE / "static"
PRODUCT = "Aftercare"
SENDER_IS_LATE_AFTER = timedelta(seconds=60)
READING_IS_LATE_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Frame:
    """What stands around every page: the red bar, the brown bar, the badge."""

    who: SignedIn
    now: datetime
    urgent: Sequence[queue.Waiting]
    """Not picked up, longest wait first, without the one that is open."""
    urgent_in_all: int
    is_one_open: bool
    obstacles: Sequence[Bar]
    """Why no text leaves, worst first; mostly empty."""
    paging: Sequence[PagingBar]
    """What the ladder has to say, most pressing first; mostly empty."""
    late_since: datetime | None
    unread: queue.Unread | None
    """Texts that came in long ago and stand in no case yet."""
    has_phone: bool
    path: str


def frame(
    db: Session, request: Request, who: SignedIn, *, open_case: UUID | None = None, path: str | None = None
) -> Frame:
    parts = parts_of(request)
    now = parts.now()
    waiting = queue.urgent_waiting(db, who.clinic_id)
    others = [case for case in waiting if case.case_id != open_case]
    return Frame(
        who=who,
        now=now,
        urgent=others,
        urgent_in_all=len(waiting),
        is_one_open=len(others) < len(waiting),
        obstacles=list(bars_of(obstacles(db, who.clinic_id), setting_is_on=parts.sending, zone=who.zone, now=now)),
        paging=[
            bar
            for bar in paging_bars(db, parts, who.clinic_id, zone=who.zone, now=now)
            if open_case is None or bar.case_id != open_case
        ],
        late_since=_late_since(db, now),
        unread=queue.unread(db, who.clinic_id, before=now - READING_IS_LATE_AFTER),
        has_phone=has_phone(parts),
        path=path or request.url.path,
    )


def _late_since(db: Session, now: datetime) -> datetime | None:
    """When the sender last did its work, if that is too long ago. Never ran: it is about to start."""
    good_at = figures.last_good_run(db, "send")
    return good_at if good_at and now - good_at > SENDER_IS_LATE_AFTER else None


def has_phone(parts: Parts) -> bool:
    """Whether there is a pretend handset to look at."""
    return parts.carrier.name == "pretend"


# Rendering ----------------------------------------------------------------------------------------------


def page(template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as an answer. Pages with a frame get it as `frame`."""
    return HTMLResponse(environment().get_template(template).render(**values), status_code=status)


@cache
def environment() -> Environment:
    """Everything is escaped, and a name that a page was not given stops it."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": static, "product": PRODUCT}
    made.filters |= {
        "clock": times.clock,
        "clock_and_zone": times.clock_and_zone,
        "zone_name": times.zone_name,
        "day": times.day,
        "moment": times.moment,
        "when": times.when,
        "full": times.full,
        "wait": times.wait,
        "initials": initials,
        "sentence": sentence,
        "phone": shown_phone,
    }
    return made


def initials(name: str) -> str:
    """`AN` of `Ana Nurse`; two letters at most."""
    return "".join(part[0] for part in name.split()[:2]).upper()


# Static files -------------------------------------------------------------------------------------------


@cache
def static(name: str) -> str:
    """The address of a file, changed whenever its content is."""
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


class LastingFiles(StaticFiles):
    """A year in the browser: addresses carry a hash or a version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def mount_static(app: FastAPI) -> None:
    """`/static/*`, open to everybody."""
    app.mount("/static", LastingFiles(directory=STATIC), name="static")
