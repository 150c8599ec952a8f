"""Builders with fixed meanings: Maria is on a plan, Tom has opted out, Ana is a nurse, Sam works elsewhere.

A `House` is one database with two clinics: Riverside, where all of them belong, and Hillside, where Sam
works and must see nothing of Riverside. Nothing is faked; the carrier is the pretend one that ships.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel import SQLModel, select

from followup.carriers.pretend import PretendCarrier
from followup.flow.sign_in import hash_token
from followup.flow.transaction import transaction
from followup.schedule_files import Schedules, load_schedules
from followup.store import cases, people, sign_ins
from followup.store.database import Database, Session, upgrade
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
    Staff,
    new_id,
)
from followup.web.guards import cookie_name
from followup.web.parts import Parts
from followup.web.site import make_site
from tests.browsing import Browser

NOW = datetime(2026, 11, 24, 15, 22, tzinfo=UTC)
"""A Tuesday, 10:22 at both clinics (EST)."""
ORIGIN = "http://testserver"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
MARIAS_PHONE, TOMS_PHONE, STRANGERS_PHONE = "+12125550101", "+12125550102", "+12125550199"
T = TypeVar("T", bound=SQLModel)


@cache
def _schedules() -> Schedules:
    return load_schedules(Path(__file__).parent / "schedules")


@dataclass
class House:
    """Two clinics and who belongs to them. `now` may be moved."""

    database: Database
    riverside: Clinic
    hillside: Clinic
    ana: Staff
    """Nurse at Riverside."""
    ben: Staff
    """Another nurse at Riverside."""
    olga: Staff
    """Auditor at Riverside: sees everything, changes nothing."""
    sam: Staff
    """Nurse at Hillside: sees nothing of Riverside."""
    maria: Patient
    """Four days after her fourth session, on a plan."""
    tom: Patient
    """His number sent STOP."""
    session: CareSession
    """Maria's."""
    now: datetime = NOW
    woken: list[datetime] = field(default_factory=list)
    """Every time something was said to be due at once."""
    schedules: Schedules = field(default_factory=_schedules)
    """Those of the tests; may be changed."""
    carrier: PretendCarrier = field(init=False)

    def __post_init__(self) -> None:
        self.carrier = PretendCarrier(now=lambda: self.now)

    def keep(self, *rows: Row) -> None:
        """Write rows as they are."""
        with transaction(self.database) as db:
            db.add_all(rows)

    def all(self, table: type[T], **having: Any) -> list[T]:
        """Every row with these values."""
        with self.database.reader() as db:
            return list(db.exec(select(table).filter_by(**having)).all())

    def close(self) -> None:
        self.database.close()


def house(database: Database | None = None) -> House:
    """A fresh one: in a database of its own, or in one that has all tables and no rows."""
    if database is None:
        database = Database("sqlite://")
        upgrade(database)
    riverside, hillside = _clinic("Riverside"), _clinic("Hillside")
    maria = _patient(riverside, "Maria", "Lopez", MARIAS_PHONE)
    tom = _patient(riverside, "Tom", "Reed", TOMS_PHONE)
    session = _session(maria)
    made = House(
        database=database,
        riverside=riverside,
        hillside=hillside,
        ana=staff(riverside, "Ana Ruiz"),
        ben=staff(riverside, "Ben Cole"),
        olga=staff(riverside, "Olga Berg", role="auditor"),
        sam=staff(hillside, "Sam Hill"),
        maria=maria,
        tom=tom,
        session=session,
    )
    with transaction(database) as db:
        for rows in ([riverside, hillside], [made.ana, made.ben, made.olga, made.sam, maria, tom], [session]):
            db.add_all(rows)
            db.flush()
        people.opt_out(db, riverside.id, TOMS_PHONE, reply_id=None, now=NOW - timedelta(days=2))
        for patient in (maria, tom):
            db.add(_consent(patient))
        _plan(made, db)
    return made


def _clinic(name: str) -> Clinic:
    return Clinic(slug=name.lower(), name=name, zone="America/New_York", created_at=NOW - timedelta(days=90))


def staff(clinic: Clinic, name: str, *, role: str = "nurse", password_hash: str | None = None) -> Staff:
    email = f"{name.split(maxsplit=1)[0].lower()}@{clinic.slug}.example"
    return Staff(
        clinic_id=clinic.id,
        email=email,
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=NOW - timedelta(days=90),
    )


def _patient(clinic: Clinic, given: str, family: str, phone: str) -> Patient:
    return Patient(
        clinic_id=clinic.id,
        record_id=f"p-{given.lower()}",
        given_name=given,
        family_name=family,
        phone=phone,
        zone="America/New_York",
        birth_date="1980-04-01",
        created_at=NOW - timedelta(days=60),
        changed_at=NOW - timedelta(days=60),
    )


