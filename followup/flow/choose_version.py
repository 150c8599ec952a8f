"""Which version of a schedule a new plan is made with: a change goes to a few patients before all."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from followup.rules.roll_out import Reach, has_room, reaches_all
from followup.rules.schedule import ScheduleMistake
from followup.schedule_files import LoadedSchedule, read_schedule
from followup.store import schedules, sessions
from followup.store.database import Session
from followup.store.tables import RollOut

log = structlog.get_logger()


def choose_version(
    db: Session, newest: LoadedSchedule, *, clinic_id: UUID, patient_id: UUID, now: datetime
) -> LoadedSchedule | None:
    """The newest, or, while that has no room for this patient, the one that everybody gets.

    None: it has no room and there is no other; a person has to let it reach more. The first use of a change begins
    its roll-out. A clinic that never went live is not staged.
    """
    if not schedules.go_lives(db, clinic_id):
        return newest
    for_all = versions_for_all(db, clinic_id, newest.name)
    if newest.schedule.version in for_all:
        return newest
    everybodys = read_first(db, for_all)
    if everybodys is not None and everybodys.schedule.version == newest.schedule.version:
        return newest  # The same words; only the way in which this program counts versions has changed.
    version = newest.schedule.version
    sessions.keep_schedule_version(db, version=version, name=newest.name, source_text=newest.source_text, now=now)
    row = schedules.start_roll_out(db, clinic_id=clinic_id, schedule=newest.name, version=version, now=now)
    patients = schedules.patients_on(db, clinic_id, version)
    is_among_them = schedules.is_on(db, patient_id, version)
    return newest if has_room(reach_of(row), patients=patients, is_among_them=is_among_them) else everybodys


def versions_for_all(db: Session, clinic_id: UUID, schedule: str) -> list[str]:
    """Those that every patient may get, newest first: in force at the first go-live, or rolled out to the end.

    A change is let to everybody by its roll-out's two people only, not by one who goes live again.
    """
    rows = schedules.roll_outs(db, clinic_id, schedule)
    on_the_way = {row.schedule_version for row in rows if not reaches_all(reach_of(row))}
    approved = [(row.changed_at, row.schedule_version) for row in rows]
    named = [live for live in schedules.go_lives(db, clinic_id) if schedule in live.schedule_versions]
    approved += [(first.at, first.schedule_versions[schedule]) for first in named[-1:]]
    return [version for _, version in sorted(approved, reverse=True) if version not in on_the_way]


def read_first(db: Session, versions: Sequence[str]) -> LoadedSchedule | None:
    """The first of these that was kept and can still be read."""
    for version in versions:
        kept = schedules.find_version(db, version)
        if kept is None:
            continue
        try:
            schedule = read_schedule(kept.source_text, file=f"{kept.name}.toml")
        except ScheduleMistake as error:
            log.error("kept_schedule_unreadable", version=version, error=type(error).__name__)
            continue
        return LoadedSchedule(kept.name, schedule, kept.source_text)
    return None


def reach_of(row: RollOut) -> Reach:
    return Reach(most_patients=row.most_patients, approved_by=row.approved_by_id, second_by=row.second_by_id)
