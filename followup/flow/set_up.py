"""What an operator sets up once: clinics, staff, sources, going live, the kill switch."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cryptography.fernet import Fernet, MultiFernet

from followup.flow import approve_texts
from followup.flow.sign_in import hash_password
from followup.flow.transaction import transaction
from followup.rules.phone import read_phone
from followup.schedule_files import LoadedSchedule, Schedules
from followup.store import audit, messages, people, pulse, rota, sessions
from followup.store.database import Database, Session
from followup.store.tables import Clinic, GoLive, Source, Staff

ROLES = ("nurse", "prescriber", "admin", "auditor")
OLD_COPY = "the database is older than what was sent; see /admin, or sending on --leave-safe-mode --by EMAIL"
SOURCE_KINDS = ("native", "fhir", "hl7v2")


class CannotSetUp(Exception):
    """Nothing was changed; the words say what to give instead."""


@dataclass(frozen=True)
class SourceKeys:
    """Shown once: only the hash of the key is kept."""

    source: str
    bearer: str
    signing_secret: str


def add_clinic(
    *,
    database: Database,
    name: str,
    zone: str,
    now: datetime,
    phone: str | None = None,
    sender: str | None = None,
    text_name: str | None = None,
) -> str:
    """Its slug, made from the name. `text_name` is what texts call it, where it is another. Raises CannotSetUp."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CannotSetUp(f"{zone!r} is no zone of the IANA list, such as America/New_York") from None
    if not name.strip():
        raise CannotSetUp("a clinic needs a name")
    number = read_phone(sender) if sender else None
    if sender and number is None:
        raise CannotSetUp("the sender is no valid number, such as +12125550100")
    with transaction(database) as db:
        slug = _free_slug(db, name)
        clinic = Clinic(
            slug=slug,
            name=name.strip(),
            text_name=text_name,
            zone=zone,
            phone=phone,
            sender_number=number,
            created_at=now,
        )
        db.add(clinic)
        db.flush()
        _note(db, clinic, "clinic added", f"clinic:{clinic.id}", now)
    return slug


