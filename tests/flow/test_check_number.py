"""Numbers that cannot be texted, numbers that change, and numbers that two patients share."""

from datetime import timedelta
from typing import Any

import pytest

from followup.store.tables import Case, CaseClosure, Message, Patient
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    completed,
    consent,
    staff_row,
)

LONDON_LANDLINE = "+44 20 7183 8750"


def later(story: Story, minutes: int = 1, **patient: Any) -> None:
    """The record system says more of Maria."""
    story.tell(consent("granted", at=NOW + timedelta(minutes=minutes), patient=patient))


# Cannot be texted --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patient", "why"),
    [
        pytest.param({"phone": "555-0100"}, "it is no valid number", id="not a number"),
        pytest.param({"phone": "+1 212 555 0142 0142"}, "it is no valid number", id="too long"),
        pytest.param({"phone": LONDON_LANDLINE}, "it is a landline", id="a landline by its number"),
        pytest.param({"phone": PHONE, "phone_type": "Landline"}, "it is a landline", id="a landline by the record"),
        pytest.param({"phone": "1-800-555-1234"}, "it is the number of a service, not of a person", id="toll-free"),
    ],
)
def test_a_number_that_cannot_be_texted_is_one_case_however_often_it_is_told(
    story: Story, patient: dict[str, str], why: str
) -> None:
    answer = story.tell(completed(phone=None, patient=patient))
    for minutes in (1, 2):
        later(story, minutes, **patient)
    story.tell(completed(session="s-2", phone=None, patient=patient, at=NOW + timedelta(minutes=3)))

    case = story.one(Case)
    assert (case.level, case.reason) == ("concern", f"The number on record cannot be texted: {why}")
    assert case.changed_at == case.opened_at
    assert story.one(Patient).phone_fault == why
    is_warned = answer.warnings == [f"/data/patient/phone: texts cannot reach it: {why}"]
    assert is_warned or answer.reason == f"invalid_phone: {why}"
    story.send(at=CHECK_IN_AT)
    assert story.carrier.all_texts() == []


def test_the_same_bad_number_is_no_new_case_after_the_first_was_closed(story: Story) -> None:
    story.tell(completed(phone=LONDON_LANDLINE))
    ana = staff_row(story.clinic)
    case = story.one(Case)
    story.keep(ana)
    story.keep(CaseClosure(clinic_id=story.clinic.id, case_id=case.id, staff_id=ana.id, at=story.now, outcome="called"))

    later(story, phone="+442071838750")

    assert len(story.all(Case)) == 1


def test_another_bad_number_is_told_again(story: Story) -> None:
    story.tell(completed(phone=LONDON_LANDLINE))
    story.now += timedelta(minutes=1)

    later(story, phone="0000")

    case = story.one(Case)
    assert (case.reason, case.changed_at) == ("The number on record cannot be texted: it is no valid number", story.now)


@pytest.mark.parametrize("phone", [PHONE, "(212) 555-0142", "+447400123456"])
@pytest.mark.parametrize("type_", [None, "mobile", "home", "work"])
def test_a_number_that_may_be_a_mobile_is_texted(story: Story, phone: str, type_: str | None) -> None:
    story.tell(completed(phone=phone, patient={"phone_type": type_}))

    assert story.all(Case) == []
    assert story.one(Patient).phone_fault is None


def test_a_good_number_after_a_bad_one_gets_what_has_not_left(story: Story) -> None:
    story.tell(completed(phone=LONDON_LANDLINE))
    story.send(at=CHECK_IN_AT)
    assert story.message().reason == "the number cannot be texted: it is a landline"

    later(story, phone=PHONE)
    story.send(at=CHECK_IN_AT + timedelta(minutes=1))

    assert len(story.texts(PHONE)) == 1
    assert story.one(Patient).phone_fault is None


def test_a_landline_that_is_none_after_all_is_texted(story: Story) -> None:
    story.tell(completed(patient={"phone_type": "landline"}))

    later(story, phone_type="mobile")
    story.send(at=CHECK_IN_AT)

    assert len(story.texts()) == 1


