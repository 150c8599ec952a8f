"""Whether a text may leave at this moment: asked in the claim, when everything is known that will be known."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from followup.rules.caps import PER_DAY, PER_WEEK, TOO_MANY_THAT_DAY, TOO_MANY_THAT_WEEK
from followup.rules.quiet_hours import PROMPTS, SENDING, STAFF, Hours

LOOK_AGAIN = timedelta(minutes=1)
"""How soon to look again where nobody can say when the reason to wait will be gone."""
LOOK_AGAIN_UNREAD = timedelta(seconds=1)
LOOK_AGAIN_DOUBT = timedelta(seconds=2)
LOOK_AGAIN_BROKEN = timedelta(minutes=10)
"""Thousands may wait for a broken sender; when it works again all of them are woken."""
CONVERSATION = timedelta(hours=2)
"""A patient who wrote within this time is awake and waits: a person may answer at any hour."""
WITHDREW = "the patient withdrew consent"
COMPANION_SENT_STOP = "the companion sent STOP"
BOOKED = "an appointment is booked"
NOBODY_ON_ROTA, NOBODY_THERE = "nobody is on the rota", "nobody is there to read an answer"
NOBODY_READS = (NOBODY_ON_ROTA, NOBODY_THERE)
"""Why a question waits."""
NO_NUMBER = "there is no number that can be texted"

Purpose = Literal["step", "answer", "staff", "page"]


@dataclass(frozen=True)
class Claim:
    """What is known of one message and its patient in the moment of the claim."""

    purpose: Purpose
    is_prompt: bool
    """It invites an answer."""
    gives_way: bool
    use_by_at: datetime
    hours: Hours
    phone: str | None
    phone_fault: str | None = None
    """What the carrier knows against the number."""
    deceased: bool = False
    opted_out: bool = False
    companion_opted_out: bool = False
    """Of a text to the companion: they sent STOP."""
    consent: str | None = None
    needs_recorded_consent: bool = True
    cancelled_because: str | None = None
    """Its session, appointment or plan is gone."""
    booked: bool = False
    """It is for patients with nothing booked, and something is."""
    paused: str | None = None
    """Who paused the patient's texts, in words."""
    condition_fails: str | None = None
    """Why it is not for this patient after all, in words: what was answered, or not."""
    sending_off: str | None = None
    """Which switch is off, in words."""
    not_live: str | None = None
    """What the clinic still lacks before the real carrier may send, in words."""
    nobody_reads: str | None = None
    """Why an answer would find no reader, in words."""
    allow_listed: bool = True
    schedule_stopped: str | None = None
    """Who stopped its schedule, in words."""
    broken: str | None = None
    """Why its sender does not work at present, in words."""
    broken_until: datetime | None = None
    """When the next text may try."""
    number_in_doubt: bool = False
    """Another text to this number is on its way, or may be: a second one would make its trace ambiguous."""
    urgent_case_open: bool = False
    unread_reply: bool = False
    """Something came from this number that nobody has understood yet: it may be STOP."""
    wrote_at: datetime | None = None
    overtaken: bool = False
    """It is late, and another text that was due meanwhile says more or has just been sent."""
    texts_today: int = 0
    texts_this_week: int = 0


@dataclass(frozen=True)
class Send:
    """It may leave now, and at the latest at `until`."""

    until: datetime


@dataclass(frozen=True)
class Wait:
    """It stays planned; look again then. `why` is for staff."""

    until: datetime
    why: str


@dataclass(frozen=True)
class End:
    """It will never leave. `why` is for staff."""

    status: Literal["suppressed", "cancelled", "expired"]
    why: str


Verdict = Send | Wait | End


def may_send(claim: Claim, *, now: datetime) -> Verdict:
    """The verdict on one message. Pages to staff always leave; answers are stopped by STOP, death and switch only."""
    if claim.purpose == "page":
        return Send(until=claim.use_by_at)
    return (
        _never(claim, now=now)
        or _off(claim, now=now)
        or _doubtful(claim, now=now)
        or (Send(until=claim.use_by_at) if claim.purpose == "answer" else None)
        or _held(claim, now=now)
        or _at_this_hour(claim, now=now)
    )


