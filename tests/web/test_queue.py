"""The queue: worst first, nothing hidden, and what it says when there is nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from followup.flow.note_run import note_run
from followup.store.database import Database
from followup.store.tables import Case, Patient, Reply
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, STRANGERS_PHONE, House, client, find_case, text_from, text_to

MINUTE = timedelta(minutes=1)


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def patient(house: House, number: int, given: str, family: str = "Example") -> Patient:
    house.keep(made := patient_row(house, number, given, family))
    return made


def patient_row(house: House, number: int, given: str, family: str = "Example") -> Patient:
    return Patient(
        clinic_id=house.riverside.id,
        record_id=f"p-{number}",
        given_name=given,
        family_name=family,
        phone=f"+1212555{1000 + number}",
        created_at=NOW,
        changed_at=NOW,
    )


def text_of(house: House, number: int, given: str, **more: Any) -> UUID:
    return text_from(house, patient(house, number, given), f"words of {given}", **more)


def take(house: House, case: UUID, browser: Browser) -> None:
    assert browser.post(f"/cases/{case}/assignment").status_code == 303


def close(house: House, case: UUID, browser: Browser, outcome: str = "called") -> None:
    fields = {"outcome": outcome, "seen": find_case(house, case).changed_at.isoformat()}
    assert browser.post(f"/cases/{case}/closure", fields).status_code == 303


def test_cases_are_worst_first_and_longest_wait_first_inside_a_level(house: House, ana: Browser) -> None:
    text_of(house, 1, "Rita", level="routine", ago=60 * MINUTE)
    text_of(house, 2, "Cora", ago=5 * MINUTE)
    text_of(house, 3, "Carl", ago=130 * MINUTE)
    text_of(house, 4, "Ulla", level="urgent", ago=1 * MINUTE)
    text_of(house, 5, "Uwe", level="urgent", ago=6 * MINUTE)

    page = words_of(ana.get("/"))

    assert in_order(page, "Urgent 2", "Uwe", "Ulla", "Concern 2", "Carl", "Cora", "Routine 1", "Rita")
    assert in_order(page, "Late: 6 min", "words of Uwe", "1 min", "words of Ulla", "Late: 2 h 10 min", "words of Carl")
    assert in_order(page, "Urgent, not picked up", "2", "Longest wait 6 min", "Concern, not picked up", "2")


def test_what_somebody_has_stands_behind_what_nobody_has_and_names_them(house: House, ana: Browser) -> None:
    taken = text_of(house, 1, "Carl", ago=9 * MINUTE)
    text_of(house, 2, "Cora", ago=2 * MINUTE)
    take(house, taken, client(house, house.ben))

    page = words_of(ana.get("/"))

    assert in_order(page, "Concern, new:", "Cora", "Concern:", "Carl", "Picked up by Ben Cole")


def test_tabs_show_mine_nobodys_and_todays_closed(house: House, ana: Browser) -> None:
    mine, _, done = (text_of(house, number, name) for number, name in enumerate(["Mia", "Nora", "Dora"]))
    take(house, mine, ana)
    close(house, done, ana)

    pages = {view: words_of(ana.get(f"/?view={view}")) for view in ("open", "mine", "none", "done")}

    shown = {view: [name for name in ("Mia", "Nora", "Dora") if name in page] for view, page in pages.items()}
    assert shown == {"open": ["Mia", "Nora"], "mine": ["Mia"], "none": ["Nora"], "done": ["Dora"]}
    assert "Called the patient, Ana Ruiz, 10:22 EST" in pages["done"]
    assert in_order(pages["open"], "Needs review", "Mine 1", "Unassigned 1", "Done today")
    assert words_of(ana.get("/?view=<script>")) == pages["open"]


def test_an_empty_queue_says_so(ana: Browser) -> None:
    assert in_order(words_of(ana.get("/")), "Urgent 0", "No urgent replies.", "All replies are reviewed.")
    assert "You have picked up nothing." in words_of(ana.get("/?view=mine"))
    assert "Nothing was closed today." in words_of(ana.get("/?view=done"))
    assert "No routine reply waits to be read." in words_of(ana.get("/reviews"))


def test_a_patients_words_are_shown_as_words(house: House, ana: Browser) -> None:
    words = "<script>alert('x')</script> & <img src=x onerror=alert(1)> \"quoted\""
    mallory = patient(house, 1, "<b>Bold</b>", "<script>name</script>")
    case = text_from(house, mallory, words, reason="<i>reason</i>", spans=[[0, 8], [5, 9_999], [3, 2], [-4, 1]])

    for path in ("/", "/queue/list", f"/cases/{case}", f"/cases/{case}/log", "/reviews"):
        page = ana.get(path)
        for tag in ("<script>alert", "<script>name", "<img src=x", "<b>Bold", "<i>reason"):
            assert tag not in page.text, path
        assert path == "/reviews" or words in words_of(page), path


def test_the_words_that_moved_the_reading_are_marked_and_in_sight(house: House, ana: Browser) -> None:
    told = "I had a long day and a lot to do and so on and " * 6 + "I want to die"
    text_from(house, house.maria, told, level="urgent", spans=[[told.index("want"), len(told)]])

    page = ana.get("/").text

    assert "<mark>want to die</mark>" in page
    assert len(page[page.index("row-words") : page.index("<mark>")]) < 120


def test_names_that_are_long_or_missing_are_shown_whole(house: House, ana: Browser) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff" * 3
    text_from(house, patient(house, 1, long, "X"), "w" * 1_600)
    house.keep(nameless := Patient(clinic_id=house.riverside.id, record_id="p-0", created_at=NOW, changed_at=NOW))
    text_from(house, nameless, "  ")
    text_from(house, STRANGERS_PHONE, "who is this?")
    text_from(house, "", "withheld")

    page = words_of(ana.get("/"))

    for name in (f"{long} X", "Patient p-0", "(212) 555-0199", "Unknown sender", "(an empty text)"):
        assert name in page


def test_day_and_session_and_last_answer_stand_on_the_row(house: House, ana: Browser) -> None:
    text_from(house, house.maria, "3 today", value="3")

    assert in_order(words_of(ana.get("/")), "Maria Lopez", "Day 4, session 4", "Last answer on the scale: 3")


# Bars ---------------------------------------------------------------------------------------------------


def test_the_red_bar_counts_urgent_replies_that_nobody_has(house: House, ana: Browser) -> None:
    first = text_of(house, 1, "Uwe", level="urgent", ago=6 * MINUTE)
    second = text_of(house, 2, "Ulla", level="urgent", ago=2 * MINUTE)

    page = ana.get("/")
    assert "2 urgent replies not picked up, waiting 6 min" in words_of(page)
    assert "<title>(2 urgent) Queue" in page.text
    assert read(page).links["Open next"] == f"/cases/{first}"

    inside = ana.get(f"/cases/{first}")
    assert "1 more urgent reply not picked up, waiting 2 min" in words_of(inside)
    assert read(inside).links["Open next"] == f"/cases/{second}"

    for case in (first, second):
        take(house, case, ana)
    assert "not picked up, waiting" not in words_of(ana.get("/"))


def test_a_stopped_sender_is_loud_on_every_page(house: House, ana: Browser) -> None:
    case = text_from(house, house.maria, "hello")
    note_run(database=house.database, name="send", good=True, now=house.now)
    house.now += MINUTE
    assert "Messages are running late" not in words_of(ana.get("/"))

    house.now += MINUTE
    for path in ("/", f"/cases/{case}", "/queue/list?list=no", "/phone", "/reviews"):
        assert "Messages are running late since 10:22 EST." in words_of(ana.get(path)), path
    house.now += timedelta(days=1)
    assert "Messages are running late since Yesterday 10:22 EST." in words_of(client(house, house.ben).get("/"))


def test_a_text_that_the_service_could_not_read_is_not_lost_from_sight(house: House, ana: Browser) -> None:
    house.keep(Reply(carrier_sid="SM1", sender=STRANGERS_PHONE, to="", body="?", received_at=house.now))
    assert "not on the queue yet" not in words_of(ana.get("/"))

    house.now += 2 * MINUTE
    page = words_of(ana.get("/queue/list"))

    assert "1 incoming text is not on the queue yet, the first came 10:22 EST." in page


# Numbers ------------------------------------------------------------------------------------------------


def test_today_counts_what_happened_since_the_clinics_midnight(house: House, ana: Browser) -> None:
    midnight = NOW.replace(hour=5, minute=0)
    for number, at in enumerate([midnight - MINUTE, midnight, NOW]):
        house.keep(text_to(house, house.tom, "hello", step=f"text {number}", at=at, ended_at=at))
    house.keep(text_to(house, house.tom, "lost", step="x", at=NOW, ended_at=NOW, status="undelivered"))
    close(house, text_from(house, house.tom, "hello"), ana)

    page = words_of(ana.get("/"))

    assert in_order(page, "3 texts sent, 1 reply", "1 closed", "1 could not be delivered", "Since midnight, EST")


def test_two_hundred_rows_are_shown_and_all_are_counted(house: House, ana: Browser) -> None:
    house.keep(*(whom := [patient_row(house, number, f"Nr{number}") for number in range(203)]))
    shared = {"clinic_id": house.riverside.id, "level": "concern", "reason": "?", "opened_at": NOW, "changed_at": NOW}
    house.keep(*[Case(**shared, number=number, patient_id=one.id) for number, one in enumerate(whom)])

    page = words_of(ana.get("/"))

    assert "Concern 203" in page
    assert "The first 200 are shown." in page


# Routine replies, together ------------------------------------------------------------------------------


def test_routine_replies_are_read_in_full_and_put_away_together(house: House, ana: Browser) -> None:
    for number, name in enumerate(["Rita", "Rolf"]):
        text_of(house, number, name, level="routine", value="7")
    text_of(house, 9, "Cora")

    page = ana.get(read(ana.get("/")).links["Read and mark reviewed"])
    assert in_order(words_of(page), "Rita", "words of Rita", "Rolf", "words of Rolf")
    assert "Cora" not in words_of(page)
    both = [f"{case.id}@{case.changed_at.isoformat()}" for case in house.all(Case, level="routine")]
    answer = ana.post("/reviews", {"case": both})

    assert "Marked reviewed. No routine reply is left." in words_of(ana.get(answer.headers["location"]))
    assert in_order(words_of(ana.get("/?view=done")), "Reviewed, Ana Ruiz", "Reviewed, Ana Ruiz")


def test_a_routine_reply_is_put_away_from_its_page_and_the_next_one_opens(house: House, ana: Browser) -> None:
    first, second = (
        text_of(house, number, name, level="routine", ago=(9 - number) * MINUTE)
        for number, name in enumerate(["Rita", "Rolf"])
    )

    then = ana.press(ana.get(f"/cases/{first}"), "Mark reviewed")
    assert then.headers["location"].startswith(f"/cases/{second}?said=reviewed")

    then = ana.press(ana.get(then.headers["location"]), "Mark reviewed")
    assert then.headers["location"].startswith("/?said=all-reviewed")
