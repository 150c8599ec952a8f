"""When a clinic reads answers, as its admins set it."""

from datetime import date, timedelta

import pytest

from followup.store.database import Database
from followup.store.tables import AuditEntry, Clinic, ClinicClosure, Staff
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client, staff

HOURS = {"opens": "08:30", "closes": "17:00", "closed": ["5", "6"], "state": "ri"}


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


def clinic(house: House) -> Clinic:
    return house.all(Clinic, id=house.riverside.id)[0]


def closed(house: House) -> list[tuple[date, str]]:
    return [(each.closed_on, each.words) for each in house.all(ClinicClosure, clinic_id=house.riverside.id)]


# Hours --------------------------------------------------------------------------------------------------


def test_a_clinic_that_never_said_counts_as_open_every_day(admin: Browser) -> None:
    page = words_of(admin.get("/admin"))

    assert in_order(page, "When answers are read", "09:00 to 20:00 (America/New_York), every day.")
    assert "Nobody has said so yet: this is what counts for a clinic that says nothing." in page
    assert "None from today on." in page


def test_an_admin_sets_hours_closed_weekdays_and_the_state(house: House, adaeze: Staff, admin: Browser) -> None:
    answer = admin.post("/admin/hours", HOURS)

    page = admin.get(answer.headers["location"])
    assert "The hours are kept. What is planned from now on follows them." in words_of(page)
    assert "08:30 to 17:00 (America/New_York), closed on Saturdays and Sundays." in words_of(page)
    assert "Texts keep to the hours of RI where a patient's own state is not known." in words_of(page)
    kept = clinic(house)
    assert (kept.opens_at_local, kept.closes_at_local, kept.closed_weekdays, kept.state) == (
        *("08:30", "17:00"),
        [5, 6],
        "RI",
    )
    [entry] = house.all(AuditEntry, action="hours.set")
    assert (entry.actor, entry.clinic_id) == (f"staff:{adaeze.id}", house.riverside.id)
    assert house.all(Clinic, id=house.hillside.id)[0].opens_at_local is None


def test_the_form_holds_what_counts_now(house: House, admin: Browser) -> None:
    admin.post("/admin/hours", HOURS)

    answer = admin.press(admin.get("/admin"), "Keep these hours", opens="09:00")

    assert answer.status_code == 303
    kept = clinic(house)
    assert (kept.opens_at_local, kept.closes_at_local, kept.state) == ("09:00", "17:00", "RI")


def test_no_state_is_none(house: House, admin: Browser) -> None:
    admin.post("/admin/hours", HOURS)
    admin.post("/admin/hours", {**HOURS, "state": " ", "closed": []})

    assert (clinic(house).state, clinic(house).closed_weekdays) == (None, [])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"opens": ""}, "It opens and closes at times such as 09:00."),
        ({"closes": "24:00"}, "It opens and closes at times such as 09:00."),
        ({"opens": "9 am"}, "It opens and closes at times such as 09:00."),
        ({"opens": "15:00"}, "It closes at least three hours after it opens"),
        ({"closed": list("0123456")}, "It is open on at least one day of the week."),
        ({"state": "Rhode"}, "The state is two letters, such as RI."),
    ],
    ids=str,
)
def test_hours_that_nobody_could_keep_are_refused_in_words(
    house: House, admin: Browser, fields: dict[str, str | list[str]], words: str
) -> None:
    answer = admin.post("/admin/hours", {**HOURS, **fields})

    assert answer.status_code == 409
    assert in_order(words_of(answer), words, "Nothing was changed.")
    form, _ = read(answer).button("Keep these hours")
    assert form.fields["opens"] == fields.get("opens", "08:30")
    assert clinic(house).opens_at_local is None


@pytest.mark.parametrize("day", ["7", "-1", "mon", "", "٣"])
def test_a_weekday_that_is_none_is_an_odd_form(house: House, admin: Browser, day: str) -> None:
    assert admin.post("/admin/hours", {**HOURS, "closed": [day]}).status_code == 400
    assert clinic(house).opens_at_local is None


# Single days --------------------------------------------------------------------------------------------


