"""What no text may say, what every plan must say, and what could be mixed up: checked before anything is planned."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import chain, pairwise, product
from zoneinfo import ZoneInfo

from followup.rules.planned import PlannedMessage, SessionFacts
from followup.rules.planning import make_plan
from followup.rules.schedule import Language, Schedule, ScheduleMistake, Step, Texts
from followup.rules.segments import count_segments
from followup.rules.step import Ask
from followup.rules.wording import LONGEST, TOKEN, TOKENS, as_first, fill_in

MOST_SEGMENTS = 2
PRECEDED_WITHIN = timedelta(days=7)
"""A question may leave out who reads it and whom to call where another so shortly before it says so."""
# Words that carriers take for themselves (Twilio "Advanced Opt-Out"): a patient who answers so hears nothing more.
_KEPT = "stopall|stop|cancel|end|quit|unsubscribe|revoke|optout|yes|start|unstop|help|info"
_ANSWER = "reply|text|answer|send|type|write|respond[ae]?|envie|mande|escriba|conteste"
CARRIER_WORDS = (
    re.compile(rf"\b(?:{_ANSWER})[\s:]+(?:with\s+|con\s+)?[\"']?(?P<word>{_KEPT})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<word>{_KEPT.upper()})\b"),  # In capitals it reads as an answer wherever it stands.
)
ENDS_TEXTS = re.compile(r"[\"']?\s+(?:to end|to stop|para no recibir|para dejar)", re.IGNORECASE)
NOT_MONITORED = ("not monitored 24/7", "no se leen las 24 horas")
CRISIS_LINES = ("911", "988")
PRIVATE_TOKENS = {
    **dict.fromkeys(("family_name", "last_name", "full_name", "name"), "a full name"),
    **dict.fromkeys(("birth_date", "date_of_birth", "dob", "age"), "a date of birth"),
    **dict.fromkeys(("score", "mood", "answer", "reply", "last_score"), "what the patient answered"),
}
ECHO = re.compile(
    r"\b(?:your (?:last )?(?:score|rating|answer)|you (?:said|answered|rated|scored|told us)"
    r"|su (?:ultimo )?(?:puntaje|puntuacion|respuesta) (?:fue|es)|usted (?:dijo|contesto|respondio))\b",
    re.IGNORECASE,
)
BORN = re.compile(r"\b\d{1,2}/\d{1,2}/(?:19|20)?\d\d\b|\bdate of birth\b|\bfecha de nacimiento\b", re.IGNORECASE)
MIXED_UP: dict[Ask, str] = {
    "score": "a number",
    "pain": "a number",
    "phq2": "a number",
    "choice": "a choice",
    "yes_no": "a choice",
    "words": "words",
}
"""Two questions that the same kind of reply answers."""


def revealing(words: Iterable[str]) -> re.Pattern[str]:
    """Finds what would tell a stranger who glances at the phone what the patient is treated for. Accents are folded."""
    return re.compile("|".join(re.escape(word) for word in words) or r"(?!)", re.IGNORECASE)


def check_schedule(schedule: Schedule, *, file: str, reveals: re.Pattern[str]) -> None:
    """Every text, as long as it can get, and the plans that the schedule makes. Raises ScheduleMistake."""
    for language, text in schedule.first_text.items():
        if words := fault_of_words(text, reveals):
            raise ScheduleMistake(file=file, step=None, key=f"first_text.{language}", words=words)
    for step in schedule.steps:
        for key, texts in _texts_of(step):
            for language, text in texts.items():
                words = _fault(schedule, step, key, language, text, reveals)
                if words:
                    raise ScheduleMistake(file=file, step=step.name, key=f"{key}.{language}", words=words)
    for texts in _sample_plans(schedule):
        _check_who_reads(schedule, texts, file)
        _check_mixed_up(schedule, texts, file)


def _texts_of(step: Step) -> Iterator[tuple[str, Texts]]:
    yield "text", step.text
    yield "text_without_question", step.text_without_question or {}
    yield "text_discreet", step.text_discreet or {}
    yield "nudge.text", step.nudge.text if step.nudge else {}


# One text ------------------------------------------------------------------------------------------------


def fault_of_words(text: str, reveals: re.Pattern[str] | None) -> str | None:
    """What no text may say, whatever it is for; without `reveals` the clinic answers for what it names."""
    tokens = {found[1] for found in TOKEN.finditer(text)}
    if private := sorted(tokens & PRIVATE_TOKENS.keys() - TOKENS):
        return f"no token {{{private[0]}}}: {PRIVATE_TOKENS[private[0]]} never stands in a text"
    if unknown := tokens - TOKENS:
        return f"no token {{{min(unknown)}}}; there are {', '.join(sorted(TOKENS))}"
    if set("{}") & set(TOKEN.sub("", text)):
        return f"a brace that belongs to no token; there are {', '.join(sorted(TOKENS))}"
    if reveals and (found := reveals.search(_without_accents(text))):
        return f"{found[0]!r} reveals the treatment or a diagnosis"
    if found := ECHO.search(text):
        return f"{found[0]!r} echoes what the patient answered"
    if found := BORN.search(text):
        return f"{found[0]!r} may be a date of birth"
    for found in _carrier_words(text):
        if found["word"].lower() != "stop" or not ENDS_TEXTS.match(text, found.end()):
            return f"asks for {found['word']!r} as an answer, which carriers keep for themselves"
    return None


def _carrier_words(text: str) -> Iterator[re.Match[str]]:
    for pattern in CARRIER_WORDS:
        yield from pattern.finditer(text)


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def fault_of_length(text: str) -> str | None:
    """Longer than two segments with the longest tokens that are realistic."""
    counted = count_segments(text)
    if counted.segments > MOST_SEGMENTS:
        return f"{counted.segments} segments ({counted.units} of {counted.encoding}) with the longest names"
    return None


def _fault(
    schedule: Schedule, step: Step, key: str, language: Language, text: str, reveals: re.Pattern[str]
) -> str | None:
    if words := fault_of_words(text, None if step.discretion_off else reveals):
        return words
    if key == "text_discreet" and (named := {"first_name", "clinic"} & {found[1] for found in TOKEN.finditer(text)}):
        return f"{{{min(named)}}} in a text for those who want neither name in it"
    if step.to == "patient":  # Whichever text is a patient's first ends with more words.
        text = as_first(schedule, text, language)
    elif not any(ENDS_TEXTS.match(text, found.end()) for found in _carrier_words(text)):
        return "does not say how to end texts; every text to a companion does"
    return fault_of_length(fill_in(text, LONGEST, language))


# All texts of a plan -------------------------------------------------------------------------------------

NEW_YORK = ZoneInfo("America/New_York")
ENDS = (datetime(2026, 6, 2, 15, tzinfo=UTC), datetime(2026, 6, 3, 1, tzinfo=UTC))
"""At eleven in the morning there, and at nine in the evening."""
OWN_HOURS = (time(9), time(17, 30))
BOOKED_AHEAD = (None, timedelta(days=9), timedelta(days=40))


def _sample_plans(schedule: Schedule) -> Iterator[Sequence[PlannedMessage]]:
    """Of every kind of session that is not like another, each at an hour that is early or too late to ask that day.

    The first, the second, the last of a series, one of maintenance, those from which a step counts; for a patient
    with an hour of their own; and of an appointment alone.
    """
    length = schedule.series_length or 6
    alike = {tuple(kind in (step.for_kinds or [kind]) for step in schedule.steps): kind for kind in schedule.for_kinds}
    numbers = {1, 2, length, length + 1, *(step.from_session or 1 for step in schedule.steps)}
    own_hours = OWN_HOURS if any(step.at_own_hour for step in schedule.steps) else ()
    sessions = chain(product(ENDS, sorted(numbers), [None]), product(ENDS[:1], [2], own_hours))
    for kind, (ended_at, number, own_hour), ahead in product(alike.values(), sessions, BOOKED_AHEAD):
        facts = SessionFacts(
            kind=kind,
            ended_at=ended_at,
            zone=NEW_YORK,
            number=number,
            series_length=length,
            appointment_at=ended_at + ahead if ahead else None,
            own_hour=own_hour,
            has_companion=True,
        )
        yield make_plan(schedule, facts, now=ended_at).texts
    alone = SessionFacts(schedule.for_kinds[0], None, NEW_YORK, appointment_at=ENDS[0] + timedelta(days=40))
    yield make_plan(schedule, alone, now=ENDS[0]).texts


def _check_who_reads(schedule: Schedule, plan: Sequence[PlannedMessage], file: str) -> None:
    """A question says that nobody reads at all hours and whom to call, or another shortly before it does."""
    said_at: datetime | None = None
    for planned in (text for text in plan if text.wording != "statement" and text.prompt != "none"):
        step = schedule.get_step(planned.step)
        faults = [
            (f"{key}.{language}", words)
            for key, texts in _texts_of(step)
            if (key == "nudge.text") == (planned.wording == "nudge") and key != "text_without_question"
            for language, text in texts.items()
            if (words := _does_not_say(text))
        ]
        if faults and (said_at is None or planned.due_at - said_at > PRECEDED_WITHIN):
            key, words = faults[0]
            raise ScheduleMistake(file=file, step=step.name, key=key, words=words)
        if not faults and planned.condition is None:  # What hangs on an answer may never leave.
            said_at = planned.due_at


def _does_not_say(text: str) -> str | None:
    within = f"nor does a question in the {PRECEDED_WITHIN.days} days before it"
    if not all(line in text for line in CRISIS_LINES):
        return f"invites an answer and names not both 911 and 988, {within}"
    if not any(words in text.lower() for words in NOT_MONITORED):
        return f"invites an answer and does not say {NOT_MONITORED[0]!r} or {NOT_MONITORED[1]!r}, {within}"
    return None


def _check_mixed_up(schedule: Schedule, texts: Sequence[PlannedMessage], file: str) -> None:
    """The same reply could answer two questions that lie closer than the window of the first."""
    questions = [text for text in texts if text.wording == "question" and text.ask]
    for kind in sorted(set(MIXED_UP.values())):
        alike = [text for text in questions if text.ask and MIXED_UP[text.ask] == kind]
        for first, second in pairwise(alike):
            if second.due_at - first.due_at < first.answer_within:
                raise ScheduleMistake(
                    file=file,
                    step=schedule.get_step(second.step).name,
                    key="answer_within",
                    words=f"{kind} could answer it or {first.step!r}, whose answers may come later than it leaves",
                )
