"""What a reply means beside what was asked and what came before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.rules.reading.readers import NO_READERS, Readers
from followup.store.tables import CareSession, Case, Message, OptOut, Reply
from tests.flow.stories import CHECK_IN_AT, MOOD, MOOD_AT, OUR_NUMBER, PHONE, Story, completed
from tests.reading import readers_of


@pytest.fixture
def asked(story: Story) -> Story:
    """Maria got her check-in and, a minute ago, the question about her mood."""
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)
    story.now += timedelta(minutes=1)
    return story


def reasons(story: Story, reply: Reply) -> str:
    return "; ".join(story.reading(reply).reasons)


# Which question -------------------------------------------------------------------------------------------------


def test_an_answer_after_midnight_counts_for_the_question_of_the_day_before(asked: Story) -> None:
    asked.now = MOOD_AT + timedelta(hours=15)

    reply = asked.hear("7")

    assert reply.answers_id == asked.message(MOOD).id
    assert asked.reading(reply).level == "routine"
    assert "counts for Wednesday, 25 November, when it was asked" in reasons(asked, reply)


def test_an_answer_that_may_mean_another_day_is_looked_at(asked: Story) -> None:
    asked.now = MOOD_AT + timedelta(hours=30)

    reply = asked.hear("7")

    assert (reply.answers_id, asked.reading(reply).level) == (asked.message(MOOD).id, "concern")
    assert "may mean another day" in reasons(asked, reply)


def test_what_answers_no_question_in_particular_belongs_to_the_newest(asked: Story) -> None:
    reply = asked.hear("dizzy")

    assert reply.answers_id == asked.message(MOOD).id


# What the treatment and the hours make of it -------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "level"), [(3, "routine"), (5, "concern")])
def test_dizziness_is_expected_for_four_hours(story: Story, hours: int, level: str) -> None:
    story.tell(completed())
    ended_at = story.one(CareSession).ended_at
    assert ended_at is not None
    story.now = ended_at + timedelta(hours=hours)

    assert story.reading(story.hear("dizzy")).level == level


# What came before ----------------------------------------------------------------------------------------------


def test_a_later_score_within_minutes_counts_and_stands_for_the_same_question(asked: Story) -> None:
    texts = [asked.hear(body) for body in ("6", "slept badly", "actually 5")]

    assert [asked.reading(reply).value for reply in texts] == ["6", None, "5"]
    assert {reply.answers_id for reply in texts} == {asked.message(MOOD).id}
    assert len({reply.case_id for reply in texts}) == 1


def test_danger_that_is_said_in_two_texts_is_heard(asked: Story) -> None:
    asked.hear("I want to")
    asked.now += timedelta(minutes=1)

    reply = asked.hear("kill myself")

    assert asked.reading(reply).level == "urgent"
    assert asked.case_of(reply).level == "urgent"


def test_after_an_urgent_case_no_reply_is_routine_for_a_week(asked: Story) -> None:
    asked.hear("I want to die")
    asked.now += timedelta(hours=3)

    reply = asked.hear("7")

    assert asked.reading(reply).level == "concern"
    assert "an urgent case within 7 days" in reasons(asked, reply)


def test_a_fall_from_the_patients_own_scores_is_looked_at(asked: Story) -> None:
    for score in ("8", "8", "7"):
        asked.hear(score)
        asked.now += timedelta(hours=1)

    assert "5 or less" not in reasons(asked, fallen := asked.hear("4"))
    assert asked.reading(fallen).level == "concern"
    assert "score 4, 4 worse than the usual 8" in reasons(asked, fallen)


# Beside danger ---------------------------------------------------------------------------------------------------


def test_stop_holds_beside_danger_and_the_case_is_urgent(asked: Story) -> None:
    reply = asked.hear("STOP. I am going to kill myself")

    assert (asked.reading(reply).kind, asked.case_of(reply).level) == ("danger", "urgent")
    assert asked.one(OptOut).reply_id == reply.id
    assert asked.all(Message, status="planned") == []


def test_what_a_carrier_took_for_stop_does_not_hide_danger(asked: Story) -> None:
    text = replace(asked.carrier.write(sender=PHONE, to=OUR_NUMBER, body="END. I want to die"), opt_out="stop")
    keep_replies(asked.database, [text], now=asked.now)
    read_waiting_replies(database=asked.database, readers_of=readers_of, now=asked.now)

    assert (asked.reading(asked.one(Reply)).kind, asked.one(Case).level) == ("danger", "urgent")
    assert asked.one(OptOut).phone == PHONE


# When a reader is missing -------------------------------------------------------------------------------------------


def test_without_readers_a_plain_score_is_kept_and_looked_at(asked: Story) -> None:
    asked.keep_text("7")
    read_waiting_replies(database=asked.database, readers_of=lambda _: NO_READERS, now=asked.now)

    reply = asked.one(Reply)
    assert (asked.reading(reply).value, asked.reading(reply).level) == ("7", "concern")
    assert "A reader failed" in asked.one(Case).reason or "a reader failed" in asked.one(Case).reason


def test_where_the_readers_cannot_even_be_asked_for_a_text_is_put_before_a_human(asked: Story) -> None:
    def broken(_: str | None) -> Readers:
        raise RuntimeError

    asked.keep_text("7")

    assert read_waiting_replies(database=asked.database, readers_of=broken, now=asked.now) == 1
    assert asked.reading(asked.one(Reply)).level == "concern"
