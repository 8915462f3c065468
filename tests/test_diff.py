"""What changed between two releases is told, all of it and nothing else, with the step that it needs.

``tests/diffs`` holds the exact output for each kind of change, in each format.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from conftest import PROJECT, TESTS, Run
from factpack.columns import CONFIGS, features, table_path
from factpack.diff import Anchor, Diff, Difference, diff
from factpack.diff_formats import FORMATS, LISTED, changelog_entry
from factpack.folder import NotAReleaseError, write_sums
from factpack.project import open_project
from factpack.release import build
from factpack.versions import DERIVED, Change, Step
from test_build import contents, make

EXPECTED = TESTS / "diffs"
ENDINGS = {"text": "txt", "json": "json", "markdown": "md"}

Edit = tuple[str, str, str]  # a file, words that stand in it once, and what they become

GONE = "  - {quote: 'leaves at 12:30', reason: boilerplate}\n"
DEPARTURE_B2 = """\
  - id: departs-1230-b2
    quote: leaves at 12:30
    claim: By the timetable the ferry leaves at 12:30.
    speaker: article
    fact: departure-time
    value: 12:30
    label: supported
    basis: corroborated
    rationale: c3 gives the same time.
    evidence:
      - {article: c3, quote: 12時30分発, stance: supports}
"""
DEPARTURE_C3 = """\
  - id: departs-1230-c3
    quote: 12時30分発
    claim: The ferry leaves at 12:30.
    speaker: article
    fact: departure-time
    value: 12:30
    label: supported
    basis: corroborated
    rationale: The timetable in b2 gives the same time.
    evidence:
      - {article: b2, quote: leaves at 12:30, stance: supports}
"""
DOUBTED = "label: disputed\n    basis: doubted\n"
CORRECTED = "label: erroneous\n    basis: corrected\n    correction: Nobody knows what caused the delay.\n"
C3_SUM = "65b09d7d320d277c794cc1840d22fa8e8bcc84d848d94dd88ef4899e35d699fc"

#: One change each; the name is that of the expected output.
EDITS: dict[str, list[Edit]] = {
    "relabelled": [("annotations/a1.yaml", DOUBTED, CORRECTED), ("annotations/c3.yaml", DOUBTED, CORRECTED)],
    "re-anchored": [("annotations/a1.yaml", "quote: Nobody was hurt", "quote: Nobody was hurt.")],
    "reworded": [("annotations/c3.yaml", "claim: Fog caused the delay of the ferry.", "claim: Fog was the cause.")],
    "removed": [
        ("annotations/b2.yaml", DEPARTURE_B2, ""),
        ("annotations/b2.yaml", "not_checkable:\n", f"not_checkable:\n{GONE}"),
        ("annotations/c3.yaml", DEPARTURE_C3, ""),
    ],
    "evidence": [("annotations/a1.yaml", "quote: No injuries 🚢", "quote: “No injuries 🚢,”")],
    "rationale": [("annotations/c3.yaml", "The harbour office (a1) and b2 give 90.", "Both others give 90.")],
    "speaker": [("annotations/b2.yaml", "speaker: Coast guard", "speaker: article")],
    "fact": [("annotations/facts.yaml", "facts:\n", "facts:\n  - {id: captain-name, question: Who is the captain?}\n")],
    "question": [("annotations/facts.yaml", "Was anybody hurt?", "Was somebody hurt?")],
    "title": [("annotations/articles.yaml", "    title: フェリー「マリゴールド」号、また遅れる\n", "")],
    "text": [
        ("seeds/c3_minato.txt", "美しい船だ。", "美しい船だ。了。"),
        ("annotations/articles.yaml", C3_SUM, "{c3_minato.txt}"),
    ],
    "article": [
        ("seeds/d4_note.txt", "", "Fog again.\n"),
        (
            "annotations/articles.yaml",
            "articles:\n",
            "articles:\n  - {id: d4, file: d4_note.txt, sha256: {d4_note.txt}, language: en}\n",
        ),
    ],
    "card": [("annotations/dataset.yaml", "to try the packager on", "to try it on")],
}
#: The same, from the other side.
MIRRORED = {"added": "removed", "article-removed": "article", "fact-removed": "fact"}


def edited(project: Path, edits: list[Edit]) -> Path:
    """Applies edits to a project; ``{name}`` becomes the sum of a text."""
    for name, before, after in edits:
        path = project / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text.count(before) == 1, name
        for seed in project.glob("seeds/*.txt"):
            after = after.replace(f"{{{seed.name}}}", hashlib.sha256(seed.read_bytes()).hexdigest())  # noqa: PLW2901 - one at a time
        path.write_text(text.replace(before, after), encoding="utf-8")
    return project


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the invented project; not to be changed."""
    folder = tmp_path_factory.mktemp("old")
    return make(Path(shutil.copytree(PROJECT, folder / "project")), folder / "release")


