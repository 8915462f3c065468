"""Splits: one file for each, in everything that a release goes through."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import mlcroissant
import pyarrow.parquet as pq
import pytest
import yaml

import factpack
from conftest import TESTS, Run
from factpack.dataset.table_files import table_path
from factpack.errors import FactpackError
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.verification.verify import verify
from hub.server import WRITER, Hub
from releases import contents, make, resum

PROJECT = TESTS / "splits"
CLAIMS = {
    "train": ["burned-1890", "rebuilt-1892", "loose-train"],
    "dev": ["three-stones", "loose-dev"],
    "test": ["burned-ar", "rebuilt-ar", "loose-test"],
}
BY_SPLIT = {"claims": 8, "propositions": 9, "evidence": 6, "eval": 5, "eval_articles": 5}
SHARED = {"articles": 4, "sentences": 8}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(PROJECT, tmp_path_factory.mktemp("splits") / "release")


def test_each_split_has_a_file_and_what_is_shared_has_one(release: Path) -> None:
    splits = dict.fromkeys(("claims", "propositions", "evidence"), ("train", "dev", "test"))
    splits |= dict.fromkeys(("eval", "eval_articles"), ("dev", "test")) | dict.fromkeys(SHARED, ("shared",))
    wanted = {table_path(name, split) for name, each in splits.items() for split in each}
    assert {name for name in contents(release) if name.endswith(".parquet")} == wanted
    for split, ids in CLAIMS.items():
        rows = pq.read_table(release / table_path("claims", split)).to_pylist()
        assert [row["id"] for row in rows] == ids
        assert {row["split"] for row in rows} == {split}
        assert all((row["fold"] is None) == (split == "train") for row in rows)
    assert verify(release) == ""


def loaded(path: str, cache: Path, **options: Any) -> Iterator[tuple[str, int]]:
    for config, rows in (BY_SPLIT | SHARED).items():
        found = datasets.load_dataset(path, config, cache_dir=str(cache), **options)
        assert sum(map(len, found.values())) == rows
        yield from ((f"{config}/{split}", len(each)) for split, each in found.items())


def test_datasets_loads_every_split_from_the_folder(release: Path, tmp_path: Path) -> None:
    found = dict(loaded(str(release), tmp_path))
    assert [name for name in found if name.startswith("claims/")] == ["claims/train", "claims/dev", "claims/test"]
    dev = datasets.load_dataset(str(release), "claims", split="dev", cache_dir=str(tmp_path))
    assert dev["id"][:] == CLAIMS["dev"]
    opened = factpack.open_release(release)
    assert len(opened.load("claims")) == opened.table("claims").num_rows == 8
    assert list(opened.load("claims", "test")["id"]) == CLAIMS["test"]


def test_a_hub_has_every_split(release: Path, tmp_path: Path, server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", WRITER)
    factpack.publish(release, "ann/mills")
    assert dict(loaded("ann/mills", tmp_path, revision="v1.0.0")) == dict(loaded(str(release), tmp_path / "folder"))
    assert server.refused == []


def test_a_store_has_every_split(release: Path, tmp_path: Path, run: Run) -> None:
    result = run("publish", f"file://{tmp_path}/store", release)
    assert result.exit_code == 0, result.stderr
    assert contents(tmp_path / "store/v1.0.0") == contents(release)


def records(release: Path, name: str) -> list[dict[str, Any]]:
    """The records of a set; text comes as bytes, and keys with the path before them."""
    found = mlcroissant.Dataset(jsonld=release / "croissant.json").records(name)
    return [
        {key.rpartition("/")[2]: value.decode() if isinstance(value, bytes) else value for key, value in row.items()}
        for row in found
    ]


def test_croissant_gives_the_splits(release: Path) -> None:
    assert not mlcroissant.Dataset(jsonld=release / "croissant.json").metadata.ctx.issues.errors
    assert [row["name"] for row in records(release, "splits")] == ["train", "dev", "test"]
    for config in ("claims", "eval"):
        found: dict[str, list[str]] = {}
        for row in records(release, config):
            found.setdefault(row["split"], []).append(row["id"])
        assert found == {split: CLAIMS[split] for split in found}
        assert found.keys() == ({"dev", "test"} if config == "eval" else CLAIMS.keys())
    for config, number in (BY_SPLIT | SHARED).items():
        assert len(records(release, config)) == number
    document = json.loads((release / "croissant.json").read_bytes())
    assert next(each for each in document["recordSet"] if each["@id"] == "splits")["dataType"] == "cr:Split"


def test_the_card_says_which_splits_there_are(release: Path) -> None:
    text = (release / "README.md").read_text(encoding="utf-8")
    header = yaml.safe_load(text.split("---\n")[1])
    files = {each["config_name"]: each["data_files"] for each in header["configs"]}
    assert files["claims"] == [{"split": split, "path": table_path("claims", split)} for split in CLAIMS]
    assert files["articles"] == [{"split": "shared", "path": table_path("articles", "shared")}]
    assert "| `train` | training | 3 |\n| `dev` | evaluation | 2 |\n| `test` | evaluation | 3 |" in text
    assert 'load_dataset("OWNER/mills", "claims", split="test", revision="v1.0.0")' in text
    assert "There is one split" not in text
    assert "a claim moves to another split" in text


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_is_built_again_with_the_same_bytes(release: Path, tmp_path: Path, jobs: int) -> None:
    build(open_project(PROJECT), tmp_path / "again", lambda: None, jobs=jobs)
    assert contents(tmp_path / "again") == contents(release)
    assert factpack.open_release(release).reproduce(factpack.load_project(PROJECT)).same


def test_the_texts_are_put_back(release: Path, tmp_path: Path) -> None:
    without = build(open_project(PROJECT), tmp_path / "without", lambda: None, "none").folder
    assert verify(without) == ""
    assert factpack.open_release(without).hydrate(PROJECT / "seeds", tmp_path / "full")
    assert contents(tmp_path / "full") == contents(release)


def lines(path: Path, ids: list[str]) -> Path:
    rows = [{"id": name, "label": "true" if "18" in name or name == "three-stones" else "false"} for name in ids]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_scores_are_of_one_split_or_of_all_for_evaluation(release: Path, tmp_path: Path, run: Run) -> None:
    both = lines(tmp_path / "both.jsonl", CLAIMS["dev"] + CLAIMS["test"])
    assert factpack.score(release, both).claims == 5
    test = lines(tmp_path / "test.jsonl", CLAIMS["test"])
    scores = factpack.score(release, test, split="test")
    assert (scores.claims, scores.release) == (3, "mills 1.0.0, test")
    train = lines(tmp_path / "train.jsonl", CLAIMS["train"])
    assert factpack.score(release, train, split="train").figures["accuracy"].value == 1.0
    missing = run("score", release, test)
    assert missing.exit_code == 1
    assert "missing prediction for the claim `loose-dev`" in missing.stdout
    unknown = run("score", release, test, "--split", "tset")
    assert unknown.exit_code == 2
    assert "has no claims in the split 'tset'; its splits are dev, test, train" in unknown.stderr
    tasks = yaml.safe_load((release / "eval.yaml").read_text(encoding="utf-8"))["tasks"]
    assert [(task["id"], task["config"], task["split"]) for task in tasks] == [
        ("verdict_dev", "eval", "dev"),
        ("verdict_test", "eval", "test"),
        ("verdict_from_articles_dev", "eval_articles", "dev"),
        ("verdict_from_articles_test", "eval_articles", "test"),
    ]
    names = {
        yaml.safe_load(path.read_text().split("custom_dataset")[0])["test_split"]
        for path in release.glob("lm_eval/*.yaml")
    }
    assert names == {"dev", "test"}


def changed(release: Path, folder: Path, change: Any, split: str = "dev", config: str = "claims") -> Path:
    """A copy in which a table has other rows, with a card, a manifest and digests that do not give it away."""
    copy = Path(shutil.copytree(release, folder))
    path = copy / table_path(config, split)
    table = pq.read_table(path)
    rows = change(table.to_pylist())
    pq.write_table(table.schema.empty_table().from_pylist(rows, table.schema), path)
    resum(copy)
    return copy


def moved(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"split": "test"} for row in rows]


def unfolded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"fold": None} for row in rows]


@pytest.mark.parametrize(
    ("config", "change", "said"),
    [
        ("claims", moved, "claims three-stones: its split is 'test', but it is in the file of 'dev'"),
        ("claims", unfolded, "claims three-stones: it has a fold in a split for training, or no fold in"),
        ("evidence", moved, "its split is 'test', but it is in the file of 'dev'"),
        ("propositions", unfolded, "it has a fold in a split for training, or no fold in a split for evaluation"),
    ],
)
def test_rows_in_the_wrong_split(release: Path, tmp_path: Path, config: str, change: Any, said: str) -> None:
    with pytest.raises(FactpackError) as refused:
        verify(changed(release, tmp_path / "release", change, config=config))
    assert said in str(refused.value)


def test_a_file_of_no_split(release: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    shutil.copy(copy / table_path("claims", "dev"), copy / table_path("claims", "later"))
    resum(copy)
    with pytest.raises(FactpackError) as refused:
        verify(copy)
    assert f"{table_path('claims', 'later')}: release.json lists a file that is missing, or does not" in str(
        refused.value
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"path": "claims/dev-00000', '"path": "claims/test-00000', "the path of the table claims is"),
        (
            '"dev": {\n          "path": "claims',
            '"div": {\n          "path": "claims',
            "the table claims has a split 'div'",
        ),
        (
            '"claims": {\n      "rows": 8',
            '"claims": {\n      "rows": 9',
            "the table claims is not the sum of its splits",
        ),
    ],
)
def test_a_manifest_that_contradicts_itself(release: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    copy = Path(shutil.copytree(release, tmp_path / "release"))
    text = (copy / "release.json").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (copy / "release.json").write_text(text.replace(old, new), encoding="utf-8")
    resum(copy)
    with pytest.raises(FactpackError, match=said):
        verify(copy)


def test_the_schema_names_the_splits(tmp_path: Path, run: Run) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    assert run("schema", project).exit_code == 0
    schema = json.loads((project / "annotations/schemas/article.schema.json").read_bytes())
    assert schema["$defs"]["Claim"]["properties"]["split"]["enum"] == ["dev", "test", "train"]
    described = json.loads((project / "annotations/schemas/dataset.schema.json").read_bytes())
    assert described["$defs"]["Dataset"]["properties"]["splits"]["additionalProperties"]["enum"] == [
        "evaluation",
        "training",
    ]
