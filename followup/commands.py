"""The terminal's door to the same flow functions."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from followup.carriers.carrier import Carrier
    from followup.flow.claim_texts import SendingRules
    from followup.rules.reading.readers import Readers
    from followup.schedule_files import Schedules
    from followup.store.database import Database


class House(Protocol):
    """What a command is given: every part, made when it is first asked for. `app` has the real one."""

    @property
    def public_url(self) -> str: ...
    @property
    def schedules(self) -> "Schedules": ...
    def readers_of(self, clinic: str | None) -> "Readers": ...
    @property
    def database(self) -> "Database": ...
    @property
    def carrier(self) -> "Carrier": ...
    @property
    def keys(self) -> tuple[bytes, ...]: ...
    @property
    def rules(self) -> "SendingRules": ...
    def now(self) -> datetime: ...
    def serve(self, *, host: str, port: int, run_jobs: bool, is_demo: bool) -> int: ...
    def work(self) -> int: ...


Command = Callable[[House, argparse.Namespace], int]


class Stop(Exception):
    """The command ends here; the words say why and what to do."""


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The chosen command as `run`, with its options; `serve` when none is named, also before options of it."""
    names_none = not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help"})
    return _parser().parse_args(["serve", *arguments] if names_none else arguments)


def refusals() -> tuple[type[Exception], ...]:
    """What ends a command with a sentence instead of a traceback. Asked only after something was raised."""
    from followup.flow.set_up import CannotSetUp
    from followup.rules.schedule import ScheduleMistake

    return Stop, CannotSetUp, ScheduleMistake


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description=(__doc__ or "").strip())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (run, options) in COMMANDS.items():
        command = commands.add_parser(name, help=(run.__doc__ or "").split("\n")[0], description=run.__doc__)
        for option in options:
            flags, settings = option
            command.add_argument(*flags, **settings)
        command.set_defaults(run=run)
    return parser


