"""What came of a play: what everybody got, what was left out and why, what staff saw."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from followup.flow.facts_of import facts_of_plan
from followup.rehearsal.dates import Dated
from followup.rehearsal.happenings import Happened
from followup.rehearsal.stage import Stage
from followup.rules.planning import make_plan
from followup.schedule_files import read_schedule
from followup.store import people, rehearsed, sessions
from followup.store.database import Session
from followup.store.tables import Appointment, CareSession, Plan


@dataclass(frozen=True)
class Text:
    """One text as it ended. Times are UTC."""

    who: str
    to: str
    """`patient` or `companion`."""
    step: str
    session: int | None
    """Which of the patient's in the script it follows; None: none."""
    is_automatic: bool
    due_at: datetime
    left_at: datetime | None
    status: str
    reason: str | None
    moved: str | None
    body: str | None
    answers: Sequence[str | None]
    """What was read in the replies to it."""
    copies: int
    """How often it lies on the handset."""

    @property
    def at(self) -> datetime:
        """When it left, or else was due."""
        return self.left_at or self.due_at


@dataclass(frozen=True)
class LeftOutOfPlan:
    """A text that a plan never had."""

    who: str
    session: int | None
    step: str
    why: str


@dataclass(frozen=True)
class CaseSeen:
    """A case when it was opened, or when something joined it."""

    at: datetime
    who: str | None
    """None: it is about nobody whom the clinic knows."""
    number: int
    level: str
    reason: str


@dataclass(frozen=True)
class Played:
    """The whole story, each list in the order of time."""

    dated: Dated
    happened: Sequence[Happened]
    texts: Sequence[Text]
    left_out: Sequence[LeftOutOfPlan]
    cases: Sequence[CaseSeen]
    read_as: dict[str, str]
    """{SID of what somebody wrote: what it was taken for}."""
    errors: Mapping[str, int]
    """What was logged as one, and how often."""


def look_at_texts(db: Session, stage: Stage) -> list[Text]:
    """All that were ever planned, by when they left or were due."""
    copies, answers = _copies(db, stage), rehearsed.answers(db)
    texts = [
        Text(
            who=patient.given_name or "",
            to=message.to,
            step=message.step,
            session=number_of(session),
            is_automatic=message.purpose == "step",
            due_at=message.due_at,
            left_at=message.handed_over_at,
            status=message.status,
            reason=message.reason or message.waits_for,
            moved=message.moved,
            body=message.text,
            answers=answers.get(message.id, []),
            copies=copies[message.id],
        )
        for message, patient, session in rehearsed.all_messages(db)
    ]
    return sorted(texts, key=lambda text: text.at)


def _copies(db: Session, stage: Stage) -> Counter[UUID]:
    """How often each message lies on a handset."""
    of_attempt = rehearsed.messages_by_token(db)
    return Counter(of_attempt[text.attempt] for text in stage.carrier.all_texts())


def number_of(session: CareSession | None) -> int | None:
    """Which of its patient's in the script it is."""
    return int(session.record_id.rsplit("-", 1)[1]) if session else None


def look_at_readings(db: Session) -> dict[str, str]:
    """{SID of what somebody wrote: what it was taken for}."""
    return {
        sid: f"{reading.kind}{f' {reading.value}' if reading.value else ''}, {reading.level}"
        for sid, reading in rehearsed.readings(db).items()
    }


def look_at_left_out(db: Session, plan: Plan, *, now: datetime) -> Iterator[LeftOutOfPlan]:
    """What this plan, made now, does not have. What gave way to other texts has a row of its own, and is not here."""
    patient = people.get_patient(db, plan.clinic_id, plan.patient_id)
    session = sessions.get_session(db, plan.session_id) if plan.session_id else None
    kept = sessions.get_schedule_version(db, plan.schedule_version)
    facts = facts_of_plan(db, plan, _appointment(db, plan, session, now))
    planned = make_plan(read_schedule(kept.source_text, file=f"{kept.name}.toml"), facts, now=now)
    for out in planned.left_out:
        if out.gave_way is None:
            yield LeftOutOfPlan(patient.given_name or "", number_of(session), out.step, out.why)


def _appointment(db: Session, plan: Plan, session: CareSession | None, now: datetime) -> Appointment | None:
    if plan.appointment_id is not None:
        return sessions.get_appointment(db, plan.appointment_id)
    after = max(session.ended_at, now) if session and session.ended_at else now
    return sessions.next_appointment(db, plan.patient_id, after=after)
