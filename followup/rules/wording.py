"""The words of a text: the right language, its tokens filled in safely."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from followup.rules.schedule import Language, Schedule, ScheduleMistake, Step, Texts
from followup.rules.segments import GSM_BASIC, GSM_EXTENDED, count_segments

MOST_SEGMENTS = 2
NAME_AT_MOST, CLINIC_AT_MOST = 20, 40
"""Longer ones are cut at a word, so that a text that was checked stays within its segments."""
TOKEN = re.compile(r"\{(\w+)\}")
TOKENS = frozenset({"first_name", "clinic", "clinic_phone", "session_day", "time"})

NO_PHONE: Texts = {"en": "the clinic", "es": "la clinica"}
SOON: Texts = {"en": "soon", "es": "pronto"}
# Without accents: á, í, ó and ú are not in the GSM alphabet and would halve what fits into a segment.
DAYS: dict[Language, list[str]] = {
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "es": ["lun", "mar", "mie", "jue", "vie", "sab", "dom"],
}
MONTHS: dict[Language, list[str]] = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}


@dataclass(frozen=True)
class Tokens:
    """What may be filled in. Times are on the patient's wall clock."""

    first_name: str | None
    clinic: str
    clinic_phone: str | None = None
    session_day: datetime | None = None
    appointment_at: datetime | None = None


LONGEST = Tokens(
    first_name="N" * NAME_AT_MOST,
    clinic="C" * CLINIC_AT_MOST,
    clinic_phone="+1 (212) 555-0100",
    session_day=datetime(2026, 11, 25, 10, 30),  # noqa: DTZ001 - a wall clock.
    appointment_at=datetime(2026, 11, 25, 10, 30),  # noqa: DTZ001 - a wall clock.
)
"""The longest that is realistic, for checks."""


def render_step(
    schedule: Schedule, step: Step, *, wording: str, language: str, tokens: Tokens, is_first: bool
) -> tuple[str, str]:
    """(text, language used). The first text a patient ever gets says how to end them."""
    texts = step.text_without_question if wording == "statement" and step.text_without_question else step.text
    used = _language(language, texts)
    text = _as_first(schedule, texts[used], used) if is_first else texts[used]
    return fill_in(text, tokens, used), used


def _language(wanted: str, texts: Texts) -> Language:
    """`es-MX` is `es`; what nobody wrote falls back to English."""
    short = wanted.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0].lower()
    return "es" if short == "es" and "es" in texts else "en"


def _as_first(schedule: Schedule, text: str, language: Language) -> str:
    return f"{text} {schedule.first_text.get(language, schedule.first_text['en'])}"


def fill_in(template: str, tokens: Tokens, language: Language) -> str:
    """Every token replaced; without a name `Hi {first_name},` reads `Hi,`."""
    name = clean(tokens.first_name or "", NAME_AT_MOST)
    if not name:
        template = template.replace(" {first_name}", "").replace("{first_name}", "")
    values = {
        "first_name": name,
        "clinic": clean(tokens.clinic, CLINIC_AT_MOST),
        "clinic_phone": clean(tokens.clinic_phone or "", 20) or NO_PHONE[language],
        "session_day": day_words(tokens.session_day, language),
        "time": time_words(tokens.appointment_at, language),
    }
    return TOKEN.sub(lambda found: values[found[1]], template)


def clean(value: str, at_most: int) -> str:
    """One line of letters that fit the GSM alphabet where they can (é stays, ë becomes e), cut at a word."""
    letters = "".join(_gsm_letter(letter) for letter in unicodedata.normalize("NFC", value))
    folded = " ".join("".join(c if c.isprintable() and c not in "{}" else " " for c in letters).split())
    if len(folded) <= at_most:
        return folded
    return folded[: at_most + 1].rsplit(" ", 1)[0][:at_most]


def _gsm_letter(letter: str) -> str:
    if letter in GSM_BASIC or letter in GSM_EXTENDED:
        return letter
    plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    plain = {"’": "'", "‘": "'", "´": "'", "`": "'", "–": "-", "—": "-"}.get(letter, plain)
    return plain if all(c in GSM_BASIC for c in plain) else letter