def _option(*flags: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    return flags, settings


def _write(line: object) -> None:
    print(line, flush=True)


def _write_json(value: object) -> None:
    _write(json.dumps(value, ensure_ascii=False, default=str))


# Running -------------------------------------------------------------------------------------------------


def serve(house: House, chosen: argparse.Namespace) -> int:
    """Run the service: pages, doors and jobs."""
    if chosen.demo:
        from followup.demonstration import prepare

        if house.carrier.reaches_people:
            raise Stop("--demo goes with the pretend carrier only: FOLLOWUP_CARRIER=pretend")
        prepare(house, base_url=f"http://{chosen.host}:{chosen.port}")
    else:
        _say_what_is_not_sent(house)
    return house.serve(host=chosen.host, port=chosen.port, run_jobs=not chosen.no_jobs, is_demo=chosen.demo)


def _say_what_is_not_sent(house: House) -> None:
    from followup.flow.set_up import why_nothing_is_sent

    for line in why_nothing_is_sent(
        house.database, reaches_people=house.carrier.reaches_people, sending=house.rules.sending, now=house.now()
    ):
        print(line, file=sys.stderr, flush=True)


def work(house: House, _: argparse.Namespace) -> int:
    """Run the jobs alone, beside processes that serve with --no-jobs."""
    return house.work()


def sending(house: House, chosen: argparse.Namespace) -> int:
    """The kill switch, for one clinic or for all; with --leave-safe-mode also where the database is an old copy."""
    from followup.flow.leave_safe_mode import leave_safe_mode
    from followup.flow.set_up import turn_sending

    who = _named_admin(house, chosen) if chosen.leave_safe_mode else None
    turn_sending(database=house.database, on=chosen.state == "on", clinic=chosen.clinic, by="command", now=house.now())
    if who:
        leave_safe_mode(house.database, who, house.now())
    _write(f"sending is {chosen.state} for {chosen.clinic or 'the whole service'}")
    if chosen.state == "on":
        _say_what_is_not_sent(house)
    return 0


def _named_admin(house: House, chosen: argparse.Namespace) -> "UUID":
    """Whoever says that an old copy of the database may send. Raises Stop."""
    from followup.store import people

    if chosen.state != "on" or not chosen.by:
        raise Stop("--leave-safe-mode goes with `sending on` and with --by EMAIL, a named admin")
    with house.database.reader() as db:
        staff = people.find_staff(db, chosen.by.strip().lower())
    if staff is None or staff.role != "admin" or staff.left_at:
        raise Stop(f"{chosen.by} is no admin")
    return staff.id


def self_test(house: House, _: argparse.Namespace) -> int:
    """Check settings, database, schedules and the carrier; exit code 1 if something does not hold."""
    from followup.store.database import head, revision

    checks = [
        ("settings", True, f"carrier {house.carrier.name}, public URL {house.public_url}"),
        ("schedules", True, ", ".join(f"{s.name} {s.schedule.version[:12]}" for s in house.schedules)),
        ("database", revision(house.database) == head(), f"migration {revision(house.database)}"),
        *house.carrier.check(),
    ]
    for name, holds, words in checks:
        _write(f"{'ok  ' if holds else 'FAIL'}  {name}: {words}")
    return 0 if all(holds for _, holds, _ in checks) else 1


# Setting up ----------------------------------------------------------------------------------------------


def add_clinic(house: House, chosen: argparse.Namespace) -> int:
    """Add a clinic; prints {"slug": ...}."""
    from followup.flow import set_up

    slug = set_up.add_clinic(
        database=house.database,
        name=chosen.name,
        zone=chosen.zone,
        phone=chosen.phone,
        sender=chosen.sender,
        now=house.now(),
    )
    _write_json({"slug": slug})
    return 0


def add_staff(house: House, chosen: argparse.Namespace) -> int:
    """Add somebody who signs in; with --password-stdin at once, with the password from the next line."""
    from followup.flow import set_up

    password = sys.stdin.readline().rstrip("\r\n") if chosen.password_stdin else None
    set_up.add_staff(
        database=house.database,
        email=chosen.email,
        name=chosen.name,
        role=chosen.role,
        clinic=chosen.clinic,
        password=password,
        now=house.now(),
    )
    _write_json({"email": chosen.email.strip().lower(), "role": chosen.role, "can_sign_in": password is not None})
    return 0


def add_source(house: House, chosen: argparse.Namespace) -> int:
    """Add a record system; prints its keys, once."""
    from followup.flow import set_up

    keys = set_up.add_source(
        database=house.database,
        name=chosen.name,
        clinic=chosen.clinic,
        kind=chosen.kind,
        keys=house.keys,
        now=house.now(),
    )
    _write_json({"source": keys.source, "bearer": keys.bearer, "signing_secret": keys.signing_secret})
    return 0


def go_live(house: House, chosen: argparse.Namespace) -> int:
    """A named admin approves the texts and switches the clinic's sending on; prints what is not set yet."""
    from followup.flow import set_up

    missing = set_up.go_live(
        database=house.database,
        clinic=chosen.clinic,
        by=chosen.by,
        without_rota=chosen.without_rota,
        carrier_is_public=house.carrier.is_public,
        schedules=house.schedules,
        now=house.now(),
    )
    _write(f"live, by {chosen.by}")
    for line in missing:
        _write(f"not set: {line}")
    return 0


def export(house: House, chosen: argparse.Namespace) -> int:
    """Every row as one JSON line."""
    from followup.flow.export_rows import export_rows

    for row in export_rows(database=house.database, clinic=chosen.clinic, patient=chosen.patient):
        _write_json(row)
    return 0


# Looking -------------------------------------------------------------------------------------------------


def check_schedules(house: House, chosen: argparse.Namespace) -> int:
    """Read every schedule; a mistake names file, step and key."""
    from followup.schedule_files import load_schedules

    schedules = load_schedules(Path(chosen.folder)) if chosen.folder else house.schedules
    for loaded in schedules:
        _write(f"{loaded.name}: {len(loaded.schedule.steps)} steps, version {loaded.schedule.version[:12]}")
    return 0


def preview(house: House, chosen: argparse.Namespace) -> int:
    """Every text of a schedule with its date, time and segments, without a clinic, patient or database."""
    from followup.previews import preview_schedule

    texts = preview_schedule(
        house.schedules,
        name=chosen.schedule,
        ended_at=chosen.ended_at,
        zone=chosen.zone,
        language=chosen.language,
        number=chosen.number,
        appointment=chosen.appointment,
    )
    if chosen.json:
        _write(json.dumps(texts, ensure_ascii=False, indent=2))
    else:
        for text in texts:
            moved = f" (moved: {text['moved']})" if text["moved"] else ""
            _write(f"{text['local']}  {text['step']}, {text['segments']} segments{moved}\n    {text['text']}\n")
    return 0


def read_replies(house: House, _: argparse.Namespace) -> int:
    """What replies mean: JSON lines {"text", "prompt"} in, one JSON line each out, in the same order."""
    from followup.previews import read_one

    readers = house.readers_of(None)
    for line in sys.stdin:
        if line.strip():
            _write_json(read_one(line, readers))
    return 0


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


CLINIC = _option("--clinic", metavar="SLUG", help="may be left out while there is one clinic")
Options = Iterable[tuple[tuple[str, ...], dict[str, Any]]]
COMMANDS: dict[str, tuple[Command, Options]] = {
    "serve": (
        serve,
        [
            _option("--host", default="127.0.0.1"),
            _option("--port", type=int, default=8000),
            _option("--no-jobs", action="store_true", help="pages and doors only; run `work` beside it"),
            _option("--demo", action="store_true", help="with an empty database, make a demonstration clinic"),
        ],
    ),
    "work": (work, []),
    "add-clinic": (
        add_clinic,
        [
            _option("name", metavar="NAME"),
            _option("--zone", required=True, help="such as America/New_York"),
            _option("--phone", help="what patients are told to call"),
            _option("--sender", help="the number its texts come from, if it has its own"),
        ],
    ),
    "add-staff": (
        add_staff,
        [
            _option("email", metavar="EMAIL"),
            _option("--name", required=True),
            _option("--role", required=True, choices=("nurse", "prescriber", "admin", "auditor")),
            CLINIC,
            _option("--password-stdin", action="store_true"),
        ],
    ),
    "add-source": (
        add_source,
        [
            _option("name", metavar="NAME"),
            CLINIC,
            _option("--kind", default="native", choices=("native", "fhir", "hl7v2")),
        ],
    ),
    "go-live": (
        go_live,
        [
            CLINIC,
            _option("--by", required=True, metavar="EMAIL"),
            _option("--without-rota", action="store_true", help="prompts may go out while nobody is on the rota"),
        ],
    ),
    "sending": (
        sending,
        [
            _option("state", choices=("on", "off")),
            CLINIC,
            _option("--leave-safe-mode", action="store_true", help="this old copy of the database may send"),
            _option("--by", metavar="EMAIL", help="with --leave-safe-mode: the admin who says so"),
        ],
    ),
    "check-schedules": (check_schedules, [_option("folder", metavar="FOLDER", nargs="?")]),
    "preview": (
        preview,
        [
            _option("schedule", metavar="SCHEDULE"),
            _option("--ended-at", required=True, type=instant, metavar="ISO8601"),
            _option("--zone", required=True),
            _option("--language", default="en"),
            _option("--number", type=int, metavar="N", help="of the session; without it the patient's first"),
            _option("--appointment", type=instant, metavar="ISO8601"),
            _option("--json", action="store_true"),
        ],
    ),
    "read-replies": (read_replies, []),
    "self-test": (self_test, []),
    "export": (export, [CLINIC, _option("--patient", metavar="ID", help="the record system's own id")]),
}
