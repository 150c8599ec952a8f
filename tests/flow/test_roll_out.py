"""A changed schedule goes to 1, 10, then 100 patients before all, and not by one person's word."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

from followup.flow.accept_event import Answer
from followup.flow.choose_version import versions_for_all
from followup.flow.set_up import go_live
from followup.flow.widen_roll_out import widen_roll_out
from followup.flow.work_case import Refused
from followup.schedule_files import LoadedSchedule, Schedules, read_schedule
from followup.store.schedules import NoSuchSchedule
from followup.store.tables import (
    AuditEntry,
    CareSession,
    GoLive,
    Message,
    Patient,
    Plan,
    RollOut,
    Row,
    ScheduleVersion,
    Staff,
)
from tests.databases import open_again
from tests.flow.stories import CHECK_IN_AT, ENDED_AT, NOW, SCHEDULES, Story, completed, event, hillside, staff_row

[SHIPPED] = SCHEDULES
NAME = SHIPPED.name
HI = "Hi {first_name}, how are you feeling"


@dataclass
class House:
    """Riverside went live with the shipped schedule; Ana and Ben may approve, Nora is a nurse."""

    story: Story
    ana: Staff
    ben: Staff
    nora: Staff
    patients: int = 0

    def session(self, *, patient: str | None = None, dry_run: bool = False, kind: str = "ketamine-iv") -> Answer:
        """Of a patient who is new, unless one is named."""
        self.patients += 1
        whom = {"id": patient or f"p-{self.patients}", "given_name": "Sam"}
        told = completed(session=f"s-{self.patients}", patient=whom, kind=kind, phone=f"+1212555{self.patients:04}")
        return self.story.tell(told, dry_run=dry_run)

    def had_it(self, patients: int) -> None:
        """So many more have had a plan of the newest version."""
        rows: list[Row] = []
        for _ in range(patients):
            self.patients += 1
            shared = {"clinic_id": self.story.clinic.id}
            who = Patient(**shared, record_id=f"p-{self.patients}", created_at=NOW, changed_at=NOW)
            session = CareSession(
                **shared, patient_id=who.id, record_id=f"s-{self.patients}", told_at=NOW, created_at=NOW
            )
            made = {"schedule_version": newest(self), "zone": "UTC", "made_at": NOW}
            rows += [who, session, Plan(**shared, patient_id=who.id, session_id=session.id, **made)]
        self.story.keep(*rows)

    def versions(self) -> list[str]:
        """Of all plans, oldest first."""
        return [plan.schedule_version for plan in sorted(self.story.all(Plan), key=lambda plan: plan.id)]

    def widen(self, to: int | None, by: Staff, *, version: str | None = None, name: str = NAME) -> Refused | None:
        newest = self.story.schedules.named(name)
        assert newest is not None
        return widen_roll_out(
            database=self.story.database,
            loaded=self.story.schedules,
            clinic_id=by.clinic_id,
            schedule=name,
            version=version or newest.schedule.version,
            to=to,
            staff_id=by.id,
            now=self.story.now,
        )

    def go_live(self) -> None:
        go_live(
            database=self.story.database,
            clinic="riverside",
            by=self.ana.email,
            without_rota=True,
            carrier_is_public=False,
            schedules=self.story.schedules,
            now=self.story.now,
        )


def changed(words: str, *, name: str = NAME, kinds: str | None = None) -> Schedules:
    """The shipped schedule with another greeting in its check-in."""
    text = SHIPPED.source_text.replace(HI, f"{words} {{first_name}}, how are you feeling")
    if kinds:
        text = text.replace(
            'for_kinds = ["ketamine-iv", "ketamine-im", "ketamine-infusion", "ketamine"]', f"for_kinds = {kinds}"
        )
    assert text != SHIPPED.source_text
    loaded = LoadedSchedule(name, read_schedule(text, file=f"{name}.toml"), text)
    return Schedules([loaded] if name == NAME else [SHIPPED, loaded])


@pytest.fixture
def house(story: Story) -> House:
    people = [staff_row(story.clinic, "Ana Ruiz"), staff_row(story.clinic, "Ben Ito", role="prescriber")]
    nora = staff_row(story.clinic, "Nora Lind", role="nurse")
    story.keep(*people, nora)
    made = House(story, *people, nora)
    made.go_live()
    story.now = NOW + timedelta(minutes=1)
    return made


def newest(house: House) -> str:
    [loaded] = house.story.schedules
    return loaded.schedule.version


# Who gets which version ------------------------------------------------------------------------------------


def test_what_was_in_force_at_go_live_goes_to_everybody(house: House) -> None:
    for _ in range(3):
        house.session()

    assert set(house.versions()) == {SHIPPED.schedule.version}
    assert house.story.all(RollOut) == []


def test_a_change_reaches_one_patient_and_the_others_get_the_version_before(house: House) -> None:
    house.story.schedules = changed("Good day")

    answers = [house.session() for _ in range(3)]

    assert house.versions() == [newest(house), SHIPPED.schedule.version, SHIPPED.schedule.version]
    assert [answer.scheduled for answer in answers] == [3, 3, 3]
    row = house.story.one(RollOut)
    assert (row.schedule, row.schedule_version, row.most_patients) == (NAME, newest(house), 1)
    house.story.send(at=CHECK_IN_AT)
    texts = [text.body for text in house.story.carrier.all_texts()]
    assert sum("Good day Sam" in text for text in texts) == 1
    assert sum("Hi Sam" in text for text in texts) == 2


def test_the_patient_who_has_it_keeps_it_with_the_next_session(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session(patient="p-maria")
    house.session(patient="p-tom")

    house.story.tell(completed(session="s-later", ended_at=ENDED_AT + timedelta(minutes=3), patient={"id": "p-maria"}))

    assert house.versions() == [newest(house), SHIPPED.schedule.version, newest(house)]


def test_a_clinic_that_never_went_live_is_not_staged(story: Story) -> None:
    story.schedules = changed("Good day")
    for number in range(3):
        story.tell(completed(session=f"s-{number}", patient={"id": f"p-{number}"}))

    assert {plan.schedule_version for plan in story.all(Plan)} == {next(iter(story.schedules)).schedule.version}
    assert story.all(RollOut) == []


def test_each_clinic_is_staged_for_itself(house: House) -> None:
    there = hillside(house.story)
    house.story.keep(
        GoLive(clinic_id=there.id, by_staff_id=house.ana.id, at=NOW, schedule_versions={NAME: newest(house)})
    )
    house.story.schedules = changed("Good day")
    house.session()
    source = next(s for s in house.story.all(type(house.story.source)) if s.clinic_id == there.id)

    house.story.tell(completed(session="there", patient={"id": "p-there"}), source=source)

    assert house.versions() == [newest(house)] * 2
    assert {row.clinic_id for row in house.story.all(RollOut)} == {house.story.clinic.id, there.id}


def test_a_dry_run_begins_no_roll_out(house: House) -> None:
    house.story.schedules = changed("Good day")

    assert house.session(dry_run=True).scheduled == 3

    assert house.story.all(RollOut) == []
    house.session()
    assert house.versions() == [newest(house)]


def test_a_comment_or_layout_is_no_change(house: House) -> None:
    text = "# Reworded by nobody.\n" + SHIPPED.source_text
    house.story.schedules = Schedules([LoadedSchedule(NAME, read_schedule(text, file="x.toml"), text)])

    house.session()

    assert house.story.all(RollOut) == []


def test_versions_counted_in_another_way_by_an_older_program_are_no_change(house: House) -> None:
    old = ScheduleVersion(version="0" * 64, name=NAME, source_text=SHIPPED.source_text, first_used_at=NOW)
    live = GoLive(clinic_id=house.story.clinic.id, by_staff_id=house.ana.id, at=house.story.now)
    live.schedule_versions = {NAME: old.version}
    house.story.keep(old, live)
    house.story.now += timedelta(minutes=1)

    house.session()
    house.session()

    assert house.story.all(RollOut) == []


def test_going_back_to_what_everybody_had_is_for_everybody_at_once(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    house.story.schedules = SCHEDULES

    for _ in range(2):
        house.session()

    assert house.versions()[1:] == [SHIPPED.schedule.version] * 2


def test_two_sessions_at_once_do_not_both_take_the_only_place(house: House) -> None:
    house.story.schedules = changed("Good day")
    together = threading.Barrier(4)

    def one(number: int) -> None:
        database = open_again(house.story.database)
        elsewhere = Story(database, house.story.clinic, house.story.source, house.story.now, house.story.schedules)
        together.wait(timeout=10)
        elsewhere.tell(completed(session=f"s-{number}", patient={"id": f"p-{number}"}))
        database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))

    assert sorted(house.versions()) == sorted([newest(house)] + [SHIPPED.schedule.version] * 3)


# Further --------------------------------------------------------------------------------------------------


def test_it_goes_to_ten_then_a_hundred_then_all(house: House) -> None:
    house.story.schedules = changed("Good day")
    reached: list[int] = []

    def count(sessions: int, *, known: int = 0) -> None:
        house.had_it(known)
        for _ in range(sessions):
            house.session()
        reached.append(house.versions().count(newest(house)))

    count(2)
    assert house.widen(10, house.ana) is None
    count(3, known=7)
    assert house.widen(100, house.ben) is None
    count(3, known=88)
    assert house.widen(None, house.ana) is None
    count(3)

    assert reached == [1, 10, 100, 103]
    row = house.story.one(RollOut)
    assert (row.most_patients, row.approved_by_id, row.second_by_id) == (None, house.ana.id, house.ben.id)


def test_more_than_fifty_need_a_second_person_by_name(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    house.widen(10, house.ana)

    refused = house.widen(100, house.ana)

    assert isinstance(refused, Refused)
    assert "Somebody else has to agree" in refused.words
    assert house.story.one(RollOut).most_patients == 10
    assert isinstance(house.widen(100, house.nora), Refused)
    assert house.widen(100, house.ben) is None


def test_widening_twice_changes_nothing_more_and_is_written_down_once(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    house.widen(10, house.ana)
    before = house.story.one(RollOut).model_dump()
    house.story.now += timedelta(minutes=5)

    assert house.widen(10, house.ben) is None

    assert house.story.one(RollOut).model_dump() == before
    [entry] = house.story.all(AuditEntry, action="roll_out.widened")
    assert (entry.actor, entry.details) == (f"staff:{house.ana.id}", {"most_patients": 10})


def test_two_who_press_at_once_are_two_only_if_they_are(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    house.widen(10, house.ana)
    together = threading.Barrier(4)

    def press(number: int) -> Refused | None:
        together.wait(timeout=10)
        return house.widen(100, house.ana)

    with ThreadPoolExecutor(4) as pool:
        assert all(isinstance(done, Refused) for done in pool.map(press, range(4)))
    assert house.story.one(RollOut).most_patients == 10


def test_another_clinics_roll_out_is_not_there(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    stranger = staff_row(hillside(house.story), "Sam Hill")
    house.story.keep(stranger)

    with pytest.raises(NoSuchSchedule):
        house.widen(10, stranger)
    with pytest.raises(NoSuchSchedule):
        house.widen(10, house.ana, version="f" * 64)
    assert house.story.one(RollOut).most_patients == 1


def test_after_one_change_reached_all_the_next_one_falls_back_to_it(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    for to, person in ((10, house.ana), (100, house.ben), (None, house.ana)):
        house.story.now += timedelta(minutes=1)
        house.widen(to, person)
    second = newest(house)
    house.story.schedules = changed("Dear")

    for _ in range(2):
        house.session()

    assert house.versions()[1:] == [newest(house), second]


def test_going_live_again_ends_no_roll_out_that_has_begun(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.session()
    house.story.now += timedelta(minutes=1)

    house.go_live()
    house.session()

    assert house.versions() == [newest(house), SHIPPED.schedule.version]
    with house.story.database.reader() as db:
        assert versions_for_all(db, house.story.clinic.id, NAME) == [SHIPPED.schedule.version]


def test_going_live_again_before_a_change_reached_anybody_does_not_let_it_reach_everybody(house: House) -> None:
    house.story.schedules = changed("Good day")
    house.story.now += timedelta(minutes=1)
    house.go_live()

    for _ in range(3):
        house.session()

    assert house.versions() == [newest(house), SHIPPED.schedule.version, SHIPPED.schedule.version]


# A schedule that is new altogether --------------------------------------------------------------------------


def test_sessions_of_a_new_schedule_wait_for_a_persons_word_and_are_planned_then(house: House) -> None:
    house.story.schedules = changed("Good day", name="kap", kinds='["kap"]')
    answers = [house.session(kind="kap") for _ in range(3)]

    assert [answer.scheduled for answer in answers] == [3, 0, 0]
    assert answers[1].status == "accepted"
    assert (answers[1].reason or "").startswith("roll_out: kap is new")
    assert len(house.story.all(Plan)) == 1

    assert house.widen(10, house.ana, name="kap") is None

    assert len(house.story.all(Plan)) == 3
    assert len(house.story.all(Message)) == 9
    house.widen(10, house.ana, name="kap")
    assert len(house.story.all(Message)) == 9


def test_who_died_or_whose_session_was_cancelled_meanwhile_is_not_planned(house: House) -> None:
    house.story.schedules = changed("Good day", name="kap", kinds='["kap"]')
    for _ in range(3):
        house.session(kind="kap")
    house.story.tell(event("patient.deceased", at=NOW, patient={"id": "p-2"}))
    house.story.tell(event("session.cancelled", at=NOW, version=None, patient={"id": "p-3"}, session={"id": "s-3"}))

    house.widen(10, house.ana, name="kap")

    assert len(house.story.all(Plan)) == 1
