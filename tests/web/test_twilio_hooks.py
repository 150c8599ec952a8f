"""Where the carrier calls. Nobody else may come in, and nothing is acknowledged that is not kept."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.carriers.carrier import IncomingText
from followup.flow.claim_texts import SendingRules, claim_texts
from followup.flow.receive_reply import keep_replies
from followup.flow.reply_writer import ReplyWriter
from followup.flow.spool_replies import ReplySpool
from followup.store.database import Database
from followup.store.tables import Attempt, DeliveryReport, Message, Reply
from tests.databases import KEY, Broken
from tests.people import NOW
from tests.twilio_server import AUTH_TOKEN
from tests.web.doors import (
    ACCOUNT_SID,
    FORM,
    PHONE,
    PUBLIC_URL,
    Doors,
    completed,
    inbound,
    open_doors,
    signature,
    status,
    twilio_carrier,
)

INBOUND, STATUS = "/webhooks/twilio/inbound", "/webhooks/twilio/status"
SID = "SM" + "c4" * 16
OTHER_SID = "SM" + "d5" * 16


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors(twilio_carrier()) as made:
        yield made


@pytest.fixture(scope="module")
def untouched() -> Iterator[Doors]:
    """One site for everything that is refused: after all of it nothing is kept."""
    with open_doors(twilio_carrier()) as made:
        yield made
        for table in (Reply, DeliveryReport):
            assert made.rows(table) == []


def claimed(doors: Doors) -> str:
    """Maria's check-in, on its way to the carrier: the token of its attempt."""
    doors.post_event(completed())
    rules = SendingRules(lease=timedelta(seconds=60), batch=1, reaches_people=False)
    [text], _ = claim_texts(database=doors.database, rules=rules, now=NOW + timedelta(hours=2))
    return text.attempt


def message(doors: Doors) -> Message:
    [found] = [each for each in doors.rows(Message) if each.step == "same-day check-in"]
    return found


# Texts that come in --------------------------------------------------------------------------------------


def test_a_signed_text_is_kept_and_acknowledged_with_nothing_to_say(doors: Doors) -> None:
    answer = doors.post_signed(INBOUND, inbound("¿Qué tal? ¡Mañana! 🙂\r\nline  ", sid=SID))

    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].split(";")[0] == "text/xml"
    [reply] = doors.rows(Reply)
    assert (reply.carrier_sid, reply.sender, reply.body) == (SID, PHONE, "¿Qué tal? ¡Mañana! 🙂\r\nline  ")
    assert reply.read_at is None
    assert doors.woken == 1


def test_the_same_text_twice_is_one_row_and_acknowledged_twice(doors: Doors) -> None:
    form = inbound("hello", sid=SID)

    assert [doors.post_signed(INBOUND, form).status_code for _ in range(3)] == [200] * 3

    assert [reply.carrier_sid for reply in doors.rows(Reply)] == [SID]


def test_a_replayed_text_after_it_was_read_changes_nothing(doors: Doors) -> None:
    form = inbound("STOP", sid=SID)
    doors.post_signed(INBOUND, form)
    doors.read_replies()

    doors.post_signed(INBOUND, form)

    assert doors.read_replies() == 0


@pytest.mark.parametrize("sender", ["+12125550177", "72975", "", "Anonymous", "+266696687", "x" * 300, "client:\x00"])
def test_a_text_from_anybody_is_kept(doors: Doors, sender: str) -> None:
    assert doors.post_signed(INBOUND, inbound("who are you?", sid=SID, sender=sender)).status_code == 200
    assert len(doors.rows(Reply)) == 1


@pytest.mark.parametrize(
    "body", ["", " ", "x" * 1600, "a\x00b", "ñ" * 1600, "<script>alert(1)</script>", "' OR 1=1 --"]
)
def test_any_words_are_kept(doors: Doors, body: str) -> None:
    assert doors.post_signed(INBOUND, inbound(body, sid=SID)).status_code == 200
    assert doors.rows(Reply)[0].body == body.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def test_fields_that_twilio_adds_without_notice_do_no_harm(doors: Doors) -> None:
    form = inbound("hi", sid=SID, FromCity="", AddOns='{"status": "successful"}', SomethingNew="7", ToZip="10001")

    assert doors.post_signed(INBOUND, form).status_code == 200


