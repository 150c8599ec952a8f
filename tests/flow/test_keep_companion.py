"""Who drives the patient home: texted with a consent of their own, and never taken for the patient."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from followup.store.database import Database
from followup.store.replies import scores_before
from followup.store.tables import CareSession, Case, Companion, Consent, Message, OptOut, Patient, Reply, Source
from tests.flow.stories import (
    ENDED_AT,
    NOT_GIVEN,
    NOW,
    OTHER_PHONE,
    PHONE,
    STRANGER,
    Story,
    WatchedCarrier,
    cancelled,
    clinic_row,
    completed,
    consent,
    died,
    event,
    hillside,
    riverside,
    source_row,
)
from tests.flow.written import only, step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALEX_PHONE, ALEX_OTHER_PHONE = "+12125550101", "+12125550109"
CHECK_IN, WATCH, MORNING = "check-in", "what to watch for", "the morning after"
WATCH_AT, CHECK_IN_AT, MORNING_AT = ENDED_AT + HOUR, ENDED_AT + 4 * HOUR, ENDED_AT + DAY
WATCH_TEXT = "{first_name} may be drowsy until {usual_until}."
"""A companion's text says what it has to say by itself: the words of a patient's first text are not for them."""
SCHEDULES = only(
    step(CHECK_IN, after_end="4h", use_by="20:00", prompt="same_day", gives_way=False),
    step(WATCH, WATCH_TEXT, to="companion", after_end="1h", use_by="8h"),
    step(MORNING, to="companion", days_after=1, at="10:00", use_by="8h"),
)


@pytest.fixture
def story(sqlite: Database) -> Story:
    return riverside(sqlite, schedules=SCHEDULES)


def alex(**changes: Any) -> dict[str, Any]:
    """As the record system tells of him; what is NOT_GIVEN is absent."""
    told = {"name": "Alex", "phone": ALEX_PHONE, "consent": True} | changes
    return {name: value for name, value in told.items() if value is not NOT_GIVEN}


def tell(story: Story, companion: dict[str, Any] | None, *, told: Any = None) -> Any:
    """Other news of Maria."""
    return story.tell(event("patient.updated", at=told or story.now, companion=companion))


def due(story: Story) -> set[str]:
    return {m.step for m in story.all(Message) if m.status == "planned"}


def to_alex(story: Story) -> list[str]:
    return story.texts(ALEX_PHONE)


# Who is texted -------------------------------------------------------------------------------------------


def test_a_companion_who_agreed_is_texted_at_their_own_number(story: Story) -> None:
    answer = story.tell(completed(companion=alex()))

    assert (answer.scheduled, answer.warnings) == (3, [])
    story.send(at=WATCH_AT)
    assert to_alex(story) == ["Maria may be drowsy until 2:00 PM."]
    sent = story.message(WATCH)
    assert (sent.to, sent.phone, sent.patient_id) == ("companion", ALEX_PHONE, story.one(Patient).id)
    assert story.texts(PHONE) == []


def test_what_a_companion_got_is_nothing_that_the_patient_got(story: Story) -> None:
    """The first text says how to end them, whoever was texted before."""
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)

    story.send(at=CHECK_IN_AT)

    assert story.texts(PHONE) == ["check-in. Reply STOP to end texts."]


@pytest.mark.parametrize(
    "told",
    [
        alex(consent=False),
        alex(consent=None),
        alex(consent=NOT_GIVEN),
        alex(phone=None),
        alex(phone=NOT_GIVEN),
        alex(phone="555"),
        None,
    ],
    ids=["refused", "null", "not asked", "no number", "number not told", "no valid number", "nobody"],
)
def test_nobody_is_texted_without_a_number_and_a_consent(story: Story, told: dict[str, Any] | None) -> None:
    story.tell(completed(companion=told))

    assert due(story) == {CHECK_IN}


def test_the_patients_consent_is_not_the_companions(story: Story) -> None:
    story.tell(completed(companion=alex(consent=NOT_GIVEN), consent="granted"))

    assert due(story) == {CHECK_IN}


def test_a_companion_is_not_texted_before_the_patient_agreed(story: Story) -> None:
    story.tell(completed(companion=alex(), consent=None))

    story.send(at=WATCH_AT)

    assert to_alex(story) == []
    assert story.message(WATCH).waits_for == "no consent on record"


@pytest.mark.parametrize("number", ["+1 212 555 01", "12", "x" * 5000], ids=["short", "two digits", "long"])
def test_a_number_that_is_none_is_said(story: Story, number: str) -> None:
    answer = story.tell(completed(companion=alex(phone=number)))

    assert answer.warnings == ["/data/companion/phone: texts cannot reach it"]
    assert story.one(Companion).phone is None


def test_the_patients_own_number_is_no_companions(story: Story) -> None:
    answer = story.tell(completed(companion=alex(phone="(212) 555-0142")))

    assert answer.warnings == ["/data/companion/phone: it is the patient's own; no companion is texted there"]
    assert due(story) == {CHECK_IN}


def test_a_number_that_becomes_the_patients_own_is_no_companions_any_more(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.tell(event("patient.updated", patient={"phone": ALEX_PHONE}))

    story.send(at=WATCH_AT)

    assert to_alex(story) == []
    assert (story.message(WATCH).status, story.message(WATCH).reason) == (
        "suppressed",
        "there is no number that can be texted",
    )


def test_two_patients_may_have_the_same_companion(story: Story) -> None:
    story.tell(completed(companion=alex()))
    tom = {"id": "p-tom", "given_name": "Tom", "phone": OTHER_PHONE}
    story.tell(completed(session="s-tom", patient=tom, companion=alex()))

    for _ in range(2):
        story.send(at=WATCH_AT)
        story.now += 3 * timedelta(seconds=1)
    story.send(at=story.now)

    assert [text.split()[0] for text in to_alex(story)] == ["Maria", "Tom"]


# What changes --------------------------------------------------------------------------------------------


def test_a_companion_named_later_gets_what_is_still_ahead(story: Story) -> None:
    story.tell(completed())
    story.now = CHECK_IN_AT

    tell(story, alex())
    story.send()

    assert len(to_alex(story)) == 1
    assert MORNING in due(story)


def test_a_consent_that_comes_later_brings_the_texts(story: Story) -> None:
    story.tell(completed(companion=alex(consent=False)))

    tell(story, {"consent": True})

    assert due(story) == {CHECK_IN, WATCH, MORNING}


def test_a_companion_who_withdraws_gets_nothing_more_and_may_agree_again(story: Story) -> None:
    story.tell(completed(companion=alex()))

    tell(story, {"consent": False})
    assert due(story) == {CHECK_IN}
    assert story.message(WATCH).reason == "no companion agreed to be texted any more"
    story.now = NOW + MINUTE
    tell(story, {"consent": True})

    assert due(story) == {CHECK_IN, WATCH, MORNING}
    assert len(story.all(Message)) == 3


def test_another_number_needs_a_consent_of_its_own(story: Story) -> None:
    story.tell(completed(companion=alex()))

    tell(story, {"phone": ALEX_OTHER_PHONE})

    assert due(story) == {CHECK_IN}
    assert story.one(Companion).has_agreed is False


def test_another_number_with_its_consent_gets_the_texts(story: Story) -> None:
    story.tell(completed(companion=alex()))

    tell(story, {"phone": ALEX_OTHER_PHONE, "consent": True})
    story.send(at=WATCH_AT)

    assert (len(story.texts(ALEX_OTHER_PHONE)), to_alex(story)) == (1, [])


def test_the_same_number_in_other_letters_needs_no_new_consent(story: Story) -> None:
    story.tell(completed(companion=alex()))

    tell(story, {"phone": "(212) 555-0101"})

    assert due(story) == {CHECK_IN, WATCH, MORNING}


def test_null_takes_the_companion_away(story: Story) -> None:
    story.tell(completed(companion=alex()))

    tell(story, None)

    assert due(story) == {CHECK_IN}
    story.send(at=WATCH_AT)
    assert to_alex(story) == []


def test_a_companion_taken_away_and_named_again_is_asked_again(story: Story) -> None:
    story.tell(completed(companion=alex()))
    tell(story, None)

    tell(story, alex(consent=NOT_GIVEN))
    assert due(story) == {CHECK_IN}
    tell(story, alex())

    assert due(story) == {CHECK_IN, WATCH, MORNING}


def test_an_absent_companion_changes_nothing(story: Story) -> None:
    story.tell(completed(companion=alex()))

    story.tell(event("patient.updated", patient={"given_name": "Mary"}))
    story.tell(completed(at=NOW + MINUTE))

    assert due(story) == {CHECK_IN, WATCH, MORNING}


@pytest.mark.parametrize("older", [alex(), alex(phone=ALEX_OTHER_PHONE)], ids=["agreed", "another number"])
def test_an_older_word_that_comes_late_changes_nothing(story: Story, older: dict[str, Any]) -> None:
    story.tell(completed())
    story.now = NOW + HOUR
    tell(story, alex(consent=False))

    tell(story, older, told=NOW)

    companion = story.one(Companion)
    assert (companion.phone, companion.has_agreed) == (ALEX_PHONE, False)
    assert due(story) == {CHECK_IN}


def test_an_older_word_does_not_bring_back_who_was_taken_away(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.now = NOW + HOUR
    tell(story, None)

    tell(story, alex(), told=NOW + MINUTE)

    assert due(story) == {CHECK_IN}


def test_the_same_word_again_changes_nothing(story: Story) -> None:
    story.tell(completed(companion=alex()))
    before = (story.all(Companion), story.all(Message))

    for _ in range(2):
        tell(story, alex(), told=NOW)

    assert (story.all(Companion), story.all(Message)) == before


@pytest.mark.parametrize("type_", ["session.completed", "appointment.booked", "patient.updated"])
def test_every_kind_of_event_may_name_the_companion(story: Story, type_: str) -> None:
    story.tell(completed())
    facts: dict[str, Any] = {
        "session.completed": {"session": {"id": "s-1"}},
        "appointment.booked": {"appointment": {"id": "ap-1", "starts_at": (ENDED_AT + 9 * DAY).isoformat()}},
        "patient.updated": {},
    }[type_]

    story.tell(event(type_, companion=alex(), **facts))

    assert due(story) == {CHECK_IN, WATCH, MORNING}


def test_a_cancelled_session_ends_the_companions_texts(story: Story) -> None:
    story.tell(completed(companion=alex()))

    story.tell(cancelled())

    assert due(story) == set()


# STOP, withdrawal, death ---------------------------------------------------------------------------------


def test_the_companions_stop_stops_only_the_companion(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)

    story.hear("STOP", sender=ALEX_PHONE)
    story.send(at=CHECK_IN_AT)
    story.send(at=MORNING_AT)

    assert (len(story.texts(PHONE)), len(to_alex(story))) == (1, 1)
    assert story.one(OptOut).phone == ALEX_PHONE
    assert (story.message(MORNING).status, story.message(MORNING).reason) == ("suppressed", "the companion sent STOP")
    assert {consented.status for consented in story.all(Consent)} == {"granted"}


def test_the_companions_start_brings_the_texts_back(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.hear("STOP", sender=ALEX_PHONE)
    story.send(at=WATCH_AT)

    story.hear("START", sender=ALEX_PHONE)
    story.send(at=WATCH_AT + MINUTE)
    story.send(at=MORNING_AT)

    assert len(to_alex(story)) == 2


STOPPED: dict[str, Callable[[Story], object]] = {
    "the patient sent STOP": lambda story: story.hear("STOP"),
    "the patient withdrew consent": lambda story: story.tell(consent("revoked", at=story.now)),
    "the patient died": lambda story: story.tell(died()),
}


@pytest.mark.parametrize("why", STOPPED)
def test_nobody_is_told_of_a_patient_who_wants_no_texts_or_died(story: Story, why: str) -> None:
    story.tell(completed(companion=alex()))

    STOPPED[why](story)
    story.send(at=WATCH_AT)

    assert to_alex(story) == []
    assert story.message(WATCH).reason == why


def test_a_companion_named_after_the_patients_stop_gets_nothing(story: Story) -> None:
    story.tell(completed())
    story.hear("STOP")

    tell(story, alex())
    story.send(at=WATCH_AT)

    assert to_alex(story) == []


def test_a_text_waits_while_the_patients_word_is_unread(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.keep_text("stop please")

    story.send(at=WATCH_AT)

    assert to_alex(story) == []
    assert story.message(WATCH).waits_for == "a reply from this number is being read"


# Between the claim and the call --------------------------------------------------------------------------

MEANWHILE: dict[str, Callable[[Story], object]] = {
    "the patient sent STOP": lambda story: story.hear("STOP"),
    "the patient wrote something": lambda story: story.keep_text("please stop"),
    "the patient died": lambda story: story.tell(died()),
    "consent was withdrawn": lambda story: story.tell(consent("revoked", at=story.now)),
    "the companion sent STOP": lambda story: story.hear("STOP", sender=ALEX_PHONE),
    "the companion wrote something": lambda story: story.keep_text("stop it", sender=ALEX_PHONE),
    "the companion withdrew": lambda story: tell(story, {"consent": False}),
    "the companion was taken away": lambda story: tell(story, None),
    "the companion has another number": lambda story: tell(story, {"phone": ALEX_OTHER_PHONE, "consent": True}),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_claimed_text_to_a_companion_does_not_leave_when(story: Story, what: str) -> None:
    story.tell(completed(companion=alex()))
    carrier = WatchedCarrier(story, lambda _: MEANWHILE[what](story))

    story.send(at=WATCH_AT, carrier=carrier)

    assert carrier.all_texts() == []


def test_a_claimed_text_leaves_though_the_patients_number_changed(story: Story) -> None:
    story.tell(completed(companion=alex()))
    carrier = WatchedCarrier(story, lambda _: story.tell(event("patient.updated", patient={"phone": OTHER_PHONE})))

    story.send(at=WATCH_AT, carrier=carrier)

    assert len(carrier.texts_to(ALEX_PHONE)) == 1


# What the companion writes -------------------------------------------------------------------------------


def test_a_companions_reply_is_a_concern_of_the_patient(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)

    reply = story.hear("thanks", sender=ALEX_PHONE)

    assert (reply.patient_id, reply.is_companions) == (story.one(Patient).id, True)
    assert reply.session_id == story.one(CareSession).id
    case = story.case_of(reply)
    assert (case.patient_id, case.level) == (reply.patient_id, "concern")
    assert case.reason.startswith("From the patient's companion; ")


@pytest.mark.parametrize("body", ["8", "1", "C", "yes"])
def test_a_companions_number_answers_nothing(story: Story, body: str) -> None:
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)
    story.send(at=CHECK_IN_AT)

    reply = story.hear(body, sender=ALEX_PHONE)

    assert reply.answers_id is None
    assert (story.reading(reply).kind, story.reading(reply).value) == ("unclear", None)
    assert story.case_of(reply).level == "concern"
    with story.database.reader() as db:
        assert scores_before(db, story.one(Patient).id, "words", before=story.now + DAY) == []


def test_a_companion_who_was_never_texted_is_known_all_the_same(story: Story) -> None:
    story.tell(completed(companion=alex(consent=False)))

    reply = story.hear("He is confused", sender=ALEX_PHONE)

    assert (reply.is_companions, reply.patient_id) == (True, story.one(Patient).id)


def test_a_companion_of_two_patients_is_asked_by_a_person_whom_it_is_about(story: Story) -> None:
    story.tell(completed(companion=alex()))
    tom = {"id": "p-tom", "given_name": "Tom", "phone": OTHER_PHONE}
    story.tell(completed(session="s-tom", patient=tom, companion=alex()))

    reply = story.hear("She fell", sender=ALEX_PHONE)

    assert reply.patient_id is None
    case = story.case_of(reply)
    assert (case.level, case.sender) == ("concern", ALEX_PHONE)


def test_a_patient_who_is_somebodys_companion_too_writes_for_themselves(story: Story) -> None:
    story.tell(completed(companion=alex()))
    tom = story.patient("Tom", phone=ALEX_PHONE)

    reply = story.hear("8", sender=ALEX_PHONE)

    assert (reply.patient_id, reply.is_companions) == (tom.id, False)


def test_who_was_the_companion_once_is_a_stranger(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)
    tell(story, {"phone": ALEX_OTHER_PHONE, "consent": True})

    reply = story.hear("7", sender=ALEX_PHONE)

    assert (reply.patient_id, reply.answers_id) == (None, None)
    assert story.case_of(reply).level == "concern"


def test_the_companions_clinic_is_found_among_those_of_one_number(story: Story) -> None:
    there = clinic_row("Westside")
    story.keep(there, source_row(there))
    story.tell(completed(companion=alex()), source=story.one(Source, clinic_id=there.id))

    reply = story.hear("She fell", sender=ALEX_PHONE)

    assert (reply.clinic_id, reply.is_companions) == (there.id, True)


def test_another_clinics_companion_is_nobody_here(story: Story) -> None:
    there = hillside(story, sender_number="+12125550300")
    story.tell(completed(companion=alex()), source=story.one(Source, clinic_id=there.id))

    reply = story.hear("She fell", sender=ALEX_PHONE)

    assert (reply.clinic_id, reply.patient_id, reply.is_companions) == (story.clinic.id, None, False)


def test_a_companions_word_at_night_does_not_open_the_night_for_the_patient(story: Story) -> None:
    """A person may answer at any hour whoever wrote just now; the patient is asleep."""
    story.tell(completed(companion=alex()))
    story.now = ENDED_AT + 13 * HOUR  # 23:00.
    story.hear("She sleeps now", sender=ALEX_PHONE)
    story.due_text(story.one(Patient))

    story.send()

    assert story.texts(PHONE) == []


def test_a_companions_number_that_does_not_work_says_nothing_of_the_patients(story: Story) -> None:
    story.tell(completed(companion=alex()))
    story.send(at=WATCH_AT)

    story.hear("wrong number", sender=ALEX_PHONE)

    assert story.one(Patient).phone_fault is None
    assert CHECK_IN in due(story)
    assert story.one(Case).level == "concern"


def test_a_strangers_word_is_nobodys(story: Story) -> None:
    story.tell(completed(companion=alex()))

    reply = story.hear("8", sender=STRANGER)

    assert story.get(Reply, reply.id).patient_id is None
