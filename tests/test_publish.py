"""`factpack publish` to a hub: one commit, one tag, both read back, and nothing of anybody else's overwritten."""

import itertools
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from huggingface_hub import HfApi
from semver import Version

from conftest import PROJECT, Run
from factpack import hub as publisher
from factpack.project import open_project
from factpack.publish import BrokenOffError, RefusedError, Release, read_release
from factpack.release import build
from hub.repository import Entry, Repository
from hub.server import READER, WRITER, Fault, Hub, Request, Response

CONFIGS = ("claims", "evidence", "articles", "sentences", "facts")
CLAIM = "The Marigold entered service in 2023."
RATIONALE = "a1 and c3 give the same year."
WRITES = ("POST", "PUT")
QUICK = publisher.PATIENCE.copy(wait=lambda _: 0)


def released(folder: Path, version: str, rationale: str, claim: str = CLAIM) -> Release:
    """A release of the invented project, with that version, and with other words in a claim and its rationale."""
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    changes = (("dataset", "version: 1.1.0", f"version: {version}"), ("b2", RATIONALE, rationale), ("b2", CLAIM, claim))
    for name, old, new in changes:
        path = project / "annotations" / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text, name
        path.write_text(text.replace(old, new), encoding="utf-8")
    return read_release(build(open_project(project), None, lambda: None).folder)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(tmp_path_factory.mktemp("first"), "1.1.0", RATIONALE)


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return released(tmp_path_factory.mktemp("second"), "1.1.1", "Both others give the same year.")


NUMBERS = itertools.count()


@pytest.fixture
def repo() -> str:
    """The name of a repository that is not there yet."""
    return f"ann/ferry-{next(NUMBERS)}"


def publish(repo: str, release: Release) -> str:
    """Publishes in this process, without waiting between tries, and returns the plan that was carried out."""
    return publisher.publish(repo, release, lambda _: None, QUICK).as_text()


def shown(hub: Hub, repo: str, revision: str) -> dict[str, bytes]:
    """The files that the hub has at a revision."""
    repository = hub.repository(repo)
    commit = repository.resolve(revision)
    assert commit
    files = (entry for entry in repository.tree(commit).values() if entry.kind == "file")
    return {entry.path: repository.content(entry) for entry in files}


def local(release: Release) -> dict[str, bytes]:
    return {name: (release.folder / name).read_bytes() for name in release.sums}


def history(hub: Hub, repo: str) -> list[str]:
    """Every commit on main, the last one first."""
    return hub.repository(repo).git("log", "--format=%H", "main").decode().split()


def write(hub: Hub, repo: str, files: dict[str, bytes], *, delete: tuple[str, ...] = ()) -> str:
    """Somebody else's commit."""
    return hub.repository(repo).commit("by hand", history(hub, repo)[0], files, delete)


def asked(hub: Hub, *methods: str) -> list[str]:
    return [request.name for request in hub.requests if request.method in methods]


def once(wanted: Callable[[Request], bool], fault: Fault) -> Callable[[Request], Fault | None]:
    """Breaks the first request of a kind, and no other."""
    found = itertools.count()
    return lambda request: fault if wanted(request) and next(found) == 0 else None


def to(method: str, part: str) -> Callable[[Request], bool]:
    return lambda request: request.method == method and part in request.path


# A publication


def test_first_publication(hub: Hub, repo: str, first: Release, run: Run) -> None:
    result = run("publish", repo, first.folder)
    assert result.exit_code == 0, result.output
    assert len(history(hub, repo)) == 2  # the hub's own first commit, and one that holds everything
    assert shown(hub, repo, "v1.1.0").keys() - first.sums.keys() == {".gitattributes"}
    assert shown(hub, repo, "v1.1.0").items() >= local(first).items()
    repository = hub.repository(repo)
    assert repository.git("cat-file", "-t", "v1.1.0") == b"tag\n"  # an annotated one
    assert repository.resolve("v1.1.0") == history(hub, repo)[0]
    line = result.output.splitlines()[-1]
    assert line == f'load_dataset("{repo}", revision="v1.1.0")'
    code = f"from datasets import load_dataset; print({line}['test'].num_rows)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(loaded.stdout) == pq.read_metadata(first.folder / "claims/test-00000-of-00001.parquet").num_rows


