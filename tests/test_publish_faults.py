"""The fault test: a publication is broken at every request that it makes, in every way that a request can break.

Whatever happens, the hub shows the old version whole or the new one whole, and publishing again ends where an
undisturbed publication ends: at the same commit, because the commits of the test hub depend on their content alone.

Of the publication of a next version every request is broken. Of that of a first version it is those that write: it
reads what the next one reads. Both lose the network at every request.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from semver import Version

from factpack import hub as publisher
from factpack.publish import BrokenOffError, Release
from hub.server import WRITER, Fault, Hub, Request

KINDS: tuple[Fault, ...] = tuple(kind for part in get_args(Fault) for kind in (get_args(part) or (part,)))
QUICK = publisher.PATIENCE.copy(wait=lambda _: 0, stop=lambda state: state.attempt_number == 3)
NAMES = (f"ann/fault-{number}" for number in count())


def tiny(folder: Path, version: str, rows: dict[str, list[str]], *more: str) -> Release:
    """As small a release as can be published: some tables of ids, and what publishing needs beside them."""
    configs, tables = [], {}
    for config, ids in rows.items():
        path = f"{config}/test-00000-of-00001.parquet"
        (folder / config).mkdir(parents=True)
        table = pa.table({"id": ids}, schema=datasets.Features(id=datasets.Value("string")).arrow_schema)
        pq.write_table(table, folder / path)
        configs.append({"config_name": config, "data_files": [{"split": "test", "path": path}]})
        tables[config] = {"path": path, "rows": len(ids), "content_sha256": ""}
    header = yaml.safe_dump({"license": "mit", "configs": configs})
    (folder / "README.md").write_text(f"---\n{header}---\nVersion {version}\n", encoding="utf-8")
    manifest = {"name": "tiny", "version": version, "text": "full", "tables": tables, "built_with": {}}
    (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in more:
        (folder / name).write_text(f"{name} of {version}", encoding="utf-8")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "SHA256SUMS").write_text("".join(f"{sums[name]}  {name}\n" for name in names), encoding="utf-8")
    sums["SHA256SUMS"] = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    return Release(folder, "tiny", Version.parse(version), sums)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A publication of ``release`` to a copy of ``template``, and what it asks when nothing disturbs it.

    ``before`` and ``after`` are what the hub shows.
    """

    release: Release
    template: str
    before: "Shown"
    after: "Shown"
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a repository shows: the commit of main, and of every tag."""

    main: str | None
    tags: frozenset[tuple[str, str]]


def shown(hub: Hub, repo: str) -> Shown:
    repository = hub.repository(repo)
    if not repository.exists():
        return Shown(None, frozenset())
    return Shown(
        repository.resolve("main"), frozenset((tag, repository.resolve(tag) or "") for tag in repository.refs("tags"))
    )


def publish(repo: str, release: Release) -> None:
    publisher.publish(repo, release, lambda _: None, QUICK)


def fresh(hub: Hub, template: str) -> str:
    """The name of a new copy of a repository; of none, if there is none."""
    name = next(NAMES)
    if hub.repository(template).exists():
        hub.copy(template, name)
    return name


def keyed(requests: list[Request], repo: str) -> Iterator[str]:
    """The requests by what they have in common in every run, whatever the order in which threads send them."""
    seen: Counter[str] = Counter()
    for request in requests:
        name = common(request, repo)
        seen[name] += 1
        yield f"{name} #{seen[name]}"


def common(request: Request, repo: str) -> str:
    short = repo.rsplit("/", 1)[-1]
    return request.name.replace(repo, "R").replace(repo.replace("/", "%2F"), "R").replace(f"/{short}.py", "/R.py")


class Nth:
    """Tells the one request that has a key."""

    def __init__(self, key: str, repo: str) -> None:
        self.key, self.repo = key, repo
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.found = False

    def __call__(self, request: Request) -> bool:
        with self.lock:
            name = common(request, self.repo)
            self.seen[name] += 1
            hit = f"{name} #{self.seen[name]}" == self.key
            self.found = self.found or hit
            return hit


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """huggingface_hub does not wait between the tries of its own."""
    for module in ("utils._http", "file_download"):
        monkeypatch.setattr(f"huggingface_hub.{module}.time", SimpleNamespace(sleep=lambda _: None))


@pytest.fixture(scope="module")
def scenarios(server: Hub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scenario]:
    """The first version of a dataset; and the next one, which adds a file, changes some and deletes one."""
    folder = tmp_path_factory.mktemp("tiny")
    first = tiny(folder / "1", "1.0.0", {"claims": ["a"], "facts": ["f"]}, "notes.txt")
    second = tiny(folder / "2", "1.1.0", {"claims": ["a", "b"], "facts": ["f", "g"]}, "view.html")
    nothing, template = next(NAMES), next(NAMES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_TOKEN", WRITER)
        publish(template, first)
        return {"first": undisturbed(server, nothing, first), "next": undisturbed(server, template, second)}


def undisturbed(hub: Hub, template: str, release: Release) -> Scenario:
    repo = fresh(hub, template)
    before = shown(hub, repo)
    hub.reset()
    publish(repo, release)
    keys = tuple(keyed(hub.requests, repo))
    after = shown(hub, repo)
    files = {path: data for path, data in contents(hub, repo).items() if path != ".gitattributes"}
    assert files == {name: (release.folder / name).read_bytes() for name in release.sums}
    assert dict(after.tags)[release.tag] == after.main
    return Scenario(release, template, before, after, keys)


def contents(hub: Hub, repo: str) -> dict[str, bytes]:
    """The files of main."""
    repository = hub.repository(repo)
    files = (entry for entry in repository.tree(repository.resolve("main") or "").values() if entry.kind == "file")
    return {entry.path: repository.content(entry) for entry in files}


def disturbed(hub: Hub, scenario: Scenario, repo: str, *, passes: bool = False) -> list[str]:
    """Publishes once, while ``hub.hook`` breaks something, and again, undisturbed. Returns what went wrong.

    ``passes`` tells that what is broken may go well the next time, so that the first publication has to succeed.
    """
    wrong = []
    try:
        publish(repo, scenario.release)
    except BrokenOffError as error:
        broken = str(error)
        if passes:
            wrong.append(f"not tried again: {broken}")
        if not whole(shown(hub, repo), scenario):
            wrong.append(f"a mixture: {shown(hub, repo)}")
        hub.hook = lambda _: None
        publish(repo, scenario.release)
        if "Publish again" not in broken or "Traceback" in broken:
            wrong.append(f"no next step: {broken}")
    if shown(hub, repo) != scenario.after:
        wrong.append(f"another end: {shown(hub, repo)}")
    contents(hub, repo)  # every large file is there
    return wrong


def whole(now: Shown, scenario: Scenario) -> bool:
    """Whether main is at the old or at the new commit, and the new tag, if it is there, at the new commit."""
    before, after = scenario.before, scenario.after
    if now.main not in (before.main, after.main):
        # A repository that was just made holds nothing of anybody's.
        return before.main is None and not now.tags and now.main is not None
    return now.tags in (before.tags, after.tags if now.main == after.main else before.tags)


def writing(scenario: Scenario) -> list[str]:
    return [key for key in scenario.keys if key.startswith(("POST", "PUT"))]


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_broken_once(
    hub: Hub, scenarios: dict[str, Scenario], kind: Fault, say: Callable[[str], None]
) -> None:
    # A read whose connection is cut after the hub acted is, for everybody, one that was cut before it.
    keys = writing(scenarios["next"]) if kind == "cut-after" else scenarios["next"].keys
    points = [
        *((scenarios["first"], key) for key in writing(scenarios["first"])),
        *((scenarios["next"], key) for key in keys),
    ]
    wrong = {}
    for scenario, key in points:
        repo = fresh(hub, scenario.template)
        nth = Nth(key, repo)
        hub.hook = lambda request, nth=nth: kind if nth(request) else None
        # A 409 says that something else was written in between; as the answer to a read it has no meaning.
        passes = kind not in (401, 403) and (kind != 409 or key in writing(scenario))
        faults = disturbed(hub, scenario, repo, passes=passes)
        if faults or not nth.found:
            wrong[scenario.release.tag, key] = faults or ["was never asked"]
    assert wrong == {}
    say(f"{len(points)} requests broken by: {kind}")


@pytest.mark.parametrize("version", ["first", "next"])
def test_network_gone_from_every_request_on(
    hub: Hub, scenarios: dict[str, Scenario], version: str, say: Callable[[str], None]
) -> None:
    scenario = scenarios[version]
    wrong = {}
    for number, key in enumerate(scenario.keys):
        repo, seen = fresh(hub, scenario.template), count()
        hub.hook = lambda _, seen=seen, number=number: "cut-before" if next(seen) >= number else None
        if faults := disturbed(hub, scenario, repo):
            wrong[key] = faults
    assert wrong == {}
    say(f"{len(scenario.keys)} requests from which on the network was gone, {version} version")


def publish_within(environment: dict[str, str], repo: str, release: Release) -> None:
    """Publishes in a process of its own, whose server may have been started by a test with another environment."""
    os.environ |= environment
    publisher.publish(repo, release, str)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_process_killed_at_every_request_that_writes(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub,
    scenarios: dict[str, Scenario],
    moment: str,
    say: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SIGKILL, before or after the hub acted; nothing is left of the process that could tidy up."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a killed process leaves its scratch folder
    context = multiprocessing.get_context("forkserver")  # one that imported everything, and has no threads
    context.set_forkserver_preload([publisher.__name__])
    points = [(scenario, key) for scenario in scenarios.values() for key in writing(scenario)]
    for scenario, key in points:
        repo = fresh(hub, scenario.template)
        nth = Nth(key, repo)
        process = context.Process(target=publish_within, args=(dict(os.environ), repo, scenario.release))

        def kill(request: Request, nth: Nth = nth, process: BaseProcess = process) -> Fault | None:
            if not nth(request):
                return None
            assert process.pid
            os.kill(process.pid, signal.SIGKILL)
            return "cut-before" if moment == "before" else "cut-after"

        hub.hook = kill
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        hub.settle()
        assert whole(shown(hub, repo), scenario), key
        assert disturbed(hub, scenario, repo) == [], key
    say(f"{len(points)} requests at which the process was killed {moment} the hub acted")
