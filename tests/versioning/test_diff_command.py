"""Comparing releases without the texts, long lists, the command line, and damaged releases."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run
from factpack.dataset.table_files import table_path
from factpack.errors import NotAReleaseError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.version_policy import Step
from factpack.versioning.diff import diff
from factpack.versioning.diff_report import FORMATS, LISTED, changelog_entry
from releases import contents
from versioning.edits import EDITS, ENDINGS, EXPECTED, edited, told

WITHHELD = [
    ("text withheld", "claims", "context"),
    ("text withheld", "propositions", "context"),
    ("text withheld", "evidence", "context"),
    ("text withheld", "articles", "text"),
    ("text withheld", "sentences", "text"),
]


def test_the_texts_are_withheld_or_given(old: Path, without_texts: Path) -> None:
    """That is said once for each column, and nothing of the rows and the files that are different for it."""
    assert told(old, without_texts) == WITHHELD
    assert told(without_texts, old) == [("text given", *rest) for _, *rest in WITHHELD]
    assert (diff(old, without_texts).required_step, diff(without_texts, old).required_step) == (Step.MAJOR, Step.MINOR)
    text = FORMATS["text"](diff(old, without_texts))
    assert "articles\n  text withheld  text  null in every row of the new release, not compared\n" in text


def test_everything_else_is_compared_without_the_texts(
    old: Path, without_texts: Path, releases: Callable[[str], Path], tmp_path: Path
) -> None:
    """An article's text by its digest; and the card is that of the full release."""
    project = edited(Path(shutil.copytree(PROJECT, tmp_path / "project")), EDITS["text"])
    new = build(open_project(project), tmp_path / "none", lambda: None, "none")[0]
    full = told(old, releases("text"))
    assert ("text changed", "articles", "c3") in full
    assert told(without_texts, new) == full
    assert told(old, new) == [
        *WITHHELD[:4],
        full[0],
        WITHHELD[4],
        *(f for f in full[1:] if f[2] != "view.html"),
    ]


def test_a_damaged_manifest_of_the_full_release(without_texts: Path, tmp_path: Path) -> None:
    """It is told as a file that changed: nothing else of it is read."""
    for number, data in enumerate((b"{", b"[1]", b'{"name": "\xff"}')):
        damaged = Path(shutil.copytree(without_texts, tmp_path / str(number)))
        (damaged / "full/release.json").write_bytes(data)
        assert told(without_texts, damaged) == [("file changed", "", "release.json")]


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
    assert (found.old, found.differences, found.required_step) == (None, (), Step.NONE)
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
        missing: f"{missing} does not exist; give a dataset on a hub with its revision, such as org/name@v1.0.0",
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
