"""How many SMS a text is: what it costs, and what a carrier's rate limit counts."""

from dataclasses import dataclass
from typing import Literal

# The GSM 7-bit default alphabet and its extension table: 3GPP TS 23.038, 6.2.1.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
GSM_ALONE, GSM_JOINED = 160, 153
UCS2_ALONE, UCS2_JOINED = 70, 67
"""Characters in one SMS, and in each part of a longer text, whose header takes 6 octets (TS 23.040, 9.2.3.24.1)."""


@dataclass(frozen=True)
class SegmentCount:
    encoding: Literal["GSM-7", "UCS-2"]
    segments: int
    units: int
    """Septets, or UTF-16 code units."""


def count_segments(text: str) -> SegmentCount:
    """As Twilio's own calculator counts; an empty text is one segment."""
    is_gsm = all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text)
    widths = [_gsm_width(letter) if is_gsm else _utf16_width(letter) for letter in text]
    alone, joined = (GSM_ALONE, GSM_JOINED) if is_gsm else (UCS2_ALONE, UCS2_JOINED)
    units = sum(widths)
    segments = 1 if units <= alone else _parts(widths, joined)
    return SegmentCount("GSM-7" if is_gsm else "UCS-2", segments, units)


def _gsm_width(letter: str) -> int:
    return 2 if letter in GSM_EXTENDED else 1


def _utf16_width(letter: str) -> int:
    return 2 if ord(letter) > 0xFFFF else 1


def _parts(widths: list[int], room: int) -> int:
    """A character of two units is never torn apart: it moves to the next part whole."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts
