"""What can befall one POST of a text at the Twilio-shaped server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Behaviour:
    """How one POST of a text is treated. Use the names below or make one."""

    accepts: bool = True
    status: int = 201
    code: int | None = None
    retry_after: str | None = None
    waits: float = 0.0
    """Seconds before the answer; the text is accepted before the wait."""
    answers: str = "whole"
    """`whole`, `nothing` (the connection is closed) or `half` (closed in the middle of the answer)."""


ACCEPT = Behaviour()
ACCEPT_THEN_DROP = Behaviour(answers="nothing")
DROP_BEFORE = Behaviour(accepts=False, answers="nothing")
TRUNCATED = Behaviour(answers="half")
ERROR_BEFORE = Behaviour(accepts=False, status=500, code=20500)
ERROR_AFTER = Behaviour(status=500, code=20500)
TOO_MANY = Behaviour(accepts=False, status=429, code=20429, retry_after="7")
OPTED_OUT = Behaviour(accepts=False, status=400, code=21610)


def refuse(code: int | None, *, status: int = 400) -> Behaviour:
    """An error answer; without a code it is not Twilio's JSON, like a proxy's page."""
    return Behaviour(accepts=False, status=status, code=code)


def slow(seconds: float) -> Behaviour:
    """Accepts, and answers after so long, or when the server is stopped."""
    return Behaviour(waits=seconds)
