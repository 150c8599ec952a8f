"""Kill the real process again and again in the middle of its work; at the end the carrier's own list is the truth.

    python -m tests.faults.kill --kills 200 --seed 1

Prints one line of figures for each installation and one for all; exit code 1 if anything was lost or doubled.
"""

import argparse
import json
import multiprocessing
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.faults.mix import SLOWEST_ANSWER, Mix
from tests.faults.world import World
from tests.journeys.conftest import twilio_settings, zone_now
from tests.journeys.service import Service, wait_for
from tests.twilio_server import TwilioServer

LIST_LAG = timedelta(seconds=1)
SETTINGS = {
    "UNCERTAIN_QUIET_SECONDS": "2",  # Longer than LIST_LAG: that is the whole safety margin.
    "INBOUND_LOOK_SECONDS": "2",
    "LEASE_SECONDS": "3",
    "TWILIO_MESSAGES_PER_SECOND": "1000",
}
SHARE_KILLED_WHILE_STARTING, SHARE_KILLED_IN_A_CALL = 0.1, 0.7
MOST_TAKEN, LONGEST_LIFE = 16, 3.0
"""Texts that a process hands over, and seconds that it serves, before it is killed; whichever comes first."""
PATIENCE_AT_THE_END = 240.0
PATIENCE_WITH_A_START = 90.0


@dataclass
class Figures:
    """What came of it."""

    kills: int = 0
    while_serving: int = 0
    """Kills of a process that had opened its door; the others died while they started."""
    with_calls_out: int = 0
    """Kills in a moment when the carrier was answering at least one call."""
    messages: int = 0
    sent_meanwhile: int = 0
    """Texts that the carrier took before the last kill."""
    lost: int = 0
    doubled: int = 0
    unsettled: int = 0
    """Messages that ended neither accepted nor further: claimed, uncertain, failed."""
    without_sid: int = 0
    """Messages whose SID is not the one under which the carrier has them."""
    sent_again: int = 0
    """Messages with more than one attempt."""
    replies: int = 0
    """Acknowledged."""
    replies_lost: int = 0
    replies_doubled: int = 0
    not_acknowledged: int = 0
    not_recovered: int = 0
    """Of those that were not acknowledged: never came into the store."""
    gave_up: int = 0
    """Installations that did not come to their end: whatever else they say proves nothing."""
    seconds: float = 0.0

    @property
    def faults(self) -> int:
        return (
            self.lost
            + self.doubled
            + self.unsettled
            + self.without_sid
            + self.replies_lost
            + self.replies_doubled
            + self.not_recovered
            + self.gave_up
        )

    def __str__(self) -> str:
        return " ".join(f"{field.name}={getattr(self, field.name):g}" for field in fields(self))


def run(folder: Path, template: Service, *, kills: int, seed: int, messages_for_each_kill: int = 8) -> Figures:
    """One installation, killed so many times, then left alone until it is quiet."""
    figures, began = Figures(), time.monotonic()
    with TwilioServer(list_lag=LIST_LAG) as twilio:
        service = template.copy_into(folder, **(twilio_settings(twilio) | SETTINGS))
        try:
            with World(service, twilio, seed) as world:
                for _ in range(kills):
                    world.wanted += messages_for_each_kill
                    _live_and_die(world, figures)
                figures.sent_meanwhile = len(twilio.accepted)
                world.calm_down()
                service.start()
                wait_for(world.is_all_posted, "every event to be taken", patience=60)
                # Until each has at least one; then until nothing is open, which is when a second one would leave.
                wait_for(lambda: not world.expected() - world.arrived(), late(world), patience=PATIENCE_AT_THE_END)
                wait_for(world.is_silent, "carrier and patients to be silent", patience=60)
                rows = wait_for(lambda: settled(service, world), "nothing to be open", patience=PATIENCE_AT_THE_END)
        except AssertionError as error:
            print(f"seed {seed}: {error}\n{service.log()[-4000:]}", file=sys.stderr, flush=True)
            figures.gave_up = 1
            rows = _rows(service)
        finally:
            if service.process is not None:
                service.kill()
        count(figures, world, rows)
    figures.seconds = round(time.monotonic() - began, 1)
    return figures


