"""What changed between two releases is told, all of it and nothing else, with the step that it needs.

``tests/diffs`` holds the exact output for each kind of change, in each format.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT
from factpack.dataset.table_files import table_path
from factpack.release.version_policy import Step
from factpack.versioning.diff import diff
from factpack.versioning.diff_report import FORMATS
from releases import contents, make
from versioning.edits import EDITS, ENDINGS, EXPECTED, LABELS, MIRRORED, STANCES, Row, described, edited, rewrite, told


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", [*EDITS, *MIRRORED])
def test_the_exact_output(old: Path, releases: Callable[[str], Path], name: str, form: str) -> None:
    found = diff(releases(MIRRORED[name]), old) if name in MIRRORED else diff(old, releases(name))
    assert FORMATS[form](found) == (EXPECTED / f"{name}.{ENDINGS[form]}").read_text(encoding="utf-8")


def test_nothing_expected_is_left_over() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == {
        f"{name}.{ending}" for name in (*EDITS, *MIRRORED) for ending in ENDINGS.values()
    }


# What is no change


def test_the_number_of_the_version_is_no_change(old: Path, tmp_path: Path) -> None:
    """It stands in the card, the page and two more files, and the digits behind it follow from the rows."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    edited(project, [("annotations/dataset.yaml", "version: 1.1.0", "version: 2.0.0-rc.1")])
    new = make(project)
    assert {name for name, data in contents(new).items() if data != contents(old)[name]} > {"README.md", "view.html"}
    found = diff(old, new)
    assert (found.differences, found.required_step, str(found.smallest_version)) == ((), Step.NONE, "1.1.0")
    assert FORMATS["text"](found) == "ferry-factcheck 1.1.0 -> 2.0.0-rc.1\n\nnothing changed\n"
    assert FORMATS["markdown"](found) == "## 2.0.0-rc.1\n\n- Nothing changed.\n"


def test_stamps_are_no_change(old: Path, new: Path) -> None:
    rewrite(new, "claims", lambda row: row | {"added_in": "0.1.0", "changed_in": "1.0.0"})
    assert diff(old, new).differences == ()


def test_how_the_rows_are_stored_is_no_change(old: Path, new: Path) -> None:
    """Other row groups, several files, the order of the columns, strings with 64-bit offsets."""
    path = new / table_path("claims")
    table = pq.read_table(path)
    large = pa.schema(
        [field.with_type(pa.large_string()) if field.type == pa.string() else field for field in table.schema],
        table.schema.metadata,
    )
    backwards = table.cast(large).select(table.column_names[::-1])
    path.unlink()
    pq.write_table(backwards[:10], path.with_name("test-00000-of-00002.parquet"), row_group_size=3)
    pq.write_table(backwards[10:], path.with_name("test-00001-of-00002.parquet"), row_group_size=4)
    assert diff(old, new).differences == ()
    assert diff(new, old).differences == ()


def test_hidden_files_belong_to_whoever_keeps_the_folder(old: Path, new: Path) -> None:
    (new / ".gitattributes").write_text("*.parquet filter=lfs\n", encoding="utf-8")
    (new / ".cache").mkdir()
    (new / ".cache" / "note").write_text("kept\n", encoding="utf-8")
    (new / "CHANGELOG.md").write_text("It is written from the diff.\n", encoding="utf-8")
    assert diff(old, new).differences == ()


# Columns and configs


def test_a_column_comes_or_goes(old: Path, new: Path) -> None:
    wanted = described("facts") | {"source": datasets.Value("string")}
    rewrite(new, "facts", lambda row: row | {"source": "invented"}, wanted)
    assert told(old, new) == [("column added", "facts", "source", "string")]
    assert told(new, old) == [("column gone", "facts", "source", "string")]
    assert (diff(old, new).required_step, diff(new, old).required_step) == (Step.MINOR, Step.MAJOR)


def test_a_column_within_a_list_comes_or_goes(old: Path, new: Path) -> None:
    """Its list has only this one change: what both releases have in it is compared."""
    wanted = described("claims")
    wanted["evidence"] = datasets.List({**wanted["evidence"].feature, "weight": datasets.Value("int64")})

    def weighed(row: Row) -> Row:
        return row | {"evidence": [passage | {"weight": 1} for passage in row["evidence"]]}

    rewrite(new, "claims", weighed, wanted)
    assert told(old, new) == [("column added", "claims", "evidence[].weight", "int64")]
    assert told(new, old) == [("column gone", "claims", "evidence[].weight", "int64")]


def test_a_list_comes_or_goes_as_a_whole(old: Path, new: Path) -> None:
    wanted = described("claims")
    del wanted["evidence"]
    rewrite(new, "claims", lambda row: {name: value for name, value in row.items() if name != "evidence"}, wanted)
    assert told(old, new) == [("column gone", "claims", "evidence", "list of struct")]
    assert told(new, old) == [("column added", "claims", "evidence", "list of struct")]


@pytest.mark.parametrize(
    ("column", "feature", "value", "old_type"),
    [
        ("fold", datasets.Value("string"), str, "int64"),
        ("label", datasets.Value("int64"), int, "ClassLabel"),
        ("votes", datasets.Value("string"), str, "list of struct"),
        ("correction", datasets.List(datasets.Value("string")), lambda _: [], "string"),
    ],
)
def test_a_column_changes_its_type(
    pair: tuple[Path, Path], column: str, feature: Any, value: Callable[[Any], Any], old_type: str
) -> None:
    """Then its values are not compared."""
    old, new = pair
    rewrite(new, "claims", lambda row: row | {column: value(row[column])}, described("claims") | {column: feature})
    new_type = "list of string" if isinstance(feature, datasets.List) else feature.dtype
    assert told(old, new) == [("column type changed", "claims", column, old_type, new_type)]
    assert told(new, old) == [("column type changed", "claims", column, new_type, old_type)]
    assert diff(old, new).required_step is Step.MAJOR


