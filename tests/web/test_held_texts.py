"""A text that waits for a person's word, and what a thread says of texts that nobody is sure of."""

from typing import Any
from uuid import UUID

import pytest

from followup.store.database import Database
from followup.store.tables import Message, Plan, ScheduleVersion
from tests import people
from tests.browsing import Browser, in_order, read, words_of
from tests.people import NOW, House, client, text_from, text_to

SEND, DROP = "Send it", "Do not send"
WHY = "held: the same text went to this number within a day"


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def ana(house: House) -> Browser:
    return client(house, house.ana)


@pytest.fixture
def case(house: House) -> UUID:
    return text_from(house, house.maria, "everything is grey again")


def hold(house: House, text: str | None = "How is your mood?", **more: Any) -> Message:
    values = {"held_at": NOW, "waits_for": WHY, "step": "mood, day 4", "status": "planned", "at": NOW}
    message = text_to(house, house.maria, text, **(values | more))
    house.keep(message)
    return message


def find(house: House, message: Message) -> Message:
    return house.all(Message, id=message.id)[0]


def test_a_held_text_stands_in_the_conversation_with_two_buttons(house: House, ana: Browser, case: UUID) -> None:
    hold(house)

    page = ana.get(f"/cases/{case}")

    assert in_order(
        words_of(page), "How is your mood?", "Automatic: mood, day 4, 10:22", "Held: the same text", SEND, DROP
    )
    assert "Mood, day 4" not in words_of(page).split("Upcoming messages")[1]


def test_send_it_releases_it_and_says_who_did(house: House, ana: Browser, case: UUID) -> None:
    message = hold(house)

    answer = ana.press(ana.get(f"/cases/{case}?view=none"), SEND)

    assert answer.headers["location"] == f"/cases/{case}?view=none"
    kept = find(house, message)
    assert (kept.status, kept.held_at, kept.released_by_id, kept.wake_at) == ("planned", None, house.ana.id, NOW)
    assert house.woken
    page = ana.get(f"/cases/{case}")
    assert "Ana Ruiz let a held text be sent (mood, day 4)" in words_of(page)
    assert SEND not in read(page).buttons


def test_do_not_send_ends_it_and_says_who_did(house: House, ana: Browser, case: UUID) -> None:
    message = hold(house)

    ana.press(ana.get(f"/cases/{case}"), DROP)

    assert (find(house, message).status, find(house, message).reason) == ("cancelled", "dropped by Ana Ruiz")
    assert "Automatic text not sent (mood, day 4): dropped by Ana Ruiz" in words_of(ana.get(f"/cases/{case}"))


def test_both_buttons_of_an_old_page_change_nothing_more(house: House, ana: Browser, case: UUID) -> None:
    message = hold(house)
    page = ana.get(f"/cases/{case}")
    ana.press(page, DROP)

    assert ana.press(page, SEND).status_code == 303
    assert find(house, message).status == "cancelled"


def test_a_held_text_without_words_yet_is_shown_as_it_would_leave(house: House, ana: Browser, case: UUID) -> None:
    [loaded] = house.schedules
    version = ScheduleVersion(version="whole", name=loaded.name, source_text=loaded.source_text, first_used_at=NOW)
    house.keep(version)
    [plan] = house.all(Plan)
    plan.schedule_version = "whole"
    house.keep(plan)
    hold(house, None, step="next-day mood", plan_id=plan.id, again=1)

    assert "Riverside: Hi Maria, how is your mood today?" in words_of(ana.get(f"/cases/{case}"))


def test_a_held_text_whose_schedule_is_unreadable_is_named_by_its_step(house: House, ana: Browser, case: UUID) -> None:
    [plan] = house.all(Plan)
    hold(house, None, plan_id=plan.id)

    assert in_order(words_of(ana.get(f"/cases/{case}")), "(mood, day 4)", SEND)


def test_what_staff_wrote_can_be_held_too(house: House, ana: Browser, case: UUID) -> None:
    hold(house, "We call at 11.", purpose="staff", author_id=house.ben.id, step="staff reply")

    assert in_order(words_of(ana.get(f"/cases/{case}")), "Ben Cole: We call at 11.", "Held:", SEND, DROP)


def test_an_auditor_sees_it_and_decides_nothing(house: House, case: UUID) -> None:
    message = hold(house)
    olga = client(house, house.olga)

    assert "Held: the same text" in words_of(olga.get(f"/cases/{case}"))
    assert SEND not in read(olga.get(f"/cases/{case}")).buttons
    for act in ("release", "drop"):
        assert olga.post(f"/cases/{case}/texts/{message.id}/{act}").status_code == 403
    assert find(house, message).held_at == NOW


def test_another_clinics_text_is_a_404(house: House, case: UUID) -> None:
    message = hold(house)
    sam = client(house, house.sam)
    own = text_from(house, "+12125550188", "hello", clinic=house.hillside)

    for where in (case, own):
        for act in ("release", "drop"):
            assert sam.post(f"/cases/{where}/texts/{message.id}/{act}").status_code == 404
    assert find(house, message).held_at == NOW


@pytest.mark.parametrize("id_", ["x", "00000000-0000-0000-0000-000000000000"])
def test_a_text_that_does_not_exist_is_a_404(ana: Browser, case: UUID, id_: str) -> None:
    for act in ("release", "drop"):
        assert ana.post(f"/cases/{case}/texts/{id_}/{act}").status_code == 404


def test_a_text_that_came_twice_says_so(house: House, ana: Browser, case: UUID) -> None:
    house.keep(text_to(house, house.maria, "How are you?", step="check-in", at=NOW, doubled_at=NOW))

    assert in_order(words_of(ana.get(f"/cases/{case}")), "How are you?", "Delivered, the patient got this twice")


def test_a_text_that_nobody_is_sure_of_says_that_it_is_looked_up(house: House, ana: Browser, case: UUID) -> None:
    house.keep(text_to(house, house.maria, "How are you?", step="check-in", status="uncertain", at=NOW))

    assert in_order(
        words_of(ana.get(f"/cases/{case}")), "How are you?", "Checking with the carrier whether it was sent"
    )
