"""One schedule with dates: what a patient gets after a session of one's choice, and why the rest is not there."""

from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from followup.schedule_files import Schedules, load_schedules
from followup.store.database import Database
from followup.store.tables import ClinicClosure, Message
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client
from tests.web.course import NAME, TEXT, course, give_course

PAGE = f"/schedules/{NAME}"
FILE = Path(people.__file__).parent / "schedules" / "ketamine_infusion.toml"


@pytest.fixture
def house(sqlite: Database) -> House:
    made = people.house(sqlite)
    give_course(made)
    return made


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def shown(browser: Browser, **chosen: str) -> str:
    """The words of the page for that session."""
    answer = browser.get(f"{PAGE}?{urlencode({'ended': '2026-11-24T10:00', **chosen})}")
    assert answer.status_code == 200
    return words_of(answer)


# What a patient gets ------------------------------------------------------------------------------------


def test_without_a_choice_it_is_the_first_session_of_today(ana: Browser) -> None:
    page = words_of(ana.get(PAGE))

    assert "Sam's first session (ketamine-iv) ends Today 14:00 EST (America/New_York), nothing is booked." in page
    assert in_order(
        page, "Course", NAME, f"version {course().schedule.version[:8]}", "0 texts planned", "ketamine-pain"
    )


def test_every_text_has_its_day_its_local_time_its_words_and_its_size(ana: Browser) -> None:
    page = shown(ana)

    assert in_order(page, "Session day", "Today 14:00 EST", "Check-in", "Riverside: Hi Sam, how are you?")
    first = "Riverside: Hi Sam, how are you? Not monitored 24/7. Emergency: 911. Crisis: 988. Reply STOP to end texts."
    assert in_order(page, first, f"1 SMS, {len(first)} characters.", "Not sent after Today 20:00 EST.")
    assert in_order(page, "Day 7", "Tue 1 Dec 10:00 EST", "Mood, day 7", "Riverside: Hi Sam, your mood from 0 to 10?")
    assert in_order(page, "Day 28", "Tue 22 Dec 10:00 EST", "Mood, day 28")
    assert page.count("Reply STOP to end texts.") == 1


def test_a_text_that_moved_says_why(ana: Browser) -> None:
    page = words_of(ana.get(PAGE))

    assert in_order(page, "Today 17:45 EST", "Moved: Falls after prompt hours, which end at 18:00: asked earlier.")


def test_a_text_that_hangs_on_an_answer_says_on_which(ana: Browser) -> None:
    page = shown(ana)

    assert in_order(page, "Today 15:30 EST", "Check-in, nudge", "Only if the check-in was not answered.")
    assert in_order(page, "Day 3", "Low mood", "Only if the score of the first mood was 3 or less.")


def test_what_gave_way_stands_there_with_what_it_gave_way_to(ana: Browser) -> None:
    page = shown(ana)

    why = "Gave way: 2 automatic texts that day already (mood, day 7 and tea)."
    assert in_order(page, "Gave way", "Walk Tue 1 Dec 12:00 EST", why)


def test_what_is_left_out_says_why(ana: Browser) -> None:
    page = shown(ana, ended="2026-11-24T13:50")

    nudge = "Check-in, nudge Today 19:15 EST Falls at 19:15, outside 09:00 to 18:00: a nudge does not move."
    assert in_order(page, "Left out", nudge)
    assert in_order(page, "Not for this session", "Pain Only for ketamine-pain.", "Next series Only in maintenance.")


# The session of one's choice ----------------------------------------------------------------------------


def test_number_kind_zone_visit_language_and_companion_can_be_chosen(ana: Browser) -> None:
    page = shown(
        ana,
        number="7",
        kind="ketamine-pain",
        zone="America/Los_Angeles",
        appointment="2026-12-03T09:30",
        language="es",
        companion="yes",
    )

    assert (
        "Sam's session 7 (ketamine-pain) ends Today 10:00 PST (America/Los_Angeles), the next visit is "
        "Thu 3 Dec 09:30 PST, and somebody who agreed to be texted drives Sam home. Texts in Spanish." in page
    )
    assert in_order(page, "Today 10:05 PST", "Pick-up To the companion", "The visit ended at 10:00 AM.")
    assert in_order(page, "Today 14:00 PST", "Hola Sam")
    assert in_order(page, "Wed 2 Dec 10:00 PST", "Reminder", "Your visit is Thu, Dec 3 at 9:30 AM.")
    assert in_order(page, "Day 9", "Pain", "Day 10", "Next series")
    assert "para no recibir mas" not in page


def test_words_that_nobody_wrote_in_a_language_say_so(ana: Browser) -> None:
    page = shown(ana, language="es")

    assert in_order(page, "Tea", "Nobody wrote it in Spanish: it leaves in English.", "A warm tea helps.")
    assert page.count("Nobody wrote it in Spanish") < page.count(" SMS, ")


