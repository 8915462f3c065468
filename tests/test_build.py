"""A release: the same bytes everywhere, whole at every moment, and nothing wrong in it goes unseen."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from conftest import PROJECT, Run, edit
from factpack import faults, loading, tables
from factpack import verify as reading
from factpack.accept import Texts, accepted
from factpack.columns import BASIS, CONFIGS, FOLDS, LABEL, STANCE, STATUS, Column, Config, Items, table_path
from factpack.folder import BrokenReleaseError, NotAReleaseError, Text
from factpack.project import open_project
from factpack.release import ProblemsError, build
from factpack.verify import verify
from test_loading import make_release

TABLES = [config for config in CONFIGS if config.name != "votes"]  # nobody read the invented articles twice
FIRST = (PROJECT / "seeds" / "a1_harbour-gazette.txt").read_text(encoding="utf-8")
CHARTS = [f"charts/{name}.svg" for name in ("articles", "basis", "coverage", "labels", "speakers")]
TEXTS = ["README.md", "SHA256SUMS", "croissant.json", "release.json", "view.html", *CHARTS]
FILES = sorted([*TEXTS, *(table_path(c.name) for c in TABLES)])


def make(project: Path, out: Path | None = None) -> Path:
    """Builds a release in this process."""
    return build(open_project(project), out, lambda: None)[0]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(release: Path, config: str) -> list[dict[str, Any]]:
    """The rows of a table, as pyarrow reads them."""
    return list(pq.read_table(release / table_path(config)).to_pylist())


def resum(release: Path) -> None:
    """Writes SHA256SUMS anew, so that only a look into the files shows what was changed."""
    names = sorted(contents(release).keys() - {"SHA256SUMS"})
    lines = [f"{hashlib.sha256((release / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (release / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the invented project; not to be changed."""
    folder = tmp_path_factory.mktemp("built")
    return make(Path(shutil.copytree(PROJECT, folder / "project")), folder / "release")


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    """A copy of the release to change."""
    return Path(shutil.copytree(built, tmp_path / "release"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment without network, whose home, caches and temporary folder are the test's own."""
    for name in ("home", "temp"):
        (tmp_path / name).mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "HOME": str(tmp_path / "home"),
        "HF_HOME": str(tmp_path / "home" / "hf"),
        "TMPDIR": str(tmp_path / "temp"),
        "HF_HUB_OFFLINE": "1",
    }


def factpack(*args: str | Path, env: dict[str, str], cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "factpack", *map(str, args)]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, check=False)


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


