"""A patient's automatic texts are paused: what falls into it is dropped, and nothing bursts when they go on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.store import pauses
from followup.store.database import Database
from followup.store.tables import Message, Patient, Pause, Staff
from tests.flow.stories import ENDED_AT, NOW, PHONE, Story, appointment, completed, consent, riverside, staff_row
from tests.flow.written import only, step

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOON = ENDED_AT + 2 * HOUR
SCHEDULES = only(
    step("one", after_end="1h", use_by="2d", gives_way=False),
    step("two", after_end="2h", use_by="2d", gives_way=False),
    step("three", after_end="3h", use_by="2d", gives_way=False),
    step("four", after_end="26h", use_by="2d", gives_way=False),
    step("driver", to="companion", after_end="2h", use_by="2d"),
    step("reminder", days_before_appointment=1, at="10:00", use_by="2h", gives_way=False),
)
ALEX = {"name": "Alex", "phone": "+12125550101", "consent": True}


@pytest.fixture
def story(sqlite: Database) -> Story:
    made = riverside(sqlite, schedules=SCHEDULES)
    made.keep(staff_row(made.clinic))
    made.tell(completed())
    return made


def pause(
    story: Story, *, at: datetime, until: datetime | None = None, ended: datetime | None = None, **more: Any
) -> Pause:
    """Ana paused Maria's texts."""
    ana = story.one(Staff)
    row = Pause(
        clinic_id=story.clinic.id,
        patient_id=story.one(Patient, record_id="p-maria").id,
        by_staff_id=ana.id,
        at=at,
        until_at=until,
        why="on holiday",
        ended_at=ended,
        ended_by_id=ana.id if ended else None,
        **more,
    )
    story.keep(row)
    return row


def resume(story: Story, row: Pause, *, at: datetime) -> None:
    row.ended_at, row.ended_by_id = at, row.by_staff_id
    story.keep(row)


def ended(story: Story, name: str) -> tuple[str, str | None]:
    message = story.message(name)
    return message.status, message.reason


PAUSED = ("cancelled", "paused by Ana Ruiz: on holiday")


def test_what_falls_into_a_pause_is_dropped_and_says_by_whom_and_why(story: Story) -> None:
    pause(story, at=NOW)

    story.send(at=ENDED_AT + HOUR)

    assert ended(story, "one") == PAUSED
    assert story.texts() == []


def test_nothing_bursts_when_the_texts_go_on(story: Story) -> None:
    held = pause(story, at=NOW)
    for hours in range(1, 4):
        story.send(at=ENDED_AT + hours * HOUR)

    resume(story, held, at=ENDED_AT + 4 * HOUR)
    for minutes in range(0, 120, 10):
        story.send(at=ENDED_AT + 4 * HOUR + minutes * MINUTE)

    assert story.texts() == []
    story.send(at=ENDED_AT + 26 * HOUR)
    assert len(story.texts()) == 1


@pytest.mark.parametrize("by_itself", [True, False], ids=["ends by itself", "ended by a person"])
def test_what_fell_into_a_pause_is_dropped_though_the_sender_was_away(story: Story, by_itself: bool) -> None:
    """Down from before the pause until after it."""
    over_at = NOON + 30 * MINUTE
    pause(story, at=ENDED_AT + 30 * MINUTE, until=over_at if by_itself else None, ended=None if by_itself else over_at)

    story.send(at=over_at + MINUTE)

    assert {ended(story, name) for name in ("one", "two")} == {PAUSED}
    assert story.message("three").status == "planned"


def test_what_is_due_before_and_after_a_pause_leaves(story: Story) -> None:
    pause(story, at=ENDED_AT + HOUR + MINUTE, until=ENDED_AT + 2 * HOUR + MINUTE)

    for hours in range(1, 4):
        story.send(at=ENDED_AT + hours * HOUR)

    assert [ended(story, name)[0] for name in ("one", "two", "three")] == ["accepted", "cancelled", "accepted"]


