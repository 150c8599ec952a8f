"""A case as its page shows it: who it is about, why it is here, who has it, what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from followup.flow.work_case import outcomes_for
from followup.store.queue import that_matters
from followup.store.threads import Thread
from followup.web import times
from followup.web.patient_facts import Fact, birth_words, consent_fact, patients_zone, phone_fact
from followup.web.rows import LEVEL_ICONS, LEVEL_WORDS, OUTCOME_WORDS, name_of, place_after, shown_phone
from followup.web.thread import DELIVERY, Entry, Upcoming, days_of, upcoming_of


@dataclass(frozen=True)
class CaseView:
    id: UUID
    number: int
    patient_id: UUID | None
    """None: nobody knows whose number it is."""
    name: str
    short_name: str
    identifiers: Sequence[str]
    """Never cut off: they keep two people of one name apart."""
    call: str
    """A `tel:` address; empty where there is no number."""
    level: str
    level_word: str
    icon: str
    reason: str
    story: Sequence[str]
    """When it came, how long ago, what was answered by itself."""
    holder: str
    holder_id: UUID | None
    is_mine: bool
    may_close: bool
    """It is open, and theirs where it is urgent."""
    lost_by: str
    """Who had it before something urgent came."""
    ended: str
    """How it was closed; empty while it is open."""
    days: Sequence[tuple[str, Sequence[Entry]]]
    upcoming: Sequence[Upcoming]
    facts: Sequence[Fact]
    outcomes: Mapping[str, str]
    no_text_because: str
    may_agree_again: bool
    """The number may not be texted, and the patient's word to a person would change that."""
    patient_clock: str
    """What time it is where the patient is, if that differs from the clinic."""
    seen: str


def case_view(
    thread: Thread,
    *,
    staff_id: UUID,
    zone: ZoneInfo,
    now: datetime,
    no_text_because: str | None,
    score: str | None,
    held_words: Mapping[UUID, str],
) -> CaseView:
    case, patient = thread.case, thread.patient
    holder = thread.holder[1] if thread.holder else None
    phone = patient.phone if patient else case.sender
    name = name_of(case, patient)
    is_mine = holder is not None and holder.id == staff_id
    return CaseView(
        id=case.id,
        number=case.number,
        patient_id=patient.id if patient else None,
        name=name,
        short_name=(patient.given_name or name) if patient else name,
        identifiers=_identifiers(thread, zone, now),
        call=f"tel:{phone}" if phone and phone.startswith("+") else "",
        level=case.level,
        level_word=LEVEL_WORDS[case.level],
        icon=LEVEL_ICONS[case.level],
        reason=case.reason,
        story=_story(thread, zone, now),
        holder=holder.name if holder else "",
        holder_id=holder.id if holder else None,
        is_mine=is_mine,
        may_close=thread.closure is None and (is_mine or case.level != "urgent"),
        lost_by="" if holder else _lost_by(thread),
        ended=_ended(thread, zone, now),
        days=days_of(thread, zone=zone, now=now, held_words=held_words),
        upcoming=upcoming_of(thread, zone=zone, now=now),
        facts=list(_facts(thread, score, zone, now)),
        outcomes=outcomes_for(case.level),
        no_text_because=no_text_because or "",
        may_agree_again=bool(thread.opt_out and patient and patient.phone and not patient.deceased_at),
        patient_clock=_patient_clock(thread, zone, now),
        seen=case.changed_at.isoformat(),
    )


def _identifiers(thread: Thread, zone: ZoneInfo, now: datetime) -> list[str]:
    patient, session = thread.patient, thread.session
    if patient is None:
        return ["Unknown number", "no patient of this clinic"]
    known = [*birth_words(patient, zone=zone, now=now)]
    place = place_after(session, at=now, zone=zone)
    if session and place:
        known.append(
            f"{place.lower()} of {session.series_length}" if session.number and session.series_length else place.lower()
        )
    return known or [f"record {patient.record_id}"]


def _story(thread: Thread, zone: ZoneInfo, now: datetime) -> list[str]:
    here = [reply for reply in reversed(thread.replies) if reply.case_id == thread.case.id]
    reply = that_matters(thread.case, here, thread.readings)
    since = reply.received_at if reply else thread.case.opened_at
    what = "Reply received" if reply else "Opened"
    told = [f"{what} {times.when(since, zone, now=now)}, {times.wait(now - since)} ago."]
    answer = next((m for m in reversed(thread.messages) if m.purpose == "answer" and m.created_at >= since), None)
    if answer:
        _, words = DELIVERY[answer.status]
        told.append(f"Automatic answer ({answer.step}): {words.lower()}.")
    return told


def _lost_by(thread: Thread) -> str:
    """Whoever an urgent reply took it from; somebody who put it back knows."""
    of_case = [a for a in thread.assignments if a.case_id == thread.case.id]
    if not of_case or thread.closure or of_case[-1].released_at != thread.case.changed_at:
        return ""
    return thread.names[of_case[-1].staff_id]


def _ended(thread: Thread, zone: ZoneInfo, now: datetime) -> str:
    closure = thread.closure
    if closure is None:
        return ""
    outcome = OUTCOME_WORDS.get(closure.outcome, closure.outcome)
    return f"{outcome}. {thread.names[closure.staff_id]}, {times.when(closure.at, zone, now=now)}."


def _facts(thread: Thread, score: str | None, zone: ZoneInfo, now: datetime) -> list[Fact]:
    patient, session = thread.patient, thread.session
    if patient is None:
        return [Fact("Number", shown_phone(thread.case.sender) if thread.case.sender else "withheld")]
    facts = [phone_fact(patient), consent_fact(thread.opt_out, thread.consent, zone=zone)]
    if score is not None:
        facts.append(Fact("Last answer on the scale", score))
    if session and session.ended_at:
        facts.append(Fact("Session", times.moment(session.ended_at, zone, now=now)))
    if session and session.clinician:
        facts.append(Fact("Clinician", session.clinician))
    if thread.appointment:
        facts.append(Fact("Next session", times.moment(thread.appointment.starts_at, zone, now=now)))
    if patient.language and not patient.language.startswith("en"):
        facts.append(Fact("Language", patient.language))
    if patient.deceased_at:
        facts.append(Fact("Died", times.long_date(patient.deceased_at.astimezone(zone).date())))
    return facts


def _patient_clock(thread: Thread, zone: ZoneInfo, now: datetime) -> str:
    theirs = patients_zone(thread.patient, zone)
    if now.astimezone(theirs).utcoffset() == now.astimezone(zone).utcoffset():
        return ""
    return times.clock_and_zone(now, theirs)
