"""Settings come from the environment and `.env`; what is unsafe stops the start by its name."""

import base64
import os
import stat
import threading
from pathlib import Path

import pytest

from followup.app import House
from followup.settings import Settings, UnsafeSettings, is_loopback, own_key, read_settings

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OLDER_KEY = base64.urlsafe_b64encode(bytes(range(100, 132))).decode()
TWILIO = {
    "CARRIER": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "a1" * 16,
    "TWILIO_AUTH_TOKEN": "t0ken" * 6,
    "TWILIO_FROM": "+12025550100",
    "PUBLIC_URL": "https://aftercare.example.org",
    "SECRET_KEYS": KEY,
}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty folder, and none of this machine's settings."""
    for name in os.environ:
        if name.upper().startswith("FOLLOWUP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, **settings: str | None) -> None:
    for name, value in settings.items():
        if value is not None:
            monkeypatch.setenv(f"FOLLOWUP_{name}", value)


def test_without_any_setting_nobody_is_reached() -> None:
    settings = read_settings()

    assert settings.carrier == "pretend"
    assert settings.database_url == "sqlite:///var/followup.db"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.allowed_numbers == frozenset()
    assert settings.sending
    assert settings.run_jobs
    assert (settings.lease_seconds, settings.uncertain_quiet_seconds, settings.inbound_look_seconds) == (60, 300, 120)


def test_the_whole_of_twilio_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **TWILIO)

    settings = read_settings()

    assert (settings.carrier, settings.twilio_from) == ("twilio", "+12025550100")
    assert settings.secret_keys == (bytes(range(32)),)


