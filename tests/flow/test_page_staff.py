"""The ladder played on a fast clock: it rings until a named human has it, and nobody twice on one rung."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.pretend import Accept, LoseAnswer, Refuse
from followup.flow.page_staff import page_staff
from followup.flow.set_up import turn_sending
from followup.flow.transaction import transaction
from followup.store import pages
from followup.store.database import Database
from followup.store.pulse import lock_pulse
from followup.store.tables import Case, CaseNote, LadderTerms, Message, Page, Pager, Patient, Shift
from tests.databases import BOTH, empty, open_again
from tests.flow.paging import MINUTE, PAGE_NUMBER, PAGING, PHONES, SECOND, Ladder, pager, shift, with_ladder
from tests.flow.stories import NOW, hillside, staff_row

HOUR = timedelta(hours=1)


@pytest.fixture
def ladder(request: pytest.FixtureRequest) -> Iterator[Ladder]:
    """On SQLite; where several do something at once, or much is asked for, on both."""
    database: Database = request.getfixturevalue(f"upgraded_{getattr(request, 'param', 'sqlite')}")
    yield with_ladder(database)
    empty(database)


on_both = pytest.mark.parametrize("ladder", BOTH, indirect=True)


# Nobody answers -----------------------------------------------------------------------------------------


@on_both
def test_an_urgent_reply_pages_the_person_on_call_at_once_by_two_ways(ladder: Ladder) -> None:
    case = ladder.danger()

    look_at = ladder.tick()

    assert ladder.texts("Ana") == [
        f"Urgent reply, case {case.number}. https://aftercare.example.org/cases/{case.id} or reply {case.number}"
    ]
    [call] = ladder.calls("Ana")
    assert call.sender == PAGE_NUMBER
    assert [text.sender for text in ladder.story.carrier.texts_to(PHONES["Ana"])] == [PAGE_NUMBER]
    assert look_at == NOW + 5 * MINUTE
    assert [ladder.texts(name) for name in ("Ben", "Carl", "Dora")] == [[], [], []]


@on_both
def test_while_nobody_answers_it_climbs_until_it_has_rung_everybody_and_the_director(ladder: Ladder) -> None:
    ladder.danger()
    ladder.tick()

    ladder.play(35, every=5 * MINUTE)

    whom = {}
    for minute, name, way in ladder.rung():
        whom.setdefault(minute, set()).add((name, way))
    assert {minute: {name for name, _ in found} for minute, found in whom.items()} == {
        0: {"Ana"},
        5: {"Ana", "Ben"},
        10: {"Ana", "Ben", "Carl", "Dora"},
        15: {"Dora"},
        25: {"Ana", "Ben", "Carl", "Dora"},
        35: {"Ana", "Ben", "Carl", "Dora"},
    }
    assert whom[15] == {("Dora", "voice")}


def test_a_page_carries_no_word_of_the_patient(ladder: Ladder) -> None:
    ladder.danger()
    ladder.tick()
    ladder.play(16)

    for page in ladder.story.all(Page):
        for word in ("Maria", "Lopez", "die", "harm", "555"):
            assert word not in page.text + page.title


def test_the_minutes_are_the_clinics_own(ladder: Ladder) -> None:
    terms = ladder.story.one(LadderTerms)
    terms.again_after = 2
    ladder.story.keep(terms)
    ladder.danger()
    ladder.tick()

    ladder.play(3)

    assert (2, "Ben", "text") in ladder.rung()


# Acknowledged -------------------------------------------------------------------------------------------


def test_once_a_named_human_has_it_nobody_is_rung_any_more(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()

    answer = ladder.acknowledge(case, "Ana")
    ladder.play(20, every=5 * MINUTE)

    assert answer.is_theirs
    assert ladder.acknowledged(case) == [(ladder.staff["Ana"].id, "sign-in link")]
    assert ladder.holder(case) == "Ana"
    assert {minute for minute, _, _ in ladder.rung()} == {0}


def test_taking_it_on_the_page_is_acknowledging_it(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()

    assert ladder.take(case, "Ben") is None
    ladder.play(20, every=5 * MINUTE)

    assert ladder.acknowledged(case) == [(ladder.staff["Ben"].id, "sign-in link")]
    assert {minute for minute, _, _ in ladder.rung()} == {0}


def test_acknowledging_twice_changes_nothing_and_the_second_hears_who_has_it(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.acknowledge(case, "Ana")

    again, other = ladder.acknowledge(case, "Ana"), ladder.acknowledge(case, "Ben")

    assert again.is_theirs
    assert (other.is_theirs, other.words) == (False, f"Ana Ruiz has case {case.number} already.")
    assert len(ladder.acknowledged(case)) == 1
    assert ladder.holder(case) == "Ana"


@on_both
def test_two_who_acknowledge_at_once_are_one(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    together = threading.Barrier(4)

    def answer(name: str) -> bool:
        together.wait(timeout=10)
        return ladder.acknowledge(case, name).is_theirs

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(answer, PHONES)) == [False, False, False, True]
    assert len(ladder.acknowledged(case)) == 1


def test_a_page_that_has_not_left_does_not_leave_once_somebody_has_it(ladder: Ladder) -> None:
    case = ladder.danger()
    page_staff(database=ladder.database, paging=PAGING, now=NOW)
    ladder.take(case)

    ladder.tick(NOW + SECOND)

    assert (ladder.texts("Ana"), ladder.calls("Ana")) == ([], [])
    assert {each.words for each in ladder.standings(case)} == {"somebody has it meanwhile"}


def test_put_back_it_rings_again_at_once(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.take(case)
    ladder.story.now = NOW + 3 * MINUTE
    ladder.put_back(case)

    ladder.tick(NOW + 3 * MINUTE + SECOND)

    assert [climb.number for climb in ladder.climbs(case)] == [1, 2]
    assert len(ladder.texts("Ana")) == 2


def test_a_new_urgent_reply_rings_again_at_once_and_another_reply_after_five_minutes(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.take(case)

    ladder.danger(level="concern", at=NOW + 2 * MINUTE)
    ladder.tick()
    assert len(ladder.climbs(case)) == 1
    ladder.tick(NOW + 7 * MINUTE)
    assert len(ladder.climbs(case)) == 2

    ladder.take(case)
    ladder.danger(at=NOW + 8 * MINUTE)
    ladder.tick()
    assert len(ladder.climbs(case)) == 3
    assert len(ladder.texts("Ana")) == 3


def test_what_joins_while_it_rings_does_not_begin_anew(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.danger(at=NOW + 4 * MINUTE)
    ladder.tick()

    ladder.tick(NOW + 5 * MINUTE)

    assert len(ladder.climbs(case)) == 1
    assert (5, "Ben", "text") in ladder.rung()


# Not closed ---------------------------------------------------------------------------------------------


def test_taken_and_not_closed_it_reminds_after_30_minutes_and_rings_again_after_45(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.take(case, "Ben")

    ladder.play(29, every=5 * MINUTE)
    assert len(ladder.texts("Ben")) == 0
    ladder.play(3)
    assert [text.split(". ")[0] for text in ladder.texts("Ben")] == [
        f"Case {case.number} is still open, and you have it"
    ]
    ladder.play(12)
    assert len(ladder.texts("Ben")) == 1
    ladder.play(2)

    assert [climb.why for climb in ladder.climbs(case)] == ["urgent", "not closed"]
    assert ladder.texts("Ana")[-1].startswith(f"Urgent case {case.number} is still open.")


def test_said_again_it_is_theirs_for_another_45_minutes(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.take(case)
    ladder.play(46, every=5 * MINUTE)

    ladder.acknowledge(case, "Ana")
    ladder.play(44, every=5 * MINUTE)
    assert len(ladder.climbs(case)) == 2
    ladder.play(2)

    assert len(ladder.climbs(case)) == 3


def test_a_closed_case_rings_and_reminds_no_more(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.tick()
    ladder.take(case)
    assert ladder.close(case) is None

    ladder.play(60, every=5 * MINUTE)

    assert len(ladder.climbs(case)) == 1
    assert len(ladder.texts("Ana")) == 1


@on_both
def test_a_concern_that_nobody_looked_at_for_two_hours_climbs(ladder: Ladder) -> None:
    case = ladder.danger(level="concern")

    ladder.tick(NOW + 2 * HOUR - SECOND)
    assert ladder.rung() == []
    ladder.tick(NOW + 2 * HOUR)

    assert ladder.texts("Ana")[0].startswith(f"A reply waits too long, case {case.number}.")


def test_a_concern_that_somebody_wrote_a_note_or_an_answer_about_does_not_climb(ladder: Ladder) -> None:
    cases = [ladder.danger(level="concern", patient=ladder.story.patient(name)) for name in ("Tom", "Tim")]
    by = ladder.staff["Ana"].id
    ladder.story.keep(
        CaseNote(clinic_id=cases[0].clinic_id, case_id=cases[0].id, staff_id=by, at=NOW + MINUTE, text="calls back")
    )
    ladder.story.due_text(ladder.maria, case_id=cases[1].id, author_id=by)

    ladder.tick(NOW + 3 * HOUR)

    assert ladder.rung() == []
    ladder.danger(level="concern", patient=ladder.story.get(Patient, cases[0].patient_id), at=NOW + 3 * HOUR)
    ladder.tick(NOW + 5 * HOUR)
    assert {page.case_id for page in ladder.story.all(Page)} == {cases[0].id}


def test_a_concern_that_is_closed_while_it_rings_rings_no_more(ladder: Ladder) -> None:
    case = ladder.danger(level="concern")
    ladder.tick(NOW + 2 * HOUR)

    assert ladder.close(case, outcome="answered") is None
    ladder.play(10)

    [climb] = ladder.climbs(case)
    assert climb.ended_at
    assert len(ladder.texts("Ana")) == 1


# Refused ------------------------------------------------------------------------------------------------


def test_a_text_that_the_carrier_refused_climbs_at_once(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.story.carrier.behave(Refuse(Cause.NUMBER, 21211, "the number is not valid"))
    ladder.tick()

    ladder.tick(NOW + 5 * SECOND)

    assert ladder.texts("Ben")
    assert {(each.page.way, each.outcome) for each in ladder.standings(case) if each.page.number == 0} == {
        ("text", "refused"),
        ("voice", "accepted"),
    }
    assert [row.number for row in ladder.story.all(Case)] == [case.number]


def test_a_text_that_is_to_be_tried_again_climbs_as_well(ladder: Ladder) -> None:
    ladder.danger()
    ladder.story.carrier.behave(Refuse(Cause.RATE, 20429, "too many requests at once"))
    ladder.tick()

    ladder.tick(NOW + 5 * SECOND)

    assert ladder.texts("Ben")


def test_a_call_that_the_carrier_refused_climbs_at_once(ladder: Ladder) -> None:
    ladder.danger()
    ladder.story.carrier.behave_on_calls(Refuse(Cause.SENDER, 21210, "not ours"))
    ladder.tick()

    ladder.tick(NOW + 5 * SECOND)

    assert ladder.texts("Ben")


def test_a_text_that_was_not_delivered_climbs_and_is_not_planned_anew(ladder: Ladder) -> None:
    ladder.danger()
    ladder.story.carrier.behave(Accept(("undelivered",), code=30003, cause=Cause.TRANSIENT))
    ladder.tick()

    ladder.tick(NOW + 5 * SECOND)

    assert ladder.texts("Ben")
    assert not [message for message in ladder.story.all(Message) if message.again]


def test_where_everything_is_refused_it_is_at_the_director_within_seconds_and_goes_on_by_the_clock(
    ladder: Ladder,
) -> None:
    ladder.danger()
    refused = Refuse(Cause.SENDER, 20003, "the credentials are wrong")
    ladder.story.carrier.behave(*[refused] * 200)
    ladder.story.carrier.behave_on_calls(*[refused] * 200)

    for second in range(15):
        ladder.tick(NOW + second * SECOND)

    assert {page.number for page in ladder.story.all(Page)} == {0, 1, 2, 3}
    ladder.story.carrier.forget_script()
    ladder.tick(NOW + 11 * MINUTE)
    assert ladder.calls("Dora")


def test_an_answer_that_was_lost_is_not_called_again(ladder: Ladder) -> None:
    case = ladder.danger()
    ladder.story.carrier.behave_on_calls(LoseAnswer())
    ladder.tick()
    ladder.reach()

    assert len(ladder.calls("Ana")) == 1
    [call] = [each for each in ladder.standings(case) if each.page.way == "voice"]
    assert call.outcome == "unknown"


# Shift change -------------------------------------------------------------------------------------------


@on_both
def test_after_a_change_of_shift_whoever_is_on_call_then_is_rung(ladder: Ladder) -> None:
    for old in ladder.story.all(Shift):
        old.ends_at = NOW + 4 * MINUTE
        ladder.story.keep(old)
    ladder.story.keep(shift(ladder.staff["Carl"], since=4 * MINUTE))
    ladder.danger()
    ladder.tick()

    ladder.play(6)

    assert {(minute, name) for minute, name, _ in ladder.rung()} == {(0, "Ana"), (5, "Carl")}


def test_with_nobody_on_the_rota_everybody_is_rung_at_once(database: Database) -> None:
    ladder = with_ladder(database, on_call=())
    ladder.danger()

    ladder.tick()

    assert {name for _, name, _ in ladder.rung()} == {"Ana", "Ben", "Carl", "Dora"}


def test_somebody_who_left_or_only_reads_is_not_rung(ladder: Ladder) -> None:
    ladder.staff["Ana"].left_at = NOW
    ladder.staff["Ben"].role = "auditor"
    ladder.story.keep(ladder.staff["Ana"], ladder.staff["Ben"])
    ladder.danger()

    ladder.tick()

    assert {name for _, name, _ in ladder.rung()} == {"Carl", "Dora"}


def test_where_nobody_can_be_rung_it_begins_as_soon_as_somebody_can(ladder: Ladder) -> None:
    for each in ladder.story.all(Pager):
        each.phone = None
        ladder.story.keep(each)
    case = ladder.danger()
    ladder.tick()
    assert ladder.rung() == []
    assert len(ladder.climbs(case)) == 1
    [carls] = ladder.story.all(Pager, staff_id=ladder.staff["Carl"].id)
    carls.phone = PHONES["Carl"]
    ladder.story.keep(carls)

    ladder.tick(NOW + 3 * MINUTE)

    assert {name for _, name, _ in ladder.rung()} == {"Carl"}


def test_mail_takes_the_place_of_a_call(ladder: Ladder) -> None:
    [anas] = ladder.story.all(Pager, staff_id=ladder.staff["Ana"].id)
    anas.takes_calls, anas.email = False, "ana@riverside.example"
    ladder.story.keep(anas)
    ladder.paging = replace(PAGING, mail_is_on=True)
    case = ladder.danger()

    ladder.tick()

    [mail] = ladder.mailer.mails
    assert (mail.to, mail.subject) == ("ana@riverside.example", f"Urgent reply, case {case.number}")
    assert ladder.calls("Ana") == []


# Nothing that stops texts to patients stops a page ------------------------------------------------------


def test_pages_leave_with_sending_off_and_in_safe_mode(ladder: Ladder) -> None:
    turn_sending(database=ladder.database, on=False, clinic=None, by="test", now=NOW)
    ladder.story.send()
    with transaction(ladder.database) as db:
        lock_pulse(db, now=NOW).behind_fence_at = NOW
    patients_text = ladder.story.due_text(ladder.maria)
    ladder.danger()

    ladder.tick()

    assert len(ladder.texts("Ana")) == 1
    assert ladder.story.get(Message, patients_text.id).status == "planned"


def test_a_refused_page_number_does_not_stop_the_clinics_texts(ladder: Ladder) -> None:
    ladder.danger()
    ladder.story.carrier.behave(Refuse(Cause.SENDER, 21606, "the sender number cannot send texts"))
    ladder.tick()
    text = ladder.story.due_text(ladder.story.patient())

    ladder.story.send()

    assert ladder.story.get(Message, text.id).status == "accepted"


# Restart in the middle ----------------------------------------------------------------------------------


@on_both
def test_a_restart_neither_loses_a_rung_nor_rings_it_twice(ladder: Ladder) -> None:
    ladder.danger()
    ladder.tick()

    another = open_again(ladder.database)
    try:
        for second in (4 * 60, 5 * 60, 5 * 60 + 1, 5 * 60 + 2):
            ladder.tick(NOW + second * SECOND, database=another)
    finally:
        another.close()

    assert ladder.rung() == [
        (0, "Ana", "text"),
        (0, "Ana", "voice"),
        (5, "Ana", "text"),
        (5, "Ana", "voice"),
        (5, "Ben", "text"),
        (5, "Ben", "voice"),
    ]
    assert [len(ladder.texts(name)) for name in ("Ana", "Ben")] == [2, 1]
    assert [len(ladder.calls(name)) for name in ("Ana", "Ben")] == [2, 1]


def test_a_process_that_died_between_planning_and_calling_is_made_up_for(ladder: Ladder) -> None:
    ladder.danger()
    page_staff(database=ladder.database, paging=PAGING, now=NOW)

    ladder.tick(NOW + 20 * SECOND)

    assert (len(ladder.texts("Ana")), len(ladder.calls("Ana"))) == (1, 1)


@on_both
def test_a_process_that_died_in_a_call_does_not_make_it_again_and_the_ladder_goes_on(ladder: Ladder) -> None:
    case = ladder.danger()
    page_staff(database=ladder.database, paging=PAGING, now=NOW)
    [page] = ladder.story.all(Page, way="voice")
    with transaction(ladder.database) as db:
        pages.claim_page(db, page.id, now=NOW)

    ladder.tick(NOW + 2 * MINUTE)
    ladder.tick(NOW + 5 * MINUTE)

    assert [each.outcome for each in ladder.standings(case) if each.page.id == page.id] == ["unknown"]
    assert [page.number for page in ladder.story.all(Page, way="voice", staff_id=page.staff_id)] == [0, 1]
    assert len(ladder.calls("Ana")) == 1


def test_after_an_outage_the_house_pages_at_once_though_it_doubts_what_was_due(ladder: Ladder) -> None:
    ladder.tick()
    ladder.danger()
    ladder.story.now = NOW + 30 * MINUTE

    page_staff(database=ladder.database, paging=PAGING, now=ladder.story.now)
    ladder.story.send(was_alive=False)

    assert len(ladder.texts("Ana")) == 1
    assert len(ladder.texts("Dora")) == 1


@on_both
@pytest.mark.parametrize("minutes", [0, 5, 10])
def test_many_processes_at_once_ring_each_rung_once(ladder: Ladder, minutes: int) -> None:
    ladder.danger()
    for minute in range(0, minutes, 5):
        ladder.tick(NOW + minute * MINUTE)
    at = NOW + minutes * MINUTE
    ladder.story.now = at
    processes = [open_again(ladder.database) for _ in range(4)]
    together = threading.Barrier(len(processes))

    def work(database: Database) -> None:
        together.wait(timeout=10)
        page_staff(database=database, paging=PAGING, now=at)
        ladder.reach(database)

    try:
        with ThreadPoolExecutor(len(processes)) as pool:
            list(pool.map(work, processes))
    finally:
        for database in processes:
            database.close()
    ladder.story.send()

    rung = [(page.staff_id, page.way) for page in ladder.story.all(Page) if page.made_at == at]
    assert len(rung) == len(set(rung)) == {0: 2, 5: 4, 10: 8}[minutes]
    calls = [call.to for call in ladder.story.carrier.all_calls() if call.created_at == at]
    assert len(calls) == len(rung) / 2
    assert len(ladder.texts("Ana")) == minutes // 5 + 1


# Clinics ------------------------------------------------------------------------------------------------


def test_nobody_is_rung_for_a_case_of_another_clinic(ladder: Ladder) -> None:
    there = hillside(ladder.story)
    sam = staff_row(there, "Sam Hill")
    ladder.story.keep(sam)
    ladder.story.keep(pager(sam, phone="+12125550777"), shift(sam))
    ladder.danger(patient=ladder.story.patient("Tom", clinic=there))

    ladder.tick()

    assert {page.reached_at for page in ladder.story.all(Page)} == {"+12125550777"}
