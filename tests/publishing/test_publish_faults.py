"""The fault test: a publication is broken at every request that it makes, in every way that a request can break.

Whatever happens, the hub shows the old version whole or the new one whole, and publishing again ends where an
undisturbed publication ends: at the same commit, because the commits of the test hub depend on their content alone.

Of the publication of a next version every request is broken. Of that of a first version it is those that write: it
reads what the next one reads. Both lose the network at every request.

Usually it is one request of each kind (see `Scenario.kind`); with ``-m exhaustive`` it is all.
"""

import hashlib
import json
import multiprocessing
import os
import re
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

from factpack.errors import PublicationInterruptedError
from factpack.publishing import flow as publisher
from factpack.publishing.release import Release
from factpack.publishing.target import Step
from hub.server import WRITER, Fault, Hub, Request
from publishing.publications import Which

KINDS: tuple[Fault, ...] = tuple(kind for part in get_args(Fault) for kind in (get_args(part) or (part,)))
QUICK = publisher.PATIENCE.copy(wait=lambda _: 0, stop=lambda state: state.attempt_number == 3)
NAMES = (f"ann/fault-{number}" for number in count())
HASH, CONFIG = re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{8})\b"), re.compile(r"\b(claims|facts)\b")
# What the message ends with: nothing was changed, or a complete version is shown.
NEXT_STEP = re.compile(r"(Publish again to continue|Correct this, and publish again)\.$")
OTHER_FILE = re.compile(r"(?<=/resolve/)\w+/[^?]+(?<!\.parquet)$")


