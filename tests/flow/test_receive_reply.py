"""What becomes of an incoming text: kept first, then read, and before a human unless it is provably routine."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from followup.carriers.carrier import IncomingText
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.store.database import Database
from followup.store.tables import Case, CaseClosure, Message, OptOut, Patient, Reading, Reply, Source
from tests.databases import Broken
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    OUR_NUMBER,
    PHONE,
    STRANGER,
    Story,
    clinic_row,
    completed,
    consent,
    hillside,
    staff_row,
)
from tests.reading import readers_of


@pytest.fixture
def asked(story: Story) -> Story:
    """Maria got her check-in and, a minute ago, the question about her mood."""
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)
    story.now += timedelta(minutes=1)
    return story


def read(story: Story) -> int:
    return read_waiting_replies(database=story.database, readers_of=readers_of, now=story.now)


def keep(story: Story, *texts: IncomingText, recovered: bool = False) -> int:
    return len(keep_replies(story.database, texts, now=story.now, recovered=recovered))


def incoming(sid: str = "SM1", body: str = "hello", **more: Any) -> IncomingText:
    return IncomingText(**({"sid": sid, "sender": PHONE, "to": OUR_NUMBER, "body": body, "media_count": 0} | more))


# Kept ------------------------------------------------------------------------------------------------------


def test_the_same_text_twice_is_kept_once(story: Story) -> None:
    assert keep(story, incoming("SM1"), incoming("SM2"), incoming("SM1")) == 2
    assert keep(story, incoming("SM1"), incoming("SM3")) == 1

    assert sorted(row.carrier_sid for row in story.all(Reply)) == ["SM1", "SM2", "SM3"]


def test_ten_copies_at_once_are_kept_once(story: Story) -> None:
    together = threading.Barrier(10)

    def post(_: int) -> int:
        together.wait(timeout=10)
        return keep(story, incoming("SM1"))

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(post, range(10))) == 1


def test_nothing_to_keep_is_fine(story: Story) -> None:
    assert keep(story) == 0


def test_what_a_database_cannot_hold_is_replaced_and_the_text_is_kept(story: Story) -> None:
    keep(story, incoming(body="no\x00thing", sender="+1212\x005550142", to="\x00"))
    read(story)

    kept = story.one(Reply)
    assert kept.body == "no\ufffdthing"
    assert "\x00" not in kept.sender + kept.to
    assert story.one(Case).reason == "Unknown number"


@pytest.mark.parametrize(
    "body", ["", " ", "🙂" * 800, "ﷺ" * 1600, "\u202eneve\u202c", "７", "a\r\nb", "' OR 1=1 --", "<b>"], ids=repr
)
def test_a_text_is_kept_as_it_was_written(story: Story, body: str) -> None:
    reply = story.hear(body, sender=STRANGER)

    assert reply.body == body
    assert reply.read_at == story.now


def test_a_text_found_later_says_so_and_when_it_came(story: Story) -> None:
    came_at = NOW - timedelta(hours=1)

    keep(story, incoming(received_at=came_at), recovered=True)

    assert (story.one(Reply).recovered, story.one(Reply).received_at) == (True, came_at)


# Read ------------------------------------------------------------------------------------------------------


def test_a_score_answers_the_newest_question_and_is_routine(asked: Story) -> None:
    reply = asked.hear("7")

    reading, case = asked.reading(reply), asked.case_of(reply)
    assert (reading.kind, reading.value, reading.level) == ("score", "7", "routine")
    assert reply.answers_id == asked.message(MOOD).id
    assert reply.patient_id == asked.one(Patient).id
    assert (case.level, case.reason) == ("routine", "Score 7")
    assert reply.session_id == case.session_id == asked.message(MOOD).session_id


def test_reading_twice_changes_nothing(asked: Story) -> None:
    asked.hear("7")
    before = (asked.all(Reply), asked.all(Reading), asked.all(Case))

    asked.now += timedelta(minutes=1)
    assert read(asked) == 0

    assert (asked.all(Reply), asked.all(Reading), asked.all(Case)) == before


def test_two_readers_at_once_read_each_text_once(asked: Story) -> None:
    for _ in range(20):
        asked.keep_text("I feel odd")
    together = threading.Barrier(4)

    def work(_: int) -> int:
        together.wait(timeout=10)
        return read(asked)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 20

    assert len(asked.all(Reading)) == 20
    assert len(asked.all(Case)) == 1


def test_all_that_waits_is_read_however_much_it_is(sqlite: Database, small_story: Story) -> None:
    keep(small_story, *[incoming(f"SM{number}", sender=STRANGER) for number in range(250)])

    assert read(small_story) == 250
    assert len(small_story.all(Case)) == 1


def test_what_is_unclear_is_a_concern_and_joins_the_open_case(asked: Story) -> None:
    first = asked.hear("purple")
    second = asked.hear("7")

    assert first.case_id == second.case_id
    assert (asked.one(Case).level, asked.one(Case).reason) == ("concern", "Could not be read")


def test_after_a_case_was_closed_the_next_text_opens_another(asked: Story) -> None:
    first = asked.hear("I feel odd")
    ana = staff_row(asked.clinic)
    asked.keep(ana)
    assert first.case_id is not None
    asked.keep(
        CaseClosure(clinic_id=asked.clinic.id, case_id=first.case_id, staff_id=ana.id, at=asked.now, outcome="answered")
    )

    second = asked.hear("still odd")

    assert second.case_id != first.case_id
    assert [case.number for case in asked.all(Case)] == [1, 2]


def test_an_answer_after_48_hours_answers_nothing_and_a_human_looks_at_it(asked: Story) -> None:
    asked.now = MOOD_AT + timedelta(hours=48, seconds=1)

    reply = asked.hear("7")

    assert reply.answers_id is None
    assert asked.reading(reply).level == "concern"
    assert reply.session_id == asked.message(MOOD).session_id


def test_an_answer_within_48_hours_still_answers(asked: Story) -> None:
    asked.now = MOOD_AT + timedelta(hours=47)

    assert asked.reading(asked.hear("7")).value == "7"


def test_an_answer_that_was_found_late_is_read_as_of_when_it_came(asked: Story) -> None:
    keep(asked, incoming(body="7", received_at=MOOD_AT + timedelta(hours=1)), recovered=True)
    asked.now = MOOD_AT + timedelta(days=5)

    read(asked)

    assert asked.one(Reply).answers_id == asked.message(MOOD).id


@pytest.mark.parametrize("score", ["7", "C"])
def test_a_text_with_a_picture_is_never_routine(asked: Story, score: str) -> None:
    reply = asked.hear(score, media=1)

    assert asked.reading(reply).level == "concern"


# Who wrote -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [STRANGER, "72975", "", "Anonymous", "+266696687", "?" * 100], ids=repr)
def test_a_text_from_nobody_we_know_stands_before_staff(story: Story, sender: str) -> None:
    reply = story.hear("7", sender=sender)

    case = story.case_of(reply)
    assert (case.level, case.reason, case.patient_id) == ("concern", "Unknown number", None)
    assert case.sender == reply.sender


def test_two_strangers_are_two_cases_and_one_stranger_is_one(story: Story) -> None:
    for sender in (STRANGER, STRANGER, "+12125550198"):
        story.hear("hello", sender=sender)

    assert len(story.all(Case)) == 2


def test_a_number_that_two_patients_share_is_told_apart_by_a_human(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    story.patient("Tom", phone=PHONE)

    reply = story.hear("7")

    assert reply.patient_id is None
    assert (story.case_of(reply).level, story.case_of(reply).reason) == ("concern", "Several patients have this number")


def test_a_text_from_the_number_a_patient_had_when_she_was_texted_is_hers(asked: Story) -> None:
    asked.tell(consent("granted", patient={"phone": OTHER_PHONE}))

    reply = asked.hear("7", sender=PHONE)

    assert reply.patient_id == asked.one(Patient).id
    assert asked.reading(reply).value == "7"


def test_the_clinic_whose_number_was_texted_has_the_reply(story: Story) -> None:
    there = clinic_row("Hillside", sender_number="+12125550111")
    story.keep(there)
    story.patient("Maria", phone=PHONE)

    reply = story.hear("hello", to="+12125550111")

    assert (reply.clinic_id, reply.patient_id) == (there.id, None)
    assert story.case_of(reply).clinic_id == there.id


def test_of_clinics_with_one_number_the_one_that_knows_the_sender_has_the_reply(story: Story) -> None:
    there = hillside(story)
    tom = story.patient("Tom", phone=OTHER_PHONE, clinic=there)

    reply = story.hear("hello", sender=OTHER_PHONE)

    assert (reply.clinic_id, reply.patient_id) == (there.id, tom.id)


def test_of_clinics_with_one_number_that_both_know_the_sender_the_one_that_texted_last_has_the_reply(
    story: Story,
) -> None:
    there = hillside(story)
    story.patient("Maria", phone=PHONE)
    same = story.patient("Mary", phone=PHONE, clinic=there)
    story.due_text(same)
    story.send()

    reply = story.hear("thanks")

    assert (reply.clinic_id, reply.patient_id) == (there.id, same.id)


def test_of_clinics_with_one_number_the_one_that_texted_a_number_that_was_changed_has_the_reply(story: Story) -> None:
    there = hillside(story)
    tom = story.patient("Tom", phone=OTHER_PHONE, clinic=there)
    story.due_text(tom)
    story.send()
    tom.phone = PHONE
    story.keep(tom)

    reply = story.hear("thanks", sender=OTHER_PHONE)

    assert (reply.clinic_id, reply.patient_id) == (there.id, tom.id)


def test_a_text_that_came_before_there_was_a_clinic_is_kept_and_read_later(database: Database) -> None:
    story = Story(database, clinic_row("Riverside"), Source())
    keep(story, incoming())
    assert read(story) == 0
    assert story.one(Reply).read_at is None

    story.keep(story.clinic)

    assert read(story) == 1
    assert story.one(Reply).clinic_id == story.clinic.id


# STOP and START --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["STOP", " stop. ", "Stop all", "UNSUBSCRIBE", "cancel", "END", "quit", "alto"])
def test_stop_ends_what_is_planned_at_once(story: Story, word: str) -> None:
    story.tell(completed())

    reply = story.hear(word)

    assert {(m.status, m.reason) for m in story.all(Message)} == {("suppressed", "the patient sent STOP")}
    assert (story.one(OptOut).phone, story.one(OptOut).reply_id) == (PHONE, reply.id)
    assert (story.case_of(reply).level, story.case_of(reply).reason) == ("concern", "Asks to stop texts")


def test_after_stop_nothing_leaves_not_even_from_staff(story: Story) -> None:
    story.tell(completed())
    story.hear("STOP")
    maria = story.one(Patient)

    story.due_text(maria)
    story.due_text(maria, purpose="answer", priority=0)
    story.tell(completed(session="s-2"))
    for hours in range(30):
        story.send(at=NOW + timedelta(hours=hours))

    assert story.texts() == []


def test_stop_twice_is_one_opt_out(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    story.hear("STOP")
    story.hear("stop")

    assert len(story.all(OptOut)) == 1


def test_start_lifts_the_stop_of_its_own_number_only(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    tom = story.patient("Tom", phone=OTHER_PHONE)
    story.hear("STOP", sender=PHONE)
    story.hear("STOP", sender=OTHER_PHONE)

    start = story.hear("START", sender=OTHER_PHONE)
    story.due_text(tom)
    story.send()

    held = {row.phone: row.lifted_at for row in story.all(OptOut)}
    assert held == {PHONE: None, OTHER_PHONE: story.now}
    assert story.one(OptOut, phone=OTHER_PHONE).lifted_by_reply_id == start.id
    assert len(story.texts(OTHER_PHONE)) == 1


def test_stop_after_start_holds_again(story: Story) -> None:
    tom = story.patient("Tom", phone=PHONE)
    for word in ("STOP", "START", "STOP"):
        story.hear(word)

    story.due_text(tom)
    story.send()

    assert story.texts() == []
    assert sorted(row.lifted_at is None for row in story.all(OptOut)) == [False, True]


def test_stop_to_a_shared_number_stops_every_clinic_that_texts_from_it_and_no_other(story: Story) -> None:
    shares, apart = hillside(story), clinic_row("Lakeside", sender_number="+12125550111")
    story.keep(apart)
    for clinic in (story.clinic, shares, apart):
        story.step_text(story.patient(f"Maria of {clinic.slug}", phone=PHONE, clinic=clinic), CHECK_IN)

    story.hear("STOP")

    assert {row.clinic_id for row in story.all(OptOut)} == {story.clinic.id, shares.id}
    assert {m.clinic_id for m in story.all(Message, status="suppressed")} == {story.clinic.id, shares.id}
    story.send()
    assert len(story.texts()) == 1
    story.hear("START")
    assert all(row.lifted_at for row in story.all(OptOut))


def test_stop_from_a_shared_handset_stops_both_patients(story: Story) -> None:
    for name in ("Maria", "Tom"):
        story.step_text(story.patient(name, phone=PHONE))

    story.hear("STOP")

    assert {m.status for m in story.all(Message)} == {"suppressed"}


def test_stop_from_a_number_that_nobody_has_yet_holds_when_somebody_has_it(story: Story) -> None:
    story.hear("STOP")
    story.tell(completed())

    story.send(at=CHECK_IN_AT)

    assert story.message().reason == "the patient sent STOP"


def test_a_stop_that_is_kept_and_not_read_yet_holds_every_text_to_its_number(story: Story) -> None:
    story.tell(completed())
    story.now = CHECK_IN_AT
    story.keep_text("STOP")

    story.send()
    read(story)
    story.send(at=CHECK_IN_AT + timedelta(minutes=1))

    assert story.texts() == []


# When reading fails ----------------------------------------------------------------------------------------


def test_a_text_whose_reading_fails_is_never_routine(asked: Story, break_inserts: Callable[..., Broken]) -> None:
    break_inserts("reading", when="NEW.reader <> 'none'")

    reply = asked.hear("7")

    reading, case = asked.reading(reply), asked.case_of(reply)
    assert (reading.kind, reading.level, reading.reader) == ("unclear", "concern", "none")
    assert (case.level, case.reason) == ("concern", "Could not be read")


def test_stop_holds_even_where_its_reading_fails(asked: Story, break_inserts: Callable[..., Broken]) -> None:
    break_inserts("reading", when="NEW.reader <> 'none'")

    reply = asked.hear("STOP")

    assert asked.reading(reply).kind == "stop"
    assert asked.one(OptOut).phone == PHONE
    assert asked.case_of(reply).level == "concern"


def test_a_text_that_cannot_even_be_filed_stays_unread_and_is_read_later(
    asked: Story, break_inserts: Callable[..., Broken]
) -> None:
    broken = break_inserts("reading", when="1 = 1")
    asked.keep_text("7")
    asked.keep_text("hello", sender=STRANGER)

    assert read(asked) == 0
    assert asked.all(Case) == []
    broken.mend()

    assert read(asked) == 2
    assert {row.read_at for row in asked.all(Reply)} == {asked.now}


def test_one_text_that_cannot_be_filed_does_not_hold_up_the_others(
    asked: Story, break_inserts: Callable[..., Broken]
) -> None:
    break_inserts("case", when="NEW.sender = '72975'")
    asked.keep_text("hello", sender="72975")
    asked.keep_text("7")

    assert read(asked) == 1
    assert [row.sender for row in asked.all(Reply, read_at=None)] == ["72975"]
