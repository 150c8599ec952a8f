"""The schedules in force: what patients get, how far a change reaches, and one click that stops the texts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.choose_version import read_first, versions_for_all
from followup.flow.stop_schedule import lift_stop, stop_schedule
from followup.flow.widen_roll_out import waiting_sessions, widen_roll_out
from followup.flow.work_case import Refused
from followup.rules.caps import PER_DAY, PER_WEEK
from followup.rules.schedule import Schedule
from followup.rules.wording import Tokens
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store import people, schedules, sign_ins
from followup.store.database import Session
from followup.store.schedules import NoSuchSchedule
from followup.store.tables import Clinic, RollOut
from followup.web.guards import SignedIn, form, signed_in, word
from followup.web.pages import frame, page
from followup.web.parts import Parts, parts_of
from followup.web.sample_session import tokens_for_sam
from followup.web.schedule_view import (
    SHORT,
    RollOutView,
    ScheduleView,
    StopView,
    kind_words,
    mistake_view,
    removed_steps,
    roll_out_view,
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


@dataclass(frozen=True)
class Looking:
    """Who looks at the schedules of which clinic, and when."""

    db: Session
    who: SignedIn
    clinic: Clinic
    ours: Schedules
    now: datetime


def look(db: Session, parts: Parts, who: SignedIn) -> Looking:
    """At what counts for this clinic: its own files before those of all."""
    clinic = people.clinic_of(db, who.clinic_id)
    return Looking(db, who, clinic, parts.schedules.of(clinic.slug), parts.now())


def _page(request: Request, who: SignedIn, *, refused: str = "") -> Response:
    parts = parts_of(request)
    with parts.database.reader() as db:
        looking = look(db, parts, who)
        planned = schedules.planned_texts(db, who.clinic_id)
        with_file = [each.name for each in looking.ours]
        names = [*with_file, *sorted(known_names(looking) - set(with_file))]
        return page(
            "schedules.html",
            status=409 if refused else 200,
            frame=frame(db, request, who, path="/schedules"),
            schedules=[_view(looking, name, planned.get(name, 0)) for name in names],
            mistakes=[mistake_view(mistake) for mistake in parts.schedules.mistakes_for(looking.clinic.slug)],
            caps=(PER_DAY, PER_WEEK),
            is_admin=who.role == "admin",
            is_live=people.newest_go_live(db, who.clinic_id) is not None,
            refused=refused,
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


def known_names(looking: Looking) -> set[str]:
    """Of all schedules that have a file, planned texts, or a stop in this clinic."""
    db, clinic_id = looking.db, looking.clinic.id
    stops = {stop.schedule for stop in schedules.open_stops(db, clinic_id)}
    return {each.name for each in looking.ours} | set(schedules.planned_texts(db, clinic_id)) | stops


def _view(looking: Looking, name: str, planned: int) -> ScheduleView:
    loaded = looking.ours.named(name)
    stop = stop_view(looking, name)
    if loaded is None:
        return ScheduleView(name=name, title=name, planned=planned, stop=stop)
    on_its_way = staged(looking, loaded)
    before = on_its_way[1] if on_its_way else None
    tokens = sample_tokens(looking, loaded.schedule)
    return ScheduleView(
        name=name,
        title=loaded.schedule.title,
        version=loaded.schedule.version[:SHORT],
        full_version=loaded.schedule.version,
        kinds=[kind_words(kind) for kind in loaded.schedule.for_kinds],
        planned=planned,
        stop=stop,
        steps=steps_of(loaded.schedule, before.schedule if before else None, tokens),
        first_text=texts_of(loaded.schedule.first_text, tokens),
        roll_out=on_its_way[0] if on_its_way else None,
    )


def stop_view(looking: Looking, name: str) -> StopView | None:
    """Who stopped it, if it is."""
    stop = schedules.stopped_schedule(looking.db, looking.clinic.id, name)
    return StopView(sign_ins.staff_names(looking.db, looking.clinic.id)[stop.by_staff_id], stop.at) if stop else None


def sample_tokens(looking: Looking, schedule: Schedule) -> Tokens:
    """Of a patient named Sam, whose visit ends now and who comes again tomorrow at half past ten."""
    tomorrow = (looking.now.astimezone(looking.who.zone) + timedelta(days=1)).replace(hour=10, minute=30)
    return tokens_for_sam(
        looking.db,
        looking.clinic,
        schedule,
        zone=looking.who.zone,
        ended_at=looking.now,
        appointment_at=tomorrow,
    )


def staged(looking: Looking, loaded: LoadedSchedule) -> tuple[RollOutView, LoadedSchedule | None] | None:
    """How far the newest version reaches, and what everybody else gets; None where everybody gets the newest."""
    db, clinic_id = looking.db, looking.clinic.id
    for_all = versions_for_all(db, clinic_id, loaded.name)
    version = loaded.schedule.version
    if people.newest_go_live(db, clinic_id) is None or version in for_all:
        return None
    everybodys = read_first(db, for_all)
    if everybodys and everybodys.schedule.version == version:
        return None
    begun = [row for row in schedules.roll_outs(db, clinic_id, loaded.name) if row.schedule_version == version]
    row = begun[0] if begun else _not_begun(looking, loaded)
    view = roll_out_view(
        row,
        who=looking.who,
        patients=schedules.patients_on(db, clinic_id, version),
        others_get=everybodys.schedule.version if everybodys else "",
        waiting=0
        if everybodys
        else len(waiting_sessions(db, loaded, looking.ours, clinic_id=clinic_id, now=looking.now)),
        removed=removed_steps(loaded.schedule, everybodys.schedule if everybodys else None),
        names=sign_ins.staff_names(db, clinic_id),
        has_begun=bool(begun),
    )
    return (view, everybodys) if view else None


def _not_begun(looking: Looking, loaded: LoadedSchedule) -> RollOut:
    """As its first use will make it."""
    return RollOut(
        clinic_id=looking.clinic.id,
        schedule=loaded.name,
        schedule_version=loaded.schedule.version,
        started_at=looking.now,
        changed_at=looking.now,
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
        if name not in known_names(look(db, parts, who)):
            raise HTTPException(404)
