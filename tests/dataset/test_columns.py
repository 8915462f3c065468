"""The table of columns and everything made from it say the same, each read back by its own reader."""

import json
import re
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard
from msgspec.structs import fields

from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.roles import role
from factpack.dataset.schema import ClassLabel, Column, Config, ListOf, class_labels, features
from factpack.dataset.table_files import table_path
from factpack.project import vocabulary
from factpack.project.models import Article, ClaimLine, Evidence, UnverifiedLine
from factpack.project.vocabulary import RESERVED
from releases import TASKS, make_release

ROLE_WORDS = {
    "id": "",
    "input": " (input of the task)",
    "target": " (to be predicted)",
    "leaks": " (gives away what is to be predicted)",
    "about": "",
}

each_config = pytest.mark.parametrize("config", DEFAULT_TABLES.configs, ids=lambda config: config.name)


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with rows in every table; not to be changed."""
    return make_release(tmp_path_factory.mktemp("columns"))


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column, by hand and not through `datasets`."""
    match column.type:
        case "text":
            return pa.string()
        case "texts":
            return pa.list_(pa.string())
        case ListOf(columns):
            return pa.list_(pa.struct([pa.field(sub.name, arrow_type(sub)) for sub in columns]))
        case _:
            return pa.int64()


@each_config
def test_the_schema_of_the_parquet_file(release: Path, config: Config) -> None:
    """Names, order and types; every field nullable, because a label that is not becomes a plain integer."""
    found = pq.read_schema(release / table_path(config.name)).remove_metadata()
    assert found == pa.schema([pa.field(column.name, arrow_type(column)) for column in config.columns])


@each_config
def test_the_metadata_in_the_parquet_file(release: Path, config: Config) -> None:
    """Label names travel with the file, even without the card."""
    metadata = pq.read_schema(release / table_path(config.name)).metadata
    described = json.loads(metadata[b"huggingface"])["info"]["features"]
    assert list(described) == [column.name for column in config.columns]
    assert datasets.Features.from_dict(described) == features(config.columns)
    for path, _, names in class_labels(config.columns):
        found = described
        for step in path:
            found = found.get("feature", found)[step]
        assert found == {"names": list(names.names), "_type": "ClassLabel"}


def card_feature(column: Column) -> dict[str, Any]:
    """A column as the YAML header of a card has it, by hand and not through `datasets`."""
    match column.type:
        case ClassLabel(_, names):
            numbered = {str(index): name for index, name in enumerate(names)}
            return {"name": column.name, "dtype": {"class_label": {"names": numbered}}}
        case ListOf(columns):
            return {"name": column.name, "list": [card_feature(sub) for sub in columns]}
        case "texts":
            return {"name": column.name, "list": "string"}
        case "text":
            return {"name": column.name, "dtype": "string"}
        case _:
            return {"name": column.name, "dtype": "int64"}