@pytest.fixture
def new(old: Path, tmp_path: Path) -> Path:
    """A copy of that release to change."""
    return Path(shutil.copytree(old, tmp_path / "new"))


@pytest.fixture
def pair(old: Path, new: Path) -> tuple[Path, Path]:
    """Both."""
    return old, new


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The release of the invented project after one of the edits, built once."""
    folder = tmp_path_factory.mktemp("edited")

    def release(name: str) -> Path:
        if not (folder / name).exists():
            project = edited(Path(shutil.copytree(PROJECT, folder / f"{name}-project")), EDITS[name])
            make(project, folder / name)
        return folder / name

    return release


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
    assert (found.differences, found.step, str(found.smallest_version)) == ((), Step.NONE, "1.1.0")
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

Row = dict[str, Any]


def rewrite(
    release: Path, config: str, change: Callable[[Row], Row], described: Mapping[str, Any] | None = None
) -> None:
    """Writes a table anew: every row as ``change`` makes it, with other features if these are described."""
    path = release / table_path(config)
    rows = [change(row) for row in pq.read_table(path).to_pylist()]
    schema = datasets.Features(described).arrow_schema if described else pq.read_schema(path)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def described(config: str) -> dict[str, Any]:
    """The features of a config, to change."""
    return dict(features(next(c.columns for c in CONFIGS if c.name == config)))


def told(old: Path, new: Path) -> list[tuple[Any, ...]]:
    """The differences as tuples, without what is empty."""
    found = diff(old, new).differences
    return [(str(d.change), d.config, d.subject, *(v for v in (d.old, d.new) if v is not None)) for d in found]


def test_a_column_comes_or_goes(old: Path, new: Path) -> None:
    wanted = described("facts") | {"source": datasets.Value("string")}
    rewrite(new, "facts", lambda row: row | {"source": "invented"}, wanted)
    assert told(old, new) == [("column added", "facts", "source", "string")]
    assert told(new, old) == [("column gone", "facts", "source", "string")]
    assert (diff(old, new).step, diff(new, old).step) == (Step.MINOR, Step.MAJOR)


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
    assert diff(old, new).step is Step.MAJOR


LABELS = ("supported", "disputed", "erroneous")
STANCES = ("supports", "refutes")


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
    assert diff(old, new).step is Step.MAJOR


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
    assert diff(old, new).step is Step.MAJOR
    assert "- 1 row of `later` removed: `x`.\n" in FORMATS["markdown"](diff(old, new))
    assert list(diff(old, new).new.rows) == ["claims", "evidence", "articles", "sentences", "facts", "later"]


def test_rows_in_another_order(old: Path, new: Path) -> None:
    path = new / table_path("claims")
    table = pq.read_table(path)
    pq.write_table(table.take(list(range(len(table)))[::-1]), path, row_group_size=4)
    assert told(old, new) == [("rows reordered", "claims", "")]
    assert diff(old, new).step is Step.PATCH
    assert "- `claims`: the rows stand in another order.\n" in FORMATS["markdown"](diff(old, new))


def test_files_come_and_go(old: Path, new: Path) -> None:
    (new / "view.html").unlink()
    (new / "charts" / "more.svg").write_text("<svg/>", encoding="utf-8")
    assert told(old, new) == [("file added", "", "charts/more.svg"), ("file gone", "", "view.html")]
    assert (
        FORMATS["markdown"](diff(old, new))
        == "## 1.1.1\n\n- File added: `charts/more.svg`.\n- File gone: `view.html`.\n"
    )


# Releases without the texts

WITHHELD = [
    ("text withheld", "claims", "context"),
    ("text withheld", "evidence", "context"),
    ("text withheld", "articles", "text"),
    ("text withheld", "sentences", "text"),
]


@pytest.fixture(scope="session")
def without_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the invented project without the texts."""
    folder = tmp_path_factory.mktemp("none")
    project = Path(shutil.copytree(PROJECT, folder / "project"))
    return build(open_project(project), folder / "release", lambda: None, "none")[0]


def test_the_texts_are_withheld_or_given(old: Path, without_texts: Path) -> None:
    """That is said once for each column, and nothing of the rows and the files that are different for it."""
    assert told(old, without_texts) == WITHHELD
    assert told(without_texts, old) == [("text given", *rest) for _, *rest in WITHHELD]
    assert (diff(old, without_texts).step, diff(without_texts, old).step) == (Step.MAJOR, Step.MINOR)
    text = FORMATS["text"](diff(old, without_texts))
    assert "articles\n  text withheld  text  null in every row of the new release, not compared\n" in text


