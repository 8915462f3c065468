"""What is done to be fast and small gives what would be had without it."""

import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import PROJECT, digests
from corpus_copies import reworded
from factpack.anchoring.corpus_builder import build_corpus
from factpack.anchoring.parallel.check import check_in_processes
from factpack.anchoring.parallel.division import PartSizes, parts_of
from factpack.anchoring.parallel.jobs import usual_jobs
from factpack.anchoring.parallel.workers import processes
from factpack.api import load_project
from factpack.checks.problem import Problem, Problems
from factpack.checks.registry import judge
from factpack.checks.report import CheckFailedError, CheckReport
from factpack.corpus.types import AnchoredArticle, LabelledClaim, Labelling
from factpack.errors import WorkerError
from factpack.formats.locations import Address, Record, SourceFile
from factpack.formats.registry import formats, open_project, source_file
from factpack.limits import DEFAULT_LIMITS, Limits
from factpack.project.models import Claim
from factpack.project.scheme import DEFAULT
from factpack.project.vocabulary import BASES, LABELS
from factpack.release import parts
from factpack.release.build import build
from factpack.release.parts import BuildLimits

# Several processes


SMALL_PARTS = BuildLimits(shard_rows=100, parts=PartSizes(20_000, 7))
BOARD = "900 passengers were on board the ferry."


def test_the_release_does_not_depend_on_the_number_of_processes(corpus: Path, tmp_path: Path) -> None:
    """To the byte, however the annotations are cut."""
    project = open_project(corpus)
    source = source_file("x", project.annotations[0])
    assert sum(1 for _ in source.format.cut(source, SMALL_PARTS.parts.annotations)) > 4  # else nothing is divided
    calls: list[int] = []
    one = build(project, tmp_path / "one", lambda: calls.append(1), limits=BuildLimits(shard_rows=100))
    articles = len(calls)
    two = build(project, tmp_path / "two", lambda: calls.append(1), jobs=2, limits=SMALL_PARTS)
    assert digests(one.folder) == digests(two.folder)
    assert one.warnings == two.warnings
    assert len(calls) == 2 * articles > 2 * 30


