"""Rows of the tables from the joined articles, and their way into Parquet files.

Rows are written while they come, in batches; a table is never held whole. Rows of the first version come first and
those of each later version after them, so that a new version of the file shares the beginning of the old one.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import UNSET
from semver import Version

from factpack.columns import (
    BASIS,
    CONFIGS,
    FOLDS,
    LABEL,
    REASON,
    STANCE,
    STATUS,
    VOTE,
    Config,
    Names,
    features,
    table_path,
)
from factpack.corpus import AnchoredArticle, AnchoredClaim, AnchoredFact, AnchoredPassage
from factpack.history import History
from factpack.model import NO_VOTE
from factpack.project import READINGS
from factpack.readings import Comparison, pair
from factpack.sentences import Span

Row = dict[str, Any]

BATCH_ROWS = 20_000  # one row group: large enough to compress and to skip, small enough to hold
ARTICLE_BATCH_ROWS = 1_000  # rows that carry a whole text

#: How every Parquet file is written. zstd makes the files 40% smaller than snappy; after an edit slightly less of the
#: file is the same to the Hub's deduplication. Chunking and page index as the Hub's documentation recommends.
PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "use_content_defined_chunking": True,
    "write_page_index": True,
    "write_statistics": True,
}

_IDS = {
    names: {name: index for index, name in enumerate(names.names)}
    for names in (BASIS, LABEL, REASON, STANCE, STATUS, VOTE)
}


def _id(names: Names, name: str) -> int:
    return _IDS[names][name]


@lru_cache(maxsize=2**16)
def fold(fact: str) -> int:
    """The fold of every claim that answers a fact; it follows from the fact's id alone, so it never changes."""
    return int.from_bytes(hashlib.sha256(fact.encode()).digest()[:8], "big") % FOLDS


def claim_row(claim: AnchoredClaim, votes: Sequence[Row]) -> Row:
    """The row of a claim, with the votes of two readings on it."""
    value = claim.record.value
    return {
        "id": value.id,
        "article": claim.article,
        "claim": value.claim,
        "quote": value.quote,
        "start": claim.span.start,
        "end": claim.span.end,
        "context": claim.context,
        "speaker": value.speaker,
        "fact": value.fact,
        "value": value.value,
        "label": _id(LABEL, value.label),
        "basis": _id(BASIS, value.basis),
        "correction": value.correction or None,
        "rationale": value.rationale,
        "evidence": [
            _passage(passage) | {"stance": _id(STANCE, evidence.stance)}
            for passage, evidence in zip(claim.evidence, value.evidence, strict=True)
        ],
        "votes": list(votes),
        "fold": fold(value.fact),
    }


def _passage(anchored: AnchoredPassage) -> Row:
    assert anchored.span is not None  # a project with a quote that was not found is refused
    passage = anchored.passage
    return {"article": passage.article, "quote": passage.quote, "start": anchored.span.start, "end": anchored.span.end}


def evidence_rows(claim: AnchoredClaim) -> Iterator[Row]:
    """A row per passage that bears on a claim."""
    value = claim.record.value
    for anchored, evidence in zip(claim.evidence, value.evidence, strict=True):
        passage = _passage(anchored)
        yield {
            "id": f"{value.id}:{passage['article']}:{passage['start']}-{passage['end']}",
            "claim_id": value.id,
            "claim": value.claim,
            "context": anchored.context,
            **passage,
            "stance": _id(STANCE, evidence.stance),
            "label": _id(LABEL, value.label),
            "fact": value.fact,
            "fold": fold(value.fact),
        }


def article_row(article: AnchoredArticle) -> Row:
    """The row of an article."""
    value = article.text.record.value
    publisher = None if value.publisher is UNSET else value.publisher
    date = None if value.date is UNSET else value.date
    return {
        "id": value.id,
        "file": value.file,
        "sha256": value.sha256,
        "language": value.language,
        "title": value.title or None,
        "publisher": publisher.name if publisher else None,
        "publisher_quote": publisher.quote if publisher else None,
        "date": date.value if date else None,
        "date_origin": ("stated" if date.stated else "inferred") if date else None,
        "date_quote": (date.stated or date.inferred) if date else None,
        "text": article.text.text,
    }


