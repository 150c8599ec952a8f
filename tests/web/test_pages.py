"""What all pages share: both databases, what is broken, static files, and what a browser is told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog

from followup.flow.transaction import transaction
from followup.logs import set_up_logs
from followup.store.database import Database
from followup.web import times
from followup.web.pages import STATIC, static
from followup.web.rows import excerpt, pieces_of, shown_phone
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import STRANGERS_PHONE, House, client, text_from

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def test_every_page_works_on_both_databases(database: Database) -> None:
    house = people.house(database)
    ana = client(house, house.ana)
    cases = [
        text_from(house, house.maria, "I want to die", level="urgent", value="2"),
        text_from(house, house.tom, "7", level="routine", value="7"),
        text_from(house, STRANGERS_PHONE, "who is this?"),
    ]
    for case in cases:
        for path in (f"/cases/{case}", f"/cases/{case}/log", f"/queue/list?open={case}"):
            assert ana.get(path).status_code == 200
        ana.press(ana.get(f"/cases/{case}"), "I'm handling this")
    schedule = "/schedules/ketamine_infusion"
    pages = ["/", "/?view=mine", "/?view=none", "/reviews", "/phone", "/phone/texts?number=x", "/admin"]
    for path in [*pages, "/schedules", schedule, f"{schedule}/try", f"/patients/{house.maria.id}/plan"]:
        assert ana.get(path).status_code == 200, path
    page = ana.get(f"/cases/{cases[0]}")
    ana.press(page, "Send SMS", text="We call you now.")
    ana.press(page, "Save note", text="On the phone.")
    ana.press(page, "Close", outcome="reached / safe plan")

    assert in_order(words_of(ana.get("/?view=done")), "Maria Lopez", "Reached the patient, safe plan made, Ana Ruiz")


def test_what_is_not_there_says_so_and_leads_back(ana: Browser) -> None:
    answer = ana.get("/nowhere")

    assert answer.status_code == 404
    assert "There is nothing here" in words_of(answer)
    assert read(answer).links["Go to the queue"] == "/"
    assert ana.post("/").status_code == 405


@pytest.fixture
def logs() -> Iterator[None]:
    """As in `serve`: without a frame's values."""
    set_up_logs()
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("logs")
def test_what_breaks_is_said_without_what_it_held(house: House, ana: Browser) -> None:
    text_from(house, house.maria, "secret words")
    house.riverside.zone = "Nowhere/Atlantis"
    with transaction(house.database) as db:
        db.merge(house.riverside)

    answer = ana.get("/")

    assert answer.status_code == 500
    assert "Something broke on our side" in words_of(answer)
    for words in ("Atlantis", "secret words", "Traceback", "Maria"):
        assert words not in answer.text


def test_a_form_that_is_too_large_is_refused_before_it_is_read(ana: Browser) -> None:
    assert ana.post("/cases/x/notes", {"text": "n" * 70_000}).status_code == 413


def test_static_files_are_kept_for_a_year_and_renamed_when_they_change(house: House) -> None:
    stranger = client(house)
    page = stranger.get("/sign-in").text
    asked = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)

    assert static("pages.css") in asked
    for address in asked:
        answer = stranger.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]
    assert stranger.get("/static/../site.py").status_code in (303, 404)
    assert stranger.get("/static/nothing.css").status_code == 404


def test_every_icon_that_a_page_names_is_in_the_file(house: House, ana: Browser) -> None:
    sheet = (STATIC / "vendor" / "lucide-1.62.0.svg").read_text()
    named: set[str] = set()
    for file in [*(STATIC.parent / "templates").rglob("*.html"), *STATIC.parent.glob("*.py")]:
        named |= set(re.findall(r'icon\("([a-z0-9-]+)"', file.read_text()))
    shown = re.findall(r"lucide-1\.62\.0\.svg[^#]*#([a-z0-9-]+)", ana.get("/").text)
    from_code = ["clock", "send", "check", "check-check", "circle-alert", "octagon-alert", "triangle-alert", "circle"]

    assert len(named) > 10
    for name in {*named, *shown, *from_code}:
        assert f'id="{name}"' in sheet, name


def test_no_page_needs_another_machine() -> None:
    for file in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js"), *Path(STATIC.parent / "templates").rglob("*.html")]:
        elsewhere = re.findall(r"""(?:src|href|url|import|fetch)[=(\s]*["']?(https?:)?//""", file.read_text())
        assert elsewhere == [], file


# Times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-5, "under 1 min"), (0, "under 1 min"), (59, "59 min"), (60, "1 h"), (128, "2 h 8 min"), (1_440, "1 d")],
)
def test_a_wait_is_told_in_words(minutes: int, words: str) -> None:
    assert times.wait(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-24T12:22:00+00:00", "Today 07:22 EST"),
        ("2026-11-24T04:59:00+00:00", "Yesterday 23:59 EST"),
        ("2026-11-25T15:00:00+00:00", "Tomorrow 10:00 EST"),
        ("2026-11-27T15:00:00+00:00", "Fri 27 Nov 10:00 EST"),
        ("2026-07-01T15:00:00+00:00", "Wed 1 Jul 11:00 EDT"),
        ("2025-12-31T15:00:00+00:00", "Wed 31 Dec 2025 10:00 EST"),
    ],
)
def test_a_moment_is_told_on_the_clinics_clock_with_its_zone(at: str, words: str) -> None:
    now = datetime(2026, 11, 24, 15, tzinfo=UTC)

    assert times.moment(datetime.fromisoformat(at), NEW_YORK, now=now) == words


def test_a_zone_without_letters_is_named_by_its_offset() -> None:
    assert times.clock_and_zone(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("Asia/Dubai")) == "04:00 UTC+04"


@pytest.mark.parametrize(("today", "age"), [("2026-02-28", 45), ("2026-03-01", 46), ("2028-02-29", 48)])
def test_who_was_born_on_a_leap_day_grows_older(today: str, age: int) -> None:
    born = times.parse_date("1980-02-29")

    assert born
    assert times.age(born, today=datetime.fromisoformat(today).date()) == age
    assert times.parse_date("29.02.1980") is None


# Words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spans", [[], [[0, 4]], [[2, 6], [4, 9]], [[-3, 2], [8, 99]], [[5, 2]], [[1]], [[0, 4], [0, 4]]], ids=str
)
def test_marking_loses_no_letter_of_what_the_patient_wrote(spans: list[list[int]]) -> None:
    body = "grey 🙁 day"

    assert "".join(piece.text for piece in pieces_of(body, spans)) == body
    assert "".join(piece.text for piece in excerpt(body, spans)) == body


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+12125550101", "(212) 555-0101"), ("+447700900123", "+447700900123"), ("72975", "72975"), ("", "")],
)
def test_a_number_is_shown_as_people_write_it(number: str, shown: str) -> None:
    assert shown_phone(number) == shown
