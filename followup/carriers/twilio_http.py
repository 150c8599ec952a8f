"""How the Twilio SDK's calls travel: in a time that really ends, never twice, and asked for at the last."""

import asyncio
import base64
import json
import re
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from aiohttp import ClientRequest, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.connector import Connection
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response

from followup.carriers.twilio_errors import ErrorAnswer, HeldBack

IDLE_CONNECTION_SECONDS = 4.0
"""Shorter than servers keep one (uvicorn, Node: 5 s): a POST into a connection just closed ends as unknown."""

may_this_one_leave: ContextVar[Callable[[], bool] | None] = ContextVar("may_this_one_leave", default=None)
"""What the connector asks as soon as a connection stands; set in the task of each text."""


class BoundedHttpClient(AsyncTwilioHttpClient):
    """The SDK's async client, whose own one (9.13) waits for ever whatever timeout it is given.

    Make it on the loop that will use it. It raises ErrorAnswer for every status from 400 on, so that the SDK's
    three kinds of exception, whose words may hold the number, do not arise; and unlike the SDK's own it keeps and
    logs nothing of a request. Redirects are not followed: that would be a second POST.
    """

    def __init__(self, *, connections: int, connect_timeout: timedelta, total_timeout: timedelta) -> None:
        super().__init__(pool_connections=False, timeout=total_timeout.total_seconds())
        self.session = ClientSession(
            connector=AskingConnector(limit=connections, keepalive_timeout=IDLE_CONNECTION_SECONDS),
            timeout=ClientTimeout(total=None, connect=connect_timeout.total_seconds()),
            cookie_jar=DummyCookieJar(),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        all_headers = {**(headers or {}), **(_basic(auth) if auth else {})}
        async with (
            asyncio.timeout(timeout or self.timeout),
            self.session.request(
                method,
                url,
                params=_texts(params),
                data=_texts(data),
                headers=all_headers,
                allow_redirects=False,
            ) as answer,
        ):
            body = await answer.text(errors="replace")
        if answer.status >= 400:
            raise ErrorAnswer(
                status=answer.status,
                code=_code_in(body),
                retry_after=_retry_after(answer.headers.get("Retry-After", "")),
            )
        return Response(answer.status, body, answer.headers)


class AskingConnector(TCPConnector):
    """Asks `may_this_one_leave` when the connection stands, which is as late as one can ask.

    Waiting for a slot, DNS, TCP and TLS lie behind it by then; a process that was frozen meanwhile finds its
    claim run out and sends nothing.
    """

    async def connect(self, req: ClientRequest, traces: list[Any], timeout: ClientTimeout) -> Connection:
        connection = await super().connect(req, traces, timeout)
        may_leave = may_this_one_leave.get()
        if may_leave is None:
            return connection
        try:
            allowed = may_leave()
        except BaseException:
            connection.close()
            raise
        if not allowed:
            connection.release()
            raise HeldBack
        return connection


def _basic(auth: tuple[str, str]) -> dict[str, str]:
    # By hand: aiohttp's BasicAuth goes away in aiohttp 4.
    return {"Authorization": "Basic " + base64.b64encode(":".join(auth).encode()).decode()}


def _texts(fields: dict[str, object] | None) -> dict[str, str] | None:
    return {name: str(value) for name, value in fields.items()} if fields else None


def _code_in(body: str) -> int | None:
    """Twilio's own code in an error answer, which a proxy's answer does not have."""
    try:
        code = json.loads(body)["code"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def _retry_after(header: str) -> timedelta | None:
    """Only the form in seconds; a date would have to be read against a clock that may be wrong."""
    return timedelta(seconds=int(header)) if re.fullmatch(r"[0-9]{1,5}", header) else None
