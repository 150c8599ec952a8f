"""Mail to staff: a real SMTP conversation on loopback, and what each way in which it ends proves."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string

import pytest

from followup.carriers.carrier import Accepted, Cause, Refused, Unknown
from followup.carriers.mail import NoMailer, OutgoingMail, PretendMailer, SmtpMailer

MAIL = OutgoingMail("ab12", "ana@riverside.example", "Urgent reply, case 1042", "Urgent reply, case 1042. https://x/1")


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails; `refuse` is an answer instead of 250, by the command that gets it; `drop` hangs up there."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.mails: list[str] = []
        self.refuse: dict[str, str] = {}
        self.drop = ""

    @property
    def port(self) -> int:
        return self.server_address[1]


class Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 loopback")
        while line := self.rfile.readline().decode():
            command = line.split(" ")[0].split(":")[0].strip().upper()
            if command == self.server.drop:
                return
            if command == "QUIT":
                self._say("221 bye")
                return
            refused = self.server.refuse.get(command)
            if command == "DATA" and not refused:
                self._take()
            else:
                self._say(refused or "250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline().decode()) != ".\r\n":
            lines.append(line)
        self.server.mails.append("".join(lines))
        if self.server.drop == "END":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._say(self.server.refuse.get("END") or "250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def mailer(port: int) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, "pages@riverside.example", security="none", timeout=timedelta(seconds=5))


def test_a_mail_arrives_as_it_was_written_and_asks_for_no_automatic_answer(server: MailServer) -> None:
    assert mailer(server.port).post(MAIL) == Accepted("mail:ab12")

    [written] = [message_from_string(mail) for mail in server.mails]
    assert (written["To"], written["From"], written["Subject"]) == (MAIL.to, "pages@riverside.example", MAIL.subject)
    assert written["Auto-Submitted"] == "auto-generated"
    assert written.get_payload().strip() == MAIL.body


@pytest.mark.parametrize(
    ("refuse", "cause"),
    [
        pytest.param({"RCPT": "550 nobody"}, Cause.NUMBER, id="no such address"),
        pytest.param({"MAIL": "550 not you"}, Cause.SENDER, id="sender refused"),
        pytest.param({"DATA": "451 later"}, Cause.SENDER, id="not now"),
        pytest.param({"END": "554 spam"}, Cause.SENDER, id="refused at the end"),
    ],
)
def test_a_servers_no_is_a_refusal(server: MailServer, refuse: dict[str, str], cause: Cause) -> None:
    server.refuse = refuse

    outcome = mailer(server.port).post(MAIL)

    assert isinstance(outcome, Refused)
    assert outcome.cause == cause
    assert MAIL.to not in outcome.words


def test_a_server_that_hangs_up_after_the_data_may_have_it(server: MailServer) -> None:
    server.drop = "END"

    assert isinstance(mailer(server.port).post(MAIL), Unknown)


def test_a_server_that_is_not_there_has_nothing() -> None:
    outcome = mailer(_closed_port()).post(MAIL)

    assert isinstance(outcome, Refused)
    assert outcome.cause == Cause.TRANSIENT


def test_without_a_mail_server_nobody_is_reached_by_mail() -> None:
    assert not NoMailer().is_on
    assert isinstance(NoMailer().post(MAIL), Refused)


def test_the_pretended_one_keeps_what_it_was_given() -> None:
    pretended = PretendMailer()

    pretended.post(MAIL)

    assert pretended.mails == [MAIL]


def _closed_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]