def test_a_landline_that_texts_takes_texts(story: Story) -> None:
    story.tell(completed(patient={"phone_type": "landline"}))

    story.hear("hello")
    later(story, phone_type="landline")

    maria = story.one(Patient)
    assert (maria.phone_fault, maria.phone_verified_at) == (None, story.now)


# Changes -----------------------------------------------------------------------------------------------------------


def test_a_changed_number_takes_unsent_texts_along_and_leaves_the_others(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)

    later(story, phone=OTHER_PHONE)
    story.send(at=MOOD_AT)

    phones = {message.step: message.phone for message in story.all(Message)}
    assert (phones[CHECK_IN], phones[MOOD]) == (PHONE, OTHER_PHONE)


def test_what_was_known_of_the_old_number_is_not_held_against_the_new_one(story: Story) -> None:
    story.tell(completed())
    maria = story.one(Patient)
    maria.phone_fault, maria.phone_verified_at = "the carrier does not know it", NOW
    story.keep(maria)

    later(story, phone="(212) 555-0142")
    same = story.one(Patient)
    later(story, 2, phone=OTHER_PHONE)
    other = story.one(Patient)

    assert (same.phone_fault, same.phone_verified_at) == ("the carrier does not know it", NOW)
    assert (other.phone_fault, other.phone_verified_at) == (None, None)


# Proven ------------------------------------------------------------------------------------------------------------


def test_a_text_from_the_patients_number_proves_it(story: Story) -> None:
    story.tell(completed())
    maria = story.one(Patient)
    maria.phone_fault = "the handset was off"
    story.keep(maria)

    story.hear("hello")

    maria = story.one(Patient)
    assert (maria.phone_verified_at, maria.phone_fault) == (story.now, None)


def test_a_text_from_the_number_she_had_before_proves_nothing_of_the_new_one(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    later(story, phone=OTHER_PHONE)

    reply = story.hear("hello", sender=PHONE)

    assert reply.patient_id == story.one(Patient).id
    assert story.one(Patient).phone_verified_at is None


# Shared ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shared(story: Story) -> Story:
    """Maria and Tom have one phone; Maria was asked about her mood a minute ago, Tom was never texted."""
    story.tell(completed())
    story.patient("Tom", phone=PHONE)
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)
    story.now += timedelta(minutes=1)
    return story


def test_an_answer_is_hers_where_only_she_was_texted_and_asked(shared: Story) -> None:
    reply = shared.hear("7")

    assert reply.patient_id == shared.one(Patient, record_id="p-maria").id
    assert reply.answers_id == shared.message(MOOD).id
    case = shared.case_of(reply)
    assert case.reason == "Score 7; of several patients with this number only this one was asked"


@pytest.mark.parametrize("body", ["I feel odd", "thanks", "STOP", "HELP", "7, and when can I drive?"])
def test_what_is_no_plain_answer_is_shown_to_staff_and_never_guessed(shared: Story, body: str) -> None:
    reply = shared.hear(body)

    assert (reply.patient_id, reply.answers_id, reply.session_id) == (None, None, None)
    case = shared.case_of(reply)
    assert (case.level, case.patient_id) == ("concern", None)
    assert case.reason.startswith("Several patients have this number")


def test_what_is_urgent_is_urgent_whoever_of_them_wrote_it(shared: Story) -> None:
    reply = shared.hear("7 but my chest hurts")

    assert (shared.case_of(reply).level, shared.case_of(reply).patient_id) == ("urgent", None)
    assert shared.case_of(reply).reason == "Several patients have this number; Chest pain or pressure; score 7"


def test_an_answer_is_shown_to_staff_where_both_were_texted(shared: Story) -> None:
    shared.due_text(shared.one(Patient, record_id="p-tom"))
    shared.send()

    reply = shared.hear("7")

    assert (reply.patient_id, shared.case_of(reply).reason) == (None, "Several patients have this number")


def test_an_answer_is_shown_to_staff_where_the_question_is_too_old(shared: Story) -> None:
    shared.now = MOOD_AT + timedelta(hours=49)

    assert shared.hear("7").patient_id is None
