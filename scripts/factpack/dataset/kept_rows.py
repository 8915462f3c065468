"""Keep rows in a scratch folder until all of the corpus is known, and with it the files that they go to."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from semver import Version

from factpack.dataset.columns import Tables
from factpack.dataset.rows.row_versions import DatasetVersions
from factpack.dataset.table_files import table_splits

#: Halves what is written, often over a network; zstd would take twice the time to read.
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)

#: The tables whose rows that a later version adds come last: the table that has the versions, and the column of ids.
_OF_CLAIMS = {
    "claims": ("claims", "id"),
    "propositions": ("propositions", "id"),
    "evidence": ("claims", "claim_id"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Name some rows of a table, without the columns of their versions, in a file of Arrow.

    Attributes:
        config: The table.
        split: The split that they are in.
        version: The version that orders them: rows of a later one come after those of an earlier one.
        path: The file.
        rows: How many there are.
    """

    config: str
    split: str
    version: str
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class RowKeeper:
    """Keep rows, in any process.

    Attributes:
        tables: The tables of the dataset.
        versions: The versions of their rows.
        folder: The scratch folder.
    """

    tables: Tables
    versions: DatasetVersions
    folder: Path

    def keep(self, rows: Mapping[str, pa.Table]) -> list[Piece]:
        """Keep rows by config, without the columns of their versions."""
        name, pieces = secrets.token_hex(8), list[Piece]()  # work that is done again leaves what was there alone
        for config, table in rows.items():
            for split, version, some in self._divided(config, table):
                path = self.folder / f"{name}-{len(pieces)}.arrow"
                with pa.ipc.new_file(path, some.schema, options=_OPTIONS) as writer:
                    writer.write_table(some)
                pieces.append(Piece(config, split, str(version), path, len(some)))
        return pieces

    def _divided(self, config: str, rows: pa.Table) -> Iterator[tuple[str, Version, pa.Table]]:
        splits = table_splits(self.tables.scheme, config)
        for split in splits:
            of_split = rows.filter(pc.equal(rows["split"], split)) if "split" in rows.column_names else rows
            for version, some in self._by_version(config, of_split):
                yield split, version, some
            if of_split is rows:
                break

    def _by_version(self, config: str, rows: pa.Table) -> Iterator[tuple[Version, pa.Table]]:
        """Divide rows of claims by the version that added them."""
        first = self.versions.first
        if not len(rows):
            return
        if config not in _OF_CLAIMS or not self.versions.several:
            yield first, rows
            return
        table, column = _OF_CLAIMS[config]
        added = self.versions.rows[table].added_in(rows[column])
        for version in sorted(map(Version.parse, set(added))):
            yield max(version, first), rows.filter(pc.equal(pa.array(added), str(version)))


def read_piece(path: Path, start: int, stop: int) -> pa.Table:
    """Read some rows of a piece, by their numbers: ``start`` inclusive, ``stop`` exclusive."""
    # Given by its path, the file would be mapped, and in the end be in memory as a whole.
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        return reader.read_all().slice(start, stop - start)
