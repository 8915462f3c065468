"""Make the tables of prompts: the verdict on every claim, from the passages that are given or from all articles.

A prompt of all articles is for corpora that fit into one. Where the prompts would be many times the corpus, they are
left out: a model is not asked a million times, and has no room for a thousand articles.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factpack.dataset.schema import ClassLabel, Column, Config, schema
from factpack.dataset.table_files import all_files, table_files
from factpack.dataset.table_writer import TableFiles, write_table
from factpack.evaluation.gold import evaluated_splits, read_columns

#: The configs of prompts; both have the same columns.
PASSAGES, ARTICLES = "eval", "eval_articles"
TASK_CONFIGS = (PASSAGES, ARTICLES)

_GROUP = 1_000  # prompts that are made, and written, at once


@dataclass(frozen=True, slots=True)
class Limits:
    """Bound the prompts of a release.

    Attributes:
        claims: Claims up to which there are prompts.
        passages: Passages of evidence up to which there are.
        articles: Characters of all articles up to which they fit into one prompt.
        characters: Characters of all prompts together that have all articles in them.
    """

    claims: int = 20_000
    passages: int = 500_000
    articles: int = 200_000
    characters: int = 32 * 2**20


USUAL = Limits()


def write_task_tables(folder: Path, limits: Limits = USUAL) -> tuple[TableFiles, ...]:
    """Write the tables of prompts of a release beside its other tables, which are finished."""
    return write_tasks_of(folder, folder, limits)


def write_tasks_of(release: Path, folder: Path, limits: Limits = USUAL) -> tuple[TableFiles, ...]:
    """Write the tables of prompts of a release into another folder."""
    splits = evaluated_splits(release)
    claims, evidence = (_number(release, config, splits) for config in ("claims", "evidence"))
    if not 0 < claims <= limits.claims or evidence > limits.passages:
        return ()
    labels = ClassLabel("label", _labels(release))
    passages, full = task_configs(labels)
    shown = _passages(release, splits)
    made = [write_table(folder, passages, {split: _rows(release, split, labels, shown) for split in splits})]
    articles = _articles(release, claims, limits)
    if articles:
        made.append(write_table(folder, full, {split: _rows(release, split, labels, {}, articles) for split in splits}))
    return tuple(made)


def _number(release: Path, config: str, splits: Sequence[str]) -> int:
    """Return how many rows a table has in some splits."""
    files = table_files(release, config)
    return sum(pq.read_metadata(path).num_rows for split in splits for path in files.get(split, ()))


def task_configs(labels: ClassLabel) -> tuple[Config, Config]:
    """Return the configs of prompts, as the labels of a dataset make them."""
    given = {
        PASSAGES: "one row per claim: a prompt with the passages that bear on it, for evaluation harnesses",
        ARTICLES: "one row per claim: a prompt with all articles, for evaluation harnesses",
    }
    columns = (
        Column("id", "text", "id of the claim"),
        Column("input", "text", "the prompt"),
        Column("choices", "texts", "the labels to choose from"),
        Column("label", labels, "label of the claim"),
        Column("target", "text", "the same by its name"),
        Column(
            "fact", "text", "id of the fact that the claim answers, by which intervals are resampled", nullable=True
        ),
        Column("article", "text", "id of the article that makes the claim", nullable=True),
    )
    return Config(PASSAGES, given[PASSAGES], columns), Config(ARTICLES, given[ARTICLES], columns)


def _labels(release: Path) -> tuple[str, ...]:
    features = datasets.Features.from_arrow_schema(pq.read_schema(all_files(release, "claims")[0]))
    return tuple(features["label"].names)


def _rows(
    release: Path, split: str, labels: ClassLabel, passages: Mapping[str, Sequence[str]], articles: str = ""
) -> Iterator[pa.Table]:
    """Yield the rows of a table in a split, some at a time."""
    table = read_columns(release, "claims", ["id", "claim", "label", "fact", "article"], [split])
    table = table.filter(pc.is_valid(table["label"]))
    columns = task_configs(labels)[0].columns
    for start in range(0, table.num_rows, _GROUP):
        made = [
            {
                "id": row["id"],
                "input": _prompt(row, articles) if articles else _prompt_of(row, passages.get(row["id"], ())),
                "choices": labels.names,
                "label": row["label"],
                "target": labels.names[row["label"]],
                "fact": row.get("fact"),
                "article": row.get("article"),
            }
            for row in table.slice(start, _GROUP).to_pylist()
        ]
        yield pa.Table.from_pylist(made, schema=schema(columns))


def _prompt(row: Mapping[str, Any], articles: str) -> str:
    return f"{articles}{_claim(row)}\n\nWhat do the articles say of the claim?"


def _prompt_of(row: Mapping[str, Any], passages: Sequence[str]) -> str:
    shown = "\n\n".join(passages) or "No passage bears on it."
    return f"{_claim(row)}\n\n{shown}\n\nWhat do the passages say of the claim?"


def _claim(row: Mapping[str, Any]) -> str:
    article = row.get("article")
    return f"Claim{f' of article {article}' if article else ''}: {row['claim']}"


def _passages(release: Path, splits: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the passages of each claim as they are shown: with their sentences, or alone where there are no texts."""
    found: dict[str, list[str]] = {}
    for row in read_columns(release, "evidence", ["claim_id", "context", "quote", "article"], splits).to_pylist():
        where = f"Passage of article {row['article']}" if row.get("article") else "Passage"
        found.setdefault(row["claim_id"], []).append(f"{where}: {row.get('context') or row['quote']}")
    return found


def _articles(release: Path, claims: int, limits: Limits) -> str:
    """Return all articles as they are shown; nothing where there are no texts, or too many."""
    size = 0
    for path in all_files(release, "articles"):
        for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(64, columns=["text"]):
            if batch["text"].null_count:
                return ""
            size += pc.sum(pc.utf8_length(batch["text"])).as_py() or 0
    if not size or size > limits.articles or size * claims > limits.characters:
        return ""
    rows = read_columns(release, "articles", ["id", "text"]).to_pylist()
    return "".join(f"Article {row['id']}\n\n{row['text'].strip()}\n\n" for row in rows)
