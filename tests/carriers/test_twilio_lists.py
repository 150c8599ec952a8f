"""What Twilio still has: texts in, texts out, and whether the settings are right."""

import secrets
from datetime import UTC, datetime, timedelta, timezone

import pytest

from followup.carriers.carrier import OutgoingText
from tests.twilio_behaviours import refuse
from tests.twilio_server import OUR_NUMBER, SERVICE_SID

MARIA, TOM = "+12025550123", "+12025550124"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def send(carrier, to, body):
    text = OutgoingText(attempt=secrets.token_hex(16), to=to, body=body, sender=None, valid_for=timedelta(hours=1))
    list(carrier.send([text], may_still_send=lambda attempt: True))


def test_lost_webhook_is_found_in_the_list(carrier, twilio):
    twilio.now = lambda: NOON
    sid = twilio.records_inbound(MARIA, OUR_NUMBER, "7\x00 ok")
    [text] = carrier.list_incoming(since=NOON - timedelta(minutes=15))
    assert (text.sid, text.sender, text.to, text.body) == (sid, MARIA, OUR_NUMBER, "7\x00 ok")
    assert (text.media_count, text.received_at) == (0, NOON)


def test_incoming_list_has_all_pages_newest_first_and_nothing_else(carrier, twilio):
    twilio.longest_page = 3
    sids = [twilio.records_inbound(MARIA, OUR_NUMBER, str(score)) for score in range(8)]
    twilio.records_inbound(MARIA, "+12025550199", "to another number")
    send(carrier, OUR_NUMBER, "to ourselves")
    twilio.set_status(twilio.accepted[0]["sid"], "sent")
    found = [text.sid for text in carrier.list_incoming(since=datetime.now(UTC))]
    assert found == sids[::-1]


def test_new_texts_do_not_shift_the_pages(carrier, twilio):
    twilio.longest_page = 3
    sids = [twilio.records_inbound(MARIA, OUR_NUMBER, str(score)) for score in range(6)]
    texts = carrier.list_incoming(since=datetime.now(UTC))
    found = [next(texts).sid]
    twilio.records_inbound(MARIA, OUR_NUMBER, "came meanwhile")
    found += [text.sid for text in texts]
    assert found == sids[::-1]


def test_incoming_list_reaches_back_one_more_day_in_utc(carrier, twilio):
    new_york = timezone(timedelta(hours=-5))
    list(carrier.list_incoming(since=datetime(2026, 11, 20, 9, 0, tzinfo=new_york)))
    assert "DateSent%3E=2026-11-19T14%3A00%3A00Z" in twilio.requests[-1].replace(":", "%3A").replace(">", "%3E")
    assert "To=%2B12025550100" in twilio.requests[-1].replace("+", "%2B")


def test_incoming_list_of_all_numbers_where_none_is_set(make_carrier, twilio):
    carrier = make_carrier(from_number=None, messaging_service_sid=SERVICE_SID)
    for number in (OUR_NUMBER, "+12025550199"):
        twilio.records_inbound(MARIA, number, "hello")
    found = {text.to for text in carrier.list_incoming(since=datetime.now(UTC))}
    assert found == {OUR_NUMBER, "+12025550199"}


def test_sent_list_shows_what_may_have_reached_this_number(carrier, twilio):
    twilio.longest_page = 2
    twilio.now = lambda: NOON
    for body in ("one", "two", "three", "four"):
        send(carrier, MARIA, body)
    send(carrier, TOM, "to Tom")
    twilio.script.append(refuse(21610))
    send(carrier, MARIA, "refused")  # Twilio lists refused POSTs, too.
    twilio.records_inbound(MARIA, OUR_NUMBER, "a reply")
    twilio.set_status(twilio.accepted[1]["sid"], "failed", 30001)
    twilio.set_status(twilio.accepted[2]["sid"], "undelivered", 30003)
    listed = list(carrier.list_sent_to(MARIA))
    assert [body for _, body, _ in listed] == ["four", "three", "one"]
    assert listed[-1] == (twilio.accepted[0]["sid"], "one", NOON)
    assert "DateSent" not in "".join(twilio.requests)


def test_list_that_cannot_be_had_says_so_without_the_number(make_carrier, twilio):
    carrier = make_carrier(auth_token="0" * 32)
    with pytest.raises(ConnectionError, match="HTTP 401, Twilio 20003") as raised:
        list(carrier.list_sent_to(MARIA))
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    twilio.stop()
    with pytest.raises(ConnectionError) as raised:
        list(carrier.list_sent_to(MARIA))
    assert MARIA.removeprefix("+") not in str(raised.value)


def test_listed_text_without_a_date_is_not_left_out(carrier, twilio):
    send(carrier, MARIA, "one")
    twilio.set_status(twilio.accepted[0]["sid"], "sent")["date_created"] = None
    with pytest.raises(ConnectionError, match="without SID or date"):
        list(carrier.list_sent_to(MARIA))


def holds(carrier):
    return {what: holds for what, holds, _ in carrier.check()}


def test_right_settings_pass_every_check(make_carrier):
    carrier = make_carrier(messaging_service_sid=SERVICE_SID)
    assert holds(carrier) == {
        "Twilio account": True,
        "clock": True,
        "messaging service": True,
        "sender number": True,
        "signature": True,
    }


def test_wrong_credentials_fail_the_check(make_carrier):
    found = holds(make_carrier(auth_token="0" * 32))
    assert found["Twilio account"] is False
    assert found["sender number"] is False


def test_number_or_service_of_others_fails_the_check(make_carrier):
    carrier = make_carrier(from_number="+12025550199", messaging_service_sid="MG" + "0" * 32)
    found = holds(carrier)
    assert found["Twilio account"] is True
    assert (found["sender number"], found["messaging service"]) == (False, False)
    assert "2025550199" not in repr(carrier.check())


def test_wrong_clock_fails_the_check(carrier, twilio):
    twilio.now = lambda: datetime.now(UTC) + timedelta(minutes=5)
    assert holds(carrier)["clock"] is False


def test_unreachable_twilio_fails_the_check_without_an_exception(carrier, twilio):
    twilio.stop()
    assert holds(carrier) == {"Twilio account": False, "sender number": False, "signature": True}
