"""What a file system can do to a command: names, permissions, full disks, and signals in the midst of writing."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from checks.test_check import unprivileged
from conftest import PROJECT, Run
from factpack.atomic import scratch_folder
from factpack.release.layout import EXTRA_HINT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="these are things of Unix")

NOT_UTF8 = os.fsdecode(b"caf\xe9")


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A folder whose name is not UTF-8."""
    folder = tmp_path / NOT_UTF8
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has only names that are UTF-8")
    return folder


def test_a_project_in_a_folder_whose_name_is_not_utf8(odd: Path, run: Run) -> None:
    """It checks and can be looked at; Arrow cannot write there, which is said before anything is read."""
    project = Path(shutil.copytree(PROJECT, odd / "project"))
    assert run("check", project).exit_code == 0
    result = run("build", project)
    assert result.stderr == (
        f"Error: {odd.parent}/caf\\xe9/project/dist: the name is not UTF-8, and pyarrow cannot open files in it; "
        "rename it\n"
    )
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_release_in_a_folder_whose_name_is_not_utf8(built: Path, odd: Path, run: Run) -> None:
    copy = Path(shutil.copytree(built, odd / "release"))
    said = f"{odd.parent}/caf\\xe9/release: the name is not UTF-8, and pyarrow cannot open files in it; rename it"
    for command in (["verify", copy], ["diff", built, copy], ["build", PROJECT, "--out", copy]):
        result = run(*command)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"Error: {said}\n")


def test_a_file_of_a_release_whose_name_is_not_utf8(release: Path, built: Path, odd: Path, run: Run) -> None:
    """It is shown in the same way everywhere, and JSON stays JSON."""
    (release / odd.name).touch()
    assert "\nfiles\n  file added  caf\\xe9\n" in run("diff", built, release).stdout
    assert "- File added: `caf\\xe9`.\n" in run("diff", built, release, "--format", "markdown").stdout
    told = json.loads(run("diff", built, release, "--format", "json").stdout)
    assert {"file": "caf\\xe9"} in [item for change in told["changes"] for item in change["items"]]
    assert run("verify", release).stderr == f"caf\\xe9: not listed in SHA256SUMS. {EXTRA_HINT}\n"
    refused = f"Error: {release} contains caf\\xe9, which is not part of a release; move it away\n"
    assert run("build", PROJECT, "--out", release).stderr == refused


def test_a_path_is_printed_byte_for_byte(odd: Path, environment: dict[str, str]) -> None:
    """A script that takes the last line for a path finds the file, whatever the locale."""
    command = [sys.executable, "-m", "factpack", "init", str(odd / "new")]
    done = subprocess.run(
        command, env=environment | {"PYTHONIOENCODING": "utf-8:strict"}, capture_output=True, check=True
    )
    assert done.stdout.startswith(b"Created a project in " + os.fsencode(odd / "new") + b". ")


def test_a_release_that_may_only_be_read(release: Path) -> None:
    """As on a read-only mount, for somebody who is not root."""
    for path in (release, *release.rglob("*"), release.parent):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(release.parent.rglob("*"))
    done = unprivileged("verify", release)
    release.parent.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    assert "every config loads\n" in done.stdout
    assert sorted(release.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("closed", "named"),
    [
        ("", "/release.json"),
        ("claims", "/claims"),
        ("charts", "/charts"),
        ("README.md", "/README.md"),
        ("release.json", "/release.json"),
        ("SHA256SUMS", "/SHA256SUMS"),
    ],
)
@pytest.mark.parametrize(
    ("command", "undone", "status"), [("diff", "; nothing was compared", 2), ("verify", "; nothing was verified", 1)]
)
def test_a_release_that_may_not_be_read(  # noqa: PLR0913, PLR0917 - fixtures
    release: Path,
    built: Path,
    closed: str,
    named: str,
    command: str,
    undone: str,
    status: int,
) -> None:
    """What may not be read is not missing, or damaged."""
    others = [built] * (command == "diff")
    (release / closed).chmod(0)
    done = unprivileged(command, release, *others)
    (release / closed).chmod(0o755)
    if closed == "SHA256SUMS" and command == "diff":  # which does not need it
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert done.stderr == f"Error: {release}{named}: Permission denied{undone}\n"
    assert (done.returncode, done.stdout) == (status, "")


