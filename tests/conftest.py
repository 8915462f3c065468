"""What the tests share: a small invented project, the command line that runs on it, and a hub on loopback."""

import gc
import hashlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from factpack.cli import main
from factpack.formats.cache import ParseCache
from factpack.formats.registry import formats
from factpack.formats.yaml import YamlFormat
from factpack.formats.yaml_parser import read_yaml
from hub.server import WRITER, Hub

if TYPE_CHECKING:
    from factpack.publishing.release import Release

TESTS = Path(__file__).parent
PROJECT = TESTS / "project"

Run = Callable[..., Result]


def edit(project: Path, name: str, change: Callable[[Any], object]) -> None:
    """Changes the data of a YAML file of a project in place."""
    path = project / "annotations" / name
    data, errors = read_yaml(path.read_text(encoding="utf-8"))
    assert not errors
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, default_style='"', sort_keys=False), encoding="utf-8")


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its path there."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


OPEN = pytest.StashKey[ExitStack]()
HUB = pytest.StashKey[Hub]()


def pytest_configure(config: pytest.Config) -> None:
    """Starts the hub before any test is read: huggingface_hub and datasets look at these once, when they are imported.

    So no test reaches another hub, or the cache and the token of whoever runs it.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a script starts what it puts in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what a test starts inherits it, and is to end by it
    stack = config.stash[OPEN] = ExitStack()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="factpack-hub-")))
    hub = config.stash[HUB] = stack.enter_context(Hub(folder))
    os.environ |= {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(folder / "home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_XET": "1",  # large files go by Git LFS
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # load_dataset tells an address of its own what it loads
    }
    os.environ.pop("HF_TOKEN", None)


#: The tests of these packages need no browser, no server and mostly no release, and take less than a minute without
#: those that are marked as slow.
QUICK = ("anchoring", "checks", "corpus", "dataset", "formats", "text")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what ``pytest -m quick`` runs."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in QUICK and not item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.quick)


class Files(LoadFileScheduling):
    """Hands out files, whose tests share what is made once; but the longest tests one by one."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if "/test_publish_faults.py::" in nodeid else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Files:
    """Says how the tests are handed out to the processes."""
    return Files(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the hub."""
    config.stash[OPEN].close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the invented project; not to be changed."""
    from releases import make  # noqa: PLC0415 - imports datasets, which looks at the environment of the tests

    folder = tmp_path_factory.mktemp("built")
    return make(Path(shutil.copytree(PROJECT, folder / "project")), folder / "release")


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


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> "Release":
    from publishing.publications import RATIONALE, released  # noqa: PLC0415 - imports datasets

    return released(tmp_path_factory.mktemp("first"), "1.1.0", RATIONALE)


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> "Release":
    from publishing.publications import released  # noqa: PLC0415 - imports datasets

    return released(tmp_path_factory.mktemp("second"), "1.1.1", "Both others give the same year.")


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in JSON Lines with 36 articles, for a test to copy."""
    from corpus_copies import copies  # noqa: PLC0415 - few tests need them
    from test_properties import LINES_FILES, on_disk  # noqa: PLC0415 - the same

    folder = tmp_path_factory.mktemp("corpus") / "project"
    with on_disk(LINES_FILES) as made:
        shutil.copytree(made, folder)
    copies(folder, 12)
    return folder


REPOSITORIES = count()


@pytest.fixture
def repo() -> str:
    """The name of a repository that is not there yet."""
    return f"ann/ferry-{next(REPOSITORIES)}"


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was parsed in a test is not found by the next run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(formats(), "yaml", YamlFormat(ParseCache(tmp_path_factory.mktemp("cache"))))
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
def project_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the invented project, which checks clean, for a test to change; it is the working directory."""
    folder = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run() -> Run:
    """The command line, run in this process, because importing it anew takes longer than most tests.

    An exception that it lets through fails the test instead of passing for exit status 1.
    """

    def run_main(*args: str | Path) -> Result:
        interval, hook = sys.getswitchinterval(), sys.unraisablehook
        try:
            return CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
        finally:  # what the command line tunes is its own process, and this one goes on
            sys.setswitchinterval(interval)
            sys.unraisablehook = hook
            gc.enable()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            if sys.platform != "win32":
                signal.signal(signal.SIGHUP, signal.SIG_DFL)

    return run_main
