"""A release built by a Dask cluster: a real scheduler and two workers that share nothing with it but a folder."""

import errno
import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Timer
from typing import Any, NamedTuple

import pytest

from conftest import TESTS, Run, digests
from factpack.anchoring.parallel.division import PartSizes
from factpack.anchoring.parallel.workers import Workers, processes
from factpack.errors import UnreachableError, WorkerError
from factpack.formats.registry import open_project
from factpack.release import cluster as cluster_module
from factpack.release.build import build
from factpack.release.cluster import cluster_executor
from factpack.release.companions import builders
from factpack.release.parts import BuildLimits, refuse_other_versions, working_versions
from store.server import S3

SMALL_PARTS = BuildLimits(shard_rows=100, parts=PartSizes(20_000, 7))


class Cluster(NamedTuple):
    address: str
    workers: list["subprocess.Popen[bytes]"]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A task that has ended two workers is not tried a third time."""
    found = tmp_path / "scheduler.json"
    paths = os.pathsep.join([str(TESTS.parent / "scripts"), *sys.path])
    environment = {**os.environ, "PYTHONPATH": paths, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with ExitStack() as stack:

        def begin(name: str, *options: str) -> "subprocess.Popen[bytes]":
            command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--scheduler-file", str(found), *options]
            process = subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL)
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        begin("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        workers = [begin("worker", "--nthreads", threads, "--no-dashboard", "--no-nanny") for threads in ("1", "2")]
        for _ in range(300):
            if found.exists() and found.stat().st_size:
                break
            time.sleep(0.1)
        address = json.loads(found.read_text(encoding="utf-8"))["address"]
        with cluster_executor(address) as executor:
            executor._client.wait_for_workers(2, timeout=30)  # type: ignore[attr-defined] # noqa: SLF001
        yield Cluster(address, workers)


def test_a_release_of_a_cluster_has_the_same_bytes(cluster: Cluster, corpus: Path, tmp_path: Path) -> None:
    one = build(open_project(corpus), tmp_path / "one", lambda: None, limits=BuildLimits(shard_rows=100))
    with cluster_executor(cluster.address) as executor:
        many = build(open_project(corpus), tmp_path / "many", lambda: None, executor=executor, limits=SMALL_PARTS)
    assert digests(many.folder) == digests(one.folder)
    assert many.warnings == one.warnings


def test_it_is_published_from_there(cluster: Cluster, corpus: Path, tmp_path: Path, run: Run, s3: S3) -> None:
    s3.expect(lambda _: "")
    built = run("build", corpus, "--out", tmp_path / "release", "--cluster", cluster.address)
    assert (built.exit_code, built.stdout) == (0, f"{tmp_path / 'release'}\n")
    target = f"s3://sets/{tmp_path.name}"
    published = run("publish", target, tmp_path / "release")
    assert published.exit_code == 0, published.output
    stored = {path.split("/", 1)[1] for path in s3.objects(f"{tmp_path.name}/")}
    assert stored == digests(tmp_path / "release").keys()


def test_a_worker_that_dies_changes_nothing(cluster: Cluster, corpus: Path, tmp_path: Path) -> None:
    """One has parts, does nothing, and is killed."""
    one = build(open_project(corpus), tmp_path / "one", lambda: None, limits=BuildLimits(shard_rows=100))
    dying = cluster.workers[1]
    dying.send_signal(signal.SIGSTOP)
    killer = Timer(3, dying.kill)
    killer.start()
    with cluster_executor(cluster.address) as executor:
        many = build(open_project(corpus), tmp_path / "many", lambda: None, executor=executor, limits=SMALL_PARTS)
    killer.join()
    assert digests(many.folder) == digests(one.folder)


def test_a_part_that_ends_its_worker_twice_is_named(cluster: Cluster) -> None:
    with cluster_executor(cluster.address) as executor:
        begin = partial(executor.submit, os._exit)
        results = Workers(executor).in_order([1], lambda _: "claims.jsonl from line 1 on", begin, int)
        with pytest.raises(WorkerError, match=r"^claims\.jsonl from line 1 on: a worker failed: KilledWorker: "):
            list(results)


def test_a_process_that_ends_is_named() -> None:
    with processes(2, gc.disable) as workers:
        results = workers.in_order([1], lambda _: "the texts", partial(workers.executor.submit, os._exit), int)
        with pytest.raises(
            WorkerError, match=r"^the texts: a process ended before its work was done; memory may have run out"
        ):
            list(results)


def test_a_file_that_no_worker_reaches_is_named(cluster: Cluster, tmp_path: Path) -> None:
    with cluster_executor(cluster.address) as executor:
        results = Workers(executor).in_order([tmp_path / "none"], str, partial(executor.submit, Path.read_bytes), bytes)
        with pytest.raises(
            WorkerError, match=r"/none: a worker failed: FileNotFoundError: .*/none'; project and output"
        ):
            list(results)


def test_a_worker_with_other_versions_does_nothing(tmp_path: Path) -> None:
    """Neither anchoring nor writing: the bytes depend on them."""
    versions = {**working_versions(), "pyarrow": "0.1", "more-rules": "1.0"}
    with processes(2, gc.disable, tmp_path, partial(refuse_other_versions, versions)) as workers:
        others = Workers(workers.executor, 0, tmp_path, workers.refuse)
        pyarrow = re.escape(builders()["pyarrow"])
        message = rf"^a worker has pyarrow {pyarrow} for 0\.1, more-rules \(none\) for 1\.0; install the same versions"
        with pytest.raises(WorkerError, match=message):
            list(others.map(pow, 2, [3], str))


def fill_the_disk(_: object, __: object) -> None:
    message = "it cannot be read"
    raise ValueError(message) from OSError(errno.ENOSPC, "No space left on device")  # which no pickle has


def one_process(before: Callable[..., object] = int, *given: object) -> ProcessPoolExecutor:
    """Another process, which inherits no lock that a thread of this one holds."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=before, initargs=given)


