"""Measures the YAML parsers that tell line and column, on the same records, against readers of JSON Lines.

Parsers that give plain data without positions are left out: what is wrong in an annotation file could not be shown at
its place. So are those that give the line alone.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click
import msgspec
import yaml

from corpus import CLAIMS_PER_ARTICLE, Corpus
from factpack.formats.registry import source_file
from factpack.formats.yaml_parser import read_yaml
from factpack.project.models import ClaimLine, NotCheckableLine, UnverifiedLine
from measure import FORM, machine, run, table

Loader = type[yaml.CBaseLoader | yaml.BaseLoader]

SLOW = 5  # articles for a parser that is not in C


def events(loader: Loader) -> Callable[[bytes], object]:
    """Reads every event of a text; PyYAML gives each a mark at its start and its end."""
    return lambda data: [event.start_mark for event in yaml.parse(data, Loader=loader)]


def nodes(loader: Loader) -> Callable[[bytes], object]:
    """Composes the nodes of a text, with marks like the events."""
    return lambda data: yaml.compose(data, Loader=loader)


def ruamel(data: bytes) -> object:
    """Reads a text as ruamel.yaml does for round trips, where each mapping and list knows the place of its items."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - it need not be installed

    return YAML(typ="rt", pure=True).load(data)


def ruamel_events(data: bytes) -> object:
    """Reads every event of a text with the parser in C that ruamel.yaml has."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - it need not be installed

    return [event.start_mark for event in YAML(typ="safe").parse(data)]


CHECKED = "factpack, checked records"
TIMES = ("first time", "again")  # again, what was parsed is there
LINE = msgspec.json.Decoder(ClaimLine | UnverifiedLine | NotCheckableLine)

#: Every way to read YAML, and whether it is slow.
YAML_READERS: dict[str, tuple[Callable[[bytes], object], bool]] = {
    "PyYAML, events in C": (events(yaml.CBaseLoader), False),
    "PyYAML, nodes in C": (nodes(yaml.CBaseLoader), False),
    "PyYAML, events in Python": (events(yaml.BaseLoader), True),
    "PyYAML, nodes in Python": (nodes(yaml.BaseLoader), True),
    "ruamel.yaml, events in C": (ruamel_events, False),
    "ruamel.yaml, round trip": (ruamel, True),
    "factpack, plain data": (lambda data: read_yaml(data.decode()), False),
    "factpack, plain data and positions": (lambda data: read_yaml(data.decode(), positions={}), False),
}
JSON_READERS: dict[str, Callable[[bytes], object]] = {
    "json": lambda data: [json.loads(line) for line in data.splitlines()],
    "msgspec, plain data": lambda data: [msgspec.json.decode(line) for line in data.splitlines()],
    "msgspec, typed and validated": lambda data: [LINE.decode(line) for line in data.splitlines()],
}


def microseconds(
    read: Callable[[bytes], object], texts: Sequence[bytes], claims: int, repeat: int, forget: Path | None = None
) -> float:
    """The least time that reading takes, in microseconds a claim; ``forget`` is a folder to empty before each round."""
    best = float("inf")
    for _ in range(repeat):
        if forget:
            shutil.rmtree(forget, ignore_errors=True)
        started = time.perf_counter()
        for text in texts:
            read(text)
        best = min(best, time.perf_counter() - started)
    return best / claims * 1e6


def records(folder: Path) -> Callable[[bytes], object]:
    """Reads the files of a project into checked records, as `factpack check` does; the bytes are not looked at."""
    paths = sorted(path for path in (folder / "annotations").iterdir() if path.stem[-1].isdigit())
    return lambda _: [list(source.format.read(source)) for path in paths for source in (source_file(path.name, path),)]


def parsers(folders: dict[str, Path], claims: int, repeat: int, cache: Path) -> Iterator[tuple[str, str, float | None]]:
    """What is read, by what, and microseconds a claim; none if it is not installed.

    ``cache`` is where factpack keeps what it has parsed.
    """
    texts = {
        form: [path.read_bytes() for path in sorted((folder / "annotations").iterdir()) if path.stem[-1].isdigit()]
        for form, folder in folders.items()
    }
    for name, (read, slow) in YAML_READERS.items():
        some = texts["yaml"][:SLOW] if slow else texts["yaml"]
        try:
            yield "YAML", name, microseconds(read, some, len(some) * CLAIMS_PER_ARTICLE, repeat)
        except ModuleNotFoundError:
            yield "YAML", name, None
    read = records(folders["yaml"])
    for name, forget in zip(TIMES, (cache, None), strict=True):
        yield "YAML", f"{CHECKED}, {name}", microseconds(read, [b""], claims, repeat, forget)
    for name, read in JSON_READERS.items():
        yield "JSON Lines", name, microseconds(read, texts["jsonl"], claims, repeat)
    yield "JSON Lines", CHECKED, microseconds(records(folders["jsonl"]), [b""], claims, repeat)


def check_seconds(folder: Path, repeat: int, cache: Path) -> float:
    """The least time of the first `factpack check`, the start of Python included."""
    runs = []
    for _ in range(repeat):
        shutil.rmtree(cache, ignore_errors=True)
        took = run((sys.executable, "-m", "factpack", "check", folder), timeout=600)
        if took.failure:
            raise click.ClickException(took.failure + "\n" + took.errors)
        runs.append(took.seconds)
    return min(runs)


def claims_in_a_second(sizes: dict[int, float]) -> int:
    """How many claims a check takes one second for, on the line through two sizes."""
    (few, short), (many, long) = sorted(sizes.items())
    return round(few + (1 - short) * (many - few) / (long - short))


@click.command()
@click.option("--claims", default=4_000, show_default=True, help="Of the files that are read, a multiple of 80.")
@click.option("--repeat", default=3, show_default=True, help="Rounds; the best figures are printed.")
@FORM
def main(claims: int, repeat: int, form: str) -> None:
    """Measures each parser, and at which size a check takes a second by YAML and by JSON Lines."""
    with tempfile.TemporaryDirectory(prefix="factpack-benchmark-") as temporary:
        cache = Path(temporary) / "cache"
        os.environ["XDG_CACHE_HOME"] = str(cache)  # what is parsed is looked for there
        folders, seconds = {}, {}
        for suffix in ("yaml", "jsonl"):
            for size in (claims // 4, claims):
                folder = Path(temporary) / f"{suffix}-{size}"
                Corpus(size).write(folder, suffix)
                seconds[suffix, size] = check_seconds(folder, repeat, cache)
            folders[suffix] = folder
        found = list(parsers(folders, claims, repeat, cache))
    fastest = min(figure for _, _, figure in found if figure)
    rows = [
        (kind, name, *((f"{figure:.1f}", f"{figure / fastest:.0f}") if figure else ("not installed", "–")))
        for kind, name, figure in found
    ]
    click.echo(table(("input", "reader", "µs a claim", "× fastest"), rows, form) + "\n")
    figures = {(kind, name): figure for kind, name, figure in found if figure}
    first, again = (figures["YAML", f"{CHECKED}, {name}"] / figures["JSON Lines", CHECKED] for name in TIMES)
    click.echo(f"a checked claim takes {first:.0f} times as long from YAML as from JSON Lines; again, {again:.0f}")
    for suffix, name in (("yaml", "YAML"), ("jsonl", "JSON Lines")):
        sizes = {size: took for (kind, size), took in seconds.items() if kind == suffix}
        click.echo(f"a first `factpack check` takes one second for {claims_in_a_second(sizes):,} claims in {name}")
    click.echo(machine())


if __name__ == "__main__":
    main()
