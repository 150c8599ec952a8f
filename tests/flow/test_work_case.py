"""What staff do with a case: nothing happens twice, and nobody undoes what a colleague did a moment ago."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from followup.flow import work_case
from followup.flow.transaction import transaction
from followup.flow.work_case import MOST_IN_NOTE, Refused
from followup.store import cases
from followup.store.cases import NoSuchCase
from followup.store.database import Database
from followup.store.tables import (
    AuditEntry,
    CaseAssignment,
    CaseClosure,
    CaseNote,
    Consent,
    Message,
    Patient,
    Row,
    Staff,
)
from tests import people
from tests.people import STRANGERS_PHONE, House, find_case, text_from

T = TypeVar("T")
MANY = 4


@pytest.fixture
def house(database: Database) -> House:
    return people.house(database)


@pytest.fixture
def case(house: House) -> UUID:
    """Maria wrote something that worries."""
    return text_from(house, house.maria, "everything is grey again")


def whose(house: House, case: UUID, person: Staff) -> dict[str, Any]:
    return {"clinic_id": person.clinic_id, "case_id": case, "staff_id": person.id, "now": house.now}


def take(house: House, case: UUID, person: Staff, *, instead_of: Staff | None = None) -> Refused | None:
    given = whose(house, case, person)
    return work_case.take_case(house.database, **given, instead_of=instead_of.id if instead_of else None)


def put_back(house: House, case: UUID, person: Staff) -> None:
    work_case.release_case(house.database, **whose(house, case, person))


def close(
    house: House,
    case: UUID,
    person: Staff,
    outcome: str = "called",
    *,
    text: str = "",
    seen_at: datetime | None = None,
) -> Refused | None:
    seen = seen_at or find_case(house, case).changed_at
    return work_case.close_case(house.database, **whose(house, case, person), outcome=outcome, text=text, seen_at=seen)


def note(house: House, case: UUID, text: str, *, once: UUID | None = None) -> UUID | Refused:
    return work_case.add_note(house.database, **whose(house, case, house.ana), text=text, once=once or uuid4())


def reply(
    house: House, case: UUID, text: str, *, once: UUID | None = None, seen_at: datetime | None = None
) -> UUID | Refused:
    seen = seen_at or find_case(house, case).changed_at
    by_ana = whose(house, case, house.ana)
    return work_case.reply_to_patient(house.database, **by_ana, text=text, once=once or uuid4(), seen_at=seen)


def holder_of(house: House, case: UUID) -> str | None:
    with house.database.reader() as db:
        held = cases.find_holder(db, case)
        return held[1].name if held else None


def actions(house: House) -> list[str]:
    return [entry.action for entry in house.all(AuditEntry)]


def at_once(*calls: Callable[[], T]) -> list[T]:
    with ThreadPoolExecutor(len(calls)) as threads:
        return [made.result() for made in [threads.submit(call) for call in calls]]


# Who has it ---------------------------------------------------------------------------------------------


def test_taking_a_case_twice_makes_one_assignment(house: House, case: UUID) -> None:
    assert take(house, case, house.ana) is None
    assert take(house, case, house.ana) is None

    assert len(house.all(CaseAssignment)) == 1
    assert holder_of(house, case) == "Ana Ruiz"
    assert actions(house) == ["case.taken"]


def test_of_two_who_take_a_case_at_once_one_has_it_and_the_other_is_told(house: House, case: UUID) -> None:
    said = at_once(lambda: take(house, case, house.ana), lambda: take(house, case, house.ben))

    holder = holder_of(house, case)
    assert sorted(said, key=str)[0] is None
    assert [refused.words for refused in said if refused] == [f"{holder} picked this up meanwhile."]
    assert len(house.all(CaseAssignment)) == 1


def test_who_saw_that_a_colleague_has_it_may_take_over(house: House, case: UUID) -> None:
    take(house, case, house.ana)

    assert take(house, case, house.ben, instead_of=house.ana) is None

    assert holder_of(house, case) == "Ben Cole"
    assert take(house, case, house.ana, instead_of=house.olga) == Refused("Ben Cole picked this up meanwhile.")


def test_putting_back_is_only_for_who_has_it_and_again_changes_nothing(house: House, case: UUID) -> None:
    take(house, case, house.ana)

    put_back(house, case, house.ben)
    assert holder_of(house, case) == "Ana Ruiz"

    put_back(house, case, house.ana)
    put_back(house, case, house.ana)
    assert holder_of(house, case) is None
    assert actions(house) == ["case.taken", "case.released"]


def test_a_closed_case_cannot_be_taken(house: House, case: UUID) -> None:
    close(house, case, house.ben)

    assert take(house, case, house.ana) == Refused("This was closed meanwhile.")


# What is written ----------------------------------------------------------------------------------------


def test_the_same_form_posted_many_times_makes_one_text_and_one_note(house: House, case: UUID) -> None:
    once, before = uuid4(), len(house.all(Message))

    made = at_once(*[lambda: reply(house, case, "We call you at 11.", once=once)] * MANY)
    noted = at_once(*[lambda: note(house, case, "Sounded calm.", once=once)] * MANY)

    assert (set(made), set(noted)) == ({once}, {once})
    assert len(house.all(Message)) == before + 1
    assert [one.text for one in house.all(CaseNote)] == ["Sounded calm."]
    assert sorted(actions(house)) == ["case.noted", "case.replied"]


def test_a_reply_is_a_planned_message_that_is_due_now_and_nothing_is_sent_here(house: House, case: UUID) -> None:
    once = reply(house, case, "  We call you at 11.\n")

    (message,) = house.all(Message, id=once)
    assert (message.text, message.status, message.purpose) == ("We call you at 11.", "planned", "staff")
    assert (message.due_at, message.wake_at) == (house.now, house.now)
    assert (message.patient_id, message.case_id, message.author_id) == (house.maria.id, case, house.ana.id)
    assert house.carrier.all_texts() == []


@pytest.mark.parametrize("write", [reply, note])
def test_a_form_that_was_used_says_so_when_it_brings_other_words(house: House, case: UUID, write: Any) -> None:
    """The browser's Back shows the form as it was: what is new in it must not be lost without a word."""
    once = uuid4()
    write(house, case, "We call you at 11.", once=once)

    assert isinstance(write(house, case, "At 12, sorry.", once=once), Refused)

    other = text_from(house, STRANGERS_PHONE, "hello")
    assert isinstance(write(house, other, "We call you at 11.", once=once), Refused)
    written = [one.text for table in (CaseNote, Message) for one in house.all(table, id=once)]
    assert written == ["We call you at 11."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The text is empty."),
        (" \n ", "The text is empty."),
        ("a" * 1_601, "The text is longer than 1600 characters."),
        ("ж" * 700, "The text would be more than 10 SMS long."),
    ],
    ids=["empty", "blank", "too long", "too many parts"],
)
def test_what_is_no_text_message_is_refused(house: House, case: UUID, text: str, words: str) -> None:
    assert reply(house, case, text) == Refused(words)
    assert actions(house) == []


