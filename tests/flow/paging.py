"""Riverside with a ladder: Ana is on call, then Ben; Carl has a phone; Dora is the medical director."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from followup.carriers.mail import PretendMailer
from followup.carriers.pretend import PretendCall
from followup.flow import work_case
from followup.flow.acknowledge import Answer, acknowledge, hear_key
from followup.flow.page_staff import PagingRules, page_staff
from followup.flow.reach_staff import reach_staff
from followup.flow.transaction import transaction
from followup.flow.work_case import Refused
from followup.store import cases, ladder, pages
from followup.store.database import Database
from followup.store.tables import (
    Acknowledgement,
    Case,
    Climb,
    LadderTerms,
    Page,
    Pager,
    Patient,
    Reading,
    Reply,
    Shift,
    Staff,
    new_id,
)
from tests.flow.stories import NOW, PHONE, Story, riverside, staff_row

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
PHONES = {"Ana": "+12125550301", "Ben": "+12125550302", "Carl": "+12125550303", "Dora": "+12125550304"}
NAMES = {phone: name for name, phone in PHONES.items()}
PAGE_NUMBER = "+12125550399"
PAGING = PagingRules(public_url="https://aftercare.example.org", page_sender=PAGE_NUMBER)


@dataclass
class Ladder:
    """The clinic, its people, and a clock that the tests move."""

    story: Story
    staff: dict[str, Staff]
    maria: Patient
    mailer: PretendMailer = field(default_factory=PretendMailer)
    paging: PagingRules = PAGING

    @property
    def database(self) -> Database:
        return self.story.database

    # What happens ----------------------------------------------------------------------------------------

    def danger(self, *, level: str = "urgent", patient: Patient | None = None, at: datetime | None = None) -> Case:
        """A reply of that level is read."""
        self.story.now = at or self.story.now
        whose = patient or self.maria
        with transaction(self.database) as db:
            case = cases.open_or_join_case(
                db,
                clinic_id=whose.clinic_id,
                patient_id=whose.id,
                sender=None,
                session_id=None,
                level=level,
                reason="Self-harm language",
                now=self.story.now,
            )
            reply = Reply(
                clinic_id=whose.clinic_id,
                carrier_sid=f"SM{new_id().hex}",
                sender=whose.phone or "",
                to="",
                body="I want to die, said Maria Lopez",
                received_at=self.story.now,
                read_at=self.story.now,
                patient_id=whose.id,
                case_id=case.id,
            )
            db.add(reply)
            db.flush()
            db.add(
                Reading(
                    clinic_id=whose.clinic_id,
                    reply_id=reply.id,
                    kind="danger",
                    level=level,
                    reader="test",
                    at=self.story.now,
                )
            )
            return case

    def tick(self, at: datetime | None = None, *, database: Database | None = None) -> datetime | None:
        """What the jobs do at that moment: plan pages, make calls and mails, send texts."""
        self.story.now = at or self.story.now
        look_at = page_staff(database=database or self.database, paging=self.paging, now=self.story.now)
        self.reach(database)
        self.story.send()
        self.story.report()
        return look_at

    def reach(self, database: Database | None = None) -> int:
        return reach_staff(
            database=database or self.database,
            carrier=self.story.carrier,
            mailer=self.mailer,
            page_sender=self.paging.page_sender,
            clock=lambda: self.story.now,
        )

    def play(self, minutes: int, *, every: timedelta = MINUTE) -> None:
        """The fast clock: the jobs run all the time."""
        until = self.story.now + minutes * MINUTE
        while self.story.now < until:
            self.tick(min(self.story.now + every, until))

    # What staff do ---------------------------------------------------------------------------------------

    def acknowledge(self, case: Case, name: str = "Ana") -> Answer:
        return acknowledge(
            database=self.database,
            clinic_id=self.story.clinic.id,
            case_id=case.id,
            staff_id=self.staff[name].id,
            how="sign-in link",
            now=self.story.now,
        )

    def press(self, call: PretendCall, key: str = "1") -> Answer | None:
        return hear_key(database=self.database, token=call.token, key=key, now=self.story.now)

    def take(self, case: Case, name: str = "Ana") -> Refused | None:
        return work_case.take_case(self.database, **self._by(case, name))

    def put_back(self, case: Case, name: str = "Ana") -> None:
        work_case.release_case(self.database, **self._by(case, name))

    def close(self, case: Case, name: str = "Ana", outcome: str = "reached / safe plan") -> Refused | None:
        seen = self.story.get(Case, case.id).changed_at
        return work_case.close_case(self.database, **self._by(case, name), outcome=outcome, seen_at=seen)

    def _by(self, case: Case, name: str) -> dict:
        return {
            "clinic_id": self.story.clinic.id,
            "case_id": case.id,
            "staff_id": self.staff[name].id,
            "now": self.story.now,
        }

    # What is there ---------------------------------------------------------------------------------------

    def texts(self, name: str) -> list[str]:
        return self.story.texts(PHONES[name])

    def calls(self, name: str) -> list[PretendCall]:
        return self.story.carrier.calls_to(PHONES[name])

    def rung(self) -> list[tuple[float, str, str]]:
        """(minute, name, way) of every text and call that the carrier has, in order."""
        names = {one.id: name for name, one in self.staff.items()}
        made = [p for p in self.story.all(Page) if p.kind == "ring"]
        return sorted(((p.made_at - NOW) / MINUTE, names[p.staff_id], p.way) for p in made)

    def standings(self, case: Case) -> list[pages.PageStanding]:
        with self.database.reader() as db:
            climb = ladder.newest_climb(db, case.id)
            return pages.pages_of(db, [climb.id])[climb.id] if climb else []

    def climbs(self, case: Case) -> list[Climb]:
        return sorted(self.story.all(Climb, case_id=case.id), key=lambda climb: climb.number)

    def acknowledged(self, case: Case) -> list[tuple[UUID, str]]:
        return [(row.staff_id, row.how) for row in self.story.all(Acknowledgement, case_id=case.id)]

    def holder(self, case: Case) -> str | None:
        with self.database.reader() as db:
            held = cases.find_holder(db, case.id)
        return held[1].name.split()[0] if held else None


def with_ladder(database: Database, *, on_call: Sequence[str] = ("Ana", "Ben")) -> Ladder:
    story = riverside(database)
    story.rules = replace(story.rules, page_sender=PAGE_NUMBER)
    staff = {
        "Ana": staff_row(story.clinic, "Ana Ruiz", role="nurse"),
        "Ben": staff_row(story.clinic, "Ben Cole", role="nurse"),
        "Carl": staff_row(story.clinic, "Carl Ode", role="admin"),
        "Dora": staff_row(story.clinic, "Dora Lind", role="prescriber"),
    }
    story.keep(*staff.values())
    story.keep(*(pager(one, phone=PHONES[name]) for name, one in staff.items()))
    story.keep(LadderTerms(clinic_id=story.clinic.id, director_id=staff["Dora"].id, changed_at=NOW))
    for place, name in enumerate(on_call, start=1):
        story.keep(shift(staff[name], place=place))
    maria = story.patient("Maria", phone=PHONE)
    return Ladder(story, staff, maria)


def pager(person: Staff, *, phone: str | None, email: str | None = None, takes_calls: bool = True) -> Pager:
    return Pager(
        clinic_id=person.clinic_id,
        staff_id=person.id,
        phone=phone,
        email=email,
        takes_calls=takes_calls,
        changed_at=NOW,
    )


def shift(
    person: Staff, *, since: timedelta = -timedelta(hours=1), until: timedelta = timedelta(days=7), place: int = 1
) -> Shift:
    return Shift(
        clinic_id=person.clinic_id,
        staff_id=person.id,
        starts_at=NOW + since,
        ends_at=NOW + until,
        place=place,
        made_at=NOW,
    )