#: -B: else Python would write byte code that is cut off.
LIMITED = """
import os, sys
from resource import RLIMIT_FSIZE, setrlimit
from signal import SIG_IGN, SIGXFSZ, signal
signal(SIGXFSZ, SIG_IGN)
setrlimit(RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.executable, [sys.executable, "-B", "-m", "factpack", *sys.argv[2:]])
"""
ON_A_SMALL_DISK = 'mount -t tmpfs -o size="$0" none "$1" && shift && exec "$@"'


def limited(size: int, *args: str | Path, env: dict[str, str]) -> tuple[int, str, str]:
    """The command line in a process that may write only files up to a size in bytes."""
    command = [sys.executable, "-c", LIMITED, str(size), *map(str, args)]
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def on_a_small_disk(disk: Path, *args: str | Path, env: dict[str, str]) -> tuple[int, str, str]:
    """The command line in a name space of its own, in which a folder is a disk that is soon full."""
    inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", ON_A_SMALL_DISK, "12k", str(disk)]
    if not shutil.which("unshare") or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody make a name space with a disk of its own")
    command = [*inside, sys.executable, "-m", "factpack", *map(str, args)]
    done = subprocess.run(command, env=env, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("size", [500, 9000])
def test_no_space_for_what_is_temporary(
    built: Path,
    tmp_path: Path,
    environment: dict[str, str],
    size: int,
) -> None:
    """A release is not damaged because it cannot be read back, and the message says where there is no space."""
    said = f"Error: {tmp_path}/temp: File too large; nothing was verified\n"
    assert limited(size, "verify", built, env=environment) == (1, "", said)


@pytest.mark.parametrize("size", [3000, 20_000])
def test_no_space_for_a_release(project_folder: Path, environment: dict[str, str], size: int) -> None:
    said = f"Error: {project_folder}/dist: File too large; nothing was built\n"
    assert limited(size, "build", project_folder, env=environment) == (1, "", said)
    assert not (project_folder / "dist").exists()


def test_a_full_disk(
    built: Path,
    project_folder: Path,
    tmp_path: Path,
    environment: dict[str, str],
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    full = f"{disk}: No space left on device"
    environment["TMPDIR"] = str(disk)
    said = f"Error: {full}; nothing was verified\n"
    assert on_a_small_disk(disk, "verify", built, env=environment) == (1, "", said)
    said = f"Error: {full}; nothing was built\n"
    assert on_a_small_disk(disk, "build", project_folder, env=environment) == (1, "", said)
    environment["TMPDIR"] = str(tmp_path / "temp")
    assert on_a_small_disk(disk, "build", project_folder, "--out", disk / "out", env=environment) == (1, "", said)
    said = f"Error: {full}\n"
    assert on_a_small_disk(disk, "view", project_folder, "--out", disk / "page.html", env=environment) == (1, "", said)
    status, printed, errors = on_a_small_disk(disk, "publish", f"file://{disk}", built, env=environment)
    assert (status, printed, full.partition(": ")[2] in errors, str(disk) in errors) == (1, "", True, True)


@pytest.mark.parametrize("there", [False, True])
def test_init_makes_a_whole_project_or_none(
    tmp_path: Path,
    environment: dict[str, str],
    *,
    there: bool,
) -> None:
    """An empty folder that was there stays as it was."""
    folder = tmp_path / "work/new"
    if there:
        folder.mkdir(parents=True)
    for size in (0, 1000, 2000):
        status, printed, errors = limited(size, "init", folder, env=environment)
        said = f"\nError: {folder} cannot be created (File too large); choose another folder\n"
        assert (status, printed, errors.endswith(said)) == (2, "", True)
        assert list(folder.iterdir()) == [] if there else not (tmp_path / "work").exists()
    assert limited(100_000, "init", folder, env=environment)[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == [".gitattributes", "annotations", "seeds"]


@contextmanager
def building(project: Path, env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A build in a process of its own, which has begun to write."""
    command = [sys.executable, "-m", "factpack", "build", str(project)]
    before = set(project.glob("dist/.factpack-*/release"))
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as begun:
        try:
            while begun.poll() is None and not set(project.glob("dist/.factpack-*/release")) - before:
                time.sleep(0.002)
            yield begun
        finally:
            with suppress(ProcessLookupError):
                begun.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end(
    project_folder: Path,
    tmp_path: Path,
    environment: dict[str, str],
    number: signal.Signals,
) -> None:
    """Nothing temporary is left, and the shell sees which signal it was."""
    with building(project_folder, environment) as process:
        process.send_signal(number)
        printed, errors = process.communicate(timeout=30)
    assert (process.returncode, printed, errors) == (128 + number, "", "")
    assert not (project_folder / "dist").exists()
    assert list((tmp_path / "temp").iterdir()) == []


SIGNALLED = """
import os, signal, sys
from pathlib import Path
from factpack import atomic
from factpack.cli.tuning import tune

def end(event, args):
    if event == "os.mkdir" and "factpack-" in str(args[0]):
        waiting.add(sys.argv[2])
    if event in waiting:
        waiting.clear()
        os.kill(os.getpid(), signal.SIGTERM)

waiting = set()
tune()
sys.addaudithook(end)
folder = atomic.temporary_folder() if sys.argv[1] == "temporary" else atomic.scratch_folder(Path("there"))
with folder as made:
    for name in "abc":
        (made / name).mkdir()
        (made / name / "text").write_text(name)
print("survived")
"""


@pytest.mark.parametrize("event", ["os.mkdir", "open", "os.scandir", "os.remove", "os.rmdir"])
@pytest.mark.parametrize("kind", ["temporary", "scratch"])
def test_a_signal_at_any_step_leaves_nothing(
    tmp_path: Path, environment: dict[str, str], kind: str, event: str
) -> None:
    """Also while the folder is made, and in the midst of removing it."""
    command = [sys.executable, "-c", SIGNALLED, kind, event]
    ended = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + signal.SIGTERM, "", "")
    assert list((tmp_path / "temp").iterdir()) == []
    assert not (tmp_path / "there").exists()


def test_what_a_worker_writes_while_it_is_cleared_is_cleared_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a build that was broken off can go on elsewhere."""
    remove = shutil.rmtree

    def disturbed(path: Path, **options: Any) -> None:
        remove(path, **options)
        if path.name == "rows":
            path.mkdir()

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", disturbed)
        with scratch_folder(tmp_path) as left:
            (left / "rows").mkdir()
    assert sorted(path.name for path in left.iterdir()) == [".owner", "rows"]
    with scratch_folder(tmp_path):
        assert not left.exists()


def test_what_a_killed_process_left_is_cleared(project_folder: Path, environment: dict[str, str], run: Run) -> None:
    """By the next that writes there; what belongs to a process that lives, or to nobody, stays."""
    dist = project_folder / "dist"
    with building(project_folder, environment) as killed:
        killed.kill()
    (abandoned,) = dist.glob(".factpack-*")
    mine = dist / ".factpack-settings"
    mine.mkdir()
    with building(project_folder, environment) as alive:
        alive.send_signal(signal.SIGSTOP)
        (owned,) = set(dist.glob(".factpack-*")) - {abandoned, mine}
        assert not abandoned.exists()
        assert run("build", project_folder, "--out", dist / "another").exit_code == 0
        assert set(dist.glob(".factpack-*")) == {owned, mine}
        alive.send_signal(signal.SIGCONT)
        assert alive.communicate(timeout=60)[0] == f"{dist}/ferry-factcheck-1.1.0\n"
    assert sorted(path.name for path in dist.iterdir()) == [mine.name, "another", "ferry-factcheck-1.1.0"]