def sentence_rows(article: AnchoredArticle) -> Iterator[Row]:
    """A row per sentence of an article."""
    text = article.text
    claims: dict[tuple[int, int], list[str]] = {}
    unverified: dict[tuple[int, int], list[Row]] = {}
    reasons: dict[tuple[int, int], int] = {}
    for claim in article.claims:
        for sentence in text.sentences_of(claim.span):
            claims.setdefault(sentence, []).append(claim.record.value.id)
    for passage in article.unverified:
        value = passage.record.value
        for sentence in text.sentences_of(passage.span):
            unverified.setdefault(sentence, []).append(
                {
                    "id": value.id,
                    "claim": value.claim,
                    "quote": value.quote,
                    "start": passage.span.start,
                    "end": passage.span.end,
                    "speaker": value.speaker,
                    "fact": value.fact or None,
                    "value": value.value or None,
                }
            )
    for note in article.not_checkable:
        for sentence in text.sentences_of(note.span):
            reasons.setdefault(sentence, _id(REASON, note.record.value.reason))
    ways = (("claim", claims.keys()), ("unverified", unverified.keys()), ("not_checkable", reasons.keys()))
    for sentence in text.sentences:
        status = next((name for name, accounted in ways if sentence in accounted), "unaccounted")
        yield {
            "id": f"{text.record.value.id}:{sentence.start}-{sentence.end}",
            "article": text.record.value.id,
            "start": sentence.start,
            "end": sentence.end,
            "text": text.text[sentence.start : sentence.end],
            "status": _id(STATUS, status),
            "claims": claims.get(sentence, []),
            "unverified": unverified.get(sentence, []),
            "reason": reasons.get(sentence) if status == "not_checkable" else None,
        }


def fact_row(fact: AnchoredFact) -> Row:
    """The row of a fact."""
    value = fact.record.value
    return {
        "id": value.id,
        "question": value.question,
        "settled_value": None if value.settled is UNSET else value.settled.value,
        "settled_by": [_passage(passage) for passage in fact.settled],
        "answers": [
            {
                "article": answer.article,
                "value": answer.record.value.value,
                "claim_id": answer.record.value.id,
                "label": None if answer.label is None else _id(LABEL, answer.label),
            }
            for answer in fact.answers
        ],
        "fold": fold(value.id),
    }


def votes_on_claims(comparison: Comparison) -> dict[str, list[Row]]:
    """What each reading makes of the words of each released claim, by the claim's id."""
    claims = comparison.article.claims
    rows: dict[str, list[Row]] = {claim.record.value.id: [] for claim in claims}
    for reading in READINGS:
        votes = [vote for unit in comparison.units if (vote := getattr(unit, reading))]
        pairs = pair([claim.span for claim in claims], [vote.span for vote in votes])
        for index, row in enumerate(rows.values()):
            vote = _id(VOTE, votes[pairs[index]].vote) if index in pairs else None
            row.append({"reading": reading, "vote": vote})
    return rows


def vote_rows(comparison: Comparison) -> Iterator[Row]:
    """A row per unit of the comparison of an article."""
    article = comparison.article.text.record.value.id
    seen: Counter[Span] = Counter()
    for unit in comparison.units:
        span = unit.span
        seen[span] += 1
        decision = unit.decision.value if unit.decision else None
        released = decision.released if decision else unit.votes[0]  # without a decision the readings agree
        yield {
            "id": f"{article}:{span.start}-{span.end}" + (f"#{seen[span]}" if seen[span] > 1 else ""),
            "article": article,
            "quote": comparison.article.text.text[span.start : span.end],
            "start": span.start,
            "end": span.end,
            "first": _id(VOTE, unit.first.vote) if unit.first else None,
            "second": _id(VOTE, unit.second.vote) if unit.second else None,
            "released": None if released == NO_VOTE else _id(VOTE, released),
            "why": decision.why if decision else None,
        }


@dataclass(frozen=True, slots=True)
class TableFile:
    """A finished table.

    ``path`` is relative to the release folder, ``content_sha256`` the sum of the rows as JSON lines: it stays the same
    when another version of pyarrow writes other bytes. ``num_bytes`` is the size in Arrow memory.
    """

    config: Config
    path: str
    rows: int
    num_bytes: int
    file_bytes: int
    content_sha256: str


