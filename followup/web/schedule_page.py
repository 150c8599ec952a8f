"""One schedule: what a patient gets after a session of one's choice, and what would become of a reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from followup.readers_from_files import load_readers
from followup.rules.reading.readers import Readers
from followup.rules.standard_texts import StandardTexts
from followup.schedule_files import LoadedSchedule
from followup.store import opening_hours
from followup.store.schedules import planned_texts
from followup.web.guards import SignedIn, form, signed_in, word
from followup.web.pages import frame, page
from followup.web.parts import Parts, parts_of
from followup.web.preview_view import PreviewView, preview_view
from followup.web.sample_session import (
    NAME,
    ZONES,
    Chosen,
    NotASession,
    facts_of_choice,
    first_choice,
    read_choice,
    tokens_for_sam,
)
from followup.web.schedule_view import LANGUAGES, SHORT, RollOutView, StopView, kind_words
from followup.web.schedules import Looking, look, sample_tokens, staged, stop_view
from followup.web.try_reply import try_view

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
Anybody = Annotated[SignedIn, Depends(signed_in(changes_nothing=True))]
Fields = Annotated[FormData, Depends(form)]


@dataclass(frozen=True)
class Head:
    """What both pages say of a schedule."""

    name: str
    title: str
    version: str
    kinds: Mapping[str, str]
    """In words."""
    planned: int
    stop: StopView | None
    roll_out: RollOutView | None
    """How far this version reaches, while it is on its way to everybody."""


@router.get("/schedules/{name}")
def show_schedule(request: Request, who: Person, name: str) -> Response:
    """A made-up session, chosen in the address, that cannot be so is said in words, beside that of everybody."""
    parts = parts_of(request)
    with parts.database.reader() as db:
        looking = look(db, parts, who)
        loaded = _named_or_404(looking, name)
        chosen = read_choice(request.query_params, loaded.schedule, zone=who.zone, now=looking.now)
        refused = ""
        try:
            preview = _preview(looking, loaded, chosen)
        except NotASession as mistake:
            refused = str(mistake)
            first = first_choice(loaded.schedule, zone=who.zone, now=looking.now)
            preview = _preview(looking, loaded, first)
        tokens = sample_tokens(looking, loaded.schedule)
        return page(
            "schedule.html",
            status=422 if refused else 200,
            frame=frame(db, request, who, path="/schedules"),
            schedule=_head(looking, loaded),
            preview=preview,
            chosen=chosen,
            has_chosen="ended" in request.query_params,
            refused=refused,
            zones=sorted({*ZONES, who.zone.key}),
            languages=LANGUAGES,
            patient=NAME,
            is_try=False,
            view=try_view(
                loaded.schedule,
                tokens,
                *_reading_of(parts, looking),
                step=None,
                text=None,
            ),
        )


def _named_or_404(looking: Looking, name: str) -> LoadedSchedule:
    loaded = looking.ours.named(name)
    if loaded is None:
        raise HTTPException(404)
    return loaded


def _head(looking: Looking, loaded: LoadedSchedule) -> Head:
    on_its_way = staged(looking, loaded)
    return Head(
        name=loaded.name,
        title=loaded.schedule.title,
        version=loaded.schedule.version[:SHORT],
        kinds={kind: kind_words(kind) for kind in loaded.schedule.for_kinds},
        planned=planned_texts(looking.db, looking.clinic.id).get(loaded.name, 0),
        stop=stop_view(looking, loaded.name),
        roll_out=on_its_way[0] if on_its_way else None,
    )


def _preview(looking: Looking, loaded: LoadedSchedule, chosen: Chosen) -> PreviewView:
    """Raises NotASession."""
    hours = opening_hours.hours_of(looking.db, looking.clinic, None)
    facts = facts_of_choice(chosen, loaded.schedule, hours)
    tokens = tokens_for_sam(
        looking.db,
        looking.clinic,
        loaded.schedule,
        zone=facts.zone,
        ended_at=facts.ended_at,
        appointment_at=facts.appointment_at,
    )
    return preview_view(loaded.schedule, facts, chosen=chosen, tokens=tokens, now=looking.now)


# Try a reply ---------------------------------------------------------------------------------------------


@router.get("/schedules/{name}/try")
def show_try(request: Request, who: Person, name: str) -> Response:
    return _try_page(request, who, name, step=None, text=None)


@router.post("/schedules/{name}/try")
def try_a_reply(request: Request, who: Anybody, name: str, fields: Fields) -> Response:
    """`text` as an answer to `step`, or to nothing where that is empty. Nothing is sent and nothing is stored."""
    return _try_page(request, who, name, step=word(fields, "step"), text=word(fields, "text"))


def _reading_of(parts: Parts, looking: Looking) -> tuple[Readers, StandardTexts]:
    """What reads this clinic's replies, and what may answer them by itself."""
    slug = looking.clinic.slug
    return load_readers(parts.schedules.folder, slug), parts.schedules.texts(slug)


def _try_page(request: Request, who: SignedIn, name: str, *, step: str | None, text: str | None) -> Response:
    parts = parts_of(request)
    with parts.database.reader() as db:
        looking = look(db, parts, who)
        loaded = _named_or_404(looking, name)
        tokens = sample_tokens(looking, loaded.schedule)
        try:
            view = try_view(loaded.schedule, tokens, *_reading_of(parts, looking), step=step, text=text)
        except LookupError:
            raise HTTPException(400) from None
        return page(
            "try.html",
            frame=frame(db, request, who, path="/schedules"),
            schedule=_head(looking, loaded),
            view=view,
            is_try=True,
        )
