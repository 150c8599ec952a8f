"""What the ladder did for a case, as its page shows it: each page with its time and outcome, and who answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from followup.store import ladder, pages, sign_ins
from followup.store.database import Session
from followup.store.pages import PageStanding

WAYS = {"text": "text", "voice": "call", "email": "mail"}
WHY = {
    "urgent": "Ringing, urgent",
    "not closed": "Ringing again: taken, and not closed",
    "nobody looked": "Ringing: nobody looked at it in time",
}


@dataclass(frozen=True)
class Line:
    at: datetime
    words: str
    is_problem: bool = False


@dataclass(frozen=True)
class Rungs:
    """Empty lines: the ladder never rang for this case."""

    rings_since: datetime | None
    """None: nothing rings now."""
    paged: str
    """Whom it has paged so far; empty while nothing rings."""
    lines: Sequence[Line]


def rungs_of(db: Session, *, clinic_id: UUID, case_id: UUID) -> Rungs:
    names = sign_ins.staff_names(db, clinic_id)
    climbs = ladder.climbs_of(db, case_id)
    made = pages.pages_of_case(db, case_id)
    ringing = next((climb for climb in reversed(climbs) if climb.ended_at is None), None)
    lines = [
        *(Line(climb.started_at, WHY[climb.why]) for climb in climbs),
        *_pages(made, names),
        *(Line(row.at, f"{names[row.staff_id]} has it ({row.how})") for row in ladder.acknowledgements_of(db, case_id)),
        *(Line(row.at, f"Did not count: {row.words}", True) for row in ladder.failed_answers_of(db, case_id)),
    ]
    whom = {each.page.staff_id: None for each in made if ringing and each.page.climb_id == ringing.id}
    return Rungs(
        rings_since=ringing.started_at if ringing else None,
        paged=", ".join(names[id_] for id_ in whom),
        lines=sorted(lines, key=lambda line: line.at),
    )


def _pages(made: Sequence[PageStanding], names: Mapping[UUID, str]) -> Iterator[Line]:
    """One line for each person on each rung."""

    def rung(each: PageStanding) -> tuple[datetime, str, UUID]:
        return each.page.made_at, each.page.kind, each.page.staff_id

    for (at, kind, staff_id), group in groupby(sorted(made, key=rung), key=rung):
        ways = list(group)
        what = "; ".join(f"{WAYS[each.page.way]} {words_of(each)}" for each in ways)
        who = names[staff_id] if kind == "ring" else f"Reminder to {names[staff_id]}"
        yield Line(at, f"{who}: {what}", any(each.outcome == "refused" for each in ways))


def words_of(each: PageStanding) -> str:
    """What became of one page."""
    if each.outcome == "refused":
        return f"refused ({each.words})"
    if each.outcome == "unknown":
        return "perhaps sent"
    return {"accepted": "on its way", "completed": "taken"}.get(each.words, each.words)
