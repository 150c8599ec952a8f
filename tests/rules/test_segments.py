"""What a text costs: its alphabet and how many SMS it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.segments import SegmentCount, count_segments

KNOWN = Path(__file__).parents[3] / "shared" / "data" / "sms_segments.json"
"""Counts of Twilio's own calculator, where they stand beside this checkout; elsewhere the rows below must do."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", SegmentCount("GSM-7", 1, 0), id="an empty text is one segment"),
        pytest.param("Hi Sam", SegmentCount("GSM-7", 1, 6), id="plain English"),
        pytest.param("a" * 160, SegmentCount("GSM-7", 1, 160), id="160 letters fit into one"),
        pytest.param("a" * 161, SegmentCount("GSM-7", 2, 161), id="161 letters are two"),
        pytest.param("a" * 306, SegmentCount("GSM-7", 2, 306), id="306 letters are two of 153"),
        pytest.param("a" * 307, SegmentCount("GSM-7", 3, 307), id="307 letters are three"),
        pytest.param("€" * 80, SegmentCount("GSM-7", 1, 160), id="a euro sign takes the room of two letters"),
        pytest.param("€" * 81, SegmentCount("GSM-7", 2, 162), id="81 euro signs are two"),
        pytest.param(
            "a" * 152 + "€" + "a" * 152, SegmentCount("GSM-7", 3, 306), id="a euro sign is not torn apart between parts"
        ),
        pytest.param("mañana, ¿qué?", SegmentCount("GSM-7", 1, 13), id="ñ, é and ¿ are in the alphabet"),
        pytest.param("después está", SegmentCount("UCS-2", 1, 12), id="á is not in the alphabet"),
        pytest.param("it’s", SegmentCount("UCS-2", 1, 4), id="one curly apostrophe changes the alphabet"),
        pytest.param("á" * 70, SegmentCount("UCS-2", 1, 70), id="70 letters fit into one"),
        pytest.param("á" * 71, SegmentCount("UCS-2", 2, 71), id="71 letters are two"),
        pytest.param("á" * 134, SegmentCount("UCS-2", 2, 134), id="134 letters are two of 67"),
        pytest.param("á" * 135, SegmentCount("UCS-2", 3, 135), id="135 letters are three"),
        pytest.param("🙂", SegmentCount("UCS-2", 1, 2), id="a smiley takes the room of two letters"),
        pytest.param("🙂" * 35, SegmentCount("UCS-2", 1, 70), id="35 smileys fit into one"),
        pytest.param("🙂" * 67, SegmentCount("UCS-2", 3, 134), id="a smiley is not torn apart between parts"),
        pytest.param("`", SegmentCount("UCS-2", 1, 1), id="a backtick is not in the alphabet"),
        pytest.param("ç", SegmentCount("UCS-2", 1, 1), id="small ç is not in the alphabet"),
        pytest.param("Ç", SegmentCount("GSM-7", 1, 1), id="capital Ç is"),
        pytest.param("one\ntwo\r\n", SegmentCount("GSM-7", 1, 9), id="line ends are letters"),
    ],
)
def test_a_text_costs_what_its_letters_cost(text: str, expected: SegmentCount) -> None:
    assert count_segments(text) == expected


def test_texts_are_counted_as_twilio_counts_them() -> None:
    rows: list[dict[str, Any]] = json.loads(KNOWN.read_text(encoding="utf-8")) if KNOWN.exists() else []
    expected = [(row["text"], row["plain"]["encoding"], row["plain"]["segments"]) for row in rows]
    counted = [(text, count_segments(text).encoding, count_segments(text).segments) for text, _, _ in expected]

    assert counted == expected


@settings(deadline=None, derandomize=True, database=None, max_examples=100)
@given(text=st.text(alphabet="aé€^á🙂\n", max_size=400), more=st.text(alphabet="a€á🙂", max_size=5))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert count_segments(text + more).segments >= count_segments(text).segments


@settings(deadline=None, derandomize=True, database=None, max_examples=100)
@given(text=st.text(max_size=400))
def test_the_segments_have_room_for_every_letter(text: str) -> None:
    counted = count_segments(text)
    alone, joined = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    room = alone if counted.segments == 1 else counted.segments * joined

    assert counted.segments >= 1
    assert counted.units <= room