def _session(patient: Patient) -> CareSession:
    ended_at = NOW - timedelta(days=4)
    return CareSession(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        record_id="enc-4",
        kind="ketamine-iv",
        ended_at=ended_at,
        number=4,
        series_length=6,
        told_at=ended_at,
        created_at=ended_at,
    )


def _consent(patient: Patient) -> Consent:
    at = NOW - timedelta(days=60)
    return Consent(
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        status="granted",
        recorded_at=at,
        received_at=at,
        actor="source",
        how="told",
    )


def _plan(made: House, db: Session) -> None:
    """Maria's: one check-in answered long ago, one text to come."""
    made_at = NOW - timedelta(days=4)
    db.add(ScheduleVersion(version="v1", name="ketamine_infusion", source_text="", first_used_at=made_at))
    db.flush()
    plan = Plan(
        clinic_id=made.riverside.id,
        patient_id=made.maria.id,
        session_id=made.session.id,
        schedule_version="v1",
        zone="America/New_York",
        made_at=made_at,
    )
    db.add(plan)
    db.flush()
    db.add(text_to(made, made.maria, "How is your mood today, 0 to 10?", step="next-day mood", plan_id=plan.id))
    coming = NOW + timedelta(days=1)
    db.add(text_to(made, made.maria, None, step="mood, day 5", plan_id=plan.id, status="planned", at=coming))


def text_to(
    made: House,
    patient: Patient,
    text: str | None,
    *,
    step: str,
    status: str = "delivered",
    at: datetime = NOW - timedelta(days=3),
    **more: object,
) -> Message:
    """One outgoing text, as the sender leaves it."""
    has_left = status in ("accepted", "sent", "delivered", "undelivered")
    values = {
        "purpose": "step",
        "patient_id": patient.id,
        "clinic_id": patient.clinic_id,
        "session_id": made.session.id if patient is made.maria else None,
        "step": step,
        "text": text,
        "phone": patient.phone if has_left else None,
        "status": status,
        "due_at": at,
        "use_by_at": at + timedelta(hours=8),
        "wake_at": at,
        "handed_over_at": at if has_left else None,
        "created_at": min(at, NOW),
    }
    return Message(**{**values, **more})


def text_from(
    made: House,
    who: Patient | str,
    body: str,
    *,
    level: str = "concern",
    reason: str = "Could not be read",
    spans: list[list[int]] | None = None,
    value: str | None = None,
    ago: timedelta = timedelta(minutes=3),
    clinic: Clinic | None = None,
) -> UUID:
    """A reply, read at that level `ago` before now; the id of its case. `who`: a patient, or an unknown number."""
    patient = who if isinstance(who, Patient) else None
    clinic_id = patient.clinic_id if patient else (clinic or made.riverside).id
    at = made.now - ago
    with transaction(made.database) as db:
        case = cases.open_or_join_case(
            db,
            clinic_id=clinic_id,
            patient_id=patient.id if patient else None,
            sender=None if patient else str(who),
            session_id=made.session.id if patient is made.maria else None,
            level=level,
            reason=reason,
            now=at,
        )
        reply = Reply(
            clinic_id=clinic_id,
            carrier_sid=f"SM{new_id().hex}",
            sender=patient.phone or "" if patient else str(who),
            to="",
            body=body,
            received_at=at,
            read_at=at,
            patient_id=patient.id if patient else None,
            case_id=case.id,
        )
        db.add(reply)
        db.flush()
        db.add(
            Reading(
                clinic_id=clinic_id,
                reply_id=reply.id,
                kind="score" if value else "unclear",
                value=value,
                level=level,
                reasons=[reason],
                spans=spans or [],
                reader="test",
                at=at,
            )
        )
        return case.id


def find_case(made: House, case_id: UUID) -> Case:
    with made.database.reader() as db:
        case = db.get(Case, case_id)
    assert case is not None
    return case


# In a browser -------------------------------------------------------------------------------------------


def parts(made: House, *, public_url: str = ORIGIN) -> Parts:
    return Parts(
        database=made.database,
        carrier=made.carrier,
        schedules=made.schedules,
        now=lambda: made.now,
        wake=lambda: made.woken.append(made.now),
        public_url=public_url,
        keys=(bytes(32),),
    )


def client(made: House, person: Staff | None = None, *, public_url: str = ORIGIN) -> Browser:
    """A browser of this person, on our own pages; without a person a stranger's."""
    given = parts(made, public_url=public_url)
    browser = Browser(make_site(given), origin=public_url, headers=FROM_OUR_PAGE)
    if person is not None:
        token = f"token of {person.name}"
        with transaction(made.database) as db:
            if sign_ins.find(db, hash_token(token)) is None:
                sign_ins.start(db, person, token_hash=hash_token(token), now=made.now)
        browser.cookies.set(cookie_name(given), token)
    return browser
