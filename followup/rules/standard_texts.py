"""The texts that answer a patient, whatever the schedule; approved by the clinic before they reach anybody."""

import hashlib
import json
import re
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from followup.rules.schedule import Language, ScheduleMistake
from followup.rules.schedule_checks import CRISIS_LINES, fault_of_length, fault_of_words
from followup.rules.step import Strict, Texts
from followup.rules.wording import LONGEST, Tokens, fill_in, used_language

# Promises that nobody can keep at all hours, and advice that nobody approved (facts/clinical 4, fail-safe 3).
PROMISES = re.compile(
    r"(?: will|['’]ll) (?:call|phone|contact|get back)|call you (?:back )?(?:within|in)|is watching|are watching"
    r"|we are here 24|alerted|monitored 24/7|\bl[aeo] llamar(?:emos|a|á)\b|estamos pendientes|avisamos al equipo",
    re.IGNORECASE,
)
NOT_A_PROMISE = re.compile(r"not monitored 24/7", re.IGNORECASE)


class StandardText(Strict):
    """One answer in the languages it is written in."""

    en: Annotated[str, Field(min_length=1)]
    es: Annotated[str, Field(min_length=1)] | None = None

    def texts(self) -> Texts:
        texts: Texts = {"en": self.en}
        if self.es:
            texts["es"] = self.es
        return texts


class StandardTexts(Strict):
    """`stop_confirmation` is a policy, not a text: the carrier confirms STOP, and we never do."""

    stop_confirmation: str = "carrier"
    urgent: StandardText
    """To wording that signals danger: 911, 988, and that nobody may be reading."""
    after_effect_urgent: StandardText
    asked_again: StandardText
    """Once, where a number was asked for and none could be read for certain."""
    unclear: StandardText
    out_of_hours: StandardText
    help: StandardText
    thanks: StandardText
    usual_after_effect: StandardText
    wrong_number: StandardText

    @field_validator("stop_confirmation")
    @classmethod
    def _is_the_carriers(cls, given: str) -> str:
        if given != "carrier":
            raise ValueError("only `carrier`: a second confirmation of STOP is one text too many")
        return given

    @property
    def version(self) -> str:
        """Hash of the content."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()

    def named(self) -> dict[str, StandardText]:
        return {name: text for name in type(self).model_fields if isinstance(text := getattr(self, name), StandardText)}


NAMES_CRISIS_LINES = ("urgent", "asked_again", "unclear", "out_of_hours", "help")
"""These name 911 and 988, and no clinic can take them out (facts/clinical 4, hard limits)."""


def read_standard_texts(given: dict[str, Any], *, file: str, reveals: re.Pattern[str]) -> StandardTexts:
    """Raises ScheduleMistake, naming the text and the language."""
    try:
        texts = StandardTexts.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key, words = ".".join(map(str, first["loc"])), first["msg"].removeprefix("Value error, ")
        raise ScheduleMistake(file=file, step=None, key=key, words=words) from None
    for name, each in texts.named().items():
        for language, text in each.texts().items():
            if words := _fault(name, language, text, reveals):
                raise ScheduleMistake(file=file, step=None, key=f"{name}.{language}", words=words)
    return texts


def _fault(name: str, language: Language, text: str, reveals: re.Pattern[str]) -> str | None:
    if words := fault_of_words(text, reveals):
        return words
    if name in NAMES_CRISIS_LINES and not all(line in text for line in CRISIS_LINES):
        return "names not both 911 and 988"
    if name == "after_effect_urgent" and "911" not in text:
        return "does not name 911"
    if found := PROMISES.search(NOT_A_PROMISE.sub("", text)):
        return f"{found[0]!r} promises what nobody can keep at every hour"
    return fault_of_length(fill_in(text, LONGEST, language))


def render_standard_text(text: StandardText, *, language: str, tokens: Tokens) -> tuple[str, Language]:
    """(text, language used)."""
    texts = text.texts()
    used = used_language(language, texts)
    return fill_in(texts[used], tokens, used), used
