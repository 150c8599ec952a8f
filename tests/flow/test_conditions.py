"""What an earlier answer decides: asked when the text is about to leave."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.store.database import Database
from followup.store.tables import Case, Message
from tests.flow.stories import ENDED_AT, NOW, Story, appointment, completed, event, riverside
from tests.flow.written import only, step

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOOD_AT, THEN_AT = ENDED_AT + DAY, ENDED_AT + 2 * DAY
"""10:00 in New York, a day and two days after the session."""
MOOD = step("mood", days_after=1, at="10:00", use_by="8h", prompt="mood", gives_way=False)


def telling(database: Database, *steps: str) -> Story:
    """Maria's session is over, with a plan of these steps."""
    story = riverside(database, schedules=only(*steps))
    story.tell(completed())
    return story


def then(**condition: Any) -> str:
    """A text of the second day, on that condition."""
    return step("then", days_after=2, at="10:00", use_by="8h", if_={"step": "mood", **condition})


def send(story: Story, at: datetime, *answers: str) -> None:
    """What is due leaves, and the patient writes five minutes later."""
    story.send(at=at)
    story.now = at + 5 * MINUTE
    for answer in answers:
        story.hear(answer)


def ended(story: Story, name: str = "then") -> tuple[str, str | None]:
    message = story.message(name)
    return message.status, message.reason


# if ------------------------------------------------------------------------------------------------------

CASES = [
    pytest.param({"score_at_most": 3}, "3", None, id="a score at the limit"),
    pytest.param({"score_at_most": 3}, "0", None, id="zero"),
    pytest.param({"score_at_most": 3}, "4", "the score of the mood was more than 3", id="a score above it"),
    pytest.param({"score_at_least": 8}, "10", None, id="a score over the limit"),
    pytest.param({"score_at_least": 8}, "7", "the score of the mood was less than 8", id="a score below it"),
    pytest.param({"score_at_most": 3}, "not good", "no score is known for the mood", id="words are no score"),
    pytest.param({"score_at_most": 3}, None, "no score is known for the mood", id="silence is no score"),
    pytest.param({"answered": True}, "9", None, id="answered with a number"),
    pytest.param({"answered": True}, "hm", None, id="answered with words"),
    pytest.param({"answered": True}, None, "the mood was not answered", id="not answered"),
    pytest.param({"answered": False}, None, None, id="only for the silent"),
    pytest.param({"answered": False}, "5", "the mood was answered", id="not for who answered"),
]


@pytest.mark.parametrize(("condition", "answer", "why_not"), CASES)
def test_a_text_leaves_or_not_by_what_was_answered(
    sqlite: Database, condition: dict[str, Any], answer: str | None, why_not: str | None
) -> None:
    story = telling(sqlite, MOOD, then(**condition))
    send(story, MOOD_AT, *([answer] if answer else []))

    story.send(at=THEN_AT)

    assert ended(story) == (("cancelled", why_not) if why_not else ("accepted", None))


@pytest.mark.parametrize(("answer", "status"), [("C", "accepted"), ("R", "cancelled"), (None, "cancelled")])
def test_a_choice_decides(sqlite: Database, answer: str | None, status: str) -> None:
    visit = step("visit", days_after=1, at="10:00", use_by="8h", prompt="appointment")
    bring = step("then", days_after=2, at="10:00", use_by="8h", if_={"step": "visit", "answer": "confirm"})
    story = telling(sqlite, visit, bring)
    send(story, MOOD_AT, *([answer] if answer else []))

    story.send(at=THEN_AT)

    assert story.message("then").status == status


def test_the_newest_answer_counts(sqlite: Database) -> None:
    story = telling(sqlite, MOOD, then(score_at_most=3))
    send(story, MOOD_AT, "2", "8")

    story.send(at=THEN_AT)

    assert ended(story)[0] == "cancelled"


def test_an_answer_given_after_a_nudge_counts(sqlite: Database) -> None:
    nudged = MOOD.replace("text =", 'nudge = {after = "3h", text = {en = "Again."}}\ntext =')
    story = telling(sqlite, nudged, then(score_at_most=3))
    send(story, MOOD_AT)
    send(story, MOOD_AT + 3 * HOUR, "2")
    assert len(story.texts()) == 2

    story.send(at=THEN_AT)

    assert ended(story) == ("accepted", None)


def test_words_after_a_score_do_not_take_it_back(sqlite: Database) -> None:
    story = telling(sqlite, MOOD, then(score_at_most=3))
    send(story, MOOD_AT, "2", "thanks")

    story.send(at=THEN_AT)

    assert ended(story) == ("accepted", None)


