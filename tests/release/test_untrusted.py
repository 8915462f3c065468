"""A release that somebody else made, with its digests made to fit: what is wrong in it is named all the same."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run
from factpack.dataset.table_files import table_path
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.layout import EXTRA_HINT
from factpack.release.verification.verify import verify
from releases import resum, rewrite, told

Change = Callable[[list[dict[str, Any]]], object]


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Nothing waits for what will never come."""
    before = signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it waits"))
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


# release.json


def edited(release: Path, *path: str | int, value: Any) -> None:
    """Changes a value in release.json."""
    document = json.loads((release / "release.json").read_bytes())
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (release / "release.json").write_text(json.dumps(document), encoding="utf-8")
    resum(release)


CLAIMS = ("tables", "claims")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("name",), "../../evil", r"Expected `str` matching regex '^[a-z0-9]+(-[a-z0-9]+)*(?!\\n)$' - at `$.name`"),
        (
            (*CLAIMS, "path"),
            "../../etc/passwd",
            ("the path of the table claims is '../../etc/passwd', but must be 'claims/test-00000-of-00001.parquet'"),
        ),
        ((*CLAIMS, "rows"), -1, "Expected `int` >= 0 - at `$.tables[...].rows`"),
        (
            (*CLAIMS, "content_sha256"),
            "0" * 63,
            r"Expected `str` matching regex '^[0-9a-f]{64}(?!\\n)$' - at `$.tables[...].content_sha256`",
        ),
        (("tables", "\x1b[2J"), {}, r"Expected `str` matching regex '^[a-z_]{1,64}(?!\\n)$' - at `key` in `$.tables`"),
        (
            ("version",),
            "9.9.9",
            "name and version are ferry-factcheck 9.9.9, but differ in `dataset`",
        ),
        (("text",), "\x1b[2J", r"Invalid enum value '\x1b[2J' - at `$.text`"),
    ],
)
def test_a_value_of_release_json_that_does_not_fit(
    release: Path, run: Run, path: tuple[str, ...], value: Any, said: str
) -> None:
    edited(release, *path, value=value)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (2, "")
    shown = " ".join(done.stderr.split())
    assert shown == f"Error: {release}/release.json cannot be read as a release.json: {said}"


def test_a_speaker_whom_release_json_does_not_list(release: Path, run: Run) -> None:
    document = json.loads((release / "release.json").read_bytes())
    document["dataset"]["speakers"].remove("Ines Dahl")
    (release / "release.json").write_text(json.dumps(document), encoding="utf-8")
    resum(release)
    done = run("verify", release)
    assert done.exit_code == 1
    assert "release.json: `speakers` does not have 'Ines Dahl', the speaker of a claim" in done.stderr


def test_a_speaker_whom_release_json_lists_twice(release: Path) -> None:
    speakers = json.loads((release / "release.json").read_bytes())["dataset"]["speakers"]
    edited(release, "dataset", "speakers", value=["Ines Dahl", *speakers])
    assert told(release) == ["release.json: `speakers` has 'Ines Dahl' twice"]


def test_a_byte_of_release_json_that_is_not_utf8(release: Path, run: Run) -> None:
    (release / "release.json").write_bytes(b'{"name": "\xff"}')
    resum(release)
    for command in (("verify", release), ("diff", release, release), ("hydrate", release, release, "--out", release)):
        done = run(*command)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "release.json cannot be read as a release.json: " in done.stderr


def test_another_version_in_the_card_and_the_manifest_alone(release: Path) -> None:
    """`dataset` can be changed with it; then the card is another one, and so are the tasks that name it."""
    document = json.loads((release / "release.json").read_bytes())
    document["version"] = document["dataset"]["version"] = "9.9.9"
    (release / "release.json").write_text(json.dumps(document), encoding="utf-8")
    resum(release)
    changed = ["lm_eval/ferry_factcheck_verdict.yaml", "lm_eval/ferry_factcheck_verdict_from_articles.yaml"]
    assert told(release) == [
        f"{name}: it does not follow from the tables and release.json"
        for name in (*changed, "README.md", "croissant.json", "view.html")
    ]


