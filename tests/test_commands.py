"""The terminal's door, as an operator types."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from followup.app import House, run
from followup.carriers.carrier import IncomingText
from followup.commands import COMMANDS
from followup.flow import set_up
from followup.flow.accept_event import accept_event
from followup.flow.receive_reply import keep_replies
from followup.flow.sign_in import sign_in
from followup.flow.transaction import transaction
from followup.store import database as opening
from followup.store import people
from followup.store.database import Database, upgrade
from followup.store.pulse import find_pulse, lock_pulse
from tests.people import NOW
from tests.web.doors import completed

ROOT = Path(__file__).parents[1]
CONTRACT = (
    "serve",
    "add-clinic",
    "add-staff",
    "add-source",
    "check-schedules",
    "preview",
    "rehearse",
    "read-replies",
    "go-live",
    "self-test",
    "sending",
    "work",
    "export",
)
PREVIEW = ("preview", "ketamine_infusion", "--ended-at", "2026-11-20T12:00:00-05:00", "--zone", "America/New_York")
PASSWORD = "a long pass phrase"
DATABASE = Path("var/followup.db")
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Terminal:
    """A folder of its own, with an empty database at the newest migration."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self.warned = ""
        """What the last command said on stderr."""

    def __call__(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        """What the command prints; it must end with that code. For a refusal what it says on stderr."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        self._capsys.readouterr()
        ended = self._run(arguments)
        out, error = self._capsys.readouterr()
        self.warned = error
        assert ended == code, out + error
        assert "Traceback" not in error
        return out if code == 0 else error

    def _run(self, arguments: tuple[str, ...]) -> object:
        try:
            return run(arguments)
        except SystemExit as end:  # What argparse says no to.
            return end.code

    def rows(self, table: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in self("export").splitlines()]
        return [row for row in rows if row["table"] == table]


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    for name in os.environ:
        if name.upper().startswith("FOLLOWUP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOLLOWUP_SECRET_KEYS", KEY)
    monkeypatch.setenv("FOLLOWUP_SCHEDULES", str(ROOT / "schedules"))
    (tmp_path / "var").mkdir()
    (tmp_path / DATABASE).write_bytes(_made())
    return Terminal(capsys, monkeypatch)


@pytest.fixture
def riverside(terminal: Terminal, tmp_path: Path) -> Terminal:
    """One clinic, with Ana as its admin and Nora as a nurse."""
    (tmp_path / DATABASE).write_bytes(_made(with_riverside=True))
    return terminal


@cache
def _made(*, with_riverside: bool = False) -> bytes:
    """A database at the newest migration: a copy takes 2 ms."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/made.db", key=bytes(range(32)))
        upgrade(database)
        if with_riverside:
            add: dict[str, Any] = {"database": database, "now": NOW}
            set_up.add_clinic(name="Riverside Clinic", zone="America/New_York", phone="(212) 555-0100", **add)
            for name, role in {"Ana Ruiz": "admin", "Nora Lind": "nurse"}.items():
                email = f"{name.split()[0].lower()}@example.org"
                set_up.add_staff(email=email, name=name, role=role, clinic=None, password=None, **add)
        database.close()
        return (Path(folder) / "made.db").read_bytes()


# Help ------------------------------------------------------------------------------------------------------


def test_the_help_lists_every_command(terminal: Terminal) -> None:
    words = terminal("--help")

    assert set(CONTRACT) <= set(COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"^    {name}\b", words, re.MULTILINE), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(terminal: Terminal, name: str) -> None:
    words = terminal(name, "--help")

    assert words.startswith(f"usage: main.py {name}")
    assert (COMMANDS[name][0].__doc__ or "").split("\n")[0].split(";")[0][:30] in " ".join(words.split())


