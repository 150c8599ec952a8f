"""E-mail to staff, through a mail server of the clinic's own. Off where none is set."""

import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Literal, Protocol

from followup.carriers.carrier import Accepted, Cause, Outcome, Refused, Unknown

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class OutgoingMail:
    """One mail to one person."""

    token: str
    to: str
    subject: str
    body: str


class Mailer(Protocol):
    """A mail server, none, or a pretended one."""

    @property
    def is_on(self) -> bool:
        """False: nobody can be reached by mail."""
        ...

    def post(self, mail: OutgoingMail) -> Outcome:
        """Hand it over, once. Anything that is no certain refusal is `Unknown`."""
        ...


class NoMailer:
    """No mail server is set: nobody is reached by mail."""

    is_on = False

    def post(self, mail: OutgoingMail) -> Outcome:
        return Refused(Cause.SENDER, None, "no mail server is set (FOLLOWUP_MAIL_HOST)")


@dataclass
class PretendMailer:
    """Mails stay in memory. For tests and the demonstration."""

    is_on: bool = True
    mails: list[OutgoingMail] = field(default_factory=list)
    refuses: bool = False

    def post(self, mail: OutgoingMail) -> Outcome:
        if self.refuses:
            return Refused(Cause.SENDER, None, "refused by the pretend mail server")
        self.mails.append(mail)
        return Accepted(f"mail:{mail.token}")


@dataclass(frozen=True)
class SmtpMailer:
    """A real mail server. Each mail has a connection of its own: there are few, and an idle one would be closed."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Security = "starttls"
    timeout: timedelta = timedelta(seconds=10)
    is_on: bool = True

    def post(self, mail: OutgoingMail) -> Outcome:
        """See `Mailer.post`. RFC 5321, 4.2.5: only an answer to the end of the data says that the server has it."""
        is_handing_over = False
        try:
            with self._connect() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password or "")
                is_handing_over = True
                server.send_message(self._written(mail))
        except smtplib.SMTPRecipientsRefused:
            return Refused(Cause.NUMBER, None, "the mail server does not take this address")
        except smtplib.SMTPResponseException as error:
            # Only the code: the server's words may hold the address.
            return Refused(Cause.SENDER, error.smtp_code, f"the mail server refused it ({error.smtp_code})")
        except (smtplib.SMTPException, OSError) as error:
            if is_handing_over:
                return Unknown(f"the mail server's answer was lost ({type(error).__name__})")
            return Refused(Cause.TRANSIENT, None, f"no connection to the mail server ({type(error).__name__})")
        return Accepted(f"mail:{mail.token}")

    def _connect(self) -> smtplib.SMTP:
        seconds = self.timeout.total_seconds()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=ssl.create_default_context())
        return smtplib.SMTP(self.host, self.port, timeout=seconds)

    def _written(self, mail: OutgoingMail) -> EmailMessage:
        written = EmailMessage()
        written["From"], written["To"], written["Subject"] = self.sender, mail.to, mail.subject
        written["Message-ID"] = f"<{mail.token}@{self.sender.rpartition('@')[2] or socket.gethostname()}>"
        written["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers.
        written.set_content(mail.body)
        return written
