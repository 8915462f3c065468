"""Read every table of a release once, as `datasets` gives it, and find what is wrong in it."""

import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.compute as pc

from factpack.atomic import is_full, temporary_folder
from factpack.corpus.counts import Counts
from factpack.dataset.schema import Config, features
from factpack.dataset.table_digest import TableDigest
from factpack.dataset.table_files import table_files, table_path, table_splits
from factpack.dataset.table_writer import SplitFile, TableFile
from factpack.evaluation.tasks.tables import TASK_CONFIGS
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

#: The tables by when they are read; those of one step side by side. Others quote and count what was read before.
STEPS = (("articles",), ("sentences", "facts", "votes"), ("claims",), ("evidence", "propositions"))

_SAID = {"features": "other features", "rows": "other rows than the Parquet file"}


Look = Callable[[str, Values, ReleasedTexts | None], Iterable[RowProblem]]


@dataclass(frozen=True, slots=True)
class TablesRead:
    """Give what reading the tables amounts to.

    Attributes:
        problems: Everything that is wrong, a line each.
        files: The tables, as the card and the Croissant file describe them.
    """

    problems: list[str]
    files: list[TableFile]


def read_tables(
    folder: Path,
    manifest: Manifest,
    checks: CrossChecks | None = None,
    counts: Counts | None = None,
    limits: Limits = USUAL,
) -> TablesRead:
    """Read all tables.

    Args:
        folder: The release.
        manifest: What it says of itself.
        checks: What compares tables in which nothing is wrong by themselves; they are not compared if it is None.
        counts: What the rows are counted in, if nothing is wrong in them.
        limits: How much is in memory at once.
    """
    configs = {config.name: config for config in configs_in(folder)}
    problems = [
        f"{name}: {MANIFEST} lists a table that is missing, or does not list one that exists"
        for name in sorted(manifest.tables.keys() ^ configs.keys())
    ]
    listed = {path for table in (*manifest.tables.values(), *manifest.tasks.values()) for path in table.files}
    found = {table_path(name, split) for name in (*configs, *TASK_CONFIGS) for split in table_files(folder, name)}
    problems += [
        f"{path}: {MANIFEST} lists a file that is missing, or does not list one that exists"
        for path in sorted(found ^ listed)
        if path.partition("/")[0] not in manifest.tables.keys() ^ configs.keys()
    ]
    with temporary_folder() as cache, tempfile.TemporaryFile(dir=cache) as scratch, ThreadPoolExecutor(2) as pool:
        texts = ReleasedTexts(scratch) if manifest.text == "full" else None
        named = _card_names_tables(folder, manifest, list(configs.values()))
        reader = _Reader(folder, texts, limits, cache.resolve(), named, counts)
        read: dict[str, _Read] = {}
        for step in STEPS:
            opened = [reader.open(configs[name]) for name in step if name in configs]
            looks = checks.look if checks and not any(table.problems for table in read.values()) else None
            read |= {table.config.name: table for table in pool.map(partial(reader.read, looks), opened)}
            if any(table.config.name == "articles" and not table.file for table in read.values()):
                break  # without the texts, nothing in the other tables can be judged
        tables = [read[name] for name in configs if name in read]
        between = list(checks.problems(folder, texts)) if checks and not any(table.problems for table in tables) else []
        loading = list(_task_problems(folder, cache, limits))
    for table in tables:
        problems += table.problems
        promised = manifest.tables.get(table.config.name)
        if promised and table.file and (promised.rows, promised.content_sha256) != table.digest:
            problems.append(f"{table.config.name}: the rows do not match the number and digest in {MANIFEST}")
    files = [table.file for table in tables if table.file]
    if len(files) == len(configs):
        problems += reader.references.problems(folder)
    loading += [problem for table in tables for problem in table.loading]
    return TablesRead([*problems, *between, *loading], files)


