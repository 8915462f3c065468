"""Load a release as its users do, and compare what `datasets` gives with the Parquet files that it is made from."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from factpack.dataset.schema import Config, features
from factpack.dataset.table_files import SPLIT, all_files, group_rows, table_files
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


_loading = threading.Lock()  # `datasets` loads in one thread at a time


class Loaded(NamedTuple):
    """Hold what `datasets` gives of a config."""

    features: datasets.Features
    batches: Iterator[pa.Table]


def loaded(dataset: datasets.Dataset | datasets.IterableDataset, config: str, limits: Limits = USUAL) -> Loaded:
    """Return the features and the rows of a dataset that was loaded."""
    return Loaded(dataset.features, dataset.with_format("arrow").iter(limits.rows(config)))


def load(  # noqa: PLR0913, PLR0917 - three have a default
    folder: Path,
    config: str,
    cache: Path,
    limits: Limits = USUAL,
    split: str = SPLIT,
    number: int | None = None,
) -> Loaded:
    """Load a config from a folder, one split of it.

    A large table is streamed, because loading would copy the whole of it; the card's number of rows is compared here
    then. The batches are to be taken to the end: a stream of Arrow that is left before it can keep the process from
    ending, or abort it.

    Args:
        folder: The release.
        config: The config.
        cache: A folder for what `datasets` keeps.
        limits: How much is in memory at once.
        split: The split.
        number: The file of the split whose rows are given, from 0; by default those of all files. What else `datasets`
            gives comes with the last one.

    Raises:
        BrokenReleaseError: The card promises another number of rows, or `datasets` reads other files.
        Exception: Whatever `datasets` raises.
    """
    paths = table_files(folder, config)[split]
    rows = [open_file(path).metadata.num_rows for path in paths]
    with _loading:
        plain, kept = _plain(folder, cache), str(cache / "kept")
        if sum(path.stat().st_size for path in paths) <= limits.max_loaded:
            dataset = datasets.load_dataset(str(plain), config, split=split, cache_dir=kept)
            return loaded(dataset if number is None else _of_file(dataset, rows, number), config, limits)
        # A row group after another: of a whole file, Arrow would decode up to 1 GiB ahead of what is looked at.
        streamed = datasets.load_dataset(
            str(plain),
            config,
            split=split,
            cache_dir=kept,
            streaming=True,
            batch_size=open_file(paths[0]).metadata.row_group(0).num_rows,  # of a whole file: a later one may be empty
        )
    if streamed.num_shards != len(paths):
        message = f"the card has {streamed.num_shards} files read, but there are {len(paths)}"
        raise BrokenReleaseError(message)
    promised, found = streamed.info.splits[split].num_examples, sum(rows)
    if promised != found:
        message = f"the card says {promised} rows, but there are {found}"
        raise BrokenReleaseError(message)
    if number is not None:
        streamed = streamed.shard(len(paths), number, contiguous=True)
    return loaded(streamed.reshard(), config, limits)


def _of_file(dataset: datasets.Dataset, rows: Sequence[int], number: int) -> datasets.Dataset:
    """Return the rows of a file, and of the last one all that is left."""
    start = min(sum(rows[:number]), len(dataset))
    last = number == len(rows) - 1
    return dataset.select(range(start, len(dataset) if last else min(start + rows[number], len(dataset))))


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
    given: Loaded, files: Sequence[pq.ParquetFile], config: str, wanted: datasets.Features, limits: Limits = USUAL
) -> list[str]:
    """Return what `datasets` gives otherwise than it should: ``features``, or ``rows`` that differ from the files."""

    def same(one: pa.Table | None, other: pa.Table | None) -> bool:
        return one is not None and other is not None and bool(one.equals(other.cast(one.schema)))

    batches = zip_longest(given.batches, _batches(files, limits.rows(config)))
    alike = [same(one, other) for one, other in batches]  # to the end: see load
    return ["features"] * (given.features != wanted) + ["rows"] * (not all(alike))


def _batches(files: Sequence[pq.ParquetFile], size: int) -> Iterator[pa.Table]:
    """Yield the rows of files, one after another, in batches of this size across their bounds."""
    waiting: list[pa.Table] = []
    count = 0
    for batch in (pa.table(batch) for file in files for batch in file.iter_batches(size)):
        waiting.append(batch)
        count += len(batch)
        if count >= size:
            rows = pa.concat_tables(waiting)
            yield rows.slice(0, size)
            waiting, count = [rows.slice(size)], count - size
    if count:
        yield pa.concat_tables(waiting)


def open_file(path: Path) -> pq.ParquetFile:
    """Open a Parquet file."""
    return pq.ParquetFile(path, pre_buffer=False)  # else all that was read stays in memory


def read_batches(folder: Path, config: str, columns: Sequence[str], rows: int = 65_536) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a config, split after split; nothing of one that is not there, because it has no rows."""
    for path in all_files(folder, config):
        yield from open_file(path).iter_batches(rows, columns=list(columns))


def read_ids(folder: Path, config: str) -> pa.ChunkedArray:
    """Read the ids of all rows of a config, split after split."""
    return pa.chunked_array([batch["id"] for batch in read_batches(folder, config, ["id"])], pa.string())


def has_schema(file: pq.ParquetFile, config: Config) -> bool:
    """Tell whether a file has the columns of a config, with the metadata that makes features of them."""
    wanted, found = features(config.columns), file.schema_arrow
    return bool(found.names == list(wanted) and datasets.Features.from_arrow_schema(found) == wanted)
