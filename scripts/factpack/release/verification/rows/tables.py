"""Read every table of a release once, as `datasets` gives it, and find what is wrong in it."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from operator import itemgetter
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.anchoring.parallel.workers import Workers
from factpack.atomic import is_full, temporary_folder
from factpack.corpus.counts import Counts
from factpack.dataset.rows.row_versions import Hashes, text_hashes
from factpack.dataset.schema import Config, features
from factpack.dataset.table_digest import TableDigest
from factpack.dataset.table_files import all_files, table_files, table_pattern, table_splits
from factpack.dataset.table_writer import Shard, TableFiles, TableSplit
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.project.history import SEED
from factpack.release.layout import MANIFEST, card_header
from factpack.release.manifest import Manifest, configs_in
from factpack.release.verification.load import (
    USUAL,
    Limits,
    differences,
    has_schema,
    load,
    open_file,
    read_ids,
)
from factpack.release.verification.parts import count_rows
from factpack.release.verification.rows.cross_checks import CrossChecks
from factpack.release.verification.rows.references import References
from factpack.release.verification.rows.row_checks import (
    ReleasedTexts,
    RowProblem,
    Values,
    equal_pairs,
    row_problems,
    where,
)

#: The tables by when they are read to be compared; those of one step side by side. Others quote and count what was read
#: before. If they are not compared, all but the articles are read side by side.
STEPS = (("articles",), ("sentences", "facts", "votes"), ("claims",), ("evidence", "propositions"))

_SAID = {"features": "other features", "rows": "other rows than the Parquet file"}


Look = Callable[[str, Values, ReleasedTexts | None], Iterable[RowProblem]]


@dataclass(frozen=True, slots=True)
class TablesRead:
    """Say what reading the tables amounts to.

    Attributes:
        problems: Everything that is wrong, a line each.
        files: The tables, as the card and the Croissant file describe them.
    """

    problems: list[str]
    files: list[TableFiles]


def compare_tables(
    folder: Path, manifest: Manifest, checks: CrossChecks, counts: Counts, limits: Limits = USUAL
) -> TablesRead:
    """Read all tables, and compare them with each other as far as nothing is wrong by itself.

    Args:
        folder: The release.
        manifest: What it says of itself.
        checks: What compares the tables.
        counts: What the rows are counted in, if nothing is wrong in them.
        limits: How much is in memory at once.
    """
    with temporary_folder() as scratch, ThreadPoolExecutor(2) as pool:
        tables = _Tables.of(folder, manifest, limits, scratch)
        for step in STEPS:
            look = checks.look if not tables.problems else None
            read = partial(_read_table, tables.reader, look, counts)
            for parts in pool.map(read, [tables.parts[name] for name in step if name in tables.parts]):
                tables.add(parts)
            if tables.lacks_texts:
                break
        between = list(checks.problems(folder, tables.reader.texts)) if not tables.problems else []
        return tables.judged(between)


def read_tables(folder: Path, manifest: Manifest, workers: Workers, limits: Limits = USUAL) -> TablesRead:
    """Read all tables, each by itself.

    Args:
        folder: The release.
        manifest: What it says of itself.
        workers: Read the files.
        limits: How much is in memory at once.
    """
    with nullcontext(workers.scratch) if workers.scratch else temporary_folder() as scratch:
        tables = _Tables.of(folder, manifest, limits, scratch)
        others = tuple(name for name in chain.from_iterable(STEPS) if name != "articles")
        for step in (("articles",), others):
            parts = [part for name in step for part in tables.parts.get(name, ())]
            tables.add(workers.map(_read_part, tables.reader, parts, lambda part: f"reading {part.path.name} back"))
            if tables.lacks_texts:
                break
        return tables.judged([])


@dataclass(frozen=True, slots=True)
class _Part:
    """Name a file of a table.

    Attributes:
        config: The table.
        split: The split.
        number: Its number among the files of the split, from 0.
        path: Where it is.
    """

    config: Config
    split: str
    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class _Read:
    """Say what reading a file amounts to.

    Attributes:
        part: The file.
        problems: What is wrong with its rows.
        loading: What is wrong with how `datasets` loads them.
        shard: The file as the card describes it, if all of it can be read.
        ids: The hashes of the ids.
        references: The ids that its rows have and name.
        texts: The texts, of a file of articles.
    """

    part: _Part
    problems: list[str]
    loading: list[str]
    shard: Shard | None
    ids: Hashes
    references: References
    texts: ReleasedTexts | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read files, in any thread or process.

    Attributes:
        folder: The release.
        scratch: A folder for the texts.
        texts: The texts that were read so far; ``None`` if the release is without them.
        limits: How much is in memory at once.
        named: Whether the card has each config read from its Parquet files.
        seed: What hashes are made with.
    """

    folder: Path
    scratch: Path
    texts: ReleasedTexts | None
    limits: Limits
    named: bool
    seed: int

    def read(self, part: _Part, look: Look | None, counts: Counts | None) -> _Read:
        """Read a file to its end; see :func:`load`.

        Args:
            part: The file.
            look: Compares the rows with those of other tables.
            counts: What they are counted in.
        """
        config, problems, ids = part.config, list[str](), list[Hashes]()
        references, content = References(self.seed), TableDigest()
        texts = self.texts
        if texts is not None and config.name == "articles":
            texts = ReleasedTexts(self.scratch / secrets.token_hex(8))  # a file of its own, if the work is done again
        readable = has_schema(open_file(part.path), config)
        if not readable:
            nothing = np.zeros(0, np.uint64)
            return _Read(part, [f"{config.name}: {_OTHER_SCHEMA}"], [], None, nothing, references, texts)
        with temporary_folder() as cache:
            batches, loading = self._batches(part, cache.resolve())
            for batch in _ahead(batches):
                unreadable = list(_unreadable(config, batch))
                problems += unreadable
                readable = readable and not unreadable
                if readable:
                    content.add(batch)
                    values = {name: _whole(batch[name]) for name in batch.column_names}
                    names = values["id"].to_pylist()
                    ids.append(text_hashes(names, len(names), self.seed))
                    references.add(config.name, values, ids[-1])
                    if config.name == "articles" and texts is not None:
                        texts.add(values["id"], values["text"])
                    wrong = list(_problems(config, values, texts, None if problems else look))
                    if counts is not None and not wrong:
                        count_rows(counts, config.name, values)
                    wrong += _other_splits(values, part.split)
                    problems += [
                        f"{config.name} {names[row]}: {problem}" for row, problem in sorted(wrong, key=itemgetter(0))
                    ]
        hashes = np.concatenate([np.zeros(0, np.uint64), *ids])
        size, path = part.path.stat().st_size, part.path.relative_to(self.folder).as_posix()
        shard = Shard(path, len(hashes), content.size, size, content.hexdigest()) if readable else None
        said = [f"{config.name}: {problem}" for problem in loading]
        return _Read(part, problems, said, shard, hashes, references, texts if config.name == "articles" else None)

    def _batches(self, part: _Part, cache: Path) -> tuple[Iterator[pa.Table], list[str]]:
        """Return the rows of a file, and what is wrong with how `datasets` loads them.

        If the card names the Parquet files, what `datasets` gives is what is in them. Else the two are compared, and
        the rows are those of the files, which whoever reads the release without `datasets` reads.
        """
        config, split, wanted = part.config, part.split, features(part.config.columns)
        wrong = []
        try:
            if self.named:
                given = load(self.folder, config.name, cache, self.limits, split, part.number)
                if given.features == wanted:
                    return given.batches, []
            if not part.number:
                files = [open_file(path) for path in table_files(self.folder, config.name)[split]]
                given = load(self.folder, config.name, cache, self.limits, split)
                said = differences(given, files, config.name, wanted, self.limits)
                wrong = [f"load_dataset returns {_SAID[each]}" for each in said]
        except Exception as error:
            if is_full(error):  # which is no problem of the release
                raise
            wrong = [f"load_dataset fails: {type(error).__name__}: {error}"]
        rows = open_file(part.path).iter_batches(self.limits.rows(config.name))
        return (pa.table(batch) for batch in rows), wrong


