"""The ways to package a corpus that the packager is measured against; each runs in a process of its own.

A way prints the seconds that its work took by the clock and by the processor, without the start of Python and the
imports.
"""

import json
import re
import sys
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import datasets
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from factpack.dataset.table_writer import PARQUET
from measure import OUT_OF_MEMORY

Row = dict[str, Any]


@click.group()
def main() -> None:
    """Runs one way."""


@contextmanager
def timed() -> Iterator[None]:
    """Prints the seconds of the work, by the clock and by the processor."""
    started, processor = time.perf_counter(), time.process_time()
    yield
    click.echo(f"{time.perf_counter() - started} {time.process_time() - processor}")


PATH = click.Path(path_type=Path, exists=True, file_okay=False)
CORPUS = click.argument("corpus", type=PATH)
OUT = click.argument("out", type=PATH)


@main.command()
@click.argument("release", type=PATH)
@OUT
def prepare(release: Path, out: Path) -> None:
    """Turns the tables of a release into Arrow files that can be mapped into memory, a batch for every row group."""
    for path in sorted(release.glob("*/*.parquet")):
        source = pq.ParquetFile(path)
        (out / path.parent.name).mkdir(exist_ok=True)
        target = out / path.parent.name / f"{path.stem}.arrow"
        with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, source.schema_arrow) as writer:
            for group in range(source.num_row_groups):
                writer.write_table(source.read_row_group(group).combine_chunks())


@main.command()
@CORPUS
@click.argument("prepared", type=PATH)
@OUT
def floor(corpus: Path, prepared: Path, out: Path) -> None:
    """The least there is to do: reads the input once, and writes tables that are ready as the packager writes them."""
    for path in prepared.glob("*/*.arrow"):  # into the page cache, where a packager would have its rows
        with path.open("rb") as stream:
            while stream.read(2**24):
                pass
    with timed():
        for folder in ("annotations", "seeds"):
            for path in sorted((corpus / folder).iterdir()):
                path.read_bytes()
        for path in sorted(prepared.glob("*/*.arrow")):
            (out / path.parent.name).mkdir(exist_ok=True)
            with pa.memory_map(str(path)) as source:
                batches = pa.ipc.open_file(source)
                with pq.ParquetWriter(
                    out / path.parent.name / f"{path.stem}.parquet", batches.schema, **PARQUET
                ) as writer:
                    for number in range(batches.num_record_batches):
                        batch = batches.get_batch(number)
                        writer.write_table(pa.Table.from_batches([batch]), row_group_size=max(batch.num_rows, 1))


# What a short script would do: the same tables, without checks, votes, folds and versions.


@dataclass(frozen=True, slots=True)
class Text:
    """A text and where its sentences begin and end, in code points."""

    text: str
    starts: list[int]
    ends: list[int]

    def place(self, quote: str, prefix: str) -> Row:
        """Where a quote stands, and the sentences that it stands in."""
        start = self.text.index(prefix + quote) + len(prefix)
        end = start + len(quote)
        context = self.text[self.starts[bisect_right(self.starts, start) - 1] : self.ends[bisect_left(self.ends, end)]]
        return {"quote": quote, "start": start, "end": end, "context": context}


SENTENCE = re.compile(r"[^\s.।。][^\n.।。]*[.।。]?")


def read_texts(corpus: Path) -> dict[str, Text]:
    """The texts by the ids of their articles."""
    texts = {}
    for row in article_rows(corpus):
        spans = [match.span() for match in SENTENCE.finditer(row["text"])]
        texts[row["id"]] = Text(row["text"], [start for start, _ in spans], [end for _, end in spans])
    return texts


