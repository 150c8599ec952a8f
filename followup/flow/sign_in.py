"""Signing in and out: one slow hash for everybody, and patience with those who keep failing."""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from followup.flow.transaction import transaction
from followup.store import audit, people, sign_ins
from followup.store.database import DATABASE_FAILED, Database, wait_at_most
from followup.store.tables import Staff

LEAST_CHARACTERS = 12
FAILURES_ALLOWED = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)
NOTED_EVERY = timedelta(minutes=1)
NOTED_WITHIN = timedelta(milliseconds=200)
"""A page view does not wait longer for the write lock."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP Password Storage, Argon2id.


class PasswordTooShort(ValueError):
    """A password needs at least 12 characters."""


def hash_password(password: str) -> str:
    """What is stored of a password. Raises PasswordTooShort."""
    if len(password) < LEAST_CHARACTERS:
        raise PasswordTooShort(PasswordTooShort.__doc__)
    return HASHER.hash(password)


def hash_token(token: str) -> str:
    """What is stored of a session's token: it has 256 random bits of its own and needs no slow hash."""
    return sha256(token.encode()).hexdigest()


def sign_in(database: Database, email: str, password: str, now: datetime) -> str | None:
    """The token of a new signed-in session; None: wrong, unknown, left, or five failures in 15 minutes.

    An unknown e-mail costs the same work as a wrong password, so that nobody learns who works here. Each call takes
    19 MB and a core for a moment: whoever lets strangers call it lets in a few at a time (web/sign_in.py), which also
    keeps many tries at once from all seeing four failures.
    """
    email = email.strip().lower()
    if _has_failed_too_often(database, email, now):
        return None
    staff = _staff_with(database, email)
    if _matches(staff.password_hash if staff else None, password) and staff:
        return _start(database, staff, now)
    _note_failure(database, email, now)
    return None


def _has_failed_too_often(database: Database, email: str, now: datetime) -> bool:
    with database.reader() as db:
        failures = sign_ins.failures_since(db, _subject(email), now - FAILURES_COUNT_FOR)
    return failures >= FAILURES_ALLOWED


def _staff_with(database: Database, email: str) -> Staff | None:
    with database.reader() as db:
        staff = people.find_staff(db, email)
        return staff if staff and staff.left_at is None else None


def _matches(password_hash: str | None, password: str) -> bool:
    try:
        is_right = HASHER.verify(password_hash or _nobodys_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return is_right and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_urlsafe())


def _start(database: Database, staff: Staff, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    with transaction(database) as db:
        sign_ins.start(db, staff, token_hash=hash_token(token), now=now)
        audit.record(
            db,
            clinic_id=staff.clinic_id,
            actor=f"staff:{staff.id}",
            action="sign_in.started",
            subject=f"staff:{staff.id}",
            now=now,
        )
    return token


def _note_failure(database: Database, email: str, now: datetime) -> None:
    with transaction(database) as db:
        audit.record(db, clinic_id=None, actor="stranger", action=sign_ins.FAILED, subject=_subject(email), now=now)


def _subject(email: str) -> str:
    """The audit keeps ids, never addresses."""
    return f"email:{sha256(email.encode()).hexdigest()[:32]}"


def note_activity(database: Database, token_hash: str, now: datetime) -> None:
    """The person is there. Written once a minute at most, and left out where nothing can be written: staff read on."""
    with suppress(*DATABASE_FAILED), transaction(database) as db:
        wait_at_most(db, NOTED_WITHIN)
        found = sign_ins.find(db, token_hash)
        if found and now - found[0].seen_at >= NOTED_EVERY:
            found[0].seen_at = now


def sign_out(database: Database, token_hash: str, now: datetime) -> None:
    """This browser is signed in no more. Again changes nothing."""
    with transaction(database) as db:
        found = sign_ins.find(db, token_hash)
        if found is None:
            return
        session, staff, _ = found
        session.ended_at = now
        audit.record(
            db,
            clinic_id=staff.clinic_id,
            actor=f"staff:{staff.id}",
            action="sign_in.ended",
            subject=f"staff:{staff.id}",
            now=now,
        )
