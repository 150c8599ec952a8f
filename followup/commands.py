"""The terminal's door to the same flow functions."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from followup.looking import LOOKING
from followup.terminal import Commands, House, Stop, option, write, write_json

if TYPE_CHECKING:
    from uuid import UUID


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """The chosen command as `run`, with its options; `serve` when none is named, also before options of it."""
    names_none = not arguments or (arguments[0].startswith("-") and arguments[0] not in {"-h", "--help"})
    return _parser().parse_args(["serve", *arguments] if names_none else arguments)


def refusals() -> tuple[type[Exception], ...]:
    """What ends a command with a sentence instead of a traceback. Asked only after something was raised."""
    from followup.flow.set_up import CannotSetUp
    from followup.rehearsal.script import ScriptMistake
    from followup.rules.schedule import ScheduleMistake

    return Stop, CannotSetUp, ScheduleMistake, ScriptMistake


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description=(__doc__ or "").strip())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (run, options) in COMMANDS.items():
        command = commands.add_parser(name, help=(run.__doc__ or "").split("\n")[0], description=run.__doc__)
        for flags, settings in options:
            command.add_argument(*flags, **settings)
        command.set_defaults(run=run)
    return parser


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
    write(f"sending is {chosen.state} for {chosen.clinic or 'the whole service'}")
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
        write(f"{'ok  ' if holds else 'FAIL'}  {name}: {words}")
    return 0 if all(holds for _, holds, _ in checks) else 1


# Setting up ----------------------------------------------------------------------------------------------


def add_clinic(house: House, chosen: argparse.Namespace) -> int:
    """Add a clinic; prints {"slug": ...}, and what texts call it where its name would tell what it treats."""
    from followup.flow import set_up
    from followup.rules.wording import name_for_texts

    text_name = name_for_texts(chosen.name, house.schedules.reveals)
    slug = set_up.add_clinic(
        database=house.database,
        name=chosen.name,
        zone=chosen.zone,
        phone=chosen.phone,
        sender=chosen.sender,
        text_name=text_name,
        now=house.now(),
    )
    write_json({"slug": slug} | ({"name_in_texts": text_name} if text_name else {}))
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
    write_json({"email": chosen.email.strip().lower(), "role": chosen.role, "can_sign_in": password is not None})
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
    write_json({"source": keys.source, "bearer": keys.bearer, "signing_secret": keys.signing_secret})
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
    write(f"live, by {chosen.by}")
    for line in missing:
        write(f"not set: {line}")
    return 0


def export(house: House, chosen: argparse.Namespace) -> int:
    """Every row as one JSON line."""
    from followup.flow.export_rows import export_rows

    for row in export_rows(database=house.database, clinic=chosen.clinic, patient=chosen.patient):
        write_json(row)
    return 0


CLINIC = option("--clinic", metavar="SLUG", help="may be left out while there is one clinic")
COMMANDS: Commands = {
    "serve": (
        serve,
        [
            option("--host", default="127.0.0.1"),
            option("--port", type=int, default=8000),
            option("--no-jobs", action="store_true", help="pages and doors only; run `work` beside it"),
            option("--demo", action="store_true", help="with an empty database, make a demonstration clinic"),
        ],
    ),
    "work": (work, []),
    "add-clinic": (
        add_clinic,
        [
            option("name", metavar="NAME"),
            option("--zone", required=True, help="such as America/New_York"),
            option("--phone", help="what patients are told to call"),
            option("--sender", help="the number its texts come from, if it has its own"),
        ],
    ),
    "add-staff": (
        add_staff,
        [
            option("email", metavar="EMAIL"),
            option("--name", required=True),
            option("--role", required=True, choices=("nurse", "prescriber", "admin", "auditor")),
            CLINIC,
            option("--password-stdin", action="store_true"),
        ],
    ),
    "add-source": (
        add_source,
        [
            option("name", metavar="NAME"),
            CLINIC,
            option("--kind", default="native", choices=("native", "fhir", "hl7v2")),
        ],
    ),
    "go-live": (
        go_live,
        [
            CLINIC,
            option("--by", required=True, metavar="EMAIL"),
            option("--without-rota", action="store_true", help="prompts may go out while nobody is on the rota"),
        ],
    ),
    "sending": (
        sending,
        [
            option("state", choices=("on", "off")),
            CLINIC,
            option("--leave-safe-mode", action="store_true", help="this old copy of the database may send"),
            option("--by", metavar="EMAIL", help="with --leave-safe-mode: the admin who says so"),
        ],
    ),
    **LOOKING,
    "self-test": (self_test, []),
    "export": (export, [CLINIC, option("--patient", metavar="ID", help="the record system's own id")]),
}
