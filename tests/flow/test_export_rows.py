"""What whoever takes the data elsewhere gets, and what not."""

import json
from typing import Any

import pytest

from followup.flow.export_rows import export_rows
from followup.flow.set_up import CannotSetUp, add_source, add_staff
from followup.store.tables import Patient, Reply, Source, metadata
from tests.flow.stories import (
    CHECK_IN_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    STRANGER,
    Story,
    clinic_row,
    completed,
    hillside,
)

KEYS = (bytes(32),)
PASSWORD = "a long pass phrase"


def export(story: Story, clinic: str | None = None, patient: str | None = None) -> list[dict[str, Any]]:
    return list(export_rows(database=story.database, clinic=clinic, patient=patient))


@pytest.fixture
def two(story: Story) -> Story:
    """Maria at Riverside and Tom at Hillside were texted and answered."""
    there = hillside(story)
    story.tell(completed())
    story.tell(
        completed(phone=OTHER_PHONE, patient={"given_name": "Tom"}), source=story.one(Source, clinic_id=there.id)
    )
    story.send(at=CHECK_IN_AT)
    story.report()
    story.hear("7", sender=PHONE)
    story.hear("8", sender=OTHER_PHONE)
    return story


def test_every_row_of_a_clinic_is_there_and_none_of_another(two: Story) -> None:
    rows = export(two, "riverside")

    assert {row["clinic_id"] for row in rows if "clinic_id" in row} == {str(two.clinic.id)}
    assert [row["slug"] for row in rows if row["table"] == "clinic"] == ["riverside"]
    held = json.dumps(rows)
    assert "Maria" in held
    assert PHONE in held
    assert "Tom" not in held
    assert OTHER_PHONE not in held


def test_without_a_clinic_the_rows_of_all_are_there(two: Story) -> None:
    rows = export(two)

    assert {row["given_name"] for row in rows if row["table"] == "patient"} == {"Maria", "Tom"}
    assert len({row["id"] for row in rows}) == len(rows)


def test_no_key_and_no_password_leaves(two: Story) -> None:
    made = add_source(database=two.database, name="new", clinic="riverside", kind="native", keys=KEYS, now=NOW)
    add_staff(
        database=two.database,
        email="ana@example.org",
        name="Ana",
        role="admin",
        clinic="riverside",
        password=PASSWORD,
        now=NOW,
    )
    kept = two.one(Source, name="new")

    rows = export(two)
    held = json.dumps(rows)

    assert "ana@example.org" in held
    assert not any(secret in row for row in rows for secret in ("key_hash", "sealed_signing_secret", "password_hash"))
    for secret in (made.bearer, made.signing_secret, kept.key_hash, kept.sealed_signing_secret.decode(), "$argon2"):
        assert secret not in held


def test_a_patients_export_holds_that_patient_only(two: Story) -> None:
    two.tell(completed(session="s-9", patient={"id": "p-jane", "given_name": "Jane"}, phone="+12125550177"))

    rows = export(two, "riverside", "p-maria")

    held = json.dumps(rows)
    assert "Jane" not in held
    assert "Tom" not in held
    tables = {row["table"] for row in rows}
    assert tables >= {"patient", "consent", "care_session", "plan", "message", "attempt", "delivery_report"}
    assert tables >= {"reply", "reading", "case", "event"}


def test_a_text_that_no_clinic_has_yet_is_in_every_export(two: Story) -> None:
    waiting = two.keep_text("hello", sender=STRANGER)

    for clinic in ("riverside", "hillside", None):
        assert str(waiting) in {row["id"] for row in export(two, clinic) if row["table"] == "reply"}
    assert two.get(Reply, waiting).clinic_id is None


def test_rows_are_plain_values_with_instants_in_utc(two: Story) -> None:
    rows = export(two, "riverside")

    assert json.loads(json.dumps(rows)) == rows
    session = next(row for row in rows if row["table"] == "care_session")
    assert session["ended_at"] == "2026-11-24T15:00:00Z"


def test_nothing_but_sign_ins_switches_and_runs_is_left_out(two: Story) -> None:
    known = {"sign_in_session", "switch", "job_run", "schedule_version", "pulse", "breaker"}
    named = {table.__tablename__ for table in _exported()}

    assert set(metadata.tables) - named == known


def _exported() -> tuple[Any, ...]:
    from followup.store import exports

    return exports.TABLES


@pytest.mark.parametrize(("clinic", "patient"), [("nowhere", None), ("riverside", "p-nobody"), ("hillside", "p-x")])
def test_who_is_not_there_is_said(two: Story, clinic: str, patient: str | None) -> None:
    with pytest.raises(CannotSetUp):
        export(two, clinic, patient)


def test_a_patient_needs_a_clinic_where_there_are_several(two: Story) -> None:
    with pytest.raises(CannotSetUp, match="say which clinic"):
        export(two, None, "p-maria")


def test_a_thousand_rows_are_all_there(small_story: Story) -> None:
    story = small_story
    other = clinic_row("Hillside")
    story.keep(other)
    story.keep(
        *[
            Patient(clinic_id=story.clinic.id, record_id=f"p-{number}", created_at=NOW, changed_at=NOW)
            for number in range(1_001)
        ]
    )

    assert sum(row["table"] == "patient" for row in export(story, "riverside")) == 1_001
    assert sum(row["table"] == "patient" for row in export(story, "hillside")) == 0
