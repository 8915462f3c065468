"""Releases one after the other: versions, changelog, history and the stamps of the rows."""

import itertools
import json
import resource
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run, edit
from factpack import changelog
from factpack.columns import table_path
from factpack.stamps import row_sums

CHANGELOG = "annotations/CHANGELOG.md"
RELEASED = "annotations/released.jsonl"
A1 = "annotations/a1.yaml"
DATASET = "annotations/dataset.yaml"


def replace(project: Path, name: str, old: str, new: str) -> None:
    """Changes one place of a file, in the project or in a release."""
    path = project / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def rows(release: Path, config: str) -> list[dict[str, Any]]:
    """The rows of a table, as pyarrow reads them."""
    return list(pq.read_table(release / table_path(config)).to_pylist())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stamps(release: Path, config: str) -> dict[str, tuple[str, str]]:
    """Since when each row is there, and when it last changed."""
    return {row["id"]: (row["added_in"], row["changed_in"]) for row in rows(release, config)}


@pytest.fixture
def released(project_folder: Path, run: Run) -> Path:
    """A project whose version 1.1.0 is released."""
    project = project_folder.resolve()
    done = run("release", project)
    assert (done.exit_code, done.stderr) == (0, "")
    return project


def rewritten(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Changes every row of a table."""
    pq.write_table(pa.Table.from_pylist([change(row) for row in pq.read_table(path).to_pylist()]), path)


def unchanged(project: Path, run: Run, *args: str) -> str:
    """Runs a release that is refused, and leaves everything as it was; returns what it says."""
    before = contents(project)
    done = run("release", project, *args)
    assert (done.exit_code, done.stdout) == (1, "")
    assert contents(project) == before
    return str(done.stderr)


def test_the_first_release(project_folder: Path, run: Run) -> None:
    project = project_folder.resolve()
    folder = project / "dist/ferry-factcheck-1.1.0"
    done = run("release", project)
    assert done.stdout == f"ferry-factcheck 1.1.0\n\nfirst release: 1.1.0\n{folder}\n"
    assert (project / CHANGELOG).read_text(encoding="utf-8") == (
        "# Changelog of ferry-factcheck\n\n## 1.1.0\n\n"
        "- First release: 23 claims from 3 articles, with 33 passages of evidence and 10 facts.\n"
    )
    lines = [json.loads(line) for line in (project / RELEASED).read_bytes().splitlines()]
    manifest = json.loads((folder / "release.json").read_bytes())
    tables = manifest["tables"]
    assert lines[0] == {
        "kind": "release",
        "version": "1.1.0",
        "tables": {name: table["content_sha256"] for name, table in tables.items()},
        "columns": {name: list(rows(folder, name)[0])[:-2] for name in tables},
    }
    assert len(lines) == 1 + sum(table["rows"] for table in tables.values())
    for name in tables:
        assert set(stamps(folder, name).values()) == {("1.1.0", "1.1.0")}


def test_a_lost_history_is_no_first_release(released: Path, run: Run) -> None:
    """Else every row would be new, and any version large enough."""
    (released / RELEASED).unlink()
    replace(released, "annotations/dataset.yaml", "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        "annotations/CHANGELOG.md tells of 1.1.0, and annotations/released.jsonl of no release. Take that file from "
        "the commit of the last release, or, if factpack has released nothing yet, write those headings with `###`.\n"
        "nothing was released\n"
    )
    replace(released, CHANGELOG, "## 1.1.0", "### 1.1.0")
    assert run("release", released).exit_code == 0


def test_a_release_can_be_built_again_from_its_sources(released: Path, run: Run) -> None:
    """Its own history among them, whichever version it is; also after rows were changed, renamed and removed."""
    again = released / "dist" / "again"
    for version in ("1.1.0", "2.0.0"):
        if version == "2.0.0":
            replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
            edit(released, "c3.yaml", lambda data: data["claims"][0].update(id="ferry-of-c3"))
            replace(released, "annotations/dataset.yaml", "version: 1.1.0", "version: 2.0.0")
            assert run("release", released).exit_code == 0
        folder = released / f"dist/ferry-factcheck-{version}"
        assert run("build", released, "--out", again).exit_code == 0
        assert contents(again) == contents(folder)
        done = run("verify", folder, released)
        assert done.stdout.endswith("built again from the sources, every file has the same bytes\n")


def test_stamps_say_when_a_row_came_and_when_it_changed(released: Path, run: Run) -> None:
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert run("release", released).exit_code == 0
    second = released / "dist/ferry-factcheck-1.1.1"
    found = stamps(second, "claims")
    assert found.pop("late-40-minutes-a1") == ("1.1.0", "1.1.1")
    assert set(found.values()) == {("1.1.0", "1.1.0")}
    for name in ("evidence", "articles", "sentences", "facts"):
        assert set(stamps(second, name).values()) == {("1.1.0", "1.1.0")}
    replace(released, "annotations/facts.yaml", "How late did the ferry leave?", "How late was the ferry?")
    replace(released, DATASET, "version: 1.1.1", "version: 1.1.2")
    assert run("release", released).exit_code == 0
    third = released / "dist/ferry-factcheck-1.1.2"
    assert stamps(third, "claims") == stamps(second, "claims")
    assert [stamp for stamp in stamps(third, "facts").values() if stamp != ("1.1.0", "1.1.0")] == [("1.1.0", "1.1.2")]


def test_the_changelog_is_written_from_the_diff(released: Path, run: Run) -> None:
    """What a person wrote for the coming version introduces it; older sections stay as they are."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    path = released / CHANGELOG
    first = path.read_text(encoding="utf-8").removeprefix("# Changelog of ferry-factcheck\n\n")
    head = "# Changelog of ferry-factcheck\n\nWhat changed for whoever uses the data.\n\n"
    path.write_text(f"{head}## Unreleased\n\nA rationale was unclear.\n\n{first}", encoding="utf-8")
    assert run("release", released).exit_code == 0
    entry = "## 1.1.1\n\nA rationale was unclear.\n\n- 1 claim changed: `late-40-minutes-a1` (rationale).\n\n"
    assert path.read_text(encoding="utf-8") == head + entry + first


OLDER = "## 1.1.0\n\n```\n## no heading\n```\n"
ENTRY = "- 1 claim changed: `late-40-minutes-a1` (rationale).\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"# C\n\n## Unreleased\n\n{OLDER}", f"# C\n\n## 1.1.1\n\n{ENTRY}\n{OLDER}"),
        (f"## Unreleased\n\nNote.\n\n{OLDER}", f"## 1.1.1\n\nNote.\n\n{ENTRY}\n{OLDER}"),
        (f"\ufeff{OLDER}", f"## 1.1.1\n\n{ENTRY}\n{OLDER}"),
        (f"# C\n\n## [unreleased]\t\nNote.\n{OLDER}", f"# C\n\n## 1.1.1\n\nNote.\n\n{ENTRY}\n{OLDER}"),
        (f"# C\n\n## 1.1.1\n\nBy hand.\n\n{OLDER}", f"# C\n\n## 1.1.1\n\nBy hand.\n\n{ENTRY}\n{OLDER}"),
        ("", f"# Changelog of ferry-factcheck\n\n## 1.1.1\n\n{ENTRY}"),
    ],
    ids=["empty section", "no title", "byte order mark", "brackets", "the version itself", "empty"],
)
def test_a_changelog_as_people_write_it(before: str, after: str, released: Path, run: Run) -> None:
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    (released / CHANGELOG).write_bytes(before.replace("\n", "\r\n").encode())
    assert run("release", released).exit_code == 0
    assert (released / CHANGELOG).read_bytes().decode() == after


