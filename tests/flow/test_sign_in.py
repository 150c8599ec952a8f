"""Signing in and out: one slow hash for everybody, and patience with those who keep failing."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache

import pytest

from followup.flow.sign_in import (
    FAILURES_ALLOWED,
    FAILURES_COUNT_FOR,
    PasswordTooShort,
    hash_password,
    hash_token,
    note_activity,
    sign_in,
    sign_out,
)
from followup.flow.transaction import transaction
from followup.store import sign_ins
from followup.store.database import Database
from followup.store.tables import AuditEntry, SignInSession, Staff
from tests import people
from tests.people import House

PASSWORD, WRONG = "a long pass phrase", "another pass phrase"


@cache
def hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def house(database: Database) -> House:
    """Ana has a password; Ben has none."""
    made = people.house(database)
    made.ana.password_hash = hashed()
    with transaction(database) as db:
        db.merge(made.ana)
    return made


def try_to(house: House, email: str, password: str = PASSWORD) -> str | None:
    return sign_in(house.database, email, password, house.now)


def test_the_right_password_gives_a_token_of_which_only_the_hash_is_kept(house: House) -> None:
    token = try_to(house, " Ana@Riverside.example ")

    assert token
    (session,) = house.all(SignInSession)
    assert (session.staff_id, session.clinic_id) == (house.ana.id, house.riverside.id)
    assert session.token_hash == hash_token(token) != token
    assert try_to(house, house.ana.email) != token


def test_wrong_unknown_without_password_and_gone_get_the_same_nothing(house: House) -> None:
    house.keep(
        Staff(
            clinic_id=house.riverside.id,
            email="left@riverside.example",
            name="Lea Left",
            role="nurse",
            password_hash=hashed(),
            created_at=house.now,
            left_at=house.now,
        )
    )

    assert try_to(house, house.ana.email, WRONG) is None
    assert try_to(house, house.ana.email, "") is None
    assert try_to(house, "nobody@riverside.example") is None
    assert try_to(house, house.ben.email) is None
    assert try_to(house, house.ben.email, "") is None
    assert try_to(house, "left@riverside.example") is None
    assert house.all(SignInSession) == []


def test_an_unknown_e_mail_costs_the_same_work_as_a_wrong_password(house: House) -> None:
    def work(email: str) -> float:
        began = time.thread_time()
        try_to(house, email, WRONG)
        return time.thread_time() - began

    work("warm@up.example")  # The first unknown one of a process also makes nobody's hash.
    unknown, wrong = min(work("no@one.example") for _ in range(3)), min(work(house.ana.email) for _ in range(3))

    assert unknown > wrong / 3
    assert wrong > unknown / 3


def test_after_five_failures_the_right_password_waits_fifteen_minutes(house: House) -> None:
    for _ in range(FAILURES_ALLOWED):
        try_to(house, house.ana.email, WRONG)

    assert try_to(house, house.ana.email) is None
    house.now += FAILURES_COUNT_FOR - timedelta(seconds=1)
    assert try_to(house, house.ana.email) is None
    house.now += timedelta(seconds=1)
    assert try_to(house, house.ana.email)


def test_one_persons_failures_do_not_keep_another_out(house: House) -> None:
    for _ in range(FAILURES_ALLOWED + 1):
        try_to(house, "nobody@riverside.example", WRONG)

    assert try_to(house, house.ana.email)


def test_a_failure_is_written_down_without_the_address(house: House) -> None:
    try_to(house, house.ana.email, WRONG)

    (entry,) = house.all(AuditEntry)
    assert (entry.action, entry.actor, entry.clinic_id) == (sign_ins.FAILED, "stranger", None)
    assert "ana" not in f"{entry.subject} {entry.details}"
    assert WRONG not in f"{entry.subject} {entry.details}"


def test_many_tries_at_once_all_count(house: House) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: try_to(house, house.ana.email, WRONG), range(4)))

    assert len(house.all(AuditEntry, action=sign_ins.FAILED)) == 4


def test_signing_out_ends_that_browser_only_and_again_changes_nothing(house: House) -> None:
    here, there = try_to(house, house.ana.email), try_to(house, house.ana.email)
    assert here
    assert there

    for _ in range(2):
        sign_out(house.database, hash_token(here), house.now)

    with house.database.reader() as db:
        assert sign_ins.find(db, hash_token(here)) is None
        assert sign_ins.find(db, hash_token(there)) is not None
    assert len(house.all(AuditEntry, action="sign_in.ended")) == 1


def test_activity_is_written_once_a_minute(house: House) -> None:
    token = hash_token(try_to(house, house.ana.email) or "")
    began = house.now

    note_activity(house.database, token, began + timedelta(seconds=59))
    assert house.all(SignInSession)[0].seen_at == began

    note_activity(house.database, token, began + timedelta(seconds=60))
    assert house.all(SignInSession)[0].seen_at == began + timedelta(seconds=60)
    note_activity(house.database, "no such token", began)


def test_a_short_password_is_refused() -> None:
    with pytest.raises(PasswordTooShort, match="12 characters"):
        hash_password("elevenchars")