def test_a_text_that_cannot_be_kept_is_not_acknowledged(doors: Doors) -> None:
    def fail(_: Sequence[IncomingText]) -> None:
        raise OSError("the disk is full")

    doors.site.state.reply_writer.close()
    doors.site.state.reply_writer = ReplyWriter(fail)

    answer = doors.post_signed(INBOUND, inbound(sid=SID))

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Response" not in answer.text
    assert doors.woken == 0


def test_a_text_is_acknowledged_only_after_it_is_committed(doors: Doors) -> None:
    may_commit, was_asked, answers = threading.Event(), threading.Event(), []

    def keep_late(texts: Sequence[IncomingText]) -> None:
        was_asked.set()
        assert may_commit.wait(10)
        doors.keep(texts)

    doors.site.state.reply_writer.close()
    doors.site.state.reply_writer = ReplyWriter(keep_late)

    def post() -> None:
        answers.append(doors.post_signed(INBOUND, inbound(sid=SID)).status_code)

    thread = threading.Thread(target=post)
    thread.start()
    assert was_asked.wait(10)
    assert answers == []
    may_commit.set()
    thread.join(10)

    assert answers == [200]
    assert len(doors.rows(Reply)) == 1


def test_a_caller_that_is_gone_does_not_stop_the_writer(doors: Doors) -> None:
    may_commit, was_asked = threading.Event(), threading.Event()

    def keep_late(texts: Sequence[IncomingText]) -> None:
        was_asked.set()
        assert may_commit.wait(10)
        doors.keep(texts)

    doors.site.state.reply_writer.close()
    doors.site.state.reply_writer = ReplyWriter(keep_late)

    async def leave_before_the_answer() -> None:
        pairs = list(inbound(sid=SID).items())
        headers = {"X-Twilio-Signature": signature(PUBLIC_URL + INBOUND, pairs), "Content-Type": FORM}
        call = asyncio.create_task(doors.client.post(INBOUND, content=urlencode(pairs), headers=headers))
        assert await asyncio.to_thread(was_asked.wait, 10)
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call
        may_commit.set()

    doors.runner.run(leave_before_the_answer())

    assert doors.post_signed(INBOUND, inbound(sid=OTHER_SID)).status_code == 200
    assert {reply.carrier_sid for reply in doors.rows(Reply)} == {SID, OTHER_SID}


# When the database does not take it ----------------------------------------------------------------------


@pytest.fixture
def spool(doors: Doors, tmp_path: Path) -> ReplySpool:
    """The reply writer of `doors` has this spool, and little patience."""
    spool = ReplySpool(tmp_path / "spool", keys=(KEY,))
    write_with(doors, doors.keep, spool)
    return spool


def write_with(doors: Doors, keep: Callable[[Sequence[IncomingText]], None], spool: ReplySpool) -> None:
    doors.site.state.reply_writer.close()
    doors.site.state.reply_writer = ReplyWriter(keep, spool=spool.put, patience=timedelta(milliseconds=200))


def test_a_text_that_comes_while_the_database_is_locked_is_acknowledged_and_stored_later_as_of_when_it_came(
    doors: Doors, spool: ReplySpool
) -> None:
    with doors.database.engine.execution_options(writes=True).begin():
        answer = doors.post_signed(INBOUND, inbound("STOP", sid=SID))
        assert doors.rows(Reply) == []
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    assert doors.woken == 1

    spool.drain(database=doors.database, now=NOW + timedelta(hours=1))

    [reply] = doors.rows(Reply)
    assert (reply.carrier_sid, reply.body, reply.received_at, reply.recovered) == (SID, "STOP", NOW, False)


