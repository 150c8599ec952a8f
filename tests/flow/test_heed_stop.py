"""STOP, START and *wrong number*: what they stop, what lifts them, and what stays on record."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from followup.carriers.carrier import IncomingText
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.store.tables import Consent, Message, OptOut, Patient, Reply
from tests.databases import Broken
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    ENDED_AT,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    OUR_NUMBER,
    PHONE,
    STRANGER,
    Story,
    completed,
    consent,
    hillside,
)
from tests.reading import readers_of

SUPPRESSED = ("suppressed", "the patient sent STOP")
NOT_HERS = "whoever has the number says that it is not the patient's"


def hear(story: Story, body: str, *, says: str | None = None, sender: str = PHONE) -> Reply:
    """A text that the carrier itself took for something."""
    text = IncomingText(sid=f"SM-{body}", sender=sender, to=OUR_NUMBER, body=body, media_count=0, opt_out=says)
    kept = keep_replies(story.database, [text], now=story.now)[0]
    read_waiting_replies(database=story.database, readers_of=readers_of, now=story.now)
    return story.get(Reply, kept)


def ends(story: Story) -> set[tuple[str, str | None]]:
    return {(message.status, message.reason) for message in story.all(Message)}


# In free words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    ["please stop texting me", "Opt out", "take me off your list", "ya no me manden mensajes", "stop, I need help"],
)
def test_a_request_in_free_words_stops_what_is_planned_and_a_human_looks(story: Story, body: str) -> None:
    story.tell(completed())

    reply = story.hear(body)

    assert ends(story) == {SUPPRESSED}
    assert story.one(OptOut).reply_id == reply.id
    assert story.case_of(reply).level == "concern"


@pytest.mark.parametrize(
    "body", ["the bleeding did not stop", "cancel my appointment", "please don't stop the treatment"]
)
def test_other_words_stop_nothing_and_a_human_looks(story: Story, body: str) -> None:
    story.tell(completed())

    reply = story.hear(body)

    assert {message.status for message in story.all(Message)} == {"planned"}
    assert story.all(OptOut) == []
    assert story.case_of(reply).level != "routine"


def test_after_stop_no_text_of_ours_confirms_it(story: Story) -> None:
    story.tell(completed())
    before = {message.id for message in story.all(Message)}

    story.hear("please stop texting me")
    hear(story, "STOP", says="stop")
    story.send(at=NOW + timedelta(minutes=1))

    assert {message.id for message in story.all(Message)} == before
    assert story.texts() == []


def test_a_request_holds_even_where_its_reading_fails(story: Story, break_inserts: Callable[..., Broken]) -> None:
    story.tell(completed())
    break_inserts("reading", when="NEW.reader <> 'none'")

    story.hear("please stop texting me")

    assert story.one(OptOut).phone == PHONE


# What the carrier says -------------------------------------------------------------------------------------------


def test_what_the_carrier_took_for_stop_is_one_whatever_it_says(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)

    reply = hear(story, "7", says="stop")

    assert (reply.carrier_says, story.reading(reply).kind, story.reading(reply).value) == ("stop", "stop", None)
    assert story.case_of(reply).reason == "The carrier took it as STOP; score 7"
    assert story.one(OptOut).phone == PHONE


def test_what_the_carrier_took_for_start_lifts_stop(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    story.hear("STOP")

    reply = hear(story, "Sí, otra vez", says="start")

    assert story.reading(reply).kind == "start"
    assert story.one(OptOut).lifted_by_reply_id == reply.id


def test_a_stop_that_the_carrier_took_for_start_is_a_stop(story: Story) -> None:
    story.patient("Maria", phone=PHONE)

    reply = hear(story, "please stop texting me", says="start")

    assert story.reading(reply).kind == "stop"
    assert story.one(OptOut).lifted_at is None


@pytest.mark.parametrize(("body", "says"), [("HELP", None), ("Hilfe", "help"), ("ayuda", "help")])
@pytest.mark.parametrize(
    ("after", "reason"),
    [
        pytest.param(timedelta(minutes=20), ", less than 1 h after a session", id="at once"),
        pytest.param(timedelta(hours=5, minutes=50), ", 5 h after a session", id="hours later"),
        pytest.param(timedelta(hours=72), ", 72 h after a session", id="at the end of the third day"),
        pytest.param(timedelta(hours=73), "", id="later"),
    ],
)
def test_help_is_a_case_that_says_how_long_after_a_session(
    story: Story, body: str, says: str | None, after: timedelta, reason: str
) -> None:
    story.tell(completed())
    story.now = ENDED_AT + after

    case = story.case_of(hear(story, body, says=says))

    words = "The carrier took it as HELP" if body == "Hilfe" else "Asks for help"
    assert (case.level, case.reason) == ("concern", words + reason)


# Wrong number ----------------------------------------------------------------------------------------------------


def test_a_wrong_number_stops_texts_and_only_a_person_lets_them_go_on(story: Story) -> None:
    story.tell(completed())

    reply = story.hear("you have the wrong number")
    story.hear("START")
    story.send(at=CHECK_IN_AT)

    assert ends(story) == {("suppressed", NOT_HERS)}
    assert story.one(OptOut).lifted_at is None
    assert story.case_of(reply).level == "concern"
    assert story.one(Patient).phone_verified_at is None
    assert story.texts() == []


def test_a_wrong_number_after_stop_is_not_lifted_by_start_either(story: Story) -> None:
    story.tell(completed())
    for body in ("STOP", "wrong number", "START"):
        story.now += timedelta(minutes=1)
        story.hear(body)

    assert story.one(OptOut).lifted_at is None


def test_after_a_wrong_number_texts_go_to_the_number_that_the_record_names_next(story: Story) -> None:
    story.tell(completed())
    story.hear("wrong number")

    story.tell(consent("granted", at=NOW + timedelta(minutes=1), patient={"phone": OTHER_PHONE}))
    story.send(at=CHECK_IN_AT)

    assert (len(story.texts(OTHER_PHONE)), story.texts(PHONE)) == (1, [])


# What lifts STOP ---------------------------------------------------------------------------------------------------


def test_start_brings_back_what_stop_took_away_and_is_still_of_use(story: Story) -> None:
    story.tell(completed())
    story.hear("STOP")
    story.now = MOOD_AT - timedelta(hours=1)

    story.hear("START")
    story.send(at=MOOD_AT)

    assert story.statuses()[CHECK_IN] == "suppressed"
    assert story.statuses()[MOOD] == "accepted"


def test_a_grant_by_the_record_system_does_not_lift_stop(story: Story) -> None:
    story.tell(completed())
    story.hear("STOP")

    story.tell(consent("granted", at=NOW + timedelta(hours=1)))
    story.tell(completed(session="s-2", consent="granted", at=NOW + timedelta(hours=1)))
    story.send(at=CHECK_IN_AT)

    assert story.one(OptOut).lifted_at is None
    assert story.texts() == []


def test_start_does_not_grant_what_the_record_system_revoked(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("revoked", at=NOW + timedelta(seconds=1)))
    story.hear("STOP")

    story.hear("START")
    story.send(at=CHECK_IN_AT)

    assert story.texts() == []
    assert story.message().reason == "the patient withdrew consent"


def test_a_stop_goes_along_when_the_record_names_another_number(story: Story) -> None:
    story.tell(completed())
    story.hear("STOP")

    story.tell(completed(session="s-2", phone=OTHER_PHONE, at=NOW + timedelta(minutes=1)))
    story.send(at=CHECK_IN_AT)
    assert story.texts(OTHER_PHONE) == []
    story.hear("START", sender=OTHER_PHONE)
    story.send(at=CHECK_IN_AT + timedelta(minutes=1))

    assert len(story.texts(OTHER_PHONE)) == 1


def test_a_stop_that_was_lifted_does_not_go_along(story: Story) -> None:
    story.tell(completed())
    for body in ("STOP", "START"):
        story.now += timedelta(minutes=1)
        story.hear(body)

    story.tell(completed(session="s-2", phone=OTHER_PHONE, at=NOW + timedelta(minutes=5)))

    assert [row.phone for row in story.all(OptOut)] == [PHONE]


# On record ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "how"),
    [
        ("please stop texting me", "stopped", "texted STOP"),
        ("START", "restarted", "texted START"),
        ("wrong number", "wrong_person", "texted that the number is not the patient's"),
    ],
)
def test_what_the_patient_says_of_texts_stays_on_record(story: Story, body: str, status: str, how: str) -> None:
    story.tell(completed())
    maria = story.one(Patient)

    reply = story.hear(body)

    row = story.one(Consent, actor="patient")
    assert (row.patient_id, row.status, row.how, row.evidence) == (maria.id, status, how, body)
    assert (row.reply_id, row.phone, row.recorded_at) == (reply.id, PHONE, reply.received_at)


def test_both_patients_of_a_handset_and_every_clinic_of_the_sender_have_it_on_record(story: Story) -> None:
    there = hillside(story)
    whom = {story.patient(name, phone=PHONE).id for name in ("Maria", "Tom")}
    whom.add(story.patient("Mary", phone=PHONE, clinic=there).id)

    story.hear("STOP")

    assert {row.patient_id for row in story.all(Consent, status="stopped")} == whom


def test_other_words_leave_no_trace_in_the_consent_record(story: Story) -> None:
    story.tell(completed())
    story.hear("I feel odd")
    story.hear("STOP", sender=STRANGER)

    assert story.all(Consent, actor="patient") == []