def test_everything_else_is_compared_without_the_texts(
    old: Path, without_texts: Path, releases: Callable[[str], Path], tmp_path: Path
) -> None:
    """An article's text by its sum; and the card is that of the full release."""
    project = edited(Path(shutil.copytree(PROJECT, tmp_path / "project")), EDITS["text"])
    new = build(open_project(project), tmp_path / "none", lambda: None, "none")[0]
    full = told(old, releases("text"))
    assert ("text changed", "articles", "c3") in full
    assert told(without_texts, new) == full
    assert told(old, new) == [
        *WITHHELD[:2],
        WITHHELD[2],
        full[0],
        WITHHELD[3],
        *(f for f in full[1:] if f[2] != "view.html"),
    ]


# Texts


def big(release: Path, count: int) -> None:
    """Makes a release with many claims of the first one."""
    table = pq.read_table(release / table_path("claims"))
    row = table.to_pylist()[0]
    rows = [row | {"id": f"claim-{number}"} for number in range(count)]
    pq.write_table(pa.Table.from_pylist(rows, table.schema), release / table_path("claims"))


def test_long_lists_are_cut_for_people_and_whole_for_programs(old: Path, new: Path) -> None:
    big(new, 1000)
    found = diff(old, new)
    added = [f"claim-{number}" for number in range(1000)]
    text, entry = FORMATS["text"](found), FORMATS["markdown"](found)
    assert f"  added    claim-{LISTED - 1}\n  added    … and {1000 - LISTED} more\n" in text
    assert f", `claim-{LISTED - 1}` … and {1000 - LISTED} more.\n" in entry
    assert f"claim-{LISTED}" not in text + entry
    group = next(group for group in json.loads(FORMATS["json"](found))["changes"] if group["change"] == "added")
    assert group == {
        "config": "claims",
        "change": "added",
        "step": "minor",
        "count": 1000,
        "items": [{"id": key} for key in added],
    }


def test_what_a_stranger_wrote_does_not_reach_the_terminal_as_it_is(old: Path, new: Path) -> None:
    """A release from a hub may hold anything: escapes are shown, lines stay lines, code spans stay code spans."""
    (new / "x`<b>\x1b[2J\n# y").write_text("", encoding="utf-8")
    (new / "\x1b[2J").mkdir()
    shutil.copy(new / table_path("facts"), new / "\x1b[2J" / "facts.parquet")
    found = diff(old, new)
    for form in ("text", "markdown"):
        assert "\x1b" not in FORMATS[form](found)
    shutil.rmtree(new / "\x1b[2J")
    found = diff(old, new)
    assert "\n  file added  x`<b>\\x1b[2J\\n# y\n" in FORMATS["text"](found)
    assert "- File added: `x'<b>\\x1b[2J\\n# y`.\n" in FORMATS["markdown"](found)
    assert json.loads(FORMATS["json"](found))["changes"][0]["items"] == [{"file": "x`<b>\x1b[2J\n# y"}]


def test_a_first_release(old: Path) -> None:
    found = diff(None, old)
    assert (found.old, found.differences, found.step) == (None, (), Step.NONE)
    assert changelog_entry(found, "1.1.0") == (
        "## 1.1.0\n\n- First release: 23 claims from 3 articles, with 33 passages of evidence and 10 facts.\n"
    )
    assert FORMATS["text"](found) == "ferry-factcheck 1.1.0\n\nfirst release: 1.1.0\n"
    assert json.loads(FORMATS["json"](found))["old"] is None


def test_the_changelog_entry_names_the_version_that_it_is_given(releases: Callable[[str], Path], old: Path) -> None:
    assert changelog_entry(diff(old, releases("fact")), "3.0.0") == "## 3.0.0\n\n- 1 fact added: `captain-name`.\n"


# The command


def test_the_command_line(run: Run, old: Path, releases: Callable[[str], Path]) -> None:
    same = run("diff", old, old)
    assert (same.exit_code, same.stdout, same.stderr) == (
        0,
        "ferry-factcheck 1.1.0 -> 1.1.0\n\nnothing changed\n",
        "",
    )
    for form, ending in ENDINGS.items():
        changed = run("diff", old, releases("fact"), "--format", form)
        assert changed.exit_code == 1
        assert changed.stdout == (EXPECTED / f"fact.{ending}").read_text(encoding="utf-8")
        assert changed.stderr == ("smallest step: MINOR (1.1.0 -> 1.2.0)\n" if form == "markdown" else "")


