"""`factpack.publishing` to a hub: one commit, one tag, both read back, and nothing of anybody else's overwritten."""

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run
from factpack.errors import PublicationInterruptedError, PublicationRefusedError
from factpack.formats.registry import open_project
from factpack.project.checkout import ATTRIBUTES
from factpack.publishing import flow as publisher
from factpack.publishing.release import Release, read_release
from factpack.release.build import build
from factpack.release.layout import write_sums
from hub.repository import ATTRIBUTES as HUBS_OWN
from hub.repository import Entry, Repository
from hub.server import Hub, Request
from publishing.publications import (
    RATIONALE,
    WRITES,
    asked,
    history,
    local,
    older,
    publish,
    released,
    shown,
    write,
)

# A publication


def test_first_publication(hub: Hub, repo: str, first: Release, run: Run) -> None:
    result = run("publish", repo, first.folder)
    assert result.exit_code == 0, result.output
    assert len(history(hub, repo)) == 2  # the hub's own first commit, and one that holds everything
    assert shown(hub, repo, "v1.1.0").keys() == first.digests.keys()
    assert shown(hub, repo, "v1.1.0")[ATTRIBUTES] == HUBS_OWN
    verified = run("verify", f"{repo}@v1.1.0", first.folder.parent.parent)
    assert (verified.exit_code, verified.stderr) == (0, "")
    assert verified.stdout.endswith("rebuilt from the sources: every file has the same bytes\n")
    assert run("diff", f"{repo}@v1.1.0", first.folder).exit_code == 0
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
    more = older(first.folder, tmp_path / "more")
    (more / "notes.txt").write_text("for this version only", encoding="utf-8")
    write_sums(more, {})
    publish(repo, read_release(more))
    write(hub, repo, {"LICENSE": b"as you like"})
    before = history(hub, repo)
    assert "- notes.txt" in publish(repo, second)
    assert history(hub, repo)[1:] == before
    assert shown(hub, repo, "main") == shown(hub, repo, "v1.1.1")
    assert shown(hub, repo, "main").keys() == second.digests.keys() | {"LICENSE"}
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
        "The repository does not exist. It is created as a public one, which everybody can read, unless the settings "
        "of ann make it private. The release has the full texts of the articles.\n"
        f"{len(local(first))} added, 0 changed, 0 deleted, {size:,} bytes to send\n"
        + "".join(f"  + {name}\n" for name in sorted(local(first)))
        + "This is the first version there.\n"
    )
    publish(repo, first)
    hub.reset()
    result = run("publish", repo, second.folder, "--dry-run")
    assert (result.exit_code, asked(hub, *WRITES)) == (0, [])
    changed = [name for name in sorted(second.digests) if second.digests[name] != first.digests.get(name)]
    size = sum(len(local(second)[name]) for name in changed)
    assert result.output.startswith(
        f"ferry-factcheck 1.1.1 to {hub.url}/datasets/{repo}, tag v1.1.1\n"
        "The repository is public: everybody can read it. The release has the full texts of the articles.\n"
        f"0 added, {len(changed)} changed, 0 deleted, {size:,} bytes to send\n"
        + "".join(f"  ~ {name}\n" for name in changed)
        + "Since 1.1.0:\n"
    )
    assert "in-service-2023-b2" in result.output  # the diff


def test_address_with_a_scheme(hub: Hub, repo: str, first: Release, run: Run) -> None:
    plain, result = (run("publish", f"{scheme}{repo}", first.folder, "--dry-run") for scheme in ("", "hf://"))
    assert result.exit_code == 0
    assert result.output == plain.output
    assert f"ferry-factcheck 1.1.0 to {hub.url}/datasets/{repo}, tag v1.1.0\n" in result.output


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
        f"v1.1.0 is already published on {repo} with other bytes: README.md, SHA256SUMS, "
        "claims/test-00000-of-00001.parquet, croissant.json, propositions/test-00000-of-00001.parquet and 2 more. "
        "It cannot be changed. Give the dataset a higher version, and build it again.\n"
    )


