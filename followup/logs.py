"""Structured logs: an event name and ids; never a name, a phone number or a text."""

import logging
import sys
from contextlib import suppress
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "attempt",
        "case",
        "clinic",
        "code",
        "error",
        "event_row",
        "exception",
        "exc_info",
        "job",
        "kind",
    }
    | {"message", "method", "outcome", "path", "reply", "status", "seconds", "count"}
)
"""Any other key is dropped: an id that is missing can be added, a name that was logged cannot be taken back."""
QUIET = {"twilio": logging.WARNING, "apscheduler": logging.ERROR, "uvicorn.access": logging.WARNING}
"""The SDK logs phone numbers at INFO; access lines hold addresses that we log ourselves where they matter."""


def set_up_logs() -> None:
    """Once, at start. JSON lines on stderr; a person at a terminal gets words."""
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True) if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[  # pyright: ignore[reportArgumentType] - Any is what entries hold.
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            _trace_without_values,
            renderer,
        ],
        logger_factory=lambda *_: Lines(),
        cache_logger_on_first_use=False,
    )


class Lines:
    """Writes to stderr as it is at that moment. A line that cannot be written is lost, and nothing else is."""

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    log = debug = info = warn = warning = err = error = critical = fatal = failure = exception = msg


def _only_allowed(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key in ALLOWED}


def _trace_without_values(_: Any, __: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Where it happened, file and line only: the text of an exception may hold what a patient wrote."""
    if entry.pop("exc_info", None):
        frames = []
        trace = sys.exc_info()[2]
        while trace is not None:
            frames.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
            trace = trace.tb_next
        entry["exception"] = " > ".join(frames)
    return entry
