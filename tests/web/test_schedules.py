"""The schedules in force, the click that stops one, and how far a change reaches."""

from datetime import timedelta
from typing import Any

import pytest

from followup.flow.set_up import go_live
from followup.flow.transaction import transaction
from followup.schedule_files import LoadedSchedule, Schedules, read_schedule
from followup.store.database import Database
from followup.store.tables import CareSession, Patient, Plan, RollOut, ScheduleStop, ScheduleVersion, Staff
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client, staff, text_to

NAME = "ketamine_infusion"
STOP, LIFT = "Stop these texts", "Let them go on"


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def adaeze(house: House) -> Staff:
    return person(house, "Adaeze Obi", "admin")


@pytest.fixture
def ito(house: House) -> Staff:
    return person(house, "Carl Ito", "prescriber")


@pytest.fixture
def admin(house: House, adaeze: Staff) -> Browser:
    return client(house, adaeze)


@pytest.fixture
def prescriber(house: House, ito: Staff) -> Browser:
    return client(house, ito)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def person(house: House, name: str, role: str) -> Staff:
    made = staff(house.riverside, name, role=role)
    house.keep(made)
    return made


def shipped(house: House) -> LoadedSchedule:
    [loaded] = people.parts(house).schedules
    return loaded


def text_of_change(house: House) -> str:
    text = shipped(house).source_text
    return text.replace("how are you feeling after", "how was").replace(
        'name = "maintenance due"', 'name = "next visit"'
    )


def change(house: House, adaeze: Staff, *, patients: int = 1, **more: Any) -> RollOut:
    """The clinic is live; then its schedule was changed, and so many patients have the change."""
    go_live(
        database=house.database,
        clinic="riverside",
        by=adaeze.email,
        without_rota=True,
        carrier_is_public=False,
        schedules=house.schedules,
        now=NOW - timedelta(days=9),
    )
    text = text_of_change(house)
    loaded = LoadedSchedule(NAME, read_schedule(text, file="changed.toml"), text)
    house.schedules = Schedules([loaded])
    version = loaded.schedule.version
    house.keep(ScheduleVersion(version=version, name=NAME, source_text=text, first_used_at=NOW))
    row = RollOut(
        clinic_id=house.riverside.id, schedule=NAME, schedule_version=version, started_at=NOW, changed_at=NOW, **more
    )
    house.keep(row)
    for number in range(patients):
        plan_for(house, number, version)
    return row


def plan_for(house: House, number: int, version: str) -> None:
    shared = {"clinic_id": house.riverside.id}
    patient = Patient(**shared, record_id=f"p-{number}", created_at=NOW, changed_at=NOW)
    session = CareSession(**shared, patient_id=patient.id, record_id=f"s-{number}", told_at=NOW, created_at=NOW)
    house.keep(patient)
    house.keep(session)
    house.keep(
        Plan(**shared, patient_id=patient.id, session_id=session.id, schedule_version=version, zone="UTC", made_at=NOW)
    )


# Looking ------------------------------------------------------------------------------------------------


def test_a_schedule_shows_what_patients_get_when_and_in_which_words(house: House, ana: Browser) -> None:
    page = words_of(ana.get("/schedules"))

    assert in_order(page, "Ketamine infusion", NAME, f"version {shipped(house).schedule.version[:8]}", "1 text planned")
    assert in_order(
        page, "Session day", "4 h after the end", "Same-day check-in", "English", "Riverside: Hi Sam, how are"
    )
    assert in_order(page, "Spanish", "Riverside: Hola Sam", "2 SMS", "Without its question", "Not sent after 20:00")
    assert in_order(page, "Day 1", "09:00", "Morning-after check-in", "Only where the same-day check-in could not ask")
    assert in_order(page, "Day before the next visit", "10:00", "Appointment reminder", "Wed, Nov 25")
    assert in_order(page, "Day 21", "Maintenance due", "Only while no visit is booked", "Not sent more than 5 d late")
    assert in_order(page, "A patient's very first text ends with", "Reply STOP to end texts.")
    assert "The clinic has not gone live: a change reaches every new session." in page


