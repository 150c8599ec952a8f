"""One clinic with a record system and a pretend carrier: events go in, texts come out, answers come in.

Riverside is in New York; its record system `ehr` tells of Maria, whose session ended at 10:00 there, five minutes
ago. Her same-day check-in is due at 14:00, her next-day mood at 10:00 tomorrow.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, select

from followup.carriers.carrier import Outcome, OutgoingText
from followup.carriers.pretend import PretendCarrier
from followup.flow.accept_event import Answer, accept_event
from followup.flow.claim_texts import SendingRules, claim_texts
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.flow.send_due import send_due
from followup.flow.set_up import turn_sending
from followup.flow.track_delivery import track_delivery
from followup.flow.transaction import transaction
from followup.schedule_files import Schedules, load_schedules
from followup.store.database import Database
from followup.store.pulse import find_pulse
from followup.store.tables import (
    CareSession,
    Case,
    Clinic,
    Consent,
    Message,
    Patient,
    Plan,
    Reading,
    Reply,
    Row,
    ScheduleVersion,
    Source,
    Staff,
    new_id,
)
from tests.reading import readers_of

ENDED_AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
"""A Tuesday, 10:00 in New York."""
NOW = ENDED_AT + timedelta(minutes=5)
CHECK_IN_AT = ENDED_AT + timedelta(hours=4)
MOOD_AT = ENDED_AT + timedelta(days=1)
CHECK_IN, MOOD, MAINTENANCE = "same-day check-in", "next-day mood", "maintenance due"
PHONE, OTHER_PHONE, STRANGER = "+12125550142", "+12125550200", "+12125550199"
OUR_NUMBER = "+12125550100"
NEW_YORK = "America/New_York"
SCHEDULES = load_schedules(Path(__file__).parents[1] / "schedules")
LEASE = timedelta(seconds=60)
T = TypeVar("T", bound=SQLModel)


@dataclass
class Story:
    """A clinic and what happens to it. `now` may be moved."""

    database: Database
    clinic: Clinic
    source: Source
    now: datetime = NOW
    schedules: Schedules = field(default_factory=lambda: SCHEDULES)
    rules: SendingRules = field(default_factory=lambda: SendingRules(lease=LEASE, batch=100, reaches_people=False))
    carrier: PretendCarrier = field(init=False)
    _numbers: Iterator[int] = field(default_factory=count)
    _phones: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.carrier = PretendCarrier(now=lambda: self.now)

    # What a record system says ---------------------------------------------------------------------------

    def tell(self, event: dict[str, Any], *, source: Source | None = None, dry_run: bool = False) -> Answer:
        return accept_event(
            database=self.database,
            schedules=self.schedules,
            source=source or self.source,
            body=json.dumps(event).encode(),
            now=self.now,
            dry_run=dry_run,
        )

    # What the sender does --------------------------------------------------------------------------------

    def send(self, *, at: datetime | None = None, carrier: Any = None, was_alive: bool = True) -> int:
        """One run of the sender, which was there all the time; how many texts were handed over."""
        self.now = at or self.now
        if was_alive:
            stay_alive(self.database, self.now)
        return send_due(
            database=self.database, carrier=carrier or self.carrier, rules=self.rules, clock=lambda: self.now
        )

    def claim(self) -> list[OutgoingText]:
        """What a sender holds that goes no further."""
        return claim_texts(database=self.database, rules=self.rules, now=self.now)[0]

    def switch_off(self, *, clinic: str | None) -> None:
        turn_sending(database=self.database, on=False, clinic=clinic, by="test", now=self.now)

    def report(self) -> None:
        """What the carrier has to say of the texts it took."""
        for token, report in self.carrier.take_reports():
            track_delivery(database=self.database, report=report, token=token, now=self.now)

    # What patients write ---------------------------------------------------------------------------------

    def hear(self, body: str, *, sender: str = PHONE, to: str = OUR_NUMBER, media: int = 0) -> Reply:
        """A text comes in and is read."""
        kept = self.keep_text(body, sender=sender, to=to, media=media)
        read_waiting_replies(database=self.database, readers_of=readers_of, now=self.now)
        return self.get(Reply, kept)

    def keep_text(self, body: str, *, sender: str = PHONE, to: str = OUR_NUMBER, media: int = 0) -> UUID:
        """A text comes in and waits."""
        text = self.carrier.write(sender=sender, to=to, body=body, media_count=media)
        return keep_replies(self.database, [text], now=self.now)[0]

    # What is there ---------------------------------------------------------------------------------------

    def keep(self, *rows: SQLModel) -> None:
        with transaction(self.database) as db:
            for row in rows:
                db.add(row)
                db.flush()

    def keep_all(self, rows: Sequence[SQLModel]) -> None:
        """Many at once, table by table in the order in which each first comes."""
        with transaction(self.database) as db:
            for table in dict.fromkeys(map(type, rows)):
                db.add_all([row for row in rows if type(row) is table])
                db.flush()

    def all(self, table: type[T], **having: Any) -> list[T]:
        with self.database.reader() as db:
            found = list(db.exec(select(table).filter_by(**having)))
        return sorted(found, key=lambda row: str(getattr(row, "id", "")))

    def one(self, table: type[T], **having: Any) -> T:
        (found,) = self.all(table, **having)
        return found

    def get(self, table: type[T], id_: UUID) -> T:
        return self.one(table, id=id_)

    def message(self, step: str = CHECK_IN) -> Message:
        return self.one(Message, step=step)

    def statuses(self) -> dict[str, str]:
        """{step: status}."""
        return {message.step: message.status for message in self.all(Message)}

    def texts(self, to: str = PHONE) -> list[str]:
        """What lies on this handset."""
        return [text.body for text in self.carrier.texts_to(to)]

    def reading(self, reply: Reply) -> Reading:
        return self.one(Reading, reply_id=reply.id)

    def case_of(self, reply: Reply) -> Case:
        assert reply.case_id is not None
        return self.get(Case, reply.case_id)

    # Rows without an event -------------------------------------------------------------------------------

    def patient(self, name: str = "Tom", *, phone: str | None = "", clinic: Clinic | None = None) -> Patient:
        """Somebody who agreed to be texted, by default with a number of their own; the first has OTHER_PHONE."""
        where = clinic or self.clinic
        patient = Patient(
            clinic_id=where.id,
            record_id=f"p-{name.lower()}",
            given_name=name,
            phone=f"+121255502{next(self._phones):02}" if phone == "" else phone,
            created_at=NOW,
            changed_at=NOW,
        )
        granted = Consent(
            clinic_id=where.id,
            patient_id=patient.id,
            status="granted",
            recorded_at=ENDED_AT,
            received_at=ENDED_AT,
            actor="source:epic",
            how="consent.granted",
        )
        self.keep(patient, granted)
        return patient

    def step_text(self, patient: Patient, step: str = MAINTENANCE, **more: Any) -> Message:
        """A step of a plan of its own that is due now. `more` replaces columns."""
        loaded = next(iter(self.schedules))
        version = ScheduleVersion(
            version=loaded.schedule.version, name=loaded.name, source_text=loaded.source_text, first_used_at=NOW
        )
        if not self.all(ScheduleVersion, version=version.version):
            self.keep(version)
        shared = {"clinic_id": patient.clinic_id, "patient_id": patient.id}
        session = CareSession(
            **shared, record_id=f"s-{next(self._numbers)}", ended_at=ENDED_AT, told_at=ENDED_AT, created_at=NOW
        )
        plan = Plan(
            **shared,
            session_id=session.id,
            schedule_version=version.version,
            zone=patient.zone or self.clinic.zone,
            made_at=NOW,
        )
        self.keep(session, plan)
        step_of = loaded.schedule.get_step(step)
        values = {
            "purpose": "step",
            "plan_id": plan.id,
            "session_id": session.id,
            "step": step,
            "text": None,
            "prompt": step_of.prompt,
            "gives_way": step_of.gives_way,
            "priority": 3,
        }
        return self.due_text(patient, **(values | more))

    def due_text(self, patient: Patient | None = None, **more: Any) -> Message:
        """A text with its own words that is due now. `more` replaces columns."""
        number = next(self._numbers)
        values: dict[str, Any] = {
            "clinic_id": patient.clinic_id if patient else self.clinic.id,
            "purpose": "staff" if patient else "page",
            "patient_id": patient.id if patient else None,
            "step": f"text {number}",
            "text": f"Please call us, {number}." if number else "Please call us.",
            "priority": 1 if patient else 0,
            "due_at": self.now,
            "wake_at": self.now,
            "use_by_at": self.now + timedelta(hours=8),
            "created_at": self.now,
        }
        message = Message(**(values | more))
        self.keep(message)
        return message


def stay_alive(database: Database, now: datetime) -> None:
    """As if the house had been alive until now."""
    with transaction(database) as db:
        pulse = find_pulse(db)
        if pulse is not None:
            pulse.alive_at = now
            db.add(pulse)


class WatchedCarrier(PretendCarrier):
    """Calls `watch` with every text just before it is taken."""

    def __init__(self, story: Story, watch: Callable[[OutgoingText], object]) -> None:
        super().__init__(now=lambda: story.now)
        self._watch = watch

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        for text in texts:
            self._watch(text)
            yield from super().send([text], may_still_send=may_still_send)


def riverside(database: Database, *, schedules: Schedules = SCHEDULES, **clinic: Any) -> Story:
    """The only clinic; `clinic` replaces columns."""
    made = clinic_row("Riverside", **clinic)
    source = source_row(made)
    story = Story(database, made, source, schedules=schedules)
    story.keep(made, source)
    return story


def clinic_row(name: str, **more: Any) -> Clinic:
    values = {"slug": name.lower(), "name": f"{name} Clinic", "zone": NEW_YORK, "created_at": NOW} | more
    return Clinic(**values)


def source_row(clinic: Clinic, name: str = "ehr") -> Source:
    return Source(
        clinic_id=clinic.id,
        name=name,
        kind="native",
        key_hash=new_id().hex,
        sealed_signing_secret=b"sealed",
        created_at=NOW,
    )


def staff_row(clinic: Clinic, name: str = "Ana Ruiz", *, role: str = "admin") -> Staff:
    email = f"{name.split(maxsplit=1)[0].lower()}@{clinic.slug}.example"
    return Staff(clinic_id=clinic.id, email=email, name=name, role=role, created_at=NOW)


def hillside(story: Story, **more: Any) -> Clinic:
    """A second clinic, with a record system of its own."""
    made = clinic_row("Hillside", **more)
    story.keep(made, source_row(made))
    return made


# Events ------------------------------------------------------------------------------------------------------

_event_numbers = count(1)
NOT_GIVEN: Any = object()


def event(
    type_: str,
    *,
    id_: str | None = None,
    at: datetime = NOW,
    version: int | None = None,
    patient: dict[str, Any] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """About Maria. `facts` are further parts of `data`."""
    told = {"id": id_ or f"evt-{next(_event_numbers)}", "type": type_, "occurred_at": at.isoformat()}
    if version is not None:
        told["version"] = version
    return told | {"data": {"patient": {"id": "p-maria"} | (patient or {}), **facts}}


def completed(
    *,
    session: str = "s-1",
    ended_at: datetime | None = ENDED_AT,
    kind: str | None = "ketamine-iv",
    phone: str | None = PHONE,
    consent: str | None = "granted",
    patient: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Maria's session is over. Where `None` is given, the field is absent."""
    told: dict[str, Any] = {"id": session, "number": 1}
    if ended_at is not None:
        told["ended_at"] = ended_at.isoformat()
    if kind is not None:
        told["kind"] = kind
    whom = {"given_name": "Maria", "family_name": "Lopez"} | ({"phone": phone} if phone is not None else {})
    if consent is not None:
        more["sms_consent"] = {"status": consent, "recorded_at": (ENDED_AT - timedelta(days=7)).isoformat()}
    return event("session.completed", session=told, patient=whom | (patient or {}), **more)


def cancelled(*, session: str = "s-1", **more: Any) -> dict[str, Any]:
    return event("session.cancelled", session={"id": session}, **more)


def consent(status: str, **more: Any) -> dict[str, Any]:
    return event(f"consent.{status}", **more)


def died(**more: Any) -> dict[str, Any]:
    return event("patient.deceased", **more)


def appointment(starts_at: datetime, *, id_: str = "ap-1") -> dict[str, Any]:
    return {"id": id_, "starts_at": starts_at.isoformat()}


def ids(rows: Sequence[Row]) -> set[UUID]:
    return {row.id for row in rows}
