"""The ladder itself is watched: a test page every day, and an alarm when nothing comes in or nothing runs."""

import secrets
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from followup.flow.page_staff import PagingRules, make_page
from followup.flow.transaction import transaction
from followup.rules import ladder as rules
from followup.rules.quiet_hours import at_wall_clock
from followup.rules.quiet_house import is_inbound_silent, stopped_jobs
from followup.store import cases, people, rota, silence
from followup.store.database import Database, Session
from followup.store.tables import Clinic, Page

log = structlog.get_logger()

INBOUND, TICK = "alarm:inbound", "alarm:tick"
TEST_IS_OF_USE = timedelta(hours=2)
"""A house that was down at that hour makes up for the day's test only so much later."""


def watch_house(*, database: Database, paging: PagingRules, since: datetime, now: datetime) -> None:
    """Make today's test page and whatever alarm is due. Again changes nothing. `since`: when this process started."""
    with database.reader() as db:
        clinics = [clinic.id for clinic in people.all_clinics(db)]
    for clinic_id in clinics:
        with database.reader() as db:
            due = list(_due(db, clinic_id, paging, since=since, now=now))
        if due:
            with transaction(database) as db:
                cases.lock_cases(db, clinic_id)
                for page in due:
                    make_page(db, page, paging)


def _due(db: Session, clinic_id: UUID, paging: PagingRules, *, since: datetime, now: datetime) -> Iterator[Page]:
    clinic = people.clinic_of(db, clinic_id)
    on_duty = rota.rota_at(db, clinic_id, at=now, mail_is_on=paging.mail_is_on)
    today = now.astimezone(ZoneInfo(clinic.zone)).date().isoformat()
    if _is_test_hour(db, clinic, now=now):
        for person in on_duty.on_call[:1]:
            for way in rules.two_ways(person):
                if way != "voice":  # A call at the same hour every day is soon not taken any more.
                    words = f"Test page of {clinic.name}, nothing to do"
                    yield _page(clinic, f"test:{today}", "test", person.id, way, words, paging, now=now)
    alarms = dict(alarms_of(db, clinic_id, paging, since=since, now=now))
    for person in _admins(db, clinic_id, paging) if alarms else ():
        for subject, words in alarms.items():
            for way in rules.two_ways(person):
                if way != "voice" or subject == TICK:  # A quiet clinic is no reason to wake anybody at night.
                    yield _page(clinic, f"{subject}:{today}", "alarm", person.id, way, words, paging, now=now)


def _is_test_hour(db: Session, clinic: Clinic, *, now: datetime) -> bool:
    terms, zone = rota.find_terms(db, clinic.id), ZoneInfo(clinic.zone)
    if terms is None:
        return False
    at = at_wall_clock(now.astimezone(zone).date(), time.fromisoformat(terms.test_at_local), zone)
    return at <= now < at + TEST_IS_OF_USE


def alarms_of(
    db: Session, clinic_id: UUID, paging: PagingRules, *, since: datetime | None, now: datetime
) -> Iterator[tuple[str, str]]:
    """(subject, words) of what is too quiet."""
    last_at = silence.last_incoming_at(db)
    is_heard = last_at is not None and now - last_at < paging.silence
    asked_at = None if is_heard else silence.first_text_after(db, clinic_id, last_at)
    if is_inbound_silent(last_at, asked_at, paging.silence, now=now):
        hours = paging.silence // timedelta(hours=1)
        yield INBOUND, f"No text has come in for {hours} h, although questions went out"
    stopped = stopped_jobs(silence.last_good_runs(db, ("read", "send", "page")), since=since, now=now)
    if stopped:
        yield TICK, f"The service does not do its work: {', '.join(stopped)}"


def _admins(db: Session, clinic_id: UUID, paging: PagingRules) -> Iterator[rules.Person]:
    for each in rota.reachable_staff(db, clinic_id):
        ways = rota.ways_of(each.pager, mail_is_on=paging.mail_is_on)
        if each.staff.role == "admin" and ways:
            yield rules.Person(each.staff.id, ways)


def _page(
    clinic: Clinic, subject: str, kind: str, staff_id: UUID, way: str, words: str, paging: PagingRules, *, now: datetime
) -> Page:
    return Page(
        clinic_id=clinic.id,
        subject=f"{subject}:{clinic.id}"[:80],
        kind=kind,
        number=0,
        staff_id=staff_id,
        way=way,
        reached_at="",
        title=words,
        text=f"{words}. {paging.public_url}/rota",
        token=secrets.token_hex(16),
        made_at=now,
    )
