"""A release loads everywhere it is promised to, with the same values, and never from a stale cache."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import duckdb
import mlcroissant
import pandas as pd
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
import yaml

from conftest import PROJECT, edit
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.schema import ClassLabel, Config, ListOf, class_labels, features
from factpack.dataset.table_files import table_path
from factpack.formats.registry import open_project
from factpack.release.build import build
from factpack.release.croissant import enumerations
from releases import TASKS, make_release

Row = dict[str, Any]

each_config = pytest.mark.parametrize("config", DEFAULT_TABLES.configs, ids=lambda config: config.name)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with rows in every table; not to be changed."""
    return make_release(tmp_path_factory.mktemp("loading"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A cache of `datasets` for this run alone."""
    return str(tmp_path_factory.mktemp("cache"))


def stored(release: Path, config: str) -> list[Row]:
    """The rows as pyarrow reads them: what every other reader must give, too."""
    rows: list[Row] = pq.read_table(release / table_path(config)).to_pylist()
    assert rows
    return rows


@each_config
def test_datasets(release: Path, cache: str, config: Config) -> None:
    """The features of the table of columns, the one split, every value."""
    loaded = datasets.load_dataset(str(release), config.name, cache_dir=cache)
    assert list(loaded) == ["test"]
    assert loaded["test"].features == features(config.columns)
    assert loaded["test"].to_list() == stored(release, config.name)
    for path, _, names in class_labels(config.columns):
        feature: Any = loaded["test"].features
        for step in path:
            feature = getattr(feature, "feature", feature)[step]
        assert isinstance(feature, datasets.ClassLabel)
        assert tuple(feature.names) == names.names


@each_config
def test_the_files_by_themselves(release: Path, cache: str, config: Config) -> None:
    """With the features that their schema names; the card says which versions of `datasets` know them."""
    file = str(release / table_path(config.name))
    loaded = datasets.load_dataset("parquet", data_files=file, split="train", cache_dir=cache)
    assert loaded.features == features(config.columns)
    assert loaded.to_list() == stored(release, config.name)
    card = " ".join((release / "README.md").read_text(encoding="utf-8").split())
    assert (
        'To load single Parquet files with `load_dataset("parquet", data_files=…)`, use `datasets` 4.0 or later, '
        "which knows the type `List` of their schema." in card
    )


def test_the_default_config_is_that_of_the_claims(release: Path, cache: str) -> None:
    """Whoever names none gets the claims."""
    loaded = datasets.load_dataset(str(release), split="test", cache_dir=cache)
    assert loaded.features == features(DEFAULT_TABLES.configs[0].columns)
    assert loaded.to_list() == stored(release, "claims")
    configs = [config.name for config in DEFAULT_TABLES.configs]
    assert datasets.get_dataset_config_names(str(release)) == [*configs, *TASKS]


def test_labels_have_names_and_evidence_is_nested(release: Path, cache: str) -> None:
    """As the card shows it: one row, read by its names."""
    claims = datasets.load_dataset(str(release), "claims", split="test", cache_dir=cache)
    row = next(row for row in claims if row["id"] == "ticket-4-kr-a1")
    assert claims.features["label"].int2str(row["label"]) == "erroneous"
    assert claims.features["basis"].int2str(row["basis"]) == "magnitude"
    assert row["correction"] == "A ticket for the ferry costs 40 or 45 kr."
    stance = claims.features["evidence"].feature["stance"]
    assert [(e["article"], e["quote"], stance.int2str(e["stance"])) for e in row["evidence"]] == [
        ("b2", "A ticket costs 40\u00a0kr", "refutes"),
        ("c3", "切符は45クローネ", "refutes"),
    ]


@each_config
def test_streaming(release: Path, config: Config) -> None:
    """Without a cache and without a copy."""
    streamed = datasets.load_dataset(str(release), config.name, split="test", streaming=True)
    assert streamed.features == features(config.columns)
    assert list(streamed) == stored(release, config.name)


def plain(value: Any) -> Any:
    """NumPy arrays as lists, missing values as None."""
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return None if value is None or value is pd.NA or value != value else value  # noqa: PLR0124 - not a number


@each_config
def test_pandas(release: Path, config: Config) -> None:
    """Every value; a null in a column of numbers makes them floats, which is what pandas does."""
    frame = pd.read_parquet(release / table_path(config.name))
    assert list(frame.columns) == [column.name for column in config.columns]
    assert [plain(row) for row in frame.to_dict("records")] == stored(release, config.name)


@each_config
def test_pyarrow_dataset(release: Path, config: Config) -> None:
    """The folder of a config is an Arrow dataset."""
    found = pyarrow.dataset.dataset(release / config.name, format="parquet").to_table()
    assert found.schema == features(config.columns).arrow_schema
    assert found.to_pylist() == stored(release, config.name)


@each_config
def test_duckdb(release: Path, config: Config) -> None:
    """SQL on the file itself, nested columns included."""
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(release / table_path(config.name))])
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    assert rows == stored(release, config.name)


def test_a_question_in_sql(release: Path) -> None:
    """The refuting passages of erroneous claims, by a join of two files."""
    query = """
        SELECT c.id, count(*) FROM read_parquet(?) c JOIN read_parquet(?) e ON e.claim_id = c.id
        WHERE c.label = 2 AND e.stance = 1 GROUP BY c.id ORDER BY c.id
    """
    with duckdb.connect() as connection:
        files = [str(release / table_path(name)) for name in ("claims", "evidence")]
        found = connection.execute(query, files).fetchall()
    assert found == [("late-1-hour-c3", 2), ("passengers-900-a1", 3), ("ticket-4-kr-a1", 2)]


def decoded(value: Any, prefix: str) -> Any:
    """A record of mlcroissant as a row: text comes as bytes, and keys with the path before them."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key.removeprefix(prefix): decoded(item, key + "/") for key, item in value.items()}
    if isinstance(value, list):
        return [decoded(item, prefix) for item in value]
    return plain(value)


@each_config
def test_croissant_records(release: Path, config: Config) -> None:
    """Value by value what the Parquet files hold; the validator alone would pass a wrong column."""
    croissant = mlcroissant.Dataset(jsonld=release / "croissant.json")
    records = list(croissant.records(config.name))
    nested = {column.name for column in config.columns if isinstance(column.type, ListOf)}
    found = []
    for record in records:
        row = decoded(record, f"{config.name}/")
        for name in nested:
            items = record[f"{config.name}/{name}"]
            row[name] = [decoded(item, f"{config.name}/{name}/") for item in items]
        found.append(row)
    assert found == stored(release, config.name)


@pytest.mark.parametrize("names", enumerations(DEFAULT_TABLES.configs), ids=lambda names: names.name)
def test_croissant_labels(release: Path, names: ClassLabel) -> None:
    """The names behind the label numbers, as records."""
    at = f"enum/{names.name}"
    records = mlcroissant.Dataset(jsonld=release / "croissant.json").records(at)
    assert [decoded(record, f"{at}/") for record in records] == [
        {"id": index, "name": name} for index, name in enumerate(names.names)
    ]


def test_croissant_has_no_errors(release: Path) -> None:
    """And warns of nothing but the date of publication, which a build that is the same every day cannot know."""
    issues = mlcroissant.Dataset(jsonld=release / "croissant.json").metadata.ctx.issues
    assert list(issues.errors) == []
    assert [warning for warning in issues.warnings if "datePublished" not in warning] == []


def test_croissant_gives_no_licence_of_a_part_as_that_of_everything(release: Path, project_folder: Path) -> None:
    """A licence with a name of its own is described, and leads to the section of the card; only others are a link."""
    [licence] = mlcroissant.Dataset(jsonld=release / "croissant.json").metadata.license
    described = yaml.safe_load((PROJECT / "annotations/dataset.yaml").read_text(encoding="utf-8"))
    assert (licence.name, licence.description) == (described["license_name"], described["rights"])
    assert licence.url == "README.md#licence-and-rights"
    assert "\n## Licence and rights\n" in (release / "README.md").read_text(encoding="utf-8")
    whole = {"license": "cc-by-4.0", "license_name": "", "license_link": "https://creativecommons.org/licenses/by/4.0/"}
    edit(project_folder, "dataset.yaml", lambda data: data.update(whole))
    again = build(open_project(project_folder), project_folder / "release", lambda: None).folder
    assert mlcroissant.Dataset(jsonld=again / "croissant.json").metadata.license == [whole["license_link"]]


def test_croissant_gives_sum_and_size_of_every_table(release: Path) -> None:
    """So that a table that was changed does not pass for the one described."""
    document = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    sums = dict(
        line.split("  ")[::-1] for line in (release / "SHA256SUMS").read_text(encoding="ascii").split("\n") if line
    )
    files = {file["contentUrl"]: file for file in document["distribution"]}
    configs = [config.name for config in DEFAULT_TABLES.configs]
    assert sorted(files) == sorted(map(table_path, [*configs, *TASKS]))
    for path, file in files.items():
        assert file["sha256"] == sums[path]
        assert file["contentSize"] == f"{(release / path).stat().st_size} B"


def test_every_span_is_its_quote(release: Path, cache: str) -> None:
    """Read as a user reads it; in the text that stands beside it, with characters beyond U+FFFF."""
    loaded = {
        config.name: datasets.load_dataset(str(release), config.name, split="test", cache_dir=cache)
        for config in DEFAULT_TABLES.configs
    }
    texts = {row["id"]: row["text"] for row in loaded["articles"]}
    assert any(ord(c) > 0xFFFF for text in texts.values() for c in text)
    spans = [(row["article"], row) for name in ("claims", "evidence", "votes") for row in loaded[name]]
    spans += [(e["article"], e) for row in loaded["claims"] for e in row["evidence"]]
    spans += [(e["article"], e) for row in loaded["facts"] for e in row["settled_by"]]
    spans += [(row["article"], u) for row in loaded["sentences"] for u in row["unverified"]]
    assert {article for article, _ in spans} == set(texts)
    for article, span in spans:
        assert texts[article][span["start"] : span["end"]] == span["quote"]
    for row in loaded["sentences"]:
        assert texts[row["article"]][row["start"] : row["end"]] == row["text"]
    for name in ("claims", "evidence"):
        assert all(row["quote"] in row["context"] for row in loaded[name])


LOAD = """
import json, sys
from datasets import load_dataset
for folder in sys.argv[1:]:
    print(json.dumps([[row["id"], row["rationale"]] for row in load_dataset(folder, split="test")]))
"""


def load_with_default_cache(home: Path, *folders: Path) -> list[dict[str, str]]:
    """The rationale of every claim, loaded as a user does: in a new process, with the cache from before."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT") if name in os.environ}
    env = kept | {"HOME": str(home), "HF_HOME": str(home / "hf"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", LOAD, *map(str, folders)]
    printed = subprocess.run(command, env=env, capture_output=True, check=True, timeout=60).stdout
    return [dict(json.loads(line)) for line in printed.splitlines()]


def test_a_cache_never_gives_the_rows_of_another_release(tmp_path: Path) -> None:
    """`datasets` caches a local folder by its base name and the sizes in its header, not by its place or content."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    annotations = project / "annotations" / "a1.yaml"
    written = annotations.read_text(encoding="utf-8")
    one, other = tmp_path / "x" / "release", tmp_path / "y" / "release"

    def make(letters: str, folder: Path) -> list[Any]:
        """Builds with another reason for the first claim; returns what the header says of the claims."""
        assert written.count("b2 gives the same delay.") == 1
        text = written.replace("b2 gives the same delay.", f"b2 gives the same del{letters}.")
        annotations.write_text(text, encoding="utf-8")
        build(open_project(project), folder, lambda: None)
        header = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---\n")[1])
        return [info for info in header["dataset_info"] if info["config_name"] == "claims"]

    described = make("ax", one)
    candidates = (f"{a}{b}" for a in "aeiou" for b in "zwvutsrqponmlk")
    letters = next(letters for letters in candidates if make(letters, other) == described)
    first, elsewhere = load_with_default_cache(tmp_path / "home", one, other)
    assert first["late-40-minutes-a1"] == "b2 gives the same delax."
    assert elsewhere == first | {"late-40-minutes-a1": f"b2 gives the same del{letters}."}
    assert any((tmp_path / "home").rglob("*.arrow"))  # there was a cache, and the next process finds it
    make(letters, one)
    make("ax", other)
    assert load_with_default_cache(tmp_path / "home", one, other) == [elsewhere, first]


def versions(release: Path) -> dict[str, str]:
    """The version under which each config is cached."""
    names = datasets.get_dataset_config_names(str(release))
    builders = (datasets.load_dataset_builder(str(release), name, cache_dir=str(release.parent)) for name in names)
    return {builder.config.name: str(builder.config.version) for builder in builders}


def test_the_version_of_the_cache_follows_the_rows_of_every_table(tmp_path: Path) -> None:
    """A table that changes gets another one, a table that does not keeps it, so that nothing is loaded twice."""
    project = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    path = project / "annotations" / "facts.yaml"
    changed = path.read_text(encoding="utf-8").replace(
        "How late did the ferry leave?", "By how much was the ferry late?"
    )
    path.write_text(changed, encoding="utf-8")
    old = versions(build(open_project(PROJECT), tmp_path / "release", lambda: None)[0])
    new = versions(build(open_project(project), None, lambda: None)[0])
    assert {name for name in old if old[name] != new[name]} == {"facts"}
    assert all(version.startswith("1.1.") for version in (old | new).values())
