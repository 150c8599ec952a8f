"""The plain reader: a score, a choice, a carrier's word, a request to stop texts. All else goes before a human."""

import re

from followup.rules.reading.folding import plain_words
from followup.rules.reading.reading import Kind, Level, Prompt, Reading
from followup.rules.reading.stop import STOP_WORDS, StopRequest, find_stop

READER = "plain 2"
LOW_SCORE = 2
"""A score up to here is looked at, whatever else was said (facts/clinical 3.5, rule 8)."""

# What carriers take as opt-in and help when it is the whole text: Twilio "Advanced Opt-Out".
START_WORDS = frozenset({"start", "unstop"})
HELP_WORDS = frozenset({"help", "info", "ayuda"})
CONFIRM_WORDS = frozenset({"c", "confirm", "confirmo", "confirmar"})
RESCHEDULE_WORDS = frozenset({"r", "reschedule", "reprogramar"})

SCORE = re.compile(r"(10|[0-9])(?:\s*/\s*10|\s+out of 10|\s+de 10)?", re.ASCII)
SPANISH = frozenset({"alto", "parar", "baja", "ayuda", "confirmo", "confirmar", "reprogramar"})

ASKS_TO_STOP = "asks to stop texts"
MAY_ASK_TO_STOP = "may be asking to stop texts"
WRONG_PERSON = "says that this is not the patient's number"
SAYS_MORE = "says more than that"
MAY_MEAN_APPOINTMENT = "may mean the appointment"


def read_reply(text: str, *, prompt: Prompt) -> Reading:
    """What a reply to this prompt means; `unclear` and `concern` for whatever is not known here."""
    words = plain_words(text)
    if words in STOP_WORDS:
        reasons = (
            (ASKS_TO_STOP, MAY_MEAN_APPOINTMENT) if prompt == "appointment" and words == "cancel" else (ASKS_TO_STOP,)
        )
        return _whole(text, words, "stop", "concern", *reasons)
    if words in START_WORDS:
        return _whole(text, words, "start", "concern", "asks to get texts again")
    if words in HELP_WORDS:
        return _whole(text, words, "help", "concern", "asks for help")
    return _read_answer(text, words, prompt) or _read_request(text) or _unclear()


def _read_answer(text: str, words: str, prompt: Prompt) -> Reading | None:
    if prompt == "appointment":
        return _read_choice(text, words)
    if prompt in {"mood", "same_day"} and (score := SCORE.fullmatch(words)):
        return _read_score(text, words, int(score[1]))
    return None


def _read_choice(text: str, words: str) -> Reading | None:
    if words in CONFIRM_WORDS:
        return _whole(text, words, "choice", "routine", "confirms the appointment", value="confirm")
    if words in RESCHEDULE_WORDS:
        return _whole(text, words, "choice", "concern", "asks for another time", value="reschedule")
    return None


def _read_score(text: str, words: str, score: int) -> Reading:
    if score <= LOW_SCORE:
        return _whole(text, words, "score", "concern", f"score {score}, {LOW_SCORE} or less", value=score)
    return _whole(text, words, "score", "routine", f"score {score}", value=score)


def _read_request(text: str) -> Reading | None:
    """Texts stop where it only may be meant, too; a human looks at every one of them."""
    request = find_stop(text)
    if request is None:
        return None
    return Reading(
        kind=request.kind,
        value=None,
        level="concern",
        reasons=(_reason(request), SAYS_MORE) if request.says_more else (_reason(request),),
        spans=(request.span,),
        language=request.language,
        reader=READER,
    )


def _reason(request: StopRequest) -> str:
    if request.kind == "wrong_person":
        return WRONG_PERSON
    return ASKS_TO_STOP if request.is_sure else MAY_ASK_TO_STOP


def _whole(text: str, words: str, kind: Kind, level: Level, *reasons: str, value: int | str | None = None) -> Reading:
    start = len(text) - len(text.lstrip())
    return Reading(
        kind=kind,
        value=value,
        level=level,
        reasons=reasons,
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
