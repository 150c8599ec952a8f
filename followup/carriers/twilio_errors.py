"""What went wrong at Twilio, sorted by one question: can it have the text, or certainly not?

Codes: Twilio's error dictionary (twilio.com/docs/api/errors). The causes are our reading of what it says. The
words are for staff and are ours as well: Twilio's own error text may contain the number.
"""

from datetime import timedelta

from aiohttp import ClientConnectorError, ConnectionTimeoutError

from followup.carriers.carrier import Accepted, Cause, Outcome, Refused, Unknown

CAUSES: dict[int, tuple[Cause, str]] = {
    # The recipient replied STOP, or a compliance block of the account says never to text them.
    21610: (Cause.OPTED_OUT, "the recipient has opted out at the carrier"),
    30640: (Cause.OPTED_OUT, "the recipient is on a do-not-text list of the account"),
    # This number cannot be texted; others can.
    21211: (Cause.NUMBER, "the number is not valid"),
    21217: (Cause.NUMBER, "the number does not appear to be valid"),
    21604: (Cause.NUMBER, "the number is missing"),
    21612: (Cause.NUMBER, "the number cannot be reached by text from our sender"),
    21614: (Cause.NUMBER, "the number is not a mobile number"),
    21635: (Cause.NUMBER, "the number is a landline"),
    30004: (Cause.NUMBER, "blocked for this number; on toll-free senders also a STOP"),
    30005: (Cause.NUMBER, "the handset is unknown or has been away for long"),
    30006: (Cause.NUMBER, "a landline, or a network that cannot be reached"),
    # Our account or sender: every text would fail alike.
    20003: (Cause.SENDER, "the credentials are wrong"),
    20005: (Cause.SENDER, "the account is not active"),
    20404: (Cause.SENDER, "the account or service was not found"),
    21212: (Cause.SENDER, "the sender number is not valid"),
    21408: (Cause.SENDER, "the account may not text this region"),
    21603: (Cause.SENDER, "no sender number or messaging service was given"),
    21606: (Cause.SENDER, "the sender number cannot send texts"),
    21608: (Cause.SENDER, "a trial account may text verified numbers only"),
    21659: (Cause.SENDER, "the sender number is not Twilio's"),
    21660: (Cause.SENDER, "the sender number belongs to another account"),
    21703: (Cause.SENDER, "the messaging service has no sender for this number"),
    21704: (Cause.SENDER, "the messaging service has no senders"),
    21705: (Cause.SENDER, "the messaging service is not valid"),
    30002: (Cause.SENDER, "the account is suspended"),
    30010: (Cause.SENDER, "the account's price limit was met"),
    30024: (Cause.SENDER, "the sender is not set up at the network"),
    30032: (Cause.SENDER, "the toll-free sender is not verified"),
    30034: (Cause.SENDER, "the sender is not registered for A2P 10DLC"),
    30035: (Cause.SENDER, "the sender is still being set up for A2P 10DLC"),
    # This text will not pass, whoever gets it.
    21602: (Cause.CONTENT, "the text is empty"),
    21617: (Cause.CONTENT, "the text is longer than 1600 characters"),
    30007: (Cause.CONTENT, "filtered by the network because of its words"),
    30019: (Cause.CONTENT, "the text is too large for the network"),
    30450: (Cause.CONTENT, "blocked as suspected fraud"),
    # Too much at once: wait, then try again.
    20429: (Cause.RATE, "too many requests at once"),
    21611: (Cause.RATE, "the sender's queue is full"),
    30001: (Cause.RATE, "the queue is full"),
    30022: (Cause.RATE, "over the A2P 10DLC rate"),
    30023: (Cause.RATE, "over the A2P 10DLC daily cap"),
    30027: (Cause.RATE, "over T-Mobile's daily limit"),
    35125: (Cause.RATE, "too many texts are scheduled"),
    63038: (Cause.RATE, "over the account's daily limit"),
    # It may well work later, if the text is still wanted by then.
    30003: (Cause.TRANSIENT, "the handset could not be reached"),
    30008: (Cause.TRANSIENT, "the network gave no reason"),
    30017: (Cause.TRANSIENT, "the network is congested"),
    30036: (Cause.TRANSIENT, "waited too long in the carrier's queue and was dropped"),
    30410: (Cause.TRANSIENT, "the network did not answer in time"),
    30610: (Cause.TRANSIENT, "held back by the carrier's own quiet hours"),
}

ABOUT_THE_ACCOUNT = frozenset({401, 402, 403, 404, 407})
"""HTTP statuses about our account or the way there: until that is mended no text can pass."""

MAY_HAVE_BEEN_DONE = frozenset({408, 409, 425})
"""The only 4xx answers that do not prove that nothing was done (timeout, conflict, too early)."""

NOT_IN_THE_TABLE = "not a code we know; see Twilio's error dictionary"


class ErrorAnswer(Exception):
    """Twilio answered with an error status; this holds neither number nor text."""

    def __init__(self, *, status: int, code: int | None, retry_after: timedelta | None) -> None:
        super().__init__(f"HTTP {status}" + (f", Twilio {code}" if code else ""))
        self.status = status
        self.code = code
        self.retry_after = retry_after


class HeldBack(Exception):
    """The caller said at the last moment that this attempt may not be made any more."""


def cause_of(code: int | None) -> tuple[Cause, str]:
    """Whose fault this code is, and words for staff.

    A code that is not in the table counts as CONTENT, the one cause that means what we want for it: this text
    has failed, is not tried again, and staff see it, while the number and the sender stay in use. Twilio adds
    codes without notice and asks not to build on them.
    """
    return CAUSES.get(code or 0, (Cause.CONTENT, NOT_IN_THE_TABLE))


def outcome_of_answer(status: int, sid: str | None) -> Outcome:
    """Only 201 with a SID is a promise; anything else that is not an error answer is unknown."""
    if status == 201 and sid:
        return Accepted(sid)
    return Unknown(f"HTTP {status} without a message SID")


def outcome_of_error(error: Exception) -> Refused | Unknown:
    """What an exception around the POST proves.

    A request lost before Twilio acted and an answer lost after it look the same, so everything that is not a
    certain refusal is unknown.
    """
    match error:
        case ErrorAnswer():
            return _outcome_of_error_answer(error)
        case HeldBack():
            return Refused(Cause.HELD, None, "held back before the call")
        case ClientConnectorError() | ConnectionTimeoutError():
            # Refused, DNS, TLS handshake, connect timeout: aiohttp raises these before a connection stands.
            return Refused(Cause.TRANSIENT, None, f"no connection to Twilio ({type(error).__name__})")
        case TimeoutError():
            return Unknown("Twilio did not answer in time")
        case _:
            # Only the type: messages of the SDK and of aiohttp may hold the number.
            return Unknown(f"the answer was lost ({type(error).__name__})")


def _outcome_of_error_answer(answer: ErrorAnswer) -> Refused | Unknown:
    if answer.status == 429:
        # Twilio never acts on a 429, whatever code rides on it.
        return Refused(Cause.RATE, answer.code, str(answer), answer.retry_after)
    if not 400 <= answer.status < 500 or answer.status in MAY_HAVE_BEEN_DONE:
        return Unknown(str(answer))
    code = answer.code
    if answer.status in ABOUT_THE_ACCOUNT and code not in CAUSES:
        return Refused(Cause.SENDER, code, f"{answer}: the account or the address is refused")
    cause, words = cause_of(code)
    return Refused(cause, code, f"{answer}: {words}", answer.retry_after)
