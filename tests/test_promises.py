"""What README and DESIGN promise about the code as a whole."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from starlette.routing import BaseRoute, Mount

from followup.commands import COMMANDS
from followup.settings import Settings
from followup.store.database import alembic_config
from followup.web.guards import from_our_page, signed_in
from followup.web.health import may_see_inside
from followup.web.site import make_site
from followup.web.sources import source_of_key
from tests import people

ROOT = Path(__file__).parents[1]
CODE = ROOT / "followup"
README = ROOT / "README.md"
NOT_OURS = {".git", ".venv", "var", "__pycache__", "vendor", ".ruff_cache", ".import_linter_cache", ".hypothesis"}


def files(folder: Path = ROOT, ending: str = "") -> Iterator[Path]:
    """All of ours below a folder."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in NOT_OURS:
            yield from files(path, ending)
        elif path.is_file() and path.name.endswith(ending):
            yield path


def lines_with(pattern: str, *, among: Iterator[Path]) -> list[str]:
    """`file:line: text` of every line where it is found."""
    found: list[str] = []
    for path in among:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if not re.search(pattern, text):
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


# Who may import and do what --------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stdout
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert f"Contracts: {len(contracts)} kept, 0 broken." in done.stdout
    assert len(contracts) >= 6


def test_only_one_place_commits() -> None:
    [place] = lines_with(r"\.commit\(", among=files(CODE, ".py"))

    assert place.startswith("followup/flow/transaction.py:")


def test_only_one_place_calls_the_carrier() -> None:
    [place] = lines_with(r"carrier\.send\b", among=files(CODE, ".py"))

    assert place.startswith("followup/flow/send_due.py:")


def test_only_one_place_rings_anybody_up() -> None:
    [place] = lines_with(r"carrier\.call\(", among=files(CODE, ".py"))

    assert place.startswith("followup/flow/reach_staff.py:")


def test_only_the_clock_reads_the_time() -> None:
    reads = r"datetime\.now|utcnow|date\.today|time\.time\(|time_ns|monotonic|perf_counter|localtime|gmtime"
    [place] = lines_with(reads, among=files(CODE, ".py"))

    assert place.startswith("followup/clock.py:")


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(alembic_config()).get_heads()) == 1


# Who is let in ---------------------------------------------------------------------------------------------

PUBLIC = {
    ("GET", "/healthz"): "a load balancer asks it",
    ("GET", "/readyz"): "a load balancer asks it",
    ("HEAD", "/healthz"): "a load balancer asks it",
    ("HEAD", "/readyz"): "a load balancer asks it",
    ("GET", "/sign-in"): "who signs in is not signed in",
    ("POST", "/sign-in"): "who signs in is not signed in; other sites may not post it",
    ("POST", "/webhooks/twilio/inbound"): "the carrier signs what it sends",
    ("POST", "/webhooks/twilio/status"): "the carrier signs what it sends",
    ("POST", "/webhooks/twilio/voice/{token}"): "the carrier signs what it sends",
    ("POST", "/webhooks/twilio/voice/{token}/key"): "the carrier signs what it sends",
    ("POST", "/webhooks/twilio/voice/{token}/status"): "the carrier signs what it sends",
}
GUARD = signed_in().__code__
"""Every guard that `signed_in` makes runs this code."""


@pytest.fixture(scope="module")
def site() -> Iterator[FastAPI]:
    house = people.house()
    yield make_site(people.parts(house))
    house.close()


