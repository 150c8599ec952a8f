"""The real process, started the way an operator does, and talked to over HTTP only."""

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20.0
PAUSE_SECONDS = 0.02
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
PASSWORD = "a long pass phrase"


@dataclass
class Service:
    """One installation in a folder of its own. `settings` are FOLLOWUP_* without the prefix."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[str] | None = None
    bearer: str = ""
    open_browsers: list[httpx.Client] = field(default_factory=list)
    program: tuple[str, ...] = (str(ROOT / "main.py"),)
    """What is run to serve; tests/faults has a main of its own."""

    def __post_init__(self) -> None:
        self.port = self.port or _free_port()
        self.settings = {
            "DATABASE_URL": f"sqlite:///{self.folder}/aftercare.db",
            "SECRET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "SCHEDULES": str(ROOT / "schedules"),
            "PUBLIC_URL": self.url,
            **self.settings,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FOLLOWUP_")}
        return clean | {f"FOLLOWUP_{name}": value for name, value in self.settings.items()}

    def command(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        """What a command prints; it must end with that code."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *arguments],
            env=self.environment,
            cwd=self.folder,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def start(self, *options: str) -> "Service":
        """`serve`, until it is ready."""
        self.begin("serve", "--port", str(self.port), *options)
        wait_for(self.is_ready, "the service to be ready")
        return self

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """This command, without waiting for anything."""
        with (self.folder / "service.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.program, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                text=True,
            )
        return self.process

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        try:
            return _get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> float:
        """SIGTERM, by its own process id; how many seconds it took."""
        while self.open_browsers:
            self.open_browsers.pop().close()
        if self.process is None:
            return 0.0
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)
        self.process = None
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=15)
        self.process = None

    def log(self) -> str:
        return (self.folder / "service.log").read_text()

    # What people and systems do ----------------------------------------------------------------------

    def set_up(self, *, zone: str) -> "Service":
        """A clinic, an admin who can sign in, a record system; and it goes live."""
        self.command("add-clinic", "Riverside Clinic", "--zone", zone, "--phone", "(212) 555-0100")
        who = ("add-staff", "ana@example.org", "--name", "Ana Ruiz", "--role", "admin", "--password-stdin")
        self.command(*who, typed=PASSWORD + "\n")
        self.bearer = json.loads(self.command("add-source", "ehr"))["bearer"]
        self.command("go-live", "--by", "ana@example.org", "--without-rota")
        return self

    def copy_into(self, folder: Path, **settings: str) -> "Service":
        """The same installation in another folder, on a port of its own; this one must not run."""
        shutil.copy(self.folder / "aftercare.db", folder)
        keys = {"SECRET_KEYS": self.settings["SECRET_KEYS"]}
        return Service(folder, keys | settings, bearer=self.bearer)

    def figure(self, name: str) -> float:
        """A line of /metrics, such as `followup_replies{state="read"}`; 0 where there is none."""
        lines = _get(f"{self.url}/metrics", headers=self._key()).text.splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)

    def post_event(self, event: dict[str, Any]) -> httpx.Response:
        return httpx.post(f"{self.url}/api/v1/events", json=event, headers=self._key())

    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"}

    def session(self, session_id: str) -> dict[str, Any]:
        answer = _get(f"{self.url}/api/v1/sessions/{session_id}", headers=self._key())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def browser(self) -> httpx.Client:
        """Signed in as Ana."""
        browser = httpx.Client(base_url=self.url, headers=SAME_ORIGIN, follow_redirects=True)
        self.open_browsers.append(browser)
        answer = browser.post("/sign-in", data={"email": "ana@example.org", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return browser

    def export(self, table: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in self.command("export").splitlines()]
        return [row for row in rows if row["table"] == table]


def wait_for(holds: Callable[[], Any], what: str, *, patience: float = PATIENCE_SECONDS) -> Any:
    """What `holds` gives once it is true; fails after so many seconds.

    The process under test lives on a real clock, so this looks again and again; it asserts no duration.
    """
    give_up_at = time.monotonic() + patience
    pause = threading.Event()
    while time.monotonic() < give_up_at:
        found = holds()
        if found:
            return found
        pause.wait(PAUSE_SECONDS)
    raise AssertionError(f"waited {patience} s for {what}")


def _get(url: str, **more: Any) -> httpx.Response:
    """Without TLS to set up, which takes ten times as long as all the rest."""
    return httpx.get(url, verify=False, **more)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
