"""Write the shards of a release: the Parquet files, each by any process, with the same bytes.

Rows of the first version come first and those of each later version after them, so that a new version of a table shares
the beginning of the old one.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from semver import Version

from factpack.corpus.fold_assignment import Folds, units
from factpack.dataset.arrays import regrouped
from factpack.dataset.columns import Tables
from factpack.dataset.kept_rows import Piece, read_piece
from factpack.dataset.rows.row_versions import DatasetVersions
from factpack.dataset.table_files import group_rows, shard_rows, table_path, table_splits
from factpack.dataset.table_writer import Shard, TableWriter

#: The tables with folds: the column that names what shares one, and the one that does where that is null.
_WITH_FOLDS = {
    "claims": ("fact", "id"),
    "propositions": ("fact", "id"),
    "evidence": ("fact", "claim_id"),
    "facts": ("id", "id"),
}


class Stretch(NamedTuple):
    """Rows of a piece, by their numbers in it: ``start`` inclusive, ``stop`` exclusive."""

    path: Path
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """Say what goes into a Parquet file.

    Attributes:
        config: The table.
        split: The split.
        path: The path of the file, relative to the folder of the release.
        rows: Its rows, one stretch after another.
    """

    config: str
    split: str
    path: str
    rows: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class ShardWriter:
    """Give what shards are written with.

    Attributes:
        tables: The tables of the dataset.
        versions: The versions of their rows.
        folds: The folds of the corpus.
        folder: The folder of the release.
        scratch: A folder on the same disk for files that are not finished.
    """

    tables: Tables
    versions: DatasetVersions
    folds: Folds
    folder: Path
    scratch: Path


def plan_shards(tables: Tables, pieces: Iterable[Piece], most: int | None = None) -> list[PlannedShard]:
    """Return the shards that rows go to, table by table; a table without rows in a split has none there.

    Args:
        tables: The tables of the dataset.
        pieces: The rows; those of a version in the order of the corpus.
        most: How many rows a shard has at most; by default as :func:`shard_rows` says.
    """
    order = {
        (config.name, split): number
        for number, (config, split) in enumerate(
            (config, split) for config in tables.configs for split in table_splits(tables.scheme, config.name)
        )
    }
    ordered = sorted(pieces, key=lambda piece: (order[piece.config, piece.split], Version.parse(piece.version)))
    planned = []
    for (config, split), some in groupby(ordered, key=lambda piece: (piece.config, piece.split)):
        shards = _cut(list(some), most or shard_rows(config))
        planned += [
            PlannedShard(config, split, table_path(config, split, number, len(shards)), stretches)
            for number, stretches in enumerate(shards)
        ]
    return planned


def _cut(pieces: Sequence[Piece], most: int) -> list[tuple[Stretch, ...]]:
    """Cut rows that follow one another into shards."""
    shards: list[list[Stretch]] = []
    for piece, first in zip(pieces, accumulate((piece.rows for piece in pieces), initial=0), strict=False):
        start = 0
        while start < piece.rows:
            number, before = divmod(first + start, most)
            stop = min(piece.rows, start + most - before)
            if number == len(shards):
                shards.append([])
            shards[number].append(Stretch(piece.path, start, stop))
            start = stop
    return list(map(tuple, shards))


def write_shard(writer: ShardWriter, planned: PlannedShard) -> Shard:
    """Write a shard, in any process. Whoever writes it again meanwhile writes the same."""
    config = writer.tables.config(planned.config)
    unfinished = writer.scratch / f"{secrets.token_hex(8)}.parquet"
    table = TableWriter(config, unfinished)
    pieces = (read_piece(*stretch) for stretch in planned.rows)
    for rows in regrouped(pieces, group_rows(config.name)):
        group = _with_folds(writer, config.name, rows).combine_chunks()  # how they are cut would show in the pages
        versions = writer.versions.rows[config.name].of(group)
        table.write(pa.table([*group.columns, *versions], schema=table.schema))
    shard = table.close(planned.path)
    target = writer.folder / planned.path
    unfinished.chmod(target.parent.stat().st_mode & 0o666)  # as the first process, which made the folder, makes files
    unfinished.replace(target)
    return shard


def _with_folds(writer: ShardWriter, config: str, rows: pa.Table) -> pa.Table:
    if config not in _WITH_FOLDS:
        return rows
    fact, own = _WITH_FOLDS[config]
    names = pc.coalesce(rows[fact], rows[own]).combine_chunks().dictionary_encode()
    folds = pa.array(writer.folds.of(units(names.dictionary.to_pylist()))).take(names.indices)
    if "split" in rows.column_names:
        trains = pc.is_in(rows["split"], pa.array(sorted(writer.tables.scheme.training), pa.string()))
        folds = pc.if_else(trains.combine_chunks(), pa.scalar(None, folds.type), folds)
    return rows.set_column(rows.column_names.index("fold"), rows.schema.field("fold"), folds)