def all_routes(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """Also those of included routers: `app.routes` nests them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from all_routes(inner.routes)


def calls(dependant: Dependant) -> Iterator[Callable[..., object]]:
    """Everything that runs before the route does."""
    for each in dependant.dependencies:
        if each.call is not None:
            yield each.call
        yield from calls(each)


def is_guarded(route: BaseRoute) -> bool:
    asked = list(calls(route.dependant))  # pyright: ignore[reportAttributeAccessIssue]
    guards = (source_of_key, may_see_inside)
    return any(call in guards or getattr(call, "__code__", None) is GUARD for call in asked)


def doors_of(site: FastAPI) -> dict[tuple[str, str], BaseRoute]:
    found: dict[tuple[str, str], BaseRoute] = {}
    for route in all_routes(site.routes):
        for method in getattr(route, "methods", None) or ():
            found[method, getattr(route, "path_format", "")] = route
    return found


def test_every_route_is_guarded_or_on_the_public_list(site: FastAPI) -> None:
    doors = doors_of(site)

    open_to_all = {door for door, route in doors.items() if not is_guarded(route)}

    assert open_to_all == set(PUBLIC)
    known = {("GET", "/"), ("GET", "/cases/{case_id}"), ("POST", "/api/v1/events"), ("GET", "/metrics")}
    assert known <= set(doors)
    assert not known & open_to_all


def test_only_static_files_are_mounted_and_only_http_is_spoken(site: FastAPI) -> None:
    others = [route for route in all_routes(site.routes) if not hasattr(route, "dependant")]

    assert [(type(route), getattr(route, "path", "")) for route in others] == [(Mount, "/static")]


def test_signing_in_cannot_be_posted_by_another_site(site: FastAPI) -> None:
    route = doors_of(site)["POST", "/sign-in"]

    assert from_our_page in list(calls(route.dependant))  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_stranger_gets_nowhere(method: str) -> None:
    house = people.house()
    stranger = people.client(house)
    try:
        for asked, path in doors_of(make_site(people.parts(house))):
            if asked != method or (asked, path) in PUBLIC:
                continue
            answer = stranger.request(method, re.sub(r"\{\w+\}", "x", path))
            assert answer.status_code in {303, 401, 403}, (method, path, answer.status_code)
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/sign-in"), path
    finally:
        house.close()


# What README says ------------------------------------------------------------------------------------------


def section(title: str) -> str:
    """The words under a heading of README, up to the next one of its level."""
    found = re.search(rf"^## {re.escape(title)}$\n(.*?)(?=^## |\Z)", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"README has no heading '## {title}'"
    return found[1]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"\bFOLLOWUP_{name.upper()}\b", section("Settings"))


def test_the_readme_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"\bFOLLOWUP_([A-Z_]+)\b", README.read_text()))

    assert named <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"(`|main\.py |^ *){re.escape(name)}\b", section("Commands"), re.MULTILINE)


def paths_in(text: str) -> set[str]:
    """What looks like a file or folder of ours: in backticks or at the beginning of a line of code."""
    named = re.findall(r"`([^`\s]+)`", text) + re.findall(r"^ *([\w./-]+)", "\n".join(code_in(text)), re.MULTILINE)
    looks_so = re.compile(r"\.?\w[\w.*-]*(/[\w.*-]+)*(/|\.(py|toml|txt|css|js|html|md))")
    return {name for name in named if looks_so.fullmatch(name) and name.split("/")[0] not in NOT_OURS}


def code_in(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_every_path_of_the_map_exists() -> None:
    named = paths_in(section("Where is it"))

    assert named
    for name in named:
        places = [ROOT, CODE, *(folder for folder in CODE.iterdir() if folder.is_dir())]
        assert any(list(place.glob(name.rstrip("/"))) for place in places), name


def parts_of_the_code() -> list[str]:
    """Every file at the top of followup/, and every folder there."""
    ours = [path for path in CODE.iterdir() if path.name not in NOT_OURS | {"__init__.py"}]
    return sorted(f"{path.name}/" if path.is_dir() else path.name for path in ours)


@pytest.mark.parametrize("name", parts_of_the_code())
def test_every_part_of_the_code_stands_in_the_map(name: str) -> None:
    assert re.search(rf"(?<![\w.-]){re.escape(name)}", section("Where is it"))


# What stands nowhere ---------------------------------------------------------------------------------------


def test_no_file_names_a_package_index_or_a_place_on_a_machine() -> None:
    index = r"https?://[^ \"'`]+/(simple|packages)\b|(?<!no-emit-)index-" + r"url|registry\+" + r"http|\"resolved\":"
    assert lines_with(index, among=files()) == []
    here = "|".join(re.escape(str(folder)) for folder in {Path.home(), ROOT} - {Path("/")})
    assert lines_with(rf"(?<![\w.])({here}|/home/\w+|/Users/\w+)/", among=files()) == []


def test_nothing_is_left_open_skipped_or_slept() -> None:
    words = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, "NotImplemented" + "Error"])
    steps = "|".join([r"mark\.sk" + "ip", r"mark\.xf" + "ail", r"pytest\.sk" + r"ip\(", r"time\.sle" + "ep"])

    assert lines_with(rf"\b({words})\b|{steps}", among=files(ending=".py")) == []


def test_templates_hold_no_style_no_script_and_nothing_unescaped() -> None:
    templates = list(files(CODE / "web" / "templates", ".html"))
    forbidden = {
        "style attribute": r"\bstyle\s*=",
        "style element": r"<style\b",
        "inline script": r"<script(?![^>]*\bsrc=)",
        "htmx handler": r"\bhx-on\b",
        "handler attribute": r"\son[a-z]+\s*=",
        "script address": r"javascript:",
        "unescaped value": r"\|\s*safe\b",
        "escaping off": r"\bautoescape\b",
        "address elsewhere": r"(src|href|action)\s*=\s*[\"']?(https?:)?//",
    }

    assert len(templates) > 5
    for name, pattern in forbidden.items():
        assert lines_with(pattern, among=iter(templates)) == [], name
