"""One change of the invented project each, and what a test does to tables."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from conftest import TESTS
from factpack.dataset.columns import DEFAULT_TABLES
from factpack.dataset.schema import features
from factpack.dataset.table_files import table_path
from factpack.versioning.diff import diff

EXPECTED = TESTS / "diffs"
ENDINGS = {"text": "txt", "json": "json", "markdown": "md"}

LABELS = ("supported", "disputed", "erroneous")
STANCES = ("supports", "refutes")

Edit = tuple[str, str, str]  # a file, words that stand in it once, and what they become

GONE = "  - {quote: 'leaves at 12:30', reason: boilerplate}\n"
DEPARTURE_B2 = """\
  - id: departs-1230-b2
    quote: leaves at 12:30
    claim: By the timetable the ferry leaves at 12:30.
    speaker: article
    fact: departure-time
    value: 12:30
    label: supported
    basis: corroborated
    rationale: c3 gives the same time.
    evidence:
      - {article: c3, quote: 12時30分発, stance: supports}
"""
DEPARTURE_C3 = """\
  - id: departs-1230-c3
    quote: 12時30分発
    claim: The ferry leaves at 12:30.
    speaker: article
    fact: departure-time
    value: 12:30
    label: supported
    basis: corroborated
    rationale: The timetable in b2 gives the same time.
    evidence:
      - {article: b2, quote: leaves at 12:30, stance: supports}
"""
DOUBTED = "label: disputed\n    basis: doubted\n"
CORRECTED = "label: erroneous\n    basis: corrected\n    correction: Nobody knows what caused the delay.\n"
C3_SUM = "65b09d7d320d277c794cc1840d22fa8e8bcc84d848d94dd88ef4899e35d699fc"

#: One change each; the name is that of the expected output.
EDITS: dict[str, list[Edit]] = {
    "relabelled": [("annotations/a1.yaml", DOUBTED, CORRECTED), ("annotations/c3.yaml", DOUBTED, CORRECTED)],
    "re-anchored": [("annotations/a1.yaml", "quote: Nobody was hurt", "quote: Nobody was hurt.")],
    "reworded": [("annotations/c3.yaml", "claim: Fog caused the delay of the ferry.", "claim: Fog was the cause.")],
    "removed": [
        ("annotations/b2.yaml", DEPARTURE_B2, ""),
        ("annotations/b2.yaml", "not_checkable:\n", f"not_checkable:\n{GONE}"),
        ("annotations/c3.yaml", DEPARTURE_C3, ""),
    ],
    "evidence": [("annotations/a1.yaml", "quote: No injuries 🚢", "quote: “No injuries 🚢,”")],
    "rationale": [("annotations/c3.yaml", "The harbour office (a1) and b2 give 90.", "Both others give 90.")],
    "speaker": [("annotations/b2.yaml", "speaker: Coast guard", "speaker: article")],
    "fact": [("annotations/facts.yaml", "facts:\n", "facts:\n  - {id: captain-name, question: Who is the captain?}\n")],
    "question": [("annotations/facts.yaml", "Was anybody hurt?", "Was somebody hurt?")],
    "title": [("annotations/articles.yaml", "    title: フェリー「マリゴールド」号、また遅れる\n", "")],
    "text": [
        ("seeds/c3_minato.txt", "美しい船だ。", "美しい船だ。了。"),
        ("annotations/articles.yaml", C3_SUM, "{c3_minato.txt}"),
    ],
    "article": [
        ("seeds/d4_note.txt", "", "Fog again.\n"),
        (
            "annotations/articles.yaml",
            "articles:\n",
            "articles:\n  - {id: d4, file: d4_note.txt, sha256: {d4_note.txt}, language: en}\n",
        ),
    ],
    "card": [("annotations/dataset.yaml", "to try the packager on", "to try it on")],
}
#: The same, from the other side.
MIRRORED = {"added": "removed", "article-removed": "article", "fact-removed": "fact"}


def edited(project: Path, edits: list[Edit]) -> Path:
    """Applies edits to a project; ``{name}`` becomes the digest of a text."""
    for name, before, after in edits:
        path = project / name
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text.count(before) == 1, name
        for seed in project.glob("seeds/*.txt"):
            after = after.replace(f"{{{seed.name}}}", hashlib.sha256(seed.read_bytes()).hexdigest())  # noqa: PLW2901 - one at a time
        path.write_text(text.replace(before, after), encoding="utf-8")
    return project


Row = dict[str, Any]


def rewrite(
    release: Path, config: str, change: Callable[[Row], Row], described: Mapping[str, Any] | None = None
) -> None:
    """Writes a table anew: every row as ``change`` makes it, with other features if these are described."""
    path = release / table_path(config)
    rows = [change(row) for row in pq.read_table(path).to_pylist()]
    schema = datasets.Features(described).arrow_schema if described else pq.read_schema(path)
    pq.write_table(pa.Table.from_pylist(rows, schema), path)


def described(config: str) -> dict[str, Any]:
    """The features of a config, to change."""
    return dict(features(next(c.columns for c in DEFAULT_TABLES.configs if c.name == config)))


def told(old: Path, new: Path) -> list[tuple[Any, ...]]:
    """The differences as tuples, without what is empty."""
    found = diff(old, new).differences
    return [(str(d.change), d.config, d.subject, *(v for v in (d.old, d.new) if v is not None)) for d in found]
