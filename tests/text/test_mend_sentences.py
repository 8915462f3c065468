"""Sentences that are mended by the words of a curator."""

import time

import pytest

from factpack.text.mend_sentences import MAX_PLACES, mend_sentences
from factpack.text.sentences import sentence_bounds

TEXT = "Tra. Vel lives in the U.S. Nobody came. She left.\nThen Tra. Vel spoke."


def mended(text: str, join: tuple[str, ...] = (), split: tuple[str, ...] = ()) -> list[str]:
    """The sentences of an English text as text."""
    bounds = mend_sentences(text, sentence_bounds(text, "en"), join, split).bounds
    return [text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]


def test_words_count_wherever_they_occur() -> None:
    """A name is joined in every sentence; the other ends stay."""
    assert mended(TEXT, join=("Tra. Vel",)) == [
        "Tra. Vel lives in the U.S. Nobody came.",
        "She left.",
        "Then Tra. Vel spoke.",
    ]


def test_a_sentence_is_split_behind_words() -> None:
    """White space around the place belongs to neither part."""
    assert mended(TEXT, ("Tra. Vel",), ("U.S. ",))[:2] == ["Tra. Vel lives in the U.S.", "Nobody came."]


def test_join_reaches_over_several_ends_and_lines() -> None:
    """Lines that were broken at a width are mended as well."""
    assert mended(TEXT, join=("came. She left.\nThen Tra. Vel",)) == ["Tra.", TEXT[5:]]


@pytest.mark.parametrize("words", ["Tra.", "Vel lives", "Tra. ", "spoke."])
def test_a_join_without_an_end_in_it_is_idle(words: str) -> None:
    """The end has to have words on both sides of it."""
    assert mend_sentences(TEXT, sentence_bounds(TEXT, "en"), [words], []).idle_joins == (0,)


@pytest.mark.parametrize("words", ["Tra.", "She left.", "Nob", "spoke.", "\n", "spoke"])
def test_a_split_at_an_end_or_within_a_word_is_idle(words: str) -> None:
    """It changes nothing."""
    bounds = sentence_bounds(TEXT, "en")
    found = mend_sentences(TEXT, bounds, [], [words])
    assert (found.bounds, found.idle_splits) == (bounds, (0,))


def test_a_split_that_is_joined_again_is_idle() -> None:
    """The two contradict each other."""
    found = mend_sentences(TEXT, sentence_bounds(TEXT, "en"), ["in the U.S. Nobody"], ["U.S.", "lives"])
    assert (found.idle_joins, found.idle_splits) == ((), (0,))


def test_words_that_are_not_there_are_not_idle() -> None:
    """Another rule reports them."""
    assert mend_sentences(TEXT, sentence_bounds(TEXT, "en"), ["Zoë"], ["Zoë"])[1:] == ((), ())


def test_words_that_are_everywhere_take_little_time() -> None:
    """Only so many places of one entry count."""
    text = "a b " * 500_000
    begun = time.process_time()
    bounds = sentence_bounds(text, "en")
    assert len(mend_sentences(text, bounds, [], ["a"] * 20).bounds) == 2 * (MAX_PLACES + 1)
    assert len(mend_sentences(text, bounds, ["a b"] * 20, [" ", "b"]).bounds) == 2 * (MAX_PLACES + 1)
    assert time.process_time() - begun < 10