def test_a_changelog_that_cannot_be_read(released: Path, run: Run) -> None:
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    (released / CHANGELOG).write_bytes("# Ge\u00e4ndert\n".encode("latin-1"))
    said = "annotations/CHANGELOG.md is not UTF-8: invalid continuation byte at byte 4. Save it as UTF-8.\n"
    assert unchanged(released, run) == f"{said}nothing was released\n"


@pytest.mark.parametrize("moves", range(3))
def test_a_release_that_is_broken_off(moves: int, released: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any of the moves that it ends with, the same command finishes it, and no note is lost."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    first = (released / CHANGELOG).read_text(encoding="utf-8").removeprefix("# Changelog of ferry-factcheck\n\n")
    (released / CHANGELOG).write_text(f"# C\n\n## Unreleased\n\nNote.\n\n{first}", encoding="utf-8")
    noted, done = (released / RELEASED).read_bytes(), []

    def counted(move: Callable[..., object]) -> Callable[..., object]:
        def moved(*args: Any) -> object:
            if any(
                released / "annotations" == Path(arg).parent or arg == released / "dist/ferry-factcheck-1.1.1"
                for arg in args
                if isinstance(arg, Path)
            ):
                if len(done) == moves:
                    raise KeyboardInterrupt
                done.append(args)
            return move(*args)

        return moved

    with monkeypatch.context() as patch:
        patch.setattr("factpack.changelog.move_in", counted(changelog.move_in))
        patch.setattr(Path, "replace", counted(Path.replace))
        assert run("release", released).exit_code == 1
    assert len(done) == moves
    assert (released / RELEASED).read_bytes() == noted
    assert run("release", released).exit_code == 0
    assert (released / CHANGELOG).read_text(encoding="utf-8") == f"# C\n\n## 1.1.1\n\nNote.\n\n{ENTRY}\n{first}"
    assert sorted(path.name for path in (released / "dist").iterdir()) == [
        "ferry-factcheck-1.1.0",
        "ferry-factcheck-1.1.1",
    ]


def test_two_releases_at_once(released: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that ends last does not write over what the other one noted."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    build = changelog.build

    def build_while_another_releases(*args: Any) -> object:
        built = build(*args)
        monkeypatch.setattr("factpack.changelog.build", build)
        assert run("release", released).exit_code == 0
        noted.append(contents(released))
        return built

    noted: list[dict[str, bytes]] = []
    monkeypatch.setattr("factpack.changelog.build", build_while_another_releases)
    done = run("release", released)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "Meanwhile annotations/released.jsonl was changed, such as by another `factpack release`. Run it again.\n"
        "nothing was released\n"
    )
    assert {name: data for name, data in noted[0].items() if "/.factpack-" not in name} == contents(released)


def test_the_disk_is_full(released: Path, run: Run) -> None:
    """It is said, without a traceback, and nothing has changed."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    before = contents(released)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
    try:
        done = run("release", released)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert done.exit_code == 1
    assert "File too large" in done.stderr
    assert done.stderr.endswith("; nothing was released\n")
    assert contents(released) == before


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
        "1.1.0 is released already. Write a later version in annotations/dataset.yaml.\nnothing was released\n"
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
        "The last release, 1.1.0, is not in dist/ferry-factcheck-1.1.0. Say where it is, such as "
        "--since ORG/NAME@v1.1.0, or build it there from its own sources.\nnothing was released\n"
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
        f"Error: {last} is released with other rows; raise `version:` in annotations/dataset.yaml, or choose another "
        "--out\n"
    )
    assert contents(last) == kept
    done = run("build", released, "--out", last)
    assert done.exit_code == 0
    assert done.stderr == (
        "1.1.0 is released with other rows; raise `version:` in annotations/dataset.yaml to release these\n"
    )
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        f"{last} is not ferry-factcheck 1.1.0 as it was released: "
        "annotations/released.jsonl has other sums for its tables.\n"
        "nothing was released\n"
    )


def test_the_last_release_has_to_have_its_texts(released: Path, run: Run, tmp_path: Path) -> None:
    """Without them it could not be told whether one changed."""
    none = tmp_path / "none"
    assert run("build", released, "--text", "none", "--out", none).exit_code == 0
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run, "--since", str(none)) == (
        f"{none} is without the texts; `factpack hydrate {none} seeds --out FOLDER` puts them back\n"
        "nothing was released\n"
    )
    assert run("hydrate", none, released / "seeds", "--out", tmp_path / "full").exit_code == 0
    assert run("release", released, "--since", tmp_path / "full").exit_code == 0


@pytest.mark.parametrize("damaged", ["history", "rows", "values", "stamps", "names", "table"])
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
        case "stamps":
            rewritten(last / table_path("facts"), lambda row: row | {"changed_in": "1.0.0"})
        case "names":
            rewritten(last / table_path("facts"), lambda row: row | {'a "name"': 0})
        case "table":
            (last / table_path("facts")).unlink()
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        f"{last} has other rows, or other versions beside them, than annotations/released.jsonl notes for 1.1.0. "
        "Nobody edits that file: take it back from the commit of the release. If the release was changed, build it "
        "again from that commit, or name another copy of it by --since.\nnothing was released\n"
    )


def test_versions_of_rows_have_the_right_form(released: Path, run: Run) -> None:
    """It is said of each line, though the versions of lines that are right are looked at together."""
    path = released / RELEASED
    path.write_bytes(path.read_bytes().replace(b'"added_in":"1.1.0"', b'"added_in":"v1"', 2))
    done = run("check", released)
    assert done.stdout.count("error[malformed-value]: `v1` does not have the right form") == 2
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
            assert set(stamps(released / "dist/again", name).values()) == {("1.1.0", changed_in)}


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
    assert set(stamps(project / "dist/ferry-factcheck-1.2.0", "claims").values()) == {("1.2.0-rc.1", "1.2.0-rc.1")}


def test_a_released_version_without_the_texts(released: Path, run: Run) -> None:
    """It is not built from other rows than those that were released."""
    assert run("build", released, "--text", "none").exit_code == 0
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    folder = released / "dist/ferry-factcheck-1.1.0-text-none"
    kept = contents(folder)
    done = run("build", released, "--text", "none")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{folder} is released with other rows" in done.stderr
    assert contents(folder) == kept
    done = run("build", released, "--text", "none", "--out", folder)
    assert (done.exit_code, done.stderr.partition(";")[0]) == (0, "1.1.0 is released with other rows")


def test_a_project_with_errors_is_not_released(released: Path, run: Run) -> None:
    replace(released, A1, "speaker: Ines Dahl", "speaker: Ina Dahl")
    before = contents(released)
    done = run("release", released)
    assert (done.exit_code, done.stderr) == (1, "1 error, 0 warnings; nothing was released\n")
    assert "error[unknown-speaker]" in done.stdout
    assert contents(released) == before


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
    """By version, not by text (1.10.0 is after 1.2.0), and every version's table is the beginning of the next one's."""
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
            assert new[: len(old)] == old
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
            (line["sum"],) = row_sums(pa.Table.from_pylist([claims[line["id"]]]).drop_columns(left_out))
    (released / RELEASED).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.2.0")
    assert run("build", released).exit_code == 0
    found = stamps(released / "dist/ferry-factcheck-1.2.0", "claims")
    assert found.pop("late-40-minutes-a1") == ("1.1.0", "1.2.0")
    assert set(found.values()) == {("1.1.0", "1.1.0")}
