"""The native event: what is wrong with it is said where it is wrong."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.ehr.native import DEEPEST, BadEvent, Event, Mistake, NotJson, meaning_hash, read_event

NOW = datetime(2026, 11, 20, 20, 5, tzinfo=UTC)
COMPLETED: dict[str, Any] = {
    "id": "evt-1",
    "type": "session.completed",
    "occurred_at": "2026-11-20T15:05:00-05:00",
    "version": 3,
    "data": {
        "patient": {
            "id": "p-77",
            "given_name": "Sam",
            "family_name": "Rivera",
            "phone": "(212) 555-0100",
            "phone_type": "mobile",
            "language": "en",
            "time_zone": "America/New_York",
            "birth_date": "1980-04-01",
        },
        "session": {
            "id": "enc-123",
            "kind": "ketamine-iv",
            "started_at": "2026-11-20T14:15:00-05:00",
            "ended_at": "2026-11-20T15:00:00-05:00",
            "number": 3,
            "series_length": 6,
            "phase": "induction",
            "location_id": "main",
            "clinician": "Dr Lee",
        },
        "companion": {"name": "Alex", "phone": "(212) 555-0101", "consent": True},
        "next_appointment": {"id": "ap-9", "starts_at": "2026-11-27T13:00:00-05:00"},
        "sms_consent": {"status": "granted", "recorded_at": "2026-11-01T10:00:00Z"},
    },
}
GONE = object()


def changed(pointer: str, value: object) -> dict[str, Any]:
    """The event with another value there, or without it."""
    event = copy.deepcopy(COMPLETED)
    *way, last = pointer.removeprefix("/").split("/")
    place = event
    for name in way:
        place = place[name]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return event


def read(event: object) -> tuple[Event, list[str]]:
    return read_event(json.dumps(event).encode(), now=NOW)


def mistakes(event: object) -> list[Mistake]:
    with pytest.raises(BadEvent) as caught:
        read(event)
    return caught.value.mistakes


def test_the_event_of_the_documentation_is_read_without_a_warning() -> None:
    event, warnings = read(COMPLETED)

    assert warnings == []
    assert event.id == "evt-1"
    assert event.data.session is not None
    assert event.data.session.ended_at == NOW - timedelta(minutes=5)
    assert event.data.companion is not None and event.data.companion.consent is True


WRONG = [
    pytest.param("/id", GONE, "missing", id="no id"),
    pytest.param("/id", "", "string_too_short", id="an empty id"),
    pytest.param("/id", "x" * 201, "string_too_long", id="an id of 201 characters"),
    pytest.param("/id", 7, "string_type", id="an id that is a number"),
    pytest.param("/type", GONE, "missing", id="no type"),
    pytest.param("/type", "session.dreamt", "literal_error", id="a type that nobody knows"),
    pytest.param("/occurred_at", GONE, "missing", id="no time"),
    pytest.param("/occurred_at", "2026-11-20T15:05:00", "value_error", id="a time without offset"),
    pytest.param("/occurred_at", "2026-11-20", "value_error", id="a day without time"),
    pytest.param("/occurred_at", "2026-11-20T15:05-05:00", "value_error", id="a time without seconds"),
    pytest.param("/occurred_at", 1_795_000_000, "value_error", id="a time as a number"),
    pytest.param("/occurred_at", None, "value_error", id="a time that is null"),
    pytest.param("/occurred_at", "2026-02-30T15:05:00Z", "datetime_from_date_parsing", id="a day that does not exist"),
    pytest.param(
        "/occurred_at", "2026-11-20T25:05:00Z", "datetime_from_date_parsing", id="an hour that does not exist"
    ),
    pytest.param("/occurred_at", "٢٠٢٦-11-20T15:05:00Z", "value_error", id="digits that are not ASCII"),
    pytest.param("/occurred_at", "0001-01-01T00:00:00Z", "value_error", id="year 1"),
    pytest.param("/occurred_at", "9999-12-31T23:59:59Z", "value_error", id="year 9999"),
    pytest.param("/version", -1, "greater_than_equal", id="a negative version"),
    pytest.param("/version", 2**63, "less_than", id="a version that no database holds"),
    pytest.param("/version", "3", "int_type", id="a version as a text"),
    pytest.param("/version", True, "int_type", id="a version that is true"),
    pytest.param("/data", None, "model_type", id="nothing in data"),
    pytest.param("/data/patient", "p-77", "model_type", id="a patient who is a text"),
    pytest.param("/data/patient/id", GONE, "missing", id="a patient without id"),
    pytest.param("/data/patient/id", None, "string_type", id="a patient whose id is null"),
    pytest.param("/data/patient/given_name", "x" * 201, "string_too_long", id="a very long name"),
    pytest.param("/data/patient/phone", 2_125_550_100, "string_type", id="a phone that is a number"),
    pytest.param("/data/patient/state", 36, "string_type", id="a state that is a number"),
    pytest.param("/data/patient/birth_date", "04/01/1980", "string_pattern_mismatch", id="an American birth date"),
    pytest.param("/data/session/id", GONE, "missing", id="a session without id"),
    pytest.param("/data/session/ended_at", "15:00", "value_error", id="an end without a day"),
    pytest.param("/data/session/ended_at", "2026-11-20T15:21:00-05:00", "in_the_future", id="an end 16 min ahead"),
    pytest.param("/data/session/number", 0, "greater_than_equal", id="session number nought"),
    pytest.param("/data/session/number", 3.0, "int_type", id="session number with a point"),
    pytest.param("/data/companion/consent", "yes", "bool_type", id="consent in words"),
    pytest.param("/data/next_appointment/id", GONE, "missing", id="a next visit without id"),
    pytest.param("/data/next_appointment/starts_at", GONE, "missing", id="a next visit without time"),
    pytest.param("/data/next_appointment/starts_at", None, "missing", id="a next visit whose time is null"),
    pytest.param("/data/sms_consent/status", "maybe", "literal_error", id="consent that is neither"),
    pytest.param("/data/sms_consent/status", GONE, "missing", id="consent without status"),
]


@pytest.mark.parametrize(("pointer", "value", "code"), WRONG)
def test_a_mistake_is_said_where_it_is(pointer: str, value: object, code: str) -> None:
    found = mistakes(changed(pointer, value))

    assert [(mistake.pointer, mistake.code) for mistake in found] == [(pointer, code)]
    assert found[0].detail


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        pytest.param("/data", "/data/patient/id", id="no data"),
        pytest.param("/data/patient", "/data/patient/id", id="no patient"),
        pytest.param("/data/session", "/data/session/id", id="no session"),
    ],
)
def test_what_is_missing_as_a_whole_is_said_at_its_id(pointer: str, said: str) -> None:
    assert [(m.pointer, m.code) for m in mistakes(changed(pointer, GONE))] == [(said, "missing")]


def test_a_session_that_is_null_is_missing() -> None:
    assert [m.pointer for m in mistakes(changed("/data/session", None))] == ["/data/session/id"]


def test_every_mistake_is_said_at_once() -> None:
    event: dict[str, Any] = changed("/data/session/number", "three") | {"id": "", "occurred_at": "yesterday"}

    assert {m.pointer for m in mistakes(event)} == {"/id", "/occurred_at", "/data/session/number"}


@pytest.mark.parametrize("given", [None, [], "event", 7, True, [COMPLETED]])
def test_json_that_is_no_object_is_no_event(given: object) -> None:
    assert [m.pointer for m in mistakes(given)] == [""]


def event_of(kind: str, **facts: object) -> dict[str, Any]:
    return {
        "id": "evt-2",
        "type": kind,
        "occurred_at": "2026-11-20T15:05:00-05:00",
        "data": {"patient": {"id": "p-77"}, **facts},
    }


VISIT = {"id": "ap-9", "starts_at": "2026-11-27T13:00:00-05:00"}
OF_TYPE = [
    pytest.param("session.completed", {}, "/data/session/id"),
    pytest.param("session.amended", {}, "/data/session/id"),
    pytest.param("session.cancelled", {}, "/data/session/id"),
    pytest.param("session.completed", {"session": {"id": "enc-1"}}, None),
    pytest.param("session.cancelled", {"session": {"id": "enc-1"}, "reason": "entered_in_error"}, None),
    pytest.param("session.cancelled", {"session": {"id": "enc-1"}, "reason": "rain"}, "/data/reason"),
    pytest.param("appointment.booked", {}, "/data/appointment/id"),
    pytest.param("appointment.moved", {"appointment": {"id": "ap-9"}}, "/data/appointment/starts_at"),
    pytest.param("appointment.booked", {"appointment": VISIT}, None),
    pytest.param("appointment.cancelled", {"appointment": {"id": "ap-9"}}, None),
    pytest.param("appointment.cancelled", {}, "/data/appointment/id"),
    pytest.param("patient.updated", {}, None),
    pytest.param("patient.deceased", {}, None),
    pytest.param("patient.merged", {}, "/data/merged_patient_id"),
    pytest.param("patient.merged", {"merged_patient_id": "p-78"}, None),
    pytest.param("consent.granted", {}, None),
    pytest.param("consent.revoked", {}, None),
    pytest.param("consent.granted", {"sms_consent": {"status": "granted"}}, None),
    pytest.param("consent.revoked", {"sms_consent": {"status": "revoked"}}, None),
    pytest.param("consent.granted", {"sms_consent": {"status": "revoked"}}, "/data/sms_consent/status"),
    pytest.param("consent.revoked", {"sms_consent": {"status": "granted"}}, "/data/sms_consent/status"),
    pytest.param("appointment.cancelled", {"appointment": {"id": "ap-9"}, "reason": "rain"}, "/data/reason"),
]


@pytest.mark.parametrize(("kind", "facts", "pointer"), OF_TYPE)
def test_each_type_needs_what_it_is_about(kind: str, facts: dict[str, Any], pointer: str | None) -> None:
    event = event_of(kind, **facts)

    if pointer is None:
        assert read(event)[0].type == kind
    else:
        assert [m.pointer for m in mistakes(event)] == [pointer]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T15:00:00-05:00",
        "2026-11-20T20:00:00Z",
        "2026-11-20t20:00:00z",
        "2026-11-20 20:00:00+00:00",
        "2026-11-21T01:45:00.000000+05:45",
    ],
)
def test_a_time_is_the_same_in_every_offset(written: str) -> None:
    session = read(changed("/data/session/ended_at", written))[0].data.session

    assert session is not None and session.ended_at == NOW - timedelta(minutes=5)


def test_a_clock_may_be_a_quarter_of_an_hour_ahead() -> None:
    session = read(changed("/data/session/ended_at", "2026-11-20T15:20:00-05:00"))[0].data.session

    assert session is not None and session.ended_at == NOW + timedelta(minutes=15)


def test_absent_means_no_change_and_null_means_clear() -> None:
    cleared = read(changed("/data/patient/phone", None))[0].data.patient
    unsaid = read(changed("/data/patient/phone", GONE))[0].data.patient

    assert (cleared.phone, "phone" in cleared.model_fields_set) == (None, True)
    assert (unsaid.phone, "phone" in unsaid.model_fields_set) == (None, False)


def test_a_next_visit_that_is_null_is_cleared() -> None:
    facts = read(changed("/data/next_appointment", None))[0].data

    assert (facts.next_appointment, "next_appointment" in facts.model_fields_set) == (None, True)


@pytest.mark.parametrize(
    ("pointer", "value", "warning"),
    [
        pytest.param("/priority", 1, "/priority: not read", id="outside"),
        pytest.param("/data/patient/email", "a@b.example", "/data/patient/email: not read", id="in the patient"),
        pytest.param("/data/session/dose", {"mg": 40}, "/data/session/dose: not read", id="a whole object"),
        pytest.param("/data/companion/~tilde", 1, "/data/companion/~0tilde: not read", id="a name with a tilde"),
    ],
)
def test_a_field_that_nobody_reads_is_warned_of(pointer: str, value: object, warning: str) -> None:
    assert read(changed(pointer, value))[1] == [warning]


def test_a_field_whose_name_has_a_slash_is_warned_of_in_one_step() -> None:
    assert read(COMPLETED | {"a/b": 1})[1] == ["/a~1b: not read"]


def test_a_warning_about_a_very_long_name_is_not_very_long() -> None:
    assert len(read(COMPLETED | {"x" * 10_000: 1})[1][0]) < 250


@pytest.mark.parametrize(
    ("pointer", "value", "warning"),
    [
        pytest.param("/data/reason", "rain", "/data/reason: not one that is known; ignored", id="a reason"),
        pytest.param("/data/reason", {"a": 1}, "/data/reason: not one that is known; ignored", id="an object"),
        pytest.param("/data/patient/state", "New York", "/data/patient/state: not two letters; ignored", id="a state"),
        pytest.param("/data/patient/state", "", "/data/patient/state: not two letters; ignored", id="an empty state"),
    ],
)
def test_a_value_that_says_nothing_to_us_is_ignored_with_a_warning(pointer: str, value: object, warning: str) -> None:
    event, warnings = read(changed(pointer, value))

    assert warnings == [warning]
    assert event.data.reason is None
    assert "state" not in event.data.patient.model_fields_set


def test_a_reason_that_is_known_stands_on_any_type() -> None:
    assert read(changed("/data/reason", "reopened"))[0].data.reason == "reopened"
    assert read(changed("/data/reason", None))[1] == []


def test_a_phone_of_any_length_is_read() -> None:
    assert read(changed("/data/patient/phone", "1" * 5_000))[0].data.patient.phone == "1" * 5_000
    assert read(changed("/data/companion/phone", "1" * 5_000))[1] == []


# JSON ----------------------------------------------------------------------------------------------------

BODY = json.dumps(COMPLETED)
NOT_JSON = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"{", id="half an object"),
    pytest.param(b"id=evt-1", id="a form"),
    pytest.param(b"<event/>", id="XML"),
    pytest.param(b"\xff\xfe", id="not UTF-8"),
    pytest.param(BODY.encode("utf-16"), id="UTF-16"),
    pytest.param(b"\xef\xbb\xbf" + BODY.encode(), id="a byte order mark"),
    pytest.param(BODY.replace("3", "NaN", 1).encode(), id="NaN"),
    pytest.param(b'{"x": Infinity}', id="Infinity"),
    pytest.param(b'{"x": -Infinity}', id="minus Infinity"),
    pytest.param(b'{"x": "\\ud800"}', id="half a character"),
    pytest.param(b'{"\\udfff": 1}', id="half a character in a name"),
    pytest.param(b'{"x": "a\\u0000b"}', id="a NUL"),
    pytest.param(b'{"\\u0000": 1}', id="a NUL in a name"),
    pytest.param(b'{"x": "a\x00b"}', id="a NUL as it is"),
    pytest.param(b'{"x": "\\\\\\u0000"}', id="a NUL after a backslash"),
    pytest.param(b"[" * 100_000, id="very many brackets"),
    pytest.param(b'{"x": ' * 50_000 + b"1" + b"}" * 50_000, id="a very deep object"),
    pytest.param(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), id="a level too many"),
    pytest.param(b'{"x": ' + b"1" * 5000 + b"}", id="a very long number"),
    pytest.param(b"{}{}", id="two objects"),
]


@pytest.mark.parametrize("body", NOT_JSON)
def test_a_body_that_no_database_could_keep_is_not_json(body: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        read_event(body, now=NOW)
    assert str(caught.value)


def test_a_backslash_before_u0000_is_no_nul() -> None:
    event = read(changed("/data/patient/given_name", "a\\u0000"))[0]

    assert event.data.patient.given_name == "a\\u0000"


def test_a_body_as_deep_as_allowed_is_read() -> None:
    deep: object = 1
    for _ in range(DEEPEST - 2):  # The event is the first level, the number the last.
        deep = [deep]

    assert read(COMPLETED | {"deep": deep})[1] == ["/deep: not read"]


def test_the_meaning_does_not_depend_on_order_or_blanks() -> None:
    backwards = dict(reversed(COMPLETED.items()))

    assert meaning_hash(backwards) == meaning_hash(json.loads(json.dumps(COMPLETED, indent=4)))


def test_another_value_is_another_meaning() -> None:
    assert meaning_hash(COMPLETED) != meaning_hash(changed("/data/patient/phone", None))
    assert meaning_hash(changed("/data/patient/phone", None)) != meaning_hash(changed("/data/patient/phone", GONE))


# Whatever comes ------------------------------------------------------------------------------------------

QUICK = settings(deadline=None, derandomize=True, database=None, max_examples=150)
TIMES = st.datetimes().map(lambda at: f"{at.isoformat()}Z") | st.from_regex(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)", fullmatch=True
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | TIMES
ANY_JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
POINTERS = sorted({str(case.values[0]) for case in WRONG})


def is_read_or_refused(body: bytes) -> None:
    try:
        event, warnings = read_event(body, now=NOW)
    except NotJson as refused:
        assert str(refused)
    except BadEvent as refused:
        assert refused.mistakes
        assert all(m.pointer == "" or m.pointer.startswith("/") for m in refused.mistakes)
    else:
        assert event.occurred_at.tzinfo is not None
        assert all(warning.startswith("/") for warning in warnings)


@QUICK
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    is_read_or_refused(body)


@QUICK
@given(given=ANY_JSON)
def test_any_json_is_read_or_refused(given: object) -> None:
    is_read_or_refused(json.dumps(given).encode())


@QUICK
@given(pointer=st.sampled_from(POINTERS), value=ANY_JSON)
def test_an_event_with_anything_anywhere_is_read_or_refused(pointer: str, value: object) -> None:
    is_read_or_refused(json.dumps(changed(pointer, value)).encode())


@QUICK
@given(at=st.integers(0, len(BODY) - 1), with_bytes=st.binary(max_size=4))
def test_an_event_damaged_on_its_way_is_read_or_refused(at: int, with_bytes: bytes) -> None:
    body = BODY.encode()

    is_read_or_refused(body[:at] + with_bytes + body[at + 1 :])
