"""Whether a reply asks for texts to stop, or says that it reached the wrong person: in a word or in free words.

A carrier acts only on its own words and only when they are the whole text; the rest is ours to see (facts/twilio 1.5).
"""

import re
from dataclasses import dataclass
from typing import Literal

from followup.rules.reading.folding import BREAK, Folded, fold, plain_words
from followup.rules.reading.phrase import one_of, words_in
from followup.rules.reading.stop_english import ENGLISH
from followup.rules.reading.stop_spanish import SPANISH

# What carriers take as opt-out when it is the whole text: Twilio "Advanced Opt-Out", and the words of
# 47 CFR 64.1200(a)(10), which counts "opt out" in two words too. The Spanish ones are those that Twilio suggests.
STOP_WORDS = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "opt-out", "opt out"}
    | {"alto", "parar", "baja"}
)
PHRASES = sorted((*ENGLISH, *SPANISH), key=lambda phrase: phrase.kind != "wrong_person")

TELLING = words_in(
    "texting messaging message messages sending contact contacting bothering receive receiving unsubscribe remove",
    "number please wrong person notifications reminders anymore consent",
    "mensaje mensajes escriban escriba escribirme mandarme manden envien enviarme numero equivocado equivocada recibir",
    "quiero lista favor dejen persona",
)
"""What is nearly one of these becomes it before phrases are looked for,"""
ORDINARY = words_in(
    "testing tasting resting massage massages massaging spending numbed numbers removed received receives contract",
    "contacts contacted messaged messenger pleased pleas wronged persons personal consents contracting reminder",
    "remainders removes resending remote content texted lists list favors favour",
    "mandan manda mandaron envian enviaron escriben escribir escribi escribo escribe quiere quieres quieren listo",
    "listas numeros mensajeria equivoco equivocaron equivocaste equivoque equivocan dejan dejes deje deben recibi",
    "recibio personas",
)
"""but these are words of their own."""

FILLER = one_of(
    "please just ok okay hey hi hello yes no and now thanks thank thx you already right immediately asap sir guys it "
    r"this these that all everything so fucking the fuck hell god omg ugh i said me por favor ya que gracias \d+"
)
BARE = one_of(
    "s+t+[o0]+p+s? stpo sotp tsop stp dtop srop stoop stopall un_?subscribe unsub opt_?out alto paren detenganse"
)
ONLY_STOP = re.compile(rf"(?:(?:{FILLER}|\|) )*{BARE}(?: (?:{FILLER}|{BARE}|\|))*")
STOP_CLAUSE = re.compile(
    r"(?:(?:please|just|ok|okay|hey|now|\d+) )*(?:stop|stopall|stop all|unsubscribe|opt out)"
    r"(?: (?:please|now|all|thanks|\d+))*"
)
GOES_ON = re.compile(r"\b(?:not|never|to|and|or|will|would|could|should|the|a|my|non|full|bus|next|start)$")
"""A clause that ends so is not over: in `it just won't... stop` the last word is no request."""
WHOLE_TEXTS = {
    "en": words_in(
        "no_more go_away get_lost fuck_off f_off piss_off buzz_off not_interested knock_it_off cut_it_out",
        "enough_already cease_and_desist this_is_spam spam please_stop_it shut_up stfu quit_it leave_me_be",
        "discontinue cease please_no_more no_more_please",
    ),
    "es": words_in(
        "no_mas ya_no basta ya_basta basta_ya ya_paren pare para para_ya parenle ya_parenle deten detener detente",
        "dejame dejenme alto_por_favor baja_por_favor no_gracias_ya_no terminar no_me_interesa no_mas_por_favor",
    ),
}
"""They may be meant otherwise."""

