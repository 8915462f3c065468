"""Load a release as its users do, and compare what `datasets` gives with the Parquet file that it is made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from factpack.dataset.schema import Config, features
from factpack.dataset.table_files import SPLIT, table_files
from factpack.dataset.table_writer import group_rows
from factpack.errors import BrokenReleaseError
from factpack.release.layout import walk


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound how much of a table is in memory at once.

    Attributes:
        max_loaded: Bytes of a Parquet file that is loaded whole; a larger one is streamed.
        batch_rows: Rows that are looked at together; as many as a row group of the config has if it is None.
    """

    max_loaded: int = 4 * 2**20
    batch_rows: int | None = None

    def rows(self, config: str) -> int:
        """Return how many rows of a config are looked at together."""
        return self.batch_rows or group_rows(config)


USUAL = Limits()


class Loaded(NamedTuple):
    """Hold what `datasets` gives of a config."""

    features: datasets.Features
    batches: Iterator[pa.Table]


def loaded(dataset: datasets.Dataset | datasets.IterableDataset, config: str, limits: Limits = USUAL) -> Loaded:
    """Return the features and the rows of a dataset that was loaded."""
    return Loaded(dataset.features, dataset.with_format("arrow").iter(limits.rows(config)))


def load(folder: Path, config: str, cache: Path, limits: Limits = USUAL, split: str = SPLIT) -> Loaded:
    """Load a config from a folder, one split of it.

    A large table is streamed, because loading would copy the whole of it; the card's number of rows is compared here
    then. The batches are to be taken to the end: a stream of Arrow that is left before it can keep the process from
    ending, or abort it.

    Raises:
        BrokenReleaseError: The card promises another number of rows.
        Exception: Whatever `datasets` raises.
    """
    plain, kept = _plain(folder, cache), str(cache / "kept")
    path = table_files(folder, config)[split]
    if path.stat().st_size <= limits.max_loaded:
        return loaded(datasets.load_dataset(str(plain), config, split=split, cache_dir=kept), config, limits)
    stored = open_file(path).metadata
    # A row group after another: of a whole file, Arrow would decode up to 1 GiB ahead of what is looked at.
    streamed = datasets.load_dataset(
        str(plain),
        config,
        split=split,
        cache_dir=kept,
        streaming=True,
        batch_size=stored.row_group(0).num_rows,  # as of a whole file: a later group may be empty
    ).reshard()
    promised, found = streamed.info.splits[split].num_examples, stored.num_rows
    if promised != found:
        message = f"the card says {promised} rows, but there are {found}"
        raise BrokenReleaseError(message)
    return loaded(streamed, config, limits)


def _plain(folder: Path, cache: Path) -> Path:
    """Return a folder of links to the files of a release.

    `datasets` takes a ``[``, ``*`` or ``{`` in the path of a folder for a pattern, and follows a link to the folder.
    """
    plain = cache / "release"
    if not plain.exists():
        for name in (path for path, kind in walk(folder) if kind == "file"):
            (plain / name).parent.mkdir(parents=True, exist_ok=True)
            (plain / name).symlink_to((folder / name).resolve())
    return plain


def differences(
    given: Loaded, file: pq.ParquetFile, config: str, wanted: datasets.Features, limits: Limits = USUAL
) -> list[str]:
    """Return what `datasets` gives otherwise than it should: ``features``, or ``rows`` other than those of the file."""

    def same(one: pa.Table | None, other: pa.RecordBatch | None) -> bool:
        return one is not None and other is not None and bool(one.equals(pa.table(other).cast(one.schema)))

    batches = zip_longest(given.batches, file.iter_batches(limits.rows(config)))
    alike = [same(one, other) for one, other in batches]  # to the end: see load
    return ["features"] * (given.features != wanted) + ["rows"] * (not all(alike))


def open_file(path: Path) -> pq.ParquetFile:
    """Open a Parquet file."""
    return pq.ParquetFile(path, pre_buffer=False)  # else all that was read stays in memory


def read_batches(folder: Path, config: str, columns: Sequence[str], rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a config, split after split; nothing of one that is not there, because it has no rows."""
    for path in table_files(folder, config).values():
        yield from open_file(path).iter_batches(rows, columns=list(columns))


def read_ids(folder: Path, config: str) -> pa.ChunkedArray:
    """Read the ids of all rows of a config, split after split."""
    return pa.chunked_array([batch["id"] for batch in read_batches(folder, config, ["id"])], pa.string())


def has_schema(file: pq.ParquetFile, config: Config) -> bool:
    """Tell whether a file has the columns of a config, with the metadata that makes features of them."""
    wanted, found = features(config.columns), file.schema_arrow
    return bool(found.names == list(wanted) and datasets.Features.from_arrow_schema(found) == wanted)