# Only files


def test_what_is_no_file_is_named(release: Path, tmp_path: Path, run: Run) -> None:
    """Nothing waits for a pipe, reads a device or follows a link."""
    os.mkfifo(release / "pipe")
    (release / "zero").symlink_to("/dev/zero")
    (release / "out").symlink_to(tmp_path, target_is_directory=True)
    (release / "charts" / "labels.svg").unlink()
    (release / "charts" / "labels.svg").symlink_to("speakers.svg")
    (release / "empty").mkdir()
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "charts/labels.svg: a link; a release contains only files",
        "empty: an empty folder; a release contains only files",
        "out: a link; a release contains only files",
        "pipe: neither a file nor a folder; a release contains only files",
        "zero: a link; a release contains only files",
    ]


def test_a_link_to_itself_is_named(release: Path, built: Path, run: Run, tmp_path: Path) -> None:
    name = table_path("claims")
    (release / name).unlink()
    (release / name).symlink_to("test-00000-of-00001.parquet")
    assert told(release) == [f"{name}: a link; a release contains only files"]
    for command, said in (
        (("diff", built, release), f"Error: {release}/{name} is not a regular file\n"),
        (("hydrate", release, PROJECT / "seeds", "--out", tmp_path / "out"), "already has its texts"),
        (("publish", f"file://{tmp_path}/store", release), f"{name}: a link; a release contains only files"),
    ):
        done = run(*command)
        assert (done.exit_code != 0, done.stdout) == (True, "")
        assert said in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["README.md", "release.json", "SHA256SUMS", table_path("claims"), "view.html"])
def test_a_pipe_in_the_place_of_a_file_stops_nothing(release: Path, built: Path, run: Run, name: str) -> None:
    (release / name).unlink()
    os.mkfifo(release / name)
    assert run("verify", release).exit_code in (1, 2)
    assert run("hydrate", release, built, "--out", release).exit_code == 2
    assert run("diff", built, release).exit_code in {0, 1, 2}


# Parts


@pytest.mark.parametrize(
    "name", ["README.md", "croissant.json", "charts/labels.svg", "charts/coverage.svg", table_path("facts")]
)
def test_a_part_that_is_missing(release: Path, name: str) -> None:
    (release / name).unlink()
    if not name.startswith("charts") and "/" in name:
        (release / name).parent.rmdir()
    resum(release)
    assert told(release) == [f"{name}: missing; every release has it"]


def test_a_page_that_is_missing(release: Path) -> None:
    (release / "view.html").unlink()
    resum(release)
    assert told(release) == ["view.html: missing; a release with so few claims and passages has it"]


def test_a_release_without_the_texts_has_what_the_full_one_has(tmp_path: Path) -> None:
    release = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none").folder
    assert verify(release) == ""
    kept = Path(shutil.copytree(release / "full", tmp_path / "full"))
    shutil.rmtree(release / "full")
    resum(release)
    assert told(release) == [
        f"full/{name}: missing; every release has it"
        for name in ("README.md", "croissant.json", "release.json", "SHA256SUMS")
    ]
    shutil.copytree(kept, release / "full")
    (release / "full" / "croissant.json").write_text("{}\n", encoding="utf-8")
    resum(release)
    assert told(release) == ["full/croissant.json: its SHA-256 does not match full/SHA256SUMS"]
    shutil.copy(kept / "croissant.json", release / "full")
    (release / "full" / "view.html").unlink()
    resum(release)
    assert told(release) == ["view.html: missing, but listed in full/SHA256SUMS"]


