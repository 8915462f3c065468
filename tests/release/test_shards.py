"""Tables in several files: everything reads the same rows as of one, and nothing wrong in any of them is missed."""

import copy
import hashlib
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import duckdb
import mlcroissant
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import factpack
from conftest import PROJECT, TESTS, Run, edit
from factpack.dataset.table_digest import TableDigest
from factpack.dataset.table_files import all_files, shard_rows, table_files
from factpack.errors import BrokenReleaseError, NotAReleaseError
from factpack.formats.registry import open_project
from factpack.project.vocabulary import Texts
from factpack.publishing.release import read_release
from factpack.publishing.target import open_target
from factpack.release.build import build
from factpack.release.manifest import read_manifest
from factpack.release.parts import BuildLimits
from factpack.release.verification.load import USUAL, Limits
from factpack.release.verification.verify import read_back, verify
from hub.server import WRITER, Hub
from releases import TABLES, contents, resum

SMALL = BuildLimits(shard_rows=7)
FOUR = [f"claims/test-0000{number}-of-00004.parquet" for number in range(4)]


@pytest.fixture(scope="module")
def sharded_once(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the invented project, with seven rows in a file; not to be changed."""
    folder = tmp_path_factory.mktemp("sharded") / "release"
    return build(open_project(built.parent / "project"), folder, lambda: None, limits=SMALL).folder


@pytest.fixture
def sharded(sharded_once: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(sharded_once, tmp_path / "sharded"))


def whole(release: Path, config: str) -> pa.Table:
    return pa.concat_tables(map(pq.read_table, all_files(release, config)))


def test_the_rows_are_those_of_one_file(sharded_once: Path, built: Path) -> None:
    assert [path.relative_to(sharded_once).as_posix() for path in all_files(sharded_once, "claims")] == FOUR
    assert [pq.read_metadata(sharded_once / path).num_rows for path in FOUR] == [7, 7, 7, 2]
    several = [config.name for config in TABLES if len(all_files(sharded_once, config.name)) > 1]
    assert several == ["claims", "propositions", "evidence", "sentences", "facts"]
    for config in TABLES:
        assert whole(sharded_once, config.name).equals(whole(built, config.name), check_metadata=True)
        assert len(all_files(built, config.name)) == 1


def test_where_a_file_ends() -> None:
    assert (shard_rows("claims"), shard_rows("articles")) == (200_000, 10_000)


def test_the_digest_is_put_together_from_those_of_the_files(sharded_once: Path) -> None:
    lines, rows = [], 0
    for number, path in enumerate(FOUR):
        digest, table = TableDigest(), pq.read_table(sharded_once / path)
        digest.add(table)
        rows += len(table)
        lines.append(f"{digest.hexdigest()}  0000{number}\n")
    listed = json.loads((sharded_once / "release.json").read_bytes())["tables"]["claims"]
    assert listed["content_sha256"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert [shard["path"] for shard in listed["shards"]] == FOUR
    assert listed["rows"] == sum(shard["rows"] for shard in listed["shards"]) == rows == 23


@pytest.mark.parametrize("limits", [USUAL, Limits(max_loaded=0, batch_rows=2)], ids=["loaded", "streamed"])
def test_it_verifies(sharded_once: Path, limits: Limits) -> None:
    assert verify(sharded_once, limits) == ""
    read_back(sharded_once, limits)


def test_datasets_loads_all_files(sharded_once: Path, built: Path, tmp_path: Path) -> None:
    header = yaml.safe_load((sharded_once / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    files = {each["config_name"]: each["data_files"] for each in header["configs"]}
    assert files["claims"] == [{"split": "test", "path": "claims/test-*-of-00004.parquet"}]
    assert files["articles"] == [{"split": "test", "path": "articles/test-00000-of-00001.parquet"}]
    load = partial(datasets.load_dataset, split="test", cache_dir=str(tmp_path))
    for config in (config.name for config in TABLES):
        wanted = load(str(built), config)[:]
        assert load(str(sharded_once), config)[:] == wanted
        streamed = load(str(sharded_once), config, streaming=True)
        assert streamed.num_shards == len(all_files(sharded_once, config))
        assert [row["id"] for row in streamed] == wanted["id"]
    release = factpack.open_release(sharded_once)
    assert release.table("claims").equals(factpack.open_release(built).table("claims"))
    assert len(release.load("evidence")) == len(whole(built, "evidence"))


def test_others_read_all_files(sharded_once: Path, built: Path) -> None:
    names = whole(built, "claims")["id"].to_pylist()
    with duckdb.connect() as connection:
        found = connection.execute("SELECT id FROM read_parquet(?)", [f"{sharded_once}/claims/*.parquet"]).fetchall()
    assert [name for (name,) in found] == names
    document = mlcroissant.Dataset(jsonld=sharded_once / "croissant.json")
    assert list(document.metadata.ctx.issues.errors) == []
    assert [record["claims/id"].decode() for record in document.records("claims")] == names
    assert len(list(document.records("articles"))) == 3


def test_whatever_reads_a_release_reads_all_files(sharded_once: Path, built: Path, tmp_path: Path) -> None:
    one, several = map(factpack.open_release, (built, sharded_once))
    assert several.baselines(tmp_path / "guesses") == one.baselines()
    for name in ("most-frequent", "nearest-claim"):
        predictions = tmp_path / f"guesses/{name}.jsonl"
        assert factpack.score(sharded_once, predictions).figures == factpack.score(built, predictions).figures
    for form in ("w3c", "fever", "beir"):
        for release, name in ((one, "one"), (several, "several")):
            release.export(form, tmp_path / form / name)  # type: ignore[arg-type] # one of its forms
        assert contents(tmp_path / form / "one") == contents(tmp_path / form / "several")
    differ = {(each.config, each.subject) for each in factpack.diff(built, sharded_once).differences}
    assert differ == {("", name) for name in ("README.md", "croissant.json", "release.json")}


def test_the_texts_are_put_back(sharded_once: Path, built: Path, tmp_path: Path) -> None:
    project = built.parent / "project"
    without = build(open_project(project), tmp_path / "without", lambda: None, "none", limits=SMALL).folder
    assert verify(without) == ""
    assert len(all_files(without, "claims")) == 4
    assert factpack.open_release(without).hydrate(project / "seeds", tmp_path / "full")
    assert contents(tmp_path / "full") == contents(sharded_once)


@pytest.mark.parametrize("text", ["full", "none"])
@pytest.mark.parametrize("project", ["splits", "readings"])
def test_splits_and_votes(project: str, text: Texts, tmp_path: Path) -> None:
    source = open_project(TESTS / project)
    release = build(source, tmp_path / "release", lambda: None, text, limits=BuildLimits(shard_rows=2)).folder
    assert verify(release) == ""
    assert any(len(paths) > 1 for paths in table_files(release, "sentences").values())
    whole_ = build(source, tmp_path / "whole", lambda: None, text).folder
    for config in ("claims", "sentences", "votes"):
        if all_files(whole_, config):
            assert whole(release, config).equals(whole(whole_, config))


def test_it_is_published(sharded_once: Path, tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", WRITER)
    release, ids = read_release(sharded_once), whole(sharded_once, "claims")["id"].to_pylist()
    cached = {"load_dataset": partial(datasets.load_dataset, cache_dir=str(tmp_path / "cache"))}
    for target in ("ann/shards", f"file://{tmp_path}/store", "memory://shards"):
        factpack.publish(sharded_once, target)
        found = eval(open_target(target).loading(release), dict(cached))  # noqa: S307 - our own line
        found = found["test"] if isinstance(found, datasets.DatasetDict) else found
        assert list(found["id"]) == ids
    assert server.refused == []


def test_what_a_version_adds_comes_last(sharded_once: Path, tmp_path: Path, run: Run) -> None:
    """In the last file; the files before it do not change."""
    folder = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    released = run("release", folder)
    assert released.exit_code == 0, released.output

    def add(data: dict[str, Any]) -> None:
        first = copy.deepcopy(data["claims"][0])
        data["claims"].insert(0, first | {"id": "said-again", "claim": f"As it is said, {first['claim']}"})

    edit(folder, "a1.yaml", add)
    edit(folder, "dataset.yaml", lambda data: data.update(version="1.2.0", duplicates="as-found"))
    project = factpack.load_project(folder)
    assert project.check().ok, project.check().to_text()
    built = build(project.files, tmp_path / "release", lambda: None, limits=SMALL).folder
    ids = whole(built, "claims")["id"].to_pylist()
    assert ids == [*whole(sharded_once, "claims")["id"].to_pylist(), "said-again"]
    assert verify(built) == ""


# What is wrong with one of several files


def change(release: Path, path: str, edited: Callable[[list[dict[str, Any]]], object]) -> None:
    """Changes the rows of a file, and every digest with it."""
    table = pq.read_table(release / path)
    rows = table.to_pylist()
    edited(rows)
    changed = pa.Table.from_pylist(rows, schema=table.schema)
    pq.write_table(changed, release / path)
    manifest = json.loads((release / "release.json").read_bytes())
    listed = manifest["tables"][path.partition("/")[0]]
    digest = TableDigest()
    digest.add(changed)
    [shard] = [each for each in listed["shards"] if each["path"] == path]
    shard |= {"rows": len(rows), "content_sha256": digest.hexdigest()}
    lines = [f"{each['content_sha256']}  {number:05}\n" for number, each in enumerate(listed["shards"])]
    listed |= {
        "rows": sum(each["rows"] for each in listed["shards"]),
        "content_sha256": hashlib.sha256("".join(lines).encode()).hexdigest(),
    }
    (release / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    resum(release)


def problems(release: Path) -> str:
    with pytest.raises((BrokenReleaseError, NotAReleaseError)) as told:
        verify(release)
    for limits in (USUAL, Limits(max_loaded=0, batch_rows=2)):
        with pytest.raises((BrokenReleaseError, NotAReleaseError)):
            read_back(release, limits)
    return str(told.value)


def test_another_quote_in_a_later_file(sharded: Path) -> None:
    change(sharded, FOUR[2], lambda rows: rows[3].update(end=rows[3]["end"] - 1))
    assert " is not " in problems(sharded)


def test_an_id_of_another_file(sharded: Path) -> None:
    first = pq.read_table(sharded / FOUR[0])["id"][0].as_py()
    change(sharded, FOUR[3], lambda rows: rows[1].update(id=first))
    assert f"claims {first}: duplicate id" in problems(sharded)


def test_a_name_that_no_file_has(sharded: Path) -> None:
    change(sharded, FOUR[1], lambda rows: rows[0].update(fact="none"))
    assert ": none is not in facts" in problems(sharded)


def test_a_row_less(sharded: Path) -> None:
    change(sharded, FOUR[1], list.pop)
    with pytest.raises(BrokenReleaseError, match="claims: load_dataset fails"):
        read_back(sharded)


def test_a_file_that_is_missing(sharded: Path) -> None:
    (sharded / FOUR[1]).unlink()
    resum(sharded)
    assert f"{FOUR[1]}: release.json lists a file that is missing" in problems(sharded)


def test_a_file_that_no_list_has(sharded: Path) -> None:
    """`datasets` would load it."""
    shutil.copyfile(sharded / FOUR[1], sharded / "claims/test-x-of-00004.parquet")
    assert problems(sharded).startswith("claims/test-x-of-00004.parquet: not listed in SHA256SUMS.")
    resum(sharded)
    assert "claims/test-x-of-00004.parquet: release.json lists a file that is missing, or does not" in problems(sharded)


def test_a_row_moved_to_a_file_that_the_manifest_does_not_have(sharded: Path) -> None:
    """By the pattern in the card, `datasets` loads all rows."""
    table = pq.read_table(sharded / FOUR[3])
    pq.write_table(table[:1], sharded / FOUR[3])
    pq.write_table(table[1:], sharded / "claims/test-x-of-00004.parquet")
    resum(sharded)
    told = problems(sharded)
    assert "claims/test-x-of-00004.parquet: release.json lists a file that is missing, or does not list" in told
    assert "claims: the rows do not match the number and digest in release.json" in told
    assert "claims: load_dataset fails: BrokenReleaseError: by the card, it reads 23 rows, but there are 22" in told


@pytest.mark.parametrize("config", ["claims", "evidence", "facts"])
def test_an_id_that_is_null(sharded: Path, config: str) -> None:
    path = all_files(sharded, config)[1].relative_to(sharded).as_posix()
    change(sharded, path, lambda rows: rows[0].update(id=None))
    assert f"{config} None: id is null" in problems(sharded)


def test_a_file_with_other_columns(sharded: Path) -> None:
    table = pq.read_table(sharded / FOUR[1])
    pq.write_table(table.drop_columns("rationale"), sharded / FOUR[1])
    resum(sharded)
    assert problems(sharded).split("\n") == ["claims: the schema differs from the table of columns"]


def test_a_file_that_is_none(sharded: Path) -> None:
    (sharded / FOUR[1]).write_bytes(b"PAR1")
    resum(sharded)
    assert problems(sharded).split("\n") == [
        f"{FOUR[1]}: it cannot be read: Parquet file size is 4 bytes, smaller than the minimum file footer (8 bytes)"
    ]


def test_what_is_wrong_with_the_card_is_told_once(sharded: Path) -> None:
    card = sharded / "README.md"
    text = card.read_text(encoding="utf-8")
    assert "num_examples: 23\n" in text  # of the claims first
    card.write_text(text.replace("num_examples: 23\n", "num_examples: 22\n", 1), encoding="utf-8")
    resum(sharded)
    assert problems(sharded).count("load_dataset fails") == 1


def test_problems_come_in_the_order_of_the_tables(sharded: Path) -> None:
    change(sharded, FOUR[0], lambda rows: rows[0].update(quote=None))
    change(
        sharded,
        all_files(sharded, "sentences")[0].relative_to(sharded).as_posix(),
        lambda rows: rows[0].update(text=None),
    )
    assert [line.split()[0] for line in problems(sharded).split("\n")] == ["claims", "sentences"]


def test_files_in_another_order(sharded: Path) -> None:
    first, second = (sharded / path for path in FOUR[:2])
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)
    resum(sharded)
    assert "claims: the rows do not match the number and digest in release.json" in problems(sharded)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"rows": 22}, "the table claims is not the sum of its files"),
        ({"content_sha256": "0" * 64}, "the table claims is not the sum of its files"),
        ({"path": FOUR[0]}, "the table claims is not the sum of its files"),
        ({"shards": [{"path": FOUR[0], "rows": 0, "content_sha256": "0" * 64}] * 2}, "the path of the table claims"),
    ],
)
def test_a_list_that_contradicts_itself(sharded: Path, changed: dict[str, Any], message: str) -> None:
    manifest = json.loads((sharded / "release.json").read_bytes())
    manifest["tables"]["claims"] |= changed
    (sharded / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(NotAReleaseError, match=message):
        read_manifest(sharded)


@pytest.mark.parametrize("changed", [{"rows": 0}, {"shards": [{"rows": 7, "content_sha256": "0" * 64}]}])
def test_a_file_without_rows_or_with_files(sharded: Path, changed: dict[str, Any]) -> None:
    manifest = json.loads((sharded / "release.json").read_bytes())
    manifest["tables"]["claims"]["shards"][1] |= changed
    (sharded / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(NotAReleaseError, match="a file of the table claims has no rows, or files itself"):
        read_manifest(sharded)


def test_one_file_is_no_list(sharded: Path) -> None:
    manifest = json.loads((sharded / "release.json").read_bytes())
    table = manifest["tables"]["articles"]
    manifest["tables"]["articles"] = {**table, "path": "", "shards": [table]}
    (sharded / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(NotAReleaseError, match="the table articles is not the sum of its files"):
        read_manifest(sharded)


def test_other_numbers_of_rows(sharded: Path) -> None:
    """Their sum is right."""
    manifest = json.loads((sharded / "release.json").read_bytes())
    shards = manifest["tables"]["claims"]["shards"]
    shards[0]["rows"], shards[1]["rows"] = 1, 13
    (sharded / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    resum(sharded)
    assert "claims: the rows do not match the number and digest in release.json" in problems(sharded)


def test_a_path_out_of_its_order(sharded: Path) -> None:
    manifest = json.loads((sharded / "release.json").read_bytes())
    manifest["tables"]["claims"]["shards"].reverse()
    (sharded / "release.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(NotAReleaseError, match=f"the path of the table claims is '{FOUR[3]}', but must be '{FOUR[0]}'"):
        read_manifest(sharded)


def test_files_of_another_number_are_of_no_table(tmp_path: Path) -> None:
    """What else ends in .parquet is not read."""
    (tmp_path / "claims").mkdir()
    for name in ("a-00000-of-00001", "a-0-of-1", "b-00001-of-00002", "b-00000-of-00002", "c"):
        (tmp_path / f"claims/{name}.parquet").touch()
    found = {split: [path.stem for path in paths] for split, paths in table_files(tmp_path, "claims").items()}
    assert found == {"a": ["a-00000-of-00001"], "b": ["b-00000-of-00002", "b-00001-of-00002"]}
