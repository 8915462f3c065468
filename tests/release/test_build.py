"""A release: the same bytes everywhere, whole at every moment, and nothing wrong in it goes unseen."""

import contextlib
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import PROJECT, Run, edit
from factpack.checks.report import CheckFailedError
from factpack.dataset.table_files import table_path
from factpack.errors import NotAReleaseError
from factpack.formats.registry import open_project
from factpack.release.verification.verify import verify
from releases import FILES, contents, factpack, make, rows

# The same bytes


def test_the_bytes_depend_on_the_sources_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    """Another hash seed, time zone, locale, working folder, place and order of creation: every file is the same."""
    names = sorted(path.relative_to(PROJECT) for path in PROJECT.rglob("*") if path.is_file())
    settings = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"},
        {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "C", "PYTHONUTF8": "0", "LANGUAGE": "de"},
    ]
    made = []
    for number, setting in enumerate(settings):
        project = tmp_path / f"place-{number}" / "project"
        for name in names if number else reversed(names):
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_bytes((PROJECT / name).read_bytes())
        cwd = project if number else tmp_path
        result = factpack("build", "." if number else project, env=environment | setting, cwd=cwd)
        assert (result.returncode, result.stderr) == (0, "")
        made.append(contents(Path(result.stdout.rstrip("\n"))))
    assert sorted(made[0]) == FILES
    assert made[0] == made[1]


def test_the_order_in_which_the_system_lists_files_is_no_matter(project_folder: Path) -> None:
    """It is another one on every file system; few sort by name."""
    folder = project_folder / "annotations"
    for number in range(20):
        (folder / f"n{number:02}.yaml").write_bytes(b"")
    with os.scandir(folder) as entries:
        listed = [entry.name for entry in entries if entry.name[0] in "abcn" and len(entry.name) < 9]
    if listed == sorted(listed):
        pytest.skip("this file system sorts by name, so that nothing is seen here")
    names = [path.name for path in open_project(project_folder).annotations]
    assert names == sorted(listed) == ["a1.yaml", "b2.yaml", "c3.yaml", *(f"n{number:02}.yaml" for number in range(20))]


def test_no_path_of_the_machine_and_no_time_is_in_a_release(built: Path) -> None:
    """They would tell who built it, and change from build to build."""
    for name, data in contents(built).items():
        assert str(built.parent).encode() not in data, name
        assert time.strftime("%Y-%m-%d").encode() not in data, name


# What is printed, and where it goes


