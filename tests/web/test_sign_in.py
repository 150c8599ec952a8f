"""Signing in and out in a browser."""

from datetime import timedelta
from functools import cache

import pytest

from followup.flow.sign_in import hash_password
from followup.flow.transaction import transaction
from followup.store.database import Database
from followup.store.tables import SignInSession
from followup.web.guards import IDLE_LIMIT, WHOLE_LIMIT
from tests import people
from tests.browsing import Browser, words_of
from tests.people import House, client

PASSWORD, WRONG = "a long pass phrase", "another pass phrase"


@cache
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def house(sqlite: Database) -> House:
    """Ana has a password; Ben has none."""
    made = people.house(sqlite)
    made.ana.password_hash = hashed()
    with transaction(sqlite) as db:
        db.merge(made.ana)
    return made


@pytest.fixture
def stranger(house: House) -> Browser:
    return client(house)


def sign_in(browser: Browser, email: str, password: str = PASSWORD, *, then: str = "/"):
    page = browser.get("/sign-in", params={"next": then})
    return browser.press(page, "Sign in", email=email, password=password)


def test_who_signs_in_gets_to_the_page_that_was_asked_for(house: House, stranger: Browser) -> None:
    asked = stranger.get("/?view=mine")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/%3Fview%3Dmine")

    page = stranger.get(asked.headers["location"])
    answer = stranger.press(page, "Sign in", email=house.ana.email, password=PASSWORD)

    assert (answer.status_code, answer.headers["location"]) == (303, "/?view=mine")
    assert "Ana Ruiz" in words_of(stranger.get("/?view=mine"))
    assert stranger.get("/sign-in").headers["location"] == "/"


@pytest.mark.parametrize(
    "then", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "evil", ""]
)
def test_signing_in_leads_nowhere_else(house: House, stranger: Browser, then: str) -> None:
    answer = stranger.post("/sign-in", {"email": house.ana.email, "password": PASSWORD, "next": then})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_wrong_unknown_and_without_password_get_the_same_page(house: House, stranger: Browser) -> None:
    tries = [(house.ana.email, WRONG), ("nobody@riverside.example", PASSWORD), (house.ben.email, "")]

    pages = [sign_in(stranger, email, password) for email, password in tries]

    assert {page.status_code for page in pages} == {401}
    said = {page.text.replace(email, "EMAIL") for page, (email, _) in zip(pages, tries, strict=True)}
    assert len(said) == 1
    assert "That did not work." in words_of(pages[0])
    assert WRONG not in pages[0].text
    assert house.all(SignInSession) == []


@pytest.mark.parametrize("fields", [{}, {"email": "x\x00' OR 1=1"}, {"email": "e" * 60_000, "password": "p"}])
def test_an_odd_form_is_a_failed_sign_in(stranger: Browser, fields: dict[str, str]) -> None:
    assert stranger.post("/sign-in", fields).status_code == 401


def test_after_five_wrong_tries_the_right_password_has_to_wait(house: House, stranger: Browser) -> None:
    for _ in range(5):
        sign_in(stranger, house.ana.email, WRONG)

    assert sign_in(stranger, house.ana.email).status_code == 401
    house.now += timedelta(minutes=15)
    assert sign_in(stranger, house.ana.email).status_code == 303


@pytest.mark.parametrize(
    ("public_url", "begins", "is_secure"),
    [("http://testserver", "session=", False), ("https://testserver", "__Host-session=", True)],
)
def test_the_cookie_is_kept_from_scripts_and_other_sites(
    house: House, public_url: str, begins: str, is_secure: bool
) -> None:
    answer = sign_in(client(house, public_url=public_url), house.ana.email)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(begins)
    flags = [part.strip().lower() for part in cookie.split(";")[1:]]
    assert {"httponly", "samesite=lax", "path=/", "max-age=43200"} <= set(flags)
    assert ("secure" in flags) == is_secure
    assert not any(flag.startswith("domain") for flag in flags)


def test_a_token_that_somebody_planted_is_not_taken_over(house: House, stranger: Browser) -> None:
    planted = {"Cookie": "session=chosen-by-somebody-else"}

    answer = stranger.post("/sign-in", {"email": house.ana.email, "password": PASSWORD}, headers=planted)

    assert answer.cookies["session"] != "chosen-by-somebody-else"
    assert client(house).get("/", headers=planted).status_code == 303


def test_signing_out_ends_the_session_and_not_just_the_cookie(house: House, stranger: Browser) -> None:
    sign_in(stranger, house.ana.email)
    token = stranger.cookies["session"]

    left = stranger.press(stranger.get("/"), "Sign out")

    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert "session" not in stranger.cookies
    stranger.cookies.set("session", token)
    assert stranger.get("/").status_code == 303
    assert stranger.post("/sign-out").status_code == 401


def test_half_an_hour_of_nothing_signs_out_and_a_page_that_refreshes_itself_is_nothing(house: House) -> None:
    ana = client(house, house.ana)
    house.now += IDLE_LIMIT
    assert ana.get("/queue/list?live=1").status_code == 200

    house.now += timedelta(seconds=1)
    assert ana.get("/").status_code == 303


def test_whoever_works_stays_signed_in_for_twelve_hours(house: House) -> None:
    ana = client(house, house.ana)
    began = house.now
    while house.now < began + WHOLE_LIMIT:
        assert ana.get("/").status_code == 200
        house.now += IDLE_LIMIT
    assert ana.get("/").status_code == 200

    house.now += timedelta(seconds=1)
    assert ana.get("/").status_code == 303


def test_who_left_the_clinic_is_out_at_once(house: House) -> None:
    ben = client(house, house.ben)
    assert ben.get("/").status_code == 200

    house.ben.left_at = house.now
    with transaction(house.database) as db:
        db.merge(house.ben)

    assert ben.get("/").status_code == 303


def test_an_open_page_learns_that_it_is_signed_out_and_where_to_go_back_to(stranger: Browser) -> None:
    shown = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/x?view=mine"}

    answer = stranger.get("/queue/list?live=1", headers=shown)

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/cases/x%3Fview%3Dmine"


def test_what_was_posted_while_signed_out_is_said_to_be_lost(stranger: Browser) -> None:
    answer = stranger.post("/cases/x/notes", {"text": "long note"})

    assert answer.status_code == 401
    assert "Nothing was saved and nothing was sent." in words_of(answer)
