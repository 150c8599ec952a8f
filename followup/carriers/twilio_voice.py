"""What Twilio is told to say on a call, and what it tells of one. TwiML: twilio.com/docs/voice/twiml."""

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from followup.carriers.carrier import BadCallback, CallReport
from followup.carriers.twilio_forms import CALL_SID, check_account, matching

KEY_SECONDS = 8
"""How long it waits for the key each time."""
STATUSES = {
    "queued": "ringing",
    "initiated": "ringing",
    "ringing": "ringing",
    "in-progress": "answered",
    "answered": "answered",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no-answer",
    "failed": "failed",
    "canceled": "failed",
}


def ask_for_key(words: str, *, then: str) -> str:
    """Says the words twice and waits for one key each time; the key is posted to `then`, an address of ours."""
    gather = (
        f'<Gather numDigits="1" timeout="{KEY_SECONDS}" method="POST" action={quoteattr(then)}>{_said(words)}</Gather>'
    )
    return f"<Response>{gather}{gather}{_said('No key was pressed. Goodbye.')}</Response>"


def say(words: str) -> str:
    """Says the words and hangs up."""
    return f"<Response>{_said(words)}</Response>"


def _said(words: str) -> str:
    return f"<Say>{escape(words)}</Say>"


def read_call(form: Mapping[str, str], *, account_sid: str) -> CallReport:
    """Raises BadCallback."""
    sid = matching(form, "CallSid", CALL_SID)
    check_account(form, account_sid)
    status = STATUSES.get(form.get("CallStatus", ""))
    if status is None:
        raise BadCallback("CallStatus is none of the statuses of a call")
    return CallReport(sid=sid, status=status, key=form.get("Digits") or None)
