"""After an urgent case automatic texts go on only by a person's word, and what was missed is not sent."""

from datetime import timedelta

import pytest

from followup.flow.lift_hold import lift_hold
from followup.flow.work_case import Refused
from followup.store.database import Database
from followup.store.tables import AuditEntry, Case, Message, TextHold
from tests.flow.paging import MINUTE, Ladder, with_ladder
from tests.flow.stories import NOW

DAY = timedelta(days=1)


@pytest.fixture
def ladder(database: Database) -> Ladder:
    return with_ladder(database)


def lift(ladder: Ladder, name: str = "Ana") -> Refused | None:
    return lift_hold(
        database=ladder.database,
        clinic_id=ladder.story.clinic.id,
        patient_id=ladder.maria.id,
        staff_id=ladder.staff[name].id,
        now=ladder.story.now,
    )


def closed(ladder: Ladder) -> Case:
    case = ladder.danger()
    ladder.take(case)
    assert ladder.close(case) is None
    return case


def test_closing_an_urgent_case_alone_lets_no_automatic_text_go(ladder: Ladder) -> None:
    text = ladder.story.step_text(ladder.maria)
    closed(ladder)

    ladder.story.send(at=NOW + MINUTE)

    kept = ladder.story.get(Message, text.id)
    assert (kept.status, kept.waits_for) == ("planned", "an urgent case holds texts until a person lets them go on")


def test_what_was_missed_is_dropped_and_what_is_to_come_leaves(ladder: Ladder) -> None:
    missed = ladder.story.step_text(ladder.maria)
    later = NOW + timedelta(hours=3)
    coming = ladder.story.step_text(ladder.maria, due_at=later, wake_at=later, use_by_at=later + DAY)
    closed(ladder)
    ladder.story.send(at=NOW + timedelta(hours=1))

    assert lift(ladder) is None
    ladder.story.send(at=later)

    dropped = ladder.story.get(Message, missed.id)
    assert (dropped.status, dropped.reason) == ("cancelled", "missed while texts were held; Ana Ruiz let them go on")
    assert ladder.story.get(Message, coming.id).status == "accepted"
    [hold] = ladder.story.all(TextHold)
    assert (hold.dropped, hold.lifted_by_id) == (1, ladder.staff["Ana"].id)


def test_lifting_again_changes_nothing(ladder: Ladder) -> None:
    closed(ladder)

    assert [lift(ladder), lift(ladder, "Ben")] == [None, None]

    assert [hold.lifted_by_id for hold in ladder.story.all(TextHold)] == [ladder.staff["Ana"].id]
    assert len(ladder.story.all(AuditEntry, action="texts.released")) == 1


def test_while_an_urgent_case_is_open_nobody_can_let_them_go(ladder: Ladder) -> None:
    closed(ladder)
    ladder.danger()

    refused = lift(ladder)

    assert refused
    assert "still open" in refused.words
    assert ladder.story.one(TextHold).lifted_at is None


def test_two_urgent_cases_are_lifted_together(ladder: Ladder) -> None:
    closed(ladder)
    closed(ladder)

    lift(ladder)

    assert all(hold.lifted_at for hold in ladder.story.all(TextHold))


def test_an_answer_of_staff_and_texts_to_others_are_not_held(ladder: Ladder) -> None:
    others = ladder.story.step_text(ladder.story.patient("Tom"))
    closed(ladder)
    written = ladder.story.due_text(ladder.maria)

    ladder.story.send()

    assert {ladder.story.get(Message, text.id).status for text in (others, written)} == {"accepted"}


def test_a_concern_holds_nothing(ladder: Ladder) -> None:
    case = ladder.danger(level="concern")
    ladder.close(case, outcome="answered")

    assert ladder.story.all(TextHold) == []
