"""Who may do what: one clinic never sees another's, an auditor changes nothing, and no other site posts for us."""

from uuid import UUID, uuid4

import pytest

from followup.store.database import Database
from followup.store.tables import CaseAssignment, CaseClosure, CaseNote, Message, Staff
from tests import people
from tests.browsing import read, words_of
from tests.people import House, client, find_case, staff, text_from

MARIAS_WORDS = "everything is grey again"


@pytest.fixture
def house(sqlite: Database) -> House:
    return people.house(sqlite)


@pytest.fixture
def case(house: House) -> UUID:
    return text_from(house, house.maria, MARIAS_WORDS)


def forms(house: House, case: UUID) -> dict[str, dict[str, str]]:
    """Everything that can be posted, as it would work."""
    seen = find_case(house, case).changed_at.isoformat()
    return {
        f"/cases/{case}/assignment": {},
        f"/cases/{case}/notes": {"text": "a note", "once": str(uuid4())},
        f"/cases/{case}/replies": {"text": "a text", "once": str(uuid4()), "seen": seen},
        f"/cases/{case}/closure": {"outcome": "called", "seen": seen},
        "/reviews": {"case": f"{case}@{seen}"},
        "/phone/texts": {"number": "+12125550101", "text": "hello"},
    }


def is_untouched(house: House) -> bool:
    done = [*house.all(CaseAssignment), *house.all(CaseNote), *house.all(CaseClosure)]
    return not done and not house.all(Message, purpose="staff") and not house.woken


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "null"},
        {},
    ],
    ids=str,
)
def test_what_another_site_posts_is_refused_and_changes_nothing(
    house: House, case: UUID, headers: dict[str, str]
) -> None:
    ana = client(house, house.ana)
    ana.headers = headers

    for path, fields in {**forms(house, case), "/sign-out": {}, "/sign-in": {"email": "a", "password": "b"}}.items():
        answer = ana.post(path, fields)
        assert answer.status_code == 403, path
        assert "Nothing was changed and nothing was sent." in words_of(answer)
    assert is_untouched(house)
    assert ana.get("/").status_code == 200


@pytest.mark.parametrize(
    ("public_url", "origin"),
    [("http://testserver", "http://testserver"), ("https://care.example", "https://care.example")],
)
def test_a_browser_without_fetch_metadata_is_known_by_its_origin(
    house: House, case: UUID, public_url: str, origin: str
) -> None:
    ana = client(house, house.ana, public_url=public_url)
    ana.headers = {"Origin": origin}

    assert ana.post(f"/cases/{case}/assignment").status_code == 303


@pytest.mark.parametrize("role", ["nurse", "prescriber", "admin"])
def test_clinical_roles_may_do_everything_with_a_case(house: House, case: UUID, role: str) -> None:
    person = staff(house.riverside, f"{role.title()} New", role=role)
    house.keep(person)
    browser = client(house, person)

    for path, fields in forms(house, case).items():
        assert browser.post(path, fields).status_code == 303, path
    assert (len(house.all(CaseNote)), len(house.all(Message, purpose="staff")), len(house.all(CaseClosure))) == (
        1,
        1,
        1,
    )


def test_an_auditor_reads_everything_and_changes_nothing(house: House, case: UUID) -> None:
    olga = client(house, house.olga)

    for path in ("/", f"/cases/{case}", f"/cases/{case}/log", "/queue/list", "/reviews", "/phone"):
        page = olga.get(path)
        assert page.status_code == 200, path
        assert set(read(page).buttons) <= {"Sign out", "Open"}, path
    assert MARIAS_WORDS in words_of(olga.get(f"/cases/{case}"))
    for path, fields in forms(house, case).items():
        answer = olga.post(path, fields)
        assert answer.status_code == 403, path
        assert "Your role does not allow this." in words_of(answer)
    assert is_untouched(house)
    assert olga.post("/sign-out").status_code == 303


def test_a_role_that_nobody_knows_is_let_nowhere(house: House, case: UUID) -> None:
    person = Staff(clinic_id=house.riverside.id, email="x@x.example", name="X", role="visitor", created_at=house.now)
    house.keep(person)

    assert client(house, person).get("/").status_code == 403
    assert client(house, person).post(f"/cases/{case}/assignment").status_code == 403


def test_another_clinics_case_is_not_there(house: House, case: UUID) -> None:
    sam = client(house, house.sam)

    for path in (f"/cases/{case}", f"/cases/{case}/log"):
        assert sam.get(path).status_code == 404
        assert MARIAS_WORDS not in sam.get(path).text
    for path, fields in forms(house, case).items():
        if path.startswith("/cases/"):
            assert sam.post(path, fields).status_code == 404, path
    sam.post("/reviews", forms(house, case)["/reviews"])
    assert is_untouched(house)


def test_another_clinics_patients_stand_on_no_page(house: House, case: UUID) -> None:
    text_from(house, house.maria, "I want to die", level="urgent")
    sam = client(house, house.sam)

    for path in ("/", "/?view=none", "/?view=done", f"/queue/list?open={case}", "/reviews", "/phone"):
        page = sam.get(path)
        assert page.status_code == 200
        for words in ("Maria", "want to die", "555-0101", "+12125550101", "urgent not picked up"):
            assert words not in words_of(page), path
    handset = sam.get("/phone?number=%2B12125550101")
    assert "How is your mood" not in words_of(handset)
    assert "Maria" not in words_of(handset)


@pytest.mark.parametrize("id_", ["x", "1", "00000000-0000-0000-0000-000000000000", "%00", "'"])
def test_what_is_no_case_is_a_404(house: House, id_: str) -> None:
    answer = client(house, house.ana).get(f"/cases/{id_}")

    assert answer.status_code == 404
    assert "There is nothing here" in words_of(answer)


def test_who_left_is_asked_before_what_is_asked(house: House) -> None:
    stranger = client(house)

    assert stranger.get("/cases/x").status_code == 303
    assert stranger.post("/cases/x/closure", {"outcome": "?"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"\x00\xff\xfe", "application/x-www-form-urlencoded"),
        (b'{"text": "hi"}', "application/json"),
        (b"&".join(b"a%d=1" % number for number in range(1_100)), "application/x-www-form-urlencoded"),
    ],
    ids=["half a form", "bytes", "json", "too many fields"],
)
def test_a_broken_form_is_refused_in_words(house: House, case: UUID, body: bytes, kind: str) -> None:
    ana = client(house, house.ana)

    answer = ana.request("POST", f"/cases/{case}/notes", content=body, headers={"Content-Type": kind})

    assert answer.status_code in (400, 409)
    assert house.all(CaseNote) == []


def test_every_answer_carries_the_headers_that_keep_it_safe(house: House, case: UUID) -> None:
    ana = client(house, house.ana)

    answers = [ana.get("/"), ana.get(f"/cases/{case}"), ana.get("/nowhere"), client(house).get("/sign-in")]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
