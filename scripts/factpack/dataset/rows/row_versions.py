"""Find the versions that added and last changed each row, by comparing it with the last release."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from factpack.dataset.columns import VERSION_COLUMNS, Tables
from factpack.project.history import SEED, History, ReleasedRows

ROWS_AT_ONCE = 1_000  # rows whose values are taken out of their columns at a time


Hashes = NDArray[np.uint64]

_ARRAYS = ("ids", "digests", "numbers")  # of the rows of the last release


def text_hashes(texts: Iterable[str], count: int, seed: int) -> Hashes:
    """Return a hash of 64 bits for each of some texts, which is the same in every process with the same seed."""
    return np.fromiter(map(xxh3_64_intdigest, map(str.encode, texts), repeat(seed)), np.uint64, count)


class RowVersions:
    """Find the versions of the rows of a table, from any thread or process.

    Args:
        history: The releases that were made.
        config: The name of the table.
    """

    def __init__(self, history: History, config: str) -> None:
        rows = history.rows.get(config) or ReleasedRows()
        self._seed = SEED  # of the process that has read the history
        self._columns = history.last.columns.get(config, ()) if history.last and rows.versions else ()
        self._ids, self._digests, self._numbers = (np.asarray(each) for each in (rows.ids, rows.digests, rows.numbers))
        order = np.argsort(self._ids, kind="stable")  # of several rows with one id the last one counts
        for each in (self._ids, self._digests, self._numbers):
            each[:] = each[order]  # in their place, because there are millions
        self._own = len(rows.versions)  # the number of the present version, which the last release does not have
        pairs = *rows.versions, (history.version, history.version)
        self._added, self._changed = map(pa.array, zip(*pairs, strict=True))
        self._kept: Path | None = None

    def keep(self, path: Path) -> None:
        """Keep what was released in files, which every process maps into memory instead of having a copy.

        Args:
            path: The path of the files, without their suffixes.
        """
        if len(self._ids):
            for name in _ARRAYS:
                np.save(path.with_suffix(f".{name}.npy"), getattr(self, f"_{name}"))
            self._kept = path
            self._map()

    def _map(self) -> None:
        if self._kept:
            for name in _ARRAYS:
                mapped = np.load(self._kept.with_suffix(f".{name}.npy"), mmap_mode="r")
                setattr(self, f"_{name}", mapped)

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for another process."""
        dropped = {f"_{name}" for name in _ARRAYS} if self._kept else set()
        return {name: value for name, value in vars(self).items() if name not in dropped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._map()

    @property
    def rows(self) -> int:
        """Count the rows that the last release had."""
        return len(np.unique(self._ids))

    def added_in(self, ids: pa.ChunkedArray) -> list[str]:
        """Return the versions that added the rows with these ids."""
        numbers, _ = self._find(ids)
        return list(self._added.take(pa.array(numbers)).to_pylist())

    def of(self, rows: pa.Table) -> tuple[pa.Array, pa.Array]:
        """Return the versions that added and last changed rows.

        A column that the last release did not have is no change of the rows: it is new in all of them.

        Args:
            rows: The rows, without the columns of their versions.
        """
        numbers, digests = self._find(rows["id"])
        shared = rows.select([name for name in rows.column_names if name in self._columns])
        same = digests == self._hashes(row_digests(shared), len(rows)) if shared.num_columns else False
        changed = np.where(same, numbers, self._own)
        return self._added.take(pa.array(numbers)), self._changed.take(pa.array(changed))

    def agree(self, rows: pa.Table) -> bool:
        """Tell whether the last release had these rows, with the versions that they have."""
        numbers, digests = self._find(rows["id"])
        noted = [each.take(pa.array(numbers)).to_pylist() for each in (self._added, self._changed)]
        now = row_digests(rows.drop_columns(VERSION_COLUMNS))
        return noted == [rows[name].to_pylist() for name in VERSION_COLUMNS] and np.array_equal(
            digests, self._hashes(now, len(rows))
        )

    def _find(self, ids: pa.ChunkedArray) -> tuple[NDArray[np.int64], Hashes]:
        """Return the number of the versions and the hash of the digest that each row had in the last release.

        The number of a row that it did not have is that of the present version.
        """
        numbers, digests = np.full(len(ids), self._own), np.zeros(len(ids), np.uint64)
        if len(self._ids):
            wanted = self._hashes(ids.to_pylist(), len(ids))
            places = np.searchsorted(self._ids, wanted, side="right") - 1  # -1 is the last place
            there = self._ids[places] == wanted
            numbers[there], digests[there] = self._numbers[places[there]], self._digests[places[there]]
        return numbers, digests

    def _hashes(self, texts: Iterable[str], count: int) -> Hashes:
        return text_hashes(texts, count, self._seed)


class DatasetVersions:
    """Find the versions of the rows of all tables, in any process.

    Args:
        tables: The tables.
        history: The releases that were made.
        folder: A folder that every process reaches.

    Attributes:
        rows: The versions of the rows of each table, by config.
        first: The first version.
        several: Whether there were releases.
    """

    def __init__(self, tables: Tables, history: History, folder: Path) -> None:
        self.rows = {config.name: RowVersions(history, config.name) for config in tables.configs}
        self.first, self.several = history.first_version, bool(history.releases)
        for name, versions in self.rows.items():
            versions.keep(folder / name)


def row_digests(rows: pa.Table) -> Iterator[str]:
    """Yield the digest of each row: half of the SHA-256, in hexadecimal digits, of its JSON.

    The JSON has sorted keys, and no space between the values.

    Args:
        rows: The rows, without the columns of their versions.
    """
    names = sorted(rows.column_names)
    encode = msgspec.json.Encoder(order="sorted").encode
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows.slice(start, ROWS_AT_ONCE)
        for row in map(_model(tuple(names)), *(some[name].to_pylist() for name in names)):
            yield hashlib.sha256(encode(row)).hexdigest()[:32]


@lru_cache
def _model(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """Make a type of row with these columns, which takes less time to fill and to encode than a mapping."""
    fields = [f"column{number}" for number, _ in enumerate(names)]
    return msgspec.defstruct("Row", fields, rename=dict(zip(fields, names, strict=True)), gc=False)
