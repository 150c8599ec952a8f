"""A question that nobody answered in time stands before a human, once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.pretend import Accept
from followup.flow.chase_silence import chase_silence
from followup.flow.receive_reply import read_waiting_replies
from followup.store.database import Database
from followup.store.tables import CareSession, Case, CaseClosure, Patient
from tests.databases import open_again
from tests.flow.stories import (
    ENDED_AT,
    NOW,
    PHONE,
    STRANGER,
    Story,
    cancelled,
    completed,
    died,
    riverside,
    staff_row,
)
from tests.flow.written import only, step
from tests.reading import readers_of

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHECK_IN, MOOD = "check-in", "mood"
CHECK_IN_AT = ENDED_AT + 4 * HOUR
"""14:00 in New York."""
SILENCE = {"by": "18:30", "sooner_after": "2h"}
BY_THE_HOUR, SOONER = CHECK_IN_AT + 4 * HOUR + 30 * MINUTE, CHECK_IN_AT + 2 * HOUR
SCHEDULES = only(
    step(
        CHECK_IN,
        after_end="4h",
        no_earlier_than="90m",
        use_by="20:00",
        prompt="same_day",
        silence=SILENCE,
        gives_way=False,
        text_without_question={"en": "Rest well."},
    ),
    step(MOOD, days_after=1, at="10:00", use_by="8h", prompt="mood"),
)


@pytest.fixture
def story(sqlite: Database) -> Story:
    return riverside(sqlite, schedules=SCHEDULES)


def asked(story: Story, *, number: int | None = 3, at: datetime = CHECK_IN_AT, **more: Any) -> None:
    """Maria was asked how she is, after a session that is by default not her first."""
    told = completed(**more)
    told["data"]["session"]["number"] = number
    story.tell(told)
    story.send(at=at)


def chase(story: Story, *, at: datetime) -> int:
    story.now = at
    return chase_silence(database=story.database, now=at)


# When ----------------------------------------------------------------------------------------------------


def test_a_question_not_answered_by_the_stated_hour_becomes_a_case(story: Story) -> None:
    asked(story)

    assert chase(story, at=BY_THE_HOUR - SECOND) == 0
    assert chase(story, at=BY_THE_HOUR) == 1

    case = story.one(Case)
    assert (case.level, case.reason) == ("concern", "No answer to the check-in")
    assert (case.patient_id, case.session_id) == (story.one(Patient).id, story.one(CareSession).id)
    assert story.message(CHECK_IN).case_id == case.id


def test_it_becomes_one_half_an_hour_before_the_clinic_closes(sqlite: Database) -> None:
    story = riverside(sqlite, schedules=SCHEDULES, opens_at_local="09:00", closes_at_local="17:00")
    asked(story)

    closes_at = CHECK_IN_AT + 3 * HOUR
    assert chase(story, at=closes_at - 30 * MINUTE - SECOND) == 0
    assert chase(story, at=closes_at - 30 * MINUTE) == 1


def test_the_clinics_clock_says_when_it_closes(sqlite: Database) -> None:
    """18:30 in Los Angeles is 21:30 at the clinic, where everybody has gone home at 20:00."""
    story = riverside(sqlite, schedules=SCHEDULES)
    asked(story, patient={"time_zone": "America/Los_Angeles"})

    assert chase(story, at=ENDED_AT + 9 * HOUR + 30 * MINUTE - SECOND) == 0
    assert chase(story, at=ENDED_AT + 9 * HOUR + 30 * MINUTE) == 1


@pytest.mark.parametrize("number", [1, None], ids=["said", "the first that is known"])
def test_it_becomes_one_sooner_after_a_first_session(story: Story, number: int | None) -> None:
    asked(story, number=number)

    assert chase(story, at=SOONER - SECOND) == 0
    assert chase(story, at=SOONER) == 1


def test_a_session_without_a_number_after_another_is_not_the_first(story: Story) -> None:
    story.tell(completed(session="s-0", ended_at=ENDED_AT - 50 * HOUR))
    asked(story, number=None)

    assert chase(story, at=SOONER) == 0
    assert chase(story, at=BY_THE_HOUR) == 1


def urgent(story: Story, *, days_ago: int, closed_days_ago: int | None = None) -> None:
    patient = story.one(Patient)
    at = NOW - days_ago * DAY
    case = Case(
        clinic_id=story.clinic.id,
        number=99,
        patient_id=patient.id,
        level="urgent",
        reason="Danger",
        opened_at=at,
        changed_at=at,
    )
    story.keep(case)
    if closed_days_ago is not None:
        ana = staff_row(story.clinic)
        story.keep(ana)
        closed_at = NOW - closed_days_ago * DAY
        story.keep(
            CaseClosure(clinic_id=story.clinic.id, case_id=case.id, staff_id=ana.id, at=closed_at, outcome="called")
        )


@pytest.mark.parametrize(
    ("opened", "closed", "silent_at"),
    [(3, 2, SOONER), (20, 6, SOONER), (20, 8, BY_THE_HOUR)],
    ids=["this week", "open until this week", "longer ago"],
)
def test_it_becomes_one_sooner_within_a_week_of_an_urgent_case(
    story: Story, opened: int, closed: int, silent_at: datetime
) -> None:
    story.patient("Maria", phone=PHONE)
    urgent(story, days_ago=opened, closed_days_ago=closed)
    asked(story)

    assert chase(story, at=silent_at - SECOND) == 0
    assert chase(story, at=silent_at) == 1


def test_a_question_that_leaves_late_is_missed_at_the_stated_hour_all_the_same(story: Story) -> None:
    """It waited for the carrier until 17:44, and leaves 46 minutes to answer it."""
    asked(story, number=1, at=CHECK_IN_AT + 3 * HOUR + 44 * MINUTE)
    assert story.message(CHECK_IN).status == "accepted"

    assert chase(story, at=BY_THE_HOUR - SECOND) == 0
    assert chase(story, at=BY_THE_HOUR) == 1


# Whom it does not concern --------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["fine", "7", "?", "STOP", "👍"])
def test_whatever_the_patient_wrote_since_is_no_silence(story: Story, body: str) -> None:
    asked(story)
    story.now = CHECK_IN_AT + HOUR
    reply = story.hear(body)
    level = story.case_of(reply).reason

    assert chase(story, at=BY_THE_HOUR) == 0
    assert chase(story, at=BY_THE_HOUR + DAY) == 0
    assert [case.reason for case in story.all(Case)] == [level]


def test_what_was_written_before_the_question_is_no_answer(story: Story) -> None:
    story.tell(completed())
    story.now = CHECK_IN_AT - MINUTE
    story.hear("thanks for today")
    asked(story, at=CHECK_IN_AT)

    assert chase(story, at=BY_THE_HOUR) == 1


def test_a_word_of_somebody_else_is_no_answer(story: Story) -> None:
    companion = {"name": "Alex", "phone": "+12125550101", "consent": True}
    asked(story, companion=companion)
    story.hear("she sleeps", sender="+12125550101")
    story.hear("hello?", sender=STRANGER)

    assert chase(story, at=BY_THE_HOUR) == 1


def test_a_reply_that_is_being_read_is_waited_for(story: Story) -> None:
    asked(story)
    story.keep_text("fine")

    assert chase(story, at=BY_THE_HOUR) == 0
    story.hear("thanks")
    assert chase(story, at=BY_THE_HOUR + MINUTE) == 0

    assert all("No answer" not in case.reason for case in story.all(Case))


def test_a_reply_that_turns_out_to_be_nobodys_hides_no_silence(story: Story) -> None:
    """Two patients have this number, and words that answer nothing are either's."""
    asked(story)
    story.patient("Tom", phone=PHONE)
    story.keep_text("who is this?")
    assert chase(story, at=BY_THE_HOUR) == 0

    read_waiting_replies(database=story.database, readers_of=readers_of, now=story.now)

    assert chase(story, at=BY_THE_HOUR + MINUTE) == 1