def test_second_publication_deletes_what_is_gone_and_leaves_what_others_put_there(
    hub: Hub, repo: str, first: Release, second: Release, tmp_path: Path
) -> None:
    more = Path(shutil.copytree(first.folder, tmp_path / "more"))
    (more / "notes.txt").write_text("for this version only", encoding="utf-8")
    with (more / "SHA256SUMS").open("a") as sums:
        sums.write(f"{publisher.sha256(more / 'notes.txt')}  notes.txt\n")
    publish(repo, read_release(more))
    write(hub, repo, {"LICENSE": b"as you like"})
    before = history(hub, repo)
    assert "- notes.txt" in publish(repo, second)
    assert history(hub, repo)[1:] == before
    assert shown(hub, repo, "main") == shown(hub, repo, "v1.1.1")
    assert shown(hub, repo, "main").keys() == second.sums.keys() | {".gitattributes", "LICENSE"}
    assert shown(hub, repo, "main").items() >= local(second).items()
    assert shown(hub, repo, "v1.1.0")["notes.txt"] == b"for this version only"


def test_release_of_a_project_is_found(hub: Hub, repo: str, first: Release, run: Run) -> None:
    project = first.folder.parent.parent
    assert run("publish", repo, project).exit_code == 0
    assert "v1.1.0" in hub.repository(repo).refs("tags")


def test_dry_run_prints_the_plan_and_changes_nothing(
    hub: Hub, repo: str, first: Release, second: Release, run: Run
) -> None:
    result = run("publish", repo, first.folder, "--dry-run")
    assert (result.exit_code, asked(hub, *WRITES)) == (0, [])
    assert not hub.repository(repo).exists()
    size = sum(len(data) for data in local(first).values())
    assert result.output == (
        f"ferry-factcheck 1.1.0 to {hub.url}/datasets/{repo}, tag v1.1.0\n"
        f"{len(first.sums)} added, 0 changed, 0 deleted, {size:,} bytes to send\n"
        + "".join(f"  + {name}\n" for name in sorted(first.sums))
        + "The first version there.\n"
    )
    publish(repo, first)
    hub.reset()
    result = run("publish", repo, second.folder, "--dry-run")
    assert (result.exit_code, asked(hub, *WRITES)) == (0, [])
    changed = [name for name in sorted(second.sums) if second.sums[name] != first.sums.get(name)]
    size = sum(len(local(second)[name]) for name in changed)
    assert result.output.startswith(
        f"ferry-factcheck 1.1.1 to {hub.url}/datasets/{repo}, tag v1.1.1\n"
        f"0 added, {len(changed)} changed, 0 deleted, {size:,} bytes to send\n"
        + "".join(f"  ~ {name}\n" for name in changed)
        + "Since 1.1.0:\n"
    )
    assert "in-service-2023-b2" in result.output  # the diff


