"""A question leaves only while somebody will read its answer; and texts keep to the hours of the state."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from followup.flow.set_hours import HoursNotUsable, close_on, open_on, set_hours
from followup.flow.set_preferences import set_preferences
from followup.store.database import Database
from followup.store.tables import Case, ClinicClosure, GoLive, Message, Patient, ScheduleVersion, Staff
from tests.flow.stories import ENDED_AT, NOW, Story, completed, riverside, staff_row, stay_alive
from tests.flow.written import only, step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOMORROW = date(2026, 11, 25)
QUESTION, NEWS = "question", "news"
AT_NINE, AT_TEN = ENDED_AT + DAY - HOUR, ENDED_AT + DAY
"""09:00 and 10:00 in New York, the day after the session, a Wednesday."""
NEWS_AT = AT_TEN - 15 * MINUTE
SCHEDULES = only(
    step(QUESTION, days_after=1, at="10:00", use_by="3d", prompt="mood", gives_way=False),
    step(NEWS, days_after=1, at="09:45", use_by="3d", gives_way=False),
)


def living(database: Database, *, without_rota: bool | None = None, **clinic: Any) -> Story:
    """Maria's session is over. `without_rota`: the clinic has gone live over the real carrier, so or so."""
    story = riverside(database, schedules=SCHEDULES, **clinic)
    ana = staff_row(story.clinic)
    story.keep(ana)
    if without_rota is not None:
        story.rules = story.rules.__class__(lease=story.rules.lease, batch=100, reaches_people=True)
        story.keep(GoLive(clinic_id=story.clinic.id, by_staff_id=ana.id, at=NOW, without_rota=without_rota))
    story.tell(completed())
    return story


def close(story: Story, day: date = TOMORROW, words: str = "Thanksgiving") -> None:
    ana = story.one(Staff)
    close_on(database=story.database, clinic_id=story.clinic.id, staff_id=ana.id, day=day, words=words, now=story.now)


def left(story: Story) -> set[str]:
    return {m.step for m in story.all(Message) if m.status == "accepted"}


def sent_at(story: Story, name: str, *, days: int = 5) -> datetime | None:
    """When it leaves, looked at some times every morning."""
    for at in (AT_NINE + day * DAY + minutes * MINUTE for day in range(days) for minutes in (-60, 0, 45, 60, 75)):
        story.send(at=at)
        if story.message(name).status == "accepted":
            return at
    return None


# Planned -------------------------------------------------------------------------------------------------


def test_a_clinic_without_hours_is_no_reason_to_wait(sqlite: Database) -> None:
    story = living(sqlite)

    story.send(at=NEWS_AT)
    story.send(at=AT_TEN)

    assert left(story) == {QUESTION, NEWS}


def test_a_question_leaves_two_hours_before_the_clinic_closes_at_the_latest(sqlite: Database) -> None:
    story = living(sqlite, opens_at_local="07:00", closes_at_local="11:30")

    assert sent_at(story, QUESTION) == AT_NINE + DAY  # At 10:00 it is too late to read the answer.
    assert story.message(NEWS).handed_over_at == NEWS_AT


def test_a_closed_day_moves_questions_and_nothing_else(sqlite: Database) -> None:
    story = living(sqlite, closed_weekdays=[2])

    assert sent_at(story, QUESTION) == AT_NINE + DAY
    assert story.message(NEWS).handed_over_at == NEWS_AT
    moved = story.message(QUESTION).moved
    assert moved is not None
    assert moved.startswith("the clinic is closed on Wednesdays")


def test_a_clinic_that_is_never_open_asks_nothing(sqlite: Database) -> None:
    story = living(sqlite, closed_weekdays=[0, 1, 2, 3, 4, 5, 6])

    assert sent_at(story, NEWS) == NEWS_AT
    assert QUESTION not in left(story)


# After planning ------------------------------------------------------------------------------------------


def test_a_closure_added_after_planning_holds_questions_until_the_next_open_day(sqlite: Database) -> None:
    story = living(sqlite)
    close(story)

    story.send(at=NEWS_AT)
    story.send(at=AT_TEN)
    assert left(story) == {NEWS}
    message = story.message(QUESTION)
    assert (message.status, message.due_at) == ("planned", AT_TEN)
    assert message.waits_for == "nobody is there to read an answer"
    assert sent_at(story, QUESTION) == AT_NINE + DAY


def test_a_closure_that_is_taken_back_lets_them_leave(sqlite: Database) -> None:
    story = living(sqlite)
    close(story)
    ana = story.one(Staff)
    for _ in range(2):
        open_on(database=story.database, clinic_id=story.clinic.id, staff_id=ana.id, day=TOMORROW, now=NOW)

    assert sent_at(story, QUESTION) == AT_TEN


def test_a_closure_longer_than_the_use_of_a_question_ends_it(sqlite: Database) -> None:
    story = living(sqlite)
    for day in range(7):
        close(story, TOMORROW + day * DAY, f"Renovation, day {day}")

    assert sent_at(story, QUESTION) is None
    assert story.message(QUESTION).status == "expired"


def test_the_same_closure_twice_is_one(sqlite: Database) -> None:
    story = living(sqlite)
    close(story, words="Holiday")
    close(story)

    assert story.one(ClinicClosure).words == "Thanksgiving"


