"""What changed between two releases: rows matched by id, columns, and the files beside the tables.

Tables are read in batches of rows, and rows are looked at one by one only where a column of a batch differs. The older
release may have other configs and columns than today's: what is there is taken from the files themselves.
"""

import filecmp
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from semver import Version

from factpack.columns import CONFIGS, withheld
from factpack.columns import STAMPS as STAMP_COLUMNS
from factpack.folder import MANIFEST, SUMS, Manifest, NotAReleaseError, present_files, read_manifest
from factpack.texts import FULL
from factpack.versions import Change, Step, smallest_version, step_of
from factpack.view import PAGE

KEY = "id"

#: What these hold follows from what changed, and is no change itself.
STAMPS = {column.name for column in STAMP_COLUMNS}

#: Written from the diff, or from everything else in the release: no change of their own.
FOLLOWING_FILES = (SUMS, "CHANGELOG.md")

#: What a change in a column is, where it is more than `changed`.
_KINDS: Mapping[tuple[str, str], Change] = {
    ("claims", "label"): Change.RELABELLED,
    ("claims", "article"): Change.REANCHORED,
    ("claims", "quote"): Change.REANCHORED,
    ("claims", "start"): Change.REANCHORED,
    ("claims", "end"): Change.REANCHORED,
    ("claims", "claim"): Change.TEXT,
    ("claims", "evidence"): Change.EVIDENCE,
    ("articles", "text"): Change.TEXT,
    ("articles", "sha256"): Change.TEXT,  # all that shows it where the text is withheld
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a claim stands: ``article[start:end]``, in Unicode code points, is ``quote``."""

    article: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One change.

    ``config`` is empty for a file beside the tables. ``subject`` is the id of the row, the path of the column (such as
    ``evidence[].stance``) or the name of the file; empty if the change concerns the config as a whole. ``columns`` are
    those of a row that changed. ``old`` and ``new`` are labels, anchors, texts of a claim, types or names of a column.
    """

    change: Change
    config: str
    subject: str = ""
    columns: tuple[str, ...] = ()
    old: str | Anchor | tuple[str, ...] | None = None
    new: str | Anchor | tuple[str, ...] | None = None

    @property
    def step(self) -> Step:
        """The step of the version number that it needs."""
        return step_of(self.change, self.config)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two releases: its name and version, and the number of rows by config."""

    name: str
    version: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that changed; ``old`` is None for a first release, which has no differences."""

    old: Side | None
    new: Side
    differences: tuple[Difference, ...]

    @property
    def step(self) -> Step:
        """The smallest step of the version number that the changes allow."""
        return max((difference.step for difference in self.differences), default=Step.NONE)

    @property
    def smallest_version(self) -> Version:
        """The smallest version that the new release may have; a first release may have its own."""
        return smallest_version(self.old.version, self.step) if self.old else Version.parse(self.new.version)


def diff(old: Path | None, new: Path) -> Diff:
    """Compares two release folders; without ``old``, ``new`` is a first release.

    Raises NotAReleaseError if one of them cannot be read.
    """
    after = _open(new)
    if old is None:
        return Diff(None, after.side, ())
    before = _open(old)
    found: list[Difference] = []
    for config in in_order({*before.tables, *after.tables}):
        if config not in after.tables:
            found.append(Difference(Change.CONFIG_GONE, config))
        elif config not in before.tables:
            found.append(Difference(Change.CONFIG_ADDED, config))
        else:
            with _reading(f"{old / config} or {new / config}"):
                found += _compare(config, before, after)
    found += _files(before, after)
    return Diff(before.side, after.side, tuple(found))


def in_order(configs: Iterable[str]) -> list[str]:
    """The configs in the order of the table of columns; others come last."""
    known = [config.name for config in CONFIGS]
    return sorted(configs, key=lambda name: (known.index(name) if name in known else len(known), name))


@dataclass(frozen=True, slots=True)
class _Release:
    """A release that is compared: every folder with Parquet files is a table, by its name."""

    folder: Path
    manifest: Manifest
    tables: Mapping[str, "_Table"]

    @property
    def side(self) -> Side:
        rows = {config: self.tables[config].rows for config in in_order(self.tables)}
        return Side(self.manifest.name, self.manifest.version, rows)

    def files(self) -> dict[str, Path]:
        """The files beside the tables, without hidden ones; those of the full release, where they lie there too."""
        names = [name for name in present_files(self.folder) if not name.endswith(".parquet")]
        shown = sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))
        full = {name.removeprefix(f"{FULL}/"): name for name in shown if name.startswith(f"{FULL}/")}
        own = {name: name for name in shown if not name.startswith(f"{FULL}/")}
        return {name: self.folder / path for name, path in (own | full).items() if name not in FOLLOWING_FILES}