def _never(claim: Claim, *, now: datetime) -> End | None:
    if claim.deceased:
        return End("cancelled", "the patient died")
    if claim.opted_out:
        return End("suppressed", "the patient sent STOP")
    if claim.companion_opted_out:
        return End("suppressed", COMPANION_SENT_STOP)
    if claim.cancelled_because:
        return End("cancelled", claim.cancelled_because)
    if claim.booked:
        return End("cancelled", BOOKED)
    if claim.paused:
        return End("cancelled", claim.paused)
    if claim.condition_fails and not claim.unread_reply:  # It may be the answer.
        return End("cancelled", claim.condition_fails)
    if now >= claim.use_by_at:
        return End("expired", "too late to be of use")
    if claim.phone is None:
        return End("suppressed", NO_NUMBER)
    if claim.phone_fault:
        return End("suppressed", f"the number cannot be texted: {claim.phone_fault}")
    if claim.purpose != "answer" and claim.consent == "revoked":
        return End("suppressed", WITHDREW)
    return None


def _off(claim: Claim, *, now: datetime) -> Wait | End | None:
    if claim.sending_off:
        return Wait(now + LOOK_AGAIN, claim.sending_off)
    if not claim.allow_listed:
        return End("suppressed", "the number is not on the list of allowed numbers")
    if claim.not_live:
        return Wait(now + LOOK_AGAIN, claim.not_live)
    return None


def _doubtful(claim: Claim, *, now: datetime) -> Wait | None:
    if claim.number_in_doubt:
        return Wait(now + LOOK_AGAIN_DOUBT, "another text to this number is on its way, or may be")
    return None


def _held(claim: Claim, *, now: datetime) -> Wait | End | None:
    if claim.schedule_stopped:
        return Wait(now + LOOK_AGAIN, claim.schedule_stopped)
    if claim.broken and claim.broken_until and now < claim.broken_until:
        return Wait(max(claim.broken_until, now + LOOK_AGAIN_BROKEN), claim.broken)
    if claim.unread_reply:
        return Wait(now + LOOK_AGAIN_UNREAD, "a reply from this number is being read")
    if claim.purpose == "staff":
        return None
    if claim.needs_recorded_consent and claim.consent is None:
        return Wait(now + LOOK_AGAIN, "no consent on record")
    if claim.urgent_case_open:
        return Wait(now + LOOK_AGAIN, "an urgent case holds texts until a person lets them go on")
    if claim.overtaken:
        return End("expired", "late, and another text took its place: one to catch up, never a burst")
    if claim.gives_way and claim.texts_today >= PER_DAY:
        return End("suppressed", TOO_MANY_THAT_DAY)
    if claim.gives_way and claim.texts_this_week >= PER_WEEK:
        return End("suppressed", TOO_MANY_THAT_WEEK)
    if claim.is_prompt and claim.nobody_reads:
        return Wait(now + LOOK_AGAIN, claim.nobody_reads)
    return None


def _at_this_hour(claim: Claim, *, now: datetime) -> Verdict:
    """Texts leave inside their window; whoever wrote just now is answered by a person at any hour."""
    if claim.purpose == "staff" and claim.wrote_at and now - claim.wrote_at <= CONVERSATION:
        return Send(until=claim.use_by_at)
    window = STAFF if claim.purpose == "staff" else PROMPTS if claim.is_prompt else SENDING
    allowed_at = claim.hours.first_allowed(now, window)
    if allowed_at is None or allowed_at >= claim.use_by_at:
        return End("expired", "the next decent hour on the patient's clock is too late")
    if allowed_at > now:
        is_quiet = not replace(claim.hours, staffed=None).is_allowed(now, window)
        return Wait(allowed_at, "quiet hours on the patient's clock" if is_quiet else NOBODY_THERE)
    return Send(until=min(claim.use_by_at, claim.hours.closes_after(now, window)))
