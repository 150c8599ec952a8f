"""While the database takes nothing, or does not answer at all: staff still read, and are told what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from sqlmodel import select

from followup.flow.sign_in import NOTED_EVERY
from followup.logs import set_up_logs
from followup.store.database import BUSY_TIMEOUT_MS, Database, Session, wait_at_most
from followup.store.tables import SignInSession
from followup.web.site import make_site
from tests import people
from tests.browsing import Browser, words_of
from tests.people import FROM_OUR_PAGE, ORIGIN, House, client, text_from


@pytest.fixture
def house(database: Database) -> House:
    return people.house(database)


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """As in `serve`: a line for each failure. The library's own way draws a picture of it, for seconds."""
    set_up_logs()
    yield
    structlog.reset_defaults()


@contextmanager
def somebody_else_writing(house: House) -> Iterator[None]:
    """They hold the lock (SQLite: of everything; PostgreSQL: of the row) as long as this lasts."""
    with house.database.writer() as db:
        list(db.exec(select(SignInSession).with_for_update()).all())
        yield


def test_staff_read_on_while_nothing_can_be_written(house: House) -> None:
    text_from(house, house.maria, "everything is grey again")
    ana = client(house, house.ana)
    signed_in_at = house.now
    house.now += NOTED_EVERY

    with somebody_else_writing(house):
        page = ana.get("/")

    assert page.status_code == 200
    assert "everything is grey again" in words_of(page)
    assert house.all(SignInSession)[0].seen_at == signed_in_at
    assert ana.get("/").status_code == 200
    assert house.all(SignInSession)[0].seen_at == house.now


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_staff_read_on_while_a_server_takes_nothing(house: House) -> None:
    """As while another server takes over. (What SQLite says when a disk is full is what it says of a lock.)"""
    ana = client(house, house.ana)
    house.now += NOTED_EVERY

    _take_writes(house.database, "off")
    try:
        page = ana.get("/")
        refused = ana.post("/sign-out")
    finally:
        _take_writes(house.database, "on")

    assert page.status_code == 200
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")


def _take_writes(database: Database, state: str) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ WRITE")
        name = connection.engine.url.database
        read_only = "on" if state == "off" else "off"
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {read_only}')
    database.engine.dispose()  # What it says counts for new connections.


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_impatience_belongs_to_one_transaction(database: Database) -> None:
    with database.writer() as db:
        wait_at_most(db, timedelta(milliseconds=1))
        assert _patience(db) == 1
    for session in (database.reader(), database.writer()):
        with session as db:
            assert _patience(db) == BUSY_TIMEOUT_MS


def _patience(db: Session) -> int:
    [milliseconds] = db.connection().exec_driver_sql("PRAGMA busy_timeout").one()
    return milliseconds


def test_a_page_asks_to_try_again_while_the_database_does_not_answer(sqlite: Database) -> None:
    without_tables = Database("sqlite://")
    site = make_site(replace(people.parts(people.house(sqlite)), database=without_tables))
    browser = Browser(site, origin=ORIGIN, headers=FROM_OUR_PAGE)
    browser.cookies.set("session", "a token")

    answer = browser.get("/")
    without_tables.close()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "The database does not answer" in words_of(answer)
    assert "try again" in words_of(answer)
