"""Every setting with its default; read once from FOLLOWUP_* or `.env`; unsafe values are refused by name."""

import base64
import binascii
import ipaddress
import os
import re
import secrets
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from followup.rules.phone import comparable, read_phone

PREFIX = "FOLLOWUP_"
OF_KUBERNETES = re.compile(r"SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?")
"""What it tells every container of a service named followup. Kubernetes, Service, "Environment variables"."""
VAR = Path("var")
KEY_BYTES = 32


class UnsafeSettings(Exception):
    """The service does not start with these settings. Each line names one and says what to do."""


class Settings(BaseSettings):
    """What README lists under Settings, one field for each FOLLOWUP_* variable."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        extra="ignore",
        hide_input_in_errors=True,
        frozen=True,
        allow_inf_nan=False,
    )

    database_url: str = f"sqlite:///{VAR}/followup.db"
    public_url: str = "http://127.0.0.1:8000"
    carrier: Literal["pretend", "twilio"] = "pretend"
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = Field(default=None, repr=False)
    twilio_previous_auth_token: str | None = Field(default=None, repr=False)
    twilio_messaging_service_sid: str | None = None
    twilio_from: str | None = None
    twilio_api_url: str | None = None
    twilio_messages_per_second: float = Field(default=1.0, gt=0)
    twilio_concurrency: int = Field(default=20, ge=1, le=100)
    lease_seconds: float = Field(default=60, ge=1)
    uncertain_quiet_seconds: float = Field(default=300, ge=0)
    inbound_look_seconds: float = Field(default=120, ge=1)
    secret_keys: Annotated[tuple[bytes, ...], NoDecode] = Field(default=(), repr=False)
    schedules: Path = Path("schedules")
    run_jobs: bool = True
    sending: bool = True
    allowed_numbers: Annotated[frozenset[str], NoDecode] = frozenset()
    metrics_key: str | None = Field(default=None, repr=False)
    page_from: str | None = None
    mail_host: str | None = None
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_user: str | None = None
    mail_password: str | None = Field(default=None, repr=False)
    mail_from: str | None = None
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    silence_hours: float = Field(default=48, ge=1, le=720)

    @field_validator("secret_keys", mode="before")
    @classmethod
    def _read_keys(cls, given: object) -> object:
        return tuple(map(_read_key, _parts(given))) if isinstance(given, str) else given

    @field_validator("allowed_numbers", mode="before")
    @classmethod
    def _read_numbers(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        numbers = frozenset(map(comparable, _parts(given)))
        if not numbers:  # A variable that was meant to be filled in: it must not come to mean everybody.
            raise ValueError("holds no number; leave it out to text everybody")
        return numbers

    @field_validator("page_from")
    @classmethod
    def _read_page_sender(cls, given: str | None) -> str | None:
        number = read_phone(given) if given else None
        if given and number is None:
            raise ValueError("must be a number such as +12125550100")
        return number

    @field_validator("public_url", "twilio_api_url")
    @classmethod
    def _no_slash_at_the_end(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            raise ValueError("must be an address such as https://aftercare.example.org")
        if parts.username or parts.query:  # The SDK's signature check never verifies such an address.
            raise ValueError("must hold neither a user nor a query")
        return url.split("#")[0].rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        path = url.removeprefix("sqlite:///")
        if not path or ":memory:" in path or (path != url and "?" in path):
            raise ValueError("must name a file that outlives the process, such as sqlite:////var/lib/followup.db")
        return url

    @model_validator(mode="after")
    def _safe_for_people(self) -> "Settings":
        if not is_loopback(self.public_url) and not self.public_url.startswith("https://"):
            raise ValueError("FOLLOWUP_PUBLIC_URL: must be https, unless it is a loopback address")
        if self.mail_host:
            self._check_mail(self.mail_host)
        if self.carrier == "twilio":
            self._check_twilio()
        return self

    def _check_mail(self, host: str) -> None:
        if not self.mail_from or "@" not in self.mail_from:
            raise ValueError("FOLLOWUP_MAIL_FROM: needed with FOLLOWUP_MAIL_HOST, an address such as pages@example.org")
        if self.mail_security == "none" and not is_loopback(f"//{host}"):
            raise ValueError("FOLLOWUP_MAIL_SECURITY: must be starttls or tls, unless the mail server is this machine")

    def _check_twilio(self) -> None:
        for name in ("twilio_account_sid", "twilio_auth_token"):
            if not getattr(self, name):
                raise ValueError(f"FOLLOWUP_{name.upper()}: needed with FOLLOWUP_CARRIER=twilio")
        if not (self.twilio_messaging_service_sid or self.twilio_from):
            raise ValueError("FOLLOWUP_TWILIO_FROM or FOLLOWUP_TWILIO_MESSAGING_SERVICE_SID: one is needed")
        if "public_url" not in self.model_fields_set and not is_loopback(self.twilio_api_url or ""):
            raise ValueError("FOLLOWUP_PUBLIC_URL: needed with FOLLOWUP_CARRIER=twilio; replies come in through it")
        if not self.secret_keys:
            raise ValueError(f"FOLLOWUP_SECRET_KEYS: needed with FOLLOWUP_CARRIER=twilio; {HOW_TO_MAKE_A_KEY}")
        if self.twilio_api_url and not (is_loopback(self.twilio_api_url) or self.twilio_api_url.startswith("https://")):
            raise ValueError("FOLLOWUP_TWILIO_API_URL: must be https, unless it is a loopback address")


HOW_TO_MAKE_A_KEY = (
    'make one with: python3 -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
)


def read_settings() -> Settings:
    """From the environment and `.env`. Raises UnsafeSettings, naming each setting that is wrong or that is none."""
    try:
        wrong, settings = _unknown_names(), Settings()
    except ValidationError as error:
        wrong, settings = [*_unknown_names(), *(_line(e["loc"], e["msg"]) for e in error.errors())], None
    except (OSError, UnicodeDecodeError) as error:
        raise UnsafeSettings(f".env: cannot be read: {error}") from None
    if settings is None or wrong:
        raise UnsafeSettings("\n".join(wrong))
    return settings


def _unknown_names() -> list[str]:
    """A line for each FOLLOWUP_* that is no setting: a mistyped one would silently not count."""
    in_file = DotEnvSettingsSource(Settings).env_vars
    given = {name.upper() for name in (*os.environ, *in_file)}
    ours = sorted(name.removeprefix(PREFIX) for name in given if name.startswith(PREFIX))
    known = [name.upper() for name in Settings.model_fields]
    return [_no_setting(name, known) for name in ours if name not in known and not OF_KUBERNETES.fullmatch(name)]


def _no_setting(name: str, known: list[str]) -> str:
    nearest = get_close_matches(name, known, n=1)
    return f"{PREFIX}{name}: is no setting" + (f"; did you mean {PREFIX}{nearest[0]}?" if nearest else "")


def _parts(given: str) -> list[str]:
    return [part.strip() for part in given.split(",") if part.strip()]


def _line(where: tuple[int | str, ...], words: str) -> str:
    words = words.removeprefix("Value error, ")
    return f"{PREFIX}{str(where[0]).upper()}: {words}" if where else words


def _read_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"each key must be 32 random bytes in URL-safe base64; {HOW_TO_MAKE_A_KEY}")
    if len(set(key)) < KEY_BYTES // 4:
        raise ValueError(f"a key is not random; {HOW_TO_MAKE_A_KEY}")
    return key


def own_key(folder: Path = VAR) -> bytes:
    """Made once, readable by this user only; for the pretend carrier, where nobody's words are at stake.

    Several processes may ask at once: they get the same. Raises UnsafeSettings where the file holds no key, or cannot
    be made or read.
    """
    path = folder / "secret_key"
    try:
        if not path.exists():
            _make_key_file(path)
        return _read_key(path.read_text())
    except OSError as error:
        raise UnsafeSettings(f"{path}: {error.strerror}; make it possible, or set FOLLOWUP_SECRET_KEYS") from None
    except ValueError:
        raise UnsafeSettings(f"{path}: holds no key; put it back, or set FOLLOWUP_SECRET_KEYS") from None


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent) as file:  # Mode 0600; whole before it has its name.
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, path)


def is_loopback(url: str) -> bool:
    """Whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
