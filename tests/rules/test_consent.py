"""Whether a text may leave at this moment."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.consent import Claim, End, Purpose, Send, Wait, may_send
from followup.rules.quiet_hours import Hours
from tests.rules.schedules import wall

NOON = wall("2026-11-20T12:00")
NIGHT = wall("2026-11-20T03:00")
LATE_EVENING = wall("2026-11-20T23:00")
SOON = timedelta(minutes=1)

MOOD = Claim(
    purpose="step",
    is_prompt=True,
    gives_way=True,
    use_by_at=wall("2026-11-21T12:00"),
    hours=Hours(ZoneInfo("America/New_York")),
    phone="+12125550100",
    consent="granted",
)
REMINDER = replace(MOOD, is_prompt=False, gives_way=False)
ANSWER = replace(MOOD, purpose="answer", is_prompt=False)
NURSE = replace(MOOD, purpose="staff", is_prompt=False)
PAGE = replace(MOOD, purpose="page", is_prompt=False)

EVERYTHING_AGAINST: dict[str, Any] = {
    "deceased": True,
    "opted_out": True,
    "consent": "revoked",
    "cancelled_because": "the session was cancelled",
    "booked": True,
    "sending_off": "sending is switched off",
    "not_live": "the clinic is not live",
    "nobody_reads": "nobody is on the rota",
    "allow_listed": False,
    "urgent_case_open": True,
    "unread_reply": True,
    "texts_today": 9,
    "texts_this_week": 99,
}

ENDS = [
    pytest.param({"deceased": True}, "cancelled", "the patient died", id="a patient who died"),
    pytest.param({"opted_out": True}, "suppressed", "the patient sent STOP", id="a patient who sent STOP"),
    pytest.param({"consent": "revoked"}, "suppressed", "withdrew consent", id="a patient who withdrew consent"),
    pytest.param({"cancelled_because": "no session"}, "cancelled", "no session", id="a session that was cancelled"),
    pytest.param({"booked": True}, "cancelled", "an appointment is booked", id="a visit that is booked already"),
    pytest.param({"use_by_at": NOON}, "expired", "too late to be of use", id="a text past its use"),
    pytest.param({"phone": None}, "suppressed", "no number that can be texted", id="a patient without a number"),
    pytest.param({"allow_listed": False}, "suppressed", "not on the list", id="a number outside the allow-list"),
    pytest.param({"texts_today": 2}, "suppressed", "2 automatic texts that day", id="a third text of the day"),
    pytest.param({"texts_this_week": 7}, "suppressed", "7 automatic texts in seven days", id="an eighth of the week"),
]


@pytest.mark.parametrize(("change", "status", "why"), ENDS)
def test_a_text_never_leaves_for(change: dict[str, Any], status: str, why: str) -> None:
    verdict = may_send(replace(MOOD, **change), now=NOON)

    assert isinstance(verdict, End)
    assert verdict.status == status
    assert why in verdict.why


WAITS = [
    pytest.param({"sending_off": "the switch is off"}, SOON, "the switch is off", id="the switch is off"),
    pytest.param({"not_live": "texts not approved"}, SOON, "texts not approved", id="the clinic is not live"),
    pytest.param({"consent": None}, SOON, "no consent on record", id="nobody recorded consent"),
    pytest.param(
        {"urgent_case_open": True},
        SOON,
        "an urgent case holds texts until a person lets them go on",
        id="an urgent case is open",
    ),
    pytest.param({"nobody_reads": "nobody on the rota"}, SOON, "nobody on the rota", id="nobody would read an answer"),
    pytest.param({"unread_reply": True}, timedelta(seconds=1), "being read", id="a reply is not understood yet"),
]


@pytest.mark.parametrize(("change", "until", "why"), WAITS)
def test_a_text_waits_while(change: dict[str, Any], until: timedelta, why: str) -> None:
    verdict = may_send(replace(MOOD, **change), now=NOON)

    assert isinstance(verdict, Wait)
    assert verdict.until == NOON + until
    assert why in verdict.why


def test_a_question_at_noon_leaves_and_may_do_so_until_six() -> None:
    assert may_send(MOOD, now=NOON) == Send(until=wall("2026-11-20T18:00"))


def test_a_text_without_a_question_may_leave_until_eight() -> None:
    assert may_send(REMINDER, now=NOON) == Send(until=wall("2026-11-20T20:00"))


def test_a_text_never_leaves_after_its_use() -> None:
    assert may_send(replace(MOOD, use_by_at=wall("2026-11-20T14:00")), now=NOON) == Send(wall("2026-11-20T14:00"))


HOURS = [
    pytest.param(MOOD, "2026-11-20T02:00", "2026-11-20T09:00", id="a question at two in the night"),
    pytest.param(MOOD, "2026-11-20T18:00", "2026-11-21T09:00", id="a question at six"),
    pytest.param(REMINDER, "2026-11-20T20:00", "2026-11-21T09:00", id="a text without a question at eight"),
    pytest.param(NURSE, "2026-11-20T21:00", "2026-11-21T08:00", id="a nurse's text at nine in the evening"),
    pytest.param(NURSE, "2026-11-20T07:59", "2026-11-20T08:00", id="a nurse's text before eight"),
]


@pytest.mark.parametrize(("claim", "now", "until"), HOURS)
def test_in_quiet_hours_it_waits_until_morning(claim: Claim, now: str, until: str) -> None:
    assert may_send(claim, now=wall(now)) == Wait(wall(until), "quiet hours on the patient's clock")


def test_quiet_hours_are_those_of_the_patient_not_of_the_clinic() -> None:
    in_honolulu = replace(MOOD, hours=Hours(ZoneInfo("Pacific/Honolulu")))

    assert may_send(in_honolulu, now=NOON) == Wait(
        wall("2026-11-20T09:00", "Pacific/Honolulu"), "quiet hours on the patient's clock"
    )


def test_a_text_that_morning_finds_too_old_expires_at_night() -> None:
    until_nine = replace(MOOD, use_by_at=wall("2026-11-20T09:00"))

    assert may_send(until_nine, now=NIGHT) == End("expired", "the next decent hour on the patient's clock is too late")


def test_an_answer_to_the_patient_leaves_at_three_in_the_night() -> None:
    assert may_send(ANSWER, now=NIGHT) == Send(until=ANSWER.use_by_at)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"urgent_case_open": True}, id="an open urgent case"),
        pytest.param({"unread_reply": True}, id="an unread reply"),
        pytest.param({"texts_today": 9, "texts_this_week": 99}, id="caps"),
        pytest.param({"consent": None}, id="no consent on record"),
        pytest.param({"consent": "revoked"}, id="consent withdrawn before they wrote again"),
        pytest.param({"nobody_reads": "nobody on the rota"}, id="nobody on the rota"),
    ],
)
def test_an_answer_to_the_patient_is_not_held_by(change: dict[str, Any]) -> None:
    assert may_send(replace(ANSWER, **change), now=NIGHT) == Send(until=ANSWER.use_by_at)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"opted_out": True}, End("suppressed", "the patient sent STOP"), id="STOP"),
        pytest.param({"deceased": True}, End("cancelled", "the patient died"), id="death"),
        pytest.param({"sending_off": "off"}, Wait(NIGHT + SOON, "off"), id="the switch"),
    ],
)
def test_an_answer_to_the_patient_is_stopped_by(change: dict[str, Any], expected: End | Wait) -> None:
    assert may_send(replace(ANSWER, **change), now=NIGHT) == expected


def test_nothing_stops_a_page_to_staff() -> None:
    against_all = replace(PAGE, **EVERYTHING_AGAINST)

    assert may_send(against_all, now=NIGHT) == Send(until=PAGE.use_by_at)


@pytest.mark.parametrize("wrote", [timedelta(0), timedelta(minutes=30), timedelta(hours=2)])
def test_a_nurse_may_answer_at_eleven_at_night_whoever_wrote_within_two_hours(wrote: timedelta) -> None:
    talking = replace(NURSE, wrote_at=LATE_EVENING - wrote)

    assert may_send(talking, now=LATE_EVENING) == Send(until=NURSE.use_by_at)


def test_a_nurse_waits_until_morning_when_the_patient_wrote_longer_ago() -> None:
    silent = replace(NURSE, wrote_at=LATE_EVENING - timedelta(hours=2, seconds=1))

    assert isinstance(may_send(silent, now=LATE_EVENING), Wait)


def test_a_question_of_the_plan_waits_at_night_though_the_patient_just_wrote() -> None:
    assert isinstance(may_send(replace(MOOD, wrote_at=LATE_EVENING), now=LATE_EVENING), Wait)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"urgent_case_open": True}, id="an urgent case is open"),
        pytest.param({"consent": None}, id="no consent is on record"),
        pytest.param({"texts_today": 9, "texts_this_week": 99}, id="many texts went out"),
        pytest.param({"nobody_reads": "nobody on the rota"}, id="nobody is on the rota"),
    ],
)
def test_a_nurse_may_write_though(change: dict[str, Any]) -> None:
    assert may_send(replace(NURSE, **change), now=NOON) == Send(until=wall("2026-11-20T21:00"))


def test_a_nurse_waits_while_a_reply_that_may_be_stop_is_being_read() -> None:
    assert isinstance(may_send(replace(NURSE, unread_reply=True), now=NOON), Wait)


def test_a_nurse_may_not_write_to_whoever_withdrew_consent() -> None:
    assert isinstance(may_send(replace(NURSE, consent="revoked"), now=NOON), End)


def test_one_text_below_the_caps_leaves() -> None:
    assert isinstance(may_send(replace(MOOD, texts_today=1, texts_this_week=6), now=NOON), Send)


def test_a_reminder_never_gives_way() -> None:
    assert isinstance(may_send(replace(REMINDER, texts_today=9, texts_this_week=99), now=NOON), Send)


def test_a_text_that_asks_nothing_needs_no_reader() -> None:
    assert isinstance(may_send(replace(REMINDER, nobody_reads="nobody on the rota"), now=NOON), Send)


def test_a_clinic_may_do_without_recorded_consent() -> None:
    assert isinstance(may_send(replace(MOOD, consent=None, needs_recorded_consent=False), now=NOON), Send)


def test_a_withdrawal_counts_where_no_recorded_consent_is_needed() -> None:
    assert isinstance(may_send(replace(MOOD, consent="revoked", needs_recorded_consent=False), now=NOON), End)


def test_death_comes_first_when_everything_speaks_against_a_text() -> None:
    assert may_send(replace(MOOD, **EVERYTHING_AGAINST), now=NIGHT) == End("cancelled", "the patient died")


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(
    purpose=st.sampled_from(["step", "answer", "staff"]),
    is_prompt=st.booleans(),
    against=st.sets(st.sampled_from(sorted(EVERYTHING_AGAINST)), max_size=2),
    at=st.integers(0, 48 * 60).map(lambda minutes: NIGHT + timedelta(minutes=minutes)),
)
def test_whatever_is_decided_points_forward(purpose: Purpose, is_prompt: bool, against: set[str], at: datetime) -> None:
    changes = {name: EVERYTHING_AGAINST[name] for name in against}
    claim = replace(MOOD, purpose=purpose, is_prompt=is_prompt, **changes)
    verdict = may_send(claim, now=at)

    if isinstance(verdict, Send):
        assert at < verdict.until <= claim.use_by_at
        assert not against & {"deceased", "opted_out", "sending_off", "allow_listed"}
    elif isinstance(verdict, Wait):
        assert verdict.until > at
        assert verdict.why
    else:
        assert verdict.why
