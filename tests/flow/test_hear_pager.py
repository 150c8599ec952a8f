"""A text from a staff phone is the answer to a page; whatever is none acknowledges nothing and says so."""

from datetime import timedelta

import pytest

from followup.store.database import Database
from followup.store.tables import Case, FailedAnswer, Pager, Reply
from tests.flow.paging import MINUTE, PAGE_NUMBER, PHONES, Ladder, pager, with_ladder
from tests.flow.stories import NOW, PHONE, STRANGER, hillside, staff_row


@pytest.fixture
def ladder(database: Database) -> Ladder:
    return with_ladder(database)


@pytest.fixture
def case(ladder: Ladder) -> Case:
    """Number 1042, and Ana was paged for it."""
    ladder.story.clinic.cases_opened = 1041
    ladder.story.keep(ladder.story.clinic)
    made = ladder.danger()
    ladder.tick()
    assert made.number == 1042
    return made


def answer(ladder: Ladder, body: str, sender: str = PHONES["Ana"]) -> Reply:
    ladder.story.now += MINUTE
    return ladder.story.hear(body, sender=sender, to=PAGE_NUMBER)


def failed(ladder: Ladder) -> list[str]:
    return [row.words for row in ladder.story.all(FailedAnswer)]


@pytest.mark.parametrize("body", ["1042", " 1042\n", "#1042", "ack 1042", "Case 1042.", "OK 1042!"])
def test_the_cases_number_from_a_staff_phone_acknowledges(ladder: Ladder, case: Case, body: str) -> None:
    reply = answer(ladder, body)

    assert ladder.acknowledged(case) == [(ladder.staff["Ana"].id, "reply code")]
    assert ladder.holder(case) == "Ana"
    assert reply.read_at
    assert (reply.body, reply.clinic_id, reply.case_id, reply.patient_id) == (body, ladder.story.clinic.id, None, None)
    assert len(ladder.story.all(Case)) == 1


def test_whoever_answered_hears_what_became_of_it(ladder: Ladder, case: Case) -> None:
    answer(ladder, "1042")
    answer(ladder, "1042", sender=PHONES["Ben"])
    ladder.tick()

    assert ladder.texts("Ana")[-1] == "Case 1042 is yours. It is not closed yet."
    assert ladder.texts("Ben") == ["Ana Ruiz has case 1042 already."]


def test_twice_the_same_answer_changes_nothing(ladder: Ladder, case: Case) -> None:
    answer(ladder, "1042")
    answer(ladder, "1042")

    assert len(ladder.acknowledged(case)) == 1


def test_a_colleague_who_was_not_paged_may_take_it_too(ladder: Ladder, case: Case) -> None:
    answer(ladder, "1042", sender=PHONES["Carl"])

    assert ladder.holder(case) == "Carl"


def test_a_wrong_number_acknowledges_nothing_and_says_so_on_the_case_and_to_its_sender(
    ladder: Ladder, case: Case
) -> None:
    reply = answer(ladder, "1043")
    ladder.tick(NOW + 5 * MINUTE)

    assert ladder.acknowledged(case) == []
    assert failed(ladder) == ["Ana Ruiz's phone answered 1043, which is not this case's number"]
    assert reply.read_at
    assert len(ladder.story.all(Case)) == 1
    assert ladder.texts("Ana")[1] == "1043 was not paged. Nothing was acknowledged. Reply 1042."
    assert (5, "Ben", "text") in ladder.rung()


def test_a_phone_that_is_nobodys_acknowledges_nothing_says_so_and_is_read_as_a_patients(
    ladder: Ladder, case: Case
) -> None:
    reply = answer(ladder, "1042", sender=STRANGER)

    assert ladder.acknowledged(case) == []
    assert failed(ladder) == ["1042 came from a phone that belongs to nobody of this clinic"]
    assert ladder.story.case_of(reply).sender == STRANGER