@pytest.mark.parametrize("kind", [partial(ThreadPoolExecutor, 1), one_process], ids=["thread", "process"])
def test_a_full_disk_of_a_worker_is_told_as_such(kind: Callable[[], Executor], tmp_path: Path) -> None:
    """It is not the worker that failed."""
    with kind() as executor, pytest.raises(OSError, match="No space left on device") as full:
        list(Workers(executor, scratch=tmp_path).map(fill_the_disk, None, [1], str))
    assert full.value.errno == errno.ENOSPC


class Watched(ThreadPoolExecutor):
    """Calls something before parts of a project are anchored."""

    def __init__(self, before: Callable[[], object]) -> None:
        super().__init__(2)
        self.before = before

    def submit(self, function: Any, /, *args: Any, **options: Any) -> "Future[Any]":
        if function.args[0].__name__ == "_anchor":
            self.before()
        return super().submit(function, *args, **options)


def test_a_worker_with_another_copy_of_the_project_is_found_out(corpus: Path, tmp_path: Path) -> None:
    """Its claims would be in the release, with nobody telling."""
    project = Path(shutil.copytree(corpus, tmp_path / "project"))
    claims = project / "annotations/all.jsonl"
    text = claims.read_text(encoding="utf-8").replace('"claim": "', '"claim": "Not: ')
    assert text.count("Not: ") > 100
    change = partial(claims.write_text, text, encoding="utf-8")
    message = (
        r"^annotations/all\.jsonl: a worker reads another file, or it was changed meanwhile; project and output must"
    )
    with Watched(change) as executor, pytest.raises(WorkerError, match=message):
        build(open_project(project), tmp_path / "out", lambda: None, executor=executor)
    assert sorted(tmp_path.iterdir()) == [project]


class NoSchedulerError(Exception):
    pass


def gone() -> None:
    message = "Client is closed"
    raise NoSchedulerError(message)


def test_an_executor_that_takes_nothing_any_more_is_named(corpus: Path, tmp_path: Path) -> None:
    message = r"^annotations/.* from line 1 on: a worker failed: NoSchedulerError: Client is closed$"
    with Watched(gone) as executor, pytest.raises(WorkerError, match=message):
        build(open_project(corpus), tmp_path / "out", lambda: None, executor=executor)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a[b]", "a*{b}?", "a b% 🎉"])
def test_an_output_that_looks_like_a_pattern(corpus: Path, tmp_path: Path, name: str) -> None:
    with ThreadPoolExecutor(2) as executor:
        out = build(open_project(corpus), tmp_path / name / "release", lambda: None, executor=executor).folder
    assert digests(out) == digests(build(open_project(corpus), tmp_path / "one", lambda: None).folder)


def test_files_that_workers_write_can_be_read_by_whom_the_others_can(corpus: Path, tmp_path: Path) -> None:
    """Whatever their umask."""
    with one_process(os.umask, 0o077) as executor:
        out = build(open_project(corpus), tmp_path / "out", lambda: None, executor=executor).folder
    card, claims = (out / "README.md").stat().st_mode, out / "claims"
    assert {path.stat().st_mode for path in claims.iterdir()} == {card}
    assert claims.stat().st_mode & 0o777 == card & 0o777 | (card & 0o444) >> 2


def test_where_there_is_no_cluster(run: Run, project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "PATIENCE", 1)
    refused = run("build", project_folder, "--cluster", "tcp://127.0.0.1:9")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("Error: no Dask scheduler answers at tcp://127.0.0.1:9: ")
    both = run("build", project_folder, "--cluster", "tcp://127.0.0.1:9", "--jobs", "2")
    assert both.exit_code == 2
    assert both.stderr.endswith("Error: --cluster works instead of --jobs; leave --jobs out\n")
    for place in ("nowhere", "tcp://nowhere", "tcp://nowhere:x"):
        with pytest.raises(UnreachableError, match=f"{place} is not the address of a scheduler, such as tcp://host"):
            cluster_executor(place).__enter__()
    with (
        pytest.raises(UnreachableError, match=r"no Dask scheduler answers at nowhere\.invalid:1: "),
        cluster_executor("nowhere.invalid:1"),
    ):
        pass
    assert not (project_folder / "dist").exists()
