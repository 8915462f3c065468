"""Compare what two tables say of the same things, by hashes.

A hash is of 64 bits and depends on a secret of the process. A million rows take 8 bytes each, and their number 8 more;
that a row passes for another one is as likely as one in 10**13.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]

_NULL = -1  # in a column of numbers, none of which is negative in a release that is right


def hashed(column: pa.Array) -> Hashes:
    """Return the hash of each value of a column of text or of whole numbers."""
    if pa.types.is_integer(column.type):
        return numbers(column).view(np.uint64)
    encoded = column.dictionary_encode("encode")  # what occurs more than once is hashed once
    different = encoded.dictionary.to_pylist()
    return np.fromiter(map(hash, different), np.int64, len(different)).view(np.uint64)[numbers(encoded.indices)]


def numbers(column: pa.Array) -> Numbers:
    """Return a column of whole numbers, with -1 for null."""
    return np.asarray(column.fill_null(_NULL).to_numpy(zero_copy_only=False), np.int64)


def items_of(lists: pa.Array) -> dict[str, pa.Array]:
    """Return the items of lists of structs, all lists one after another, by their fields."""
    fields = lists.type.value_type
    return dict(zip((field.name for field in fields), lists.flatten().flatten(), strict=True))


class Statements:
    """Keep hashes of what the rows of a table say, each with the number of its row."""

    def __init__(self) -> None:
        self._hashes = [np.zeros(0, np.uint64)]
        self._rows = [np.zeros(0, np.int64)]

    def add(self, hashes: Hashes, rows: Numbers) -> None:
        """Take what the next rows say."""
        self._hashes.append(hashes)
        self._rows.append(rows)

    @property
    def hashes(self) -> Hashes:
        """Return the hashes in the order in which they came."""
        return np.concatenate(self._hashes)

    def rows_without(self, others: Hashes) -> Numbers:
        """Return the numbers of the rows that say something which is not among ``others``, each once."""
        return np.unique(np.concatenate(self._rows)[~np.isin(self.hashes, others)])


def _different(hashes: Hashes) -> Hashes:
    """Return the hashes in their order, each once; np.unique takes many times as long."""
    ordered: Hashes = np.sort(hashes)
    new: NDArray[np.bool_] = np.concatenate([np.ones(min(1, len(ordered)), np.bool_), ordered[1:] != ordered[:-1]])
    return np.asarray(ordered[new])


@dataclass(frozen=True, slots=True)
class Relation:
    """Relate two tables that have to say the same of something, in any order.

    Attributes:
        first: A config, and what is wrong with a row of it that says what no row of the other one says.
        second: The same of the other config.
        said: What the rows of both say.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    said: tuple[Statements, Statements] = field(default_factory=lambda: (Statements(), Statements()))

    def problems(self) -> Iterator[tuple[str, Numbers, str]]:
        """Find the rows that the other table contradicts: a config, the numbers of its rows, and what is wrong."""
        one, other = (each.hashes for each in self.said)
        if np.array_equal(_different(one), _different(other)):
            return
        for (config, problem), statements, others in zip(
            (self.first, self.second), self.said, (other, one), strict=True
        ):
            yield config, statements.rows_without(others), problem