def test_the_order_in_which_the_system_lists_files_is_no_matter(
    project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is another one on every file system, here the wrong way round."""
    project, listed = open_project(project_folder), os.scandir
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda folder: sorted(listed(folder), key=lambda e: e.name, reverse=True))
        assert [entry.name for entry in os.scandir(project_folder)] == ["seeds", "annotations"]
        assert open_project(project_folder) == project


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
    assert result.stderr == "1 error, 0 warnings; nothing was built\n"
    assert contents(project_folder) == before
    assert list((project_folder / "dist").iterdir()) == [old]


def test_an_error_in_an_article_that_others_quote_is_an_error_and_no_crash(project_folder: Path) -> None:
    """The evidence in it has no place, and that comes up before the article's own turn."""
    seed = project_folder / "seeds" / "c3_minato.txt"
    seed.write_bytes(seed.read_bytes() + b"\n")
    with pytest.raises(ProblemsError) as raised:
        make(project_folder)
    assert [problem.rule for problem in raised.value.problems] == ["seed-changed"]
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
    with pytest.raises(ProblemsError) as raised:
        make(project_folder)
    assert [p.path for p in raised.value.problems if p.severity == "error"] == ["annotations/dataset.yaml"]


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
from factpack.project import open_project
from factpack.release import build
import factpack.verify
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
@pytest.mark.parametrize("wait", [0.0, 0.1, 0.25, 0.4])
def test_an_interrupted_build_cleans_up(
    project_folder: Path, tmp_path: Path, environment: dict[str, str], wait: float
) -> None:
    """Ctrl-C: no scratch folder and no temporary cache stay behind, no traceback is shown."""
    dist = project_folder / "dist"
    command = [sys.executable, "-m", "factpack", "build", str(project_folder)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        while process.poll() is None and not (dist.is_dir() and any(dist.iterdir())):
            time.sleep(0.002)
        time.sleep(0.01 + wait)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    left = [path.name for path in dist.iterdir()] if dist.is_dir() else []
    assert left in ([], ["ferry-factcheck-1.1.0"])
    assert "Traceback" not in errors
    if left:
        verify(dist / left[0])
    else:
        assert process.returncode in (1, -signal.SIGINT)  # which of the two is up to the libraries that saw the signal
    assert list((tmp_path / "temp").iterdir()) == []


# What verify() catches


@pytest.fixture(params=["loaded", "streamed"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How tables are read back: as small ones are, or as large ones, which come in several batches."""
    if request.param == "streamed":
        monkeypatch.setattr(loading, "MAX_LOADED", 0)
        monkeypatch.setattr(tables, "BATCH_ROWS", 5)
        monkeypatch.setattr(tables, "ARTICLE_BATCH_ROWS", 2)
    return str(request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("text", ["full", "none"])
def test_a_release_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: Text) -> None:
    """What the tests below break was right before; and writing the sums anew, as they do, changes nothing.

    It is seen at once that nothing is wrong: the rows are not read a second time, to say what is.
    """
    release, *_ = build(open_project(PROJECT), tmp_path / "release", lambda: None, text)
    sums = (release / "SHA256SUMS").read_bytes()
    resum(release)
    assert (release / "SHA256SUMS").read_bytes() == sums
    monkeypatch.setattr(reading, "faults_in", lambda _: pytest.fail("the rows were read a second time"))
    verify(release)


@pytest.mark.parametrize("name", [name for name in FILES if name != "SHA256SUMS"])
def test_a_flipped_bit_is_caught(release: Path, name: str) -> None:
    """In the midst of any file."""
    data = bytearray((release / name).read_bytes())
    data[len(data) // 2] ^= 1
    (release / name).write_bytes(data)
    with pytest.raises(BrokenReleaseError, match=re.escape(f"{name}: its sum is not the one in SHA256SUMS")):
        verify(release)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_caught(release: Path, name: str) -> None:
    """Any of them, the list itself included."""
    (release / name).unlink()
    with pytest.raises(BrokenReleaseError, match=re.escape(name)):
        verify(release)


@pytest.mark.parametrize("name", ["extra.txt", "claims/test-00001-of-00002.parquet", ".hidden"])
def test_an_extra_file_is_caught(release: Path, name: str) -> None:
    """A second Parquet file would be loaded, or published, unseen."""
    (release / name).write_bytes(b"x")
    with pytest.raises(BrokenReleaseError, match=re.escape(f"{name}: not listed in SHA256SUMS")):
        verify(release)


def rewrite(release: Path, config: str, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Changes the rows of a table, and its sums with it."""
    path = release / table_path(config)
    schema = pq.read_schema(path)
    changed = rows(release, config)
    change(changed)
    pq.write_table(pa.Table.from_pylist(changed, schema=schema), path)
    manifest = json.loads((release / "release.json").read_text(encoding="utf-8"))
    manifest["tables"][config] |= {"rows": len(changed), "content_sha256": content_sum(release, config)}
    (release / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    resum(release)


@pytest.mark.usefixtures("way")
def test_rewriting_alone_breaks_nothing(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it is the change that is caught below, and that by a look at the rows."""
    for config in TABLES:
        rewrite(release, config.name, lambda _: None)
    monkeypatch.setattr(reading, "faults_in", lambda _: pytest.fail("the rows were read a second time"))
    verify(release)


def swap(one: dict[str, Any], other: dict[str, Any], *columns: str) -> None:
    """Each of two rows gets what the other one has."""
    for column in columns:
        one[column], other[column] = other[column], one[column]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("config", "change", "message"),
    [
        ("claims", lambda r: r[0].update(start=r[0]["start"] + 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(end=r[0]["end"] - 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0]["evidence"][0].update(start=0), "is not 'left 40 minutes late'"),
        ("claims", lambda r: r[0]["evidence"][0].update(article="c3"), "is not 'left 40 minutes late'"),
        ("evidence", lambda r: r[0].update(start=-3), "is not 'left 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=-(2**63), end=2**63 - 1), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=r[0]["end"], end=r[0]["start"]), "is not 'left Port Ellery"),
        ("claims", lambda r: r[0].update(end=10**9), "is not 'left Port Ellery 40 minutes late'"),
        ("claims", lambda r: r[0].update(start=None), "start is null"),
        ("articles", lambda r: r[0].update(sha256=r[1]["sha256"]), "articles a1: the sum of the text is another"),
        (
            "claims",
            lambda r: r[0].update(start=r[0]["start"] - len(FIRST)),
            "is not 'left Port Ellery 40 minutes late'",
        ),
        ("claims", lambda r: r[0].update(quote=FIRST[-5:], start=len(FIRST) - 5, end=10**9), "is not 'sad!\\n'"),
        ("sentences", lambda r: swap(r[0], r[1], "start", "end"), "is not 'Ferry ‘Marigold’ Late Again'"),
        ("sentences", lambda r: r[0].update(end=3), "a1[0:3] is not 'Ferry ‘Marigold’ Late Again'"),
        ("facts", lambda r: r[0]["settled_by"][0].update(end=1), "is not '40 minutes late'"),
        ("articles", lambda r: r[0].update(text=r[0]["text"] + " "), "articles a1: the sum of the text is another"),
        ("claims", lambda r: r[0].update(label=3), "label is 3, which has no name"),
        ("claims", lambda r: r[0].update(label=-1), "label is -1, which has no name"),
        ("claims", lambda r: r[0].update(label=None), "label is null"),
        ("claims", lambda r: r[0].update(basis=7), "basis is 7, which has no name"),
        ("claims", lambda r: r[0]["evidence"][0].update(stance=2), "stance is 2, which has no name"),
        ("facts", lambda r: r[0]["answers"][0].update(label=9), "label is 9, which has no name"),
        ("sentences", lambda r: r[0].update(reason=7), "reason is 7, which has no name"),
        ("claims", lambda r: r[0].update(claim=None), "claim is null"),
        ("claims", lambda r: r[0].update(fact="nowhere"), "there is no nowhere in facts"),
        ("evidence", lambda r: r[0].update(claim_id="nowhere"), "there is no nowhere in claims"),
        ("evidence", lambda r: r[0].update(fact="nowhere"), "there is no nowhere in facts"),
        ("sentences", lambda r: r[2].update(claims=["nowhere"]), "there is no nowhere in claims"),
        ("facts", lambda r: r[0]["answers"][0].update(article="zz"), "there is no zz in articles"),
        ("claims", lambda r: r[1].update(id=r[0]["id"]), "the id occurs twice"),
    ],
)
def test_wrong_rows_are_caught(
    release: Path, config: str, change: Callable[[list[dict[str, Any]]], object], message: str
) -> None:
    """With their sums right: only a look at the rows shows it."""
    rewrite(release, config, change)
    with pytest.raises(BrokenReleaseError, match=re.escape(message)) as raised:
        verify(release)
    assert str(raised.value) == "\n".join(said(release))


def test_a_span_that_became_a_claim_that_is_not_there(tmp_path: Path) -> None:
    """One that names none is right."""
    release = make_release(tmp_path)
    votes = rows(release, "votes")
    assert {row["claim_id"] for row in votes} == {None, *(claim["id"] for claim in rows(release, "claims"))}
    first = next(number for number, row in enumerate(votes) if row["claim_id"])
    rewrite(release, "votes", lambda r: r[first].update(claim_id="nowhere"))
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    assert str(raised.value) == f"votes {votes[first]['id']}: there is no nowhere in claims"


def test_a_span_that_only_seems_to_be_as_long_as_its_quote(tmp_path: Path) -> None:
    """Without the texts the length is all there is; this one is right in 64 bits."""
    release, *_ = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none")
    rewrite(release, "claims", lambda r: r[0].update(start=2**63 - 1, end=len(r[0]["quote"]) - 1 - 2**63))
    with pytest.raises(BrokenReleaseError, match="is not as long as"):
        verify(release)


SPANS: list[tuple[int, int, str]] = [
    (0, 1, "a"),
    (1, 2, "\U0001d11e"),
    (1, 4, "\U0001d11eb’"),
    (4, 4, ""),
    (4, 6, "é."),
]


@pytest.mark.parametrize("wrong", [None, (1, 2, "b"), (2, 1, ""), (-1, 6, "."), (5, 9, "."), (4, 6, "e\u0301.")])
def test_spans_are_code_points(tmp_path: Path, wrong: tuple[int, int, str] | None) -> None:
    """Neither bytes nor halves of surrogate pairs; the text lies between others, one of them empty and one withheld."""
    texts = pa.array(["before", "x’", "a\U0001d11eb’é.", "", None, "after"])[1:]
    with (tmp_path / "scratch").open("w+b") as scratch:
        kept = Texts(scratch)
        kept.add(pa.array(["0", "1", "2", "3", "4", "5"])[1:], texts)
        assert [kept.get(name) for name in "12345"] == [text or "" for text in texts.to_pylist()]
        assert kept.sha256("2") == hashlib.sha256("a\U0001d11eb’é.".encode()).hexdigest()
        starts, ends, words = zip(*SPANS, *([wrong] if wrong else []), strict=True)
        values = {"start": pa.array(starts), "end": pa.array(ends), "quote": pa.array(words)}
        assert accepted(values, (), kept, pa.array(["2"] * len(words))) == (wrong is None)


def said(release: Path) -> list[str]:
    """What the slow way says of a release, which looks at one table after another."""
    return list(faults.faults_in(release))


def changes(columns: Iterable[Column], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """For every column of a table, nested ones too, values to put there; most are wrong."""
    for column in columns:
        yield (*path, column.name), "x" if column.type == "text" else None
        if isinstance(column.type, Items):
            yield from changes(column.type.columns, (*path, column.name))
        elif column.type != "text":
            yield (*path, column.name), ["x"] if column.type == "texts" else 1


def put(row: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Puts a value into a row, or into the first item of a list in it that has any."""
    for item in [row] if len(path) == 1 else row[path[0]][:1]:
        item |= {path[-1]: value}


@pytest.mark.parametrize("config", TABLES, ids=lambda config: config.name)
def test_what_is_accepted_at_once_has_nothing_wrong_in_it(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: Config
) -> None:
    """Whatever stands in whichever column: the fast way accepts nothing of which the slow way says anything."""
    monkeypatch.setattr(loading, "MAX_LOADED", 0)
    accepted = set()
    for number, (path, value) in enumerate(changes(config.columns)):
        release = Path(shutil.copytree(built, tmp_path / str(number)))

        def change(table: list[dict[str, Any]], path: tuple[str, ...] = path, value: Any = value) -> None:
            for row in table:
                put(row, path, value)

        rewrite(release, config.name, change)
        if reading._sound(release):  # noqa: SLF001 - verify() says nothing then
            accepted.add(path[-1])
            assert said(release) == []
    assert 1 < len(accepted) < len({path for path, _ in changes(config.columns)})


def test_passages_in_another_order_are_no_fault(release: Path) -> None:
    """Those of the claims are compared with the texts by themselves then."""
    rewrite(release, "evidence", lambda r: r.reverse())
    verify(release)
    rewrite(release, "claims", lambda r: r[0]["evidence"][0].update(start=0))
    with pytest.raises(BrokenReleaseError, match="is not 'left 40 minutes late'"):
        verify(release)


def test_the_passages_of_claims_are_rows_of_evidence() -> None:
    """What is asked of a row is asked of the passage, so that it need not be asked twice."""
    listed, table = (next(c for c in CONFIGS if c.name == name) for name in ("claims", "evidence"))
    column = next(column for column in listed.columns if column.name == "evidence")
    assert isinstance(column.type, Items)
    assert set(column.type.columns) <= set(table.columns)


@pytest.mark.usefixtures("way")
def test_a_card_that_has_another_file_read_hides_nothing(release: Path) -> None:
    """Whoever reads the release without `datasets` reads the table that is wrong."""
    right = release / "right.parquet"
    shutil.copyfile(release / table_path("facts"), right)
    card = release / "README.md"
    text = card.read_text(encoding="utf-8")
    card.write_text(text.replace(f"path: {table_path('facts')}", f"path: {right.name}"), encoding="utf-8")
    resum(release)
    manifest = (release / "release.json").read_bytes()
    rewrite(release, "facts", lambda r: r[0].update(question="What else?"))
    (release / "release.json").write_bytes(manifest)
    resum(release)
    with pytest.raises(BrokenReleaseError) as raised:
        verify(release)
    assert str(raised.value).split("\n") == [
        "facts: the rows are not those whose number and sum stand in release.json",
        "facts: load_dataset gives other rows than the Parquet file",
    ]


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The configs that were read to their end so far."""
    taken: list[str] = []
    load = loading.load

    def counted(folder: Path, config: str, cache: str) -> loading.Loaded:
        found = load(folder, config, cache)

        def batches() -> Iterator[pa.Table]:
            yield from found.batches
            taken.append(config)

        return found._replace(batches=batches())

    for module in (reading, faults):
        monkeypatch.setattr(module, "load", counted)
    return taken


@pytest.mark.usefixtures("way")
def test_a_stream_is_read_to_its_end(release: Path, taken: list[str]) -> None:
    """Whatever is wrong at its beginning: Arrow goes on reading one that was left, also when the process ends."""
    rewrite(release, "claims", lambda r: r[0].update(label=9))
    with pytest.raises(BrokenReleaseError, match="label is 9"):
        verify(release)
    assert sorted(taken) == sorted(2 * [config.name for config in TABLES])


@pytest.mark.usefixtures("way")
def test_a_stream_of_what_is_no_text_is_read_to_its_end(release: Path, taken: list[str]) -> None:
    path = release / table_path("claims")
    table = pq.read_table(path)
    index = table.schema.get_field_index("rationale")
    values = pa.array([b"\xff"] * len(table), pa.binary()).view(pa.string())
    pq.write_table(table.set_column(index, table.schema.field(index), values), path, row_group_size=2)
    resum(release)
    with pytest.raises(BrokenReleaseError, match="`rationale` cannot be read"):
        verify(release)
    assert sorted(taken) == sorted(config.name for config in TABLES)


@pytest.mark.usefixtures("way")
def test_the_row_groups_are_no_matter(release: Path) -> None:
    """Another writer may have put the same rows into others, one of them empty."""
    path = release / table_path("claims")
    table = pq.read_table(path)
    with pq.ParquetWriter(path, table.schema) as writer:
        for rows in (table[:5], table[5:5], table[5:]):
            writer.write_table(rows)
    stored = pq.read_metadata(path)
    assert [stored.row_group(group).num_rows for group in range(3)] == [5, 0, len(table) - 5]
    resum(release)
    verify(release)


def test_a_lost_row_is_caught(release: Path) -> None:
    """The card's header says how many there are."""
    rewrite(release, "facts", lambda r: r.pop())
    with pytest.raises(BrokenReleaseError, match="facts"):
        verify(release)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("num_examples: 23", "num_examples: 22", "claims"),
        ("'2': erroneous", "'2': false", "load_dataset gives other features"),
        ("name: claims\n  version", "name: claimz\n  version", "claims"),
        ("path: facts/", "path: articles/", "facts"),
    ],
)
def test_a_wrong_header_is_caught(release: Path, old: str, new: str, message: str) -> None:
    """`datasets` believes the header; whatever it raises then, verify() says which table it was."""
    card = release / "README.md"
    text = card.read_text(encoding="utf-8")
    assert old in text
    card.write_text(text.replace(old, new), encoding="utf-8")
    resum(release)
    with pytest.raises(BrokenReleaseError, match=message):
        verify(release)


def test_another_schema_is_caught(release: Path) -> None:
    """Without the metadata key a label is a bare number."""
    path = release / table_path("claims")
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)
    resum(release)
    with pytest.raises(BrokenReleaseError, match="claims: the schema is not that of the table of columns"):
        verify(release)


# The rows


def test_no_fact_lies_in_two_folds(built: Path) -> None:
    """Otherwise cross-validation would test on what it was trained on; all tables say the same."""
    folds = {row["id"]: row["fold"] for row in rows(built, "facts")}
    assert len(folds) == 10
    assert set(folds.values()) <= set(range(FOLDS))
    assert len(set(folds.values())) > 1
    for config in ("claims", "evidence"):
        assert {(row["fact"], row["fold"]) for row in rows(built, config)} <= set(folds.items())


def test_a_claim_row_to_the_value(built: Path) -> None:
    """One row against the file that it was written in; offsets by hand."""
    row = next(row for row in rows(built, "claims") if row["id"] == "crossing-25-minutes-steward-a1")
    text = (PROJECT / "seeds" / "a1_harbour-gazette.txt").read_text(encoding="utf-8")
    start = text.index("25 minutes,”")
    within = text.index("25 minutes from")
    assert row == {
        "id": "crossing-25-minutes-steward-a1",
        "article": "a1",
        "claim": "The crossing took 25 minutes.",
        "quote": "25 minutes",
        "start": start,
        "end": start + 10,
        "context": "“It took 25 minutes,” said steward Mia Roos of the crossing.",
        "speaker": "Mia Roos",
        "fact": "crossing-length",
        "value": "25 minutes",
        "label": 0,
        "basis": 1,
        "correction": None,
        "rationale": "The article gives the same length in its own voice.",
        "evidence": [{"article": "a1", "quote": "25 minutes", "start": within, "end": within + 10, "stance": 0}],
        "votes": [],
        "fold": int(hashlib.sha256(b"crossing-length").hexdigest()[:16], 16) % 5,
        "added_in": "1.1.0",
        "changed_in": "1.1.0",
    }


def test_values_are_the_text_that_was_written(built: Path) -> None:
    """No word of YAML becomes a boolean, a number or a time."""
    values = {row["id"]: row["value"] for row in rows(built, "claims")}
    assert values["hurt-no-a1"] == "no"
    assert values["departs-1230-b2"] == "12:30"
    assert values["engine-1000-kw-a1"] == "1e3"
    assert values["in-service-2023-a1"] == values["in-service-2023-b2"] == "2023"


def test_articles_are_the_seeds_to_the_byte(built: Path) -> None:
    """And what the text does not say is null."""
    found = {row["id"]: row for row in rows(built, "articles")}
    assert list(found) == ["a1", "b2", "c3"]
    for row in found.values():
        assert row["text"].encode() == (PROJECT / "seeds" / row["file"]).read_bytes()
    assert [found[i]["title"] for i in found] == [
        "Ferry ‘Marigold’ Late Again",
        None,
        "フェリー「マリゴールド」号、また遅れる",
    ]
    assert [found[i]["publisher"] for i in found] == ["Harbour Gazette", None, None]
    assert [found[i]["date_origin"] for i in found] == ["inferred", "stated", None]
    assert found["b2"]["date"] == "2024-03-12"
    assert found["b2"]["date_quote"] == "on 12 March 2024"


# The files around the tables


def test_the_sums_are_those_of_sha256sum(built: Path) -> None:
    """Every other file, once, in the form that ``sha256sum -c`` reads."""
    lines = (built / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    matches = [re.fullmatch(r"([0-9a-f]{64})  (\S+)", line) for line in lines]
    assert [match[2] for match in matches if match] == [name for name in FILES if name != "SHA256SUMS"]
    for match in matches:
        assert match
        assert hashlib.sha256((built / match[2]).read_bytes()).hexdigest() == match[1]
    if tool := shutil.which("sha256sum"):
        subprocess.run([tool, "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=built, check=True)


def streams(name: str, kind: pa.DataType, values: list[Any]) -> Iterator[tuple[str, bytes]]:
    """The streams of a column, as factpack.content describes them, from plain values."""

    def numbers(items: Iterable[int]) -> bytes:
        return b"".join(item.to_bytes(8, "little", signed=True) for item in items)

    if pa.types.is_list(kind):
        yield f"{name}*", numbers(-1 if value is None else len(value) for value in values)
        items = [item for value in values for item in value or ()]
        if pa.types.is_struct(kind.value_type):
            for field in kind.value_type:
                yield from streams(f"{name}[].{field.name}", field.type, [item[field.name] for item in items])
        else:
            yield from streams(f"{name}[]", kind.value_type, items)
    elif pa.types.is_string(kind):
        yield name, b"".join((value or "").encode() for value in values)
        yield f"{name}#", numbers(-1 if value is None else len(value.encode()) for value in values)
    else:
        yield name, numbers(value or 0 for value in values)
        yield f"{name}?", bytes(value is not None for value in values)


def content_sum(release: Path, config: str) -> str:
    table = pq.read_table(release / table_path(config))
    found = [
        (stream, data)
        for field in table.schema
        for stream, data in streams(field.name, field.type, table[field.name].to_pylist())
    ]
    lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {stream}\n" for stream, data in found)
    return hashlib.sha256(lines.encode()).hexdigest()


def test_the_manifest_tells_the_rows_and_the_tools(built: Path) -> None:
    """The sums of the rows can be had from the Parquet files by anybody, whatever wrote them."""
    manifest = json.loads((built / "release.json").read_text(encoding="utf-8"))
    assert manifest["name"] == "ferry-factcheck"
    assert manifest["version"] == "1.1.0"
    assert list(manifest["tables"]) == ["claims", "evidence", "articles", "sentences", "facts"]
    for config, table in manifest["tables"].items():
        found = rows(built, config)
        assert table == {
            "path": table_path(config),
            "rows": len(found),
            "content_sha256": content_sum(built, config),
        }
    tools = manifest["built_with"]
    assert tools.pop("parquet") == {
        "compression": "zstd",
        "compression_level": 3,
        "use_content_defined_chunking": True,
        "write_page_index": True,
        "write_statistics": True,
    }
    assert {"factpack", "datasets", "huggingface-hub", "pyarrow", "sentencex", "jinja2", "pandas", "pyyaml"} <= set(
        tools
    )
    assert tools == {name: installed(name) for name in tools}


def test_parquet_is_written_as_the_manifest_says(built: Path) -> None:
    """zstd, with a page index; and no key of the schema but that of `datasets`."""
    for config in TABLES:
        file = pq.ParquetFile(built / table_path(config.name))
        column = file.metadata.row_group(0).column(0)
        assert column.compression == "ZSTD"
        assert column.has_offset_index
        assert column.has_column_index
        assert set(file.schema_arrow.metadata) == {b"huggingface"}


# The card


def card(release: Path) -> tuple[dict[str, Any], str]:
    """The header of a card, as plain YAML, and its body."""
    _, header, body = re.split(
        r"^---\n", (release / "README.md").read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE
    )
    return yaml.safe_load(header), body


def test_the_header_reads_as_yaml_and_as_a_card(built: Path) -> None:
    """The same in both, with one default config."""
    header, _ = card(built)
    data = huggingface_hub.DatasetCard.load(built / "README.md").data
    assert data.to_dict() == header
    assert data.pretty_name == "Ferry Fact-Check"
    assert data.license == "other"
    assert data.license_name == "cc-by-4.0-annotations"
    assert data.license_link == "https://creativecommons.org/licenses/by/4.0/"
    assert data.language == ["en", "ja"]
    assert header["multilinguality"] == ["multilingual"]
    assert header["size_categories"] == ["n<1K"]
    assert header["tags"] == ["fact-checking", "ferry", "invented"]
    assert [(c["config_name"], c.get("default", False)) for c in header["configs"]] == [
        ("claims", True),
        ("evidence", False),
        ("articles", False),
        ("sentences", False),
        ("facts", False),
    ]
    assert [c["data_files"] for c in header["configs"]] == [
        [{"split": "test", "path": table_path(c.name)}] for c in TABLES
    ]
    sizes = {info["config_name"]: info["splits"][0]["num_examples"] for info in header["dataset_info"]}
    assert sizes == {c.name: len(rows(built, c.name)) for c in TABLES}


def test_the_card_explains_folds_and_the_versions_in_its_header(built: Path) -> None:
    """What a reader would else stumble over: passages in several folds, digits behind the patch number."""
    header, body = card(built)
    words = " ".join(body.split())
    assert "the same passage of evidence, and the same `context`, can occur in several" in words
    assert all(re.fullmatch(r"1\.1\.\d{5,}", config["version"]) for config in header["configs"])
    assert "digits of the sum of its rows behind the patch number" in words
    assert "the version of the dataset is 1.1.0" in words


def test_norwegian_is_a_language_and_not_false(project_folder: Path) -> None:
    """``no`` is a boolean in YAML 1.1, which the Hub reads."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(languages=["no"], title="yes"))
    release = make(project_folder)
    header, _ = card(release)
    assert header["language"] == ["no"]
    assert header["pretty_name"] == "yes"
    assert header["multilinguality"] == ["monolingual"]
    assert huggingface_hub.DatasetCard.load(release / "README.md").data.language == ["no"]
    assert json.loads((release / "croissant.json").read_text(encoding="utf-8"))["inLanguage"] == ["no"]


TITLES = [
    "a: b #c 'd' \"e\" – 𝕏 {{ f }} {% g %}",
    "a\n---\nb",
    "- [x]",
    "null",
    "2024-01-01",
    "{a: b}",
    "x" * 300,
    "\u2028 \u00a0 é",
]


@pytest.mark.parametrize("title", TITLES)
def test_any_title_survives_the_header(project_folder: Path, title: str) -> None:
    """What YAML or the template would take for syntax is text."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(title=title))
    release = make(project_folder)
    assert huggingface_hub.DatasetCard.load(release / "README.md").data.pretty_name == title
    assert datasets.load_dataset_builder(str(release), "facts", cache_dir=str(project_folder / "cache")).info.splits


def without_code(markdown: str) -> str:
    """Markdown without its fenced blocks, as CommonMark has it: one ends at a bare fence as long as its first."""
    kept: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})\s*(.*)$", line)
        if not fence and mark:
            fence = mark[1]
        elif fence and mark and mark[1].startswith(fence) and not mark[2]:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("key", ["title", "description", "curation", "limitations", "rights", "license_name"])
def test_html_is_escaped(project_folder: Path, key: str) -> None:
    """What a curator writes is shown, not run."""
    edit(project_folder, "dataset.yaml", lambda data: data.update({key: f"A&B {SCRIPT}\n```\n{SCRIPT}"}))
    _, body = card(make(project_folder))
    shown = without_code(body)
    assert "A&amp;B &lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script" not in shown


@pytest.mark.parametrize("link", [f"https://x.y/){SCRIPT}", "https://x.y/ onclick", 'https://x.y/" onclick="alert(1)'])
def test_a_link_cannot_hold_more_than_an_address(project_folder: Path, run: Run, link: str) -> None:
    """It stands between brackets that it could close: either the project is refused, or the card holds it escaped."""
    edit(project_folder, "dataset.yaml", lambda data: data.update(license_link=link))
    told = run("check", project_folder).stdout
    if told:
        assert re.match(r"annotations/dataset\.yaml:\d+:\d+: error\[malformed-value\]", told)
    else:
        assert link not in without_code(card(make(project_folder))[1])


def markdown_table(body: str, after: str) -> list[list[str]]:
    """The cells of the first table after some words, without the line under its head."""
    lines = body[body.index(after) :].split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("|"))
    count = next(i for i, line in enumerate(lines[first:]) if not line.startswith("|"))
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[first : first + count]]
    return [found[0], *found[2:]]


def test_the_counts_of_the_card_are_those_of_the_files(built: Path) -> None:
    """Counted here once more, from the Parquet files, with nothing but Python."""
    _, body = card(built)
    claims, sentences = rows(built, "claims"), rows(built, "sentences")

    def crosstab(pairs: list[tuple[str, str]], names: tuple[str, ...]) -> list[list[str]]:
        made = [["", *names, "all"]]
        for key in [*sorted({key for key, _ in pairs}), None]:
            counts = [sum(key in (k, None) and v == name for k, v in pairs) for name in names]
            made.append([key or "all", *map(str, counts), str(sum(counts))])
        return made

    labels = [(row["article"], LABEL.names[row["label"]]) for row in claims]
    bases = [(LABEL.names[row["label"]], BASIS.names[row["basis"]]) for row in claims]
    statuses = [(row["article"], STATUS.names[row["status"]]) for row in sentences]
    assert markdown_table(body, "Claims by article and label:") == crosstab(labels, LABEL.names)
    folds = [(str(row["fold"]), LABEL.names[row["label"]]) for row in claims]
    stances = [(LABEL.names[row["label"]], STANCE.names[row["stance"]]) for row in rows(built, "evidence")]
    assert markdown_table(body, "Claims by fold and label:") == crosstab(folds, LABEL.names)
    found = markdown_table(body, "Evidence by label of the claim and stance")
    assert [found[0], *sorted(found[1:-1]), found[-1]] == crosstab(stances, STANCE.names)
    found = markdown_table(body, "Claims by label and basis:")
    assert [found[0], *sorted(found[1:-1]), found[-1]] == crosstab(bases, BASIS.names)
    assert markdown_table(body, "Sentences by article, and what") == crosstab(statuses, STATUS.names)
    assert markdown_table(body, "## Dataset structure") == [
        ["config", "rows", "what a row is"],
        *([f"`{c.name}`", str(len(rows(built, c.name))), c.description] for c in TABLES),
    ]
    counts = {c.name: len(rows(built, c.name)) for c in TABLES}
    words = " ".join(body.split())
    assert (
        f"Version 1.1.0: {counts['claims']} labelled claims from {counts['articles']} articles, with "
        f"{counts['evidence']} passages of evidence and {counts['facts']} facts"
    ) in words
