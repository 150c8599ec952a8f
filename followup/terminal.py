"""What every command is given, and how it speaks."""

import argparse
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
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
Options = Iterable[tuple[tuple[str, ...], dict[str, Any]]]
Commands = dict[str, tuple[Command, Options]]
"""{name: (what runs, its options)}; the first line of its docstring is its help."""


class Stop(Exception):
    """The command ends here; the words say why and what to do."""


def option(*flags: str, **settings: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    return flags, settings


def write(line: object) -> None:
    print(line, flush=True)  # noqa: T201 - this is the terminal's door.


def write_json(value: object) -> None:
    write(json.dumps(value, ensure_ascii=False, default=str))
