"""Commands that look and change nothing: schedules, what they would send, what replies mean, rehearsals."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from followup.terminal import Commands, House, option, write, write_json


def check_schedules(house: House, chosen: argparse.Namespace) -> int:
    """Read every schedule; a mistake names file, step and key."""
    from followup.schedule_files import load_schedules

    schedules = load_schedules(Path(chosen.folder)) if chosen.folder else house.schedules
    for loaded in schedules:
        write(f"{loaded.name}: {len(loaded.schedule.steps)} steps, version {loaded.schedule.version[:12]}")
    return 0


def preview(house: House, chosen: argparse.Namespace) -> int:
    """Every text of a schedule with its date, time and segments, without a clinic, patient or database."""
    from followup.previews import preview_schedule

    shown = preview_schedule(
        house.schedules,
        name=chosen.schedule,
        ended_at=chosen.ended_at,
        zone=chosen.zone,
        language=chosen.language,
        number=chosen.number,
        appointment=chosen.appointment,
    )
    if chosen.json:
        write(json.dumps(shown.rows, ensure_ascii=False, indent=2))
        return 0
    for text in shown.rows:
        moved = f" (moved: {text['moved']})" if text["moved"] else ""
        write(f"{text['local']}  {text['step']}, {text['segments']} segments{moved}\n    {text['text']}\n")
    for note in shown.notes:
        write(note)
    return 0


def read_replies(house: House, _: argparse.Namespace) -> int:
    """What replies mean: JSON lines {"text", "prompt"} in, one JSON line each out, in the same order."""
    from followup.previews import read_one

    readers = house.readers_of(None)
    for line in sys.stdin:
        if line.strip():
            write_json(read_one(line, readers))
    return 0


def rehearse(house: House, chosen: argparse.Namespace) -> int:
    """Play a script through the real flow on a fast clock; exit code 1 unless all it expects holds."""
    from followup.rehearsal.rehearse import rehearse_file

    rehearsed = rehearse_file(Path(chosen.file), schedules=house.schedules)
    for line in rehearsed.lines:
        write(line)
    return 0 if rehearsed.holds else 1


def instant(text: str) -> datetime:
    """ISO 8601 with its offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-20T15:00:00-05:00") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no offset, such as -05:00 or Z")
    if not 1900 <= at.year < 2200:  # Beyond, other zones' clocks and a plan's last day leave what Python can count.
        raise argparse.ArgumentTypeError(f"{text!r} is not in the years 1900 to 2199")
    return at


LOOKING: Commands = {
    "check-schedules": (check_schedules, [option("folder", metavar="FOLDER", nargs="?")]),
    "preview": (
        preview,
        [
            option("schedule", metavar="SCHEDULE"),
            option("--ended-at", required=True, type=instant, metavar="ISO8601"),
            option("--zone", required=True),
            option("--language", default="en"),
            option("--number", type=int, metavar="N", help="of the session; without it the patient's first"),
            option("--appointment", type=instant, metavar="ISO8601"),
            option("--json", action="store_true"),
        ],
    ),
    "rehearse": (rehearse, [option("file", metavar="FILE", help="a script in TOML; see README, Rehearsals")]),
    "read-replies": (read_replies, []),
}
