"""A patient moves to another zone or state: what has not left follows their clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.schedule_files import Schedules
from followup.store.database import Database
from followup.store.tables import Message, Patient, Plan
from tests.flow.stories import ENDED_AT, NEW_YORK, NOW, PHONE, Story, appointment, completed, consent, event, riverside
from tests.flow.written import step, written

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHECK_IN, MOOD, NIGHT, SUNDAY, REMINDER = "check-in", "mood", "good night", "on Sunday", "reminder"
CHICAGO, HONOLULU = "America/Chicago", "Pacific/Honolulu"
VISIT_AT = ENDED_AT + 9 * DAY
SCHEDULES = Schedules(
    [
        written(
            "small",
            step(CHECK_IN, after_end="4h", use_by="20:00", gives_way=False),
            step(MOOD, days_after=1, at="10:00", use_by="8h", prompt="mood", gives_way=False),
            step(NIGHT, days_after=2, at="19:30", use_by="1d"),
            step(SUNDAY, days_after=5, at="10:00", use_by="2d"),
            step(REMINDER, "You are expected {time}.", days_before_appointment=1, at="10:00", use_by="2h"),
        )
    ]
)
USUAL = {
    CHECK_IN: ENDED_AT + 4 * HOUR,
    MOOD: ENDED_AT + DAY,
    NIGHT: ENDED_AT + 2 * DAY + 9 * HOUR + 30 * MINUTE,
    SUNDAY: ENDED_AT + 5 * DAY,
    REMINDER: VISIT_AT - DAY,
}


@pytest.fixture
def story(sqlite: Database) -> Story:
    made = riverside(sqlite, schedules=SCHEDULES)
    made.tell(completed(next_appointment=appointment(VISIT_AT)))
    made.now = NOW + MINUTE
    return made


def update(story: Story, **patient: Any) -> None:
    story.tell(event("patient.updated", at=story.now, patient=patient))


def due(story: Story) -> dict[str, datetime]:
    """{step: when} of what is planned."""
    planned = [m for m in story.all(Message) if m.status == "planned"]
    found = {m.step: m.due_at for m in planned}
    assert len(found) == len(planned), "a step is planned twice"
    return found


# Zone ----------------------------------------------------------------------------------------------------


def test_another_zone_moves_what_has_not_left(story: Story) -> None:
    assert due(story) == USUAL

    update(story, time_zone=CHICAGO)

    by_the_wall = {step_: at + HOUR for step_, at in USUAL.items() if step_ != CHECK_IN}
    assert due(story) == by_the_wall | {CHECK_IN: USUAL[CHECK_IN]}
    assert story.one(Plan).zone == CHICAGO


def test_the_time_in_a_text_is_on_the_new_clock(story: Story) -> None:
    update(story, time_zone=CHICAGO)

    story.send(at=VISIT_AT - DAY + HOUR)

    assert any("Thu, Dec 3 at 9:00 AM" in text for text in story.texts())


def test_what_has_left_stays(story: Story) -> None:
    story.send(at=USUAL[CHECK_IN])
    left = story.message(CHECK_IN)

    update(story, time_zone=HONOLULU)

    assert story.message(CHECK_IN) == left
    assert due(story)[MOOD] == ENDED_AT + DAY + 5 * HOUR


def test_a_zone_that_is_none_is_the_clinics(story: Story) -> None:
    update(story, time_zone=CHICAGO)
    story.now += MINUTE

    update(story, time_zone="Mars/Olympus")

    assert due(story) == USUAL
    assert story.one(Plan).zone == NEW_YORK


@pytest.mark.parametrize("given", [None, NEW_YORK], ids=["cleared", "the clinic's"])
def test_there_and_back_again(story: Story, given: str | None) -> None:
    update(story, time_zone=HONOLULU)
    story.now += MINUTE

    update(story, time_zone=given)

    assert due(story) == USUAL


def test_an_older_zone_that_comes_late_changes_nothing(story: Story) -> None:
    story.now = NOW + HOUR
    update(story, time_zone=CHICAGO)
    before = story.all(Message)

    story.tell(event("patient.updated", at=NOW + MINUTE, patient={"time_zone": HONOLULU}))

    assert story.all(Message) == before


def test_the_same_zone_again_changes_nothing(story: Story) -> None:
    update(story, time_zone=CHICAGO)
    before = (story.all(Message), story.all(Plan))

    update(story, time_zone=CHICAGO)

    assert (story.all(Message), story.all(Plan)) == before


@pytest.mark.parametrize(
    ("type_", "facts"),
    [
        ("session.completed", {"session": {"id": "s-1", "ended_at": ENDED_AT.isoformat()}}),
        ("session.amended", {"session": {"id": "s-1"}}),
        ("appointment.moved", {"appointment": appointment(VISIT_AT)}),
        ("consent.granted", {}),
    ],
)
def test_whatever_the_event_is_about_its_zone_counts(story: Story, type_: str, facts: dict[str, Any]) -> None:
    story.tell(event(type_, at=story.now, patient={"time_zone": CHICAGO}, **facts))

    assert due(story)[MOOD] == ENDED_AT + DAY + HOUR


def test_a_text_that_would_be_due_in_the_past_of_the_new_zone_comes_once_or_not_at_all(story: Story) -> None:
    """At 11:00 in Honolulu, five hours later in New York: the mood of 10:00 is asked late, and once."""
    story.now = ENDED_AT + DAY + 6 * HOUR
    update(story, time_zone=HONOLULU)

    for minutes in range(0, 120, 10):
        story.send(at=story.now + minutes * MINUTE)

    assert sum("mood" in text for text in story.texts()) <= 1


def test_another_number_or_name_moves_nothing(story: Story) -> None:
    update(story, given_name="Mary", phone="+12125550177", language="es")

    assert due(story) == USUAL


def test_a_held_text_stays_held(story: Story) -> None:
    held = story.message(MOOD)
    held.held_at, held.waits_for = NOW, "held: somebody looks at it"
    story.keep(held)

    update(story, time_zone=CHICAGO)

    assert (story.message(MOOD).held_at, story.message(MOOD).waits_for) == (NOW, "held: somebody looks at it")


def test_a_patient_who_withdrew_gets_nothing_by_moving(story: Story) -> None:
    story.tell(consent("revoked", at=story.now))

    update(story, time_zone=CHICAGO)

    assert due(story) == {}


def test_a_patient_without_a_plan_may_move(sqlite: Database) -> None:
    story = riverside(sqlite, schedules=SCHEDULES)

    story.tell(event("patient.updated", patient={"phone": PHONE, "time_zone": CHICAGO, "state": "il"}))

    assert (story.one(Patient).zone, story.one(Patient).state) == (CHICAGO, "IL")


# State ---------------------------------------------------------------------------------------------------


def test_a_stricter_state_moves_what_it_does_not_allow(story: Story) -> None:
    """Rhode Island allows automatic texts until 18:00, on a Sunday from 10:00 to 17:00."""
    update(story, state="ri")

    assert due(story) == USUAL | {NIGHT: ENDED_AT + 2 * DAY + 23 * HOUR}
    assert story.message(NIGHT).moved == "falls at 19:30, outside 09:00 to 18:00 in RI; " + (
        "on the clinic's clock: the patient's zone is not known"
    )


def test_a_state_without_texts_on_sundays_moves_them_to_monday(story: Story) -> None:
    update(story, state="AL")

    assert due(story)[SUNDAY] == ENDED_AT + 6 * DAY - HOUR


def test_a_state_that_is_left_again_changes_nothing_in_the_end(story: Story) -> None:
    update(story, state="AL")
    story.now += MINUTE

    update(story, state=None)

    assert due(story) == USUAL


def test_the_clinics_state_counts_where_the_patients_is_not_known(sqlite: Database) -> None:
    story = riverside(sqlite, schedules=SCHEDULES, state="AL")
    story.tell(completed())

    assert due(story)[SUNDAY] == ENDED_AT + 6 * DAY - HOUR


def test_the_patients_state_counts_before_the_clinics(sqlite: Database) -> None:
    story = riverside(sqlite, schedules=SCHEDULES, state="AL")
    story.tell(completed(patient={"state": "NY"}))

    assert due(story)[SUNDAY] == ENDED_AT + 5 * DAY
