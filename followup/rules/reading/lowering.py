"""Why words of danger are no more than a concern: denied, past, gone, a story, meant otherwise.

A denial must stand before the words, in the same clause, with nothing between but words that carry it on
(`not thinking about hurting myself`). So `no nausea just want to die` and `never felt so suicidal` deny nothing.
"""

from dataclasses import dataclass

from followup.rules.reading.danger_words import Grammar, Phrase
from followup.rules.reading.finding import Sentence, find_pattern
from followup.rules.reading.patterns import Pattern

REACH = 8
"""Words that a denial carries over at most."""


@dataclass(frozen=True)
class Match:
    phrase: Phrase
    start: int
    end: int
    """[start, end) in words of the sentence."""


def why_lowered(match: Match, sentence: Sentence, grammar: Grammar) -> str:
    """In words for staff; empty where nothing lowers it."""
    rules = grammar.lowering
    if match.phrase.lowered_because:
        return f"lowered by the clinic: {match.phrase.lowered_because}"
    if _is_denied(match, sentence, grammar) or _goes_on_with(rules["denied_after"], match, sentence):
        return "may be denied"
    whole = range(len(sentence.words))
    if _is_said(match.phrase.unless, sentence, whole):
        return "may be meant otherwise"
    again = _is_said(rules["again"], sentence, whole)
    if not again and _goes_on_with(rules["gone"], match, sentence):
        return "may be over"
    around = _same_sentence(match, sentence)
    before = range(max(around.start, match.start - 3), match.end)
    if not again and _is_said(rules["past"], sentence, around) and not _is_said(rules["present"], sentence, before):
        return "may be past"
    is_own = match.phrase.family not in grammar.of_another and _is_said(rules["first_person"], sentence, before)
    if not is_own and _is_said(rules["story"], sentence, around):
        return "may be about a story or the news"
    return ""


def _is_denied(match: Match, sentence: Sentence, grammar: Grammar) -> bool:
    negations, links = grammar.lowering["negations"], grammar.lowering["links"]
    at = match.start
    while at > 0 and match.start - at < REACH and sentence.breaks[at] == 0:
        at -= 1
        if find_pattern(grammar.lowering["no_negations"], sentence, at) is not None:
            continue
        end = find_pattern(negations, sentence, at)
        if end is not None and end <= match.start and _carries(links, sentence, end, match.start):
            return True
    return False


def _carries(links: Pattern, sentence: Sentence, start: int, end: int) -> bool:
    """Whether there is nothing here but words that carry a denial on; what stands before an `or` is denied too."""
    words = sentence.words[start:end]
    for joint in ("or", "nor", "and", "ni", "o"):
        if joint in words[:4]:
            start += list(words).index(joint) + 1
            break
    at = start
    while at < end:
        found = find_pattern(links, sentence, at)
        if found is None:
            return False
        at = found
    return True


def _goes_on_with(pattern: Pattern, match: Match, sentence: Sentence) -> bool:
    """Right after the match, but for filler words."""
    at = match.end
    while at < len(sentence.words) and sentence.words[at] in sentence.fillers:
        at += 1
    return at < len(sentence.words) and sentence.breaks[at] < 2 and find_pattern(pattern, sentence, at) is not None


def _same_sentence(match: Match, sentence: Sentence) -> range:
    start, end = match.start, match.end
    while start > 0 and sentence.breaks[start] < 2:
        start -= 1
    while end < len(sentence.words) and sentence.breaks[end] < 2:
        end += 1
    return range(start, end)


def _is_said(pattern: Pattern, sentence: Sentence, within: range) -> bool:
    ends = (find_pattern(pattern, sentence, at) for at in within)
    return any(end is not None and end <= within.stop for end in ends)
