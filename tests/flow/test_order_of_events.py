"""Record systems repeat themselves and do not keep the order. What is so in the end does not depend on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followup.store.database import Database
from followup.store.tables import CareSession, Consent, Message, Patient
from tests.databases import empty
from tests.flow.stories import CHECK_IN, MAINTENANCE, MOOD, NOW, Story, cancelled, completed, consent, died, riverside

STEPS = {CHECK_IN, MOOD, MAINTENANCE}


@dataclass(frozen=True)
class Said:
    """One event of this kind, about what was so at that minute."""

    what: str
    minute: int


@dataclass(frozen=True)
class State:
    """What anybody can see in the end."""

    session: str
    consent: str | None
    dead: bool
    planned: frozenset[str]
    suppressed: frozenset[str] | None
    """None where it does not matter whether a text that will never leave was cancelled or suppressed."""


def expected(said: list[Said]) -> State:
    """The newest word about the session, the newest word about consent; ties go to safety, and death is for ever."""
    about_session = [each for each in said if each.what in {"completed", "cancelled"}]
    newest = max(about_session, key=lambda each: (each.minute, each.what == "cancelled"), default=None)
    about_consent = [each for each in said if each.what in {"granted", "revoked"}]
    agreed = max(about_consent, key=lambda each: (each.minute, each.what == "revoked"), default=None)
    dead = any(each.what == "died" for each in said)
    holds = newest is not None and newest.what == "completed" and not dead
    withdrew = agreed is not None and agreed.what == "revoked"
    return State(
        session=newest.what if newest else "unknown",
        consent=agreed.what if agreed else None,
        dead=dead,
        planned=frozenset(STEPS if holds and not withdrew else set()),
        suppressed=frozenset(STEPS if withdrew else set()) if holds else None,
    )


_numbers = count(1)


def tell(story: Story, said: list[Said], *, versions: bool) -> State:
    """Tell it of a patient that nobody knows yet, in this order."""
    whom = f"p-{next(_numbers)}"
    makers: dict[str, Any] = {
        "completed": lambda **more: completed(session=whom, consent=None, **more),
        "cancelled": lambda **more: cancelled(session=whom, **more),
        "granted": lambda **more: consent("granted", **more),
        "revoked": lambda **more: consent("revoked", **more),
        "died": died,
    }
    ids: dict[Said, str] = {}
    for each in said:
        id_ = ids.setdefault(each, f"{whom}-{len(ids)}")
        more = {"version": each.minute} if versions and each.what in {"completed", "cancelled"} else {}
        at = NOW - timedelta(minutes=4 - each.minute)
        told = makers[each.what](id_=id_, at=at, patient={"id": whom}, **more)
        assert story.tell(told).status != "received"
    return seen(story, whom, expected(said))


def seen(story: Story, whom: str, wanted: State) -> State:
    patient = story.one(Patient, record_id=whom)
    sessions = story.all(CareSession, record_id=whom)
    agreed = sorted(story.all(Consent, patient_id=patient.id), key=lambda row: (row.recorded_at, row.status))
    messages = story.all(Message, patient_id=patient.id)
    suppressed = frozenset(m.step for m in messages if m.status == "suppressed")
    assert len({m.step for m in messages}) == len(messages)
    return State(
        session=("cancelled" if sessions[0].cancelled_at else "completed") if sessions else "unknown",
        consent=agreed[-1].status if agreed else None,
        dead=patient.deceased_at is not None,
        planned=frozenset(m.step for m in messages if m.status == "planned"),
        suppressed=suppressed if wanted.suppressed is not None else None,
    )


WORDS = st.builds(
    Said,
    st.sampled_from(["completed", "cancelled", "granted", "revoked", "died"]),
    st.integers(min_value=0, max_value=2),
)


@pytest.fixture(scope="module")
def shared(upgraded_sqlite: Database) -> Iterator[Story]:
    """Each example is another patient."""
    yield riverside(upgraded_sqlite)
    empty(upgraded_sqlite)


COMPLETED, CANCELLED, REOPENED = Said("completed", 0), Said("cancelled", 1), Said("completed", 2)


@settings(max_examples=60, deadline=None, database=None)
@given(said=st.lists(WORDS, min_size=1, max_size=5), versions=st.booleans())
@example(said=[COMPLETED, CANCELLED, REOPENED], versions=False)
@example(said=[CANCELLED, REOPENED, COMPLETED], versions=True)
@example(said=[REOPENED, CANCELLED, COMPLETED, COMPLETED], versions=False)
@example(said=[COMPLETED, Said("revoked", 1), CANCELLED, Said("granted", 2), REOPENED], versions=False)
@example(said=[COMPLETED, Said("granted", 2), Said("revoked", 1), Said("granted", 2)], versions=False)
@example(said=[COMPLETED, Said("revoked", 1), Said("granted", 2)], versions=False)
@example(said=[Said("revoked", 1), COMPLETED], versions=False)
@example(said=[COMPLETED, CANCELLED, Said("died", 0), REOPENED], versions=False)
def test_what_is_so_in_the_end_does_not_depend_on_the_order_in_which_it_was_told(
    shared: Story, said: list[Said], versions: bool
) -> None:
    assert tell(shared, said, versions=versions) == expected(said)
