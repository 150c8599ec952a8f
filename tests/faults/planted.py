"""Faults that somebody might make, and the tests that must notice. `make mutants` plants one after the other."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    """Below the root of the repository."""
    old: str
    """Stands there exactly once."""
    new: str
    tests: tuple[str, ...]
    """At least one of them fails."""


MACHINE = ("tests/flow/test_sending_machine.py",)
RECONCILE = ("tests/flow/test_reconcile.py",)
SENDING = ("tests/flow/test_send_due.py",)
TWILIO = ("tests/carriers/test_twilio.py",)
LADDER = ("tests/rules/test_ladder.py",)
PAGES = ("tests/flow/test_page_staff.py",)
LAST_LOOK = ("tests/flow/test_last_look.py",)

FAULTS = (
    Fault(
        "no quiet period",
        "followup/rules/doubt.py",
        "    return now >= doubted_at + quiet\n",
        "    return now >= doubted_at\n",
        ("tests/rules/test_doubt.py", *RECONCILE),
    ),
    Fault(
        "no quiet period, by the machine alone",
        "followup/rules/doubt.py",
        "    return now >= doubted_at + quiet\n",
        "    return now >= doubted_at\n",
        MACHINE,
    ),
    Fault("one look instead of two", "followup/rules/doubt.py", "LOOKS_NEEDED = 2\n", "LOOKS_NEEDED = 1\n", RECONCILE),
    Fault(
        "a body that is only like it",
        "followup/rules/doubt.py",
        "        if body in bodies and created_at",
        "        if body.strip() in bodies and created_at",
        ("tests/rules/test_doubt.py",),
    ),
    Fault(
        "SIDs known as other texts are not left out",
        "followup/rules/doubt.py",
        " and sid not in ours\n",
        "\n",
        ("tests/rules/test_doubt.py",),
    ),
    Fault(
        "SIDs known as other texts are not looked up",
        "followup/store/attempts.py",
        "    return {sid for sid in [*db.exec(by_attempt), *db.exec(by_message)] if sid}\n",
        "    return set()\n",
        (*RECONCILE, *MACHINE),
    ),
    Fault(
        "an unknown outcome is simply tried again",
        "followup/flow/record_outcomes.py",
        "            if is_ours:\n                doubt(db, message, now=now)\n",
        '            if is_ours:\n                _try_again(db, message, HELD_PAUSE, "lost", now=now)\n',
        MACHINE,
    ),
    Fault(
        "a 5xx counts as refused",
        "followup/carriers/twilio_errors.py",
        "    if not 400 <= answer.status < 500 or answer.status in MAY_HAVE_BEEN_DONE:\n"
        "        return Unknown(str(answer))\n",
        "    if not 400 <= answer.status < 500 or answer.status in MAY_HAVE_BEEN_DONE:\n"
        "        return Refused(Cause.TRANSIENT, None, str(answer))\n",
        TWILIO,
    ),
    Fault(
        "a 429 counts as unknown",
        "followup/carriers/twilio_errors.py",
        "        return Refused(Cause.RATE, answer.code, str(answer), answer.retry_after)\n",
        "        return Unknown(str(answer))\n",
        TWILIO,
    ),
    Fault(
        "the SDK's client tries again",
        "followup/carriers/twilio_http.py",
        "        if answer.status >= 400:\n",
        '        if answer.status >= 500 and method == "POST" and not (headers or {}).get("again"):\n'
        '            more = {**(headers or {}), "again": "1"}\n'
        "            return await self.request(method, url, params, data, more, auth, timeout)\n"
        "        if answer.status >= 400:\n",
        TWILIO,
    ),
    Fault(
        "marked as accepted before it is sent",
        "followup/flow/claim_texts.py",
        "    message.segments = count_segments(message.text).segments\n",
        '    message.segments = count_segments(message.text).segments\n    message.status = "accepted"\n',
        (*MACHINE, *SENDING),
    ),
    Fault(
        "an older claim may record",
        "followup/flow/record_outcomes.py",
        "    is_ours = message.fence == attempt.fence\n",
        "    is_ours = True\n",
        ("tests/flow/test_older_claims.py",),
    ),
    Fault(
        "consent is not looked at in the claim",
        "followup/rules/consent.py",
        '    if claim.purpose != "answer" and claim.consent == "revoked":\n',
        '    if claim.purpose == "page" and claim.consent == "revoked":\n',
        ("tests/rules/test_consent.py",),
    ),
    Fault(
        "STOP is not looked at in the claim",
        "followup/rules/consent.py",
        "    if claim.opted_out:\n",
        "    if claim.opted_out and claim.deceased:\n",
        ("tests/rules/test_consent.py",),
    ),
    Fault(
        "no last look at consent and STOP",
        "followup/flow/last_look.py",
        "        return may_still_leave(standing, seal=seal_of(patient, text.to, text.body), number=text.to)\n",
        "        return standing.is_claimed\n",
        (*LAST_LOOK, *MACHINE),
    ),
    Fault(
        "no look at the lease before the write",
        "followup/flow/last_look.py",
        "clock() >= give_up_at:\n",
        "clock() >= give_up_at and not texts:\n",
        LAST_LOOK,
    ),
    Fault(
        "the carrier does not ask before the write",
        "followup/carriers/twilio_http.py",
        "        if not allowed:\n",
        "        if not allowed and may_leave is None:\n",
        TWILIO,
    ),
    Fault(
        "commits are not on the disk (synchronous=NORMAL)",
        "followup/store/database.py",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = NORMAL",
        ("tests/store/test_database.py",),
    ),
    Fault(
        "replies are not told apart by their SID",
        "followup/store/replies.py",
        '.on_conflict_do_nothing(index_elements=["carrier_sid"])',
        "",
        ("tests/flow/test_receive_reply.py",),
    ),
    Fault(
        "a reply is acknowledged before it is committed",
        "followup/web/twilio_hooks.py",
        "        await asyncio.wrap_future(request.app.state.reply_writer.put(text))\n",
        "        request.app.state.reply_writer.put(text)\n",
        ("tests/web/test_twilio_hooks.py",),
    ),
    Fault(
        "days are 24 hours (naive DST)",
        "followup/rules/planning.py",
        "        return at_wall_clock(day, step.at, session.zone)\n",
        "        zone, first = session.zone, day - timedelta(days=step.days_after)\n"
        "        return at_wall_clock(first, step.at, zone) + timedelta(days=step.days_after)\n",
        ("tests/rules/test_planning.py", "tests/rules/test_planning_properties.py"),
    ),
    Fault(
        "an hour that the clock leaves out is not noticed",
        "followup/rules/quiet_hours.py",
        "    return _end_of_gap(local, zone)\n",
        "    return instant\n",
        ("tests/rules/test_quiet_hours.py",),
    ),
    Fault(
        "hours are not looked at",
        "followup/rules/consent.py",
        "    if allowed_at > now:\n",
        "    if allowed_at > now and claim.deceased:\n",
        ("tests/rules/test_consent.py", *MACHINE),
    ),
    Fault(
        "use-by is not looked at",
        "followup/rules/consent.py",
        "    if now >= claim.use_by_at:\n",
        "    if now >= claim.use_by_at and claim.deceased:\n",
        ("tests/rules/test_consent.py",),
    ),
    Fault(
        "all that was missed is caught up at once",
        "followup/rules/planning.py",
        "if message not in late[:-1]]",
        "if message not in late[:0]]",
        ("tests/rules/test_planning.py", "tests/rules/test_planning_properties.py"),
    ),
    Fault(
        "callbacks do not look at their token",
        "followup/flow/track_delivery.py",
        ".get(token) if token else None\n",
        '.get(token) if token == "" else None\n',
        (*RECONCILE, "tests/flow/test_track_delivery.py"),
    ),
    Fault(
        "a final status moves back",
        "followup/rules/delivery.py",
        '    "delivered": frozenset(),\n',
        '    "delivered": frozenset({"sent"}),\n',
        ("tests/rules/test_delivery.py", *MACHINE),
    ),
    Fault(
        "the kill switch is not looked at in the claim",
        "followup/rules/consent.py",
        "    if claim.sending_off:\n",
        "    if claim.sending_off and claim.deceased:\n",
        ("tests/rules/test_consent.py", *SENDING),
    ),
    Fault(
        "a dead process's claims are never doubted",
        "followup/flow/reconcile.py",
        "    doubt_stale_claims(database=database, now=now)\n",
        "",
        (*RECONCILE, *MACHINE),
    ),
    Fault(
        "a clean look counts twice",
        "followup/flow/reconcile.py",
        "        attempt.clean_looks += 1\n",
        "        attempt.clean_looks += 2\n",
        RECONCILE,
    ),
    Fault(
        "ladder: a refused page does not climb",
        "followup/rules/ladder.py",
        '    return "refused" in outcomes or ',
        "    return ",
        (*LADDER, *PAGES),
    ),
    Fault(
        "ladder: without a director it stops",
        "followup/rules/ladder.py",
        "    elif step == DIRECTOR and directors:\n",
        "    elif step == DIRECTOR:\n",
        LADDER,
    ),
    Fault(
        "ladder: acknowledging does not stop it",
        "followup/flow/acknowledge.py",
        "    climb.ended_at = now\n",
        "",
        PAGES,
    ),
    Fault(
        "ladder: a call is made without a claim",
        "followup/store/pages.py",
        '        .where(col(Page.id) == page_id, col(Page.outcome) == "waiting")\n        .values(outcome="calling"',
        '        .where(col(Page.id) == page_id)\n        .values(outcome="calling"',
        PAGES,
    ),
    Fault(
        "ladder: a call that was lost is made again",
        "followup/store/pages.py",
        '        .values(outcome="unknown", reason="the process that made it is gone")\n',
        '        .values(outcome="waiting", reason="the process that made it is gone")\n',
        PAGES,
    ),
    Fault(
        "ladder: any phone acknowledges",
        "followup/flow/hear_pager.py",
        "    staff = rota.staff_with_phone(db, reply.sender)\n",
        "    staff = [each.staff for c in people.all_clinics(db) for each in rota.reachable_staff(db, c.id)]\n",
        ("tests/flow/test_hear_pager.py",),
    ),
    Fault(
        "ladder: closing lets automatic texts go on",
        "followup/flow/work_case.py",
        '    if case.level == "urgent" and case.patient_id:\n        holds',
        "    if False:\n        holds",
        ("tests/flow/test_lift_hold.py",),
    ),
    Fault(
        "ladder: in safe mode no page leaves",
        "followup/flow/claim_texts.py",
        "        claimed = _claim(db, rules, pages_only=pulse.behind_fence_at is not None, now=now)\n",
        "        claimed = [] if pulse.behind_fence_at else _claim(db, rules, pages_only=False, now=now)\n",
        PAGES,
    ),
)