NOT_NAMES = words_in(
    "Sure Good Okay Fine Well Happy Sad Today Normal Great Really Very Working Helping Right Feeling Going Doing Ready",
    "Able Coming There Here Like Yet Now Ketamine What That Better Bad Pain Nausea Problems Change Dizziness",
)
NAME = r"([A-Z][a-z]{2,})"
NOT_THIS_PERSON = re.compile(
    rf"\b[Nn]o {NAME} (?:here|at this (?:number|phone))\b"
    r"|\b(?:[Tt]his (?:is not|isn.?t)|[Ii].?m not|I am not|[Nn]o soy|[Ee]ste no es)\s+"
    rf"{NAME}(?:['’]s (?:number|phone|cell))?(?=\s*(?:[,.;!?]|$))"
    rf"|\b[Nn]ot {NAME}['’]s (?:number|phone|cell)\b"
)


@dataclass(frozen=True)
class StopRequest:
    """Texts to this number stop; a human looks."""

    kind: Literal["stop", "wrong_person"]
    is_sure: bool
    """False where it may be meant otherwise: texts stop all the same."""
    says_more: bool
    span: tuple[int, int]
    """[start, end) in the reply as it came."""
    language: str


def is_opt_out_word(text: str) -> bool:
    """Whether the whole text is a word that stops all texts."""
    return plain_words(text) in STOP_WORDS


def find_stop(text: str) -> StopRequest | None:
    """The request in this reply, if there is one; of several the wrong person, which is about whose phone it is."""
    folded = fold(text, telling=TELLING, ordinary=ORDINARY)
    if not folded.text:
        return None
    return _in_a_phrase(folded) or _not_this_person(text) or _as_a_whole(folded) or _as_a_clause(folded)


def _as_a_whole(folded: Folded) -> StopRequest | None:
    bare = folded.text.strip(f" {BREAK}")
    if ONLY_STOP.fullmatch(bare) or re.sub(r"\W", "", bare) == "stop":
        return _request(folded, 0, len(folded.text))
    language = next((language for language, texts in WHOLE_TEXTS.items() if bare in texts), None)
    return _request(folded, 0, len(folded.text), is_sure=False, language=language) if language else None


def _in_a_phrase(folded: Folded) -> StopRequest | None:
    for phrase in PHRASES:
        for start, clause in _clauses(folded):
            for found in phrase.pattern.finditer(clause):
                before, after = clause[: found.start()].strip(), clause[found.end() :].strip()
                if found.group() and phrase.counts(before, after):
                    return _request(
                        folded,
                        start + found.start(),
                        start + found.end(),
                        kind=phrase.kind,
                        is_sure=phrase.is_sure,
                        language=phrase.language,
                    )
    return None


def _as_a_clause(folded: Folded) -> StopRequest | None:
    """`Stop. I need help`: the first or the last clause, on its own. It may be meant otherwise."""
    clauses = list(_clauses(folded))
    for nth in {0, len(clauses) - 1}:
        start, clause = clauses[nth]
        goes_on = nth > 0 and GOES_ON.search(clauses[nth - 1][1])
        if STOP_CLAUSE.fullmatch(clause) and not goes_on:
            return _request(folded, start, start + len(clause), is_sure=False)
    return None


def _not_this_person(text: str) -> StopRequest | None:
    """`This is not Maria`: a name is known by its capital letter, at the end of what is said."""
    found = NOT_THIS_PERSON.search(text)
    if found is None or NOT_NAMES.intersection(found.groups()):
        return None
    return StopRequest("wrong_person", False, found.start() > 0, found.span(), "en")


def _clauses(folded: Folded) -> list[tuple[int, str]]:
    """Each with its place; none is empty."""
    return [(found.start(), found.group()) for found in re.finditer(r"[^| ][^|]*[^| ]|[^| ]", folded.text)]


def _request(
    folded: Folded,
    start: int,
    end: int,
    *,
    kind: Literal["stop", "wrong_person"] = "stop",
    is_sure: bool = True,
    language: str = "en",
) -> StopRequest:
    rest = f"{folded.text[:start]} {folded.text[end:]}".replace(BREAK, " ").split()
    return StopRequest(kind, is_sure, len(rest) > 4, folded.span(start, end), language)
