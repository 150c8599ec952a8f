"""What a reply means: everything in it is read, and the most urgent of it is acted on (facts/clinical 2.1).

A reply is routine only by proof: every word is accounted for, and no reader found more. Whatever fails, fails upward.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from followup.rules.reading.choices import Choice, find_choice
from followup.rules.reading.danger import Danger, find_danger
from followup.rules.reading.findings import KINDS, Finding, Label, most_pressing_first
from followup.rules.reading.folding import plain_words
from followup.rules.reading.language import language_of
from followup.rules.reading.normal import Normal, normalise
from followup.rules.reading.readers import Readers
from followup.rules.reading.reading import Kind, Level, Prompt, Reading, more_urgent
from followup.rules.reading.requests import Asked, find_requests
from followup.rules.reading.routine import account_for
from followup.rules.reading.scores import Score, find_score
from followup.rules.reading.second_reader import Opinion, second_opinion
from followup.rules.reading.side_effects import SideEffect, find_side_effects
from followup.rules.reading.stop import STOP_WORDS, StopRequest, find_stop

READER = "readers 1"
LOW_SCORE = 2
"""A score up to here is looked at, whatever else was said (facts/clinical 3.5, rule 8)."""
GREAT_FALL = 3
"""So many points less than the reply says it was before are looked at, too."""

# What carriers take as opt-in and help when it is the whole text: Twilio "Advanced Opt-Out".
START_WORDS = frozenset({"start", "unstop"})
HELP_WORDS = frozenset({"help", "info", "ayuda"})

ASKS_TO_STOP = "asks to stop texts"
MAY_ASK_TO_STOP = "may be asking to stop texts"
WRONG_PERSON = "says that this is not the patient's number"
SAYS_MORE = "says more than that"
MAY_MEAN_APPOINTMENT = "may mean the appointment"
COULD_NOT_BE_READ = "could not be read"
READER_FAILED = "a reader failed"
SOUNDS_LIKE_DANGER = "Wording like that of danger"

REQUESTS: dict[str, tuple[Level, str]] = {
    "call_at_once": ("urgent", "asks for a call at once"),
    "call_me": ("concern", "asks for a call"),
    "help": ("concern", "asks for help"),
    "question": ("concern", "asks a question"),
    "somebody_else": ("concern", "another person may be answering"),
    "texts_again": ("concern", "may be asking to get texts again"),
    "worse": ("concern", "may be worse"),
    "thanks": ("routine", "says thanks"),
}

Found = TypeVar("Found")


@dataclass(frozen=True)
class Asking:
    """What the reply answers, and after what."""

    prompt: Prompt
    treatment: str | None
    hours_since: float | None
    highest: int
    low_is_worst: bool
    media: int


def read_reply(
    text: str,
    *,
    prompt: Prompt,
    readers: Readers,
    treatment: str | None = None,
    hours_since: float | None = None,
    highest: int = 10,
    low_is_worst: bool = True,
    media: int = 0,
) -> Reading:
    """The reading of a text that answers this prompt.

    `treatment` is the kind of the latest session, `hours_since` its end; `highest` the best answer to a question about
    a number, and `low_is_worst` which way it runs; `media` how many pictures or recordings came with it. Never raises.
    """
    failed = list(readers.missing)
    asking = Asking(prompt, treatment, hours_since, highest, low_is_worst, media)
    try:
        return _read(text, asking, readers, failed)
    except Exception:  # noqa: BLE001 - what cannot be read is put before a human.
        return _unreadable(text, [*failed, "reply"])


def _read(text: str, asking: Asking, readers: Readers, failed: list[str]) -> Reading:
    guard = _guard(failed)
    normal = normalise(text)
    keyword = guard("carrier's words", lambda: _carriers_word(text, asking.prompt), None)
    grammar, second = (None, None) if keyword else (readers.danger, readers.second)
    dangers = guard("danger", lambda: find_danger(normal, grammar) if grammar else (), ())
    agree = any(not danger.lowered for danger in dangers)
    opinion = guard(
        "second reader", lambda: second_opinion(normal, second, beside_words=agree) if second else None, None
    )
    effects = guard("side effects", lambda: _side_effects(normal, readers, asking), ())
    stop = guard("stop", lambda: None if keyword or normal.tapback else find_stop(text), None)
    asked = guard("requests", lambda: () if normal.tapback else find_requests(normal), ())
    is_own_text = keyword is None and not normal.tapback
    score = guard("scores", lambda: _score(normal, asking) if is_own_text else None, None)
    choice = guard("choices", lambda: _choice(normal, asking) if is_own_text else None, None)

    dangers = [each for each in dangers if not _is_the_stop(each, stop)]
    findings = [*map(_of_danger, dangers), *_of_effects(effects), *map(_of_request, _without_choice(asked, choice))]
    findings += [each for each in (keyword, _of_stop(stop), _of_score(score, asking), _of_choice(choice)) if each]
    findings += _of_opinion(opinion, any(danger.level == "urgent" for danger in dangers))
    findings += _of_what_came(normal, asking)
    findings += _of_the_rest(normal, asking, findings, score, choice, effects)
    reading = _put_together(normal, findings, score, choice, failed)
    return replace(reading, asks_again=asking.prompt == "mood" and score is None and _may_ask_again(reading))


def _guard(failed: list[str]) -> Callable[[str, Callable[[], Found], Found], Found]:
    """Calls a reader. One that fails is named, and the others still count."""

    def guarded(name: str, read: Callable[[], Found], otherwise: Found) -> Found:
        try:
            return read()
        except Exception:  # noqa: BLE001 - issue: every exception inside a reader ends as a concern.
            failed.append(name)
            return otherwise

    return guarded


# The readers ------------------------------------------------------------------------------------------------------


def _side_effects(normal: Normal, readers: Readers, asking: Asking) -> tuple[SideEffect, ...]:
    if readers.side_effects is None:
        return ()
    return find_side_effects(
        normal,
        readers.side_effects,
        prompt=asking.prompt,
        treatment=asking.treatment,
        hours_since=asking.hours_since,
    )


def _score(normal: Normal, asking: Asking) -> Score | None:
    return find_score(normal, prompt=asking.prompt, highest=asking.highest)


def _choice(normal: Normal, asking: Asking) -> Choice | None:
    return find_choice(normal, prompt=asking.prompt)


def _carriers_word(text: str, prompt: Prompt) -> Finding | None:
    words = plain_words(text)
    start = len(text) - len(text.lstrip())
    spans = ((start, len(text.rstrip())),)
    if words in STOP_WORDS:
        doubt = (MAY_MEAN_APPOINTMENT,) if prompt == "appointment" and words == "cancel" else ()
        return Finding("stop", "concern", (ASKS_TO_STOP, *doubt), spans)
    if words in START_WORDS:
        return Finding("start", "concern", ("asks to get texts again",), spans)
    if words in HELP_WORDS:
        return Finding("help", "concern", ("asks for help",), spans)
    return None


# What they found, as findings ---------------------------------------------------------------------------------------


def _of_danger(danger: Danger) -> Finding:
    lowered = f" ({danger.lowered})" if danger.lowered else ""
    return Finding("danger", danger.level, (danger.reason + lowered,), danger.spans, danger.language)


def _is_the_stop(danger: Danger, stop: StopRequest | None) -> bool:
    """`I want no more texts`: the very words that ask to stop speak of no danger."""
    if stop is None or not stop.is_sure:
        return False
    return all(start < stop.span[1] and stop.span[0] < end for start, end in danger.spans)


def _of_opinion(opinion: Opinion | None, is_known: bool) -> Iterable[Finding]:
    """What the second reader adds to what the words already say."""
    if opinion is not None and opinion.level != "none" and not is_known:
        label: Label = "danger" if opinion.level == "urgent" else "like_danger"
        yield Finding(label, opinion.level, (SOUNDS_LIKE_DANGER,), opinion.spans)


def _of_effects(effects: Iterable[SideEffect]) -> Iterable[Finding]:
    for each in effects:
        if not (each.is_denied and each.level == "routine"):
            yield Finding("side_effect", each.level, (each.reason,), (each.span,))


def _of_request(asked: Asked) -> Finding:
    level, reason = REQUESTS[asked.request]
    return Finding(asked.request, level, (reason,), (asked.span,))


def _without_choice(asked: Sequence[Asked], choice: Choice | None) -> Sequence[Asked]:
    """`Could we push it a week?` asks nothing but that."""
    if choice is None or choice.value != "reschedule":
        return asked
    return [each for each in asked if each.request != "question"]


def _of_stop(stop: StopRequest | None) -> Finding | None:
    if stop is None:
        return None
    reason = WRONG_PERSON if stop.kind == "wrong_person" else ASKS_TO_STOP if stop.is_sure else MAY_ASK_TO_STOP
    reasons = (reason, SAYS_MORE) if stop.says_more else (reason,)
    return Finding(stop.kind, "concern", reasons, (stop.span,), stop.language)


def _of_score(score: Score | None, asking: Asking) -> Finding | None:
    if score is None:
        return None
    said = f"score {score.number:g}"
    fell = asking.low_is_worst and score.earlier is not None and score.earlier - score.low >= GREAT_FALL
    if asking.low_is_worst and score.low <= LOW_SCORE:
        return Finding("score", "concern", (f"{said}, {LOW_SCORE} or less",), (score.span,))
    if fell:
        return Finding("score", "concern", (f"{said}, and {score.earlier:g} before",), (score.span,))
    return Finding("score", "routine", (said,), (score.span,))


CHOICES: dict[str, tuple[Level, str]] = {
    "confirm": ("routine", "confirms the appointment"),
    "reschedule": ("concern", "asks for another time"),
    "decline": ("concern", "does not want the appointment"),
}


def _of_choice(choice: Choice | None) -> Finding | None:
    if choice is None:
        return None
    level, reason = CHOICES[choice.value]
    return Finding("choice", level, (reason,), (choice.span,))


def _of_what_came(normal: Normal, asking: Asking) -> Iterable[Finding]:
    """What makes a human look whatever it says."""
    if asking.media:
        yield Finding("media", "concern", ("a picture or recording came with it",), ())
    if normal.tapback:
        yield Finding("unclear", "concern", ("a reaction to a text",), ())
    elif not normal.tokens and not asking.media:
        yield Finding("unclear", "concern", ("has no words",), ())


def _of_the_rest(
    normal: Normal,
    asking: Asking,
    findings: Sequence[Finding],
    score: Score | None,
    choice: Choice | None,
    effects: Iterable[SideEffect],
) -> Iterable[Finding]:
    """Whether there is more in it than was read. Words of thanks, of assent and of being well are read here."""
    known = frozenset[int]().union(
        score.covered if score else (),
        choice.covered if choice else (),
        *(each.covered for each in effects if each.level == "routine"),
    )
    if not normal.tokens or normal.tapback:
        return
    proof = account_for(normal, prompt=asking.prompt, known=known)
    labels = {each.label for each in findings}
    if proof.is_whole:
        if proof.says & {"thanks", "understood", "well"}:
            yield Finding("thanks", "routine", ("says thanks or that all is well",), ())
        elif not labels & {"score", "choice", "side_effect"}:
            yield Finding("unclear", "concern", (COULD_NOT_BE_READ,), ())
    elif not labels - {"thanks", "media", "like_danger"}:
        yield Finding("unclear", "concern", (COULD_NOT_BE_READ,), proof.unknown[:1] if len(proof.unknown) == 1 else ())
    elif all(each.level == "routine" for each in findings):
        yield Finding("more", "concern", (SAYS_MORE,), ())


# Put together ---------------------------------------------------------------------------------------------------------


def _put_together(
    normal: Normal, findings: list[Finding], score: Score | None, choice: Choice | None, failed: list[str]
) -> Reading:
    if failed:
        findings.append(Finding("failed", "concern", (READER_FAILED,), ()))
    findings = most_pressing_first(findings)
    unclear = Finding("unclear", "concern", () if findings else (COULD_NOT_BE_READ,), ())
    acted_on = next((each for each in findings if each.label in KINDS), unclear)
    level: Level = "routine"
    for each in findings:
        level = more_urgent(level, each.level)
    kind: Kind = KINDS[acted_on.label]
    value: float | int | str | None = score.number if score else None
    if kind == "choice":
        value = choice.value if choice else None
    return Reading(
        kind=kind,
        value=value,
        level=level,
        reasons=_reasons(acted_on, findings),
        spans=_spans(acted_on, findings),
        language=acted_on.language or language_of(normal),
        reader=READER,
        labels=tuple(dict.fromkeys(each.label for each in findings)),
        low=score.low if score and kind != "choice" else None,
        is_odd=score is not None and not score.is_clean,
        failed=tuple(failed),
    )


def _reasons(acted_on: Finding, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Words of danger first, then what is acted on, then what else needs a human."""
    dangers = [each for each in findings if each.label == "danger"]
    others = [each for each in findings if each.level != "routine" or each.label == "score"]
    said = [*dangers, acted_on, *others]
    return tuple(dict.fromkeys(reason for each in said for reason in each.reasons))


def _spans(acted_on: Finding, findings: Sequence[Finding]) -> tuple[tuple[int, int], ...]:
    shown = [each for each in findings if each is acted_on or (each.label in SHOWN and each.level != "routine")]
    return tuple(sorted({span for each in shown for span in each.spans if span[0] < span[1]}))


SHOWN: frozenset[Label] = frozenset({"danger", "side_effect"})


def _may_ask_again(reading: Reading) -> bool:
    """Not after anything that a human must answer."""
    return reading.kind == "unclear" and reading.level == "concern" and not {"worse", "media"} & {*reading.labels}


def _unreadable(text: str, failed: Sequence[str]) -> Reading:
    """Where even putting together failed. STOP holds even then."""
    kind: Kind = "stop" if plain_words(text) in STOP_WORDS else "unclear"
    return Reading(
        kind=kind,
        value=None,
        level="concern",
        reasons=(COULD_NOT_BE_READ, READER_FAILED),
        spans=(),
        language="en",
        reader=READER,
        labels=(kind,),
        failed=tuple(failed),
    )
