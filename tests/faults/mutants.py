"""Plant each fault of planted.py into a copy of the repository; a test that is named there must fail.

    python -m tests.faults.mutants [WORDS]      only faults with WORDS in their name

Exit code 1 if a fault survives, or if the tests fail without one.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.faults.planted import FAULTS, Fault

ROOT = Path(__file__).parents[2]
NOT_COPIED = (".git", ".venv", "var", "__pycache__", ".hypothesis", ".ruff_cache", ".import_linter_cache")
AT_ONCE = 2
LONGEST_RUN_SECONDS = 1200


class CannotPlant(Exception):
    """The snippet does not stand in its file exactly once: bring planted.py up to date."""


@contextmanager
def planted(root: Path, fault: Fault) -> Iterator[None]:
    """The fault is there inside the block."""
    file = root / fault.file
    whole = file.read_text()
    if (found := whole.count(fault.old)) != 1:
        raise CannotPlant(f"{fault.name}: found {found} times in {fault.file}:\n{fault.old}")
    file.write_text(whole.replace(fault.old, fault.new))
    try:
        yield
    finally:
        file.write_text(whole)


def fails(root: Path, tests: tuple[str, ...]) -> tuple[bool, str]:
    """Whether one of these tests fails in that copy, and what pytest said."""
    done = subprocess.run(
        # What both databases do alike need not be seen on both.
        [sys.executable, "-B", "-m", "pytest", "-x", "-p", "no:xdist", "-k", "not postgresql", *tests],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=LONGEST_RUN_SECONDS,
        check=False,
    )
    if done.returncode not in {0, 1}:
        raise CannotPlant(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1, done.stdout


def _failed_test(words: str) -> str:
    return next((line.split(" - ")[0] for line in words.splitlines() if line.startswith(("FAILED", "ERROR"))), "?")


def _copies(folder: Path) -> "SimpleQueue[Path]":
    free: SimpleQueue[Path] = SimpleQueue()
    for number in range(AT_ONCE):
        copy = folder / str(number)
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
        free.put(copy)
    return free


def main(words: str) -> int:
    chosen = [fault for fault in FAULTS if words in fault.name]
    with tempfile.TemporaryDirectory(prefix="followup-mutants-") as folder:
        free = _copies(Path(folder))

        def try_out(fault: Fault | None, tests: tuple[str, ...]) -> tuple[bool, str, float]:
            root, began = free.get(), time.monotonic()
            try:
                if fault is None:
                    return *fails(root, tests), time.monotonic() - began
                with planted(root, fault):
                    return *fails(root, tests), time.monotonic() - began
            finally:
                free.put(root)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            everything = tuple(sorted({test for fault in chosen for test in fault.tests}))
            is_broken, said, _ = pool.submit(try_out, None, everything).result()
            if is_broken:
                print(f"These tests fail without any planted fault:\n{said[-3000:]}")
                return 1
            results = pool.map(lambda fault: try_out(fault, fault.tests), chosen)
            survived = 0
            for fault, (is_killed, said, seconds) in zip(chosen, results, strict=True):
                survived += not is_killed
                words = (
                    f"{'killed  ' if is_killed else 'SURVIVED'} {seconds:5.1f} s  {fault.name}: {_failed_test(said)}"
                )
                print(words, flush=True)
    print(f"mutants: {len(chosen) - survived} of {len(chosen)} killed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
