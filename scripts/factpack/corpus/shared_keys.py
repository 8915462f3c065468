"""Find equal keys among millions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable
    from typing import TypeAlias

    Keys: TypeAlias = "array[int]"

FEW = 2**18  # keys up to which a dictionary finds them, because to load numpy takes longer


def shared(keys: Keys, marks: Keys | None = None) -> list[int]:
    """Return the numbers of the keys that come several times, or with different marks, in their order.

    Args:
        keys: The keys.
        marks: A mark for each; by default each has its own.
    """
    if len(keys) > FEW:
        return among_many(keys, marks)
    firsts = dict[int, int]()
    pairs: Iterable[tuple[int, int]] = zip(keys, range(len(keys)) if marks is None else marks, strict=True)
    several = {key for key, mark in pairs if firsts.setdefault(key, mark) != mark}
    return [number for number, key in enumerate(keys) if key in several] if several else []


def among_many(keys: Keys, marks: Keys | None = None) -> list[int]:
    """Return the same, in a fraction of the time, and without an object for each key."""
    import numpy as np  # noqa: PLC0415 - it loads slowly, and most corpora are small

    values = np.asarray(keys)
    if marks is None:
        ordered = np.sort(values)
        apart = ordered[1:] == ordered[:-1]
    else:
        order = np.argsort(values, kind="stable")
        ordered, marked = values[order], np.asarray(marks)[order]
        apart = (ordered[1:] == ordered[:-1]) & (marked[1:] != marked[:-1])
        del order, marked  # there are tens of millions
    several = np.unique(ordered[1:][apart])
    del ordered, apart
    if not len(several):
        return []
    places = np.searchsorted(several, values)
    places[places == len(several)] = 0
    return list(np.flatnonzero(several[places] == values).tolist())
