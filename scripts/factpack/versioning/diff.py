"""Find what changed between two releases: rows matched by id, columns, and the files beside the tables.

Tables are read in batches of rows, and rows are looked at one by one only where a column of a batch differs. The older
release may have other configs and columns than today's: what is there is taken from the files themselves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.checks.report import printable
from factpack.dataset.columns import VERSION_COLUMNS, tables_of
from factpack.errors import NotAReleaseError
from factpack.evaluation.tasks.files import is_task_file
from factpack.project.checkout import FETCH_HINT, POINTER, is_pointer
from factpack.release.layout import walk
from factpack.release.manifest import Manifest, read_manifest
from factpack.release.version_policy import Change
from factpack.versioning.changes import Anchor, Diff, Difference, Side, in_order
from factpack.versioning.file_diff import compare_files, reading, same_bytes
from factpack.versioning.table_reader import Rows, StoredTable, top

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


def diff(old: Path | None, new: Path) -> Diff:
    """Compare two release folders.

    Args:
        old: The older one; None if ``new`` is a first release.
        new: The newer one.

    Raises:
        NotAReleaseError: One of them cannot be read.
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
            with reading(f"{old / config} or {new / config}"):
                found += _compare(config, before, after)
    found += compare_files(before.folder, before.manifest, after.folder, after.manifest)
    return Diff(before.side, after.side, tuple(found))


@dataclass(frozen=True, slots=True)
class _Release:
    """Hold a release that is compared: every folder with Parquet files is a table, by its name."""

    folder: Path
    manifest: Manifest
    tables: Mapping[str, StoredTable]

    @property
    def side(self) -> Side:
        rows = {config: self.tables[config].rows for config in in_order(self.tables)}
        return Side(self.manifest.name, self.manifest.version, rows)


def _open(folder: Path) -> _Release:
    """Open a release; raise NotAReleaseError if it cannot be read."""
    manifest = read_manifest(folder)
    tables: dict[str, StoredTable] = {}
    for config, paths in groupby(_parquet(folder), lambda path: path.parent.name):
        with reading(str(folder / config)):
            tables[config] = StoredTable(list(paths))
    return _Release(folder, manifest, tables)


def _parquet(folder: Path) -> Iterator[Path]:
    """Yield the Parquet files, by config.

    Raises:
        NotAReleaseError: Something else is in the place of one: a link, or a pointer of Git LFS.
        OSError: A folder cannot be read.
    """
    kinds = {
        name: kind
        for name, kind in walk(folder)
        if name.endswith(".parquet") and name.count("/") == 1 and not is_task_file(name)  # they follow from the others
    }
    for name in sorted(kinds, key=lambda name: name.split("/")):
        path = folder / name
        why = "" if kinds[name] == "file" else "not a regular file"
        if not why and is_pointer(path):
            why = f"{POINTER}. {FETCH_HINT}"
        if why:
            message = f"{printable(str(path))} is {why}"
            raise NotAReleaseError(message)
        yield path


def _compare(config: str, before: _Release, after: _Release) -> Iterator[Difference]:
    """Find everything that differs in a table."""
    old, new = before.tables[config], after.tables[config]
    yield from _splits(config, old, new)
    if old.splits == new.splits and all(map(same_bytes, old.paths, new.paths)):
        return
    yield from _columns(config, old, new)
    shared = [
        path
        for path, node in old.nodes.items()
        if node.leaf and path in new.nodes and new.nodes[path].type == node.type and top(path) not in VERSION_COLUMNS
    ]
    if before.manifest.text != after.manifest.text:  # one of them is without the texts
        change, without = (Change.GIVEN, old) if after.manifest.text == "full" else (Change.WITHHELD, new)
        withheld = tables_of(after.manifest.scheme).withheld()
        for column in [column.name for name, column in withheld if name == config and column.name in shared]:
            if without.nulls(column) == without.rows:
                yield Difference(change, config, column)
                shared.remove(column)
    yield from _rows(config, old, new, shared)


def _splits(config: str, old: StoredTable, new: StoredTable) -> Iterator[Difference]:
    """Find splits that came or went."""
    before, after = dict.fromkeys(old.splits), dict.fromkeys(new.splits)  # of several files, a split has one name
    yield from (Difference(Change.SPLIT_GONE, config, split) for split in before if split not in after)
    yield from (Difference(Change.SPLIT_ADDED, config, split) for split in after if split not in before)


