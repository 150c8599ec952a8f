"""The only place where parts are put together, and the only one that sees settings."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from followup import clock, commands
from followup.settings import VAR, Settings, UnsafeSettings, own_key, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from followup.carriers.carrier import Carrier
    from followup.carriers.mail import Mailer
    from followup.flow.claim_texts import SendingRules
    from followup.flow.page_staff import PagingRules
    from followup.flow.spool_replies import ReplySpool
    from followup.jobs import Jobs
    from followup.rules.reading.readers import Readers
    from followup.schedule_files import Schedules
    from followup.store.database import Database
    from followup.web.parts import Parts

GRACE_SECONDS = 3
"""How long open connections may hold up a stop."""


def run(arguments: Sequence[str]) -> int:
    """The terminal's door: the exit code of one command."""
    from followup.logs import set_up_logs

    set_up_logs()
    chosen = commands.read_arguments(arguments)
    house = House()
    try:
        return chosen.run(house, chosen)
    except (UnsafeSettings, *commands.refusals()) as error:
        return _refuse(str(error))
    except BrokenPipeError:  # Whoever reads (`export | head`) has enough. Python, signal, "Note on SIGPIPE".
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except _database_failures() as error:
        from followup.store.database import in_short

        return _refuse(f"FOLLOWUP_DATABASE_URL: the database says: {in_short(error)}; try again in a moment")
    finally:
        house.close()


def _refuse(words: str) -> int:
    print(words, file=sys.stderr)  # noqa: T201 - this is the terminal's door.
    return 1


def _database_failures() -> tuple[type[Exception], ...]:
    """Asked only after something was raised: `preview` never loads a database."""
    from followup.store.database import DATABASE_FAILED

    return DATABASE_FAILED