def test_planned_texts_of_another_clinic_do_not_count(house: House) -> None:
    page = words_of(client(house, house.sam).get("/schedules"))

    assert "0 texts planned" in page


def test_a_schedule_whose_file_is_gone_can_still_be_stopped(house: House, ana: Browser) -> None:
    version = ScheduleVersion(version="old", name="esketamine", source_text="", first_used_at=NOW)
    house.keep(version)
    plan_for(house, 1, "old")
    [plan] = house.all(Plan, schedule_version="old")
    house.keep(text_to(house, house.maria, None, step="mood", status="planned", plan_id=plan.id))

    page = ana.get("/schedules")
    assert in_order(words_of(page), "esketamine", "1 text planned", "Its file is gone")
    ana.post("/schedules/esketamine/stop")

    assert [stop.schedule for stop in house.all(ScheduleStop)] == ["esketamine"]


# Stopping -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["nurse", "prescriber", "admin"])
def test_whoever_works_with_patients_stops_a_schedule_in_one_click(house: House, role: str) -> None:
    browser = client(house, person(house, "Pat Doe", role))

    answer = browser.press(browser.get("/schedules"), STOP)

    page = browser.get(answer.headers["location"])
    assert "Stopped. None of its texts leaves until an admin lets them go on." in words_of(page)
    assert "Stopped by Pat Doe 10:22 EST." in words_of(page)
    assert STOP not in read(page).buttons


def test_only_an_admin_lets_them_go_on(house: House, ana: Browser, admin: Browser, prescriber: Browser) -> None:
    ana.press(ana.get("/schedules"), STOP)

    for browser in (ana, prescriber):
        assert LIFT not in read(browser.get("/schedules")).buttons
        assert browser.post(f"/schedules/{NAME}/lift").status_code == 403
    answer = admin.press(admin.get("/schedules"), LIFT)

    assert "Its texts go on." in words_of(admin.get(answer.headers["location"]))
    assert house.all(ScheduleStop)[0].lifted_at == NOW
    assert house.woken


def test_stopping_twice_is_stopping_once(house: House, ana: Browser) -> None:
    page = ana.get("/schedules")
    for _ in range(2):
        assert ana.press(page, STOP).status_code == 303

    assert len(house.all(ScheduleStop)) == 1


def test_an_auditor_sees_it_all_and_presses_nothing(house: House, adaeze: Staff) -> None:
    row = change(house, adaeze)
    olga = client(house, house.olga)

    assert read(olga.get("/schedules")).buttons == ["Sign out"]
    fields = {"version": row.schedule_version, "to": "10"}
    for path in ("stop", "lift", "reach"):
        assert olga.post(f"/schedules/{NAME}/{path}", fields).status_code == 403
    assert house.all(ScheduleStop) == []


def test_a_stop_is_of_one_clinic(house: House, ana: Browser) -> None:
    sam = client(house, house.sam)
    sam.press(sam.get("/schedules"), STOP)

    assert "Stopped by" not in words_of(ana.get("/schedules"))
    assert [stop.clinic_id for stop in house.all(ScheduleStop)] == [house.hillside.id]


@pytest.mark.parametrize("name", ["nothing", "%00", "..%2f", "'"])
def test_a_schedule_that_does_not_exist_is_a_404(house: House, admin: Browser, name: str) -> None:
    for path in ("stop", "lift"):
        assert admin.post(f"/schedules/{name}/{path}").status_code == 404
    assert house.all(ScheduleStop) == []


# A change on its way ------------------------------------------------------------------------------------


def test_a_change_says_how_far_it_reaches_and_what_it_changes(house: House, adaeze: Staff) -> None:
    before = shipped(house).schedule.version[:8]
    row = change(house, adaeze)
    ana = client(house, house.ana)

    page = words_of(ana.get("/schedules"))

    assert f"A change is on its way: 1 of 1 patient has version {row.schedule_version[:8]}" in page
    assert f"everybody else gets version {before}" in page
    assert "No longer sent with the change: maintenance due." in page
    assert in_order(
        page, "Same-day check-in Changed", "Others still get:", "how are you feeling", "With the change:", "how was"
    )
    assert in_order(page, "Next visit New")
    assert "Next-day mood Changed" not in page


