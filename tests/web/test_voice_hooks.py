"""The carrier rings somebody up and asks what to say: signed, or nothing is said and nothing acknowledged."""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from followup.flow.page_staff import PagingRules, page_staff
from followup.flow.transaction import transaction
from followup.store import cases, people
from followup.store.tables import Acknowledgement, LadderTerms, Page, Pager, Staff
from tests.people import NOW
from tests.web.doors import ACCOUNT_SID, PUBLIC_URL, Doors, open_doors, twilio_carrier

CALL_SID = "CA" + "c4" * 16


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors(twilio_carrier()) as made:
        yield made


@pytest.fixture
def page(doors: Doors) -> Page:
    """Ana is rung for an urgent case."""
    with transaction(doors.database) as db:
        clinic = people.find_clinic(db, "riverside-clinic")
        assert clinic
        ana = Staff(clinic_id=clinic.id, email="ana@example.org", name="Ana Ruiz", role="nurse", created_at=NOW)
        db.add(ana)
        db.flush()
        db.add(Pager(clinic_id=clinic.id, staff_id=ana.id, phone="+12125550301", changed_at=NOW))
        db.add(LadderTerms(clinic_id=clinic.id, changed_at=NOW))
        cases.open_or_join_case(
            db,
            clinic_id=clinic.id,
            patient_id=None,
            sender="+12125550142",
            session_id=None,
            level="urgent",
            reason="Self-harm language",
            now=NOW,
        )
    page_staff(database=doors.database, paging=PagingRules(public_url=PUBLIC_URL), now=NOW)
    [made] = [each for each in doors.rows(Page) if each.way == "voice"]
    return made


def form(**more: str) -> dict[str, str]:
    return {"CallSid": CALL_SID, "AccountSid": ACCOUNT_SID, "CallStatus": "in-progress", **more}


def path(page: Page, ending: str = "") -> str:
    return f"/webhooks/twilio/voice/{page.token}{ending}"


def said(text: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(text).iter("Say")]


def test_whoever_takes_the_call_hears_the_case_and_no_word_of_the_patient(doors: Doors, page: Page) -> None:
    answer = doors.post_signed(path(page), form())

    assert answer.headers["content-type"].startswith("text/xml")
    assert said(answer.text)[0] == "Urgent reply, case 1. Press 1 to acknowledge."
    [gather, _] = ElementTree.fromstring(answer.text).iter("Gather")
    assert gather.get("action") == f"{PUBLIC_URL}{path(page, '/key')}"
    [kept] = [each for each in doors.rows(Page) if each.id == page.id]
    assert (kept.call_sid, doors.rows(Acknowledgement)) == (CALL_SID, [])


def test_a_1_acknowledges_and_says_so(doors: Doors, page: Page) -> None:
    answer = doors.post_signed(path(page, "/key"), form(Digits="1"))

    assert said(answer.text) == ["Case 1 is yours. It is not closed yet."]
    [row] = doors.rows(Acknowledgement)
    assert (row.staff_id, row.how) == (page.staff_id, "key press")
    assert doors.woken


def test_another_key_is_asked_again(doors: Doors, page: Page) -> None:
    answer = doors.post_signed(path(page, "/key"), form(Digits="9"))

    [gather, _] = ElementTree.fromstring(answer.text).iter("Gather")
    assert gather.get("action") == f"{PUBLIC_URL}{path(page, '/key')}"
    assert doors.rows(Acknowledgement) == []


@pytest.mark.parametrize("ending", ["", "/key", "/status"])
def test_what_the_carrier_did_not_sign_acknowledges_nothing(doors: Doors, page: Page, ending: str) -> None:
    answer = doors.post_signed(path(page, ending), form(Digits="1"), token="another")

    assert answer.status_code == 403
    assert doors.rows(Acknowledgement) == []


@pytest.mark.parametrize("ending", ["", "/key", "/status"])
def test_a_signed_form_of_another_shape_acknowledges_nothing(doors: Doors, page: Page, ending: str) -> None:
    assert doors.post_signed(path(page, ending), form(Digits="1", AccountSid="AC")).status_code == 403
    assert doors.rows(Acknowledgement) == []


@pytest.mark.parametrize("token", ["0" * 32, "x", "..%2f", "0" * 5000])
def test_a_call_that_is_not_ours_says_goodbye(doors: Doors, page: Page, token: str) -> None:
    for ending in ("", "/key"):
        answer = doors.post_signed(f"/webhooks/twilio/voice/{token}{ending}", form(Digits="1"))
        assert answer.status_code in {200, 404, 403}
    assert doors.rows(Acknowledgement) == []


def test_how_the_call_ended_is_kept_and_never_moves_back(doors: Doors, page: Page) -> None:
    for status in ("no-answer", "in-progress"):
        assert doors.post_signed(path(page, "/status"), form(CallStatus=status)).status_code == 204

    [kept] = [each for each in doors.rows(Page) if each.id == page.id]
    assert kept.call_ended == "no-answer"
