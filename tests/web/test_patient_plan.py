"""What will Maria get, and why did she not get the day-3 text? And what staff change about it."""

from datetime import timedelta
from typing import Any

import pytest

from followup.flow.render_text import preview_text
from followup.flow.transaction import transaction
from followup.store.database import Database
from followup.store.tables import (
    Appointment,
    CareSession,
    Companion,
    Message,
    Patient,
    Plan,
)
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client, text_from, text_to
from tests.web.course import change, course, page_of, plan_course

DAY = timedelta(days=1)


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def planned(house: House) -> CareSession:
    """Maria's fifth session ended an hour ago; ten texts are planned."""
    return plan_course(house)


@pytest.fixture
def ana(house: House, planned: CareSession) -> Browser:
    return client(house, house.ana)


def words(house: House, browser: Browser, patient: Patient | None = None) -> str:
    answer = browser.get(page_of(house, patient))
    assert answer.status_code == 200
    return words_of(answer)


def text_of(house: House, step: str, **values: Any) -> Message:
    """A text of the newest plan, changed like this."""
    [message] = [each for each in house.all(Message, step=step) if each.session_id != house.session.id]
    message.sqlmodel_update(values)
    house.keep(message)
    return message


# What she gets ------------------------------------------------------------------------------------------


def test_the_page_says_whose_plan_it_is_of_which_session_and_which_version(house: House, ana: Browser) -> None:
    page = words(house, ana)

    assert in_order(
        page, "Maria Lopez", "born 1 Apr 1980", "46 y", "Course", f"version {course().schedule.version[:8]}"
    )
    assert "Session 5 of 6 (ketamine-iv), ended Today 09:22 EST" in page
    assert "planned Today 10:22 EST" in page
    assert "Maria" not in ana.get(page_of(house)).text.split("</title>")[0]


def test_every_text_has_its_time_its_status_and_its_words(house: House, ana: Browser) -> None:
    page = words(house, ana)

    assert in_order(page, "When (America/New_York)", "Text", "What became of it")
    assert in_order(page, "Today 13:22 EST", "Check-in", "Riverside: Hi Maria, how are you?", "Planned")
    assert in_order(page, "Tue 1 Dec 10:00 EST", "Mood, day 7", "Riverside: Hi Maria, your mood", "Planned")
    assert in_order(page, "Tue 1 Dec 12:00 EST", "Walk", "Not sent: gave way: 2 automatic texts that day already")


def test_times_are_on_the_clock_of_the_patient(house: House) -> None:
    change(house, zone="America/Los_Angeles")
    plan_course(house)

    page = words(house, client(house, house.ana))

    assert "Clock 07:22 PST (America/Los_Angeles)" in page
    assert in_order(page, "When (America/Los_Angeles)", "Today 10:22 PST", "Check-in", "Tue 1 Dec 10:00 PST", "Mood")
    assert "planned Today 10:22 EST" in page


def test_a_planned_text_reads_as_it_would_leave(house: House, ana: Browser) -> None:
    page = words(house, ana)

    with house.database.reader() as db:
        for step in ("check-in", "mood, day 7", "low mood", "tea"):
            message = next(m for m in house.all(Message, step=step) if m.session_id != house.session.id)
            assert preview_text(db, message) in page, step


def test_only_the_first_text_of_all_says_how_to_end_them(house: House, ana: Browser) -> None:
    with transaction(house.database) as db:
        for message in house.all(Message, session_id=house.session.id):
            db.delete(db.get_one(Message, message.id))

    page = words(house, ana)

    assert page.count("Reply STOP to end texts.") == 1
    assert in_order(page, "Check-in", "Reply STOP to end texts.", "First mood")


def test_a_text_that_left_reads_as_it_left(house: House, ana: Browser) -> None:
    left_at = NOW + timedelta(hours=3)
    text_of(house, "check-in", status="delivered", text="As it was.", handed_over_at=left_at + timedelta(minutes=9))

    assert in_order(words(house, ana), "Today 13:22 EST", "left 13:31 EST", "Check-in", "As it was.", "Delivered")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"moved": "falls at 21:00, outside 09:00 to 18:00"}, "Falls at 21:00, outside 09:00 to 18:00"),
        ({"waits_for": "an urgent case is open"}, "Waiting: an urgent case is open, next try"),
        ({"held_at": NOW, "waits_for": "held: twice"}, "Held: twice It leaves by a person's word"),
        ({"status": "expired", "reason": "too late to be of use"}, "Not sent: too late to be of use"),
        ({"status": "undelivered", "reason": "the handset is off"}, "Not delivered: the handset is off"),
        ({"wording": "statement"}, "Without its question"),
        ({"again": 1}, "Planned anew, because the network did not deliver it"),
        ({"unless_booked": True}, "Only while no visit is booked"),
    ],
    ids=str,
)
def test_what_became_of_a_text_is_said_in_words(house: House, ana: Browser, values: dict[str, Any], said: str) -> None:
    text_of(house, "check-in", **values)

    assert in_order(words(house, ana), "Check-in", said, "First mood")


def test_a_text_that_hangs_on_an_answer_says_on_which(house: House, ana: Browser) -> None:
    page = words(house, ana)

    assert in_order(page, "Check-in, nudge", "Only if the check-in was not answered")
    assert in_order(page, "Low mood", "Planned", "Only if the score of the first mood was 3 or less")


def test_what_a_person_wrote_is_no_text_of_a_plan(house: House, ana: Browser) -> None:
    house.keep(text_to(house, house.maria, "Ben calls you.", step="staff reply", purpose="staff"))

    assert "Ben calls you." not in words(house, ana)


