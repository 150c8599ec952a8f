"""What a script says happens is done: by the record system, by patients, by staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from followup.ehr.native import BadEvent
from followup.flow import work_case
from followup.flow.accept_event import Answer
from followup.flow.pause_texts import pause_texts, resume_texts
from followup.flow.set_preferences import HourNotAllowed
from followup.rehearsal.dates import Entry
from followup.rehearsal.script import ScriptMistake
from followup.rehearsal.stage import OUR_NUMBER, Stage, session_id
from followup.store import cases
from followup.store.tables import Case


@dataclass(frozen=True)
class Happened:
    """A line of somebody's story that is no text of ours."""

    at: datetime
    who: str
    words: str
    sid: str | None = None
    """Of what the patient or their companion wrote."""


class NotPossible(Exception):
    """What a script says cannot be done; the words say why."""


def perform(stage: Stage, entry: Entry) -> Happened:
    """What the entry says, at the stage's `now`; it is told as of when it was. Raises ScriptMistake."""
    try:
        words, sid = PERFORMED[entry.then.what](stage, entry)
    except (BadEvent, HourNotAllowed, NotPossible) as error:
        words = str(error) or str(type(error).__doc__)
        raise mistake(stage, entry, words) from None
    return Happened(entry.at, entry.patient.given_name, words, sid)


def mistake(stage: Stage, entry: Entry, words: str) -> ScriptMistake:
    return stage.script.mistake("then", entry.number, entry.then.what, words)


Told = tuple[str, str | None]
"""In words; and the SID of what was written."""


# The record system ---------------------------------------------------------------------------------------


def _session(stage: Stage, entry: Entry) -> Told:
    part = entry.then.session
    assert part is not None
    ended_at = stage.instant(part.ended, entry.patient) if part.ended else entry.at
    kind = stage.usual_kind if part.kind is None else part.kind or None
    facts: dict[str, Any] = {
        "session": _without_none(
            id=session_id(entry.patient, entry.session),
            kind=kind,
            ended_at=ended_at.isoformat(),
            number=part.number,
            series_length=part.series_length,
            phase=part.phase,
        )
    }
    if part.appointment is not None:
        facts["next_appointment"] = _appointment_facts(stage, entry, part.appointment)
    answer = stage.tell("session.completed", entry.patient, at=entry.at, **facts)
    return f"session {entry.session} is over ({kind or 'of no kind'})" + _unless_smooth(answer), None


def _session_amended(stage: Stage, entry: Entry) -> Told:
    part = entry.then.session_amended
    assert part is not None
    ended_at = stage.instant(part.ended, entry.patient).isoformat() if part.ended else None
    session = _without_none(id=_session_id(entry), ended_at=ended_at, kind=part.kind, number=part.number)
    answer = stage.tell("session.amended", entry.patient, at=entry.at, session=session)
    return f"session {entry.session} is corrected: {_named(part)}" + _unless_smooth(answer), None


def _session_cancelled(stage: Stage, entry: Entry) -> Told:
    reason, session = entry.then.session_cancelled, {"id": _session_id(entry)}
    answer = stage.tell("session.cancelled", entry.patient, at=entry.at, session=session, reason=reason)
    return f"session {entry.session} is cancelled ({reason})" + _unless_smooth(answer), None


def _session_id(entry: Entry) -> str:
    if not entry.session:
        raise NotPossible(f"{entry.patient.given_name} had no session yet")
    return session_id(entry.patient, entry.session)


def _appointment(stage: Stage, entry: Entry) -> Told:
    at = entry.then.appointment
    assert at is not None
    booked = _appointment_facts(stage, entry, at)
    answer = stage.tell("appointment.booked", entry.patient, at=entry.at, appointment=booked)
    return f"an appointment is booked for {at:%a %Y-%m-%d %H:%M}" + _unless_smooth(answer), None


def _appointment_moved(stage: Stage, entry: Entry) -> Told:
    at = entry.then.appointment_moved
    assert at is not None
    moved = _appointment_facts(stage, entry, at)
    answer = stage.tell("appointment.moved", entry.patient, at=entry.at, appointment=moved)
    return f"the appointment moves to {at:%a %Y-%m-%d %H:%M}" + _unless_smooth(answer), None


def _appointment_cancelled(stage: Stage, entry: Entry) -> Told:
    gone = {"id": _appointment_id(entry)}
    answer = stage.tell("appointment.cancelled", entry.patient, at=entry.at, appointment=gone, reason="cancelled")
    return "the appointment is cancelled" + _unless_smooth(answer), None


def _appointment_facts(stage: Stage, entry: Entry, starts: datetime) -> dict[str, Any]:
    return {"id": _appointment_id(entry), "starts_at": stage.instant(starts, entry.patient).isoformat()}


def _appointment_id(entry: Entry) -> str:
    if not entry.appointment:
        raise NotPossible(f"{entry.patient.given_name} has no appointment yet")
    return f"appointment-{entry.patient.given_name}-{entry.appointment}"


def _consent(stage: Stage, entry: Entry) -> Told:
    answer = stage.tell(f"consent.{entry.then.consent}", entry.patient, at=entry.at)
    return f"consent to texts is {entry.then.consent}" + _unless_smooth(answer), None


def _companion(stage: Stage, entry: Entry) -> Told:
    part = entry.then.companion
    assert part is not None
    facts = stage.companion_facts(entry.patient, part)
    answer = stage.tell("patient.updated", entry.patient, at=entry.at, companion=facts)
    return f"companion: {part.name}, {'agreed' if part.agreed else 'not agreed'}" + _unless_smooth(answer), None