@each_config
def test_the_header_of_the_card(release: Path, config: Config) -> None:
    """The text of the header, and the features that `datasets` makes of it: where they differ, the card wins."""
    header = yaml.safe_load((release / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    described = {info["config_name"]: info["features"] for info in header["dataset_info"]}
    assert sorted(described) == sorted([*(c.name for c in DEFAULT_TABLES.configs), *TASKS])
    assert described[config.name] == [card_feature(column) for column in config.columns]
    infos = DatasetInfosDict.from_dataset_card_data(DatasetCard.load(release / "README.md").data)
    assert infos[config.name].features == features(config.columns)
    assert (
        infos[config.name].splits["test"].num_examples == pq.read_metadata(release / table_path(config.name)).num_rows
    )


def test_the_croissant_fields(release: Path) -> None:
    """Ids, types, sources and label references of every column, nested ones too."""
    document = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    record_sets = {record_set["@id"]: record_set for record_set in document["recordSet"]}
    assert [name for name in record_sets if not name.startswith("enum/")] == [
        *(config.name for config in DEFAULT_TABLES.configs),
        *TASKS,
    ]

    def check(field: dict[str, Any], column: Column, parent: str, source: dict[str, Any]) -> None:
        assert field["@id"] == field["name"] == f"{parent}/{column.name}"
        config, _, path = field["@id"].partition("/")
        assert field["description"] == column.description + ROLE_WORDS[role(config, path.replace("/", "[]."))]
        assert field.get("isArray", False) == (column.type == "texts" or isinstance(column.type, ListOf))
        assert field["source"] == source
        match column.type:
            case ListOf(columns):
                assert "dataType" not in field
                for sub, sub_column in zip(field["subField"], columns, strict=True):
                    transform = {"transform": {"jsonPath": f"$[*].{sub_column.name}"}}
                    check(sub, sub_column, field["@id"], source | transform)
            case ClassLabel(name, names):
                assert field["dataType"] == "sc:Integer"
                assert field["references"] == {"field": {"@id": f"enum/{name}/id"}}
                enumeration = record_sets[f"enum/{name}"]
                assert enumeration["dataType"] == "sc:Enumeration"
                assert [row[f"enum/{name}/name"] for row in enumeration["data"]] == list(names)
            case "text" | "texts":
                assert field["dataType"] == "sc:Text"
            case _:
                assert field["dataType"] == "sc:Integer"

    for config in DEFAULT_TABLES.configs:
        record_set = record_sets[config.name]
        assert record_set["key"] == {"@id": f"{config.name}/{config.key}"}
        for field, column in zip(record_set["field"], config.columns, strict=True):
            check(
                field,
                column,
                config.name,
                {"fileObject": {"@id": table_path(config.name)}, "extract": {"column": column.name}},
            )


def table_lines(columns: tuple[Column, ...], prefix: str = "") -> list[str]:
    """The lines of a Markdown table of columns, by hand."""
    lines = []
    for column in columns:
        kinds = {"text": "string", "integer": "int64", "texts": "list of string"}
        nested: tuple[Column, ...] = ()
        match column.type:
            case ClassLabel(_, names):
                kind = "ClassLabel: " + ", ".join(f"`{name}`" for name in names)
            case ListOf(nested):
                kind = "list of struct"
            case other:
                kind = kinds[other]
        lines.append(f"| `{prefix}{column.name}` | {kind} | {column.description} |")
        lines += table_lines(nested, f"{prefix}{column.name}[].")
    return lines


@each_config
def test_the_tables_in_the_card(release: Path, config: Config) -> None:
    """Under a heading of its own, every column, none twice."""
    text = (release / "README.md").read_text(encoding="utf-8")
    section = re.split(r"^### ", text[text.index(f"### `{config.name}`\n") + 1 :], flags=re.MULTILINE)[0]
    section = section.split("\n## ")[0]
    lines = [line for line in section.split("\n") if line.startswith("|")]
    assert lines == ["| column | type | meaning |", "|---|---|---|", *table_lines(config.columns)]


@each_config
def test_names_and_descriptions_are_fit_to_print(config: Config) -> None:
    """No bar would end a cell of a table, no column is there twice, and the key is one of them."""

    def check(columns: tuple[Column, ...]) -> None:
        assert len({column.name for column in columns}) == len(columns)
        for column in columns:
            assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
            assert column.description
            assert "|" not in column.description
            assert "\n" not in column.description
            if isinstance(column.type, ListOf):
                check(column.type.columns)

    check(config.columns)
    assert re.fullmatch(r"\w+", config.name)
    assert config.key in {column.name for column in config.columns}


def test_label_numbers_never_change() -> None:
    """Files that are out there hold these numbers: names are only ever added at the end."""
    assert vocabulary.LABELS[:3] == ("supported", "disputed", "erroneous")
    assert vocabulary.STANCES[:2] == ("supports", "refutes")
    assert vocabulary.BASES[:7] == (
        "corroborated",
        "corroborated_within",
        "contradicted",
        "doubted",
        "corrected",
        "outweighed",
        "magnitude",
    )
    assert vocabulary.REASONS[:7] == ("opinion", "prediction", "question", "heading", "boilerplate", "tone", "unclear")


def test_no_column_of_a_project_can_be_named_like_one_of_factpack() -> None:
    """Every column of a table that can be extended, and every key of its records, is reserved."""
    for table, records in {
        "claims": (ClaimLine, UnverifiedLine),
        "evidence": (Evidence,),
        "articles": (Article,),
    }.items():
        columns = {column.name for column in DEFAULT_TABLES.config(table).columns}
        assert columns | {each.encode_name for model in records for each in fields(model)} <= RESERVED[table]
