"""What nobody expected: logged without a patient's word, answered with 500, and no other request suffers."""

from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


class LastResort:
    """ASGI: inside the server's own handler, which would print the exception with everything it holds."""

    def __init__(self, app: ASGIApp, show: Callable[[Request, Exception], Response]) -> None:
        self.app, self.show = app, show

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def note_begin(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_begin)
        except Exception as error:
            log.error("request_failed", path=scope["path"], error=type(error).__name__, exc_info=True)
            if not has_begun:
                await self.show(Request(scope), error)(scope, receive, send)
