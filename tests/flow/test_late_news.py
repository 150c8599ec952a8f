"""News of a patient comes late, repeated and out of order: each thing is as it was told for the latest time."""

from datetime import timedelta
from typing import Any

import pytest

from followup.store.tables import Appointment, CareSession, Case, Consent, Event, Message, Patient
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    ENDED_AT,
    MAINTENANCE,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    STRANGER,
    Story,
    appointment,
    cancelled,
    completed,
    consent,
    died,
    event,
)

MINUTE = timedelta(minutes=1)
LATER, EARLIER = NOW + MINUTE, NOW - MINUTE
LONG_AGO = NOW - timedelta(days=23)
BAD_NUMBER = "555"


def planned(story: Story) -> set[str]:
    return {step for step, status in story.statuses().items() if status == "planned"}


# Phone and name ----------------------------------------------------------------------------------------------

LATE_NEWS = [
    pytest.param(consent("granted", at=LONG_AGO, patient={"phone": OTHER_PHONE}), id="a grant of long ago"),
    pytest.param(
        completed(session="s-0", at=EARLIER, ended_at=ENDED_AT - timedelta(hours=20), phone=OTHER_PHONE),
        id="an older session",
    ),
    pytest.param(completed(at=EARLIER, phone=OTHER_PHONE), id="an older word about the session"),
    pytest.param(cancelled(at=EARLIER, patient={"phone": OTHER_PHONE}), id="a cancellation that is stale"),
    pytest.param(died(at=EARLIER, patient={"phone": OTHER_PHONE}), id="a death"),
]


@pytest.mark.parametrize("late", LATE_NEWS)
def test_late_news_does_not_bring_back_an_old_number(small_story: Story, late: dict[str, Any]) -> None:
    small_story.tell(completed())

    small_story.tell(late)

    assert small_story.one(Patient).phone == PHONE


def test_a_text_goes_to_the_number_that_was_told_last_not_to_the_one_that_came_last(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("granted", at=LONG_AGO, patient={"phone": OTHER_PHONE, "given_name": "Marie"}))

    story.send(at=CHECK_IN_AT)

    assert len(story.texts(PHONE)) == 1
    assert "Maria" in story.texts(PHONE)[0]
    assert story.texts(OTHER_PHONE) == []


def test_a_cancellation_whose_version_is_old_changes_no_number_whatever_its_clock_says(story: Story) -> None:
    story.tell(completed(version=2))

    answer = story.tell(cancelled(version=1, at=LATER, patient={"phone": OTHER_PHONE}))

    assert answer.reason == "stale: a newer word about this session is known"
    assert story.one(Patient).phone == PHONE


def test_late_news_fills_in_what_nobody_told_yet(story: Story) -> None:
    story.tell(completed())

    story.tell(consent("granted", at=LONG_AGO, patient={"language": "es", "phone": OTHER_PHONE}))

    maria = story.one(Patient)
    assert (maria.language, maria.phone) == ("es", PHONE)


def test_a_number_that_was_cleared_is_not_brought_back_by_older_news(story: Story) -> None:
    story.tell(completed(phone=None, patient={"phone": None}))

    story.tell(consent("granted", at=EARLIER, patient={"phone": PHONE}))

    assert story.one(Patient).phone is None


def test_each_field_has_a_time_of_its_own(story: Story) -> None:
    """The news in the middle is older than the newest, which does not speak of the number."""
    story.tell(consent("granted", at=NOW, patient={"phone": PHONE}))
    story.tell(consent("granted", at=NOW + 2 * MINUTE, patient={"language": "es"}))

    story.tell(consent("granted", at=LATER, patient={"phone": OTHER_PHONE}))

    assert story.one(Patient).phone == OTHER_PHONE


def test_news_from_the_future_does_not_keep_a_number_for_ever(story: Story) -> None:
    story.tell(completed(at=NOW + timedelta(days=365), phone=OTHER_PHONE))
    story.now = NOW + timedelta(minutes=16)

    story.tell(consent("granted", at=story.now, patient={"phone": PHONE}))

    assert story.one(Patient).phone == PHONE


# Consent rides on anything -----------------------------------------------------------------------------------

