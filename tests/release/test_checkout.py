"""Projects and releases after Git, or an operating system, had them in hand."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT, Run
from factpack.formats.registry import open_project
from factpack.project.checkout import KEEP_BYTES
from factpack.release.build import build
from factpack.release.layout import SUMS, listed_digests

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 1234\n" % (b"0" * 64)
IS_POINTER = "a Git LFS pointer instead of the file itself. Fetch the file with `git lfs pull`."
TABLE = "claims/test-00000-of-00001.parquet"
CLUTTER = (
    ".DS_Store",
    "Thumbs.db",
    "thumbs.db",
    "Desktop.ini",
    "._README.md",
    "claims/.DS_Store",
    "claims/._t.parquet",
)


def git(folder: Path, *args: str) -> None:
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", str(folder), *names, *args], check=True, capture_output=True)


def cloned(folder: Path, to: Path) -> Path:
    """What a checkout with core.autocrlf makes of a folder."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "all")
    git(folder.parent, "-c", "core.autocrlf=true", "clone", "--quiet", str(folder), str(to))
    shutil.rmtree(to / ".git")
    return to


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found if ".git" not in path.parts}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release, which no test may change."""
    project = Path(shutil.copytree(PROJECT, tmp_path_factory.mktemp("built") / "project"))
    (project / "annotations/GUIDELINES.md").write_bytes(b"# Rules\r\n\r\nAs they are.\n")
    return build(open_project(project), None, lambda: None).folder


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "release"))


def test_a_release_keeps_its_bytes_in_git(release: Path, built: Path, tmp_path: Path, run: Run) -> None:
    assert (release / ".gitattributes").read_bytes() == KEEP_BYTES
    assert ".gitattributes" in listed_digests(release)
    clone = cloned(release, tmp_path / "clone")
    assert files(clone) == files(built)
    assert run("verify", clone).exit_code == 0


def test_a_new_project_keeps_its_bytes_in_git(tmp_path: Path, run: Run) -> None:
    assert run("init", tmp_path / "new", "--example").exit_code == 0
    before = files(tmp_path / "new")
    clone = cloned(tmp_path / "new", tmp_path / "clone")
    assert files(clone) == before
    assert run("check", clone).exit_code == 0


def test_guidelines_are_copied_with_line_feeds(built: Path) -> None:
    assert (built / "GUIDELINES.md").read_bytes() == b"# Rules\n\nAs they are.\n"


def test_other_line_ends_in_a_release_are_said_to_be_that(release: Path, built: Path, tmp_path: Path, run: Run) -> None:
    """As in a release of an older version, which has no .gitattributes."""
    (release / ".gitattributes").unlink()
    clone = cloned(release, tmp_path / "clone")
    (clone / ".gitattributes").write_bytes(KEEP_BYTES)
    changed = sorted(name for name, data in files(built).items() if (clone / name).read_bytes() != data)
    assert {"README.md", "release.json", "view.html", "GUIDELINES.md", SUMS} < set(changed)
    result = run("verify", clone)
    assert result.exit_code == 1
    assert result.stderr == "".join(
        f"{name}: only its line endings differ. Git converts line endings at checkout with `core.autocrlf`. Run "
        f"`git config core.autocrlf false`, delete the file, and restore it with `git checkout -- {name}`. A line "
        "`* -text` in .gitattributes prevents it.\n"
        for name in [SUMS, *(name for name in changed if name != SUMS)]
    )
    assert run("publish", (tmp_path / "store").as_uri(), clone).exit_code == 1
    assert not (tmp_path / "store").exists()
    assert run("diff", built, clone).exit_code == 0  # line ends are no change of the dataset


def test_articles_with_other_line_ends_are_said_to_be_that(tmp_path: Path, run: Run) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    none = build(open_project(project), tmp_path / "none", lambda: None, "none").folder
    seed = project / "seeds/c3_minato.txt"
    seed.write_bytes(seed.read_bytes().replace(b"\n", b"\r\n"))
    (project / "seeds/a1_harbour-gazette.txt").write_bytes(POINTER)
    result = run("hydrate", none, project / "seeds", "--out", tmp_path / "full")
    assert result.exit_code == 1
    assert f"a1_harbour-gazette.txt: it is {IS_POINTER}\n" in result.stderr
    assert "c3_minato.txt: only its line endings differ. Git converts" in result.stderr


@pytest.mark.parametrize("name", [TABLE, "README.md", "view.html", "release.json", SUMS])
def test_a_pointer_of_git_lfs_in_a_release_is_said_to_be_one(
    name: str, release: Path, built: Path, tmp_path: Path, run: Run
) -> None:
    (release / name).write_bytes(POINTER)
    result = run("verify", release)
    assert result.exit_code == 1
    assert result.stderr == f"{name}: it is {IS_POINTER}\n"
    published = run("publish", (tmp_path / "store").as_uri(), release)
    assert published.exit_code != 0
    assert not (tmp_path / "store").exists()
    if name in (TABLE, "release.json"):
        compared = run("diff", built, release)
        assert (compared.exit_code, IS_POINTER in compared.stderr) == (2, True)


def test_what_systems_leave_in_a_release_is_no_part_of_it(release: Path, built: Path, tmp_path: Path, run: Run) -> None:
    for name in CLUTTER:
        (release / name).write_bytes(b"\x00")
    assert run("verify", release).exit_code == 0
    for sides in ((built, release), (release, built)):
        assert run("diff", *sides).exit_code == 0
    store = tmp_path / "store"
    assert run("publish", store.as_uri(), release).exit_code == 0
    assert files(store / "v1.1.0") == files(built)
    (store / "v1.1.0/.DS_Store").write_bytes(b"\x00")
    again = run("publish", store.as_uri(), release)
    assert (again.exit_code, "nothing to do" in again.stdout) == (0, True)
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    assert run("build", project, "--out", release).exit_code == 0
    assert not (release / ".DS_Store").exists()


def test_what_systems_leave_may_not_be_listed(release: Path, run: Run) -> None:
    with (release / SUMS).open("ab") as sums:
        sums.write(b"0" * 64 + b"  Thumbs.db\n")
    assert run("verify", release).stderr == (
        "Thumbs.db: listed in SHA256SUMS, but a file that operating systems create is not part of a release\n"
    )


@pytest.mark.parametrize("make", [lambda run, to: run("init", to), lambda run, to: run("build", PROJECT, "--out", to)])
def test_what_systems_leave_does_not_fill_a_folder(
    make: Callable[[Run, Path], object], tmp_path: Path, run: Run
) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new/.DS_Store").write_bytes(b"\x00")
    assert getattr(make(run, tmp_path / "new"), "exit_code", None) == 0


def test_another_file_in_a_release_is_named(release: Path, run: Run) -> None:
    (release / "notes.txt").write_bytes(b"mine")
    result = run("build", PROJECT, "--out", release)
    assert (result.exit_code, (release / "notes.txt").exists()) == (2, True)
    assert "contains notes.txt, which is not part of a release; move it away" in result.stderr


def test_the_attributes_of_a_hub_take_the_place_of_those_of_the_release(release: Path, run: Run) -> None:
    (release / ".gitattributes").write_bytes(b"*.parquet filter=lfs diff=lfs merge=lfs -text\n")
    assert run("verify", release).exit_code == 0
    (release / ".gitattributes").write_bytes(b"* text\n")
    assert run("verify", release).stderr == ".gitattributes: its SHA-256 does not match SHA256SUMS\n"
    (release / ".gitattributes").unlink()
    assert run("verify", release).stderr == ".gitattributes: missing, but listed in SHA256SUMS\n"
