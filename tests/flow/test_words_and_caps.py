"""What a text says, how many of them a patient gets, and what happens to one that cannot be rendered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.pretend import Accept, Refuse
from followup.store.fence import DiskAlmostFull, Fence
from followup.store.tables import (
    Attempt,
    Case,
    Message,
    Patient,
)
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    MAINTENANCE,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    WatchedCarrier,
    appointment,
    completed,
    consent,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


# Caps ------------------------------------------------------------------------------------------------------


def had(story: Story, who: Patient, times: int, *, ago: timedelta) -> None:
    for _ in range(times):
        at = NOW - ago
        story.due_text(
            who,
            purpose="step",
            priority=3,
            status="delivered",
            phone=who.phone,
            due_at=at,
            wake_at=at,
            handed_over_at=at,
        )


def test_a_third_automatic_text_of_a_day_gives_way(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 2, ago=MINUTE)
    third, mood = story.step_text(tom, MAINTENANCE), story.step_text(tom, MOOD)

    story.send()
    story.send(at=NOW + SECOND * 3)

    assert story.get(Message, third.id).status == "suppressed"
    assert story.get(Message, third.id).reason == "gave way: 2 automatic texts that day already"
    assert story.get(Message, mood.id).status == "accepted"


def test_an_eighth_automatic_text_of_a_week_gives_way(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 6, ago=timedelta(days=2))
    seventh = story.step_text(tom, MAINTENANCE)
    story.send()
    assert story.get(Message, seventh.id).status == "accepted"

    eighth = story.step_text(tom, MAINTENANCE)
    story.send(at=NOW + MINUTE)

    assert story.get(Message, eighth.id).reason == "gave way: 7 automatic texts in seven days already"


def test_two_texts_in_one_claim_count_for_each_other(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 1, ago=MINUTE)
    texts = [story.step_text(tom, MAINTENANCE) for _ in range(2)]

    story.send()
    story.send(at=NOW + SECOND * 3)

    assert sorted(story.get(Message, text.id).status for text in texts) == ["accepted", "suppressed"]


def test_a_text_that_is_tried_again_does_not_count_itself(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 1, ago=MINUTE)
    text = story.step_text(tom, MAINTENANCE)
    story.carrier.behave(*[Refuse(Cause.TRANSIENT)] * 3)

    for _ in range(4):
        story.send(at=story.now + timedelta(minutes=2))

    assert story.get(Message, text.id).status == "accepted"


# The words and the number ----------------------------------------------------------------------------------


def test_the_first_text_names_the_clinic_and_stop_and_later_ones_do_not_name_stop(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)

    first, second = story.texts()

    assert first.startswith("Riverside Clinic: Hi Maria")
    assert first.endswith("Reply STOP to end texts.")
    assert "STOP" not in second


def test_a_first_text_that_is_tried_again_still_says_stop(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Refuse(Cause.TRANSIENT))

    story.send(at=CHECK_IN_AT)
    story.send(at=CHECK_IN_AT + MINUTE)

    assert "STOP" in story.texts()[0]


def test_after_a_first_text_that_did_not_arrive_the_next_says_stop(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Accept(("sent", "undelivered"), code=30003))

    story.send(at=CHECK_IN_AT)
    story.report()
    story.send(at=MOOD_AT)

    assert story.message().status == "undelivered"
    assert "STOP" in story.texts()[1]


def test_a_number_changed_after_planning_is_the_one_that_is_texted(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("granted", patient={"phone": OTHER_PHONE, "given_name": "Mary"}))

    story.send(at=CHECK_IN_AT)

    assert story.texts(PHONE) == []
    (body,) = story.texts(OTHER_PHONE)
    assert "Hi Mary," in body
    assert (story.message().phone, story.message().text) == (OTHER_PHONE, body)


def test_a_text_whose_number_changed_after_the_claim_does_not_leave_for_the_old_one(story: Story) -> None:
    story.tell(completed())
    change = consent("granted", patient={"phone": OTHER_PHONE, "given_name": "Mary"})
    carrier = WatchedCarrier(story, lambda _: story.tell(change))

    story.send(at=CHECK_IN_AT, carrier=carrier)
    assert carrier.all_texts() == []

    story.send(at=CHECK_IN_AT + SECOND)
    (body,) = story.texts(OTHER_PHONE)
    assert "Hi Mary," in body
    assert (story.message().phone, story.message().text) == (OTHER_PHONE, body)


def test_a_text_speaks_the_patients_language_and_comes_from_its_clinics_number(story: Story) -> None:
    story.clinic.sender_number = "+12125550111"
    story.keep(story.clinic)
    story.tell(completed(patient={"language": "es-MX"}))

    story.send(at=CHECK_IN_AT)

    (taken,) = story.carrier.all_texts()
    assert taken.sender == "+12125550111"
    assert "Hola Maria" in taken.body
    assert story.message().text_language == "es"


def test_a_reminder_says_the_time_of_the_appointment_on_the_patients_clock(story: Story) -> None:
    story.tell(completed(next_appointment=appointment(datetime(2026, 12, 1, 18, 30, tzinfo=UTC))))

    story.send(at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC))

    assert "your next visit is Tue, Dec 1 at 1:30 PM" in story.texts()[-1]


# The same words twice ----------------------------------------------------------------------------------------


def test_the_same_planned_text_to_the_same_number_within_a_day_is_held_for_a_person(story: Story) -> None:
    tom = story.patient()
    first, second = story.step_text(tom, MAINTENANCE), story.step_text(tom, MAINTENANCE)

    for minutes in range(0, 10):
        story.send(at=NOW + timedelta(minutes=minutes))

    held = story.get(Message, second.id)
    held, sent = (held, story.get(Message, first.id)) if held.held_at else (story.get(Message, first.id), held)
    assert (sent.status, held.status) == ("accepted", "planned")
    assert held.waits_for == "held: the same text went to this number within a day"
    assert story.one(Case).reason == "A text is held: the same words went to this number within a day"
    assert len(story.carrier.all_texts()) == 1


def test_a_held_text_leaves_when_somebody_released_it(story: Story) -> None:
    tom = story.patient()
    for _ in range(2):
        story.step_text(tom, MAINTENANCE)
    story.send()
    story.send(at=NOW + timedelta(seconds=3))
    (held,) = [message for message in story.all(Message) if message.held_at]
    held.held_at, held.released_at, held.wake_at = None, story.now, story.now
    story.keep(held)

    assert story.send() == 1


def test_what_staff_write_twice_leaves_twice(story: Story) -> None:
    tom = story.patient()
    for _ in range(2):
        story.due_text(tom, text="Please call us.")

    story.send()
    story.send(at=NOW + timedelta(seconds=3))

    assert len(story.carrier.all_texts()) == 2


def test_a_reminder_of_an_appointment_that_has_begun_does_not_leave(story: Story) -> None:
    starts_at = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
    story.tell(completed(next_appointment=appointment(starts_at)))
    (reminder,) = [message for message in story.all(Message) if message.appointment_id]
    reminder.use_by_at = starts_at + timedelta(days=1)
    story.keep(reminder)

    story.send(at=starts_at)

    assert story.get(Message, reminder.id).reason == "the appointment has begun"


# Catching up -------------------------------------------------------------------------------------------------


def test_after_an_outage_a_patient_gets_one_text_and_not_all_that_were_due(story: Story) -> None:
    tom = story.patient()
    check_in = story.step_text(tom, CHECK_IN, use_by_at=NOW + timedelta(hours=3))
    mood = story.step_text(tom, MOOD, use_by_at=NOW + timedelta(hours=8))
    maintenance = story.step_text(tom, MAINTENANCE, use_by_at=NOW + timedelta(days=5), gives_way=True)

    for minutes in (60, 61, 62, 121, 181):
        story.send(at=NOW + timedelta(minutes=minutes))

    assert story.get(Message, mood.id).status == "accepted"
    for other in (check_in, maintenance):
        ended = story.get(Message, other.id)
        assert ended.status == "expired"
        assert ended.reason is not None
    assert len(story.carrier.all_texts()) == 1


def test_what_is_on_time_is_no_catching_up(story: Story) -> None:
    tom = story.patient()
    for step in (CHECK_IN, MOOD):
        story.step_text(tom, step)

    for minutes in range(0, 5):
        story.send(at=NOW + timedelta(minutes=minutes))

    assert len(story.carrier.all_texts()) == 2


def test_with_a_full_disk_nothing_is_claimed(story: Story, tmp_path: Path) -> None:
    class Full(Fence):
        def check_room(self) -> None:
            raise DiskAlmostFull

    story.rules = replace(story.rules, fence=Full(tmp_path / "fence"))
    text = story.due_text(story.patient())

    with pytest.raises(DiskAlmostFull):
        story.send()

    assert (story.get(Message, text.id).status, story.get(Message, text.id).fence) == ("planned", 0)
    assert story.all(Attempt) == []


# One poisoned row ------------------------------------------------------------------------------------------


def test_a_text_that_cannot_be_prepared_fails_before_staff_and_holds_nobody_up(story: Story) -> None:
    tom, maria = story.patient("Tom"), story.patient("Maria", phone=PHONE)
    poisoned = story.step_text(tom, MAINTENANCE, wake_at=NOW - MINUTE)
    poisoned.step = "a step that no schedule has"
    story.keep(poisoned)
    fine = story.step_text(maria)

    assert story.send() == 1

    kept = story.get(Message, poisoned.id)
    assert (kept.status, kept.reason) == ("failed", "it could not be prepared (LookupError)")
    assert kept.case_id == story.one(Case).id
    assert story.get(Message, fine.id).status == "accepted"


def test_a_patient_whose_zone_is_no_zone_does_not_hold_up_others(story: Story) -> None:
    tom, maria = story.patient("Tom"), story.patient("Maria", phone=PHONE)
    tom.zone = "America/Gotham"
    story.keep(tom)
    poisoned, fine = story.step_text(tom, wake_at=NOW - MINUTE), story.step_text(maria)

    story.send()

    assert story.get(Message, poisoned.id).status == "failed"
    assert story.get(Message, fine.id).status == "accepted"
