"""What the ladder did stands on the case; whoever followed the link stops it; texts go on by a person's word."""

from datetime import timedelta
from uuid import UUID

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.mail import NoMailer
from followup.carriers.pretend import Refuse
from followup.flow.acknowledge import acknowledge
from followup.flow.claim_texts import SendingRules
from followup.flow.page_staff import PagingRules, page_staff
from followup.flow.reach_staff import reach_staff
from followup.flow.send_due import send_due
from followup.store.database import Database
from followup.store.tables import Acknowledgement, FailedAnswer, LadderTerms, Pager, Shift, TextHold
from tests import people
from tests.browsing import Browser, in_order, words_of
from tests.people import NOW, House, client, text_from

MINUTE = timedelta(minutes=1)
ANAS, BENS = "+12125550301", "+12125550302"


@pytest.fixture
def house(sqlite: Database) -> House:
    made = people.house(sqlite)
    for person, phone in ((made.ana, ANAS), (made.ben, BENS)):
        made.keep(Pager(clinic_id=made.riverside.id, staff_id=person.id, phone=phone, changed_at=NOW))
    made.keep(LadderTerms(clinic_id=made.riverside.id, director_id=made.ben.id, changed_at=NOW))
    for place, person in enumerate((made.ana, made.ben), start=1):
        made.keep(
            Shift(
                clinic_id=made.riverside.id,
                staff_id=person.id,
                starts_at=NOW - timedelta(hours=1),
                ends_at=NOW + timedelta(days=8),
                place=place,
                made_at=NOW,
            )
        )
    return made


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


@pytest.fixture
def case(house: House) -> UUID:
    """Urgent, just now."""
    return text_from(house, house.maria, "I want to die", level="urgent", reason="Self-harm language", ago=timedelta(0))


def ring(house: House, minutes: int = 0) -> None:
    house.now = NOW + minutes * MINUTE
    page_staff(database=house.database, paging=PagingRules(public_url="https://x.example"), now=house.now)
    reach_staff(
        database=house.database,
        carrier=house.carrier,
        mailer=NoMailer(),
        page_sender=None,
        clock=lambda: house.now,
    )
    rules = SendingRules(lease=MINUTE, batch=20, reaches_people=False)
    send_due(database=house.database, carrier=house.carrier, rules=rules, clock=lambda: house.now)


def test_each_rung_stands_on_the_case_with_its_time_and_outcome(house: House, ana: Browser, case: UUID) -> None:
    house.carrier.behave(Refuse(Cause.NUMBER, 21211, "the number is not valid"))
    ring(house)
    ring(house, 1)

    words = words_of(ana.get(f"/cases/{case}"))

    assert in_order(
        words,
        "Ringing since 10:22 EST, paged: Ana Ruiz, Ben Cole.",
        "10:22 Ringing, urgent",
        "10:22 Ana Ruiz: text refused (the number is not valid); call ringing",
        "10:23 Ben Cole: text on its way; call ringing",
    )
    assert "Ringing since" in words_of(ana.get(f"/cases/{case}/log?live=1"))


def test_whoever_follows_the_link_signs_in_and_says_that_they_have_it(house: House, case: UUID) -> None:
    ring(house)
    stranger = people.client(house)
    assert stranger.get(f"/cases/{case}").headers["location"].startswith(f"/sign-in?next=/cases/{case}")
    assert stranger.post(f"/cases/{case}/acknowledgement").status_code == 401

    ben = client(house, house.ben)
    ben.press(ben.get(f"/cases/{case}"), "I'm handling this")

    [row] = house.all(Acknowledgement)
    assert (row.staff_id, row.how) == (house.ben.id, "sign-in link")
    words = words_of(ben.get(f"/cases/{case}"))
    assert in_order(words, "Ben Cole is handling this.", "Ben Cole has it (sign-in link)")
    assert "stop ringing" not in words
    assert house.woken


def test_a_second_person_hears_who_has_it_already(house: House, ana: Browser, case: UUID) -> None:
    ring(house)
    client(house, house.ben).post(f"/cases/{case}/acknowledgement")

    answer = ana.post(f"/cases/{case}/acknowledgement")

    assert answer.status_code == 409
    assert "Ben Cole has case 1 already." in words_of(answer)
    assert len(house.all(Acknowledgement)) == 1


