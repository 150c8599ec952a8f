"""What would become of a reply: how it is read, in which words, who would be told. Nothing is sent or stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from followup.rules.answers import Heard, choose_answer
from followup.rules.reading.choices import as_yes_or_no
from followup.rules.reading.readers import Readers
from followup.rules.reading.reading import Kind, Level, Reading
from followup.rules.reading.reply import read_reply
from followup.rules.reading.stop import is_opt_out_word
from followup.rules.schedule import Schedule
from followup.rules.standard_texts import StandardTexts, render_standard_text
from followup.rules.step import NUMBERS, Ask, Step
from followup.rules.wording import Tokens, render_step
from followup.rules.worry import HIGH_IS_WORST, weigh
from followup.web import times
from followup.web.rows import LATE_AFTER, LEVEL_ICONS, LEVEL_WORDS, Piece, pieces_of, sentence

KINDS: Mapping[Kind, str] = {
    "score": "A number",
    "choice": "A choice about the visit",
    "stop": "A wish to end texts",
    "start": "A wish to get texts again",
    "help": "The word for help",
    "danger": "Words that signal danger",
    "side_effect": "An after-effect",
    "question": "A question",
    "thanks": "Thanks",
    "wrong_person": "Somebody else's number",
    "unclear": "Not understood",
}
CHOICES = {"confirm": "Confirms the visit", "reschedule": "Asks for another time", "decline": "Does not come"}
TOLD: Mapping[Level, str] = {
    "urgent": "At once, everybody who has one of our pages open: a red bar, and first place in the queue. "
    f"It counts as late after {times.wait(LATE_AFTER['urgent'])}.",
    "concern": "At once, whoever has the queue open: under Concern. "
    f"It counts as late after {times.wait(LATE_AFTER['concern'])}.",
    "routine": "Nobody has to look. It stands in the queue's last group.",
}
EFFECTS: Mapping[Kind, str] = {
    "stop": "No text goes to this number from then on.",
    "wrong_person": "No text goes to this number until a person has sorted it out.",
    "start": "Texts may go to this number again, where only STOP was in the way.",
}
NO_ANSWER = "No automatic answer leaves: a person answers."
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
CARRIERS_ANSWER = "None of ours: a carrier that takes this word for STOP confirms it itself."


@dataclass(frozen=True)
class Question:
    """A text that invites an answer."""

    step: str
    words: str


@dataclass(frozen=True)
class Tried:
    """What would become of it."""

    asked: str
    """The words that it answers; empty where nobody asked."""
    pieces: Sequence[Piece]
    read_as: str
    value: str
    """What was read besides; mostly empty."""
    level: Level
    level_word: str
    icon: str
    because: Sequence[str]
    effect: str
    """What changes at once; mostly empty."""
    answer: str
    told: str


@dataclass(frozen=True)
class Knows:
    """What a reply is read and answered with."""

    readers: Readers
    texts: StandardTexts
    tokens: Tokens
    kind: str
    """Of the session before it."""


@dataclass(frozen=True)
class TryView:
    questions: Sequence[Question]
    step: str
    """The chosen one; empty: nobody asked."""
    text: str
    tried: Tried | None


def questions_of(schedule: Schedule, tokens: Tokens) -> list[Question]:
    """What may be answered, in the order of the file."""
    return [Question(step.name, _words(schedule, step, tokens)) for step in schedule.steps if step.prompt != "none"]


def _words(schedule: Schedule, step: Step, tokens: Tokens) -> str:
    return render_step(schedule, step, wording="question", language="en", tokens=tokens, is_first=False)[0]


def try_view(
    schedule: Schedule, tokens: Tokens, readers: Readers, texts: StandardTexts, *, step: str | None, text: str | None
) -> TryView:
    """`step`: None is the first that asks. `text`: None is nothing yet. Raises LookupError for a step that is none."""
    questions = questions_of(schedule, tokens)
    chosen = next((each.step for each in questions), "") if step is None else step
    asked = schedule.get_step(chosen) if chosen else None
    knows = Knows(readers, texts, tokens, schedule.for_kinds[0])
    tried = None if text is None else _try(asked, _words(schedule, asked, tokens) if asked else "", text, knows)
    return TryView(questions=questions, step=chosen, text=text or "", tried=tried)


def _try(asked: Step | None, words: str, text: str, knows: Knows) -> Tried:
    reading = read_tried(text, asked, knows.readers, kind=knows.kind)
    return Tried(
        asked=words,
        pieces=pieces_of(text, reading.spans),
        read_as=KINDS[reading.kind],
        value=_value(reading, asked.asks if asked else None),
        level=reading.level,
        level_word=LEVEL_WORDS[reading.level],
        icon=LEVEL_ICONS[reading.level],
        because=[sentence(reason) for reason in reading.reasons],
        effect=EFFECTS.get(reading.kind, ""),
        answer=_answer(reading, text, knows.texts, knows.tokens),
        told=TOLD[reading.level],
    )


def read_tried(text: str, asked: Step | None, readers: Readers, *, kind: str) -> Reading:
    """By the readers that read what patients write, for one who had this kind of session and never answered before.

    A same-day question is answered four hours after the end, another a day after it.
    """
    ask = asked.asks if asked else None
    prompt = asked.prompt if asked else "none"
    reading = read_reply(
        text,
        prompt=prompt,
        readers=readers,
        treatment=kind,
        hours_since=4 if prompt == "same_day" else 24,
        highest=NUMBERS.get(ask, 10) if ask else 10,
        low_is_worst=ask not in HIGH_IS_WORST,
    )
    if ask == "yes_no":
        return as_yes_or_no(reading, text)
    return weigh(reading, ask, earlier=(), limits=asked.worry if asked else None)


def _answer(reading: Reading, text: str, texts: StandardTexts, tokens: Tokens) -> str:
    """What would leave by itself while the clinic is staffed, to one who was never answered before."""
    if is_opt_out_word(text):
        return CARRIERS_ANSWER
    chosen = choose_answer(Heard(reading, is_staffed=True), now=NEVER)
    return (
        render_standard_text(texts.named()[chosen], language=reading.language, tokens=tokens)[0]
        if chosen
        else NO_ANSWER
    )


def _value(reading: Reading, ask: Ask | None) -> str:
    if isinstance(reading.value, int | float):
        return f"{reading.value:g} of {NUMBERS.get(ask, 10) if ask else 10}"
    return CHOICES.get(reading.value or "", reading.value or "")