def test_the_present_sources(run: Run, old: Path, without_texts: Path, project_folder: Path) -> None:
    """They are built somewhere else, and in the form of the release that they are compared with."""
    before = contents(project_folder)
    assert run("diff", old, project_folder).exit_code == 0
    assert run("diff", project_folder, project_folder).exit_code == 0
    assert run("diff", without_texts, project_folder).exit_code == 0
    edited(project_folder, EDITS["fact"])
    changed = run("diff", old, project_folder)
    assert (changed.exit_code, changed.stdout) == (1, (EXPECTED / "fact.txt").read_text(encoding="utf-8"))
    assert contents(project_folder).keys() == before.keys()


def test_a_project_with_errors(run: Run, old: Path, project_folder: Path) -> None:
    """As `factpack build` prints them."""
    edited(project_folder, [("annotations/a1.yaml", "quote: Nobody was hurt", "quote: Nobody was harmed")])
    failed = run("diff", old, project_folder)
    assert failed.exit_code == 2
    assert failed.stdout == run("build", project_folder).stdout
    assert "error[quote-not-found]" in failed.stdout
    assert failed.stderr.endswith("; nothing was compared\n")


def test_places_without_a_release(run: Run, old: Path, tmp_path: Path) -> None:
    neither = "is neither a release (it has no release.json) nor a project (it has no annotations/dataset.yaml)"
    missing = tmp_path / "x"
    for place, message in {
        tmp_path: f"{tmp_path} {neither}",
        missing: f"there is no {missing}; a dataset on a hub is named with its revision, such as org/name@v1.0.0",
    }.items():
        failed = run("diff", old, place)
        assert (failed.exit_code, failed.stdout, failed.stderr) == (2, "", f"Error: {message}\n")


def test_what_exists_locally_wins(run: Run, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(old, tmp_path / "org" / "name@v1.0.0")
    assert run("diff", "org/name@v1.0.0", old).exit_code == 0


# Damage


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def scratched(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4] + bytes(len(data) // 2) + data[4 + len(data) // 2 :])


def without_ids(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop_columns("id"), path)


def with_an_id_twice(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table[:1]]), path)


def with_strange_metadata(path: Path) -> None:
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"huggingface": '{"info": {"features": {"id": 5}}}'}), path)