def test_build_prints_the_path_and_nothing_else(
    project_folder: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Into a pipe goes the path alone, no bar; ``--out`` is the place, exactly; nothing is left anywhere else."""
    before = contents(project_folder)
    result = factpack("build", "project", "--out", "deep/here", env=environment, cwd=tmp_path)
    assert (result.returncode, result.stdout, result.stderr) == (0, f"{tmp_path / 'deep' / 'here'}\n", "")
    assert sorted(contents(tmp_path / "deep" / "here")) == FILES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["here"]
    assert contents(project_folder) == before
    assert not (project_folder / "dist").exists()
    assert list((tmp_path / "temp").iterdir()) == []


def test_warnings_do_not_hide_the_path(project_folder: Path, environment: dict[str, str]) -> None:
    """They are counted on stderr; the last line of stdout is the path, by default dist/NAME-VERSION."""
    edit(project_folder, "facts.yaml", lambda data: data["facts"].append({"id": "unasked", "question": "Who asked?"}))
    result = factpack("build", project_folder, env=environment)
    assert result.returncode == 0
    assert result.stdout.splitlines() == [str(project_folder / "dist" / "ferry-factcheck-1.1.0")]
    assert result.stderr == "0 errors, 1 warning; `factpack check` shows them\n"


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
@pytest.mark.parametrize(
    ("command", "printed", "bar"),
    [("build", "{}/dist/ferry-factcheck-1.1.0\n", b"Building: 100%"), ("check", "", b"Checking:   0%")],
)
def test_a_terminal_gets_a_bar(
    project_folder: Path, environment: dict[str, str], command: str, printed: str, bar: bytes
) -> None:
    """The silence in a pipe is a choice, not a bar that never works."""
    import fcntl  # noqa: PLC0415 - there is none on Windows
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    whole = [sys.executable, "-m", "factpack", command, str(project_folder)]
    with subprocess.Popen(whole, env=environment, stdout=subprocess.PIPE, stderr=theirs, encoding="utf-8") as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more
        assert process.stdout is not None
        assert process.stdout.read() == printed.format(project_folder)
    os.close(ours)
    assert bar in shown
    assert b"Generating" not in shown  # the bars of `datasets` stay off


# What is refused


def test_a_project_with_errors_is_not_built(project_folder: Path, run: Run) -> None:
    """Exit status 1, the problems on stdout, nothing written, the older release untouched."""
    old = make(project_folder)
    edit(project_folder, "a1.yaml", lambda data: data["claims"][0].update(quote="left Port Ellery 41 minutes late"))
    before = contents(project_folder)
    result = run("build", project_folder)
    assert result.exit_code == 1
    assert "error[quote-not-found]" in result.stdout
    assert re.fullmatch(
        r"1 error, 0 warnings; nothing was built\n`factpack rules [a-z-]+` explains the rule\.\n", result.stderr
    )
    assert contents(project_folder) == before
    assert list((project_folder / "dist").iterdir()) == [old]


def test_an_error_in_an_article_that_others_quote_is_an_error_and_no_crash(project_folder: Path) -> None:
    """The evidence in it has no place, and that comes up before the article's own turn."""
    seed = project_folder / "seeds" / "c3_minato.txt"
    seed.write_bytes(seed.read_bytes() + b"\n")
    with pytest.raises(CheckFailedError) as raised:
        make(project_folder)
    assert [problem.rule for problem in raised.value.report.problems] == ["seed-changed"]
    assert not any((project_folder / "dist").glob("*"))


def test_a_project_without_claims_is_an_error_and_no_crash(project_folder: Path) -> None:
    """`datasets` cannot load a table without rows, so there is nothing to release."""
    for path in project_folder.glob("annotations/[abc]?.yaml"):
        path.unlink()
    edit(
        project_folder,
        "articles.yaml",
        lambda data: [article.update(annotation="partial") for article in data["articles"]],
    )
    edit(project_folder, "facts.yaml", lambda data: data.update(facts=[]))
    with pytest.raises(CheckFailedError) as raised:
        make(project_folder)
    assert [p.path for p in raised.value.report.problems if p.severity == "error"] == ["annotations/dataset.yaml"]


@pytest.mark.parametrize(
    ("file", "content"),
    [("notes.txt", "mine"), ("release.json", '{"name": "a program of mine"}'), ("README.md", "# Mine")],
)
def test_a_folder_that_is_no_release_is_left_alone(
    project_folder: Path, tmp_path: Path, run: Run, file: str, content: str
) -> None:
    """Exit status 2, whatever the folder holds; a foreign release.json does not make a release of it."""
    out = tmp_path / "out"
    (out / "work").mkdir(parents=True)
    (out / file).write_text(content, encoding="utf-8")
    (out / "work" / "thesis.txt").write_text("ten years", encoding="utf-8")
    before = contents(tmp_path)
    result = run("build", project_folder, "--out", out)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"{out} exists and is not a release" in " ".join(result.stderr.split())
    assert contents(tmp_path) == before


def test_a_file_in_the_way_is_left_alone(project_folder: Path, tmp_path: Path) -> None:
    """``--out`` can name a file by mistake."""
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(NotAReleaseError):
        make(project_folder, tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_is_no_obstacle(project_folder: Path, tmp_path: Path) -> None:
    """Somebody may have made it beforehand."""
    (tmp_path / "out").mkdir()
    verify(make(project_folder, tmp_path / "out"))
    assert sorted(contents(tmp_path / "out")) == FILES


def test_an_older_release_is_replaced(project_folder: Path, release: Path) -> None:
    """No file of it stays behind, and no scratch folder."""
    old = contents(release)
    edit(project_folder, "a1.yaml", lambda data: data["claims"][0].update(rationale="Another reason."))
    assert make(project_folder, release) == release
    assert sorted(contents(release)) == FILES
    assert contents(release)[table_path("claims")] != old[table_path("claims")]
    assert rows(release, "claims")[0]["rationale"] == "Another reason."
    assert {path.name for path in release.parent.iterdir()} <= {"release", "project", "home", "temp"}
    assert (release.stat().st_mode & 0o777) == 0o755


# Whole at every moment

BUILD_ON_DEMAND = """
import os, sys, time
from pathlib import Path
from factpack.formats.registry import open_project
from factpack.release.build import build
import factpack.release.verification.verify
out, *projects = map(Path, sys.argv[1:])
for number, _ in enumerate(sys.stdin):
    child = os.fork()  # a build of its own, which can be killed without a new start of Python
    if not child:
        begun = time.monotonic()
        build(open_project(projects[number % 2]), out, lambda: None)
        print("took", time.monotonic() - begun, flush=True)
        os._exit(0)
    print("pid", child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""
MOMENTS = [*(i / 8 for i in range(6)), *(0.7 + i / 40 for i in range(14))]  # the move comes last, so most are there


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a thing of Unix")
def test_a_killed_build_leaves_a_whole_release(built: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    """Two versions are built in turn into one place, and the process is killed: one of the two is there, whole."""
    other = Path(shutil.copytree(PROJECT, tmp_path / "other"))
    edit(other, "a1.yaml", lambda data: data["claims"][0].update(rationale="Another reason."))
    whole = [contents(built), contents(make(other, tmp_path / "made"))]
    out = tmp_path / "kill" / "out"
    shutil.copytree(built, out)
    command = [sys.executable, "-c", BUILD_ON_DEMAND, str(out), str(other), str(PROJECT)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, encoding="utf-8") as process:

        def start() -> int:
            assert process.stdin is not None
            print("build", file=process.stdin, flush=True)
            return int(answer("pid"))

        def answer(word: str) -> str:
            assert process.stdout is not None
            return process.stdout.readline().removeprefix(word)

        took = 0.0
        for _ in range(2):
            start()
            took = float(answer("took"))
            assert answer("ended") == "\n"
        seen = []
        for moment in MOMENTS:
            before = contents(out)
            child = start()
            time.sleep(moment * took)
            with contextlib.suppress(ProcessLookupError):  # it was through already
                os.kill(child, signal.SIGKILL)
            while answer("ended") != "\n":
                pass
            assert contents(out) in whole
            seen.append(contents(out) == before)
        process.communicate()
    verify(out)
    assert any(seen)  # a build was killed before its end


@pytest.mark.skipif(sys.platform == "win32", reason="signals to one process are a thing of Unix")
@pytest.mark.parametrize("presses", [1, 5])
@pytest.mark.parametrize("wait", [0.0, 0.1, 0.25, 0.4])
def test_an_interrupted_build_cleans_up(
    project_folder: Path, tmp_path: Path, environment: dict[str, str], wait: float, presses: int
) -> None:
    """Ctrl-C, once or until it ends: no scratch folder and no temporary cache stay behind, no traceback is shown."""
    dist = project_folder / "dist"
    command = [sys.executable, "-m", "factpack", "build", str(project_folder)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        while process.poll() is None and not (dist.is_dir() and any(dist.iterdir())):
            time.sleep(0.002)
        time.sleep(0.01 + wait)
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.03)
        _, errors = process.communicate(timeout=30)
    left = [path.name for path in dist.iterdir()] if dist.is_dir() else []
    assert left in ([], ["ferry-factcheck-1.1.0"])
    assert "Traceback" not in errors
    if left:
        verify(dist / left[0])
    else:
        assert process.returncode in (1, -signal.SIGINT)  # which of the two is up to the libraries that saw the signal
    assert list((tmp_path / "temp").iterdir()) == []