@pytest.mark.parametrize("name", ["README.md", "croissant.json"])
def test_a_file_of_the_full_release_that_does_not_follow(tmp_path: Path, name: str) -> None:
    """In a release without the texts; its digest is made to fit in both lists."""
    release = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none").folder
    path = release / "full" / name
    path.write_bytes(path.read_bytes().replace(b"ferry", b"barge"))
    for folder in (release / "full", release):
        resum_listed(folder)
    assert told(release) == [f"full/{name}: it does not follow from the tables and release.json"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("agreement", {"x": 1}, "it does not belong to the same release with the texts"),
        ("quoted", {"articles": 1.0}, "it does not belong to the same release with the texts"),
        ("built_with", {}, "it does not belong to the same release with the texts"),
        ("note", "\u202e", "it has keys that a release does not have, or lacks some"),
    ],
)
def test_a_manifest_of_the_full_release_that_is_another_one(tmp_path: Path, key: str, value: Any, said: str) -> None:
    release = build(open_project(PROJECT), tmp_path / "release", lambda: None, "none").folder
    document = json.loads((release / "full" / "release.json").read_bytes())
    (release / "full" / "release.json").write_text(json.dumps(document | {key: value}), encoding="utf-8")
    for folder in (release / "full", release):
        resum_listed(folder)
    assert told(release) == [f"full/release.json: {said}"]