UNSAFE: list[tuple[str, dict[str, str | None], str]] = [
    ("unknown carrier", {"CARRIER": "sms"}, "CARRIER"),
    ("carrier in capitals", {"CARRIER": "Twilio"}, "CARRIER"),
    ("empty carrier", {"CARRIER": ""}, "CARRIER"),
    ("http in public", {"PUBLIC_URL": "http://aftercare.example.org"}, "PUBLIC_URL"),
    ("looks like loopback", {"PUBLIC_URL": "http://127.0.0.1.evil.example"}, "PUBLIC_URL"),
    ("no address", {"PUBLIC_URL": "aftercare.example.org"}, "PUBLIC_URL"),
    ("empty address", {"PUBLIC_URL": ""}, "PUBLIC_URL"),
    ("another scheme", {"PUBLIC_URL": "ftp://aftercare.example.org"}, "PUBLIC_URL"),
    ("broken address", {"PUBLIC_URL": "https://[::1"}, "PUBLIC_URL"),
    ("no such port", {"PUBLIC_URL": "https://aftercare.example.org:99999"}, "PUBLIC_URL"),
    ("a user in it", {"PUBLIC_URL": "https://ana:secret@aftercare.example.org"}, "PUBLIC_URL"),
    ("a query in it", {"PUBLIC_URL": "https://aftercare.example.org/?a=b"}, "PUBLIC_URL"),
    ("another database", {"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
    ("another driver", {"DATABASE_URL": "postgresql://localhost/x"}, "DATABASE_URL"),
    ("no file", {"DATABASE_URL": "sqlite:///"}, "DATABASE_URL"),
    ("a throw-away", {"DATABASE_URL": "sqlite://"}, "DATABASE_URL"),
    ("in memory", {"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL"),
    ("in memory by address", {"DATABASE_URL": "sqlite:///file:x?mode=memory&uri=true"}, "DATABASE_URL"),
    ("sending unclear", {"SENDING": "stop"}, "SENDING"),
    ("sending empty", {"SENDING": ""}, "SENDING"),
    ("jobs unclear", {"RUN_JOBS": "maybe"}, "RUN_JOBS"),
    ("no lease", {"LEASE_SECONDS": "0"}, "LEASE_SECONDS"),
    ("an endless lease", {"LEASE_SECONDS": "inf"}, "LEASE_SECONDS"),
    ("a lease that is no number", {"LEASE_SECONDS": "nan"}, "LEASE_SECONDS"),
    ("quiet before now", {"UNCERTAIN_QUIET_SECONDS": "-1"}, "UNCERTAIN_QUIET_SECONDS"),
    ("no look", {"INBOUND_LOOK_SECONDS": "0"}, "INBOUND_LOOK_SECONDS"),
    ("no speed", {"TWILIO_MESSAGES_PER_SECOND": "0"}, "TWILIO_MESSAGES_PER_SECOND"),
    ("endless speed", {"TWILIO_MESSAGES_PER_SECOND": "inf"}, "TWILIO_MESSAGES_PER_SECOND"),
    ("nobody at once", {"TWILIO_CONCURRENCY": "0"}, "TWILIO_CONCURRENCY"),
    ("too many at once", {"TWILIO_CONCURRENCY": "101"}, "TWILIO_CONCURRENCY"),
    ("numbers without one", {"ALLOWED_NUMBERS": " , "}, "ALLOWED_NUMBERS"),
    ("numbers from an unset variable", {"ALLOWED_NUMBERS": ""}, "ALLOWED_NUMBERS"),
    ("short key", {"SECRET_KEYS": base64.urlsafe_b64encode(b"x" * 16).decode()}, "SECRET_KEYS"),
    ("all the same", {"SECRET_KEYS": base64.urlsafe_b64encode(b"x" * 32).decode()}, "SECRET_KEYS"),
    ("a pass phrase", {"SECRET_KEYS": "correct horse battery staple"}, "SECRET_KEYS"),
    ("a second that is none", {"SECRET_KEYS": f"{KEY},changeme"}, "SECRET_KEYS"),
    ("no base64", {"SECRET_KEYS": "ñ" + KEY}, "SECRET_KEYS"),
    ("junk between", {"SECRET_KEYS": KEY[:10] + "!" + KEY[10:]}, "SECRET_KEYS"),
    ("no account", TWILIO | {"TWILIO_ACCOUNT_SID": None}, "TWILIO_ACCOUNT_SID"),
    ("empty account", TWILIO | {"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID"),
    ("no token", TWILIO | {"TWILIO_AUTH_TOKEN": None}, "TWILIO_AUTH_TOKEN"),
    ("empty token", TWILIO | {"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
    ("no sender", TWILIO | {"TWILIO_FROM": None}, "TWILIO_FROM"),
    ("no keys", TWILIO | {"SECRET_KEYS": None}, "SECRET_KEYS"),
    ("empty keys", TWILIO | {"SECRET_KEYS": " , "}, "SECRET_KEYS"),
    ("no public address", TWILIO | {"PUBLIC_URL": None}, "PUBLIC_URL"),
    ("carrier over http", TWILIO | {"TWILIO_API_URL": "http://api.example.org"}, "TWILIO_API_URL"),
    ("carrier nowhere", TWILIO | {"TWILIO_API_URL": "api.example.org"}, "TWILIO_API_URL"),
]


@pytest.mark.parametrize(("settings", "name"), [row[1:] for row in UNSAFE], ids=[row[0] for row in UNSAFE])
def test_an_unsafe_value_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str | None], name: str
) -> None:
    set_all(monkeypatch, **settings)

    with pytest.raises(UnsafeSettings) as refused:
        read_settings()

    words = str(refused.value)
    assert f"FOLLOWUP_{name}" in words
    secrets = [KEY, TWILIO["TWILIO_AUTH_TOKEN"], settings.get("SECRET_KEYS") or KEY, "ana:secret"]
    assert not [secret for secret in secrets if len(secret) > 3 and secret in words]


def test_every_mistake_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CARRIER="sms", LEASE_SECONDS="0", SENDING="perhaps")

    with pytest.raises(UnsafeSettings) as refused:
        read_settings()

    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("word", "means"), [("on", True), ("off", False), ("ON", True), ("false", False), ("0", False), ("1", True)]
)
def test_the_kill_switch_understands_on_and_off(monkeypatch: pytest.MonkeyPatch, word: str, means: bool) -> None:
    set_all(monkeypatch, SENDING=word)

    assert read_settings().sending is means


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8010", "http://localhost:8010", "http://[::1]:8010", "http://127.9.9.9"]
)
def test_loopback_needs_no_https(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    set_all(monkeypatch, **TWILIO | {"PUBLIC_URL": url, "TWILIO_API_URL": url})

    assert read_settings().public_url == url
    assert is_loopback(url)


def test_an_emulator_needs_no_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **TWILIO | {"PUBLIC_URL": None, "TWILIO_API_URL": "http://127.0.0.1:9"})

    assert is_loopback(read_settings().public_url)


@pytest.mark.parametrize("written", ["https://a.example/", "https://a.example#rc=3", "https://a.example/#rc=3"])
def test_a_public_address_is_kept_without_fragment_and_last_slash(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    set_all(monkeypatch, PUBLIC_URL=written)

    assert read_settings().public_url == "https://a.example"


def test_allowed_numbers_mean_the_same_however_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, ALLOWED_NUMBERS=" (212) 555-0100, +12125550101 ,")

    assert read_settings().allowed_numbers == {"+12125550100", "+12125550101"}


def test_keys_are_read_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, SECRET_KEYS=f" {KEY} , {OLDER_KEY} ")

    assert read_settings().secret_keys == (bytes(range(32)), bytes(range(100, 132)))


def test_the_previous_auth_token_is_read_beside_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **TWILIO, TWILIO_PREVIOUS_AUTH_TOKEN="the one before")

    settings = read_settings()

    assert (settings.twilio_auth_token, settings.twilio_previous_auth_token) == ("t0ken" * 6, "the one before")


