"""What an operator sets up once."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import InvalidToken

from followup.flow.set_up import (
    CannotSetUp,
    SourceKeys,
    add_clinic,
    add_source,
    add_staff,
    go_live,
    seal,
    turn_sending,
    unseal,
    why_nothing_is_sent,
)
from followup.store.database import Database
from followup.store.tables import AuditEntry, Clinic, GoLive, Message, ScheduleVersion, Source, Staff, Switch
from tests.flow.stories import CHECK_IN_AT, NOW, SCHEDULES, Story, clinic_row, completed, staff_row

OLD, NEW = bytes(32), bytes(range(32))
PASSWORD = "a long pass phrase"


def clinic(database: Database, name: str = "Riverside", zone: str = "America/New_York", **more: Any) -> str:
    return add_clinic(database=database, name=name, zone=zone, now=NOW, **more)


def staff(database: Database, **more: Any) -> None:
    given = {"email": "ana@example.org", "name": "Ana", "role": "admin", "clinic": None, "password": None} | more
    add_staff(database=database, now=NOW, **given)


def source(database: Database, **more: Any) -> SourceKeys:
    given = {"name": "ehr", "clinic": None, "kind": "native", "keys": (NEW, OLD)} | more
    return add_source(database=database, now=NOW, **given)


def live(database: Database, **more: Any) -> list[str]:
    given = {"clinic": None, "by": "ana@example.org", "without_rota": False, "carrier_is_public": False} | more
    return go_live(database=database, schedules=SCHEDULES, now=NOW, **given)


def rows(database: Database, table: Any) -> list[Any]:
    return Story(database, Clinic(), Source()).all(table)


# Clinics ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Riverside Clinic", "riverside-clinic"),
        ("  St. Mary's  #2 ", "st-mary-s-2"),
        ("診療所", "clinic"),
        ("x" * 120, "x" * 50),
    ],
)
def test_a_slug_is_made_from_the_name(sqlite: Database, name: str, slug: str) -> None:
    assert clinic(sqlite, name) == slug


def test_a_second_clinic_of_the_same_name_has_another_slug(database: Database) -> None:
    assert [clinic(database) for _ in range(3)] == ["riverside", "riverside-2", "riverside-3"]


@pytest.mark.parametrize("zone", ["", "New York", "EST5", "../../etc/passwd", "America"])
def test_a_zone_that_is_none_is_refused(sqlite: Database, zone: str) -> None:
    with pytest.raises(CannotSetUp, match="is no zone"):
        clinic(sqlite, zone=zone)
    assert rows(sqlite, Clinic) == []


@pytest.mark.parametrize(("name", "sender"), [("  ", None), ("Riverside", "555")])
def test_a_clinic_needs_a_name_and_a_sender_that_is_a_number(sqlite: Database, name: str, sender: str | None) -> None:
    with pytest.raises(CannotSetUp):
        clinic(sqlite, name, sender=sender)


def test_a_sender_is_kept_as_the_carrier_writes_it(database: Database) -> None:
    clinic(database, sender="(212) 555-0100")

    assert rows(database, Clinic)[0].sender_number == "+12125550100"


# Staff -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"email": "ana"}, "no e-mail address"),
        ({"role": "king"}, "the role is one of"),
        ({"clinic": "elsewhere"}, "known: riverside"),
        ({"password": "short"}, "characters"),
    ],
)
def test_somebody_who_cannot_be_added_is_refused_in_words(sqlite: Database, given: dict[str, Any], words: str) -> None:
    clinic(sqlite)

    with pytest.raises(CannotSetUp, match=words):
        staff(sqlite, **given)
    assert rows(sqlite, Staff) == []


def test_an_address_is_one_person_whatever_its_case(database: Database) -> None:
    clinic(database)
    staff(database, email=" Ana@Example.org ")

    with pytest.raises(CannotSetUp, match="is here already"):
        staff(database, email="ana@example.org")
    assert rows(database, Staff)[0].email == "ana@example.org"


def test_a_password_is_kept_as_a_hash_only(database: Database) -> None:
    clinic(database)
    staff(database, password=PASSWORD)

    assert rows(database, Staff)[0].password_hash.startswith("$argon2id$")


def test_which_clinic_must_be_said_where_there_are_several(database: Database) -> None:
    with pytest.raises(CannotSetUp, match="none; add one with add-clinic"):
        staff(database)
    clinic(database, "Riverside")
    clinic(database, "Hillside")

    with pytest.raises(CannotSetUp, match="known: hillside, riverside"):
        staff(database)


# Sources ---------------------------------------------------------------------------------------------------


def test_a_sources_key_is_shown_once_and_kept_as_a_hash(database: Database) -> None:
    clinic(database)
    made = source(database)

    kept = rows(database, Source)[0]
    assert kept.key_hash == hashlib.sha256(made.bearer.encode()).hexdigest()
    assert made.signing_secret.encode() not in kept.sealed_signing_secret
    assert unseal(kept.sealed_signing_secret, (NEW,)) == made.signing_secret
    assert made.bearer not in repr(rows(database, AuditEntry)[-1].model_dump())


def test_no_two_sources_have_the_same_key(sqlite: Database) -> None:
    clinic(sqlite)

    made = [source(sqlite, name=f"ehr {number}") for number in range(5)]

    assert len({each.bearer for each in made} | {each.signing_secret for each in made}) == 10


def test_a_name_is_one_source_of_a_clinic(database: Database) -> None:
    clinic(database, "Riverside")
    clinic(database, "Hillside")
    source(database, clinic="riverside")
    source(database, clinic="hillside")

    with pytest.raises(CannotSetUp, match="a source with this name already"):
        source(database, clinic="riverside")
    with pytest.raises(CannotSetUp, match="the kind is one of"):
        source(database, clinic="riverside", name="fax", kind="fax")


def test_a_sealed_secret_is_read_with_the_old_key_after_a_new_one_came() -> None:
    sealed = seal("secret", (OLD,))

    assert unseal(sealed, (NEW, OLD)) == "secret"
    assert unseal(seal("secret", (NEW, OLD)), (NEW,)) == "secret"
    with pytest.raises(InvalidToken):
        unseal(sealed, (NEW,))


# Going live ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "by"), [("nurse", "ana@example.org"), ("admin", "nobody@example.org"), ("auditor", "ana@example.org")]
)
def test_only_a_named_admin_takes_a_clinic_live(sqlite: Database, role: str, by: str) -> None:
    clinic(sqlite)
    staff(sqlite, role=role)

    with pytest.raises(CannotSetUp, match="is no admin of this clinic"):
        live(sqlite, by=by)
    assert rows(sqlite, GoLive) == []


def test_an_admin_of_another_clinic_does_not_take_it_live(database: Database) -> None:
    clinic(database, "Riverside")
    clinic(database, "Hillside")
    staff(database, clinic="hillside")

    with pytest.raises(CannotSetUp, match="is no admin of this clinic"):
        live(database, clinic="riverside")


def test_an_admin_who_left_does_not_take_it_live(story: Story) -> None:
    gone = staff_row(story.clinic)
    gone.left_at = NOW
    story.keep(gone)

    with pytest.raises(CannotSetUp):
        live(story.database, by=gone.email)


def test_going_live_says_and_keeps_what_is_not_set(database: Database) -> None:
    clinic(database)
    staff(database)

    missing = live(database, by=" ANA@example.org ")

    kept = rows(database, GoLive)[0]
    assert kept.not_set == missing
    assert [words.split(":")[0] for words in missing] == ["on-call ladder", "rota", "clinic phone"]
    approved = {each.name: each.schedule.version for each in SCHEDULES}
    approved["standard_texts"] = SCHEDULES.texts("riverside").version
    assert kept.schedule_versions == approved
    assert {v.name: v.version for v in rows(database, ScheduleVersion)} == approved
    assert "(--without-rota)" in live(database, without_rota=True)[1]


def test_over_a_public_carrier_a_clinic_does_not_go_live_while_nobody_can_be_rung(database: Database) -> None:
    clinic(database)
    staff(database)

    with pytest.raises(CannotSetUp, match="an urgent reply would ring nowhere"):
        live(database, carrier_is_public=True)
    assert rows(database, GoLive) == []


# Switches --------------------------------------------------------------------------------------------------


def test_a_switch_that_is_turned_on_wakes_what_waited_at_once(story: Story) -> None:
    story.tell(completed())
    turn_sending(database=story.database, on=False, clinic=None, by="ana", now=NOW)
    story.send(at=CHECK_IN_AT)
    assert story.message().wake_at > CHECK_IN_AT

    later = CHECK_IN_AT + timedelta(seconds=1)
    turn_sending(database=story.database, on=True, clinic=None, by="ana", now=later)

    assert story.message().wake_at == later
    assert {m.wake_at for m in story.all(Message) if m.due_at > later} == {
        m.due_at for m in story.all(Message) if m.due_at > later
    }


def test_a_clinics_switch_wakes_its_own_texts_only(story: Story) -> None:
    there = clinic_row("Hillside")
    story.keep(there)
    texts = [story.due_text(story.patient(name, clinic=c)) for name, c in (("Maria", story.clinic), ("Tom", there))]
    for slug in ("riverside", "hillside"):
        turn_sending(database=story.database, on=False, clinic=slug, by="ana", now=NOW)
    story.send()

    turn_sending(database=story.database, on=True, clinic="riverside", by="ana", now=NOW)

    assert story.send() == 1
    assert story.get(Message, texts[1].id).status == "planned"


def test_turning_a_switch_twice_changes_nothing_more(database: Database) -> None:
    for _ in range(2):
        turn_sending(database=database, on=False, clinic=None, by="ana", now=NOW)

    assert [(row.name, row.is_on) for row in rows(database, Switch)] == [("sending", False)]


def test_a_clinics_switch_says_who_turned_it_and_since_when(database: Database) -> None:
    clinic(database)
    for minutes in (0, 5):
        at = NOW + timedelta(minutes=minutes)
        turn_sending(database=database, on=False, clinic="riverside", by="staff:1", now=at)

    assert rows(database, Clinic)[0].sending_off_at == NOW
    entries = [entry for entry in rows(database, AuditEntry) if entry.action.startswith("sending")]
    assert [(entry.actor, entry.action) for entry in entries] == [("staff:1", "sending off")]


def test_turning_the_switch_of_a_clinic_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(CannotSetUp):
        turn_sending(database=database, on=False, clinic="nowhere", by="ana", now=NOW)


def test_four_at_the_switch_at_once_leave_one_switch(database: Database) -> None:
    together = threading.Barrier(4)

    def turn(number: int) -> None:
        together.wait(timeout=10)
        turn_sending(database=database, on=bool(number % 2), clinic=None, by="ana", now=NOW)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(turn, range(4)))

    assert len(rows(database, Switch)) == 1


# What a start says -----------------------------------------------------------------------------------------


def test_a_start_says_why_nothing_is_sent(database: Database) -> None:
    def say(*, reaches_people: bool = True, sending: bool = True) -> list[str]:
        return why_nothing_is_sent(database, reaches_people=reaches_people, sending=sending, now=NOW)

    assert say() == ["nothing is sent: there is no clinic; add one with add-clinic"]
    clinic(database)
    staff(database)
    assert say(reaches_people=False) == []
    assert say(sending=False)[0] == "sending is switched off for the whole service"
    assert say() == ["riverside: nothing is sent: the clinic has not gone live; see go-live"]
    live(database)
    assert say() == ["riverside: prompts wait: nobody is on the rota; see go-live --without-rota"]
    go_live(
        database=database,
        clinic=None,
        by="ana@example.org",
        without_rota=True,
        carrier_is_public=False,
        schedules=SCHEDULES,
        now=NOW + timedelta(seconds=1),
    )
    assert say() == []
    turn_sending(database=database, on=False, clinic="riverside", by="ana", now=NOW)
    assert say() == ["riverside: sending is switched off"]
