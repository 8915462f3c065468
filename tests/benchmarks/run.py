"""Measures the packager against the floor and against the usual ways, on the same data, each in its own process."""

import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from corpus import SCRIPTS, SHAPES
from measure import FORM, GIB, Took, gib, machine, own_script, run, table

PIECE = 2**20  # bytes that are read at a time: a process begins with the peak memory of the one that begins it
SMALLEST = 40  # claims of the corpus that shows what the packager takes to start
FACTPACK = (sys.executable, "-m", "factpack")
PREPARED = Path("prepared")  # stands for the folder of the tables that the floor writes
CORPUS = Path("corpus")
RELEASED = Path("released")  # stands for the corpus after it was released
OUT = Path("out")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to package a corpus.

    ``own`` says that it prints its seconds itself, those of the work alone; else they are those of the whole process.
    ``fitted``: the exponent of its time is of interest.
    ``limited`` says that its memory is limited, ``several`` that it has more than one process.
    """

    name: str
    command: tuple[str | Path, ...]
    own: bool = False
    limited: bool = False
    several: bool = False
    fitted: bool = False


def other(name: str, command: str) -> Way:
    """One of the usual ways."""
    return Way(name, (*own_script("ways.py"), command, CORPUS, OUT), own=True, limited=True)


FLOOR = Way("floor", (*own_script("ways.py"), "floor", CORPUS, PREPARED, OUT), own=True, fitted=True)
ALONE, BY_TWO = ("--jobs", "1"), ("--jobs", "2")
_BUILD, _CHECK = (*FACTPACK, "build", CORPUS, "--out", OUT), (*FACTPACK, "check", CORPUS)
BUILD = Way("factpack build --jobs 1", (*_BUILD, *ALONE), fitted=True)
BUILD_BY_TWO = Way("factpack build --jobs 2", (*_BUILD, *BY_TWO), several=True, fitted=True)
BUILD_AGAIN = Way(
    "factpack build --jobs 1, released", (*FACTPACK, "build", RELEASED, "--out", OUT, *ALONE), fitted=True
)
CHECK = Way("factpack check --jobs 1", (*_CHECK, *ALONE), fitted=True)
CHECK_BY_TWO = Way("factpack check --jobs 2", (*_CHECK, *BY_TWO), several=True, fitted=True)
WAYS = {
    "floor": FLOOR,
    "build": BUILD,
    "build-jobs": BUILD_BY_TWO,
    "rebuild": BUILD_AGAIN,
    "check": CHECK,
    "check-jobs": CHECK_BY_TWO,
    "from-generator": other("Dataset.from_generator", "from-generator"),
    "from-list": other("Dataset.from_list", "from-list"),
    "from-pylist": other("Table.from_pylist", "from-pylist"),
    "pandas": other("pandas merge", "pandas"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """The best of several runs: seconds by the clock and by the processor, peak memory, or why there is none."""

    seconds: float
    processor: float
    peak: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """How everything is measured, and where: ``work`` holds the corpora and whatever is written.

    ``builds`` are those that made the tables for the floor, until they count as a measurement of the packager.
    """

    work: Path
    script: str
    shape: str
    timeout: float
    memory: int
    builds: dict[int, Took] = field(default_factory=dict)

    def corpus(self, claims: int) -> Path:
        """A corpus, made if it is not there yet."""
        folder = self.work / f"corpus-{self.script}-{self.shape}-{claims}"
        if not folder.is_dir():
            with self.scratch() as scratch:
                options = ("--claims", str(claims), "--script", self.script, "--shape", self.shape)
                self.succeed(run((*own_script("corpus.py"), scratch, *options), timeout=self.timeout))
                scratch.rename(folder)
                scratch.mkdir()
        return folder

    def prepared(self, claims: int) -> Path:
        """The tables of a release of the corpus, made if they are not there yet."""
        folder = self.work / f"prepared-{self.script}-{self.shape}-{claims}"
        if not folder.is_dir():
            with self.scratch() as release, self.scratch() as scratch:
                self.builds[claims] = self.start(BUILD, {CORPUS: self.corpus(claims), OUT: release})
                self.succeed(self.builds[claims])
                self.succeed(run((*own_script("ways.py"), "prepare", release, scratch), timeout=self.timeout))
                scratch.rename(folder)
                scratch.mkdir()
        return folder

    def released(self, claims: int) -> Path:
        """A corpus that was released, made if it is not there yet."""
        folder = self.work / f"released-{self.script}-{self.shape}-{claims}"
        if not folder.is_dir():
            with self.scratch() as scratch:
                shutil.copytree(self.corpus(claims), scratch, dirs_exist_ok=True)
                self.succeed(run((*FACTPACK, "release", scratch), timeout=self.timeout))
                scratch.rename(folder)
                scratch.mkdir()
        return folder

    def once(self, way: Way, claims: int) -> Took:
        """One run of a way."""
        if way is BUILD and claims in self.builds:
            return self.builds.pop(claims)
        places = {CORPUS: self.corpus(claims)}
        if PREPARED in way.command:
            places[PREPARED] = self.prepared(claims)
        if RELEASED in way.command:
            places[RELEASED] = self.released(claims)
        with self.scratch() as out:
            return self.start(way, places | {OUT: out})

    def start(self, way: Way, places: dict[Path, Path]) -> Took:
        """Runs the command of a way in these places."""
        command = [places.get(part, part) if isinstance(part, Path) else part for part in way.command]
        corpus = places[RELEASED if RELEASED in way.command else CORPUS]
        for path in corpus.rglob("*"):  # every way finds the corpus where it is after it was written: in memory
            if path.is_file():
                with path.open("rb", buffering=0) as stream:
                    while stream.read(PIECE):
                        pass
        limit = self.memory if way.limited else None
        took = run(command, timeout=self.timeout, memory=limit, several=way.several)
        # Finding the errors is what a check is for.
        return (
            replace(took, status=0)
            if way is CHECK and self.shape == "bad" and took.status == 1 and took.output
            else took
        )

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder, removed with all that was written into it."""
        folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=self.work))
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    @staticmethod
    def succeed(took: Took) -> None:
        """Ends everything if what the measurements rest on failed."""
        if took.failure:
            message = f"{took.failure}\n{took.errors}"
            raise click.ClickException(message)