def test_a_text_that_comes_while_the_database_is_gone_is_acknowledged_and_stored_when_it_is_back(
    doors: Doors, spool: ReplySpool
) -> None:
    gone = Database("postgresql+psycopg://followup@127.0.0.1:1/followup?connect_timeout=2")

    def keep(texts: Sequence[IncomingText]) -> None:
        keep_replies(gone, texts, now=NOW)

    write_with(doors, keep, spool)
    assert doors.post_signed(INBOUND, inbound(sid=SID)).status_code == 200
    assert spool.drain(database=doors.database, now=NOW) == 1
    gone.close()

    assert [reply.carrier_sid for reply in doors.rows(Reply)] == [SID]


def test_a_text_that_neither_the_database_nor_the_spool_takes_is_503(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file stands where the folder should be")
    broken = Broken(doors.database, "reply", when="true")
    write_with(doors, doors.keep, ReplySpool(tmp_path / "spool", keys=(KEY,)))

    assert doors.post_signed(INBOUND, inbound(sid=SID)).status_code == 503
    broken.mend()
    assert doors.post_signed(INBOUND, inbound(sid=SID)).status_code == 200


# Who is let in -------------------------------------------------------------------------------------------


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403


@pytest.mark.parametrize("path", [INBOUND, STATUS, f"{STATUS}?attempt=" + "a" * 32])
@pytest.mark.parametrize(
    "header",
    [None, "", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ñ", "=" * 5000, " "],
    ids=["none", "empty", "short", "like one", "not ascii", "long", "blank"],
)
def test_what_is_not_signed_is_403(untouched: Doors, path: str, header: str | None) -> None:
    headers = {"Content-Type": FORM.encode()}
    if header is not None:
        headers["X-Twilio-Signature"] = header.encode("latin-1")
    form = urlencode(inbound(sid=SID) | status("sent", sid=SID))

    assert refused(untouched.request("POST", path, content=form, headers=headers))


def test_a_signature_for_something_else_is_403(untouched: Doors) -> None:
    form = inbound("yes", sid=SID)
    right = signature(PUBLIC_URL + INBOUND, list(form.items()))

    def post(path: str, sent: dict[str, str], signed_with: str = right) -> httpx.Response:
        return untouched.post_signed(path, sent, headers={"X-Twilio-Signature": signed_with})

    assert refused(post(INBOUND, form | {"Body": "no"}))
    assert refused(post(INBOUND, form | {"Extra": "1"}))
    assert refused(post(INBOUND + "?x=1", form))
    assert refused(post(STATUS, form | {"MessageStatus": "sent"}))
    assert refused(post(INBOUND, form, signature(PUBLIC_URL + INBOUND, list(form.items()), token="not ours")))
    assert refused(post(INBOUND, form, signature("http://testserver" + INBOUND, list(form.items()))))
    assert refused(post(INBOUND, form, right.lower()))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "aftercare.example.org:8443"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "10.0.0.1"},
        {"Forwarded": "host=evil.example;proto=http", "X-Original-URL": "/elsewhere", "X-Rewrite-URL": "/x"},
    ],
    ids=["host", "port", "x-forwarded", "forwarded"],
)
def test_the_address_that_counts_is_ours_whatever_headers_say(doors: Doors, headers: dict[str, str]) -> None:
    assert doors.post_signed(INBOUND, inbound(sid=SID), headers=headers).status_code == 200

    forged = doors.post_signed(INBOUND, inbound(sid=OTHER_SID), url="https://evil.example", headers=headers)
    assert refused(forged)
    assert [reply.carrier_sid for reply in doors.rows(Reply)] == [SID]


def test_the_previous_auth_token_still_signs_while_it_is_set() -> None:
    with open_doors(twilio_carrier(previous_auth_token="0ld" * 10)) as doors:
        assert doors.post_signed(INBOUND, inbound(sid=SID), token="0ld" * 10).status_code == 200
        assert doors.post_signed(INBOUND, inbound(sid=OTHER_SID), token=AUTH_TOKEN).status_code == 200
        assert refused(doors.post_signed(INBOUND, inbound(sid="SM" + "e" * 32), token=""))


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencodedx"],
)
def test_what_is_no_form_is_403_even_when_signed(untouched: Doors, content_type: str) -> None:
    form = inbound(sid=SID)

    assert refused(untouched.post_signed(INBOUND, form, headers={"Content-Type": content_type}))


