"""Many quotes in a long text are found where each alone would be."""

import time

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


def test_sentences_of_one_pattern_are_not_compared_with_each_other() -> None:
    """Most runs of a quote are in every sentence; four times as many take about four times as long, not sixteen."""

    def seconds(count: int) -> float:
        quotes = [f"The mayor of the town counted {number} boats near the old harbour." for number in range(count)]
        text = " ".join(quotes)
        index = PhraseIndex(text)
        begun = time.process_time()
        places = [index.find(quote) for quote in quotes]
        took = time.process_time() - begun
        assert places == [text.find(quote, place) for quote, place in zip(quotes, places, strict=True)]
        return took

    rounds = [(seconds(3_000), seconds(12_000)) for _ in range(2)]
    quarter, whole = map(min, zip(*rounds, strict=True))
    assert whole <= 9 * quarter
