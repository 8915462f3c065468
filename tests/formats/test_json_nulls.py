"""A table that another program writes as JSON Lines has null for what is not there."""

import json
from pathlib import Path

import pytest

from conftest import Run
from factpack.formats.json_lines.nulls import without_nulls
from factpack.formats.yaml_parser import read_yaml
from factpack.project.models import Article, ArticlesFile, ClaimLine, NotCheckableLine
from factpack.project.record_models import DEFAULT_MODELS

PASSAGE = {"article": "b", "quote": "q", "prefix": None, "stance": "supports"}


def test_what_can_be_left_out_is() -> None:
    """Also in the evidence, and where only lines of another kind have the key."""
    line = {"kind": "claim", "id": "c", "prefix": None, "reason": None, "evidence": [PASSAGE, None]}
    found = without_nulls(line, ClaimLine, DEFAULT_MODELS.lines)
    passage = {key: value for key, value in PASSAGE.items() if value}
    assert found == {"kind": "claim", "id": "c", "evidence": [passage, None]}


@pytest.mark.parametrize("key", ["quote", "reason", "typo"])
def test_what_a_line_needs_or_nobody_knows_stays(key: str) -> None:
    """It is an error."""
    assert without_nulls({"kind": "not_checkable", key: None}, NotCheckableLine, DEFAULT_MODELS.lines) == {
        "kind": "not_checkable",
        key: None,
    }


def test_records_in_a_record() -> None:
    """The date of an article can be left out, its value cannot."""
    line = {"id": "a", "title": None, "publisher": None, "date": {"value": None, "stated": None}}
    assert without_nulls(line, Article, {"articles": Article}) == {"id": "a", "date": {"value": None}}
    assert without_nulls({"articles": [line]}, ArticlesFile, {}) == {"articles": [{"id": "a", "date": {"value": None}}]}


@pytest.mark.parametrize("value", [None, "x", 3, [None]])
def test_what_is_no_record_stays(value: object) -> None:
    """The model explains it."""
    assert without_nulls(value, ClaimLine, DEFAULT_MODELS.lines) == value  # type: ignore[arg-type]


def test_a_table_of_all_kinds_is_read(tmp_path: Path, run: Run) -> None:
    """Every line has the keys of every kind, as pandas writes a table of them; the release is the same."""
    assert run("init", tmp_path / "p", "--example").exit_code == 0
    folder = tmp_path / "p/annotations"
    assert run("check", tmp_path / "p").exit_code == 0
    rows = []
    for path in sorted(folder.glob("00*.yaml")):
        plain, _ = read_yaml(path.read_text(encoding="utf-8"))
        assert isinstance(plain, dict)
        kinds = {"claims": "claim", "unverified": "unverified", "not_checkable": "not_checkable"}
        for key, kind in kinds.items():
            rows += [{"kind": kind, "article": plain["article"], **row} for row in plain.get(key) or ()]  # type: ignore[dict-item]
        path.unlink()
    keys = {key: None for row in rows for key in row}
    lines = "".join(json.dumps(keys | row) + "\n" for row in rows)
    assert lines.count("null") > len(rows)
    (folder / "claims.jsonl").write_text(lines, encoding="utf-8")
    result = run("check", tmp_path / "p")
    assert "error" not in result.stdout
    assert result.exit_code == 0