def test_what_was_chosen_stays_in_the_form(ana: Browser) -> None:
    answer = ana.get(f"{PAGE}?{urlencode({'ended': '2026-11-24T10:00', 'number': '4', 'companion': 'yes'})}")

    fields = next(form.fields for form in read(answer).forms if form.action == PAGE)
    assert (fields["ended"], fields["number"], fields["companion"]) == ("2026-11-24T10:00", "4", "yes")


def test_without_an_end_it_shows_what_prepares_for_a_visit(ana: Browser) -> None:
    page = shown(ana, ended="", appointment="2026-11-28T09:30")

    assert "Sam has had no session yet, and the next visit is Sat 28 Nov 09:30 EST (America/New_York)." in page
    assert in_order(page, "1 day before the visit", "Fri 27 Nov 10:00 EST", "Reminder", "Reply STOP to end texts.")
    assert in_order(page, "Not for this session", "Check-in Comes after a session only.")


def test_an_end_that_clocks_jump_over_is_the_minute_after(ana: Browser) -> None:
    assert "ends Sun 8 Mar 03:00 EDT" in shown(ana, ended="2026-03-08T02:30")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"ended": "yesterday"}, "The end of the session is a date and a time such as 2026-11-24T14:00."),
        ({"ended": "0001-01-01T00:00"}, "The end of the session is a date and a time"),
        ({"ended": "9999-12-31T23:59"}, "The end of the session is a date and a time"),
        ({"ended": "2026-11-24T14:00+05:00"}, "The end of the session is a date and a time"),
        ({"appointment": "soon"}, "The next visit is a date and a time"),
        ({"appointment": "2026-11-24T09:00"}, "The next visit comes after the session's end."),
        ({"ended": ""}, "Say when the session ends, or when the next visit is."),
        ({"number": "0"}, "The session's number is between 1 and 1000."),
        ({"number": "٣"}, "The session's number is between 1 and 1000."),
        ({"number": "1" * 4_000}, "The session's number is between 1 and 1000."),
        ({"zone": "Nowhere/Atlantis"}, "The zone is a name of the IANA list"),
        ({"zone": "../../etc/passwd"}, "The zone is a name of the IANA list"),
        ({"zone": "America"}, "The zone is a name of the IANA list"),
        ({"zone": "\x00"}, "The zone is a name of the IANA list"),
        ({"kind": "sgb"}, "This schedule is not for sessions of that kind."),
        ({"language": "fr"}, "Texts are written in English or Spanish."),
    ],
    ids=lambda given: str(given)[:40],
)
def test_what_cannot_be_so_is_said_beside_the_session_of_today(
    ana: Browser, chosen: dict[str, str], words: str
) -> None:
    answer = ana.get(f"{PAGE}?{urlencode({'ended': '2026-11-24T10:00', **chosen})}")

    assert answer.status_code == 422
    assert in_order(words_of(answer), words, "Shown is Sam's first session of today.", "Check-in")


# The clinic's own ---------------------------------------------------------------------------------------


def test_the_clinics_hours_closures_and_state_count(house: House, ana: Browser) -> None:
    assert "This clinic has not said when it reads answers." in shown(ana)
    clinic = house.riverside
    clinic.opens_at_local, clinic.closes_at_local, clinic.closed_weekdays, clinic.state = "08:30", "16:00", [5, 6], "RI"
    house.keep(clinic, ClinicClosure(clinic_id=clinic.id, closed_on=date(2026, 12, 1), words="a move"))

    page = shown(ana)

    hours = "08:30 to 16:00 (America/New_York), closed on Saturdays, Sundays and 1 single day."
    assert f"This clinic reads answers {hours} Its state is RI, whose own hours count." in page
    assert in_order(page, "Today 13:45 EST", "Falls after prompt hours, which end at 14:00: asked earlier.")
    assert in_order(page, "Wed 2 Dec 09:00 EST", "Mood, day 7", "The clinic is closed on Tue 1 Dec: a move.")


def test_a_clinic_with_a_file_of_its_own_gets_that_one(house: House, tmp_path: Path) -> None:
    (tmp_path / "riverside").mkdir()
    (tmp_path / "ketamine_infusion.toml").write_text(FILE.read_text())
    own = FILE.read_text().replace('title = "Ketamine infusion"', 'title = "Ours"')
    (tmp_path / "riverside" / "ketamine_infusion.toml").write_text(own)
    (tmp_path / "riverside" / "extra.toml").write_text(own.replace("ketamine-", "other-").replace('"ketamine"', '"x"'))
    house.schedules = load_schedules(tmp_path)
    ana, sam = client(house, house.ana), client(house, house.sam)

    assert in_order(words_of(ana.get("/schedules")), "Ours", "Ours")
    assert "Ours" in words_of(ana.get("/schedules/ketamine_infusion"))
    assert "Ketamine infusion" in words_of(sam.get("/schedules/ketamine_infusion"))
    assert "Ours" not in words_of(sam.get("/schedules"))
    for path in ("/schedules/extra", "/schedules/extra/try"):
        assert (ana.get(path).status_code, sam.get(path).status_code) == (200, 404)
    assert sam.post("/schedules/extra/stop").status_code == 404


