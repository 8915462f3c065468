"""The stamps of rows: since when each is there, and when it last changed, by what the last release held."""

import hashlib
from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from factpack.batches import STAMPS
from factpack.history import History, Rows

SUMMED = 1_000  # rows whose values are taken out of their columns at a time


class Stamps:
    """Gives the rows of a table their stamps. Any thread may ask."""

    def __init__(self, history: History, config: str) -> None:
        rows = history.rows.get(config) or Rows()
        self._columns = history.last.columns.get(config, ()) if history.last and rows.stamps else ()
        self._ids, self._sums, self._numbers = (np.asarray(each) for each in (rows.ids, rows.sums, rows.numbers))
        order = np.argsort(self._ids, kind="stable")  # if an id stands twice, the last row counts
        for each in (self._ids, self._sums, self._numbers):
            each[:] = each[order]  # in their place, because there are millions
        self._own = len(rows.stamps)  # the number of the stamp that is not from the last release
        stamps = *rows.stamps, (history.version, history.version)
        self._added, self._changed = map(pa.array, zip(*stamps, strict=True))

    @property
    def rows(self) -> int:
        """How many rows the last release had."""
        return len(np.unique(self._ids))

    def added_in(self, ids: pa.ChunkedArray) -> list[str]:
        """The versions that first carried the rows with these ids."""
        numbers, _ = self._find(ids)
        return list(self._added.take(pa.array(numbers)).to_pylist())

    def of(self, rows: pa.Table) -> tuple[pa.Array, pa.Array]:
        """The stamps of rows that have none yet: the versions that added and changed them.

        A column that the last release did not have is no change of the rows: it says the same of all of them.
        """
        numbers, sums = self._find(rows["id"])
        shared = rows.select([name for name in rows.column_names if name in self._columns])
        same = sums == _hashes(row_sums(shared), len(rows)) if shared.num_columns else False
        changed = np.where(same, numbers, self._own)
        return self._added.take(pa.array(numbers)), self._changed.take(pa.array(changed))

    def agree(self, rows: pa.Table) -> bool:
        """Whether the last release had these rows, with the stamps that they have."""
        numbers, sums = self._find(rows["id"])
        noted = [each.take(pa.array(numbers)).to_pylist() for each in (self._added, self._changed)]
        now = row_sums(rows.drop_columns(STAMPS))
        return noted == [rows[name].to_pylist() for name in STAMPS] and np.array_equal(sums, _hashes(now, len(rows)))

    def _find(self, ids: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The number of the stamp and the hash of the sum of each row of the last release; of no use if it had none."""
        numbers, sums = np.full(len(ids), self._own), np.zeros(len(ids), np.int64)
        if len(self._ids):
            wanted = _hashes(ids.to_pylist(), len(ids))
            places = np.searchsorted(self._ids, wanted, side="right") - 1  # -1 is the last place
            there = self._ids[places] == wanted
            numbers[there], sums[there] = self._numbers[places[there]], self._sums[places[there]]
        return numbers, sums


def _hashes(texts: Iterator[str] | list[str], count: int) -> NDArray[np.int64]:
    return np.fromiter(map(hash, texts), np.int64, count)


def row_sums(rows: pa.Table) -> Iterator[str]:
    """The sum of what each row says, its stamp left out: half of the SHA-256, in hexadecimal digits, of its JSON, in
    which nothing is between the values and keys are sorted.
    """
    names = sorted(rows.column_names)
    encode = msgspec.json.Encoder(order="sorted").encode
    for start in range(0, len(rows), SUMMED):
        some = rows.slice(start, SUMMED)
        for row in map(_model(tuple(names)), *(some[name].to_pylist() for name in names)):
            yield hashlib.sha256(encode(row)).hexdigest()[:32]


@lru_cache
def _model(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """A row with these columns; it takes less time to make and to encode than a mapping."""
    fields = [f"column{number}" for number, _ in enumerate(names)]
    return msgspec.defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)