def test_an_answer_of_an_earlier_session_does_not_count(sqlite: Database) -> None:
    story = telling(sqlite, MOOD, then(score_at_most=3))
    send(story, MOOD_AT, "2")
    second_end = MOOD_AT + HOUR
    story.now = second_end + MINUTE
    story.tell(completed(session="s-2", ended_at=second_end, at=story.now))
    send(story, second_end + DAY)  # Asked at 10:00 that would be; nobody answers.

    story.send(at=second_end + 2 * DAY)

    (second,) = [m for m in story.all(Message, step="then") if m.reason != "a later session has its own plan"]
    assert (second.status, second.reason) == ("cancelled", "no score is known for the mood")


def test_an_answer_that_is_being_read_is_waited_for(sqlite: Database) -> None:
    story = telling(sqlite, MOOD, then(score_at_most=3))
    send(story, MOOD_AT)
    story.now = THEN_AT
    story.keep_text("2")

    story.send(at=THEN_AT)
    assert story.message("then").waits_for == "a reply from this number is being read"
    story.hear("thanks")
    story.send(at=THEN_AT + SECOND)

    assert ended(story) == ("accepted", None)


def test_a_condition_that_fails_in_quiet_hours_ends_it_and_brings_no_text_in_the_morning(sqlite: Database) -> None:
    late = step("then", days_after=1, at="19:30", use_by="2d", if_={"step": "mood", "answered": True})
    story = telling(sqlite, MOOD, late)
    send(story, MOOD_AT)

    story.send(at=MOOD_AT + 11 * HOUR)

    assert ended(story) == ("cancelled", "the mood was not answered")


# nudge ---------------------------------------------------------------------------------------------------


def nudged(most: int = 1, after: str = "3h", **keys: Any) -> str:
    nudge = {"after": after, "most": most, "text": {"en": "Again, how is your mood?"}}
    when: dict[str, Any] = {"days_after": 1, "at": "10:00", "use_by": "8h", "prompt": "mood"}
    return step("mood", nudge=nudge, **(when | keys))


def nudges(story: Story) -> int:
    return sum(text.startswith("Again") for text in story.texts())


def test_who_did_not_answer_is_asked_once_more(sqlite: Database) -> None:
    story = telling(sqlite, nudged())
    send(story, MOOD_AT)

    story.send(at=MOOD_AT + 3 * HOUR - SECOND)
    assert nudges(story) == 0
    story.send(at=MOOD_AT + 3 * HOUR)

    assert nudges(story) == 1


@pytest.mark.parametrize("answer", ["7", "so so", "?"])
def test_who_answered_is_not(sqlite: Database, answer: str) -> None:
    story = telling(sqlite, nudged())
    send(story, MOOD_AT, answer)

    story.send(at=MOOD_AT + 3 * HOUR)

    assert nudges(story) == 0
    assert ended(story, "mood, nudge") == ("cancelled", "the mood was answered already")


@pytest.mark.parametrize("most", [1, 2, 3])
def test_at_most_so_many_times_as_it_says(sqlite: Database, most: int) -> None:
    """In the same words, and not held as something that was planned twice."""
    story = telling(sqlite, nudged(most, "23h", at="12:00"))

    for hours in range(120):
        if hours % 24 < 4:
            story.send(at=MOOD_AT + (hours - 1) * HOUR)

    assert nudges(story) == most
    assert story.all(Case) == []


def test_a_second_nudge_of_the_day_gives_way(sqlite: Database) -> None:
    story = telling(sqlite, nudged(3, "1h"))

    for hours in range(8):
        story.send(at=MOOD_AT + hours * HOUR)

    assert nudges(story) == 1


def test_an_answer_to_the_nudge_ends_the_nudges(sqlite: Database) -> None:
    story = telling(sqlite, nudged(2, "2h"))
    story.send(at=MOOD_AT)
    send(story, MOOD_AT + 2 * HOUR, "7")

    story.send(at=MOOD_AT + 4 * HOUR)

    assert "mood, nudge 2" not in story.statuses() or story.statuses()["mood, nudge 2"] != "accepted"