def _free_slug(db: Session, name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "clinic"
    tried = base
    for number in range(2, 1000):
        if people.find_clinic(db, tried) is None:
            return tried
        tried = f"{base}-{number}"
    raise CannotSetUp("too many clinics have this name")


def add_staff(
    *, database: Database, email: str, name: str, role: str, clinic: str | None, password: str | None, now: datetime
) -> None:
    """Somebody who can sign in, at once if a password is given. Raises CannotSetUp."""
    address = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise CannotSetUp("that is no e-mail address")
    if role not in ROLES:
        raise CannotSetUp(f"the role is one of {', '.join(ROLES)}")
    try:
        password_hash = hash_password(password) if password is not None else None
    except ValueError as error:
        raise CannotSetUp(str(error)) from None
    with transaction(database) as db:
        where = need_clinic(db, clinic)
        if people.find_staff(db, address) is not None:
            raise CannotSetUp("somebody with this e-mail address is here already")
        staff = Staff(
            clinic_id=where.id, email=address, name=name.strip(), role=role, password_hash=password_hash, created_at=now
        )
        db.add(staff)
        db.flush()
        _note(db, where, "staff added", f"staff:{staff.id}", now, role=role)


def add_source(
    *, database: Database, name: str, clinic: str | None, kind: str, keys: tuple[bytes, ...], now: datetime
) -> SourceKeys:
    """A record system's way in. Raises CannotSetUp."""
    if kind not in SOURCE_KINDS:
        raise CannotSetUp(f"the kind is one of {', '.join(SOURCE_KINDS)}")
    made = SourceKeys(
        source=name,
        bearer="fu_" + secrets.token_urlsafe(32),
        # Standard Webhooks 1.0.0: "whsec_" and 24 to 64 bytes in base64.
        signing_secret="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
    )
    with transaction(database) as db:
        where = need_clinic(db, clinic)
        if people.find_source_named(db, where.id, name) is not None:
            raise CannotSetUp("this clinic has a source with this name already")
        source = Source(
            clinic_id=where.id,
            name=name,
            kind=kind,
            key_hash=hashlib.sha256(made.bearer.encode()).hexdigest(),
            sealed_signing_secret=seal(made.signing_secret, keys),
            created_at=now,
        )
        db.add(source)
        db.flush()
        _note(db, where, "source added", f"source:{source.id}", now, kind=kind)
    return made


def go_live(
    *,
    database: Database,
    clinic: str | None,
    by: str,
    without_rota: bool,
    carrier_is_public: bool,
    schedules: Schedules,
    now: datetime,
) -> list[str]:
    """A named admin approves the texts and switches the clinic's sending on; what is not set yet, in words.

    These versions of the schedules go to everybody from now on; a later change is rolled out in stages.
    Over a public carrier it is refused as long as an urgent reply would reach nobody. Raises CannotSetUp.
    """
    with transaction(database) as db:
        where = need_clinic(db, clinic)
        staff = people.find_staff(db, by.strip().lower())
        if staff is None or staff.role != "admin" or staff.left_at or staff.clinic_id != where.id:
            raise CannotSetUp(f"{by} is no admin of this clinic")
        lacks = list(rota.what_the_ladder_lacks(db, where.id))
        if carrier_is_public and lacks:
            raise CannotSetUp(
                "not over a public carrier: an urgent reply would ring nowhere, since the on-call ladder is not set: "
                f"{'; '.join(lacks)}; an admin sets it on the page /rota"
            )
        is_on_call = rota.is_somebody_on_call(db, where.id, at=now)
        missing = _not_set(where, lacks, is_on_call=is_on_call, without_rota=without_rota)
        versions = {each.name: _keep_version(db, each, now=now) for each in schedules.of(where.slug)}
        versions[approve_texts.NAME] = approve_texts.keep_texts(db, schedules.texts(where.slug), now=now)
        live = GoLive(
            clinic_id=where.id,
            by_staff_id=staff.id,
            at=now,
            without_rota=without_rota,
            not_set=missing,
            schedule_versions=versions,
        )
        db.add(live)
        messages.wake_all(db, clinic_id=where.id, now=now)
        db.flush()
        _note(db, where, "went live", f"clinic:{where.id}", now, by=str(staff.id), not_set=missing)
    return missing


def _keep_version(db: Session, loaded: LoadedSchedule, *, now: datetime) -> str:
    """Its version, kept: what was approved can be gone back to, also if no plan was ever made with it."""
    version, text = loaded.schedule.version, loaded.source_text
    sessions.keep_schedule_version(db, version=version, name=loaded.name, source_text=text, now=now)
    return version


def _not_set(clinic: Clinic, lacks: list[str], *, is_on_call: bool, without_rota: bool) -> list[str]:
    missing = [f"on-call ladder: {'; '.join(lacks)}"] if lacks else []
    if not is_on_call:
        then = "prompts go out all the same (--without-rota)" if without_rota else "prompts wait"
        missing.append(f"rota: nobody is on it; {then}")
    if clinic.phone is None:
        missing.append("clinic phone: texts say 'call the clinic' (add-clinic --phone)")
    return missing


def turn_sending(*, database: Database, on: bool, clinic: str | None, by: str, now: datetime) -> None:
    """The kill switch: of one clinic if named, else of the whole service. `by`: `staff:ID`, or a command.

    Again changes nothing. Raises CannotSetUp.
    """
    with transaction(database) as db:
        if clinic is None:
            if on == people.is_sending_on(db):
                return
            people.turn_sending(db, on, by=by, now=now)
            messages.wake_all(db, clinic_id=None, now=now)
            audit.record(
                db,
                clinic_id=None,
                actor=by,
                action=f"sending {'on' if on else 'off'}",
                subject="switch:sending",
                now=now,
            )
            return
        where = need_clinic(db, clinic)
        if on == (where.sending_off_at is None):
            return
        where.sending_off_at = None if on else now
        messages.wake_all(db, clinic_id=where.id, now=now)
        db.add(where)
        _note(db, where, f"sending {'on' if on else 'off'}", f"clinic:{where.id}", now, actor=by)


def need_clinic(db: Session, slug: str | None) -> Clinic:
    """The clinic named, or the only one. Raises CannotSetUp."""
    clinic = people.find_clinic(db, slug)
    if clinic is None:
        known = ", ".join(c.slug for c in people.all_clinics(db)) or "none; add one with add-clinic"
        raise CannotSetUp(f"say which clinic with --clinic; known: {known}")
    return clinic


def _note(
    db: Session, clinic: Clinic, action: str, subject: str, now: datetime, *, actor: str = "command", **details: object
) -> None:
    audit.record(db, clinic_id=clinic.id, actor=actor, action=action, subject=subject, now=now, **details)


# Secrets that must be read again ---------------------------------------------------------------------------


def seal(secret: str, keys: tuple[bytes, ...]) -> bytes:
    """Encrypted with the newest key."""
    return _fernet(keys).encrypt(secret.encode())


def unseal(sealed: bytes, keys: tuple[bytes, ...]) -> str:
    """Raises cryptography.fernet.InvalidToken where none of the keys fits."""
    return _fernet(keys).decrypt(sealed).decode()


def _fernet(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


# What a start says -----------------------------------------------------------------------------------------


def why_nothing_is_sent(database: Database, *, reaches_people: bool, sending: bool, now: datetime) -> list[str]:
    """A line for each reason why texts wait, for whoever starts the service; empty when all is well."""
    with database.reader() as db:
        lines = [] if sending and people.is_sending_on(db) else ["sending is switched off for the whole service"]
        row = pulse.find_pulse(db)
        if row and row.behind_fence_at:
            lines.append(f"nothing is sent: {OLD_COPY}")
        clinics = people.all_clinics(db)
        if not clinics:
            return [*lines, "nothing is sent: there is no clinic; add one with add-clinic"]
        for clinic in clinics:
            if clinic.sending_off_at:
                lines.append(f"{clinic.slug}: sending is switched off")
            live = people.newest_go_live(db, clinic.id) if reaches_people else None
            if reaches_people and live is None:
                lines.append(f"{clinic.slug}: nothing is sent: the clinic has not gone live; see go-live")
            elif live and not live.without_rota and not rota.is_somebody_on_call(db, clinic.id, at=now):
                lines.append(f"{clinic.slug}: prompts wait: nobody is on the rota; see go-live --without-rota")
    return lines