def named(wanted: dict[str, Any], names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Features of claims whose labels have other names."""
    if "label" in names:
        wanted["label"] = datasets.ClassLabel(names=list(names["label"]))
    if "stance" in names:
        stance = datasets.ClassLabel(names=list(names["stance"]))
        wanted["evidence"] = datasets.List({**wanted["evidence"].feature, "stance": stance})
    return wanted


def test_names_are_appended(old: Path, new: Path) -> None:
    """The values are compared as ever."""
    longer = (*LABELS, "unproven")

    def change(row: Row) -> Row:
        return row | ({"label": 3} if row["id"] == "fog-a1" else {})

    rewrite(new, "claims", change, named(described("claims"), {"label": longer}))
    assert told(old, new) == [
        ("names appended", "claims", "label", LABELS, longer),
        ("relabelled", "claims", "fog-a1", "disputed", "unproven"),
    ]
    assert told(new, old) == [
        ("names changed", "claims", "label", longer, LABELS),
        ("relabelled", "claims", "fog-a1", "unproven", "disputed"),
    ]
    assert "names appended  label   unproven\n" in FORMATS["text"](diff(old, new))
    assert "- `claims`: names appended: `label` (unproven).\n" in FORMATS["markdown"](diff(old, new))


def test_names_are_exchanged_and_the_labels_stay(old: Path, new: Path) -> None:
    """Labels are compared by their names: here all numbers are others, in a list too."""

    def change(row: Row) -> Row:
        evidence = [passage | {"stance": 1 - passage["stance"]} for passage in row["evidence"]]
        return row | {"label": 2 - row["label"], "evidence": evidence}

    names = {"label": LABELS[::-1], "stance": STANCES[::-1]}
    rewrite(new, "claims", change, named(described("claims"), names))
    assert told(old, new) == [
        ("names changed", "claims", "label", LABELS, LABELS[::-1]),
        ("names changed", "claims", "evidence[].stance", STANCES, STANCES[::-1]),
    ]
    assert diff(old, new).required_step is Step.MAJOR


def test_names_are_exchanged_and_the_numbers_stay(old: Path, new: Path) -> None:
    rewrite(new, "claims", lambda row: row, named(described("claims"), {"stance": STANCES[::-1]}))
    with_evidence = [row["id"] for row in pq.read_table(old / table_path("claims")).to_pylist() if row["evidence"]]
    assert told(old, new) == [
        ("names changed", "claims", "evidence[].stance", STANCES, STANCES[::-1]),
        *(("evidence changed", "claims", key) for key in with_evidence),
    ]


def test_a_config_comes_or_goes(old: Path, new: Path) -> None:
    shutil.rmtree(new / "facts")
    assert told(old, new) == [("config gone", "facts", "")]
    assert told(new, old) == [("config added", "facts", "")]
    assert "config gone    10 rows\n" in FORMATS["text"](diff(old, new))
    assert FORMATS["markdown"](diff(new, old)) == "## 1.2.0\n\n- Config `facts` added: 10 rows.\n"
    assert json.loads(FORMATS["json"](diff(old, new)))["changes"] == [
        {"config": "facts", "change": "config gone", "step": "major", "count": 1, "items": []}
    ]


def test_a_config_that_this_version_does_not_know(old: Path, new: Path) -> None:
    """Its rows are judged like facts, and it comes after the others."""
    old = Path(shutil.copytree(old, new.parent / "old"))
    for release, rows in ((old, [{"id": "x", "n": 1}, {"id": "y", "n": 2}]), (new, [{"id": "y", "n": 3}])):
        (release / "later").mkdir()
        schema = pa.schema([pa.field("id", pa.string()), pa.field("n", pa.int32())])
        pq.write_table(pa.Table.from_pylist(rows, schema), release / table_path("later"))
    assert told(old, new) == [("removed", "later", "x"), ("changed", "later", "y")]
    assert diff(old, new).required_step is Step.MAJOR
    assert "- 1 row of `later` removed: `x`.\n" in FORMATS["markdown"](diff(old, new))
    assert list(diff(old, new).new.rows) == [
        "claims",
        "propositions",
        "evidence",
        "articles",
        "sentences",
        "facts",
        "later",
    ]


def test_rows_in_another_order(old: Path, new: Path) -> None:
    path = new / table_path("claims")
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path, row_group_size=4)
    assert told(old, new) == [("rows reordered", "claims", "")]
    assert diff(old, new).required_step is Step.PATCH
    assert "- `claims`: the rows stand in another order.\n" in FORMATS["markdown"](diff(old, new))


def test_files_come_and_go(old: Path, new: Path) -> None:
    (new / "view.html").unlink()
    (new / "charts" / "more.svg").write_text("<svg/>", encoding="utf-8")
    assert told(old, new) == [("file added", "", "charts/more.svg"), ("file gone", "", "view.html")]
    assert (
        FORMATS["markdown"](diff(old, new))
        == "## 1.1.1\n\n- File added: `charts/more.svg`.\n- File gone: `view.html`.\n"
    )
