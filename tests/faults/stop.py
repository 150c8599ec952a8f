"""Stop processes at random for longer than their claims hold, while others work on, and let them go on again.

python -m tests.faults.stop --stops 50 --seed 1
"""

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

from tests.faults.kill import PATIENCE_AT_THE_END, Figures, count, end_on_sigterm, late, settled
from tests.faults.mix import Mix
from tests.faults.world import World
from tests.journeys.conftest import twilio_settings, zone_now
from tests.journeys.service import Service, wait_for
from tests.twilio_server import TwilioServer

LEASE_SECONDS = 1.0
SETTINGS = {
    "UNCERTAIN_QUIET_SECONDS": "1",
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "TWILIO_MESSAGES_PER_SECOND": "1000",
}
LIST_LAG = timedelta(seconds=0.5)
LONGEST_STOP = 8.0
"""Seconds: long enough for the others to doubt what the stopped one had, to look twice, and to send it again."""
MESSAGES_FOR_EACH_STOP = 12
MIX = Mix(hangs=0, error_before=0.02)
"""Without hangs: they would hold a process up for 10 s, and nothing would happen that a stop could disturb."""


def run(folder: Path, template: Service, *, stops: int, seed: int) -> Figures:
    """A service and two workers on one SQLite file."""
    figures, began = Figures(), time.monotonic()
    with TwilioServer(list_lag=LIST_LAG) as twilio:
        service = template.copy_into(folder, **(twilio_settings(twilio) | SETTINGS))
        workers = [Service(_made(folder / f"worker-{n}"), dict(service.settings), port=service.port) for n in range(2)]
        try:
            service.start()
            for worker in workers:
                worker.begin("work")
            with World(service, twilio, seed, MIX) as world:
                for _ in range(stops):
                    world.wanted += MESSAGES_FOR_EACH_STOP
                    _stop_one(world, [service, *workers])
                figures.sent_meanwhile = len(twilio.accepted)
                world.calm_down()
                wait_for(world.is_all_posted, "every event to be taken", patience=60)
                wait_for(lambda: not world.expected() - world.arrived(), late(world), patience=PATIENCE_AT_THE_END)
                wait_for(world.is_silent, "carrier and patients to be silent", patience=60)
                rows = wait_for(lambda: settled(service, world), "nothing to be open", patience=PATIENCE_AT_THE_END)
                count(figures, world, rows)
        finally:
            for each in (service, *workers):
                if each.process is not None:
                    each.kill()
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _stop_one(world: World, processes: list[Service]) -> None:
    """One of them, when a call is out or at any other moment."""
    pause = threading.Event()
    chosen = processes[int(world.dice.between(0, len(processes)))].process
    assert chosen is not None
    pause.wait(world.dice.between(0, 0.3))
    if world.dice.chance(0.7):
        give_up_at = time.monotonic() + 1
        while not world.twilio.is_answering and time.monotonic() < give_up_at:
            pause.wait(0.002)
    os.kill(chosen.pid, signal.SIGSTOP)
    try:
        pause.wait(world.dice.between(LEASE_SECONDS, LONGEST_STOP))
    finally:
        os.kill(chosen.pid, signal.SIGCONT)


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stops", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="followup-stop-") as folder:
        template = Service(_made(Path(folder) / "template")).set_up(zone=zone_now())
        figures = run(_made(Path(folder) / "run"), template, stops=chosen.stops, seed=chosen.seed)
    print(f"stop test: stops={chosen.stops} seed={chosen.seed} {figures}", flush=True)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
