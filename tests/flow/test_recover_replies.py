"""What patients wrote while nobody answered the carrier: it is listed there, and everything is found once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.carriers.carrier import IncomingText
from followup.carriers.pretend import PretendCarrier
from followup.carriers.twilio import TwilioCarrier
from followup.flow.receive_reply import keep_replies, read_waiting_replies
from followup.flow.recover_replies import AT_ONCE, recover_replies
from followup.flow.transaction import transaction
from followup.store.pulse import lock_pulse
from followup.store.tables import Case, Message, OptOut, Pulse, Reply
from tests import twilio_server
from tests.databases import Broken
from tests.flow.stories import NOW, OUR_NUMBER, PHONE, STRANGER, Story, completed
from tests.reading import readers_of
from tests.twilio_server import TwilioServer

DAY = timedelta(days=1)


def recover(story: Story, carrier: Any = None) -> int:
    return recover_replies(database=story.database, carrier=carrier or story.carrier, now=story.now)


def read(story: Story) -> int:
    return read_waiting_replies(database=story.database, readers_of=readers_of, now=story.now)


def write(story: Story, body: str = "hello", *, sender: str = PHONE) -> IncomingText:
    """A patient writes, and the webhook is lost."""
    return story.carrier.write(sender=sender, to=OUR_NUMBER, body=body)


def looked_at(story: Story) -> datetime | None:
    return story.one(Pulse).replies_looked_at


class Listing(PretendCarrier):
    """Lists these texts, newest first, and breaks after as many as it is told. `since` is what it was asked for."""

    def __init__(
        self,
        story: Story,
        texts: Sequence[IncomingText] = (),
        *,
        breaks_after: int | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__(now=lambda: story.now)
        self.texts, self.breaks_after, self.meanwhile = texts, breaks_after, meanwhile
        self.since: list[datetime] = []

    def list_incoming(self, *, since: datetime) -> Iterator[IncomingText]:
        self.since.append(since)
        for number, text in enumerate(self.texts):
            if number == self.breaks_after:
                break
            self.meanwhile()
            yield text
        if self.breaks_after is not None:
            raise ConnectionError("no answer")


def texts(*bodies: str) -> list[IncomingText]:
    """As a carrier lists them: the last written first, all in the same second."""
    made = [
        IncomingText(sid=f"SM{number}", sender=PHONE, to=OUR_NUMBER, body=body, media_count=0, received_at=NOW)
        for number, body in enumerate(bodies)
    ]
    return made[::-1]


# Found -----------------------------------------------------------------------------------------------------


def test_a_text_that_came_while_we_were_down_is_found_and_says_so(story: Story) -> None:
    text = write(story, "a bit dizzy")
    story.now += timedelta(hours=2)

    assert recover(story) == 1

    kept = story.one(Reply)
    assert (kept.carrier_sid, kept.body, kept.sender) == (text.sid, "a bit dizzy", PHONE)
    assert (kept.recovered, kept.received_at) == (True, NOW)


def test_looking_again_finds_nothing_new(story: Story) -> None:
    write(story)
    recover(story)
    read(story)
    before = (story.all(Reply), story.all(Case))

    story.now += timedelta(minutes=2)

    assert (recover(story), read(story)) == (0, 0)
    assert (story.all(Reply), story.all(Case)) == before


def test_a_text_that_came_by_webhook_stays_as_it_is(story: Story) -> None:
    keep_replies(story.database, [write(story, "by webhook")], now=story.now)
    write(story, "lost")

    assert recover(story) == 1

    assert {reply.body: reply.recovered for reply in story.all(Reply)} == {"by webhook": False, "lost": True}


def test_a_webhook_that_comes_after_the_look_doubles_nothing(story: Story) -> None:
    text = write(story)
    recover(story)

    assert keep_replies(story.database, [text], now=story.now) == []
    assert len(story.all(Reply)) == 1


def test_what_was_found_is_read_like_any_other_text(story: Story) -> None:
    story.tell(completed())
    write(story, "STOP")
    write(story, "who is this?", sender=STRANGER)

    recover(story)
    assert read(story) == 2

    assert {message.status for message in story.all(Message)} == {"suppressed"}
    assert {case.reason for case in story.all(Case)} == {"Asks to stop texts", "Unknown number"}


@pytest.mark.parametrize(("words", "holds"), [(["START", "STOP"], True), (["STOP", "START"], False)], ids=str)
def test_the_last_word_counts_though_the_list_shows_it_first(story: Story, words: list[str], holds: bool) -> None:
    story.patient("Maria", phone=PHONE)

    recover(story, Listing(story, texts(*words)))
    read(story)

    assert any(row.lifted_at is None for row in story.all(OptOut)) == holds


def test_a_start_that_is_found_late_does_not_lift_a_stop_that_was_written_after_it(story: Story) -> None:
    story.patient("Maria", phone=PHONE)
    story.hear("STOP")
    story.now += timedelta(minutes=1)
    write(story, "START")
    story.now += timedelta(minutes=1)
    story.hear("STOP")

    recover(story)
    read(story)

    assert story.one(OptOut).lifted_at is None
    story.now += timedelta(minutes=1)
    story.hear("START")
    assert story.one(OptOut).lifted_at == story.now


def test_all_pages_are_read_however_many_they_are(small_story: Story) -> None:
    listing = texts(*(f"text {number}" for number in range(2 * AT_ONCE + 1)))

    assert recover(small_story, Listing(small_story, listing)) == len(listing)
    assert recover(small_story, Listing(small_story, listing)) == 0


def test_half_a_character_is_no_reason_to_lose_a_text(story: Story) -> None:
    assert recover(story, Listing(story, texts("fine \ud83d", "so\x00so"))) == 2

    assert {reply.body for reply in story.all(Reply)} == {"fine \N{REPLACEMENT CHARACTER}", "so\ufffdso"}


def test_others_may_write_while_the_carrier_is_asked(story: Story) -> None:
    def meanwhile() -> None:
        with transaction(story.database) as db:  # Waits 10 s and fails where somebody holds a transaction.
            lock_pulse(db, now=story.now)

    assert recover(story, Listing(story, texts("one", "two"), meanwhile=meanwhile)) == 2


# How far back ----------------------------------------------------------------------------------------------


def test_the_first_look_ever_reaches_back_one_day_and_the_next_ones_from_the_last(story: Story) -> None:
    listing = Listing(story)
    recover(story, listing)
    assert looked_at(story) == NOW

    story.now = NOW + timedelta(days=30)
    recover(story, listing)

    assert listing.since == [NOW - DAY, NOW - DAY]
    assert looked_at(story) == story.now


def test_a_database_from_a_backup_looks_as_far_back_as_it_is_old(story: Story) -> None:
    story.keep(Pulse(database_id=story.clinic.id, alive_at=NOW, replies_looked_at=NOW - 10 * DAY))
    listing = Listing(story)

    recover(story, listing)

    assert listing.since == [NOW - 11 * DAY]


def test_a_look_that_began_earlier_does_not_move_the_mark_back(story: Story) -> None:
    recover(story)
    story.now -= timedelta(minutes=5)

    recover(story)

    assert looked_at(story) == NOW


# When it fails ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("breaks_after", "found"), [(0, []), (2, ["four", "three"])], ids=["at once", "in the middle"])
def test_a_list_that_breaks_off_leaves_the_mark_and_what_was_listed_is_stored(
    story: Story, breaks_after: int, found: list[str]
) -> None:
    recover(story)
    listing = Listing(story, texts("one", "two", "three", "four"), breaks_after=breaks_after)
    story.now += DAY

    with pytest.raises(ConnectionError):
        recover(story, listing)

    assert {reply.body for reply in story.all(Reply)} == set(found)
    assert looked_at(story) == NOW
    listing.breaks_after = None
    assert recover(story, listing) == 4 - len(found)
    assert looked_at(story) == story.now


def test_a_database_that_refuses_leaves_the_mark(story: Story, break_inserts: Callable[..., Broken]) -> None:
    recover(story)
    write(story)
    story.now += timedelta(minutes=2)
    broken = break_inserts("reply", when="NEW.recovered = true")

    with pytest.raises(Exception, match="broken on purpose"):
        recover(story)
    assert looked_at(story) == NOW
    broken.mend()

    assert recover(story) == 1


# With the real SDK -----------------------------------------------------------------------------------------


def test_a_thousand_replies_of_an_outage_are_found_once_each_with_the_real_sdk(story: Story) -> None:
    with TwilioServer() as server:
        came = [server.records_inbound(PHONE, twilio_server.OUR_NUMBER, f"text {number}") for number in range(1_000)]
        by_webhook = IncomingText(
            sid=came[500], sender=PHONE, to=twilio_server.OUR_NUMBER, body="by webhook", media_count=0
        )
        keep_replies(story.database, [by_webhook], now=story.now)
        carrier = TwilioCarrier(
            account_sid=twilio_server.ACCOUNT_SID,
            auth_token=twilio_server.AUTH_TOKEN,
            from_number=twilio_server.OUR_NUMBER,
            public_url="https://clinic.example",
            api_url=server.url,
        )
        try:
            assert (recover(story, carrier), recover(story, carrier)) == (999, 0)
        finally:
            carrier.close()

    assert sorted(reply.carrier_sid for reply in story.all(Reply)) == sorted(came)
