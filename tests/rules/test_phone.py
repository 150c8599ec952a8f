"""Which numbers can be texted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.phone import LANDLINE, NO_NUMBER, SERVICE, comparable, masked, read_phone, why_unfit


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("(212) 555-0100", "+12125550100", id="as Americans write it"),
        pytest.param("212.555.0100", "+12125550100", id="with dots"),
        pytest.param("2125550100", "+12125550100", id="digits only"),
        pytest.param("1 212 555 0100", "+12125550100", id="with the country in front"),
        pytest.param("+1 212 555 0100", "+12125550100", id="with a plus"),
        pytest.param(" +12125550100\n", "+12125550100", id="with blanks around"),
        pytest.param("+44 7400 123456", "+447400123456", id="a British mobile"),
        pytest.param("+52 55 1234 5678", "+525512345678", id="a Mexican number"),
        pytest.param("", None, id="nothing"),
        pytest.param("none", None, id="a word"),
        pytest.param("555-0100", None, id="without area code"),
        pytest.param("911", None, id="an emergency number"),
        pytest.param("24273", None, id="a short code"),
        pytest.param("000-000-0000", None, id="zeros"),
        pytest.param("111-111-1111", None, id="ones"),
        pytest.param("(123) 456-7890", None, id="an area code that does not exist"),
        pytest.param("212-555-01000", None, id="a digit too many"),
        pytest.param("+999 12345678", None, id="a country that does not exist"),
        pytest.param("2" * 300, None, id="longer than any number"),
        pytest.param("\x00", None, id="a NUL"),
    ],
)
def test_a_number_is_read_as_people_write_it(raw: str, expected: str | None) -> None:
    assert read_phone(raw) == expected


def test_a_number_without_country_belongs_to_the_region() -> None:
    assert read_phone("07400 123456", "GB") == "+447400123456"
    assert read_phone("07400 123456") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("(212) 555-0100", "+12125550100", id="a number becomes E.164"),
        pytest.param("+12125550100", "+12125550100", id="E.164 stays"),
        pytest.param(" 24273 ", "24273", id="a short code stays, without blanks"),
        pytest.param("anonymous", "anonymous", id="a withheld number stays a word"),
    ],
)
def test_the_same_number_compares_equal_however_it_is_written(raw: str, expected: str) -> None:
    assert comparable(raw) == expected


@pytest.mark.parametrize(
    ("given", "phone_type", "why"),
    [
        pytest.param("(212) 555-0100", None, None, id="an American number may be a mobile"),
        pytest.param("(212) 555-0100", "mobile", None, id="and the record says so"),
        pytest.param("(212) 555-0100", "home", None, id="a home number may be a mobile"),
        pytest.param("(212) 555-0100", " Landline ", LANDLINE, id="the record calls it a landline"),
        pytest.param("(212) 555-0100", "FIXED_LINE", LANDLINE, id="in other words"),
        pytest.param("+44 7400 123456", None, None, id="a British mobile"),
        pytest.param("+44 20 7183 8750", "mobile", LANDLINE, id="a British landline, whatever the record says"),
        pytest.param("+34 911 234 567", None, LANDLINE, id="a Spanish landline"),
        pytest.param("800-555-1234", None, SERVICE, id="toll-free"),
        pytest.param("900-555-1234", None, SERVICE, id="premium rate"),
        pytest.param("555-0100", "mobile", NO_NUMBER, id="no number"),
        pytest.param(None, "landline", None, id="none given"),
        pytest.param("", None, None, id="an empty one"),
    ],
)
def test_a_number_that_cannot_get_texts_says_why(given: str | None, phone_type: str | None, why: str | None) -> None:
    assert why_unfit(given, phone_type) == why


def test_a_masked_number_shows_its_last_four_digits() -> None:
    assert masked("+12125550100") == "…0100"


def test_a_number_of_four_digits_has_nothing_to_mask() -> None:
    assert masked("1234") == "1234"


@settings(deadline=None, derandomize=True, database=None, max_examples=150)
@given(raw=st.text(max_size=40) | st.text(alphabet="+0123456789()-. x#;ext", max_size=30))
def test_whatever_is_given_reads_as_a_number_that_reads_as_itself_or_as_none(raw: str) -> None:
    number = read_phone(raw)

    assert number is None or read_phone(number) == number
    assert comparable(comparable(raw)) == comparable(raw)
