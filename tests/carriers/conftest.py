"""A Twilio-shaped server and the real carrier in front of it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from followup.carriers.twilio import TwilioCarrier
from tests.twilio_server import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, TwilioServer

PUBLIC_URL = "https://clinic.example"


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        yield server


@pytest.fixture
def make_carrier(twilio: TwilioServer) -> Iterator[Callable[..., TwilioCarrier]]:
    """Carriers in front of the server, closed at the end; keywords replace the settings given here."""
    made: list[TwilioCarrier] = []

    def make(**other: Any) -> TwilioCarrier:
        usual = {
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "from_number": OUR_NUMBER,
            "public_url": PUBLIC_URL,
            "api_url": twilio.url,
            "total_timeout": timedelta(seconds=5),
        }
        made.append(TwilioCarrier(**(usual | other)))
        return made[-1]

    yield make
    for carrier in made:
        carrier.close()


@pytest.fixture
def carrier(make_carrier: Callable[..., TwilioCarrier]) -> TwilioCarrier:
    return make_carrier()
