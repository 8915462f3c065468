"""Verifying a release, by itself and against its sources."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run
from factpack.dataset.table_files import table_path
from factpack.release.layout import EXTRA_HINT, listed_digests
from release.changes import change_rationale, resum, write_otherwise
from releases import TABLES, TASKS, make

RIGHT = "ferry-factcheck 1.1.0: sums, spans, keys and labels are right; every config loads\n"
ROWS = "rows: claims 23, propositions 26, evidence 33, articles 3, sentences 30, facts 10\n"


@pytest.mark.parametrize("text", ["full", "none"])
def test_a_release_built_again_from_its_sources(text: str, tmp_path: Path, run: Run) -> None:
    release = make(PROJECT, tmp_path / "release", text)
    assert run("verify", release).output == RIGHT + ROWS
    done = run("verify", release, PROJECT)
    same = "rebuilt from the sources: every file has the same bytes\n"
    assert (done.exit_code, done.output) == (0, RIGHT + ROWS + same)


def test_a_release_of_another_writer_has_the_same_rows(release: Path, run: Run) -> None:
    """What it was built with is in the release, so that it can be said why the bytes differ."""
    write_otherwise(release)
    done = run("verify", release, PROJECT)
    assert done.exit_code == 0
    lines = done.stdout.removeprefix(RIGHT + ROWS).splitlines()
    assert lines[0] == "rebuilt from the sources: every table has the same rows; these files have other bytes:"
    assert [line for line in lines if line.endswith(".parquet")] == [
        f"  {config}/test-00000-of-00001.parquet" for config in sorted([*(config.name for config in TABLES), *TASKS])
    ]
    assert lines[-1].startswith("parquet was {'compression': 'gzip', 'compression_level': 9}")


def test_sources_that_are_not_those_of_the_release(release: Path, project_folder: Path, run: Run) -> None:
    path = project_folder / "annotations" / "facts.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("How late did the ferry leave?", "How late was the ferry?"), encoding="utf-8")
    done = run("verify", release, project_folder)
    other = "the rebuilt release has other rows in facts; `factpack diff RELEASE PROJECT` shows them\n"
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + other)
    path = project_folder / "annotations" / "dataset.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("1.1.0", "1.2.0"), encoding="utf-8")
    done = run("verify", release, project_folder)
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + "the sources have version 1.2.0, not 1.1.0\n")


def test_a_release_changed_together_with_its_sums(release: Path, run: Run) -> None:
    """What follows from nothing else in the release is shown by the sources alone."""
    (release / "GUIDELINES.md").write_text("# Rules of mine\n", encoding="utf-8")
    card, croissant, manifest = (release / name for name in ("README.md", "croissant.json", "release.json"))
    manifest.write_text(json.dumps(json.loads(manifest.read_bytes()) | {"built_with": {}}), encoding="utf-8")
    card.write_bytes(card.read_bytes() + b"\n")
    before = listed_digests(release)
    change_rationale(release)
    for path in map(table_path, ("claims", "propositions")):
        now = hashlib.sha256((release / path).read_bytes()).hexdigest()
        croissant.write_text(croissant.read_text(encoding="utf-8").replace(before[path], now), encoding="utf-8")
    resum(release)
    done = run("verify", release, PROJECT)
    other = "the rebuilt release has other rows in claims, propositions; `factpack diff RELEASE PROJECT` shows them\n"
    assert (done.exit_code, done.stdout) == (1, RIGHT + ROWS + other)


def test_a_damaged_release(release: Path, tmp_path: Path, run: Run) -> None:
    (release / "README.md").write_text("---\n---\n", encoding="utf-8")
    (release / "note.txt").write_text("mine", encoding="utf-8")
    done = run("verify", release)
    told = f"note.txt: not listed in SHA256SUMS. {EXTRA_HINT}\nREADME.md: its SHA-256 does not match SHA256SUMS\n"
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", told)
    (release / "note.txt").unlink()
    (release / table_path("claims")).write_bytes(b"PAR1")
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{table_path('claims')}: it cannot be read: Parquet file size is 4 bytes")
    done = run("verify", tmp_path)
    assert done.exit_code == 2
    assert done.stderr == (
        f"Error: {tmp_path} is neither a release (it has no release.json) nor a project "
        "(it has no annotations/dataset.yaml)\n"
    )


def other_features(release: Path) -> None:
    path = release / table_path("claims")
    table = pq.read_table(path)
    text = table.schema.metadata[b"huggingface"].replace(b'"ClassLabel"', b'"NoSuchType"')
    pq.write_table(table.replace_schema_metadata({b"huggingface": text}), path)


def other_version(release: Path) -> None:
    path = release / "release.json"
    path.write_bytes(path.read_bytes().replace(b'"1.1.0"', b'"abc"'))


def no_json(release: Path) -> None:
    (release / "release.json").write_bytes(b"{")


def control_sequence(release: Path) -> None:
    (release / "\x1b[31mred\u202e").touch()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (other_features, "NoSuchType"),
        (other_version, "release.json cannot be read as a release.json: Expected `str` matching regex"),
        (no_json, "release.json cannot be read as a release.json: Input data was truncated"),
        (control_sequence, "\\x1b[31mred\\u202e: not listed in SHA256SUMS"),
    ],
)
def test_whoever_makes_the_sums_anew_gets_no_traceback(
    damage: Callable[[Path], None], said: str, release: Path, tmp_path: Path, run: Run
) -> None:
    """Nor what a terminal would obey, from a release that somebody else made."""
    damage(release)
    if damage is not control_sequence:
        names = sorted(path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file())
        sums = {name: hashlib.sha256((release / name).read_bytes()).hexdigest() for name in names}
        lines = [f"{digest}  {name}\n" for name, digest in sums.items() if name != "SHA256SUMS"]
        (release / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    for command in (("verify",), ("publish", f"file://{tmp_path}/published")):
        done = run(*command, release)
        assert done.exit_code in {1, 2}
        assert done.stdout == ""
        assert command == ("publish", f"file://{tmp_path}/published") or said in " ".join(done.stderr.split())
    assert not (tmp_path / "published").exists()


def test_a_text_that_is_not_utf8(release: Path, run: Run) -> None:
    """All digests are right, and Arrow reads such bytes without a word."""
    path = release / table_path("articles")
    table = pq.read_table(path)
    texts = [text.encode() + b"\xff" for text in table["text"].to_pylist()]
    for name, values in {
        "text": pa.array(texts, pa.binary()).view(pa.string()),
        "sha256": pa.array([hashlib.sha256(text).hexdigest() for text in texts]),
    }.items():
        index = table.schema.get_field_index(name)
        table = table.set_column(index, table.schema.field(index), values)
    pq.write_table(table, path)
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "articles: `text` cannot be read: Invalid UTF8 sequence" in done.stderr


@pytest.mark.parametrize("column", ["id", "quote", "claim", "rationale"])
def test_a_value_that_is_not_utf8(column: str, release: Path, run: Run) -> None:
    """Whatever column it is in, also one that nothing compares with anything."""
    path = release / table_path("claims")
    table = pq.read_table(path)
    index = table.schema.get_field_index(column)
    values = pa.array([value.encode() + b"\xff" for value in table[column].to_pylist()], pa.binary())
    pq.write_table(table.set_column(index, table.schema.field(index), values.view(pa.string())), path)
    resum(release)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"claims: `{column}` cannot be read: Invalid UTF8 sequence" in done.stderr


def test_rows_that_are_not_those_of_the_manifest(release: Path, run: Run) -> None:
    """Also where somebody has written the list of digests anew."""
    manifest = (release / "release.json").read_bytes()
    change_rationale(release)
    resum(release)
    lines = (release / "SHA256SUMS").read_text(encoding="utf-8")
    lines = re.sub(r".*  release\.json", f"{hashlib.sha256(manifest).hexdigest()}  release.json", lines)
    (release / "SHA256SUMS").write_text(lines, encoding="utf-8")
    (release / "release.json").write_bytes(manifest)
    done = run("verify", release)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "".join(
        f"{config}: the rows do not match the number and digest in release.json\n"
        for config in ("claims", "propositions")
    )
