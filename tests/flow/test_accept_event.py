"""What becomes of an event: kept, worked once, and answered with a reason where it has no effect."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from followup.ehr import native
from followup.flow.accept_event import PICK_UP_AFTER, TRIES, IdReusedError, work_waiting_events
from followup.schedule_files import Schedules
from followup.store.tables import (
    Appointment,
    AuditEntry,
    CareSession,
    Consent,
    Event,
    Message,
    Patient,
    Plan,
    ScheduleVersion,
    Source,
    metadata,
)
from tests.databases import Broken
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    ENDED_AT,
    MAINTENANCE,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    SCHEDULES,
    Story,
    appointment,
    cancelled,
    completed,
    consent,
    died,
    event,
    hillside,
    riverside,
)

LATER = NOW + timedelta(minutes=1)
EARLIER = NOW - timedelta(minutes=1)
MINUTE = timedelta(minutes=1)


def work_again(story: Story, *, after: timedelta = PICK_UP_AFTER) -> int:
    story.now += after
    return work_waiting_events(database=story.database, schedules=story.schedules, now=story.now)


def planned(story: Story) -> set[str]:
    return {step for step, status in story.statuses().items() if status == "planned"}


def rows(story: Story) -> int:
    with story.database.engine.connect() as connection:
        return sum(
            connection.exec_driver_sql(f'SELECT count(*) FROM "{table}"').scalar_one() for table in metadata.tables
        )


# Once --------------------------------------------------------------------------------------------------------


def test_a_completed_session_becomes_dated_texts(story: Story) -> None:
    answer = story.tell(completed(id_="evt-1"))

    assert (answer.status, answer.reason, list(answer.warnings)) == ("accepted", None, [])
    assert (answer.event_id, answer.session_id, answer.scheduled) == ("evt-1", "s-1", 3)
    assert answer.first_at == CHECK_IN_AT
    assert {m.step: m.due_at for m in story.all(Message)} == {
        CHECK_IN: CHECK_IN_AT,
        MOOD: MOOD_AT,
        MAINTENANCE: ENDED_AT + timedelta(days=21),
    }
    assert planned(story) == {CHECK_IN, MOOD, MAINTENANCE}


def test_the_same_event_twice_changes_nothing_and_says_duplicate(story: Story) -> None:
    story.tell(completed(id_="evt-1"))
    before = rows(story)

    again = story.tell(completed(id_="evt-1"))

    assert (again.status, again.session_id, again.scheduled) == ("duplicate", "s-1", 3)
    assert rows(story) == before


def test_key_order_and_white_space_do_not_make_another_event(story: Story) -> None:
    given = completed(id_="evt-1")
    story.tell(given)
    turned = dict(reversed(list(given.items())))

    assert story.tell(turned).status == "duplicate"


def test_the_same_id_with_another_body_is_refused(story: Story) -> None:
    story.tell(completed(id_="evt-1"))

    with pytest.raises(IdReusedError):
        story.tell(completed(id_="evt-1", session="s-2"))

    assert len(story.all(Event)) == 1


def test_the_same_id_from_two_sources_is_two_events(story: Story) -> None:
    other = Source(
        clinic_id=story.clinic.id,
        name="billing",
        kind="native",
        key_hash="b",
        sealed_signing_secret=b"",
        created_at=NOW,
    )
    story.keep(other)
    story.tell(completed(id_="evt-1"))

    answer = story.tell(completed(id_="evt-1"), source=other)

    assert answer.reason == "already_planned: this session has its plan"
    assert len(story.all(Event)) == 2


def test_ten_copies_at_once_make_one_plan(story: Story) -> None:
    together = threading.Barrier(10)

    def post(_: int) -> str:
        together.wait(timeout=10)
        return story.tell(completed(id_="evt-1")).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(post, range(10)))

    assert sorted(statuses) == ["accepted"] + ["duplicate"] * 9
    assert len(story.all(Plan)) == 1
    assert len(story.all(Message)) == 3


def test_ten_different_events_about_a_session_make_one_plan(story: Story) -> None:
    answers = [story.tell(completed(at=NOW + number * MINUTE)) for number in range(10)]

    assert {answer.status for answer in answers} == {"accepted"}
    assert [answer.reason for answer in answers] == [None] + ["already_planned: this session has its plan"] * 9
    assert len(story.all(Plan)) == 1
    assert len(story.all(Message)) == 3
    assert len(story.all(Patient)) == 1


def test_ten_different_events_at_once_make_one_plan_and_none_has_to_wait_for_its_answer(story: Story) -> None:
    together = threading.Barrier(10)

    def post(_: int) -> str:
        given = completed()
        together.wait(timeout=10)
        return story.tell(given).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(post, range(10)))

    assert statuses == ["accepted"] * 10
    assert len(story.all(Plan)) == 1
    assert len(story.all(Message)) == 3
    assert len(story.all(Patient)) == 1


def test_the_first_sessions_of_ten_patients_at_once_are_all_planned(story: Story) -> None:
    together = threading.Barrier(10)

    def post(number: int) -> str:
        given = completed(session=f"s-{number}", patient={"id": f"p-{number}"})
        together.wait(timeout=10)
        return story.tell(given).status

    with ThreadPoolExecutor(10) as pool:
        statuses = list(pool.map(post, range(10)))

    assert statuses == ["accepted"] * 10
    assert len(story.all(ScheduleVersion)) == 1
    assert len(story.all(Message)) == 30


def test_a_dry_run_answers_alike_and_keeps_nothing(story: Story) -> None:
    before = rows(story)

    dry = story.tell(completed(id_="evt-1"), dry_run=True)

    assert rows(story) == before
    assert dry == story.tell(completed(id_="evt-1"))


def test_a_dry_run_of_an_event_that_is_here_says_duplicate(story: Story) -> None:
    story.tell(completed(id_="evt-1"))
    before = rows(story)

    assert story.tell(completed(id_="evt-1"), dry_run=True).status == "duplicate"
    with pytest.raises(IdReusedError):
        story.tell(completed(id_="evt-1", phone=OTHER_PHONE), dry_run=True)
    assert rows(story) == before


def test_what_became_of_an_event_is_audited_without_words(story: Story) -> None:
    story.tell(completed())

    entry = story.one(AuditEntry)

    assert (entry.action, entry.subject) == ("event accepted", f"event:{story.one(Event).id}")
    assert "Maria" not in entry.model_dump_json()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"id": NaN}'], ids=["nothing", "half", "no UTF-8", "NaN"])
def test_what_is_no_json_is_not_kept(small_story: Story, body: bytes) -> None:
    from followup.flow.accept_event import accept_event

    story = small_story
    with pytest.raises(native.NotJson):
        accept_event(database=story.database, schedules=SCHEDULES, source=story.source, body=body, now=NOW)
    assert story.all(Event) == []


# Why an event has no effect ----------------------------------------------------------------------------------


def test_an_older_word_about_a_session_is_stale(story: Story) -> None:
    story.tell(completed())

    answer = story.tell(completed(at=EARLIER))

    assert (answer.status, answer.reason) == ("ignored", "stale: a newer word about this session is known")
    assert answer.session_id == "s-1"


def test_versions_count_more_than_clocks(story: Story) -> None:
    story.tell(completed(version=7, at=NOW))

    assert story.tell(completed(version=6, at=LATER)).reason == "stale: a newer word about this session is known"
    assert story.tell(completed(version=8, at=EARLIER)).status == "accepted"


def test_a_session_that_ended_72_hours_ago_is_too_old(story: Story) -> None:
    answer = story.tell(completed(ended_at=NOW - timedelta(hours=72, seconds=1)))

    assert (answer.status, answer.reason) == ("ignored", "too_old: the session ended more than 72 h ago")
    assert story.all(Message) == []


def test_a_session_that_ended_within_72_hours_is_planned_with_what_is_still_of_use(story: Story) -> None:
    answer = story.tell(completed(ended_at=NOW - timedelta(hours=71)))

    assert answer.status == "accepted"
    assert planned(story) == {MAINTENANCE}


def test_a_kind_that_no_schedule_is_for_stands_before_staff(story: Story) -> None:
    answer = story.tell(completed(kind="sound-bath"))

    assert (answer.status, answer.reason) == ("quarantined", "unmapped_kind: no schedule is for 'sound-bath'")
    assert story.all(Message) == []


def test_a_session_without_a_kind_gets_the_only_schedule_and_a_warning(story: Story) -> None:
    answer = story.tell(completed(kind=None))

    assert answer.scheduled == 3
    assert list(answer.warnings) == ["/data/session/kind: not given; planned with ketamine_infusion"]


def test_a_session_without_a_kind_is_quarantined_where_schedules_are_many(story: Story) -> None:
    only = next(iter(SCHEDULES))
    other = type(only)("other", only.schedule.model_copy(update={"for_kinds": ["sgb"]}), only.source_text)
    story.schedules = Schedules([only, other])

    assert story.tell(completed(kind=None)).status == "quarantined"


@pytest.mark.parametrize("number", ["555", "+1 999 000 0000", "call his wife"])
def test_a_number_that_is_none_is_said_and_nothing_is_planned(small_story: Story, number: str) -> None:
    answer = small_story.tell(completed(phone=number))

    assert (answer.status, answer.reason) == ("quarantined", "invalid_phone: it is no valid number")
    assert small_story.one(Patient).phone_as_given == number
    assert small_story.all(Message) == []


def test_a_patient_without_a_number_is_said(story: Story) -> None:
    answer = story.tell(completed(phone=None))

    assert (answer.status, answer.reason) == ("quarantined", "no_phone: none is known")


def test_nobody_texts_a_patient_who_died(story: Story) -> None:
    story.tell(died())

    answer = story.tell(completed())

    assert (answer.status, answer.reason) == ("ignored", "deceased: the patient died")
    assert story.all(Message) == []


def test_an_earlier_session_that_is_told_later_is_superseded(story: Story) -> None:
    story.tell(completed(session="s-2"))

    answer = story.tell(completed(session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))

    assert (answer.status, answer.reason) == ("accepted", "superseded: a later session of this patient is known")
    assert {m.session_id for m in story.all(Message)} == {story.one(CareSession, record_id="s-2").id}


def test_a_later_session_ends_the_plan_of_the_one_before(story: Story) -> None:
    story.tell(completed(session="s-1", ended_at=ENDED_AT - timedelta(hours=20)))
    story.tell(completed(session="s-2"))

    first = story.one(CareSession, record_id="s-1")
    assert {(m.status, m.reason) for m in story.all(Message, session_id=first.id)} == {
        ("cancelled", "a later session has its own plan")
    }
    assert {m.status for m in story.all(Message, session_id=story.one(CareSession, record_id="s-2").id)} == {"planned"}


def test_what_is_not_supported_yet_is_kept_and_says_so(small_story: Story) -> None:
    answer = small_story.tell(event("patient.merged", merged_patient_id="p-2"))

    assert (answer.status, answer.reason) == ("ignored", "not_yet_supported: patient.merged is kept and has no effect")
    assert small_story.one(Event).type == "patient.merged"


def test_an_end_that_nobody_told_is_when_the_event_occurred(story: Story) -> None:
    story.tell(completed(ended_at=None, at=ENDED_AT))

    session = story.one(CareSession)
    assert (session.ended_at, session.end_estimated) == (ENDED_AT, True)


def test_an_end_that_nobody_told_is_never_ahead_of_now(story: Story) -> None:
    story.tell(completed(ended_at=None, at=NOW + timedelta(days=3)))

    assert story.one(CareSession).ended_at == NOW


# Cancellation ------------------------------------------------------------------------------------------------


def test_a_cancelled_session_loses_its_texts_at_once(story: Story) -> None:
    story.tell(completed())

    answer = story.tell(cancelled(at=LATER, reason="entered_in_error"))

    assert (answer.status, answer.session_id, answer.scheduled) == ("accepted", "s-1", 0)
    assert {(m.status, m.reason) for m in story.all(Message)} == {
        ("cancelled", "the session was cancelled (entered_in_error)")
    }
    assert story.one(CareSession).cancelled_at == NOW


def test_a_session_cancelled_before_its_completion_is_told_stays_cancelled(story: Story) -> None:
    story.tell(cancelled(at=LATER))

    answer = story.tell(completed(at=NOW))

    assert (answer.status, answer.reason) == ("ignored", "stale: a newer word about this session is known")
    assert story.all(Message) == []


def test_a_cancellation_at_the_same_instant_wins_whichever_comes_first(story: Story) -> None:
    story.tell(cancelled(session="s-1"))
    story.tell(completed(session="s-1"))
    story.tell(completed(session="s-2"))
    story.tell(cancelled(session="s-2"))

    assert all(session.cancelled_at for session in story.all(CareSession))
    assert planned(story) == set()


def test_a_stale_cancellation_changes_nothing(story: Story) -> None:
    story.tell(completed())

    assert story.tell(cancelled(at=EARLIER)).reason == "stale: a newer word about this session is known"
    assert len(planned(story)) == 3


def test_a_completion_newer_than_the_cancellation_plans_the_session(story: Story) -> None:
    story.tell(cancelled())

    assert story.tell(completed(at=LATER)).scheduled == 3
    assert story.one(CareSession).cancelled_at is None


def test_a_session_reopened_by_a_newer_completion_gets_its_texts_back(story: Story) -> None:
    story.tell(completed())
    story.tell(cancelled(at=LATER))

    answer = story.tell(completed(at=LATER + MINUTE))

    assert (answer.status, answer.scheduled) == ("accepted", 3)
    assert planned(story) == {CHECK_IN, MOOD, MAINTENANCE}
    assert len(story.all(Message)) == 3


def test_a_reopened_session_does_not_repeat_a_text_that_left(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.tell(cancelled(at=LATER))

    story.tell(completed(at=LATER + MINUTE))
    story.send()

    assert story.statuses() == {CHECK_IN: "accepted", MOOD: "planned", MAINTENANCE: "planned"}
    assert len(story.texts()) == 1


# Consent and death -------------------------------------------------------------------------------------------


def test_consent_withdrawn_suppresses_what_is_planned_at_once(story: Story) -> None:
    story.tell(completed())

    story.tell(consent("revoked"))

    assert {(m.status, m.reason) for m in story.all(Message)} == {("suppressed", "the patient withdrew consent")}


def test_a_session_of_a_patient_who_withdrew_consent_shows_no_texts_to_come(story: Story) -> None:
    story.tell(consent("revoked"))

    answer = story.tell(completed(consent=None))

    assert answer.scheduled == 0
    assert {(m.status, m.reason) for m in story.all(Message)} == {("suppressed", "the patient withdrew consent")}


def test_consent_withdrawn_in_the_completion_itself_counts(story: Story) -> None:
    answer = story.tell(completed(consent="revoked"))

    assert answer.scheduled == 0
    assert story.one(Consent).status == "revoked"


@pytest.mark.parametrize("first", ["granted", "revoked"])
def test_a_withdrawal_at_the_same_instant_wins(story: Story, first: str) -> None:
    story.tell(completed(consent=None))
    second = "revoked" if first == "granted" else "granted"

    story.tell(consent(first))
    story.tell(consent(second))

    assert planned(story) == set()
    story.send(at=CHECK_IN_AT)
    assert story.texts() == []


def test_an_older_withdrawal_that_comes_late_does_not_undo_a_newer_grant(story: Story) -> None:
    story.tell(completed(consent=None))
    story.tell(consent("granted", at=NOW))

    story.tell(consent("revoked", at=EARLIER))

    assert len(planned(story)) == 3


def test_a_grant_after_a_withdrawal_brings_back_what_is_still_of_use(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("revoked", at=NOW))

    story.now = MOOD_AT - timedelta(hours=1)
    story.tell(consent("granted", at=LATER))

    assert story.statuses() == {CHECK_IN: "suppressed", MOOD: "planned", MAINTENANCE: "planned"}


def test_a_grant_recorded_in_the_future_does_not_outlast_a_withdrawal(story: Story) -> None:
    ahead = (NOW + timedelta(days=365)).isoformat()
    story.tell(completed(consent=None))
    story.tell(consent("granted", sms_consent={"status": "granted", "recorded_at": ahead}))

    story.tell(consent("revoked", at=LATER))

    assert planned(story) == set()


def test_a_withdrawal_inside_a_stale_event_still_counts(story: Story) -> None:
    story.tell(completed(consent=None, at=NOW))

    answer = story.tell(completed(consent="revoked", at=EARLIER))

    assert answer.reason == "stale: a newer word about this session is known"
    assert planned(story) == set()


def test_a_withdrawal_inside_an_event_that_is_too_old_still_counts(story: Story) -> None:
    story.tell(completed(consent=None))

    answer = story.tell(completed(session="s-0", consent="revoked", ended_at=NOW - timedelta(days=30)))

    assert answer.status == "ignored"
    assert planned(story) == set()


def test_without_consent_on_record_texts_wait_and_leave_when_it_is_granted(story: Story) -> None:
    answer = story.tell(completed(consent=None))
    assert list(answer.warnings) == ["/data/sms_consent: no consent on record; texts wait until it is granted"]
    assert answer.scheduled == 3

    assert story.send(at=CHECK_IN_AT) == 0
    assert story.message().waits_for == "no consent on record"

    story.tell(consent("granted"))
    assert story.send() == 1
    assert len(story.texts()) == 1


def test_a_clinic_may_do_without_recorded_consent(story: Story) -> None:
    story.clinic.needs_recorded_consent = False
    story.keep(story.clinic)
    story.tell(completed(consent=None))

    assert story.send(at=CHECK_IN_AT) == 1


def test_a_death_ends_all_plans_for_ever(story: Story) -> None:
    story.tell(completed())

    story.tell(died(at=EARLIER))
    story.tell(completed(session="s-2", at=LATER))
    story.tell(consent("granted", at=LATER))

    assert {(m.status, m.reason) for m in story.all(Message)} == {("cancelled", "the patient died")}
    assert story.one(Patient).deceased_at == EARLIER


# Patients ----------------------------------------------------------------------------------------------------


def test_absent_changes_nothing_and_null_clears(story: Story) -> None:
    story.tell(completed(patient={"language": "es", "time_zone": "America/Chicago", "birth_date": "1980-04-01"}))

    story.tell(consent("granted", patient={"language": None, "family_name": None}))

    maria = story.one(Patient)
    assert (maria.given_name, maria.family_name, maria.language) == ("Maria", None, None)
    assert (maria.zone, maria.birth_date, maria.phone) == ("America/Chicago", "1980-04-01", PHONE)


def test_a_number_that_is_cleared_is_gone(story: Story) -> None:
    story.tell(completed())

    story.tell(consent("granted", patient={"phone": None}))
    story.send(at=CHECK_IN_AT)

    assert story.one(Patient).phone is None
    assert (story.message().status, story.message().reason) == (
        "suppressed",
        "there is no number that can be texted",
    )


def test_a_zone_that_nobody_knows_falls_back_to_the_clinics_with_a_warning(story: Story) -> None:
    answer = story.tell(completed(patient={"time_zone": "America/Gotham"}))

    assert list(answer.warnings) == ["/data/patient/time_zone: no such zone; the clinic's is used"]
    assert story.one(Plan).zone == "America/New_York"


@pytest.mark.parametrize("zone", ["", "..", "/etc/localtime", "America", "A\u0001B", "posixrules"])
def test_a_zone_that_is_no_name_of_one_breaks_nothing(small_story: Story, zone: str) -> None:
    assert small_story.tell(completed(patient={"time_zone": zone})).status == "accepted"


def test_a_session_keeps_what_a_newer_word_does_not_mention(story: Story) -> None:
    story.tell(completed())

    story.tell(event("session.completed", at=LATER, session={"id": "s-1", "phase": "induction"}))

    session = story.one(CareSession)
    assert (session.number, session.kind, session.phase) == (1, "ketamine-iv", "induction")
    assert (session.ended_at, session.end_estimated) == (ENDED_AT, False)


def test_a_booked_appointment_gets_a_reminder_and_no_maintenance_text(story: Story) -> None:
    answer = story.tell(completed(next_appointment=appointment(NOW + timedelta(days=7))))

    assert answer.scheduled == 3
    assert planned(story) == {CHECK_IN, MOOD, "appointment reminder"}
    assert story.message("appointment reminder").appointment_id == story.one(Appointment).id


def test_the_same_record_id_in_another_clinic_is_another_patient(story: Story) -> None:
    there = hillside(story)
    source = story.one(Source, clinic_id=there.id)

    story.tell(completed())
    story.tell(completed(phone=OTHER_PHONE), source=source)

    assert {(p.clinic_id, p.phone) for p in story.all(Patient)} == {(story.clinic.id, PHONE), (there.id, OTHER_PHONE)}
    assert len(story.all(CareSession)) == 2
    story.tell(cancelled(at=LATER), source=source)
    assert {m.status for m in story.all(Message, clinic_id=story.clinic.id)} == {"planned"}


# When the work fails -----------------------------------------------------------------------------------------


def test_an_event_whose_work_fails_is_kept_and_worked_later(story: Story, break_inserts: Callable[..., Broken]) -> None:
    broken = break_inserts("plan", when="1 = 1")
    answer = story.tell(completed())
    assert answer.status == "received"
    assert story.all(CareSession) == []

    broken.mend()
    assert work_again(story, after=PICK_UP_AFTER - timedelta(seconds=1)) == 0
    assert work_again(story, after=timedelta(seconds=1)) == 1

    kept = story.one(Event)
    assert (kept.status, kept.tries) == ("accepted", 1)
    assert len(planned(story)) == 3
    assert work_again(story) == 0


def test_an_event_that_fails_again_and_again_ends_before_staff(
    story: Story, break_inserts: Callable[..., Broken]
) -> None:
    broken = break_inserts("plan", when="1 = 1")
    story.tell(completed())
    for _ in range(TRIES - 1):
        assert story.one(Event).status == "received"
        work_again(story)

    kept = story.one(Event)
    assert (kept.status, kept.tries) == ("quarantined", TRIES)
    assert kept.reason is not None
    assert kept.reason.startswith("not_worked: ")
    broken.mend()
    assert work_again(story) == 0


def test_two_processes_that_pick_up_the_same_event_work_it_once(
    story: Story, break_inserts: Callable[..., Broken]
) -> None:
    broken = break_inserts("plan", when="1 = 1")
    story.tell(completed())
    broken.mend()
    story.now += PICK_UP_AFTER
    together = threading.Barrier(4)

    def work(_: int) -> int:
        together.wait(timeout=10)
        return work_waiting_events(database=story.database, schedules=story.schedules, now=story.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    kept = story.one(Event)
    assert (kept.status, kept.tries) == ("accepted", 1)
    assert len(story.all(Consent)) == 1
    assert len(story.all(Message)) == 3


def test_more_events_than_one_look_takes_are_all_worked(sqlite: Any) -> None:
    story = riverside(sqlite)
    count = 130
    story.keep(
        *[
            Event(
                clinic_id=story.clinic.id,
                source_id=story.source.id,
                event_id=f"evt-{number}",
                type="consent.granted",
                body=f'{{"id": "evt-{number}", "type": "consent.granted", "occurred_at": "{NOW.isoformat()}",'
                f' "data": {{"patient": {{"id": "p-{number}"}}}}}}',
                body_hash=str(number),
                received_at=NOW,
            )
            for number in range(count)
        ]
    )

    assert work_again(story) == count
    assert {each.status for each in story.all(Event)} == {"accepted"}