@pytest.mark.parametrize("arguments", [("nonsense",), ("serve", "--unknown"), ("sending", "maybe"), ("add-clinic",)])
def test_what_is_no_command_ends_with_2_and_says_why(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert "error:" in terminal(*arguments, code=2)


@pytest.mark.parametrize("arguments", [("--port", "none"), ("--demo", "--port", "none")])
def test_options_without_a_command_are_those_of_serve(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert "main.py serve: error: argument --port" in terminal(*arguments, code=2)


def test_an_unsafe_setting_stops_a_command_by_its_name(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOLLOWUP_CARRIER", "twilio")

    assert "FOLLOWUP_TWILIO_ACCOUNT_SID" in terminal("add-clinic", "Riverside", "--zone", "UTC", code=1)
    assert "FOLLOWUP_TWILIO_ACCOUNT_SID" in terminal("serve", code=1)


# Setting up ------------------------------------------------------------------------------------------------


def test_add_clinic_prints_its_slug(terminal: Terminal) -> None:
    assert json.loads(terminal("add-clinic", "Riverside Clinic", "--zone", "America/New_York")) == {
        "slug": "riverside-clinic"
    }
    assert json.loads(terminal("add-clinic", "Riverside Clinic", "--zone", "UTC")) == {"slug": "riverside-clinic-2"}
    assert json.loads(terminal("add-clinic", "Клиника", "--zone", "UTC")) == {"slug": "clinic"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Riverside", "--zone", "Mars/Olympus"), "Mars/Olympus"),
        (("Riverside", "--zone", "../../etc/passwd"), "zone"),
        (("Riverside", "--zone", ""), "zone"),
        ((" ", "--zone", "UTC"), "name"),
        (("Riverside", "--zone", "UTC", "--sender", "12"), "sender"),
    ],
)
def test_a_clinic_that_cannot_be_is_refused(terminal: Terminal, arguments: tuple[str, ...], words: str) -> None:
    assert words in terminal("add-clinic", *arguments, code=1)
    assert terminal.rows("clinic") == []


def test_whoever_got_a_password_can_sign_in_and_nobody_sees_it(riverside: Terminal) -> None:
    who = ("add-staff", "Ben@Example.org", "--name", "Ben Cole", "--role", "nurse", "--password-stdin")

    assert json.loads(riverside(*who, typed=PASSWORD + "\r\n")) == {
        "email": "ben@example.org",
        "role": "nurse",
        "can_sign_in": True,
    }
    [ben] = [row for row in riverside.rows("staff") if row["email"] == "ben@example.org"]
    assert "password_hash" not in ben
    assert PASSWORD not in riverside("export")
    assert _signs_in("ben@example.org", PASSWORD)


def _signs_in(email: str, password: str) -> bool:
    house = House()
    try:
        return sign_in(house.database, email, password, house.now()) is not None
    finally:
        house.close()


@pytest.mark.parametrize(
    ("arguments", "typed", "words"),
    [
        (("ana@example.org", "--role", "nurse"), "", "already"),
        (("ANA@example.org", "--role", "nurse"), "", "already"),
        (("nobody", "--role", "nurse"), "", "e-mail"),
        (("ben@example.org", "--role", "nurse", "--password-stdin"), "short\n", "12 characters"),
        (("ben@example.org", "--role", "nurse", "--password-stdin"), "", "12 characters"),
        (("ben@example.org", "--role", "nurse", "--clinic", "none-such"), "", "riverside-clinic"),
    ],
)
def test_staff_that_cannot_be_are_refused(
    riverside: Terminal, arguments: tuple[str, ...], typed: str, words: str
) -> None:
    assert words in riverside("add-staff", *arguments, "--name", "Ben", typed=typed, code=1)
    assert len(riverside.rows("staff")) == 2


def test_add_source_prints_its_keys_once(riverside: Terminal) -> None:
    made = json.loads(riverside("add-source", "ehr"))

    assert set(made) == {"source", "bearer", "signing_secret"}
    assert made["source"] == "ehr"
    assert made["signing_secret"].startswith("whsec_")
    everything = riverside("export")
    assert made["bearer"] not in everything
    assert made["signing_secret"] not in everything
    assert "already" in riverside("add-source", "ehr", code=1)
    assert json.loads(riverside("add-source", "lab", "--kind", "hl7v2"))["bearer"] != made["bearer"]


def test_the_clinic_must_be_named_where_there_are_several_or_none(terminal: Terminal) -> None:
    assert "add-clinic" in terminal("add-source", "ehr", code=1)
    for name in ("East", "West"):
        terminal("add-clinic", name, "--zone", "UTC")

    assert "known: east, west" in terminal("add-source", "ehr", code=1)
    assert terminal("add-source", "ehr", "--clinic", "west")


# Going live ------------------------------------------------------------------------------------------------


def test_an_admin_goes_live_and_hears_what_is_not_set(riverside: Terminal) -> None:
    words = riverside("go-live", "--by", "ana@example.org")

    assert words.startswith("live, by ana@example.org")
    assert "not set: on-call ladder" in words
    assert "not set: rota: nobody is on it; prompts wait" in words
    [live] = riverside.rows("go_live")
    assert len(live["not_set"]) == 2
    assert {"general", "ketamine_infusion"} < set(live["schedule_versions"])


def test_going_live_without_a_rota_is_recorded(riverside: Terminal) -> None:
    riverside("go-live", "--by", "Ana@Example.org", "--without-rota")

    assert riverside.rows("go_live")[0]["without_rota"] is True


@pytest.mark.parametrize("by", ["nora@example.org", "nobody@example.org", ""])
def test_only_an_admin_goes_live(riverside: Terminal, by: str) -> None:
    assert "no admin" in riverside("go-live", "--by", by, code=1)
    assert riverside.rows("go_live") == []


def test_an_admin_of_another_clinic_does_not_go_live_here(riverside: Terminal) -> None:
    riverside("add-clinic", "Hillside", "--zone", "UTC")
    arguments = ("go-live", "--by", "ana@example.org")

    assert "no admin" in riverside(*arguments, "--clinic", "hillside", code=1)
    assert "--clinic" in riverside(*arguments, code=1)
    assert riverside(*arguments, "--clinic", "riverside-clinic")


def test_over_a_public_carrier_nobody_goes_live_before_an_urgent_reply_rings(
    riverside: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
        "TWILIO_AUTH_TOKEN": "t0ken",
        "TWILIO_FROM": "+12025550100",
        "PUBLIC_URL": "https://aftercare.example.org",
    }.items():
        monkeypatch.setenv(f"FOLLOWUP_{name}", value)

    assert "ladder" in riverside("go-live", "--by", "ana@example.org", "--without-rota", code=1)
    monkeypatch.setenv("FOLLOWUP_TWILIO_API_URL", "http://127.0.0.1:9")
    assert riverside("go-live", "--by", "ana@example.org", "--without-rota")


def test_the_kill_switch_is_kept(riverside: Terminal) -> None:
    assert "off for the whole service" in riverside("sending", "off")
    assert riverside("sending", "off", "--clinic", "riverside-clinic")
    assert riverside.rows("clinic")[0]["sending_off_at"] is not None
    riverside("sending", "on", "--clinic", "riverside-clinic")
    assert riverside.rows("clinic")[0]["sending_off_at"] is None
    assert "known: riverside-clinic" in riverside("sending", "on", "--clinic", "none-such", code=1)

    actions = [row["action"] for row in riverside.rows("audit_entry")]
    assert [action for action in actions if action.startswith("sending")] == [
        "sending off",
        "sending off",
        "sending on",
    ]


def test_an_old_copy_of_the_database_sends_only_after_a_named_admin_said_so(riverside: Terminal) -> None:
    _come_from_a_backup()

    riverside("sending", "on")
    assert _is_behind_fence()
    assert "--by EMAIL" in riverside("sending", "on", "--leave-safe-mode", code=1)
    assert "--by EMAIL" in riverside("sending", "off", "--leave-safe-mode", "--by", "ana@example.org", code=1)
    assert "no admin" in riverside("sending", "on", "--leave-safe-mode", "--by", "nora@example.org", code=1)
    assert _is_behind_fence()

    riverside("sending", "on", "--leave-safe-mode", "--by", "Ana@example.org")
    assert not _is_behind_fence()


def _come_from_a_backup() -> None:
    house = House()
    with transaction(house.database) as db:
        lock_pulse(db, now=NOW).behind_fence_at = NOW
    lines = set_up.why_nothing_is_sent(house.database, reaches_people=False, sending=True, now=house.now())
    assert lines == [f"nothing is sent: {set_up.OLD_COPY}"]
    house.close()


def _is_behind_fence() -> bool:
    house = House()
    with house.database.reader() as db:
        row = find_pulse(db)
    house.close()
    assert row is not None
    return row.behind_fence_at is not None


def test_turning_the_whole_service_on_says_which_clinic_stays_off(riverside: Terminal) -> None:
    riverside("sending", "off", "--clinic", "riverside-clinic")

    riverside("sending", "on")
    assert riverside.warned == "riverside-clinic: sending is switched off\n"
    riverside("sending", "on", "--clinic", "riverside-clinic")
    assert riverside.warned == ""


# Where the database does not open --------------------------------------------------------------------------

OTHER_KEY = "BB0" + KEY[3:]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SECRET_KEYS": OTHER_KEY}, "FOLLOWUP_SECRET_KEYS"),
        ({"SECRET_KEYS": f"{OTHER_KEY},{KEY}"}, "FOLLOWUP_SECRET_KEYS"),
        ({"DATABASE_URL": "sqlite:///schedule.txt"}, "FOLLOWUP_SECRET_KEYS"),
        ({"DATABASE_URL": "sqlite:///schedule.txt/followup.db"}, "FOLLOWUP_DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///var"}, "FOLLOWUP_DATABASE_URL"),
        ({"DATABASE_URL": "postgresql+psycopg://ana:pass-word@127.0.0.1:9/x"}, "FOLLOWUP_DATABASE_URL"),
        ({"DATABASE_URL": "postgresql+psycopg://ana:pass-word@127.0.0.1:port/x"}, "FOLLOWUP_DATABASE_URL"),
    ],
    ids=["another key", "older key first", "no database", "below a file", "a folder", "no server", "no port"],
)
@pytest.mark.parametrize("command", [("export",), ("serve",), ("add-clinic", "East", "--zone", "UTC")])
def test_a_database_that_does_not_open_is_one_sentence_that_names_the_setting(
    terminal: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: dict[str, str],
    words: str,
    command: tuple[str, ...],
) -> None:
    (tmp_path / "schedule.txt").write_text("Monday: Ana\n" * 1_000)
    for name, value in settings.items():
        monkeypatch.setenv(f"FOLLOWUP_{name}", value)

    said = terminal(*command, code=1)

    assert said.startswith(f"{words}: ")
    assert len(said.splitlines()) == 1
    for secret in ("pass-word", KEY, OTHER_KEY, "sqlalche"):
        assert secret not in said


