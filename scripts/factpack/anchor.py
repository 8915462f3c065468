"""Finding the exact words of a quote in an article, and saying what is different when they are not there.

The model is the TextQuoteSelector of the W3C Web Annotation Data Model (https://www.w3.org/TR/annotation-model/): exact
words, with a prefix and a suffix where the words alone are not unique. Offsets are Unicode code points.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from operator import mul
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from factpack.sentences import Span

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Missing:
    """The words do not occur in the text; a passage that is like them is looked for when it is asked for."""

    text: str = field(repr=False)
    quote: str
    prefix: str = ""
    suffix: str = ""

    @property
    def spaced(self) -> tuple[str, str] | None:
        """Prefix and suffix with the space between them and the quote, if that alone is missing: YAML drops it."""
        before, after = (r"(\s{0,2})" if words else "()" for words in (self.prefix, self.suffix))
        prefix, quote, suffix = map(re.escape, (self.prefix, self.quote, self.suffix))
        found = re.search(prefix + before + quote + after + suffix, self.text)
        return (self.prefix + found[1], found[2] + self.suffix) if found else None

    @property
    def nearest(self) -> str:
        """The most similar passage; nothing if none is similar."""
        return self._alike[0]

    @property
    def difference(self) -> str:
        """How that passage differs from the words."""
        return self._alike[1]

    @cached_property
    def _alike(self) -> tuple[str, str]:
        return nearest(self.text, self.prefix + self.quote + self.suffix)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The words occur at more than one place: the start of the first few of them."""

    starts: tuple[int, ...]


Find = Callable[[str, int], int]  # as str.find: the first place of words from a place on, or -1


def locate(
    text: str, quote: str, prefix: str = "", suffix: str = "", find: Find | None = None
) -> Span | Missing | Ambiguous:
    """The one place of ``quote`` between ``prefix`` and ``suffix`` in ``text``; ``find`` is a faster ``text.find``."""
    words = prefix + quote + suffix
    find = find or text.find
    first = find(words, 0)
    if first < 0:
        return Missing(text, quote, prefix, suffix)
    second = find(words, first + 1)
    if second >= 0:
        return Ambiguous((first + len(prefix), second + len(prefix)))
    return Span(first + len(prefix), first + len(prefix) + len(quote))


LONG_TEXT = 200_000  # code points from which on an index pays: a text as long has thousands of quotes
_GRAM = 8  # code points that the index goes by
_LOOKED_UP = 4  # runs of that length that are looked up of the words; the rarest of them leads to the places
_FACTORS = tuple(pow(0x9E3779B97F4A7C15, _GRAM - 1 - at, 2**64) for at in range(_GRAM))


