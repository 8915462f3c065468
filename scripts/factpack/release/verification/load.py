"""Load a release as its users do, and compare what `datasets` gives with the Parquet files that it is made from."""

import threading
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factpack.corpus.types import ArticleText
from factpack.dataset.arrays import regrouped
from factpack.dataset.schema import Config, features
from factpack.dataset.table_files import SPLIT, all_files, group_rows, table_files
from factpack.errors import BrokenReleaseError
from factpack.release.layout import walk


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound how much of a table is in memory at once.

    Attributes:
        max_loaded: Bytes of the Parquet files of a split up to which it is loaded whole; a larger one is streamed.
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
    """Return the features and the rows of a dataset that was loaded; of a streamed one, a row group after another."""
    if isinstance(dataset, datasets.IterableDataset):
        dataset = dataset.reshard()
    return Loaded(dataset.features, dataset.with_format("arrow").iter(limits.rows(config)))


class SplitFiles(NamedTuple):
    """Name the files of a table in a split, which `datasets` loads together.

    Attributes:
        config: The table.
        split: The split.
        paths: The files, in the order of their numbers.
        rows: The number of rows in each.
    """

    config: str
    split: str
    paths: tuple[Path, ...]
    rows: tuple[int, ...]

    @classmethod
    def find(cls, folder: Path, config: str) -> "list[SplitFiles]":
        """Find the files of a table in a release."""
        found = table_files(folder, config).items()
        return [
            cls(config, split, tuple(paths), tuple(open_file(path).metadata.num_rows for path in paths))
            for split, paths in found
        ]


def load(folder: Path, config: str, cache: Path, limits: Limits = USUAL, split: str = SPLIT) -> Loaded:
    """Load a config from a folder, one split of it; see :func:`load_split`."""
    [files] = [each for each in SplitFiles.find(folder, config) if each.split == split]
    plain = cache / "release"
    if not plain.exists():
        link_files(folder, plain)
    return loaded(load_split(plain, files, cache, limits), config, limits)


def load_split(
    plain: Path, files: SplitFiles, cache: Path, limits: Limits = USUAL
) -> datasets.Dataset | datasets.IterableDataset:
    """Load a split of a table.

    A large one is streamed, because loading would copy the whole of it; the card's number of rows is compared here
    then. The batches are to be taken to the end: a stream of Arrow that is left before it can keep the process from
    ending, or abort it.

    Args:
        plain: The release, or links to its files.
        files: The files of the split.
        cache: A folder for what `datasets` keeps.
        limits: How much is in memory at once.

    Raises:
        BrokenReleaseError: The card promises another number of rows.
        Exception: Whatever `datasets` raises.
    """
    options: dict[str, Any] = {"split": files.split, "cache_dir": str(cache / "kept")}
    with _loading:
        if sum(path.stat().st_size for path in files.paths) <= limits.max_loaded:
            return datasets.load_dataset(str(plain), files.config, **options)
        # A row group after another: of a whole file, Arrow would decode up to 1 GiB ahead of what is looked at.
        stored = open_file(files.paths[0]).metadata
        largest = max(stored.row_group(group).num_rows for group in range(stored.num_row_groups))
        streamed = datasets.load_dataset(str(plain), files.config, **options, streaming=True, batch_size=largest)
    promised, found = streamed.info.splits[files.split].num_examples, sum(files.rows)
    if promised != found:
        message = f"the card says {promised} rows, but there are {found}"
        raise BrokenReleaseError(message)
    return streamed


def rows_of_file(
    dataset: datasets.Dataset | datasets.IterableDataset, files: SplitFiles, number: int, limits: Limits = USUAL
) -> Iterator[pa.Table]:
    """Return what `datasets` gives of one of the files of a split.

    Args:
        dataset: What :func:`load_split` returned.
        files: The files of the split.
        number: The number of the file.
        limits: How much is in memory at once.

    Raises:
        BrokenReleaseError: `datasets` reads other files.
    """
    if isinstance(dataset, datasets.IterableDataset):
        found, there = f"{dataset.num_shards} files", f"{len(files.rows)}"
        of_file = dataset.num_shards == len(files.rows) and dataset.shard(len(files.rows), number, contiguous=True)
    else:
        found, there = f"{len(dataset)} rows", f"{sum(files.rows)}"
        start = sum(files.rows[:number])
        of_file = len(dataset) == sum(files.rows) and dataset.select(range(start, start + files.rows[number]))
    if not of_file:
        message = f"by the card, it reads {found}, but there are {there}"
        raise BrokenReleaseError(message)
    return loaded(of_file, files.config, limits).batches


def link_files(folder: Path, plain: Path) -> None:
    """Make a folder of links to the files of a release.

    `datasets` takes a ``[``, ``*`` or ``{`` in the path of a folder for a pattern, and follows a link to the folder.
    """
    for name in (path for path, kind in walk(folder) if kind == "file"):
        (plain / name).parent.mkdir(parents=True, exist_ok=True)
        (plain / name).symlink_to((folder / name).absolute())


def differences(
    given: Loaded, files: Sequence[pq.ParquetFile], config: str, wanted: datasets.Features, limits: Limits = USUAL
) -> list[str]:
    """Return what `datasets` gives otherwise than it should: ``features``, or ``rows`` that differ from the files."""

    def same(one: pa.Table | None, other: pa.Table | None) -> bool:
        return one is not None and other is not None and bool(one.equals(other.cast(one.schema)))

    size = limits.rows(config)
    stored = (pa.table(batch) for file in files for batch in file.iter_batches(size))
    batches = zip_longest(given.batches, regrouped(stored, size))
    alike = [same(one, other) for one, other in batches]  # to the end: see load
    return ["features"] * (given.features != wanted) + ["rows"] * (not all(alike))


def open_file(path: Path) -> pq.ParquetFile:
    """Open a Parquet file."""
    return pq.ParquetFile(path, pre_buffer=False)  # else all that was read stays in memory


def read_batches(folder: Path, config: str, columns: Sequence[str], rows: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield some columns of a config, split after split; nothing of one that is not there, because it has no rows."""
    for path in all_files(folder, config):
        yield from open_file(path).iter_batches(rows or group_rows(config), columns=list(columns))


def read_texts(folder: Path, names: Collection[str]) -> Iterator[ArticleText]:
    """Yield the texts of some articles of a release, with their sentences."""
    if not names:
        return
    wanted = pa.array(sorted(names), pa.string())
    bounds = {name: array("I") for name in names}
    for batch in read_batches(folder, "sentences", ["article", "start", "end"]):
        for article, *span in zip(*batch.filter(pc.is_in(batch["article"], wanted)).to_pydict().values(), strict=True):
            bounds[article].extend(span)
    for batch in read_batches(folder, "articles", ["id", "text"]):
        for article, text in zip(*batch.filter(pc.is_in(batch["id"], wanted)).to_pydict().values(), strict=True):
            yield ArticleText(article, text, bounds[article])


def read_ids(folder: Path, config: str) -> pa.ChunkedArray:
    """Read the ids of all rows of a config, split after split."""
    return pa.chunked_array([batch["id"] for batch in read_batches(folder, config, ["id"])], pa.string())


def has_schema(file: pq.ParquetFile, config: Config) -> bool:
    """Tell whether a file has the columns of a config, with the metadata that makes features of them."""
    wanted, found = features(config.columns), file.schema_arrow
    return bool(found.names == list(wanted) and datasets.Features.from_arrow_schema(found) == wanted)
