"""The rota, the pagers and the ladder's minutes, as an admin sets them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from followup.flow.set_rota import add_shift, remove_shift, set_pager, set_terms
from followup.flow.set_up import CannotSetUp, go_live, why_nothing_is_sent
from followup.flow.work_case import Refused
from followup.store import rota
from followup.store.database import Database
from followup.store.tables import AuditEntry, GoLive, LadderTerms, Message, Pager, Shift
from tests.flow.paging import PHONES, Ladder, with_ladder
from tests.flow.stories import CHECK_IN_AT, NOW, SCHEDULES, completed, hillside, staff_row

HOUR = timedelta(hours=1)


@pytest.fixture
def ladder(database: Database) -> Ladder:
    return with_ladder(database, on_call=())


def shift(ladder: Ladder, name: str = "Ana", *, since: float = 0, until: float = 12, place: int = 1) -> Refused | None:
    return add_shift(
        ladder.database,
        clinic_id=ladder.story.clinic.id,
        staff_id=ladder.staff[name].id if name in ladder.staff else uuid4(),
        starts_at=NOW + since * HOUR,
        ends_at=NOW + until * HOUR,
        place=place,
        by_staff_id=ladder.staff["Carl"].id,
        now=NOW,
    )


def set_phone(ladder: Ladder, phone: str, *, email: str = "", name: str = "Ana") -> Refused | None:
    return set_pager(
        ladder.database,
        clinic_id=ladder.story.clinic.id,
        staff_id=ladder.staff[name].id,
        phone=phone,
        email=email,
        takes_calls=True,
        by="test",
        now=NOW,
    )


def terms(ladder: Ladder, *, director: str | None = "Dora", test_at: str = "10:00", **minutes: int) -> Refused | None:
    return set_terms(
        ladder.database,
        clinic_id=ladder.story.clinic.id,
        director_id=ladder.staff[director].id if director else None,
        minutes=minutes,
        test_at_local=test_at,
        by="test",
        now=NOW,
    )


def on_call(ladder: Ladder, hours: float = 1) -> list[str]:
    with ladder.database.reader() as db:
        found = rota.on_call(db, ladder.story.clinic.id, at=NOW + hours * HOUR)
        return [one.name.split()[0] for one in found]


# Shifts -------------------------------------------------------------------------------------------------


def test_who_is_on_call_stands_in_the_order_in_which_they_are_rung(ladder: Ladder) -> None:
    shift(ladder, "Ana", place=2)
    shift(ladder, "Ben", place=1, until=2)
    shift(ladder, "Ben", place=3)

    assert on_call(ladder) == ["Ben", "Ana"]
    assert on_call(ladder, 3) == ["Ana", "Ben"]
    assert on_call(ladder, 12) == []


def test_the_same_shift_twice_is_one_and_a_removed_one_does_not_count(ladder: Ladder) -> None:
    shift(ladder)
    shift(ladder)
    [made] = ladder.story.all(Shift)
    by = {"clinic_id": ladder.story.clinic.id, "shift_id": made.id, "by_staff_id": ladder.staff["Carl"].id, "now": NOW}

    assert remove_shift(ladder.database, **by) and remove_shift(ladder.database, **by)

    assert on_call(ladder) == []
    assert len(ladder.story.all(AuditEntry, action="shift.removed")) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"since": 2, "until": 2}, "must end after it begins"),
        ({"since": -5, "until": -1}, "over already"),
        ({"until": 24 * 15}, "14 days long at most"),
        ({"place": 0}, "from 1"),
        ({"name": "nobody"}, "does not work"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_in_words(ladder: Ladder, given: dict, words: str) -> None:
    refused = shift(ladder, **given)

    assert refused
    assert words in refused.words
    assert ladder.story.all(Shift) == []


def test_another_clinics_shift_is_not_removed(ladder: Ladder) -> None:
    shift(ladder)
    [made] = ladder.story.all(Shift)
    there = hillside(ladder.story)

    done = remove_shift(
        ladder.database, clinic_id=there.id, shift_id=made.id, by_staff_id=ladder.staff["Carl"].id, now=NOW
    )

    assert not done
    assert on_call(ladder) == ["Ana"]


# Pagers -------------------------------------------------------------------------------------------------


def test_a_phone_is_kept_as_the_carrier_writes_it_and_may_be_taken_away(ladder: Ladder) -> None:
    assert set_phone(ladder, "(212) 555-0188", email=" ana@x.example ") is None
    [kept] = ladder.story.all(Pager, staff_id=ladder.staff["Ana"].id)
    assert (kept.phone, kept.email) == ("+12125550188", "ana@x.example")

    set_phone(ladder, "")

    assert ladder.story.all(Pager, staff_id=ladder.staff["Ana"].id)[0].phone is None


@pytest.mark.parametrize(("phone", "email"), [("12", ""), ("", "ana"), ("", "a b@x"), ("", "@")])
def test_what_is_no_number_or_address_is_refused(ladder: Ladder, phone: str, email: str) -> None:
    assert set_phone(ladder, phone, email=email)
    assert ladder.story.all(Pager, staff_id=ladder.staff["Ana"].id)[0].phone == PHONES["Ana"]


def test_nobody_of_another_clinic_is_given_a_pager(ladder: Ladder) -> None:
    sam = staff_row(hillside(ladder.story), "Sam Hill")
    ladder.story.keep(sam)
    ladder.staff["Sam"] = sam

    assert set_phone(ladder, "(212) 555-0188", name="Sam")
    assert ladder.story.all(Pager, staff_id=sam.id) == []


# The ladder ---------------------------------------------------------------------------------------------


def test_minutes_are_changed_within_their_limits_only(ladder: Ladder) -> None:
    assert terms(ladder, again_after=2) is None
    assert ladder.story.one(LadderTerms).again_after == 2

    for minutes in (0, 1, 11):
        refused = terms(ladder, again_after=minutes)
        assert refused
        assert "from 2 to 10" in refused.words
    assert ladder.story.one(LadderTerms).again_after == 2


def test_an_hour_that_is_none_and_a_director_of_elsewhere_are_refused(ladder: Ladder) -> None:
    ladder.staff["Sam"] = staff_row(hillside(ladder.story), "Sam Hill")
    ladder.story.keep(ladder.staff["Sam"])

    assert terms(ladder, test_at="25:00")
    assert terms(ladder, director="Sam")
    assert ladder.story.one(LadderTerms).director_id == ladder.staff["Dora"].id


# What stands before going live --------------------------------------------------------------------------


def live(ladder: Ladder) -> list[str]:
    return go_live(
        database=ladder.database,
        clinic=None,
        by=ladder.staff["Carl"].email,
        without_rota=False,
        carrier_is_public=True,
        schedules=SCHEDULES,
        now=NOW,
    )


def test_over_a_public_carrier_a_clinic_goes_live_once_the_ladder_reaches_somebody(ladder: Ladder) -> None:
    shift(ladder)

    missing = live(ladder)

    assert [words.split(":")[0] for words in missing] == ["clinic phone"]
    assert ladder.story.all(GoLive)


@pytest.mark.parametrize(
    ("without", "words"),
    [
        (("Ana", "Ben", "Carl"), "1 person has a phone, two must"),
        (("Dora",), "the medical director has no phone"),
        (tuple(PHONES), "no people have a phone, two must"),
    ],
)
def test_a_ladder_that_reaches_too_few_keeps_it_from_going_live(
    ladder: Ladder, without: tuple[str, ...], words: str
) -> None:
    for name in without:
        set_phone(ladder, "", name=name)

    with pytest.raises(CannotSetUp, match=words):
        live(ladder)


def test_without_a_medical_director_it_does_not_go_live(ladder: Ladder) -> None:
    terms(ladder, director=None)

    with pytest.raises(CannotSetUp, match="there is no medical director"):
        live(ladder)


def test_prompts_leave_while_somebody_is_on_the_rota_and_wait_while_nobody_is(ladder: Ladder) -> None:
    story = ladder.story
    story.rules = type(story.rules)(**{**vars(story.rules), "reaches_people": True})
    live(ladder)
    story.tell(completed(phone="+12125550143"))

    story.send(at=CHECK_IN_AT)
    assert story.message().waits_for == "nobody is on the rota"
    assert why_nothing_is_sent(story.database, reaches_people=True, sending=True, now=story.now) == [
        "riverside: prompts wait: nobody is on the rota; see go-live --without-rota"
    ]

    shift(ladder, "Ben")
    story.send(at=CHECK_IN_AT + timedelta(minutes=2))
    assert story.get(Message, story.message().id).status == "accepted"
    assert why_nothing_is_sent(story.database, reaches_people=True, sending=True, now=story.now) == []


def test_somebody_on_the_rota_without_a_phone_reads_nothing(ladder: Ladder) -> None:
    shift(ladder)
    set_phone(ladder, "", email="ana@x.example")

    with ladder.database.reader() as db:
        assert not rota.is_somebody_on_call(db, ladder.story.clinic.id, at=NOW + HOUR)
