"""Whether a text may leave is looked at in the claim: why it waits, why it never leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from followup.flow.send_due import next_due
from followup.flow.set_up import turn_sending
from followup.store.tables import (
    Appointment,
    Case,
    GoLive,
    Message,
    Patient,
)
from tests.flow.stories import (
    CHECK_IN,
    CHECK_IN_AT,
    MAINTENANCE,
    MOOD,
    NOW,
    OTHER_PHONE,
    PHONE,
    Story,
    completed,
    staff_row,
)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


# Why a text waits ------------------------------------------------------------------------------------------


def no_consent(story: Story) -> None:
    story.tell(completed(session="other", consent=None, patient={"id": "p-x"}))


def go_live(story: Story, *, without_rota: bool) -> None:
    ana = staff_row(story.clinic)
    story.keep(ana)
    story.keep(GoLive(clinic_id=story.clinic.id, by_staff_id=ana.id, at=NOW, without_rota=without_rota))


def test_a_text_waits_while_the_whole_service_is_switched_off(story: Story) -> None:
    story.tell(completed())
    story.switch_off(clinic=None)

    story.send(at=CHECK_IN_AT)

    assert (story.message().status, story.message().wake_at) == ("planned", CHECK_IN_AT + MINUTE)
    assert story.message().waits_for == "sending is switched off for the whole service"
    turn_sending(database=story.database, on=True, clinic=None, by="test", now=story.now)
    assert story.send() == 1


def test_a_text_waits_while_its_clinic_is_switched_off(story: Story) -> None:
    story.tell(completed())
    story.switch_off(clinic="riverside")

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
    assert story.message().waits_for == "an urgent case holds texts until a person lets them go on"
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

    story.switch_off(clinic=None)
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

    short, long = sorted(text.valid_for for text in story.claim())

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