def test_shorter_hours_set_after_planning_hold_questions(sqlite: Database) -> None:
    story = living(sqlite)
    set_hours(
        database=story.database,
        clinic_id=story.clinic.id,
        staff_id=story.one(Staff).id,
        opens=time(8),
        closes=time(11, 30),
        closed_weekdays=[],
        state=None,
        now=NOW,
    )

    assert sent_at(story, QUESTION) == AT_NINE + DAY
    assert story.message(NEWS).handed_over_at == NEWS_AT


def test_a_claim_that_waits_for_the_carrier_does_not_outlast_the_hours(sqlite: Database) -> None:
    story = living(sqlite, opens_at_local="08:00", closes_at_local="12:30")
    story.send(at=NEWS_AT)
    story.now = AT_TEN
    stay_alive(story.database, AT_TEN)
    (text,) = story.claim()

    assert text.valid_for == 30 * MINUTE


# With the real carrier -----------------------------------------------------------------------------------


@pytest.mark.parametrize("without_rota", [True, False])
def test_questions_wait_while_nobody_is_on_the_rota_unless_the_clinic_said_that_they_need_not(
    sqlite: Database, without_rota: bool
) -> None:
    story = living(sqlite, without_rota=without_rota)

    story.send(at=NEWS_AT)
    story.send(at=AT_TEN)

    assert left(story) == ({QUESTION, NEWS} if without_rota else {NEWS})
    if not without_rota:
        assert story.message(QUESTION).waits_for == "nobody is on the rota"


def test_a_question_waits_for_people_when_the_clinic_is_closed(sqlite: Database) -> None:
    story = living(sqlite, without_rota=False)
    close(story)
    story.send(at=NEWS_AT)

    story.send(at=AT_TEN)

    assert story.message(QUESTION).waits_for == "nobody is there to read an answer"


def test_without_rota_lifts_the_hours_of_the_clinic_too(sqlite: Database) -> None:
    story = living(sqlite, without_rota=True)
    close(story)

    assert sent_at(story, QUESTION) == AT_TEN


def test_without_rota_does_not_open_the_night(sqlite: Database) -> None:
    story = living(sqlite, without_rota=True)
    message = story.message(QUESTION)
    message.wake_at = message.due_at = AT_NINE - 3 * HOUR
    story.keep(message)

    assert sent_at(story, QUESTION) == AT_NINE


# States --------------------------------------------------------------------------------------------------


def test_a_state_that_the_clinic_sets_after_planning_counts_in_the_claim(sqlite: Database) -> None:
    """Kentucky: from 10:00."""
    story = living(sqlite)
    for name, at in ((NEWS, AT_NINE), (QUESTION, AT_NINE + DAY)):
        message = story.message(name)
        message.due_at = message.wake_at = at
        story.keep(message)
    story.clinic.state = "KY"
    story.keep(story.clinic)

    assert sent_at(story, NEWS) == AT_TEN


def test_what_a_person_writes_does_not_wait_for_the_clinics_or_the_states_hours(sqlite: Database) -> None:
    story = living(sqlite, without_rota=False, opens_at_local="09:00", closes_at_local="12:00", state="KY")
    close(story)
    patient = story.patient()
    story.now = AT_NINE
    story.due_text(patient)

    story.send()

    assert len(story.texts(patient.phone or "")) == 1


# The day of the session ------------------------------------------------------------------------------------

CHECK_IN = step(
    "check-in",
    after_end="4h",
    no_earlier_than="90m",
    use_by="20:00",
    prompt="same_day",
    gives_way=False,
    text_without_question={"en": "rest well."},
)
NEXT_MORNING = step(
    "morning", days_after=1, at="09:00", use_by="4h", prompt="same_day", instead_of="check-in", gives_way=False
)


@pytest.mark.parametrize(("closed", "cases"), [([], 0), ([2], 1)], ids=["open next morning", "closed next morning"])
def test_whom_nobody_can_ask_before_a_closed_day_stands_before_staff_at_once(
    sqlite: Database, closed: list[int], cases: int
) -> None:
    story = riverside(
        sqlite,
        schedules=only(CHECK_IN, NEXT_MORNING),
        opens_at_local="08:00",
        closes_at_local="16:00",
        closed_weekdays=closed,
    )
    story.now = ENDED_AT + 4 * HOUR
    story.tell(completed(ended_at=ENDED_AT + 4 * HOUR))  # 14:00, when the last question has left.

    opened = story.all(Case)
    assert [(case.level, case.patient_id) for case in opened] == [("concern", story.one(Patient).id)] * cases
    told = story.message("check-in")
    assert told.wording == "statement"
    assert ("next morning" in (told.moved or "")) == (cases == 0)
    assert story.tell(completed(ended_at=ENDED_AT + 4 * HOUR)).scheduled >= 1
    assert len(story.all(Case)) == cases


def test_a_kept_version_that_nobody_can_read_any_more_keeps_its_dates(sqlite: Database) -> None:
    story = living(sqlite)
    version = story.one(ScheduleVersion)
    version.source_text = "title ="
    story.keep(version)
    before = {m.step: m.due_at for m in story.all(Message)}

    set_preferences(
        database=sqlite,
        clinic_id=story.clinic.id,
        patient_id=story.one(Patient).id,
        staff_id=story.one(Staff).id,
        own_hour=time(11),
        is_discreet=False,
        now=story.now,
    )

    assert story.one(Patient).own_hour_local == "11:00"
    assert {m.step: m.due_at for m in story.all(Message)} == before


def test_words_of_a_closure_that_no_column_holds_are_refused(sqlite: Database) -> None:
    story = living(sqlite)

    with pytest.raises(HoursNotUsable, match="80 characters"):
        close(story, words="x" * 81)
