"""The native door: record systems post events, and ask what became of them."""

import json
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import standardwebhooks
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from followup import clock
from followup.flow import set_up
from followup.flow.accept_event import PICK_UP_AFTER, TRIES, work_waiting_events
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store.database import Database
from followup.store.tables import CareSession, Event, Message, Patient
from tests.people import NOW
from tests.web.doors import KEY, METRICS_KEY, PROBLEM, Doors, about_maria, completed, open_doors

EVENTS = "/api/v1/events"
STRANGERS_ANSWER = {
    "type": "about:blank",
    "title": "Unauthorized",
    "status": 401,
    "detail": "Unknown key or signature",
}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors() as made:
        yield made


@pytest.fixture(scope="module")
def untouched() -> Iterator[Doors]:
    """One site for everything that is refused: after all of it nothing is kept."""
    with open_doors() as made:
        yield made
        for table in (Event, Patient, CareSession, Message):
            assert made.rows(table) == []


@pytest.fixture(scope="module")
def busy() -> Iterator[Doors]:
    """One site for many odd events: they share patients, sessions and ids on purpose."""
    with open_doors() as made:
        yield made


def without(event: dict[str, Any], *path: str) -> dict[str, Any]:
    """The same event with one field missing."""
    copy = deepcopy(event)
    inner = copy
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return copy


def pointers(answer: httpx.Response) -> list[str]:
    return [error["pointer"] for error in problem_of(answer)["errors"]]


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """The body of a problem+json answer, with the members of RFC 9457."""
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


# What is taken ------------------------------------------------------------------------------------------


def test_a_completed_session_is_accepted_and_planned(doors: Doors) -> None:
    answer = doors.post_event(completed())

    assert answer.status_code == 202
    assert answer.json() == {
        "event_id": "e-1",
        "status": "accepted",
        "reason": None,
        "warnings": [],
        "session": {"id": "s-1", "scheduled": 3, "first_at": "2026-11-24T17:22:00Z"},
    }
    assert answer.headers["x-event-id"] == "e-1"
    assert doors.woken == 1


def test_the_same_event_again_is_a_duplicate_and_changes_nothing(doors: Doors) -> None:
    first = doors.post_event(completed()).json()
    planned = {m.id for m in doors.rows(Message)}

    reordered = json.dumps(dict(reversed(completed().items())), indent=3)
    for body in (json.dumps(completed()), reordered):
        again = doors.post(body)
        assert again.status_code == 202
        assert again.json() == {**first, "status": "duplicate"}

    assert {m.id for m in doors.rows(Message)} == planned
    assert len(doors.rows(Event)) == 1


def test_the_same_id_with_another_body_is_refused(doors: Doors) -> None:
    doors.post_event(completed())

    answer = doors.post_event(completed(number=2))

    assert answer.status_code == 422
    assert pointers(answer) == ["/id"]
    assert doors.rows(CareSession)[0].number == 1


def test_another_source_may_use_the_same_id(doors: Doors) -> None:
    doors.post_event(completed())

    assert doors.post_event(completed("s-2"), bearer=doors.keys.billing.bearer).json()["status"] == "accepted"
    assert doors.post_event(completed(), bearer=doors.keys.hillside.bearer).json()["status"] == "accepted"


def test_a_dry_run_says_the_same_and_keeps_nothing(doors: Doors) -> None:
    tried = doors.post_event(completed(), dry_run=True)

    assert tried.status_code == 200
    assert tried.headers["x-event-id"] == "e-1"
    for table in (Event, Patient, CareSession, Message):
        assert doors.rows(table) == []
    assert doors.woken == 0
    assert doors.post_event(completed()).json() == tried.json()


def test_a_dry_run_of_a_known_event_is_a_duplicate(doors: Doors) -> None:
    doors.post_event(completed())

    assert doors.post_event(completed(), dry_run=True).json()["status"] == "duplicate"
    assert doors.post_event(completed(number=2), dry_run=True).status_code == 422


@pytest.mark.parametrize("stated", ["granted", "revoked"])
def test_consent_that_contradicts_the_events_type_is_422(untouched: Doors, stated: str) -> None:
    type_ = "consent.revoked" if stated == "granted" else "consent.granted"

    answer = untouched.post_event(about_maria(type_, sms_consent={"status": stated}))

    assert answer.status_code == 422
    assert pointers(answer) == ["/data/sms_consent/status"]
    assert problem_of(answer)["errors"][0]["code"] == "contradiction"


