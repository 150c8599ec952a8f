"""What anybody may send without a key: floods, odd forms, odd headers. Nobody else suffers, and nothing breaks."""

import asyncio

import httpx
import pytest

from followup.store.database import Database
from followup.store.tables import AuditEntry, SignInSession
from followup.web.sign_in import MOST_WAITING
from followup.web.site import make_site
from tests import people
from tests.browsing import words_of
from tests.people import FROM_OUR_PAGE, House, client, parts

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


# Floods -------------------------------------------------------------------------------------------------


def test_a_flood_of_sign_ins_is_turned_away_at_once_and_holds_up_nobody_else(house: House) -> None:
    """While nobody's try can end, because the database is locked, the rest is answered and every page works."""

    async def flood() -> tuple[list[httpx.Response], httpx.Response, list[httpx.Response]]:
        lock = house.database.engine.execution_options(writes=True).connect()
        async with _caller(house) as caller:
            lock.begin()
            tries = [asyncio.ensure_future(_try(caller, f"{n}@x.example")) for n in range(MOST_WAITING + 2 + 40)]
            first = asyncio.as_completed(tries)
            turned_away = [await next(first) for _ in range(40)]
            alive = await caller.get("/healthz")
            lock.close()
            waited = [each.result() for each in (await asyncio.wait(tries))[0]]
        return turned_away, alive, [answer for answer in waited if answer not in turned_away]

    turned_away, alive, waited = asyncio.run(flood())

    assert alive.status_code == 200
    assert {answer.status_code for answer in turned_away} == {503}
    assert {answer.headers["retry-after"] for answer in turned_away} == {"5"}
    assert "Too many people are signing in" in words_of(turned_away[0])
    assert "did not work" not in words_of(turned_away[0])
    assert 'value="' in turned_away[0].text
    assert [answer.status_code for answer in waited] == [401] * (MOST_WAITING + 2)
    assert len(house.all(AuditEntry)) == MOST_WAITING + 2


async def _try(caller: httpx.AsyncClient, email: str) -> httpx.Response:
    return await caller.post("/sign-in", data={"email": email, "password": "a wrong password"})


def _caller(house: House) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(make_site(parts(house))), base_url="http://testserver", headers=FROM_OUR_PAGE
    )


# Forms --------------------------------------------------------------------------------------------------


def _multipart(charset: str, value: bytes) -> tuple[bytes, str]:
    body = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + value + b"\r\n--x--\r\n"
    return body, f"multipart/form-data; boundary=x; charset={charset}"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        _multipart("utf-7", b"+2AA-"),
        _multipart("unicode_escape", b"\\ud800"),
        _multipart("undefined", b"x"),
        _multipart("utf-8", b"x"),
        (b'{"email": "x"}', "application/json"),
        (b"email=x", "text/plain"),
        (b"email=x", ""),
    ],
)
def test_only_a_plain_form_is_read(house: House, body: bytes, kind: str) -> None:
    for path, browser in {"/sign-in": client(house), "/reviews": client(house, house.ana)}.items():
        answer = browser.request("POST", path, content=body, headers={"Content-Type": kind})

        assert answer.status_code == 400, path
        assert "This form could not be read" in words_of(answer)
    assert house.all(SignInSession, staff_id=house.ben.id) == []


@pytest.mark.parametrize("charset", ["utf-7", "undefined", "unicode_escape", "\xff", ""])
def test_a_plain_form_is_utf_8_whatever_it_says(house: House, charset: str) -> None:
    kind = f"{FORM}; charset={charset}".encode("latin-1")
    bodies = [b"email=%ED%A0%80&password=%FF", b"email=\xff\xfe&password=+2AA-", b"", b"&&=&=%"]

    for body in bodies:
        answer = client(house).request("POST", "/sign-in", content=body, headers={b"Content-Type": kind})
        assert answer.status_code == 401, body


def test_a_form_without_fields_needs_no_kind(house: House) -> None:
    assert client(house, house.ana).request("POST", "/sign-out").status_code == 303


# Headers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["http://[", "http://[::1", "http://x]/y", "http://x:port/y", "\xff", "//[", ""])
def test_whatever_page_a_stranger_says_to_be_on_leads_to_the_sign_in(house: House, shown: str) -> None:
    headers = {b"HX-Request": b"true", b"HX-Current-URL": shown.encode("latin-1")}

    answer = client(house).get("/queue/list?live=1", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in?next=/")


@pytest.mark.parametrize(
    "origin", ["http://[", "http://testserver:99999", "http://testserver:x", "\xff", "//", "http://"]
)
def test_an_origin_that_is_none_is_not_ours(house: House, origin: str) -> None:
    stranger = client(house)
    stranger.headers = {}

    answer = stranger.post("/sign-in", {"email": "x"}, headers={b"Origin": origin.encode("latin-1")})

    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:8000", "[::1"])
def test_who_names_our_host_in_its_own_request_is_not_one_of_our_pages(house: House, host: str) -> None:
    stranger = client(house, public_url="https://care.example")
    stranger.headers = {}

    answer = stranger.post("/sign-in", {"email": "x"}, headers={"Host": host, "Origin": f"https://{host}"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("public_url", "origin", "is_ours"),
    [
        ("http://127.0.0.1:8000", "http://localhost:8000", True),
        ("http://localhost:8000", "http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8000", "http://[::1]:8000", True),
        ("http://0.0.0.0:8000", "http://localhost:8000", True),
        ("http://127.0.0.1", "http://localhost", True),
        ("http://127.0.0.1:8000", "http://localhost:9000", False),
        ("http://127.0.0.1:8000", "http://localhost", False),
        ("http://127.0.0.1:8000", "https://localhost:8000", False),
        ("http://127.0.0.1:8000", "http://localhost.evil.example:8000", False),
        ("http://127.0.0.1:8000", "http://192.0.2.7:8000", False),
        ("https://care.example", "http://localhost", False),
        ("https://care.example", "https://localhost", False),
        ("https://Care.example:443", "https://care.example", True),
        ("https://care.example", "https://care.example:8443", False),
    ],
)
def test_on_one_machine_every_name_of_it_is_ours(house: House, public_url: str, origin: str, is_ours: bool) -> None:
    stranger = client(house, public_url=public_url)
    stranger.headers = {"Origin": origin}

    assert stranger.post("/sign-in", {"email": "x"}).status_code == (401 if is_ours else 403)


# Addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/sign-in/", "/healthz/", "/static", "/reviews/"])
def test_no_answer_leads_to_a_host_that_the_caller_named(house: House, path: str) -> None:
    answer = client(house, house.ana).get(path, headers={"Host": "evil.example"})

    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503)])
def test_whoever_watches_may_ask_for_the_head_only(house: House, path: str, status: int) -> None:
    assert client(house).request("HEAD", path).status_code == status
