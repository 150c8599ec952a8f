"""What became of one session: its plan, texts, replies and cases, for the record system."""

from typing import Any

from fastapi import APIRouter, Request

from followup.flow.render_text import preview_text
from followup.store import cases, messages, people, replies, sessions
from followup.store.database import Session
from followup.store.tables import CareSession, Case, Message, Reading, Reply
from followup.web.parts import parts_of
from followup.web.problems import Problem
from followup.web.record_ids import ANY_TEXT
from followup.web.sources import KnownSource

router = APIRouter(prefix="/api/v1")


@router.get(f"/sessions/{{session_id:{ANY_TEXT}}}")
def get_session(request: Request, source: KnownSource, session_id: str) -> dict[str, Any]:
    """By the record system's own id, for any source of the clinic."""
    with parts_of(request).database.reader() as db:
        session = sessions.find_session(db, source.clinic_id, session_id)
        if session is None:
            raise Problem(404, "No session with this id is known in this clinic")
        return _whole(db, session)


def _whole(db: Session, session: CareSession) -> dict[str, Any]:
    came = replies.replies_of_session(db, session.id)
    readings = replies.newest_readings(db, [reply.id for reply in came])
    return {
        "session": _session(db, session),
        "messages": [_message(db, m) for m in messages.messages_of_session(db, session.id)],
        "replies": [_reply(reply, readings.get(reply.id)) for reply in came],
        "cases": [_case(db, c) for c in cases.cases_of_session(db, session.clinic_id, session.id)],
    }


def _session(db: Session, session: CareSession) -> dict[str, Any]:
    patient = people.get_patient(db, session.clinic_id, session.patient_id)
    plan = sessions.find_plan(db, session.id)
    schedule = sessions.get_schedule_version(db, plan.schedule_version) if plan else None
    return {
        "id": session.record_id,
        "patient_id": patient.record_id,
        "kind": session.kind,
        "ended_at": session.ended_at,
        "end_estimated": session.end_estimated,
        "number": session.number,
        "status": "cancelled" if session.cancelled_at else "completed",
        "schedule": schedule.name if schedule else None,
        "schedule_version": schedule.version if schedule else None,
        "zone": plan.zone if plan else None,
    }


def _message(db: Session, message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "step": message.step,
        "to": message.to,
        "due_at": message.due_at,
        "status": message.status,
        "reason": message.reason or message.waits_for,
        "text": preview_text(db, message),
        "carrier_sid": message.carrier_sid,
    }


def _reply(reply: Reply, reading: Reading | None) -> dict[str, Any]:
    return {
        "id": str(reply.id),
        "carrier_sid": reply.carrier_sid,
        "received_at": reply.received_at,
        "recovered": reply.recovered,
        "text": reply.body,
        "reading": reading
        and {
            "kind": reading.kind,
            "value": _value(reading),
            "level": reading.level,
            "reasons": reading.reasons,
            "language": reading.language,
        },
        "answers": str(reply.answers_id) if reply.answers_id else None,
    }


def _value(reading: Reading) -> float | int | str | None:
    """A score is a number again."""
    if reading.value is None or reading.kind == "choice":
        return reading.value
    number = float(reading.value)
    return int(number) if number.is_integer() else number


def _case(db: Session, case: Case) -> dict[str, Any]:
    closure = cases.find_closure(db, case.id)
    return {
        "id": str(case.id),
        "number": case.number,
        "level": case.level,
        "reason": case.reason,
        "opened_at": case.opened_at,
        "closed_at": closure.at if closure else None,
        "outcome": closure.outcome if closure else None,
    }
