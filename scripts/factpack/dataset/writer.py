"""Write the tables of a release into Parquet files.

Rows are written while they come, a row group at a time; no table is ever in memory as a whole. Rows of the first
version come first and those of each later version after them, so that a new version of the file shares the beginning of
the old one.
"""

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from semver import Version

from factpack.agreement.alignment import Comparison
from factpack.corpus.folds import CorpusFolds
from factpack.corpus.types import AnchoredArticle, AnchoredFact
from factpack.dataset.columns import Tables
from factpack.dataset.rows.article_rows import article_rows
from factpack.dataset.rows.fact_rows import fact_rows
from factpack.dataset.rows.row_versions import RowVersions
from factpack.dataset.rows.vote_rows import Row, claim_votes, vote_rows
from factpack.dataset.schema import Config
from factpack.dataset.table_files import table_splits
from factpack.dataset.table_writer import SplitFile, TableFile, TableWriter, group_rows
from factpack.project.history import History

MAX_GATHERED = 2_000  # claims and articles, or facts and answers, that rows are made of at a time
MAX_WRITING = 1  # row groups of a table that wait to be written


class _RowBuffer:
    """Gather the rows of a table until a row group is full, add their versions and write them."""

    def __init__(self, config: Config, folder: Path, split: str, versions: RowVersions, pool: Executor) -> None:
        self.writer = TableWriter(config, folder, split)
        self.versions = versions
        self.group_rows = group_rows(config.name)
        self.pool = pool
        self.batches: list[pa.Table] = []
        self.count = 0
        self.writing: deque[Future[None]] = deque()

    def add(self, batch: pa.Table) -> None:
        """Add rows in a batch of any size."""
        self.batches.append(batch)
        self.count += len(batch)
        if self.count >= self.group_rows:
            waiting = pa.concat_tables(self.batches)
            whole = self.count - self.count % self.group_rows
            for start in range(0, whole, self.group_rows):
                self.write(waiting.slice(start, self.group_rows))
            self.batches, self.count = [waiting.slice(whole)], self.count - whole

    def write(self, group: pa.Table) -> None:
        """Have a row group written by the pool, after those before it."""
        while len(self.writing) >= MAX_WRITING:
            self.writing.popleft().result()
        self.writing.append(self.pool.submit(self._write, group))

    def _write(self, group: pa.Table) -> None:
        group = group.combine_chunks()  # how the rows are cut into arrays would show in the pages of the file
        self.writer.write(pa.table([*group.columns, *self.versions.of(group)], schema=self.writer.schema))

    def close(self) -> SplitFile | None:
        """Write what is left, and finish the file."""
        if self.count:
            self.write(pa.concat_tables(self.batches))
        for write in self.writing:
            write.result()
        return self.writer.close()


