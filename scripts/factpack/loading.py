"""A release as its users come by it: what `datasets` gives of a config, and the Parquet file that this is made from."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from factpack.columns import SPLIT, Config, features, table_path
from factpack.folder import BrokenReleaseError
from factpack.tables import group_rows

MAX_LOADED = 4 * 2**20  # bytes of a Parquet file that is loaded whole; a larger one is streamed


@contextmanager
def cache_folder(folder: Path) -> Iterator[str]:
    """A folder for what `datasets` keeps, which shows no bars meanwhile."""
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        # Beside the release, which is in a scratch folder while it is built: what clears that away clears this away.
        with tempfile.TemporaryDirectory(prefix=".factpack-cache-", dir=folder.parent) as cache:
            yield cache
    finally:
        if not shown:
            datasets.enable_progress_bars()


class Loaded(NamedTuple):
    """What `datasets` gives of a config."""

    features: datasets.Features
    batches: Iterator[pa.Table]


def load(folder: Path, config: str, cache: str) -> Loaded:
    """What `datasets` gives of a config.

    A table that is larger than MAX_LOADED is streamed, because loading would copy the whole of it; the card's number of
    rows is compared here then. The batches are to be taken to the end: a stream of Arrow that is left before it can
    keep the process from ending, or abort it.

    Raises BrokenReleaseError if the card promises another number of rows, and whatever `datasets` raises.
    """
    loaded: datasets.Dataset | datasets.IterableDataset
    if (folder / table_path(config)).stat().st_size <= MAX_LOADED:
        loaded = datasets.load_dataset(str(folder), config, split=SPLIT, cache_dir=cache)
    else:
        stored = table_file(folder, config).metadata
        # A row group after another: of a whole file, Arrow would decode up to 1 GiB ahead of what is looked at.
        loaded = datasets.load_dataset(
            str(folder),
            config,
            split=SPLIT,
            cache_dir=cache,
            streaming=True,
            batch_size=stored.row_group(0).num_rows,  # as of a whole file: a later group may be empty
        ).reshard()
        promised, found = loaded.info.splits[SPLIT].num_examples, stored.num_rows
        if promised != found:
            message = f"the card promises {promised} rows, and there are {found}"
            raise BrokenReleaseError(message)
    return Loaded(loaded.features, loaded.with_format("arrow").iter(group_rows(config)))


def table_file(folder: Path, config: str) -> pq.ParquetFile:
    """The Parquet file of a config."""
    return pq.ParquetFile(folder / table_path(config), pre_buffer=False)  # else all that was read stays in memory


def has_schema(file: pq.ParquetFile, config: Config) -> bool:
    """Whether a file has the columns of a config, with the metadata that makes features of them."""
    wanted, found = features(config.columns), file.schema_arrow
    return bool(found.names == list(wanted) and datasets.Features.from_arrow_schema(found) == wanted)