def test_an_empty_and_an_endless_note_are_refused(house: House, case: UUID) -> None:
    assert note(house, case, " ") == Refused("The note is empty.")
    assert isinstance(note(house, case, "a" * (MOST_IN_NOTE + 1)), Refused)
    assert house.all(CaseNote) == []


def has_died(house: House) -> Row:
    house.maria.deceased_at = house.now
    return house.maria


def has_no_number(house: House) -> Row:
    house.maria.phone = None
    return house.maria


def withdrew(house: House) -> Row:
    given = {"clinic_id": house.riverside.id, "patient_id": house.maria.id}
    return Consent(**given, status="revoked", recorded_at=house.now, received_at=house.now, actor="source", how="told")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (has_died, "The patient has died. No text can be sent."),
        (has_no_number, "There is no number that can be texted. You can call."),
        (withdrew, "The patient withdrew consent to texts. You can call."),
    ],
)
def test_who_must_not_be_texted_is_not(house: House, case: UUID, change: Callable[[House], Row], words: str) -> None:
    with transaction(house.database) as db:
        db.merge(change(house))

    assert reply(house, case, "How are you?") == Refused(words)


def test_stop_and_an_unknown_number_stop_staff_as_well(house: House) -> None:
    of_tom = text_from(house, house.tom, "leave me alone")
    of_stranger = text_from(house, STRANGERS_PHONE, "who is this?")

    assert reply(house, of_tom, "Sorry") == Refused("This number sent STOP. You can call.")
    assert isinstance(reply(house, of_stranger, "Riverside Clinic"), Refused)
    assert house.all(Message, purpose="staff") == []


# How it ends --------------------------------------------------------------------------------------------


def test_closing_twice_makes_one_closure(house: House, case: UUID) -> None:
    assert close(house, case, house.ana, text=" slept well ") is None
    assert close(house, case, house.ana, text=" slept well ") is None

    (closure,) = house.all(CaseClosure)
    assert (closure.outcome, closure.text, closure.staff_id) == ("called", "slept well", house.ana.id)
    assert actions(house) == ["case.closed"]


