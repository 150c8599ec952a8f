"""What staff change of what a patient gets: pauses, and how the patient wants to be texted."""

from datetime import UTC, datetime, timedelta

import pytest

from followup.store.database import Database
from followup.store.tables import AuditEntry, CareSession, Patient, Pause
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client
from tests.web.course import change, page_of, plan_course

PAUSE, GO_ON, KEEP = "Pause automatic texts", "Let texts go on", "Keep"


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


# Pausing ------------------------------------------------------------------------------------------------


def test_a_pause_says_who_why_and_until_when_and_which_texts_fall_into_it(house: House, ana: Browser) -> None:
    page = ana.get(page_of(house))

    answer = ana.press(page, PAUSE, why="In hospital", until="2026-12-01")

    page = ana.get(answer.headers["location"])
    assert "Paused. No automatic text leaves until then." in words_of(page)
    story = "In hospital (Ana Ruiz, Today 10:22 EST until Tue 1 Dec 00:00 EST). What falls into the pause is not sent."
    assert f"Automatic texts are paused: {story}" in words_of(page)
    assert in_order(words_of(page), "Check-in", "Falls into the pause: it will not be sent", "Mood, day 7", "Planned")
    assert words_of(page).count("Falls into the pause") == 4
    assert read(page).buttons == ["Sign out", GO_ON, KEEP]
    assert [e.actor for e in house.all(AuditEntry, action="texts.paused")] == [f"staff:{house.ana.id}"]


def test_a_pause_without_an_end_lasts_until_somebody_lets_texts_go_on(house: House, ana: Browser) -> None:
    page = ana.get(ana.press(ana.get(page_of(house)), PAUSE, why="asked us to wait").headers["location"])
    assert "Ana Ruiz, Today 10:22 EST until somebody resumes them" in words_of(page)
    house.now = NOW + timedelta(minutes=5)

    page = ana.get(ana.press(page, GO_ON).headers["location"])

    assert "Automatic texts leave again. What fell into the pause is not sent." in words_of(page)
    assert "are paused" not in words_of(page)
    assert in_order(words_of(page), "Pauses", "asked us to wait", "; resumed by Ana Ruiz Today 10:27 EST")
    assert house.woken


