"""Schedules written for one test, as the text of a file: plans keep that text and read it again when a text leaves."""

import json
from collections.abc import Mapping
from typing import Any

from followup.schedule_files import LoadedSchedule, Schedules, read_schedule

FIRST_TEXT = "Reply STOP to end texts."


def step(name: str, text: str | Mapping[str, str] = "", **keys: Any) -> str:
    """One step as TOML. Its text is its name where none is given; `if_` is the key `if`."""
    words = text if isinstance(text, Mapping) else {"en": text or f"{name}."}
    lines = [f"{key.rstrip('_')} = {_toml(value)}" for key, value in {"name": name, **keys, "text": words}.items()]
    return "\n".join(["[[step]]", *lines, ""])


def written(name: str, *steps: str, kinds: tuple[str, ...] = ("ketamine-iv",), **keys: Any) -> LoadedSchedule:
    """A file of that name with these steps."""
    head = {"title": name.capitalize(), "for_kinds": list(kinds), **keys, "first_text": {"en": FIRST_TEXT}}
    text = "\n".join([*(f"{key} = {_toml(value)}" for key, value in head.items()), "", *steps])
    return LoadedSchedule(name, read_schedule(text, file=f"{name}.toml"), text)


def only(*steps: str, **keys: Any) -> Schedules:
    """A folder with one file, for infusions."""
    return Schedules([written("small", *steps, **keys)])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