def test_a_question_that_did_not_leave_is_not_asked_once_more(sqlite: Database) -> None:
    """It waits for consent until noon; what it comes with then is the question, not the nudge."""
    story = telling(sqlite, nudged(gives_way=False))
    story.switch_off(clinic=None)
    story.send(at=MOOD_AT)
    late = MOOD_AT + 8 * HOUR
    story.send(at=late)
    assert ended(story, "mood") == ("expired", "too late to be of use")

    assert nudges(story) == 0
    assert story.message("mood, nudge").status in {"planned", "cancelled", "expired"}


def test_no_nudge_comes_without_its_question(sqlite: Database) -> None:
    story = telling(sqlite, nudged())
    question = story.message("mood")
    question.status, question.reason = "suppressed", "held back"
    story.keep(question)

    story.send(at=MOOD_AT + 3 * HOUR)

    assert nudges(story) == 0
    assert ended(story, "mood, nudge") == ("cancelled", "the mood was not asked")


def test_no_nudge_comes_right_after_a_question_that_left_late(sqlite: Database) -> None:
    story = telling(sqlite, nudged(gives_way=False))
    story.send(at=MOOD_AT + 2 * HOUR + 50 * MINUTE)
    assert story.message("mood").status == "accepted"

    story.send(at=MOOD_AT + 3 * HOUR)

    assert nudges(story) == 0


def test_a_nudge_that_the_sender_comes_to_in_the_evening_does_not_leave(sqlite: Database) -> None:
    """It invites an answer: after 18:00 nobody may read it."""
    story = telling(sqlite, nudged(after="7h"))
    story.send(at=MOOD_AT)

    story.send(at=MOOD_AT + 8 * HOUR + MINUTE)

    assert nudges(story) == 0
    assert ended(story, "mood, nudge")[0] == "expired"


def test_a_nudge_does_not_undo_the_case_of_silence(sqlite: Database) -> None:
    silence = {"by": "17:00", "sooner_after": "5h"}
    story = telling(sqlite, nudged(silence=silence))
    story.send(at=MOOD_AT)
    story.send(at=MOOD_AT + 3 * HOUR)

    assert story.message("mood").silent_at == MOOD_AT + 5 * HOUR
    assert story.message("mood, nudge").silent_at is None


def test_a_reply_after_the_answer_window_answers_nothing(sqlite: Database) -> None:
    story = telling(sqlite, step("mood", days_after=1, at="10:00", use_by="8h", prompt="mood", answer_within="6h"))
    story.send(at=MOOD_AT)

    story.now = MOOD_AT + 6 * HOUR + SECOND
    assert story.hear("7").answers_id is None


def test_a_reply_inside_a_longer_window_answers_it(sqlite: Database) -> None:
    story = telling(sqlite, step("mood", days_after=1, at="10:00", use_by="8h", prompt="mood", answer_within="5d"))
    story.send(at=MOOD_AT)

    story.now = MOOD_AT + 4 * DAY
    assert story.hear("7").answers_id == story.message("mood").id


# until ---------------------------------------------------------------------------------------------------


def series(until: str, **keys: Any) -> str:
    every = {"days_after": 1, "at": "10:00", "every": "2d", "until_day": 9, "until": until}
    return step("mood", use_by="8h", **({"prompt": "mood"} | every | keys))


def left(story: Story) -> list[str]:
    return sorted(m.step for m in story.all(Message) if m.status == "accepted")


@pytest.mark.parametrize("is_nudged", [False, True], ids=["the question", "its nudge"])
def test_a_series_ends_when_one_of_it_is_answered(sqlite: Database, is_nudged: bool) -> None:
    keys = {"nudge": {"after": "3h", "text": {"en": "Again."}}} if is_nudged else {}
    story = telling(sqlite, series("answered", **keys))
    story.send(at=MOOD_AT)
    send(story, MOOD_AT + 3 * HOUR, "6")

    for day in range(2, 12):
        story.send(at=ENDED_AT + day * DAY)

    assert left(story) == ["mood, day 1", "mood, day 1, nudge"][: 1 + is_nudged]
    assert ended(story, "mood, day 3") == ("cancelled", "one of its series was answered already")


def test_a_series_goes_on_to_its_last_day_where_nobody_answers(sqlite: Database) -> None:
    story = telling(sqlite, series("answered"))

    for day in range(1, 12):
        story.send(at=ENDED_AT + day * DAY)

    assert left(story) == [f"mood, day {day}" for day in (1, 3, 5, 7, 9)]


def test_a_text_of_every_day_leaves_every_day_and_is_not_taken_for_a_double(sqlite: Database) -> None:
    """At 10:00 on both days, though the sender may be a little quicker on the second."""
    story = telling(sqlite, series("next_session", every="1d", until_day=5))

    for day, late in enumerate([5, 1, 3, 0, 2]):
        story.send(at=MOOD_AT + day * DAY + late * SECOND)

    assert len(left(story)) == 5
    assert story.all(Case) == []