def test_it_ends_on_the_morning_of_her_own_day(house: House, ana: Browser) -> None:
    change(house, zone="Pacific/Honolulu")

    ana.press(ana.get(page_of(house)), PAUSE, why="away", until="2026-12-01")

    assert house.all(Pause)[0].until_at == datetime(2026, 12, 1, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"why": " "}, "Say why, in at most 400 characters. Nothing was paused."),
        ({"why": "x" * 401}, "Say why, in at most 400 characters. Nothing was paused."),
        ({"until": "2026-11-24"}, "Choose a day after today on which texts go on, or none. Nothing was paused."),
        ({"until": "soon"}, "Choose a day after today"),
        ({"until": "9999-12-31"}, "Choose a day after today"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_a_pause_that_says_too_little_is_refused_and_stays_in_its_fields(
    house: House, ana: Browser, fields: dict[str, str], said: str
) -> None:
    typed = {"why": "In hospital", "until": "2026-12-01", **fields}

    answer = ana.post(f"/patients/{house.maria.id}/pause", typed)

    assert answer.status_code == 409
    assert said in words_of(answer)
    form, _ = read(answer).button(PAUSE)
    assert (form.fields["why"], form.fields["until"]) == (typed["why"].strip(), typed["until"])
    assert house.all(Pause) == []


def test_pausing_twice_is_pausing_once(house: House, ana: Browser) -> None:
    for why in ("first", "second"):
        assert ana.post(f"/patients/{house.maria.id}/pause", {"why": why}).status_code == 303

    assert [pause.why for pause in house.all(Pause)] == ["first"]


# Preferences --------------------------------------------------------------------------------------------


def test_her_own_hour_and_discretion_change_what_has_not_left(house: House, ana: Browser) -> None:
    answer = ana.press(ana.get(page_of(house)), KEEP, own_hour="16:30", discreet="yes")

    page = ana.get(answer.headers["location"])
    assert "Kept. What has not left follows." in words_of(page)
    assert in_order(words_of(page), "Tue 8 Dec 16:30 EST", "Mood, day 14", "How are you from 0 to 10?")
    kept = house.all(Patient, id=house.maria.id)[0]
    assert (kept.own_hour_local, kept.is_discreet) == ("16:30", True)
    assert read(page).button(KEEP)[0].fields == {"own_hour": "16:30", "discreet": "yes"}
    assert house.woken

    ana.post(f"/patients/{house.maria.id}/preferences", {"own_hour": ""})

    kept = house.all(Patient, id=house.maria.id)[0]
    assert (kept.own_hour_local, kept.is_discreet) == (None, False)


@pytest.mark.parametrize("hour", ["08:59", "18:00", "20:30", "noon", "25:00"])
def test_an_hour_at_which_no_question_leaves_is_refused_in_words(house: House, ana: Browser, hour: str) -> None:
    answer = ana.post(f"/patients/{house.maria.id}/preferences", {"own_hour": hour, "discreet": "yes"})

    assert answer.status_code == 409
    said = "Questions leave between 09:00 and 18:00. Choose an hour between them. Nothing was changed."
    assert said in words_of(answer)
    assert house.all(Patient, id=house.maria.id)[0].is_discreet is False


# Who ----------------------------------------------------------------------------------------------------


def test_an_auditor_looks_and_changes_nothing(house: House, ana: Browser) -> None:
    ana.post(f"/patients/{house.maria.id}/preferences", {"own_hour": "16:30", "discreet": "yes"})
    olga = client(house, house.olga)

    page = olga.get(page_of(house))

    assert read(page).buttons == ["Sign out"]
    assert "At 16:30 on their own clock, with neither their name nor the clinic's in a text." in words_of(page)
    for form in ("pause", "resume", "preferences"):
        assert olga.post(f"/patients/{house.maria.id}/{form}", {"why": "x"}).status_code == 403
    assert house.all(Pause) == []


@pytest.mark.parametrize("role", ["nurse", "prescriber", "admin"])
def test_whoever_works_with_patients_pauses_texts(house: House, planned: CareSession, role: str) -> None:
    person = people.staff(house.riverside, "Pat Doe", role=role)
    house.keep(person)

    assert client(house, person).post(f"/patients/{house.maria.id}/pause", {"why": "x"}).status_code == 303
    assert house.all(Pause)[0].by_staff_id == person.id


def test_another_clinics_patient_is_not_there(house: House, planned: CareSession) -> None:
    sam = client(house, house.sam)

    assert sam.get(page_of(house)).status_code == 404
    for form in ("pause", "resume", "preferences"):
        assert sam.post(f"/patients/{house.maria.id}/{form}", {"why": "x"}).status_code == 404
    assert house.all(Pause) == []


@pytest.mark.parametrize("id_", ["41f089af-316a-4cde-a8cc-dd462ce9f93c", "x", "%00", "1"])
def test_an_id_that_is_nobodys_is_a_404(house: House, ana: Browser, id_: str) -> None:
    assert ana.get(f"/patients/{id_}/plan").status_code == 404
    for form in ("pause", "resume", "preferences"):
        assert ana.post(f"/patients/{id_}/{form}", {"why": "x"}).status_code == 404


def test_another_site_cannot_pause_her_texts(house: House, ana: Browser) -> None:
    answer = ana.post(f"/patients/{house.maria.id}/pause", {"why": "x"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert house.all(Pause) == []


def test_it_works_on_both_databases(database: Database) -> None:
    house = people.house(database)
    plan_course(house)
    ana = client(house, house.ana)

    for form, fields in (("pause", {"why": "x"}), ("resume", {}), ("preferences", {"own_hour": "16:30"})):
        assert ana.post(f"/patients/{house.maria.id}/{form}", fields).status_code == 303
    assert "Mood, day 7" in words_of(ana.get(page_of(house)))