class House:
    """Every part, made when it is first asked for: `preview` needs no database, `export` no carrier."""

    now = staticmethod(clock.now)

    @cached_property
    def settings(self) -> Settings:
        return read_settings()

    @property
    def public_url(self) -> str:
        return self.settings.public_url

    @cached_property
    def schedules(self) -> "Schedules":
        from followup.schedule_files import load_schedules

        return load_schedules(self.settings.schedules)

    def readers_of(self, clinic: str | None) -> "Readers":
        """What reads the replies of this clinic (its slug); with the built-in words alone where none is named."""
        from followup.readers_from_files import load_readers

        return load_readers(self.settings.schedules, clinic)

    @cached_property
    def database(self) -> "Database":
        """Opened and upgraded. Raises UnsafeSettings."""
        from followup.store.database import OPENING_FAILED, Database, in_short, is_wrong_key, upgrade

        try:
            database = Database(self.settings.database_url, key=self.keys[0])
            upgrade(database)
        except OPENING_FAILED as error:
            if is_wrong_key(error):
                url = self.settings.database_url
                raise UnsafeSettings(f"FOLLOWUP_SECRET_KEYS: the first key does not open {url}") from None
            raise UnsafeSettings(f"FOLLOWUP_DATABASE_URL: cannot be opened: {in_short(error)}") from None
        return database

    @cached_property
    def carrier(self) -> "Carrier":
        if self.settings.carrier == "pretend":
            from followup.carriers.pretend import PretendCarrier

            return PretendCarrier(now=clock.now)
        return _twilio(self.settings)

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        return self.settings.secret_keys or (own_key(),)

    @property
    def rules(self) -> "SendingRules":
        from followup.flow.claim_texts import SendingRules
        from followup.store.fence import Fence

        return SendingRules(
            lease=timedelta(seconds=self.settings.lease_seconds),
            batch=_batch(self.settings),
            quiet=timedelta(seconds=self.settings.uncertain_quiet_seconds),
            fence=Fence(self._beside_database("fence")),
            reaches_people=self.carrier.reaches_people,
            sending=self.settings.sending,
            allowed_numbers=self.settings.allowed_numbers,
            page_sender=self.settings.page_from,
        )

    @property
    def paging(self) -> "PagingRules":
        from followup.flow.page_staff import PagingRules

        return PagingRules(
            public_url=self.settings.public_url,
            page_sender=self.settings.page_from,
            mail_is_on=self.mailer.is_on,
            silence=timedelta(hours=self.settings.silence_hours),
        )

    @cached_property
    def mailer(self) -> "Mailer":
        """The clinic's mail server also with the pretend carrier: nobody but staff is ever written to."""
        from followup.carriers.mail import NoMailer, SmtpMailer

        if not self.settings.mail_host:
            return NoMailer()
        assert self.settings.mail_from
        return SmtpMailer(
            host=self.settings.mail_host,
            port=self.settings.mail_port,
            sender=self.settings.mail_from,
            user=self.settings.mail_user,
            password=self.settings.mail_password,
            security=self.settings.mail_security,
        )

    def _beside_database(self, ending: str) -> Path:
        """A file or folder of this database: beside it, or in `var` for a server's."""
        path = self.database.url.database if self.database.is_sqlite else None
        return Path(f"{path}.{ending}") if path else VAR / f"postgresql.{ending}"

    @cached_property
    def spool(self) -> "ReplySpool":
        from followup.flow.spool_replies import ReplySpool

        return ReplySpool(self._beside_database("spool"), keys=self.keys)

    def jobs(self) -> "Jobs":
        from followup.carriers.pretend import PretendCarrier
        from followup.flow.acknowledge import hear_key
        from followup.flow.track_delivery import track_delivery
        from followup.jobs import Jobs

        carrier = self.carrier

        def take_reports() -> None:
            if isinstance(carrier, PretendCarrier):
                for token, report in carrier.take_reports():
                    track_delivery(database=self.database, report=report, token=token, now=clock.now())
                for token, key in carrier.take_keys():
                    hear_key(database=self.database, token=token, key=key, now=clock.now())

        return Jobs(
            database=self.database,
            carrier=carrier,
            schedules=self.schedules,
            readers_of=self.readers_of,
            rules=self.rules,
            paging=self.paging,
            mailer=self.mailer,
            clock=clock.now,
            take_reports=take_reports if isinstance(carrier, PretendCarrier) else None,
            spool=self.spool,
            look_every=timedelta(seconds=self.settings.inbound_look_seconds),
        )

    def parts(self, wake: Callable[[], None], *, is_demo: bool) -> "Parts":
        from followup.web.parts import Parts

        return Parts(
            database=self.database,
            carrier=self.carrier,
            schedules=self.schedules,
            now=clock.now,
            wake=wake,
            public_url=self.settings.public_url,
            keys=self.keys,
            metrics_key=self.settings.metrics_key,
            sending=self.settings.sending,
            is_demo=is_demo,
            paging=self.paging,
        )

    def serve(self, *, host: str, port: int, run_jobs: bool, is_demo: bool) -> int:
        """Until SIGTERM or Ctrl-C; then whatever is open has GRACE_SECONDS."""
        import uvicorn

        if not self._public_url_is_set:
            self.__dict__["settings"] = self.settings.model_copy(update={"public_url": f"http://{host}:{port}"})
        application = self.application(run_jobs=run_jobs and self.settings.run_jobs, is_demo=is_demo)
        uvicorn.run(
            application,
            host=host,
            port=port,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            # A proxy's word for who calls is not asked: nothing here depends on an address.
            proxy_headers=False,
        )
        return 0

    @property
    def _public_url_is_set(self) -> bool:
        return "public_url" in self.settings.model_fields_set

    def application(self, *, run_jobs: bool, is_demo: bool = False) -> "FastAPI":
        """The pages and doors, with the jobs beside them if asked."""
        from followup.flow.receive_reply import keep_replies
        from followup.flow.reply_writer import ReplyWriter
        from followup.web.site import make_site

        jobs = self.jobs() if run_jobs else None
        parts = self.parts(jobs.wake if jobs else lambda: None, is_demo=is_demo)

        @asynccontextmanager
        async def lifespan(site: "FastAPI") -> AsyncIterator[None]:
            site.state.reply_writer = ReplyWriter(
                lambda texts: keep_replies(parts.database, texts, now=clock.now()), spool=self.spool.put
            )
            if jobs:
                jobs.start()
            yield
            site.state.reply_writer.close()
            self.close(jobs)

        return make_site(parts, lifespan=lifespan)

    def work(self) -> int:
        """The jobs alone, until SIGTERM or Ctrl-C."""
        import threading

        jobs, stop = self.jobs(), threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        jobs.start()
        stop.wait()
        self.close(jobs)
        return 0

    def close(self, jobs: "Jobs | None" = None) -> None:
        """Nothing new starts, what runs finishes, connections go back. Again changes nothing."""
        if jobs:
            jobs.stop(hurry=self.carrier.close)
        for name in ("carrier", "database"):
            if name in self.__dict__:  # Else nobody asked for it, and it is not made only to be closed.
                getattr(self, name).close()


def _batch(settings: Settings) -> int:
    """As many as leave within two seconds: what is claimed waits its turn, and a safety text must not wait behind."""
    if settings.carrier == "pretend":
        return settings.twilio_concurrency
    return max(1, min(settings.twilio_concurrency, round(2 * settings.twilio_messages_per_second)))


def _twilio(settings: Settings) -> "Carrier":
    from followup.carriers.twilio import TwilioCarrier

    assert settings.twilio_account_sid and settings.twilio_auth_token
    return TwilioCarrier(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        previous_auth_token=settings.twilio_previous_auth_token,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        from_number=settings.twilio_from,
        page_number=settings.page_from,
        api_url=settings.twilio_api_url,
        public_url=settings.public_url,
        messages_per_second=settings.twilio_messages_per_second,
        concurrency=settings.twilio_concurrency,
    )
