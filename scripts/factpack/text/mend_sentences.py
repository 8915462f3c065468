"""Join and split the sentences of a text at words that a curator names. All offsets are Unicode code points."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

MAX_PLACES = 10_000  # of the same words in a text


class Mended(NamedTuple):
    """Give the sentences of a text after they were mended.

    Attributes:
        bounds: The start and the end of each sentence, one after another.
        idle_joins: The numbers of the words to join at that occur, and change nothing.
        idle_splits: The same of the words to split at.
    """

    bounds: "array[int]"
    idle_joins: tuple[int, ...]
    idle_splits: tuple[int, ...]


def mend_sentences(text: str, bounds: Sequence[int], join: Sequence[str], split: Sequence[str]) -> Mended:
    """Split the sentences of a text behind some words, and then join those that end within others.

    The words count wherever they occur, the first 10,000 times. White space at the end of words to split at does not.

    Args:
        text: The text.
        bounds: Its sentences, as :func:`~factpack.text.sentences.sentence_bounds` returns them.
        join: Words within which no sentence ends.
        split: Words behind which a sentence ends.
    """
    cuts = [
        {cut for place in _places(text, words) if (cut := _cut(text, bounds, place + len(words)))}
        for words in map(str.rstrip, split)
    ]
    all_bounds = sorted((*bounds, *(bound for cut in set().union(*cuts) for bound in cut)))
    joins = [
        {gap for place in _places(text, words) for gap in _gaps(all_bounds, place, place + len(words))}
        for words in join
    ]
    joined: set[int] = set().union(*joins)
    kept = array("I", (bound for at, bound in enumerate(all_bounds) if at not in joined and at - 1 not in joined))
    left = {*zip(kept[1::2], kept[2::2], strict=False)}
    return Mended(
        kept,
        tuple(number for number, gaps in enumerate(joins) if not gaps and join[number] in text),
        tuple(number for number, made in enumerate(cuts) if made.isdisjoint(left) and split[number] in text),
    )


def _places(text: str, words: str) -> Iterator[int]:
    def found() -> Iterator[int]:
        at = text.find(words) if words else -1
        while at >= 0:
            yield at
            at = text.find(words, at + len(words))

    return islice(found(), MAX_PLACES)


def _cut(text: str, bounds: Sequence[int], at: int) -> tuple[int, int] | None:
    """Return the end and the next start that a split makes, if it divides a sentence between two words."""
    before = bisect_right(bounds, at)
    if before % 2 == 0 or (text[at - 1].isalnum() and not text[at].isspace()):
        return None
    begin = at
    while text[begin].isspace():  # ends within the sentence, which has no space at its end
        begin += 1
    return (at, begin) if bounds[before - 1] < at else None


def _gaps(bounds: Sequence[int], start: int, stop: int) -> range:
    """Return the numbers of the ends within a span that a sentence begins behind, also within it."""
    first = bisect_right(bounds, start) | 1
    last = first
    while last + 1 < len(bounds) and bounds[last + 1] < stop:
        last += 2
    return range(first, last, 2)
