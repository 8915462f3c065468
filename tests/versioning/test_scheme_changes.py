"""The step of the version that each change of a vocabulary, of columns and of splits needs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import TESTS, Run
from factpack.release.version_policy import Change, Step
from factpack.versioning.diff import diff
from releases import make

PROJECT = TESTS / "splits"
Scheme = dict[str, Any]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(PROJECT, tmp_path_factory.mktemp("scheme") / "release")


def described(project: Path, change: Callable[[Scheme], object]) -> None:
    path = project / "annotations/dataset.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def recorded(project: Path, change: Callable[[Scheme], object]) -> None:
    """Changes every record of the claims and of the register."""
    for path in project.glob("annotations/*.jsonl"):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            change(row)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def changed(folder: Path, *changes: Callable[[Path], object]) -> Path:
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    for change in changes:
        change(project)
    return make(project, folder / "changed")


def words(change: Callable[[Scheme], object]) -> Callable[[Path], None]:
    return lambda project: described(project, lambda data: change(data["vocabulary"]))


def relabelled(project: Path) -> None:
    recorded(project, lambda row: row.get("label") == "true" and row.update(label="right"))


def renamed(project: Path) -> None:
    recorded(project, lambda row: row.get("split") == "dev" and row.update(split="validation"))


def moved(project: Path) -> None:
    recorded(project, lambda row: row.get("id") == "loose-test" and row.update(split="dev"))


def later(project: Path) -> None:
    line = {"kind": "claim", "id": "new", "split": "later", "claim": "The miller sang.", "label": "unknown"}
    (project / "annotations/later.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")


def labels_with(name: str, at: int) -> Callable[[Scheme], None]:
    def change(vocabulary: Scheme) -> None:
        labels = list(vocabulary["labels"].items())
        labels.insert(at, (name, {}))
        vocabulary["labels"] = dict(labels)

    return change


def first_renamed(vocabulary: Scheme) -> None:
    vocabulary["labels"] = {("right" if name == "true" else name): spec for name, spec in vocabulary["labels"].items()}


def splits(new: dict[str, str]) -> Callable[[Path], None]:
    return lambda project: described(project, lambda data: data.update(splits=new))


def column(**spec: str) -> Callable[[Path], None]:
    return lambda project: described(project, lambda data: data.update(columns={"claims": {"page": spec}}))


THREE = {"train": "training", "dev": "evaluation", "test": "evaluation"}
STANCES = {"supports": "for", "refutes": "against", "neutral": "neither"}


@pytest.mark.parametrize(
    ("changes", "step", "kinds"),
    [
        # What a vote can be besides a label stands behind the labels, and so gets another number.
        ([words(labels_with("doubtful", 3))], Step.MAJOR, {Change.NAMES_APPENDED, Change.NAMES}),
        ([words(labels_with("doubtful", 0))], Step.MAJOR, {Change.NAMES}),
        ([words(first_renamed), relabelled], Step.MAJOR, {Change.NAMES, Change.RELABELLED}),
        ([words(lambda data: data.update(stances=STANCES))], Step.MINOR, {Change.NAMES_APPENDED}),
        ([words(lambda data: data["labels"]["true"].pop("never"))], Step.PATCH, {Change.FILE_CHANGED}),
        ([words(lambda data: data.update(groups="optional"))], Step.MINOR, {Change.COLUMN_ADDED}),
        ([words(lambda data: data.update(votes="optional"))], Step.PATCH, {Change.FILE_CHANGED}),
        ([column(type="text", description="The page.")], Step.MINOR, {Change.COLUMN_ADDED}),
        ([splits({"train": "training", "validation": "evaluation", "test": "evaluation"}), renamed], Step.MAJOR,
         {Change.SPLIT_GONE, Change.SPLIT_ADDED, Change.MOVED}),
        ([moved], Step.MAJOR, {Change.MOVED}),
        ([splits(THREE | {"later": "evaluation"}), later], Step.MINOR, {Change.SPLIT_ADDED, Change.ADDED}),
        ([splits(THREE | {"train": "evaluation"})], Step.PATCH, {Change.CHANGED}),
        ([splits({name: THREE[name] for name in ("test", "dev", "train")})], Step.PATCH, {Change.FILE_CHANGED}),
    ],
    ids=["label-appended", "label-inserted", "label-renamed", "stance-appended", "label-needs-less", "groups", "votes",
         "column", "split-renamed", "claim-moved", "split-added", "split-for-evaluation", "splits-reordered"],
)  # fmt: skip
def test_the_step_of_a_change(
    release: Path, tmp_path: Path, changes: list[Callable[[Path], object]], step: Step, kinds: set[Change]
) -> None:
    found = diff(release, changed(tmp_path, *changes))
    others = {Change.FILE_CHANGED, Change.FILE_ADDED, Change.FILE_GONE, Change.REORDERED, Change.CHANGED}
    assert {each.change for each in found.differences if each.change not in others - kinds} == kinds
    assert found.required_step == step


def test_splits_that_come_are_a_new_major_version(release: Path, tmp_path: Path) -> None:
    """All tables were in `test` before."""

    def without(project: Path) -> None:
        described(project, lambda data: data.pop("splits"))
        recorded(project, lambda row: row.pop("split", None))

    before = changed(tmp_path, without)
    found = diff(before, release)
    assert found.required_step is Step.MAJOR
    kinds = {(each.config, each.change) for each in found.differences}
    assert {("claims", Change.MOVED), ("claims", Change.COLUMN_ADDED), ("articles", Change.SPLIT_GONE)} <= kinds


def test_what_moved_is_named(release: Path, tmp_path: Path, run: Run) -> None:
    after = changed(tmp_path, moved)
    text = run("diff", release, after).stdout
    assert "moved to another split  loose-test  test -> dev" in text
    assert "smallest step: MAJOR (1.0.0 -> 2.0.0)" in text
    assert (
        "1 claim moved to another split: `loose-test` (test → dev)."
        in run("diff", release, after, "--format", "markdown").stdout
    )
    found = json.loads(run("diff", release, after, "--format", "json").stdout)["changes"]
    assert {"config": "claims", "change": "moved to another split", "step": "major", "count": 1,
            "items": [{"id": "loose-test", "old": "test", "new": "dev"}]} in found  # fmt: skip
