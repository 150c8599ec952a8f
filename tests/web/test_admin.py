"""Whether texts leave, by whose word; the switch; and the bars on every page while none leaves."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from followup.flow.set_up import turn_sending
from followup.store.database import Database
from followup.store.tables import AuditEntry, Breaker, Clinic, GoLive, Pulse, Staff
from followup.web.site import make_site
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import FROM_OUR_PAGE, NOW, ORIGIN, House, client, parts, staff, text_from

MINUTE = timedelta(minutes=1)
PAGES = ("/", "/schedules", "/schedules/ketamine_infusion/try", "/admin", "/reviews", "/phone", "/queue/list?live=1")


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def adaeze(house: House) -> Staff:
    """Admin at Riverside."""
    person = staff(house.riverside, "Adaeze Obi", role="admin")
    house.keep(person)
    return person


@pytest.fixture
def admin(house: House, adaeze: Staff) -> Browser:
    return client(house, adaeze)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def clinic_of(house: House) -> Clinic:
    return house.all(Clinic, id=house.riverside.id)[0]


def bars(browser: Browser, page: str = "/") -> str:
    """The words of a page that says nothing else of sending."""
    return words_of(browser.get(page))


# The switch ---------------------------------------------------------------------------------------------


def test_an_admin_stops_all_texts_of_the_clinic_and_lets_them_leave_again(
    house: House, adaeze: Staff, admin: Browser
) -> None:
    page = admin.get("/admin")
    assert "Sending is on" in words_of(page)

    answer = admin.press(page, "Stop all texts of this clinic")

    assert clinic_of(house).sending_off_at == NOW
    page = admin.get(answer.headers["location"])
    assert "Sending is off. No text leaves to a patient of this clinic." in words_of(page)
    assert "Adaeze Obi switched it off 10:22 EST." in words_of(page)
    [entry] = house.all(AuditEntry, action="sending off")
    assert (entry.actor, entry.clinic_id) == (f"staff:{adaeze.id}", house.riverside.id)

    page = admin.get(admin.press(page, "Turn sending on").headers["location"])

    assert "Sending is on. What waited is looked at now." in words_of(page)
    assert clinic_of(house).sending_off_at is None
    assert house.woken


def test_pressing_twice_is_pressing_once(house: House, admin: Browser) -> None:
    page = admin.get("/admin")
    for minute in range(2):
        house.now = NOW + minute * MINUTE
        admin.press(page, "Stop all texts of this clinic")

    assert clinic_of(house).sending_off_at == NOW
    assert len(house.all(AuditEntry, action="sending off")) == 1


def test_the_switch_is_of_this_clinic_only(house: House, admin: Browser) -> None:
    admin.press(admin.get("/admin"), "Stop all texts of this clinic")

    assert house.all(Clinic, id=house.hillside.id)[0].sending_off_at is None
    assert "Sending is off" not in words_of(client(house, house.sam).get("/"))


@pytest.mark.parametrize("role", ["nurse", "prescriber", "auditor"])
def test_others_see_what_is_so_and_may_not_change_it(house: House, role: str) -> None:
    person = staff(house.riverside, "Pat Doe", role=role)
    house.keep(person, Pulse(database_id=uuid4(), alive_at=NOW, behind_fence_at=NOW))
    browser = client(house, person)

    page = browser.get("/admin")

    assert "An admin of the clinic can change what stands here." in words_of(page)
    assert read(page).buttons == ["Sign out"]
    for path, fields in (("/admin/sending", {"state": "off"}), ("/admin/safe-mode", {})):
        assert browser.post(path, fields).status_code == 403
    assert clinic_of(house).sending_off_at is None
    assert house.all(Pulse)[0].behind_fence_at == NOW


@pytest.mark.parametrize("state", ["", "OFF", "maybe"])
def test_a_form_that_says_neither_changes_nothing(house: House, admin: Browser, state: str) -> None:
    assert admin.post("/admin/sending", {"state": state}).status_code == 400
    assert clinic_of(house).sending_off_at is None


def test_what_a_command_switched_off_names_nobody(house: House, admin: Browser) -> None:
    turn_sending(database=house.database, on=False, clinic="riverside", by="command", now=NOW)

    assert "Whoever runs this service switched it off 10:22 EST." in words_of(admin.get("/admin"))


def test_the_whole_service_is_not_turned_on_from_a_page(house: House, admin: Browser) -> None:
    turn_sending(database=house.database, on=False, clinic=None, by="command", now=NOW)

    page = words_of(admin.get("/admin"))

    assert "The whole service is off by the command sending off" in page.replace("`", "")
    assert "Sending is off for the whole service since 10:22 EST" in bars(admin)


# Live, senders, safe mode -------------------------------------------------------------------------------


def test_who_took_the_clinic_live_and_what_was_not_set_stands_there(house: House, adaeze: Staff, ana: Browser) -> None:
    assert "Not live yet The pretend carrier needs nobody's approval" in words_of(ana.get("/admin"))
    missing = ["on-call ladder: an urgent reply pages nobody"]
    house.keep(
        GoLive(
            clinic_id=house.riverside.id,
            by_staff_id=adaeze.id,
            at=NOW - timedelta(days=3),
            without_rota=True,
            not_set=missing,
        )
    )

    page = words_of(ana.get("/admin"))

    assert "Adaeze Obi approved the texts Sat 21 Nov 10:22 EST. Questions go out also" in page
    assert "On-call ladder: an urgent reply pages nobody" in page


def test_a_sender_that_does_not_work_says_since_when_and_why(house: House, ana: Browser) -> None:
    house.keep(
        Breaker(sender="carrier", failures=5, opened_at=NOW - 9 * MINUTE, probe_at=NOW + MINUTE, why="no credit left"),
        Breaker(sender="+12125550777", failures=5, opened_at=NOW, why="another clinic's number"),
    )

    page = words_of(ana.get("/admin"))

    assert in_order(page, "A sender does not work", "The way to the carrier", "No credit left", "since 10:13 EST")
    assert "next try 10:23 EST" in page
    assert "another clinic" not in page
    assert "Texts are not leaving since 10:13 EST: no credit left." in bars(ana)


def test_a_breaker_that_is_closed_is_no_news(house: House, ana: Browser) -> None:
    house.keep(Breaker(sender="carrier", failures=2))

    assert "No sender is stopped" in words_of(ana.get("/admin"))
    assert "not leaving" not in bars(ana)


def test_the_clinics_own_number_is_shown_where_it_does_not_work(house: House, ana: Browser) -> None:
    riverside = clinic_of(house)
    riverside.sender_number = "+12125550777"
    house.keep(riverside)
    house.keep(Breaker(sender="+12125550777", failures=5, opened_at=NOW, why="it is not registered"))

    assert in_order(words_of(ana.get("/admin")), "(212) 555-0777", "It is not registered")


def test_an_admin_lets_texts_leave_again_although_the_database_is_an_old_copy(
    house: House, adaeze: Staff, admin: Browser
) -> None:
    house.keep(Pulse(database_id=uuid4(), alive_at=NOW, behind_fence_at=NOW - 30 * MINUTE))
    assert "This database is older than what was sent (since 09:52 EST). Nothing leaves" in bars(admin)

    answer = admin.press(admin.get("/admin"), "Go on with this database")

    assert "Texts leave again." in words_of(admin.get(answer.headers["location"]))
    assert house.all(Pulse)[0].behind_fence_at is None
    assert [e.actor for e in house.all(AuditEntry, action="safe mode left")] == [f"staff:{adaeze.id}"]
    assert house.woken
    assert "older than" not in bars(admin)


# Bars ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_that_sending_is_off(house: House, ana: Browser, page: str) -> None:
    assert "Sending is off" not in words_of(ana.get(page))
    turn_sending(database=house.database, on=False, clinic="riverside", by="command", now=NOW - 26 * 60 * MINUTE)

    said = words_of(ana.get(page))

    assert "Sending is off for this clinic since Yesterday 08:22 EST." in said
    assert "Call where it cannot wait." in said


def test_a_case_says_it_too(house: House, ana: Browser) -> None:
    case = text_from(house, house.maria, "hello")
    turn_sending(database=house.database, on=False, clinic="riverside", by="command", now=NOW)

    assert "Sending is off for this clinic" in bars(ana, f"/cases/{case}")


def test_a_setting_that_is_off_is_said_as_well(house: House, ana: Browser) -> None:
    off = Browser(make_site(replace(parts(house), sending=False)), origin=ORIGIN, headers=FROM_OUR_PAGE)
    off.cookies = ana.cookies

    assert "Sending is off for the whole service by its settings." in bars(off)
    assert "FOLLOWUP_SENDING" in words_of(off.get("/admin"))


def test_several_reasons_take_one_bar_and_the_worst_is_said(house: House, ana: Browser) -> None:
    turn_sending(database=house.database, on=False, clinic="riverside", by="command", now=NOW)
    house.keep(Pulse(database_id=uuid4(), alive_at=NOW, behind_fence_at=NOW), Breaker(sender="carrier", opened_at=NOW))

    page = ana.get("/")

    assert page.text.count("bar-late") == 1
    assert "This database is older than what was sent" in words_of(page)
    assert "2 more reasons" in words_of(page)
    assert in_order(words_of(ana.get("/admin")), "older than what was sent", "Sending is off", "A sender does not work")


def test_where_everything_works_no_bar_is_shown(house: House, ana: Browser) -> None:
    assert "bar-late" not in ana.get("/").text
