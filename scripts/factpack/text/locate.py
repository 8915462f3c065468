"""Find the exact words of a quote in a text, and describe what differs when they are not there.

The model is the TextQuoteSelector of the W3C Web Annotation Data Model (https://www.w3.org/TR/annotation-model/): exact
words, with a prefix and a suffix where the words alone are not unique. Offsets are Unicode code points.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice

from factpack.text.sentences import Span
from factpack.text.suggest import nearest


@dataclass(frozen=True)
class Missing:
    """Report that a quote does not occur in a text.

    A similar passage is searched for only when it is asked for.

    Attributes:
        text: The text that was searched.
        quote: The words that were searched for.
        prefix: The words that should come right before the quote.
        suffix: The words that should come right after it.
    """

    text: str = field(repr=False)
    quote: str
    prefix: str = ""
    suffix: str = ""

    @property
    def spaced(self) -> tuple[str, str] | None:
        """Give prefix and suffix with the space beside the quote, if nothing else is missing: YAML drops it."""
        before, after = (r"(\s{0,2})" if words else "()" for words in (self.prefix, self.suffix))
        prefix, quote, suffix = map(re.escape, (self.prefix, self.quote, self.suffix))
        found = re.search(prefix + before + quote + after + suffix, self.text)
        return (self.prefix + found[1], found[2] + self.suffix) if found else None

    @property
    def in_other_form(self) -> str:
        """Give the quote as the text has it, if it differs in Unicode normalization alone."""
        text, wanted = self.text[:MAX_NORMALIZED], unicodedata.normalize("NFC", self.quote)
        if unicodedata.is_normalized("NFC", text) and wanted == self.quote:  # as everywhere but in texts as found
            return ""
        at = unicodedata.normalize("NFC", text).find(wanted)
        if at < 0:
            return ""
        points = range(len(text) + 1)
        length = cache(lambda end: len(unicodedata.normalize("NFC", text[:end])))
        # Marks that are composed with the letter before them do not make the text longer, and belong to it.
        start, end = (bisect_right(points, offset, key=length) - 1 for offset in (at, at + len(wanted)))
        found = text[start:end]
        same = found != self.quote and unicodedata.normalize("NFC", found) == wanted
        return found if same else ""

    @property
    def nearest(self) -> str:
        """Give the most similar passage, or an empty text if none is similar."""
        return self._alike[0]

    @property
    def difference(self) -> str:
        """Describe how that passage differs from the words."""
        return self._alike[1]

    @cached_property
    def _alike(self) -> tuple[str, str]:
        return nearest(self.text, self.prefix + self.quote + self.suffix)


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Report that a quote occurs at more than one place.

    Attributes:
        starts: The offsets at which the first few of them start.
        quote: The words that were searched for.
        text: The text that was searched.
        more: Whether there are others.
    """

    starts: tuple[int, ...]
    quote: str
    text: str = field(repr=False)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Report that a quote is in a text, but not at the offset that was given.

    Attributes:
        start: The offset.
        places: Where it is, as near to it as can be.
    """

    start: int
    places: Ambiguous

    @property
    def out_of_context(self) -> bool:
        """Tell whether the words are at the offset, and only those before or after them are not."""
        return self.places.text.startswith(self.places.quote, self.start)


MAX_NORMALIZED = 200_000  # code points of a text in which a quote in another normalization form is looked for

Find = Callable[[str, int], int]  # as str.find: the first offset of words, searching from an offset on, or -1


MAX_PLACES = 5  # of a quote that is ambiguous, or misplaced, that are found and shown


def locate(  # noqa: PLR0913 - all but two have a default
    text: str, quote: str, prefix: str = "", suffix: str = "", find: Find | None = None, *, start: int | None = None
) -> Span | Missing | Ambiguous | Misplaced:
    """Find the only place of a quote in a text, or the one that is given.

    Args:
        text: The text to search.
        quote: The exact words.
        prefix: The exact words right before the quote, where it occurs more than once.
        suffix: The exact words right after it.
        find: A faster ``text.find``, if there is one.
        start: The offset of the quote, where it occurs more than once.

    Returns:
        The span of the quote, without prefix and suffix, or why there is none.
    """
    words = prefix + quote + suffix
    if start is not None and start >= len(prefix) and text.startswith(words, start - len(prefix)):
        return Span(start, start + len(quote))
    find = find or text.find
    first = find(words, 0)
    if first < 0:
        return Missing(text, quote, prefix, suffix)
    if start is not None:
        places = _nearest(text, words, start - len(prefix))
    elif (second := find(words, first + 1)) < 0:  # as nearly always
        return Span(first + len(prefix), first + len(prefix) + len(quote))
    else:
        places = [first, *islice(_from(words, second, find), MAX_PLACES)]
    starts = tuple(sorted(place + len(prefix) for place in places[:MAX_PLACES]))
    found = Ambiguous(starts, quote, text, len(places) > MAX_PLACES)
    return found if start is None else Misplaced(start, found)


def _from(words: str, place: int, find: Find) -> Iterator[int]:
    """Yield the offsets of words from one of them on."""
    while place >= 0:
        yield place
        place = find(words, place + 1)


def _nearest(text: str, words: str, near: int) -> list[int]:
    """Return the offsets of words that are nearest to another offset, the nearest first; one more than are shown."""
    after = list(islice(_from(words, text.find(words, max(0, near)), text.find), MAX_PLACES + 1))
    before: list[int] = []
    end = max(0, near) + len(words) - 1  # a place before the offset ends there at the latest
    while len(before) <= MAX_PLACES and (place := text.rfind(words, 0, end)) >= 0:
        before.append(place)
        end = place + len(words) - 1
    return sorted(before + after, key=lambda place: abs(place - near))[: MAX_PLACES + 1]