def test_a_late_reply_does_not_undo_the_case(story: Story) -> None:
    asked(story)
    chase(story, at=BY_THE_HOUR)

    reply = story.hear("sorry, I slept")

    assert story.one(Case).id == reply.case_id


def test_a_statement_is_not_answered_and_not_missed(story: Story) -> None:
    story.now = ENDED_AT + 8 * HOUR
    asked(story, ended_at=ENDED_AT + 8 * HOUR, at=ENDED_AT + 9 * HOUR + 30 * MINUTE)
    message = story.message(CHECK_IN)
    assert (message.wording, message.status) == ("statement", "accepted")

    assert chase(story, at=BY_THE_HOUR + DAY) == 0
    assert (message.silent_at, message.answer_until_at) == (None, None)


def test_a_question_that_says_nothing_of_silence_may_stay_unanswered(story: Story) -> None:
    asked(story)
    story.hear("fine")
    story.send(at=ENDED_AT + DAY)
    assert story.message(MOOD).status == "accepted"

    assert chase(story, at=ENDED_AT + 9 * DAY) == 0


def test_a_question_that_was_not_delivered_is_a_case_of_its_own_and_no_silence(story: Story) -> None:
    story.carrier.behave(Accept(("undelivered",), 30005, Cause.NUMBER))
    asked(story)
    story.report()
    assert story.message(CHECK_IN).status == "undelivered"

    assert chase(story, at=BY_THE_HOUR) == 0
    assert "No answer" not in story.one(Case).reason


