"""Where the sentences of an article stand."""

import re
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
_PLAIN_SPACES = {ord(c): " " for c in map(chr, range(0x110000)) if c.isspace()}
_LETTER = re.compile(r"[^\W\d_]")


def touched(sentences: Sequence[Span], span: Span) -> Sequence[Span]:
    """Those of the sorted ``sentences`` that ``span`` touches."""
    first = bisect_right(sentences, span.start, key=lambda s: s.end)
    return sentences[first : bisect_left(sentences, span.end, key=lambda s: s.start)]


def context(text: str, sentences: Sequence[Span], span: Span) -> str:
    """The text of the sentences that ``span`` touches, from the start of the first to the end of the last."""
    around = touched(sentences, span) or (span,)
    return text[min(around[0].start, span.start) : max(around[-1].end, span.end)]


def split_sentences(text: str, language: str) -> tuple[Span, ...]:
    """The sentences of ``text``, without the white space around them.

    A line end always ends a sentence, because headings have no full stop. A piece without a letter (``1.``) belongs to
    the sentence after it, or before it at the end of a line. ``language`` is an ISO 639 code; one that is not known is
    split by the rules for English.
    """
    spans: list[Span] = []
    line_start = 0
    for line in text.splitlines(keepends=True):
        at = line_start
        begun: int | None = None
        for piece in sentencex.segment(language, line.translate(_PLAIN_SPACES)):
            start = at + len(piece) - len(piece.lstrip())
            end = at + len(piece.rstrip())
            at += len(piece)
            if start >= end:
                continue
            if begun is None:
                begun = start
            if _LETTER.search(text, start, end):
                spans.append(Span(begun, end))
                begun = None
        if begun is not None:
            end = line_start + len(line.rstrip())
            if spans and spans[-1].start >= line_start:
                spans[-1] = Span(spans[-1].start, end)
            else:
                spans.append(Span(begun, end))
        line_start += len(line)
    return tuple(spans)