def test_the_page_of_a_schedule_says_that_its_version_does_not_reach_everybody(house: House, adaeze: Staff) -> None:
    before = shipped(house).schedule.version[:8]
    change(house, adaeze)

    page = words_of(client(house, house.ana).get(f"/schedules/{NAME}"))

    assert f"This version does not reach everybody yet. Who does not get it gets version {before}." in page


def test_a_change_that_nobody_got_yet_has_no_button(house: House, adaeze: Staff) -> None:
    row = change(house, adaeze, patients=0)
    admin = client(house, adaeze)
    with_row = read(admin.get("/schedules")).buttons
    assert "Let it reach 10 patients" in with_row
    with transaction(house.database) as db:
        db.delete(db.get_one(RollOut, row.id))

    page = admin.get("/schedules")

    assert "A change is ready. The next patient is the first to get version" in words_of(page)
    assert "Let it reach 10 patients" not in read(page).buttons


def test_one_lets_it_reach_ten_and_somebody_else_a_hundred_and_all(house: House, adaeze: Staff, ito: Staff) -> None:
    change(house, adaeze)
    admin = client(house, adaeze)
    prescriber = client(house, ito)

    page = admin.get(admin.press(admin.get("/schedules"), "Let it reach 10 patients").headers["location"])
    assert in_order(words_of(page), "1 of 10 patients", "Adaeze Obi let it reach more than one.")
    assert "Somebody else has to agree" in words_of(page)
    assert "Let it reach 100 patients" not in read(page).buttons

    page = prescriber.get("/schedules")
    page = prescriber.get(prescriber.press(page, "Let it reach 100 patients").headers["location"])
    assert in_order(words_of(page), "1 of 100 patients", "Carl Ito agreed to more than 50.")

    page = admin.get(admin.press(admin.get("/schedules"), "Let it reach all patients").headers["location"])
    assert "on its way" not in words_of(page)
    assert house.all(RollOut)[0].most_patients is None


def test_a_nurse_may_not_let_it_reach_more(house: House, adaeze: Staff) -> None:
    row = change(house, adaeze)
    ana = client(house, house.ana)

    assert read(ana.get("/schedules")).buttons == ["Sign out", STOP]
    answer = ana.post(f"/schedules/{NAME}/reach", {"version": row.schedule_version, "to": "10"})
    assert answer.status_code == 403
    assert house.all(RollOut)[0].most_patients == 1


def test_who_posts_it_alone_all_the_same_is_refused_in_words(house: House, adaeze: Staff) -> None:
    row = change(house, adaeze, most_patients=10, approved_by_id=adaeze.id)
    admin = client(house, adaeze)

    answer = admin.post(f"/schedules/{NAME}/reach", {"version": row.schedule_version, "to": "100"})

    assert answer.status_code == 409
    assert "Somebody else has to agree" in words_of(answer)
    assert house.all(RollOut)[0].most_patients == 10


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"to": "10"}, 404),
        ({"to": "10", "version": "x"}, 404),
        ({"to": ""}, 400),
        ({"to": "ten"}, 400),
        ({"to": "٣"}, 400),
        ({"to": "9" * 40}, 400),
        ({"to": "-1"}, 400),
        ({"to": "100", "version": "right"}, 409),
        ({"to": "all", "version": "right"}, 409),
    ],
    ids=str,
)
def test_an_odd_form_changes_nothing(house: House, adaeze: Staff, fields: dict[str, str], status: int) -> None:
    row = change(house, adaeze)
    admin = client(house, adaeze)
    if fields.get("version") == "right":
        fields = {**fields, "version": row.schedule_version}

    assert admin.post(f"/schedules/{NAME}/reach", fields).status_code == status
    assert house.all(RollOut)[0].most_patients == 1


def test_another_clinics_roll_out_is_not_there(house: House, adaeze: Staff) -> None:
    row = change(house, adaeze)
    other = staff(house.hillside, "Hal Hill", role="admin")
    house.keep(other)

    answer = client(house, other).post(f"/schedules/{NAME}/reach", {"version": row.schedule_version, "to": "10"})

    assert answer.status_code == 404
    assert house.all(RollOut)[0].most_patients == 1
