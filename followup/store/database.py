"""Opens the database: SQLite (encrypted) or PostgreSQL, with the same code on both."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

DATABASE_FAILED = (OperationalError, InternalError, PoolTimeout)
"""Locked, full, gone, read-only, or too many connections: trying again later may help."""
OPENING_FAILED = (SQLAlchemyError, OSError, ValueError)
"""What `Database` and `upgrade` raise where an address leads nowhere, or a key does not fit."""
MIGRATION_LOCK = 7_224_001
"""Any number, the same in every process: two that start at once must not migrate at once (PostgreSQL)."""
BUSY_TIMEOUT_MS = 5_000
"""How long a lock is waited for (SQLite)."""


class MigrationLostRows(Exception):
    """A migration left rows that point to nothing; nothing of it was kept. Put the old version back and report it."""


class Database:
    """One database and its connections. Made once, in `app`."""

    def __init__(self, url: str, *, key: bytes | None = None) -> None:
        """`key`: the 32 bytes that encrypt an SQLite file. `sqlite://` is a throw-away file."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._throw_away: TemporaryDirectory[str] | None = None
        if not self.is_sqlite:
            self.engine = _open_postgresql(self.url)
        elif self.url.database and key:
            self.engine = _open_sqlite(Path(self.url.database), key)
        elif self.url.database:
            raise ValueError("an SQLite database needs a key")
        else:
            self._throw_away = TemporaryDirectory(prefix="followup-")
            self.engine = _open_sqlite(Path(self._throw_away.name) / "followup.db", secrets.token_bytes(32))
        self._writing = self.engine.execution_options(writes=True)

    def reader(self) -> Session:
        """A session that looks and never writes."""
        return Session(self.engine)

    def writer(self) -> Session:
        """A session that takes the write lock when it begins (SQLite); only flow opens one."""
        return Session(self._writing, expire_on_commit=False)

    def close(self) -> None:
        """Give the connections back; the file is a plain file again afterwards."""
        self.engine.dispose()
        if self._throw_away:
            self._throw_away.cleanup()


def _open_sqlite(path: Path, key: bytes) -> Engine:
    import sqlcipher3.dbapi2 as sqlcipher  # PostgreSQL sites need not load it.

    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        # A raw key: a passphrase would be stretched anew on every connection. SQLCipher API, "PRAGMA key".
        URL.create("sqlite+pysqlcipher", password=f"x'{key.hex()}'", host="", database=str(path)),
        module=sqlcipher,
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=20,
        max_overflow=20,
    )
    event.listen(engine, "connect", partial(_set_pragmas, path))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_pragmas(path: Path, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves; the driver's own comes too late for readers.
    cursor = connection.cursor()
    cursor.execute("PRAGMA cipher_log_level = NONE")  # It would write to stderr, around our logs; it raises as well.
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    _write_ahead(path, cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL lost acknowledged commits in 15 of 15 power cuts.
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _write_ahead(path: Path, cursor: Any) -> None:
    """Once for each file. Two processes that turned it at once would refuse each other, whatever the busy timeout."""
    if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with Path(f"{path}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            cursor.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    patience = options.get("patience_ms", BUSY_TIMEOUT_MS)
    if connection.info.setdefault("patience_ms", BUSY_TIMEOUT_MS) != patience:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
        connection.info["patience_ms"] = patience
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def wait_at_most(db: Session, patience: timedelta) -> None:
    """Said before anything else in a transaction: others' locks are waited for no longer; then DATABASE_FAILED."""
    milliseconds = round(patience / timedelta(milliseconds=1))
    connection = db.connection(execution_options={"patience_ms": milliseconds})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=20, max_overflow=20)
    event.listen(engine, "handle_error", _hide_details)
    return engine


def in_short(error: Exception) -> str:
    """What the database itself said, in one line, without a statement or its values."""
    return str(getattr(error, "orig", None) or error).split("\n", maxsplit=1)[0]


def is_wrong_key(error: Exception) -> bool:
    """Whether it is what SQLCipher says of a key that does not fit, or of a file that it never wrote."""
    return "file is not a database" in in_short(error)


def _hide_details(context: ExceptionContext) -> None:
    """PostgreSQL's own words show the failing row (`DETAIL: Failing row contains (...)`): keep the first line only."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).split("\n", maxsplit=1)[0],)


# Migrations --------------------------------------------------------------------------------------------


def alembic_config() -> Config:
    """Where the migrations lie; they run on the connection in `attributes["connection"]`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head() -> str:
    """The newest migration that this code knows."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def revision(database: Database) -> str | None:
    """The migration the database stands at; None: an empty database."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> None:
    """Bring the tables to `head()`. Again changes nothing; several processes may start at once."""
    if revision(database) == head():
        return
    with _migration_lock(database) as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _migration_lock(database: Database) -> Iterator[Connection]:
    engine = database.engine.execution_options(writes=True)
    with engine.connect() as connection:
        if database.is_sqlite:
            # A column that changes makes the table anew, and rows that point to it must not mind meanwhile. Only
            # before a transaction begins (SQLite, "PRAGMA foreign_keys").
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                yield connection
                if database.is_sqlite and (astray := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise MigrationLostRows(str(astray[0]))
        finally:
            if database.is_sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")
