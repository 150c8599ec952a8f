"""Somebody stops the texts of a schedule, or lets them go on."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from followup.flow.stop_schedule import lift_stop, stop_schedule
from followup.store import schedules
from followup.store.tables import AuditEntry, Clinic, Message, Plan, ScheduleStop, Staff
from tests.flow.stories import CHECK_IN_AT, SCHEDULES, Story, completed, hillside, staff_row

[SHIPPED] = SCHEDULES
NAME = SHIPPED.name
LATER = CHECK_IN_AT + timedelta(minutes=10)


@pytest.fixture
def ana(story: Story) -> Staff:
    person = staff_row(story.clinic)
    story.keep(person)
    return person


def stop(story: Story, person: Staff) -> None:
    stop_schedule(database=story.database, clinic_id=person.clinic_id, schedule=NAME, staff_id=person.id, now=story.now)


def lift(story: Story, person: Staff) -> None:
    lift_stop(database=story.database, clinic_id=person.clinic_id, schedule=NAME, staff_id=person.id, now=story.now)


def stopped(story: Story, clinic: Clinic | None = None) -> ScheduleStop | None:
    with story.database.reader() as db:
        return schedules.stopped_schedule(db, (clinic or story.clinic).id, NAME)


def test_a_stop_says_who_and_when(story: Story, ana: Staff) -> None:
    assert stopped(story) is None

    stop(story, ana)

    found = stopped(story)
    assert found is not None
    assert (found.by_staff_id, found.at, found.lifted_at) == (ana.id, story.now, None)
    [entry] = story.all(AuditEntry, action="schedule.stopped")
    assert (entry.actor, entry.subject, entry.details) == (
        f"staff:{ana.id}",
        f"schedule_stop:{found.id}",
        {"schedule": NAME},
    )


def test_stopping_twice_is_stopping_once(story: Story, ana: Staff) -> None:
    stop(story, ana)
    first = story.one(ScheduleStop).model_dump()
    story.now = LATER

    stop(story, ana)

    assert story.one(ScheduleStop).model_dump() == first
    assert len(story.all(AuditEntry, action="schedule.stopped")) == 1


def test_four_who_stop_at_once_make_one_stop(story: Story, ana: Staff) -> None:
    together = threading.Barrier(4)

    def press(_: int) -> None:
        together.wait(timeout=10)
        stop(story, ana)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(4)))

    assert len(story.all(ScheduleStop)) == 1


def test_texts_that_waited_are_looked_at_at_once_when_the_stop_is_lifted(story: Story, ana: Staff) -> None:
    story.tell(completed())
    stop(story, ana)
    waiting = story.message()
    waiting.waits_for, waiting.wake_at = "texts of this schedule are stopped by Ana Ruiz", LATER + timedelta(hours=1)
    story.keep(waiting)
    story.now = LATER

    lift(story, ana)

    assert stopped(story) is None
    row = story.one(ScheduleStop)
    assert (row.lifted_at, row.lifted_by_id) == (LATER, ana.id)
    assert story.message().wake_at == LATER
    assert {m.wake_at for m in story.all(Message) if m.due_at > LATER} == {
        m.due_at for m in story.all(Message) if m.due_at > LATER
    }
    assert story.send() == 1


def test_a_stop_acts_on_the_next_claim_and_is_over_with_the_one_after_it_is_lifted(story: Story, ana: Staff) -> None:
    story.tell(completed())
    stop(story, ana)

    assert story.send(at=CHECK_IN_AT) == 0
    assert "stopped by Ana Ruiz" in (story.message().waits_for or "")

    story.now = LATER
    lift(story, ana)
    assert story.send() == 1


def test_lifting_what_is_not_stopped_changes_nothing(story: Story, ana: Staff) -> None:
    lift(story, ana)
    assert story.all(AuditEntry) == []

    stop(story, ana)
    for _ in range(2):
        lift(story, ana)

    assert len(story.all(AuditEntry, action="schedule.let_go_on")) == 1


def test_what_was_lifted_can_be_stopped_again(story: Story, ana: Staff) -> None:
    for _ in range(2):
        stop(story, ana)
        lift(story, ana)
    stop(story, ana)

    assert stopped(story) is not None
    assert len(story.all(ScheduleStop)) == 3


def test_a_stop_is_of_one_clinic_and_one_schedule(story: Story, ana: Staff) -> None:
    there = hillside(story)

    stop(story, ana)

    assert stopped(story, there) is None
    with story.database.reader() as db:
        assert schedules.stopped_schedule(db, story.clinic.id, "another") is None
        assert [one.schedule for one in schedules.open_stops(db, story.clinic.id)] == [NAME]


def test_the_schedule_of_a_plan_and_what_is_planned_are_known(story: Story) -> None:
    story.tell(completed())
    there = hillside(story)

    with story.database.reader() as db:
        assert schedules.schedule_of_plan(db, story.one(Plan).id) == NAME
        assert schedules.planned_texts(db, story.clinic.id) == {NAME: 3}
        assert schedules.planned_texts(db, there.id) == {}