def resum_listed(folder: Path) -> None:
    """Puts the digests of the files that are there into the list of a folder, and keeps the other ones."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    names = [line.partition("  ")[2] for line in lines]
    made = [
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" if (folder / name).is_file() else line
        for name, line in zip(names, lines, strict=True)
    ]
    (folder / "SHA256SUMS").write_text("".join(f"{line}\n" for line in made), encoding="utf-8")


def test_a_key_of_release_json_that_nobody_reads(release: Path) -> None:
    edited(release, "note", value="مرحبا")
    assert told(release) == ["release.json: it has keys that a release does not have, or lacks some"]


SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("name", ["README.md", "croissant.json", "charts/labels.svg", "view.html"])
def test_a_file_that_does_not_follow_from_the_tables(release: Path, name: str) -> None:
    path = release / name
    path.write_bytes(path.read_bytes() + SCRIPT.encode())
    resum(release)
    assert told(release) == [f"{name}: it does not follow from the tables and release.json"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: SCRIPT, "it is not a factpack page: it has no data"),
        (lambda html: html.replace('"label":"supported"', '"label":"disputed"', 1), "it shows other claims, "),
        (lambda html: html.replace("left Port Ellery", "left Port Ellen", 1), "it does not show the article a1 as"),
        (lambda html: html.replace("How late did", "How soon did", 1), "it shows other facts than the table"),
        (lambda html: html.replace('"problems":[]', '"problems":[1]', 1), "it is not a factpack page: "),
        (lambda html: html.replace("script-src", "script-src *", 1), "it does not follow from the tables and release"),
    ],
)
def test_a_page_that_is_not_of_the_tables(release: Path, change: Callable[[str], str], said: str) -> None:
    path = release / "view.html"
    html = path.read_text(encoding="utf-8")
    assert change(html) != html
    path.write_text(change(html), encoding="utf-8")
    resum(release)
    found = told(release)
    assert [line.startswith(f"view.html: {said}") for line in found] == [True], found


def test_a_file_that_is_no_part_of_a_release(release: Path) -> None:
    (release / "evil.html").write_text(SCRIPT, encoding="utf-8")
    resum(release)
    assert told(release) == [f"evil.html: it is not part of a release. {EXTRA_HINT}, which lists what is in it"]


def test_attributes_that_nobody_wrote(release: Path) -> None:
    (release / ".gitattributes").write_text("* filter=mine\n", encoding="utf-8")
    resum(release)
    assert told(release) == [".gitattributes: neither a release nor a hub has such a file"]


def test_a_release_of_another_builder_is_not_derived_again(release: Path, run: Run) -> None:
    """It is said in one line, and what that quotes is shown."""
    path = release / "README.md"
    path.write_bytes(path.read_bytes() + b"\n")
    edited(release, "built_with", "pyarrow", value="25\x1b[31m")
    done = run("verify", release)
    assert done.exit_code == 0
    assert done.stderr == (
        "card, Croissant file, charts and page were not derived again: the release was built with another pyarrow "
        "25\\x1b[31m\n"
    )


@pytest.mark.parametrize("package", ["pyarrow", "pandas", "numpy"])
def test_prompts_and_baselines_are_derived_whatever_packages_made_them(release: Path, package: str) -> None:
    """They follow from the tables and from factpack: with another package, by their rows and values."""
    edited(release, "built_with", package, value="1.0")
    verify(release)
    path = release / "eval/test-00000-of-00001.parquet"
    pq.write_table(pq.read_table(path), path, compression="gzip")  # the same rows in other bytes
    edited(release, "baselines", 0, "labels", "accuracy", "value", value=0.125)
    baselines = "release.json: `baselines` do not follow from the tables"
    digest = f"croissant.json: its digest of {path.relative_to(release)} does not match the file"
    assert told(release) == [baselines, digest]
    prompts = pq.read_table(path)
    pq.write_table(prompts.take(list(reversed(range(len(prompts))))), path)
    resum(release)
    assert told(release) == [f"{path.relative_to(release)}: it does not follow from the tables", baselines, digest]


def test_rows_of_another_builder_have_the_digests_of_its_croissant_file(release: Path) -> None:
    """They are all that shows another order of rows, where nothing is derived again."""
    edited(release, "built_with", "pyarrow", value="25")
    assert "not derived again" in verify(release)
    rewrite(release, "facts", lambda r: r.reverse())
    assert told(release) == [f"croissant.json: its digest of {table_path('facts')} does not match the file"]
    (release / "croissant.json").write_text("[" * 5_000, encoding="utf-8")
    resum(release)
    assert told(release) == ["croissant.json: it does not give the digests of the tables"]


def test_a_quote_that_is_null_is_compared(release: Path, built: Path, run: Run) -> None:
    rewrite(release, "claims", lambda r: r[0].update(quote=None))
    done = run("diff", built, release)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "a1[63:95] ‘left Port Ellery 40 minutes late’ -> a1[63:95] ‘None’\n" in done.stdout, done.stdout


def test_a_label_that_is_no_text_is_named(release: Path, built: Path, run: Run) -> None:
    """What does not fit the types of the columns is passed over, by `datasets` too; a ClassLabel of numbers fits."""
    path = release / table_path("claims")
    table = pq.read_table(path)
    document = json.loads(table.schema.metadata[b"huggingface"])
    document["info"]["features"]["label"]["names"][0] = 0
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(document)}), path)
    done = run("diff", built, release)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: {path} has metadata that `datasets` cannot read: a label of `label` is 0, not text\n"
    )


# What a terminal would obey


def test_escapes_from_a_release_are_shown(release: Path, built: Path, run: Run, tmp_path: Path) -> None:
    """In what verifying, comparing and putting texts back say."""
    rewrite(release, "claims", lambda r: r[0].update(id="\x1b[31mred", fact="\x1b[2J"))
    verified, compared = run("verify", release), run("diff", built, release)
    assert "claims \\x1b[31mred: \\x1b[2J is not in facts" in verified.stderr
    assert "\\x1b[31mred" in compared.stdout
    none = build(open_project(PROJECT), tmp_path / "none", lambda: None, "none").folder
    rewrite(none, "articles", lambda r: r[0].update(file="\x1b[31mred.txt"))
    hydrated = run("hydrate", none, PROJECT / "seeds", "--out", tmp_path / "full")
    assert "\\x1b[31mred.txt: missing" in hydrated.stderr
    (release / "\x1b[31mclaims").mkdir()
    shutil.copy(release / table_path("facts"), release / "\x1b[31mclaims" / "x.parquet")
    other = pq.read_table(release / table_path("facts")).drop_columns("id")
    pq.write_table(other, release / "\x1b[31mclaims" / "x.parquet")
    odd = run("diff", release, release)
    for done in (verified, compared, hydrated, odd):
        assert "\x1b" not in done.output
