"""What the database promises, on both."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlmodel import select

from followup.flow.transaction import transaction
from followup.store.database import BUSY_TIMEOUT_MS, Database, alembic_config, head, revision, upgrade
from followup.store.tables import AuditEntry, Clinic, Patient, Reply, metadata, new_id
from tests.databases import KEY, open_again

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CANARY = "Canary-Name-7731"


def clinic(**more: object) -> Clinic:
    values = {"slug": "riverside", "name": "Riverside", "zone": "America/New_York", "created_at": AT} | more
    return Clinic(**values)


def patient(where: Clinic, **more: object) -> Patient:
    values = {"clinic_id": where.id, "record_id": "p-1", "given_name": CANARY, "created_at": AT, "changed_at": AT}
    return Patient(**(values | more))


def keep(database: Database, *rows: object) -> None:
    with transaction(database) as db:
        for row in rows:
            db.add(row)
            db.flush()


# Migrations ------------------------------------------------------------------------------------------------


def test_migrations_make_exactly_the_tables_of_the_code(empty_database: Database) -> None:
    upgrade(empty_database)

    with empty_database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_there_is_one_newest_migration() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [head()]


def test_upgrading_again_changes_nothing(empty_database: Database) -> None:
    assert revision(empty_database) is None
    upgrade(empty_database)
    keep(empty_database, clinic())
    tables = set(inspect(empty_database.engine).get_table_names())

    upgrade(empty_database)

    assert revision(empty_database) == head()
    assert set(inspect(empty_database.engine).get_table_names()) == tables == {*metadata.tables, "alembic_version"}
    with empty_database.reader() as db:
        assert db.exec(select(Clinic)).one().slug == "riverside"


UPGRADE = """
import sys
from followup.store.database import Database, upgrade
database = Database(sys.argv[1], key=bytes(range(32)))
print("ready", flush=True)
sys.stdin.readline()
upgrade(database)
"""


def test_processes_that_start_at_once_upgrade_once(empty_database: Database) -> None:
    url = empty_database.url.render_as_string(hide_password=False)
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, url],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [(process.communicate(timeout=30)[1], process.returncode) for process in starting] == [("", 0)] * 2
    assert revision(empty_database) == head()


# Connections -----------------------------------------------------------------------------------------------


def test_every_connection_of_the_pool_is_set_as_promised(sqlite: Database) -> None:
    sqlite.engine.dispose()
    connections = [sqlite.engine.connect() for _ in range(30)]
    try:
        for connection in connections:
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
            assert found == {
                "journal_mode": "wal",
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": BUSY_TIMEOUT_MS,
            }
    finally:
        for connection in connections:
            connection.close()


def test_a_new_file_opened_by_many_at_once_is_set_as_promised(tmp_path: Path) -> None:
    together = threading.Barrier(8)

    def open_it(_: int) -> str:
        database = Database(f"sqlite:///{tmp_path / 'new.db'}", key=KEY)
        together.wait(timeout=10)
        with database.engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        database.close()
        return mode

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == ["wal"] * 8


def test_two_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    riverside = clinic()
    keep(database, riverside)
    others = [open_again(database) for _ in range(4)]
    together = threading.Barrier(4)

    def open_cases(other: Database) -> None:
        together.wait(timeout=10)
        for _ in range(25):
            with transaction(other) as db:
                found = db.exec(select(Clinic).with_for_update()).one()
                found.cases_opened += 1
                db.add(found)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_cases, others))
    for other in others:
        other.close()

    with database.reader() as db:
        assert db.exec(select(Clinic)).one().cases_opened == 100


def test_a_reader_sees_one_moment_while_others_write(sqlite: Database) -> None:
    keep(sqlite, clinic())
    with sqlite.reader() as db:
        assert len(db.exec(select(Clinic)).all()) == 1
        keep(sqlite, clinic(slug="hillside"))
        assert len(db.exec(select(Clinic)).all()) == 1


def test_a_block_that_fails_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with transaction(database) as db:
            db.add(clinic())
            db.flush()
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError):
        fail()

    with database.reader() as db:
        assert db.exec(select(Clinic)).all() == []


def test_a_row_of_a_clinic_that_is_not_there_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        keep(database, patient(clinic()))


# Secrecy ---------------------------------------------------------------------------------------------------


def test_the_file_shows_neither_what_it_is_nor_a_word_of_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'followup.db'}", key=KEY)
    upgrade(database)
    where = clinic()
    keep(database, where, patient(where), Reply(carrier_sid="SM1", sender="", to="", body=CANARY, received_at=AT))

    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    database.close()
    written |= {f"{path.name}, closed": path.read_bytes() for path in tmp_path.iterdir()}

    assert {name.removesuffix(", closed") for name in written} >= {"followup.db", "followup.db-wal"}
    for name, held in written.items():
        assert CANARY.encode() not in held, name
        assert b"SQLite format 3" not in held, name
        assert b"CREATE TABLE" not in held, name


def test_a_wrong_key_opens_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'followup.db'}"
    database = Database(url, key=KEY)
    upgrade(database)
    database.close()

    wrong = Database(url, key=bytes(32))
    with pytest.raises(DatabaseError, match="not a database"):
        revision(wrong)
    wrong.close()

    again = Database(url, key=KEY)
    assert revision(again) == head()
    again.close()


def test_an_sqlite_file_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Database(f"sqlite:///{tmp_path / 'followup.db'}")


def test_a_throw_away_database_is_gone_when_it_is_closed() -> None:
    database = Database("sqlite://")
    upgrade(database)
    with database.engine.connect() as connection:
        path = connection.exec_driver_sql("SELECT file FROM pragma_database_list WHERE name = 'main'").scalar_one()
    assert Path(path).exists()

    database.close()

    assert not Path(path).parent.exists()


def test_a_row_is_shown_by_its_key_alone() -> None:
    shown = patient(clinic())

    assert repr(shown) == str(shown) == f"<Patient {shown.id}>"
    assert CANARY not in f"{[shown]!r}"


@pytest.mark.parametrize(
    "fault",
    [{"record_id": None}, {"record_id": "p-taken"}, {"clinic_id": new_id()}],
    ids=["null", "twice", "no such clinic"],
)
def test_the_exception_of_an_insert_that_fails_shows_no_values(database: Database, fault: dict[str, object]) -> None:
    where = clinic()
    keep(database, where, patient(where, record_id="p-taken", phone="+12125550142"))

    with pytest.raises(IntegrityError) as failed:
        keep(database, patient(where, phone="+12125550142", **fault))

    chain = [failed.value, failed.value.orig, failed.value.__cause__, failed.value.__context__]
    for error in chain:
        assert not any(word in f"{error} {error!r}" for word in (CANARY, "+12125550142", "p-taken", str(where.id)))


# Values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "zone", [UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=5, minutes=45))], ids=str
)
def test_an_instant_comes_back_as_the_same_instant_in_utc(database: Database, zone: timezone) -> None:
    at = datetime(2026, 11, 1, 1, 30, 15, 123456, tzinfo=zone)
    keep(database, clinic(created_at=at))

    with database.reader() as db:
        found = db.exec(select(Clinic)).one().created_at

    assert found == at
    assert found.utcoffset() == timedelta(0)
    assert found.microsecond == 123456


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)naive|aware|tzinfo|timezone"):
        keep(database, clinic(created_at=datetime(2026, 11, 1, 1, 30)))  # noqa: DTZ001 - that is the mistake.


def test_instants_are_found_by_comparison_whatever_their_zone(database: Database) -> None:
    keep(database, clinic(created_at=AT))
    tokyo = timezone(timedelta(hours=9))

    with database.reader() as db:
        query = select(Clinic.slug)
        assert db.exec(query.where(Clinic.created_at >= AT.astimezone(tokyo))).all() == ["riverside"]
        assert db.exec(query.where(Clinic.created_at > AT.astimezone(tokyo))).all() == []


@pytest.mark.parametrize("words", ["é ñ 🙂 \u202e", "'; DROP TABLE clinic; --", "%s :name ?", "a\nb\tc", ""], ids=repr)
def test_words_come_back_as_they_were(database: Database, words: str) -> None:
    keep(database, clinic(name=words))

    with database.reader() as db:
        assert db.exec(select(Clinic)).one().name == words


def test_details_of_an_audit_entry_come_back_as_they_were(database: Database) -> None:
    details = {"not_set": ["rota"], "deep": {"a": [1, None, True]}}
    keep(database, AuditEntry(at=AT, actor="test", action="x", subject="y", details=details))

    with database.reader() as db:
        assert db.exec(select(AuditEntry)).one().details == details


def test_keys_sort_by_the_time_they_were_made_and_are_never_the_same() -> None:
    made = [new_id() for _ in range(10_000)]
    assert all(before < after for before, after in pairwise(made))
    assert {each.version for each in made} == {6}

    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(lambda _: [new_id() for _ in range(25_000)], range(4)))

    assert len({each for batch in batches for each in batch}) == 100_000


def test_keys_sort_alike_in_the_database(database: Database) -> None:
    made = [clinic(slug=f"c{number}") for number in range(20)]
    keep(database, *made)

    with database.reader() as db:
        assert [row.slug for row in db.exec(select(Clinic).order_by(Clinic.id))] == [row.slug for row in made]