class Phrases:
    """An index of a long text, so that a hundred thousand quotes in it are not as many walks through the whole text.

    It holds every run of eight code points by its sum, sorted; 12 bytes for each.
    """

    def __init__(self, text: str) -> None:
        import numpy as np  # noqa: PLC0415 - takes as long to import as to check a small project

        self.text = text
        points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        sums = np.zeros(max(len(points) - _GRAM + 1, 0), dtype=np.uint64)
        for at, factor in enumerate(_FACTORS):
            sums += points[at : at + len(sums)] * np.uint64(factor)
        order = np.argsort(sums, kind="stable").astype(np.uint32)  # equal sums in the order of the text
        self._order, self._sums = order, sums[order]
        self._looked_up: tuple[str, int, np.ndarray] = ("", 0, order[:0])

    def find(self, words: str, start: int = 0) -> int:
        """The first place of ``words`` from ``start`` on, or -1."""
        if len(words) < _GRAM:
            return self.text.find(words, start)
        if self._looked_up[0] != words:
            self._looked_up = (words, *self._places(words))
        _, at, places = self._looked_up
        for place in map(int, places[places.searchsorted(start + at) :]):  # one by one: there can be millions
            if self.text.startswith(words, place - at):
                return place - at
        return -1

    def _places(self, words: str) -> "tuple[int, np.ndarray]":
        """Where a run of the words begins in them, and where it stands in the text."""
        import numpy as np  # noqa: PLC0415 - as above

        last = len(words) - _GRAM
        runs = sorted({last * number // (_LOOKED_UP - 1) for number in range(_LOOKED_UP)})
        sums = [sum(map(mul, map(ord, words[at : at + _GRAM]), _FACTORS)) % 2**64 for at in runs]
        wanted = np.array(sums, dtype=np.uint64)
        low, high = self._sums.searchsorted(wanted), self._sums.searchsorted(wanted, side="right")
        rarest = int((high - low).argmin())
        return runs[rarest], self._order[low[rarest] : high[rarest]]


MIN_SIMILARITY = 75  # per cent; below that the "nearest" passage is just another passage
MAX_SEARCH = 2_000_000  # code points of an article that are searched for it
MAX_WORDS = 500  # code points of a quote that are looked for, and compared: enough for a hint, and never slow


def nearest(text: str, words: str) -> tuple[str, str]:
    """The passage of ``text`` that is most like ``words``, or like their beginning if they are long, and how it
    differs; nothing if none is similar.
    """
    text, words = text[:MAX_SEARCH], words[:MAX_WORDS]
    alike_text, alike_words = _alike(text), _alike(words)
    at = alike_text.find(alike_words)
    if at >= 0:
        found = text[at : at + len(words)]
        return found, _difference(words, found)
    match = fuzz.partial_ratio_alignment(alike_words, alike_text, score_cutoff=MIN_SIMILARITY)
    if match is None or len(words) > len(text):
        return "", ""

    def distance(start: int, end: int) -> int:
        return Levenshtein.distance(alike_words, alike_text[start:end])

    # The window of the alignment is as long as the words, so it can begin or end within a word, or a word too early.
    start, end = match.dest_start, match.dest_end
    end = min(_edges(text, end), key=lambda at: distance(start, at), default=end)
    start = min(_edges(text, start), key=lambda at: distance(at, end), default=start)
    found = text[start:end].strip()
    return found, _difference(words, found)


NEAR = 30  # code points around the end of a window in which the end of a passage is looked for


def _edges(text: str, near: int) -> list[int]:
    """Where words may begin or end close to a place, the closest first; beside a wide character, which is how scripts
    without spaces are written, that is anywhere.
    """
    places = range(max(near - NEAR, 0), min(near + NEAR, len(text)) + 1)
    within = (at for at in places if text[max(at - 1, 0) : at].isalnum() and text[at : at + 1].isalnum())
    narrow = {at for at in within if "W" not in map(unicodedata.east_asian_width, text[at - 1 : at + 1])}
    return sorted((at for at in places if at not in narrow), key=lambda at: abs(at - near))


MAX_DIFFERENCES = 3

_TOKENS = re.compile(r"\w+|\s|[^\w\s]")
_QUOTES = dict.fromkeys(map(ord, "‘’‚‛′`´"), "'") | dict.fromkeys(map(ord, "“”„‟″«»"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_SPACES = dict.fromkeys((c for c in range(0x3001) if chr(c).isspace()), " ")


def _alike(text: str) -> str:
    """The text with what a hand easily mistypes made the same, code point by code point."""
    folded = text.translate(_QUOTES | _DASHES | _SPACES)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def _difference(written: str, printed: str) -> str:
    """What the article has where the quote has something else, in words; the first few differences, each once."""
    old, new = _TOKENS.findall(written), _TOKENS.findall(printed)
    differences: dict[str, None] = {}
    opcodes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for number, (tag, i, j, k, m) in enumerate(opcodes):
        at_edge = number in (0, len(opcodes) - 1) and len(opcodes) > 1
        if tag == "equal" or (tag in ("insert", "delete") and at_edge and "replace" in {o[0] for o in opcodes}):
            continue  # at its edges the passage is cut as long as the quote, not where the words end
        wrote, has = "".join(old[i:j]), "".join(new[k:m])
        if (wrote + has).isspace() and not (wrote and has):
            word = next((f"after ‘{token}’" for token in reversed(old[:i]) if not token.isspace()), "at its beginning")
            told = f"the quote has {_name(wrote)} too many" if wrote else f"the article also has {_name(has)}"
            differences[f"{told} {word}"] = None
        elif not has:
            differences[f"the article does not have {_name(wrote)}"] = None
        elif not wrote:
            differences[f"the article also has {_name(has)}"] = None
        else:
            differences[f"the article has {_name(has)} where the quote has {_name(wrote)}{_kind(wrote, has)}"] = None
    shown = list(differences)[:MAX_DIFFERENCES]
    return "; ".join(shown) + ("; and more" if len(differences) > len(shown) else "")


def _name(piece: str) -> str:
    """A piece of text as it can be told from its lookalikes."""
    if len(piece) == 1 and not piece.isascii():
        return f"U+{ord(piece):04X}" if piece.isspace() else f"{piece} (U+{ord(piece):04X})"
    return "a space" if piece == " " else f"‘{piece}’"


def _kind(wrote: str, has: str) -> str:
    for kind, table in (("quotation mark", _QUOTES), ("dash", _DASHES), ("space", _SPACES)):
        if wrote.translate(table) == has.translate(table):
            return f" (another {kind})"
    return " (upper and lower case)" if wrote.lower() == has.lower() else ""
