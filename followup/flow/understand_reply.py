"""What a reply means for this patient: which question it answers, and what it says beside what came before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from followup.flow.weigh_number import weigh_number
from followup.rules.matching import LONGEST_WINDOW, Match, Question, match_question
from followup.rules.reading.choices import as_yes_or_no
from followup.rules.reading.context import LOOKS_BACK, ONE_ANSWER, URGENT_LATELY, Earlier, in_context, together
from followup.rules.reading.readers import Readers
from followup.rules.reading.reading import Prompt, Reading, more_urgent
from followup.rules.reading.reply import read_reply
from followup.rules.step import NUMBERS, Ask
from followup.rules.worry import HIGH_IS_WORST
from followup.store import cases, messages, replies, sessions
from followup.store.database import Session
from followup.store.tables import Clinic, Message, Patient, Reply
from followup.store.tables import Reading as ReadingRow

CLOCKS_DIFFER = timedelta(minutes=2)
"""An answer may seem to have come so long before its question: the carrier's clock is not ours."""


@dataclass(frozen=True)
class Understood:
    question: Message | None
    reading: Reading


def understand_reply(
    db: Session, reply: Reply, *, clinic: Clinic, patient: Patient | None, readers: Readers, question: bool = True
) -> Understood:
    """`question` False where the number is one that others have too, and the patient was not asked."""
    if patient is None:
        return Understood(None, read_reply(reply.body, prompt="none", readers=readers, media=reply.media_count))
    session = sessions.latest_session(db, patient.id)
    ended_at = session.ended_at if session else None
    hours = (reply.received_at - ended_at) / timedelta(hours=1) if ended_at else None
    treatment = session.kind if session else None

    def read(body: str, prompt: Prompt, ask: Ask = "score") -> Reading:
        return read_reply(
            body,
            prompt=prompt,
            readers=readers,
            treatment=treatment,
            hours_since=hours,
            highest=NUMBERS.get(ask, 10),
            low_is_worst=ask not in HIGH_IS_WORST,
            media=reply.media_count,
        )

    asked = _questions(db, reply, patient) if question else {}
    zone = ZoneInfo(patient.zone or clinic.zone)
    matched = _match(asked, reply, zone, read)
    chosen = asked[matched.question.id][0] if matched.question else None
    if chosen is None:
        reading = read(reply.body, "none")
    else:
        reading = read(reply.body, chosen.prompt, chosen.ask or "score")  # pyright: ignore[reportArgumentType]
        reading = weigh_number(db, reading, chosen, received_at=reply.received_at)
        if chosen.ask == "yes_no":
            reading = as_yes_or_no(reading, reply.body)
    reading = _beside_the_day(reading, matched)
    return Understood(chosen, _beside_what_came_before(db, reply, patient, reading, read))


def _questions(db: Session, reply: Reply, patient: Patient) -> dict[str, tuple[Message, Question[str]]]:
    """Those that reached the patient at this number and may still be answered."""
    received_at = reply.received_at
    rows = messages.questions_asked(
        db, patient.id, reply.sender, since=received_at - LONGEST_WINDOW, now=received_at + CLOCKS_DIFFER
    )
    answered = replies.answered_questions(db, [row.id for row in rows])
    return {
        str(row.id): (
            row,
            Question(
                id=str(row.id),
                prompt=row.prompt,  # pyright: ignore[reportArgumentType] - written from a schedule's step.
                asked_at=min(row.handed_over_at or row.wake_at, received_at),
                open_until=row.answer_until_at,
                is_answered=row.id in answered,
            ),
        )
        for row in rows
    }


def _match(
    asked: dict[str, tuple[Message, Question[str]]],
    reply: Reply,
    zone: ZoneInfo,
    read: Callable[[str, Prompt], Reading],
) -> Match[str]:
    def answers(prompt: Prompt) -> bool:
        return ("choice" if prompt == "appointment" else "score") in read(reply.body, prompt).labels

    questions = [question for _, question in asked.values()]
    if len(questions) == 1:  # Then nothing needs to be told apart.
        return match_question(questions, received_at=reply.received_at, zone=zone, answers=lambda _: True)
    return match_question(questions, received_at=reply.received_at, zone=zone, answers=answers)


def _beside_the_day(reading: Reading, matched: Match[str]) -> Reading:
    if not matched.reason or not {"score", "choice"}.intersection(reading.labels):
        return reading
    level = more_urgent(reading.level, "concern") if matched.is_doubtful else reading.level
    return replace(reading, level=level, reasons=(*reading.reasons, matched.reason))


def _beside_what_came_before(
    db: Session, reply: Reply, patient: Patient, reading: Reading, read: Callable[[str, Prompt], Reading]
) -> Reading:
    """With the level lifted by the texts of the last minutes and by the weeks before."""
    before = replies.readings_of_patient(db, patient.id, since=reply.received_at - LOOKS_BACK, until=reply.received_at)
    before = [(other, row) for other, row in before if other.id != reply.id]
    of_one = [other for other, _ in before if reply.received_at - other.received_at <= ONE_ANSWER][-2:]
    if of_one:
        body = " ".join([*(other.body for other in of_one), reply.body])
        reading = together(reading, read(body, "none"))
    lately = cases.was_urgent(db, patient.id, since=reply.received_at - URGENT_LATELY)
    return in_context(reading, _earlier(before), at=reply.received_at, was_urgent_lately=lately)


def _earlier(before: Sequence[tuple[Reply, ReadingRow]]) -> list[Earlier]:
    return [Earlier(at=other.received_at, kind=row.kind, level=row.level) for other, row in before]