@pytest.mark.parametrize("whose", ["sam", "olga"])
def test_nobody_of_another_clinic_and_nobody_who_only_reads_acknowledges(house: House, case: UUID, whose: str) -> None:
    ring(house)

    answer = client(house, getattr(house, whose)).post(f"/cases/{case}/acknowledgement")

    assert answer.status_code in {403, 404}
    assert house.all(Acknowledgement) == []


def test_rung_again_whoever_has_it_says_that_they_still_have_it(house: House, case: UUID) -> None:
    ring(house)
    acknowledge(
        database=house.database,
        clinic_id=house.riverside.id,
        case_id=case,
        staff_id=house.ana.id,
        how="key press",
        now=NOW,
    )
    ring(house, 46)
    ana = client(house, house.ana)

    ana.press(ana.get(f"/cases/{case}"), "I still have it")

    assert len(house.all(Acknowledgement)) == 2


def test_rung_again_a_colleague_may_take_it_over(house: House, case: UUID) -> None:
    ring(house)
    client(house, house.ana).post(f"/cases/{case}/acknowledgement")
    ring(house, 46)
    ben = client(house, house.ben)

    ben.press(ben.get(f"/cases/{case}"), "I have it, stop ringing")

    assert "Ben Cole is handling this." in words_of(ben.get(f"/cases/{case}"))


def test_an_answer_that_did_not_count_stands_on_the_case(house: House, ana: Browser, case: UUID) -> None:
    words = "1043 came from a phone that belongs to nobody of this clinic"
    house.keep(FailedAnswer(clinic_id=house.riverside.id, case_id=case, at=NOW, how="reply code", words=words))

    assert f"Did not count: {words}" in words_of(ana.get(f"/cases/{case}"))


def test_a_case_that_was_never_rung_for_shows_no_ladder(house: House, ana: Browser) -> None:
    case = text_from(house, house.maria, "7", level="routine")

    assert "Who was paged" not in words_of(ana.get(f"/cases/{case}"))


# Bars ---------------------------------------------------------------------------------------------------


def test_every_page_says_which_case_rings_and_whom(house: House, ana: Browser, case: UUID) -> None:
    ring(house)
    house.now = NOW + 3 * MINUTE

    assert "Case 1 rings for 3 min. Ana Ruiz paged." in words_of(ana.get("/schedules"))
    assert "Case 1 rings" not in words_of(ana.get(f"/cases/{case}"))
    assert "Case 1 rings" not in words_of(client(house, house.sam).get("/"))


def test_a_refused_page_is_in_a_bar_until_one_is_taken(house: House, ana: Browser, case: UUID) -> None:
    house.carrier.behave(Refuse(Cause.NUMBER, 21211, "the number is not valid"))
    ring(house)
    assert "A page to Ana Ruiz was refused 10:22 EST: the number is not valid." in words_of(ana.get("/"))

    ring(house, 1)

    assert "was refused" not in words_of(ana.get("/"))


def test_where_nobody_can_be_paged_the_bar_says_so(house: House, ana: Browser, case: UUID) -> None:
    for pager in house.all(Pager):
        pager.phone = None
        house.keep(pager)
    ring(house)

    assert "Case 1 rings for under 1 min. Nobody can be paged." in words_of(ana.get("/"))


# Texts go on --------------------------------------------------------------------------------------------


def test_after_closing_texts_go_on_by_a_button_only(house: House, ana: Browser, case: UUID) -> None:
    ring(house)
    page = ana.get(f"/cases/{case}")
    page = ana.get(ana.press(page, "I'm handling this").headers["location"])
    ana.press(page, "Close", outcome="reached / safe plan")
    assert "Automatic texts to one patient are held since an urgent case was closed" in words_of(ana.get("/"))

    page = ana.get(f"/cases/{case}")
    assert "Held since Today 10:22 EST, when an urgent case was closed." in words_of(page)
    ana.press(page, "Let automatic texts go on")

    assert house.all(TextHold)[0].lifted_by_id == house.ana.id
    assert "Held since" not in words_of(ana.get(f"/cases/{case}"))


def test_nobody_of_another_clinic_lets_texts_go_on(house: House, case: UUID) -> None:
    house.keep(TextHold(clinic_id=house.riverside.id, case_id=case, patient_id=house.maria.id, since=NOW))

    assert client(house, house.sam).post(f"/cases/{case}/hold/lift").status_code == 404
    assert client(house, house.olga).post(f"/cases/{case}/hold/lift").status_code == 403
    assert house.all(TextHold)[0].lifted_at is None
