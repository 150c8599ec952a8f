"""The schedules in force: what patients get, how far a change reaches, and one click that stops the texts."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.choose_version import read_first, versions_for_all
from followup.flow.stop_schedule import lift_stop, stop_schedule
from followup.flow.widen_roll_out import waiting_sessions, widen_roll_out
from followup.flow.work_case import Refused
from followup.rules.wording import Tokens
from followup.schedule_files import LoadedSchedule
from followup.store import people, schedules, sign_ins
from followup.store.database import Session
from followup.store.schedules import NoSuchSchedule
from followup.store.tables import RollOut
from followup.web.guards import SignedIn, form, signed_in, word
from followup.web.pages import frame, page
from followup.web.parts import Parts, parts_of
from followup.web.schedule_view import (
    SHORT,
    RollOutView,
    ScheduleView,
    removed_steps,
    roll_out_view,
    sample,
    steps_of,
    texts_of,
)

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
Admin = Annotated[SignedIn, Depends(signed_in("admin"))]
Approver = Annotated[SignedIn, Depends(signed_in("admin", "prescriber"))]
Fields = Annotated[FormData, Depends(form)]
SAID = {
    "stopped": "Stopped. None of its texts leaves until an admin lets them go on.",
    "lifted": "Its texts go on.",
    "wider": "Done. The next sessions count.",
}


# Looking -------------------------------------------------------------------------------------------------


@router.get("/schedules")
def show_schedules(request: Request, who: Person) -> Response:
    return _page(request, who)


def _page(request: Request, who: SignedIn, *, refused: str = "") -> Response:
    parts = parts_of(request)
    with parts.database.reader() as db:
        clinic = people.clinic_of(db, who.clinic_id)
        planned = schedules.planned_texts(db, clinic.id)
        tokens = sample(clinic, now=parts.now().astimezone(who.zone))
        loaded = {each.name: each for each in parts.schedules}
        names = [*loaded, *sorted(known_names(db, parts, who) - set(loaded))]
        return page(
            "schedules.html",
            status=409 if refused else 200,
            frame=frame(db, request, who, path="/schedules"),
            schedules=[_view(db, parts, who, name, loaded.get(name), planned.get(name, 0), tokens) for name in names],
            is_admin=who.role == "admin",
            is_live=people.newest_go_live(db, clinic.id) is not None,
            refused=refused,
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


def known_names(db: Session, parts: Parts, who: SignedIn) -> set[str]:
    """Of all schedules that have a file, planned texts, or a stop in this clinic."""
    stops = {stop.schedule for stop in schedules.open_stops(db, who.clinic_id)}
    return {each.name for each in parts.schedules} | set(schedules.planned_texts(db, who.clinic_id)) | stops


def _view(
    db: Session, parts: Parts, who: SignedIn, name: str, loaded: LoadedSchedule | None, planned: int, tokens: Tokens
) -> ScheduleView:
    stop = schedules.stopped_schedule(db, who.clinic_id, name)
    staged = _staged(db, parts, who, loaded) if loaded else None
    before = staged[1] if staged else None
    return ScheduleView(
        name=name,
        title=loaded.schedule.title if loaded else name,
        version=loaded.schedule.version[:SHORT] if loaded else "",
        full_version=loaded.schedule.version if loaded else "",
        kinds=loaded.schedule.for_kinds if loaded else [],
        planned=planned,
        stopped_by=sign_ins.staff_names(db, who.clinic_id)[stop.by_staff_id] if stop else "",
        stopped_at=stop.at if stop else None,
        steps=steps_of(loaded.schedule, before.schedule if before else None, tokens) if loaded else [],
        first_text=texts_of(loaded.schedule.first_text, tokens) if loaded else [],
        roll_out=staged[0] if staged else None,
    )


def _staged(
    db: Session, parts: Parts, who: SignedIn, loaded: LoadedSchedule
) -> tuple[RollOutView, LoadedSchedule | None] | None:
    """How far the newest version reaches, and what everybody else gets; None where everybody gets the newest."""
    for_all = versions_for_all(db, who.clinic_id, loaded.name)
    version = loaded.schedule.version
    if people.newest_go_live(db, who.clinic_id) is None or version in for_all:
        return None
    everybodys = read_first(db, for_all)
    if everybodys and everybodys.schedule.version == version:
        return None
    begun = [row for row in schedules.roll_outs(db, who.clinic_id, loaded.name) if row.schedule_version == version]
    now = parts.now()
    row = begun[0] if begun else _not_begun(who, loaded, parts)
    view = roll_out_view(
        row,
        who=who,
        patients=schedules.patients_on(db, who.clinic_id, version),
        others_get=everybodys.schedule.version if everybodys else "",
        waiting=0
        if everybodys
        else len(waiting_sessions(db, loaded, parts.schedules, clinic_id=who.clinic_id, now=now)),
        removed=removed_steps(loaded.schedule, everybodys.schedule if everybodys else None),
        names=sign_ins.staff_names(db, who.clinic_id),
        has_begun=bool(begun),
    )
    return (view, everybodys) if view else None


def _not_begun(who: SignedIn, loaded: LoadedSchedule, parts: Parts) -> RollOut:
    """As its first use will make it."""
    return RollOut(
        clinic_id=who.clinic_id,
        schedule=loaded.name,
        schedule_version=loaded.schedule.version,
        started_at=parts.now(),
        changed_at=parts.now(),
    )


# Acting --------------------------------------------------------------------------------------------------


@router.post("/schedules/{name}/stop")
def stop(request: Request, who: Person, name: str) -> Response:
    """*Stop these texts*: whoever works with patients may, at once."""
    parts = parts_of(request)
    _known_or_404(parts, who, name)
    stop_schedule(
        database=parts.database, clinic_id=who.clinic_id, schedule=name, staff_id=who.staff_id, now=parts.now()
    )
    return RedirectResponse("/schedules?said=stopped", 303)


@router.post("/schedules/{name}/lift")
def lift(request: Request, who: Admin, name: str) -> Response:
    """*Let them go on*: an admin's word."""
    parts = parts_of(request)
    _known_or_404(parts, who, name)
    lift_stop(database=parts.database, clinic_id=who.clinic_id, schedule=name, staff_id=who.staff_id, now=parts.now())
    parts.wake()
    return RedirectResponse("/schedules?said=lifted", 303)


@router.post("/schedules/{name}/reach")
def reach(request: Request, who: Approver, name: str, fields: Fields) -> Response:
    """`to` patients, or `all`, of the `version` that the page showed."""
    parts = parts_of(request)
    try:
        done = widen_roll_out(
            database=parts.database,
            loaded=parts.schedules,
            clinic_id=who.clinic_id,
            schedule=name,
            version=word(fields, "version"),
            to=_stage(word(fields, "to")),
            staff_id=who.staff_id,
            now=parts.now(),
        )
    except NoSuchSchedule:
        raise HTTPException(404) from None
    if isinstance(done, Refused):
        return _page(request, who, refused=done.words)
    parts.wake()
    return RedirectResponse("/schedules?said=wider", 303)


def _stage(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise HTTPException(400)
    return int(text)


def _known_or_404(parts: Parts, who: SignedIn, name: str) -> None:
    with parts.database.reader() as db:
        if name not in known_names(db, parts, who):
            raise HTTPException(404)
