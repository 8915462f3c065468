"""What the tests of `factpack release` share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from conftest import Run
from releases import contents, rows

CHANGELOG = "annotations/CHANGELOG.md"
RELEASED = "annotations/released.jsonl"
A1 = "annotations/a1.yaml"
DATASET = "annotations/dataset.yaml"


def replace(project: Path, name: str, old: str, new: str) -> None:
    """Changes one place of a file, in the project or in a release."""
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def row_versions(release: Path, config: str) -> dict[str, tuple[str, str]]:
    """Since when each row is there, and when it last changed."""
    return {row["id"]: (row["added_in"], row["changed_in"]) for row in rows(release, config)}


def rewritten(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Changes every row of a table."""
    pq.write_table(pa.Table.from_pylist([change(row) for row in pq.read_table(path).to_pylist()]), path)


def unchanged(project: Path, run: Run, *args: str) -> str:
    """Runs a release that is refused, and leaves everything as it was; returns what it says."""
    before = contents(project)
    done = run("release", project, *args)
    assert (done.exit_code, done.stdout) == (1, "")
    assert contents(project) == before
    return str(done.stderr)
