"""A schedule and a session in, dated texts out, and why the others are not among them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from followup.rules.caps import give_way
from followup.rules.placing import LATE, QUESTION_LATER, place_step
from followup.rules.planned import LeftOut, Plan, PlannedMessage, SessionFacts
from followup.rules.schedule import OF_A_NUDGE, Schedule

__all__ = ["LATE", "LeftOut", "Plan", "PlannedMessage", "SessionFacts", "local_time", "make_plan"]

ONE_TO_CATCH_UP = "late, and another text took its place: one to catch up, never a burst"


def make_plan(
    schedule: Schedule,
    session: SessionFacts,
    *,
    now: datetime,
    over: Collection[str] = (),
    asked: Collection[str] = (),
) -> Plan:
    """The texts this session will get, earliest first, and what is left out, each with why.

    Already moved out of quiet hours; `moved` says why. What is past its use is left out, not sent late, and of
    what was due before `now` and is still of use only the latest stays: one catch-up text, never a burst.
    `over` are names of texts that left or ended, and are not planned again, nor are their nudges; `asked` are those
    that asked their question, so that nothing stands in for them.
    """
    over = frozenset(over)
    placed = [each for step in schedule.steps for each in place_step(schedule, step, session, now=now)]
    placed = [each for each in placed if over.isdisjoint((each.step, OF_A_NUDGE.sub("", each.step)))]
    texts = [each for each in placed if isinstance(each, PlannedMessage)]
    left_out = [each for each in placed if isinstance(each, LeftOut)]
    for text, why in list(_overtaken(texts)):
        left_out.append(LeftOut(text.step, why, text.due_at))
        texts.remove(text)
    ask_now = {text.step for text in texts if text.wording == "question"} | set(asked)
    not_for_it = {out.step for out in left_out if out.due_at is None}
    for text in list(texts):
        stands_for = schedule.get_step(text.step).instead_of
        if stands_for in ask_now | not_for_it:
            left_out.append(LeftOut(text.step, f"only where the {stands_for} could not ask its question"))
            texts.remove(text)
    for text, why in give_way(texts, session.zone):
        left_out.append(LeftOut(text.step, why, text.due_at, gave_way=text))
        texts.remove(text)
    asked_later = {schedule.get_step(text.step).instead_of for text in texts}
    texts = [text if text.step in asked_later else _without_its_promise(text) for text in texts]
    return Plan(tuple(sorted(texts, key=lambda t: t.due_at)), tuple(left_out))


def _overtaken(texts: Sequence[PlannedMessage]) -> Iterator[tuple[PlannedMessage, str]]:
    """What is late, but for the one of longest use that each person gets; and the nudges of what is not asked so."""
    gone: set[str] = set()
    for to in ("patient", "companion"):
        late = sorted((t for t in texts if t.is_catch_up and t.to == to), key=lambda t: (t.use_by_at, t.due_at))
        gone |= {text.step for text in late[:-1]}
    for text in texts:
        if text.step in gone:
            yield text, ONE_TO_CATCH_UP
        elif OF_A_NUDGE.sub("", text.step) in gone:
            yield text, "its question is not asked"


def _without_its_promise(text: PlannedMessage) -> PlannedMessage:
    """Of a statement whose question does not come later either: nobody reads what it promises."""
    if text.wording != "statement" or text.moved is None:
        return text
    return replace(text, moved=text.moved.replace(QUESTION_LATER, ""))


def local_time(at: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 on the wall clock, with its offset."""
    return at.astimezone(zone).isoformat(timespec="seconds")
