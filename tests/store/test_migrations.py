"""A database with rows of an older version comes to the newest with all of them, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, column, inspect, table, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select

from followup.flow.transaction import transaction
from followup.store.database import Database, MigrationLostRows, alembic_config, head, revision, upgrade
from followup.store.opening_hours import hours_were_set
from followup.store.tables import (
    Appointment,
    Attempt,
    CareSession,
    Case,
    Clinic,
    ClinicClosure,
    Companion,
    DeliveryReport,
    Message,
    Patient,
    Pause,
    Plan,
    Reading,
    Reply,
    ScheduleVersion,
    Staff,
    metadata,
    new_id,
)
from tests.databases import KEY

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
FIRST = "0001"


def upgrade_to(database: Database, version: str) -> None:
    """As an older version of the service left it."""
    with database.engine.execution_options(writes=True).connect() as connection, connection.begin():
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def put(connection: Connection, row: SQLModel) -> None:
    """With the columns that its table has at present, which may be fewer than the code knows."""
    known = metadata.tables[str(row.__tablename__)]
    there = {found["name"] for found in inspect(connection).get_columns(known.name)}
    columns = [column(each.name, each.type) for each in known.columns if each.name in there]
    values = row.model_dump(include={each.name for each in columns})
    connection.execute(table(known.name, *columns).insert().values(values))


def riverside() -> list[SQLModel]:
    """One row or more of every table that changes, and of those that point to them."""
    clinic = Clinic(
        slug="riverside",
        name="Riverside",
        zone="America/New_York",
        opens_at_local="09:00",
        closes_at_local="20:00",
        created_at=AT,
    )
    shared: dict[str, Any] = {"clinic_id": clinic.id}
    staff = Staff(**shared, email="ana@riverside.example", name="Ana Ruiz", role="nurse", created_at=AT)
    patient = Patient(
        **shared,
        record_id="p-1",
        given_name="Zoë",
        phone="+12125550142",
        told={"phone": AT.isoformat()},
        created_at=AT,
        changed_at=AT,
    )
    shared["patient_id"] = patient.id
    session = CareSession(**shared, record_id="s-1", ended_at=AT, told_at=AT, created_at=AT)
    appointment = Appointment(**shared, record_id="ap-1", starts_at=AT + timedelta(days=7), told_at=AT, created_at=AT)
    version = ScheduleVersion(version="v1", name="ketamine_infusion", source_text="", first_used_at=AT)
    plan = Plan(**shared, session_id=session.id, schedule_version="v1", zone="America/New_York", made_at=AT)
    case = Case(**shared, number=1, level="concern", reason="Could not be read", opened_at=AT, changed_at=AT)
    message = Message(
        **shared,
        purpose="step",
        plan_id=plan.id,
        session_id=session.id,
        appointment_id=appointment.id,
        case_id=case.id,
        step="same-day check-in",
        prompt="same_day",
        text="How are you?",
        phone="+12125550142",
        status="delivered",
        due_at=AT,
        use_by_at=AT,
        wake_at=AT,
        created_at=AT,
    )
    again = {"id": new_id(), "text": None, "status": "planned", "again": 1, "again_of": message.id}
    waiting = Message(**(message.model_dump() | again))
    attempt = Attempt(clinic_id=clinic.id, message_id=message.id, token="a" * 32, seal="s", fence=1, started_at=AT)
    report = DeliveryReport(
        clinic_id=clinic.id, message_id=message.id, carrier_sid="SM1", status="delivered", code=0, received_at=AT
    )
    reply = Reply(
        **shared,
        carrier_sid="SM2",
        sender="+12125550142",
        to="",
        body="7",
        received_at=AT,
        answers_id=message.id,
        case_id=case.id,
    )
    reading = Reading(
        clinic_id=clinic.id, reply_id=reply.id, kind="score", value="7", level="routine", reader="plain 2", at=AT
    )
    rows = [clinic, staff, patient, session, appointment, version, plan, case, message, waiting, attempt, report]
    return [*rows, reply, reading]


def old(database: Database) -> Database:
    """At the first migration, with rows in every table that has changed since."""
    upgrade_to(database, FIRST)
    with database.engine.execution_options(writes=True).begin() as connection:
        for row in riverside():
            put(connection, row)
    return database


@pytest.fixture
def older(tmp_path: Path) -> Iterator[Database]:
    """On SQLite, which makes a table anew where a column changes."""
    opened = old(Database(f"sqlite:///{tmp_path / 'old.db'}", key=KEY))
    yield opened
    opened.close()


def rows_of(database: Database) -> dict[str, list[dict[str, object]]]:
    """{table: its rows}, of those that have any."""
    with database.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        found = {n: connection.execute(text(f'SELECT * FROM "{n}" ORDER BY 1')).mappings().all() for n in names}
    return {name: [dict(row) for row in rows] for name, rows in found.items() if rows}


def test_rows_of_the_first_version_are_in_the_newest_as_they_were(empty_database: Database) -> None:
    database = old(empty_database)
    before = rows_of(database)
    assert {"clinic", "patient", "plan", "message", "reply"} <= before.keys()

    upgrade(database)

    after = rows_of(database)
    assert revision(database) == head()
    assert {name: len(rows) for name, rows in after.items()} == {name: len(rows) for name, rows in before.items()}
    for name, rows in before.items():
        for row, now in zip(rows, after[name], strict=True):
            assert {key for key in row if now[key] != row[key]} <= HOURS
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    write_what_is_new(database)


HOURS = {"opens_at_local", "closes_at_local"}


def write_what_is_new(database: Database) -> None:
    """Beside the old rows."""
    with transaction(database) as db:
        patient, staff = db.exec(select(Patient)).one(), db.exec(select(Staff)).one()
        appointment = db.exec(select(Appointment)).one()
        shared: dict[str, Any] = {"clinic_id": patient.clinic_id, "patient_id": patient.id}
        preparation = {"appointment_id": appointment.id, "schedule_version": "v1", "zone": "UTC", "made_at": AT}
        db.add(Companion(**shared, name="Alex", phone="+12125550101", has_agreed=True, told_at=AT))
        db.add(Pause(**shared, by_staff_id=staff.id, at=AT, why="on holiday"))
        db.add(ClinicClosure(clinic_id=patient.clinic_id, closed_on=AT.date(), words="Thanksgiving"))
        db.add(Plan(**shared, **preparation))
    with pytest.raises(IntegrityError), transaction(database) as db:
        db.add(Plan(**shared, **preparation))
        db.flush()


def test_what_is_new_says_that_nobody_said(older: Database) -> None:
    upgrade(older)

    with older.reader() as db:
        clinic, patient = db.exec(select(Clinic)).one(), db.exec(select(Patient)).one()
        assert (clinic.text_name, clinic.closed_weekdays, clinic.state) == (None, [], None)
        assert (patient.own_hour_local, patient.is_discreet) == (None, False)
        assert {(m.to, m.ask, m.silent_at, m.answer_until_at) for m in db.exec(select(Message))} == {
            ("patient", None, None, None)
        }
        assert db.exec(select(Reply)).one().is_companions is False
        assert db.exec(select(Plan)).one().appointment_id is None


def test_hours_that_were_only_the_default_are_not_taken_for_set(older: Database) -> None:
    """Every clinic of the first version had 09:00 to 20:00, and nobody had said so."""
    upgrade(older)

    with older.reader() as db:
        assert not hours_were_set(db, db.exec(select(Clinic)).one())


def test_foreign_keys_hold_afterwards(older: Database) -> None:
    upgrade(older)

    connections = [older.engine.connect() for _ in range(3)]
    assert [each.exec_driver_sql("PRAGMA foreign_keys").scalar_one() for each in connections] == [1, 1, 1]
    for each in connections:
        each.close()
    for name in ("clinic", "patient", "plan", "message", "appointment", "care_session"):
        with pytest.raises(IntegrityError), older.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text(f'DELETE FROM "{name}"'))


def test_an_index_of_a_part_of_a_table_stays_one_of_that_part(older: Database) -> None:
    upgrade(older)

    with older.engine.connect() as connection:
        definitions = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index'")).all()
    found = {name: sql or "" for name, sql in definitions}
    assert all("WHERE" in found[f"ix_message_{name}"] for name in ("due", "open", "doubted", "silent"))


def test_rows_that_point_to_nothing_stop_the_upgrade_and_nothing_of_it_is_kept(older: Database) -> None:
    with older.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        for statement in ("PRAGMA foreign_keys = OFF", "DELETE FROM care_session", "PRAGMA foreign_keys = ON"):
            raw.execute(statement)

    with pytest.raises(MigrationLostRows):
        upgrade(older)

    assert revision(older) == FIRST
    assert "companion" not in inspect(older.engine).get_table_names()
    with older.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_the_way_back_keeps_the_rows_that_were_there(older: Database) -> None:
    """Nobody needs it while all goes well."""
    before = rows_of(older)
    upgrade(older)

    with older.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # pyright: ignore[reportOptionalMemberAccess]
        with connection.begin():
            config = alembic_config()
            config.attributes["connection"] = connection
            command.downgrade(config, FIRST)
        connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")  # pyright: ignore[reportOptionalMemberAccess]

    assert rows_of(older) == before
