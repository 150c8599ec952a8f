"""Record systems repeat themselves and do not keep the order. What is so in the end does not depend on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from followup.store.database import Database
from followup.store.tables import CareSession, Consent, Message, Patient
from tests.databases import empty
from tests.flow.stories import (
    CHECK_IN,
    ENDED_AT,
    MAINTENANCE,
    MOOD,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    appointment,
    cancelled,
    completed,
    consent,
    died,
    riverside,
)

REMINDER = "appointment reminder"
PHONES = (PHONE, None, OTHER_PHONE)
VISITS = (ENDED_AT + timedelta(days=7), None, ENDED_AT + timedelta(days=9))
"""What was so at each minute: at the second one the number and the next appointment were cleared."""


@dataclass(frozen=True)
class Said:
    """One event of this kind, about what was so at that minute."""

    what: str
    minute: int
    phone: bool = True
    """It speaks of the number."""
    visit: bool = False
    """It speaks of the next appointment; only events about sessions do."""

    @property
    def is_about_session(self) -> bool:
        return self.what in {"completed", "cancelled"}


@dataclass(frozen=True)
class State:
    """What anybody can see in the end."""

    session: str
    consent: str | None
    dead: bool
    phone: str | None
    planned: frozenset[str]
    suppressed: frozenset[str] | None
    """None where it does not matter whether a text that will never leave was cancelled or suppressed, or never made."""
    reminded_at: datetime | None


def expected(said: list[Said]) -> State:
    """The newest word about each thing; ties go to safety, and death is for ever."""
    about_session = [each for each in said if each.is_about_session]
    newest = max(about_session, key=lambda each: (each.minute, each.what == "cancelled"), default=None)
    about_consent = [each for each in said if each.what in {"granted", "revoked"}]
    agreed = max(about_consent, key=lambda each: (each.minute, each.what == "revoked"), default=None)
    dead = any(each.what == "died" for each in said)
    phone = PHONES[max((each.minute for each in said if each.phone), default=1)]
    visit_at = VISITS[max((each.minute for each in about_session if each.visit), default=1)]
    holds = newest is not None and newest.what == "completed" and not dead and phone is not None
    withdrew = agreed is not None and agreed.what == "revoked"
    steps = frozenset({CHECK_IN, MOOD, REMINDER if visit_at else MAINTENANCE})
    alone = frozenset({REMINDER} if visit_at and phone is not None and not dead else ())
    """An appointment without a session that stands has a preparation of its own."""
    return State(
        session=newest.what if newest else "unknown",
        consent=agreed.what if agreed else None,
        dead=dead,
        phone=phone,
        planned=frozenset() if withdrew else steps if holds else alone,
        suppressed=(steps if withdrew else frozenset()) if holds else None,
        reminded_at=visit_at - timedelta(days=1) if holds and visit_at else None,
    )


_numbers = count(1)


def tell(story: Story, said: list[Said], *, versions: bool) -> State:
    """Tell it of a patient that nobody knows yet, in this order."""
    whom = f"p-{next(_numbers)}"
    makers: dict[str, Any] = {
        "completed": lambda **more: completed(session=whom, consent=None, phone=None, **more),
        "cancelled": lambda **more: cancelled(session=whom, **more),
        "granted": lambda **more: consent("granted", **more),
        "revoked": lambda **more: consent("revoked", **more),
        "died": died,
    }
    ids: dict[Said, str] = {}
    for each in said:
        id_ = ids.setdefault(each, f"{whom}-{len(ids)}")
        more: dict[str, Any] = {"version": each.minute} if versions and each.is_about_session else {}
        if each.visit and each.is_about_session:
            visit_at = VISITS[each.minute]
            more["next_appointment"] = appointment(visit_at, id_=whom) if visit_at else None
        at = NOW - timedelta(minutes=4 - each.minute)
        patient = {"id": whom} | ({"phone": PHONES[each.minute]} if each.phone else {})
        told = makers[each.what](id_=id_, at=at, patient=patient, **more)
        assert story.tell(told).status != "received"
    return seen(story, whom, expected(said))


def seen(story: Story, whom: str, wanted: State) -> State:
    patient = story.one(Patient, record_id=whom)
    sessions = story.all(CareSession, record_id=whom)
    agreed = sorted(story.all(Consent, patient_id=patient.id), key=lambda row: (row.recorded_at, row.status))
    messages = story.all(Message, patient_id=patient.id)
    suppressed = frozenset(m.step for m in messages if m.status == "suppressed")
    planned = frozenset(m.step for m in messages if m.status == "planned")
    reminders = [m.due_at for m in messages if m.step == REMINDER and m.status in {"planned", "suppressed"}]
    assert len({(m.plan_id, m.step) for m in messages}) == len(messages)
    return State(
        session=("cancelled" if sessions[0].cancelled_at else "completed") if sessions else "unknown",
        consent=agreed[-1].status if agreed else None,
        dead=patient.deceased_at is not None,
        phone=patient.phone,
        planned=planned if patient.phone else frozenset(),  # Without a number the claim ends what is planned.
        suppressed=suppressed if wanted.suppressed is not None else None,
        reminded_at=reminders[0] if reminders and wanted.suppressed is not None else None,
    )


WORDS = st.builds(
    Said,
    st.sampled_from(["completed", "cancelled", "granted", "revoked", "died"]),
    st.integers(min_value=0, max_value=2),
    phone=st.booleans(),
    visit=st.booleans(),
)


@pytest.fixture(scope="module")
def shared(upgraded_sqlite: Database) -> Iterator[Story]:
    """Each example is another patient."""
    yield riverside(upgraded_sqlite)
    empty(upgraded_sqlite)


COMPLETED, CANCELLED, REOPENED = Said("completed", 0), Said("cancelled", 1, phone=False), Said("completed", 2)
SILENT = Said("completed", 2, phone=False)
"""Newer, and it speaks neither of the number nor of an appointment."""


@settings(max_examples=100, deadline=None, database=None)
@given(said=st.lists(WORDS, min_size=1, max_size=5), versions=st.booleans())
@example(said=[COMPLETED, CANCELLED, REOPENED], versions=False)
@example(said=[CANCELLED, REOPENED, COMPLETED], versions=True)
@example(said=[REOPENED, CANCELLED, COMPLETED, COMPLETED], versions=False)
@example(said=[COMPLETED, Said("revoked", 1), CANCELLED, Said("granted", 2), REOPENED], versions=False)
@example(said=[COMPLETED, Said("granted", 2), Said("revoked", 1), Said("granted", 2)], versions=False)
@example(said=[COMPLETED, Said("revoked", 1), Said("granted", 2)], versions=False)
@example(said=[Said("revoked", 1), COMPLETED], versions=False)
@example(said=[COMPLETED, CANCELLED, Said("died", 0), REOPENED], versions=False)
@example(said=[REOPENED, Said("granted", 0)], versions=False)
@example(said=[SILENT, Said("granted", 1), Said("granted", 0)], versions=False)
@example(said=[SILENT, Said("revoked", 0)], versions=False)
@example(said=[Said("cancelled", 2, phone=False), Said("granted", 0), Said("completed", 2)], versions=False)
@example(said=[REOPENED, Said("completed", 1, False, True), Said("completed", 0, False, True)], versions=True)
@example(said=[Said("completed", 2, visit=True), Said("completed", 0, visit=True)], versions=False)
@example(said=[REOPENED, Said("revoked", 2), Said("completed", 0, visit=True)], versions=False)
@example(said=[COMPLETED, Said("completed", 2, visit=True), Said("cancelled", 1, visit=True)], versions=False)
@example(said=[Said("completed", 0, visit=True), Said("revoked", 0), Said("completed", 2, visit=True)], versions=False)
def test_what_is_so_in_the_end_does_not_depend_on_the_order_in_which_it_was_told(
    shared: Story, said: list[Said], versions: bool
) -> None:
    assert tell(shared, said, versions=versions) == expected(said)
