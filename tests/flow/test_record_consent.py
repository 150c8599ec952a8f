"""A patient who opted out agrees again, and a person writes down how."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound

from followup.flow.record_consent import record_consent
from followup.flow.work_case import Refused
from followup.store.tables import AuditEntry, Consent, OptOut, Patient, Staff
from tests.flow.stories import (
    CHECK_IN_AT,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    completed,
    consent,
    died,
    hillside,
    staff_row,
)


@pytest.fixture
def ana(story: Story) -> Staff:
    """Maria sent STOP a minute ago."""
    ana = staff_row(story.clinic, role="nurse")
    story.keep(ana)
    story.tell(completed())
    story.hear("STOP")
    story.now += timedelta(minutes=1)
    return ana


def record(story: Story, staff: Staff, **more: Any) -> Refused | None:
    maria = story.one(Patient, record_id="p-maria")
    values: dict[str, Any] = {"how": "by phone", "evidence": "Please text me again", "wording": "2026-03"}
    return record_consent(
        database=story.database,
        clinic_id=staff.clinic_id,
        patient_id=maria.id,
        staff_id=staff.id,
        now=story.now,
        **(values | more),
    )


def test_it_lifts_stop_and_says_who_wrote_it_down_and_how(story: Story, ana: Staff) -> None:
    assert record(story, ana) is None

    row = story.one(Consent, actor=f"staff:{ana.id}")
    assert (row.status, row.how, row.evidence, row.wording) == (
        "granted",
        "by phone",
        "Please text me again",
        "2026-03",
    )
    assert (row.phone, row.recorded_at) == (PHONE, story.now)
    held = story.one(OptOut)
    assert (held.lifted_at, held.lifted_by_consent_id, held.lifted_by_reply_id) == (story.now, row.id, None)
    entry = story.one(AuditEntry, action="consent.recorded")
    assert (entry.actor, entry.details["consent"]) == (f"staff:{ana.id}", str(row.id))


def test_texts_that_are_still_of_use_leave_again(story: Story, ana: Staff) -> None:
    story.now = MOOD_AT - timedelta(hours=1)
    record(story, ana)

    story.send(at=MOOD_AT)

    assert len(story.texts()) == 1


def test_again_changes_nothing(story: Story, ana: Staff) -> None:
    record(story, ana)
    story.now += timedelta(minutes=1)

    assert record(story, ana) is None

    assert len(story.all(Consent, actor=f"staff:{ana.id}")) == 1
    assert len(story.all(AuditEntry, action="consent.recorded")) == 1


@pytest.mark.parametrize("how", ["", "  \n", "x" * 201])
def test_it_is_refused_without_saying_how(story: Story, ana: Staff, how: str) -> None:
    assert isinstance(record(story, ana, how=how), Refused)

    assert story.one(OptOut).lifted_at is None
    assert story.all(Consent, actor=f"staff:{ana.id}") == []


def test_it_is_refused_for_the_dead(story: Story, ana: Staff) -> None:
    story.tell(died(at=NOW + timedelta(minutes=1)))

    assert record(story, ana) == Refused("The patient has died. Nothing was changed.")


def test_it_is_refused_where_there_is_no_number(story: Story, ana: Staff) -> None:
    story.tell(consent("granted", at=NOW + timedelta(minutes=1), patient={"phone": None}))

    assert record(story, ana) == Refused("There is no number that can be texted. Nothing was changed.")


def test_a_person_of_another_clinic_records_nothing(story: Story, ana: Staff) -> None:
    sam = staff_row(hillside(story), "Sam Hill")
    story.keep(sam)

    with pytest.raises(NoResultFound):
        record(story, sam)

    assert story.one(OptOut).lifted_at is None


def test_it_lifts_a_wrong_number_and_what_the_record_system_had_revoked(story: Story, ana: Staff) -> None:
    story.tell(consent("revoked", at=NOW + timedelta(seconds=1)))
    story.hear("wrong number")

    record(story, ana, how="at the desk, with a new phone in hand")
    story.send(at=CHECK_IN_AT)

    assert len(story.texts()) == 1


def test_a_later_stop_holds_again(story: Story, ana: Staff) -> None:
    record(story, ana)
    story.now += timedelta(minutes=1)

    story.hear("please stop texting me")
    story.send(at=CHECK_IN_AT)

    assert story.texts() == []
    assert sorted(row.lifted_at is None for row in story.all(OptOut)) == [False, True]


def test_after_it_a_new_number_is_texted(story: Story, ana: Staff) -> None:
    record(story, ana)

    story.tell(consent("granted", at=NOW + timedelta(minutes=3), patient={"phone": OTHER_PHONE}))
    story.send(at=CHECK_IN_AT)

    assert len(story.texts(OTHER_PHONE)) == 1
