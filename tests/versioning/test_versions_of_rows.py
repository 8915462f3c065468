"""Since when a row is there, and when it last changed, over several releases."""

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from conftest import PROJECT, Run, edit
from factpack.dataset.rows.row_versions import row_digests
from releases import rows
from versioning.bumps import A1, DATASET, RELEASED, replace, row_versions, unchanged


def test_row_versions_say_when_a_row_came_and_when_it_changed(released: Path, run: Run) -> None:
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert run("release", released).exit_code == 0
    second = released / "dist/ferry-factcheck-1.1.1"
    found = row_versions(second, "claims")
    assert found.pop("late-40-minutes-a1") == ("1.1.0", "1.1.1")
    assert set(found.values()) == {("1.1.0", "1.1.0")}
    for name in ("evidence", "articles", "sentences", "facts"):
        assert set(row_versions(second, name).values()) == {("1.1.0", "1.1.0")}
    replace(released, "annotations/facts.yaml", "How late did the ferry leave?", "How late was the ferry?")
    replace(released, DATASET, "version: 1.1.1", "version: 1.1.2")
    assert run("release", released).exit_code == 0
    third = released / "dist/ferry-factcheck-1.1.2"
    assert row_versions(third, "claims") == row_versions(second, "claims")
    assert [pair for pair in row_versions(third, "facts").values() if pair != ("1.1.0", "1.1.0")] == [
        ("1.1.0", "1.1.2")
    ]


def test_versions_of_rows_have_the_right_form(released: Path, run: Run) -> None:
    """It is said of each line, though the versions of lines that are right are looked at together."""
    path = released / RELEASED
    path.write_bytes(path.read_bytes().replace(b'"added_in":"1.1.0"', b'"added_in":"v1"', 2))
    done = run("check", released)
    assert done.stdout.count("error[malformed-value]: malformed value `v1`") == 2
    assert [line.split(":")[1] for line in done.stdout.split("\n") if "error" in line] == ["2", "3"]


def test_of_rows_that_stand_twice_the_last_counts(released: Path, run: Run) -> None:
    """In whatever order the lines stand."""
    release, *lines = (released / RELEASED).read_bytes().splitlines(keepends=True)
    other = [line.replace(b'"sum":"', b'"sum":"0') for line in lines]
    for noted, changed_in in ((other + lines[::-1], "1.1.0"), (lines[::-1] + other, "1.2.0")):
        (released / RELEASED).write_bytes(b"".join([release, *noted]))
        edit(released, "dataset.yaml", lambda data: data.update(version="1.2.0"))
        assert run("build", released, "--out", released / "dist/again").exit_code == 0
        for name in ("claims", "evidence", "articles", "sentences", "facts"):
            assert set(row_versions(released / "dist/again", name).values()) == {("1.1.0", changed_in)}


def test_a_pre_release_becomes_the_release(project_folder: Path, run: Run) -> None:
    """Though nothing changes; once."""
    project = project_folder.resolve()
    replace(project, DATASET, "version: 1.1.0", "version: 1.2.0-rc.1")
    assert run("release", project).exit_code == 0
    replace(project, DATASET, "version: 1.2.0-rc.1", "version: 1.2.0-rc.2")
    said = "Nothing changed since 1.2.0-rc.1; there is nothing to release.\nnothing was released\n"
    assert unchanged(project, run) == said
    replace(project, DATASET, "version: 1.2.0-rc.2", "version: 1.2.0")
    done = run("release", project)
    assert (done.exit_code, done.stderr) == (0, "")
    assert set(row_versions(project / "dist/ferry-factcheck-1.2.0", "claims").values()) == {
        ("1.2.0-rc.1", "1.2.0-rc.1")
    }


VERSIONS = ("1.0.0", "1.1.0", "1.2.0-rc.1", "1.2.0", "1.10.0")


