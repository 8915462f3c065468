"""Files that are too large are not read: the message gives the size and the limit."""

import os
import shutil
from pathlib import Path

import pytest

from conftest import PROJECT, Run
from factpack.limits import MAX_ARTICLE_BYTES, MAX_HISTORY_BYTES

HUGE = 3 * 2**30


def grow(path: Path, size: int = HUGE) -> None:
    """Makes a file as large; it takes no space on the disk."""
    with path.open("ab"):
        os.truncate(path, size)


def test_a_huge_changelog(project_folder: Path, run: Run) -> None:
    """It is text that people write."""
    grow(project_folder / "annotations/CHANGELOG.md")
    result = run("release", project_folder)
    said = "annotations/CHANGELOG.md:1:1: error[file-too-large]: 3,221,225,472 bytes exceed the limit of 16,777,216\n"
    assert said in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize("name", ["annotations/dataset.yaml", "annotations/GUIDELINES.md", "seeds/d4_huge.txt"])
def test_a_huge_file_of_a_project(name: str, project_folder: Path, run: Run) -> None:
    """It is an error like others; an article that is not registered is not summed."""
    grow(project_folder / name)
    result = run("check", project_folder)
    assert f"{name}:1:1: error[file-too-large]: 3,221,225,472 bytes exceed the limit of 16,777,216\n" in result.stdout
    assert result.exit_code == 1


def test_a_huge_history(project_folder: Path, run: Run) -> None:
    """It is read line by line, and large all the same."""
    grow(project_folder / "annotations/released.jsonl", MAX_HISTORY_BYTES + 1)
    result = run("check", project_folder)
    told = (
        "annotations/released.jsonl:1:1: error[file-too-large]: 4,294,967,297 bytes exceed the limit of 4,294,967,296\n"
    )
    assert told in result.stdout
    assert result.exit_code == 1


@pytest.mark.parametrize("name", ["README.md", "croissant.json", "release.json", "charts/labels.svg"])
def test_a_huge_file_of_a_release(name: str, tmp_path: Path, run: Run) -> None:
    """Nothing of it is read, not even for its digest."""
    release = tmp_path / "release"
    run("build", shutil.copytree(PROJECT, tmp_path / "project"), "--out", release)
    if not (release / name).exists():
        name = next(f"charts/{path.name}" for path in (release / "charts").iterdir())
    grow(release / name)
    result = run("verify", release)
    assert result.stderr == f"{name}: 3,221,225,472 bytes exceed the limit of 16,777,216\n"
    assert result.exit_code == 1


def test_a_huge_list_of_sums(tmp_path: Path, run: Run) -> None:
    """It is read first."""
    release = tmp_path / "release"
    run("build", shutil.copytree(PROJECT, tmp_path / "project"), "--out", release)
    grow(release / "SHA256SUMS")
    result = run("verify", release)
    assert f"{release}/SHA256SUMS: 3,221,225,472 bytes exceed the limit of {MAX_ARTICLE_BYTES:,}" in result.stderr
    assert result.exit_code == 1
