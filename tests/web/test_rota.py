"""The rota page: everybody sees who is on call and where nobody is; admins change it; nobody sees another clinic's."""

from datetime import timedelta

import pytest

from followup.store.database import Database
from followup.store.tables import LadderTerms, Pager, Shift, Staff
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client, staff

HOUR = timedelta(hours=1)


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def adaeze(house: House) -> Staff:
    person = staff(house.riverside, "Adaeze Obi", role="admin")
    house.keep(person)
    return person


@pytest.fixture
def admin(house: House, adaeze: Staff) -> Browser:
    return client(house, adaeze)


def shift(house: House, person: Staff, since: float, until: float, place: int = 1) -> Shift:
    made = Shift(
        clinic_id=person.clinic_id,
        staff_id=person.id,
        starts_at=NOW + since * HOUR,
        ends_at=NOW + until * HOUR,
        place=place,
        made_at=NOW,
    )
    house.keep(made)
    return made


def add(browser: Browser, person: Staff, since: str, until: str, place: str = "1"):
    return browser.post("/rota/shifts", {"staff": str(person.id), "from": since, "until": until, "place": place})


def test_who_is_on_call_now_and_the_gaps_of_a_week_stand_there(house: House) -> None:
    house.keep(Pager(clinic_id=house.riverside.id, staff_id=house.ana.id, phone="+12125550301", changed_at=NOW))
    shift(house, house.ana, -1, 2)
    shift(house, house.ben, -1, 26, place=2)
    shift(house, house.ben, 30, 24 * 8)

    page = client(house, house.olga).get("/rota")

    assert in_order(
        words_of(page),
        "On call now",
        "1. Ana Ruiz until 12:22 EST text, call",
        "2. Ben Cole",
        "cannot be reached",
        "The next seven days, 1 gap",
        "Ana Ruiz rung first Now to 12:22 EST",
        "Nobody Tomorrow 12:22 to 16:22 EST",
    )


def test_a_clinic_with_nothing_set_says_what_is_missing(house: House, admin: Browser) -> None:
    words = words_of(admin.get("/rota"))

    assert "Nobody is on call" in words
    assert in_order(
        words, "An urgent reply may ring nowhere", "No people have a phone, two must", "There is no medical director"
    )


def test_an_admin_adds_and_removes_a_shift_on_the_clinics_clock(house: House, admin: Browser) -> None:
    answer = add(admin, house.ana, "2026-11-24T10:00", "2026-11-24T20:00")

    assert answer.headers["location"] == "/rota?said=shift"
    [made] = house.all(Shift)
    assert (made.starts_at - NOW, made.ends_at - NOW) == (-timedelta(minutes=22), 9 * HOUR + timedelta(minutes=38))
    page = admin.get("/rota?said=shift")
    assert "The rota is changed." in words_of(page)

    admin.press(page, "Remove")

    assert house.all(Shift)[0].removed_at == NOW


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("", "2026-11-24T20:00", "needs a day and a time"),
        ("2026-11-24T20:00", "2026-11-24T10:00", "must end after"),
        ("9999-12-31T23:59", "x", "needs a day and a time"),
    ],
)
def test_a_shift_that_cannot_be_says_why(house: House, admin: Browser, since: str, until: str, words: str) -> None:
    answer = add(admin, house.ana, since, until)

    assert answer.status_code == 409
    assert words in words_of(answer)
    assert house.all(Shift) == []


def test_an_admin_says_how_somebody_is_reached(house: House, admin: Browser) -> None:
    page = admin.get("/rota")

    admin.press(page, "Save Ana Ruiz", phone="(212) 555-0188", takes_calls="1")

    [pager] = house.all(Pager)
    assert (pager.staff_id, pager.phone, pager.takes_calls) == (house.ana.id, "+12125550188", True)
    refused = admin.press(page, "Save Ana Ruiz", phone="12")
    assert (refused.status_code, "no valid phone number" in words_of(refused)) == (409, True)


def test_an_admin_sets_the_ladder_within_its_limits(house: House, admin: Browser) -> None:
    page = admin.get("/rota")

    admin.press(page, "Save the ladder", director=str(house.ben.id), again_after="3", test_at="11:30")

    [terms] = house.all(LadderTerms)
    assert (terms.director_id, terms.again_after, terms.test_at_local) == (house.ben.id, 3, "11:30")
    for wrong in ("0", "x", "11", "-5"):
        assert admin.press(page, "Save the ladder", again_after=wrong).status_code == 409
    assert house.all(LadderTerms)[0].again_after == 3


@pytest.mark.parametrize("role", ["nurse", "prescriber", "auditor"])
def test_others_see_it_and_change_nothing(house: House, role: str) -> None:
    person = staff(house.riverside, "Pat Doe", role=role)
    house.keep(person)
    made = shift(house, house.ana, -1, 2)
    browser = client(house, person)

    page = browser.get("/rota")

    assert "An admin of the clinic can change what stands here." in words_of(page)
    assert read(page).buttons == ["Sign out"]
    for path in ("/rota/shifts", f"/rota/shifts/{made.id}/removal", f"/rota/pagers/{house.ana.id}", "/rota/ladder"):
        assert browser.post(path, {}).status_code == 403
    assert house.all(Shift)[0].removed_at is None


def test_nothing_of_another_clinic_is_seen_or_changed(house: House) -> None:
    boss = staff(house.hillside, "Hana Vo", role="admin")
    house.keep(boss)
    house.keep(Pager(clinic_id=house.riverside.id, staff_id=house.ana.id, phone="+12125550301", changed_at=NOW))
    made = shift(house, house.ana, -1, 2)
    browser = client(house, boss)

    assert "Ana Ruiz" not in words_of(browser.get("/rota"))
    browser.post(f"/rota/shifts/{made.id}/removal")
    browser.post(f"/rota/pagers/{house.ana.id}", {"phone": ""})
    add(browser, house.ana, "2026-11-24T10:00", "2026-11-24T20:00")

    assert len(house.all(Shift)) == 1
    assert house.all(Shift)[0].removed_at is None
    assert house.all(Pager)[0].phone == "+12125550301"


def test_the_bar_that_nobody_is_on_call_is_shown_once_the_ladder_is_set(house: House, admin: Browser) -> None:
    ana = client(house, house.ana)
    assert "Nobody is on call" not in words_of(ana.get("/"))

    admin.press(admin.get("/rota"), "Save the ladder")

    assert "Nobody is on call with a phone." in words_of(ana.get("/"))
    assert "Nobody is on call with a phone." not in words_of(client(house, house.sam).get("/"))
