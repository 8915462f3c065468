"""Write the tables of a release into Parquet files.

Rows are kept in a scratch folder while they come, because the folds of a corpus, and which rows share a file, are known
at its end. Then any process writes any file. No table is ever in memory as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from factpack.agreement.alignment import Comparison
from factpack.anchoring.parallel.workers import Workers
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.dataset.columns import Tables
from factpack.dataset.kept_rows import Piece, RowKeeper
from factpack.dataset.rows.article_rows import article_rows
from factpack.dataset.rows.fact_rows import fact_rows
from factpack.dataset.rows.row_versions import DatasetVersions
from factpack.dataset.rows.vote_rows import Row, claim_votes, vote_rows
from factpack.dataset.shards import ShardWriter, plan_shards, write_shard
from factpack.dataset.table_writer import TableFiles, TableSplit
from factpack.project.history import History

MAX_GATHERED = 2_000  # claims and articles, or facts and answers, that rows are made of at a time


def weight(article: AnchoredArticle) -> int:
    """Return how much rows of an article take: about as much as so many claims."""
    return 1 + len(article.claims) + sum(map(len, article.claims.evidence)) // 8  # most have fewer passages than that


def portions(articles: Iterable[AnchoredArticle], most: int) -> Iterator[list[AnchoredArticle]]:
    """Divide articles into portions of which rows are made at a time; a claim can have a thousand passages."""
    portion, size = list[AnchoredArticle](), 0
    for article in articles:
        portion.append(article)
        size += weight(article)
        if size >= most:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


class DatasetWriter:
    """Write the tables of a release.

    Args:
        tables: The tables of the dataset.
        history: The releases that were made.
        scratch: A folder for the rows.

    Attributes:
        keeper: Keeps the rows, in any process.
        folds: The folds, which are known when all of the corpus is.
    """

    folds: CorpusFolds

    def __init__(self, tables: Tables, history: History, scratch: Path) -> None:
        self.keeper = RowKeeper(tables, DatasetVersions(tables, history, scratch), scratch)
        self._pieces: list[Piece] = []
        self._vote_rows: list[pa.Table] = []
        self._votes: dict[str, list[Row]] = {}
        self._articles: list[AnchoredArticle] = []
        self._facts: list[AnchoredFact] = []
        self._gathered = 0

    def add(self, item: Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Add the next part of the corpus; the comparison of an article comes before the article itself."""
        match item:
            case Comparison():
                self._vote_rows.append(vote_rows(self.keeper.tables, item))
                self._gathered += len(self._vote_rows[-1])
                self._votes |= claim_votes(self.keeper.tables, item)
            case AnchoredArticle():
                self._articles.append(item)
                self._gathered += weight(item)
            case AnchoredFact():
                self._facts.append(item)
                self._gathered += len(item.answers) + 1
        if self._gathered >= MAX_GATHERED:
            self._make()

    def add_pieces(self, pieces: Iterable[Piece]) -> None:
        """Add rows that the keeper has kept in some process; they are the next of the corpus."""
        self._make()
        self._pieces += pieces

    def close(self, folder: Path, workers: Workers, most: int | None = None) -> tuple[TableFiles, ...]:
        """Write all rows into the folder of a release; a table without rows gets no file.

        Args:
            folder: The folder.
            workers: Write the files.
            most: How many rows a file has at most; by default as many as :func:`shard_rows` says.
        """
        self._make()
        keeper = self.keeper
        planned = plan_shards(keeper.tables, self._pieces, most)
        for shard in planned:
            (folder / shard.path).parent.mkdir(exist_ok=True)
        writer = ShardWriter(keeper.tables, keeper.versions, self.folds.assigned(), folder, keeper.folder)
        written = workers.map(write_shard, writer, planned, lambda shard: shard.path)
        splits = [
            TableSplit(config, split, tuple(shard for _, shard in some))
            for (config, split), some in groupby(
                zip(planned, written, strict=True), key=lambda pair: (pair[0].config, pair[0].split)
            )
        ]
        return tuple(
            TableFiles(keeper.tables.config(name), tuple(some))
            for name, some in groupby(splits, key=lambda split: split.config)
        )

    def _keep(self, rows: Mapping[str, pa.Table]) -> None:
        self._pieces += self.keeper.keep(rows)

    def _make(self) -> None:
        if self._vote_rows:
            self._keep({"votes": pa.concat_tables(self._vote_rows)})
        if self._articles:
            self._keep(article_rows(self.keeper.tables, self._articles, self._votes))
        if self._facts:
            self._keep({"facts": fact_rows(self.keeper.tables, self._facts)})
        self._vote_rows, self._articles, self._facts, self._gathered = [], [], [], 0
