"""No change of a project, however wild, crashes the check."""

import random
from pathlib import Path

import pytest

from checking import as_lines, found, problems, registers_as_lines
from conftest import Run
from fuzz.mutations import EDITS


@pytest.mark.parametrize("lines", [False, True], ids=["yaml", "json-lines"])
def test_no_mutation_crashes(lines: bool, project_folder: Path, run: Run) -> None:  # noqa: FBT001
    """Whatever a hand, a merge or a disk does to a file, the answer is a report with places in files that exist."""
    if lines:
        as_lines(project_folder, "a1", "b2", "c3")
        registers_as_lines(project_folder)
    chance = random.Random(20240312)  # noqa: S311 - the same mutations every time
    files = sorted(path for path in (project_folder / "annotations").iterdir())
    for _ in range(300):
        file = chance.choice(files)
        before = data = file.read_bytes()
        for _ in range(chance.choice((1, 1, 3))):
            at = chance.randrange(len(data) + 1)
            data = chance.choice(EDITS)(data, at, min(len(data), at + chance.choice((1, 3, 30, 300))), chance)
        file.write_bytes(data)
        listed = problems(run, project_folder)
        assert len({tuple(problem.items()) for problem in listed}) == len(listed)
        assert all(problem["line"] > 0 and problem["column"] > 0 for problem in listed)
        assert all((project_folder / problem["path"]).is_file() for problem in listed)
        file.write_bytes(before)
    assert found(run, project_folder) == []
