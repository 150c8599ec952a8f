"""The ladder rings: whom to page for which case is looked up again and again; each page is committed before it is made.

Safe to run twice and beside itself in another process: a clinic's cases are locked meanwhile, and one person is paged
one way on one rung once.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from followup.flow.feel_pulse import feel_pulse
from followup.flow.transaction import transaction
from followup.rules import ladder as rules
from followup.rules.ladder import Due, Rung, Terms
from followup.store import cases, ladder, messages, opening_hours, pages, people, rota
from followup.store.database import Database, Session
from followup.store.tables import Case, Climb, Message, Page

log = structlog.get_logger()

PAGE_IS_OF_USE = timedelta(hours=1)
SOMEBODY_HAS_IT = "somebody has it meanwhile"
MOST_ROUNDS = 4
"""Two are needed: what begins is rung for in the second."""


@dataclass(frozen=True)
class PagingRules:
    """What the operator set about paging."""

    public_url: str
    page_sender: str | None = None
    """The number that pages come from, apart from those that patients know. None: the clinic's, or the carrier's."""
    mail_is_on: bool = False
    silence: timedelta = timedelta(hours=48)
    """No incoming text for so long, although texts left, is an alarm."""


@dataclass(frozen=True)
class Look:
    """What is to be done for one clinic now."""

    begins: Sequence[tuple[ladder.OpenCase, rules.Begin]]
    over: Sequence[Climb]
    """Of cases that were closed."""
    rungs: Sequence[tuple[Climb, Case, Due]]
    reminders: Sequence[tuple[Case, UUID]]
    look_at: datetime | None

    @property
    def is_idle(self) -> bool:
        return not (self.begins or self.over or self.reminders or any(due.rungs for _, _, due in self.rungs))


def page_staff(*, database: Database, paging: PagingRules, now: datetime) -> datetime | None:
    """Make every page that is due; when to look next at the latest, None where nothing rings."""
    with database.reader() as db:
        clinics = ladder.clinics_to_look_at(db)
    looks: list[datetime | None] = []
    failed: Exception | None = None
    for clinic_id in clinics:
        try:
            looks.append(_page_clinic(database, clinic_id, paging, now=now))
        except Exception as error:  # noqa: BLE001 - raised again below: one clinic must not keep another's from ringing.
            log.error("ladder_failed", clinic=str(clinic_id), error=type(error).__name__)
            failed = error
    drop_unwanted(database=database, now=now)  # Last: it must not keep anybody from being rung.
    if failed:
        raise failed
    return min((at for at in looks if at), default=None)


def _page_clinic(database: Database, clinic_id: UUID, paging: PagingRules, *, now: datetime) -> datetime | None:
    with database.reader() as db:
        look = _look(db, clinic_id, paging, now=now)
    if look.is_idle:
        return look.look_at
    with transaction(database) as db:
        feel_pulse(db, None, now=now)  # First: after a gap it doubts whatever is due, and these pages are new.
        cases.lock_cases(db, clinic_id)
        for _ in range(MOST_ROUNDS):
            look = _look(db, clinic_id, paging, now=now)
            if look.is_idle:
                break
            _act(db, look, paging, now=now)
    return look.look_at


# Looking ------------------------------------------------------------------------------------------------


def _look(db: Session, clinic_id: UUID, paging: PagingRules, *, now: datetime) -> Look:
    clinic = people.clinic_of(db, clinic_id)
    terms = rota.terms_of(rota.find_terms(db, clinic_id))
    hours = opening_hours.staffed_hours(db, clinic)
    on_duty = rota.rota_at(db, clinic_id, at=now, mail_is_on=paging.mail_is_on)
    found = ladder.ringing(db, clinic_id)
    made = pages.pages_of(db, [climb.id for climb, _, _ in found])
    rungs: list[tuple[Climb, Case, Due]] = []
    for climb, case, is_open in found:
        standing = rules.Climb(climb.started_at, _rings(made.get(climb.id, ())), is_over=not is_open)
        rungs.append((climb, case, rules.due_rungs(standing, on_duty, terms, now=now)))
    return Look(
        begins=[
            (each, begin)
            for each in ladder.open_cases(db, clinic_id)
            if (begin := rules.begins(each.waiting, terms, hours, now=now))
        ],
        over=[climb for climb, _, is_open in found if not is_open],
        rungs=rungs,
        reminders=list(_reminders(db, clinic_id, terms, paging, now=now)),
        look_at=min((due.look_at for _, _, due in rungs if due.look_at), default=None),
    )


def _rings(standings: Sequence[pages.PageStanding]) -> list[rules.Paged]:
    return pages.paged([each for each in standings if each.page.kind == "ring"])


def _reminders(
    db: Session, clinic_id: UUID, terms: Terms, paging: PagingRules, *, now: datetime
) -> Iterator[tuple[Case, UUID]]:
    for case, staff_id, taken_at in ladder.taken_urgent(db, clinic_id):
        ways = rota.ways_of(rota.find_pager(db, staff_id), mail_is_on=paging.mail_is_on)
        if ways and rules.reminder_due(taken_at, pages.last_reminder(db, case.id, staff_id), terms, now=now):
            yield case, staff_id


# Acting -------------------------------------------------------------------------------------------------


def _act(db: Session, look: Look, paging: PagingRules, *, now: datetime) -> None:
    for climb in look.over:
        climb.ended_at = now
        db.add(climb)
    for found, begin in look.begins:
        if ladder.start_climb(db, found, begin):
            log.warning("ladder_rings", case=str(found.case.id), number=found.climbs + 1, why=begin.why)
    for climb, case, due in look.rungs:
        for rung in due.rungs:
            _ring(db, climb, case, rung, paging, now=now)
    for case, staff_id in look.reminders:
        _remind(db, case, staff_id, paging, now=now)
    db.flush()


def _ring(db: Session, climb: Climb, case: Case, rung: Rung, paging: PagingRules, *, now: datetime) -> None:
    title = {
        "urgent": f"Urgent reply, case {case.number}",
        "not closed": f"Urgent case {case.number} is still open",
        "nobody looked": f"A reply waits too long, case {case.number}",
    }[climb.why]
    link = f"{paging.public_url}/cases/{case.id}"
    make_page(
        db,
        Page(
            clinic_id=case.clinic_id,
            subject=f"climb:{climb.id}",
            kind="ring",
            number=rung.number,
            case_id=case.id,
            climb_id=climb.id,
            staff_id=rung.to,
            way=rung.way,
            reached_at="",
            title=title,
            text=f"{title}. {link} or reply {case.number}" if rung.way == "text" else f"{title}. {link}",
            token=secrets.token_hex(16),
            made_at=now,
        ),
        paging,
    )


def _remind(db: Session, case: Case, staff_id: UUID, paging: PagingRules, *, now: datetime) -> None:
    """By text, or as they can be reached: whoever has it is at work, and a call would interrupt that."""
    title = f"Case {case.number} is still open, and you have it"
    ways = rota.ways_of(rota.find_pager(db, staff_id), mail_is_on=paging.mail_is_on)
    number = pages.reminders_sent(db, case.id)
    make_page(
        db,
        Page(
            clinic_id=case.clinic_id,
            subject=f"case:{case.id}",
            kind="reminder",
            number=number,
            case_id=case.id,
            staff_id=staff_id,
            way=next(way for way in ("text", "email") if way in ways),
            reached_at="",
            title=title,
            text=f"{title}. {paging.public_url}/cases/{case.id}",
            token=secrets.token_hex(16),
            made_at=now,
        ),
        paging,
    )


def make_page(db: Session, page: Page, paging: PagingRules) -> bool:
    """Keep it, with the message that it is where it is a text; False where it was made before.

    Only this transaction's commit lets anybody make the call or send the text.
    """
    pager = rota.find_pager(db, page.staff_id)
    assert pager is not None
    page.sender = paging.page_sender
    page.reached_at = rota.address_of(pager, page.way)  # pyright: ignore[reportArgumentType] - a text column.
    if page.way == "text":
        page.outcome = None
    if not pages.keep_page(db, page):
        return False
    if page.way == "text":
        message = page_text(page)
        db.add(message)
        db.flush()
        kept = db.get_one(Page, page.id)
        kept.message_id = message.id
        db.add(kept)
        db.flush()
    log.info("page_made", page=str(page.id), kind=page.kind, number=page.number, way=page.way)
    return True


def page_text(page: Page) -> Message:
    """A text to staff, due at once."""
    return Message(
        clinic_id=page.clinic_id,
        purpose="page",
        step=f"page ({page.kind})",
        priority=0,
        case_id=page.case_id,
        phone=page.reached_at,
        text=page.text,
        text_language="en",
        due_at=page.made_at,
        wake_at=page.made_at,
        use_by_at=page.made_at + PAGE_IS_OF_USE,
        created_at=page.made_at,
    )


# No longer wanted ---------------------------------------------------------------------------------------


def drop_unwanted(*, database: Database, now: datetime) -> None:
    """Pages that have not left do not leave any more once somebody has the case."""
    with database.reader() as db:
        if not pages.unsent_of_ended(db):
            return
    with transaction(database) as db:
        for page in pages.unsent_of_ended(db):
            if page.message_id is None:
                pages.cancel_waiting(db, page.id, why=SOMEBODY_HAS_IT)
            else:
                planned = messages.lock_planned(db, page.message_id)
                messages.end_planned(db, planned, "cancelled", SOMEBODY_HAS_IT, now=now)
