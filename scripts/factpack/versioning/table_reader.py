"""Read a table of a release as it is stored, by this version of factpack or by an older one.

Its columns are taken from the Parquet file itself. Only the row groups that are looked at are held.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factpack.checks.report import printable
from factpack.dataset.table_files import split_of
from factpack.errors import NotAReleaseError
from factpack.release.verification.rows.row_checks import equal_pairs

KEY = "id"

Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Node:
    """Describe a column, or one in a list of structs. ``leaf`` is its path in the file, empty if it has columns."""

    type: str
    leaf: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold some rows, and the names of their ClassLabels by the path of the column."""

    table: pa.Table
    names: Mapping[str, tuple[str, ...]]

    def value(self, column: str, row: int) -> Any:
        """Return the value in a row, labels by their names; None if there is no such column."""
        return self.named(self.table[column][row].as_py(), column) if column in self.table.column_names else None

    def named(self, value: Any, path: str) -> Any:
        """Return a value with the names of its labels instead of their numbers."""
        if isinstance(value, dict):
            return {key: self.named(part, f"{path}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [self.named(part, f"{path}[]") for part in value]
        if value is None or path not in self.names:
            return value
        return self.names[path][value] if 0 <= value < len(self.names[path]) else str(value)


class StoredTable:
    """Read a table in one or more Parquet files.

    ``nodes`` are its columns, nested ones too, by their paths, such as ``evidence[].stance``. ``starts`` are the
    numbers of the first rows of the row groups, and at the end the number of ``rows``. ``splits`` are those of its
    files, and ``file_starts`` the numbers of their first rows, likewise.

    Raises NotAReleaseError, and what pyarrow raises for a damaged file.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        files = [pq.ParquetFile(path) for path in paths]
        self.groups = [(file, group) for file in files for group in range(file.num_row_groups)]
        self.splits = [split_of(path) for path in paths]
        self.file_starts = np.cumsum([0, *(file.metadata.num_rows for file in files)])
        sizes = [file.metadata.row_group(group).num_rows for file, group in self.groups]
        self.starts = np.cumsum([0, *sizes])
        self.rows = int(self.starts[-1])
        schema = files[0].schema_arrow
        leaves = iter([files[0].schema.column(index).path for index in range(len(files[0].schema.names))])
        try:
            features = datasets.Features.from_arrow_schema(schema)
            self.nodes = {
                path: node
                for field in schema
                for path, node in _nodes(field.name, field.type, features[field.name], leaves)
            }
        except Exception as error:  # whatever it is, `datasets` does not load the table either
            message = printable(f"{paths[0]} has metadata that `datasets` cannot read: {error}")
            raise NotAReleaseError(message) from error

    def ids(self) -> pa.Array:
        """Return the ids of all rows, each of which must have its own."""
        if KEY not in self.nodes:
            message = printable(f"{self.paths[0]} has no column `{KEY}`")
            raise NotAReleaseError(message)
        hashes, chunks = array("q"), list[pa.Array]()
        for file, group in self.groups:
            found = file.read_row_group(group, columns=[KEY])[KEY].cast(pa.string())
            hashes.extend(map(hash, found.to_pylist()))
            chunks += found.chunks
        ids = pa.chunked_array(chunks, pa.string()).combine_chunks()
        if ids.null_count or (len(equal_pairs(hashes)[0]) and pc.count_distinct(ids).as_py() < len(ids)):
            message = printable(f"{self.paths[0]} has rows without an id of their own")
            raise NotAReleaseError(message)
        return ids

    def split(self, numbers: Numbers) -> list[str]:
        """Return the splits that rows are in, by the numbers of the rows."""
        return [self.splits[at] for at in np.searchsorted(self.file_starts, numbers, side="right") - 1]

    def nulls(self, leaf: str) -> int | None:
        """Count the rows with null in a column that is not nested; None if the file does not say."""
        count = 0
        for file, group in self.groups:
            columns = file.metadata.row_group(group)
            column = next(
                columns.column(i) for i in range(columns.num_columns) if columns.column(i).path_in_schema == leaf
            )
            if column.statistics is None or not column.statistics.has_null_count:
                return None
            count += column.statistics.null_count
        return count

    def reader(self, paths: Sequence[str]) -> "Reader":
        """Return what reads the columns with these paths."""
        return Reader(self, paths)


class Reader:
    """Read rows of some columns of a table."""

    def __init__(self, table: StoredTable, paths: Sequence[str]) -> None:
        self.groups, self.starts = table.groups, table.starts
        self.leaves = [table.nodes[path].leaf for path in paths]
        self.names = {path: table.nodes[path].names for path in paths if table.nodes[path].names}
        self.group = lru_cache(maxsize=2)(self._group)  # rows are mostly asked for in the order of the file

    def _group(self, index: int) -> pa.Table:
        file, group = self.groups[index]
        return file.read_row_group(group, columns=self.leaves)

    def rows(self, numbers: Numbers) -> Rows:
        """Return the rows with these numbers, which count from 0, in this order."""
        order = np.argsort(numbers, kind="stable")
        wanted = numbers[order]
        cuts = np.searchsorted(wanted, self.starts)
        parts = [
            self.group(index).take(wanted[low:high] - self.starts[index])
            for index, (low, high) in enumerate(pairwise(cuts))
            if low < high
        ]
        found = pa.concat_tables(parts)
        if not np.array_equal(order, np.arange(len(order))):
            found = found.take(np.argsort(order))
        return Rows(found, self.names)


def _nodes(path: str, kind: pa.DataType, feature: Any, leaves: Iterator[str]) -> Iterator[tuple[str, Node]]:
    """Return a column and those within it, by their paths, in the order of the file, which ``leaves`` has too."""
    if pa.types.is_struct(kind):
        yield path, Node("struct", "")
        for field in kind:
            yield from _nodes(f"{path}.{field.name}", field.type, feature[field.name], leaves)
    elif (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
        yield path, Node("list of struct", "")
        for field in kind.value_type:
            inner = feature.feature[field.name]
            yield from _nodes(f"{path}[].{field.name}", field.type, inner, leaves)
    elif isinstance(feature, datasets.ClassLabel):
        if odd := [name for name in feature.names if not isinstance(name, str)]:
            message = f"a label of `{path}` is {odd[0]!r}, not text"
            raise TypeError(message)
        yield path, Node("ClassLabel", next(leaves), tuple(feature.names))
    else:
        listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
        name = f"list of {kind.value_type}" if listed else str(kind)
        yield path, Node(name.replace("large_", ""), next(leaves))


def top(path: str) -> str:
    """Return the column of the table that a path begins with."""
    return re.split(r"\[\]|\.", path)[0]
