"""A release is found wherever it is: in a folder, in a project, or on a hub at a revision."""

import itertools
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from huggingface_hub import HfApi, get_session, snapshot_download
from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

from conftest import PROJECT, Run, edit
from factpack import open_release
from factpack.errors import UnreachableError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.manifest import read_manifest
from hub.repository import Repository
from hub.server import WRITER, Fault, Hub, Request, Response
from releases import contents, make

REPO = "ann/ferry-to-fetch"
RELEASED, CHANGED = "v1.1.0", "without-page"


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
            "ann/nothing@v1.0.0 does not exist: {hub} has no such dataset, or it is private (`hf auth login`)",
        ),
        ("a/b/c@v1.0.0", "a/b/c@v1.0.0 does not exist, and a/b/c is not the name of a repository"),
        (REPO, f"{REPO} does not exist; give a dataset on a hub with its revision, such as org/name@v1.0.0"),
        (f"{REPO}@", f"{REPO}@ does not exist; give a dataset on a hub with its revision, such as org/name@v1.0.0"),
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


VERSIONS = "ann/versions"


@pytest.fixture(scope="session")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of version 2.0.0, in which a claim is reworded, with its release."""
    project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("later") / "project"))
    for name, before, after in (
        ("dataset", "version: 1.1.0", "version: 2.0.0"),
        ("b2", "The Marigold entered service in 2023.", "The Marigold went into service in 2023."),
    ):
        path = project / "annotations" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    make(project, project / "dist/release")
    build(open_project(project), project / "dist/without", lambda: None, "none")
    return project


@pytest.fixture
def versions(hub: Hub, old: Path, later: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Repository:
    """A repository with 1.1.0, 2.0.0 and 2.0.0 without texts, and a tag v3.0.0 on the last; nothing is cached."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    repository = hub.repository(VERSIONS)
    if not repository.exists():
        repository.create()
        for tags, folder in (
            (["v1.1.0", "first"], old),
            (["v2.0.0"], later / "dist/release"),
            (["without", "v3.0.0"], later / "dist/without"),
        ):
            head = repository.resolve("main")
            assert head
            gone = sorted(repository.tree(head).keys() - contents(folder).keys() - {".gitattributes"})
            files = {name for name in gone if repository.tree(head)[name].kind == "file"}
            commit = repository.commit(tags[0], head, contents(folder), sorted(files))
            for tag in tags:
                repository.tag(tag, None, commit)
    return repository


def test_a_version_is_not_taken_from_the_cache_of_another(  # noqa: PLR0913, PLR0917 - fixtures
    versions: Repository, hub: Hub, run: Run, old: Path, later: Path, tmp_path: Path
) -> None:
    """Though the hub sends one ETag for all revisions, and the cache has all files under the wrong names."""
    hub.etag_of_path = True
    for revision in ("v1.1.0", "v2.0.0", "without"):
        cached = snapshot_download(VERSIONS, repo_type="dataset", revision=versions.resolve(revision))
    assert read_manifest(Path(cached)).version == "1.1.0"  # which is the fault of the cache
    assert run("diff", f"{VERSIONS}@v1.1.0", old).exit_code == 0
    assert run("diff", f"{VERSIONS}@v2.0.0", later / "dist/release").exit_code == 0
    changed = run("diff", f"{VERSIONS}@v1.1.0", f"{VERSIONS}@v2.0.0")
    assert changed.exit_code == 1
    assert "smallest step: MAJOR (1.1.0 -> 2.0.0)" in changed.stdout
    verified = run("verify", f"{VERSIONS}@v2.0.0", later)
    assert (verified.exit_code, verified.stderr) == (0, "")
    assert verified.stdout.startswith("ferry-factcheck 2.0.0: ")
    full = tmp_path / "full"
    assert run("hydrate", f"{VERSIONS}@without", later / "seeds", "--out", full).exit_code == 0
    assert contents(full) == contents(later / "dist/release")


