"""A day without the carrier, on a fast clock: `python -m tests.faults.outage --texts 20000`.

10,000 patients of one clinic in four zones have a check-in and a mood prompt each that fall due while no call gets
through. Afterwards every text left once, at a decent hour, or ended with a reason; nobody got two at once; and staff
were told once.
"""

import argparse
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import structlog

from followup.carriers.carrier import Cause, Outcome, OutgoingText
from followup.carriers.pretend import LoseText, PretendCarrier, Refuse
from followup.flow.feel_pulse import keep_pulse
from followup.flow.reconcile import reconcile
from followup.store.database import Database, upgrade
from followup.store.fence import Fence
from followup.store.tables import CareSession, Case, Consent, Message, Patient, Plan, ScheduleVersion
from tests.databases import KEY
from tests.flow.stories import CHECK_IN, MOOD, Story, riverside

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
STARTS_AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
"""A Tuesday, nine in New York."""
DAY = timedelta(days=1)
EVERY = timedelta(minutes=10)
NO_WAY = Refuse(Cause.TRANSIENT, None, "no connection to the carrier")


class Figures:
    """What left, and when, on whose clock."""

    def __init__(self) -> None:
        self.left: list[tuple[datetime, OutgoingText]] = []

    def wrong(self, story: Story, zones: dict[str, ZoneInfo], wanted: int) -> list[str]:
        messages, cases = story.all(Message), story.all(Case)
        ends = Counter(message.status for message in messages)
        per_text = Counter((text.to, text.body) for text in story.carrier.all_texts())
        at_once = Counter((text.to, at.replace(minute=0, second=0)) for at, text in self.left)
        hours = [at.astimezone(zones[text.to]).hour for at, text in self.left]
        figures = {
            "lost": wanted - ends["accepted"] - ends["expired"],
            "doubled": sum(count - 1 for count in per_text.values()),
            "outside 9 to 20": sum(not 9 <= hour < 20 for hour in hours),
            "expired without a reason": sum(m.status == "expired" and not m.reason for m in messages),
            "two within an hour": sum(count > 1 for count in at_once.values()),
            "alerts but one": len(cases) - 1,
        }
        print(f"{wanted} due, {dict(ends)}, {len(cases)} alerts to staff: {figures}", flush=True)
        return [name for name, figure in figures.items() if figure]


class NotingCarrier(PretendCarrier):
    """Answers for many at once, and notes what it was handed."""

    def __init__(self, story: Story, figures: Figures) -> None:
        super().__init__(now=lambda: story.now)
        self._story, self._figures = story, figures

    def send(
        self, texts: Sequence[OutgoingText], *, may_still_send: Callable[[str], bool]
    ) -> Iterator[Sequence[tuple[str, Outcome]]]:
        self._figures.left += [(self._story.now, text) for text in texts]
        yield from super().send(texts, may_still_send=may_still_send)


def run(texts: int, folder: Path) -> list[str]:
    """What is wrong in the end, in words."""
    database = Database(f"sqlite:///{folder / 'outage.db'}", key=KEY)
    upgrade(database)
    story = riverside(database)
    story.now, figures = STARTS_AT, Figures()
    story.rules = replace(story.rules, batch=100, fence=Fence(folder / "outage.fence"))
    story.carrier = NotingCarrier(story, figures)
    zones = _plan(story, texts)

    story.carrier.behave(*[LoseText() if number % 3 == 0 else NO_WAY for number in range(2_000)])
    _pass(story, STARTS_AT, STARTS_AT + DAY)
    figures.left.clear()
    story.carrier.forget_script()
    _pass(story, STARTS_AT + DAY, STARTS_AT + 3 * DAY)
    wrong = figures.wrong(story, zones, texts)
    database.close()
    return wrong


def _pass(story: Story, since: datetime, until: datetime) -> None:
    """Everything that runs by itself, every ten minutes; the house is alive all the time."""
    story.now = since
    while story.now < until:
        reconcile(database=story.database, carrier=story.carrier, quiet=timedelta(minutes=5), now=story.now)
        story.send()
        keep_pulse(database=story.database, fence=story.rules.fence, now=story.now)
        story.now += EVERY


def _plan(story: Story, texts: int) -> dict[str, ZoneInfo]:
    loaded = next(iter(story.schedules))
    version = ScheduleVersion(
        version=loaded.schedule.version, name=loaded.name, source_text=loaded.source_text, first_used_at=STARTS_AT
    )
    story.keep(version)
    rows: list[Patient | Consent | CareSession | Plan | Message] = []
    zones: dict[str, ZoneInfo] = {}
    for number in range(texts // 2):
        zone, phone = ZONES[number % 4], f"+1212{5550000 + number:07}"
        zones[phone] = ZoneInfo(zone)
        shared = {"clinic_id": story.clinic.id}
        who = Patient(
            **shared,
            record_id=f"p-{number}",
            given_name=f"Pat {number}",
            phone=phone,
            zone=zone,
            created_at=STARTS_AT,
            changed_at=STARTS_AT,
        )
        about = shared | {"patient_id": who.id}
        session = CareSession(
            **about, record_id=f"s-{number}", ended_at=STARTS_AT, told_at=STARTS_AT, created_at=STARTS_AT
        )
        plan = Plan(**about, session_id=session.id, schedule_version=version.version, zone=zone, made_at=STARTS_AT)
        agreed = Consent(
            **about,
            status="granted",
            recorded_at=STARTS_AT,
            received_at=STARTS_AT,
            actor="source:ehr",
            how="consent.granted",
        )
        rows += [who, agreed, session, plan]
        spread = timedelta(seconds=number % 7200)
        for step, due_at, use_by in (
            (CHECK_IN, STARTS_AT + timedelta(hours=4) + spread, timedelta(hours=6)),
            (MOOD, STARTS_AT + timedelta(hours=18) + spread, timedelta(hours=14)),
        ):
            rows.append(
                Message(
                    **about,
                    purpose="step",
                    plan_id=plan.id,
                    session_id=session.id,
                    step=step,
                    prompt="mood",
                    priority=3,
                    due_at=due_at,
                    wake_at=due_at,
                    use_by_at=due_at + use_by,
                    created_at=STARTS_AT,
                )
            )
    story.keep_all(rows)
    return zones


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=20_000)
    texts = parser.parse_args().texts
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    started = time.monotonic()
    with TemporaryDirectory(prefix="outage-") as folder:
        wrong = run(texts, Path(folder))
    print(f"{time.monotonic() - started:.0f} s; {'wrong: ' + ', '.join(wrong) if wrong else 'as it should be'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
