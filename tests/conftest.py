"""What the tests share: a small invented project, and the command line that runs on it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from factpack import cache
from factpack.cli import main

TESTS = Path(__file__).parent
PROJECT = TESTS / "project"

Run = Callable[..., Result]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was parsed in a test is not found by the next run."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr(cache, "folder", lambda: folder)
        yield


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A copy of the invented project, which checks clean, for a test to change."""
    return Path(shutil.copytree(PROJECT, tmp_path / "project"))


@pytest.fixture
def run() -> Run:
    """The command line, run in this process, because importing it anew takes longer than most tests.

    An exception that it lets through fails the test instead of passing for exit status 1.
    """

    def run_main(*args: str | Path) -> Result:
        return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)

    return run_main
