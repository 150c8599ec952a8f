"""`serve --demo`: with an empty database a clinic to try everything with, in a zone where it is midday now."""

import json
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from followup.flow import set_rota, set_up
from followup.store import people

if TYPE_CHECKING:
    from followup.terminal import House

EMAIL = "ana@example.org"
ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "Pacific/Auckland",
    "Australia/Brisbane",
    "Asia/Tokyo",
    "Asia/Bangkok",
    "Asia/Karachi",
    "Asia/Dubai",
    "Europe/Paris",
    "Atlantic/Azores",
    "America/Sao_Paulo",
)
STAFF_PHONES = ("(212) 555-0143", "(212) 555-0144")
FIRST_CHECK_IN = timedelta(hours=4)
"""The example session ended this long ago: its same-day check-in is due at once."""


def prepare(house: "House", *, base_url: str) -> None:
    """Make the clinic if there is none, and say what to open and what to type."""
    with house.database.reader() as db:
        is_empty = not people.all_clinics(db)
    print(_how_to_begin(house, base_url) if is_empty else _how_to_go_on(base_url), flush=True)  # noqa: T201


def midday_zone(now: datetime) -> str:
    """The zone of the list where it is closest to half past twelve: four hours ago it was morning there."""

    def from_midday(zone: str) -> timedelta:
        local = now.astimezone(ZoneInfo(zone))
        return abs(timedelta(hours=local.hour, minutes=local.minute) - timedelta(hours=12, minutes=30))

    return min(ZONES, key=from_midday)


def _how_to_begin(house: "House", base_url: str) -> str:
    now, password = house.now(), secrets.token_urlsafe(12)
    zone = midday_zone(now)
    slug = set_up.add_clinic(
        database=house.database, name="Riverside Clinic", zone=zone, phone="(212) 555-0100", now=now
    )
    set_up.add_staff(
        database=house.database, email=EMAIL, name="Ana Ruiz", role="admin", clinic=slug, password=password, now=now
    )
    _put_on_call(house, slug, now)
    keys = set_up.add_source(
        database=house.database, name="demonstration", clinic=slug, kind="native", keys=house.keys, now=now
    )
    event = json.dumps(_event(now.astimezone(ZoneInfo(zone))), indent=1)
    return f"""
A demonstration clinic is ready (nobody real is ever texted). It is about midday there: {zone}.

  Sign in   {base_url}/sign-in
            {EMAIL}
            {password}
            (shown only now)

Say that a session ended four hours ago:

curl {base_url}/api/v1/events \\
 -H 'Authorization: Bearer {keys.bearer}' \\
 -H 'Content-Type: application/json' \\
 -d '{event}'

Then look at the patient's phone: {base_url}/phone
answer there, and find the answer on the queue: {base_url}/
"""


def _put_on_call(house: "House", slug: str, now: datetime) -> None:
    """Ana, and a medical director behind her; both have pretend handsets."""
    set_up.add_staff(
        database=house.database,
        email="kenji@example.org",
        name="Kenji Ito",
        role="prescriber",
        clinic=slug,
        password=None,
        now=now,
    )
    with house.database.reader() as db:
        clinic = people.find_clinic(db, slug)
        assert clinic
        ids = [one.id for email in (EMAIL, "kenji@example.org") if (one := people.find_staff(db, email))]
    for place, (staff_id, phone) in enumerate(zip(ids, STAFF_PHONES, strict=True), start=1):
        whose = {"clinic_id": clinic.id, "staff_id": staff_id, "now": now}
        set_rota.set_pager(house.database, **whose, phone=phone, email="", takes_calls=True, by="command")
        until = now + set_rota.LONGEST_SHIFT
        set_rota.add_shift(house.database, **whose, starts_at=now, ends_at=until, place=place, by_staff_id=None)
    set_rota.set_terms(
        house.database,
        clinic_id=clinic.id,
        director_id=ids[-1],
        minutes={},
        test_at_local="10:00",
        by="command",
        now=now,
    )


def _how_to_go_on(base_url: str) -> str:
    return f"""
The demonstration clinic is here from before; its password and key were shown then.
To begin anew, stop this and remove the folder var.

  Sign in   {base_url}/sign-in   ({EMAIL})
  Phone     {base_url}/phone
  Queue     {base_url}/
"""


def _event(now_there: datetime) -> dict[str, object]:
    ended_at = (now_there - FIRST_CHECK_IN).replace(microsecond=0)
    return {
        "id": "demo-1",
        "type": "session.completed",
        "occurred_at": ended_at.isoformat(),
        "data": {
            "patient": {"id": "p-1", "given_name": "Sam", "family_name": "Rivera", "phone": "(212) 555-0142"},
            "session": {"id": "s-1", "kind": "ketamine-iv", "ended_at": ended_at.isoformat(), "number": 1},
            "sms_consent": {"status": "granted"},
        },
    }
