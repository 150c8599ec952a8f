"""Phone numbers: which can be texted, and how they are compared and shown."""

import phonenumbers


def read_phone(raw: str, region: str = "US") -> str | None:
    """E.164 of a number as people write it, or None where it is no valid number.

    `is_possible_number` is not asked: it let 17 of 24 junk numbers through (DESIGN.md 7).
    """
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


NO_NUMBER = "it is no valid number"
LANDLINE = "it is a landline"
SERVICE = "it is the number of a service, not of a person"
LANDLINE_TYPES = frozenset({"landline", "land line", "fixed", "fixed line", "fixed-line", "fixed_line"})
"""What record systems call one. `home` is not among them: a mobile is somebody's home number, too."""
TYPE = phonenumbers.PhoneNumberType
SERVICES = frozenset({TYPE.TOLL_FREE, TYPE.PREMIUM_RATE, TYPE.SHARED_COST, TYPE.UAN, TYPE.VOICEMAIL, TYPE.PAGER})


def why_unfit(given: str | None, phone_type: str | None) -> str | None:
    """Why the number that was given cannot get texts, in words; None: it can, as far as it shows, or none was given.

    In the US and Canada nobody can tell a landline by its number; there only the record's own word counts.
    """
    if not given:
        return None
    number = read_phone(given)
    if number is None:
        return NO_NUMBER
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    if kind == TYPE.FIXED_LINE or (phone_type or "").strip().lower() in LANDLINE_TYPES:
        return LANDLINE
    return SERVICE if kind in SERVICES else None


def comparable(raw: str) -> str:
    """The same for the same number: E.164 where it is one; short codes and the rest as given, without blanks."""
    return read_phone(raw) or raw.strip()


def masked(number: str) -> str:
    """The last four digits, for pages that must not show the rest."""
    return f"…{number[-4:]}" if len(number) > 4 else number