def read_lines(path: Path) -> Iterator[Row]:
    """The records of a file in JSON Lines."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def article_rows(corpus: Path) -> Iterator[Row]:
    """A row per article."""
    for record in read_lines(corpus / "annotations" / "articles.jsonl"):
        yield {**record, "text": (corpus / "seeds" / record["file"]).read_bytes().decode()}


def sentence_rows(corpus: Path) -> Iterator[Row]:
    """A row per sentence."""
    for article, text in read_texts(corpus).items():
        for start, end in zip(text.starts, text.ends, strict=True):
            yield {"article": article, "start": start, "end": end, "text": text.text[start:end]}


def annotation_files(corpus: Path) -> list[Path]:
    """The files of claims."""
    return sorted((corpus / "annotations").glob("claims-*.jsonl"))


def claims_with_pairs(corpus: Path) -> Iterator[tuple[Row, list[Row]]]:
    """The row of a claim, and a row per passage of its evidence."""
    texts = read_texts(corpus)
    for path in annotation_files(corpus):
        for record in read_lines(path):
            if record.pop("kind") != "claim":
                continue
            prefix, correction = record.pop("prefix", ""), record.pop("correction", None)
            place = texts[record["article"]].place(record["quote"], prefix)
            about = {"claim_id": record["id"], **{key: record[key] for key in ("claim", "label", "fact")}}
            evidence, pairs = [], []
            for passage in record["evidence"]:
                found = texts[passage["article"]].place(passage["quote"], "")
                pairs.append({**about, **passage, **found})
                evidence.append({**passage, "start": found["start"], "end": found["end"]})
            yield {**record, **place, "correction": correction, "evidence": evidence}, pairs


def claim_rows(corpus: Path) -> Iterator[Row]:
    """A row per claim."""
    return (claim for claim, _ in claims_with_pairs(corpus))


def pair_rows(corpus: Path) -> Iterator[Row]:
    """A row per claim and passage."""
    return (pair for _, pairs in claims_with_pairs(corpus) for pair in pairs)


def fact_rows(corpus: Path, claims: Iterable[Row] | None = None) -> Iterator[Row]:
    """A row per fact."""
    answers: dict[str, list[Row]] = {}
    for claim in claims or claim_rows(corpus):
        answer = {key: claim[key] for key in ("id", "article", "value", "label")}
        answers.setdefault(claim["fact"], []).append(answer)
    for record in read_lines(corpus / "annotations" / "facts.jsonl"):
        yield {"id": record["id"], "question": record["question"], "answers": answers[record["id"]]}


TABLES = {
    "articles": article_rows,
    "sentences": sentence_rows,
    "claims": claim_rows,
    "evidence": pair_rows,
    "facts": fact_rows,
}


def row_lists(corpus: Path) -> dict[str, list[Row]]:
    """All rows of all tables."""
    claims: list[Row] = []
    pairs: list[Row] = []
    for claim, its_pairs in claims_with_pairs(corpus):
        claims.append(claim)
        pairs += its_pairs
    return {
        "articles": list(article_rows(corpus)),
        "sentences": list(sentence_rows(corpus)),
        "claims": claims,
        "evidence": pairs,
        "facts": list(fact_rows(corpus, claims)),
    }


@main.command()
@CORPUS
@OUT
def from_generator(corpus: Path, out: Path) -> None:
    """`datasets.Dataset.from_generator`, then `to_parquet`."""
    datasets.disable_progress_bars()
    with timed():
        for name, rows in TABLES.items():
            made = datasets.Dataset.from_generator(partial(rows, corpus), cache_dir=str(out / "cache"))
            made.to_parquet(out / f"{name}.parquet")


@main.command()
@CORPUS
@OUT
def from_list(corpus: Path, out: Path) -> None:
    """`datasets.Dataset.from_list`, then `to_parquet`."""
    datasets.disable_progress_bars()
    with timed():
        for name, rows in row_lists(corpus).items():
            datasets.Dataset.from_list(rows).to_parquet(out / f"{name}.parquet")


@main.command()
@CORPUS
@OUT
def from_pylist(corpus: Path, out: Path) -> None:
    """`pyarrow.Table.from_pylist`, written as the packager writes."""
    with timed():
        for name, rows in row_lists(corpus).items():
            pq.write_table(pa.Table.from_pylist(rows), out / f"{name}.parquet", **PARQUET)


@main.command()
@CORPUS
@OUT
def pandas(corpus: Path, out: Path) -> None:
    """Claims, evidence and facts merged with the texts in pandas, then `to_parquet`."""
    with timed():
        articles = pd.DataFrame(article_rows(corpus))
        articles["sentences"] = pd.Series([[at.span() for at in SENTENCE.finditer(text)] for text in articles["text"]])
        records = pd.concat(
            [pd.read_json(path, lines=True, dtype=False) for path in annotation_files(corpus)],
            ignore_index=True,
        )
        claims = records[records["kind"] == "claim"].drop(columns=["kind", "reason"])
        passages = claims[["id", "claim", "label", "fact", "evidence"]].explode("evidence", ignore_index=True)
        evidence = pd.concat(
            [passages.drop(columns="evidence"), pd.json_normalize(passages["evidence"].tolist())], axis="columns"
        )
        texts = articles[["id", "text", "sentences"]].rename(columns={"id": "article"})
        for name, frame in (("claims", claims), ("evidence", evidence)):
            merged = frame.merge(texts, on="article")
            words = merged["quote"] if "prefix" not in merged else merged["prefix"].fillna("") + merged["quote"]
            merged["end"] = [text.index(word) + len(word) for text, word in zip(merged["text"], words, strict=True)]
            merged["start"] = merged["end"] - merged["quote"].str.len()
            sentences = merged[["text", "sentences", "end"]].itertuples(index=False)
            merged["context"] = [
                next(text[start:stop] for start, stop in spans if stop >= end) for text, spans, end in sentences
            ]
            merged.drop(columns=["text", "sentences"]).to_parquet(out / f"{name}.parquet")
        spans = texts.explode("sentences", ignore_index=True)
        spans["text"] = [
            text[start:stop] for text, (start, stop) in zip(spans["text"], spans["sentences"], strict=True)
        ]
        spans.to_parquet(out / "sentences.parquet")
        facts = pd.read_json(corpus / "annotations" / "facts.jsonl", lines=True, dtype=False)
        answers = claims[["fact", "id", "article", "value", "label"]].rename(columns={"id": "claim_id"})
        facts.merge(answers, left_on="id", right_on="fact").to_parquet(out / "facts.parquet")
        articles.drop(columns="sentences").to_parquet(out / "articles.parquet")


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