@contextmanager
def _reading(what: str) -> Iterator[None]:
    """Turns what a damaged file leads to into NotAReleaseError."""
    try:
        yield
    except (OSError, pa.ArrowException, UnicodeError) as error:
        message = f"{what} cannot be read: {error}"
        raise NotAReleaseError(message) from error


def _open(folder: Path) -> _Release:
    """Raises NotAReleaseError."""
    manifest = read_manifest(folder)
    if not Version.is_valid(manifest.version):
        message = f"{folder / MANIFEST} gives no semantic version, but {manifest.version!r}"
        raise NotAReleaseError(message)
    tables: dict[str, _Table] = {}
    for config in sorted({path.parent.name for path in folder.glob("*/*.parquet")}):
        with _reading(str(folder / config)):
            tables[config] = _Table(sorted((folder / config).glob("*.parquet")))
    return _Release(folder, manifest, tables)


@dataclass(frozen=True, slots=True)
class _Node:
    """A column, or one within a list of structs. ``leaf`` is its path in the Parquet file, empty if it has columns."""

    type: str
    leaf: str
    names: tuple[str, ...] = ()


class _Table:
    """A table of a release, of which only the row groups that are looked at are held."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        files = [pq.ParquetFile(path) for path in paths]
        self.groups = [(file, group) for file in files for group in range(file.num_row_groups)]
        sizes = [file.metadata.row_group(group).num_rows for file, group in self.groups]
        self.starts = np.cumsum([0, *sizes])
        self.rows = int(self.starts[-1])
        schema = files[0].schema_arrow
        leaves = iter([files[0].schema.column(index).path for index in range(len(files[0].schema.names))])
        try:
            features = datasets.Features.from_arrow_schema(schema)
        except Exception as error:  # whatever it is, `datasets` does not load the table either
            message = f"{paths[0]} has metadata that `datasets` cannot read: {error}"
            raise NotAReleaseError(message) from error
        self.nodes = {
            path: node
            for field in schema
            for path, node in _nodes(field.name, field.type, features[field.name], leaves)
        }

    def ids(self) -> pa.Array:
        """The ids of all rows, each of which must have its own."""
        if KEY not in self.nodes:
            message = f"{self.paths[0]} has no column `{KEY}`"
            raise NotAReleaseError(message)
        parts = [file.read_row_group(group, columns=[KEY])[KEY] for file, group in self.groups]
        ids = pa.chunked_array([chunk for part in parts for chunk in part.cast(pa.string()).chunks], pa.string())
        ids = ids.combine_chunks()
        if ids.null_count or pc.count_distinct(ids).as_py() < len(ids):
            message = f"{self.paths[0]} has rows without an id of their own"
            raise NotAReleaseError(message)
        return ids

    def nulls(self, leaf: str) -> int | None:
        """How many rows have null in a column that is not nested; None if the file does not say."""
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

    def reader(self, leaves: Sequence[str]) -> "_Reader":
        """Reads rows of some columns."""
        return _Reader(self, leaves)


class _Reader:
    """Rows of a table by their numbers, in any order."""

    def __init__(self, table: _Table, leaves: Sequence[str]) -> None:
        self.table = table
        self.leaves = list(leaves)
        self.group = lru_cache(maxsize=2)(self._group)  # rows are mostly asked for in the order of the file

    def _group(self, index: int) -> pa.Table:
        file, group = self.table.groups[index]
        return file.read_row_group(group, columns=self.leaves)

    def rows(self, numbers: "np.ndarray[Any, np.dtype[np.int64]]") -> pa.Table:
        order = np.argsort(numbers, kind="stable")
        wanted = numbers[order]
        cuts = np.searchsorted(wanted, self.table.starts)
        parts = [
            self.group(index).take(wanted[low:high] - self.table.starts[index])
            for index, (low, high) in enumerate(pairwise(cuts))
            if low < high
        ]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        found = pa.concat_tables(parts)
        return found if np.array_equal(order, back) else found.take(back)


def _nodes(path: str, kind: pa.DataType, feature: Any, leaves: Iterator[str]) -> Iterator[tuple[str, _Node]]:
    """A column and those within it, by their paths, in the order of the file, which ``leaves`` has too."""
    if pa.types.is_struct(kind):
        yield path, _Node("struct", "")
        for field in kind:
            yield from _nodes(f"{path}.{field.name}", field.type, feature[field.name], leaves)
    elif (pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type):
        yield path, _Node("list of struct", "")
        for field in kind.value_type:
            inner = feature.feature[field.name]
            yield from _nodes(f"{path}[].{field.name}", field.type, inner, leaves)
    elif isinstance(feature, datasets.ClassLabel):
        yield path, _Node("ClassLabel", next(leaves), tuple(feature.names))
    else:
        listed = pa.types.is_list(kind) or pa.types.is_large_list(kind)
        name = f"list of {kind.value_type}" if listed else str(kind)
        yield path, _Node(name.replace("large_", ""), next(leaves))


def _top(path: str) -> str:
    """The column of the table that a path begins with."""
    return re.split(r"\[\]|\.", path)[0]


def _compare(config: str, before: _Release, after: _Release) -> Iterator[Difference]:
    """Everything that differs in a table."""
    old, new = before.tables[config], after.tables[config]
    if len(old.paths) == len(new.paths) and all(map(_same_bytes, old.paths, new.paths)):
        return
    yield from _columns(config, old, new)
    shared = [
        path
        for path, node in old.nodes.items()
        if node.leaf and path in new.nodes and new.nodes[path].type == node.type and _top(path) not in STAMPS
    ]
    if before.manifest.text != after.manifest.text:  # one of them is without the texts
        change, without = (Change.GIVEN, old) if after.manifest.text == "full" else (Change.WITHHELD, new)
        for column in [column.name for name, column in withheld() if name == config and column.name in shared]:
            if without.nulls(column) == without.rows:
                yield Difference(change, config, column)
                shared.remove(column)
    yield from _rows(config, old, new, shared)


def _same_bytes(one: Path, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)


def _columns(config: str, old: _Table, new: _Table) -> Iterator[Difference]:
    """Columns that came, went or changed their type or their names."""
    told: set[str] = set()  # what is within such a column needs no line of its own
    for path in [*old.nodes, *(path for path in new.nodes if path not in old.nodes)]:
        before, after = old.nodes.get(path), new.nodes.get(path)
        if any(path.startswith((f"{above}[].", f"{above}.")) for above in told):
            continue
        if before is None or after is None:
            change = Change.COLUMN_ADDED if before is None else Change.COLUMN_GONE
            yield Difference(
                change, config, path, old=before.type if before else None, new=after.type if after else None
            )
        elif before.type != after.type:
            yield Difference(Change.COLUMN_TYPE, config, path, old=before.type, new=after.type)
        else:
            if before.names != after.names:
                appended = after.names[: len(before.names)] == before.names
                change = Change.NAMES_APPENDED if appended else Change.NAMES
                yield Difference(change, config, path, old=before.names, new=after.names)
            continue
        told.add(path)


def _rows(config: str, old: _Table, new: _Table, shared: Sequence[str]) -> Iterator[Difference]:
    """Rows that came, went or changed in one of the ``shared`` columns, and whether they stand in another order."""
    old_ids, new_ids = old.ids(), new.ids()
    places = pc.index_in(old_ids, value_set=new_ids)
    yield from (Difference(Change.REMOVED, config, key) for key in old_ids.filter(places.is_null()).to_pylist())
    came = pc.invert(pc.is_in(new_ids, value_set=old_ids))
    yield from (Difference(Change.ADDED, config, key) for key in new_ids.filter(came).to_pylist())
    before = np.flatnonzero(places.is_valid())
    after = places.drop_null().to_numpy().astype(np.int64)
    if np.any(np.diff(after) < 0):
        yield Difference(Change.REORDERED, config)
    readers = [_Reader(table, [table.nodes[path].leaf for path in shared]) for table in (old, new)]
    names = [{path: table.nodes[path].names for path in shared if table.nodes[path].names} for table in (old, new)]
    for low, high in pairwise(np.searchsorted(before, old.starts)):  # a row group of the old table at a time
        if low == high:
            continue
        part = slice(low, high)
        ids = old_ids.take(before[part])
        batches = (_Batch(readers[0].rows(before[part]), names[0]), _Batch(readers[1].rows(after[part]), names[1]))
        yield from _batch(config, ids, *batches)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows, and the names of their ClassLabels by the path of the column."""

    table: pa.Table
    names: Mapping[str, tuple[str, ...]]

    def value(self, column: str, row: int) -> Any:
        """What stands in a row, labels by their names; None if there is no such column."""
        return self.named(self.table[column][row].as_py(), column) if column in self.table.column_names else None

    def named(self, value: Any, path: str) -> Any:
        """A value with the names of its labels instead of their numbers."""
        if isinstance(value, dict):
            return {key: self.named(part, f"{path}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [self.named(part, f"{path}[]") for part in value]
        if value is None or path not in self.names:
            return value
        return self.names[path][value] if 0 <= value < len(self.names[path]) else str(value)


def _batch(config: str, ids: pa.Array, old: _Batch, new: _Batch) -> Iterator[Difference]:
    """What differs in two batches with the same ids, row by row."""
    changed: dict[int, dict[Change, list[str]]] = {}
    for column in old.table.column_names:
        kind = _KINDS.get((config, column), Change.CHANGED)
        for row in _differing(column, old, new):
            changed.setdefault(row, {}).setdefault(kind, []).append(column)
    for row in sorted(changed):
        for change, columns in changed[row].items():
            before, after = (_shown(change, config, batch, row) for batch in (old, new))
            yield Difference(change, config, ids[row].as_py(), tuple(columns), before, after)


def _shown(change: Change, config: str, batch: _Batch, row: int) -> str | Anchor | None:
    """What a reader wants to see of a row that changed; nothing where it would be long."""
    if change is Change.RELABELLED:
        return str(batch.value("label", row))
    if change is Change.REANCHORED:
        return Anchor(*(batch.value(name, row) for name in ("article", "start", "end", "quote")))
    return str(batch.value("claim", row)) if change is Change.TEXT and config == "claims" else None


def _differing(column: str, old: _Batch, new: _Batch) -> list[int]:
    """The rows in which a column differs."""
    one, other = old.table[column], new.table[column]
    renumbered = any(
        _top(path) == column and any(map(str.__ne__, names, new.names[path])) for path, names in old.names.items()
    )
    if renumbered or one.type != other.type:
        values = [[batch.named(value, column) for value in batch.table[column].to_pylist()] for batch in (old, new)]
        return [row for row, (before, after) in enumerate(zip(*values, strict=True)) if before != after]
    return list(_unequal(one.combine_chunks(), other.combine_chunks(), 0))


LEAF_ROWS = 16  # so few are faster compared one by one than halved again


def _unequal(old: pa.Array, new: pa.Array, first: int) -> Iterator[int]:
    """The rows, counted from ``first``, in which two arrays differ: whatever is equal as a whole is passed over."""
    if old.equals(new):
        return
    if len(old) <= LEAF_ROWS:
        pairs = zip(old.to_pylist(), new.to_pylist(), strict=True)
        yield from (row for row, (before, after) in enumerate(pairs, first) if before != after)
        return
    half = len(old) // 2
    yield from _unequal(old[:half], new[:half], first)
    yield from _unequal(old[half:], new[half:], first + half)


def _files(old: _Release, new: _Release) -> Iterator[Difference]:
    """The files beside the tables that came, went or changed."""
    before, after = old.files(), new.files()
    versions = (old.manifest.version, new.manifest.version)
    other_form = {PAGE} if old.manifest.text != new.manifest.text else set()  # the page holds the texts
    for name in sorted({*before, *after} - other_form):
        if name not in after:
            yield Difference(Change.FILE_GONE, "", name)
        elif name not in before:
            yield Difference(Change.FILE_ADDED, "", name)
        elif not _same_bytes(before[name], after[name]):
            with _reading(f"{before[name]} or {after[name]}"):
                contents = (_without_followers(path.read_bytes(), versions) for path in (before[name], after[name]))
            if next(contents) != next(contents):
                yield Difference(Change.FILE_CHANGED, "", name)


def _without_followers(data: bytes, versions: tuple[str, str]) -> bytes:
    """A file without what follows from the version number and from the bytes of the tables.

    That is the version, the one that `datasets` caches by, sums, sizes and stamps, as card, Croissant file, page and
    manifest hold them.
    """
    numbers = b"|".join(re.escape(version.encode()) for version in versions)
    return re.sub(
        rb"(?<![\d.])(?:" + numbers + rb")(?![\d+-]|\.\d)"
        rb"|(?m:^ *version: \S+$)"
        rb"|\b[0-9a-f]{64}\b"
        rb"|(?m:^[ -]*(?:num_bytes|download_size|dataset_size): \d+$)"
        rb'|"contentSize": "\d+ B"'
        rb'|"(?:added_in|changed_in)": ?"[^"]*"',
        b"",
        data,
    )
