"""What `factpack release` refuses, and what it says then; nothing is changed."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import Run
from factpack.dataset.table_files import table_path
from releases import contents
from versioning.bumps import A1, DATASET, RELEASED, replace, rewritten, unchanged


@pytest.mark.parametrize(
    ("name", "old", "new", "step", "smallest"),
    [
        (A1, "b2 gives the same delay.", "b2 gives that delay.", "PATCH", "1.1.1"),
        (
            A1,
            "claim: The ferry left Port Ellery 40 minutes late.",
            "claim: The ferry was 40 minutes late at Port Ellery.",
            "MAJOR",
            "2.0.0",
        ),
    ],
)
def test_a_version_that_is_too_small(  # noqa: PLR0913, PLR0917 - a case is a change and what it needs
    name: str, old: str, new: str, step: str, smallest: str, released: Path, run: Run
) -> None:
    text = (released / name).read_text(encoding="utf-8")
    assert old in text
    (released / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert unchanged(released, run) == (
        "1.1.0 is already released. Write a later version in annotations/dataset.yaml.\nnothing was released\n"
    )
    if step != "PATCH":
        replace(released, DATASET, "version: 1.1.0", "version: 1.2.0")
        assert unchanged(released, run) == (
            f"1.2.0 is too small after 1.1.0: the changes need a {step} step. Write {smallest} or later in "
            "annotations/dataset.yaml; `factpack diff` shows the changes.\nnothing was released\n"
        )
        replace(released, DATASET, "version: 1.2.0", "version: 1.1.0")
    replace(released, DATASET, "version: 1.1.0", f"version: {smallest}")
    assert run("release", released).exit_code == 0


def test_nothing_to_release(released: Path, run: Run) -> None:
    replace(released, DATASET, "version: 1.1.0", "version: 2.0.0")
    said = "Nothing changed since 1.1.0; there is nothing to release.\nnothing was released\n"
    assert unchanged(released, run) == said


def test_the_last_release_has_to_be_at_hand(released: Path, run: Run, tmp_path: Path) -> None:
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    elsewhere = Path(shutil.move(released / "dist/ferry-factcheck-1.1.0", tmp_path / "elsewhere"))
    assert unchanged(released, run) == (
        "The last release, 1.1.0, is not in dist/ferry-factcheck-1.1.0. Say where it is, for example "
        "with --since ORG/NAME@v1.1.0, or build it there from its own sources.\nnothing was released\n"
    )
    assert run("release", released, "--since", elsewhere).exit_code == 0


def test_another_release_is_not_taken_for_the_last_one(released: Path, run: Run) -> None:
    """Otherwise the diff, and with it the smallest version, would be wrong."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    last = released / "dist/ferry-factcheck-1.1.0"
    kept = contents(last)
    done = run("build", released)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: {last} is already released with other rows; raise `version:` in annotations/dataset.yaml, or choose "
        "another --out\n"
    )
    assert contents(last) == kept
    done = run("build", released, "--out", last)
    assert done.exit_code == 0
    assert done.stderr == (
        "1.1.0 is already released with other rows; raise `version:` in annotations/dataset.yaml to release these\n"
    )
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        f"{last} is not ferry-factcheck 1.1.0 as it was released: "
        "annotations/released.jsonl has other digests for its tables.\n"
        "nothing was released\n"
    )


def test_the_last_release_has_to_have_its_texts(released: Path, run: Run, tmp_path: Path) -> None:
    """Without them it could not be told whether one changed."""
    none = tmp_path / "none"
    assert run("build", released, "--text", "none", "--out", none).exit_code == 0
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run, "--since", str(none)) == (
        f"{none} does not have the texts; `factpack hydrate {none} seeds --out FOLDER` restores them\n"
        "nothing was released\n"
    )
    assert run("hydrate", none, released / "seeds", "--out", tmp_path / "full").exit_code == 0
    assert run("release", released, "--since", tmp_path / "full").exit_code == 0


@pytest.mark.parametrize("damaged", ["history", "rows", "values", "row_versions", "names", "table"])
def test_the_history_has_to_be_that_of_the_last_release(damaged: str, released: Path, run: Run) -> None:
    """Otherwise rows would tell wrong versions, or the diff would."""
    last = released / "dist/ferry-factcheck-1.1.0"
    match damaged:
        case "history":
            lines = (released / RELEASED).read_bytes().splitlines(keepends=True)
            (released / RELEASED).write_bytes(b"".join(lines[:-1]))
        case "rows":
            path = last / table_path("claims")
            pq.write_table(pq.read_table(path)[1:], path)
        case "values":
            rewritten(last / table_path("facts"), lambda row: row | {"question": row["question"].lower()})
        case "row_versions":
            rewritten(last / table_path("facts"), lambda row: row | {"changed_in": "1.0.0"})
        case "names":
            rewritten(last / table_path("facts"), lambda row: row | {'a "name"': 0})
        case "table":
            (last / table_path("facts")).unlink()
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        f"{last} has other rows, or other versions of them, than annotations/released.jsonl records for 1.1.0. "
        "Do not edit that file: restore it from the commit of the release. If the release was changed, build it "
        "again from that commit, or name another copy of it with --since.\nnothing was released\n"
    )


def test_a_released_version_without_the_texts(released: Path, run: Run) -> None:
    """It is not built from other rows than those that were released."""
    assert run("build", released, "--text", "none").exit_code == 0
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    folder = released / "dist/ferry-factcheck-1.1.0-text-none"
    kept = contents(folder)
    done = run("build", released, "--text", "none")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{folder} is already released with other rows" in done.stderr
    assert contents(folder) == kept
    done = run("build", released, "--text", "none", "--out", folder)
    assert (done.exit_code, done.stderr.partition(";")[0]) == (0, "1.1.0 is already released with other rows")


def test_a_project_with_errors_is_not_released(released: Path, run: Run) -> None:
    replace(released, A1, "speaker: Ines Dahl", "speaker: Ina Dahl")
    before = contents(released)
    done = run("release", released)
    said = "1 error, 0 warnings; nothing was released\n`factpack rules unknown-speaker` explains the rule.\n"
    assert (done.exit_code, done.stderr) == (1, said)
    assert "error[unknown-speaker]" in done.stdout
    assert contents(released) == before


def test_text_of_the_template_is_not_released(released: Path, run: Run) -> None:
    """It is an error then, among all others; `factpack check` goes on to warn of it."""
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    replace(released, DATASET, "title: Ferry Fact-Check", "title: An example")
    warned = run("check", released)
    assert (warned.exit_code, warned.stderr) == (
        0,
        "0 errors, 1 warning\n`factpack rules placeholder-text` explains the rule.\n",
    )
    before = contents(released)
    for change in (lambda: None, lambda: replace(released, A1, "speaker: Ines Dahl", "speaker: Ina Dahl")):
        change()
        before |= {A1: (released / A1).read_bytes()}
        done = run("release", released)
        assert done.exit_code == 1
        assert done.stdout.endswith(
            "annotations/dataset.yaml:3:8: error[placeholder-text]: `title` still has the template text\n"
            "  hint: Write the human-readable name of the dataset. Until then the dataset cannot be released or "
            "published.\n"
        )
        assert contents(released) == before
    assert done.stderr.startswith("2 errors, 0 warnings; nothing was released\n`factpack rules ")
