"""What a sentence says: neither case nor punctuation, spaces or forms of characters count, but numbers and signs do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factpack.text.wording import wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("15 people were hurt.", "15  PEOPLE were hurt"),
        ("15 people were hurt.", "“15 people, were hurt”!"),
        ("The ship’s captain", "the ship's captain"),
        ("The ship's captain", "the ships captain"),
        ("a live-stream", "a live stream"),
        ("5–10 people", "5-10 people"),
        ("minus −5 degrees", "minus -5 degrees"),
        ("ﬁre １５", "fire 15"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen \u200bhere\u2060", "softhyphen here"),
        ("no\u00a0break", "no break"),
        ("STRASSE", "straße"),
        ("乗客は 約90人 だった。", "乗客は約90人だった"),
        ("\u202bتأخرت العبارة؟\u202c", "تأخرت العبارة"),
        ("हिन्दी।", "हिन्दी"),
        ("first.\r\n\r\nSecond", "first second"),
        ("No injuries 🚢!", "no injuries 🚢"),
        ("a keycap 1\ufe0f", "a keycap 1"),
        ("CO₂", "CO2"),
    ],
)
def test_the_same_wording(one: str, other: str) -> None:
    assert wording(one) == wording(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It rose by 1.5 per cent.", "It rose by 15 per cent."),
        ("It rose by 1,5 per cent.", "It rose by 15 per cent."),
        ("It was -5 degrees.", "It was 5 degrees."),
        ("It was −5 degrees.", "It was 5 degrees."),
        ("at 12:30", "at 1230"),
        ("1 5 people", "15 people"),
        ("10² metres", "102 metres"),
        ("1½ hours", "11/2 hours"),
        ("It cost 5 %.", "It cost 5."),
        ("It cost $5.", "It cost €5."),
        ("No injuries 🚢", "No injuries 🚣"),
        ("résumé", "resume"),
        ("हिन्दी", "हन्द"),
        ("therapist", "the rapist"),
        ("2020-2024", "2020 2024"),
    ],
)
def test_another_wording(one: str, other: str) -> None:
    assert wording(one) != wording(other)


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_takes_a_shorter_way_to_the_same(text: str) -> None:
    """A letter that is not ASCII behind the text makes it go the long way."""
    assert wording(f"{text} é") == f"{wording(text)} é".strip()


@given(st.text())
def test_a_wording_says_what_it_says(text: str) -> None:
    assert "  " not in wording(text)
    assert wording(text) == wording(text).strip()