_OTHER_SCHEMA = "the schema differs from the table of columns"


def _read_part(reader: _Reader, part: _Part) -> _Read:
    return reader.read(part, None, None)


def _read_table(reader: _Reader, look: Look | None, counts: Counts, parts: Sequence[_Part]) -> list[_Read]:
    """Read the files of a table, one after another; once something is wrong, they are not compared any more."""
    read: list[_Read] = []
    for part in parts:
        read.append(reader.read(part, None if any(each.problems for each in read) else look, counts))
    return read


@dataclass(slots=True)
class _Tables:
    """Put together what reading the files of all tables amounts to.

    Attributes:
        manifest: What the release says of itself.
        reader: Reads the files; it gets the texts when those of the articles were read.
        parts: The files by config.
        read: What was read, by config.
        references: The ids that rows have and name.
    """

    manifest: Manifest
    reader: _Reader
    parts: dict[str, list[_Part]]
    read: dict[str, list[_Read]] = field(default_factory=dict)
    references: References = field(default_factory=partial(References, SEED))

    @classmethod
    def of(cls, folder: Path, manifest: Manifest, limits: Limits, scratch: Path) -> "_Tables":
        """Find the files of a release."""
        configs = configs_in(folder)
        texts = ReleasedTexts(scratch / secrets.token_hex(8)) if manifest.text == "full" else None
        named = _card_names_tables(folder, manifest, configs)
        parts = {
            config.name: [
                _Part(config, split, number, path)
                for split, paths in table_files(folder, config.name).items()
                for number, path in enumerate(paths)
            ]
            for config in configs
        }
        return cls(manifest, _Reader(folder, scratch, texts, limits, named, SEED), parts)

    def add(self, read: Iterable[_Read]) -> None:
        """Add what was read, table by table in the order of the files."""
        for each in read:
            self.read.setdefault(each.part.config.name, []).append(each)
            self.references.merge(each.references)
            if each.texts is not None and self.reader.texts is not None:
                self.reader.texts.merge(each.texts)

    @property
    def problems(self) -> bool:
        """Tell whether anything is wrong with the rows so far."""
        return any(each.problems for read in self.read.values() for each in read)

    @property
    def lacks_texts(self) -> bool:
        """Tell whether the articles cannot be read, without which nothing in the other tables can be judged."""
        return any(each.shard is None for each in self.read.get("articles", ()))

    def judged(self, between: Sequence[str]) -> TablesRead:
        """Return everything that is wrong.

        Args:
            between: What is wrong between the tables.
        """
        folder, listed = self.reader.folder, self.manifest.tables
        problems = [
            f"{name}: {MANIFEST} lists a table that is missing, or does not list one that exists"
            for name in sorted(listed.keys() ^ self.parts.keys())
        ]
        promised = {path for table in (*listed.values(), *self.manifest.tasks.values()) for path in table.files}
        found = {
            path.relative_to(folder).as_posix()
            for name in (*self.parts, *TASK_CONFIGS)
            for path in all_files(folder, name)
        }
        problems += [
            f"{path}: {MANIFEST} lists a file that is missing, or does not list one that exists"
            for path in sorted(found ^ promised)
            if path.partition("/")[0] not in listed.keys() ^ self.parts.keys()
        ]
        files, loading = [], list[str]()
        for name, read in self.read.items():
            problems += dict.fromkeys(problem for each in read for problem in each.problems)
            loading += [problem for each in read for problem in each.loading]
            table = _whole_table(read)
            if table:
                files.append(table)
                problems += self._repeated(name)
                wanted = listed.get(name)
                if wanted and (wanted.rows, wanted.content_sha256) != (table.rows, table.content_sha256):
                    problems.append(f"{name}: the rows do not match the number and digest in {MANIFEST}")
        order = list(self.parts)
        files.sort(key=lambda table: order.index(table.config.name))
        if len(files) == len(self.parts):
            problems += self.references.problems(folder)
        with temporary_folder() as cache:
            tasks = list(_task_problems(folder, cache, self.reader.limits))
        return TablesRead([*problems, *between, *tasks, *loading], files)

    def _repeated(self, config: str) -> Iterator[str]:
        """Find every id that occurs twice; the hashes take a tenth of the memory of the ids."""
        ids = np.concatenate([each.ids for each in self.read[config]])
        ordered = np.sort(ids)
        if (ordered[1:] == ordered[:-1]).any():
            one, other = equal_pairs(ids)
            names = read_ids(self.reader.folder, config)
            pairs = zip(names.take(one).to_pylist(), names.take(other).to_pylist(), strict=True)
            yield from (f"{config} {name}: duplicate id" for name, again in pairs if name == again)


