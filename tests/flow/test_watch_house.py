"""The ladder is tried every day, and silence is an alarm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from followup.flow.note_run import note_run
from followup.flow.watch_house import watch_house
from followup.store.database import Database
from followup.store.tables import LadderTerms, Page
from tests.flow.paging import PAGING, Ladder, pager, shift, with_ladder
from tests.flow.stories import NOW, hillside, staff_row

HOUR = timedelta(hours=1)
AT_TEN = NOW - timedelta(minutes=5)
"""10:00 in New York, when the test page leaves."""


@pytest.fixture
def ladder(database: Database) -> Ladder:
    made = with_ladder(database)
    for name in ("read", "send", "page"):
        note_run(database=database, name=name, good=True, now=NOW + 10 * HOUR)
    return made


def watch(ladder: Ladder, at=NOW, *, since=NOW) -> list[tuple[str, str, str]]:
    """(kind, way, text) of what was made so far."""
    watch_house(database=ladder.database, paging=ladder.paging, since=since, now=at)
    return [(page.kind, page.way, page.text) for page in ladder.story.all(Page)]


def test_a_test_page_leaves_once_a_day_at_the_clinics_hour_to_whoever_is_on_call(ladder: Ladder) -> None:
    assert watch(ladder, AT_TEN - timedelta(minutes=1)) == []

    for minutes in range(0, 180, 5):
        made = watch(ladder, AT_TEN + timedelta(minutes=minutes))

    assert made == [
        ("test", "text", "Test page of Riverside Clinic, nothing to do. https://aftercare.example.org/rota")
    ]
    ladder.tick(AT_TEN + HOUR)
    assert len(ladder.texts("Ana")) == 1
    tomorrow = AT_TEN + timedelta(days=1)
    assert len(watch(ladder, tomorrow, since=tomorrow)) == 2


def test_the_hour_is_the_clinics_to_set(ladder: Ladder) -> None:
    terms = ladder.story.one(LadderTerms)
    terms.test_at_local = "13:30"
    ladder.story.keep(terms)

    assert watch(ladder, AT_TEN) == []
    assert watch(ladder, AT_TEN + 3.5 * HOUR)


def test_a_clinic_that_has_not_set_its_ladder_gets_no_test_page(ladder: Ladder) -> None:
    sam = staff_row(hillside(ladder.story), "Sam Hill")
    ladder.story.keep(sam)
    ladder.story.keep(pager(sam, phone="+12125550777"), shift(sam))

    watch(ladder, AT_TEN)

    assert {page.staff_id for page in ladder.story.all(Page)} == {ladder.staff["Ana"].id}


def test_questions_without_any_answer_page_the_admins_once_a_day(ladder: Ladder) -> None:
    ladder.paging = replace(PAGING, silence=HOUR)
    asked = NOW - HOUR
    ladder.story.step_text(
        ladder.maria, status="delivered", prompt="mood", handed_over_at=asked, text="?", due_at=asked, wake_at=asked
    )
    later = NOW + 3 * HOUR

    made = watch(ladder, later) and watch(ladder, later + timedelta(minutes=1))

    assert [(kind, way) for kind, way, _ in made] == [("alarm", "text")]
    assert "No text has come in for 1 h, although questions went out" in made[0][2]
    ladder.tick(later)
    assert len(ladder.texts("Carl")) == 1


def test_an_answer_ends_the_silence(ladder: Ladder) -> None:
    ladder.paging = replace(PAGING, silence=HOUR)
    asked = NOW - HOUR
    ladder.story.step_text(
        ladder.maria, status="delivered", prompt="mood", handed_over_at=asked, text="?", due_at=asked, wake_at=asked
    )
    ladder.story.hear("7")

    assert watch(ladder, NOW + 3 * HOUR) == []


def test_a_job_that_stopped_pages_the_admins_by_voice_as_well(ladder: Ladder) -> None:
    later = NOW + 11 * HOUR

    made = watch(ladder, later, since=NOW)

    assert {(kind, way) for kind, way, _ in made} == {("alarm", "text"), ("alarm", "voice")}
    assert "The service does not do its work: read, send, page" in made[0][2]
    ladder.reach()
    assert len(ladder.calls("Carl")) == 1


def test_two_processes_make_one_page(ladder: Ladder) -> None:
    ladder.story.keep(shift(ladder.staff["Dora"], place=9))

    assert watch(ladder, AT_TEN) == watch(ladder, AT_TEN)
