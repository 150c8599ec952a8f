"""One case: the conversation, and what staff do with it. An action is a noun that is posted."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.flow import work_case
from followup.flow.record_consent import record_consent
from followup.flow.render_text import preview_text
from followup.flow.work_case import Refused
from followup.rules.schedule import ScheduleMistake
from followup.rules.segments import GSM_BASIC, GSM_EXTENDED
from followup.store import cases
from followup.store.database import Session
from followup.store.holds import find_hold, is_held
from followup.store.queue import last_scores
from followup.store.tables import Message
from followup.store.threads import read_thread
from followup.web.case_view import CaseView, case_view
from followup.web.guards import SignedIn, form, is_https, signed_in, uuid_or_404, word, words
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.queue import SAID, queue_view, view_of
from followup.web.reviews import seen_at
from followup.web.rungs import rungs_of

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
Fields = Annotated[FormData, Depends(form)]
Posted = Literal["assignment", "acknowledgement", "notes", "replies", "consent", "closure"]


# Looking ------------------------------------------------------------------------------------------------


@router.get("/cases/{case_id}")
def show_case(request: Request, who: Person, case_id: str) -> Response:
    return case_page(request, who, uuid_or_404(case_id))


@router.get("/cases/{case_id}/log")
def show_log(request: Request, who: Person, case_id: str) -> Response:
    """The conversation and who has it: what an open page fetches again and again."""
    with parts_of(request).database.reader() as db:
        view = _view(db, request, who, uuid_or_404(case_id))
        rungs = rungs_of(db, clinic_id=who.clinic_id, case_id=view.id)
        return page("case/log.html", case=view, rungs=rungs, who=who, query=_kept(request), once=uuid4)


@router.get("/cases/{case_id}/{posted}")
def show_again(request: Request, _: Person, case_id: str, posted: Posted) -> Response:
    """A refusal is shown at the address of its form; loaded again, or after a new sign-in, it is the case itself."""
    return _back(request, uuid_or_404(case_id))


def case_page(
    request: Request,
    who: SignedIn,
    case_id: UUID,
    *,
    refused: str = "",
    draft: str = "",
    draft_is_note: bool = False,
    closing: str = "",
) -> Response:
    """The whole page. `refused`: why what was just posted was not done; its text stays in the field.

    `closing` is the text of a closing; where closing is no longer possible it may still become a note.
    """
    with parts_of(request).database.reader() as db:
        case = _view(db, request, who, case_id)
        if closing and not case.may_close:
            closing, draft, draft_is_note = "", closing, True
        return page(
            "case.html",
            status=409 if refused else 200,
            frame=frame(db, request, who, open_case=case_id, path="/"),
            queue=queue_view(db, request, who, open_case=case_id),
            case=case,
            rungs=rungs_of(db, clinic_id=who.clinic_id, case_id=case_id),
            held_since=_held_since(db, who, case_id),
            who=who,
            query=_kept(request),
            once=uuid4,
            refused=refused,
            said=SAID.get(request.query_params.get("said", ""), ""),
            draft=draft,
            draft_is_note=draft_is_note,
            closing=closing,
            gsm_basic="".join(sorted(GSM_BASIC - set("\r\n"))),
            gsm_extended="".join(sorted(GSM_EXTENDED)),
        )


def _view(db: Session, request: Request, who: SignedIn, case_id: UUID) -> CaseView:
    now = parts_of(request).now()
    case = cases.get_case(db, clinic_id=who.clinic_id, case_id=case_id)
    thread = read_thread(db, case, now=now)
    scores = last_scores(db, [case.patient_id]) if case.patient_id else {}
    return case_view(
        thread,
        staff_id=who.staff_id,
        zone=who.zone,
        now=now,
        no_text_because=work_case.why_no_text(db, case),
        score=scores.get(case.patient_id) if case.patient_id else None,
        held_words={message.id: _words(db, message) for message in thread.messages if is_held(message)},
    )


def _held_since(db: Session, who: SignedIn, case_id: UUID) -> datetime | None:
    """Since when automatic texts to the case's patient wait for a person's word."""
    patient_id = cases.get_case(db, clinic_id=who.clinic_id, case_id=case_id).patient_id
    hold = find_hold(db, who.clinic_id, patient_id) if patient_id else None
    return hold.since if hold else None


def _words(db: Session, message: Message) -> str:
    """As it would leave now; empty where its schedule cannot be read any more."""
    try:
        return preview_text(db, message) or ""
    except (LookupError, ScheduleMistake):
        return ""


def _kept(request: Request) -> str:
    """The view of the list, for links and forms."""
    view = view_of(request)
    return "" if view == "open" else f"?view={view}"


# Acting -------------------------------------------------------------------------------------------------


@router.post("/cases/{case_id}/assignment")
def take(request: Request, who: Person, case_id: str, fields: Fields) -> Response:
    """*I'm handling this*; with `release`, *Put back*."""
    parts, id_ = parts_of(request), uuid_or_404(case_id)
    whose = {"clinic_id": who.clinic_id, "case_id": id_, "staff_id": who.staff_id}
    if word(fields, "release"):
        work_case.release_case(parts.database, **whose, now=parts.now())
        parts.wake()
        return _back(request, id_)
    instead_of = _uuid(word(fields, "instead_of"))
    done = work_case.take_case(parts.database, **whose, instead_of=instead_of, now=parts.now())
    parts.wake()
    return _back_or_refused(request, who, id_, done)


