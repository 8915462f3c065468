"""The ways to read a table of a release; each runs in a process of its own.

A way prints the seconds that reading took, without the start of Python and the imports. All rows are in memory then.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

# Each process imports what it reads with, and nothing else, so that its peak of memory is its own.
# ruff: noqa: PLC0415


@click.group()
def main() -> None:
    """Runs one way."""


@contextmanager
def timed() -> Iterator[None]:
    """Prints the seconds of the work."""
    started = time.perf_counter()
    yield
    click.echo(time.perf_counter() - started)


PATH = click.Path(path_type=Path, exists=True, file_okay=False)
TABLE = click.argument("folder", type=PATH)


def paths(table: Path) -> list[str]:
    """The files of a table."""
    return [str(path) for path in sorted(table.glob("*.parquet"))]


@main.command("bytes")
@TABLE
def read_bytes(folder: Path) -> None:
    """The bytes alone."""
    with timed():
        kept = [Path(path).read_bytes() for path in paths(folder)]
    del kept


@main.command("pyarrow")
@TABLE
def read_pyarrow(folder: Path) -> None:
    """`pyarrow.parquet.read_table`."""
    import pyarrow.dataset  # noqa: F401 - which read_table would import when it is called
    import pyarrow.parquet as pq

    with timed():
        pq.read_table(folder)


@main.command("pandas")
@TABLE
def read_pandas(folder: Path) -> None:
    """`pandas.read_parquet`."""
    import pandas as pd
    import pyarrow.dataset  # noqa: F401 - which read_parquet would import when it is called

    with timed():
        pd.read_parquet(folder)


@main.command("polars")
@TABLE
def read_polars(folder: Path) -> None:
    """`polars.read_parquet`."""
    import polars as pl

    with timed():
        pl.read_parquet(paths(folder))


@main.command("duckdb")
@TABLE
def read_duckdb(folder: Path) -> None:
    """`duckdb.read_parquet`, all of it, as an Arrow table."""
    import duckdb

    with timed():
        duckdb.read_parquet(paths(folder)).to_arrow_table()


@main.command("datasets")
@TABLE
@click.argument("cache", type=PATH)
def read_datasets(folder: Path, cache: Path) -> None:
    """`datasets.load_dataset`, then every row once, in Arrow batches: loading alone maps them, and reads none."""
    import datasets

    datasets.disable_progress_bars()
    with timed():
        rows = datasets.load_dataset(str(folder.parent), folder.name, split="test", cache_dir=str(cache))
        for _ in rows.with_format("arrow").iter(10_000):
            pass


if __name__ == "__main__":
    main()
