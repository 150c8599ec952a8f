"""A rehearsal as it is read: everybody's story on their own clock, then what was left out, and what staff saw."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from followup.rehearsal.entries import PatientPart
from followup.rehearsal.expectations import NEVER_LEFT, Unmet
from followup.rehearsal.played import Played
from followup.rules.schedule import OF_A_DAY

Line = tuple[datetime, str]
MOST_TIMES = 3


def tell(played: Played, unmet: Sequence[Unmet]) -> Iterator[str]:
    """Line by line."""
    script, dated = played.dated.script, played.dated
    yield f"{script.title} ({dated.says(dated.starts_at, None)} to {dated.says(dated.ends_at, None)})"
    for patient in script.patient:
        yield from _story(played, patient)
    yield from _cases(played)
    yield ""
    if unmet:
        yield f"{len(unmet)} {'thing is' if len(unmet) == 1 else 'things are'} otherwise than expected:"
        yield from (f"  {f'line {each.line}' if each.line else 'always'}: {each.words}" for each in unmet)
    else:
        count = len(script.expect)
        yield f"All {count} expectations hold." if count > 1 else "The expectation holds."


def _story(played: Played, patient: PatientPart) -> Iterator[str]:
    """Everything by the day; words that came before are not said again."""
    name, clock = patient.given_name, played.dated.clocks[patient.given_name]
    yield f"\n{name}, {', then '.join(zone.key for _, zone in clock.zones)}"
    lines = sorted([*_heard(played, name), *_got(played, name)], key=lambda line: line[0])
    for day, of_day in groupby(lines, key=lambda line: clock.local(line[0]).date()):
        yield f"  {day:%a %Y-%m-%d}"
        for at, words in of_day:
            yield f"    {clock.local(at):%H:%M} {words}"
    left_out = [*_did_not_leave(played, name), *_was_not_planned(played, name)]
    if left_out:
        yield "  Left out"
        yield from (f"    {line}" for line in left_out)


def _heard(played: Played, name: str) -> Iterator[Line]:
    for each in played.happened:
        if each.who == name:
            read_as = f"<- {each.words} [{played.read_as.get(each.sid, 'not read')}]" if each.sid else None
            yield each.at, read_as or f"   {each.words}"


def _got(played: Played, name: str) -> Iterator[Line]:
    said: set[str | None] = set()
    for text in played.texts:
        if text.who == name and text.copies:
            to = "" if text.to == "patient" else " (to the companion)"
            state = "" if text.status == "delivered" else f" ({text.status})"
            moved = f" (moved: {text.moved})" if text.moved else ""
            words = "" if text.body in said else f"\n             {text.body}"
            said.add(text.body)
            yield text.at, f"-> {text.step}{to}{state}{moved}{words}"


def _did_not_leave(played: Played, name: str) -> Iterator[str]:
    """Of what was planned. What ended alike stands together."""
    alike: dict[tuple[str, str], list[str]] = {}
    for text in played.texts:
        if text.who == name and not text.copies:
            status = text.status if text.status in NEVER_LEFT else f"still {text.status}"
            words = f"{status}, {text.reason}" if text.reason else status
            alike.setdefault((_series(text.step), words), []).append(played.dated.says(text.due_at, name))
    for (step, words), times in alike.items():
        more = f" and {len(times) - MOST_TIMES} more" if len(times) > MOST_TIMES else ""
        yield f"{step}: {words}: {', '.join(times[:MOST_TIMES])}{more}"


def _was_not_planned(played: Played, name: str) -> Iterator[str]:
    planned = {(_series(text.step), text.session) for text in played.texts if text.who == name}
    why = [
        f"{out.step}: {out.why}"
        for out in played.left_out
        if out.who == name and (_series(out.step), out.session) not in planned
    ]
    for words, count in Counter(why).items():
        yield words + (f" ({count} times)" if count > 1 else "")


def _series(step: str) -> str:
    return OF_A_DAY.sub("", step)


def _cases(played: Played) -> Iterator[str]:
    yield f"\nStaff saw, {played.dated.script.zone}"
    for case in played.cases:
        who = f"{case.who}: " if case.who else ""
        yield f"  {played.dated.says(case.at, None)} case {case.number}, {case.level}: {who}{case.reason}"
    if not played.cases:
        yield "  nothing"
    if played.errors:
        yield "\nErrors in the log: " + ", ".join(f"{name} ({count})" for name, count in played.errors.items())