def _patient(stage: Stage, entry: Entry) -> Told:
    part = entry.then.patient
    assert part is not None
    who = _without_none(language=part.language, time_zone=part.zone, state=part.state)
    answer = stage.tell("patient.updated", entry.patient, at=entry.at, who=who)
    return f"the record says: {_named(part)}" + _unless_smooth(answer), None


def _died(stage: Stage, entry: Entry) -> Told:
    return "died" + _unless_smooth(stage.tell("patient.deceased", entry.patient, at=entry.at)), None


def _unless_smooth(answer: Answer) -> str:
    """What the record system is told, where that is more than `accepted`."""
    if answer.status == "accepted" and answer.reason is None:
        return ""
    return f" [{answer.status}: {answer.reason}]"


def _without_none(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _named(part: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in part.model_dump(exclude_none=True).items())


# Whoever writes ------------------------------------------------------------------------------------------


def _reply(stage: Stage, entry: Entry) -> Told:
    assert entry.then.reply is not None
    return entry.then.reply, _write(stage, stage.phone_of(entry.patient), entry.then.reply)


def _companion_reply(stage: Stage, entry: Entry) -> Told:
    assert entry.then.companion_reply is not None
    sender = stage.phone_of(entry.patient, companion=True)
    return f"(companion) {entry.then.companion_reply}", _write(stage, sender, entry.then.companion_reply)


def _write(stage: Stage, sender: str, body: str) -> str:
    """The text's SID. Where the carrier's call reaches nobody, it lies there until somebody looks."""
    text = stage.carrier.write(sender=sender, to=OUR_NUMBER, body=body)
    if not stage.hears_nothing:
        stage.receive(text)
    return text.sid


# Staff ---------------------------------------------------------------------------------------------------


def _staff_text(stage: Stage, entry: Entry) -> Told:
    assert entry.then.staff_text is not None
    refused = work_case.reply_to_patient(
        **_by_staff(stage, _open_case(stage, entry)),
        text=entry.then.staff_text,
        once=uuid4(),
        seen_at=stage.now,
    )
    if isinstance(refused, work_case.Refused):
        raise NotPossible(refused.words)
    return "staff write", None


def _case_closed(stage: Stage, entry: Entry) -> Told:
    outcome = entry.then.case_closed
    assert outcome is not None
    case = _open_case(stage, entry)
    if refused := close_case(stage, case, outcome):
        raise NotPossible(f"{refused.words} Outcomes: {', '.join(work_case.outcomes_for(case.level))}")
    return f"staff close case {case.number}: {outcome}", None


def close_case(stage: Stage, case: Case, outcome: str | None = None) -> work_case.Refused | None:
    """Staff take it and close it, if they say nothing else with the first outcome that there is."""
    by_staff = _by_staff(stage, case)
    chosen = outcome or next(iter(work_case.outcomes_for(case.level)))
    return work_case.take_case(**by_staff) or work_case.close_case(**by_staff, outcome=chosen, seen_at=case.changed_at)


def _by_staff(stage: Stage, case: Case) -> dict[str, Any]:
    return {
        "database": stage.database,
        "clinic_id": stage.clinic_id,
        "case_id": case.id,
        "staff_id": stage.staff_id,
        "now": stage.now,
    }


def _open_case(stage: Stage, entry: Entry) -> Case:
    with stage.database.reader() as db:
        row = stage.row_of(entry.patient)
        case = cases.find_open_case(db, clinic_id=stage.clinic_id, patient_id=row.id, sender=None)
    if case is None:
        raise NotPossible(f"{entry.patient.given_name} has no open case then")
    return case


def _pause(stage: Stage, entry: Entry) -> Told:
    part = entry.then.pause
    assert part is not None
    pause_texts(
        database=stage.database,
        clinic_id=stage.clinic_id,
        patient_id=stage.row_of(entry.patient).id,
        staff_id=stage.staff_id,
        why=part.why,
        until_at=stage.instant(part.until, entry.patient) if part.until else None,
        now=stage.now,
    )
    return f"texts are paused: {part.why}" + (f", until {part.until:%a %Y-%m-%d %H:%M}" if part.until else ""), None


def _resume(stage: Stage, entry: Entry) -> Told:
    resume_texts(
        database=stage.database,
        clinic_id=stage.clinic_id,
        patient_id=stage.row_of(entry.patient).id,
        staff_id=stage.staff_id,
        now=stage.now,
    )
    return "texts go on", None


def _prefers(stage: Stage, entry: Entry) -> Told:
    assert entry.then.prefers is not None
    stage.prefer(entry.patient, entry.then.prefers)
    return f"prefers: {_named(entry.then.prefers)}", None


PERFORMED: dict[str, Callable[[Stage, Entry], Told]] = {
    "session": _session,
    "session_amended": _session_amended,
    "session_cancelled": _session_cancelled,
    "appointment": _appointment,
    "appointment_moved": _appointment_moved,
    "appointment_cancelled": _appointment_cancelled,
    "reply": _reply,
    "companion_reply": _companion_reply,
    "staff_text": _staff_text,
    "case_closed": _case_closed,
    "consent": _consent,
    "companion": _companion,
    "patient": _patient,
    "died": _died,
    "pause": _pause,
    "resume": _resume,
    "prefers": _prefers,
}
"""All but outages, which are the player's own."""
WRITTEN = frozenset({"reply", "companion_reply"})
"""These reach the carrier whatever else is down."""