def test_a_database_that_somebody_else_holds_is_one_sentence(
    riverside: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 1)
    house = House()
    with house.database.writer() as db:
        db.connection()
        said = riverside("add-clinic", "East", "--zone", "UTC", code=1)
    house.close()

    assert said == "FOLLOWUP_DATABASE_URL: the database says: database is locked; try again in a moment\n"


# Looking ---------------------------------------------------------------------------------------------------


def test_a_preview_has_exactly_the_fields_of_the_contract(terminal: Terminal) -> None:
    texts = json.loads(terminal(*PREVIEW, "--json"))

    assert [text["step"] for text in texts][:2] == ["same-day check-in", "next-day mood"]
    assert "maintenance due, day 21" in [text["step"] for text in texts]
    assert len({text["step"] for text in texts}) == len(texts)
    for text in texts:
        assert set(text) == {"step", "due_at", "local", "text", "segments", "moved"}
        due_at, local = datetime.fromisoformat(text["due_at"]), datetime.fromisoformat(text["local"])
        assert due_at == local
        assert due_at.utcoffset() is not None
        assert due_at.utcoffset().total_seconds() == 0  # pyright: ignore[reportOptionalMemberAccess]
        assert text["segments"] >= 1
        assert text["moved"] is None or isinstance(text["moved"], str)
    assert texts[0]["due_at"] == "2026-11-20T21:00:00+00:00"
    assert texts[0]["text"].endswith("Reply STOP to end texts.")


