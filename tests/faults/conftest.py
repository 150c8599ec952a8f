"""Services that die: each test has an installation of its own, and whatever is left of it is killed at the end."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.victim import ROOT
from tests.journeys.conftest import make_service, set_up_once, twilio, twilio_settings
from tests.journeys.service import Service
from tests.twilio_server import TwilioServer

__all__ = ["make_service", "set_up_once", "twilio"]

QUICK = {"UNCERTAIN_QUIET_SECONDS": "0.5", "LEASE_SECONDS": "2", "TWILIO_MESSAGES_PER_SECOND": "1000"}
"""The list of the server has no lag here, so that a short quiet period is long enough."""


@pytest.fixture
def service(make_service: Callable[..., Service], twilio: TwilioServer) -> Service:
    """Riverside Clinic, not started, in front of `twilio`."""
    return make_service(**(twilio_settings(twilio) | QUICK))


@pytest.fixture
def as_victim(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Service]]:
    """The same service, which gives itself this signal at that point."""

    def turn(point: str, signal_name: str = "SIGKILL") -> Service:
        service.program = (str(ROOT / "tests" / "faults" / "victim.py"),)
        monkeypatch.setenv("VICTIM_POINT", point)
        monkeypatch.setenv("VICTIM_MARK", str(tmp_path / "mark"))
        monkeypatch.setenv("VICTIM_SIGNAL", signal_name)
        return service

    yield turn
    if service.process is not None:
        service.kill()  # A stopped process does not answer SIGTERM.
