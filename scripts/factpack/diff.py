"""What changed between two releases: rows matched by id, columns, and the files beside the tables.

Tables are read in batches of rows, and rows are looked at one by one only where a column of a batch differs. The older
release may have other configs and columns than today's: what is there is taken from the files themselves.
"""

import filecmp
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from semver import Version

from factpack.columns import CONFIGS, withheld
from factpack.columns import STAMPS as STAMP_COLUMNS
from factpack.folder import SUMS, Manifest, NotAReleaseError, present_files, read_manifest
from factpack.project import GUIDELINES
from factpack.stored import Rows, StoredTable, top
from factpack.texts import FULL
from factpack.versions import Change, Step, smallest_version, step_of
from factpack.view import PAGE

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
        """The smallest step of the version number that the changes require."""
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
    tables: Mapping[str, StoredTable]

    @property
    def side(self) -> Side:
        rows = {config: self.tables[config].rows for config in in_order(self.tables)}
        return Side(self.manifest.name, self.manifest.version, rows)

    def files(self) -> dict[str, Path]:
        """The files beside the tables by their names; those of the full release, where they lie there too."""
        names = {name for name in present_files(self.folder) if not name.endswith(".parquet")}
        full = {name for name in names if name.startswith(f"{FULL}/")}
        found = {name: name for name in names - full} | {name.removeprefix(f"{FULL}/"): name for name in full}
        return {name: self.folder / path for name, path in found.items() if name not in FOLLOWING_FILES}


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
    tables: dict[str, StoredTable] = {}
    for config in sorted({path.parent.name for path in folder.glob("*/*.parquet")}):
        with _reading(str(folder / config)):
            tables[config] = StoredTable(sorted((folder / config).glob("*.parquet")))
    return _Release(folder, manifest, tables)


def _compare(config: str, before: _Release, after: _Release) -> Iterator[Difference]:
    """Everything that differs in a table."""
    old, new = before.tables[config], after.tables[config]
    if len(old.paths) == len(new.paths) and all(map(_same_bytes, old.paths, new.paths)):
        return
    yield from _columns(config, old, new)
    shared = [
        path
        for path, node in old.nodes.items()
        if node.leaf and path in new.nodes and new.nodes[path].type == node.type and top(path) not in STAMPS
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


def _columns(config: str, old: StoredTable, new: StoredTable) -> Iterator[Difference]:
    """Columns that came, went or changed their type or their names."""
    told: set[str] = set()  # what is within such a column needs no line of its own
    for path in [*old.nodes, *(path for path in new.nodes if path not in old.nodes)]:
        before, after = old.nodes.get(path), new.nodes.get(path)
        if any(path.startswith((f"{above}[].", f"{above}.")) for above in told):
            continue
        if before is None or after is None or before.type != after.type:
            change = Change.COLUMN_TYPE if before and after else Change.COLUMN_GONE if before else Change.COLUMN_ADDED
            types = [node.type if node else None for node in (before, after)]
            yield Difference(change, config, path, (), *types)
            told.add(path)
        elif before.names != after.names:
            appended = after.names[: len(before.names)] == before.names
            change = Change.NAMES_APPENDED if appended else Change.NAMES
            yield Difference(change, config, path, old=before.names, new=after.names)


def _rows(config: str, old: StoredTable, new: StoredTable, shared: Sequence[str]) -> Iterator[Difference]:
    """Rows that came, went or changed in one of the ``shared`` columns, and whether they stand in another order."""
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
    readers = old.reader(shared), new.reader(shared)
    for low, high in pairwise(np.searchsorted(before, old.starts)):  # a row group of the old table at a time
        if low == high:
            continue
        part = slice(low, high)
        yield from _batch(
            config, old_ids.take(before[part]), readers[0].rows(before[part]), readers[1].rows(after[part])
        )


def _batch(config: str, ids: pa.Array, old: Rows, new: Rows) -> Iterator[Difference]:
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


def _shown(change: Change, config: str, batch: Rows, row: int) -> str | Anchor | None:
    """What a reader wants to see of a row that changed; nothing where it would be long."""
    if change is Change.RELABELLED:
        return str(batch.value("label", row))
    if change is Change.REANCHORED:
        return Anchor(*(batch.value(name, row) for name in ("article", "start", "end", "quote")))
    return str(batch.value("claim", row)) if change is Change.TEXT and config == "claims" else None


def _differing(column: str, old: Rows, new: Rows) -> list[int]:
    """The rows in which a column differs."""
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
                one, other = (_without_followers(path, versions) for path in (before[name], after[name]))
            if one != other:
                yield Difference(Change.FILE_CHANGED, "", name)


#: What follows from the bytes of the tables: the version that `datasets` caches a table by, sums, sizes.
_FOLLOWS = re.compile(
    rb"(?m)^ *version: \S+$"
    rb"|^[ -]*(?:num_bytes|download_size|dataset_size): \d+$"
    rb'|"contentSize": "\d+ B"'
    rb"|\b[0-9a-f]{64}\b"
)


def _without_followers(path: Path, versions: tuple[str, str]) -> bytes:
    """A file without what follows from the version number, and from the bytes of the tables."""
    data = path.read_bytes()
    if path.name == GUIDELINES:  # nothing in them follows from anything
        return data
    for version in sorted(versions, key=len, reverse=True):  # one may begin with the other
        data = data.replace(version.encode(), b"")
    return data if path.name == PAGE else _FOLLOWS.sub(b"", data)  # the page can be large, and has none of that
