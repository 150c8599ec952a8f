"""Logs hold event names and ids: never a name, a phone number or a text."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import structlog

from followup.carriers.carrier import Cause, IncomingText
from followup.carriers.pretend import PretendCarrier, Refuse
from followup.flow.accept_event import PICK_UP_AFTER, TRIES, work_waiting_events
from followup.flow.claim_texts import SendingRules
from followup.flow.reply_writer import ReplyWriter
from followup.flow.track_delivery import track_delivery
from followup.flow.transaction import transaction
from followup.jobs import Job, Jobs
from followup.logs import ALLOWED, set_up_logs
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store.tables import Reply
from tests.people import NOW
from tests.reading import readers_of
from tests.web.doors import Doors, completed, inbound, open_doors, twilio_carrier

NAME, FAMILY, PHONE, WORDS = "Xanthippe", "Quillfeather", "+12125550142", "zugzwang in my wombat"
EVENT_ID = f"{NAME}-{PHONE}"
CANARIES = (NAME, FAMILY, PHONE, PHONE[2:], "5550142", "555-0142", "zugzwang", "wombat", "Riverside")


Written = Callable[[], str]


@pytest.fixture
def written(capfd: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """All that a process would have written so far, by whichever way, with logs set up as in `serve`."""
    set_up_logs()
    yield lambda: "".join(capfd.readouterr())
    structlog.reset_defaults()


class Bursting(Schedules):
    """Fails with all that it knows."""

    def for_kind(self, kind: str) -> LoadedSchedule | None:
        raise RuntimeError(f"{NAME} {FAMILY} {PHONE} {WORDS}")


def maria() -> dict[str, Any]:
    """A session of somebody with names that stand nowhere else."""
    event = completed(event_id=EVENT_ID, clinician=WORDS)
    event["data"]["patient"] |= {"given_name": NAME, "family_name": FAMILY, "phone": PHONE}
    return event


def holds_nobody(lines: str) -> bool:
    return not [canary for canary in CANARIES if canary.lower() in lines.lower()]


def test_a_whole_story_leaves_no_name_number_or_text(written: Written) -> None:
    with open_doors() as doors:
        carrier = doors.carrier
        assert isinstance(carrier, PretendCarrier)
        doors.post_event(maria())
        doors.now = NOW + timedelta(hours=2)
        doors.send()
        for token, report in carrier.take_reports():
            track_delivery(database=doors.database, report=report, token=token, now=doors.now)
        for words in (WORDS, "STOP", "7"):
            doors.keep([carrier.write(sender=PHONE, to="", body=words)])
        doors.keep([carrier.write(sender=f"{NAME} {PHONE}", to="", body=WORDS)])
        doors.read_replies()
        doors.find_event(EVENT_ID)
        doors.session()
        doors.get(f"/api/v1/sessions/{NAME}")
        doors.post(f'{{"id": "{NAME}', bearer=PHONE)

    lines = written()
    assert '"event": "reply_read"' in lines
    assert holds_nobody(lines), lines


def test_a_text_that_was_refused_is_logged_without_its_number(written: Written) -> None:
    with open_doors() as doors:
        assert isinstance(doors.carrier, PretendCarrier)
        doors.carrier.behave(Refuse(Cause.NUMBER, 21211, f"{PHONE} is not valid"))
        doors.post_event(maria())
        doors.now = NOW + timedelta(hours=2)
        doors.send()

    assert holds_nobody(written())


def test_an_event_that_cannot_be_worked_is_logged_by_its_row(written: Written) -> None:
    with open_doors() as doors:
        doors.site.state.parts = replace(doors.site.state.parts, schedules=Bursting([]))
        doors.post_event(maria())
        for _ in range(TRIES):
            work_waiting_events(database=doors.database, schedules=Bursting([]), now=NOW + PICK_UP_AFTER)

    lines = written()
    failures = [json.loads(line) for line in lines.splitlines() if "event_not_worked" in line]
    assert len(failures) == TRIES
    assert {line["error"] for line in failures} == {"RuntimeError"}
    assert len({line["event_row"] for line in failures}) == 1
    assert holds_nobody(lines)


def test_a_request_that_fails_is_logged_with_the_place_and_not_the_words(written: Written) -> None:
    with open_doors() as doors:

        def burst(_: str) -> None:
            raise RuntimeError(f"{NAME} {PHONE} {WORDS}")

        doors.site.get("/api/v1/burst")(lambda: burst(WORDS))
        answer = doors.get("/api/v1/burst")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    lines = written()
    [line] = [json.loads(line) for line in lines.splitlines() if "request_failed" in line]
    assert (line["error"], line["path"]) == ("RuntimeError", "/api/v1/burst")
    assert "test_logs.py:" in line["exception"]
    assert holds_nobody(lines + answer.text)


def test_a_job_that_fails_is_logged_with_the_place_and_not_the_words(written: Written) -> None:
    def burst() -> None:
        raise RuntimeError(f"{NAME} {PHONE} {WORDS}")

    with open_doors() as doors:
        jobs = Jobs(
            database=doors.database,
            carrier=doors.carrier,
            schedules=Schedules([]),
            readers_of=readers_of,
            rules=SendingRules(lease=timedelta(seconds=60), batch=20, reaches_people=False),
            clock=lambda: NOW,
            take_reports=burst,
        )
        jobs._run(_job(jobs, "reports"))

    lines = written()
    assert '"event": "job_failed"' in lines
    assert holds_nobody(lines)


def _job(jobs: Jobs, name: str) -> Job:
    return next(job for job in jobs._table if job.name == name)


def test_a_text_that_cannot_be_kept_is_logged_by_nobody(written: Written) -> None:
    def fail(texts: list[IncomingText]) -> None:
        raise RuntimeError(f"{texts[0].sender} wrote {texts[0].body}")

    with open_doors(twilio_carrier()) as doors:
        doors.site.state.reply_writer.close()
        doors.site.state.reply_writer = ReplyWriter(fail)  # pyright: ignore[reportArgumentType]
        assert doors.post_signed("/webhooks/twilio/inbound", inbound(WORDS)).status_code == 503

    assert holds_nobody(written())


def test_a_failed_insert_shows_no_values() -> None:
    with open_doors() as doors, pytest.raises(Exception, match="reply") as failed:
        _break_a_rule(doors)

    assert "IntegrityError" in type(failed.value).__name__
    assert holds_nobody(str(failed.value) + repr(failed.value.__context__))


def _break_a_rule(doors: Doors) -> None:
    with transaction(doors.database) as db:
        for _ in range(2):
            db.add(Reply(carrier_sid="SM1", sender=PHONE, to="", body=WORDS, received_at=NOW))
        db.flush()


def test_keys_that_are_not_on_the_list_are_dropped(written: Written) -> None:
    structlog.get_logger().info("something", phone=PHONE, name=NAME, text=WORDS, case="c-1", status="sent")

    [line] = [json.loads(line) for line in written().splitlines()]
    assert set(line) == {"event", "level", "timestamp", "case", "status"}
    assert set(line) <= ALLOWED


def test_no_list_entry_could_hold_what_a_patient_said() -> None:
    assert not ALLOWED & {"body", "text", "words", "phone", "number", "to", "sender", "name", "patient", "email"}


def test_a_line_that_cannot_be_written_breaks_nothing(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    closed = io.StringIO()
    closed.close()
    for stderr in (Broken(), closed):
        monkeypatch.setattr(sys, "stderr", stderr)
        structlog.get_logger().error("nobody reads this", exc_info=True)


def test_the_sdk_does_not_log_at_info(written: Written) -> None:
    for name in ("twilio", "twilio.http_client", "twilio.async_http_client", "uvicorn.access"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)