def _whole_table(read: Sequence[_Read]) -> TableFiles | None:
    """Return a table of which every file can be read."""
    splits: dict[str, list[Shard]] = {}
    for each in read:
        if each.shard is None:
            return None
        splits.setdefault(each.part.split, []).append(each.shard)
    config = read[0].part.config
    return TableFiles(config, tuple(TableSplit(config.name, split, tuple(all_)) for split, all_ in splits.items()))


def _problems(config: Config, values: Values, texts: ReleasedTexts | None, look: Look | None) -> list[RowProblem]:
    """Find what is wrong in some rows."""
    # Passages of evidence that are those of the claims have been compared with the texts there.
    compared = look is not None and config.name == "evidence"
    wrong = list(row_problems(values, config.columns, texts, spans=not compared))
    if look and not wrong:
        seen = list(look(config.name, values, texts))
        wrong = (list(row_problems(values, config.columns, texts)) if compared and seen else []) or seen
    return wrong


def _task_problems(folder: Path, cache: Path, limits: Limits) -> Iterator[str]:
    """Load the tables of prompts, and compare them with their files; their rows follow from the other tables."""
    for name in TASK_CONFIGS:
        for split, paths in table_files(folder, name).items():
            files = [open_file(path) for path in paths]
            wanted = datasets.Features.from_arrow_schema(files[0].schema_arrow)
            try:
                said = differences(load(folder, name, cache, limits, split), files, name, wanted, limits)
            except Exception as error:
                if is_full(error):
                    raise
                yield f"{name}: load_dataset fails: {type(error).__name__}: {error}"
            else:
                yield from (f"{name}: load_dataset returns {_SAID[each]}" for each in said)