def _live_and_die(world: World, figures: Figures) -> None:
    """One life: some die while they start, the others in the middle of their work."""
    service, pause = world.service, threading.Event()
    process = service.begin("serve", "--port", str(service.port))
    if world.dice.chance(SHARE_KILLED_WHILE_STARTING):
        pause.wait(world.dice.between(0.05, 1.2))
    else:
        wait_for(lambda: _is_open(service.port), "the door to open", patience=PATIENCE_WITH_A_START)
        _work_a_while(world, pause)
    assert process.poll() is None, f"it ended by itself:\n{service.log()[-3000:]}"
    figures.while_serving += _is_open(service.port)
    figures.with_calls_out += world.twilio.is_answering
    service.kill()
    figures.kills += 1


def _work_a_while(world: World, pause: threading.Event) -> None:
    """Until some more texts were taken or its time is over; and mostly until a call is out."""
    taken = len(world.twilio.accepted) + int(world.dice.between(0, MOST_TAKEN))
    give_up_at = time.monotonic() + LONGEST_LIFE
    while len(world.twilio.accepted) < taken and time.monotonic() < give_up_at:
        pause.wait(0.005)
    if world.dice.chance(SHARE_KILLED_IN_A_CALL):
        while not world.twilio.is_answering and time.monotonic() < give_up_at:
            pause.wait(0.002)
    pause.wait(world.dice.between(0, SLOWEST_ANSWER))


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def late(world: World) -> str:
    return f"every text to arrive (seed {world.seed})"


def _rows(service: Service) -> list[dict[str, Any]]:
    return [json.loads(line) for line in service.command("export").splitlines()]


def settled(service: Service, world: World) -> list[dict[str, Any]] | None:
    """All rows, once nothing is due or open and every reply that can be there is there."""
    rows = _rows(service)
    open_ones = [row for row in _check_ins(rows) if row["status"] in {"planned", "claimed", "uncertain"}]
    replies = {row["carrier_sid"] for row in rows if row["table"] == "reply"}
    missing = set(world.not_kept) - replies
    return None if open_ones or missing else rows


def _check_ins(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["table"] == "message" and row["step"] == "same-day check-in"]


def count(figures: Figures, world: World, rows: list[dict[str, Any]]) -> None:
    expected, arrived = world.expected(), world.arrived()
    figures.messages = expected.total()
    figures.lost = (expected - arrived).total()
    figures.doubled = (arrived - expected).total()
    check_ins = _check_ins(rows)
    figures.unsettled = sum(row["status"] not in {"accepted", "sent", "delivered"} for row in check_ins)
    theirs = {text["sid"]: (text["to"], text["body"]) for text in world.twilio.accepted}
    figures.without_sid = sum(theirs.get(row["carrier_sid"]) != (row["phone"], row["text"]) for row in check_ins)
    attempts = Counter(row["message_id"] for row in rows if row["table"] == "attempt")
    figures.sent_again = sum(made > 1 for made in attempts.values())
    replies = Counter(row["carrier_sid"] for row in rows if row["table"] == "reply")
    bodies = {row["carrier_sid"]: row["body"] for row in rows if row["table"] == "reply"}
    figures.replies, figures.not_acknowledged = len(world.kept), len(world.not_kept)
    figures.replies_lost = sum(bodies.get(sid) != body for sid, body in world.kept)
    figures.replies_doubled = sum(found > 1 for found in replies.values())
    figures.not_recovered = sum(sid not in replies for sid in world.not_kept)


def _run_one(arguments: tuple[int, int]) -> Figures:
    kills, seed = arguments
    end_on_sigterm()
    with tempfile.TemporaryDirectory(prefix="followup-kill-") as folder:
        home = Path(folder)
        (home / "template").mkdir()
        (home / "run").mkdir()
        template = Service(home / "template").set_up(zone=zone_now())
        figures = run(home / "run", template, kills=kills, seed=seed)
    print(f"seed={seed} {figures}", flush=True)
    return figures


def end_on_sigterm() -> None:
    """Whoever ends this run ends what it started too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--installations", type=int, default=4, help="at the same time, each with its share of kills")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    share = -(-chosen.kills // chosen.installations)
    seeds = range(chosen.seed, chosen.seed + chosen.installations)
    print(f"kill test: {share * len(seeds)} kills, mix {Mix()}", flush=True)
    with multiprocessing.get_context("spawn").Pool(chosen.installations) as pool:
        made = pool.map(_run_one, [(share, seed) for seed in seeds], chunksize=1)
        pool.close()
        pool.join()
    whole = Figures(**{f.name: sum(getattr(each, f.name) for each in made) for f in fields(Figures)})
    whole.seconds = max(each.seconds for each in made)
    print(f"all {whole}", flush=True)
    return 1 if whole.faults else 0


if __name__ == "__main__":
    sys.exit(main())
