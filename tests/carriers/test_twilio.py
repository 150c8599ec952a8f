"""Handing texts over: the real SDK against a real socket, for every way an answer can come or stay away."""

import logging
import secrets
import socket
import threading
from datetime import timedelta
from itertools import chain
from time import monotonic

import pytest

from followup.carriers.carrier import Accepted, Cause, OutgoingText, Refused, Unknown
from followup.carriers.twilio_errors import CAUSES, cause_of
from tests.carriers.conftest import PUBLIC_URL
from tests.twilio_behaviours import (
    ACCEPT,
    ACCEPT_THEN_DROP,
    DROP_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    OPTED_OUT,
    TOO_MANY,
    TRUNCATED,
    Behaviour,
    refuse,
    slow,
)
from tests.twilio_server import OUR_NUMBER, SERVICE_SID

MARIA = "+12025550123"
BODY = "How are you feeling today, 0-10?"


def a_text(*, to=MARIA, body=BODY, sender=None, valid_for=timedelta(hours=1)):
    return OutgoingText(attempt=secrets.token_hex(16), to=to, body=body, sender=sender, valid_for=valid_for)


def yes(attempt: str) -> bool:
    return True


def outcomes_of(carrier, texts, may_still_send=yes):
    """The outcomes in the order of the texts; each text must have exactly one."""
    pairs = list(chain.from_iterable(carrier.send(texts, may_still_send=may_still_send)))
    assert sorted(attempt for attempt, _ in pairs) == sorted(text.attempt for text in texts)
    found = dict(pairs)
    return [found[text.attempt] for text in texts]


def outcome_of(carrier, text=None):
    [outcome] = outcomes_of(carrier, [text or a_text()])
    return outcome


def test_accepted_text_has_the_sid_that_twilio_gave(carrier, twilio):
    text = a_text()
    outcome = outcome_of(carrier, text)
    [taken] = twilio.accepted
    assert outcome == Accepted(taken["sid"])
    assert (taken["to"], taken["body"], taken["from"]) == (MARIA, BODY, OUR_NUMBER)
    assert taken["status_callback"] == f"{PUBLIC_URL}/webhooks/twilio/status?attempt={text.attempt}"


def test_text_arrives_as_written_in_every_script(carrier, twilio):
    body = "¿Cómo estás? 😀 a+b&c=d %20\r\n\x00 «ок»"
    outcome_of(carrier, a_text(body=body))
    assert twilio.accepted[0]["body"] == body


@pytest.mark.parametrize(
    ("valid_for", "seconds"),
    [
        pytest.param(timedelta(minutes=90), "5400", id="within"),
        pytest.param(timedelta(hours=11), "36000", id="longer than Twilio takes"),
        pytest.param(timedelta(milliseconds=10), "1", id="nearly over"),
        pytest.param(timedelta(seconds=-5), "1", id="over"),
    ],
)
def test_validity_is_clamped_to_what_twilio_takes(carrier, twilio, valid_for, seconds):
    outcome_of(carrier, a_text(valid_for=valid_for))
    assert twilio.accepted[0]["validity_period"] == seconds


def test_clinic_number_replaces_the_usual_sender(carrier, twilio):
    outcome_of(carrier, a_text(sender="+13125550177"))
    assert twilio.accepted[0]["from"] == "+13125550177"


def test_messaging_service_sends_where_set(make_carrier, twilio):
    outcome_of(make_carrier(messaging_service_sid=SERVICE_SID), a_text(sender="+13125550177"))
    [form] = twilio.posts
    assert form["MessagingServiceSid"] == SERVICE_SID
    assert "From" not in form


@pytest.mark.parametrize(
    ("behaviour", "accepted"),
    [
        pytest.param(ACCEPT_THEN_DROP, 1, id="connection lost after acceptance"),
        pytest.param(DROP_BEFORE, 0, id="connection lost before acceptance"),
        pytest.param(ERROR_AFTER, 1, id="500 after acceptance"),
        pytest.param(ERROR_BEFORE, 0, id="500 before acceptance"),
        pytest.param(TRUNCATED, 1, id="201 cut in the middle"),
        pytest.param(refuse(None, status=503), 0, id="503 of a proxy"),
        pytest.param(refuse(20408, status=408), 0, id="408"),
        pytest.param(refuse(20409, status=409), 0, id="409"),
        pytest.param(refuse(None, status=425), 0, id="425"),
        pytest.param(Behaviour(status=302), 1, id="a redirect"),
        pytest.param(Behaviour(status=200), 1, id="200 where 201 was promised"),
    ],
)
def test_what_proves_nothing_is_unknown_and_posted_once(carrier, twilio, behaviour, accepted):
    twilio.script.append(behaviour)
    assert isinstance(outcome_of(carrier), Unknown)
    assert len(twilio.accepted) == accepted
    assert len(twilio.posts) == 1