def claims_up_to(project: Path, versions: dict[str, str], now: str) -> None:
    """Leaves out the claims of versions after ``now``."""

    def change(data: Any) -> None:
        order = VERSIONS.index
        data["claims"] = [c for c in data["claims"] if order(versions.get(c["id"], "1.0.0")) <= order(now)]

    edit(project, "dataset.yaml", lambda data: data.update(version=now))
    edit(project, "articles.yaml", lambda data: [article.update(annotation="partial") for article in data["articles"]])
    for name in ("a1.yaml", "b2.yaml", "c3.yaml"):
        edit(project, name, change)


def test_rows_of_later_versions_come_last(tmp_path: Path, run: Run) -> None:
    """By version, not by text (1.10.0 is after 1.2.0), and every version's table is the beginning of the next one's.

    Only the fold of a row can change with what is added.
    """
    versions = {
        "late-40-minutes-a1": "1.10.0",
        "passengers-900-a1": "1.2.0",
        "in-service-2023-b2": "1.2.0-rc.1",
        "departs-1230-b2": "1.1.0",
        "ticket-45-kr-c3": "1.1.0",
        "in-service-2023-c3": "1.0.0",
    }
    tables: dict[str, list[list[dict[str, Any]]]] = {"claims": [], "evidence": []}
    last: Path | None = None
    for now in VERSIONS:
        project = Path(shutil.copytree(PROJECT, tmp_path / now))
        claims_up_to(project, versions, now)
        if last:
            shutil.copy(last / RELEASED, project / RELEASED)
        since = [f"--since={last}/dist/ferry-factcheck-{last.name}"] if last else []
        done = run("release", project, *since)
        assert done.exit_code == 0, done.output
        last = project
        for config, made in tables.items():
            made.append(rows(project / f"dist/ferry-factcheck-{now}", config))
    assert [len(made) for made in tables["claims"]] == [18, 20, 21, 22, 23]
    for made in tables.values():
        for old, new in itertools.pairwise(made):
            assert len(old) < len(new)
            kept = [row | {name: before[name] for name in ("fold", "changed_in")} for row, before in zip(new, old)]  # noqa: B905 - those that follow are new
            assert kept == old
            moved = [row["changed_in"] for row, before in zip(new, old) if row["fold"] != before["fold"]]  # noqa: B905 - the same
            assert set(moved) <= {new[-1]["added_in"]}
    assert [(row["id"], row["added_in"]) for row in tables["claims"][-1][18:]] == [
        ("departs-1230-b2", "1.1.0"),
        ("ticket-45-kr-c3", "1.1.0"),
        ("in-service-2023-b2", "1.2.0-rc.1"),
        ("passengers-900-a1", "1.2.0"),
        ("late-40-minutes-a1", "1.10.0"),
    ]
    assert {row["added_in"] for row in tables["claims"][0]} == {"1.0.0"}
    for claims, evidence in zip(*tables.values(), strict=True):
        assert [row["id"] for row in claims] == list(dict.fromkeys(row["claim_id"] for row in evidence))


def test_a_new_column_is_no_change_of_the_rows(released: Path, run: Run) -> None:
    """Here the history is what it would be if the last release had not had the column `fold`."""
    lines = [json.loads(line) for line in (released / RELEASED).read_bytes().splitlines()]
    claims = {row["id"]: row for row in rows(released / "dist/ferry-factcheck-1.1.0", "claims")}
    lines[0]["columns"]["claims"].remove("fold")
    for line in lines[1:]:
        if line["config"] == "claims":
            left_out = ("fold", "added_in", "changed_in")
            (line["sum"],) = row_digests(pa.Table.from_pylist([claims[line["id"]]]).drop_columns(left_out))
    (released / RELEASED).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.2.0")
    assert run("build", released).exit_code == 0
    found = row_versions(released / "dist/ferry-factcheck-1.2.0", "claims")
    assert found.pop("late-40-minutes-a1") == ("1.1.0", "1.2.0")
    assert set(found.values()) == {("1.1.0", "1.1.0")}
