"""Whether the service lives, whether it can work, and who may look inside."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from followup.carriers.pretend import PretendCarrier
from followup.flow.note_run import note_run
from followup.store.database import Database
from followup.web.health import LATE_AFTER
from tests import people
from tests.people import NOW
from tests.web.doors import METRICS_KEY, PHONE, PROBLEM, Doors, completed, open_doors

INSIDE = ["/metrics", "/openapi.json", "/docs"]


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors() as made:
        yield made


def tick(doors: Doors, *, good: bool = True, job: str = "send") -> None:
    note_run(database=doors.database, name=job, good=good, now=doors.now)


def readiness(doors: Doors) -> tuple[int, dict[str, Any]]:
    """As anybody sees it, without a key."""
    answer = doors.get("/readyz", bearer=None)
    assert answer.json()["ready"] == (answer.status_code == 200)
    return answer.status_code, answer.json()["checks"]


ALL_WELL = {"database": True, "migrations": True, "sender": True}


def test_the_process_says_that_it_lives_to_anybody(doors: Doors) -> None:
    answer = doors.get("/healthz", bearer=None)

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_the_process_lives_while_its_database_does_not(doors: Doors) -> None:
    parts = doors.site.state.parts
    doors.site.state.parts = replace(parts, database=None)

    assert doors.get("/healthz", bearer=None).status_code == 200


def test_it_is_ready_after_the_sender_ticked(doors: Doors) -> None:
    tick(doors)

    assert readiness(doors) == (200, ALL_WELL)


def test_it_is_not_ready_before_the_sender_ever_ticked(doors: Doors) -> None:
    tick(doors, job="read")
    tick(doors, good=False)

    assert readiness(doors) == (503, ALL_WELL | {"sender": False})


def test_it_is_not_ready_while_the_sender_is_late(doors: Doors) -> None:
    tick(doors)
    doors.now = NOW + LATE_AFTER - timedelta(seconds=1)
    assert readiness(doors)[0] == 200

    doors.now = NOW + LATE_AFTER

    assert readiness(doors) == (503, ALL_WELL | {"sender": False})


def test_runs_that_fail_do_not_count_as_ticks(doors: Doors) -> None:
    tick(doors)
    doors.now = NOW + LATE_AFTER
    tick(doors, good=False)

    assert readiness(doors)[0] == 503


def test_it_is_not_ready_while_migrations_are_behind(doors: Doors) -> None:
    empty = Database("sqlite://")
    doors.site.state.parts = replace(doors.site.state.parts, database=empty)

    code, checks = readiness(doors)
    empty.close()

    assert code == 503
    assert not checks["migrations"]


def test_it_is_not_ready_while_the_database_does_not_answer(doors: Doors) -> None:
    class Gone(Database):
        def __init__(self) -> None:
            """Nothing is open."""

    doors.site.state.parts = replace(doors.site.state.parts, database=Gone())

    assert readiness(doors) == (503, {"database": False, "migrations": False, "sender": False})


@pytest.mark.parametrize("path", INSIDE)
def test_strangers_do_not_see_inside(doors: Doors, path: str) -> None:
    for header in (None, "Bearer wrong", f"Basic {METRICS_KEY}", METRICS_KEY, "Bearer ", ""):
        headers = {} if header is None else {"Authorization": header}
        answer = doors.request("GET", path, headers=headers)
        assert answer.status_code == 401, header
        assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("path", INSIDE)
def test_the_metrics_key_or_a_sources_key_opens_it(doors: Doors, path: str) -> None:
    for key in (METRICS_KEY, doors.keys.ehr.bearer):
        assert doors.get(path, bearer=key).status_code == 200
    assert doors.request("GET", path, headers={"Authorization": f"bearer {METRICS_KEY}"}).status_code == 200


@pytest.mark.parametrize("path", INSIDE)
def test_without_a_metrics_key_an_empty_one_opens_nothing(doors: Doors, path: str) -> None:
    for unset in (None, ""):
        doors.site.state.parts = replace(doors.site.state.parts, metrics_key=unset)
        for header in ("Bearer ", "Bearer None", "Bearer"):
            assert doors.request("GET", path, headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize("path", INSIDE)
def test_whoever_is_signed_in_may_look(path: str) -> None:
    house = people.house()
    try:
        assert people.client(house, house.ana).get(path).status_code == 200
        assert people.client(house).get(path).status_code == 401
    finally:
        house.close()


def test_the_metrics_count_and_name_nobody(doors: Doors) -> None:
    doors.post_event(completed())
    doors.now = NOW + timedelta(hours=2)
    doors.send()
    assert isinstance(doors.carrier, PretendCarrier)
    doors.keep([doors.carrier.write(sender=PHONE, to="", body="dizzy and sad")])
    doors.read_replies()

    shown = doors.get("/metrics", bearer=METRICS_KEY).text

    assert 'followup_messages{status="accepted"} 1.0' in shown
    assert 'followup_attempts{cause="",outcome="accepted"} 1.0' in shown
    assert 'followup_events{status="accepted"} 1.0' in shown
    assert 'followup_replies{state="read"} 1.0' in shown
    assert 'followup_open_cases{level="concern"} 1.0' in shown
    for secret in ("Maria", "Lopez", PHONE, PHONE[2:], "5550142", "dizzy", "Riverside", "riverside", "s-1", "e-1"):
        assert secret not in shown


def test_every_door_of_the_contract_is_described(doors: Doors) -> None:
    paths = doors.get("/openapi.json").json()["paths"]
    docs = doors.get("/docs").text

    for path in ("/api/v1/events", "/api/v1/events/{event_id}", "/api/v1/sessions/{session_id}", "/healthz", "/readyz"):
        assert path in paths
        assert path in docs