def test_dry_run_needs_no_token(hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert run("publish", repo, first.folder, "--dry-run").exit_code == 0
    assert asked(hub, *WRITES) == []


def test_the_same_again_is_a_no_op_that_says_so(hub: Hub, repo: str, first: Release, run: Run) -> None:
    publish(repo, first)
    before, refs = history(hub, repo), hub.repository(repo).refs("tags")
    hub.reset()
    result = run("publish", repo, first.folder)
    assert result.exit_code == 0
    assert "Already published with the same bytes; nothing to do.\n" in result.output
    assert asked(hub, *WRITES) == []
    assert (history(hub, repo), hub.repository(repo).refs("tags")) == (before, refs)
    assert [name for name in asked(hub, "GET") if name.startswith("GET /objects/")]  # and yet it was read back


def test_older_version_that_is_published_is_a_no_op_too(hub: Hub, repo: str, first: Release, second: Release) -> None:
    publish(repo, first)
    publish(repo, second)
    before = history(hub, repo)
    assert "nothing to do" in publish(repo, first)
    assert history(hub, repo) == before


# What is refused


def refused(hub: Hub, repo: str, release: Release, run: Run) -> str:
    """What is said when a publication is refused; it changes nothing."""
    before = (history(hub, repo), hub.repository(repo).refs("tags"))
    for option in ((), ("--dry-run",)):
        result = run("publish", repo, release.folder, *option)
        assert (result.exit_code, result.stdout) == (1, "")
    assert (history(hub, repo), hub.repository(repo).refs("tags")) == before
    return result.stderr


def test_same_version_with_other_bytes(hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path) -> None:
    other = released(tmp_path, "1.1.0", "Everybody gives the same year.")
    publish(repo, first)
    assert refused(hub, repo, other, run) == (
        f"v1.1.0 is published on {repo} with other bytes: README.md, SHA256SUMS, claims/test-00000-of-00001.parquet, "
        "croissant.json, release.json and 1 more. What is published stays as it is; give the dataset a higher version, "
        "and build it again.\n"
    )


def test_lower_version(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    publish(repo, second)
    assert refused(hub, repo, first, run) == (
        "1.1.0 does not come after 1.1.1, which is published. Give the dataset a higher version in "
        "annotations/dataset.yaml, and release it with `factpack release`.\n"
    )


def test_version_that_is_too_small_for_what_changed(
    hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path
) -> None:
    changed = released(tmp_path, "1.2.0", RATIONALE, "The Marigold was put into service in 2023.")
    publish(repo, first)
    said = refused(hub, repo, changed, run)
    assert said.startswith(
        "1.2.0 is too small after 1.1.0, which is published: the changes need a MAJOR step, 2.0.0 or "
    )
    assert "text changed" in said


def test_other_dataset(hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "other"))
    text = (project / "annotations/dataset.yaml").read_text(encoding="utf-8")
    text = text.replace("name: ferry-factcheck", "name: bridge-factcheck").replace("1.1.0", "1.2.0")
    (project / "annotations/dataset.yaml").write_text(text, encoding="utf-8")
    other = read_release(build(open_project(project), None, lambda: None).folder)
    publish(repo, first)
    assert "What is published there is ferry-factcheck, and this is bridge-factcheck." in refused(hub, repo, other, run)


def test_what_somebody_changed_on_the_hub(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    publish(repo, first)
    write(hub, repo, {"README.md": local(first)["README.md"] + b"More.\n"}, delete=("view.html",))
    assert refused(hub, repo, second, run) == (
        f"Since v1.1.0 somebody changed on main of {repo}: README.md, view.html. Nothing was overwritten. "
        "Take the change over into your sources, or revert it there; then publish again.\n"
    )
    # It was taken over, so that nothing of it is lost.
    write(hub, repo, {name: local(second)[name] for name in ("README.md", "view.html")})
    publish(repo, second)
    assert shown(hub, repo, "v1.1.1").items() >= local(second).items()


def test_files_that_no_release_put_there(hub: Hub, repo: str, first: Release, run: Run) -> None:
    hub.repository(repo).create()
    write(hub, repo, {"README.md": b"---\nlicense: mit\n---\n"})
    assert refused(hub, repo, first, run) == (
        f"{repo} has files already that this release would overwrite: README.md. "
        "Delete them there if nobody needs them, or publish to another repository.\n"
    )


def test_file_of_somebody_else_that_the_next_release_has_too(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub, repo: str, first: Release, second: Release, run: Run, tmp_path: Path
) -> None:
    hub.repository(repo).create()
    write(hub, repo, {"LICENSE": b"theirs"})
    publish(repo, first)
    more = Path(shutil.copytree(second.folder, tmp_path / "more"))
    (more / "LICENSE").write_bytes(b"ours")
    with (more / "SHA256SUMS").open("a") as sums:
        sums.write(f"{publisher.sha256(more / 'LICENSE')}  LICENSE\n")
    assert "files already that this release would overwrite: LICENSE." in refused(hub, repo, read_release(more), run)


def test_release_whose_tag_is_missing_stands_in_the_way_of_the_next(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub, repo: str, first: Release, second: Release, run: Run, tmp_path: Path
) -> None:
    third = released(tmp_path, "1.1.2", "All of them give the same year.")
    publish(repo, first)
    hub.hook = lambda request: 403 if "/tag/" in request.path else None
    with pytest.raises(BrokenOffError):
        publish(repo, second)
    hub.hook = lambda _: None
    said = refused(hub, repo, third, run)
    assert "is another release, which has no tag. Publish that one again, which finishes it, or put main back" in said
    publish(repo, second)
    publish(repo, third)
    assert hub.repository(repo).refs("tags").keys() == {"v1.1.0", "v1.1.1", "v1.1.2"}


def test_tag_of_something_else(hub: Hub, repo: str, first: Release, run: Run) -> None:
    repository = hub.repository(repo)
    repository.create()
    repository.tag("v1.0.0", "mine", history(hub, repo)[0])
    assert f"v1.0.0 of {repo} is not a release of factpack's." in refused(hub, repo, first, run)


def test_changed_release_folder(hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(first.folder, tmp_path / "release"))
    (folder / "README.md").write_text("other", encoding="utf-8")
    again = "Build it again with `factpack build`.\n"
    result = run("publish", repo, folder)
    assert (result.exit_code, result.stderr) == (
        1,
        f"{folder} is not as it was built:\nREADME.md: its sum is not the one in SHA256SUMS\n{again}",
    )
    assert hub.requests == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ferry", "ferry is no name of a repository; one is owner/ferry-factcheck"),
        ("ann/ferry/1", "ann/ferry/1 is no name of a repository"),
        ("ann/ferry--1", "Cannot have -- or .. in repo_id"),
    ],
)
def test_names_of_repositories(hub: Hub, first: Release, run: Run, target: str, said: str) -> None:
    result = run("publish", target, first.folder)
    assert result.exit_code == 2
    assert said in result.stderr
    assert hub.requests == []


