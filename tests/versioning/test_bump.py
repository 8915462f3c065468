"""Releases one after the other: versions, changelog and history; and those that are broken off."""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import factpack
from conftest import Run, edit
from factpack.errors import VersionRefusedError
from releases import contents, rows
from versioning.bumps import A1, CHANGELOG, DATASET, RELEASED, replace, row_versions, unchanged


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
        assert set(row_versions(folder, name).values()) == {("1.1.0", "1.1.0")}


def test_a_lost_history_is_no_first_release(released: Path, run: Run) -> None:
    """Else every row would be new, and any version large enough."""
    (released / RELEASED).unlink()
    replace(released, "annotations/dataset.yaml", "version: 1.1.0", "version: 1.1.1")
    assert unchanged(released, run) == (
        "annotations/CHANGELOG.md has a section for 1.1.0, but annotations/released.jsonl has no release. Restore it "
        "from the commit of the last release. If factpack has released nothing yet, write those headings with `###`.\n"
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
        assert done.stdout.endswith("rebuilt from the sources: every file has the same bytes\n")


def test_the_changelog_is_written_from_the_diff(released: Path, run: Run) -> None:
    """What a person wrote for the coming version introduces it; older sections stay as they are."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    path = released / CHANGELOG
    first = path.read_text(encoding="utf-8").removeprefix("# Changelog of ferry-factcheck\n\n")
    head = "# Changelog of ferry-factcheck\n\nWhat changed for whoever uses the data.\n\n"
    path.write_text(f"{head}## Unreleased\n\nA rationale was unclear.\n\n{first}", encoding="utf-8")
    assert run("release", released).exit_code == 0
    entry = f"## 1.1.1\n\nA rationale was unclear.\n\n{ENTRY}\n"
    assert path.read_text(encoding="utf-8") == head + entry + first


OLDER = "## 1.1.0\n\n```\n## no heading\n```\n"
ENTRY = "- 1 claim changed: `late-40-minutes-a1` (rationale).\n- Rows of `propositions`: 1 changed.\n"


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


KILLED = """
import os, signal, sys
moves, project = int(sys.argv[1]), sys.argv[2]
targets = [f"{project}/dist/ferry-factcheck-1.1.1", f"{project}/annotations/CHANGELOG.md",
           f"{project}/annotations/released.jsonl"]
def kill_before(event, args):
    if event == "os.rename" and str(args[1]) == targets[moves]:
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(kill_before)
import factpack
factpack.load_project(project).bump()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a thing of Unix")
@pytest.mark.parametrize("moves", range(3))
def test_a_release_that_is_broken_off(moves: int, released: Path, run: Run) -> None:
    """Killed before any of the moves that it ends with, the same command finishes it, and no note is lost."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    first = (released / CHANGELOG).read_text(encoding="utf-8").removeprefix("# Changelog of ferry-factcheck\n\n")
    (released / CHANGELOG).write_text(f"# C\n\n## Unreleased\n\nNote.\n\n{first}", encoding="utf-8")
    noted, made = (released / RELEASED).read_bytes(), released / "dist" / "ferry-factcheck-1.1.1"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(moves), released], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert (released / RELEASED).read_bytes() == noted
    assert [made.exists(), "1.1.1" in (released / CHANGELOG).read_text(encoding="utf-8")] == [moves > 0, moves > 1]
    assert run("release", released).exit_code == 0
    assert (released / CHANGELOG).read_text(encoding="utf-8") == f"# C\n\n## 1.1.1\n\nNote.\n\n{ENTRY}\n{first}"
    assert sorted(path.name for path in (released / "dist").iterdir() if not path.name.startswith(".factpack-")) == [
        "ferry-factcheck-1.1.0",
        "ferry-factcheck-1.1.1",
    ]


def test_two_releases_at_once(released: Path) -> None:
    """The one that ends last does not write over what the other one noted."""
    replace(released, A1, "b2 gives the same delay.", "b2 gives that delay.")
    replace(released, DATASET, "version: 1.1.0", "version: 1.1.1")
    noted: list[dict[str, bytes]] = []

    def release_another() -> None:
        if not noted:  # the first article of this one passes
            factpack.load_project(released).bump()
            noted.append(contents(released))

    with pytest.raises(VersionRefusedError) as raised:
        factpack.load_project(released).bump(progress=release_another)
    assert str(raised.value) == (
        "annotations/released.jsonl was changed in the meantime, perhaps by another `factpack release`. Run it again."
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