def test_settings_may_stand_in_a_file_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FOLLOWUP_SENDING=off\nFOLLOWUP_LEASE_SECONDS=30\nOTHER=1\n")
    set_all(monkeypatch, LEASE_SECONDS="45")

    settings = read_settings()

    assert (settings.sending, settings.lease_seconds) == (False, 45)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("FOLLOWUP_ALLOWED_NUMBER", "FOLLOWUP_ALLOWED_NUMBERS"),
        ("FOLLOWUP_TWILIO_TOKEN", "FOLLOWUP_TWILIO_AUTH_TOKEN"),
        ("followup_sendng", "FOLLOWUP_SENDING"),
        ("FOLLOWUP_WEATHER", ""),
    ],
)
@pytest.mark.parametrize("in_a_file", [False, True])
def test_a_name_that_is_no_setting_is_refused_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, hint: str, in_a_file: bool
) -> None:
    if in_a_file:
        (tmp_path / ".env").write_text(f"{written}=secret-words\n")
    else:
        monkeypatch.setenv(written, "secret-words")

    with pytest.raises(UnsafeSettings) as refused:
        read_settings()

    words = str(refused.value)
    assert words.startswith(f"{written.upper()}: is no setting")
    assert hint in words
    assert ("did you mean" in words) == bool(hint)
    assert "secret-words" not in words


def test_unknown_names_are_told_together_with_wrong_values(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, CARRIER="sms", CARIER="twilio", LEASE="5")

    with pytest.raises(UnsafeSettings) as refused:
        read_settings()

    told = [line.split(":")[0] for line in str(refused.value).splitlines()]
    assert told == ["FOLLOWUP_CARIER", "FOLLOWUP_LEASE", "FOLLOWUP_CARRIER"]


def test_what_kubernetes_says_of_a_service_named_followup_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT", "PORT_80_TCP", "PORT_80_TCP_ADDR"):
        monkeypatch.setenv(f"FOLLOWUP_{name}", "tcp://10.0.0.1:80")

    assert read_settings().carrier == "pretend"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"FOLLOWUP_SENDING=\xff\n")

    with pytest.raises(UnsafeSettings, match=r"\.env: "):
        read_settings()


def test_the_page_number_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, PAGE_FROM="(212) 555-0199")

    assert read_settings().page_from == "+12125550199"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PAGE_FROM": "12"}, "FOLLOWUP_PAGE_FROM: must be a number"),
        ({"MAIL_HOST": "mail.example.org"}, "FOLLOWUP_MAIL_FROM: needed with FOLLOWUP_MAIL_HOST"),
        (
            {"MAIL_HOST": "mail.example.org", "MAIL_FROM": "pages@example.org", "MAIL_SECURITY": "none"},
            "FOLLOWUP_MAIL_SECURITY: must be starttls or tls",
        ),
        ({"SILENCE_HOURS": "0"}, "FOLLOWUP_SILENCE_HOURS"),
    ],
)
def test_what_would_keep_a_page_from_arriving_safely_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    set_all(monkeypatch, **settings)

    with pytest.raises(UnsafeSettings) as refused:
        read_settings()
    assert words in str(refused.value)


def test_a_mail_server_on_this_machine_needs_no_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, MAIL_HOST="localhost", MAIL_FROM="pages@example.org", MAIL_SECURITY="none")

    house = House()

    assert house.mailer.is_on
    assert house.paging.mail_is_on


def test_what_settings_show_of_themselves_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, **TWILIO, TWILIO_PREVIOUS_AUTH_TOKEN="the one before", METRICS_KEY="metrics secret")

    shown = repr(read_settings()) + str(read_settings())

    assert TWILIO["TWILIO_ACCOUNT_SID"] in shown
    for secret in (TWILIO["TWILIO_AUTH_TOKEN"], KEY, str(bytes(range(32))), "the one before", "metrics secret"):
        assert secret not in shown


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().sending = False  # pyright: ignore[reportAttributeAccessIssue]


# The key that makes itself -------------------------------------------------------------------------------


def test_the_own_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = own_key(tmp_path / "var")

    assert len(made) == 32
    assert own_key(tmp_path / "var") == made
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret_key"]
    assert own_key(tmp_path / "elsewhere") != made


def test_many_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    start, keys = threading.Barrier(8), []

    def ask() -> None:
        start.wait(10)
        keys.append(own_key(tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.parametrize("content", ["", "changeme", "A" * 43 + "="])
def test_a_key_file_that_holds_no_key_is_named_and_left_alone(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret_key").write_text(content)

    with pytest.raises(UnsafeSettings, match="secret_key"):
        own_key(tmp_path)

    assert (tmp_path / "secret_key").read_text() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UnsafeSettings, match="FOLLOWUP_SECRET_KEYS"):
        own_key(tmp_path / "file" / "var")


def test_keys_that_are_set_win_over_the_own_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert House().keys == (own_key(),)
    set_all(monkeypatch, SECRET_KEYS=KEY)

    assert House().keys == (bytes(range(32)),)


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    read_settings()

    assert list(tmp_path.iterdir()) == []