def day_words(at: datetime | None, language: Language) -> str:
    """`Wed, Nov 25`, `mie 25 nov`."""
    if at is None:
        return SOON[language]
    day, month = DAYS[language][at.weekday()], MONTHS[language][at.month - 1]
    return f"{day} {at.day} {month}" if language == "es" else f"{day}, {month} {at.day}"


def time_words(at: datetime | None, language: Language) -> str:
    """`Wed, Nov 25 at 10:30 AM`, `mie 25 nov, 10:30 AM`."""
    if at is None:
        return SOON[language]
    clock = f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"
    return f"{day_words(at, language)}{', ' if language == 'es' else ' at '}{clock}"


# Checks --------------------------------------------------------------------------------------------------

# What would tell a stranger who glances at the phone what the patient is treated for (facts/clinical 1.7).
REVEALING = re.compile(
    r"ketamin|spravato|infusi|injecti|inyecci|psych|psiqui|psico|depress|depres|suicid|ptsd|trauma|therap|terap"
    r"|bipolar|anxiety|ansiedad|mental|nerve block|ganglion|medicat|dose|dosis",
    re.IGNORECASE,
)
# Words that carriers take for themselves (Twilio "Advanced Opt-Out"): a patient who answers so hears nothing more.
CARRIER_WORDS = re.compile(
    r"(?:reply|text|answer|send|respond[ae]|envie|conteste)\s+(?:with\s+|con\s+)?[\"']?"
    r"(?P<word>stopall|stop|cancel|end|quit|unsubscribe|revoke|optout|yes|start|unstop|help|info)\b",
    re.IGNORECASE,
)
ENDS_TEXTS = re.compile(r"\s+(?:to end|to stop|para no recibir|para dejar)", re.IGNORECASE)
NOT_MONITORED = ("not monitored 24/7", "no se leen las 24 horas")
CRISIS_LINES = ("911", "988")


def check_texts(schedule: Schedule, *, file: str) -> None:
    """Every text of a schedule, as long as it can get. Raises ScheduleMistake."""
    for language, text in schedule.first_text.items():
        if words := _fault_of_words(text):
            raise ScheduleMistake(file=file, step=None, key=f"first_text.{language}", words=words)
    for step in schedule.steps:
        for key, texts in (("text", step.text), ("text_without_question", step.text_without_question or {})):
            for language, text in texts.items():
                words = _fault(schedule, step, key, language, text)
                if words:
                    raise ScheduleMistake(file=file, step=step.name, key=f"{key}.{language}", words=words)


def _fault_of_words(text: str) -> str | None:
    """What no text may say, whatever it is for."""
    if unknown := {found[1] for found in TOKEN.finditer(text)} - TOKENS:
        return f"no token {{{min(unknown)}}}; there are {', '.join(sorted(TOKENS))}"
    if set("{}") & set(TOKEN.sub("", text)):
        return f"a brace that belongs to no token; there are {', '.join(sorted(TOKENS))}"
    if found := REVEALING.search(text):
        return f"{found[0]!r} reveals the treatment or a diagnosis"
    for found in CARRIER_WORDS.finditer(text):
        if found["word"].lower() != "stop" or not ENDS_TEXTS.match(text, found.end()):
            return f"asks for {found['word']!r} as an answer, which carriers keep for themselves"
    return None


def _fault(schedule: Schedule, step: Step, key: str, language: Language, text: str) -> str | None:
    """What is wrong with one text of a step, or None."""
    if words := _fault_of_words(text):
        return words
    asks = step.prompt != "none" and key == "text"
    if asks and not all(line in text for line in CRISIS_LINES):
        return "invites an answer and names not both 911 and 988"
    if asks and not any(words in text.lower() for words in NOT_MONITORED):
        return f"invites an answer and does not say {NOT_MONITORED[0]!r} or {NOT_MONITORED[1]!r}"
    counted = count_segments(fill_in(_as_first(schedule, text, language), LONGEST, language))
    if counted.segments > MOST_SEGMENTS:
        return f"{counted.segments} segments ({counted.units} of {counted.encoding}) with the longest names"
    return None
