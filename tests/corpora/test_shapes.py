"""Projects in the shape of datasets of the field: begun, checked, built, verified, loaded, and given back."""

import json
from pathlib import Path
from typing import Any

import datasets
import pytest

import factpack
from conftest import Run
from corpora.known_shapes import SHAPES, write_project
from corpora.wice import export_records, import_records
from factpack.project.scaffold import PRESETS

SENTENCES = ["About the Alm", "The bridge 橋 🌉 was opened in 1911.", "", "It is long.", "It is long.", " كان طويلا."]
RECORDS: list[dict[str, Any]] = [
    {
        "label": "supported",
        "supporting_sentences": [[1, 3], [1, 4]],
        "claim": "The old bridge was opened in 1911 and is long.",
        "evidence": SENTENCES,
        "meta": {
            "id": "dev1",
            "claim_title": "Alm",
            "claim_section": "Bridges.",
            "claim_context": "Two lines.\nOf words.",
        },
    },
    {
        "label": "partially_supported",
        "supporting_sentences": [[5]],
        "claim": "It was long, and red.",
        "evidence": [*SENTENCES, "cafe\u0301"],
        "meta": {"id": "dev2", "claim_title": "Alm", "claim_section": "", "claim_context": ""},
    },
    {
        "label": "not_supported",
        "supporting_sentences": [[], []],
        "claim": "The bridge fell.",
        "evidence": ["Nothing."],
        "meta": {"id": "dev10", "claim_title": "", "claim_section": "", "claim_context": ""},
    },
]


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_project_like_a_known_dataset(tmp_path: Path, run: Run, preset: str) -> None:
    """It has no errors, and its release is what anybody can verify and load."""
    project, release = tmp_path / "project", tmp_path / "release"
    assert run("init", project, "--like", preset).exit_code == 0
    report = factpack.load_project(project).check()
    assert report.ok
    assert {problem.rule for problem in report.problems} == {"placeholder-text"}
    assert run("build", project, "--out", release).exit_code == 0
    assert run("verify", release).exit_code == 0
    written = [json.loads(line) for line in (project / "annotations/claims.jsonl").read_text("utf-8").splitlines()]
    claims = factpack.open_release(release).load("claims")
    names = claims.features["label"].names
    assert sorted((row["id"], row["claim"], names[row["label"]]) for row in claims) == sorted(
        (record["id"], record["claim"], record["label"]) for record in written
    )
    by_id = {record["id"]: record for record in written}
    for row in claims:
        record = by_id[row["id"]]
        given = record.get("evidence", [])
        assert [each["quote"] for each in row["evidence"]] == [each["quote"] for each in given]
        assert [each.get("groups", []) for each in row["evidence"]] == [each.get("groups", []) for each in given]


def test_columns_of_a_project_have_their_types(tmp_path: Path, run: Run) -> None:
    run("init", tmp_path / "project", "--like", "climate-fever")
    run("build", tmp_path / "project", "--out", tmp_path / "release")
    evidence = factpack.open_release(tmp_path / "release").load("evidence")
    assert evidence.features["entropy"] == datasets.Value("float64")
    assert list(evidence["entropy"]) == [0.0, 0.636514, 0.0]
    assert evidence.features["stance"].names == ["SUPPORTS", "REFUTES", "NOT_ENOUGH_INFO"]
    assert set(evidence["article"]) == {None}
    assert evidence["source"][0] == "Alm (valley)"


def test_wice_comes_back_record_by_record(tmp_path: Path, run: Run) -> None:
    import_records(RECORDS, tmp_path / "project")
    done = run("check", tmp_path / "project")
    assert done.exit_code == 0
    assert run("build", tmp_path / "project", "--out", tmp_path / "release").exit_code == 0
    assert run("verify", tmp_path / "release").exit_code == 0
    assert list(export_records(tmp_path / "release")) == RECORDS


@pytest.mark.parametrize("name", SHAPES)
def test_known_shapes_come_back_record_by_record(tmp_path: Path, run: Run, name: str) -> None:
    shape = SHAPES[name]
    write_project(tmp_path / "project", name, shape)
    checked = run("check", tmp_path / "project")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert run("build", tmp_path / "project", "--out", tmp_path / "release").exit_code == 0
    assert run("verify", tmp_path / "release").exit_code == 0
    found = list(shape.export(factpack.open_release(tmp_path / "release")))
    order = [str(record) for record in shape.records]
    assert sorted(found, key=lambda record: order.index(str(record)) if str(record) in order else -1) == shape.records