def test_a_question_delivered_the_second_time_counts_from_then(story: Story) -> None:
    story.carrier.behave(Accept(("undelivered",), 30003, Cause.TRANSIENT))
    asked(story, number=1)
    story.report()
    story.send(at=CHECK_IN_AT + 15 * MINUTE)

    assert chase(story, at=SOONER + 14 * MINUTE) == 0
    assert chase(story, at=SOONER + 15 * MINUTE) == 1


def test_a_question_that_did_not_leave_is_no_silence(story: Story) -> None:
    story.tell(completed(consent=None))
    story.send(at=CHECK_IN_AT)

    assert chase(story, at=BY_THE_HOUR) == 0


def test_a_text_found_to_have_arrived_counts_from_when_it_left(story: Story) -> None:
    asked(story)
    left = story.message(CHECK_IN)
    left.status = "uncertain"
    story.keep(left)
    assert chase(story, at=BY_THE_HOUR) == 0

    left.status = "accepted"
    story.keep(left)

    assert chase(story, at=BY_THE_HOUR + HOUR) == 1


def test_nobody_asks_after_the_answer_of_who_died(story: Story) -> None:
    asked(story)
    story.tell(died())

    assert chase(story, at=BY_THE_HOUR) == 0
    assert story.all(Case) == []


def test_a_session_cancelled_after_the_question_left_is_asked_after_all_the_same(story: Story) -> None:
    """Somebody was asked how they are and does not answer: a person looks."""
    asked(story)
    story.tell(cancelled(at=CHECK_IN_AT))

    assert chase(story, at=BY_THE_HOUR) == 1


# Once ----------------------------------------------------------------------------------------------------


def test_it_becomes_a_case_once(story: Story) -> None:
    asked(story)
    assert [chase(story, at=BY_THE_HOUR + hours * HOUR) for hours in range(3)] == [1, 0, 0]

    assert len(story.all(Case)) == 1


def test_a_case_that_was_closed_does_not_open_again(story: Story) -> None:
    asked(story)
    chase(story, at=BY_THE_HOUR)
    ana = staff_row(story.clinic)
    story.keep(ana)
    story.keep(
        CaseClosure(
            clinic_id=story.clinic.id,
            case_id=story.one(Case).id,
            staff_id=ana.id,
            at=BY_THE_HOUR,
            outcome="reached",
        )
    )

    assert chase(story, at=BY_THE_HOUR + DAY) == 0
    assert len(story.all(Case)) == 1


def test_a_restart_long_after_makes_up_for_what_was_missed(story: Story) -> None:
    asked(story)
    again = open_again(story.database)

    try:
        assert chase_silence(database=again, now=BY_THE_HOUR + 2 * DAY) == 1
        assert chase_silence(database=again, now=BY_THE_HOUR + 2 * DAY) == 0
    finally:
        again.close()


def test_looking_twice_makes_one_case_on_both_databases(database: Database) -> None:
    story = riverside(database, schedules=SCHEDULES)
    asked(story)

    assert chase(story, at=BY_THE_HOUR) + chase(story, at=BY_THE_HOUR) == 1


def test_it_joins_the_open_case_of_the_patient_and_lowers_nothing(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    asked(story)
    urgent(story, days_ago=0)

    chase(story, at=BY_THE_HOUR)

    case = story.one(Case)
    assert (case.level, case.reason) == ("urgent", "Danger")


def test_two_clinics_patients_make_each_a_case_of_their_own(story: Story) -> None:
    asked(story)
    tom = {"id": "p-tom", "given_name": "Tom", "phone": "+12125550200"}
    story.tell(completed(session="s-tom", patient=tom))
    story.send(at=CHECK_IN_AT + 3 * SECOND)

    assert chase(story, at=BY_THE_HOUR) == 2
    assert len({case.patient_id for case in story.all(Case)}) == 2
