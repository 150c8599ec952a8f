"""Who calls back, and what the form says: signatures with all their quirks, and forms read strictly."""

import base64
import hashlib
import hmac
from itertools import pairwise

import pytest
from twilio.request_validator import RequestValidator

from followup.carriers.carrier import BadCallback, Cause, IncomingText, StatusReport
from followup.carriers.twilio import SignedFields
from tests.twilio_server import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER

URL = "https://clinic.example/webhooks/twilio/inbound"
SID = "SM" + "0f" * 16
PREVIOUS_TOKEN = "01d" * 10 + "ab"
FORM = [("Body", "6 today"), ("From", "+12025550123"), ("MessageSid", SID)]


def signed(url, form, token=AUTH_TOKEN):
    return RequestValidator(token).compute_signature(url, SignedFields.of(form))


def signed_with_sha256(url, form):
    whole = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.new(AUTH_TOKEN.encode(), whole.encode(), hashlib.sha256).digest()).decode()


@pytest.mark.parametrize(
    ("signed_url", "called_url", "form"),
    [
        pytest.param(URL, URL, FORM, id="plain"),
        pytest.param("https://clinic.example:443/x", "https://clinic.example/x", FORM, id="signed with port"),
        pytest.param("https://clinic.example/x", "https://clinic.example:443/x", FORM, id="signed without port"),
        pytest.param("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x", FORM, id="port kept"),
        pytest.param("http://127.0.0.1:80/x", "http://127.0.0.1/x", FORM, id="http signed with port"),
        pytest.param("http://127.0.0.1/x", "http://127.0.0.1:80/x", FORM, id="http signed without port"),
        pytest.param("http://[::1]:8000/x", "http://[::1]:8000/x", FORM, id="IPv6 with port"),
        pytest.param(URL, URL + "#rc=3&rp=5xx,ct,rt", FORM, id="fragment of the settings"),
        pytest.param(URL + "?attempt=ab12", URL + "?attempt=ab12", FORM, id="query"),
        pytest.param(URL + "?b=2&a=1&a=0", URL + "?b=2&a=1&a=0", FORM, id="query in its own order"),
        pytest.param(URL + "?a=&b", URL + "?a=&b", FORM, id="query with blank values"),
        pytest.param(URL + "?a=%C3%A9%20%2B+x", URL + "?a=%C3%A9%20%2B+x", FORM, id="query as it was encoded"),
        pytest.param("https://clinic.example/a%20b", "https://clinic.example/a%20b", FORM, id="path as it was encoded"),
        pytest.param("https://clinic.example", "https://clinic.example", FORM, id="no path"),
        pytest.param("https://CLINIC.example/x", "https://CLINIC.example/x", FORM, id="capitals in the host"),
        pytest.param(URL, URL, [*FORM, ("FromCity", ""), ("FromZip", "")], id="blank values"),
        pytest.param(URL, URL, [("Body", "")], id="nothing but a blank value"),
        pytest.param(URL, URL, [("Body", "a&b=c%20+d#e?")], id="characters that addresses use"),
        pytest.param(URL, URL, [("Body", "e\u0301 \u00e9 \u202e\u200d\ufeff")], id="unicode is not normalized"),
        pytest.param(
            URL, URL, [("body", "small"), ("Body", "large"), ("_", "x"), ("1", "y")], id="names sort by bytes"
        ),
        pytest.param(URL, URL, [("É", "a"), ("Z", "b"), ("é", "c")], id="names that are not ASCII"),
        pytest.param(URL, URL, [("A", ""), ("A", "1"), ("A", "")], id="duplicates, one of them blank"),
        pytest.param(URL, URL, [("AddOns", '{"status":"successful"}')], id="JSON in a field"),
        pytest.param(URL, URL, [("Body", " ¿Qué tal? 😀\r\n\x00 ")], id="unicode, NUL and spaces"),
        pytest.param(URL, URL, [("A", "2"), ("A", "1"), ("A", "2")], id="duplicates"),
        pytest.param(URL, URL, [("ReasonConferenceEnded", "a"), ("Reason", "b")], id="name within a name"),
        pytest.param(URL, URL, [], id="empty form"),
    ],
)
def test_genuine_signature_verifies(carrier, signed_url, called_url, form):
    signature = signed(signed_url, form)
    assert carrier.verify(called_url, form, signature)
    assert carrier.verify(called_url, iter(form[::-1]), signature)


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        pytest.param(URL, FORM, None, id="missing header"),
        pytest.param(URL, FORM, "", id="empty header"),
        pytest.param(URL, FORM, "é" * 28, id="header not ASCII"),
        pytest.param(URL, FORM, signed(URL, FORM, "f" * 32), id="another token"),
        pytest.param(URL, FORM, signed(URL, FORM, PREVIOUS_TOKEN), id="old token, not configured"),
        pytest.param(URL, FORM, signed(URL, FORM).lower(), id="signature in small letters"),
        pytest.param(URL, FORM, " " + signed(URL, FORM), id="a space before the signature"),
        pytest.param(URL, FORM, signed(URL, FORM) + "," + signed(URL, FORM), id="the header twice"),
        pytest.param(URL, FORM, signed_with_sha256(URL, FORM), id="the algorithm of SharedKeys"),
        pytest.param(URL, FORM, signed(URL.replace("https", "http"), FORM), id="http for https"),
        pytest.param(URL, FORM, signed(URL.replace("inbound", "status"), FORM), id="another door"),
        pytest.param(URL, FORM, signed(URL + "/", FORM), id="a slash at the end"),
        pytest.param(URL, FORM[1:], signed(URL, FORM), id="field taken away"),
        pytest.param(URL, [*FORM, ("From", "+12025550199")], signed(URL, FORM), id="second value added"),
        pytest.param(URL, [("Body", "\u00e9")], signed(URL, [("Body", "e\u0301")]), id="unicode normalized"),
        pytest.param(URL, [("Body", "a b")], signed(URL, [("Body", "a+b")]), id="plus read as a space"),
        pytest.param(URL + "?a=%C3%A9", FORM, signed(URL + "?a=é", FORM), id="query decoded"),
        pytest.param(
            "https://user:pw@clinic.example/x", FORM, signed("https://clinic.example/x", FORM), id="user added"
        ),
        pytest.param(URL + "?attempt=1", FORM, signed(URL, FORM), id="query added"),
        pytest.param(URL, [*FORM, ("Extra", "")], signed(URL, FORM), id="blank field added"),
        pytest.param(URL, [("Body", "6 today ")], signed(URL, [("Body", "6 today")]), id="space added"),
        pytest.param("https://clinic.example:99999/x", FORM, signed(URL, FORM), id="junk port"),
        pytest.param("https://clinic.example:abc/x", FORM, signed(URL, FORM), id="port of letters"),
        pytest.param("https://[::1/x", FORM, signed(URL, FORM), id="bad IPv6"),
        pytest.param("", FORM, signed(URL, FORM), id="empty URL"),
        pytest.param(URL, [("Body", 6)], signed(URL, FORM), id="value that is no text"),
        pytest.param(URL, [("Body",)], signed(URL, FORM), id="pair that is no pair"),
        pytest.param(URL, [("Body", "\ud800")], signed(URL, FORM), id="half a surrogate"),
        pytest.param(URL + "?bodySHA256=00", FORM, signed(URL, FORM), id="the path for JSON"),
    ],
)
def test_anything_else_is_refused_without_an_exception(carrier, url, form, signature):
    assert carrier.verify(url, form, signature) is False


