"""Counts bytes and time before anything else: FastAPI reads a body before it asks who sends it."""

import asyncio
import re
from datetime import timedelta

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from followup.web.problems import problem

LARGEST_BODY = 64 * 1024
BODY_DEADLINE = timedelta(seconds=10)
"""For a whole body to arrive; slower ones hold a connection open for nothing."""


class LimitBodies:
    """ASGI: reads the body up to the limit and hands it on whole, or answers 413 or 408 itself.

    A body that breaks off in the middle goes nowhere: half a form may read like a whole one.
    """

    def __init__(self, app: ASGIApp, *, deadline: timedelta = BODY_DEADLINE) -> None:
        self.app, self.deadline = app, deadline

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self.deadline.total_seconds()):
                body = await _read_body(Headers(scope=scope), receive)
        except ClientDisconnect:
            return
        except TimeoutError:
            await problem(408, "The body took too long to arrive", headers=AND_HANG_UP)(scope, receive, send)
            return
        if body is None:
            words = f"The body is larger than {LARGEST_BODY} bytes"
            await problem(413, words, headers=AND_HANG_UP)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)


AND_HANG_UP = {"Connection": "close"}
"""Else whoever sends a byte now and then keeps the connection for ever."""


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def _read_body(headers: Headers, receive: Receive) -> bytes | None:
    """The body, or None where it is too large: what comes after that is not read. Raises ClientDisconnect."""
    said = headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,9}", said) or int(said) > LARGEST_BODY:
        return None
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
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