def _moved(ids: pa.Array, before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    """Find claims that are in another split."""
    for row, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            yield Difference(Change.MOVED, "claims", ids[row].as_py(), (), old, new)


def _columns(config: str, old: StoredTable, new: StoredTable) -> Iterator[Difference]:
    """Find columns that came, went or changed their type or their names."""
    named: set[str] = set()  # what is within such a column needs no line of its own
    for path in [*old.nodes, *(path for path in new.nodes if path not in old.nodes)]:
        before, after = old.nodes.get(path), new.nodes.get(path)
        if any(path.startswith((f"{above}[].", f"{above}.")) for above in named):
            continue
        if before is None or after is None or before.type != after.type:
            change = Change.COLUMN_TYPE if before and after else Change.COLUMN_GONE if before else Change.COLUMN_ADDED
            types = [node.type if node else None for node in (before, after)]
            yield Difference(change, config, path, (), *types)
            named.add(path)
        elif before.names != after.names:
            appended = after.names[: len(before.names)] == before.names
            change = Change.NAMES_APPENDED if appended else Change.NAMES
            yield Difference(change, config, path, old=before.names, new=after.names)


def _rows(config: str, old: StoredTable, new: StoredTable, shared: Sequence[str]) -> Iterator[Difference]:
    """Find rows that came, went or changed in one of the ``shared`` columns, and whether their order is another."""
    old_ids, new_ids = old.ids(), new.ids()
    if old_ids.equals(new_ids):  # to look them up would take more memory than all else
        before = after = np.arange(len(old_ids))
    else:
        places = pc.index_in(old_ids, value_set=new_ids)
        gone = old_ids.filter(places.is_null())
        came = new_ids.filter(pc.invert(pc.is_in(new_ids, value_set=old_ids)))
        yield from (Difference(Change.REMOVED, config, key) for key in gone.to_pylist())
        yield from (Difference(Change.ADDED, config, key) for key in came.to_pylist())
        before = np.flatnonzero(places.is_valid())
        after = places.drop_null().to_numpy().astype(np.int64)
    if np.any(np.diff(after) < 0):
        yield Difference(Change.REORDERED, config)
    moves = config == "claims" and len({*old.splits, *new.splits}) > 1
    shared = [path for path in shared if path != "split" or not moves]  # what moved is said once
    readers = old.reader(shared), new.reader(shared)
    for low, high in pairwise(np.searchsorted(before, old.starts)):  # a row group of the old table at a time
        if low == high:
            continue
        part = slice(low, high)
        if moves:
            yield from _moved(old_ids.take(before[part]), old.split(before[part]), new.split(after[part]))
        yield from _batch(
            config, old_ids.take(before[part]), readers[0].rows(before[part]), readers[1].rows(after[part])
        )


def _batch(config: str, ids: pa.Array, old: Rows, new: Rows) -> Iterator[Difference]:
    """Find what differs in two batches with the same ids, row by row."""
    changed: dict[int, dict[Change, list[str]]] = {}
    for column in old.table.column_names:
        kind = _KINDS.get((config, column), Change.CHANGED)
        for row in _differing(column, old, new):
            changed.setdefault(row, {}).setdefault(kind, []).append(column)
    for row in sorted(changed):
        for change, columns in changed[row].items():
            before, after = (_shown(change, config, batch, row) for batch in (old, new))
            yield Difference(change, config, ids[row].as_py(), tuple(columns), before, after)


def _shown(change: Change, config: str, batch: Rows, row: int) -> str | Anchor | None:
    """Return what a reader wants to see of a row that changed; nothing where it would be long."""
    if change is Change.RELABELLED:
        return str(batch.value("label", row))
    if change is Change.REANCHORED:
        return Anchor(*(batch.value(name, row) for name in ("article", "start", "end", "quote")))
    return str(batch.value("claim", row)) if change is Change.TEXT and config == "claims" else None


def _differing(column: str, old: Rows, new: Rows) -> list[int]:
    """Return the rows in which a column differs."""
    one, other = old.table[column], new.table[column]
    renumbered = any(
        top(path) == column and any(map(str.__ne__, names, new.names[path])) for path, names in old.names.items()
    )
    if renumbered or one.type != other.type:
        values = [[batch.named(value, column) for value in batch.table[column].to_pylist()] for batch in (old, new)]
        return [row for row, (before, after) in enumerate(zip(*values, strict=True)) if before != after]
    return list(_unequal(one.combine_chunks(), other.combine_chunks(), 0))


LEAF_ROWS = 16  # so few are faster compared one by one than halved again


def _unequal(old: pa.Array, new: pa.Array, first: int) -> Iterator[int]:
    """Find the rows, counted from ``first``, in which two arrays differ; what is equal as a whole is passed over."""
    if old.equals(new):
        return
    if len(old) <= LEAF_ROWS:
        pairs = zip(old.to_pylist(), new.to_pylist(), strict=True)
        yield from (row for row, (before, after) in enumerate(pairs, first) if before != after)
        return
    half = len(old) // 2
    yield from _unequal(old[:half], new[:half], first)
    yield from _unequal(old[half:], new[half:], first + half)
