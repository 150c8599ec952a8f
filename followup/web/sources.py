"""Which record system is calling: its bearer key, and its signature where it sends one."""

import hashlib
from typing import Annotated

import standardwebhooks
from fastapi import Depends, Request

from followup.flow.set_up import unseal
from followup.store import people
from followup.store.tables import Source
from followup.web.parts import Parts, parts_of
from followup.web.problems import Problem

SIGNATURE_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def source_of_key(request: Request) -> Source:
    """The source of the bearer key. Raises the same 401 whatever is wrong."""
    key = bearer_key(request)
    with parts_of(request).database.reader() as db:
        source = people.find_source(db, hashlib.sha256(key.encode()).hexdigest()) if key else None
    if source is None:
        raise _stranger()
    return source


def bearer_key(request: Request) -> str:
    """RFC 6750 2.1; empty where there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


async def raw_body(request: Request, source: Annotated[Source, Depends(source_of_key)]) -> bytes:
    """The bytes as sent, after the caller is known; a signature that is there must hold."""
    body = await request.body()
    if any(header in request.headers for header in SIGNATURE_HEADERS) and not _is_signed(
        parts_of(request), source, body, request
    ):
        raise _stranger()
    return body


def _is_signed(parts: Parts, source: Source, body: bytes, request: Request) -> bool:
    """Standard Webhooks 1.0.0 over the raw bytes."""
    try:
        secret = unseal(source.sealed_signing_secret, parts.keys)
        standardwebhooks.Webhook(secret).verify(body, dict(request.headers))
    except Exception:  # noqa: BLE001 - the library raises many kinds on junk; each means: not verified.
        return False
    return True


def _stranger() -> Problem:
    return Problem(401, "Unknown key or signature", headers={"WWW-Authenticate": "Bearer"})


KnownSource = Annotated[Source, Depends(source_of_key)]


def native_source(source: KnownSource) -> Source:
    """Each door has keys of its own (`add-source --kind`). Raises Problem 403 for a key of another one."""
    if source.kind != "native":
        raise Problem(403, f"This key is for the {source.kind} door; add-source --kind native makes one for this door")
    return source


NativeSource = Annotated[Source, Depends(native_source)]
RawBody = Annotated[bytes, Depends(raw_body)]
