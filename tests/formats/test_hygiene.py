"""Text is clean, or every reason why not is reported."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.formats.hygiene import clean, control_characters, text_errors


@settings(deadline=None)
@given(st.text("aé’\u00a0\u02ff\u0300\u0301\u0323\u0085\u2126\ufeffα가\n\t\x07\x7f", max_size=8))
def test_clean_bytes_are_clean_text(text: str) -> None:
    assert clean(text.encode()) == (not control_characters(text) and unicodedata.is_normalized("NFC", text))
    assert clean(text.encode()) == (text_errors("x", text.encode()) == [])
