"""Try a reply: how it would be read, in which words, what would leave by itself, and who would be told."""

from urllib.parse import urlencode

import pytest

from followup.store.database import Database
from followup.store.tables import AuditEntry, Case, Message, OptOut, Reading, Reply
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import House, client
from tests.web.course import NAME, give_course

PAGE = f"/schedules/{NAME}/try"
NO_ANSWER = "No automatic answer leaves: a person answers."


@pytest.fixture
def house(sqlite: Database) -> House:
    made = people.house(sqlite)
    give_course(made)
    return made


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def tried(browser: Browser, text: str, *, step: str = "mood") -> str:
    """What the page says of it."""
    answer = browser.post(PAGE, {"step": step, "text": text})
    assert answer.status_code == 200
    return words_of(answer)


# What is read -------------------------------------------------------------------------------------------


def test_a_number_is_shown_with_its_level_its_rule_and_who_is_told(ana: Browser) -> None:
    page = tried(ana, "7")

    assert in_order(page, "We ask: Riverside: Hi Sam, your mood from 0 to 10?", "The patient: 7", NO_ANSWER)
    assert in_order(page, "Read as A number", "Value 7 of 10", "Goes to the queue as Routine", "Because Score 7")
    assert "Who is told, and when Nobody has to look. It stands in the queue's last group." in page


def test_the_limit_of_the_step_counts(ana: Browser) -> None:
    for step, level, why in (
        ("mood", "Concern", "Score 3, 3 or less"),
        ("first mood", "Routine", "Score 3"),
        ("pain", "Routine", "Pain score 3"),
    ):
        assert in_order(tried(ana, "3", step=step), f"Goes to the queue as {level}", f"Because {why}"), step
    assert in_order(tried(ana, "9", step="pain"), "as Concern", "Because Pain score 9, 8 or more")


def test_a_level_is_an_icon_and_a_word_and_never_colour_alone(ana: Browser) -> None:
    page = ana.post(PAGE, {"step": "mood", "text": "everything is grey"})

    tag = page.text.split('<span class="tag tag-concern">')[1].split("</span>")[0]
    assert "#triangle-alert" in tag
    assert "Concern" in tag


def test_what_moved_the_reading_is_underlined(ana: Browser) -> None:
    page = ana.post(PAGE, {"step": "mood", "text": "wrong person <b>"})

    assert "<mark>wrong person</mark> &lt;b&gt;" in page.text
    assert in_order(words_of(page), "Somebody else's number", "Because Says that this is not the patient's number")


def test_what_ends_texts_says_what_happens_at_once(ana: Browser) -> None:
    page = tried(ana, "STOP")

    assert in_order(page, "None of ours: a carrier that takes this word for STOP confirms it itself.")
    assert in_order(page, "A wish to end texts", "as Concern", "At once No text goes to this number from then on.")
    assert in_order(tried(ana, "please stop texting me"), NO_ANSWER, "No text goes to this number from then on.")


def test_a_choice_is_read_only_where_one_was_asked_for(ana: Browser) -> None:
    assert in_order(tried(ana, "C", step="reminder"), "A choice about the visit", "Value Confirms the visit", "Routine")
    assert in_order(tried(ana, "C", step="mood"), "Not understood", "as Concern", "Because Could not be read")


def test_out_of_the_blue_a_number_means_nothing(ana: Browser) -> None:
    page = tried(ana, "7", step="")

    assert in_order(page, "Nobody asked anything", "The patient: 7", "Not understood", "as Concern")
    assert "We ask:" not in page


def test_an_empty_text_goes_before_a_person(ana: Browser) -> None:
    assert in_order(tried(ana, ""), "The patient: (an empty text)", "Not understood", "as Concern")


def test_what_was_tried_stays_in_the_form(ana: Browser) -> None:
    page = ana.post(PAGE, {"step": "pain", "text": "a bit\r\nbetter"})

    form, _ = read(page).button("Try")
    assert (form.action, form.fields["text"]) == (PAGE, "a bit\nbetter")
    assert '<option value="pain" selected>' in page.text


# Nothing is sent or kept --------------------------------------------------------------------------------


def test_nothing_is_sent_stored_or_written_down(house: House, ana: Browser) -> None:
    tables = (Reply, Reading, Case, Message, OptOut, AuditEntry)
    before = [len(house.all(table)) for table in tables]

    for text in ("STOP", "I want to die", "7"):
        tried(ana, text)

    assert [len(house.all(table)) for table in tables] == before
    assert not house.woken
    assert "Nothing is sent and nothing is kept." in words_of(ana.get(PAGE))


def test_an_auditor_may_try_too(house: House) -> None:
    assert "Read as A number" in tried(client(house, house.olga), "7")


# The form -----------------------------------------------------------------------------------------------


def test_the_page_of_a_schedule_has_the_same_form(ana: Browser) -> None:
    page = ana.get(f"/schedules/{NAME}")

    form, _ = read(page).button("Try")
    assert form.action == PAGE
    assert in_order(words_of(page), "As an answer to", "Check-in", "Mood", "Reminder", "Nothing: nobody asked")
    assert "Read as" not in words_of(page)
    assert read(ana.get(PAGE)).links["What a patient gets"] == f"/schedules/{NAME}"


def test_only_what_asks_can_be_answered(ana: Browser) -> None:
    options = ana.get(PAGE).text.split('<select name="step">')[1].split("</select>")[0]

    assert "Check-in" in options
    assert "Tea" not in options


def test_a_step_that_is_none_is_an_odd_form(ana: Browser) -> None:
    assert ana.post(PAGE, {"step": "no such step", "text": "7"}).status_code == 400


def test_another_site_cannot_post_it_and_a_stranger_neither(house: House, ana: Browser) -> None:
    assert ana.post(PAGE, {"text": "7"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client(house).post(PAGE, {"text": "7"}).status_code == 401
    assert client(house).get(PAGE).headers["location"] == f"/sign-in?{urlencode({'next': PAGE}, safe='/')}"