def test_answer_slower_than_the_timeout_is_unknown(make_carrier, twilio):
    twilio.script.append(slow(30))
    carrier = make_carrier(total_timeout=timedelta(seconds=0.2))
    assert outcome_of(carrier) == Unknown("Twilio did not answer in time")
    assert len(twilio.accepted) == 1


@pytest.mark.parametrize(
    ("behaviour", "cause", "code"),
    [
        pytest.param(OPTED_OUT, Cause.OPTED_OUT, 21610, id="replied STOP"),
        pytest.param(refuse(21211), Cause.NUMBER, 21211, id="number not valid"),
        pytest.param(refuse(21614), Cause.NUMBER, 21614, id="not a mobile"),
        pytest.param(refuse(21606), Cause.SENDER, 21606, id="sender not capable"),
        pytest.param(refuse(20003, status=401), Cause.SENDER, 20003, id="credentials wrong"),
        pytest.param(refuse(29999, status=403), Cause.SENDER, 29999, id="403 with a new code"),
        pytest.param(refuse(None, status=407), Cause.SENDER, None, id="a proxy's 407"),
        pytest.param(refuse(21617), Cause.CONTENT, 21617, id="too long"),
        pytest.param(refuse(29999), Cause.CONTENT, 29999, id="a new code fails this text only"),
        pytest.param(refuse(None), Cause.CONTENT, None, id="400 without a code"),
        pytest.param(refuse(21611), Cause.RATE, 21611, id="queue full"),
        pytest.param(refuse(21211, status=429), Cause.RATE, 21211, id="429 counts, not its code"),
    ],
)
def test_refusal_says_whose_fault_it_is(carrier, twilio, behaviour, cause, code):
    twilio.script.append(behaviour)
    outcome = outcome_of(carrier)
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.code) == (cause, code)
    assert twilio.accepted == []


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("7", timedelta(seconds=7), id="seconds"),
        pytest.param(None, None, id="none"),
        pytest.param("Wed, 21 Oct 2026 07:28:00 GMT", None, id="a date"),
        pytest.param("9" * 40, None, id="junk"),
    ],
)
def test_too_many_requests_says_how_long_to_wait(carrier, twilio, header, wait):
    twilio.script.append(Behaviour(accepts=False, status=429, code=20429, retry_after=header))
    outcome = outcome_of(carrier)
    assert isinstance(outcome, Refused)
    assert (outcome.cause, outcome.retry_after) == (Cause.RATE, wait)


def test_refused_connection_is_certain(make_carrier):
    with socket.socket() as bound:  # Bound, but nobody listens.
        bound.bind(("127.0.0.1", 0))
        outcome = outcome_of(make_carrier(api_url=f"http://127.0.0.1:{bound.getsockname()[1]}"))
    assert isinstance(outcome, Refused)
    assert outcome.cause is Cause.TRANSIENT


def test_failed_tls_handshake_is_certain(make_carrier, twilio):
    outcome = outcome_of(make_carrier(api_url=twilio.url.replace("http://", "https://")))
    assert isinstance(outcome, Refused)
    assert outcome.cause is Cause.TRANSIENT


def test_connection_that_never_comes_about_is_certain(make_carrier):
    with socket.create_server(("127.0.0.1", 0)) as mute:  # Takes the connection and never answers the handshake.
        carrier = make_carrier(
            api_url=f"https://127.0.0.1:{mute.getsockname()[1]}", connect_timeout=timedelta(seconds=0.1)
        )
        outcome = outcome_of(carrier)
    assert isinstance(outcome, Refused)
    assert outcome.cause is Cause.TRANSIENT


def test_claim_that_ran_out_sends_nothing(carrier, twilio):
    kept, gone = a_text(), a_text()
    outcomes = outcomes_of(carrier, [kept, gone], lambda attempt: attempt != gone.attempt)
    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1] == Refused(Cause.HELD, None, "held back before the call")
    assert len(twilio.posts) == 1


def test_claim_is_asked_about_only_when_a_connection_stands(make_carrier):
    asked: list[str] = []

    def note(attempt: str) -> bool:
        asked.append(attempt)
        return True

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        outcomes_of(make_carrier(api_url=f"http://127.0.0.1:{bound.getsockname()[1]}"), [a_text()], note)
    assert asked == []


def test_never_more_at_once_than_allowed(make_carrier, twilio):
    twilio.behave = lambda form: slow(0.02)
    outcomes = outcomes_of(make_carrier(concurrency=3), [a_text() for _ in range(20)])
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert twilio.most_at_once == 3


