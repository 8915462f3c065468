"""Read the history of a project, ``annotations/released.jsonl``."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from factpack.checks.problem import Problem, Problems
from factpack.checks.registry import judge
from factpack.checks.rules.dataset import NOBODY_EDITS
from factpack.corpus.subjects import Released
from factpack.formats.format import InvalidRecord, ReadError
from factpack.formats.json_lines.blocks import Block
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Location, Record, SourceFile
from factpack.limits import MAX_HISTORY_BYTES
from factpack.project.history import History, ReleasedRows
from factpack.project.layout import ProjectFiles
from factpack.project.models import Dataset, PlainRow, Release, ReleasedRow

HISTORY_LINES: dict[str, type[Struct]] = {"release": Release, "row": ReleasedRow}
PLAIN_HISTORY_LINES = HISTORY_LINES | {"row": PlainRow}


def read_history(project: ProjectFiles, dataset: Record[Dataset]) -> Iterator[Problem | Problems | History]:
    """Read the releases that were made, and report what is wrong with them.

    Args:
        project: The project.
        dataset: What the present sources say of the release.
    """
    history, problems = _read(project, dataset.value.version, PLAIN_HISTORY_LINES)
    if problems or not all(rows.have_valid_versions() for rows in history.rows.values()):
        history, problems = _read(project, dataset.value.version, HISTORY_LINES)
    if problems:
        yield problems
    yield from judge(Released(dataset, history))
    yield history


def _read(project: ProjectFiles, version: str, models: dict[str, type[Struct]]) -> tuple[History, Problems]:
    """Return the releases with the rows of the last one, and what is wrong with their lines."""
    releases: list[Release] = []
    rows: dict[str, ReleasedRows] = {}
    problems = Problems()
    path = project.released
    if path and (size := path.stat().st_size) > MAX_HISTORY_BYTES:
        too_large = ReadError("too-large", Location(project.name(path), 1, 1), size, MAX_HISTORY_BYTES)
        problems = Problems(problem.replace(hint=NOBODY_EDITS) for problem in judge(too_large))
        return History(version, (), {}), problems
    lines = JsonLinesFormat()
    source = SourceFile(project.name(path), path, lines) if path else None
    for item in lines.read_blocks(source, models) if source else ():
        match item:
            case Block(values=values):
                releases += (value for value in values if isinstance(value, Release))
                of_rows = (value for value in values if isinstance(value, ReleasedRow))
                for config, of_config in groupby(of_rows, attrgetter("config")):
                    rows.setdefault(config, ReleasedRows()).extend(list(of_config))
            case InvalidRecord():
                pass
            case _:
                for problem in judge(item):  # which nobody should mend by hand
                    problems.add(problem.replace(hint=NOBODY_EDITS))
    return History(version, tuple(releases), rows), problems
