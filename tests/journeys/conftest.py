"""A service for each journey, stopped by its own process id whatever happens."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from followup.demonstration import midday_zone
from tests.journeys.service import Service
from tests.twilio_server import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, TwilioServer

PHONE = "+12125550142"


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Riverside Clinic, with Ana and a record system, where it is about midday; every journey gets a copy."""
    return Service(tmp_path_factory.mktemp("riverside")).set_up(zone=midday_zone(datetime.now(UTC)))


@pytest.fixture
def make_service(tmp_path: Path, set_up_once: Service) -> Iterator[Callable[..., Service]]:
    """Riverside Clinic with these settings; `is_set_up=False` for an empty installation."""
    made: list[Service] = []

    def make(*, is_set_up: bool = True, **settings: str) -> Service:
        made.append(set_up_once.copy_into(tmp_path, **settings) if is_set_up else Service(tmp_path, settings))
        return made[-1]

    yield make
    for service in made:
        service.stop()


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        yield server


def twilio_settings(server: TwilioServer) -> dict[str, str]:
    return {
        "CARRIER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "TWILIO_FROM": OUR_NUMBER,
        "TWILIO_API_URL": server.url,
        "TWILIO_MESSAGES_PER_SECOND": "50",
    }


def zone_now() -> str:
    """Where it is about midday: the texts of a session that ended four hours ago may leave."""
    return midday_zone(datetime.now(UTC))


def completed(session_id: str = "s-1", *, event_id: str = "e-1", phone: str = PHONE, **patient: Any) -> dict[str, Any]:
    """The event of a session that ended four hours ago: its same-day check-in is due."""
    ended_at = (datetime.now(ZoneInfo(zone_now())) - timedelta(hours=4)).replace(microsecond=0).isoformat()
    return {
        "id": event_id,
        "type": "session.completed",
        "occurred_at": ended_at,
        "data": {
            "patient": {"id": f"p-of-{session_id}", "given_name": "Maria", "family_name": "Lopez", "phone": phone}
            | patient,
            "session": {"id": session_id, "kind": "ketamine-iv", "ended_at": ended_at, "number": 1},
            "sms_consent": {"status": "granted"},
        },
    }