class _TableWriter:
    """One Parquet file, written batch by batch; a batch is a row group."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config = config
        self.schema = features(config.columns).arrow_schema
        self.folder = folder
        self.path = table_path(config.name)
        (folder / config.name).mkdir()
        self.writer = pq.ParquetWriter(folder / self.path, self.schema, **PARQUET)
        self.digest = hashlib.sha256()
        self.count = self.num_bytes = 0

    def write(self, batch: pa.Table) -> None:
        for row in batch.to_pylist():
            self.digest.update(msgspec.json.encode(row) + b"\n")
        self.writer.write_table(batch, row_group_size=len(batch))
        self.count += len(batch)
        self.num_bytes += batch.nbytes

    def close(self) -> TableFile | None:
        self.writer.close()
        if not self.count:  # `datasets` cannot load a table without rows
            (self.folder / self.path).unlink()
            (self.folder / self.path).parent.rmdir()
            return None
        size = (self.folder / self.path).stat().st_size
        return TableFile(self.config, self.path, self.count, self.num_bytes, size, self.digest.hexdigest())


def rewrite(source: Path, target: Path, config: Config, change: Callable[[pa.Table], pa.Table]) -> TableFile:
    """Writes a table of the release ``source`` into the release ``target``, each batch as ``change`` makes it."""
    writer = _TableWriter(config, target)
    table = pq.ParquetFile(source / table_path(config.name))
    for group in range(table.num_row_groups):
        batch = change(table.read_row_group(group))
        writer.write(pa.table(batch.columns, schema=writer.schema))
    written = writer.close()
    assert written  # no table without rows is in a release
    return written


class _Rows:
    """The rows of a table on their way into its file."""

    def __init__(self, writer: _TableWriter, history: History) -> None:
        self.writer = writer
        self.history = history
        self.batch_rows = ARTICLE_BATCH_ROWS if writer.config.name == "articles" else BATCH_ROWS
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        stamp = self.history.stamp(self.writer.config.name, row)
        self.rows.append(row | {"added_in": stamp.added_in, "changed_in": stamp.changed_in})
        if len(self.rows) >= self.batch_rows:
            self.flush()

    def flush(self) -> None:
        if self.rows:
            schema = self.writer.schema
            columns = {name: [row[name] for row in self.rows] for name in schema.names}
            self.writer.write(pa.table(columns, schema=schema))
            self.rows = []

    def close(self) -> TableFile | None:
        self.flush()
        return self.writer.close()


class Tables:
    """The tables of a release while they are being written.

    ``spool`` is a folder for what has to wait: the rows of later versions, until those of the first are through.
    """

    def __init__(self, folder: Path, spool: Path, history: History) -> None:
        self.history = history
        self.tables = {config.name: _Rows(_TableWriter(config, folder), history) for config in CONFIGS}
        self.spool = spool
        self.waiting: dict[Version, Path] = {}
        self.votes: dict[str, list[Row]] = {}

    def add(self, item: Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Adds the next part of the corpus; the comparison of an article comes before the article itself."""
        match item:
            case Comparison():
                self._add_all("votes", vote_rows(item))
                self.votes |= votes_on_claims(item)
            case AnchoredArticle():
                self.tables["articles"].add(article_row(item))
                self._add_all("sentences", sentence_rows(item))
                for claim in item.claims:
                    self._add_claim(claim)
            case AnchoredFact():
                self.tables["facts"].add(fact_row(item))

    def close(self) -> tuple[TableFile, ...]:
        """Writes what has waited, in the order of the versions, and finishes the files; no rows, no file."""
        for version in sorted(self.waiting):
            with self.waiting[version].open("rb") as lines:
                for line in lines:
                    row, pairs = msgspec.json.decode(line)
                    self.tables["claims"].add(row)
                    self._add_all("evidence", pairs)
        return tuple(file for table in self.tables.values() if (file := table.close()))

    def _add_claim(self, claim: AnchoredClaim) -> None:
        row = claim_row(claim, self.votes.get(claim.record.value.id, ()))
        pairs = list(evidence_rows(claim))
        added_in = self.history.added_in("claims", row["id"])
        if added_in > self.history.first_version:
            self._wait(added_in, row, pairs)
        else:
            self.tables["claims"].add(row)
            self._add_all("evidence", pairs)

    def _add_all(self, config: str, rows: Iterable[Row]) -> None:
        for row in rows:
            self.tables[config].add(row)

    def _wait(self, version: Version, row: Row, pairs: list[Row]) -> None:
        path = self.waiting.setdefault(version, self.spool / f"{len(self.waiting)}.jsonl")
        with path.open("ab") as lines:
            lines.write(msgspec.json.encode((row, pairs)) + b"\n")
