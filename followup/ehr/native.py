"""The native event (DESIGN.md 6): bytes in, an event value or the list of what is wrong with it out."""

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

AHEAD_AT_MOST = timedelta(minutes=15)
"""An end further ahead than this is a wrong clock or a wrong zone."""
YEARS = range(1900, 2200)
"""Years 1 and 9999 are how systems say `none`; on another zone's clock they are no time at all."""
DEEPEST = 100
"""Levels of a body. Python gives up at about ten times that, sooner or later by where it is asked."""


def _only_rfc3339(given: object) -> object:
    if not isinstance(given, str) or not RFC3339.fullmatch(given):
        raise ValueError("must be a time with its offset, such as 2026-11-20T15:05:00-05:00")
    return given


def _only_our_time(at: datetime) -> datetime:
    if at.year not in YEARS:
        raise ValueError(f"must be a time in the years {YEARS[0]} to {YEARS[-1]}")
    return at


RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
Instant = Annotated[AwareDatetime, BeforeValidator(_only_rfc3339), AfterValidator(_only_our_time), Field(strict=False)]
STATE = re.compile("[A-Za-z]{2}", re.ASCII)
Id = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=200)]


Reason = Literal["cancelled", "no_show", "entered_in_error", "reopened"]


class Part(BaseModel):
    """Absent means no change, null means clear: `model_fields_set` tells them apart."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)


class Patient(Part):
    id: Id
    given_name: Words | None = None
    family_name: Words | None = None
    phone: str | None = None
    """However long: what is no number is kept and said."""
    phone_type: Annotated[str, Field(max_length=20)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    time_zone: Annotated[str, Field(max_length=60)] | None = None
    state: str | None = None
    birth_date: Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None


class CareSession(Part):
    id: Id
    kind: Annotated[str, Field(max_length=60)] | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    number: Annotated[int, Field(ge=1, le=10_000)] | None = None
    series_length: Annotated[int, Field(ge=1, le=10_000)] | None = None
    phase: Annotated[str, Field(max_length=40)] | None = None
    location_id: Words | None = None
    clinician: Words | None = None


class Companion(Part):
    name: Words | None = None
    phone: str | None = None
    consent: bool | None = None


class Appointment(Part):
    id: Id
    starts_at: Instant | None = None


class SmsConsent(Part):
    status: Literal["granted", "revoked"]
    recorded_at: Instant | None = None


class Facts(Part):
    patient: Patient
    session: CareSession | None = None
    companion: Companion | None = None
    next_appointment: Appointment | None = None
    appointment: Appointment | None = None
    sms_consent: SmsConsent | None = None
    reason: Reason | None = None
    merged_patient_id: Id | None = None


EventType = Literal[
    "session.completed",
    "session.amended",
    "session.cancelled",
    "appointment.booked",
    "appointment.moved",
    "appointment.cancelled",
    "patient.updated",
    "patient.merged",
    "patient.deceased",
    "consent.granted",
    "consent.revoked",
]


class Event(Part):
    """One thing that happened, in the words of DESIGN.md; what every door makes of what it got."""

    id: Id
    type: EventType
    occurred_at: Instant
    version: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    data: Facts


class Mistake(BaseModel):
    """One thing wrong with an event: where (RFC 6901 pointer), which rule, in words."""

    pointer: str
    code: str
    detail: str


class NotJson(Exception):
    """The body is not JSON in UTF-8."""


class BadEvent(Exception):
    """The body is JSON and not an event; `mistakes` says what is wrong where."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__(", ".join(m.pointer for m in mistakes))
        self.mistakes = mistakes


def read_event(body: bytes, *, now: datetime) -> tuple[Event, list[str]]:
    """The event, and a warning for everything in it that has no effect. Raises NotJson, BadEvent."""
    given = read_json(body)
    known, warnings = _without_unknown_values(given)
    try:
        event = Event.model_validate(known)
    except ValidationError as error:
        raise BadEvent([_mistake(given, e["loc"], e["type"], e["msg"]) for e in error.errors()]) from None
    mistakes = _mistakes_across_fields(event, now)
    if mistakes:
        raise BadEvent(mistakes)
    return event, warnings + [f"{pointer}: not read" for pointer in _unread(given, Event, "")]


