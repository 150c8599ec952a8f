"""The one guard: who is asking is settled before what is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import quote, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from followup.flow.sign_in import NOTED_EVERY, hash_token, note_activity
from followup.store import sign_ins
from followup.web.parts import Parts, parts_of

ROLES = ("nurse", "prescriber", "admin", "auditor")
IDLE_LIMIT = timedelta(minutes=30)
WHOLE_LIMIT = timedelta(hours=12)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
READ_ONLY = ("auditor",)
MOST_FIELDS = 1_000
PLAIN_FORM = "application/x-www-form-urlencoded"
"""The only kind that is read: in others the sender chooses how bytes become letters."""


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request, as their clinic knows them."""

    staff_id: UUID
    name: str
    role: str
    clinic_id: UUID
    clinic_name: str
    zone: ZoneInfo
    """The clinic's: every time on a page is told on this clock."""
    token_hash: str

    @property
    def may_write(self) -> bool:
        return self.role not in READ_ONLY


def signed_in(*roles: str, changes_nothing: bool = False) -> Callable[[Request], SignedIn]:
    """A dependency that gives the person, or answers 303, 401 or 403 itself. No roles: all of them.

    Stands on every page route, before anything of the request is parsed. Who only reads may post nothing,
    but where `changes_nothing` for a patient.
    """
    allowed = roles or ROLES

    def guard(request: Request) -> SignedIn:
        same_origin(request)
        who = find_signed_in(request)
        if who is None:
            raise _ask_to_sign_in(request)
        may_do_this = who.may_write or changes_nothing or request.method in SAFE_METHODS
        if who.role not in allowed or not may_do_this:
            raise HTTPException(403, "Your role does not allow this.")
        request.state.who = who
        return who

    return guard


def same_origin(request: Request) -> None:
    """Refuse with 403 what a page of somebody else may have sent (Fetch Metadata; OWASP, CSRF Prevention)."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    is_ours = site == "same-origin" if site is not None else _is_our_origin(origin, parts_of(request).public_url)
    if not is_ours:
        raise HTTPException(403, "This was not sent from one of our pages.")


async def from_our_page(request: Request) -> None:
    """`same_origin` for a route that strangers may post to: it takes none of the threads that everybody shares."""
    same_origin(request)


def _is_our_origin(origin: str | None, public_url: str) -> bool:
    """Ours is the public URL, never the Host header: that is the caller's own word. On one machine any name of it."""
    given, ours = _origin(origin or ""), _origin(public_url)
    if given is None or ours is None:
        return False
    (scheme, host, port), (our_scheme, our_host, our_port) = given, ours
    is_same_host = host == our_host or (_is_this_machine(host) and _is_this_machine(our_host))
    return is_same_host and (scheme, port) == (our_scheme, our_port)


def _origin(address: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def _is_this_machine(host: str) -> bool:
    """Loopback, or `serve --host 0.0.0.0`."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def find_signed_in(request: Request) -> SignedIn | None:
    """Who this browser belongs to, if it was used within 30 minutes and signed in within 12 hours."""
    parts = parts_of(request)
    token = request.cookies.get(cookie_name(parts))
    if not token:
        return None
    token_hash, now = hash_token(token), parts.now()
    with parts.database.reader() as db:
        found = sign_ins.find(db, token_hash)
        if found is None:
            return None
        session, staff, clinic = found
        if now - session.seen_at > IDLE_LIMIT or now - session.started_at > WHOLE_LIMIT:
            return None
        who = SignedIn(
            staff_id=staff.id,
            name=staff.name,
            role=staff.role,
            clinic_id=clinic.id,
            clinic_name=clinic.name,
            zone=ZoneInfo(clinic.zone),
            token_hash=token_hash,
        )
        seen_at = session.seen_at
    if now - seen_at >= NOTED_EVERY and not _is_background(request):
        note_activity(parts.database, token_hash, now)
    return who


def _is_background(request: Request) -> bool:
    """A page that refreshes itself is not a person who is there."""
    return request.query_params.get("live") == "1"


def cookie_name(parts: Parts) -> str:
    """Browsers take `__Host-` only over https, and then from no other host of the domain. RFC 6265bis, 4.1.3."""
    return "__Host-session" if is_https(parts) else "session"


def is_https(parts: Parts) -> bool:
    return parts.public_url.startswith("https://")


def _ask_to_sign_in(request: Request) -> HTTPException:
    if request.headers.get("hx-request") == "true":
        return HTTPException(401, "Sign in first.", {"HX-Redirect": sign_in_address(_page_shown(request))})
    if request.method not in SAFE_METHODS:
        return HTTPException(401, "Sign in first.")
    return HTTPException(303, "Sign in first.", {"Location": sign_in_address(_path_asked(request))})


def sign_in_address(then: str) -> str:
    return f"/sign-in?next={quote(local_path(then), safe='/')}"


def _path_asked(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def _page_shown(request: Request) -> str:
    """The page that an htmx fragment was for, if the header is an address at all."""
    try:
        shown = urlsplit(request.headers.get("hx-current-url", "/"))
    except ValueError:
        return "/"
    return f"{shown.path}?{shown.query}" if shown.query else shown.path


def local_path(address: str | None) -> str:
    """A path of our own pages, or `/` for anything that could lead elsewhere."""
    is_local = (
        address is not None
        and address.startswith("/")
        and not address.startswith("//")
        and "\\" not in address
        and address.isprintable()
        and not urlsplit(address).scheme
        and not urlsplit(address).netloc
    )
    return address if is_local and address else "/"


async def form(request: Request) -> FormData:
    """What was filled in. Stands after the guard, and says so loudly where it does not."""
    if not hasattr(request.state, "who"):
        raise RuntimeError("a form is read only after the guard has let its sender in")
    return await read_form(request)


async def read_form(request: Request) -> FormData:
    """A plain form, which is UTF-8 whatever its sender says. Raises HTTPException 400 for what is none."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != PLAIN_FORM and await request.body():
        raise HTTPException(400)
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def word(fields: FormData, name: str) -> str:
    """One field as text; missing is empty, so that a page can say what it needs. NUL is dropped (PostgreSQL holds none)
    and lines end as texts do: browsers send two characters for each, which would be paid for.
    """
    value = fields.get(name)
    return value.replace("\x00", "").replace("\r\n", "\n") if isinstance(value, str) else ""


def words(fields: FormData, name: str) -> list[str]:
    """Every field of that name."""
    return [value for value in fields.getlist(name) if isinstance(value, str)]


def uuid_or_404(text: str) -> UUID:
    """An id from an address; what is no id does not exist."""
    try:
        return UUID(text)
    except ValueError:
        raise HTTPException(404) from None
