"""A release is found wherever it is: in a folder, in a project, or on a hub at a revision."""

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from huggingface_hub import HfApi

from conftest import PROJECT, Run
from hub.server import WRITER, Fault, Hub, Request
from test_build import contents, make

REPO = "ann/ferry-to-fetch"
RELEASED, CHANGED = "v1.1.0", "v2.0.0"


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the invented project; not to be changed."""
    folder = tmp_path_factory.mktemp("old")
    return make(Path(shutil.copytree(PROJECT, folder / "project")), folder / "release")


@pytest.fixture(scope="session")
def new(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same release without its page."""
    folder = tmp_path_factory.mktemp("new") / "release"
    shutil.copytree(old, folder)
    (folder / "view.html").unlink()
    return folder


@pytest.fixture
def published(hub: Hub, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub with both, each with its tag, and main at the later one; nothing is cached."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    if not hub.repository(REPO).exists():
        api = HfApi()
        api.create_repo(REPO, repo_type="dataset")
        for folder, tag in ((old, RELEASED), (new, CHANGED)):
            api.upload_folder(repo_id=REPO, repo_type="dataset", folder_path=folder, delete_patterns="view.html")
            api.create_tag(REPO, repo_type="dataset", tag=tag)
    return hub


@pytest.fixture
def against_old(run: Run, old: Path) -> Callable[[str], Result]:
    """Compares what is at a place with the older one of both."""
    return lambda place: run("diff", place, old)


def downloads(hub: Hub) -> list[str]:
    """The files that were sent."""
    return [request.path for request in hub.requests if request.method == "GET" and "/api/" not in request.path]


def test_a_release_at_a_tag(published: Hub, run: Run, old: Path, new: Path) -> None:
    """What the hub adds, such as .gitattributes, is no change."""
    del published
    assert run("diff", f"{REPO}@{RELEASED}", old).exit_code == 0
    assert run("diff", f"{REPO}@{CHANGED}", new).exit_code == 0
    assert run("diff", f"{REPO}@main", new).exit_code == 0
    changed = run("diff", f"{REPO}@{RELEASED}", f"{REPO}@{CHANGED}")
    assert (changed.exit_code, changed.stderr) == (1, "")
    assert "\nfiles\n  file gone  view.html\n" in changed.stdout


def test_what_was_fetched_is_not_fetched_again(published: Hub, run: Run, old: Path) -> None:
    """But the hub is asked what the revision is now: a branch moves on, and a cache must not hide that."""
    assert run("diff", f"{REPO}@{RELEASED}", old).exit_code == 0
    assert len(downloads(published)) >= len(contents(old))
    published.reset()
    assert run("diff", f"{REPO}@{RELEASED}", old).exit_code == 0
    assert downloads(published) == []
    moving = published.copy(REPO, f"{REPO}-moving")
    assert run("diff", f"{REPO}-moving@main", old).exit_code == 1
    moving.commit("the page again", moving.resolve("main"), contents(old), ())
    assert run("diff", f"{REPO}-moving@main", old).exit_code == 0


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (f"{REPO}@v9.9.9", f"{REPO} on {{hub}} has no revision v9.9.9"),
        (
            "ann/nothing@v1.0.0",
            "there is no ann/nothing@v1.0.0: {hub} has no such dataset, or it is private (`hf auth login`)",
        ),
        ("a/b/c@v1.0.0", "there is no a/b/c@v1.0.0, and a/b/c is no name of a repository"),
        (REPO, f"there is no {REPO}; a dataset on a hub is named with its revision, such as org/name@v1.0.0"),
        (f"{REPO}@", f"there is no {REPO}@; a dataset on a hub is named with its revision, such as org/name@v1.0.0"),
    ],
)
def test_what_is_not_there(published: Hub, run: Run, old: Path, place: str, message: str) -> None:
    failed = run("diff", place, old)
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert failed.stderr == f"Error: {message.format(hub=published.url)}\n"


def test_a_repository_without_a_release(published: Hub, run: Run, old: Path) -> None:
    if not published.repository("ann/empty").exists():
        published.repository("ann/empty").create()
    failed = run("diff", old, "ann/empty@main")
    assert (failed.exit_code, failed.stderr) == (2, "Error: ann/empty@main is not a release: it has no release.json\n")


PARTS = ("/revision/", "/resolve/", "/objects/")  # what the revision is, where a file is, a large file
FAULTS: tuple[Fault, ...] = (401, 403, "cut-before", "truncated")


@pytest.mark.parametrize(("part", "fault"), list(itertools.product(PARTS, FAULTS)))
def test_a_hub_that_fails(
    published: Hub, against_old: Callable[[str], Result], part: str, fault: Fault, capfd: pytest.CaptureFixture[str]
) -> None:
    """At any request: one line that says so, no traceback; the token and the signed addresses are in none of it."""

    def broken(request: Request) -> Fault | None:
        return fault if part in request.path else None

    published.hook = broken
    failed = against_old(f"{REPO}@{RELEASED}")
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert capfd.readouterr() == ("", "")
    assert failed.stderr.count("\n") == 1
    assert failed.stderr.startswith(f"Error: {REPO}@{RELEASED} cannot be fetched")
    assert WRITER not in failed.stderr
    assert "Signature" not in failed.stderr
    if isinstance(fault, int):
        assert failed.stderr.endswith(f": {published.url} answered {fault}; log in with `hf auth login`\n")
    published.hook = lambda _: None
    assert against_old(f"{REPO}@{RELEASED}").exit_code == 0


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE forbids the network"),
        ({"HF_ENDPOINT": "http://127.0.0.1:9"}, "cannot be fetched from http://127.0.0.1:9: "),
    ],
)
def test_no_network(old: Path, environment: dict[str, str], message: str) -> None:
    command = [sys.executable, "-m", "factpack", "diff", f"{REPO}@{RELEASED}", str(old)]
    failed = subprocess.run(
        command, env=os.environ | environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith(f"Error: {REPO}@{RELEASED} cannot be fetched")
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
