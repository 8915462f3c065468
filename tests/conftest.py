"""What the tests share: a small invented project, the command line that runs on it, and a hub on loopback."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from factpack import cache
from factpack.cli import main
from factpack.syntax import read_yaml
from hub.server import WRITER, Hub

TESTS = Path(__file__).parent
PROJECT = TESTS / "project"

Run = Callable[..., Result]


def edit(project: Path, name: str, change: Callable[[Any], object]) -> None:
    """Changes the data of a YAML file of a project in place."""
    path = project / "annotations" / name
    data, faults = read_yaml(path.read_text(encoding="utf-8"))
    assert not faults
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, default_style='"', sort_keys=False), encoding="utf-8")


OPEN = pytest.StashKey[ExitStack]()
HUB = pytest.StashKey[Hub]()


def pytest_configure(config: pytest.Config) -> None:
    """Starts the hub before any test is read: huggingface_hub and datasets look at these once, when they are imported.

    So no test reaches another hub, or the cache and the token of whoever runs it.
    """
    stack = config.stash[OPEN] = ExitStack()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="factpack-hub-")))
    hub = config.stash[HUB] = stack.enter_context(Hub(folder))
    os.environ |= {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",  # large files go by Git LFS
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # load_dataset tells an address of its own what it loads
    }
    os.environ.pop("HF_TOKEN", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the hub."""
    config.stash[OPEN].close()


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Hub:
    """The hub."""
    return pytestconfig.stash[HUB]


@pytest.fixture
def hub(server: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub, and the token of somebody who may write there. A request that it does not understand fails the test."""
    server.reset()
    monkeypatch.setenv("HF_TOKEN", WRITER)
    yield server
    server.hook = lambda _: None
    assert server.refused == []


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was parsed in a test is not found by the next run."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setattr(cache, "folder", lambda: folder)
        yield


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says something in the summary of a run, though the test passes."""
    return lambda text: record_property("said", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what the tests had to say."""
    for report in terminalreporter.getreports("passed"):
        for _, text in getattr(report, "user_properties", ()):
            terminalreporter.write_line(f"{report.nodeid.partition('::')[0]}: {text}")


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
