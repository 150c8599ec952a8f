"""Pages: who was paged which way, and what became of it. Of a text that stands with its message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from followup.rules.ladder import Outcome, Paged
from followup.store.tables import Attempt, Climb, Message, Page, new_id

ON_ITS_WAY = ("accepted", "sent", "delivered")
NEVER_LEFT = ("failed", "undelivered", "expired", "suppressed")


@dataclass(frozen=True)
class PageStanding:
    """A page and what became of it."""

    page: Page
    outcome: Outcome
    words: str
    """For staff."""
    message: Message | None = None


def keep_page(db: Session, page: Page) -> bool:
    """False where this person was paged this way on this rung already: then nothing is kept."""
    dialect = sqlite if db.get_bind().dialect.name == "sqlite" else postgresql
    values = {**page.model_dump(), "id": page.id or new_id()}
    insert = dialect.insert(Page).values(values).on_conflict_do_nothing()
    return db.scalars(insert.returning(col(Page.id))).one_or_none() is not None


def pages_of(db: Session, climb_ids: Sequence[UUID]) -> dict[UUID, list[PageStanding]]:
    """Every page of these climbs, oldest first, by climb."""
    query = _standings().where(col(Page.climb_id).in_(climb_ids)).order_by(col(Page.made_at), col(Page.id))
    of_climb: dict[UUID, list[PageStanding]] = {}
    for page, message, was_refused in db.execute(query):
        of_climb.setdefault(page.climb_id, []).append(_standing(page, message, bool(was_refused)))
    return of_climb


def pages_of_case(db: Session, case_id: UUID) -> list[PageStanding]:
    """Every page about this case, oldest first."""
    query = _standings().where(col(Page.case_id) == case_id).order_by(col(Page.made_at), col(Page.id))
    return [_standing(page, message, bool(was_refused)) for page, message, was_refused in db.execute(query)]


def pages_since(db: Session, clinic_id: UUID, kinds: Sequence[str], since: datetime) -> list[PageStanding]:
    """Newest first."""
    query = _standings().where(col(Page.clinic_id) == clinic_id, col(Page.kind).in_(kinds), col(Page.made_at) >= since)
    found = db.execute(query.order_by(col(Page.made_at).desc(), col(Page.id)))
    return [_standing(page, message, bool(was_refused)) for page, message, was_refused in found]


def _standings() -> Any:
    """Rows of (page, its message, whether the carrier ever refused that)."""
    refused = exists().where(
        col(Attempt.message_id) == col(Page.message_id),
        col(Attempt.outcome) == "refused",
        func.coalesce(Attempt.cause, "").not_in(("held", "never_sent")),
    )
    was_refused = case((refused, 1), else_=0)
    return select(Page, Message, was_refused).join(Message, col(Message.id) == col(Page.message_id), isouter=True)


def _standing(page: Page, message: Message | None, was_refused: bool) -> PageStanding:
    outcome, words = _outcome_of_text(message, was_refused) if message else _outcome_of_call(page)
    return PageStanding(page, outcome, words, message)


def _outcome_of_text(message: Message, was_refused: bool) -> tuple[Outcome, str]:
    if message.status in ON_ITS_WAY:
        return "accepted", message.status
    if message.status in NEVER_LEFT or (message.status == "planned" and was_refused):
        return "refused", message.reason or message.waits_for or message.status
    if message.status == "uncertain":
        return "unknown", message.reason or "nobody knows whether it was sent"
    return "waiting", message.reason or "sending"


def _outcome_of_call(page: Page) -> tuple[Outcome, str]:
    if page.outcome == "refused" or page.call_ended in {"failed", "canceled"}:
        return "refused", page.reason or "the call failed"
    if page.outcome == "unknown":
        return "unknown", page.reason or "nobody knows whether it went out"
    if page.outcome == "accepted":
        return "accepted", page.call_ended or ("sent" if page.way == "email" else "ringing")
    return "waiting", page.reason or ("cancelled" if page.outcome == "cancelled" else "sending")


def paged(standings: Sequence[PageStanding]) -> list[Paged]:
    """As the rules see them."""
    return [Paged(each.page.number, each.page.made_at, each.outcome) for each in standings]


def sender_of(db: Session, message_id: UUID) -> str | None:
    """The page number that this message left from; None: it is no page, or pages have no number of their own."""
    return db.exec(select(Page.sender).where(Page.message_id == message_id)).first()


def last_reminder(db: Session, case_id: UUID, staff_id: UUID) -> datetime | None:
    query = select(func.max(Page.made_at)).where(
        Page.case_id == case_id, Page.kind == "reminder", Page.staff_id == staff_id
    )
    return db.exec(query).one()


def reminders_sent(db: Session, case_id: UUID) -> int:
    return db.exec(select(func.count()).where(Page.case_id == case_id, Page.kind == "reminder")).one()


# Handing over -------------------------------------------------------------------------------------------


def waiting_pages(db: Session, *, most: int) -> Sequence[UUID]:
    """Calls and mails that nobody has made yet, oldest first."""
    query = select(Page.id).where(Page.outcome == "waiting", col(Page.message_id).is_(None))
    return db.exec(query.order_by(col(Page.made_at), col(Page.id)).limit(most)).all()


def claim_page(db: Session, page_id: UUID, *, now: datetime) -> Page | None:
    """The page, now `calling`; None where somebody else makes it or it is no longer wanted."""
    claim = (
        update(Page)
        .where(col(Page.id) == page_id, col(Page.outcome) == "waiting")
        .values(outcome="calling", tried_at=now)
        .returning(Page)
        .execution_options(synchronize_session=False)
    )
    return db.execute(claim).scalars().one_or_none()


def cancel_waiting(db: Session, page_id: UUID, *, why: str) -> None:
    """It is not made, unless somebody is making it at this moment."""
    cancel = update(Page).where(col(Page.id) == page_id, col(Page.outcome) == "waiting")
    db.execute(cancel.values(outcome="cancelled", reason=why).execution_options(synchronize_session=False))


def find_page(db: Session, token: str) -> Page | None:
    return db.exec(select(Page).where(Page.token == token)).one_or_none()


def has_stale(db: Session, *, before: datetime) -> bool:
    query = select(Page.id).where(Page.outcome == "calling", col(Page.tried_at) < before)
    return db.exec(query.limit(1)).first() is not None


def give_up_stale(db: Session, *, before: datetime) -> None:
    """Calls whose process is gone: they may have been made, so nobody makes them again."""
    stale = (
        update(Page)
        .where(col(Page.outcome) == "calling", col(Page.tried_at) < before)
        .values(outcome="unknown", reason="the process that made it is gone")
        .execution_options(synchronize_session=False)
    )
    db.execute(stale)


def unsent_of_ended(db: Session) -> Sequence[Page]:
    """Pages that wait although nobody needs to be rung any more."""
    query = (
        select(Page)
        .join(Climb, col(Climb.id) == col(Page.climb_id))
        .join(Message, col(Message.id) == col(Page.message_id), isouter=True)
        .where(
            col(Climb.ended_at).is_not(None),
            Page.kind == "ring",
            (Page.outcome == "waiting") | (Message.status == "planned"),
        )
    )
    return db.exec(query).all()


def lock_page(db: Session, token: str) -> Page | None:
    return db.exec(select(Page).where(Page.token == token).with_for_update()).one_or_none()