@dataclass(slots=True)
class _Read:
    """Describe a table: what is wrong with its rows, how `datasets` loads it, and its files, if all can be read."""

    config: Config
    batches: dict[str, Iterator[pa.Table]] = field(default_factory=dict)  # by split
    problems: list[str] = field(default_factory=list)
    loading: list[str] = field(default_factory=list)
    file: TableFile | None = None

    @property
    def digest(self) -> tuple[int, str]:
        """Return the number of its rows, and their digest."""
        return (self.file.rows, self.file.content_sha256) if self.file else (0, "")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read tables. ``named`` says whether the card has each config read from its Parquet files."""

    folder: Path
    texts: ReleasedTexts | None
    limits: Limits
    cache: Path
    named: bool
    counts: Counts | None
    references: References = field(default_factory=References)

    def open(self, config: Config) -> _Read:
        """Load a table, as far as it has the right columns.

        If the card names the Parquet files, what `datasets` gives is what is in them. Else the two are compared, and
        the rows are those of the files, which whoever reads the release without `datasets` reads.
        """
        table = _Read(config)
        for split, path in table_files(self.folder, config.name).items():
            if not has_schema(open_file(path), config):
                return _Read(config, problems=[f"{config.name}: the schema differs from the table of columns"])
            table.batches[split], loading = self._batches(config, split, path)
            table.loading += [f"{config.name}: {problem}" for problem in loading]
        return table

    def _batches(self, config: Config, split: str, path: Path) -> tuple[Iterator[pa.Table], list[str]]:
        """Return the rows of a table in a split, and what is wrong with how `datasets` loads them."""
        file, wanted, rows = open_file(path), features(config.columns), self.limits.rows(config.name)
        try:
            given = load(self.folder, config.name, self.cache, self.limits, split)
            if self.named and given.features == wanted:
                return given.batches, []
            said = differences(given, file, config.name, wanted, self.limits)
            wrong = [f"load_dataset returns {_SAID[each]}" for each in said]
        except Exception as error:
            if is_full(error):  # which is no problem of the release
                raise
            wrong = [f"load_dataset fails: {type(error).__name__}: {error}"]
        return (pa.table(batch) for batch in file.iter_batches(rows)), wrong

    def read(self, look: Look | None, table: _Read) -> _Read:
        """Read a table to its end; see :func:`load`."""
        config, hashes = table.config, array("q")
        readable = not table.problems
        files = []
        for split, batches in table.batches.items():
            content, before = TableDigest(), len(hashes)
            for batch in _ahead(batches):
                unreadable = list(_unreadable(config, batch))
                table.problems += unreadable
                readable = readable and not unreadable
                if readable:
                    content.add(batch)
                    values = {name: _whole(batch[name]) for name in batch.column_names}
                    ids = values["id"].to_pylist()
                    hashes.extend(map(hash, ids))
                    wrong = self._problems(config, values, None if table.problems else look)
                    wrong += _other_splits(values, split)
                    table.problems += [
                        f"{config.name} {ids[row]}: {problem}" for row, problem in sorted(wrong, key=itemgetter(0))
                    ]
            path = table_path(config.name, split)
            size = (self.folder / path).stat().st_size
            files.append(SplitFile(split, path, len(hashes) - before, content.size, size, content.hexdigest()))
        if readable:
            table.problems += _repeated(self.folder, config, hashes)
            table.file = TableFile(config, tuple(files))
        return table

    def _problems(self, config: Config, values: Values, look: Look | None) -> list[RowProblem]:
        """Find what is wrong in some rows, and take from them what other tables are compared with."""
        self.references.add(config.name, values)
        if config.name == "articles" and self.texts is not None:
            self.texts.add(values["id"], values["text"])
        # Passages of evidence that are those of the claims have been compared with the texts there.
        compared = look is not None and config.name == "evidence"
        wrong = list(row_problems(values, config.columns, self.texts, spans=not compared))
        if look and not wrong:
            seen = list(look(config.name, values, self.texts))
            wrong = (list(row_problems(values, config.columns, self.texts)) if compared and seen else []) or seen
        if self.counts is not None and not wrong:
            count_rows(self.counts, config.name, values)
        return wrong


def _task_problems(folder: Path, cache: Path, limits: Limits) -> Iterator[str]:
    """Load the tables of prompts, and compare them with their files; their rows follow from the other tables."""
    for name in TASK_CONFIGS:
        for split, path in table_files(folder, name).items():
            file = open_file(path)
            wanted = datasets.Features.from_arrow_schema(file.schema_arrow)
            try:
                said = differences(load(folder, name, cache, limits, split), file, name, wanted, limits)
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
    splits = {config.name: table_splits(manifest.scheme, config.name) for config in configs}
    files = {
        name: [{"split": each, "path": table_path(name, each)} for each in known if each in table_files(folder, name)]
        for name, known in splits.items()
    }
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


def _repeated(folder: Path, config: Config, hashes: "array[int]") -> Iterator[str]:
    """Find every id that occurs twice; the hashes take a tenth of the memory of the ids."""
    one, other = equal_pairs(hashes)
    if len(one):
        names = read_ids(folder, config.name)
        pairs = zip(names.take(one).to_pylist(), names.take(other).to_pylist(), strict=True)
        yield from (f"{config.name} {name}: duplicate id" for name, again in pairs if name == again)
