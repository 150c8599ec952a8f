"""What is known of a patient, as labelled facts that several pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from followup.store.tables import Companion, OptOut, Patient
from followup.web import times
from followup.web.rows import shown_phone
from followup.web.schedule_view import LANGUAGES


@dataclass(frozen=True)
class Fact:
    label: str
    value: str
    href: str = ""


def birth_words(patient: Patient, *, zone: ZoneInfo, now: datetime) -> Sequence[str]:
    """`born 1 Apr 1980`, `46 y`; nothing where it is not known."""
    born = times.parse_date(patient.birth_date)
    if born is None:
        return []
    return [f"born {times.long_date(born)}", f"{times.age(born, today=now.astimezone(zone).date())} y"]


def phone_fact(patient: Patient) -> Fact:
    if patient.phone is None:
        return Fact("Phone", f"{patient.phone_as_given} (cannot be texted)" if patient.phone_as_given else "None")
    fault = f" (cannot be texted: {patient.phone_fault})" if patient.phone_fault else ""
    return Fact("Phone", f"{shown_phone(patient.phone)}{fault}", f"tel:{patient.phone}")


def consent_fact(opt_out: OptOut | None, consent: str | None, *, zone: ZoneInfo) -> Fact:
    """STOP of the number first; else what the patient agreed to."""
    words = {"granted": "Given", "revoked": "Withdrawn"}.get(consent or "", "Not on record")
    if opt_out:
        words = f"STOP on {times.long_date(opt_out.at.astimezone(zone).date())}"
    return Fact("SMS consent", words)


def companion_facts(companion: Companion | None) -> list[Fact]:
    """Who drives the patient home, and whether they may be texted."""
    if companion is None:
        return [Fact("Companion", "Nobody was named")]
    agreed = "agreed to be texted" if companion.has_agreed else "has not agreed to be texted"
    number = Fact("Companion's phone", "None that can be texted")
    if companion.phone:
        number = Fact("Companion's phone", shown_phone(companion.phone), f"tel:{companion.phone}")
    return [Fact("Companion", f"{companion.name or 'Somebody without a name'}, {agreed}"), number]


def language_words(code: str | None) -> str:
    """`Spanish`; of a language that no text is written in its code."""
    if code is None:
        return "Not said, so English"
    return LANGUAGES.get(code.replace("_", "-").split("-")[0].lower(), f"{code}, so English")


def patients_zone(patient: Patient | None, zone: ZoneInfo) -> ZoneInfo:
    """Theirs, else the clinic's."""
    try:
        return ZoneInfo((patient and patient.zone) or zone.key)
    except (ZoneInfoNotFoundError, ValueError):
        return zone
