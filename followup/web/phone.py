"""A pretend handset in the browser. Mounted with the pretend carrier only: here one plays the patient."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from followup.carriers.pretend import PretendCarrier
from followup.flow.acknowledge import hear_key, words_of_call
from followup.flow.receive_reply import keep_replies
from followup.rules.phone import comparable
from followup.store import people
from followup.store.database import Session
from followup.store.handsets import HandsetText, handsets, texts_on
from followup.web.guards import SignedIn, form, signed_in, word
from followup.web.pages import frame, page
from followup.web.parts import parts_of
from followup.web.thread import by_day

router = APIRouter()
Person = Annotated[SignedIn, Depends(signed_in())]
MOST_CHARACTERS = 1_600


@router.get("/phone")
def show_phone(request: Request, who: Person) -> Response:
    """`?number=` chooses the handset; without it the one that got the latest text."""
    with parts_of(request).database.reader() as db:
        known = handsets(db, who.clinic_id)
        number = _number(request) or (known[0].phone if known else "")
        return page(
            "phone.html",
            frame=frame(db, request, who),
            handsets=known,
            number=number,
            name=next((handset.name for handset in known if handset.phone == number), None),
            days=_days(db, request, who, number),
            call=_call(request, number),
        )


@router.get("/phone/texts")
def show_texts(request: Request, who: Person) -> Response:
    """The texts alone: what the open handset fetches again and again."""
    with parts_of(request).database.reader() as db:
        number = _number(request)
        days = _days(db, request, who, number)
        return page("phone/texts.html", days=days, who=who, number=number, call=_call(request, number))


@router.post("/phone/texts")
def write_text(request: Request, who: Person, fields: Annotated[FormData, Depends(form)]) -> Response:
    """A text from the handset, which takes the way that a real one takes after the carrier's signature."""
    parts = parts_of(request)
    if not isinstance(parts.carrier, PretendCarrier):
        raise HTTPException(404)
    number, body = comparable(word(fields, "number")), word(fields, "text")[:MOST_CHARACTERS]
    if number and body.strip():
        with parts.database.reader() as db:
            to = people.clinic_of(db, who.clinic_id).sender_number or ""
        text = parts.carrier.write(sender=number, to=to, body=body)
        keep_replies(parts.database, [text], now=parts.now())
        parts.wake()
    return RedirectResponse(f"/phone?number={quote(number)}", 303)


@router.post("/phone/keys")
def press_key(request: Request, who: Person, fields: Annotated[FormData, Depends(form)]) -> Response:
    """Whoever plays the staff takes the call and presses 1."""
    parts, number = parts_of(request), comparable(word(fields, "number"))
    call = parts.carrier.ringing(number) if isinstance(parts.carrier, PretendCarrier) else None
    if call and isinstance(parts.carrier, PretendCarrier):
        parts.carrier.press(call)
        for token, key in parts.carrier.take_keys():
            hear_key(database=parts.database, token=token, key=key, now=parts.now())
        parts.wake()
    return RedirectResponse(f"/phone?number={quote(number)}", 303)


def _call(request: Request, number: str) -> str:
    """What a call to this handset says; empty while it does not ring."""
    parts = parts_of(request)
    call = parts.carrier.ringing(number) if isinstance(parts.carrier, PretendCarrier) else None
    return (words_of_call(parts.database, call.token) or "") if call else ""


def _number(request: Request) -> str:
    """NUL is in no number, and PostgreSQL cannot even look for it."""
    return comparable(request.query_params.get("number", "").replace("\x00", ""))


def _days(db: Session, request: Request, who: SignedIn, number: str) -> list[tuple[str, list[HandsetText]]]:
    texts = texts_on(db, who.clinic_id, number) if number else []
    return by_day(texts, zone=who.zone, now=parts_of(request).now())
