"""Counts bytes and time before anything else: FastAPI reads a body before it asks who sends it."""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from followup.web.problems import problem

LARGEST_BODY = 64 * 1024
BODY_DEADLINE = 10.0
"""Seconds for a whole body to arrive; slower ones hold a connection open for nothing."""


class LimitBodies:
    """ASGI: reads the body up to the limit and hands it on whole, or answers 413 or 408 itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_DEADLINE):
                body = await _read_body(Headers(scope=scope), receive)
        except TimeoutError:
            await problem(408, "The body took too long to arrive")(scope, receive, send)
            return
        if body is None:
            await problem(413, f"The body is larger than {LARGEST_BODY} bytes")(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def _read_body(headers: Headers, receive: Receive) -> bytes | None:
    """The body, or None where it is too large; not one byte more than the limit is kept."""
    said = headers.get("content-length", "0")
    if not said.isdigit() or int(said) > LARGEST_BODY:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """First the body in one piece, then whatever the server has to say (a disconnect)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay
