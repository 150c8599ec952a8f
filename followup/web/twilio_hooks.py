"""Where the carrier calls: texts that come in, and what became of those that left."""

import asyncio
import re
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from followup.carriers.carrier import BadCallback
from followup.flow.track_delivery import track_delivery
from followup.web.parts import Parts, parts_of

router = APIRouter(prefix="/webhooks/twilio")

FORM = "application/x-www-form-urlencoded"
NOTHING_TO_SAY = "<Response/>"
"""Answers leave as messages of their own, never as the answer to a webhook: that would skip every check."""


@router.post("/inbound")
async def receive_text(request: Request) -> Response:
    """200 only after the text is on a disk, in the database or the spool; else 503, and the carrier tries elsewhere."""
    parts = parts_of(request)
    form = await signed_form(request, parts)
    if form is None:
        return Response(status_code=403)
    try:
        # Now is when it came, however long it has to wait for the database.
        text = replace(parts.carrier.read_incoming(single(form)), received_at=parts.now())
    except BadCallback:
        return Response(status_code=403)
    try:
        await asyncio.wrap_future(request.app.state.reply_writer.put(text))
    except Exception:  # noqa: BLE001 - whatever the store said: not kept, so not acknowledged.
        return Response(status_code=503, headers={"Retry-After": "5"})
    parts.wake()
    return Response(NOTHING_TO_SAY, media_type="text/xml")


@router.post("/status")
async def receive_status(request: Request) -> Response:
    """204 after the report is committed."""
    parts = parts_of(request)
    form = await signed_form(request, parts)
    if form is None:
        return Response(status_code=403)
    try:
        report = parts.carrier.read_status(single(form))
    except BadCallback:
        return Response(status_code=403)
    await run_in_threadpool(
        track_delivery,
        database=parts.database,
        report=report,
        token=_token(request),
        now=parts.now(),
    )
    return Response(status_code=204)


def _token(request: Request) -> str | None:
    """The attempt's own, if it has the shape of one: what else stands there was not made by us."""
    given = request.query_params.get("attempt", "")
    return given if TOKEN.fullmatch(given) else None


TOKEN = re.compile("[0-9a-f]{32}")


async def signed_form(request: Request, parts: Parts) -> FormData | None:
    """The form, if the carrier signed it for the address it called. The address is ours, never the Host header's."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        return None
    try:
        form = await request.form(max_fields=200)
    except Exception:  # noqa: BLE001 - a form that cannot be parsed is not the carrier's.
        return None
    path, query = request.scope["raw_path"].decode("latin-1"), request.scope["query_string"].decode("latin-1")
    url = parts.public_url + path + (f"?{query}" if query else "")
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return form if parts.carrier.verify(url, pairs, request.headers.get("x-twilio-signature")) else None


def single(form: FormData) -> dict[str, str]:
    """Of a field that comes twice the last."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}