def test_values_that_say_nothing_to_us_do_not_stop_an_event(doors: Doors) -> None:
    event = completed()
    event["data"]["reason"] = "discharged"
    event["data"]["patient"]["state"] = "New York"
    event["data"]["companion"] = {"name": "Alex", "consent": True}

    answer = doors.post_event(event)

    assert (answer.status_code, answer.json()["status"], answer.json()["session"]["scheduled"]) == (202, "accepted", 3)
    assert answer.json()["warnings"] == [
        "/data/reason: not one that is known; ignored",
        "/data/patient/state: not two letters; ignored",
    ]
    assert doors.rows(Patient)[0].state is None


@pytest.mark.parametrize("phone", ["x" * 101, "555-0100", "+1999", "call me", "0", "+441632960961 ext 4 or so", ""])
def test_an_invalid_phone_is_quarantined_and_the_session_kept(doors: Doors, phone: str) -> None:
    event = completed()
    event["data"]["patient"]["phone"] = phone

    answer = doors.post_event(event)

    assert answer.status_code == 202
    assert answer.json()["status"] == "quarantined"
    assert answer.json()["reason"].split(":")[0] in {"invalid_phone", "no_phone"}
    assert answer.json()["session"] == {"id": "s-1", "scheduled": 0, "first_at": None}
    assert doors.session()["session"]["ended_at"] == "2026-11-24T13:22:00Z"
    assert doors.rows(Patient)[0].phone is None


def test_an_unknown_kind_of_session_is_quarantined(doors: Doors) -> None:
    answer = doors.post_event(completed(kind="moon-walk"))

    assert answer.status_code == 202
    assert answer.json()["reason"].startswith("unmapped_kind: ")


def test_a_session_of_last_week_is_kept_and_nobody_is_texted(doors: Doors) -> None:
    answer = doors.post_event(completed(ended_at=(NOW - timedelta(days=7)).isoformat()))

    assert (answer.json()["status"], answer.json()["reason"].split(":")[0]) == ("ignored", "too_old")
    assert doors.find_event("e-1").json()["status"] == "ignored"


def test_fields_that_nobody_reads_are_named_in_warnings(doors: Doors) -> None:
    event = completed(room="4")
    event["data"]["patient"]["a/b~c"] = 1
    event["sent_by"] = {"deep": [1]}

    warnings = doors.post_event(event).json()["warnings"]

    assert warnings == [
        "/data/patient/a~1b~0c: not read",
        "/data/session/room: not read",
        "/sent_by: not read",
    ]
    assert doors.find_event("e-1").json()["warnings"] == warnings


def test_a_type_without_effect_yet_is_kept_and_says_so(doors: Doors) -> None:
    answer = doors.post_event(about_maria("patient.merged", merged_patient_id="p-2"))

    assert (answer.status_code, answer.json()["status"]) == (202, "ignored")
    assert answer.json()["reason"].startswith("not_yet_supported: ")


def test_a_text_may_hold_a_backslash_before_u0000(doors: Doors) -> None:
    event = completed(clinician="C:\\u0000.txt")

    assert doors.post_event(event).status_code == 202
    assert doors.rows(CareSession)[0].clinician == "C:\\u0000.txt"


def test_a_version_may_count_milliseconds(doors: Doors) -> None:
    answer = doors.post_event(completed() | {"version": 1_795_535_000_000})

    assert answer.json()["status"] == "accepted"


class BrokenSchedules(Schedules):
    """Every event that needs them fails, with a patient's words in the exception."""

    def for_kind(self, kind: str) -> LoadedSchedule | None:
        raise RuntimeError(f"no schedule for Maria Lopez and {kind}")


