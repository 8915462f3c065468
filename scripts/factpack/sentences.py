"""Where the sentences of an article stand."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import sentencex


class Span(NamedTuple):
    """Offsets in an article, in Unicode code points: start inclusive, end exclusive."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two have a character in common."""
        return self.start < other.end and other.start < self.end


# sentencex 1.0.32 panics on an initial followed by white space other than a plain space, such as U+00A0. One code point
# becomes one code point, so the offsets stay.
_OTHER_SPACES = [chr(point) for point in range(0x3001) if chr(point).isspace() and chr(point) != " "]  # none beyond
_LETTER = re.compile(r"[^\W\d_]")


def touched(bounds: Sequence[int], span: Span) -> range:
    """The numbers, from 0, of the sentences that ``span`` touches, given their :func:`sentence_bounds`."""
    # An odd number of bounds lies before what stands within a sentence.
    return range(bisect_right(bounds, span.start) // 2, (bisect_left(bounds, span.end) + 1) // 2)


def context(text: str, bounds: Sequence[int], start: int, end: int) -> str:
    """The text of the sentences that a span touches, from the start of the first to the end of the last."""
    before = bisect_right(bounds, start)
    if before % 2 and end <= bounds[before]:  # within one sentence
        return text[bounds[before - 1] : bounds[before]]
    first, stop = before // 2, (bisect_left(bounds, end) + 1) // 2  # as in :func:`touched`
    if first < stop:
        start, end = min(bounds[2 * first], start), max(bounds[2 * stop - 1], end)
    return text[start:end]


def sentence_bounds(text: str, language: str) -> "array[int]":
    """The sentences of ``text``, without the white space around them: the start and the end of each, one after another.

    A line end always ends a sentence, because headings have no full stop. A piece without a letter (``1.``) belongs to
    the sentence after it, or before it at the end of a line. ``language`` is an ISO 639 code; one that is not known is
    split by the rules for English.
    """
    plain = text
    for space in _OTHER_SPACES:
        plain = plain.replace(space, " ")  # where there is none, as good as free
    bounds: list[int] = []
    line_start = 0
    for line in text.splitlines(keepends=True):
        line_end = line_start + len(line)
        at, begun, before = line_start, -1, len(bounds)
        for piece in sentencex.segment(language, plain[line_start:line_end]):
            start = at + len(piece) - len(piece.lstrip())
            end = at + len(piece.rstrip())
            at += len(piece)
            if start >= end:
                continue
            if begun < 0:
                begun = start
            if text[start].isalpha() or _LETTER.search(text, start, end):
                bounds += (begun, end)
                begun = -1
        if begun >= 0:
            end = line_start + len(line.rstrip())
            if len(bounds) > before:
                bounds[-1] = end
            else:
                bounds += (begun, end)
        line_start = line_end
    return array("I", bounds)
