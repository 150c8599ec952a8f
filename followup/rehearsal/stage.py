"""One clinic with a record system, its patients with their handsets, and a pretend carrier."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from followup.carriers.carrier import Cause, IncomingText, Outcome, OutgoingText
from followup.carriers.pretend import Accept, PretendCarrier, Refuse
from followup.flow import set_hours, set_up
from followup.flow.accept_event import Answer, accept_event
from followup.flow.receive_reply import keep_replies
from followup.flow.set_preferences import set_preferences
from followup.rehearsal.dates import Dated
from followup.rehearsal.entries import ClinicPart, CompanionPart, PatientPart, PreferencesPart
from followup.rules.placing import WEEKDAYS
from followup.schedule_files import Schedules
from followup.store import people
from followup.store.database import Database
from followup.store.tables import Patient

OUR_NUMBER = "+12125550100"
STAFF = "ana@example.org"
NO_WAY = Refuse(Cause.TRANSIENT, None, "no connection to the carrier")
AGREED_BEFORE = timedelta(days=7)


class RehearsalCarrier(PretendCarrier):
    """Delivers everything, unless it is down: then nothing gets through to it."""

    is_down = False

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        self.behave(*[NO_WAY if self.is_down else Accept(("delivered",))] * len(texts))
        yield from super().send(texts, may_still_send=may_still_send)
        self.forget_script()

    def list_sent_to(self, number: str) -> Iterator[tuple[str, str, datetime]]:
        if self.is_down:
            raise ConnectionError("no connection to the carrier")
        return super().list_sent_to(number)


class Stage:
    """Everything that the flow works on. Whoever plays moves `now`."""

    def __init__(self, database: Database, schedules: Schedules, dated: Dated, *, usual_kind: str) -> None:
        """`usual_kind`: of sessions whose kind a script does not say. Raises HoursNotUsable, HourNotAllowed."""
        self.database, self.schedules, self.script = database, schedules, dated.script
        self.now, self.usual_kind = dated.starts_at, usual_kind
        self.hears_nothing = False
        """The carrier's calls reach nobody: it is cut off, or nothing of ours runs."""
        self.carrier = RehearsalCarrier(now=lambda: self.now)
        self._clocks, self._events = dated.clocks, 0
        self._open_clinic()
        self._set_hours(self.script.clinic)
        for patient in self.script.patient:
            self._welcome(patient)

    def _open_clinic(self) -> None:
        part, database, now = self.script.clinic, self.database, self.now
        slug = set_up.add_clinic(database=database, name=part.name, zone=self.script.zone, phone=part.phone, now=now)
        set_up.add_staff(
            database=database, email=STAFF, name="Ana Ruiz", role="admin", clinic=slug, password=None, now=now
        )
        keys = (secrets.token_bytes(32),)
        set_up.add_source(database=database, name="ehr", clinic=slug, kind="native", keys=keys, now=now)
        with database.reader() as db:
            clinic, staff = people.find_clinic(db, slug), people.find_staff(db, STAFF)
            assert clinic is not None and staff is not None
            source = people.find_source_named(db, clinic.id, "ehr")
            assert source is not None
        self.clinic_id, self.staff_id, self._source = clinic.id, staff.id, source

    def _set_hours(self, part: ClinicPart) -> None:
        by_staff: dict[str, Any] = {
            "database": self.database,
            "clinic_id": self.clinic_id,
            "staff_id": self.staff_id,
            "now": self.now,
        }
        if part.says_hours:
            set_hours.set_hours(
                opens=part.opens,
                closes=part.closes,
                closed_weekdays=[WEEKDAYS.index(day) for day in part.closed_weekdays],
                state=part.state,
                **by_staff,
            )
        for day, words in part.closed_on.items():
            set_hours.close_on(day=day, words=words, **by_staff)

    def _welcome(self, patient: PatientPart) -> None:
        """The record system tells of them, with what they agreed to a week before."""
        facts: dict[str, Any] = {}
        if patient.companion is not None:
            facts["companion"] = self.companion_facts(patient, patient.companion)
        if patient.consent == "granted":
            recorded_at = (self.now - AGREED_BEFORE).isoformat()
            facts["sms_consent"] = {"status": "granted", "recorded_at": recorded_at}
        who = {"given_name": patient.given_name, "phone": self.phone_of(patient), "language": patient.language}
        more = {"time_zone": patient.zone, "state": patient.state}
        who |= {name: value for name, value in more.items() if value is not None}
        self.tell("patient.updated", patient, at=self.now, who=who, **facts)
        if patient.prefers is not None:
            self.prefer(patient, patient.prefers)

    # Whoever is on it ------------------------------------------------------------------------------------

    def phone_of(self, patient: PatientPart, *, companion: bool = False) -> str:
        """A number that is never given out."""
        return f"+12125550{self.script.patient.index(patient) + (150 if companion else 110)}"

    def companion_facts(self, patient: PatientPart, part: CompanionPart) -> dict[str, Any]:
        """As a record system tells of them."""
        return {"name": part.name, "phone": self.phone_of(patient, companion=True), "consent": part.agreed}

    def row_of(self, patient: PatientPart) -> Patient:
        with self.database.reader() as db:
            row = people.find_patient(db, self.clinic_id, record_id(patient))
        assert row is not None
        return row

    def instant(self, local: datetime, patient: PatientPart) -> datetime:
        """On the patient's wall clock."""
        return self._clocks[patient.given_name].instant(local)

    def tell(
        self, type_: str, patient: PatientPart, *, at: datetime, who: dict[str, Any] | None = None, **facts: Any
    ) -> Answer:
        """The record system posts what was so at that time. Raises BadEvent."""
        self._events += 1
        event = {"id": f"event-{self._events}", "type": type_, "occurred_at": at.isoformat()}
        body = json.dumps(event | {"data": {"patient": {"id": record_id(patient)} | (who or {}), **facts}})
        return accept_event(
            database=self.database, schedules=self.schedules, source=self._source, body=body.encode(), now=self.now
        )

    def receive(self, text: IncomingText) -> None:
        """The carrier hands over what somebody wrote."""
        keep_replies(self.database, [text], now=self.now)

    def prefer(self, patient: PatientPart, part: PreferencesPart) -> None:
        """Raises HourNotAllowed."""
        set_preferences(
            database=self.database,
            clinic_id=self.clinic_id,
            patient_id=self.row_of(patient).id,
            staff_id=self.staff_id,
            own_hour=part.own_hour,
            is_discreet=part.discreet,
            now=self.now,
        )


def record_id(patient: PatientPart) -> str:
    return f"patient-{patient.given_name}"


def session_id(patient: PatientPart, number: int) -> str:
    return f"session-{patient.given_name}-{number}"
