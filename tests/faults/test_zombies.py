"""A process is stopped for longer than its claims hold, in the middle of its work, while another one works on.

When it goes on it must find out that its claims are not its own any more. And two that work at once share the work.
"""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.databases import PostgreSQL
from tests.faults.conftest import QUICK
from tests.faults.stop import run
from tests.journeys.conftest import PHONE, completed, twilio_settings, zone_now
from tests.journeys.service import Service, wait_for
from tests.twilio_behaviours import ACCEPT_THEN_DROP, DROP_BEFORE, slow
from tests.twilio_server import TwilioServer

pytestmark = pytest.mark.journey
AsVictim = Callable[..., Service]
StartWorker = Callable[[Service], Service]

PATIENCE = 45.0


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """`main.py work` on the database of a service."""
    started: list[Service] = []

    def start(service: Service) -> Service:
        folder = tmp_path / f"worker-{len(started)}"
        folder.mkdir()
        worker = Service(folder, dict(service.settings), port=service.port)
        started.append(worker)
        worker.begin("work")
        return worker

    yield start
    for worker in started:
        if worker.process is not None:
            worker.kill()


@pytest.mark.parametrize("point", ["after_claim", "after_answer", "before_list", "after_list", "after_settling"])
def test_a_process_that_was_stopped_here_sends_nothing_twice(
    as_victim: AsVictim, start_worker: StartWorker, twilio: TwilioServer, point: str
) -> None:
    if point in {"before_list", "after_list", "after_settling"}:
        twilio.script.append(DROP_BEFORE)
    service = as_victim(point, "SIGSTOP").start()
    service.post_event(completed())
    zombie = _stopped(service)

    worker = start_worker(service)
    wait_for(lambda: twilio.texts_to(PHONE), "the other process to see to the text", patience=PATIENCE)
    _settled(worker, 1)
    os.kill(zombie.pid, signal.SIGCONT)
    worker.kill()

    # The next text can only come from the process that was stopped: by then it is through with the old one.
    service.post_event(completed("s-2", event_id="e-2", phone="+12125550143"))
    wait_for(lambda: twilio.texts_to("+12125550143"), "the stopped process to send again", patience=PATIENCE)
    assert len(twilio.texts_to(PHONE)) == 1
    assert _settled(service, 2)["doubled_at"] is None


def test_a_text_in_flight_while_its_process_was_stopped_is_found_and_not_sent_again(
    service: Service, start_worker: StartWorker, twilio: TwilioServer
) -> None:
    twilio.script.append(slow(3))
    service.start()
    service.post_event(completed())
    wait_for(lambda: twilio.accepted, "the carrier to take the text")
    assert service.process is not None
    os.kill(service.process.pid, signal.SIGSTOP)

    worker = start_worker(service)
    _settled(worker, 1)
    os.kill(service.process.pid, signal.SIGCONT)

    wait_for(service.is_ready, "the stopped process to go on")
    worker.kill()
    service.post_event(completed("s-2", event_id="e-2", phone="+12125550143"))
    wait_for(lambda: twilio.texts_to("+12125550143"), "the stopped process to send again", patience=PATIENCE)
    assert len(twilio.texts_to(PHONE)) == 1


def test_the_list_of_a_process_that_was_stopped_is_not_held_against_a_newer_attempt(
    as_victim: AsVictim, start_worker: StartWorker, twilio: TwilioServer
) -> None:
    """It read an empty list; meanwhile the text was sent again, and that answer was lost as well."""
    twilio.script.extend([DROP_BEFORE, ACCEPT_THEN_DROP])
    service = as_victim("after_list", "SIGSTOP").start()
    service.post_event(completed())
    zombie = _stopped(service)

    worker = start_worker(service)
    wait_for(lambda: twilio.texts_to(PHONE), "the other process to send it again", patience=PATIENCE)
    worker.kill()
    os.kill(zombie.pid, signal.SIGCONT)

    _settled(service, 1)
    assert len(twilio.texts_to(PHONE)) == 1


def test_processes_stopped_at_random_lose_and_double_nothing(tmp_path: Path, set_up_once: Service) -> None:
    figures = run(tmp_path, set_up_once, stops=3, seed=7)
    assert figures.faults == 0, figures
    assert figures.messages >= 30


def test_two_processes_on_postgresql_share_the_texts_and_send_each_once(
    tmp_path: Path, postgresql: PostgreSQL, start_worker: StartWorker, twilio: TwilioServer
) -> None:
    service = Service(tmp_path, twilio_settings(twilio) | QUICK | {"DATABASE_URL": postgresql.create()})
    service.settings["TWILIO_CONCURRENCY"] = "4"
    service.set_up(zone=zone_now())
    twilio.behave = lambda _: slow(0.05)
    try:
        service.start()
        workers = [start_worker(service), start_worker(service)]
        numbers = [f"+1212555{n:04}" for n in range(1000, 1080)]
        service.command("sending", "off")
        for n, number in enumerate(numbers):
            service.post_event(completed(f"s-{n}", event_id=f"e-{n}", phone=number))
        service.command("sending", "on")

        wait_for(lambda: len(twilio.accepted) >= len(numbers), "every text to arrive", patience=PATIENCE)
        _settled(service, len(numbers))
        assert Counter(text["to"] for text in twilio.accepted) == Counter(numbers)
        handed = [worker.log().count('"outcome": "accepted"') for worker in (service, *workers)]
        assert sum(handed) == len(numbers)
        assert sum(some > 0 for some in handed) >= 2, handed
    finally:
        service.stop()


def _stopped(service: Service) -> "subprocess.Popen[str]":
    process = service.process
    assert process is not None
    wait_for(lambda: _state(process.pid) == "T", "the process to stop itself", patience=PATIENCE)
    return process


def _state(pid: int) -> str:
    """`T` is stopped. proc(5): the state follows the name, which stands in brackets."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def _settled(service: Service, count: int) -> dict:
    """The first check-in, once all of them are with the carrier for certain."""

    def found() -> list[dict] | None:
        rows = [m for m in service.export("message") if m["step"] == "same-day check-in"]
        return rows if sum(m["status"] in {"accepted", "sent", "delivered"} for m in rows) == count else None

    return wait_for(found, "the texts to be settled", patience=PATIENCE)[0]
