"""Formats are found by their files, whoever brings them, and registers keep to those of the house."""

import json
import sys
from pathlib import Path

import pytest

from conftest import PROJECT, Run
from factpack.anchoring.corpus_builder import build_corpus
from factpack.checks.problem import Problem
from factpack.corpus.types import AnchoredArticle, RegisteredText
from factpack.errors import PluginError
from factpack.formats.locations import Location
from factpack.formats.registry import formats, open_project
from factpack.plugins import load_plugins
from factpack.release.build import build
from factpack.viewer.problem_spans import locate_problems
from plugin.factpack_example.csv_format import CsvFormat
from plugin.tables import write_table


@pytest.fixture
def in_csv(project_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project with the annotations of two articles as one table, in a format that is not of the house."""
    monkeypatch.setitem(formats(), "csv", CsvFormat())
    write_table(project_folder)
    return project_folder


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_format_of_another_package_is_read(in_csv: Path, tmp_path: Path, run: Run, jobs: int) -> None:
    """With the same tables, also in another process that nobody told of it."""
    done = run("check", in_csv)
    assert (done.stdout, done.exit_code) == ("", 0)
    one = build(open_project(PROJECT), tmp_path / "one", lambda: None)
    two = build(open_project(in_csv), tmp_path / "two", lambda: None, jobs=jobs)
    assert one.digests == two.digests


@pytest.mark.parametrize(
    "change",
    [
        ("c3,late-1-hour-c3,1時間", "c3,late-1-hour-c3,2時間", "quote-not-found", "2時間"),
        ("claim,c3,late-1-hour", "clam,c3,late-1-hour", "unknown-word", "clam"),
        (",erroneous,outweighed", ",erroneous,", "missing-key", "claim,c3,late-1-hour"),
        ("refutes b2: 40", "refute b2: 40", "unknown-word", '"refutes a1'),
        (",late-1-hour-c3", ',"late"-1-hour-c3', "malformed-file", 'claim,c3,"late"'),
    ],
)
def test_what_is_wrong_has_its_place(in_csv: Path, run: Run, change: tuple[str, str, str, str]) -> None:
    old, new, rule, shown = change
    path = in_csv / "annotations/table.csv"
    text = path.read_bytes().decode()
    assert text.count(old) == 1
    path.write_bytes(text.replace(old, new).encode())
    found, *others = json.loads(run("check", in_csv, "--format", "json").stdout)
    assert (found["rule"], found["path"], others) == (rule, "annotations/table.csv", [])
    line = path.read_bytes().decode().split("\n")[found["line"] - 1]
    assert line[found["column"] - 1 :].startswith(shown)


def test_a_problem_finds_its_words(in_csv: Path) -> None:
    """In the page, without a line of the format's own."""
    project = open_project(in_csv)
    articles = {
        item.text.article: RegisteredText(item.record, item.text)
        for item in build_corpus(project)
        if isinstance(item, AnchoredArticle)
    }
    (found,) = locate_problems([Problem(Location("annotations/table.csv", 2, 40), "x", "x")], project, articles)
    assert (found.article, found.note) == ("b2", "in-service-2023-b2")
    assert [articles["b2"].text.text[slice(*span)] for span in found.spans] == ["entered service in 2023"]


def test_a_register_is_not_read_in_a_format_for_annotations(in_csv: Path, run: Run) -> None:
    for name in ("articles.csv", "dataset.csv", "released.csv", "other.json"):
        (in_csv / "annotations" / name).write_text("id\n", encoding="utf-8")
    found = json.loads(run("check", in_csv, "--format", "json").stdout)
    assert {
        each["path"].removeprefix("annotations/"): each["hint"] for each in found if each["rule"] == "stray-file"
    } == {
        "articles.csv": "Its content belongs in articles.yaml or articles.jsonl. Move it there.",
        "dataset.csv": "Its content belongs in dataset.yaml. Move it there.",
        "released.csv": "Its content is read from released.jsonl, which `factpack release` writes. Delete this file.",
        "other.json": "Only .yaml, .jsonl and .csv files are read here; rename it to other.jsonl.",
    }


def install(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installs a package of one module that adds something."""
    info = folder / "added_format-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: added-format\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[factpack.tests]\nx = added_format:Added\n", encoding="utf-8")
    (folder / "added_format.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "added_format", raising=False)


def test_a_package_adds_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "class Added:\n    name = 'added'\n", monkeypatch)
    (added,) = load_plugins("factpack.tests", lambda plugin: getattr(plugin, "name", ""))
    assert added == "added"
    assert list(load_plugins("factpack.nothing", str)) == []


def test_a_package_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "import no_such_module\n", monkeypatch)
    with pytest.raises(PluginError) as refused:
        list(load_plugins("factpack.tests", str))
    assert str(refused.value) == (
        "added_format:Added, which added-format adds to factpack.tests, cannot be loaded: "
        "ModuleNotFoundError: No module named 'no_such_module'. Update the package, or uninstall it."
    )
