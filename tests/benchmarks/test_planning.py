"""Planning is quick: measured against a floor of plain work in the same run, since machines are shared and noisy."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from followup.previews import preview_schedule
from followup.rules.planning import SessionFacts, make_plan
from followup.schedule_files import load_schedules

ROOT = Path(__file__).parents[2]
SCHEDULES = load_schedules(ROOT / "schedules")
ENDED = datetime(2026, 6, 2, 18, tzinfo=UTC)
ROUNDS = 30


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the quickest round: what the machine did besides only ever adds."""
    spent: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def floor() -> float:
    """Some ten thousand conversions of a wall clock: what plain Python takes here and now."""
    zone = ZoneInfo("America/New_York")
    instants = [ENDED + timedelta(hours=hours) for hours in range(1000)]
    return best_of(ROUNDS, lambda: [at.astimezone(zone).isoformat() for at in instants])


def test_planning_one_session_takes_no_longer_than_a_thousand_conversions_of_a_clock() -> None:
    loaded = SCHEDULES.named("ketamine_infusion")
    assert loaded is not None
    facts = SessionFacts(
        "ketamine-iv",
        ENDED,
        ZoneInfo("America/New_York"),
        number=3,
        appointment_at=ENDED + timedelta(days=9),
        has_companion=True,
    )

    planning, plain = best_of(ROUNDS, lambda: make_plan(loaded.schedule, facts, now=ENDED)), floor()

    print(f"planning one session {planning * 1000:.2f} ms; floor {plain * 1000:.2f} ms; ratio {planning / plain:.2f}")
    assert planning < plain


def test_a_preview_of_the_whole_plan_takes_no_longer_than_twenty_thousand_conversions_of_a_clock() -> None:
    def preview() -> object:
        return preview_schedule(
            SCHEDULES,
            name="ketamine_infusion",
            ended_at=ENDED,
            zone="America/New_York",
            language="es",
            number=1,
            appointment=ENDED + timedelta(days=9),
        )

    shown, plain = best_of(ROUNDS, preview), floor()

    print(f"preview {shown * 1000:.2f} ms; floor {plain * 1000:.2f} ms; ratio {shown / plain:.2f}")
    assert shown < 20 * plain


def test_the_preview_command_answers_before_anybody_waits() -> None:
    """Against what starting Python and importing pydantic takes."""
    command = [sys.executable, "main.py", "preview", "ketamine_infusion", "--ended-at", "2026-06-02T14:00:00-04:00"]
    shown = json.loads(
        subprocess.run(
            [*command, "--zone", "America/New_York", "--json"], cwd=ROOT, check=True, capture_output=True
        ).stdout
    )
    assert shown

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True)

    whole = best_of(3, run(*command, "--zone", "America/New_York", "--json"))
    plain = best_of(3, run(sys.executable, "-c", "import pydantic, argparse, tomllib; pydantic.BaseModel"))

    print(f"preview command {whole:.2f} s; floor {plain:.2f} s; ratio {whole / plain:.2f}")
    assert whole < 8 * plain
