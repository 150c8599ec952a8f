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


def comparable(raw: str) -> str:
    """The same for the same number: E.164 where it is one; short codes and the rest as given, without blanks."""
    return read_phone(raw) or raw.strip()


def masked(number: str) -> str:
    """The last four digits, for pages that must not show the rest."""
    return f"…{number[-4:]}" if len(number) > 4 else number