def test_a_json_body_is_403_even_with_its_hash_in_the_address(untouched: Doors) -> None:
    path = INBOUND + "?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    headers = {"X-Twilio-Signature": signature(PUBLIC_URL + path, []), "Content-Type": "application/json"}

    assert refused(untouched.request("POST", path, content=b"{}", headers=headers))


@pytest.mark.parametrize(
    "changes",
    [
        {"AccountSid": "AC" + "f" * 32},
        {"AccountSid": ""},
        {"AccountSid": None},
        {"MessageSid": None},
        {"MessageSid": "SM1"},
        {"MessageSid": SID.upper()},
        {"MessageSid": SID + "\n"},
        {"MessageSid": "XX" + "0" * 32},
        {"To": None},
        {"To": "somebody"},
        {"To": ""},
        {"From": None},
        {"Body": None},
        {"NumMedia": "many"},
        {"NumMedia": "-1"},
    ],
    ids=str,
)
def test_a_signed_form_of_the_wrong_shape_is_403(untouched: Doors, changes: dict[str, str | None]) -> None:
    form = {name: value for name, value in (inbound(sid=SID) | changes).items() if value is not None}

    assert refused(untouched.post_signed(INBOUND, form))


def test_fields_that_run_together_carry_the_signature_and_are_403(untouched: Doors) -> None:
    """The signature joins names and values without a sign between them (facts/reliability X3)."""
    whole = inbound("YES", sid=SID)
    cut = {"AccountSid": ACCOUNT_SID, "Body": "YESFrom" + PHONE + "MessageSid" + SID + "NumMedia0To" + whole["To"]}
    same = signature(PUBLIC_URL + INBOUND, list(whole.items()))
    assert signature(PUBLIC_URL + INBOUND, list(cut.items())) == same

    assert refused(untouched.post_signed(INBOUND, cut, headers={"X-Twilio-Signature": same}))


def test_a_field_that_comes_twice_does_not_smuggle_another_value(untouched: Doors) -> None:
    form = inbound("hello", sid=SID)
    right = signature(PUBLIC_URL + INBOUND, list(form.items()))
    for name in form:
        twice = [*form.items(), (name, "x")]
        assert refused(untouched.post_signed(INBOUND, twice, headers={"X-Twilio-Signature": right})), name


@pytest.mark.parametrize("path", [INBOUND, STATUS])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_only_posts_are_taken(untouched: Doors, path: str, method: str) -> None:
    assert untouched.request(method, path).status_code == 405


def test_with_the_pretend_carrier_nobody_comes_in() -> None:
    with open_doors() as doors:
        for path, form in ((INBOUND, inbound(sid=SID)), (STATUS, status("sent", sid=SID))):
            for token in (AUTH_TOKEN, "", "pretend"):
                assert refused(doors.post_signed(path, form, token=token))
        assert doors.rows(Reply) == doors.rows(DeliveryReport) == []


# What became of texts that left --------------------------------------------------------------------------


def test_a_status_is_kept_and_moves_the_text(doors: Doors) -> None:
    token = claimed(doors)

    answer = doors.post_signed(f"{STATUS}?attempt={token}", status("delivered", sid=SID))

    assert (answer.status_code, answer.content) == (204, b"")
    assert (message(doors).status, message(doors).carrier_sid) == ("delivered", SID)
    assert [report.status for report in doors.rows(DeliveryReport)] == ["delivered"]


def test_a_status_that_comes_before_the_answer_proves_the_acceptance(doors: Doors) -> None:
    token = claimed(doors)
    assert message(doors).status == "claimed"

    doors.post_signed(f"{STATUS}?attempt={token}", status("queued", sid=SID))

    [attempt] = doors.rows(Attempt)
    assert (attempt.outcome, attempt.carrier_sid) == ("accepted", SID)
    assert message(doors).status == "accepted"


