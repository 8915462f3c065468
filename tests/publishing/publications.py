"""What the tests of publishing to a hub share: releases of the invented project, and looks at the hub."""

import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from conftest import PROJECT
from factpack.formats.registry import open_project
from factpack.project.checkout import ATTRIBUTES
from factpack.publishing import flow as publisher
from factpack.publishing.release import Release, read_release
from factpack.release.build import build
from factpack.release.layout import write_sums
from hub.server import Fault, Hub, Request

CONFIGS = ("claims", "evidence", "articles", "sentences", "facts")
CLAIM = "The Marigold entered service in 2023."
RATIONALE = "a1 and c3 give the same year."
WRITES = ("POST", "PUT")
Which = Literal["one of each kind", "all"]
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


def older(release: Path, folder: Path) -> Path:
    """A copy of a release that an older factpack built, whose files beside the tables cannot be derived again."""
    shutil.copytree(release, folder)
    manifest = json.loads((folder / "release.json").read_bytes()) | {"built_with": {"factpack": "0.1.0"}}
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    write_sums(folder, {})
    return folder


def publish(repo: str, release: Release) -> str:
    """Publishes in this process, without waiting between tries, and returns the plan that was carried out."""
    return publisher.publish(repo, release, lambda _: None, QUICK).to_text()


def shown(hub: Hub, repo: str, revision: str) -> dict[str, bytes]:
    """The files that the hub has at a revision."""
    repository = hub.repository(repo)
    commit = repository.resolve(revision)
    assert commit
    files = (entry for entry in repository.tree(commit).values() if entry.kind == "file")
    return {entry.path: repository.content(entry) for entry in files}


def local(release: Release) -> dict[str, bytes]:
    """The files that a publication sends: the hub has a .gitattributes of its own."""
    return {name: (release.folder / name).read_bytes() for name in release.digests if name != ATTRIBUTES}


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