def test_an_event_that_cannot_be_worked_is_kept_and_ends_before_staff(doors: Doors) -> None:
    whole = doors.site.state.parts
    doors.site.state.parts = replace(whole, schedules=BrokenSchedules([]))

    answer = doors.post_event(completed())

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert answer.json()["reason"].startswith("not_yet_worked: ")
    assert doors.find_event("e-1").json()["status"] == "received"
    for _ in range(TRIES):
        work_waiting_events(database=doors.database, schedules=BrokenSchedules([]), now=NOW + PICK_UP_AFTER)
    found = doors.find_event("e-1").json()
    assert (found["status"], found["reason"]) == ("quarantined", "not_worked: RuntimeError")


def test_an_event_that_could_not_be_worked_at_first_is_worked_later(doors: Doors) -> None:
    whole = doors.site.state.parts
    doors.site.state.parts = replace(whole, schedules=BrokenSchedules([]))
    doors.post_event(completed())

    work_waiting_events(database=doors.database, schedules=whole.schedules, now=NOW + PICK_UP_AFTER)

    assert doors.find_event("e-1").json()["status"] == "accepted"
    assert len(doors.session()["messages"]) == 3


def test_an_event_that_cannot_be_kept_is_503_and_says_when_to_come_back(doors: Doors) -> None:
    without_tables = Database("sqlite://")
    doors.site.state.parts = replace(doors.site.state.parts, database=without_tables)

    answer = doors.post_event(completed())
    without_tables.close()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    problem_of(answer)


# What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"{",
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"id": "\xe9"}',
        b'{"id": "\\ud800"}',
        b'{"id": "a\\u0000b"}',
        b'{"id": "a\\\\\\u0000b"}',
        b'{"version": ' + b"9" * 5000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"a":' * 300 + b"1" + b"}" * 300,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_json_is_400(untouched: Doors, body: bytes) -> None:
    answer = untouched.post(body)

    assert answer.status_code == 400
    assert problem_of(answer)["detail"].startswith("Not JSON")


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (("id",), "/id"),
        (("type",), "/type"),
        (("occurred_at",), "/occurred_at"),
        (("data",), "/data/patient/id"),
        (("data", "patient"), "/data/patient/id"),
        (("data", "patient", "id"), "/data/patient/id"),
        (("data", "session"), "/data/session/id"),
        (("data", "session", "id"), "/data/session/id"),
    ],
)
def test_a_missing_field_is_422_with_its_pointer(untouched: Doors, path: tuple[str, ...], pointer: str) -> None:
    answer = untouched.post_event(without(completed(), *path))

    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert problem_of(answer)["errors"][0]["code"] == "missing"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "x" * 201),
        ("id", 7),
        ("id", None),
        ("type", "session.exploded"),
        ("version", -1),
        ("version", 2**63),
        ("version", "3"),
        ("version", 1.5),
        ("version", True),
        ("occurred_at", "2026-11-24T10:00:00"),
        ("occurred_at", "2026-11-24"),
        ("occurred_at", "yesterday"),
        ("occurred_at", 1_795_535_000),
        ("occurred_at", "2026-02-30T10:00:00Z"),
        ("occurred_at", "2026-11-24T10:00:00+99:00"),
        ("occurred_at", "0001-01-01T00:00:00+14:00"),
        ("occurred_at", "9999-12-31T23:59:59-14:00"),
        ("occurred_at", "٢٠٢٦-11-24T10:00:00Z"),
        ("data", []),
        ("data", "p-1"),
        ("data", None),
    ],
)
def test_a_field_of_the_wrong_form_is_422_with_its_pointer(untouched: Doors, field: str, value: object) -> None:
    answer = untouched.post_event(completed() | {field: value})

    assert answer.status_code == 422
    assert pointers(answer) == [f"/{field}"]


@pytest.mark.parametrize("body", ["[]", "null", "7", '"hello"', "[[[]]]"])
def test_json_that_is_no_object_is_422_with_the_pointer_to_all_of_it(untouched: Doors, body: str) -> None:
    answer = untouched.post(body)

    assert answer.status_code == 422
    assert pointers(answer) == [""]


@pytest.mark.parametrize("field", ["started_at", "ended_at"])
@pytest.mark.parametrize("naive", ["2026-11-24T08:00:00", "2026-11-24 08:00", "2026-11-24T08:00:00.5"])
def test_a_time_without_offset_is_422(untouched: Doors, field: str, naive: str) -> None:
    answer = untouched.post_event(completed(**{field: naive}))

    assert answer.status_code == 422
    assert pointers(answer) == [f"/data/session/{field}"]