def read_json(body: bytes) -> Any:
    """Strict: no NaN, and nothing that a database cannot hold (lone surrogates, NUL). Raises NotJson."""
    try:
        given = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(given, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error).split(":")[0]) from None
    if b"\\u0000" in body.replace(b"\\\\", b""):  # Two backslashes are one, and what follows is no escape.
        raise NotJson("a text holds the character NUL")
    if _levels(given) > DEEPEST:
        raise NotJson(f"it has more than {DEEPEST} levels")
    return given


def _levels(given: Any) -> int:
    level, count = [given], 0
    while level:
        inner = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level, count = [value for values in inner for value in values], count + 1
    return count


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_unknown_values(given: Any) -> tuple[Any, list[str]]:
    """The same without values that say nothing to us and stand in nobody's way, and a warning for each."""
    data = given.get("data") if isinstance(given, dict) else None
    if not isinstance(data, dict):
        return given, []
    warnings: list[str] = []
    is_cancellation = str(given.get("type")).endswith(".cancelled")
    if not is_cancellation and data.get("reason") not in (None, *get_args(Reason)):
        warnings.append("/data/reason: not one that is known; ignored")
        data = _without(data, "reason")
    patient = data.get("patient")
    if isinstance(patient, dict) and isinstance(patient.get("state"), str) and not STATE.fullmatch(patient["state"]):
        warnings.append("/data/patient/state: not two letters; ignored")
        data = data | {"patient": _without(patient, "state")}
    return given | {"data": data}, warnings


def _without(given: dict[str, Any], name: str) -> dict[str, Any]:
    return {each: value for each, value in given.items() if each != name}


def meaning_hash(given: Any) -> str:
    """SHA-256, hexadecimal; the same for the same JSON whatever its key order and white space."""
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _mistakes_across_fields(event: Event, now: datetime) -> list[Mistake]:
    facts = event.data
    mistakes: list[Mistake] = []
    if event.type.startswith("session.") and facts.session is None:
        mistakes.append(_missing("/data/session/id"))
    if event.type.startswith("appointment."):
        if facts.appointment is None:
            mistakes.append(_missing("/data/appointment/id"))
        elif facts.appointment.starts_at is None and event.type != "appointment.cancelled":
            mistakes.append(_missing("/data/appointment/starts_at"))
    if facts.next_appointment and facts.next_appointment.starts_at is None:
        mistakes.append(_missing("/data/next_appointment/starts_at"))
    if event.type == "patient.merged" and facts.merged_patient_id is None:
        mistakes.append(_missing("/data/merged_patient_id"))
    if event.type.startswith("consent.") and facts.sms_consent:
        status = event.type.removeprefix("consent.")
        if facts.sms_consent.status != status:
            detail = f"the event's type says {status}"
            mistakes.append(Mistake(pointer="/data/sms_consent/status", code="contradiction", detail=detail))
    ended_at = facts.session.ended_at if facts.session else None
    if ended_at and ended_at > now + AHEAD_AT_MOST:
        mistakes.append(Mistake(pointer="/data/session/ended_at", code="in_the_future", detail="over 15 min ahead"))
    return mistakes


def _missing(pointer: str) -> Mistake:
    return Mistake(pointer=pointer, code="missing", detail="required")


def _mistake(given: Any, where: tuple[int | str, ...], code: str, words: str) -> Mistake:
    """Pydantic's place and words, with the place as an RFC 6901 pointer."""
    if code == "missing" and where[-2:] == ("data", "session"):
        where = (*where, "id")
    pointer = "".join("/" + _escaped(part) for part in where)
    if code == "missing" and pointer in {"/data", "/data/patient"}:
        pointer = "/data/patient/id"
    return Mistake(pointer=pointer, code=code, detail=words.removeprefix("Value error, "))


def _escaped(name: int | str) -> str:
    """One step of a pointer. RFC 6901, 3."""
    return str(name).replace("~", "~0").replace("/", "~1")


def _unread(given: Any, model: type[BaseModel], pointer: str) -> list[str]:
    """Pointers of the fields that the model does not know."""
    found: list[str] = []
    for name, value in given.items():
        field = model.model_fields.get(name)
        if field is None:
            found.append(f"{pointer}/{_escaped(name)}"[:200])
        elif isinstance(value, dict) and (inner := _model_in(field.annotation)):
            found.extend(_unread(value, inner, f"{pointer}/{name}"))
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    candidates = getattr(annotation, "__args__", (annotation,))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
