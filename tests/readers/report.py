"""How well the readers read, with 95 % confidence intervals (Wilson): `make read-report`.

    python -m tests.readers.report [LINES.jsonl ...]

Without a file: the development lines beside a checkout, where they are, and the project's own lines, author by author.
For those the second reader is trained anew without the author who is measured, where scikit-learn is installed; else
it is left out of the figure, which then is the lower one.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from typing import Any

from followup.readers_from_files import load_readers
from followup.rules.reading.readers import Readers
from followup.rules.reading.reading import Reading
from followup.rules.reading.reply import read_reply
from followup.rules.reading.second_reader import SecondReader

ROOT = Path(__file__).parents[2]
LINES = ROOT / "tests" / "readers" / "lines"
HELD_OUT = ROOT / "tests" / "readers" / "held_out"
"""By authors whose lines teach nobody and tune nothing."""
DEVELOPMENT = ROOT.parent / "shared" / "data" / "replies_for_development.jsonl"
ORDINARY = frozenset({"score", "choice", "thanks", "question", "stop", "start", "help", "wrong_person"})
CLEAN = frozenset("0123456789") | {"10"}

Row = dict[str, Any]
Read = tuple[Row, Reading]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def say(name: str, hits: int, of: int) -> None:
    if of:
        low, high = wilson(hits, of)
        print(f"  {name:<52} {hits:>4} of {of:<4} {hits / of:5.2f}  ({low:.2f} to {high:.2f})")


def read_all(rows: Iterable[Row], readers: Readers) -> list[Read]:
    return [(row, read_reply(row["text"], prompt=row["prompt"], readers=readers)) for row in rows]


def report(title: str, read: Sequence[Read]) -> None:
    print(f"\n{title}: {len(read)} lines")
    danger = [each for each in read if label(each[0]).startswith("danger")]
    count("danger filed routine (0 is the goal)", danger, lambda _, reading: reading.level == "routine")
    for name in ("danger", "danger, explicit", "danger, indirect", "danger, Spanish"):
        some = [each for each in danger if name == "danger" or label(each[0]) == name]
        if name == "danger" or some != danger:
            must = [each for each in some if each[0]["level"] == "urgent"]
            count(f"{name}: urgent", must, lambda _, reading: reading.level == "urgent")
    say_others(read)
    say_scores(read)


def say_others(read: Sequence[Read]) -> None:
    others = [each for each in read if not label(each[0]).startswith("danger") and each[0]["level"] != "urgent"]
    named = {
        "ordinary replies wrongly urgent": [each for each in others if label(each[0]) in ORDINARY],
        "look-alikes and unclear wrongly urgent": [each for each in others if label(each[0]) == "look-alike"],
        "mild side effects wrongly urgent": [each for each in others if label(each[0]) == "side_effect"],
    }
    for name, some in named.items():
        count(name, some, lambda _, reading: reading.level == "urgent")
    effects = [each for each in read if label(each[0]) == "side_effect" and each[0]["level"] == "urgent"]
    count("urgent side effects urgent", effects, lambda _, reading: reading.level == "urgent")
    concern = [each for each in read if each[0]["level"] == "concern"]
    count("must be looked at, filed routine", concern, lambda _, reading: reading.level == "routine")
    for name in ("score", "choice", "side_effect", "thanks"):
        some = [each for each in read if label(each[0]) == name and each[0]["level"] == "routine"]
        count(f"{name}, may be routine: routine", some, lambda _, reading: reading.level == "routine")


def say_scores(read: Sequence[Read]) -> None:
    asked = [each for each in read if each[0]["prompt"] == "mood"]
    numbers = [each for each in asked if isinstance(each[0]["value"], int | float)]
    count("scores right", numbers, lambda row, reading: reading.value == row["value"])
    count("scores wrong", numbers, lambda row, reading: is_number(reading.value) and reading.value != row["value"])
    none = [each for each in read if not isinstance(each[0]["value"], int | float)]
    count("scores invented", none, lambda _, reading: is_number(reading.value))


def is_number(value: object) -> bool:
    return isinstance(value, int | float)


def count(name: str, read: Sequence[Read], holds: Callable[[Row, Reading], bool]) -> None:
    say(name, sum(holds(row, reading) for row, reading in read), len(read))


def label(row: Row) -> str:
    """One word for both kinds of files."""
    given: str = row.get("label") or row["kind"]
    if given.startswith("crisis"):
        kinds = {"crisis_explicit": "explicit", "crisis_indirect": "indirect", "crisis_spanish": "Spanish"}
        return f"danger, {kinds[given]}"
    if given == "danger":
        return "danger, Spanish" if row["language"] == "es" else "danger"
    same = {"rating": "score", "benign_lookalike": "look-alike", "confirm": "choice", "ack": "thanks"}
    same |= {"reschedule": "choice", "decline": "choice", "cancel_appointment": "choice", "opt_out": "stop"}
    same |= {"side_effect_mild": "side_effect", "side_effect_urgent": "side_effect", "help_request": "help"}
    same |= {"unclear": "look-alike", "wrong_number": "wrong_person"}
    return same.get(given, given)


def rows_of(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def without(author: str) -> SecondReader | None:
    """A second reader that has never seen this author; None without scikit-learn."""
    try:
        from tests.readers.train import trained_without
    except ImportError:
        return None
    return trained_without(author)


def report_time(read: Sequence[Row], readers: Readers) -> None:
    times: list[float] = []
    for row in read:
        before = time.perf_counter()
        read_reply(row["text"], prompt=row["prompt"], readers=readers)
        times.append(time.perf_counter() - before)
    times.sort()
    print(f"  one reply takes {times[len(times) // 2] * 1e3:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.1f} ms")


def main() -> None:
    readers = load_readers(ROOT / "schedules")
    if readers.missing:
        sys.exit(f"these readers are missing: {', '.join(readers.missing)}")
    given = [Path(name) for name in sys.argv[1:]]
    for file in given or [DEVELOPMENT, *sorted(HELD_OUT.glob("author_*.jsonl"))]:
        if file.exists():
            report(file.name, read_all(rows_of(file), readers))
            report_time(rows_of(file), readers)
    for file in () if given else sorted(LINES.glob("author_*.jsonl")):
        held_out = without(file.stem)
        title = f"{file.stem} (second reader {'trained by the others' if held_out else 'silent: no scikit-learn'})"
        silent = replace(readers.second, concern_from=1.0, urgent_from=1.0) if readers.second else None
        report(title, read_all(rows_of(file), replace(readers, second=held_out or silent)))


if __name__ == "__main__":
    main()