def tiny(folder: Path, version: str, rows: dict[str, list[str]], *more: str) -> Release:
    """As small a release as can be published: some tables of ids, and what publishing needs beside them."""
    configs, tables = [], {}
    for config, ids in rows.items():
        path = f"{config}/test-00000-of-00001.parquet"
        (folder / config).mkdir(parents=True)
        table = pa.table({"id": ids}, schema=datasets.Features(id=datasets.Value("string")).arrow_schema)
        pq.write_table(table, folder / path)
        configs.append({"config_name": config, "data_files": [{"split": "test", "path": path}]})
        tables[config] = {
            "path": path,
            "rows": len(ids),
            "content_sha256": hashlib.sha256(repr(ids).encode()).hexdigest(),
        }
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

    ``before`` and ``after`` are what the hub shows. ``kinds`` are the requests by their keys, in order, each with its
    kind: the same code sends it at the same step, and only the file differs.
    """

    release: Release
    template: str
    before: "Shown"
    after: "Shown"
    kinds: dict[str, str]

    def keys(self, which: Which, *, writing: bool = False) -> list[str]:
        """All requests, or the first of each kind; perhaps only those that write."""
        picked = self.kinds if which == "all" else {kind: key for key, kind in reversed(self.kinds.items())}.values()
        return [key for key in self.kinds if key in set(picked) and (not writing or writes(key))]


def writes(key: str) -> bool:
    return key.startswith(("POST", "PUT"))


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


def publish(repo: str, release: Release, on_step: Step = str) -> None:
    publisher.publish(repo, release, on_step, QUICK)


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


def kind_of(steps: list[str], name: str, earlier: int) -> str:
    """The kind of a request: the step, which can have been taken ``earlier``, and what is asked for in it.

    The files of a release are of two kinds, large ones and others; those that `datasets` looks for are all different.
    """
    step = CONFIG.sub("C", HASH.sub("X", steps[-1]))
    if not step.startswith("loading"):
        name = OTHER_FILE.sub("F", name)
    return f"{steps.count(steps[-1])} {step}: {CONFIG.sub('C', HASH.sub('X', name))} {earlier}"


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
    steps: list[str] = []
    at_step: Counter[tuple[int, str]] = Counter()
    kinds = []

    def hook(request: Request) -> None:
        name = common(request, repo)
        kinds.append(kind_of(steps, name, at_step[len(steps), name]))
        at_step[len(steps), name] += 1

    hub.hook = hook
    publish(repo, release, steps.append)
    keys = keyed(hub.requests, repo)
    after = shown(hub, repo)
    files = {path: data for path, data in contents(hub, repo).items() if path != ".gitattributes"}
    wanted = release.digests.keys() - {".gitattributes"}  # the hub keeps its own
    assert files == {name: (release.folder / name).read_bytes() for name in wanted}
    assert dict(after.tags)[release.tag] == after.main
    return Scenario(release, template, before, after, dict(zip(keys, kinds, strict=True)))


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
    except PublicationInterruptedError as error:
        broken = str(error)
        if passes:
            wrong.append(f"not tried again: {broken}")
        if not whole(shown(hub, repo), scenario):
            wrong.append(f"a mixture: {shown(hub, repo)}")
        hub.hook = lambda _: None
        publish(repo, scenario.release)
        if not NEXT_STEP.search(broken) or "Traceback" in broken:
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


def test_kinds_of_requests(scenarios: dict[str, Scenario]) -> None:
    """One of a kind leaves out a request only for another that asks the same of another file, at the same step."""
    for scenario in scenarios.values():
        picked = scenario.keys("one of each kind")
        left_out = scenario.kinds.keys() - set(picked)
        assert 3 < len(left_out) < len(picked)
        assert {scenario.kinds[key] for key in left_out} <= {scenario.kinds[key] for key in picked}
        assert [key for key in left_out if "/commit/" in key or "/tag/" in key or "/refs" in key] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_request_broken_once(
    hub: Hub, scenarios: dict[str, Scenario], kind: Fault, which: Which, say: Callable[[str], None]
) -> None:
    first, following = scenarios["first"], scenarios["next"]
    # A read whose connection is cut after the hub acted is, for everybody, one that was cut before it.
    points = [
        *((first, key) for key in first.keys(which, writing=True)),
        *((following, key) for key in following.keys(which, writing=kind == "cut-after")),
    ]
    wrong = {}
    for scenario, key in points:
        repo = fresh(hub, scenario.template)
        nth = Nth(key, repo)
        hub.hook = lambda request, nth=nth: kind if nth(request) else None
        # A 409 says that something else was written in between; as the answer to a read it has no meaning.
        passes = kind not in (401, 403) and (kind != 409 or writes(key))
        faults = disturbed(hub, scenario, repo, passes=passes)
        if faults or not nth.found:
            wrong[scenario.release.tag, key] = faults or ["was never asked"]
    assert wrong == {}
    say(f"{len(points)} requests broken by: {kind}")


@pytest.mark.parametrize("version", ["first", "next"])
def test_network_gone_from_every_request_on(
    hub: Hub, scenarios: dict[str, Scenario], version: str, which: Which, say: Callable[[str], None]
) -> None:
    scenario = scenarios[version]
    wrong, points = {}, scenario.keys(which)
    for key in points:
        number = list(scenario.kinds).index(key)
        repo, seen = fresh(hub, scenario.template), count()
        hub.hook = lambda _, seen=seen, number=number: "cut-before" if next(seen) >= number else None
        if faults := disturbed(hub, scenario, repo):
            wrong[key] = faults
    assert wrong == {}
    say(f"{len(points)} requests from which on the network was gone, {version} version")


def publish_within(environment: dict[str, str], repo: str, release: Release) -> None:
    """Publishes in a process of its own, whose server may have been started by a test with another environment."""
    os.environ |= environment
    publisher.publish(repo, release, str)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_process_killed_at_every_request_that_writes(  # noqa: PLR0913, PLR0917 - fixtures and cases
    hub: Hub,
    scenarios: dict[str, Scenario],
    moment: str,
    which: Which,
    say: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SIGKILL, before or after the hub acted; nothing is left of the process that could tidy up."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # a killed process leaves its scratch folder
    context = multiprocessing.get_context("forkserver")  # one that imported everything, and has no threads
    context.set_forkserver_preload([publisher.__name__, "factpack.publishing.huggingface"])
    points = [(scenario, key) for scenario in scenarios.values() for key in scenario.keys(which, writing=True)]
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
