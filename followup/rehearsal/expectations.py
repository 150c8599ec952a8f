"""What must come of a rehearsal, held against what came of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from followup.rehearsal.dates import Clock, Wanted
from followup.rehearsal.played import CaseSeen, Played, Text
from followup.rules.quiet_hours import SENDING
from followup.rules.schedule import OF_A_DAY

NEVER_LEFT = frozenset({"suppressed", "cancelled", "expired"})
NEEDS_SOMEBODY = frozenset({"urgent", "concern"})


@dataclass(frozen=True)
class Unmet:
    """An expectation that does not hold."""

    line: int | None
    """Where it stands in the file; None: it stands in none, and holds for every rehearsal."""
    words: str


def unmet(played: Played) -> list[Unmet]:
    """Everything that is otherwise than it should be; empty where all is well."""
    found = [Unmet(None, words) for words in _always(played)]
    for wanted in played.dated.wanted:
        words = CHECKS[wanted.expect.what](played, wanted)
        if words:
            found.append(Unmet(played.dated.script.line("expect", wanted.number), words))
    return found


def _always(played: Played) -> Iterator[str]:
    """Nobody gets a text twice, or an automatic one at night."""
    for text in played.texts:
        if text.copies > 1:
            yield f"{_name(text)} lies on the handset {text.copies} times"
        if text.is_automatic and text.left_at and not SENDING.holds(_clock_of(played, text).local(text.left_at).time()):
            yield f"{_name(text)} left at night, on {_when(played, text)}"


# A text --------------------------------------------------------------------------------------------------


def _check_step(played: Played, wanted: Wanted) -> str | None:
    expect = wanted.expect
    assert expect.step is not None and wanted.patient is not None
    texts = [text for text in played.texts if text.is_automatic and _is_like(text, wanted)]
    faults = {id(text): list(_faults(played, text, wanted)) for text in texts}
    good = [text for text in texts if not faults[id(text)]]
    if expect.times is not None:
        if len(good) == expect.times:
            return None
        return f"{_wanted(played, wanted)}: {len(good)} times, not {expect.times}"
    if good:
        return None
    why = [
        out.why
        for out in played.left_out
        if (out.who, out.step) == (wanted.patient.given_name, expect.step) and expect.session in (None, out.session)
    ]
    if not texts and expect.status == "left out" and (not expect.reason_has or _has_all(why, expect.reason_has)):
        return None
    if texts:
        nearest = min(texts, key=lambda text: (len(faults[id(text)]), _distance(text, wanted)))
        return f"{_wanted(played, wanted)}: " + "; ".join(faults[id(nearest)])
    return f"{_wanted(played, wanted)}: it was not planned" + (f" ({'; '.join(dict.fromkeys(why))})" if why else "")


def _is_like(text: Text, wanted: Wanted) -> bool:
    """Of this name or series, to whom and after which session it should be."""
    expect = wanted.expect
    assert wanted.patient is not None
    return (
        text.who == wanted.patient.given_name
        and expect.step in {text.step, OF_A_DAY.sub("", text.step)}
        and expect.to in (None, text.to)
        and expect.session in (None, text.session)
    )


def _faults(played: Played, text: Text, wanted: Wanted) -> Iterator[str]:
    """In what it is otherwise."""
    expect = wanted.expect
    if not _has_status(text, expect.status):
        why = f" ({text.reason})" if text.reason else ""
        yield f"it is {text.status}{why}, not {expect.status}"
    if wanted.at is not None and not _same_minute(text.at, wanted.at):
        yield f"it {'left' if text.left_at else 'was due'} on {_when(played, text)}"
    if missing := [words for words in expect.reason_has if words not in (text.reason or "")]:
        yield f"its reason has no {missing[0]!r}: {text.reason or 'none'}"
    if missing := [words for words in expect.moved_has if words not in (text.moved or "")]:
        yield f"why it moved has no {missing[0]!r}: {text.moved or 'it did not move'}"
    if missing := [words for words in expect.text_has if words not in (text.body or "")]:
        yield f"it has no {missing[0]!r}: {text.body or 'it has no words'}"
    if found := [words for words in expect.text_lacks if words in (text.body or "")]:
        yield f"it has {found[0]!r}: {text.body}"
    if expect.answer is not None and str(expect.answer) not in text.answers:
        given = ", ".join(answer or "no value" for answer in text.answers)
        yield f"its answer is not {expect.answer}: {given or 'there is none'}"


def _has_status(text: Text, wanted: str) -> bool:
    return text.status in NEVER_LEFT and text.left_at is None if wanted == "left out" else text.status == wanted


def _distance(text: Text, wanted: Wanted) -> float:
    return abs((text.at - wanted.at).total_seconds()) if wanted.at else 0.0


def _wanted(played: Played, wanted: Wanted) -> str:
    """`Maria's next-day mood, delivered on Tue 2026-03-03 10:00`"""
    expect = wanted.expect
    assert wanted.patient is not None
    at = f" on {played.dated.says(wanted.at, wanted.patient.given_name)}" if wanted.at else ""
    of = f" after session {expect.session}" if expect.session else ""
    return f"{wanted.patient.given_name}'s {expect.step}{of}, {expect.status}{at}"


# Numbers and hours ---------------------------------------------------------------------------------------


def _check_texts(played: Played, wanted: Wanted) -> str | None:
    expect = wanted.expect
    assert wanted.patient is not None
    arrived = [
        text
        for text in _arrived(played, wanted)
        if text.left_at
        and (wanted.since is None or text.left_at >= wanted.since)
        and (wanted.until is None or text.left_at < wanted.until)
    ]
    if len(arrived) == expect.texts:
        return None
    names = ", ".join(f"{text.step} {_when(played, text)}" for text in arrived)
    return f"{wanted.patient.given_name} got {len(arrived)} automatic texts, not {expect.texts}: {names or 'none'}"


def _check_hours(played: Played, wanted: Wanted) -> str | None:
    assert wanted.expect.no_text_between is not None
    begins, ends = wanted.expect.no_text_between
    for text in _arrived(played, wanted):
        local = _clock_of(played, text).local(text.at).time()
        if _lies_between(local, begins, ends):
            return f"{_name(text)} left between {begins:%H:%M} and {ends:%H:%M}, on {_when(played, text)}"
    return None


def _lies_between(local: time, begins: time, ends: time) -> bool:
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def _arrived(played: Played, wanted: Wanted) -> Iterator[Text]:
    for text in played.texts:
        is_theirs = wanted.patient is None or text.who == wanted.patient.given_name
        if text.is_automatic and text.copies and is_theirs and wanted.expect.to in (None, text.to):
            yield text


# A case --------------------------------------------------------------------------------------------------


def _check_case(played: Played, wanted: Wanted) -> str | None:
    expect = wanted.expect
    seen = [
        case
        for case in played.cases
        if (wanted.patient is None or case.who == wanted.patient.given_name)
        and (wanted.at is None or _same_minute(case.at, wanted.at))
        and _has_all([case.reason], expect.reason_has)
        and (case.level in NEEDS_SOMEBODY if expect.case == "none" else case.level == expect.case)
    ]
    if bool(seen) != (expect.case == "none"):
        return None
    if seen:
        return f"staff saw a case: {_case(seen[0], played)}"
    saw = "; ".join(_case(case, played) for case in played.cases)
    about = f" about {', '.join(repr(words) for words in expect.reason_has)}" if expect.reason_has else ""
    who = wanted.patient.given_name if wanted.patient else None
    at = f" on {played.dated.says(wanted.at, who)}" if wanted.at else ""
    return f"staff saw no {expect.case} case{about}{at}; they saw: {saw or 'none'}"


def _case(case: CaseSeen, played: Played) -> str:
    who = f"{case.who}: " if case.who else ""
    return f"{played.dated.says(case.at, case.who)} {case.level}, {who}{case.reason}"


CHECKS: dict[str, Callable[[Played, Wanted], str | None]] = {
    "step": _check_step,
    "texts": _check_texts,
    "no_text_between": _check_hours,
    "case": _check_case,
}


def _has_all(given: Sequence[str], wanted: Sequence[str]) -> bool:
    return any(all(words in each for words in wanted) for each in given)


def _name(text: Text) -> str:
    return f"{text.who}'s {text.step}" + (f" to the {text.to}" if text.to != "patient" else "")


def _same_minute(one: datetime, other: datetime) -> bool:
    return one.replace(second=0, microsecond=0) == other.replace(second=0, microsecond=0)


def _when(played: Played, text: Text) -> str:
    return played.dated.says(text.at, text.who)


def _clock_of(played: Played, text: Text) -> Clock:
    return played.dated.clocks[text.who]