def test_an_end_more_than_15_minutes_ahead_is_422(doors: Doors) -> None:
    ahead = NOW + timedelta(minutes=15, seconds=1)

    answer = doors.post_event(completed(ended_at=ahead.isoformat()))

    assert answer.status_code == 422
    assert pointers(answer) == ["/data/session/ended_at"]
    assert doors.post_event(completed(ended_at=(NOW + timedelta(minutes=15)).isoformat())).status_code == 202


@pytest.mark.parametrize("content_type", [None, "text/plain", "text/json", "application/x-www-form-urlencoded", "x"])
def test_another_content_type_is_415(untouched: Doors, content_type: str | None) -> None:
    answer = untouched.post(json.dumps(completed()), content_type=content_type)

    assert answer.status_code == 415
    problem_of(answer)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json "])
def test_json_is_taken_however_its_type_is_written(doors: Doors, content_type: str) -> None:
    assert doors.post(json.dumps(completed()), content_type=content_type).status_code == 202


def test_what_only_begins_like_json_is_another_content_type(untouched: Doors) -> None:
    assert untouched.post(json.dumps(completed()), content_type="application/jsonlines").status_code == 415


def test_more_than_64_kb_is_413_whether_its_length_is_said_or_not(untouched: Doors) -> None:
    too_much = json.dumps(completed() | {"padding": "x" * 65_536}).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(too_much), 1000):
            yield too_much[start : start + 1000]

    for body in (too_much, in_pieces()):
        answer = untouched.post(body)  # pyright: ignore[reportArgumentType] - httpx takes pieces too.
        assert answer.status_code == 413
        problem_of(answer)


def test_64_kb_in_pieces_are_taken(doors: Doors) -> None:
    event = json.dumps(completed())
    whole = (event + " " * (65_536 - len(event))).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), 4096):
            yield whole[start : start + 4096]

    assert doors.post(in_pieces()).status_code == 202  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("value", ["perhaps", "", "2"])
def test_a_dry_run_that_is_neither_true_nor_false_is_422_and_nothing_is_kept(untouched: Doors, value: str) -> None:
    answer = untouched.post(json.dumps(completed()), path=f"{EVENTS}?dry_run={value}")

    assert answer.status_code == 422
    assert pointers(answer) == ["/query/dry_run"]


# Who is asking ------------------------------------------------------------------------------------------


def is_a_stranger(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 401
        and answer.headers["www-authenticate"] == "Bearer"
        and problem_of(answer) == STRANGERS_ANSWER
    )


def test_every_wrong_key_gets_the_same_answer(untouched: Doors) -> None:
    good = f"Bearer {untouched.keys.ehr.bearer}"
    wrong = [
        "Bearer wrong",
        "Bearer",
        "Bearer ",
        "",
        untouched.keys.ehr.bearer,
        f"Basic {untouched.keys.ehr.bearer}",
        f"Token {untouched.keys.ehr.bearer}",
        good[:-1],
        good + "x",
        good.upper(),
        f"Bearer {METRICS_KEY}",
        f"Bearer {untouched.keys.ehr.signing_secret}",
        "Bearer \xe9",
        "Bearer ' OR 1=1 --",
    ]
    for header in wrong:
        headers = {"Authorization": header.encode("latin-1"), "Content-Type": "application/json"}
        assert is_a_stranger(untouched.request("POST", EVENTS, content=b"{}", headers=headers)), header
    assert is_a_stranger(untouched.post("{}", bearer=None))


def test_the_scheme_may_be_written_in_any_case(doors: Doors) -> None:
    answer = doors.post(json.dumps(completed()), headers={"Authorization": f"bEARER {doors.keys.ehr.bearer}"})

    assert answer.status_code == 202


