"""The rows of a release, and the digests and versions beside them."""

import hashlib
import json
import re
import shutil
import subprocess
from importlib.metadata import version as installed
from pathlib import Path

import datasets
import pandas as pd
import pyarrow.parquet as pq
import pytest

from conftest import PROJECT, Run, edit
from factpack.corpus.folds import FOLDS
from factpack.dataset.table_files import table_path
from releases import FILES, TABLES, TASKS, content_digest, make, rows


def test_no_fact_lies_in_two_folds(built: Path) -> None:
    """Otherwise cross-validation would test on what it was trained on; all tables say the same."""
    folds = {row["id"]: row["fold"] for row in rows(built, "facts")}
    assert len(folds) == 10
    assert set(folds.values()) <= set(range(FOLDS))
    assert len(set(folds.values())) > 1
    for config in ("claims", "evidence"):
        assert {(row["fact"], row["fold"]) for row in rows(built, config)} <= set(folds.items())


def test_no_deciding_passage_lies_in_two_folds(built: Path) -> None:
    """Every fold has a supported claim; of the erroneous ones there are only three."""
    folds: dict[tuple[str, int, int], set[int]] = {}
    for row in rows(built, "evidence"):
        folds.setdefault((row["article"], row["start"], row["end"]), set()).add(row["fold"])
    assert all(len(each) == 1 for each in folds.values())
    by_label = {label: {row["fold"] for row in rows(built, "claims") if row["label"] == label} for label in range(3)}
    assert {label: len(each) for label, each in by_label.items()} == {0: 5, 1: 2, 2: 3}


def test_evidence_names_its_sentence(built: Path) -> None:
    sentences = {row["id"]: row for row in rows(built, "sentences")}
    evidence = rows(built, "evidence")
    assert all(row["context"] == sentences[row["sentence_id"]]["text"] for row in evidence)


def test_a_passage_of_two_sentences_names_none(project_folder: Path, run: Run) -> None:
    edit(
        project_folder,
        "c3.yaml",
        lambda data: data["claims"][-1]["evidence"][0].update(quote="aboard. The captain’s fog is unconfirmed"),
    )
    release = make(project_folder)
    without = [row for row in rows(release, "evidence") if row["sentence_id"] is None]
    assert [row["context"][:24] for row in without] == ["Contrary to what the may"]
    assert run("verify", release).exit_code == 0


def test_class_labels_have_names_in_pandas(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the lines that the card gives, in the folder; they are the names that `datasets` gives."""
    body = (built / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(import pandas.*?)```", body, re.DOTALL)
    assert code
    done: dict[str, pd.DataFrame] = {}
    monkeypatch.chdir(built)
    exec(code[1], done)  # noqa: S102 - the code of the card
    labels = datasets.load_dataset(str(built), "claims", split="test")
    assert done["frame"]["label"].tolist() == [labels.features["label"].int2str(number) for number in labels["label"]]


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
        "fold": next(fact["fold"] for fact in rows(built, "facts") if fact["id"] == "crossing-length"),
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


def test_the_manifest_tells_the_rows_and_the_tools(built: Path) -> None:
    """The digests of the rows can be had from the Parquet files by anybody, whatever wrote them."""
    manifest = json.loads((built / "release.json").read_text(encoding="utf-8"))
    assert manifest["name"] == "ferry-factcheck"
    assert manifest["version"] == "1.1.0"
    assert list(manifest["tables"]) == [config.name for config in TABLES]
    assert list(manifest["tasks"]) == TASKS
    for config, table in (manifest["tables"] | manifest["tasks"]).items():
        found = rows(built, config)
        assert table == {
            "path": table_path(config),
            "rows": len(found),
            "content_sha256": content_digest(built, config),
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
