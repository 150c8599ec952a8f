"""The plain reader: a whole reply that is a score, a choice or a carrier's word. All else goes before a human."""

import re
import unicodedata

from followup.rules.reading.reading import Kind, Level, Prompt, Reading

READER = "plain 1"
LOW_SCORE = 2
"""A score up to here is looked at, whatever else was said (facts/clinical 3.5, rule 8)."""

# What carriers take as opt-out, opt-in and help when it is the whole text: Twilio "Advanced Opt-Out", and the words of
# 47 CFR 64.1200(a)(10), which counts "opt out" in two words too. The Spanish ones are those that Twilio suggests.
STOP_WORDS = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt-out", "opt out"}
    | {"alto", "parar", "baja"}
)
START_WORDS = frozenset({"start", "unstop"})
HELP_WORDS = frozenset({"help", "info", "ayuda"})
CONFIRM_WORDS = frozenset({"c", "confirm", "confirmo", "confirmar"})
RESCHEDULE_WORDS = frozenset({"r", "reschedule", "reprogramar"})

SCORE = re.compile(r"(10|[0-9])(?:\s*/\s*10|\s+out of 10|\s+de 10)?", re.ASCII)
SPANISH = frozenset({"alto", "parar", "baja", "ayuda", "confirmo", "confirmar", "reprogramar"})


def read_reply(text: str, *, prompt: Prompt) -> Reading:
    """What a reply to this prompt means; `unclear` and `concern` for anything but the few whole texts known here."""
    words = plain_words(text)
    if words in STOP_WORDS:
        return _whole(text, words, "stop", "concern", "asks to stop texts")
    if words in START_WORDS:
        return _whole(text, words, "start", "concern", "asks to get texts again")
    if words in HELP_WORDS:
        return _whole(text, words, "help", "concern", "asks for help")
    if prompt == "appointment":
        return _read_choice(text, words)
    if prompt in {"mood", "same_day"} and (score := SCORE.fullmatch(words)):
        return _read_score(text, words, int(score[1]))
    return _unclear()


def is_opt_out_word(text: str) -> bool:
    """Whether the whole text is a word that stops all texts."""
    return plain_words(text) in STOP_WORDS


def plain_words(text: str) -> str:
    """Lower case, one blank between words, full-width digits made plain, no punctuation around."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return folded.strip(" .,!?;:'\"*()…¡¿“”‘’«»")


def _read_choice(text: str, words: str) -> Reading:
    if words in CONFIRM_WORDS:
        return _whole(text, words, "choice", "routine", "confirms the appointment", value="confirm")
    if words in RESCHEDULE_WORDS:
        return _whole(text, words, "choice", "concern", "asks for another time", value="reschedule")
    return _unclear()


def _read_score(text: str, words: str, score: int) -> Reading:
    if score <= LOW_SCORE:
        return _whole(text, words, "score", "concern", f"score {score}, {LOW_SCORE} or less", value=score)
    return _whole(text, words, "score", "routine", f"score {score}", value=score)


def _whole(text: str, words: str, kind: Kind, level: Level, reason: str, *, value: int | str | None = None) -> Reading:
    start = len(text) - len(text.lstrip())
    return Reading(
        kind=kind,
        value=value,
        level=level,
        reasons=(reason,),
        spans=((start, len(text.rstrip())),),
        language="es" if words in SPANISH else "en",
        reader=READER,
    )


def _unclear() -> Reading:
    return Reading(
        kind="unclear",
        value=None,
        level="concern",
        reasons=("could not be read",),
        spans=(),
        language="en",
        reader=READER,
    )