def test_folder_that_is_no_release(hub: Hub, repo: str, run: Run, tmp_path: Path, project_folder: Path) -> None:
    result = run("publish", repo, tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path} is neither a built release nor a project. `factpack build` builds a release." in result.stderr
    result = run("publish", repo, project_folder)
    assert result.exit_code == 2
    assert "ferry-factcheck-1.1.0 is not there, or is not a release. `factpack build` builds it." in result.stderr
    assert hub.requests == []


def test_a_project_publishes_no_release_but_its_own(
    hub: Hub, repo: str, run: Run, first: Release, project_folder: Path
) -> None:
    shutil.copytree(first.folder, project_folder / "elsewhere-1.1.0")
    (project_folder / "dist").mkdir()
    path = project_folder / "annotations/dataset.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("name: ferry-factcheck", "name: ../elsewhere"), encoding="utf-8")
    result = run("publish", repo, project_folder)
    assert result.exit_code == 2
    assert "elsewhere-1.1.0 is not there, or is not a release" in result.stderr
    assert hub.requests == []


# Somebody else, at the same time


@pytest.mark.parametrize("theirs", ["README.md", "NOTES.md"])
def test_commit_of_somebody_else_in_between(hub: Hub, repo: str, first: Release, second: Release, theirs: str) -> None:
    publish(repo, first)

    def hook(request: Request) -> None:
        if request.path.endswith("/commit/main") and len(history(hub, repo)) == 2:
            write(hub, repo, {theirs: b"---\nlicense: mit\n---\nTheirs.\n"})

    hub.hook = hook
    with pytest.raises(RefusedError, match="Nothing was overwritten"):
        publish(repo, second)
    assert len(history(hub, repo)) == 3
    assert shown(hub, repo, "main")[theirs].endswith(b"Theirs.\n")
    assert hub.repository(repo).refs("tags").keys() == {"v1.1.0"}


def test_same_tag_of_somebody_else_in_between(hub: Hub, repo: str, first: Release, second: Release) -> None:
    publish(repo, first)
    theirs = history(hub, repo)[0]

    def hook(request: Request) -> None:
        if "/tag/" in request.path and "v1.1.1" not in hub.repository(repo).refs("tags"):
            hub.repository(repo).tag("v1.1.1", "theirs", theirs)

    hub.hook = hook
    with pytest.raises(RefusedError, match=r"v1\.1\.1 is published on .* with other bytes"):
        publish(repo, second)
    assert hub.repository(repo).resolve("v1.1.1") == theirs


def test_commit_of_somebody_else_after_ours_is_not_what_is_tagged(hub: Hub, repo: str, first: Release) -> None:
    def hook(request: Request) -> None:
        if "/tag/" in request.path and len(history(hub, repo)) == 2:
            write(hub, repo, {"README.md": b"---\nlicense: mit\n---\nTheirs.\n"})

    hub.hook = hook
    publish(repo, first)
    theirs, ours, _ = history(hub, repo)
    assert hub.repository(repo).resolve("v1.1.0") == ours
    assert shown(hub, repo, theirs)["README.md"].endswith(b"Theirs.\n")


def test_two_publish_the_same_at_the_same_time(hub: Hub, repo: str, first: Release) -> None:
    started = itertools.count()

    def hook(request: Request) -> None:
        if request.path.endswith("/commit/main") and next(started) == 0:
            publish(repo, first)

    hub.hook = hook
    publish(repo, first)
    assert len(history(hub, repo)) == 2
    assert shown(hub, repo, "v1.1.0").items() >= local(first).items()


# What a repository can do to a release


def test_gitignore_of_the_repository_keeps_nothing_out(hub: Hub, repo: str, first: Release) -> None:
    hub.repository(repo).create()
    write(hub, repo, {".gitignore": b"*.json\nclaims\n"})
    publish(repo, first)
    assert shown(hub, repo, "v1.1.0").items() >= local(first).items()