@pytest.mark.parametrize("damage", [truncated, scratched, without_ids, with_an_id_twice, with_strange_metadata])
def test_a_damaged_table(old: Path, new: Path, run: Run, damage: Callable[[Path], None]) -> None:
    """It is named, on whichever side it is."""
    damage(new / table_path("claims"))
    for sides in ((old, new), (new, old)):
        with pytest.raises(NotAReleaseError, match="claims"):
            diff(*sides)
        failed = run("diff", *sides)
        assert (failed.exit_code, failed.stdout) == (2, "")
        assert str(new / "claims") in failed.stderr


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "x"}', "\udcff"])
def test_a_damaged_manifest(old: Path, new: Path, text: str) -> None:
    (new / "release.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(NotAReleaseError, match=r"release\.json"):
        diff(old, new)


def test_a_manifest_without_a_version(old: Path, new: Path) -> None:
    manifest = json.loads((new / "release.json").read_bytes()) | {"version": "latest"}
    (new / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(NotAReleaseError, match=r"release\.json cannot be read .* at `\$\.version`"):
        diff(old, new)


# Whatever changes

WORDS = st.sampled_from(["a", "b", "𝕏"])
PASSAGES = st.lists(st.fixed_dictionaries({"quote": WORDS, "stance": st.sampled_from([0, 1])}), max_size=2)
ROWS = st.fixed_dictionaries(
    {
        "label": st.sampled_from([0, 1, 2]),
        "claim": WORDS,
        "article": WORDS,
        "quote": WORDS,
        "start": st.integers(0, 1),
        "end": st.integers(1, 2),
        "rationale": WORDS | st.none(),
        "evidence": PASSAGES,
        "changed_in": WORDS,
    }
)
TABLES = st.dictionaries(st.sampled_from([f"claim-{n}" for n in range(40)]), ROWS, min_size=1, max_size=40)
Table = dict[str, Row]


@dataclass(frozen=True)
class Written:
    """A release with nothing but claims."""

    folder: Path

    @classmethod
    def of(cls, rows: Table, folder: Path) -> "Written":
        (folder / "claims").mkdir(parents=True)
        table = pa.Table.from_pylist([{"id": key, **row} for key, row in rows.items()], SCHEMA)
        pq.write_table(table, folder / table_path("claims"), row_group_size=7)
        manifest = {"name": "x", "version": "1.0.0", "text": "full", "tables": {}, "built_with": {}}
        (folder / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
        write_sums(folder, {})
        return cls(folder)


SCHEMA = datasets.Features(
    {
        "id": datasets.Value("string"),
        "label": datasets.ClassLabel(names=list(LABELS)),
        **{name: datasets.Value("string") for name in ("claim", "article", "quote", "rationale", "changed_in")},
        **{name: datasets.Value("int64") for name in ("start", "end")},
        "evidence": datasets.List(
            {"quote": datasets.Value("string"), "stance": datasets.ClassLabel(names=list(STANCES))}
        ),
    }
).arrow_schema


def by_hand(old: Table, new: Table) -> set[tuple[Change, str]]:
    """The changes of rows, row by row and word by word."""
    found = {(Change.REMOVED, key) for key in old.keys() - new.keys()}
    found |= {(Change.ADDED, key) for key in new.keys() - old.keys()}
    kinds = {
        Change.RELABELLED: ("label",),
        Change.TEXT: ("claim",),
        Change.REANCHORED: ("article", "quote", "start", "end"),
        Change.EVIDENCE: ("evidence",),
        Change.CHANGED: ("rationale",),
    }
    for key in old.keys() & new.keys():
        found |= {
            (change, key) for change, names in kinds.items() if any(old[key][name] != new[key][name] for name in names)
        }
    shared = [key for key in old if key in new]
    return found | ({(Change.REORDERED, "")} if shared != [key for key in new if key in old] else set())


def changes(found: Diff) -> set[tuple[Change, str]]:
    return {(difference.change, difference.subject) for difference in found.differences}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES, TABLES, st.randoms(use_true_random=False), st.data())
def test_any_two_tables(old: Table, other: Table, random: Any, data: st.DataObject) -> None:
    """As compared by hand; the other way round, mirrored; with itself, nothing; with less, no larger step."""
    kept = data.draw(st.sets(st.sampled_from(sorted(old))))
    new = {
        **{key: old[key] for key in old if key in kept},
        **{key: row for key, row in other.items() if key not in kept},
    }
    if data.draw(st.booleans()):
        keys = list(new)
        random.shuffle(keys)
        new = {key: new[key] for key in keys}
    half = {key: row for key, row in old.items() if key in new or key in kept}  # nothing but some removals
    event(f"{len(old.keys() & new.keys()) > 7}: several row groups to match")
    with tempfile.TemporaryDirectory() as folder:
        one, two, three = (
            Written.of(table, Path(folder) / str(number)).folder for number, table in enumerate((old, new, half or old))
        )
        found, back = diff(one, two), diff(two, one)
        assert changes(found) == by_hand(old, new)
        assert len(found.differences) == len(changes(found))
        assert diff(one, one).differences == diff(two, two).differences == ()
        assert found.step is max((difference.step for difference in found.differences), default=Step.NONE)
        assert diff(one, three).step <= found.step
        mirror = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
        turned = {(mirror.get(change, change), subject) for change, subject in changes(back)}
        assert turned == changes(found)
        values = {(d.change, d.subject): (d.old, d.new) for d in found.differences}
        assert {(mirror.get(d.change, d.change), d.subject): (d.new, d.old) for d in back.differences} == values
        for difference in found.differences:
            assert difference == told_by_hand(difference, old, new)


def told_by_hand(difference: Difference, old: Table, new: Table) -> Difference:
    """The same change with its details, from the rows."""
    key, change = difference.subject, difference.change
    if change in (Change.ADDED, Change.REMOVED, Change.REORDERED):
        return Difference(change, "claims", key)
    shown: dict[Change, Callable[[Row], Any]] = {
        Change.RELABELLED: lambda row: LABELS[row["label"]],
        Change.TEXT: lambda row: row["claim"],
        Change.REANCHORED: lambda row: Anchor(row["article"], row["start"], row["end"], row["quote"]),
    }
    columns = tuple(name for name in difference.columns if old[key][name] != new[key][name])
    show = shown.get(change, lambda _: None)
    return Difference(change, "claims", key, columns, show(old[key]), show(new[key]))


def test_derived_tables_are_never_more_than_a_patch(old: Path, new: Path) -> None:
    for config in DERIVED:
        if (new / config).exists():
            rewrite(new, config, lambda row: row | {"id": f"{row['id']}!"})
    found = diff(old, new)
    assert {d.change for d in found.differences} == {Change.ADDED, Change.REMOVED}
    assert found.step is Step.PATCH