def test_staff_of_another_clinic_acknowledge_nothing(ladder: Ladder, case: Case) -> None:
    sam = staff_row(hillside(ladder.story), "Sam Hill")
    ladder.story.keep(sam)
    ladder.story.keep(pager(sam, phone="+12125550777"))

    answer(ladder, "1042", sender="+12125550777")

    assert ladder.acknowledged(case) == []
    assert failed(ladder) == ["1042 came from a phone that belongs to nobody of this clinic"]


def test_somebody_who_left_acknowledges_nothing(ladder: Ladder, case: Case) -> None:
    ladder.staff["Ana"].left_at = NOW
    ladder.story.keep(ladder.staff["Ana"])

    answer(ladder, "1042")

    assert ladder.acknowledged(case) == []


def test_a_patients_score_is_no_answer_to_a_page_of_that_number(ladder: Ladder) -> None:
    case = ladder.danger(patient=ladder.story.patient("Tom"))
    ladder.tick()
    assert case.number == 1

    reply = answer(ladder, "1", sender=PHONE)

    assert reply.patient_id == ladder.maria.id
    assert ladder.acknowledged(case) == []
    assert failed(ladder) == []


def test_a_nurse_who_is_a_patient_as_well_still_has_her_scores_read(ladder: Ladder, case: Case) -> None:
    [anas] = ladder.story.all(Pager, staff_id=ladder.staff["Ana"].id)
    anas.phone = PHONE
    ladder.story.keep(anas)

    score = answer(ladder, "7", sender=PHONE)
    code = answer(ladder, "1042", sender=PHONE)

    assert (score.patient_id, code.patient_id) == (ladder.maria.id, None)
    assert ladder.acknowledged(case) == [(ladder.staff["Ana"].id, "reply code")]


def test_other_words_from_a_staff_phone_are_read_as_anybodys(ladder: Ladder, case: Case) -> None:
    reply = answer(ladder, "on my way")

    assert ladder.story.case_of(reply).sender == PHONES["Ana"]
    assert ladder.acknowledged(case) == []


def test_after_it_is_closed_the_number_changes_nothing_any_more(ladder: Ladder, case: Case) -> None:
    answer(ladder, "1042")
    ladder.close(case)

    answer(ladder, "1042")
    ladder.tick()

    assert len(ladder.acknowledged(case)) == 1
    assert len(ladder.story.all(Case)) == 1
    assert ladder.texts("Ana")[-1] == "Case 1042 is closed already."


# On a call ----------------------------------------------------------------------------------------------


def test_a_1_on_the_call_acknowledges_and_twice_changes_nothing(ladder: Ladder, case: Case) -> None:
    [call] = ladder.calls("Ana")

    first, second = ladder.press(call), ladder.press(call)

    assert first and second
    assert first.words == second.words == "Case 1042 is yours. It is not closed yet."
    assert ladder.acknowledged(case) == [(ladder.staff["Ana"].id, "key press")]


@pytest.mark.parametrize("key", ["2", "", "11"])
def test_any_other_key_acknowledges_nothing(ladder: Ladder, case: Case, key: str) -> None:
    [call] = ladder.calls("Ana")

    answered = ladder.press(call, key)

    assert answered
    assert not answered.is_theirs
    assert ladder.acknowledged(case) == []


def test_a_key_after_a_colleague_took_it_says_who_has_it(ladder: Ladder, case: Case) -> None:
    ladder.take(case, "Ben")

    answered = ladder.press(ladder.calls("Ana")[0])

    assert answered
    assert answered.words == "Ben Cole has case 1042 already."


def test_a_key_still_counts_after_the_ladder_rang_on(ladder: Ladder, case: Case) -> None:
    ladder.play(11)

    ladder.press(ladder.calls("Ana")[0])
    ladder.play(20)

    assert ladder.holder(case) == "Ana"
    assert max(minute for minute, _, _ in ladder.rung()) <= timedelta(minutes=10) / MINUTE
