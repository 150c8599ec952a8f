"""Cases on both databases: one open case for each person, worst first, and what the queue's questions find."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from followup.flow.transaction import transaction
from followup.store import cases, queue
from followup.store.cases import NoSuchCase
from followup.store.database import Database
from followup.store.handsets import handsets, texts_on
from followup.store.tables import Case, CaseClosure, Clinic, Patient, Reply
from tests import people
from tests.people import MARIAS_PHONE, NOW, STRANGERS_PHONE, House, find_case, text_from

SOON = timedelta(minutes=1)


@pytest.fixture
def house(database: Database) -> House:
    return people.house(database)


def open_case(
    house: House,
    who: Patient | str | None,
    *,
    level: str = "concern",
    reason: str = "Could not be read",
    clinic: Clinic | None = None,
    after: timedelta = timedelta(0),
) -> UUID:
    patient = who if isinstance(who, Patient) else None
    with transaction(house.database) as db:
        return cases.open_or_join_case(
            db,
            clinic_id=(clinic or house.riverside).id,
            patient_id=patient.id if patient else None,
            sender=None if isinstance(who, Patient) else who,
            session_id=None,
            level=level,
            reason=reason,
            now=NOW + after,
        ).id


def close(house: House, case: UUID, *, after: timedelta = timedelta(0)) -> None:
    clinic = find_case(house, case).clinic_id
    house.keep(
        CaseClosure(clinic_id=clinic, case_id=case, staff_id=house.ana.id, at=house.now + after, outcome="called")
    )


def rows(house: House, view: Any = "open") -> list[queue.Row]:
    with house.database.reader() as db:
        return queue.rows(db, house.riverside.id, view=view, staff_id=house.ana.id)


def names(found: list[queue.Row]) -> list[str]:
    return [row.patient.given_name or "" if row.patient else row.case.sender or "" for row in found]


# One open case ------------------------------------------------------------------------------------------


def test_a_person_has_one_open_case_at_a_clinic(house: House) -> None:
    first = open_case(house, house.maria)

    assert open_case(house, house.maria, after=SOON) == first
    assert open_case(house, house.tom) != first
    close(house, first)
    again = open_case(house, house.maria)
    assert again != first
    assert open_case(house, house.maria) == again


def test_an_unknown_number_has_one_at_each_clinic(house: House) -> None:
    here = open_case(house, STRANGERS_PHONE)

    assert open_case(house, STRANGERS_PHONE) == here
    assert open_case(house, STRANGERS_PHONE, clinic=house.hillside) != here
    assert open_case(house, "72975") != here
    assert open_case(house, "") == open_case(house, "")


def test_many_replies_at_once_join_one_case_and_numbers_count_up(house: House) -> None:
    whom = [house.maria, house.tom, STRANGERS_PHONE] * 4
    with ThreadPoolExecutor(6) as threads:
        opened = list(threads.map(lambda who: open_case(house, who), whom))

    assert len(set(opened)) == 3
    assert sorted(case.number for case in house.all(Case)) == [1, 2, 3]
    assert open_case(house, STRANGERS_PHONE, clinic=house.hillside)
    assert [case.number for case in house.all(Case, clinic_id=house.hillside.id)] == [1]


def test_joining_never_lowers_a_level_and_the_worst_reason_stays(house: House) -> None:
    case = open_case(house, house.maria, level="concern", reason="Feels worse")

    open_case(house, house.maria, level="routine", reason="Score 7", after=SOON)
    joined = find_case(house, case)
    assert (joined.level, joined.reason, joined.changed_at) == ("concern", "Feels worse", NOW + SOON)

    open_case(house, house.maria, level="urgent", reason="Self-harm language")
    joined = find_case(house, case)
    assert (joined.level, joined.reason) == ("urgent", "Self-harm language")


def test_the_case_of_another_clinic_is_no_case(house: House) -> None:
    case = open_case(house, house.maria)

    with house.database.reader() as db, pytest.raises(NoSuchCase):
        cases.get_case(db, clinic_id=house.hillside.id, case_id=case)
    with house.database.reader() as db:
        assert cases.open_cases_among(db, clinic_id=house.hillside.id, case_ids=[case]) == []
        assert queue.rows(db, house.hillside.id, view="open", staff_id=house.sam.id) == []
        assert queue.urgent_waiting(db, house.hillside.id) == []


# The queue ----------------------------------------------------------------------------------------------


def test_the_queue_is_worst_first_then_nobodys_first_then_longest_wait(house: House) -> None:
    minutes = [timedelta(minutes=number) for number in range(1, 7)]
    text_from(house, "+12125550111", "routine", level="routine", ago=minutes[5])
    text_from(house, "+12125550112", "new concern", ago=minutes[0])
    text_from(house, "+12125550113", "old concern", ago=minutes[4])
    urgent = text_from(house, "+12125550114", "taken", level="urgent", ago=minutes[3])
    text_from(house, "+12125550115", "urgent", level="urgent", ago=minutes[2])
    take(house, urgent)

    assert [row.reply.body for row in rows(house) if row.reply] == [
        "urgent",
        "taken",
        "old concern",
        "new concern",
        "routine",
    ]
    assert [row.holder.name for row in rows(house, "mine") if row.holder] == ["Ana Ruiz"]
    assert len(rows(house, "none")) == 4
    with house.database.reader() as db:
        counts = queue.count_open(db, house.riverside.id, staff_id=house.ana.id)
        waiting = queue.urgent_waiting(db, house.riverside.id)
    assert {(count.level, count.held_by, count.cases) for count in counts} == {
        ("urgent", "me", 1),
        ("urgent", "nobody", 1),
        ("concern", "nobody", 2),
        ("routine", "nobody", 1),
    }
    assert [one.waits_since for one in waiting] == [NOW - minutes[2]]


def test_the_wait_counts_from_the_first_reply_that_nobody_has_seen(house: House) -> None:
    case = text_from(house, house.maria, "so sad", ago=timedelta(minutes=30))
    text_from(house, house.maria, "so very sad", ago=timedelta(minutes=20))
    assert rows(house)[0].waits_since == NOW - timedelta(minutes=30)

    take(house, case, after=-timedelta(minutes=15))
    text_from(house, house.maria, "still", ago=timedelta(minutes=10))

    assert rows(house)[0].waits_since == NOW - timedelta(minutes=10)


def test_a_later_sorry_does_not_hide_what_made_it_urgent(house: House) -> None:
    text_from(house, house.maria, "I want to die", level="urgent", ago=timedelta(minutes=4))
    text_from(house, house.maria, "sorry, 7", level="routine", value="7", ago=timedelta(minutes=2))

    (row,) = rows(house)
    assert row.reply
    assert (row.reply.body, row.last_score) == ("I want to die", "7")


def test_what_was_closed_since_midnight_is_latest_first(house: House) -> None:
    for number, (who, after) in enumerate([(house.maria, -SOON), (house.tom, SOON), (STRANGERS_PHONE, -SOON * 60)]):
        close(house, text_from(house, who, f"text {number}"), after=after)

    with house.database.reader() as db:
        found = queue.closed_rows(db, house.riverside.id, since=NOW - SOON * 30)
        today = queue.count_today(db, house.riverside.id, since=NOW - SOON * 30)
    assert names(found) == ["Tom", "Maria"]
    assert [row.closed_by for row in found] == ["Ana Ruiz", "Ana Ruiz"]
    assert (today.closed, today.replies) == (2, 3)


def test_texts_that_nobody_could_read_yet_are_counted_until_they_are(house: House) -> None:
    def kept(sid: str, ago: timedelta, **more: Any) -> Reply:
        return Reply(carrier_sid=sid, sender=STRANGERS_PHONE, to="", body="?", received_at=NOW - ago, **more)

    house.keep(kept("SM1", SOON * 3), kept("SM2", SOON * 2), kept("SM3", timedelta(0)))
    house.keep(kept("SM4", SOON * 9, read_at=NOW), kept("SM5", SOON * 9, clinic_id=house.hillside.id))

    with house.database.reader() as db:
        unread = queue.unread(db, house.riverside.id, before=NOW - SOON)
        none = queue.unread(db, house.riverside.id, before=NOW - SOON * 5)
    assert unread == queue.Unread(texts=2, since=NOW - SOON * 3)
    assert none is None


# Pretend handsets ---------------------------------------------------------------------------------------


def test_every_number_that_texted_or_was_texted_has_a_handset(house: House) -> None:
    text_from(house, house.tom, "hello")
    text_from(house, STRANGERS_PHONE, "who is this?", ago=SOON)
    text_from(house, "+12125550188", "elsewhere", clinic=house.hillside)

    with house.database.reader() as db:
        found = handsets(db, house.riverside.id)
        texts = texts_on(db, house.riverside.id, MARIAS_PHONE)
    assert [handset.name for handset in found] == [None, "Tom Reed", "Maria Lopez"]
    assert [text.body for text in texts] == ["How is your mood today, 0 to 10?"]


def take(house: House, case: UUID, *, after: timedelta = timedelta(0)) -> None:
    with transaction(house.database) as db:
        cases.take(db, find_case(house, case), staff_id=house.ana.id, now=NOW + after)
