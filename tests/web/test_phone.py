"""The pretend handset: there one plays the patient, and only with the pretend carrier."""

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.flow.receive_reply import read_waiting_replies
from followup.store.database import Database
from followup.store.tables import Message, Reply
from followup.web.site import make_site
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import MARIAS_PHONE, NOW, TOMS_PHONE, House, client, text_from, text_to
from tests.reading import readers_of
from tests.web.doors import twilio_carrier


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


def test_the_handset_of_the_latest_text_is_open(house: House, ana: Browser) -> None:
    text_from(house, house.tom, "hello from Tom")

    page = words_of(ana.get("/phone"))

    assert in_order(page, "Tom Reed", "(212) 555-0102", "Maria Lopez", "(212) 555-0101")
    assert in_order(page, "Riverside", "on the handset of Tom Reed", "Today, EST", "You, 10:19: hello from Tom")


def test_a_text_written_there_takes_the_way_of_a_real_one(house: House, ana: Browser) -> None:
    page = ana.get("/phone", params={"number": MARIAS_PHONE})
    assert in_order(words_of(page), "Sat 21 Nov, EST", "Clinic, 10:22: How is your mood today, 0 to 10?")

    answer = ana.press(page, "", text="<script>7</script>\r\nreally")

    assert answer.headers["location"] == "/phone?number=%2B12125550101"
    assert "You, 10:22: <script>7</script> really" in words_of(ana.get(answer.headers["location"]))
    assert house.woken == [NOW]
    (kept,) = house.all(Reply)
    assert (kept.sender, kept.body, kept.case_id) == (MARIAS_PHONE, "<script>7</script>\nreally", None)

    read_waiting_replies(database=house.database, readers_of=readers_of, now=house.now)
    assert "<script>7</script>" in words_of(ana.get("/"))


def test_a_number_that_nobody_knows_yet_can_be_played(house: House, ana: Browser) -> None:
    page = ana.get("/phone", params={"number": "(212) 555-0177"})
    assert "No texts yet." in words_of(page)

    ana.press(page, "", text="who is this?")

    assert house.all(Reply)[0].sender == "+12125550177"


@pytest.mark.parametrize("fields", [{"text": "x"}, {"number": TOMS_PHONE}, {"number": TOMS_PHONE, "text": " \x00\n"}])
def test_nothing_is_no_text(house: House, ana: Browser, fields: dict[str, str]) -> None:
    assert ana.post("/phone/texts", fields).status_code == 303
    assert house.all(Reply) == []


@pytest.mark.parametrize("number", ["\x00", "a\x00b", "'", "☎" * 500, "<b>"])
def test_an_odd_number_is_just_an_empty_handset(database: Database, number: str) -> None:
    house = people.house(database)
    ana = client(house, house.ana)

    for path in ("/phone", "/phone/texts"):
        answer = ana.get(path, params={"number": number})
        assert answer.status_code == 200
        assert "<b>" not in answer.text.replace("<b>Maria", "").replace("<b>Riverside", "").replace("<b>Ana", "")
    assert ana.post("/phone/texts", {"number": number, "text": "hello"}).status_code == 303


def test_a_text_that_never_left_lies_on_no_handset(house: House, ana: Browser) -> None:
    for number, status in enumerate(["planned", "failed", "suppressed", "uncertain", "claimed"]):
        house.keep(text_to(house, house.maria, f"never {status}", step=f"{number}", status=status, at=NOW))
    house.keep(text_to(house, house.maria, "on its way", step="x", status="accepted", at=NOW))

    page = words_of(ana.get("/phone/texts", params={"number": MARIAS_PHONE}))

    assert "on its way" in page
    assert "never" not in page


def test_the_handset_tells_in_which_order_things_were_said(house: House, ana: Browser) -> None:
    text_from(house, house.maria, "second", ago=timedelta(minutes=2))
    house.keep(text_to(house, house.maria, "third", step="x", at=NOW - timedelta(minutes=1)))

    assert in_order(
        words_of(ana.get(f"/phone/texts?number=%2B{MARIAS_PHONE[1:]}")), "How is your mood", "second", "third"
    )


def test_nobody_was_texted_yet(house: House) -> None:
    page = words_of(client(house, house.sam).get("/phone"))

    assert "Nobody was texted yet." in page
    assert "The handset shows up here as soon as the first text was sent." in page


def test_with_the_real_carrier_there_is_no_handset(house: House) -> None:
    real = twilio_carrier()
    ana = client(house, house.ana)
    site = make_site(replace(people.parts(house), carrier=real))
    there = Browser(site, origin=people.ORIGIN, headers=people.FROM_OUR_PAGE)
    there.cookies = ana.cookies

    assert there.get("/phone").status_code == 404
    assert there.get("/phone/texts").status_code == 404
    assert there.post("/phone/texts", {"number": MARIAS_PHONE, "text": "hello"}).status_code == 404
    assert "/phone" not in read(there.get("/")).links.values()
    assert "/phone" in read(ana.get("/")).links.values()
    assert house.all(Reply) == []
    assert len(house.all(Message)) == 2
    real.close()
