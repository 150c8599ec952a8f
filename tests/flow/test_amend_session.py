"""A session's facts are corrected: what has not left follows, what has left stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.carriers.carrier import Cause
from followup.carriers.pretend import Accept
from followup.flow.accept_event import Answer
from followup.schedule_files import Schedules
from followup.store.database import Database
from followup.store.tables import CareSession, Event, Message, Plan
from tests.flow.stories import ENDED_AT, NOW, Story, cancelled, completed, consent, event, riverside
from tests.flow.written import step, written

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHECK_IN, WEEK, FIRST, LAST, UPKEEP = "check-in", "a week later", "after the first", "after the last", "upkeep"
INFUSION = written(
    "infusion",
    step(CHECK_IN, after_end="4h", use_by="8h", gives_way=False),
    step(WEEK, days_after=7, at="10:00", use_by="8h"),
    step(FIRST, days_after=2, at="10:00", use_by="8h", session="first"),
    step(LAST, days_after=3, at="10:00", use_by="8h", session="last"),
    step(UPKEEP, days_after=4, at="10:00", use_by="8h", phase="maintenance"),
    step("for those of the muscle", days_after=5, at="10:00", use_by="8h", for_kinds=["ketamine-im"]),
    kinds=("ketamine-iv", "ketamine-im"),
)
THERAPY = written(
    "therapy",
    step(CHECK_IN, "How was it?", after_end="5h", use_by="8h", gives_way=False),
    step("integration", days_after=1, at="10:00", use_by="8h"),
    kinds=("kap",),
)


@pytest.fixture
def story(sqlite: Database) -> Story:
    return riverside(sqlite, schedules=Schedules([INFUSION, THERAPY]))


def over(story: Story, **more: Any) -> Answer:
    """The second of six is over, as it was first told."""
    told = completed(**more)
    told["data"]["session"] |= {"number": 2, "series_length": 6}
    return story.tell(told)


def amend(story: Story, **session: Any) -> Answer:
    return story.tell(event("session.amended", at=story.now, session={"id": "s-1", **session}))


def due(story: Story) -> dict[str, datetime]:
    """{step: when} of what is planned."""
    planned = [m for m in story.all(Message) if m.status == "planned"]
    found = {m.step: m.due_at for m in planned}
    assert len(found) == len(planned), "a step is planned twice"
    return found


USUAL = {CHECK_IN: ENDED_AT + 4 * HOUR, WEEK: ENDED_AT + 7 * DAY}


# The end -------------------------------------------------------------------------------------------------


def test_an_amended_end_moves_what_has_not_left(story: Story) -> None:
    over(story)
    story.now = NOW + MINUTE

    answer = amend(story, ended_at=(ENDED_AT - HOUR).isoformat())

    assert (answer.status, answer.scheduled) == ("accepted", 2)
    assert due(story) == USUAL | {CHECK_IN: ENDED_AT + 3 * HOUR}


def test_what_has_left_stays_as_it_left(story: Story) -> None:
    over(story)
    story.send(at=ENDED_AT + 4 * HOUR)
    left = story.message(CHECK_IN)

    amend(story, ended_at=(ENDED_AT - 2 * HOUR).isoformat())
    story.send()

    assert story.message(CHECK_IN) == left
    assert len(story.texts()) == 1


@pytest.mark.parametrize("days", [4, 6], ids=["too late to plan anew", "a day before the last text"])
def test_a_chart_that_is_closed_days_later_still_corrects_what_is_ahead(story: Story, days: int) -> None:
    over(story)
    story.send(at=ENDED_AT + 4 * HOUR)
    story.now = ENDED_AT + days * DAY

    amend(story, ended_at=(ENDED_AT + DAY).isoformat(), number=3)

    assert story.one(CareSession).number == 3
    assert due(story) == {WEEK: ENDED_AT + 8 * DAY}


def test_an_end_that_was_longer_ago_than_anybody_would_plan_ends_what_is_too_late(story: Story) -> None:
    over(story)
    story.now = NOW + MINUTE

    answer = amend(story, ended_at=(ENDED_AT - 4 * DAY).isoformat())

    assert answer.status == "accepted"
    assert due(story) == {WEEK: ENDED_AT + 3 * DAY}


def test_the_end_may_be_amended_to_the_guess_that_was_made(story: Story) -> None:
    over(story, ended_at=None)
    assert story.one(CareSession).end_estimated

    amend(story, ended_at=NOW.isoformat())

    assert not story.one(CareSession).end_estimated
    assert due(story)[CHECK_IN] == NOW + 4 * HOUR


# Number, phase, series -----------------------------------------------------------------------------------

WHICH = [
    pytest.param({"number": 1}, {FIRST}, id="it was the first"),
    pytest.param({"number": 6}, {LAST}, id="it was the last of six"),
    pytest.param({"series_length": 2}, {LAST}, id="there were only two"),
    pytest.param({"number": 7}, {UPKEEP}, id="it came after the series"),
    pytest.param({"phase": "maintenance"}, {UPKEEP}, id="maintenance, they say"),
    pytest.param({"kind": "ketamine-im"}, {"for those of the muscle"}, id="the other kind of one schedule"),
]


@pytest.mark.parametrize(("changes", "more"), WHICH)
def test_which_session_it_was_decides_what_comes(story: Story, changes: dict[str, Any], more: set[str]) -> None:
    over(story)
    assert due(story) == USUAL
    story.now = NOW + MINUTE

    amend(story, **changes)

    assert set(due(story)) == {*USUAL, *more}


@pytest.mark.parametrize(("changes", "more"), WHICH)
def test_what_was_amended_back_leaves_nothing_behind(story: Story, changes: dict[str, Any], more: set[str]) -> None:
    assert more
    over(story)
    before = due(story)
    for minutes, facts in enumerate([changes, {"number": 2, "series_length": 6, "phase": None, "kind": "ketamine-iv"}]):
        story.now = NOW + (minutes + 1) * MINUTE
        amend(story, **facts)

    assert due(story) == before
    assert len(story.all(Plan)) == 1


@pytest.mark.parametrize(("before", "more"), [(0, {FIRST}), (1, set[str]()), (5, {LAST}), (6, {UPKEEP})])
def test_sessions_that_nobody_numbered_are_counted(story: Story, before: int, more: set[str]) -> None:
    for number in range(before + 1):
        told = completed(session=f"s-{number}", ended_at=ENDED_AT - (before - number) * HOUR)
        told["data"]["session"] |= {"number": None, "series_length": 6}
        story.tell(told)

    assert set(due(story)) == {*USUAL, *more}


def test_a_null_clears_the_phase_and_an_absent_one_does_not(story: Story) -> None:
    over(story)
    for minutes, facts in enumerate([{"phase": "maintenance"}, {}, {"phase": None}]):
        story.now = NOW + (minutes + 1) * MINUTE
        amend(story, **facts)
        assert (UPKEEP in due(story)) is (minutes < 2)


def test_an_older_amendment_changes_nothing(story: Story) -> None:
    over(story)
    story.now = NOW + HOUR
    amend(story, number=7)

    stale = event("session.amended", at=NOW + MINUTE, session={"id": "s-1", "number": 1})
    answer = story.tell(stale)

    assert (answer.status, (answer.reason or "").split(":")[0]) == ("ignored", "stale")
    assert set(due(story)) == {*USUAL, UPKEEP}


def test_the_same_amendment_again_changes_nothing(story: Story) -> None:
    over(story)
    amend(story, number=7)
    before = story.all(Message)

    for _ in range(2):
        amend(story, number=7)

    assert story.all(Message) == before


def test_an_amendment_of_a_session_that_nobody_told_of_plans_it(story: Story) -> None:
    facts = {"id": "s-9", "kind": "kap", "ended_at": ENDED_AT.isoformat()}

    answer = story.tell(event("session.amended", session=facts, patient={"phone": "(212) 555-0142"}))

    assert (answer.status, answer.scheduled) == ("accepted", 2)


def test_an_older_amendment_does_not_revive_a_cancelled_session(story: Story) -> None:
    over(story)
    story.tell(cancelled(at=NOW + HOUR))

    story.tell(event("session.amended", at=NOW + MINUTE, session={"id": "s-1", "number": 3}))

    assert due(story) == {}


# The kind ------------------------------------------------------------------------------------------------

THERAPYS = {CHECK_IN: ENDED_AT + 5 * HOUR, "integration": ENDED_AT + DAY}


def test_another_kind_brings_the_texts_of_its_own_schedule(story: Story) -> None:
    over(story)
    story.now = NOW + MINUTE

    answer = amend(story, kind="kap")

    assert (answer.status, answer.scheduled) == ("accepted", 2)
    assert due(story) == THERAPYS
    assert story.message(WEEK).reason == "the session's kind was corrected: it has another schedule"
    story.send(at=ENDED_AT + 5 * HOUR)
    assert story.texts() == ["How was it? Reply STOP to end texts."]


def test_a_text_of_the_same_name_that_left_is_not_sent_again(story: Story) -> None:
    over(story)
    story.send(at=ENDED_AT + 4 * HOUR)

    amend(story, kind="kap")
    story.send(at=ENDED_AT + 5 * HOUR)

    assert due(story) == {"integration": ENDED_AT + DAY}
    assert len(story.texts()) == 1


def test_another_kind_while_a_text_is_to_be_delivered_once_more_is_worked(story: Story) -> None:
    over(story)
    story.carrier.behave(Accept(("undelivered",), 30003, Cause.TRANSIENT))
    story.send(at=ENDED_AT + 4 * HOUR)
    story.report()
    assert due(story)[CHECK_IN] == ENDED_AT + 4 * HOUR + 15 * MINUTE

    assert amend(story, kind="kap").status == "accepted"
    story.send(at=ENDED_AT + 5 * HOUR)

    assert due(story) == {"integration": ENDED_AT + DAY}
    assert [m.status for m in story.all(Message, step=CHECK_IN)] == ["undelivered", "cancelled"]


def test_a_kind_that_was_right_after_all_brings_its_texts_back(story: Story) -> None:
    over(story)
    for minutes, kind in enumerate(["kap", "ketamine-iv"]):
        story.now = NOW + (minutes + 1) * MINUTE
        amend(story, kind=kind)

    assert due(story) == USUAL


def test_another_kind_after_a_text_expired_is_worked(story: Story) -> None:
    over(story)
    amend(story, number=1)
    story.switch_off(clinic=None)
    story.send(at=ENDED_AT + 2 * DAY + 9 * HOUR)
    assert story.message(FIRST).status == "expired"

    answer = amend(story, kind="kap", ended_at=(ENDED_AT + 2 * DAY).isoformat())

    assert (answer.status, answer.reason) == ("accepted", None)
    assert due(story) == {CHECK_IN: story.now, "integration": ENDED_AT + 3 * DAY}


def test_another_kind_while_consent_is_withdrawn_waits_for_it_with_its_own_texts(story: Story) -> None:
    over(story)
    story.tell(consent("revoked", at=NOW))
    story.now = NOW + MINUTE

    assert amend(story, kind="kap").status == "accepted"
    assert due(story) == {}
    story.now = NOW + 2 * MINUTE
    story.tell(consent("granted", at=story.now))

    assert due(story) == THERAPYS
    story.send(at=ENDED_AT + 5 * HOUR)
    assert [m.status for m in story.all(Message) if m.status == "failed"] == []


def test_another_kind_after_the_patients_stop_brings_back_only_its_own_texts(story: Story) -> None:
    over(story)
    story.hear("STOP")
    story.now = NOW + MINUTE
    amend(story, kind="kap")

    story.hear("START")

    assert set(due(story)) <= set(THERAPYS)
    story.send(at=ENDED_AT + 5 * HOUR)
    assert [m.reason for m in story.all(Message) if m.status == "failed"] == []


def test_another_end_and_another_kind_in_one_word(story: Story) -> None:
    over(story)
    story.now = NOW + MINUTE

    amend(story, kind="kap", ended_at=(ENDED_AT - HOUR).isoformat())

    assert due(story) == {CHECK_IN: ENDED_AT + 4 * HOUR, "integration": ENDED_AT + DAY}


def test_a_kind_that_nobody_knows_is_left_to_a_person_and_the_plan_goes_on(story: Story) -> None:
    """A word that nobody understands takes nothing from the patient."""
    over(story)
    story.now = NOW + MINUTE

    answer = amend(story, kind="dental")

    assert (answer.status, (answer.reason or "").split(":")[0]) == ("quarantined", "unmapped_kind")
    assert due(story) == USUAL
    assert story.one(Event, status="quarantined").reason == answer.reason
