"""The pre-commit hook, as the repository of a dataset uses it: the real pre-commit installs it and runs at a commit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "tests/project"
INSTALLED = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "pyproject.toml", "scripts")
CONFIG = """\
repos:
  - repo: {tool}
    rev: {revision}
    hooks:
      - id: factpack-check
"""

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI"), reason="installs factpack and all that it needs, which takes a minute: set CI=true"
)


class Repository:
    """A git repository whose commands see nothing of the environment and the settings of the tests."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        author = {
            f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        own = {"HOME": str(home), "PRE_COMMIT_HOME": str(home / "hooks"), "GIT_CONFIG_NOSYSTEM": "1"}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = inherited | author | own | {"PATH": path}
        self.run("git", "init", "--quiet")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def commit(self) -> subprocess.CompletedProcess[str]:
        """Commit everything that is in the folder."""
        self.run("git", "add", "--all")
        return self.run("git", "commit", "--message=test")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository of a dataset, with the hook from a repository that holds this working tree."""
    home, source = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("tool")
    for name in INSTALLED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    tool = Repository(source, home)
    assert tool.commit().returncode == 0
    revision = tool.run("git", "rev-parse", "HEAD").stdout.strip()

    folder = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("dataset") / "project"))
    (folder / ".pre-commit-config.yaml").write_text(CONFIG.format(tool=source, revision=revision), encoding="utf-8")
    repository = Repository(folder, home)
    installed = repository.run("pre-commit", "install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return repository


def test_a_clean_project_is_committed_and_a_problem_is_not(dataset: Repository) -> None:
    clean = dataset.commit()
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "factpack check" in clean.stderr
    assert "Passed" in clean.stderr

    register = dataset.folder / "annotations/articles.yaml"
    before = register.read_text(encoding="utf-8")
    register.write_text(before.replace("By the Harbour Gazette", "By the Harbor Gazette", 1), encoding="utf-8")
    refused = dataset.commit()
    assert refused.returncode == 1
    assert "hook id: factpack-check" in refused.stderr
    assert "annotations/articles.yaml:10:14: error[register-not-in-text]: " in refused.stderr
    assert dataset.run("git", "rev-list", "--count", "HEAD").stdout == "1\n"

    register.write_text(before, encoding="utf-8")
    assert dataset.run("git", "reset", "--quiet").returncode == 0


def test_other_files_are_not_checked(dataset: Repository) -> None:
    (dataset.folder / "notes.txt").write_text("Nothing to check.\n", encoding="utf-8")
    other = dataset.commit()
    assert other.returncode == 0, other.stdout + other.stderr
    assert "(no files to check)Skipped" in other.stderr