def test_a_preview_shows_what_was_asked_for(terminal: Terminal) -> None:
    later = json.loads(terminal(*PREVIEW, "--json", "--number", "5"))
    assert "STOP" not in later[0]["text"]

    spanish = json.loads(terminal(*PREVIEW, "--json", "--language", "es"))
    assert "Hola" in spanish[0]["text"]

    booked = json.loads(terminal(*PREVIEW, "--json", "--appointment", "2026-11-27T13:00:00-05:00"))
    steps = [text["step"] for text in booked]
    assert "appointment reminder" in steps
    assert not [step for step in steps if step.startswith("maintenance due")]


def test_a_preview_for_people_has_each_time_and_text(terminal: Terminal) -> None:
    words = terminal(*PREVIEW)

    assert "2026-11-20T16:00:00-05:00  same-day check-in, 2 segments" in words
    assert "how is your mood today?" in words


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("none_such", "--ended-at", "2026-11-20T12:00:00Z", "--zone", "UTC"), 1, "there are esketamine, general"),
        (("ketamine_infusion", "--ended-at", "2026-11-20T12:00:00Z", "--zone", "Mars"), 1, "'Mars' is no zone"),
        (("ketamine_infusion", "--ended-at", "2026-11-20T12:00:00", "--zone", "UTC"), 2, "offset"),
        (("ketamine_infusion", "--ended-at", "yesterday", "--zone", "UTC"), 2, "yesterday"),
        (("ketamine_infusion", "--ended-at", "0001-01-01T00:00:00+05:00", "--zone", "UTC"), 2, "years"),
        (("ketamine_infusion", "--ended-at", "9999-12-31T23:00:00-05:00", "--zone", "UTC"), 2, "years"),
    ],
)
def test_a_preview_of_what_cannot_be_says_why(
    terminal: Terminal, arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert words in terminal("preview", *arguments, code=code)


def test_a_preview_needs_neither_clinic_nor_database(terminal: Terminal, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "var")

    terminal(*PREVIEW)

    assert list(tmp_path.iterdir()) == []


def test_replies_are_read_in_the_order_they_came(terminal: Terminal) -> None:
    given = [("7", "mood"), ("STOP", "none"), ("START", "none"), ("hm?", "same_day"), ("0", "mood"), ("help", "none")]
    typed = "\n".join(json.dumps({"text": text, "prompt": prompt}) for text, prompt in given) + "\n\n"

    read = [json.loads(line) for line in terminal("read-replies", typed=typed).splitlines()]

    assert len(read) == len(given)
    for each in read:
        assert set(each) == {"kind", "value", "level", "reasons", "language"}
        assert each["level"] in {"urgent", "concern", "routine"}
    assert [each["kind"] for each in read][:3] == ["score", "stop", "start"]
    assert [each["value"] for each in read if each["kind"] == "score"] == [7, 0]


def test_a_prompt_may_be_left_out_and_nothing_in_gives_nothing_out(terminal: Terminal) -> None:
    assert json.loads(terminal("read-replies", typed='{"text": "STOP"}\n'))["kind"] == "stop"
    assert terminal("read-replies", typed="") == ""


@pytest.mark.parametrize(
    "line", ["7", "not json", "[]", '{"prompt": "mood"}', '{"text": 7}', '{"text": "7", "prompt": "x"}']
)
def test_a_line_that_is_no_reply_is_named(terminal: Terminal, line: str) -> None:
    assert line in terminal("read-replies", typed=line + "\n", code=1)


def test_schedules_are_checked_and_named_with_their_version(terminal: Terminal) -> None:
    words = terminal("check-schedules")

    assert re.fullmatch(r"(\w+: \d+ steps, version [0-9a-f]{12}\n){5}", words)
    assert terminal("check-schedules", str(ROOT / "schedules")) == words


PLAIN = (ROOT / "tests" / "schedules" / "ketamine_infusion.toml").read_text()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('at = "10:00"', "at = 10", ["broken.toml", "step 'next-day mood'", "at"]),
        ('at = "10:00"', 'at = "25:00"', ["broken.toml", "step 'next-day mood'", "at"]),
        ('after_end = "4h"', 'after_end = "four"', ["broken.toml", "step 'same-day check-in'", "after_end"]),
        ('prompt = "mood"', 'prompt = "weather"', ["broken.toml", "step 'next-day mood'", "prompt"]),
        ('prompt = "mood"', 'promt = "mood"', ["broken.toml", "step 'next-day mood'", "promt"]),
        ("{first_name}", "{fist_name}", ["broken.toml", "step 'same-day check-in'", "fist_name"]),
        ('name = "next-day mood"', 'name = "same-day check-in"', ["broken.toml", "same-day check-in"]),
        ('title = "Ketamine infusion"', "title = ", ["broken.toml", "TOML"]),
    ],
    ids=["number", "no such time", "no duration", "no such prompt", "unknown key", "unknown token", "twice", "no toml"],
)
def test_a_mistake_in_a_schedule_names_file_step_and_key(
    terminal: Terminal, tmp_path: Path, before: str, after: str, words: list[str]
) -> None:
    folder = tmp_path / "changed"
    folder.mkdir()
    assert before in PLAIN
    (folder / "broken.toml").write_text(PLAIN.replace(before, after, 1))

    said = terminal("check-schedules", str(folder), code=1)

    for word in words:
        assert word in said


