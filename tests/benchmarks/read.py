"""Measures how fast the usual readers read a built release, against reading the same bytes."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from measure import FORM, Took, gib, machine, own_script, run, table

READERS = {
    "bytes": "bytes",
    "pyarrow": "pyarrow",
    "polars": "polars",
    "duckdb": "duckdb",
    "pandas": "pandas",
    "load_dataset, first time": "datasets",
    "load_dataset, again": "datasets",
}
#: The packages that need not be installed.
OPTIONAL = ("polars", "duckdb")


def drop_pages(folders: Sequence[Path]) -> None:
    """Asks the system to forget what it holds of the files in its page cache (posix_fadvise(2))."""
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            os.fsync(stream.fileno())  # pages that are still to be written stay
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def once(reader: str, folder: Path, cache: Path | None, timeout: float, *, cold: bool) -> Took:
    """One run of a reader; ``cache`` is that of `datasets`, a new one if none is given."""
    with tempfile.TemporaryDirectory(prefix="factpack-benchmark-") as temporary:
        cache = cache or Path(temporary)
        if cold:
            drop_pages((folder, cache))
        command = (*own_script("readers.py"), READERS[reader], folder)
        return run((*command, cache) if READERS[reader] == "datasets" else command, timeout=timeout)


def measure(folder: Path, repeat: int, timeout: float) -> dict[tuple[str, bool], list[Took]]:
    """The runs of every reader on a table, cold and warm."""
    runs: dict[tuple[str, bool], list[Took]] = {}
    with tempfile.TemporaryDirectory(prefix="factpack-benchmark-") as temporary:
        kept = Path(temporary)
        once("load_dataset, again", folder, kept, timeout, cold=False)  # which fills the cache
        for _ in range(repeat):
            for reader in READERS:
                cache = kept if reader == "load_dataset, again" else None
                for cold in (True, False):
                    click.echo(f"{folder.name}: {reader}, {'cold' if cold else 'warm'}", err=True)
                    runs.setdefault((reader, cold), []).append(once(reader, folder, cache, timeout, cold=cold))
    return runs


def rows(config: str, runs: dict[tuple[str, bool], list[Took]]) -> Iterator[tuple[str, ...]]:
    """The rows of the printed table."""
    least = {cold: min(float(took.output) for took in runs["bytes", cold]) for cold in (True, False)}
    for reader, command in READERS.items():
        cells = []
        took = [*runs[reader, True], *runs[reader, False]]
        failed = next((each for each in took if each.failure), None)
        if failed:
            missing = command in OPTIONAL and "ModuleNotFoundError" in failed.errors
            click.echo("" if missing else failed.errors, err=True)
            yield config, reader, "not installed" if missing else failed.failure, "–", "–", "–", "–"
            continue
        for cold in (True, False):
            seconds = min(float(each.output) for each in runs[reader, cold])
            cells += [f"{seconds:.3f}", f"{seconds / least[cold]:.1f}"]
        yield config, reader, *cells, gib(min(each.peak for each in took))


@click.command()
@click.argument("release", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--config", "configs", multiple=True, default=["claims"], show_default=True, help="Can be repeated.")
@click.option("--repeat", default=1, show_default=True, help="Rounds over all readers; the best figures are printed.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds that a run may take.")
@FORM
def main(release: Path, configs: tuple[str, ...], repeat: int, timeout: float, form: str) -> None:
    """Measures every reader on tables of RELEASE: cold (page cache dropped) and warm."""
    printed = [row for config in configs for row in rows(config, measure(release / config, repeat, timeout))]
    header = ("table", "reader", "cold, s", "× bytes", "warm, s", "× bytes", "peak memory")
    click.echo(table(header, printed, form))
    click.echo(f"\n{machine()}")


if __name__ == "__main__":
    main()