def test_a_changed_file_with_a_mistake_is_named_and_the_version_before_is_shown(house: House, tmp_path: Path) -> None:
    file = tmp_path / "ketamine_infusion.toml"
    file.write_text(FILE.read_text())
    house.schedules = load_schedules(tmp_path)
    ana = client(house, house.ana)
    assert "mistake" not in words_of(ana.get("/schedules"))
    file.write_text(FILE.read_text().replace('at = "10:00"', 'at = "25 o\'clock"', 1))

    page = words_of(ana.get("/schedules"))

    assert in_order(page, "A changed file has a mistake", "The version before is in force")
    assert "ketamine_infusion.toml, step next-day mood, key at: must be a time on the wall clock such as 10:00" in page
    assert "Day 1" in words_of(ana.get("/schedules/ketamine_infusion"))
    file.write_text("x")
    assert "ketamine_infusion.toml: is no TOML: Expected '='" in words_of(ana.get("/schedules"))
    file.write_text(FILE.read_text() + "\n")
    assert "mistake" not in words_of(ana.get("/schedules"))


def test_the_list_of_all_schedules_says_what_each_step_means_in_plain_words(ana: Browser) -> None:
    page = words_of(ana.get("/schedules"))

    assert in_order(
        page, "From day 7", "10:00, or the hour that the patient prefers, every 7 days until day 28", "Mood"
    )
    assert in_order(page, "For who wants no names in a text", "A person looks at 3 or less, or 3 worse than is usual")
    assert in_order(page, "Only if the number given to the first mood was 3 or less", "Only in maintenance")
    assert in_order(page, "To the companion, if they agreed to be texted")
    assert "more than 2 automatic texts a day or 7 in seven days" in page


def test_a_mistake_in_a_clinics_own_file_is_not_for_others_to_see(house: House, tmp_path: Path) -> None:
    (tmp_path / "riverside").mkdir()
    (tmp_path / "ketamine_infusion.toml").write_text(FILE.read_text())
    house.schedules = load_schedules(tmp_path)
    ana, sam = client(house, house.ana), client(house, house.sam)

    (tmp_path / "riverside" / "ketamine_infusion.toml").write_text("x")

    assert "riverside/ketamine_infusion.toml: is no TOML" in words_of(ana.get("/schedules"))
    assert "mistake" not in words_of(sam.get("/schedules"))


# Around it ----------------------------------------------------------------------------------------------


def test_each_schedule_leads_to_its_page_and_back(ana: Browser) -> None:
    assert read(ana.get("/schedules")).links["Course"] == PAGE
    assert read(ana.get(PAGE)).links["All schedules"] == "/schedules"


def test_a_stopped_schedule_says_so(ana: Browser) -> None:
    ana.post(f"{PAGE}/stop")

    for path in (PAGE, f"{PAGE}/try"):
        assert "Stopped by Ana Ruiz 10:22 EST. None of its texts leaves." in words_of(ana.get(path))


@pytest.mark.parametrize("name", ["nothing", "%00", "..%2f", "'"])
def test_a_schedule_that_is_not_there_has_no_page(ana: Browser, name: str) -> None:
    assert ana.get(f"/schedules/{name}").status_code == 404
    assert ana.get(f"/schedules/{name}/try").status_code == 404
    assert ana.post(f"/schedules/{name}/try", {"step": "", "text": "7"}).status_code == 404


def test_looking_plans_nothing(house: House, ana: Browser) -> None:
    before = len(house.all(Message))
    for ended in ("2026-11-24T10:00", "2030-02-28T23:50"):
        shown(ana, ended=ended)

    assert len(house.all(Message)) == before
    assert not house.woken


def test_a_session_of_no_kind_can_be_chosen_where_the_schedule_is_for_it(house: House) -> None:
    house.schedules = Schedules([course(TEXT.replace('"ketamine-iv", ', '"ketamine-iv", "", '))])
    ana = client(house, house.ana)

    assert "Sam's first session (no kind given) ends" in shown(ana, kind="")
    assert "For ketamine-iv, no kind given, ketamine-pain" in words_of(ana.get("/schedules"))


def test_a_day_of_another_year_names_it(house: House) -> None:
    house.now = NOW + timedelta(days=40)

    assert "Tue 24 Nov 2026 14:00 EST" in shown(client(house, house.ana))