@pytest.mark.parametrize("kind", ["fhir", "hl7v2"])
def test_a_key_of_another_door_posts_nothing_here_whatever_it_posts(doors: Doors, kind: str) -> None:
    made = {"database": doors.database, "name": kind, "clinic": "riverside-clinic", "keys": (KEY,), "now": NOW}
    key = set_up.add_source(kind=kind, **made).bearer

    for options in ({}, {"content_type": "text/plain"}, {"path": f"{EVENTS}?dry_run=perhaps"}):
        answer = doors.post(json.dumps(completed()), bearer=key, **options)
        assert answer.status_code == 403
        assert kind in problem_of(answer)["detail"]
    assert doors.rows(Event) == []
    doors.post_event(completed())
    assert doors.get("/api/v1/sessions/s-1", bearer=key).status_code == 200
    assert doors.get(EVENTS, bearer=key).json() == {"events": []}


def test_a_stranger_never_learns_what_is_wrong_with_the_request(doors: Doors) -> None:
    doors.post_event(completed())
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", EVENTS, {"content": b"not json", "headers": {"Content-Type": "application/json"}}),
        ("POST", EVENTS, {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
        ("POST", EVENTS, {}),
        ("POST", f"{EVENTS}?dry_run=perhaps", {"json": completed()}),
        ("GET", EVENTS, {}),
        ("GET", f"{EVENTS}?status=quarantined", {}),
        ("GET", f"{EVENTS}/e-1", {}),
        ("GET", f"{EVENTS}/none", {}),
        ("GET", "/api/v1/sessions/s-1", {}),
        ("GET", "/api/v1/sessions/none", {}),
    ]
    for method, path, options in asked:
        assert is_a_stranger(doors.request(method, path, **options)), path


def signed(doors: Doors, body: str, *, secret: str | None = None) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0, for this moment: the library asks the real clock."""
    now = clock.now()
    made = standardwebhooks.Webhook(secret or doors.keys.ehr.signing_secret).sign("msg_1", now, body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": made}


def test_a_right_signature_beside_the_right_key_is_accepted(doors: Doors) -> None:
    body = json.dumps(completed())

    assert doors.post(body, headers=signed(doors, body)).status_code == 202


def test_a_wrong_signature_beside_the_right_key_is_a_stranger(untouched: Doors) -> None:
    body = json.dumps(completed())
    right = signed(untouched, body)
    other_secret = "whsec_" + "A" * 43 + "="
    wrong = [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": right["webhook-signature"]},
        {"webhook-id": "msg_1"},
        {**right, "webhook-signature": ""},
        {**right, "webhook-signature": "v2" + right["webhook-signature"][2:]},
        {**right, "webhook-signature": "junk"},
        {**right, "webhook-timestamp": "junk"},
        {**right, "webhook-timestamp": "9" * 40},
        {**right, "webhook-timestamp": str(int(right["webhook-timestamp"]) - 3600)},
        {**right, "webhook-id": "msg_2"},
        signed(untouched, body + " "),
        signed(untouched, body, secret=other_secret),
    ]
    for headers in wrong:
        assert is_a_stranger(untouched.post(body, headers=headers)), headers
    assert is_a_stranger(untouched.post(body, bearer="wrong", headers=right))


# What became of it --------------------------------------------------------------------------------------


def test_an_event_is_found_by_its_own_id_whatever_became_of_it(doors: Doors) -> None:
    doors.post_event(completed())
    doors.post_event(completed("s-2", event_id="e-2", kind="moon-walk"))

    assert doors.find_event("e-1").json() == {
        "id": "e-1",
        "type": "session.completed",
        "status": "accepted",
        "reason": None,
        "received_at": "2026-11-24T15:22:00Z",
        "warnings": [],
    }
    assert doors.find_event("e-2").json()["status"] == "quarantined"


def test_events_are_listed_newest_first_by_status(doors: Doors) -> None:
    for number, kind in enumerate(["ketamine-iv", "moon-walk", "moon-walk"]):
        doors.now = NOW + timedelta(minutes=number)
        doors.post_event(completed(f"s-{number}", event_id=f"e-{number}", kind=kind))

    def listed(query: str) -> list[str]:
        return [event["id"] for event in doors.get(EVENTS + query).json()["events"]]

    assert listed("") == ["e-2", "e-1", "e-0"]
    assert listed("?status=quarantined") == ["e-2", "e-1"]
    assert listed("?status=none-such") == []
    assert listed("?before=e-2") == ["e-1", "e-0"]
    assert listed("?status=quarantined&before=e-2") == ["e-1"]
    assert listed("?before=e-0") == []


def test_more_events_than_a_page_holds_are_listed_to_the_end(doors: Doors) -> None:
    """All of the same instant: each is listed once."""
    merged = [about_maria("patient.merged", event_id=f"e/{n}", merged_patient_id="p-2") for n in range(201)]
    sent = {doors.post_event(event).json()["event_id"] for event in merged}

    first = doors.get(EVENTS + "?status=ignored").json()
    second = doors.get(EVENTS, params={"status": "ignored", "before": first["next"]}).json()

    assert (len(first["events"]), len(second["events"])) == (200, 1)
    assert "next" not in second
    assert {event["id"] for page in (first, second) for event in page["events"]} == sent


def test_a_page_before_an_event_that_nobody_knows_is_422(doors: Doors) -> None:
    doors.post_event(completed())

    for unknown in ("none", "%00", "", "x" * 201):
        answer = doors.get(f"{EVENTS}?before={unknown}")
        assert (answer.status_code, pointers(answer)) == (422, ["/query/before"])
    foreign = doors.get(f"{EVENTS}?before=e-1", bearer=doors.keys.billing.bearer)
    assert foreign.status_code == 422


ODD_IDS = [
    "a/b/c",
    "/",
    "//",
    "a,b",
    "a b",
    " a ",
    " ",
    "a%2Fb",
    "%",
    "a?b=c#d",
    "zwölf-ñ-日本-🙂",
    "line\nbreak",
    "ends with a line\n",
    "\n",
    "\r\nX-Injected: yes",
    "\t\x01\x7f\x85\u2028",
    "../../etc",
    "..",
    "<script>",
    '"; DROP TABLE event; --',
    "e\u0301",
    "x" * 200,
    "ñ" * 200,
]


@pytest.mark.parametrize("event_id", ODD_IDS, ids=ascii)
def test_any_id_is_safe_in_the_header_and_found_again(busy: Doors, event_id: str) -> None:
    answer = busy.post_event(completed(event_id=event_id))

    assert answer.status_code == 202
    header = answer.headers["x-event-id"]
    assert unquote(header) == event_id
    assert header.isascii()
    assert header.isprintable()
    assert header.strip() == header
    assert "," not in header
    assert "x-injected" not in answer.headers
    assert busy.find_event(event_id).json()["id"] == event_id


def test_an_id_is_not_found_by_a_part_of_it(doors: Doors) -> None:
    doors.post_event(completed(event_id="e-1"))

    for other in ("e-1\n", "e-1 ", "e-1/", "E-1", "e-", "e-1,", "e_1", "e-%"):
        assert doors.find_event(other).status_code == 404, other


def test_what_no_id_or_status_can_hold_is_asked_of_no_database(doors: Doors) -> None:
    """PostgreSQL fails at a NUL where SQLite finds nothing."""
    assert doors.get(f"{EVENTS}/a%00b").status_code == 404
    assert doors.get("/api/v1/sessions/%00").status_code == 404
    assert doors.get(f"{EVENTS}?status=%00").status_code == 422


def test_what_another_source_or_clinic_sent_does_not_exist(doors: Doors) -> None:
    doors.post_event(completed(kind="moon-walk"))

    for other in (doors.keys.billing.bearer, doors.keys.hillside.bearer):
        missing = doors.find_event("e-1", bearer=other)
        assert missing.status_code == 404
        assert problem_of(missing) == problem_of(doors.find_event("none", bearer=other))
        assert doors.get(EVENTS, bearer=other).json() == {"events": []}


def test_an_unknown_path_or_method_of_the_api_is_a_problem_too(untouched: Doors) -> None:
    assert problem_of(untouched.get("/api/v1/nothing"))["status"] == 404
    assert problem_of(untouched.get("/api/"))["status"] == 404
    assert problem_of(untouched.request("DELETE", EVENTS))["status"] == 405
    assert problem_of(untouched.request("PUT", f"{EVENTS}/e-1"))["status"] == 405


# Anything at all ----------------------------------------------------------------------------------------


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "p-1",
            "s-1",
            "session.completed",
            "granted",
            "revoked",
            "ketamine-iv",
            "America/New_York",
            "../etc/passwd",
            "UTC",
            "(212) 555-0142",
            "+12125550143",
            "en",
            "es",
            "no_show",
            "2026-11-24T10:00:00-05:00",
            "2026-11-24T10:00:00",
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "9999-12-31T23:59:59Z",
            "2026-12-01T10:00:00+23:59",
            "\x00",
            "x" * 300,
        ]
    ),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    ("id",),
    ("type",),
    ("occurred_at",),
    ("version",),
    ("data",),
    ("data", "patient"),
    ("data", "patient", "id"),
    ("data", "patient", "given_name"),
    ("data", "patient", "phone"),
    ("data", "patient", "time_zone"),
    ("data", "patient", "language"),
    ("data", "patient", "state"),
    ("data", "patient", "birth_date"),
    ("data", "session"),
    ("data", "session", "id"),
    ("data", "session", "kind"),
    ("data", "session", "started_at"),
    ("data", "session", "ended_at"),
    ("data", "session", "number"),
    ("data", "sms_consent"),
    ("data", "sms_consent", "recorded_at"),
    ("data", "next_appointment"),
    ("data", "next_appointment", "starts_at"),
    ("data", "appointment"),
    ("data", "reason"),
    ("data", "extra"),
]
TYPES = ["session.completed", "session.cancelled", "consent.granted", "consent.revoked", "patient.deceased"]


@st.composite
def odd_events(draw: st.DrawFn) -> Any:
    """An event with up to three things changed to anything."""
    event = completed(draw(st.sampled_from(["s-1", "s-2", "s-3"])))
    event["type"] = draw(st.sampled_from(TYPES))
    event["id"] = draw(st.sampled_from(["e-1", "e-2"]) | st.text(min_size=1, max_size=10))
    event["data"]["next_appointment"] = {"id": "ap-1", "starts_at": "2026-12-01T10:00:00-05:00"}
    for *path, name in draw(st.lists(st.sampled_from(PLACES), max_size=3)):
        inner: Any = event
        for step in path:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner[name] = draw(ANYTHING)
    return event


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(event=odd_events(), dry_run=st.booleans())
@example(event=completed() | {"version": 2**70}, dry_run=True)
@example(event=completed() | {"occurred_at": "0001-01-01T00:00:00+14:00"}, dry_run=True)
@example(event=completed() | {"occurred_at": "9999-12-31T23:59:59-14:00"}, dry_run=False)
def test_whatever_an_event_holds_it_is_answered_and_what_was_taken_is_found(
    busy: Doors, event: Any, dry_run: bool
) -> None:
    answer = busy.post_event(event, dry_run=dry_run)

    assert answer.status_code in ({200, 400, 422} if dry_run else {202, 400, 422}), answer.text
    if answer.status_code >= 400:
        problem_of(answer)
        return
    assert answer.json()["status"] in {"accepted", "duplicate", "ignored", "quarantined"}
    if not dry_run:
        found = busy.find_event(answer.json()["event_id"])
        assert found.status_code == 200
        assert found.json()["status"] in {"accepted", "ignored", "quarantined"}
        if session := answer.json()["session"]:
            assert busy.session(session["id"])["session"]["id"] == session["id"]


HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Authorization",
            "Content-Type",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
            "Cookie",
            "Accept",
            "X-Forwarded-For",
            "Transfer-Encoding",
            "Content-Length",
        ]
    ),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=30),
    max_size=4,
)


@FUZZ
@given(
    body=st.binary(max_size=200) | st.builds(json.dumps, ANYTHING).map(str.encode),
    headers=HEADERS,
    query=st.text(max_size=20),
    method=st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "PATCH"]),
)
@example(body=b"{}", headers={"Content-Length": "\xb2"}, query="", method="POST")
def test_whatever_bytes_and_headers_come_the_answer_is_never_a_failure(
    busy: Doors, body: bytes, headers: dict[str, str], query: str, method: str
) -> None:
    sent = {"Authorization": f"Bearer {busy.keys.ehr.bearer}", "Content-Type": "application/json"} | headers
    answer = busy.request(
        method,
        EVENTS,
        params={"status": query, "dry_run": query},
        content=body,
        headers={name: value.encode("latin-1") for name, value in sent.items()},
    )

    assert answer.status_code < 500
    if answer.status_code >= 400 and method != "HEAD":
        problem_of(answer)
