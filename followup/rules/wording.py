"""The words of a text: the right language, its tokens filled in safely."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, time

from followup.rules.schedule import Language, Schedule, Step, Texts
from followup.rules.segments import GSM_BASIC, GSM_EXTENDED

NAME_AT_MOST, CLINIC_AT_MOST = 20, 40
"""Longer ones are cut at a word, so that a text that was checked stays within its segments."""
TOKEN = re.compile(r"\{(\w+)\}")
TOKENS = frozenset({"first_name", "clinic", "clinic_phone", "session_day", "time", "ended", "usual_until", "hours"})

NO_PHONE: Texts = {"en": "the clinic", "es": "la clinica"}
SOON: Texts = {"en": "soon", "es": "pronto"}
SOMEBODY: Texts = {"en": "Your clinic", "es": "Su clinica"}
"""Who writes to a patient who wants the clinic's name in no text."""
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
    """The session's end."""
    appointment_at: datetime | None = None
    usual_until: datetime | None = None
    """Until when after-effects are usual."""
    hours: tuple[time, time] = (time(9), time(20))
    """When somebody reads answers, on the clinic's clock."""
    is_discreet: bool = False
    """The patient wants neither their own name nor the clinic's in a text."""


LONGEST = Tokens(
    first_name="N" * NAME_AT_MOST,
    clinic="C" * CLINIC_AT_MOST,
    clinic_phone="+1 (212) 555-0100",
    session_day=datetime(2026, 11, 25, 10, 30),  # noqa: DTZ001 - a wall clock.
    appointment_at=datetime(2026, 11, 25, 10, 30),  # noqa: DTZ001 - a wall clock.
    usual_until=datetime(2026, 11, 25, 10, 30),  # noqa: DTZ001 - a wall clock.
    hours=(time(10, 30), time(12, 30)),
)
"""The longest that is realistic, for checks."""


def render_step(
    schedule: Schedule, step: Step, *, wording: str, language: str, tokens: Tokens, is_first: bool
) -> tuple[str, str]:
    """(text, language used). A patient's first text says how to end them; every text to a companion does by itself."""
    texts = texts_of(step, wording, is_discreet=tokens.is_discreet)
    used = used_language(language, texts)
    text = as_first(schedule, texts[used], used) if is_first and step.to == "patient" else texts[used]
    return fill_in(text, tokens, used), used


def texts_of(step: Step, wording: str, *, is_discreet: bool = False) -> Texts:
    """Which of a step's texts leaves."""
    if wording == "nudge" and step.nudge:
        return step.nudge.text
    if wording == "statement" and step.text_without_question:
        return step.text_without_question
    return step.text_discreet if is_discreet and step.text_discreet else step.text


def used_language(wanted: str, texts: Texts) -> Language:
    """`es-MX` is `es`; what nobody wrote falls back to English."""
    short = wanted.split("-", maxsplit=1)[0].split("_", maxsplit=1)[0].lower()
    return "es" if short == "es" and "es" in texts else "en"


def as_first(schedule: Schedule, text: str, language: Language) -> str:
    """With the words that a patient's first text ends with."""
    return f"{text} {schedule.first_text.get(language, schedule.first_text['en'])}"


def fill_in(template: str, tokens: Tokens, language: Language) -> str:
    """Every token replaced; without a name `Hi {first_name},` reads `Hi,`."""
    if tokens.is_discreet:
        tokens = replace(tokens, first_name=None, clinic=SOMEBODY[language])
    name = clean(tokens.first_name or "", NAME_AT_MOST)
    if not name:
        template = template.replace(" {first_name}", "").replace("{first_name}", "")
    values = {
        "first_name": name,
        "clinic": clean(tokens.clinic, CLINIC_AT_MOST),
        "clinic_phone": clean(tokens.clinic_phone or "", 20) or NO_PHONE[language],
        "session_day": day_words(tokens.session_day, language),
        "time": time_words(tokens.appointment_at, language),
        "ended": clock_words(tokens.session_day, language),
        "usual_until": clock_words(tokens.usual_until, language),
        "hours": "-".join(_short_clock(at) for at in tokens.hours),
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
    return f"{day_words(at, language)}{', ' if language == 'es' else ' at '}{clock_words(at, language)}"


def clock_words(at: datetime | None, language: Language) -> str:
    """`10:30 AM`"""
    return SOON[language] if at is None else f"{at.hour % 12 or 12}:{at.minute:02} {_half(at.hour)}"


def _short_clock(at: time) -> str:
    """`9 AM`, `10:30 AM`"""
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {_half(at.hour)}"


def _half(hour: int) -> str:
    return "AM" if hour < 12 else "PM"


def name_for_texts(name: str, reveals: re.Pattern[str]) -> str | None:
    """A clinic's name without what tells what it treats; None: its own name says nothing. Empty names are no names."""
    if not reveals.search(name):
        return None
    return " ".join(word for word in name.split() if not reveals.search(word)) or "Your clinic"
