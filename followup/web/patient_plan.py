"""*What will Maria get, and why did she not get the day-3 text?* And what staff change about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow.pause_texts import pause_texts, resume_texts
from followup.flow.set_preferences import HourNotAllowed, set_preferences
from followup.rules.quiet_hours import at_wall_clock
from followup.store import cases, companions, pauses, people, plans, sessions, sign_ins
from followup.store.database import Session
from followup.store.tables import Patient
from followup.web import times
from followup.web.guards import SignedIn, form, signed_in, uuid_or_404, word
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.patient_facts import (
    Fact,
    birth_words,
    companion_facts,
    consent_fact,
    language_words,
    patients_zone,
    phone_fact,
)
from followup.web.patient_plan_view import PauseView, PlanView, pause_view, plan_view
from followup.web.rows import patient_name

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
Fields = Annotated[FormData, Depends(form)]
SAID = {
    "paused": "Paused. No automatic text leaves until then.",
    "resumed": "Automatic texts leave again. What fell into the pause is not sent.",
    "kept": "Kept. What has not left follows.",
}
MOST_WORDS = 400


@dataclass(frozen=True)
class PatientPlanView:
    """The whole page."""

    id: UUID
    name: str
    short_name: str
    identifiers: Sequence[str]
    facts: Sequence[Fact]
    in_the_way: Sequence[str]
    """Why no automatic text leaves at present; mostly empty."""
    plans: Sequence[PlanView]
    """The one that counts first."""
    paused: PauseView | None
    pauses: Sequence[PauseView]
    """Those that are over, newest first."""
    own_hour: str
    is_discreet: bool
    tomorrow: str
    """The first day on which a pause may end, as a field takes it."""


@dataclass(frozen=True)
class Typed:
    """What stood in a form that was refused."""

    refused: str
    why: str = ""
    until: str = ""


# Looking -------------------------------------------------------------------------------------------------


@router.get("/patients/{patient_id}/plan")
def show_plan(request: Request, who: Person, patient_id: str) -> Response:
    return _page(request, who, uuid_or_404(patient_id))


def _page(request: Request, who: SignedIn, patient_id: UUID, typed: Typed | None = None) -> Response:
    parts = parts_of(request)
    with parts.database.reader() as db:
        patient = _patient_or_404(db, who, patient_id)
        return page(
            "patient_plan.html",
            status=409 if typed else 200,
            frame=frame(db, request, who),
            view=_view(db, patient, who, now=parts.now()),
            typed=typed or Typed(""),
            said=SAID.get(request.query_params.get("said", ""), ""),
        )


def _patient_or_404(db: Session, who: SignedIn, patient_id: UUID) -> Patient:
    patient = people.find_by_id(db, who.clinic_id, patient_id)
    if patient is None:
        raise HTTPException(404)
    return patient


def _view(db: Session, patient: Patient, who: SignedIn, *, now: datetime) -> PatientPlanView:
    theirs = patients_zone(patient, who.zone)
    paused = pauses.open_pause(db, patient.id, now=now)
    names = sign_ins.staff_names(db, who.clinic_id)
    told = [
        pause_view(pause, names=names, is_open=pause == paused, patients=theirs, zone=who.zone, now=now)
        for pause in pauses.pauses_of(db, patient.id)
    ]
    return PatientPlanView(
        id=patient.id,
        name=patient_name(patient),
        short_name=patient.given_name or patient_name(patient),
        identifiers=[*birth_words(patient, zone=who.zone, now=now)] or [f"record {patient.record_id}"],
        facts=list(_facts(db, patient, who.zone, now)),
        in_the_way=list(_in_the_way(db, patient)),
        plans=[
            plan_view(db, plan, patient, pause=paused, zone=who.zone, now=now)
            for plan in plans.plans_of(db, patient.id)
        ],
        paused=next((each for each in told if each.is_open), None),
        pauses=[each for each in told if not each.is_open],
        own_hour=patient.own_hour_local or "",
        is_discreet=patient.is_discreet,
        tomorrow=(now.astimezone(theirs).date() + timedelta(days=1)).isoformat(),
    )


def _facts(db: Session, patient: Patient, zone: ZoneInfo, now: datetime) -> Iterator[Fact]:
    yield phone_fact(patient)
    opt_out = people.open_opt_out(db, patient.clinic_id, patient.phone or "")
    yield consent_fact(opt_out, people.consent_status(db, patient.id), zone=zone)
    theirs = patients_zone(patient, zone)
    whose = "" if patient.zone else ", the clinic's: theirs is not known"
    yield Fact("Clock", f"{times.clock_and_zone(now, theirs)} ({theirs.key}{whose})")
    if patient.state:
        yield Fact("State", patient.state)
    yield Fact("Language", language_words(patient.language))
    yield from companion_facts(companions.find_companion(db, patient.id))
    visit = sessions.next_appointment(db, patient.id, after=now)
    yield Fact("Next visit", times.moment(visit.starts_at, theirs, now=now) if visit else "None is booked")


def _in_the_way(db: Session, patient: Patient) -> Iterator[str]:
    """What the claim would find of this patient (rules/consent.py). What is of the whole clinic stands in the bars."""
    if patient.deceased_at:
        yield "The patient died."
    if patient.phone is None:
        yield "There is no number that can be texted."
    if patient.phone_fault:
        yield f"The number cannot be texted: {patient.phone_fault}."
    if patient.phone and people.open_opt_out(db, patient.clinic_id, patient.phone):
        yield "The number sent STOP."
    status = people.consent_status(db, patient.id)
    if status == "revoked":
        yield "The patient withdrew consent."
    if status is None and people.clinic_of(db, patient.clinic_id).needs_recorded_consent:
        yield "No consent is on record: texts wait for it."
    if cases.has_open_urgent(db, patient.clinic_id, patient.id):
        yield "An urgent case is open: automatic texts wait until a person lets them go on."


# Acting --------------------------------------------------------------------------------------------------


@router.post("/patients/{patient_id}/pause")
def pause(request: Request, who: Person, patient_id: str, fields: Fields) -> Response:
    """`why`, and `until`, the day on which texts go on; empty: until somebody resumes them."""
    parts, patient = parts_of(request), _known(request, who, patient_id)
    why, until = word(fields, "why").strip(), word(fields, "until").strip()
    day = times.parse_date(until)
    until_at = (
        at_wall_clock(day, time(0), patients_zone(patient, who.zone)) if day and day.year in times.YEARS else None
    )
    refused = ""
    if until and (until_at is None or until_at <= parts.now()):
        refused = "Choose a day after today on which texts go on, or none. Nothing was paused."
    elif not why or len(why) > MOST_WORDS:
        refused = f"Say why, in at most {MOST_WORDS} characters. Nothing was paused."
    if refused:
        return _page(request, who, patient.id, Typed(refused, why=why, until=until))
    pause_texts(
        database=parts.database,
        clinic_id=who.clinic_id,
        patient_id=patient.id,
        staff_id=who.staff_id,
        why=why,
        until_at=until_at,
        now=parts.now(),
    )
    return _back(patient, "paused")


@router.post("/patients/{patient_id}/resume")
def resume(request: Request, who: Person, patient_id: str) -> Response:
    """*Let them go on*: what comes from now on."""
    parts, patient = parts_of(request), _known(request, who, patient_id)
    resume_texts(
        database=parts.database,
        clinic_id=who.clinic_id,
        patient_id=patient.id,
        staff_id=who.staff_id,
        now=parts.now(),
    )
    parts.wake()
    return _back(patient, "resumed")


@router.post("/patients/{patient_id}/preferences")
def prefer(request: Request, who: Person, patient_id: str, fields: Fields) -> Response:
    """`own_hour`, empty for whenever the schedule says; `discreet`."""
    parts, patient = parts_of(request), _known(request, who, patient_id)
    typed = word(fields, "own_hour").strip()
    own_hour = times.parse_clock(typed)
    try:
        if typed and own_hour is None:
            raise HourNotAllowed
        set_preferences(
            database=parts.database,
            clinic_id=who.clinic_id,
            patient_id=patient.id,
            staff_id=who.staff_id,
            own_hour=own_hour,
            is_discreet=word(fields, "discreet") == "yes",
            now=parts.now(),
        )
    except HourNotAllowed:
        return _page(request, who, patient.id, Typed(f"{HourNotAllowed.__doc__} Nothing was changed."))
    parts.wake()
    return _back(patient, "kept")


def _known(request: Request, who: SignedIn, patient_id: str) -> Patient:
    """Of this clinic, or 404."""
    with parts_of(request).database.reader() as db:
        return _patient_or_404(db, who, uuid_or_404(patient_id))


def _back(patient: Patient, said: str) -> Response:
    return RedirectResponse(f"/patients/{patient.id}/plan?said={said}", 303)
