"""How a text leaves: once, at a decent hour, to somebody who may still be texted."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text as sql

from followup.carriers.carrier import Accepted, Cause, Outcome, OutgoingText, Refused, Unknown
from followup.carriers.pretend import Accept, Behaviour, Break, LoseAnswer, LoseText, Refuse
from followup.flow.claim_texts import claim_texts
from followup.flow.reconcile import doubt_stale_claims
from followup.flow.record_outcomes import record_outcomes
from followup.flow.send_due import CALL_MARGIN, next_due, send_due
from followup.flow.set_up import turn_sending
from followup.store.tables import (
    Appointment,
    Attempt,
    AuditEntry,
    Case,
    CaseAssignment,
    GoLive,
    Message,
    OptOut,
    Patient,
    Plan,
    new_id,
)
from tests.databases import open_again
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    LEASE,
    MAINTENANCE,
    MOOD,
    MOOD_AT,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    WatchedCarrier,
    appointment,
    clinic_row,
    completed,
    consent,
    ids,
    staff_row,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def claim(story: Story) -> list[OutgoingText]:
    return claim_texts(database=story.database, rules=story.rules, now=story.now)[0]


def record(story: Story, attempt: str, outcome: Outcome) -> None:
    record_outcomes(story.database, [(attempt, outcome)], now=story.now)


# Claim, call, record ---------------------------------------------------------------------------------------


def test_a_due_text_leaves_once(story: Story) -> None:
    story.tell(completed())
    assert story.send(at=CHECK_IN_AT - SECOND) == 0

    assert story.send(at=CHECK_IN_AT) == 1
    assert story.send() == 0

    sent = story.message()
    (taken,) = story.carrier.all_texts()
    assert (taken.to, taken.body, taken.sid) == (PHONE, sent.text, sent.carrier_sid)
    assert (sent.status, sent.phone, sent.handed_over_at, sent.lease_until) == ("accepted", PHONE, CHECK_IN_AT, None)
    attempt = story.one(Attempt)
    assert (attempt.token, attempt.outcome, attempt.carrier_sid) == (taken.attempt, "accepted", taken.sid)


def test_the_carrier_is_called_with_no_transaction_open(story: Story) -> None:
    story.tell(completed())
    other = open_again(story.database)

    def write_meanwhile(_: OutgoingText) -> None:
        with other.writer() as db:
            if not other.is_sqlite:
                db.execute(sql("SET lock_timeout = '1s'"))
            assert db.execute(sql("UPDATE message SET moved = 'touched' WHERE status = 'claimed'")).rowcount == 1
            assert db.execute(sql("SELECT count(*) FROM attempt WHERE outcome = 'open'")).scalar_one() == 1
            db.commit()

    try:
        story.send(at=CHECK_IN_AT, carrier=WatchedCarrier(story, write_meanwhile))
    finally:
        other.close()

    assert (story.message().status, story.message().moved) == ("accepted", "touched")


def test_what_the_carrier_answered_is_recorded_before_the_next_answer_comes(story: Story) -> None:
    for _ in range(3):
        story.due_text(story.patient(f"Tom {_}"))
    seen: list[int] = []

    def count(_: OutgoingText) -> None:
        seen.append(len(story.all(Message, status="accepted")))

    story.send(carrier=WatchedCarrier(story, count))

    assert seen == [0, 1, 2]


def test_texts_that_were_taken_before_the_carrier_broke_are_not_sent_again(story: Story) -> None:
    for number in range(3):
        story.due_text(story.patient(f"Tom {number}"))
    story.carrier.behave(Accept(), Break())

    with pytest.raises(RuntimeError):
        story.send()
    story.now += LEASE + SECOND
    doubt_stale_claims(database=story.database, now=story.now)
    story.send()

    assert sorted(m.status for m in story.all(Message)) == ["accepted", "uncertain", "uncertain"]
    assert len(story.carrier.all_texts()) == 1


def test_the_same_answer_twice_changes_nothing(story: Story) -> None:
    story.due_text(story.patient())
    (text,) = claim(story)
    record(story, text.attempt, Refused(Cause.NUMBER, 21211, "no such number"))
    before = (story.one(Message), story.one(Attempt), story.one(Case))

    story.now += MINUTE
    record(story, text.attempt, Refused(Cause.NUMBER, 21211, "no such number"))
    record(story, text.attempt, Unknown("?"))
    record(story, "no such attempt", Accepted("SM1"))

    after = (story.one(Message), story.one(Attempt), story.one(Case))
    assert [row.model_dump() for row in after] == [row.model_dump() for row in before]


# What the carrier answers ----------------------------------------------------------------------------------


def test_a_number_that_sent_stop_to_the_carrier_hears_no_more(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Refuse(Cause.OPTED_OUT, 21610))

    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)

    assert story.message().reason == "the carrier says: the patient sent STOP"
    assert story.statuses()[CHECK_IN] == story.statuses()[MOOD] == "suppressed"
    assert (story.one(OptOut).phone, story.one(OptOut).reply_id) == (PHONE, None)
    assert story.all(Case) == []
    assert story.texts() == []


@pytest.mark.parametrize("cause", [Cause.NUMBER, Cause.CONTENT])
def test_a_text_refused_for_good_fails_and_stands_before_staff(story: Story, cause: Cause) -> None:
    story.due_text(story.patient())
    story.carrier.behave(Refuse(cause, 21211, "it is no mobile number"))

    story.send()
    story.send(at=NOW + timedelta(hours=1))

    failed, case = story.one(Message), story.one(Case)
    assert (failed.status, failed.reason) == ("failed", "it is no mobile number")
    said = "The number cannot be texted" if cause is Cause.NUMBER else "A text was refused"
    assert (case.level, case.reason) == ("concern", f"{said}: it is no mobile number")
    assert failed.case_id == case.id
    assert story.carrier.all_texts() == []
    attempt = story.one(Attempt)
    assert (attempt.outcome, attempt.cause, attempt.code) == ("refused", cause, 21211)


def test_a_fault_in_the_account_holds_the_text_and_gives_it_up_for_no_reason(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(*[Refuse(Cause.SENDER, 20003, "the key is wrong")] * 3)

    for _ in range(3):
        story.send()
        waiting = story.one(Message)
        assert (waiting.status, waiting.wake_at) == ("planned", story.now + timedelta(seconds=30))
        story.now = waiting.wake_at
    story.send()

    assert story.one(Message).status == "accepted"
    assert story.one(Case).reason == "Sending does not work: the key is wrong"


def test_a_fault_in_the_account_is_said_once_and_takes_no_case_from_whoever_has_it(story: Story) -> None:
    tom = story.patient()
    story.hear("what?", sender=OTHER_PHONE)
    case = story.one(Case)
    ana = staff_row(story.clinic)
    case.level = "urgent"
    story.keep(case, ana)
    story.due_text(tom, case_id=case.id)
    story.carrier.behave(*[Refuse(Cause.SENDER, 20003, "the key is wrong")] * 2)

    story.send()
    story.keep(CaseAssignment(clinic_id=case.clinic_id, case_id=case.id, staff_id=ana.id, at=story.now))
    story.send(at=story.now + MINUTE)

    assert story.one(CaseAssignment).released_at is None


@pytest.mark.parametrize("cause", [Cause.RATE, Cause.TRANSIENT])
def test_what_may_be_tried_again_waits_longer_each_time(story: Story, cause: Cause) -> None:
    story.due_text(story.patient(), use_by_at=NOW + timedelta(hours=4))
    story.carrier.behave(*[Refuse(cause, 20429)] * 8)

    waited: list[float] = []
    for _ in range(8):
        story.send()
        story.now, before = story.one(Message).wake_at, story.now
        waited.append((story.now - before).total_seconds())
    story.send()

    for seconds, about in zip(waited, [15, 30, 60, 120, 240, 480, 600, 600], strict=True):
        assert 0.75 * about <= seconds <= 1.25 * about
    assert story.one(Message).status == "accepted"
    assert story.all(Case) == []


def test_a_carrier_that_says_when_is_taken_at_its_word(story: Story) -> None:
    story.due_text(story.patient())
    story.carrier.behave(Refuse(Cause.RATE, 20429, retry_after=timedelta(seconds=7)))

    story.send()

    assert story.one(Message).wake_at == NOW + timedelta(seconds=7)
    assert next_due(story.database) == NOW + timedelta(seconds=7)


@pytest.mark.parametrize("behaviour", [LoseAnswer(), LoseText()], ids=["answer lost", "text lost"])
def test_a_text_of_which_nobody_knows_is_not_sent_again_on_a_guess(story: Story, behaviour: Behaviour) -> None:
    story.due_text(story.patient())
    story.carrier.behave(behaviour)

    for hours in range(8):
        story.send(at=NOW + timedelta(hours=hours))

    assert story.one(Message).status == "uncertain"
    assert story.one(Attempt).outcome == "unknown"


# Order -----------------------------------------------------------------------------------------------------


def test_safety_texts_leave_first_then_staffs_then_reminders_then_prompts(story: Story) -> None:
    story.rules = replace(story.rules, batch=1)
    given = {"prompt": 3, "reminder": 2, "from staff": 1, "page": 0}
    for number, (words, priority) in enumerate(given.items()):
        who = story.patient(f"Tom {number}")
        story.due_text(who, text=words, priority=priority, wake_at=NOW - timedelta(minutes=10 - number))

    story.send()

    assert [t.body for t in story.carrier.all_texts()] == ["page", "from staff", "reminder", "prompt"]


def test_within_a_priority_the_one_that_waited_longest_leaves_first(story: Story) -> None:
    who = story.patient()
    for minutes in (3, 9, 1):
        story.due_text(who, text=f"{minutes} minutes", wake_at=NOW - timedelta(minutes=minutes))

    story.send()

    assert story.texts(OTHER_PHONE) == ["9 minutes", "3 minutes", "1 minutes"]


# Why a text waits ------------------------------------------------------------------------------------------


def no_consent(story: Story) -> None:
    story.tell(completed(session="other", consent=None, patient={"id": "p-x"}))


def switch_off(story: Story, *, clinic: str | None) -> None:
    turn_sending(database=story.database, on=False, clinic=clinic, by="test", now=story.now)


def go_live(story: Story, *, without_rota: bool) -> None:
    ana = staff_row(story.clinic)
    story.keep(ana)
    story.keep(GoLive(clinic_id=story.clinic.id, by_staff_id=ana.id, at=NOW, without_rota=without_rota))


def test_a_text_waits_while_the_whole_service_is_switched_off(story: Story) -> None:
    story.tell(completed())
    switch_off(story, clinic=None)

    story.send(at=CHECK_IN_AT)

    assert (story.message().status, story.message().wake_at) == ("planned", CHECK_IN_AT + MINUTE)
    assert story.message().waits_for == "sending is switched off for the whole service"
    turn_sending(database=story.database, on=True, clinic=None, by="test", now=story.now)
    assert story.send() == 1


def test_a_text_waits_while_its_clinic_is_switched_off(story: Story) -> None:
    story.tell(completed())
    switch_off(story, clinic="riverside")

    story.send(at=CHECK_IN_AT)

    assert story.message().waits_for == "sending is switched off for this clinic"
    turn_sending(database=story.database, on=True, clinic="riverside", by="test", now=story.now)
    assert story.send() == 1


def test_a_text_waits_where_the_settings_switch_sending_off(story: Story) -> None:
    story.tell(completed())
    story.rules = replace(story.rules, sending=False)

    assert story.send(at=CHECK_IN_AT) == 0
    assert story.message().waits_for == "sending is switched off for the whole service"


def test_a_text_that_falls_due_at_night_waits_until_morning(story: Story) -> None:
    nine = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    story.step_text(story.patient(), use_by_at=NOW + timedelta(days=2))

    story.send(at=datetime(2026, 11, 25, 1, 0, tzinfo=UTC))

    assert story.one(Message).waits_for == "quiet hours on the patient's clock"
    assert next_due(story.database) == nine
    assert story.send(at=nine) == 1


def test_the_hours_are_those_of_the_patients_clock(story: Story) -> None:
    tom = story.patient()
    tom.zone = "Asia/Tokyo"
    story.keep(tom)
    story.step_text(tom, use_by_at=NOW + timedelta(days=2))

    assert story.send() == 0
    assert next_due(story.database) == datetime(2026, 11, 25, 0, 0, tzinfo=UTC)


def test_a_text_waits_while_a_reply_from_its_number_is_unread(story: Story) -> None:
    story.tell(completed())
    story.now = CHECK_IN_AT
    story.keep_text("STOP")

    assert story.send() == 0
    assert story.message().waits_for == "a reply from this number is being read"
    assert next_due(story.database) == CHECK_IN_AT + SECOND


def test_an_automatic_text_waits_while_an_urgent_case_is_open(story: Story) -> None:
    story.tell(completed())
    story.hear("what?")
    case = story.one(Case)
    case.level = "urgent"
    story.keep(case)

    assert story.send(at=CHECK_IN_AT) == 0
    assert story.message().waits_for == "an urgent case is open"
    story.due_text(story.one(Patient), text="Ana here. Are you safe?")
    assert story.send() == 1


def test_over_the_real_carrier_nothing_leaves_before_the_clinic_went_live(story: Story) -> None:
    story.tell(completed())
    story.rules = replace(story.rules, reaches_people=True)

    assert story.send(at=CHECK_IN_AT) == 0
    assert story.message().waits_for == "the clinic has not gone live"
    go_live(story, without_rota=True)
    assert story.send(at=CHECK_IN_AT + MINUTE) == 1


def test_over_the_real_carrier_prompts_wait_for_a_reader_and_other_texts_do_not(story: Story) -> None:
    tom = story.patient()
    prompt, statement = story.step_text(tom, CHECK_IN), story.step_text(story.patient("Maria"), MAINTENANCE)
    story.rules = replace(story.rules, reaches_people=True)
    go_live(story, without_rota=False)

    story.send()

    assert story.get(Message, prompt.id).waits_for == "nobody is on the rota"
    assert story.get(Message, statement.id).status == "accepted"


def test_a_number_that_is_not_on_the_list_is_never_texted(story: Story) -> None:
    story.rules = replace(story.rules, allowed_numbers=frozenset({PHONE}))
    listed = story.due_text(story.patient("Maria", phone=PHONE))
    other = story.due_text(story.patient("Tom"))
    page = story.due_text(phone=OTHER_PHONE, text="An urgent reply")

    story.send()

    assert story.get(Message, listed.id).status == "accepted"
    assert story.get(Message, other.id).reason == "the number is not on the list of allowed numbers"
    assert story.get(Message, page.id).status == "accepted"


def test_an_answer_leaves_at_three_in_the_morning_and_a_page_in_spite_of_all_switches(story: Story) -> None:
    story.now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    answer = story.due_text(story.patient(), purpose="answer", priority=0)
    story.send()
    assert story.get(Message, answer.id).status == "accepted"

    switch_off(story, clinic=None)
    page = story.due_text(phone=OTHER_PHONE)
    story.send()
    assert story.get(Message, page.id).status == "accepted"


def test_staff_may_answer_at_night_whoever_wrote_within_two_hours(story: Story) -> None:
    story.now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    awake, asleep = story.patient("Maria", phone=PHONE), story.patient("Tom")
    story.hear("are you there?")
    answered, waiting = story.due_text(awake), story.due_text(asleep)

    story.send()

    assert story.get(Message, answered.id).status == "accepted"
    assert story.get(Message, waiting.id).status == "planned"


# Why a text never leaves -----------------------------------------------------------------------------------


def test_a_text_past_its_use_expires(story: Story) -> None:
    story.tell(completed())

    story.send(at=story.message().use_by_at)

    assert (story.message().status, story.message().reason) == ("expired", "too late to be of use")
    assert story.texts() == []


def test_a_text_whose_use_ends_before_the_next_decent_hour_expires_at_once(story: Story) -> None:
    night = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    story.step_text(story.patient(), use_by_at=night + timedelta(hours=4))

    story.send(at=night)

    assert story.one(Message).reason == "the next decent hour on the patient's clock is too late"


def test_the_carrier_may_keep_a_text_no_longer_than_it_is_of_use_or_its_hours_last(story: Story) -> None:
    story.step_text(story.patient("Tom"), CHECK_IN, use_by_at=NOW + timedelta(hours=2))
    story.step_text(story.patient("Maria"), MOOD, use_by_at=NOW + timedelta(days=2))

    short, long = sorted(text.valid_for for text in claim(story))

    assert short == timedelta(hours=2)
    assert NOW + long == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)


def test_a_maintenance_text_is_not_sent_to_somebody_who_has_booked(story: Story) -> None:
    tom = story.patient()
    text = story.step_text(tom, MAINTENANCE, unless_booked=True)
    story.keep(
        Appointment(
            clinic_id=tom.clinic_id,
            patient_id=tom.id,
            record_id="ap-1",
            starts_at=NOW + timedelta(days=3),
            told_at=NOW,
            created_at=NOW,
        )
    )

    story.send()

    assert story.get(Message, text.id).reason == "an appointment is booked"


# Caps ------------------------------------------------------------------------------------------------------


def had(story: Story, who: Patient, times: int, *, ago: timedelta) -> None:
    for _ in range(times):
        at = NOW - ago
        story.due_text(
            who,
            purpose="step",
            priority=3,
            status="delivered",
            phone=who.phone,
            due_at=at,
            wake_at=at,
            handed_over_at=at,
        )


def test_a_third_automatic_text_of_a_day_gives_way(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 2, ago=MINUTE)
    third, mood = story.step_text(tom, MAINTENANCE), story.step_text(tom, MOOD)

    story.send()
    story.send(at=NOW + SECOND * 3)

    assert story.get(Message, third.id).status == "suppressed"
    assert story.get(Message, third.id).reason == "gave way: 2 automatic texts that day already"
    assert story.get(Message, mood.id).status == "accepted"


def test_an_eighth_automatic_text_of_a_week_gives_way(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 6, ago=timedelta(days=2))
    seventh = story.step_text(tom, MAINTENANCE)
    story.send()
    assert story.get(Message, seventh.id).status == "accepted"

    eighth = story.step_text(tom, MAINTENANCE)
    story.send(at=NOW + MINUTE)

    assert story.get(Message, eighth.id).reason == "gave way: 7 automatic texts in seven days already"


def test_two_texts_in_one_claim_count_for_each_other(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 1, ago=MINUTE)
    texts = [story.step_text(tom, MAINTENANCE) for _ in range(2)]

    story.send()
    story.send(at=NOW + SECOND * 3)

    assert sorted(story.get(Message, text.id).status for text in texts) == ["accepted", "suppressed"]


def test_a_text_that_is_tried_again_does_not_count_itself(story: Story) -> None:
    tom = story.patient()
    had(story, tom, 1, ago=MINUTE)
    text = story.step_text(tom, MAINTENANCE)
    story.carrier.behave(*[Refuse(Cause.TRANSIENT)] * 3)

    for _ in range(4):
        story.send(at=story.now + timedelta(minutes=2))

    assert story.get(Message, text.id).status == "accepted"


# The words and the number ----------------------------------------------------------------------------------


def test_the_first_text_names_the_clinic_and_stop_and_later_ones_do_not_name_stop(story: Story) -> None:
    story.tell(completed())
    story.send(at=CHECK_IN_AT)
    story.send(at=MOOD_AT)

    first, second = story.texts()

    assert first.startswith("Riverside Clinic: Hi Maria")
    assert first.endswith("Reply STOP to end texts.")
    assert "STOP" not in second


def test_a_first_text_that_is_tried_again_still_says_stop(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Refuse(Cause.TRANSIENT))

    story.send(at=CHECK_IN_AT)
    story.send(at=CHECK_IN_AT + MINUTE)

    assert "STOP" in story.texts()[0]


def test_after_a_first_text_that_did_not_arrive_the_next_says_stop(story: Story) -> None:
    story.tell(completed())
    story.carrier.behave(Accept(("sent", "undelivered"), code=30003))

    story.send(at=CHECK_IN_AT)
    story.report()
    story.send(at=MOOD_AT)

    assert story.message().status == "undelivered"
    assert "STOP" in story.texts()[1]


def test_a_number_changed_after_planning_is_the_one_that_is_texted(story: Story) -> None:
    story.tell(completed())
    story.tell(consent("granted", patient={"phone": OTHER_PHONE, "given_name": "Mary"}))

    story.send(at=CHECK_IN_AT)

    assert story.texts(PHONE) == []
    (body,) = story.texts(OTHER_PHONE)
    assert "Hi Mary," in body
    assert (story.message().phone, story.message().text) == (OTHER_PHONE, body)


def test_a_text_whose_number_changed_after_the_claim_does_not_leave_for_the_old_one(story: Story) -> None:
    story.tell(completed())
    change = consent("granted", patient={"phone": OTHER_PHONE, "given_name": "Mary"})
    carrier = WatchedCarrier(story, lambda _: story.tell(change))

    story.send(at=CHECK_IN_AT, carrier=carrier)
    assert carrier.all_texts() == []

    story.send(at=CHECK_IN_AT + SECOND)
    (body,) = story.texts(OTHER_PHONE)
    assert "Hi Mary," in body
    assert (story.message().phone, story.message().text) == (OTHER_PHONE, body)


def test_a_text_speaks_the_patients_language_and_comes_from_its_clinics_number(story: Story) -> None:
    story.clinic.sender_number = "+12125550111"
    story.keep(story.clinic)
    story.tell(completed(patient={"language": "es-MX"}))

    story.send(at=CHECK_IN_AT)

    (taken,) = story.carrier.all_texts()
    assert taken.sender == "+12125550111"
    assert "Hola Maria" in taken.body
    assert story.message().text_language == "es"


def test_a_reminder_says_the_time_of_the_appointment_on_the_patients_clock(story: Story) -> None:
    story.tell(completed(next_appointment=appointment(datetime(2026, 12, 1, 18, 30, tzinfo=UTC))))

    story.send(at=datetime(2026, 11, 30, 15, 0, tzinfo=UTC))

    assert "your next visit is Tue, Dec 1 at 1:30 PM" in story.texts()[-1]


# The same words twice ----------------------------------------------------------------------------------------


def test_the_same_planned_text_to_the_same_number_within_a_day_is_held_for_a_person(story: Story) -> None:
    tom = story.patient()
    first, second = story.step_text(tom, MAINTENANCE), story.step_text(tom, MAINTENANCE)

    for hours in range(0, 5):
        story.send(at=NOW + timedelta(hours=hours))

    held = story.get(Message, second.id)
    held, sent = (held, story.get(Message, first.id)) if held.held_at else (story.get(Message, first.id), held)
    assert (sent.status, held.status) == ("accepted", "planned")
    assert held.waits_for == "held: the same text went to this number within a day"
    assert story.one(Case).reason == "A text is held: the same words went to this number within a day"
    assert len(story.carrier.all_texts()) == 1


def test_a_held_text_leaves_when_somebody_released_it(story: Story) -> None:
    tom = story.patient()
    for _ in range(2):
        story.step_text(tom, MAINTENANCE)
    story.send()
    story.send(at=NOW + timedelta(seconds=3))
    (held,) = [message for message in story.all(Message) if message.held_at]
    held.held_at, held.released_at, held.wake_at = None, story.now, story.now
    story.keep(held)

    assert story.send() == 1


def test_what_staff_write_twice_leaves_twice(story: Story) -> None:
    tom = story.patient()
    for _ in range(2):
        story.due_text(tom, text="Please call us.")

    story.send()
    story.send(at=NOW + timedelta(seconds=3))

    assert len(story.carrier.all_texts()) == 2


def test_a_reminder_of_an_appointment_that_has_begun_does_not_leave(story: Story) -> None:
    starts_at = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
    story.tell(completed(next_appointment=appointment(starts_at)))
    (reminder,) = [message for message in story.all(Message) if message.appointment_id]
    reminder.use_by_at = starts_at + timedelta(days=1)
    story.keep(reminder)

    story.send(at=starts_at)

    assert story.get(Message, reminder.id).reason == "the appointment has begun"


# One poisoned row ------------------------------------------------------------------------------------------


def test_a_text_that_cannot_be_prepared_fails_before_staff_and_holds_nobody_up(story: Story) -> None:
    tom, maria = story.patient("Tom"), story.patient("Maria", phone=PHONE)
    poisoned = story.step_text(tom, MAINTENANCE, wake_at=NOW - MINUTE)
    poisoned.step = "a step that no schedule has"
    story.keep(poisoned)
    fine = story.step_text(maria)

    assert story.send() == 1

    kept = story.get(Message, poisoned.id)
    assert (kept.status, kept.reason) == ("failed", "it could not be prepared (LookupError)")
    assert kept.case_id == story.one(Case).id
    assert story.get(Message, fine.id).status == "accepted"


def test_a_patient_whose_zone_is_no_zone_does_not_hold_up_others(story: Story) -> None:
    tom, maria = story.patient("Tom"), story.patient("Maria", phone=PHONE)
    tom.zone = "America/Gotham"
    story.keep(tom)
    poisoned, fine = story.step_text(tom, wake_at=NOW - MINUTE), story.step_text(maria)

    story.send()

    assert story.get(Message, poisoned.id).status == "failed"
    assert story.get(Message, fine.id).status == "accepted"


# Leases and fences -----------------------------------------------------------------------------------------


def test_a_claim_too_near_to_the_end_of_its_lease_is_not_called(story: Story) -> None:
    story.due_text(story.patient())
    instants = iter([NOW, NOW + LEASE - CALL_MARGIN, NOW + LEASE - CALL_MARGIN])
    clock: Callable[[], datetime] = lambda: next(instants, NOW + LEASE - CALL_MARGIN)  # noqa: E731

    send_due(database=story.database, carrier=story.carrier, rules=story.rules, clock=clock)

    assert story.carrier.all_texts() == []
    waiting = story.one(Message)
    assert (waiting.status, waiting.waits_for) == ("planned", "to be tried again: held back before the call")
    assert story.send(at=waiting.wake_at) == 1
    assert len(story.carrier.all_texts()) == 1


def test_a_slow_sender_cannot_record_over_a_newer_claim(story: Story) -> None:
    message = story.due_text(story.patient())
    (slow,) = claim(story)
    story.now += LEASE + SECOND
    assert doubt_stale_claims(database=story.database, now=story.now) == 1
    doubted = story.get(Message, message.id)
    doubted.status = "planned"  # As whoever finds that the carrier does not have it does.
    story.keep(doubted)
    story.send()
    sent = story.get(Message, message.id)

    for outcome in (Refused(Cause.NUMBER, 21211, "no"), Unknown("?"), Accepted("SM-late")):
        record(story, slow.attempt, outcome)

    after = story.get(Message, message.id)
    assert (after.status, after.carrier_sid, after.fence) == ("accepted", sent.carrier_sid, 2)
    assert after.doubled_at is not None  # It was late, but it is proof.
    assert story.one(Case).reason == "The patient may have got a text twice"


def test_an_answer_after_the_lease_ran_out_still_counts_while_nobody_else_claimed_it(story: Story) -> None:
    story.due_text(story.patient())
    (slow,) = claim(story)
    story.now += LEASE + SECOND
    doubt_stale_claims(database=story.database, now=story.now)

    record(story, slow.attempt, Accepted("SM-late"))

    assert (story.one(Message).status, story.one(Message).carrier_sid) == ("accepted", "SM-late")


def test_four_senders_at_once_send_each_of_200_texts_once(story: Story) -> None:
    people = [story.patient(f"Tom {number}") for number in range(10)]
    story.now -= SECOND
    story.keep(*[_text(story, people[number % 10]) for number in range(200)])
    story.now += SECOND
    story.rules = replace(story.rules, batch=7)
    together = threading.Barrier(4)

    def send(_: int) -> int:
        together.wait(timeout=10)
        return story.send()

    with ThreadPoolExecutor(4) as pool:
        handed = sum(pool.map(send, range(4)))

    assert handed == 200
    assert len(story.carrier.all_texts()) == len({t.body for t in story.carrier.all_texts()}) == 200
    assert {(m.status, m.fence) for m in story.all(Message)} == {("accepted", 1)}
    assert len(story.all(Attempt)) == 200


def test_senders_at_once_with_every_kind_of_answer_leave_nothing_half_done(story: Story) -> None:
    people = [story.patient(f"Tom {number}") for number in range(4)]
    story.keep(*[_text(story, people[number % 4]) for number in range(60)])
    story.rules = replace(story.rules, batch=5)
    answers = [Refuse(Cause.CONTENT, 30019), Accept(), Refuse(Cause.CONTENT, 30007), LoseAnswer(), LoseText()]
    story.carrier.behave(*answers * 12)
    together = threading.Barrier(4)

    def work(number: int) -> None:
        together.wait(timeout=10)
        story.send()
        if number % 2:
            story.report()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    counted = [m.status for m in story.all(Message)]
    assert counted.count("failed") == 24
    assert counted.count("uncertain") == 24
    assert len(story.carrier.all_texts()) == 24
    assert {case.patient_id for case in story.all(Case)} == ids(people)
    assert len(story.all(Case)) == 4


def _text(story: Story, who: Patient) -> Message:
    id_ = new_id()
    return Message(
        id=id_,
        clinic_id=who.clinic_id,
        purpose="staff",
        patient_id=who.id,
        step=str(id_),
        text=f"text {id_}",
        priority=1,
        due_at=story.now,
        wake_at=story.now,
        use_by_at=story.now + timedelta(hours=1),
        created_at=story.now,
    )


# A week ----------------------------------------------------------------------------------------------------

ZONES = ["America/New_York", "America/Los_Angeles", "Pacific/Auckland"]
WEEK_STARTS_AT = datetime(2026, 10, 28, 0, 0, tzinfo=UTC)
"""Clocks go back in the United States on the Sunday of this week."""


def test_in_a_whole_week_nothing_automatic_leaves_between_eight_in_the_evening_and_nine(small_story: Story) -> None:
    story = small_story
    story.now = WEEK_STARTS_AT
    for zone in ZONES:
        for number in range(20):
            who = story.patient(f"{zone} {number}", phone=f"+1212555{1000 + number + 100 * ZONES.index(zone)}")
            who.zone = zone
            story.keep(who)
            at = WEEK_STARTS_AT + timedelta(hours=7.3 * number)
            step = CHECK_IN if number % 2 else MAINTENANCE
            story.step_text(who, step, due_at=at, wake_at=at, use_by_at=at + timedelta(hours=20))
    left: list[tuple[datetime, OutgoingText]] = []
    carrier = WatchedCarrier(story, lambda text: left.append((story.now, text)))

    for half_hours in range(7 * 48):
        story.send(at=WEEK_STARTS_AT + timedelta(minutes=30 * half_hours, seconds=1), carrier=carrier)

    zone_of = {p.phone: ZoneInfo(p.zone) for p in story.all(Patient) if p.phone and p.zone}
    assert len(left) == 60
    assert len({zone_of[text.to] for _, text in left}) == 3
    for at, text in left:
        local, at_last = at.astimezone(zone_of[text.to]), (at + text.valid_for).astimezone(zone_of[text.to])
        is_prompt = "how are you feeling" in text.body
        assert time(9) <= local.time() < (time(18) if is_prompt else time(20)), (local, text.body)
        assert at_last <= local.replace(hour=18 if is_prompt else 20, minute=0, second=0), (local, at_last)


def test_nothing_is_due_where_nothing_is_planned(story: Story) -> None:
    assert next_due(story.database) is None
    assert story.send() == 0
    story.tell(completed())
    assert next_due(story.database) == CHECK_IN_AT


def test_clinics_do_not_stand_in_each_others_way(story: Story) -> None:
    other = clinic_row("Hillside")
    story.keep(other)
    here, there = story.patient("Maria", phone=PHONE), story.patient("Tom", clinic=other)
    switch_off(story, clinic="riverside")
    held, free = story.due_text(here), story.due_text(there)

    story.send()

    assert (story.get(Message, held.id).status, story.get(Message, free.id).status) == ("planned", "accepted")
    assert story.all(Plan) == []
    assert {entry.action for entry in story.all(AuditEntry)} == {"sending off"}


def test_an_exception_of_the_database_leaves_the_claim_to_be_doubted(
    story: Story, break_inserts: Callable[..., Any]
) -> None:
    story.due_text(story.patient())
    broken = break_inserts("case", when="1 = 1")
    story.carrier.behave(Refuse(Cause.NUMBER, 21211))

    with pytest.raises(Exception, match="broken on purpose"):
        story.send()

    broken.mend()
    assert story.one(Message).status == "claimed"
    doubt_stale_claims(database=story.database, now=NOW + LEASE + SECOND)
    assert story.one(Message).status == "uncertain"
