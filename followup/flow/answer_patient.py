"""The clinic's approved words leave in answer to a patient's own text: at once, at any hour, and never twice."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from followup.flow.approve_texts import approved_texts
from followup.flow.render_text import tokens_of
from followup.rules.answers import Answer, Heard, choose_answer
from followup.rules.reading.reading import Reading
from followup.rules.standard_texts import StandardTexts, render_standard_text
from followup.rules.wording import Tokens
from followup.store import messages, opening_hours, sessions
from followup.store.database import Session
from followup.store.tables import Clinic, Message, Patient, Reply

OF_USE = timedelta(hours=2)
USUAL_FOR = timedelta(hours=4)
"""How long after-effects are usual after a session (facts/clinical 1.1)."""
SAFETY = 0


def answer_patient(
    db: Session,
    reply: Reply,
    reading: Reading,
    *,
    clinic: Clinic,
    patient: Patient,
    texts: StandardTexts,
    now: datetime,
) -> Answer | None:
    """Which text was put on its way; None: nothing answers by itself. In the transaction in which the reply is read."""
    heard = Heard(
        reading=reading,
        is_staffed=opening_hours.staffed_hours(db, clinic).is_staffed(now),
        carrier_answers=reply.carrier_says is not None,
        staff_wrote_at=messages.staff_wrote_at(db, patient.id),
        asked_again=reply.answers_id is not None and messages.was_asked_again(db, reply.answers_id),
        left_at=messages.answers_left_at(db, patient.id),
    )
    chosen = choose_answer(heard, now=now)
    if chosen is None:
        return None
    text, language = render_standard_text(
        approved_texts(db, clinic.id, texts).named()[chosen],
        language=reading.language if reading.language == "es" else patient.language or "en",
        tokens=_tokens(db, clinic, patient),
    )
    db.add(
        Message(
            clinic_id=clinic.id,
            purpose="answer",
            patient_id=patient.id,
            session_id=reply.session_id,
            case_id=reply.case_id,
            step=chosen,
            again_of=reply.answers_id if chosen == "asked_again" else None,
            wording="statement",
            priority=SAFETY,
            due_at=now,
            wake_at=now,
            use_by_at=now + OF_USE,
            text=text,
            text_language=language,
            created_at=now,
        )
    )
    db.flush()
    return chosen


def _tokens(db: Session, clinic: Clinic, patient: Patient) -> Tokens:
    zone = ZoneInfo(patient.zone or clinic.zone)
    session = sessions.latest_session(db, patient.id)
    ended_at = session.ended_at if session else None
    until = (ended_at + USUAL_FOR).astimezone(zone) if ended_at else None
    return tokens_of(db, clinic, patient, usual_until=until)
