"""Find many quotes in a long text without searching all of it for each."""

from collections.abc import Sequence
from operator import mul
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


_GRAM = 8  # code points that the index goes by

_SAMPLES = 4  # runs of that length that are looked up for a phrase; the rarest of them leads to its places
_FEW = 64  # places that are compared before all runs are looked up: sentences of one pattern share most of them
_LOOKED_UP = 1_000  # code points of a phrase whose runs are

_FACTORS = tuple(pow(0x9E3779B97F4A7C15, _GRAM - 1 - at, 2**64) for at in range(_GRAM))


class PhraseIndex:
    """Index a long text, so that a hundred thousand quotes in it do not search the whole text as often.

    The hash of every run of eight code points is kept, sorted, in 12 bytes each.

    Args:
        text: The text to index.
    """

    def __init__(self, text: str) -> None:
        import numpy as np  # noqa: PLC0415 - takes as long to import as to check a small project

        self.text = text
        hashes = _hashes(text)
        order = np.argsort(hashes, kind="stable").astype(np.uint32)  # equal hashes in the order of the text
        self._order, self._hashes = order, hashes[order]
        self._looked_up: tuple[str, int, np.ndarray] = ("", 0, order[:0])

    def find(self, words: str, start: int = 0) -> int:
        """Return the first offset of words from ``start`` on, or -1, as ``str.find`` does."""
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
        """Return where the rarest run of the words begins in them, and every offset of that run in the text."""
        last = len(words) - _GRAM
        runs = sorted({last * number // (_SAMPLES - 1) for number in range(_SAMPLES)})
        # For so few this is faster than numpy.
        hashes = [sum(map(mul, map(ord, words[at : at + _GRAM]), _FACTORS)) % 2**64 for at in runs]
        found = self._rarest(runs, hashes)
        return found if len(found[1]) <= _FEW else self._rarest(range(last + 1), _hashes(words[:_LOOKED_UP]))

    def _rarest(self, runs: Sequence[int], hashes: "Sequence[int] | np.ndarray") -> "tuple[int, np.ndarray]":
        """Return where the rarest of some runs begins, and every offset of it in the text."""
        import numpy as np  # noqa: PLC0415 - as above

        wanted = np.array(hashes, dtype=np.uint64)
        low, high = self._hashes.searchsorted(wanted), self._hashes.searchsorted(wanted, side="right")
        rarest = int((high - low).argmin())
        return runs[rarest], self._order[low[rarest] : high[rarest]]


def _hashes(text: str) -> "np.ndarray":
    """Return the hash of every run of a text."""
    import numpy as np  # noqa: PLC0415 - as above

    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    hashes = np.zeros(max(len(points) - _GRAM + 1, 0), dtype=np.uint64)
    for at, factor in enumerate(_FACTORS):
        hashes += points[at : at + len(hashes)] * np.uint64(factor)
    return hashes