def test_previous_token_verifies_while_it_is_configured(make_carrier):
    carrier = make_carrier(previous_auth_token=PREVIOUS_TOKEN)
    assert carrier.verify(URL, FORM, signed(URL, FORM, PREVIOUS_TOKEN))
    assert carrier.verify(URL, FORM, signed(URL, FORM))
    assert not carrier.verify(URL, FORM, signed(URL, FORM, "f" * 32))


def test_address_that_swallows_the_first_fields_has_the_same_signature_and_says_nothing(carrier):
    """`…?attempt=TOKEN` and what follows run together as well: no form is left, or one without its account."""
    address, form = URL + "?attempt=" + "ab" * 16, sorted(status(MessageStatus="delivered").items())
    signature = signed(address, form)
    for cut in range(1, len(form) + 1):
        swallowed = "".join(name + value for name, value in form[:cut])
        assert carrier.verify(address + swallowed, form[cut:], signature)
        with pytest.raises(BadCallback):
            carrier.read_status(dict(form[cut:]))


def test_rotation_refuses_nothing_at_any_step(make_carrier):
    """Twilio signs with the old token until the new one is promoted; the same process must take both meanwhile."""
    before = make_carrier(auth_token=PREVIOUS_TOKEN)
    during = make_carrier(previous_auth_token=PREVIOUS_TOKEN)
    after = make_carrier()
    old, new = signed(URL, FORM, PREVIOUS_TOKEN), signed(URL, FORM)
    assert [each.verify(URL, FORM, old) for each in (before, during, after)] == [True, True, False]
    assert [each.verify(URL, FORM, new) for each in (before, during, after)] == [False, True, True]


def incoming(twilio, **other):
    return twilio.inbound_form(SID, "+12025550123", OUR_NUMBER, "6 today") | other


def test_incoming_text_is_read_from_a_real_form(carrier, twilio):
    assert carrier.read_incoming(incoming(twilio)) == IncomingText(
        sid=SID, sender="+12025550123", to=OUR_NUMBER, body="6 today", media_count=0
    )


