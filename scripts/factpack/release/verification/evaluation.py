"""Make the tables of prompts of a release again, and measure its baselines again."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from factpack.atomic import temporary_folder
from factpack.dataset.table_writer import TableFiles
from factpack.evaluation.baselines import WORD_OVERLAP, Baseline, Verdicts, measure_baselines
from factpack.evaluation.measures import Figure
from factpack.evaluation.tasks.tables import write_tasks_of
from factpack.release.companions import MAX_COMPARED, other_builders
from factpack.release.layout import MANIFEST, sha256
from factpack.release.manifest import Manifest, listed_tables


def derived_tasks(folder: Path, manifest: Manifest) -> tuple[Sequence[TableFiles], list[str]]:
    """Derive what a release has for evaluation from its other tables.

    The prompts follow from the tables and the version of factpack alone. Only the bytes of their files, and the random
    numbers of the intervals, depend on the packages beside it.

    Returns:
        The tables of prompts, and everything that is otherwise in the release.
    """
    problems = []
    others = other_builders(manifest)
    with temporary_folder() as scratch:
        tasks = write_tasks_of(folder, scratch)
        for path in (path for task in tasks for path in task.paths):
            made, found = scratch / path, folder / path
            if not found.is_file():
                problems.append(f"{path}: missing, but it follows from the tables")
            elif not (_same_rows(found, made) if others else sha256(found) == sha256(made)):
                problems.append(f"{path}: it does not follow from the tables")
    if manifest.tasks != listed_tables(tasks, manifest.scheme):
        problems.append(f"{MANIFEST}: `tasks` are not the tables of prompts that follow from the other tables")
    measured = measure_baselines(folder, MAX_COMPARED)
    given, wanted = (
        _comparable(each, manifest, other_numpy="numpy" in others) for each in (manifest.baselines, measured)
    )
    if given != wanted:
        problems.append(f"{MANIFEST}: `baselines` do not follow from the tables")
    return tasks, problems


def _same_rows(one: Path, other: Path) -> bool:
    """Return whether two files have the same rows under the same schema."""
    tables = [pq.ParquetFile(path).read() for path in (one, other)]
    return bool(tables[0].schema.equals(tables[1].schema, check_metadata=True) and tables[0].equals(tables[1]))


def _comparable(baselines: Sequence[Baseline], manifest: Manifest, *, other_numpy: bool) -> list[Baseline]:
    """Leave out what cannot be measured again.

    Without the texts that is the stances by the sentences around a passage, and with another numpy, whose random
    numbers may be others, the ends of the intervals.
    """
    withheld = {WORD_OVERLAP} if manifest.text == "none" else set()
    found = [replace(each, stances=None) if each.name in withheld else each for each in baselines]
    return [_without_intervals(each) for each in found] if other_numpy else found


def _without_intervals(baseline: Baseline) -> Baseline:
    labels, stances = (
        each and Verdicts(Figure(each.accuracy.value), Figure(each.macro_f1.value))
        for each in (baseline.labels, baseline.stances)
    )
    return replace(baseline, labels=labels, stances=stances)