ANY_TYPE: list[tuple[str, dict[str, Any]]] = [
    ("session.amended", {"session": {"id": "s-1"}}),
    ("session.cancelled", {"session": {"id": "s-9"}}),
    ("appointment.booked", {"appointment": appointment(NOW + timedelta(days=7))}),
    ("appointment.cancelled", {"appointment": {"id": "ap-1"}}),
    ("patient.updated", {}),
    ("patient.merged", {"merged_patient_id": "p-2"}),
]


@pytest.mark.parametrize(("type_", "facts"), ANY_TYPE, ids=lambda each: each if isinstance(each, str) else "")
def test_a_withdrawal_counts_whatever_it_rides_on(small_story: Story, type_: str, facts: dict[str, Any]) -> None:
    small_story.tell(completed())

    small_story.tell(event(type_, sms_consent={"status": "revoked"}, **facts))

    ended = {(m.status, m.reason) for m in small_story.all(Message)}
    assert ("suppressed", "the patient withdrew consent") in ended
    assert "planned" not in {status for status, _ in ended}


def test_what_is_not_supported_says_that_its_consent_counts(small_story: Story) -> None:
    answer = small_story.tell(event("patient.merged", merged_patient_id="p-2", sms_consent={"status": "revoked"}))

    assert answer.status == "ignored"
    assert answer.reason == "not_yet_supported: patient.merged is kept, and only its sms_consent has an effect"
    assert small_story.one(Consent).status == "revoked"


def test_a_withdrawal_of_a_patient_nobody_knows_yet_is_kept(small_story: Story) -> None:
    small_story.tell(event("patient.updated", sms_consent={"status": "revoked"}))

    assert small_story.tell(completed(consent=None)).scheduled == 0


# What waited for a number ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [BAD_NUMBER, None], ids=["no valid one", "none"])
def test_a_session_that_waited_for_a_number_is_planned_when_one_comes(story: Story, number: str | None) -> None:
    assert story.tell(completed(id_="evt-1", phone=number)).status == "quarantined"

    story.tell(consent("granted", at=LATER, patient={"phone": PHONE}))

    assert planned(story) == {CHECK_IN, MOOD, MAINTENANCE}
    waited = story.one(Event, event_id="evt-1")
    assert (waited.status, waited.reason) == (
        "accepted",
        "planned_later: a number that can be texted came with another event",
    )
    assert story.send(at=CHECK_IN_AT) == 1


def test_a_number_that_comes_with_an_older_session_plans_the_one_that_waited(story: Story) -> None:
    story.tell(completed(session="s-2", phone=None))

    story.tell(completed(session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))

    waited = story.one(CareSession, record_id="s-2")
    assert {m.session_id for m in story.all(Message)} == {waited.id}


def test_a_session_that_waited_longer_than_72_hours_is_not_planned(story: Story) -> None:
    story.tell(completed(phone=BAD_NUMBER))
    story.now = ENDED_AT + timedelta(hours=72, seconds=1)

    story.tell(consent("granted", at=story.now, patient={"phone": PHONE}))

    assert story.all(Message) == []
    assert story.one(Event, type="session.completed").status == "quarantined"


def test_only_what_is_still_ahead_is_planned_when_a_number_comes(story: Story) -> None:
    story.tell(completed(phone=BAD_NUMBER))
    story.now = MOOD_AT + timedelta(hours=9)

    story.tell(consent("granted", at=story.now, patient={"phone": PHONE}))

    assert planned(story) == {MAINTENANCE}


def test_a_number_that_comes_with_a_withdrawal_plans_nothing_that_leaves(story: Story) -> None:
    story.tell(completed(phone=BAD_NUMBER))

    story.tell(consent("revoked", at=LATER, patient={"phone": PHONE}))

    assert set(story.statuses().values()) == {"suppressed"}


def test_a_session_that_nobody_can_plan_stays_quarantined_when_a_number_comes(story: Story) -> None:
    story.tell(completed(phone=BAD_NUMBER, kind="sound-bath"))

    story.tell(consent("granted", at=LATER, patient={"phone": PHONE}))

    assert story.one(Event, type="session.completed").status == "quarantined"
    assert story.all(Message) == []


def test_a_text_that_found_no_number_is_planned_again_when_one_comes(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("granted", at=LATER, patient={"phone": None}))
    story.send(at=CHECK_IN_AT)
    assert story.message().status == "suppressed"

    story.tell(consent("granted", at=CHECK_IN_AT, patient={"phone": PHONE}))

    assert story.message().status == "planned"
    assert story.send() == 1


