"""One case: what was said, who has it, and what becomes of what staff do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from followup.flow.transaction import transaction
from followup.store.database import Database
from followup.store.tables import Appointment, CaseClosure, CaseNote, Consent, Message, OptOut, Patient, Reply
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, STRANGERS_PHONE, House, client, text_from, text_to
from tests.web.test_queue import take

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


@pytest.fixture
def ben(house: House) -> Browser:
    return client(house, house.ben)


@pytest.fixture
def case(house: House) -> UUID:
    """Maria answered three minutes ago."""
    return text_from(house, house.maria, "everything is grey again")


@pytest.fixture
def urgent(house: House) -> UUID:
    return text_from(house, house.maria, "I want to die", level="urgent", reason="Self-harm language")


# The conversation ---------------------------------------------------------------------------------------


def test_texts_of_both_sides_stand_in_order_under_their_days(house: House, ana: Browser, case: UUID) -> None:
    text_from(house, house.maria, "and I cannot sleep", ago=MINUTE)
    given = {"author_id": house.ben.id, "purpose": "staff", "case_id": case}
    house.keep(text_to(house, house.maria, "We are here", step="staff reply", at=NOW - 2 * MINUTE, **given))

    page = ana.get(f"/cases/{case}")

    assert in_order(
        words_of(page),
        "Sat 21 Nov, EST",
        "Automatic: How is your mood today, 0 to 10?",
        "Automatic: next-day mood, 10:22",
        "Delivered",
        "Today, EST",
        "Maria: everything is grey again 10:19",
        "Ben Cole: We are here Ben Cole, 10:20",
        "Delivered",
        "Maria: and I cannot sleep 10:21",
    )
    assert 'title="Tue 24 Nov 2026, 10:19:00 EST"' in page.text
    fragment = words_of(ana.get(f"/cases/{case}/log?live=1"))
    assert fragment in words_of(page)


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("planned", None, "Sending"),
        ("claimed", None, "Sending"),
        ("accepted", None, "Sending"),
        ("sent", None, "Sent"),
        ("delivered", None, "Delivered"),
        ("undelivered", "the handset is off", "Not delivered: the handset is off"),
        ("failed", "no such number", "Not sent: no such number"),
        ("uncertain", "the answer was lost", "Checking with the carrier whether it was sent: the answer was lost"),
        ("suppressed", "the patient sent STOP", "Not sent: the patient sent STOP"),
        ("expired", "too late to be of use", "Not sent: too late to be of use"),
    ],
)
def test_what_became_of_a_text_that_staff_wrote_stands_below_it(
    house: House, ana: Browser, case: UUID, status: str, reason: str | None, words: str
) -> None:
    given = {"purpose": "staff", "author_id": house.ana.id, "case_id": case, "reason": reason}
    house.keep(text_to(house, house.maria, "We are here", step="staff reply", status=status, at=NOW, **given))

    assert f"We are here Ana Ruiz, 10:22 {words}" in words_of(ana.get(f"/cases/{case}"))


def test_a_text_that_has_to_wait_says_for_what_and_until_when(house: House, ana: Browser, case: UUID) -> None:
    given = {"purpose": "staff", "waits_for": "quiet hours on the patient's clock", "wake_at": NOW + timedelta(hours=3)}
    house.keep(text_to(house, house.maria, "We are here", step="staff reply", status="planned", at=NOW, **given))

    said = "Waiting: quiet hours on the patient's clock, next try 13:22 EST"
    assert said in words_of(ana.get(f"/cases/{case}"))


def test_what_is_planned_stands_under_upcoming_and_not_in_the_conversation(
    house: House, ana: Browser, case: UUID
) -> None:
    page = ana.get(f"/cases/{case}")

    assert in_order(words_of(page), "Upcoming messages", "Mood, day 5", "Tomorrow 10:22 EST")
    assert "mood, day 5" not in words_of(ana.get(f"/cases/{case}/log")).lower()


def test_texts_that_were_stopped_together_are_one_line(house: House, ana: Browser, case: UUID) -> None:
    for step in ("mood, day 7", "mood, day 14"):
        given = {"status": "suppressed", "reason": "the patient sent STOP", "ended_at": NOW}
        house.keep(text_to(house, house.maria, None, step=step, at=NOW + timedelta(days=3), **given))

    assert "2 automatic texts not sent: the patient sent STOP" in words_of(ana.get(f"/cases/{case}"))


def test_who_the_patient_is_can_be_told_from_another_of_that_name(house: House, ana: Browser, case: UUID) -> None:
    house.maria.zone, house.maria.language = "America/Los_Angeles", "es"
    with transaction(house.database) as db:
        db.merge(house.maria)
    shared = {"clinic_id": house.riverside.id, "patient_id": house.maria.id, "told_at": NOW, "created_at": NOW}
    house.keep(Appointment(record_id="ap-1", starts_at=NOW + timedelta(days=3), **shared))

    page = words_of(ana.get(f"/cases/{case}"))

    assert in_order(page, "Maria Lopez", "born 1 Apr 1980", "46 y", "day 4, session 4 of 6")
    assert "It is 07:22 PST where Maria is" in page
    assert in_order(page, "(212) 555-0101", "SMS consent", "Given", "Next session", "Fri 27 Nov 10:22 EST", "es")


def test_a_stranger_and_a_patient_who_sent_stop_can_be_read_and_not_texted(house: House, ana: Browser) -> None:
    stranger = ana.get(f"/cases/{text_from(house, STRANGERS_PHONE, 'who is this?')}")
    tom = ana.get(f"/cases/{text_from(house, house.tom, 'leave me alone')}")

    assert in_order(words_of(stranger), "(212) 555-0199", "Unknown number", "who is this?", "cannot be answered")
    assert in_order(words_of(tom), "leave me alone", "This number sent STOP. You can call.", "STOP on 22 Nov 2026")
    for page in (stranger, tom):
        assert "Send SMS" not in read(page).buttons
        assert "Save note" in read(page).buttons
        assert read(page).links["Call"].startswith("tel:+1212555")


def test_a_picture_and_a_text_found_late_are_told(house: House, ana: Browser, case: UUID) -> None:
    given = {"clinic_id": house.riverside.id, "sender": "x", "to": "", "read_at": NOW, "case_id": case}
    house.keep(Reply(**given, carrier_sid="SM1", body="", media_count=1, received_at=NOW, recovered=True))

    page = words_of(ana.get(f"/cases/{case}"))
    assert in_order(page, "(a picture; it is not kept here)", "came while we were down, found later")


# Who has it ---------------------------------------------------------------------------------------------


def test_somebody_takes_a_case_and_puts_it_back(ana: Browser, ben: Browser, case: UUID) -> None:
    assert "Nobody yet." in words_of(ana.get(f"/cases/{case}"))

    ana.press(ana.get(f"/cases/{case}"), "I'm handling this")
    assert "Ana Ruiz is handling this." in words_of(ben.get(f"/cases/{case}"))
    assert "Ana Ruiz is handling this 10:22" in words_of(ana.get(f"/cases/{case}"))

    ana.press(ana.get(f"/cases/{case}"), "Put back")
    assert "Nobody yet." in words_of(ben.get(f"/cases/{case}"))


def test_who_comes_second_is_told_who_was_first(ana: Browser, ben: Browser, case: UUID) -> None:
    old_page = ben.get(f"/cases/{case}")
    ana.press(ana.get(f"/cases/{case}"), "I'm handling this")

    refused = ben.press(old_page, "I'm handling this")

    assert refused.status_code == 409
    assert "Ana Ruiz picked this up meanwhile." in words_of(refused)
    ben.press(refused, "Take over from Ana Ruiz")
    assert "Ben Cole is handling this." in words_of(ana.get(f"/cases/{case}"))


def test_a_new_reply_to_an_urgent_case_makes_it_wait_again(house: House, ana: Browser, urgent: UUID) -> None:
    take(house, urgent, ana)
    assert "not picked up" not in words_of(ana.get("/?view=mine")).split("Right now")[0]

    text_from(house, house.maria, "please", level="urgent", ago=MINUTE)

    page = words_of(ana.get(f"/cases/{urgent}"))
    assert "Not picked up. Ana Ruiz had this before the newest reply." in page


# What is written ----------------------------------------------------------------------------------------


def test_a_reply_becomes_a_message_that_the_sender_is_woken_for(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")

    sent = [ana.press(page, "Send SMS", text="We call you\r\nat 11.") for _ in range(2)]  # A double click.

    assert [answer.status_code for answer in sent] == [303, 303]
    (message,) = house.all(Message, purpose="staff")
    assert (message.text, message.status, message.author_id) == ("We call you\nat 11.", "planned", house.ana.id)
    assert house.carrier.all_texts() == []
    assert house.woken
    assert in_order(words_of(ana.get(f"/cases/{case}")), "We call you at 11. Ana Ruiz, 10:22 Sending")


def test_a_text_that_is_refused_stays_in_the_field(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")
    long = "ж" * 700

    refused = ana.press(page, "Send SMS", text=long)

    assert refused.status_code == 409
    assert "more than 10 SMS long" in words_of(refused)
    assert read(refused).button("Send SMS")[0].fields["text"] == long
    assert house.woken == []


def test_nobody_answers_what_they_have_not_read(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")
    house.now += timedelta(minutes=1)
    text_from(house, house.maria, "I want to die")

    refused = ana.press(page, "Send SMS", text="Glad to hear. See you Tuesday!")

    assert refused.status_code == 409
    assert "Something new came in meanwhile. Nothing was sent: read it first." in words_of(refused)
    assert read(refused).button("Send SMS")[0].fields["text"] == "Glad to hear. See you Tuesday!"
    assert house.all(Message, purpose="staff") == []
    ana.press(refused, "Send SMS", text="Call us now.")
    assert [message.text for message in house.all(Message, purpose="staff")] == ["Call us now."]


def test_nobody_answers_beside_a_colleague_who_has_it(house: House, ana: Browser, ben: Browser, case: UUID) -> None:
    page = ben.get(f"/cases/{case}")
    ana.press(ana.get(f"/cases/{case}"), "I'm handling this")

    refused = ben.press(page, "Send SMS", text="We call at 11.")

    assert refused.status_code == 409
    assert "Ana Ruiz is handling this. Nothing was sent: take over first." in words_of(refused)
    assert house.all(Message, purpose="staff") == []


def test_words_added_after_going_back_are_kept_and_sent_with_the_next_click(
    house: House, ana: Browser, case: UUID
) -> None:
    page = ana.get(f"/cases/{case}")
    ana.press(page, "Send SMS", text="We call at 11.")

    refused = ana.press(page, "Send SMS", text="At 12, sorry.")
    assert (refused.status_code, read(refused).button("Send SMS")[0].fields["text"]) == (409, "At 12, sorry.")

    ana.press(refused, "Send SMS")
    assert [m.text for m in house.all(Message, purpose="staff")] == ["We call at 11.", "At 12, sorry."]


def test_a_note_is_for_the_staff_and_made_once(house: House, ana: Browser, ben: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")

    for _ in range(2):
        ana.press(page, "Save note", text="Sister is with her <b>")

    assert in_order(words_of(ben.get(f"/cases/{case}")), "Staff note, Ana Ruiz, 10:22", "Sister is with her <b>")
    assert len(house.all(CaseNote)) == 1
    assert house.all(Message, purpose="staff") == []
    refused = ana.press(ana.get(f"/cases/{case}"), "Save note", text="n" * 4_001)
    assert read(refused).button("Save note")[0].fields["text"] == "n" * 4_001


# How it ends --------------------------------------------------------------------------------------------


def test_a_case_is_closed_with_what_happened(house: House, ana: Browser, case: UUID) -> None:
    answer = ana.press(ana.get(f"/cases/{case}"), "Close", outcome="called", text="Slept well")

    assert "Closed." in words_of(ana.get(answer.headers["location"]))
    page = ana.get(f"/cases/{case}")
    assert "Closed. Called the patient. Ana Ruiz, 10:22 EST." in words_of(page)
    assert "Ana Ruiz closed this: Called the patient. Slept well" in words_of(page)
    assert not {"Close", "I'm handling this", "Mark reviewed"} & set(read(page).buttons)


def test_closing_needs_an_outcome_and_what_was_written_is_kept(house: House, ana: Browser, case: UUID) -> None:
    refused = ana.press(ana.get(f"/cases/{case}"), "Close", text="Slept well")

    assert refused.status_code == 409
    assert "Choose what happened. Nothing was closed." in words_of(refused)
    assert "Slept well" in words_of(refused)
    assert house.all(CaseClosure) == []


def test_closing_twice_is_closing_once(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")

    answers = [ana.press(page, "Close", outcome="called") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(house.all(CaseClosure)) == 1


def test_who_closes_what_a_colleague_has_just_closed_is_told_and_loses_no_words(
    house: House, ana: Browser, ben: Browser, case: UUID
) -> None:
    page = ana.get(f"/cases/{case}")
    ben.press(ben.get(f"/cases/{case}"), "Close", outcome="no action needed")

    refused = ana.press(page, "Close", outcome="called", text="She is worse")

    assert refused.status_code == 409
    assert "Ben Cole closed this meanwhile: No action needed." in words_of(refused)
    assert read(refused).button("Save note")[0].fields["text"] == "She is worse"
    assert [closure.outcome for closure in house.all(CaseClosure)] == ["no action needed"]


def test_what_came_meanwhile_is_read_before_the_case_is_closed(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}")
    text_from(house, house.maria, "I feel worse", ago=MINUTE)

    refused = ana.press(page, "Close", outcome="called")

    assert refused.status_code == 409
    assert in_order(words_of(refused), "I feel worse", "Something new came in meanwhile.")
    assert ana.press(refused, "Close", outcome="called").status_code == 303


@pytest.mark.parametrize("form", ["assignment", "notes", "replies", "closure"])
def test_the_address_of_a_form_leads_back_to_its_case(ana: Browser, case: UUID, form: str) -> None:
    """There a refusal is shown: it may be loaded again, also after a new sign-in."""
    answer = ana.get(f"/cases/{case}/{form}?view=mine")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}?view=mine")
    assert ana.get(f"/cases/{case}/nothing").status_code == 404


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-11-24T15:19:00", "9999-12-31T23:59:59-23:59"])
def test_a_form_that_does_not_say_what_it_saw_closes_nothing(ana: Browser, case: UUID, seen: str) -> None:
    assert ana.post(f"/cases/{case}/closure", {"outcome": "called", "seen": seen}).status_code == 409


def test_an_urgent_case_is_closed_by_who_has_it_with_an_urgent_outcome(
    house: House, ana: Browser, ben: Browser, urgent: UUID
) -> None:
    take(house, urgent, ana)
    page = ana.get(f"/cases/{urgent}")
    assert in_order(words_of(page), "Close…", "Reached the patient, safe plan made", "911 or welfare check")
    assert "Close…" not in words_of(ben.get(f"/cases/{urgent}"))

    ben.press(ben.get(f"/cases/{urgent}"), "Take over from Ana Ruiz")
    refused = ana.press(page, "Close", outcome="reached / safe plan")

    assert refused.status_code == 409
    assert "Ben Cole is handling this. Nothing was closed." in words_of(refused)
    assert house.all(CaseClosure) == []


def test_the_view_of_the_list_is_kept_while_one_works(house: House, ana: Browser, case: UUID) -> None:
    page = ana.get(f"/cases/{case}?view=none")

    assert ana.press(page, "I'm handling this").headers["location"] == f"/cases/{case}?view=none"
    assert ana.press(page, "Close", outcome="called").headers["location"] == "/?view=none&said=closed"


def test_a_case_that_was_closed_long_ago_says_on_which_day(house: House, ana: Browser, case: UUID) -> None:
    house.keep(
        CaseClosure(
            clinic_id=house.riverside.id,
            case_id=case,
            staff_id=house.ben.id,
            at=datetime(2025, 3, 1, 15, tzinfo=UTC),
            outcome="called",
        )
    )

    assert "Closed. Called the patient. Ben Cole, Sat 1 Mar 2025 10:00 EST." in words_of(ana.get(f"/cases/{case}"))


# A patient who agrees again -----------------------------------------------------------------------------


def test_who_opted_out_and_agreed_again_is_texted_again_and_the_record_says_how(house: House, ana: Browser) -> None:
    case = text_from(house, house.tom, "please text me again")

    page = ana.post(f"/cases/{case}/consent", {"how": "by phone", "evidence": "yes, text me"})

    assert page.status_code == 303
    (agreed,) = house.all(Consent, actor=f"staff:{house.ana.id}")
    assert (agreed.patient_id, agreed.how, agreed.evidence) == (house.tom.id, "by phone", "yes, text me")
    assert "Send SMS" in read(ana.get(f"/cases/{case}")).buttons
    assert house.woken


def test_only_for_who_opted_out_the_page_asks_how_they_agreed_again(house: House, ana: Browser, case: UUID) -> None:
    tom = text_from(house, house.tom, "please text me again")
    stranger = text_from(house, STRANGERS_PHONE, "stop")

    assert "Texts may leave again" in read(ana.get(f"/cases/{tom}")).buttons
    for other in (
        ana.get(f"/cases/{case}"),
        ana.get(f"/cases/{stranger}"),
        client(house, house.olga).get(f"/cases/{tom}"),
    ):
        assert "Texts may leave again" not in read(other).buttons


def test_without_saying_how_they_agreed_nothing_changes(house: House, ana: Browser) -> None:
    case = text_from(house, house.tom, "please text me again")

    page = ana.post(f"/cases/{case}/consent", {"how": "  "})

    assert (page.status_code, "Say how the patient agreed." in words_of(page)) == (409, True)
    assert house.all(Consent, actor=f"staff:{house.ana.id}") == []


def test_an_auditor_and_a_stranger_to_the_clinic_record_no_consent(house: House) -> None:
    case = text_from(house, house.tom, "please text me again")

    for person, status in ((house.olga, 403), (house.sam, 404)):
        assert client(house, person).post(f"/cases/{case}/consent", {"how": "by phone"}).status_code == status

    (held,) = house.all(OptOut)
    assert held.lifted_at is None


def test_for_a_number_of_no_patient_there_is_nobody_to_agree(house: House, ana: Browser) -> None:
    case = text_from(house, STRANGERS_PHONE, "stop")

    assert ana.post(f"/cases/{case}/consent", {"how": "by phone"}).status_code == 303
    assert house.all(Consent, actor=f"staff:{house.ana.id}") == []


def test_why_a_number_cannot_be_texted_is_told(house: House, ana: Browser, case: UUID) -> None:
    with transaction(house.database) as db:
        db.get_one(Patient, house.maria.id).phone_fault = "it is a landline"

    page = words_of(ana.get(f"/cases/{case}"))

    assert "The number cannot be texted: it is a landline. You can call." in page
    assert "(212) 555-0101 (cannot be texted: it is a landline)" in page