def test_of_two_who_close_at_once_the_second_is_told_what_stands(house: House, case: UUID) -> None:
    said = at_once(
        lambda: close(house, case, house.ana, "called"), lambda: close(house, case, house.ben, "no action needed")
    )

    (closure,) = house.all(CaseClosure)
    name = "Ana Ruiz" if closure.staff_id == house.ana.id else "Ben Cole"
    (refused,) = [one for one in said if one]
    assert refused.words.startswith(f"{name} closed this meanwhile: ")


@pytest.mark.parametrize("outcome", ["", "whatever", "reached / safe plan"])
def test_a_case_ends_only_in_a_way_that_its_level_knows(house: House, case: UUID, outcome: str) -> None:
    assert close(house, case, house.ana, outcome) == Refused("Choose what happened. Nothing was closed.")
    assert house.all(CaseClosure) == []


def test_what_came_in_since_the_page_was_shown_is_not_closed_unread(house: House, case: UUID) -> None:
    seen_at = find_case(house, case).changed_at
    text_from(house, house.maria, "I feel worse", ago=timedelta(minutes=1))

    refused = close(house, case, house.ana, seen_at=seen_at)

    assert refused == Refused("Something new came in meanwhile. Nothing was closed: read it first.")
    assert close(house, case, house.ana) is None


def test_an_urgent_case_is_closed_by_whoever_has_it(house: House) -> None:
    case = text_from(house, house.maria, "I want to die", level="urgent")
    outcome = "reached / safe plan"

    assert close(house, case, house.ana, outcome) == Refused("Nobody has picked this up. Pick it up, then close it.")
    take(house, case, house.ben)
    assert close(house, case, house.ana, outcome) == Refused("Ben Cole is handling this. Nothing was closed.")
    assert close(house, case, house.ben, outcome) is None


def test_a_new_reply_takes_an_urgent_case_from_whoever_had_it(house: House) -> None:
    case = text_from(house, house.maria, "I want to die", level="urgent", ago=timedelta(minutes=9))
    take(house, case, house.ana)

    text_from(house, house.maria, "ok", level="routine", ago=timedelta(minutes=5))
    assert holder_of(house, case) == "Ana Ruiz"

    text_from(house, house.maria, "nobody calls", ago=timedelta(minutes=2))
    assert holder_of(house, case) is None
    assert find_case(house, case).level == "urgent"


# Routine replies, put away ------------------------------------------------------------------------------


def review(house: House, person: Staff, *ids: UUID, seen_at: datetime | None = None) -> int:
    seen = {id_: seen_at or find_case(house, id_).changed_at for id_ in ids}
    return work_case.mark_reviewed(
        house.database, clinic_id=person.clinic_id, seen=seen, staff_id=person.id, now=house.now
    )


def test_routine_replies_are_put_away_together_and_once(house: House) -> None:
    mine = [text_from(house, who, "7", level="routine") for who in (house.maria, house.tom)]

    assert review(house, house.ana, *mine) == 2
    assert review(house, house.ana, *mine) == 0
    assert {closure.outcome for closure in house.all(CaseClosure)} == {"reviewed"}


def test_what_is_not_routine_or_new_or_somebodys_or_elsewhere_is_not_put_away(house: House) -> None:
    concern = text_from(house, STRANGERS_PHONE, "who is this?")
    routine = text_from(house, house.maria, "7", level="routine")
    of_ben = text_from(house, house.tom, "8", level="routine")
    take(house, of_ben, house.ben)

    assert review(house, house.ana, concern, of_ben) == 0
    assert review(house, house.ana, routine, seen_at=datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert review(house, house.sam, routine) == 0
    assert review(house, house.ben, of_ben) == 1


def test_another_clinics_case_does_not_exist(house: House, case: UUID) -> None:
    for act in (take, put_back, close):
        with pytest.raises(NoSuchCase):
            act(house, case, house.sam)
    assert house.all(CaseAssignment) + house.all(CaseClosure) == []


def test_the_audit_holds_ids_and_no_words(house: House, case: UUID) -> None:
    note(house, case, "She sounded calm")
    reply(house, case, "We call you at 11.")
    close(house, case, house.ana, text="Slept well")

    held = " ".join(f"{entry.subject} {entry.actor} {entry.details}" for entry in house.all(AuditEntry))
    assert str(house.ana.id) in held
    for words in ("calm", "call you", "Slept", "Ana", "Maria", Patient.__name__):
        assert words not in held