def test_an_admin_closes_a_day_with_a_word_and_opens_it_again(house: House, admin: Browser) -> None:
    answer = admin.press(admin.get("/admin"), "Close that day", day="2026-11-26", words="Thanksgiving")

    page = admin.get(answer.headers["location"])
    assert in_order(words_of(page), "closed on 1 single day.", "Thu 26 Nov 2026 Thanksgiving")
    assert closed(house) == [(date(2026, 11, 26), "Thanksgiving")]

    page = admin.get(admin.press(page, "Open on Thu 26 Nov 2026").headers["location"])

    assert "Open that day." in words_of(page)
    assert closed(house) == []
    assert {e.action for e in house.all(AuditEntry, clinic_id=house.riverside.id)} >= {"closed.on", "open.on"}


def test_the_same_day_again_takes_over_the_words(house: House, admin: Browser) -> None:
    for words in ("a holiday", "Thanksgiving"):
        admin.post("/admin/closures", {"day": "2026-11-26", "words": words})

    assert closed(house) == [(date(2026, 11, 26), "Thanksgiving")]


def test_days_that_are_over_are_not_listed(house: House, admin: Browser) -> None:
    house.keep(ClinicClosure(clinic_id=house.riverside.id, closed_on=date(2026, 11, 23), words="a storm"))

    assert "a storm" not in words_of(admin.get("/admin"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day": ""}, "Choose a day that is not over."),
        ({"day": "26.11.2026"}, "Choose a day that is not over."),
        ({"day": "2026-11-23"}, "Choose a day that is not over."),
        ({"day": "9999-12-31"}, "Choose a day that is not over."),
        ({"words": " "}, "Say why in at most 80 characters"),
        ({"words": "x" * 81}, "Say why in at most 80 characters"),
    ],
    ids=str,
)
def test_a_closure_that_says_too_little_is_refused_and_stays_in_its_fields(
    house: House, admin: Browser, fields: dict[str, str], words: str
) -> None:
    typed = {"day": "2026-11-26", "words": "Thanksgiving", **fields}

    answer = admin.post("/admin/closures", typed)

    assert answer.status_code == 409
    assert in_order(words_of(answer), words, "Nothing was changed.")
    form, _ = read(answer).button("Close that day")
    assert form.fields["day"] == typed["day"]
    assert read(answer).button("Keep these hours")[0].fields["opens"] == "09:00"
    assert closed(house) == []


@pytest.mark.parametrize(("day", "status"), [("2026-11-26", 303), ("x", 404), ("%00", 404)])
def test_a_day_that_was_never_closed_stays_open(house: House, admin: Browser, day: str, status: int) -> None:
    assert admin.post(f"/admin/closures/{day}/removal").status_code == status
    assert house.all(AuditEntry, action="open.on") == []


# Who --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["nurse", "prescriber", "auditor"])
def test_others_see_them_and_may_not_change_them(house: House, admin: Browser, role: str) -> None:
    admin.post("/admin/hours", HOURS)
    admin.post("/admin/closures", {"day": "2026-11-26", "words": "Thanksgiving"})
    person = staff(house.riverside, "Pat Doe", role=role)
    house.keep(person)
    browser = client(house, person)

    page = browser.get("/admin")

    assert in_order(words_of(page), "08:30 to 17:00", "Thu 26 Nov 2026 Thanksgiving")
    assert read(page).buttons == ["Sign out"]
    for path in ("hours", "closures", "closures/2026-11-26/removal"):
        assert browser.post(f"/admin/{path}", HOURS).status_code == 403
    assert len(closed(house)) == 1


def test_another_clinics_closed_days_are_its_own(house: House, admin: Browser) -> None:
    other = ClinicClosure(clinic_id=house.hillside.id, closed_on=date(2026, 11, 26), words="elsewhere")
    house.keep(other)

    assert "elsewhere" not in words_of(admin.get("/admin"))
    admin.post("/admin/closures/2026-11-26/removal")
    assert house.all(ClinicClosure, id=other.id)


def test_a_day_is_over_on_the_clinics_own_calendar(house: House, adaeze: Staff) -> None:
    house.now = NOW.replace(hour=4) + timedelta(days=1)  # 23:00 of the 24th at the clinic.
    admin = client(house, adaeze)

    assert admin.post("/admin/closures", {"day": "2026-11-24", "words": "tonight"}).status_code == 303