def figure(way: Way, runs: Sequence[Took]) -> Figure:
    """The best of several runs, value by value; if one failed, there is none."""
    if failures := [took for took in runs if took.failure]:
        for took in failures:
            click.echo(took.errors, err=True)
        return Figure(0, 0, 0, failures[0].failure)
    times = [tuple(map(float, took.output.split())) if way.own else (took.seconds, took.processor) for took in runs]
    seconds, processor = map(min, zip(*times, strict=True))
    return Figure(seconds, processor, min(took.peak for took in runs))


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """The exponent of the power of the size that fits the times best (least squares of the logarithms)."""
    logs = [(math.log(size), math.log(seconds)) for size, seconds in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return float(sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs))


def exponents(figures: dict[tuple[str, int], Figure]) -> Iterator[str]:
    """The exponent of each way that is fitted, a line each."""
    for key, way in WAYS.items():
        found = {size: each for (name, size), each in figures.items() if name == key and not each.failure}
        start = found.pop(SMALLEST, Figure(0, 0, 0)).seconds
        points = [(size, each.seconds - start) for size, each in found.items() if each.seconds > start]
        if way.fitted and len(found) > 1 and len(points) == len(found):
            before = f" beyond the {start:.2f} s of {SMALLEST} claims" if start else ""
            yield f"{way.name}: time grows with claims to the power {exponent(points):.2f}{before}"


def rows(figures: dict[tuple[str, int], Figure], sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The rows of the table."""
    for size in sizes:
        least = figures.get(("floor", size))
        for key, way in WAYS.items():
            if (key, size) not in figures:
                continue
            found = figures[key, size]
            if found.failure:
                yield f"{size:,}", way.name, found.failure, "–", "–", "–"
                continue
            ratio = f"{found.seconds / least.seconds:.1f}" if least and not least.failure else "–"
            # What is mapped into memory for the floor belongs to the measurement, not to the work.
            peak = "–" if key == "floor" else gib(found.peak)
            yield f"{size:,}", way.name, f"{found.seconds:.2f}", ratio, f"{found.processor:.2f}", peak


@click.command()
@click.option("--claims", "sizes", multiple=True, type=int, default=(10_000, 100_000, 1_000_000), show_default=True)
@click.option("--way", "chosen", multiple=True, type=click.Choice(list(WAYS)), help="Only this one; can be repeated.")
@click.option("--script", type=click.Choice([*SCRIPTS, "mixed"]), default="latin", show_default=True)
@click.option("--shape", type=click.Choice(SHAPES), default="even", show_default=True, help="bad: it is only checked.")
@click.option("--repeat", default=1, show_default=True, help="Rounds over all ways; the best figures are printed.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds that a run may take.")
@click.option("--memory", default=12.0, show_default=True, help="GiB that the usual ways may take.")
@click.option("--work", type=click.Path(path_type=Path), help="Where corpora are kept for the next time.")
@FORM
def main(  # noqa: PLR0913 - one for each option
    *,
    sizes: tuple[int, ...],
    chosen: tuple[str, ...],
    script: str,
    shape: str,
    repeat: int,
    timeout: float,
    memory: float,
    work: Path | None,
    form: str,
) -> None:
    """Measures each way on each size, and prints seconds, the ratio to the floor and peak memory."""
    possible = ["check"] if shape == "bad" else list(WAYS)
    ways = [key for key in possible if not chosen or key in chosen]
    with tempfile.TemporaryDirectory(prefix="factpack-benchmark-") as temporary:
        folder = work or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, script, shape, timeout, int(memory * GIB))
        runs: dict[tuple[str, int], list[Took]] = {}
        for size in sizes:
            for _ in range(repeat):
                for key in ways:
                    took = bench.once(WAYS[key], size)
                    runs.setdefault((key, size), []).append(took)
                    click.echo(
                        f"{size:,} claims, {WAYS[key].name}: {took.failure or f'{took.seconds:.1f} s'}", err=True
                    )
        for key in ways if len(sizes) > 1 else ():
            if WAYS[key].fitted and not WAYS[key].own:
                runs[key, SMALLEST] = [bench.once(WAYS[key], SMALLEST) for _ in range(repeat)]
    figures = {(key, size): figure(WAYS[key], took) for (key, size), took in runs.items()}
    header = ("claims", "way", "seconds", "× floor", "processor", "peak memory")
    click.echo(table(header, list(rows(figures, sizes)), form))
    click.echo("".join(f"\n{line}" for line in (*exponents(figures), machine())))


if __name__ == "__main__":
    main()
