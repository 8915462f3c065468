"""Rules of other packages are rules like those of the house, and a package that is broken is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PROJECT
from factpack.checks.registry import rules
from factpack.errors import PluginError

RULE = '''
from collections.abc import Iterator

from factpack.checks.problem import Problem
from factpack.checks.rule import rule
from factpack.corpus.subjects import Totals
from factpack.formats.locations import Record
from factpack.project.models import Dataset


@rule("warning")
def few_claims(totals: Totals) -> Iterator[Problem]:
    """A dataset has a hundred claims.

    Bad: ten

    Good: a hundred
    """
    if totals.claims < 100:
        yield Problem(totals.dataset.at("name"), f"{totals.claims} claims are few", lambda: "Annotate more.")


@rule("error")
def name_of_a_harbour(dataset: Record[Dataset]) -> Iterator[Problem]:
    """The name says which harbour.

    Bad: ``name: ferries``

    Good: ``name: ferries-minato``
    """
    if "harbour" not in dataset.value.name:
        yield Problem(dataset.at("name"), "which harbour?", "Say it.", "warning")
'''
FEW = "warning[few-claims]: 23 claims are few\n  hint: Annotate more.\n"
NAME = "warning[name-of-a-harbour]: which harbour?\n  hint: Say it.\n"


def install(folder: Path, code: str, point: str) -> None:
    """Installs a package of one module that adds rules."""
    info = folder / "harbour_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: harbour-rules\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[factpack.rules]\nx = {point}\n", encoding="utf-8")
    (folder / "harbour_rules.py").write_text(code, encoding="utf-8")


def factpack(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command where the packages of a folder are installed."""
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "factpack", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )


@pytest.mark.parametrize(
    ("point", "found"), [("harbour_rules", [FEW, NAME]), ("harbour_rules:few_claims", [FEW])], ids=["module", "rule"]
)
def test_a_package_adds_rules(point: str, found: list[str], project_folder: Path, tmp_path: Path) -> None:
    install(tmp_path, RULE, point)
    done = factpack(tmp_path, "check", project_folder)
    assert (done.stdout, done.returncode) == ("".join(f"annotations/dataset.yaml:2:7: {each}" for each in found), 0)
    page = factpack(tmp_path, "rules", "few-claims").stdout
    assert page == "few-claims (warning)\n\n  A dataset has a hundred claims.\n\n  Bad: ten\n\n  Good: a hundred\n"


BROKEN = [
    ("import no_such_module", "harbour_rules", "ModuleNotFoundError: No module named 'no_such_module'"),
    ("", "harbour_rules", "TypeError: it is neither a rule nor a module with rules"),
    (
        "def check(x: int):\n    pass\n",
        "harbour_rules:check",
        "TypeError: it is neither a rule nor a module with rules",
    ),
    (RULE.replace("few_claims", "no_claims"), "harbour_rules", "ValueError: rule `no-claims` already exists"),
    (
        RULE.replace("totals: Totals", "totals"),
        "harbour_rules",
        "TypeError: few_claims does not say by a type what it judges",
    ),
]


@pytest.mark.parametrize(("code", "point", "why"), BROKEN, ids=["import", "empty", "function", "twice", "untyped"])
def test_a_package_that_is_broken_is_named(
    code: str, point: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, code, point)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "harbour_rules", raising=False)
    with pytest.raises(PluginError) as refused:
        rules.__wrapped__()
    assert str(refused.value) == (
        f"{point}, which harbour-rules adds to factpack.rules, cannot be loaded: {why}. "
        "Update the package, or uninstall it."
    )


def test_a_package_that_is_broken_ends_a_check(tmp_path: Path) -> None:
    install(tmp_path, "import no_such_module", "harbour_rules")
    done = factpack(tmp_path, "check", PROJECT)
    assert done.stderr.startswith(
        "Error: harbour_rules, which harbour-rules adds to factpack.rules, cannot be loaded: "
    )
    assert (done.stdout, len(done.stderr.splitlines()), done.returncode) == ("", 1, 2)
