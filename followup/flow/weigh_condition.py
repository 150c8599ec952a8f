"""Whether a text that depends on an answer is still for this patient: asked when it is about to leave."""

from collections.abc import Sequence
from datetime import datetime

from followup.flow.render_text import schedule_of
from followup.rules.conditions import Answer, why_condition_fails, why_nudge_fails, why_series_is_over
from followup.rules.schedule import OF_A_DAY, OF_A_NUDGE
from followup.store import messages, replies
from followup.store.database import Session
from followup.store.tables import Message, Reading


def why_it_fails(db: Session, message: Message, *, now: datetime) -> str | None:
    """In words for staff; None: nothing that was answered stands in its way."""
    schedule, _ = schedule_of(db, message)
    step = schedule.get_step(message.step)
    is_nudge = message.wording == "nudge"
    if not is_nudge and step.only_if is None and step.until != "answered":
        return None
    assert message.plan_id is not None
    # Who answers a nudge answers its question.
    answers = [(OF_A_NUDGE.sub("", name), reading) for name, reading in replies.answers_in_plan(db, message.plan_id)]
    answered = {name for name, _ in answers}
    if step.nudge and is_nudge:
        asked = OF_A_NUDGE.sub("", message.step)
        asked_at = messages.left_at(db, message.plan_id, asked)
        return why_nudge_fails(
            asked, was_answered=asked in answered, asked_at=asked_at, after=step.nudge.after, now=now
        )
    was_answered = any(OF_A_DAY.sub("", name) == step.name for name in answered)
    if step.until == "answered" and (why := why_series_is_over(was_answered=was_answered)):
        return why
    if step.only_if is None:
        return None
    given = [reading for name, reading in answers if name == step.only_if.step]
    return why_condition_fails(step.only_if, _answer(given) if given else None)


def _answer(given: Sequence[Reading]) -> Answer:
    """The newest score and the newest word: a number, and then `thanks`, is still that number."""
    scores = [float(each.value) for each in given if each.value is not None and each.kind != "choice"]
    words = [each.value for each in given if each.value is not None and each.kind == "choice"]
    return Answer(score=scores[-1] if scores else None, word=words[-1] if words else None)