def test_sends_at_once_share_the_limit(make_carrier, twilio):
    twilio.behave = lambda form: slow(0.02)
    carrier = make_carrier(concurrency=3)
    threads = [threading.Thread(target=outcomes_of, args=(carrier, [a_text() for _ in range(6)])) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(twilio.accepted) == 18
    assert twilio.most_at_once == 3


def test_slow_answer_does_not_hold_up_the_others(carrier, twilio):
    answer_now = threading.Event()
    laggard, *others = texts = [a_text(body="slow"), *(a_text() for _ in range(5))]

    def behave(form):
        if form["Body"] == "slow":
            answer_now.wait(10)
        return ACCEPT

    twilio.behave = behave
    seen: set[str] = set()
    groups = carrier.send(texts, may_still_send=yes)
    while len(seen) < len(others):
        seen |= {attempt for attempt, _ in next(groups)}
    assert seen == {text.attempt for text in others}
    answer_now.set()
    [[(last, outcome)]] = list(groups)
    assert last == laggard.attempt
    assert isinstance(outcome, Accepted)


def test_rate_counts_segments(make_carrier, twilio):
    two_segments = "a" * 200
    carrier = make_carrier(messages_per_second=10)
    times: list[float] = []

    def behave(form):
        times.append(monotonic())
        return ACCEPT

    twilio.behave = behave
    outcomes_of(carrier, [a_text(body=two_segments) for _ in range(5)])
    # Four turns of two segments lie between the first and the last.
    assert max(times) - min(times) >= 4 * 2 / 10 * 0.7


def test_each_sender_has_a_rate_of_its_own(make_carrier, twilio):
    carrier = make_carrier(messages_per_second=0.5)
    arrived: dict[str, float] = {}
    twilio.behave = lambda form: arrived.setdefault(form["From"], monotonic()) and ACCEPT

    texts = [a_text(sender=f"+1202555020{number}") for number in range(3)]
    outcomes_of(carrier, texts)

    assert len(arrived) == 3
    assert max(arrived.values()) - min(arrived.values()) < 2


def test_nothing_to_send_gives_nothing(carrier, twilio):
    assert list(carrier.send([], may_still_send=yes)) == []
    assert twilio.requests == []


def test_closing_while_a_text_is_out_leaves_it_unknown(carrier, twilio):
    arrived = threading.Event()

    def behave(form):
        arrived.set()
        return slow(30)

    twilio.behave = behave
    outcomes: list = []
    sending = threading.Thread(target=lambda: outcomes.extend(outcomes_of(carrier, [a_text()])))
    sending.start()
    assert arrived.wait(5)
    carrier.close()
    sending.join()
    assert outcomes == [Unknown("the carrier was closed meanwhile")]


def test_closed_carrier_says_so_and_closes_twice(carrier):
    outcome_of(carrier)
    carrier.close()
    carrier.close()
    with pytest.raises(RuntimeError, match="closed"):
        list(carrier.send([a_text()], may_still_send=yes))


def test_leaving_early_gives_up_what_is_still_out(make_carrier, twilio):
    twilio.behave = lambda form: slow(0.05)
    carrier = make_carrier(concurrency=1)
    groups = carrier.send([a_text() for _ in range(20)], may_still_send=yes)
    next(groups)
    groups.close()
    outcome_of(carrier)
    assert len(twilio.posts) < 20


@pytest.mark.parametrize("behaviour", [OPTED_OUT, TOO_MANY, ERROR_AFTER, TRUNCATED, ACCEPT_THEN_DROP, DROP_BEFORE])
def test_words_and_log_hold_neither_number_nor_text(carrier, twilio, caplog, behaviour):
    caplog.set_level(logging.DEBUG, logger="aiohttp")
    caplog.set_level(logging.DEBUG, logger="asyncio")
    twilio.script.append(behaviour)
    outcome = outcome_of(carrier)
    list(carrier.list_sent_to(MARIA))
    said = repr(outcome) + caplog.text
    assert MARIA.removeprefix("+") not in said
    assert BODY not in said


def test_sdk_is_kept_from_logging_numbers(carrier):
    assert not logging.getLogger("twilio.async_http_client").isEnabledFor(logging.INFO)
    assert not logging.getLogger("twilio.http_client").isEnabledFor(logging.INFO)


def test_environment_cannot_redirect_the_calls(make_carrier, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    assert isinstance(outcome_of(make_carrier()), Accepted)


@pytest.mark.parametrize(
    ("api_url", "public"),
    [
        (None, True),
        ("https://api.twilio.example", True),
        ("http://127.0.0.1:4013", False),
        ("http://localhost:4013", False),
        ("http://[::1]:4013", False),
        ("http://127.0.0.1.example", True),
    ],
)
def test_only_loopback_is_not_public(make_carrier, api_url, public):
    assert make_carrier(api_url=api_url).is_public is public


def test_every_cause_has_a_code_and_new_codes_fail_one_text_only():
    assert {cause for cause, _ in CAUSES.values()} == {*Cause} - {Cause.HELD}
    assert cause_of(99999)[0] is Cause.CONTENT
    assert not {20500, 20503} & CAUSES.keys()  # These say nothing about the text.
