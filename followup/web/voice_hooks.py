"""Where the carrier calls while it rings somebody up: what to say, which key was pressed, how it ended."""

import re

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from followup.carriers.carrier import BadCallback, CallReport
from followup.carriers.twilio_voice import ask_for_key, say
from followup.flow.acknowledge import hear_key, note_call, words_of_call
from followup.web.parts import Parts, parts_of
from followup.web.twilio_hooks import signed_form, single

router = APIRouter(prefix="/webhooks/twilio/voice")

TOKEN = re.compile("[0-9a-f]{32}")
NO_SUCH_CALL = "This call is not known here. Goodbye."


@router.post("/{token}")
async def take_call(request: Request, token: str) -> Response:
    """Somebody, or a mailbox, took the call."""
    parts = parts_of(request)
    report = await _report(request, parts)
    if report is None:
        return Response(status_code=403)
    words = await run_in_threadpool(words_of_call, parts.database, token) if TOKEN.fullmatch(token) else None
    if words is None:
        return _spoken(say(NO_SUCH_CALL))
    await run_in_threadpool(note_call, database=parts.database, token=token, sid=report.sid, status=report.status)
    return _spoken(ask_for_key(words, then=f"{parts.public_url}{request.url.path}/key"))


@router.post("/{token}/key")
async def take_key(request: Request, token: str) -> Response:
    """1 acknowledges; any other key is asked for again."""
    parts = parts_of(request)
    report = await _report(request, parts)
    if report is None:
        return Response(status_code=403)
    answer = None
    if TOKEN.fullmatch(token):
        answer = await run_in_threadpool(
            hear_key, database=parts.database, token=token, key=report.key, now=parts.now()
        )
    if answer is None:
        return _spoken(say(NO_SUCH_CALL))
    parts.wake()
    if not answer.is_theirs and report.key != "1":
        return _spoken(ask_for_key(answer.words, then=f"{parts.public_url}{request.url.path}"))
    return _spoken(say(answer.words))


@router.post("/{token}/status")
async def note_status(request: Request, token: str) -> Response:
    """204 after it is committed."""
    parts = parts_of(request)
    report = await _report(request, parts)
    if report is None:
        return Response(status_code=403)
    if TOKEN.fullmatch(token):
        await run_in_threadpool(note_call, database=parts.database, token=token, sid=report.sid, status=report.status)
    return Response(status_code=204)


async def _report(request: Request, parts: Parts) -> CallReport | None:
    """What a genuine callback says; None where it is none."""
    form = await signed_form(request, parts)
    if form is None:
        return None
    try:
        return parts.carrier.read_call(single(form))
    except BadCallback:
        return None


def _spoken(words: str) -> Response:
    return Response(words, media_type="text/xml")
