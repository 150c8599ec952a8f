"""What was typed is not lost: the page's script keeps it in the tab until the server says that the form arrived.

The script itself (static/pages.js) is not run here; what it relies on is.
"""

import re
from uuid import UUID

import pytest

from followup.flow.sign_in import hash_password
from followup.flow.transaction import transaction
from followup.store.database import Database
from followup.store.tables import CaseNote
from followup.web.guards import IDLE_LIMIT
from tests import people
from tests.browsing import Browser, read, words_of
from tests.people import House, client, text_from

PASSWORD = "a long pass phrase"


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def case(house: House) -> UUID:
    return text_from(house, house.maria, "everything is grey again")


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def once_of(page, button: str) -> str:
    return read(page).button(button)[0].fields["once"]


def test_every_field_for_words_is_kept_for_this_person_under_a_key_of_its_form(
    house: House, case: UUID, ana: Browser
) -> None:
    for address in (case, text_from(house, house.tom, "who is this?")):
        page = ana.get(f"/cases/{address}")

        fields = re.findall(r"<textarea[^>]*>", page.text)
        assert len(fields) >= 2
        assert all(f'data-draft="{house.ana.id}"' in field for field in fields), fields
        forms = re.findall(r"<form.*?</form>", page.text, re.DOTALL)
        with_words = [form for form in forms if "<textarea" in form]
        assert len(with_words) == len(fields)
        assert all('name="once"' in form for form in with_words)


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("Send SMS", {"text": "We call you now."}),
        ("Save note", {"text": "On the phone."}),
        ("Close", {"outcome": "called", "text": "All well."}),
    ],
)
def test_what_was_saved_is_said_by_its_key(case: UUID, ana: Browser, button: str, fields: dict[str, str]) -> None:
    page = ana.get(f"/cases/{case}")

    answer = ana.press(page, button, **fields)

    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"saved={once_of(page, button)};")
    assert "httponly" not in cookie.lower()
    assert "samesite=strict" in cookie.lower()


@pytest.mark.parametrize(("button", "fields"), [("Save note", {"text": " "}), ("Close", {"outcome": "none such"})])
def test_what_was_refused_is_not_said_to_be_saved(
    case: UUID, ana: Browser, button: str, fields: dict[str, str]
) -> None:
    answer = ana.press(ana.get(f"/cases/{case}"), button, **fields)

    assert answer.status_code == 409
    assert "set-cookie" not in answer.headers


def test_a_key_that_is_none_is_not_given_back(case: UUID, ana: Browser) -> None:
    page = ana.get(f"/cases/{case}")

    answer = ana.press(page, "Save note", text="On the phone.", once="x; Domain=evil.example")

    assert answer.status_code == 303
    assert "evil" not in answer.headers["set-cookie"]


def test_after_a_long_call_the_sign_in_leads_back_to_the_case(house: House, case: UUID, ana: Browser) -> None:
    house.ana.password_hash = hash_password(PASSWORD)
    with transaction(house.database) as db:
        db.merge(house.ana)
    page = ana.get(f"/cases/{case}")
    house.now += IDLE_LIMIT * 1.1

    refused = ana.press(page, "Save note", text="Spoke with Maria for half an hour.")
    assert refused.status_code == 401
    assert "Nothing was saved and nothing was sent." in words_of(refused)
    assert 'id="kept" hidden' in refused.text

    sign_in = ana.get(read(refused).links["Sign in"])
    answer = ana.press(sign_in, "Sign in", email=house.ana.email, password=PASSWORD)
    assert answer.status_code == 303
    assert ana.get(answer.headers["location"]).headers["location"] == f"/cases/{case}"
    assert house.all(CaseNote) == []


@pytest.mark.parametrize("path", ["/sign-out", "/phone/texts", "/nowhere"])
def test_where_there_is_no_case_the_sign_in_leads_to_the_queue(house: House, path: str) -> None:
    refused = client(house).post(path, {"text": "x"})

    if refused.status_code == 401:
        assert read(refused).links["Sign in"] == "/sign-in?next=/"
    else:
        assert refused.status_code == 404