def test_the_last_release_is_not_taken_from_the_cache_of_another(
    versions: Repository, hub: Hub, run: Run, project_folder: Path
) -> None:
    project = project_folder.resolve()
    assert run("release", project).exit_code == 0
    shutil.rmtree(project / "dist")
    edit(project, "dataset.yaml", lambda data: data.update(version="1.1.1", title="Ferries"))
    hub.etag_of_path = True
    snapshot_download(VERSIONS, repo_type="dataset", revision=versions.resolve("v2.0.0"))
    made = run("release", project, "--since", f"{VERSIONS}@v1.1.0")
    assert (made.exit_code, made.stderr) == (0, "")
    assert "smallest step: PATCH (1.1.0 -> 1.1.1)" in made.stdout


@pytest.mark.parametrize("tag", ["v3.0.0", "refs/tags/v3.0.0"])
def test_a_tag_of_another_version(  # noqa: PLR0913, PLR0917 - fixtures
    versions: Repository, run: Run, old: Path, later: Path, project_folder: Path, tmp_path: Path, tag: str
) -> None:
    """Every command that takes a release from a hub says what was wanted, what came, and how to have that."""
    place, commit = f"{VERSIONS}@{tag}", versions.resolve(tag)
    project = project_folder.resolve()
    assert run("release", project).exit_code == 0
    edit(project, "dataset.yaml", lambda data: data.update(version="4.0.0"))
    for command in (
        ("verify", place),
        ("verify", place, later),
        ("diff", place, old),
        ("diff", old, place),
        ("hydrate", place, later / "seeds", "--out", tmp_path / "full"),
        ("release", project, "--since", place),
    ):
        refused = run(*command)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert refused.stderr == (
            f"Error: {place} is not version 3.0.0: the hub has ferry-factcheck 2.0.0 there. "
            f"The publisher of {VERSIONS} must correct the tag; "
            f"to read this release, name it by its commit, {VERSIONS}@{commit}\n"
        )
    assert not (tmp_path / "full").exists()
    assert run("diff", f"{VERSIONS}@{commit}", later / "dist/without").exit_code == 0


def test_a_revision_that_is_no_version(versions: Repository, run: Run, old: Path, later: Path) -> None:
    """A branch, a commit or another tag holds what it holds; nor has the repository the name of the dataset."""
    assert run("diff", f"{VERSIONS}@main", later / "dist/without").exit_code == 0
    assert run("diff", f"{VERSIONS}@first", old).exit_code == 0
    assert run("diff", f"{VERSIONS}@{versions.resolve('v1.1.0')}", old).exit_code == 0


def test_a_hub_that_sends_another_revision(versions: Repository, hub: Hub, run: Run, old: Path) -> None:
    """It lists one commit, and sends the files of another."""
    commit, other = (versions.resolve(tag) for tag in ("v1.1.0", "v2.0.0"))

    def mixed_up(request: Request) -> Response | None:
        if "/resolve/" not in request.path:
            return None
        return hub.answer(replace(request, path=request.path.replace(str(commit), str(other))))

    hub.hook = mixed_up
    refused = run("diff", f"{VERSIONS}@first", old)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"Error: {VERSIONS}@first cannot be fetched: {hub.url} sends other bytes of README.md than it lists at "
        f"{commit}; try again later, or take the release from another place\n"
    )


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
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
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


@pytest.mark.usefixtures("published")
def test_the_library_changes_no_setting_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for good nor meanwhile: bars, logs and the patience of huggingface_hub are up to whoever imports it."""
    seen: list[tuple[object, ...]] = []

    def state() -> tuple[object, ...]:
        return logging.getLogger("huggingface_hub").level, are_progress_bars_disabled(), logging.root.level

    def download(*args: Any, **options: Any) -> str:
        seen.append(state())
        return snapshot_download(*args, **options)

    monkeypatch.setattr("factpack.release.opening.resolve.snapshot_download", download)
    monkeypatch.setattr(sys.modules["huggingface_hub.utils.tqdm"], "HF_HUB_DISABLE_PROGRESS_BARS", None)
    enable_progress_bars()
    monkeypatch.setattr(logging.getLogger("huggingface_hub"), "level", logging.INFO)
    before, patience = state(), get_session().timeout
    with open_release(f"{REPO}@{RELEASED}") as release:
        assert release.version == "1.1.0"
        assert (seen, state(), get_session().timeout) == ([before], before, patience)
    with pytest.raises(UnreachableError):
        open_release(f"{REPO}@v9.9.9")
    assert (state(), get_session().timeout) == (before, patience)
    disable_progress_bars()