def test_tables_that_are_not_large_files(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Repository, "takes_as_large", lambda *_: False)
    publish(repo, first)
    assert not any(entry.lfs for entry in hub.repository(repo).tree(history(hub, repo)[0]).values())
    assert "nothing to do" in publish(repo, first)


def test_listing_that_comes_in_pages(
    hub: Hub, repo: str, first: Release, second: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.server.PAGE", 3)
    publish(repo, first)
    publish(repo, second)
    assert any("cursor" in request.query for request in hub.requests)
    assert shown(hub, repo, "v1.1.1").items() >= local(second).items()


def test_hub_that_gives_back_other_bytes(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    content = Repository.content

    def spoilt(repository: Repository, entry: Entry) -> bytes:
        data = content(repository, entry)
        return data.replace(b"Ferry", b"Furry") if entry.path == "view.html" else data

    monkeypatch.setattr(Repository, "content", spoilt)
    with pytest.raises(BrokenOffError, match=r"does not give back what was published: view\.html"):
        publish(repo, first)
    assert "v1.1.0" in hub.repository(repo).refs("tags")


def test_hub_on_which_other_rows_are_loaded(
    hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = publisher.datasets.load_dataset
    monkeypatch.setattr(publisher.datasets, "load_dataset", lambda *args, **options: load(*args, **options).select([0]))
    with pytest.raises(BrokenOffError, match="load_dataset gives other rows of claims"):
        publish(repo, first)
    assert hub.requests


# The token


def test_nobody_is_logged_in(hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    result = run("publish", repo, first.folder)
    assert (result.exit_code, result.stderr) == (
        1,
        f"Nobody is logged in. Log in with `hf auth login`, or set HF_TOKEN: a token that may write to {repo}.\n",
    )
    assert hub.requests == []


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("hf_nobody", "the hub answers 401 Invalid credentials in Authorization header.\nIt does not know the token."),
        (READER, "the hub answers 403 you must use a write token to do this.\nThe token may not do that."),
    ],
)
def test_token_that_is_not_enough(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    result = run("publish", repo, first.folder)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "`hf auth login`" in result.stderr
    assert not hub.repository(repo).exists()


def test_token_is_in_no_log_and_no_error(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub,
    repo: str,
    first: Release,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_DEBUG", True)  # every request as a curl command
    with caplog.at_level(logging.DEBUG):
        told: list[str] = []
        for status in (400, 401, 403, 500):
            hub.hook = once(to("POST", "/commit/main"), status)
            with pytest.raises(BrokenOffError) as raised:
                publisher.publish(repo, first, told.append, QUICK.copy(stop=lambda _: True))
            told.append(str(raised.value))
        publisher.publish(repo, first, told.append, QUICK)
    captured = capfd.readouterr()
    assert "HTTP Request: POST " in caplog.text
    assert not [text for text in (*told, caplog.text, captured.out, captured.err) if WRITER in text]


def test_token_that_cannot_be_had(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HF_OIDC_RESOURCE", f"datasets/{repo}"
    )  # a trusted publisher, but there is nobody to vouch for it
    with pytest.raises(BrokenOffError, match="Broken off while looking for the token: OIDCError: "):
        publish(repo, first)
    assert hub.requests == []


def test_offline(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(BrokenOffError, match="unset the `HF_HUB_OFFLINE` environment variable"):
        publish(repo, first)
    assert hub.requests == []


def test_token_in_the_answer_of_the_hub(hub: Hub, repo: str, first: Release) -> None:
    hub.hook = lambda request: Response(403, {"X-Error-Message": f"no {request.headers['authorization']}"})
    with pytest.raises(BrokenOffError, match="the hub answers 403 no Bearer <token>") as raised:
        publish(repo, first)
    assert WRITER not in str(raised.value)


def test_token_is_sent_to_the_hub_alone(hub: Hub, repo: str, first: Release) -> None:
    publish(repo, first)
    assert {request.headers.get("authorization") for request in hub.requests if request.storage} == {None}
    assert {request.headers["authorization"] for request in hub.requests if request.method == "POST"} == {
        f"Bearer {WRITER}"
    }


# Trying again


def test_waits_as_long_as_the_hub_asks(hub: Hub, repo: str, first: Release) -> None:
    slept: list[float] = []
    said: list[str] = []
    hub.hook = once(to("POST", "/api/repos/create"), 429)
    hub.retry_after = "7"
    publisher.publish(repo, first, said.append, publisher.PATIENCE.copy(sleep=slept.append))
    assert slept == [7]
    assert "making the repository: the hub answers 429 broken on purpose; again in 7 s" in said


def test_waits_longer_each_time_and_gives_up(hub: Hub, repo: str, first: Release) -> None:
    slept: list[float] = []
    clock = time.monotonic()
    hub.hook = lambda request: 500 if request.path.endswith("/refs") else None
    patience = publisher.PATIENCE.copy(sleep=slept.append, stop=lambda state: state.attempt_number == 7)
    with pytest.raises(BrokenOffError, match="Broken off while looking at the repository: the hub answers 500"):
        publisher.publish(repo, first, lambda _: None, patience)
    assert slept == [1, 2, 4, 8, 16, 16]
    assert time.monotonic() - clock < 10


def test_does_not_wait_for_an_hour(hub: Hub, repo: str, first: Release) -> None:
    hub.hook = once(to("POST", "/api/repos/create"), 429)
    hub.retry_after = "3600"
    with pytest.raises(BrokenOffError, match="the hub answers 429"):
        publisher.publish(repo, first, lambda _: None, publisher.PATIENCE.copy(sleep=lambda _: pytest.fail("waits")))


def test_hub_that_never_answers(hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "ANSWER_WITHIN", 0.3)
    silent = once(to("POST", "/api/repos/create"), 500)
    hub.hook = lambda request: time.sleep(1) if silent(request) else None
    publish(repo, first)
    assert len(history(hub, repo)) == 2


def test_no_hub_there(hub: Hub, first: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BrokenOffError) as raised:
        publisher.publish("ann/ferry", first, lambda _: None, QUICK.copy(stop=lambda state: state.attempt_number == 2))
    assert str(raised.value) == (
        "Broken off while looking at the repository: ConnectError: [Errno 111] Connection refused.\n"
        "Nothing was changed. Publish again when that is put right."
    )
    assert hub.requests == []


@pytest.mark.parametrize("route", ["/refs", "/validate-yaml"])
def test_page_of_a_proxy_instead_of_an_answer(hub: Hub, repo: str, first: Release, route: str) -> None:
    hub.hook = lambda request: Response(200, {}, b"<html>Log in</html>") if request.path.endswith(route) else None
    with pytest.raises(BrokenOffError, match="what answers is not a hub, or its answer was cut short"):
        publisher.publish(repo, first, lambda _: None, QUICK.copy(stop=lambda state: state.attempt_number == 2))
    assert len([name for name in asked(hub, "GET", "POST") if route in name]) == 2  # it was tried again


# Loading


LOAD = """
import json, sys
from datasets import load_dataset

repo, *tags = sys.argv[1:]
for tag in tags:
    for config in ("claims", "evidence", "articles", "sentences", "facts"):
        loaded = load_dataset(repo, config, revision=tag, split="test")
        print(json.dumps([tag, config, loaded.with_format("arrow")[:].to_pylist()]))
"""


@pytest.mark.parametrize("caches", ["cold", "warm"])
def test_every_tag_loads_its_own_rows(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub, repo: str, first: Release, second: Release, tmp_path: Path, caches: str
) -> None:
    publish(repo, first)
    publish(repo, second)
    hub.reset()
    rows = {
        (release.tag, config): pq.read_table(release.folder / config).to_pylist()
        for release in (first, second)
        for config in CONFIGS
    }
    assert rows["v1.1.0", "claims"] != rows["v1.1.1", "claims"]
    # Warm: everything was loaded before, at this tag and at the other one. Cold: a cache for each of the two.
    runs = [["v1.1.0", "v1.1.1", "v1.1.0", "v1.1.1"]] if caches == "warm" else [["v1.1.0"], ["v1.1.1"]]
    for number, tags in enumerate(runs):
        environment = os.environ | {"HF_HOME": str(tmp_path / f"home-{number}")}
        command = [sys.executable, "-c", LOAD, repo, *tags]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
        loaded = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(loaded) == len(tags) * len(CONFIGS)
        for tag, config, found in loaded:
            assert found == json.loads(json.dumps(rows[tag, config])), (tag, config)
    assert asked(hub, "GET")


def test_version_and_tag(first: Release) -> None:
    assert (first.version, first.tag) == (Version(1, 1, 0), "v1.1.0")
    assert HfApi().endpoint.startswith("http://127.0.0.1:")