@pytest.mark.parametrize(
    ("seconds", "status"), [(-1, "cancelled"), (0, "accepted"), (1, "accepted")], ids=["before", "then", "after"]
)
def test_a_pause_ends_on_the_second(story: Story, seconds: int, status: str) -> None:
    at = ENDED_AT + HOUR
    pause(story, at=NOW, until=at - seconds * SECOND)

    story.send(at=at)

    assert story.message("one").status == status


def test_a_pause_that_has_not_begun_stops_nothing(story: Story) -> None:
    pause(story, at=ENDED_AT + 2 * HOUR)

    story.send(at=ENDED_AT + HOUR)

    assert story.message("one").status == "accepted"


def test_of_two_pauses_that_overlap_the_longer_holds(story: Story) -> None:
    pause(story, at=NOW)
    pause(story, at=NOW + MINUTE, until=NOW + 2 * MINUTE)

    story.send(at=ENDED_AT + HOUR)

    assert story.message("one").status == "cancelled"


def test_another_patients_pause_is_theirs(story: Story) -> None:
    tom = {"id": "p-tom", "given_name": "Tom", "phone": "+12125550200"}
    story.tell(completed(session="s-tom", patient=tom))
    pause(story, at=NOW)

    story.send(at=ENDED_AT + HOUR)

    assert (len(story.texts(PHONE)), len(story.texts("+12125550200"))) == (0, 1)


def test_the_companions_texts_pause_too(story: Story) -> None:
    story.tell(completed(at=NOW + SECOND, companion=ALEX))
    pause(story, at=NOW)

    story.send(at=NOON)

    assert ended(story, "driver") == PAUSED


@pytest.mark.parametrize("purpose", ["staff", "answer"])
def test_what_a_person_writes_and_what_answers_the_patient_leave_all_the_same(story: Story, purpose: str) -> None:
    pause(story, at=NOW)
    story.due_text(story.one(Patient), purpose=purpose, priority=0)

    story.send()

    assert story.texts() == ["Please call us."]


def test_a_page_to_staff_leaves_all_the_same(story: Story) -> None:
    pause(story, at=NOW)
    story.due_text(phone="+12125550300")

    story.send()

    assert len(story.texts("+12125550300")) == 1


def test_dropped_is_dropped_whatever_news_comes(story: Story) -> None:
    held = pause(story, at=NOW)
    story.send(at=ENDED_AT + HOUR)
    resume(story, held, at=ENDED_AT + HOUR + MINUTE)
    story.now = ENDED_AT + HOUR + 2 * MINUTE

    story.tell(consent("granted", at=story.now))
    story.tell(completed(at=story.now, ended_at=ENDED_AT - 10 * MINUTE))
    story.hear("START")
    story.send()

    assert ended(story, "one") == PAUSED
    assert story.texts() == []


def test_what_is_planned_during_a_pause_is_dropped_as_it_falls_due(story: Story) -> None:
    pause(story, at=NOW)
    story.now = ENDED_AT + HOUR + 30 * MINUTE
    story.tell(completed(session="s-2", ended_at=story.now, at=story.now))

    story.send(at=story.now + HOUR)

    assert sorted(m.reason or "" for m in story.all(Message, step="one")) == [
        "a later session has its own plan",
        "paused by Ana Ruiz: on holiday",
    ]


def test_a_reminder_that_moves_out_of_the_pause_leaves(story: Story) -> None:
    """An appointment put off to after a holiday is reminded of."""
    pause(story, at=NOW, until=ENDED_AT + 7 * DAY)
    for days in (5, 12):
        story.now = NOW + days * MINUTE
        story.tell(completed(at=story.now, next_appointment=appointment(ENDED_AT + days * DAY)))

    story.send(at=ENDED_AT + 11 * DAY)

    assert story.message("reminder").status == "accepted"


def test_the_pause_that_holds_is_found_and_none_where_all_are_over(story: Story) -> None:
    first = pause(story, at=NOW, until=NOW + HOUR)
    second = pause(story, at=NOW + 2 * HOUR)

    def holds(at: datetime) -> Any:
        with story.database.reader() as db:
            found = pauses.open_pause(db, first.patient_id, now=at)
        return found and found.id

    assert [holds(NOW + h * HOUR) for h in (-1, 0, 1, 2, 900)] == [None, first.id, None, second.id, second.id]