@router.post("/cases/{case_id}/notes")
def add_note(request: Request, who: Person, case_id: str, fields: Fields) -> Response:
    parts, id_, text = parts_of(request), uuid_or_404(case_id), word(fields, "text")
    done = work_case.add_note(
        parts.database,
        clinic_id=who.clinic_id,
        case_id=id_,
        staff_id=who.staff_id,
        text=text,
        once=_once(fields),
        now=parts.now(),
    )
    return _back_or_refused(request, who, id_, done, once=_once(fields), draft=text, draft_is_note=True)


@router.post("/cases/{case_id}/replies")
def reply(request: Request, who: Person, case_id: str, fields: Fields) -> Response:
    parts, id_, text = parts_of(request), uuid_or_404(case_id), word(fields, "text")
    done = work_case.reply_to_patient(
        parts.database,
        clinic_id=who.clinic_id,
        case_id=id_,
        staff_id=who.staff_id,
        text=text,
        once=_once(fields),
        # The form's own, and that of the log, which is newer where the page has refreshed itself.
        seen_at=max(map(seen_at, words(fields, "seen") or [""])),
        now=parts.now(),
    )
    if not isinstance(done, Refused):
        parts.wake()
    return _back_or_refused(request, who, id_, done, once=_once(fields), draft=text)


@router.post("/cases/{case_id}/consent")
def agree_again(request: Request, who: Person, case_id: str, fields: Fields) -> Response:
    """The patient opted out, and has told a person that texts may come again."""
    parts, id_ = parts_of(request), uuid_or_404(case_id)
    with parts.database.reader() as db:
        patient_id = cases.get_case(db, clinic_id=who.clinic_id, case_id=id_).patient_id
    if patient_id is None:
        return _back(request, id_)
    refused = record_consent(
        database=parts.database,
        clinic_id=who.clinic_id,
        patient_id=patient_id,
        staff_id=who.staff_id,
        how=word(fields, "how"),
        evidence=word(fields, "evidence"),
        now=parts.now(),
    )
    parts.wake()
    return _back_or_refused(request, who, id_, refused, once=_once(fields))


@router.post("/cases/{case_id}/closure")
def close(request: Request, who: Person, case_id: str, fields: Fields) -> Response:
    parts, id_, text = parts_of(request), uuid_or_404(case_id), word(fields, "text")
    refused = work_case.close_case(
        parts.database,
        clinic_id=who.clinic_id,
        case_id=id_,
        staff_id=who.staff_id,
        outcome=word(fields, "outcome"),
        text=text,
        seen_at=seen_at(word(fields, "seen")),
        now=parts.now(),
    )
    if refused:
        return case_page(request, who, id_, refused=refused.words, closing=text)
    kept = _kept(request)
    closed = RedirectResponse(f"/{kept}{'&' if kept else '?'}said=closed", 303)
    return _say_saved(request, closed, _once(fields))


def _back_or_refused(
    request: Request,
    who: SignedIn,
    case_id: UUID,
    done: UUID | Refused | None,
    *,
    once: UUID | None = None,
    draft: str = "",
    draft_is_note: bool = False,
) -> Response:
    if isinstance(done, Refused):
        return case_page(request, who, case_id, refused=done.words, draft=draft, draft_is_note=draft_is_note)
    back = _back(request, case_id)
    return _say_saved(request, back, once) if once else back


def _say_saved(request: Request, answer: Response, once: UUID) -> Response:
    """The page's script keeps what is typed in its tab until it reads here that the form of this key arrived."""
    answer.set_cookie("saved", str(once), secure=is_https(parts_of(request)), samesite="strict")
    return answer


def _back(request: Request, case_id: UUID) -> Response:
    return RedirectResponse(f"/cases/{case_id}{_kept(request)}", 303)


def _once(fields: FormData) -> UUID:
    """The form's own key; a form that lost it is a new one."""
    return _uuid(word(fields, "once")) or uuid4()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