def _card_names_tables(folder: Path, manifest: Manifest, configs: Iterable[Config]) -> bool:
    """Tell whether the card has every config read from its Parquet files, as far as this can be seen at a glance."""
    try:
        header = card_header(folder)
        said = [
            {key: each[key] for key in each.keys() - {"version", "default"}}
            for each in header["configs"]
            if each["config_name"] not in TASK_CONFIGS
        ]
    except Exception:  # noqa: BLE001 - whatever is wrong with it, loading says so
        return False
    files = {}
    for name in (config.name for config in configs):
        found = table_files(folder, name)
        known = [split for split in table_splits(manifest.scheme, name) if split in found]
        files[name] = [{"split": each, "path": table_pattern(name, each, len(found[each]))} for each in known]
    return said == [{"config_name": name, "data_files": paths} for name, paths in files.items()]


def _other_splits(values: Values, split: str) -> Iterator[RowProblem]:
    """Find the rows that are in the file of another split."""
    if "split" in values:
        for row in where(pc.not_equal(values["split"], split)):
            yield row, f"its split is {values['split'][row].as_py()!r}, but it is in the file of {split!r}"


def _unreadable(config: Config, batch: pa.Table) -> Iterator[str]:
    """Find the columns in which something is not what its type says, such as bytes that are not UTF-8."""
    for name, column in zip(batch.column_names, batch.columns, strict=True):
        try:
            for chunk in column.chunks:
                chunk.validate(full=True)
        except pa.ArrowInvalid as error:
            yield f"{config.name}: `{name}` cannot be read: {error}"


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array. A single chunk is that already: Arrow would copy it."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _ahead(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Return the same batches; the next one is read while one is looked at."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch
