"""What Twilio's callback forms say, read strictly.

A verified signature does not make a form trustworthy: it joins names and values without a delimiter, so a form
that is cut elsewhere (`Body=YES`, `From=+1..` or `Body=YESFrom+1..`) carries the same signature. Known fields
must therefore have exactly their shape. Unknown fields are ignored, because Twilio adds some without notice
(twilio.com/docs/messaging/guides/webhook-request).
"""

import re
from collections.abc import Mapping

from followup.carriers.carrier import BadCallback, IncomingText, StatusReport
from followup.carriers.twilio_errors import cause_of

MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-f]{32}")
CALL_SID = re.compile(r"CA[0-9a-f]{32}")
E164_OR_SHORT_CODE = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")
SMALL_NUMBER = re.compile(r"[0-9]{1,4}")
ERROR_CODE = re.compile(r"[0-9]{1,6}")
OPT_OUT_TYPES = {"STOP": "stop", "START": "start", "HELP": "help"}
"""`OptOutType`: only with Advanced Opt-Out, whose words a clinic may choose (facts/twilio 1.5)."""

STATUSES = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "partially_delivered": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


def read_status(form: Mapping[str, str], *, account_sid: str) -> StatusReport:
    """Raises BadCallback. `cause` is given for what failed with a code, else None."""
    sid = matching(form, "MessageSid", MESSAGE_SID)
    check_account(form, account_sid)
    if "To" in form:
        matching(form, "To", E164_OR_SHORT_CODE)
    status = STATUSES.get(form.get("MessageStatus", ""))
    if status is None:
        raise BadCallback("MessageStatus is none of the statuses of an outgoing text")
    code = int(matching(form, "ErrorCode", ERROR_CODE)) if form.get("ErrorCode") else None
    ended_badly = status in ("undelivered", "failed")
    return StatusReport(sid=sid, status=status, code=code, cause=cause_of(code)[0] if code and ended_badly else None)


def read_incoming(form: Mapping[str, str], *, account_sid: str, our_number: str | None) -> IncomingText:
    """Raises BadCallback. `From` may hold anything, also nothing; the body is kept whole and as it is."""
    sid = matching(form, "MessageSid", MESSAGE_SID)
    check_account(form, account_sid)
    if our_number is None or form.get("To") != our_number:
        matching(form, "To", E164_OR_SHORT_CODE)
    for name in ("From", "Body"):
        if name not in form:
            raise BadCallback(f"{name} is missing")
    return IncomingText(
        sid=sid,
        sender=form["From"],
        to=form["To"],
        body=form["Body"],
        media_count=int(matching(form, "NumMedia", SMALL_NUMBER)) if "NumMedia" in form else 0,
        opt_out=OPT_OUT_TYPES.get(
            form.get("OptOutType", "").upper()
        ),  # Of an unknown one the text is kept all the same.
    )


def check_account(form: Mapping[str, str], account_sid: str) -> None:
    """Raises BadCallback."""
    if form.get("AccountSid") != account_sid:
        raise BadCallback("AccountSid is not ours")


def matching(form: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    """The field, which has exactly this shape. Raises BadCallback."""
    value = form.get(name)
    if value is None or not pattern.fullmatch(value):
        # The value may be a number or a text, so it is not named.
        raise BadCallback(f"{name} is missing or does not have its shape")
    return value