def test_a_series_until_the_next_session_goes_on_after_an_answer(sqlite: Database) -> None:
    story = telling(sqlite, series("next_session"))
    send(story, MOOD_AT, "6")

    story.send(at=MOOD_AT + 2 * DAY)

    assert left(story) == ["mood, day 1", "mood, day 3"]


def test_a_series_ends_when_the_next_appointment_is_booked(sqlite: Database) -> None:
    story = telling(sqlite, series("booked", prompt="none"))
    story.send(at=MOOD_AT)
    story.now = MOOD_AT + HOUR
    visit = appointment(ENDED_AT + 30 * DAY)

    story.tell(event("appointment.booked", at=story.now, appointment=visit))
    for day in range(2, 12):
        story.send(at=ENDED_AT + day * DAY)

    assert left(story) == ["mood, day 1"]
    assert ended(story, "mood, day 3") == ("cancelled", "an appointment is booked")


def test_a_series_goes_on_when_the_appointment_is_cancelled(sqlite: Database) -> None:
    story = telling(sqlite, series("booked", prompt="none"))
    visit = appointment(ENDED_AT + 30 * DAY)
    for minutes, what in enumerate(["booked", "cancelled"]):
        at = NOW + (minutes + 1) * MINUTE
        story.now = at
        story.tell(event(f"appointment.{what}", at=at, appointment=visit))

    story.send(at=MOOD_AT)

    assert left(story) == ["mood, day 1"]


# After the appointment -----------------------------------------------------------------------------------


def test_a_text_after_the_appointment_leaves_after_it(sqlite: Database) -> None:
    after = step("after the visit", days_after_appointment=1, at="10:00", use_by="8h")
    story = riverside(sqlite, schedules=only(after))
    story.tell(completed(next_appointment=appointment(ENDED_AT + 5 * DAY)))

    story.send(at=ENDED_AT + 6 * DAY)

    assert ended(story, "after the visit") == ("accepted", None)


def test_a_text_after_the_appointment_stays_when_there_is_other_news_meanwhile(sqlite: Database) -> None:
    after = step("after the visit", days_after_appointment=1, at="10:00", use_by="8h")
    story = riverside(sqlite, schedules=only(after))
    story.tell(completed(next_appointment=appointment(ENDED_AT + 5 * DAY)))
    story.now = ENDED_AT + 5 * DAY + HOUR

    another = appointment(ENDED_AT + 30 * DAY, id_="ap-2")
    story.tell(event("appointment.booked", at=story.now, appointment=another))
    story.send(at=ENDED_AT + 6 * DAY)

    assert ended(story, "after the visit") == ("accepted", None)


def test_a_text_after_a_cancelled_appointment_does_not_leave(sqlite: Database) -> None:
    after = step("after the visit", days_after_appointment=1, at="10:00", use_by="8h")
    story = riverside(sqlite, schedules=only(after))
    story.tell(completed(next_appointment=appointment(ENDED_AT + 5 * DAY)))
    story.now = ENDED_AT + 5 * DAY + HOUR

    story.tell(event("appointment.cancelled", at=story.now, appointment={"id": "ap-1"}, reason="no_show"))
    story.send(at=ENDED_AT + 6 * DAY)

    assert story.message("after the visit").status == "cancelled"


# Yes and no ------------------------------------------------------------------------------------------------

HOME = step(
    "home", days_after=1, at="10:00", use_by="8h", prompt="same_day", ask="yes_no", answer_within="20h", gives_way=False
)


@pytest.mark.parametrize(
    ("answer", "status"),
    [("no", "accepted"), ("No.", "accepted"), ("nope", "accepted"), ("yes", "cancelled"), ("maybe", "cancelled")],
)
def test_a_no_decides(sqlite: Database, answer: str, status: str) -> None:
    on_no = step("then", days_after=2, at="10:00", use_by="8h", if_={"step": "home", "answer": "no"})
    story = telling(sqlite, HOME, on_no)
    send(story, MOOD_AT, answer)

    story.send(at=THEN_AT)

    assert ended(story)[0] == status


def test_words_of_danger_are_no_yes(sqlite: Database) -> None:
    story = telling(sqlite, HOME)
    send(story, MOOD_AT, "yes I want to kill myself")

    assert story.one(Case).level == "urgent"