@pytest.mark.parametrize(
    ("order", "ends_as"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "queued", "sending", "sent"], "delivered"),
        (["undelivered", "sent"], "undelivered"),
        (["failed", "delivered"], "failed"),
        (["sent", "sent", "sent"], "sent"),
    ],
    ids=str,
)
def test_statuses_may_come_in_any_order_and_an_end_stays(doors: Doors, order: list[str], ends_as: str) -> None:
    token = claimed(doors)

    for state in order:
        assert doors.post_signed(f"{STATUS}?attempt={token}", status(state, sid=SID)).status_code == 204

    assert message(doors).status == ends_as
    assert len(doors.rows(DeliveryReport)) == len(set(order) - {"sending"})


def test_a_status_of_a_text_that_nobody_knows_is_kept_and_acknowledged(doors: Doors) -> None:
    for query in ("", "?attempt=" + "a" * 32, "?attempt=", "?attempt=%00%ff", "?attempt=" + "x" * 500):
        form = status("sent", sid=SID) | {"ErrorCode": str(len(query))}
        assert doors.post_signed(STATUS + query, form).status_code == 204, query

    assert {report.message_id for report in doors.rows(DeliveryReport)} == {None}


def test_a_status_of_another_account_or_shape_is_403(untouched: Doors) -> None:
    for changes in (
        {"AccountSid": "AC" + "f" * 32},
        {"MessageStatus": "eaten"},
        {"MessageStatus": ""},
        {"MessageSid": "SM"},
        {"ErrorCode": "thirty"},
        {"ErrorCode": "9" * 40},
        {"To": "<b>"},
    ):
        assert refused(untouched.post_signed(STATUS, status("sent", sid=SID) | changes)), changes


def test_the_carriers_own_stop_is_written_down(doors: Doors) -> None:
    token = claimed(doors)

    doors.post_signed(f"{STATUS}?attempt={token}", status("failed", sid=SID, ErrorCode="21610"))

    assert message(doors).status == "failed"
    doors.post_event(completed("s-2", event_id="e-2"))
    doors.now = NOW + timedelta(days=1)
    rules = SendingRules(lease=timedelta(seconds=60), batch=20, reaches_people=False)
    texts, _ = claim_texts(database=doors.database, rules=rules, now=doors.now)
    assert texts == []


# Anything at all -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def busy() -> Iterator[Doors]:
    with open_doors(twilio_carrier()) as made:
        claimed(made)
        yield made


NAMES = st.sampled_from([*inbound(), "MessageStatus", "ErrorCode", "OptOutType", "SmsSid"]) | st.text(max_size=8)
VALUES = st.text(max_size=20) | st.sampled_from(
    [SID, ACCOUNT_SID, PHONE, "sent", "delivered", "30003", "0", "9" * 30, "\x00", "\ud7ff", "STOP"]
)


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from([INBOUND, STATUS]),
    query=st.dictionaries(st.sampled_from(["attempt", "x"]), VALUES, max_size=2),
    base=st.sampled_from([inbound(sid=SID), status("sent", sid=SID), {}]),
    changes=st.dictionaries(NAMES, VALUES, max_size=4),
)
def test_whatever_a_signed_form_holds_it_is_taken_or_refused(
    busy: Doors, path: str, query: dict[str, str], base: dict[str, str], changes: dict[str, str]
) -> None:
    address = path + (f"?{urlencode(query)}" if query else "")

    answer = busy.post_signed(address, base | changes)

    assert answer.status_code in {200, 204, 403}
    if answer.status_code == 200:
        kept: list[Any] = busy.rows(Reply)
        assert (base | changes)["MessageSid"] in {reply.carrier_sid for reply in kept}


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=100), signed_with=st.text(max_size=30), path=st.sampled_from([INBOUND, STATUS]))
def test_whatever_bytes_come_unsigned_they_are_refused(
    untouched: Doors, body: bytes, signed_with: str, path: str
) -> None:
    headers = {"X-Twilio-Signature": signed_with.encode().hex(), "Content-Type": FORM}

    assert refused(untouched.request("POST", path, content=body, headers=headers))
