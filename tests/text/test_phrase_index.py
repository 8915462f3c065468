"""Many quotes in a long text are found where each alone would be."""

from hypothesis import given, settings
from hypothesis import strategies as st

from factpack.text.phrase_index import PhraseIndex


@settings(deadline=None)
@given(st.text("ab c𝕏é", max_size=60), st.text("ab c𝕏é", min_size=1, max_size=20), st.integers(0, 60))
def test_phrases_are_found_as_by_the_text_itself(text: str, words: str, start: int) -> None:
    index = PhraseIndex(text)
    at = text.find(words, start)
    assert index.find(words, start) == at
    for piece in (text[1:12], text[5:14], text[-9:]):
        if piece:
            assert index.find(piece, start) == text.find(piece, start)