def test_a_number_longer_than_any_number_is_quarantined_and_its_beginning_kept(small_story: Story) -> None:
    answer = small_story.tell(completed(phone=PHONE + " or " + "9" * 5_000))

    assert (answer.status, answer.reason) == ("quarantined", "invalid_phone: it is no valid number")
    assert small_story.one(Patient).phone_as_given == (PHONE + " or " + "9" * 5_000)[:100]


# Ids that belong to somebody else ----------------------------------------------------------------------------

TOM = {"id": "p-tom", "given_name": "Tom", "phone": STRANGER}


def completed_for_tom(**more: Any) -> dict[str, Any]:
    return completed(patient=TOM, **more)


def test_a_session_that_is_another_patients_is_quarantined_and_its_texts_stop(story: Story) -> None:
    story.tell(completed())

    answer = story.tell(completed_for_tom(at=LATER))

    assert (answer.status, answer.reason) == (
        "quarantined",
        "other_patient: this session is known as another patient's",
    )
    assert story.one(CareSession).patient_id == story.one(Patient, record_id="p-maria").id
    assert {(m.status, m.reason) for m in story.all(Message)} == {
        ("cancelled", "the record system named another patient for this session")
    }
    story.send(at=CHECK_IN_AT)
    assert story.texts(PHONE) == story.texts(STRANGER) == []


def test_staff_see_that_a_session_is_told_of_two_patients(story: Story) -> None:
    story.tell(completed())
    for _ in range(2):
        story.tell(completed_for_tom(at=LATER))

    case = story.one(Case)
    assert case.patient_id == story.one(Patient, record_id="p-maria").id
    assert case.session_id == story.one(CareSession).id
    assert (case.level, case.reason) == ("concern", "The record system named another patient for this session")


def test_a_stale_word_about_another_patients_session_is_quarantined_too(story: Story) -> None:
    story.tell(completed())

    assert story.tell(completed_for_tom(at=EARLIER)).status == "quarantined"
    assert planned(story) == set()


def test_a_cancellation_of_another_patients_session_is_quarantined(story: Story) -> None:
    story.tell(completed())

    answer = story.tell(cancelled(at=LATER, patient=TOM))

    assert answer.reason == "other_patient: this session is known as another patient's"
    assert story.one(CareSession).cancelled_at is None
    assert planned(story) == set()


@pytest.mark.parametrize("again", [{}, {"patient": TOM}], ids=["whose it was", "the other"])
def test_no_later_word_starts_its_texts_again(story: Story, again: dict[str, Any]) -> None:
    story.tell(completed())
    story.tell(completed_for_tom(at=LATER))
    story.tell(cancelled(at=LATER + MINUTE))

    answer = story.tell(completed(at=LATER + 2 * MINUTE, **again))

    assert answer.status == "quarantined"
    assert planned(story) == set()


def test_a_session_that_waits_for_a_number_is_not_planned_while_two_patients_have_it(story: Story) -> None:
    story.tell(completed(phone=BAD_NUMBER))
    story.tell(completed_for_tom(at=LATER))

    story.tell(consent("granted", at=LATER, patient={"phone": PHONE}))

    assert story.all(Message) == []
    assert {e.status for e in story.all(Event, type="session.completed")} == {"quarantined"}


def test_a_withdrawal_in_a_quarantined_event_still_counts(story: Story) -> None:
    story.tell(completed())

    story.tell(completed_for_tom(at=LATER, consent="revoked"))

    tom = story.one(Patient, record_id="p-tom")
    assert story.one(Consent, patient_id=tom.id).status == "revoked"


def test_an_appointment_of_another_patient_is_quarantined_and_stays_as_it_is(story: Story) -> None:
    at = NOW + timedelta(days=7)
    story.tell(completed(next_appointment=appointment(at)))

    answer = story.tell(completed_for_tom(session="s-2", next_appointment=appointment(NOW + timedelta(days=9))))

    assert (answer.status, answer.reason) == (
        "quarantined",
        "other_patient: this appointment is known as another patient's",
    )
    assert story.one(Appointment).starts_at == at
    assert story.one(Case).reason == "The record system named another patient for this appointment"
    assert len(story.all(Message)) == 3
    assert planned(story) == {CHECK_IN, MOOD, "appointment reminder"}
    assert story.tell(completed_for_tom(session="s-2")).scheduled == 3