class DatasetWriter:
    """Write the tables of a release.

    Args:
        configs: The configs of the tables.
        folder: The folder of the release.
        spool: A folder for the rows that wait for their folds, and for those of earlier versions.
        history: The releases that were made.
        pool: An executor, in which files are written; each by one thread at a time.

    Attributes:
        folds: The folds, which are known when all of the corpus is.
    """

    folds: CorpusFolds

    def __init__(self, configs: Tables, folder: Path, spool: Path, history: History, pool: Executor) -> None:
        self.configs = configs
        self.history = history
        self.versions = {config.name: RowVersions(history, config.name) for config in configs.configs}
        self.tables = {
            config.name: {
                split: _RowBuffer(config, folder, split, self.versions[config.name], pool)
                for split in table_splits(configs.scheme, config.name)
            }
            for config in configs.configs
        }
        self.spool = spool
        self.waiting: dict[tuple[Version, str], tuple[Path, pa.RecordBatchStreamWriter]] = {}
        self.votes: dict[str, list[Row]] = {}
        self.articles: list[AnchoredArticle] = []
        self.facts: list[AnchoredFact] = []
        self.gathered = 0

    def add(self, item: Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Add the next part of the corpus; the comparison of an article comes before the article itself."""
        match item:
            case Comparison():
                self.add_rows({"votes": vote_rows(self.configs, item)})
                self.votes |= claim_votes(self.configs, item)
            case AnchoredArticle():
                self.articles.append(item)
                self.gathered += len(item.claims) + 1
            case AnchoredFact():
                self.facts.append(item)
                self.gathered += len(item.answers) + 1
        if self.gathered >= MAX_GATHERED:
            self._make()

    def add_rows(self, rows: Mapping[str, pa.Table]) -> None:
        """Add rows by config, without the columns of their versions."""
        for config, batch in rows.items():
            if config in _OF_CLAIMS and self.history.releases:
                self._by_version(config, batch)
            elif config in _WITH_FOLDS:
                self._wait(config, batch, self.history.first_version)
            elif len(batch):
                self._add(config, batch)

    def close(self) -> tuple[TableFile, ...]:
        """Write what has waited, in the order of the versions, and finish the files; a table without rows gets none."""
        self._make()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(self._add_waiting, _WITH_FOLDS))
        tables = (
            TableFile(config, tuple(filter(None, [table.close() for table in self.tables[config.name].values()])))
            for config in self.configs.configs
        )
        return tuple(table for table in tables if table.files)

    def _add(self, config: str, batch: pa.Table) -> None:
        """Add rows, each to the file of its split."""
        tables = self.tables[config]
        if "split" not in batch.column_names:
            next(iter(tables.values())).add(batch)
            return
        for split, table in tables.items():
            rows = batch.filter(pc.equal(batch["split"], split))
            if len(rows):
                table.add(rows)

    def _make(self) -> None:
        if self.articles:
            self.add_rows(article_rows(self.configs, self.articles, self.votes))
        if self.facts:
            self.add_rows({"facts": fact_rows(self.configs, self.facts)})
        self.articles, self.facts, self.gathered = [], [], 0

    def _by_version(self, config: str, batch: pa.Table) -> None:
        """Add rows of claims by the version that added them, which orders them."""
        table, column = _OF_CLAIMS[config]
        added = self.versions[table].added_in(batch[column])
        for version in sorted(map(Version.parse, set(added))):
            rows = batch.filter(pc.equal(pa.array(added), str(version)))
            self._wait(config, rows, max(version, self.history.first_version))

    def _wait(self, config: str, rows: pa.Table, version: Version) -> None:
        """Keep rows until all of the corpus is known."""
        if (version, config) not in self.waiting:
            path = self.spool / f"{len(self.waiting)}.arrows"
            self.waiting[version, config] = (path, pa.ipc.new_stream(path, rows.schema))
        self.waiting[version, config][1].write_table(rows)

    def _add_waiting(self, config: str) -> None:
        """Add the rows of a table that have waited, with their folds."""
        own = {version: kept for (version, name), kept in self.waiting.items() if name == config}
        for path, writer in (own[version] for version in sorted(own)):
            writer.close()
            # Given by its path, the file would be mapped, and in the end be in memory as a whole.
            with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
                for batch in stream:
                    self._add(config, self._with_folds(config, pa.Table.from_batches([batch])))
            path.unlink()

    def _with_folds(self, config: str, rows: pa.Table) -> pa.Table:
        fact, own = _WITH_FOLDS[config]
        names = pc.coalesce(rows[fact], rows[own]).combine_chunks().dictionary_encode()
        folds = pa.array(self.folds.of(names.dictionary.to_pylist())).take(names.indices)
        if "split" in rows.column_names:
            trains = pc.is_in(rows["split"], pa.array(sorted(self.configs.scheme.training), pa.string()))
            folds = pc.if_else(trains.combine_chunks(), pa.scalar(None, folds.type), folds)
        return rows.set_column(rows.column_names.index("fold"), rows.schema.field("fold"), folds)


#: The tables whose rows that a later version adds come last: the table that has the versions, and the column of ids.
_OF_CLAIMS = {
    "claims": ("claims", "id"),
    "propositions": ("propositions", "id"),
    "evidence": ("claims", "claim_id"),
}

#: The tables with folds: the column that names what shares one, and the one that does where that is null.
_WITH_FOLDS = {
    "claims": ("fact", "id"),
    "propositions": ("fact", "id"),
    "evidence": ("fact", "claim_id"),
    "facts": ("id", "id"),
}
