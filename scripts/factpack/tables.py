"""The tables of a release on their way into Parquet files.

Rows are written while they come, a row group at a time; a table is never held whole. Rows of the first version come
first and those of each later version after them, so that a new version of the file shares the beginning of the old one.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from semver import Version

from factpack.batches import Row, batches, facts, votes, votes_on_claims
from factpack.columns import CONFIGS, Config, features, table_path
from factpack.content import ContentSum
from factpack.corpus import AnchoredArticle, AnchoredFact
from factpack.history import History
from factpack.readings import Comparison
from factpack.stamps import Stamps

BATCH_ROWS = 20_000  # one row group: large enough to compress and to skip, small enough to hold
ARTICLE_BATCH_ROWS = 1_000  # rows that carry a whole text
GATHERED = 2_000  # claims and articles, or facts and answers, that rows are made of at a time
MAX_WRITING = 1  # row groups of a table that wait to be written


def group_rows(config: str) -> int:
    """How many rows of a config make a row group, and are looked at together when they are read back."""
    return ARTICLE_BATCH_ROWS if config == "articles" else BATCH_ROWS


#: How every Parquet file is written. zstd makes the files 40% smaller than snappy; after an edit slightly less of the
#: file is the same to the Hub's deduplication. Chunking and page index as the Hub's documentation recommends.
PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 3,
    "use_content_defined_chunking": True,
    "write_page_index": True,
    "write_statistics": True,
}


def save_memory() -> None:
    """Has Arrow take memory from jemalloc in this process, where there is such: of a million claims, a build holds a
    tenth less than by default, and takes no longer.
    """
    if "jemalloc" in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())


@dataclass(frozen=True, slots=True)
class TableFile:
    """A finished table.

    ``path`` is relative to the release folder, ``content_sha256`` the sum of the rows (:mod:`factpack.content`): it
    stays the same when another version of pyarrow writes other bytes. ``num_bytes`` is the size of the values.
    """

    config: Config
    path: str
    rows: int
    num_bytes: int
    file_bytes: int
    content_sha256: str


class _TableWriter:
    """One Parquet file, written row group by row group."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config = config
        self.schema = features(config.columns).arrow_schema
        self.folder = folder
        self.path = table_path(config.name)
        (folder / config.name).mkdir()
        self.writer = pq.ParquetWriter(folder / self.path, self.schema, **PARQUET)
        self.content = ContentSum()
        self.count = 0

    def write(self, batch: pa.Table) -> None:
        self.content.add(batch)
        self.writer.write_table(batch, row_group_size=len(batch))
        self.count += len(batch)

    def close(self) -> TableFile | None:
        self.writer.close()
        if not self.count:  # `datasets` cannot load a table without rows
            (self.folder / self.path).unlink()
            (self.folder / self.path).parent.rmdir()
            return None
        size = (self.folder / self.path).stat().st_size
        return TableFile(self.config, self.path, self.count, self.content.size, size, self.content.hexdigest())


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
    """The rows of a table on their way into its file; a row group is full whatever batches it came in."""

    def __init__(self, config: Config, folder: Path, stamps: Stamps, pool: Executor) -> None:
        self.writer = _TableWriter(config, folder)
        self.stamps = stamps
        self.group_rows = group_rows(config.name)
        self.pool = pool
        self.batches: list[pa.Table] = []
        self.count = 0
        self.writing: deque[Future[None]] = deque()

    def add(self, batch: pa.Table) -> None:
        self.batches.append(batch)
        self.count += len(batch)
        if self.count >= self.group_rows:
            waiting = pa.concat_tables(self.batches)
            whole = self.count - self.count % self.group_rows
            for start in range(0, whole, self.group_rows):
                self.write(waiting.slice(start, self.group_rows))
            self.batches, self.count = [waiting.slice(whole)], self.count - whole

    def write(self, group: pa.Table) -> None:
        while len(self.writing) >= MAX_WRITING:
            self.writing.popleft().result()
        self.writing.append(self.pool.submit(self._write, group))

    def _write(self, group: pa.Table) -> None:
        group = group.combine_chunks()  # how the rows are cut into arrays would show in the pages of the file
        self.writer.write(pa.table([*group.columns, *self.stamps.of(group)], schema=self.writer.schema))

    def close(self) -> TableFile | None:
        if self.count:
            self.write(pa.concat_tables(self.batches))
        for write in self.writing:
            write.result()
        return self.writer.close()


class Tables:
    """The tables of a release while they are being written, in the one thread of ``pool``.

    ``spool`` is a folder for what has to wait: the rows of later versions, until those of the first are through.
    """

    def __init__(self, folder: Path, spool: Path, history: History, pool: Executor) -> None:
        self.history = history
        self.stamps = {config.name: Stamps(history, config.name) for config in CONFIGS}
        self.tables = {config.name: _Rows(config, folder, self.stamps[config.name], pool) for config in CONFIGS}
        self.spool = spool
        self.waiting: dict[tuple[Version, str], tuple[Path, pa.RecordBatchStreamWriter]] = {}
        self.votes: dict[str, list[Row]] = {}
        self.articles: list[AnchoredArticle] = []
        self.facts: list[AnchoredFact] = []
        self.gathered = 0

    def add(self, item: Comparison | AnchoredArticle | AnchoredFact) -> None:
        """Adds the next part of the corpus; the comparison of an article comes before the article itself."""
        match item:
            case Comparison():
                self.add_rows({"votes": votes([item])})
                self.votes |= votes_on_claims(item)
            case AnchoredArticle():
                self.articles.append(item)
                self.gathered += len(item.claims) + 1
            case AnchoredFact():
                self.facts.append(item)
                self.gathered += len(item.answers) + 1
        if self.gathered >= GATHERED:
            self._make()

    def add_rows(self, rows: Mapping[str, pa.Table]) -> None:
        """Adds rows, without their stamps, by config."""
        for config, batch in rows.items():
            if config in _OF_CLAIMS and self.history.releases:
                self._by_version(config, batch)
            elif len(batch):
                self.tables[config].add(batch)

    def close(self) -> tuple[TableFile, ...]:
        """Writes what has waited, in the order of the versions, and finishes the files; no rows, no file."""
        self._make()
        for (_, config), (path, writer) in sorted(self.waiting.items(), key=lambda item: item[0]):
            writer.close()
            with pa.ipc.open_stream(path) as stream:
                for batch in stream:
                    self.tables[config].add(pa.Table.from_batches([batch]))
        return tuple(file for table in self.tables.values() if (file := table.close()))

    def _make(self) -> None:
        if self.articles:
            self.add_rows(batches(self.articles, self.votes))
        if self.facts:
            self.add_rows({"facts": facts(self.facts)})
        self.articles, self.facts, self.gathered = [], [], 0

    def _by_version(self, config: str, batch: pa.Table) -> None:
        """Adds rows of claims of the first version; those of later ones wait."""
        added = self.stamps["claims"].added_in(batch[_OF_CLAIMS[config]])
        for version in sorted(map(Version.parse, set(added))):
            rows = batch.filter(pc.equal(pa.array(added), str(version)))
            if version <= self.history.first_version:
                self.tables[config].add(rows)
                continue
            if (version, config) not in self.waiting:
                path = self.spool / f"{len(self.waiting)}.arrows"
                self.waiting[version, config] = (path, pa.ipc.new_stream(path, rows.schema))
            self.waiting[version, config][1].write_table(rows)


#: The tables whose rows come with a claim, and where its id stands.
_OF_CLAIMS = {"claims": "id", "evidence": "claim_id"}
