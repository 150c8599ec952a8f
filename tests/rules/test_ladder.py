"""Who is rung when: the minutes, the refusals that climb sooner, and what an outage leaves over."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.rules.ladder import (
    LIMITS,
    Begin,
    Climb,
    Due,
    Outcome,
    Paged,
    Person,
    Rota,
    Terms,
    Waiting,
    begins,
    due_rungs,
    reminder_due,
    why_unfit,
)
from followup.rules.staffed import StaffedHours, staffed_time

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
ANA, BEN, CARL, DORA = uuid4(), uuid4(), uuid4(), uuid4()
NAMES = {ANA: "Ana", BEN: "Ben", CARL: "Carl", DORA: "Dora"}
WAYS = frozenset({"text", "voice"})
PEOPLE = {id_: Person(id_, WAYS) for id_ in NAMES}
ROTA = Rota(on_call=[PEOPLE[ANA], PEOPLE[BEN]], everybody=list(PEOPLE.values()), director=PEOPLE[DORA])
NOBODY = Rota((), (), None)
TERMS = Terms()
HOURS = StaffedHours(ZoneInfo("America/New_York"))
TWO_WAYS = {"text", "voice"}


def ask(climb: Climb, minutes: float, rota: Rota = ROTA, terms: Terms = TERMS) -> Due:
    return due_rungs(climb, rota, terms, now=START + minutes * MINUTE)


def after(climb: Climb, due: Due, minutes: float, outcome: Outcome = "accepted") -> Climb:
    """As it stands once these pages were made."""
    made = [Paged(rung.number, START + minutes * MINUTE, outcome) for rung in due.rungs]
    return replace(climb, pages=[*climb.pages, *made])


def whom(due: Due) -> dict[str, set[str]]:
    """{name: ways}."""
    found: dict[str, set[str]] = {}
    for rung in due.rungs:
        found.setdefault(NAMES[rung.to], set()).add(rung.way)
    return found


def play(climb: Climb, until: float, rota: Rota = ROTA, *, step: float = 0.5) -> list[tuple[float, int, set[str]]]:
    """(minute, rung, who) of everything that rings while nobody answers."""
    rung, minute = [], 0.0
    while minute <= until:
        due = ask(climb, minute, rota)
        if due.rungs:
            rung.append((minute, due.rungs[0].number, set(whom(due))))
            climb = after(climb, due, minute)
        minute += step
    return rung


# Nobody answers -----------------------------------------------------------------------------------------


def test_while_nobody_answers_it_climbs_to_the_director_and_goes_on_ringing() -> None:
    everybody = {"Ana", "Ben", "Carl", "Dora"}

    assert play(Climb(START), 45) == [
        (0, 0, {"Ana"}),
        (5, 1, {"Ana", "Ben"}),
        (10, 2, everybody),
        (15, 3, {"Dora"}),
        (25, 4, everybody),
        (35, 5, everybody),
        (45, 6, everybody),
    ]


def test_the_person_on_call_is_paged_two_ways_and_the_director_by_voice() -> None:
    assert whom(ask(Climb(START), 0)) == {"Ana": TWO_WAYS}
    climb = Climb(START, [Paged(2, START + 10 * MINUTE, "accepted")])
    assert whom(ask(climb, 15)) == {"Dora": {"voice"}}


@pytest.mark.parametrize(
    ("ways", "used"),
    [
        ({"text", "voice", "email"}, {"text", "voice"}),
        ({"text", "email"}, {"text", "email"}),
        ({"text"}, {"text"}),
        ({"email"}, {"email"}),
    ],
)
def test_where_one_way_cannot_be_mail_takes_its_place(ways: set, used: set) -> None:
    person = Person(ANA, frozenset(ways))

    assert whom(ask(Climb(START), 0, Rota([person], [person], None))) == {"Ana": used}


def test_it_says_when_to_look_next() -> None:
    climb = Climb(START)
    due = ask(climb, 0)
    assert due.look_at == START + 5 * MINUTE
    climb = after(climb, due, 0)
    assert ask(climb, 3).look_at == START + 5 * MINUTE
    climb = replace(climb, pages=[*climb.pages, Paged(3, START + 16 * MINUTE, "accepted")])
    assert ask(climb, 20).look_at == START + 26 * MINUTE


def test_what_is_over_never_rings_again() -> None:
    assert ask(Climb(START, is_over=True), 60) == Due((), None)


def test_asked_twice_in_one_moment_it_rings_once() -> None:
    climb = Climb(START)
    climb = after(climb, ask(climb, 0), 0)

    assert ask(climb, 0).rungs == ()


# Refused ------------------------------------------------------------------------------------------------


def test_a_page_that_was_refused_climbs_at_once() -> None:
    climb = Climb(START, [Paged(0, START, "refused"), Paged(0, START, "accepted")])

    assert whom(ask(climb, 0.1)) == {"Ana": TWO_WAYS, "Ben": TWO_WAYS}


def test_refusals_climb_to_the_director_and_from_there_the_minutes_count() -> None:
    climb, numbers = Climb(START), []
    for second in range(30):
        due = ask(climb, second / 60)
        climb = after(climb, due, second / 60, "refused")
        numbers += [rung.number for rung in due.rungs[:1]]

    assert numbers == [0, 1, 2, 3]
    assert whom(ask(climb, 11)).keys() == set(NAMES.values())


def test_what_nobody_knows_climbs_only_where_nothing_else_is_on_its_way() -> None:
    unknown, waiting = Paged(0, START, "unknown"), Paged(0, START, "waiting")

    assert ask(Climb(START, [unknown, unknown]), 0.1).rungs
    assert not ask(Climb(START, [unknown, waiting]), 0.1).rungs
    assert not ask(Climb(START, [unknown, Paged(0, START, "accepted")]), 0.1).rungs


# Nobody there -------------------------------------------------------------------------------------------


def test_with_nobody_on_the_rota_everybody_is_rung_at_once() -> None:
    rota = replace(ROTA, on_call=())

    due = ask(Climb(START), 0, rota)

    assert whom(due).keys() == set(NAMES.values())
    assert due.rungs[0].number == 2


def test_where_nobody_can_be_rung_it_looks_again_every_minute() -> None:
    assert ask(Climb(START), 0, NOBODY) == Due((), START + MINUTE)
    assert ask(Climb(START), 600, NOBODY) == Due((), START + 601 * MINUTE)


def test_without_a_director_everybody_is_rung_on() -> None:
    rota = replace(ROTA, director=None)

    assert [(minute, number, len(who)) for minute, number, who in play(Climb(START), 35, rota)] == [
        (0, 0, 1),
        (5, 1, 2),
        (10, 2, 4),
        (15, 3, 4),
        (25, 4, 4),
        (35, 5, 4),
    ]


# Shift change and restart -------------------------------------------------------------------------------


def test_after_a_change_of_shift_new_rungs_go_to_whoever_is_on_call_then() -> None:
    climb = Climb(START)
    climb = after(climb, ask(climb, 0), 0)

    later = replace(ROTA, on_call=[PEOPLE[CARL], PEOPLE[BEN]])

    assert whom(ask(climb, 5, later)).keys() == {"Carl", "Ben"}


@pytest.mark.parametrize(
    ("minutes", "number", "names"),
    [
        (3, 0, {"Ana"}),
        (7, 1, {"Ana", "Ben"}),
        (12, 2, {"Ana", "Ben", "Carl", "Dora"}),
        (16, 3, {"Ana", "Ben", "Carl", "Dora"}),
        (300, 3, {"Ana", "Ben", "Carl", "Dora"}),
    ],
)
def test_what_fell_due_during_an_outage_is_rung_once(minutes: float, number: int, names: set[str]) -> None:
    climb = Climb(START)

    due = ask(climb, minutes)

    assert (due.rungs[0].number, set(whom(due))) == (number, names)
    assert len({(rung.to, rung.way) for rung in due.rungs}) == len(due.rungs)
    assert not ask(after(climb, due, minutes), minutes).rungs


@given(st.lists(st.tuples(st.floats(0, 120), st.sampled_from(["accepted", "refused", "unknown", "waiting"]))))
def test_however_it_goes_nobody_is_rung_twice_on_one_rung_and_nothing_is_skipped_for_long(asked: list) -> None:
    climb, made = Climb(START), set[tuple[int, UUID, str]]()
    for minute, outcome in sorted(asked):
        due = ask(climb, minute)
        rung = {(rung.number, rung.to, rung.way) for rung in due.rungs}
        assert len(rung) == len(due.rungs)
        assert not rung & made
        made |= rung
        climb = after(climb, due, minute, outcome)
        newest = max(page.at for page in climb.pages)
        assert START + minute * MINUTE - newest < 10 * MINUTE


# Whether it rings ---------------------------------------------------------------------------------------

URGENT = Waiting("urgent", START, is_held=False)
CONCERN = Waiting("concern", START, is_held=False)


def begin(waiting: Waiting, minutes: float) -> Begin | None:
    return begins(waiting, TERMS, HOURS, now=START + minutes * MINUTE)


def test_an_urgent_case_that_nobody_has_is_rung_for_from_the_moment_it_waits() -> None:
    assert begin(URGENT, 0) == Begin(START, "urgent")
    assert begin(URGENT, 30) == Begin(START, "urgent")


def test_in_a_talk_whoever_has_it_gets_the_first_minutes() -> None:
    talk = replace(URGENT, is_in_talk=True)

    assert begin(talk, 4.9) is None
    assert begin(talk, 5) == Begin(START + 5 * MINUTE, "urgent")


def test_taken_and_not_closed_it_rings_again_after_45_minutes() -> None:
    taken = replace(URGENT, is_held=True, taken_at=START)

    assert begin(taken, 44) is None
    assert begin(taken, 45) == Begin(START + 45 * MINUTE, "not closed")


@pytest.mark.parametrize(
    ("taken", "reminded", "minutes", "is_due"),
    [(0, None, 29, False), (0, None, 30, True), (0, 30, 44, False), (40, 30, 69, False), (40, 30, 70, True)],
)
def test_whoever_took_it_is_reminded_once(taken: int, reminded: int | None, minutes: int, is_due: bool) -> None:
    reminded_at = None if reminded is None else START + reminded * MINUTE

    assert reminder_due(START + taken * MINUTE, reminded_at, TERMS, now=START + minutes * MINUTE) is is_due


def test_a_concern_that_nobody_looked_at_within_twice_its_time_is_rung_for() -> None:
    assert begin(CONCERN, 119) is None
    assert begin(CONCERN, 120) == Begin(START + 120 * MINUTE, "nobody looked")
    assert begin(replace(CONCERN, is_held=True), 300) is None
    assert begin(replace(CONCERN, is_looked_at=True), 300) is None
    assert begin(replace(CONCERN, level="routine"), 3000) is None


def test_a_concern_of_the_night_waits_for_the_staffed_hours() -> None:
    night = replace(CONCERN, waits_since=datetime(2026, 11, 25, 4, 0, tzinfo=UTC))
    opens = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)

    assert begins(night, TERMS, HOURS, now=opens + 119 * MINUTE) is None
    assert begins(night, TERMS, HOURS, now=opens + 120 * MINUTE)


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [(time(9), time(20), 11), (time(8), time(18), 10), (time(13), time(14), 1)],
)
def test_staffed_time_is_counted_on_the_clinics_clock(opens: time, closes: time, hours: int) -> None:
    clinic = StaffedHours(ZoneInfo("America/New_York"), opens, closes)

    assert staffed_time(START, START + timedelta(days=1), clinic) == timedelta(hours=hours)
    assert staffed_time(START, START, clinic) == timedelta(0)


def test_a_day_on_which_the_clinic_is_closed_is_not_staffed() -> None:
    weekdays = StaffedHours(ZoneInfo("America/New_York"), closed_weekdays=frozenset({5, 6}))
    friday_night = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)

    assert staffed_time(friday_night, friday_night + timedelta(days=3), weekdays) == timedelta(hours=11)


def test_an_hour_that_the_clocks_leave_out_is_not_staffed() -> None:
    clinic = StaffedHours(ZoneInfo("America/New_York"), time(0), time(4))
    sunday = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)

    assert staffed_time(sunday, sunday + timedelta(hours=12), clinic) == timedelta(hours=3)


# What a clinic may set ----------------------------------------------------------------------------------


def test_the_defaults_are_allowed() -> None:
    assert why_unfit(Terms()) is None


@pytest.mark.parametrize("name", LIMITS)
def test_no_minute_can_be_set_beyond_its_limits(name: str) -> None:
    least, most = LIMITS[name]

    for minutes in (0, least - 1, most + 1, 10_000):
        assert f"from {least} to {most} minutes" in (why_unfit(replace(TERMS, **{name: minutes * MINUTE})) or "")


def test_the_director_is_not_rung_before_everybody() -> None:
    words = why_unfit(replace(TERMS, everybody_after=15 * MINUTE, director_after=15 * MINUTE))

    assert words == "The medical director must come after everybody."