@pytest.mark.parametrize(
    "field",
    [
        pytest.param({"From": ""}, id="sender withheld"),
        pytest.param({"From": "72345"}, id="short code"),
        pytest.param({"From": "Restricted"}, id="sender not a number"),
        pytest.param({"To": "72345"}, id="to a short code"),
        pytest.param({"Body": ""}, id="empty body"),
        pytest.param({"Body": "a\x00b"}, id="NUL"),
        pytest.param({"Body": "x" * 5000}, id="longer than promised"),
        pytest.param({"MessageSid": "MM" + "0f" * 16, "NumMedia": "2"}, id="pictures"),
        pytest.param({"SomethingNew": "1"}, id="unknown field"),
    ],
)
def test_odd_but_genuine_texts_are_kept_as_they_are(carrier, twilio, field):
    form = incoming(twilio, **field)
    text = carrier.read_incoming(form)
    assert (text.sender, text.to, text.body) == (form["From"], form["To"], form["Body"])
    assert text.media_count == int(form["NumMedia"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [("STOP", "stop"), ("START", "start"), ("HELP", "help"), ("stop", "stop"), ("", None), ("NEWS", None)],
)
def test_what_the_carrier_took_for_an_opt_out_word_is_kept(carrier, twilio, given, expected):
    text = carrier.read_incoming(incoming(twilio, OptOutType=given))
    assert (text.opt_out, text.body) == (expected, "6 today")


def test_own_sender_may_have_any_shape(make_carrier, twilio):
    carrier = make_carrier(from_number="CLINIC")
    assert carrier.read_incoming(incoming(twilio, To="CLINIC")).to == "CLINIC"


@pytest.mark.parametrize(
    "field",
    [
        pytest.param({"MessageSid": "SM123"}, id="short SID"),
        pytest.param({"MessageSid": SID + "\n"}, id="SID with a line end"),
        pytest.param({"MessageSid": SID.upper()}, id="SID in capitals"),
        pytest.param({"MessageSid": "CA" + "0f" * 16}, id="SID of a call"),
        pytest.param({"AccountSid": "AC" + "00" * 16}, id="another account"),
        pytest.param({"To": "somebody"}, id="to no number"),
        pytest.param({"To": "+٣٣٣٣٣٣٣٣٣"}, id="digits of another script"),
        pytest.param({"NumMedia": "0NumSegments1"}, id="fields run together"),
    ],
)
def test_incoming_form_of_another_shape_is_refused(carrier, twilio, field):
    with pytest.raises(BadCallback):
        carrier.read_incoming(incoming(twilio, **field))


@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "From", "To", "Body"])
def test_incoming_form_without_a_needed_field_is_refused(carrier, twilio, name):
    form = incoming(twilio)
    del form[name]
    with pytest.raises(BadCallback, match=name):
        carrier.read_incoming(form)


def test_form_cut_elsewhere_has_the_same_signature_and_changes_nothing(carrier, twilio):
    names = sorted(form := incoming(twilio))
    genuine = carrier.read_incoming(form)
    for kept, swallowed in pairwise(names):
        cut = dict(form)
        cut[kept] += swallowed + cut.pop(swallowed)
        assert carrier.verify(URL, cut.items(), signed(URL, form.items()))
        text = read_unless_refused(carrier, cut)
        assert text is None or (text.sid, text.to, text.body) == (genuine.sid, genuine.to, genuine.body)


def read_unless_refused(carrier, form):
    try:
        return carrier.read_incoming(form)
    except BadCallback:
        return None


def status(**fields):
    return {"MessageSid": SID, "AccountSid": ACCOUNT_SID, "To": "+12025550123", **fields}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("accepted", "accepted"),
        ("scheduled", "accepted"),
        ("queued", "accepted"),
        ("sending", "accepted"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("undelivered", "undelivered"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_status_is_told_in_our_words(carrier, theirs, ours):
    assert carrier.read_status(status(MessageStatus=theirs)) == StatusReport(SID, ours, None, None)


def test_failed_status_says_whose_fault_it_is(carrier):
    report = carrier.read_status(status(MessageStatus="undelivered", ErrorCode="30003"))
    assert report == StatusReport(SID, "undelivered", 30003, Cause.TRANSIENT)
    report = carrier.read_status(status(MessageStatus="failed", ErrorCode="99999"))
    assert report.cause is Cause.CONTENT


def test_status_without_numbers_is_read(carrier):
    form = status(MessageStatus="failed", ErrorCode="21703")
    del form["To"]  # Twilio leaves numbers out when it picked no sender.
    assert carrier.read_status(form).cause is Cause.SENDER


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="no status"),
        pytest.param({"MessageStatus": "received"}, id="status of an incoming text"),
        pytest.param({"MessageStatus": "exploded"}, id="unknown status"),
        pytest.param({"MessageStatus": "sent", "MessageSid": "SM1"}, id="short SID"),
        pytest.param({"MessageStatus": "sent", "AccountSid": ""}, id="no account"),
        pytest.param({"MessageStatus": "failed", "ErrorCode": "30003From+1"}, id="fields run together"),
        pytest.param({"MessageStatus": "sent", "To": "x"}, id="to no number"),
    ],
)
def test_status_form_of_another_shape_is_refused(carrier, fields):
    with pytest.raises(BadCallback):
        carrier.read_status(status(**fields))
