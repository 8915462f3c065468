"""Split a text into sentences. All offsets are Unicode code points, start inclusive, end exclusive."""

import re
import unicodedata
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from factpack.text.sentence_ends import sentence_ends


class Span(NamedTuple):
    """Mark a part of a text.

    Attributes:
        start: The offset of its first character, in Unicode code points.
        end: The offset after its last character.
    """

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Tell whether two spans have a character in common."""
        return self.start < other.end and other.start < self.end


# sentencex 1.0.32 panics on an initial followed by white space other than a plain space, such as U+00A0. One code point
# becomes one code point, so the offsets stay.
_OTHER_SPACES = [chr(point) for point in range(0x3001) if chr(point).isspace() and chr(point) != " "]  # none beyond
_LETTER = re.compile(r"[^\W\d_]")
_SIGNS = (r"[^\w\s]", r"[\w\s]")  # punctuation, and what else is neither letter, digit nor space; and all the others
_SIGN = re.compile(_SIGNS[0])
_NO_SIGNS = bytes(point for point in range(128) if not _SIGN.match(chr(point)))

# sentencex takes time by the square of the punctuation in a line, so a long line is given to it in pieces.
MAX_MARKS = 256  # punctuation in a piece: a paragraph of 10,000 characters has as much
MAX_PIECE = 16_384  # code points of a piece

MAX_SENTENCE = 10_000  # code points: each passage is shown with its sentences, and a hundred thousand can be in one

_TO_LAST_BLANK = re.compile(r"(?s).*\s")

# In these languages it builds a regular expression anew at every full stop, which takes 200 µs, or 7 µs. An article
# with more punctuation than that, which is a book, is split by the rules for a language that is near.
_SLOW = {
    "ca": (32_768, "es"),
    "oc": (32_768, "es"),
    "da": (32_768, "nb"),
    "kl": (32_768, "nb"),
    "co": (524_288, "es"),
    "it": (524_288, "es"),
}


def touched(bounds: Sequence[int], span: Span) -> range:
    """Return the numbers, from 0, of the sentences that have a character in common with a span.

    Args:
        bounds: The sentences, as :func:`sentence_bounds` returns them.
        span: The span.
    """
    # An offset within a sentence has an odd number of bounds before it.
    return range(bisect_right(bounds, span.start) // 2, (bisect_left(bounds, span.end) + 1) // 2)


def context(text: str, bounds: Sequence[int], start: int, end: int) -> tuple[str, int]:
    """Return the text of the sentences that a span touches, from the start of the first to the end of the last.

    Args:
        text: The text.
        bounds: Its sentences, as :func:`sentence_bounds` returns them.
        start: The start of the span.
        end: The end of the span.

    Returns:
        The text, and the start of the sentence if there is one that the span lies in, else -1.
    """
    before = bisect_right(bounds, start)
    if before % 2 and end <= bounds[before]:  # within one sentence
        first = bounds[before - 1]
        return text[first : bounds[before]], first
    first, stop = before // 2, (bisect_left(bounds, end) + 1) // 2  # as in :func:`touched`
    if first < stop:
        start, end = min(bounds[2 * first], start), max(bounds[2 * stop - 1], end)
    return text[start:end], -1


def line_bounds(text: str) -> "array[int]":
    """Take each line of a text for a sentence, and leave out blank ones.

    Args:
        text: The text; a line ends at a line feed.

    Returns:
        The start and the end of each sentence, as :func:`sentence_bounds` returns them.
    """
    bounds, at = array("I"), 0
    for line in text.split("\n"):
        if stripped := line.strip():
            start = at + line.index(stripped[0])
            bounds.extend((start, start + len(stripped)))
        at += len(line) + 1
    return bounds


def sentence_bounds(text: str, language: str) -> "array[int]":
    """Split a text into sentences.

    A line end always ends a sentence, because headings have no full stop. A piece without a letter (``1.``) belongs to
    the sentence after it, or before it at the end of a line.

    Args:
        text: The text.
        language: Its ISO 639 code; an unknown one is split by the rules for English, and a very long text in Catalan,
            Corsican, Danish, Greenlandic, Italian or Occitan by those for Spanish or Norwegian.

    Returns:
        The start and the end of each sentence, one after another, without the white space around it.
    """
    language, plain = _rules_for(text, language), text
    for space in _OTHER_SPACES:
        plain = plain.replace(space, " ")  # where there is none, as good as free
    bounds: list[int] = []
    line_start = 0
    for line in text.splitlines(keepends=True):
        line_end = line_start + len(line)
        if line.isspace():  # there can be millions
            line_start = line_end
            continue
        at, begun, before = line_start, -1, len(bounds)
        for length in _lengths(plain[line_start:line_end], language):
            start, end = _stripped(text, at, at + length)
            at += length
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


def divide_long(text: str, bounds: "array[int]") -> "array[int]":
    """Divide sentences of more than 10,000 code points, as in transcripts without punctuation.

    They are divided at the last white space before that, or after as many code points if there is none.

    Args:
        text: The text.
        bounds: Its sentences, as :func:`sentence_bounds` returns them.

    Returns:
        The sentences, likewise.
    """
    if len(text) <= MAX_SENTENCE:  # as nearly always
        return bounds
    divided = array("I")
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        begin = start
        while end - begin > MAX_SENTENCE:
            stop = begin + MAX_SENTENCE
            blank = _TO_LAST_BLANK.match(text, begin, stop)
            divided.extend(_stripped(text, begin, blank.end() if blank else stop))
            begin, _ = _stripped(text, blank.end() if blank else stop, end)
        divided.extend((begin, end))
    return divided


def _rules_for(text: str, language: str) -> str:
    """Return the language by whose rules a text is split."""
    if language not in _SLOW:
        return language
    most, other = _SLOW[language]
    return other if _nth(_punctuation(), text, 0, len(text), most) < len(text) else language


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a piece of a text begins and ends without the white space around it."""
    if text[start].isspace() or text[end - 1].isspace():
        piece = text[start:end]
        return end - len(piece.lstrip()), start + len(piece.rstrip())
    return start, end


