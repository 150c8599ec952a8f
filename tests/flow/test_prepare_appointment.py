"""An appointment with no session before it brings its own texts, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.pretend import Accept, Refuse
from followup.flow.accept_event import Answer
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store.database import Database
from followup.store.tables import Appointment, Case, Event, Message, Patient, Plan, Source
from tests.flow.stories import (
    ENDED_AT,
    NOW,
    PHONE,
    Story,
    WatchedCarrier,
    appointment,
    cancelled,
    completed,
    consent,
    died,
    event,
    hillside,
    riverside,
)
from tests.flow.written import step, written

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VISIT_AT = ENDED_AT + 7 * DAY
"""10:00 in New York, a week from today."""
LATER_VISIT_AT = VISIT_AT + 10 * DAY
EAT, ARRIVE = "what to eat", "when to arrive"
CHECK_IN, REMINDER = "check-in", "reminder"
GENERAL = written(
    "general",
    step(EAT, days_before_appointment=2, at="10:00", use_by="2h", gives_way=False),
    step(ARRIVE, "You are expected {time}.", before_appointment="1d", use_by="2h", prompt="appointment"),
    step("how it went", days_after=1, at="10:00", use_by="8h"),
    kinds=("general",),
)
INFUSION = written(
    "infusion",
    step(CHECK_IN, after_end="4h", use_by="8h"),
    step(REMINDER, days_before_appointment=1, at="10:00", use_by="2h"),
)


@pytest.fixture
def story(sqlite: Database) -> Story:
    return riverside(sqlite, schedules=Schedules([GENERAL, INFUSION]))


def booked(
    story: Story,
    starts_at: datetime = VISIT_AT,
    *,
    what: str = "booked",
    id_: str = "ap-1",
    told: datetime | None = None,
    agreed: str | None = "granted",
    patient: dict[str, Any] | None = None,
    **more: Any,
) -> Answer:
    """Maria is known by this event alone, with a number and her consent."""
    whom = {"given_name": "Maria", "phone": PHONE} | (patient or {})
    if agreed is not None:
        more["sms_consent"] = {"status": agreed, "recorded_at": ENDED_AT.isoformat()}
    return story.tell(
        event(
            f"appointment.{what}",
            at=told or story.now,
            appointment=appointment(starts_at, id_=id_),
            patient={key: value for key, value in whom.items() if value is not None},
            **more,
        )
    )


def due(story: Story) -> dict[str, datetime]:
    """{step: when} of what is planned."""
    planned = [m for m in story.all(Message) if m.status == "planned"]
    found = {m.step: m.due_at for m in planned}
    assert len(found) == len(planned), "a step is planned twice"
    return found


PREPARED = {EAT: VISIT_AT - 2 * DAY, ARRIVE: VISIT_AT - DAY}


# Booked --------------------------------------------------------------------------------------------------


def test_an_appointment_before_the_first_session_is_prepared(story: Story) -> None:
    answer = booked(story)

    assert (answer.status, answer.reason) == ("accepted", None)
    assert due(story) == PREPARED
    plan = story.one(Plan)
    assert (plan.session_id, plan.appointment_id) == (None, story.one(Appointment).id)
    assert {m.appointment_id for m in story.all(Message)} == {plan.appointment_id}
    assert {m.session_id for m in story.all(Message)} == {None}


def test_its_texts_leave_in_time_and_the_first_says_how_to_end_them(story: Story) -> None:
    booked(story)

    story.send(at=VISIT_AT - 2 * DAY)
    story.send(at=VISIT_AT - DAY)

    assert story.texts() == [
        "what to eat. Reply STOP to end texts.",
        "You are expected Tue, Dec 1 at 10:00 AM.",
    ]


def test_the_only_schedule_prepares_where_none_is_general(sqlite: Database) -> None:
    alone = riverside(sqlite, schedules=Schedules([INFUSION]))

    booked(alone)

    assert due(alone) == {REMINDER: VISIT_AT - DAY}


def test_an_appointment_that_no_schedule_is_for_is_kept_without_a_plan(sqlite: Database) -> None:
    other = LoadedSchedule("other", written("other", step("x", days_after=1, at="10:00", use_by="8h")).schedule, "")
    none = written("none", step("y", days_after=1, at="10:00", use_by="8h"), kinds=("none",))
    story = riverside(sqlite, schedules=Schedules([other, none]))

    assert booked(story).status == "accepted"

    assert (story.all(Plan), len(story.all(Appointment))) == ([], 1)


def test_the_same_news_again_changes_nothing(story: Story) -> None:
    booked(story)
    before = (story.all(Message), story.all(Plan))

    for _ in range(2):
        booked(story, told=NOW)

    assert (story.all(Message), story.all(Plan)) == before


def test_a_dry_run_keeps_nothing(story: Story) -> None:
    told = event("appointment.booked", appointment=appointment(VISIT_AT), patient={"phone": PHONE})

    assert story.tell(told, dry_run=True).status == "accepted"

    assert (story.all(Plan), story.all(Appointment), story.all(Event)) == ([], [], [])


def test_what_would_come_too_late_is_not_planned(story: Story) -> None:
    booked(story, ENDED_AT + timedelta(hours=1))

    assert due(story) == {}


def test_an_appointment_in_the_past_is_not_prepared(story: Story) -> None:
    assert booked(story, ENDED_AT - DAY).status == "accepted"

    assert (story.all(Plan), due(story)) == ([], {})


def test_an_appointment_of_tomorrow_brings_one_text_at_once_and_no_burst(story: Story) -> None:
    booked(story, ENDED_AT + 4 * HOUR)

    story.send()

    assert due(story) == {}
    assert len(story.texts()) == 1


# Moved, cancelled, booked again --------------------------------------------------------------------------


@pytest.mark.parametrize("to", [LATER_VISIT_AT, VISIT_AT - 3 * DAY], ids=["put off", "brought forward"])
def test_an_appointment_that_moves_takes_its_texts_along(story: Story, to: datetime) -> None:
    booked(story)
    story.now = NOW + HOUR

    booked(story, to, what="moved")

    assert due(story) == {EAT: to - 2 * DAY, ARRIVE: to - DAY}
    assert len(story.all(Message)) == 2


def test_an_older_word_does_not_move_it_back(story: Story) -> None:
    story.now = NOW + HOUR
    booked(story, LATER_VISIT_AT)

    booked(story, VISIT_AT, what="moved", told=NOW)

    assert due(story) == {EAT: LATER_VISIT_AT - 2 * DAY, ARRIVE: LATER_VISIT_AT - DAY}


def test_staff_hear_of_an_appointment_that_moves_after_a_text_left(story: Story) -> None:
    booked(story)
    story.send(at=VISIT_AT - 2 * DAY)

    booked(story, LATER_VISIT_AT, what="moved")

    assert story.one(Case).reason == "The appointment changed after its reminder left"
    assert due(story) == {ARRIVE: LATER_VISIT_AT - DAY}


def test_a_cancelled_appointment_ends_its_texts(story: Story) -> None:
    booked(story)
    story.now = NOW + HOUR

    booked(story, what="cancelled", reason="cancelled")

    assert due(story) == {}
    assert {m.reason for m in story.all(Message)} == {"no appointment is booked any more"}
    story.send(at=VISIT_AT - DAY)
    assert story.texts() == []


def test_a_cancellation_that_comes_first_holds_against_an_older_booking(story: Story) -> None:
    story.now = NOW + HOUR
    booked(story, what="cancelled")

    booked(story, told=NOW)

    assert due(story) == {}
    assert story.one(Appointment).cancelled_at is not None


def test_an_older_cancellation_does_not_cancel_what_was_booked_since(story: Story) -> None:
    story.now = NOW + HOUR
    booked(story)

    booked(story, what="cancelled", told=NOW)

    assert due(story) == PREPARED


def test_an_appointment_booked_again_gets_its_texts_back(story: Story) -> None:
    for hour, what in enumerate(["booked", "cancelled", "booked"]):
        story.now = NOW + hour * HOUR
        booked(story, what=what)

    assert due(story) == PREPARED
    assert (len(story.all(Message)), len(story.all(Plan))) == (2, 1)


def test_another_appointment_in_the_place_of_a_cancelled_one_is_prepared(story: Story) -> None:
    booked(story)
    booked(story, what="cancelled")

    booked(story, LATER_VISIT_AT, id_="ap-2")

    assert due(story) == {EAT: LATER_VISIT_AT - 2 * DAY, ARRIVE: LATER_VISIT_AT - DAY}


def test_no_next_appointment_any_more_ends_its_texts(story: Story) -> None:
    booked(story)

    story.tell(event("patient.updated", at=NOW + HOUR, next_appointment=None))

    assert due(story) == {}


# Several -------------------------------------------------------------------------------------------------


def test_only_the_next_of_several_appointments_is_prepared(story: Story) -> None:
    booked(story)

    booked(story, LATER_VISIT_AT, id_="ap-2")

    assert due(story) == PREPARED


def test_a_nearer_appointment_is_prepared_first(story: Story) -> None:
    booked(story, LATER_VISIT_AT, id_="ap-2")

    booked(story)

    assert due(story) == PREPARED
    assert {m.reason for m in story.all(Message, status="cancelled")} == {"another appointment comes first"}


def test_the_further_one_is_prepared_when_the_nearer_is_cancelled(story: Story) -> None:
    booked(story, LATER_VISIT_AT, id_="ap-2")
    booked(story)

    booked(story, what="cancelled")

    assert due(story) == {EAT: LATER_VISIT_AT - 2 * DAY, ARRIVE: LATER_VISIT_AT - DAY}


def test_the_further_one_is_prepared_after_the_nearer_has_begun(story: Story) -> None:
    booked(story, LATER_VISIT_AT, id_="ap-2")
    booked(story)
    story.now = VISIT_AT + HOUR

    story.tell(event("patient.updated", at=story.now))

    assert due(story) == {EAT: LATER_VISIT_AT - 2 * DAY, ARRIVE: LATER_VISIT_AT - DAY}


# Sessions ------------------------------------------------------------------------------------------------


def test_a_sessions_plan_takes_over(story: Story) -> None:
    booked(story)

    story.tell(completed())

    assert due(story) == {CHECK_IN: ENDED_AT + 4 * HOUR, REMINDER: VISIT_AT - DAY}
    assert {m.reason for m in story.all(Message, status="cancelled")} == {"a later session has its own plan"}


def test_an_appointment_after_a_session_is_reminded_of_by_its_plan(story: Story) -> None:
    story.tell(completed())

    booked(story, told=NOW + MINUTE)

    assert due(story) == {CHECK_IN: ENDED_AT + 4 * HOUR, REMINDER: VISIT_AT - DAY}
    assert len(story.all(Plan)) == 1


def test_a_cancelled_session_brings_the_preparation_back(story: Story) -> None:
    booked(story)
    story.tell(completed())

    story.tell(cancelled(at=NOW + MINUTE))

    assert due(story) == PREPARED
    assert len(story.all(Plan)) == 2


def test_a_session_of_no_known_kind_leaves_the_preparation_as_it_is(story: Story) -> None:
    booked(story)

    assert story.tell(completed(kind="unheard-of")).status == "quarantined"

    assert due(story) == PREPARED


def test_a_patient_between_sessions_is_prepared_by_the_schedule_of_the_last(story: Story) -> None:
    story.tell(completed())
    story.tell(completed(session="s-2", ended_at=ENDED_AT + MINUTE))
    story.tell(cancelled(session="s-2", at=NOW + MINUTE))

    booked(story, told=NOW + MINUTE)

    assert due(story) == {REMINDER: VISIT_AT - DAY}


def test_what_the_preparation_said_the_sessions_plan_does_not_say_again(sqlite: Database) -> None:
    """The same reminder of the same appointment, whichever plan it is in, leaves once."""
    story = riverside(sqlite, schedules=Schedules([INFUSION]))
    booked(story)
    story.send(at=VISIT_AT - DAY)
    assert len(story.texts()) == 1
    story.now = VISIT_AT - 22 * HOUR

    story.tell(completed(ended_at=VISIT_AT - 23 * HOUR, at=story.now))

    assert set(due(story)) == {CHECK_IN}


def test_a_reminder_that_left_in_one_sessions_plan_does_not_leave_in_the_next(sqlite: Database) -> None:
    week_before = step("a week before", days_before_appointment=7, at="10:00", use_by="2d", gives_way=False)
    story = riverside(sqlite, schedules=Schedules([written("infusion", week_before)]))
    story.tell(completed(next_appointment=appointment(ENDED_AT + 10 * DAY)))
    story.send(at=ENDED_AT + 3 * DAY)
    assert len(story.texts()) == 1
    story.now = ENDED_AT + 4 * DAY

    story.tell(completed(session="s-2", ended_at=story.now, at=story.now))

    assert due(story) == {}


# Who may be texted ---------------------------------------------------------------------------------------


def test_without_consent_its_texts_wait_for_it(story: Story) -> None:
    booked(story, agreed=None)
    assert due(story) == PREPARED

    story.send(at=VISIT_AT - 2 * DAY)
    assert (story.texts(), story.message(EAT).waits_for) == ([], "no consent on record")

    story.tell(consent("granted", at=story.now))
    story.send(at=story.now + MINUTE)
    assert len(story.texts()) == 1


def test_withdrawn_consent_stops_its_texts_and_a_new_one_frees_them(story: Story) -> None:
    booked(story)
    story.tell(consent("revoked", at=NOW))
    assert {m.status for m in story.all(Message)} == {"suppressed"}

    story.now = NOW + MINUTE
    story.tell(consent("granted", at=story.now))

    assert due(story) == PREPARED


def test_a_patient_who_withdrew_before_gets_nothing(story: Story) -> None:
    booked(story, agreed="revoked")

    assert {m.status for m in story.all(Message)} == {"suppressed"}


def test_without_a_number_it_waits_for_one(story: Story) -> None:
    booked(story, patient={"phone": None})
    assert story.all(Plan) == []

    story.tell(event("patient.updated", patient={"phone": PHONE}))

    assert due(story) == PREPARED


def test_stop_stops_its_texts_and_start_brings_them_back(story: Story) -> None:
    booked(story)

    story.hear("STOP")
    assert due(story) == {}
    story.hear("START")

    assert due(story) == PREPARED


def test_death_ends_its_texts_for_good(story: Story) -> None:
    booked(story)

    story.tell(died())
    booked(story, LATER_VISIT_AT, what="moved", told=NOW + MINUTE)

    assert due(story) == {}
    assert {m.reason for m in story.all(Message)} == {"the patient died"}


# Whose it is ---------------------------------------------------------------------------------------------


def test_another_clinics_appointment_of_the_same_id_is_another(story: Story) -> None:
    booked(story)
    there = hillside(story)
    source = story.one(Source, clinic_id=there.id)

    answer = story.tell(
        event("appointment.cancelled", at=NOW + HOUR, appointment={"id": "ap-1"}, patient={"phone": PHONE}),
        source=source,
    )

    assert answer.status == "accepted"
    assert due(story) == PREPARED


@pytest.mark.parametrize("what", ["booked", "moved", "cancelled"])
def test_another_patients_appointment_is_left_to_a_person(story: Story, what: str) -> None:
    booked(story)

    answer = booked(story, LATER_VISIT_AT, what=what, patient={"id": "p-eve", "phone": "+12125550177"})

    assert (answer.status, (answer.reason or "").split(":")[0]) == ("quarantined", "other_patient")
    assert due(story) == PREPARED
    assert story.one(Case).patient_id == story.one(Patient, record_id="p-maria").id


@pytest.mark.parametrize("order", [("booked", "cancelled"), ("cancelled", "booked")])
def test_of_two_words_of_one_instant_the_cancellation_counts(story: Story, order: tuple[str, str]) -> None:
    for what in order:
        booked(story, what=what, told=NOW)

    assert due(story) == {}


def test_a_claimed_text_of_a_plan_that_was_closed_meanwhile_does_not_leave_later(story: Story) -> None:
    """The carrier could not take it, and when it can, a session's plan has taken over."""
    booked(story)
    story.now = VISIT_AT - 2 * DAY
    carrier = WatchedCarrier(story, lambda _: story.tell(completed(ended_at=story.now - HOUR, at=story.now)))
    carrier.behave(Refuse(Cause.TRANSIENT))

    story.send(carrier=carrier)
    for minutes in range(1, 10):
        story.send(at=VISIT_AT - 2 * DAY + minutes * MINUTE)

    assert story.texts() == []
    assert story.message(EAT).reason == "a later session has its own plan"


def test_what_was_not_delivered_is_not_delivered_once_more_after_its_plan_was_closed(story: Story) -> None:
    booked(story)
    story.carrier.behave(Accept(("undelivered",), 30003, Cause.TRANSIENT))
    story.send(at=VISIT_AT - 2 * DAY)
    story.tell(completed(ended_at=story.now - HOUR, at=story.now))

    story.report()
    story.send(at=story.now + 15 * MINUTE)

    assert [(m.status, m.reason) for m in story.all(Message, step=EAT, again=1)] == [
        ("cancelled", "a later session has its own plan")
    ]
