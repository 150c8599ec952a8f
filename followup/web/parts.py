"""What the pages and doors are given. `app` puts it together; nobody else makes one outside tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request

from followup.carriers.carrier import Carrier
from followup.flow.page_staff import PagingRules
from followup.schedule_files import Schedules
from followup.store.database import Database


@dataclass(frozen=True)
class Parts:
    database: Database
    carrier: Carrier
    schedules: Schedules
    now: Callable[[], datetime]
    wake: Callable[[], None]
    """Something may be due or unread right now: do not wait for the next tick."""
    public_url: str
    """Without a slash at the end."""
    keys: tuple[bytes, ...]
    """Newest first; they seal what a database must not show."""
    metrics_key: str | None = None
    sending: bool = True
    """The kill switch as a setting; the one that a command or a page turns is in the database."""
    is_demo: bool = False
    paging: PagingRules = field(default_factory=lambda: PagingRules(public_url=""))


def parts_of(request: Request) -> Parts:
    """The parts that this application was made with."""
    parts: Parts = request.app.state.parts
    return parts
