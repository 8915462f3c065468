"""The version policy: every change has its step, and the smallest version follows from it."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from semver import Version

from conftest import PROJECT, TESTS
from factpack.release.version_policy import POLICY, Change, Step, smallest_version, step_of
from releases import make

CONFIGS = ("claims", "evidence", "articles", "sentences", "facts", "votes", "")
DERIVED = ("evidence", "sentences", "votes")


@pytest.mark.parametrize(
    ("change", "configs", "step"),
    [
        (Change.RELABELLED, ("claims",), Step.MAJOR),
        (Change.REANCHORED, ("claims",), Step.MAJOR),
        (Change.TEXT, ("claims", "articles"), Step.MAJOR),
        (Change.MOVED, ("claims",), Step.MAJOR),
        (Change.SPLIT_GONE, ("claims", "articles"), Step.MAJOR),
        (Change.SPLIT_ADDED, ("claims", "evidence"), Step.MINOR),
        (Change.REMOVED, ("claims", "articles", "facts", "other"), Step.MAJOR),
        (Change.COLUMN_GONE, ("claims", "votes", "other"), Step.MAJOR),
        (Change.COLUMN_TYPE, ("claims", "sentences"), Step.MAJOR),
        (Change.NAMES, ("claims", "evidence"), Step.MAJOR),
        (Change.CONFIG_GONE, ("votes", "facts"), Step.MAJOR),
        (Change.WITHHELD, ("articles", "sentences"), Step.MAJOR),
        (Change.ADDED, ("claims", "articles", "facts", "other"), Step.MINOR),
        (Change.COLUMN_ADDED, ("claims", "sentences"), Step.MINOR),
        (Change.NAMES_APPENDED, ("claims", "votes"), Step.MINOR),
        (Change.CONFIG_ADDED, ("votes",), Step.MINOR),
        (Change.GIVEN, ("articles", "sentences"), Step.MINOR),
        (Change.EVIDENCE, ("claims",), Step.PATCH),
        (Change.CHANGED, ("claims", "articles", "facts", *DERIVED), Step.PATCH),
        (Change.ADDED, DERIVED, Step.PATCH),
        (Change.REMOVED, DERIVED, Step.PATCH),
        (Change.REORDERED, ("claims", *DERIVED), Step.PATCH),
        (Change.FILE_ADDED, ("",), Step.PATCH),
        (Change.FILE_GONE, ("",), Step.PATCH),
        (Change.FILE_CHANGED, ("",), Step.PATCH),
    ],
)
def test_the_step_of_a_change(change: Change, configs: tuple[str, ...], step: Step) -> None:
    assert {step_of(change, config) for config in configs} == {step}


def test_every_change_has_a_step_and_every_line_is_used() -> None:
    used = set()
    for change in Change:
        for config in CONFIGS:
            step_of(change, config)
            used.add(next(r for r in POLICY if change in r.changes and (not r.configs or config in r.configs)).words)
    assert used == {rule.words for rule in POLICY}


@pytest.mark.parametrize(
    ("old", "step", "new"),
    [
        ("1.2.3", Step.NONE, "1.2.3"),
        ("1.2.3", Step.PATCH, "1.2.4"),
        ("1.2.3", Step.MINOR, "1.3.0"),
        ("1.2.3", Step.MAJOR, "2.0.0"),
        ("0.1.0", Step.PATCH, "0.1.1"),
        ("0.1.0", Step.MINOR, "0.2.0"),
        ("0.1.0", Step.MAJOR, "0.2.0"),  # below 1.0.0 nothing is stable
        ("0.0.3", Step.MAJOR, "0.1.0"),
        ("0.2.0-rc.1", Step.MAJOR, "0.2.0"),
        ("2.0.0-rc.1", Step.MAJOR, "2.0.0"),
        ("2.0.0-rc.1", Step.PATCH, "2.0.0"),
        ("2.0.1-rc.1", Step.MINOR, "2.1.0"),
        ("1.0.0+built.5", Step.PATCH, "1.0.1"),
    ],
)
def test_the_smallest_version(old: str, step: Step, new: str) -> None:
    assert str(smallest_version(old, step)) == new


@given(st.tuples(*[st.integers(0, 20)] * 3), st.sampled_from(["", "-rc.1"]), st.sampled_from(Step))
def test_a_larger_step_is_a_later_version(parts: tuple[int, int, int], suffix: str, step: Step) -> None:
    old = ".".join(map(str, parts)) + suffix
    versions = [smallest_version(old, step) for step in Step]
    assert versions == sorted(versions)
    assert smallest_version(old, step) > Version.parse(old) or step is Step.NONE


@pytest.mark.parametrize("splits", [False, True])
def test_the_card_shows_the_policy(tmp_path: Path, splits: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Line by line, the largest step first; what it says of splits only where there are some."""
    project = TESTS / "splits" if splits else PROJECT
    card = (make(Path(shutil.copytree(project, tmp_path / "project"))) / "README.md").read_text(encoding="utf-8")
    section = card.split("\n## Versions\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert sorted(rows) == sorted([rule.step.name, rule.words] for rule in POLICY if splits or not rule.of_splits)
    steps = [Step[step] for step, _ in rows]
    assert steps == sorted(steps, reverse=True)