def test_rows_of_a_part_are_made_in_portions(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim can have a thousand passages; the bytes are the same."""
    project = open_project(corpus)
    one = build(project, tmp_path / "one", lambda: None)
    monkeypatch.setattr(parts, "MAX_PORTION", 7)
    with ThreadPoolExecutor(2) as executor:
        many = build(project, tmp_path / "many", lambda: None, executor=executor)
    assert digests(one.folder) == digests(many.folder)


def test_yaml_in_several_processes(tmp_path: Path) -> None:
    """A file is a part."""
    one = build(open_project(PROJECT), tmp_path / "one", lambda: None)
    two = build(open_project(PROJECT), tmp_path / "two", lambda: None, jobs=3)
    assert digests(one.folder) == digests(two.folder)


@pytest.mark.parametrize(
    "change",
    [
        ('"label": "supported"', '"label": "disputed"', 1),  # in a part
        ('"id": "passengers-90-a1-11"', '"id": "passengers-90-a1-7"', 1),  # in two parts
        ('"article": "a111"', '"article": "a1"', -1),  # an article in two parts
        ('"language": "ja"', '"language": "J"', 1),  # before them
        (f'"claim": "{reworded(BOARD, 11)}', f'"claim": "{reworded(BOARD, 7)}'.replace("900", "90"), 1),  # said in two
    ],
)
def test_errors_in_several_processes(corpus: Path, tmp_path: Path, change: tuple[str, str, int]) -> None:
    """They are those that one process finds, and nothing is built."""
    old, new, count = change
    folder = Path(shutil.copytree(corpus, tmp_path / "project"))
    texts = {path: path.read_text(encoding="utf-8") for path in folder.glob("annotations/*.jsonl")}
    assert any(old in text for text in texts.values())
    for path, text in texts.items():
        path.write_text(text.replace(old, new, count), encoding="utf-8")
    found = []
    for jobs in (1, 2):
        with pytest.raises(CheckFailedError) as refused:
            build(open_project(folder), None, lambda: None, jobs=jobs, limits=SMALL_PARTS)
        found.append(list(refused.value.report.problems))
    assert found[0] == found[1] == checked(folder)[0] != []
    assert not (folder / "dist").exists()


def checked(folder: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[list[Problem], int]:
    """What two processes find wrong with a project, and how many articles they tell of."""
    calls: list[int] = []
    project = open_project(folder)
    found = check_in_processes(project, 2, lambda: calls.append(1), limits, SMALL_PARTS.parts)
    return list(CheckReport.of(Problems(found, limits.max_shown), project.root).problems), len(calls)


@pytest.mark.parametrize("most", [1_000, 5])
def test_warnings_in_several_processes(corpus: Path, tmp_path: Path, most: int) -> None:
    """All of them, or the first ones, as one process tells them; and every article is told of."""
    folder = Path(shutil.copytree(corpus, tmp_path / "project"))
    path = folder / "annotations/all.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace('"claim": "', '"claim": "He said that ', 40), "utf-8")
    limits, calls = Limits(max_shown=most), list[int]()
    one = load_project(folder).check(lambda: calls.append(1), limits)
    assert one.ok
    assert len(one.problems) == min(most, one.counts["warning"])
    assert checked(folder, limits) == (list(one.problems), len(calls))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_an_interrupt_ends_the_first_process_alone() -> None:
    """A terminal sends it to all; another process would print where it was interrupted."""
    with processes(2, gc.disable) as workers:
        other = workers.executor.submit(os.getpid).result()
        os.kill(other, signal.SIGINT)
        assert workers.executor.submit(os.getpid).result() == other
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # that of a command ignores the next one
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.signal(signal.SIGINT, handler)


def test_a_process_that_ended_before_its_first_work_is_named() -> None:
    with processes(2, gc.disable) as workers:
        with pytest.raises(BrokenProcessPool):
            workers.executor.submit(os._exit, 1).result()
        begin = partial(workers.executor.submit, int)
        with pytest.raises(WorkerError, match=r"^the texts: a process ended before its work was done; memory may"):
            list(workers.in_order(["1"], lambda _: "the texts", begin, int))


WORKS_ON = """
import gc, os, signal
from factpack.anchoring.parallel.workers import processes
if __name__ == "__main__":
    with processes(2, gc.disable) as workers:
        print(workers.executor.submit(os.getpid).result(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_process_outlives_the_first_one(tmp_path: Path) -> None:
    """Whatever ends that."""
    script = tmp_path / "script.py"
    script.write_text(WORKS_ON, encoding="utf-8")
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    for _ in range(200):
        if not psutil.pid_exists(int(ended.stdout)):
            return
        time.sleep(0.05)
    pytest.fail("the process lives on")


def test_many_small_files_are_one_part(tmp_path: Path) -> None:
    """A part for each would take longer to hand over than to do."""
    folder = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    files = [source_file(path.name, path) for path in open_project(folder).annotations]
    assert [len(part) for part in parts_of(files, 2**20)] == [3]
    assert [len(part) for part in parts_of(files, 1)] == [1, 1, 1]


def test_small_projects_are_checked_in_one_process(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process takes longer to begin; a large project gets one for each processor."""
    assert usual_jobs(open_project(corpus)) == 1
    monkeypatch.setattr("factpack.anchoring.parallel.jobs.PAYS_FROM", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(3), raising=False)
    assert usual_jobs(open_project(corpus)) == 3
    assert load_project(corpus).check(jobs=None) == load_project(corpus).check()


# Memory


def test_a_corpus_is_joined_without_garbage_that_refers_to_itself(corpus: Path) -> None:
    """So nobody has to look for it meanwhile, and it is looked for again afterwards."""
    for _ in build_corpus(open_project(corpus)):  # whatever is made only once
        pass
    gc.collect()
    articles = sum(isinstance(item, AnchoredArticle) for item in build_corpus(open_project(corpus)))
    assert gc.isenabled()
    assert gc.collect() < articles == 36


# Labels

NOT_LOOKED_AT: dict[str, Any] = {"label": "supported", "basis": "corroborated", "rationale": "x", "written": ()}


@settings(deadline=None)
@given(
    st.sampled_from(LABELS),
    st.sampled_from(BASES),
    st.booleans(),
    st.sampled_from(["", "2022"]),
    st.lists(st.tuples(st.sampled_from(("for", "against", "neither")), st.integers(0, 2)), max_size=3),
)
def test_a_label_is_judged_by_its_labelling_alone(
    label: str,
    basis: str,
    corrected: bool,  # noqa: FBT001 - hypothesis gives it
    settled: str,
    evidence: list[tuple[str, int]],
) -> None:
    """So what was right once is right again: the rules take nothing else from the claim but where its evidence is."""
    labelling = Labelling(label, basis, corrected, settled, tuple(evidence))
    found = []
    for name in ("x", "y"):
        other = Claim(id=name, quote=name, claim=name, speaker=name, fact=name, value=name, **NOT_LOOKED_AT)
        place: Record[Any] = Record(
            other, SourceFile(name, PROJECT / "annotations/a1.yaml", formats()["yaml"]), Address(0, 1)
        )
        found.append([(p.rule, p.message, p.hint) for p in judge(LabelledClaim(labelling, place, DEFAULT))])
    assert found[0] == found[1]


# Small things


@pytest.mark.parametrize("command", [["--help"], ["check", str(PROJECT)]])
def test_nothing_large_is_imported(command: list[str]) -> None:
    """Each of these takes longer to import than a small project to check."""
    code = (
        "import sys\nfrom factpack.cli import main\n"
        f"try: main({command!r})\nexcept SystemExit: pass\n"
        "print(*({name.split('.')[0] for name in sys.modules} & {'datasets', 'numpy', 'pandas', 'pyarrow', 'scipy'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""
