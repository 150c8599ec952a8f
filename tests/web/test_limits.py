"""Bytes and time are counted before anybody asks who sends them."""

import asyncio
import contextlib
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from followup.web.limits import LARGEST_BODY, LimitBodies

SOON = timedelta(milliseconds=30)
LONG = timedelta(seconds=30)


class Room:
    """An application behind the limit, with a note of what came in."""

    def __init__(self, *, deadline: timedelta = LONG) -> None:
        self.bodies: list[bytes] = []
        self.limited = LimitBodies(self._take, deadline=deadline)

    async def _take(self, _: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})


Pieces = list[bytes | None]
"""What arrives; None: the caller hangs up."""


def ask(room: Room, pieces: Pieces, *, headers: dict[str, str], then_silence: bool = False) -> list[Message]:
    """What the application sends back. After the last piece the caller hangs up, or says nothing."""
    answers: list[Message] = []
    waiting = list(pieces)

    async def receive() -> Message:
        if not waiting and then_silence:
            await asyncio.Event().wait()
        piece = waiting.pop(0) if waiting else None
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": bool(waiting) or then_silence}

    async def send(message: Message) -> None:
        answers.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/events",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }
    asyncio.run(room.limited(scope, receive, send))
    return answers


def status_of(answers: list[Message]) -> int:
    return int(answers[0]["status"])


def hangs_up(answers: list[Message]) -> bool:
    return (b"connection", b"close") in answers[0]["headers"]


CHUNKED = {"Transfer-Encoding": "chunked"}


def test_a_body_arrives_whole_however_many_pieces_it_came_in() -> None:
    room = Room()
    body = bytes(range(256)) * 256

    ask(room, [body[at : at + 7] for at in range(0, len(body), 7)], headers=CHUNKED)

    assert room.bodies == [body]


@pytest.mark.parametrize("size", [LARGEST_BODY - 1, LARGEST_BODY])
def test_the_limit_itself_is_allowed(size: int) -> None:
    room = Room()

    assert status_of(ask(room, [b"x" * size], headers={"Content-Length": str(size)})) == 200
    assert status_of(ask(room, [b"x" * size], headers=CHUNKED)) == 200


def test_one_byte_more_is_refused_and_the_connection_ended() -> None:
    room = Room()
    too_much = b"x" * (LARGEST_BODY + 1)

    for headers in ({"Content-Length": str(len(too_much))}, CHUNKED, {"Content-Length": "10"}):
        answers = ask(room, [too_much], headers=headers)
        assert status_of(answers) == 413
        assert hangs_up(answers)
    assert room.bodies == []


@pytest.mark.parametrize("said", ["-1", "1e9", "\xb2", "0x10", " 7", "7,7", "9" * 5000, "+7", ""])
def test_a_length_that_is_no_length_is_refused_before_anything_is_read(said: str) -> None:
    room = Room()

    assert status_of(ask(room, [], headers={"Content-Length": said})) == 413
    assert room.bodies == []


def test_a_length_that_is_too_large_is_refused_before_anything_is_read() -> None:
    assert status_of(ask(Room(), [], headers={"Content-Length": "200000000"})) == 413


@pytest.mark.parametrize("pieces", [[], [b"a"], [b"a"] * 50], ids=["nothing", "one byte", "many bytes"])
def test_a_body_that_does_not_end_in_time_is_408_and_the_connection_ended(pieces: Pieces) -> None:
    room = Room(deadline=SOON)

    answers = ask(room, pieces, headers={"Content-Length": "1000"}, then_silence=True)

    assert status_of(answers) == 408
    assert hangs_up(answers)
    assert room.bodies == []


def test_the_deadline_is_for_the_body_and_not_for_the_answer() -> None:
    async def slow(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 3 * SOON.total_seconds())
        await send({"type": "http.response.start", "status": 204, "headers": []})

    room = Room()
    room.limited = LimitBodies(slow, deadline=SOON)

    assert status_of(ask(room, [b"x"], headers=CHUNKED)) == 204


@pytest.mark.parametrize("pieces", [[None], [b'{"half": "an ev', None]], ids=["at once", "half way"])
def test_half_a_body_goes_nowhere_when_the_caller_hangs_up(pieces: Pieces) -> None:
    room = Room()

    assert ask(room, pieces, headers={"Content-Length": "1000"}) == []
    assert room.bodies == []


def test_the_application_still_hears_of_a_caller_that_hangs_up_later() -> None:
    heard: list[str] = []

    async def listen(_: Scope, receive: Receive, __: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])

    room = Room()
    room.limited = LimitBodies(listen)
    ask(room, [b"x"], headers={"Content-Length": "1"})

    assert heard == ["http.request", "http.disconnect"]


def test_a_request_without_a_body_is_not_held_up() -> None:
    room = Room(deadline=timedelta(0))

    assert status_of(ask(room, [b""], headers={})) == 200
    assert status_of(ask(room, [b""], headers={"Content-Length": "0"})) == 200


def test_memory_stays_bounded_while_a_body_without_end_comes_in() -> None:
    room = Room()
    piece = b"x" * 1024

    tracemalloc.start()
    for _ in range(20):
        assert status_of(ask(room, [piece] * 1000, headers=CHUNKED)) == 413
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 20 * LARGEST_BODY


@pytest.fixture
def port() -> Iterator[int]:
    """The real server in front of a room, on a free port."""
    room = Room(deadline=SOON)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(room.limited, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        has_started = threading.Event()

        async def serve() -> None:
            serving = asyncio.create_task(server.serve([listener]))
            while not server.started:
                await asyncio.sleep(0)
            has_started.set()
            await serving

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert has_started.wait(10)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def test_a_caller_that_drips_bytes_is_cut_off_by_the_real_server(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        answer = b""
        while piece := slow.recv(4096):  # Ends only because the server closes.
            answer += piece

    assert answer.startswith(b"HTTP/1.1 408 ")