def test_lower_version(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    publish(repo, second)
    assert refused(hub, repo, first, run) == (
        "1.1.0 is not later than 1.1.1, which is already published. Give the dataset a higher version in "
        "annotations/dataset.yaml, and release it with `factpack release`.\n"
    )


def test_version_that_is_too_small_for_what_changed(
    hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path
) -> None:
    changed = released(tmp_path, "1.2.0", RATIONALE, "The Marigold was put into service in 2023.")
    publish(repo, first)
    said = refused(hub, repo, changed, run)
    assert said.startswith("1.2.0 is too small after the published 1.1.0: the changes need a MAJOR step, 2.0.0 or ")
    assert "text changed" in said


def test_other_dataset(hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "other"))
    text = (project / "annotations/dataset.yaml").read_text(encoding="utf-8")
    text = text.replace("name: ferry-factcheck", "name: bridge-factcheck").replace("1.1.0", "1.2.0")
    (project / "annotations/dataset.yaml").write_text(text, encoding="utf-8")
    other = read_release(build(open_project(project), None, lambda: None).folder)
    publish(repo, first)
    assert "Another dataset is published there, ferry-factcheck; this is bridge-factcheck." in refused(
        hub, repo, other, run
    )


def test_tag_of_another_version(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    """The changes since 1.1.0 are not those since 1.1.0-rc.1, whatever has its tag."""
    hub.repository(repo).create()
    hub.repository(repo).tag("v1.1.0-rc.1", None, write(hub, repo, local(first)))
    assert refused(hub, repo, second, run) == (
        "v1.1.0-rc.1 there is ferry-factcheck 1.1.0. Correct the published version, or publish to another place.\n"
    )


def test_what_somebody_changed_on_the_hub(hub: Hub, repo: str, first: Release, second: Release, run: Run) -> None:
    publish(repo, first)
    write(hub, repo, {"README.md": local(first)["README.md"] + b"More.\n"}, delete=("view.html",))
    assert refused(hub, repo, second, run) == (
        f"main of {repo} was changed after v1.1.0: README.md, view.html. Nothing was overwritten. "
        "Copy the change into your sources, or revert it there; then publish again.\n"
    )
    # It was taken over, so that nothing of it is lost.
    write(hub, repo, {name: local(second)[name] for name in ("README.md", "view.html")})
    publish(repo, second)
    assert shown(hub, repo, "v1.1.1").items() >= local(second).items()


def test_files_that_no_release_put_there(hub: Hub, repo: str, first: Release, run: Run) -> None:
    hub.repository(repo).create()
    write(hub, repo, {"README.md": b"---\nlicense: mit\n---\n"})
    assert refused(hub, repo, first, run) == (
        f"{repo} already has files that this release would overwrite: README.md. "
        "Delete them there if nobody needs them, or publish to another repository.\n"
    )


def test_file_of_somebody_else_that_the_next_release_has_too(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub, repo: str, first: Release, second: Release, run: Run, tmp_path: Path
) -> None:
    hub.repository(repo).create()
    write(hub, repo, {"LICENSE": b"theirs"})
    publish(repo, first)
    more = older(second.folder, tmp_path / "more")
    (more / "LICENSE").write_bytes(b"ours")
    write_sums(more, {})
    assert "has files that this release would overwrite: LICENSE." in refused(hub, repo, read_release(more), run)


def test_release_whose_tag_is_missing_stands_in_the_way_of_the_next(  # noqa: PLR0913, PLR0917 - fixtures
    hub: Hub, repo: str, first: Release, second: Release, run: Run, tmp_path: Path
) -> None:
    third = released(tmp_path, "1.1.2", "All of them give the same year.")
    publish(repo, first)
    hub.hook = lambda request: 403 if "/tag/" in request.path else None
    with pytest.raises(PublicationInterruptedError):
        publish(repo, second)
    hub.hook = lambda _: None
    said = refused(hub, repo, third, run)
    assert "is another release without a tag. Publish that release again to finish it, or reset main" in said
    publish(repo, second)
    publish(repo, third)
    assert hub.repository(repo).refs("tags").keys() == {"v1.1.0", "v1.1.1", "v1.1.2"}


def test_tag_of_something_else(hub: Hub, repo: str, first: Release, run: Run) -> None:
    repository = hub.repository(repo)
    repository.create()
    repository.tag("v1.0.0", "mine", history(hub, repo)[0])
    assert f"v1.0.0 of {repo} is not a factpack release." in refused(hub, repo, first, run)


def test_changed_release_folder(hub: Hub, repo: str, first: Release, run: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(first.folder, tmp_path / "release"))
    (folder / "README.md").write_text("other", encoding="utf-8")
    again = "Build it again with `factpack build`.\n"
    result = run("publish", repo, folder)
    assert (result.exit_code, result.stderr) == (
        1,
        f"{folder} was changed after it was built:\nREADME.md: its SHA-256 does not match SHA256SUMS\n{again}",
    )
    assert hub.requests == []


def test_text_of_the_template(hub: Hub, repo: str, run: Run, tmp_path: Path) -> None:
    """Nobody shall cite “TODO”, or reuse articles under a licence that nobody chose."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    path = project / "annotations/dataset.yaml"
    text = path.read_text(encoding="utf-8")
    link = "license_link: https://creativecommons.org/licenses/by/4.0/"
    for old, new in (("title: Ferry Fact-Check", "title: An example"), (link, "license_link: https://TODO")):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    folder = build(open_project(project), None, lambda: None).folder
    for option in ((), ("--dry-run",)):
        result = run("publish", repo, folder, *option)
        assert (result.exit_code, result.stdout) == (1, "")
        found = re.fullmatch(
            re.escape(f"{folder} still has template text of `factpack init`:\n")
            + r"README\.md:\d+:15: license_link: https://TODO\n"
            + r"README\.md:\d+:3: # An example\n"
            + r"README\.md:\d+:34: Licence: \[cc-by-4\.0-annotations\]\(https://TODO\)\n"
            + "Replace it in annotations/dataset.yaml and annotations/GUIDELINES.md; `factpack check` lists every "
            + "place. Then build the release again with `factpack build`.\n",
            result.stderr,
        )
        assert found, result.stderr
    assert not hub.repository(repo).exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ferry", "ferry is not a repository name; write owner/ferry-factcheck"),
        ("ann/ferry/1", "ann/ferry/1 is not a repository name"),
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
    assert "ferry-factcheck-1.1.0 does not exist, or is not a release. `factpack build` builds it." in result.stderr
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
    assert "elsewhere-1.1.0 does not exist, or is not a release" in result.stderr
    assert hub.requests == []


# Somebody else, at the same time


@pytest.mark.parametrize("theirs", ["README.md", "NOTES.md"])
def test_commit_of_somebody_else_in_between(hub: Hub, repo: str, first: Release, second: Release, theirs: str) -> None:
    publish(repo, first)

    def hook(request: Request) -> None:
        if request.path.endswith("/commit/main") and len(history(hub, repo)) == 2:
            write(hub, repo, {theirs: b"---\nlicense: mit\n---\nTheirs.\n"})

    hub.hook = hook
    with pytest.raises(PublicationRefusedError, match="Nothing was overwritten"):
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
    with pytest.raises(PublicationRefusedError, match=r"v1\.1\.1 is already published on .* with other bytes"):
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
    monkeypatch.setattr("hub.endpoints.PAGE", 3)
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
    with pytest.raises(PublicationInterruptedError, match=r"differs from what was published: view\.html"):
        publish(repo, first)
    assert "v1.1.0" in hub.repository(repo).refs("tags")


def test_hub_on_which_other_rows_are_loaded(
    hub: Hub, repo: str, first: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = publisher.datasets.load_dataset
    monkeypatch.setattr(publisher.datasets, "load_dataset", lambda *args, **options: load(*args, **options).select([0]))
    with pytest.raises(PublicationInterruptedError, match="load_dataset returns other rows of claims"):
        publish(repo, first)
    assert hub.requests


def test_hub_whose_commits_have_64_digits(hub: Hub, repo: str, first: Release, second: Release) -> None:
    hub.ids = "sha256"
    publish(repo, first)
    publish(repo, second)
    assert {len(commit) for commit in history(hub, repo)} == {64}
    assert len(history(hub, repo)) == 3
    assert shown(hub, repo, "v1.1.0").items() >= local(first).items()
    assert shown(hub, repo, "v1.1.1").items() >= local(second).items()
    assert "nothing to do" in publish(repo, second)


def test_commit_of_somebody_else_on_a_hub_whose_commits_have_64_digits(hub: Hub, repo: str, first: Release) -> None:
    hub.ids = "sha256"

    def hook(request: Request) -> None:
        if request.path.endswith("/commit/main") and len(history(hub, repo)) == 1:
            write(hub, repo, {"NOTES.md": b"Theirs.\n"})

    hub.hook = hook
    with pytest.raises(PublicationRefusedError, match="Nothing was overwritten"):
        publish(repo, first)
    assert len(history(hub, repo)) == 2


def test_hub_without_xet(hub: Hub, repo: str, first: Release, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", None)  # as for every user
    result = run("publish", repo, first.folder)
    assert (result.exit_code, result.stderr) == (0, f"{hub.url} has no Xet storage: large files go by Git LFS\n")
    assert f"GET /api/datasets/{repo}/xet-write-token/main" in asked(hub, "GET")
    assert shown(hub, repo, "v1.1.0").items() >= local(first).items()
