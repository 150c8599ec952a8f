"""How far a changed schedule reaches, and who has to agree before it reaches further."""

from dataclasses import dataclass, replace
from uuid import UUID

STAGES = (1, 10, 100, None)
"""How many patients get a changed schedule, one stage after the other. None: all."""
ALONE_AT_MOST = 50
"""More patients than this need a second person's word."""
APPROVERS = ("admin", "prescriber")


@dataclass(frozen=True)
class Reach:
    """How far it may go, by whose word."""

    most_patients: int | None = STAGES[0]
    approved_by: UUID | None = None
    """Who let it reach more than one."""
    second_by: UUID | None = None
    """Somebody else, who let it reach more than ALONE_AT_MOST."""


@dataclass(frozen=True)
class NotAllowed:
    """It stays as it is; `words` say why, to staff."""

    words: str


def has_room(reach: Reach, *, patients: int, is_among_them: bool) -> bool:
    """Whether one more patient may get it. Who has had it before is not one more."""
    return reach.most_patients is None or is_among_them or patients < reach.most_patients


def reaches_all(reach: Reach) -> bool:
    return reach.most_patients is None


def next_stage(reach: Reach) -> int | None:
    """How many it may reach next; None: all. At its end it stays there."""
    return None if reaches_all(reach) else STAGES[STAGES.index(reach.most_patients) + 1]


def needs_second(to: int | None) -> bool:
    """Whether two people have to agree to so many."""
    return to is None or to > ALONE_AT_MOST


def widen(reach: Reach, *, to: int | None, by: UUID, role: str) -> Reach | NotAllowed:
    """The reach once this person has let it go to so many patients. No stage is left out; again changes nothing."""
    if role not in APPROVERS:
        return NotAllowed("An admin or a prescriber lets a changed schedule reach more patients.")
    if _covers(reach.most_patients, to):
        return reach
    if to != next_stage(reach):
        return NotAllowed(f"It reaches {next_stage(reach)} patients first.")
    if not needs_second(to):
        return replace(reach, most_patients=to, approved_by=by)
    if reach.second_by is None and by == reach.approved_by:
        return NotAllowed(
            f"Somebody else has to agree: it would reach more than {ALONE_AT_MOST} patients, and so far only you have."
        )
    return replace(reach, most_patients=to, second_by=reach.second_by or by)


def _covers(most: int | None, to: int | None) -> bool:
    return most is None or (to is not None and to <= most)