def test_a_mistake_in_a_schedule_stops_the_start(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "changed"
    folder.mkdir()
    (folder / "broken.toml").write_text(PLAIN.replace('at = "10:00"', "at = 10", 1))
    monkeypatch.setenv("FOLLOWUP_SCHEDULES", str(folder))

    assert "broken.toml: step 'next-day mood': at" in terminal("serve", code=1)


def test_a_folder_without_schedules_is_a_mistake(terminal: Terminal, tmp_path: Path) -> None:
    assert "no *.toml" in terminal("check-schedules", str(tmp_path), code=1)
    assert "no *.toml" in terminal("check-schedules", str(tmp_path / "none"), code=1)


def test_the_self_test_says_of_each_part_whether_it_holds(terminal: Terminal) -> None:
    lines = terminal("self-test").splitlines()

    assert {line.split()[1] for line in lines} >= {"settings:", "schedules:", "database:", "carrier:"}
    assert all(line.startswith("ok  ") for line in lines)


def test_the_self_test_fails_where_the_carrier_does_not_answer(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
        "TWILIO_AUTH_TOKEN": "t0ken-that-nobody-sees",
        "TWILIO_FROM": "+12025550100",
        "TWILIO_API_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(f"FOLLOWUP_{name}", value)

    terminal("self-test", code=1)


# Export ----------------------------------------------------------------------------------------------------


def test_an_export_is_one_json_object_a_line_of_everything(riverside: Terminal) -> None:
    _tell_a_story()

    rows = [json.loads(line) for line in riverside("export").splitlines()]

    assert {row["table"] for row in rows} >= {"clinic", "staff", "patient", "care_session", "message", "reply", "event"}
    [reply] = riverside.rows("reply")
    assert (reply["carrier_sid"], reply["body"]) == ("SM" + "0" * 32, "line one\nline ñ two")
    assert len({row["id"] for row in rows}) == len(rows)


def test_an_export_of_one_clinic_or_patient_holds_nobody_else(riverside: Terminal) -> None:
    _tell_a_story()
    riverside("add-clinic", "Hillside", "--zone", "UTC")

    hillside = riverside("export", "--clinic", "hillside")
    maria = riverside("export", "--clinic", "riverside-clinic", "--patient", "p-maria")

    assert "Maria" not in hillside
    assert "Ana Ruiz" not in hillside
    tables = {json.loads(line)["table"] for line in maria.splitlines()}
    assert {"patient", "care_session", "message", "consent", "plan"} <= tables
    assert "staff" not in tables
    assert "no patient" in riverside("export", "--clinic", "hillside", "--patient", "p-maria", code=1)
    assert "--clinic" in riverside("export", "--patient", "p-maria", code=1)


def _tell_a_story() -> None:
    """Maria's session ended just now, and a text came from a number that nobody knows."""
    house = House()
    now, sid = house.now(), "SM" + "0" * 32
    set_up.add_source(database=house.database, name="ehr", clinic=None, kind="native", keys=house.keys, now=now)
    with house.database.reader() as db:
        [clinic] = people.all_clinics(db)
        source = people.find_source_named(db, clinic.id, "ehr")
    assert source is not None
    body = json.dumps(completed(ended_at=now.isoformat()) | {"occurred_at": now.isoformat()}).encode()
    accept_event(database=house.database, schedules=house.schedules, source=source, body=body, now=now)
    text = IncomingText(sid=sid, sender="+12125550177", to="", body="line one\nline ñ two", media_count=0)
    keep_replies(house.database, [text], now=now)
    house.close()


# As a process ----------------------------------------------------------------------------------------------


def test_a_preview_answers_at_once(tmp_path: Path) -> None:
    """1.5 s is what somebody waits for gladly; four times that here, for a machine that is busy with other tests."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *PREVIEW, "--json"],
        cwd=tmp_path,
        env={"FOLLOWUP_SCHEDULES": str(ROOT / "schedules"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert time.monotonic() - began < 6
    assert len(json.loads(done.stdout)) > 10
    assert done.stderr == ""


def test_an_export_ends_quietly_when_its_reader_has_enough(riverside: Terminal, tmp_path: Path) -> None:
    """As in `export | head -1`: here the reader has gone before the first line."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "export"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("FOLLOWUP_")},
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )
    os.close(write)

    assert done.stderr == ""
    assert done.returncode == 1
