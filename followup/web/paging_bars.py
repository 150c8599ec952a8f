"""Bars about the ladder itself: who is being rung, what was refused, that nobody is on call, what is too quiet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.watch_house import alarms_of
from followup.store import holds, ladder, pages, people, rota, sign_ins
from followup.store.database import Session
from followup.web import times
from followup.web.parts import Parts

REFUSED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class PagingBar:
    icon: str
    title: str
    words: str
    href: str
    link: str
    case_id: UUID | None = None
    """The case that rings: on its own page the bar says nothing new."""


def paging_bars(db: Session, parts: Parts, clinic_id: UUID, *, zone: ZoneInfo, now: datetime) -> Iterator[PagingBar]:
    """Most pressing first."""
    yield from _ringing(db, clinic_id, now)
    yield from _nobody(db, clinic_id, now)
    yield from _refused(db, clinic_id, zone, now)
    for _, words in alarms_of(db, clinic_id, parts.paging, since=None, now=now):
        yield PagingBar("circle-alert", words, "Tell whoever runs this service.", "/rota", "Rota")
    yield from _held(db, clinic_id)


def _ringing(db: Session, clinic_id: UUID, now: datetime) -> Iterator[PagingBar]:
    found = [(climb, case) for climb, case, is_open in ladder.ringing(db, clinic_id) if is_open]
    made = pages.pages_of(db, [climb.id for climb, _ in found])
    names = sign_ins.staff_names(db, clinic_id) if found else {}
    for climb, case in found:
        whom = list(dict.fromkeys(names[each.page.staff_id] for each in reversed(made.get(climb.id, []))))
        since = times.wait(now - climb.started_at)
        who = f"{_listed(whom)} paged" if whom else "Nobody can be paged"
        words, href = f"for {since}. {who}.", f"/cases/{case.id}"
        yield PagingBar("phone", f"Case {case.number} rings", words, href, "Open", case_id=case.id)


def _listed(names: Sequence[str]) -> str:
    """The last paged first; three at most."""
    more = len(names) - 3
    return ", ".join(names[:3]) + (f" and {more} more" if more > 0 else "")


def _nobody(db: Session, clinic_id: UUID, now: datetime) -> Iterator[PagingBar]:
    """Only where somebody has begun to use the ladder: else every page of a trial would say so."""
    is_used = rota.find_terms(db, clinic_id) or people.newest_go_live(db, clinic_id)
    if is_used and not rota.is_somebody_on_call(db, clinic_id, at=now):
        words = "with a phone. Questions to patients wait, and an urgent reply rings everybody at once."
        yield PagingBar("triangle-alert", "Nobody is on call", words, "/rota", "Rota")


def _refused(db: Session, clinic_id: UUID, zone: ZoneInfo, now: datetime) -> Iterator[PagingBar]:
    made = pages.pages_since(db, clinic_id, ("ring", "reminder", "test", "alarm"), now - REFUSED_WITHIN)
    newest: dict[str, pages.PageStanding] = {}
    for each in made:
        newest.setdefault(each.page.reached_at + each.page.way, each)
    refused = [each for each in newest.values() if each.outcome == "refused"]
    if refused:
        last, names = refused[0], sign_ins.staff_names(db, clinic_id)
        more = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        words = f"{times.when(last.page.made_at, zone, now=now)}: {last.words}{more}."
        title = f"A page to {names[last.page.staff_id]} was refused"
        yield PagingBar("circle-alert", title, words, "/rota", "Rota")


def _held(db: Session, clinic_id: UUID) -> Iterator[PagingBar]:
    held = holds.held_patients(db, clinic_id)
    if held:
        whom = "one patient" if len(held) == 1 else f"{len(held)} patients"
        words = "are held since an urgent case was closed, until somebody lets them go on."
        yield PagingBar("circle-pause", f"Automatic texts to {whom}", words, f"/cases/{held[0].case_id}", "Open")