# What she does not get ----------------------------------------------------------------------------------


def test_every_step_without_a_text_says_why(house: House, ana: Browser) -> None:
    page = words(house, ana).split("Not in this plan")[1]

    assert in_order(
        page,
        "Morning after Only where the check-in could not ask its question.",
        "Pain Only for ketamine-pain.",
        "Next series Only in maintenance.",
        "Reminder No appointment is booked.",
        "Pick-up No companion agreed to be texted.",
    )


def test_what_is_known_only_now_says_so(house: House, ana: Browser) -> None:
    given = {"clinic_id": house.riverside.id, "patient_id": house.maria.id}
    house.keep(
        Companion(**given, name="Alex", phone="+12125550111", has_agreed=True, told_at=NOW),
        Appointment(**given, record_id="ap", starts_at=NOW + 5 * DAY, told_at=NOW, created_at=NOW),
    )

    page = words(house, ana).split("Not in this plan")[1]

    why = "Was not planned then; what is known by now would bring it."
    assert in_order(page, "Reminder Sat 28 Nov 10:00 EST", why, "Pick-up Today 10:22 EST", why)


def test_a_series_that_was_over_says_when_it_ended(house: House) -> None:
    plan_course(house, text=course().source_text.replace("until_day = 28", "until_date = 2026-11-27"))

    page = words(house, client(house, house.ana)).split("Not in this plan")[1]

    assert "Mood Its series ended on 2026-11-27." in page


def test_a_plan_whose_schedule_cannot_be_read_any_more_says_so(house: House) -> None:
    page = words(house, client(house, house.ana))

    assert in_order(page, "ketamine_infusion version v1", "Next-day mood", "How is your mood today, 0 to 10?")
    assert "nobody can say what is not in this plan" in page


def test_older_plans_are_folded_and_say_why_they_are_closed(house: House, ana: Browser) -> None:
    answer = ana.get(page_of(house))

    folded = answer.text.split('<details class="card what">')[1]
    assert "<summary>Session 4 of 6 (ketamine-iv), ended Fri 20 Nov 10:22 EST, 2 texts</summary>" in folded
    assert "closed Today 10:22 EST: a later session has its own plan" in folded
    assert "Course" not in folded


def test_a_plan_that_prepares_for_a_visit_says_for_which(house: House) -> None:
    visit = Appointment(
        clinic_id=house.riverside.id,
        patient_id=house.tom.id,
        record_id="ap",
        starts_at=NOW + 5 * DAY,
        told_at=NOW,
        created_at=NOW,
    )
    house.keep(visit)
    given = {"clinic_id": house.riverside.id, "patient_id": house.tom.id, "appointment_id": visit.id}
    house.keep(Plan(**given, schedule_version="v1", zone="America/New_York", made_at=NOW))

    assert "Prepares for the visit Sun 29 Nov 10:22 EST" in words(house, client(house, house.ana), house.tom)


def test_who_never_had_a_plan_has_none(house: House, ana: Browser) -> None:
    page = words(house, ana, house.tom)

    assert "No session of Tom brought texts, and no visit is prepared." in page


# What is known of her -----------------------------------------------------------------------------------


def test_number_consent_clock_language_companion_and_visit_stand_there(house: House, ana: Browser) -> None:
    given = {"clinic_id": house.riverside.id, "patient_id": house.maria.id}
    house.keep(
        Companion(**given, name="Alex Lopez", phone="+12125550111", has_agreed=False, told_at=NOW),
        Appointment(**given, record_id="ap", starts_at=NOW + 5 * DAY, told_at=NOW, created_at=NOW),
    )
    change(house, language="es-MX", state="RI")

    page = words(house, ana)

    assert in_order(page, "Phone (212) 555-0101", "SMS consent Given", "Clock 10:22 EST (America/New_York)", "State RI")
    assert in_order(page, "Language Spanish", "Companion Alex Lopez, has not agreed to be texted", "(212) 555-0111")
    assert "Next visit Sun 29 Nov 10:22 EST" in page


def test_a_zone_that_nobody_told_is_the_clinics(house: House, ana: Browser) -> None:
    change(house, zone=None)

    page = words(house, ana)
    assert "Clock 10:22 EST (America/New_York, the clinic's: theirs is not known)" in page
    assert "Companion Nobody was named" in page


def test_what_stops_every_text_to_her_stands_above_them(house: House, ana: Browser) -> None:
    assert "stopped" not in ana.get(page_of(house)).text
    text_from(house, house.maria, "I want to die", level="urgent")
    change(house, phone_fault="it is a landline")

    page = words(house, ana)

    assert "The number cannot be texted: it is a landline." in page
    assert "An urgent case is open: automatic texts wait until a person lets them go on." in page
    assert "The number sent STOP." in words(house, ana, house.tom)


def test_her_case_leads_to_it(house: House, ana: Browser) -> None:
    case = text_from(house, house.maria, "hello")

    links = read(ana.get(f"/cases/{case}")).links

    assert links["Every text, and why it comes or does not; pause"] == page_of(house)
    stranger = text_from(house, people.STRANGERS_PHONE, "hello")
    assert "/plan" not in ana.get(f"/cases/{stranger}").text


def test_a_name_of_any_length_stands_there_whole(house: House, ana: Browser) -> None:
    change(house, given_name="Maria-Guadalupe " * 6, family_name="Villanueva-Montgomery <b>")

    assert in_order(words(house, ana), "Maria-Guadalupe Maria-Guadalupe", "Villanueva-Montgomery <b>")