def _lengths(line: str, language: str) -> Iterator[int]:
    """Yield the length of each sentence of a line, with the white space behind it."""
    if not _SIGN.search(line.rstrip()[:-1]):  # only punctuation ends a sentence within a line
        yield len(line)
        return
    begun = at = 0
    while at < len(line):
        stop = _piece_end(line, at)
        ends = [at + end for end in sentence_ends(line[at:stop], language)]
        if stop < len(line):  # near the end of a piece a quotation may be open that is closed behind it
            sure = stop - (stop - at) // 4
            ends = ends[: bisect_right(ends, sure)]
        for end in ends:
            yield end - begun
            begun = end
        at = ends[-1] if ends else line.rfind(" ", at, sure) + 1 or sure
    if begun < len(line):
        yield len(line) - begun


def _piece_end(line: str, at: int) -> int:
    """Return the offset where the piece of a line ends that begins at ``at``."""
    stop = min(at + MAX_PIECE, len(line))
    if line.isascii() and stop == len(line) and len(line[at:].encode().translate(None, _NO_SIGNS)) <= MAX_MARKS:
        return stop  # as nearly always
    if stop - at > MAX_MARKS and _nth(_SIGNS, line, at, stop, MAX_MARKS) < stop:  # vowel signs are found too, but fast
        stop = _nth(_punctuation(), line, at, stop, MAX_MARKS)
    return stop


def _nth(signs: tuple[str, str], line: str, at: int, stop: int, most: int) -> int:
    """Return the offset of the first sign that is one more than ``most``, or ``stop``."""
    found = _more_than(most, *signs).match(line, at, stop)
    return found.end() if found else stop


@cache
def _more_than(most: int, sign: str, other: str) -> re.Pattern[str]:
    """Return what matches so many signs with what is between them, and on to the next one; nothing is tried twice."""
    return re.compile(f"(?>{other}*+{sign}){{{most}}}{other}*+")


@cache
def _punctuation() -> tuple[str, str]:
    marks = (chr(point) for point in range(0x20000) if unicodedata.category(chr(point))[0] == "P")  # none beyond
    named = f"`{re.escape(''.join(marks))}"
    return f"[{named}]", f"[^{named}]"
