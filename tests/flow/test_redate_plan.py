"""An appointment moves, or a session's end is corrected: what has not left yet gets its new date."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.store.tables import Appointment, Case, Message
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    ENDED_AT,
    MAINTENANCE,
    MOOD,
    MOOD_AT,
    NOW,
    Story,
    appointment,
    cancelled,
    completed,
    consent,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATER = NOW + MINUTE
REMINDER = "appointment reminder"
VISIT_AT = ENDED_AT + 7 * DAY
"""10:00 in New York, a week after the session."""
MOVED_TO = VISIT_AT + 2 * DAY


def booked(at: datetime | None, *, told: datetime = NOW, id_: str = "ap-1", **more: Any) -> dict[str, Any]:
    """The session's completion, with this next appointment; None: there is none."""
    return completed(at=told, next_appointment=appointment(at, id_=id_) if at else None, **more)


def due(story: Story) -> dict[str, datetime]:
    """{step: when} of what is planned."""
    return {m.step: m.due_at for m in story.all(Message) if m.status == "planned"}


# The appointment ---------------------------------------------------------------------------------------------


def test_an_appointment_that_moved_takes_its_reminder_along(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    assert due(story)[REMINDER] == VISIT_AT - DAY

    answer = story.tell(booked(MOVED_TO, told=LATER))

    assert answer.reason == "already_planned: this session has its plan"
    assert story.one(Appointment).starts_at == MOVED_TO
    assert due(story) == {CHECK_IN: CHECK_IN_AT, MOOD: MOOD_AT, REMINDER: MOVED_TO - DAY}
    story.send(at=VISIT_AT - DAY)
    assert not any("next visit" in text for text in story.texts())


def test_an_appointment_may_move_forward(story: Story) -> None:
    story.tell(booked(MOVED_TO))

    story.tell(booked(VISIT_AT, told=LATER))

    assert due(story)[REMINDER] == VISIT_AT - DAY
    assert story.message(REMINDER).use_by_at == VISIT_AT - timedelta(hours=2)


def test_an_older_word_does_not_move_it_back(story: Story) -> None:
    story.tell(booked(MOVED_TO, told=LATER))

    story.tell(booked(VISIT_AT, told=NOW))

    assert due(story)[REMINDER] == MOVED_TO - DAY


def test_a_word_from_the_future_does_not_pin_an_appointment_for_ever(story: Story) -> None:
    story.tell(booked(VISIT_AT, told=NOW + 365 * DAY))
    story.now = NOW + timedelta(minutes=16)

    story.tell(booked(MOVED_TO, told=story.now))

    assert story.one(Appointment).starts_at == MOVED_TO


def test_no_next_appointment_any_more_ends_the_reminder_and_brings_the_text_for_who_has_none(story: Story) -> None:
    story.tell(booked(VISIT_AT))

    story.tell(booked(None, told=LATER))

    assert story.one(Appointment).cancelled_at == NOW
    assert (story.message(REMINDER).status, story.message(REMINDER).reason) == (
        "cancelled",
        "no appointment is booked any more",
    )
    assert set(due(story)) == {CHECK_IN, MOOD, MAINTENANCE}


def test_an_appointment_told_earlier_than_that_there_is_none_is_not_booked(story: Story) -> None:
    story.tell(booked(None, told=LATER))

    story.tell(booked(VISIT_AT, told=NOW, session="s-0", ended_at=ENDED_AT - timedelta(hours=5)))

    assert story.all(Appointment) == []
    assert set(due(story)) == {CHECK_IN, MOOD, MAINTENANCE}


def test_an_appointment_booked_again_gets_its_reminder_back(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.tell(booked(None, told=LATER))

    story.tell(booked(MOVED_TO, told=LATER + MINUTE, id_="ap-2"))

    assert due(story) == {CHECK_IN: CHECK_IN_AT, MOOD: MOOD_AT, REMINDER: MOVED_TO - DAY}
    assert story.message(MAINTENANCE).reason == "an appointment is booked"
    assert story.message(REMINDER).appointment_id == story.one(Appointment, record_id="ap-2").id


def test_an_appointment_booked_later_replaces_the_text_for_who_has_none(story: Story) -> None:
    story.tell(completed())

    story.tell(booked(VISIT_AT, told=LATER))

    assert set(due(story)) == {CHECK_IN, MOOD, REMINDER}
    assert (story.message(MAINTENANCE).status, story.message(MAINTENANCE).reason) == (
        "cancelled",
        "an appointment is booked",
    )


def test_an_older_sessions_news_moves_the_reminder_of_the_newest_plan(story: Story) -> None:
    story.tell(completed(session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))
    story.tell(booked(VISIT_AT, session="s-2"))

    story.tell(booked(MOVED_TO, told=LATER, session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))

    assert due(story)[REMINDER] == MOVED_TO - DAY


def test_a_cancelled_session_may_tell_of_the_next_appointment(story: Story) -> None:
    story.tell(completed(session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))

    story.tell(cancelled(session="s-2", reason="no_show", next_appointment=appointment(VISIT_AT)))

    assert due(story)[REMINDER] == VISIT_AT - DAY


def test_an_appointment_moved_too_near_for_a_reminder_gets_none(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.now = CHECK_IN_AT

    story.tell(booked(CHECK_IN_AT + timedelta(hours=1), told=CHECK_IN_AT))

    assert story.message(REMINDER).status == "cancelled"
    assert story.message(REMINDER).reason == "the appointment moved: a reminder would come too late"


def test_what_has_left_stays_as_it_left(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.send(at=CHECK_IN_AT)
    sent = story.message(CHECK_IN)

    story.tell(booked(MOVED_TO, told=CHECK_IN_AT + MINUTE))
    story.send(at=CHECK_IN_AT + 2 * MINUTE)

    assert story.message(CHECK_IN) == sent
    assert len(story.texts()) == 1


def test_staff_hear_of_an_appointment_that_moves_after_its_reminder_left(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.send(at=VISIT_AT - DAY)
    left = story.message(REMINDER)
    assert left.status == "accepted"

    for _ in range(2):
        story.tell(booked(MOVED_TO, told=VISIT_AT - DAY + MINUTE, ended_at=None))

    assert story.message(REMINDER).due_at == left.due_at
    case = story.one(Case)
    assert (case.level, case.reason) == ("concern", "The appointment changed after its reminder left")


@pytest.mark.parametrize("looked_at", [VISIT_AT - timedelta(hours=1), VISIT_AT + MINUTE], ids=["too late", "begun"])
def test_a_reminder_that_did_not_leave_in_time_comes_back_when_the_appointment_is_put_off(
    story: Story, looked_at: datetime
) -> None:
    story.tell(booked(VISIT_AT))
    story.send(at=looked_at)
    assert story.message(REMINDER).status in {"expired", "cancelled"}

    story.tell(booked(MOVED_TO, told=looked_at, ended_at=None))

    assert due(story)[REMINDER] == MOVED_TO - DAY
    story.send(at=MOVED_TO - DAY)
    assert sum("next visit" in text for text in story.texts()) == 1


def test_moving_a_reminder_does_not_touch_a_check_in_that_waits(story: Story) -> None:
    story.tell(booked(VISIT_AT, consent=None))
    story.send(at=CHECK_IN_AT + timedelta(hours=1))
    waits = story.message(CHECK_IN)

    story.tell(booked(MOVED_TO, told=story.now, consent=None))

    assert story.message(CHECK_IN) == waits


def test_the_reminder_of_a_patient_who_withdrew_consent_moves_and_stays_where_it_is(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.tell(consent("revoked", at=LATER))

    story.tell(booked(MOVED_TO, told=LATER, consent=None))
    assert set(story.statuses().values()) == {"suppressed"}

    story.now = LATER + MINUTE
    story.tell(consent("granted", at=story.now))
    assert due(story)[REMINDER] == MOVED_TO - DAY


def test_what_is_added_for_a_patient_who_withdrew_consent_does_not_leave(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("revoked", at=LATER))

    story.tell(booked(VISIT_AT, told=LATER, consent=None))

    assert story.message(REMINDER).status == "suppressed"


def test_an_appointment_whose_session_was_cancelled_is_still_reminded_of_once(story: Story) -> None:
    story.tell(booked(VISIT_AT))
    story.tell(cancelled(at=LATER))

    story.tell(booked(MOVED_TO, told=LATER, session="s-0", ended_at=ENDED_AT - timedelta(hours=90)))

    assert due(story) == {REMINDER: VISIT_AT - DAY}
    assert [m.status for m in story.all(Message, step=REMINDER)] == ["cancelled", "planned"]


# The session's end -------------------------------------------------------------------------------------------


def test_a_corrected_end_moves_what_has_not_left(story: Story) -> None:
    story.tell(booked(VISIT_AT))

    answer = story.tell(booked(VISIT_AT, told=LATER, ended_at=ENDED_AT - timedelta(hours=1)))

    assert answer.first_at == CHECK_IN_AT - timedelta(hours=1)
    assert due(story) == {
        CHECK_IN: CHECK_IN_AT - timedelta(hours=1),
        MOOD: MOOD_AT,
        REMINDER: VISIT_AT - DAY,
    }
    assert len(story.all(Message)) == 3


def test_an_end_corrected_to_another_day_moves_all(story: Story) -> None:
    story.tell(completed())

    story.tell(completed(at=LATER, ended_at=ENDED_AT - DAY))

    assert due(story) == {"morning-after check-in": NOW, MOOD: MOOD_AT - DAY, MAINTENANCE: ENDED_AT + 20 * DAY}
    assert story.message(CHECK_IN).status == "cancelled"
    assert story.message(CHECK_IN).reason == "the session's end was corrected: it would come too late"


def test_a_corrected_end_asks_nothing_twice(story: Story) -> None:
    """Next morning the check-in of the day counts as asked: its stand-in is not added."""
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.now = ENDED_AT + timedelta(hours=22)

    story.tell(completed(at=story.now, ended_at=ENDED_AT - timedelta(hours=1)))

    assert due(story) == {MOOD: MOOD_AT, MAINTENANCE: ENDED_AT + 21 * DAY}
    assert story.message(CHECK_IN).status == "accepted"
    assert len(story.all(Message)) == 3


def test_a_corrected_end_makes_no_burst(story: Story) -> None:
    story.tell(completed(consent=None))
    story.now = MOOD_AT + timedelta(hours=1)

    story.tell(completed(at=story.now, ended_at=ENDED_AT - timedelta(hours=1)))
    story.send()

    assert len(story.texts()) == 1


def test_the_same_end_again_changes_nothing(story: Story) -> None:
    story.tell(booked(VISIT_AT, consent=None))
    story.send(at=CHECK_IN_AT + timedelta(hours=1))
    before = story.all(Message)

    story.tell(booked(VISIT_AT, told=story.now, consent=None))

    assert story.all(Message) == before


@pytest.mark.parametrize("step", [CHECK_IN, MOOD])
def test_a_text_held_for_a_person_stays_held(story: Story, step: str) -> None:
    story.tell(completed())
    held = story.message(step)
    held.held_at, held.waits_for = NOW, "held: somebody looks at it"
    story.keep(held)

    story.tell(completed(at=LATER, ended_at=ENDED_AT - timedelta(minutes=30)))

    assert (story.message(step).held_at, story.message(step).waits_for) == (NOW, "held: somebody looks at it")
