"""Read every table of a release once, as `datasets` gives it, and find what is wrong in it."""

import re
import secrets
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from factpack.anchoring.parallel.workers import Workers, threads
from factpack.atomic import is_full, temporary_folder
from factpack.corpus.counts import Counts
from factpack.dataset.rows.row_versions import Hashes, text_hashes
from factpack.dataset.schema import Config, features
from factpack.dataset.table_digest import TableDigest
from factpack.dataset.table_files import all_files, table_files, table_pattern, table_splits
from factpack.dataset.table_writer import Shard, TableFiles, TableSplit
from factpack.evaluation.tasks.tables import TASK_CONFIGS
from factpack.project.clutter import is_clutter
from factpack.project.history import SEED
from factpack.release.layout import MANIFEST, card_header
from factpack.release.manifest import Manifest, configs_in, listed_tables
from factpack.release.verification.load import (
    USUAL,
    Limits,
    SplitFiles,
    differences,
    has_schema,
    link_files,
    load_split,
    loaded,
    open_file,
    read_ids,
    rows_of_file,
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

_PATTERN = re.compile(r"[\[\]{}*?]")  # in the path of a folder, `datasets` takes some of these for a pattern
_SAID = {"features": "other features", "rows": "other rows than the Parquet files"}


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
            look = checks.look if not tables.wrong else None
            read = partial(_read_table, tables.reader, look, counts)
            tables.add(
                chain.from_iterable(pool.map(read, [tables.parts[name] for name in step if name in tables.parts]))
            )
            if tables.lacks_texts:
                break
        between = list(checks.problems(folder, tables.reader.texts)) if not tables.wrong else []
        return tables.judged(between)


def read_tables(folder: Path, manifest: Manifest, workers: Workers, limits: Limits = USUAL) -> TablesRead:
    """Read all tables, each by itself.

    Args:
        folder: The release.
        manifest: What it says of itself.
        workers: Read the files.
        limits: How much is in memory at once.
    """
    shared = workers.scratch if not workers.count else None  # which only workers elsewhere need
    if shared and _PATTERN.search(str(shared.resolve())):  # `datasets` finds nothing there
        with threads(2) as readers:
            return read_tables(folder, manifest, readers, limits)
    with nullcontext(shared) if shared else temporary_folder() as scratch:
        tables = _Tables.of(folder, manifest, limits, scratch)
        others = tuple(name for name in chain.from_iterable(STEPS) if name != "articles")
        for step in (("articles",), others):
            parts = [part for name in step for part in tables.parts.get(name, ())]
            found = workers.map(_read_part, tables.reader, parts, lambda part: f"reading {part.name} back")
            with closing(found):  # an interrupt must not remove the folder while threads work in it
                tables.add(found)
            if tables.lacks_texts:
                break
        return tables.judged([])


@dataclass(frozen=True, slots=True)
class _Part:
    """Name files of a table that are read together: all of a small split, or one of a large one.

    Attributes:
        config: The table.
        files: The files of the split.
        numbers: The numbers of those that are read.
    """

    config: Config
    files: SplitFiles
    numbers: range

    @property
    def name(self) -> str:
        """Return the path of the first one, relative to the release."""
        return f"{self.config.name}/{self.files.paths[self.numbers[0]].name}"


@dataclass(frozen=True, slots=True)
class _Read:
    """Say what reading files amounts to.

    Attributes:
        part: The files.
        problems: What is wrong with their rows.
        loading: What is wrong with how `datasets` loads them.
        shards: The files as the card describes them, if all of them can be read.
        ids: The hashes of the ids.
        references: The ids that their rows have and name.
        texts: The texts, of files of articles.
    """

    part: _Part
    problems: list[str]
    loading: list[str]
    shards: list[Shard]
    ids: Hashes
    references: References
    texts: ReleasedTexts | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read files, in any thread or process.

    Attributes:
        plain: A folder of links to the files of the release.
        scratch: A folder for the texts, and for what `datasets` keeps.
        texts: The texts that were read so far; ``None`` if the release is without them.
        limits: How much is in memory at once.
        named: Whether the card has each config read from its Parquet files.
        seed: What hashes are made with.
    """

    plain: Path
    scratch: Path
    texts: ReleasedTexts | None
    limits: Limits
    named: bool
    seed: int

    def read(self, part: _Part, look: Look | None, counts: Counts | None) -> _Read:
        """Read files to their end; see :func:`load_split`.

        Args:
            part: The files.
            look: Compares the rows with those of other tables.
            counts: What they are counted in.
        """
        config, problems, ids, shards = part.config, list[str](), [np.zeros(0, np.uint64)], list[Shard]()
        references = References(self.seed)
        own = self.scratch / secrets.token_hex(8)  # if the work is done again, that of the first time is left alone
        own.mkdir()
        texts = self.texts
        if texts is not None and config.name == "articles":
            texts = ReleasedTexts(own / "texts")
        readable = True
        found, loading = self._rows(part, own.resolve())
        for number, batches in zip(part.numbers, found, strict=True):
            content, count = TableDigest(), 0
            for batch in _ahead(batches):
                unreadable = list(_unreadable(config, batch))
                problems += unreadable
                readable = readable and not unreadable
                if readable:
                    content.add(batch)
                    count += len(batch)
                    values = {name: _whole(batch[name]) for name in batch.column_names}
                    names = values["id"].to_pylist()
                    ids.append(text_hashes([name or "" for name in names], len(names), self.seed))
                    references.add(config.name, values, ids[-1])
                    if config.name == "articles" and texts is not None:
                        texts.add(values["id"], values["text"])
                    wrong = list(_problems(config, values, texts, None if problems else look))
                    if counts is not None and not wrong:
                        count_rows(counts, config.name, values)
                    wrong += _other_splits(values, part.files.split)
                    problems += [
                        f"{config.name} {names[row]}: {problem}" for row, problem in sorted(wrong, key=itemgetter(0))
                    ]
            path = part.files.paths[number]
            name, size = f"{config.name}/{path.name}", path.stat().st_size
            shards.append(Shard(name, count, content.size, size, content.hexdigest()))
        shutil.rmtree(own / "kept", ignore_errors=True)
        said = [f"{config.name}: {problem}" for problem in loading]
        added = texts if config.name == "articles" else None
        return _Read(part, problems, said, shards if readable else [], np.concatenate(ids), references, added)

    def _rows(self, part: _Part, cache: Path) -> tuple[list[Iterator[pa.Table]], list[str]]:
        """Return the rows of each file, and what is wrong with how `datasets` loads them.

        If the card names the Parquet files, what `datasets` gives is what is in them. Else the two are compared, and
        the rows are those of the files, which whoever reads the release without `datasets` reads.
        """
        files, wanted = part.files, features(part.config.columns)
        wrong = []
        try:
            given = load_split(self.plain, files, cache, self.limits)
            if self.named and given.features == wanted:
                return [rows_of_file(given, files, number, self.limits) for number in part.numbers], []
            if not part.numbers[0]:
                stored = [open_file(path) for path in files.paths]
                name = part.config.name
                said = differences(loaded(given, name, self.limits), stored, name, wanted, self.limits)
                wrong = [f"load_dataset returns {_SAID[each]}" for each in said]
        except Exception as error:
            if is_full(error):  # which is no problem of the release
                raise
            wrong = [f"load_dataset fails: {type(error).__name__}: {error}"]
        rows = self.limits.rows(part.config.name)
        read = [open_file(files.paths[number]).iter_batches(rows) for number in part.numbers]
        return [map(pa.table, batches) for batches in read], wrong


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
        folder: The release.
        manifest: What it says of itself.
        reader: Reads the files; it gets the texts when those of the articles were read.
        configs: The tables that are there, by name.
        parts: The files of each that can be read, by the name of the table.
        loading: What is wrong with how `datasets` loads each, likewise.
        wrong: What is wrong with the rows of each, likewise; nothing for a table that is sound.
        files: The tables of which all can be read, likewise.
        references: The ids that rows have and name.
    """

    folder: Path
    manifest: Manifest
    reader: _Reader
    configs: dict[str, Config]
    parts: dict[str, list[_Part]] = field(default_factory=dict)
    loading: dict[str, list[str]] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, TableFiles] = field(default_factory=dict)
    references: References = field(default_factory=partial(References, SEED))

    @classmethod
    def of(cls, folder: Path, manifest: Manifest, limits: Limits, scratch: Path) -> "_Tables":
        """Find the files of a release, as far as they are files of its tables."""
        configs = {config.name: config for config in configs_in(folder)}
        texts = ReleasedTexts(scratch / secrets.token_hex(8)) if manifest.text == "full" else None
        plain = scratch.absolute() / "links"
        link_files(folder, plain)
        named = _card_names_tables(folder, manifest, configs.values())
        tables = cls(folder, manifest, _Reader(plain, scratch, texts, limits, named, SEED), configs)
        for name, config in configs.items():
            wrong = list(_other_files(folder, config))
            if wrong:
                tables.wrong[name] = wrong
            else:
                tables.parts[name] = [
                    part for files in SplitFiles.find(folder, name) for part in _parts(config, files, limits)
                ]
        return tables

    def add(self, read: Iterable[_Read]) -> None:
        """Add what was read, table by table in the order of the files."""
        for name, some in groupby(read, key=lambda each: each.part.config.name):
            problems, loading, ids, splits = list[str](), list[str](), list[Hashes](), dict[str, list[Shard]]()
            readable = True
            for each in some:
                problems += each.problems
                loading += each.loading
                ids.append(each.ids)
                splits.setdefault(each.part.files.split, []).extend(each.shards)
                readable = readable and bool(each.shards)
                self.references.merge(each.references)
                if each.texts is not None and self.reader.texts is not None:
                    self.reader.texts.merge(each.texts)
            self.loading[name] = list(dict.fromkeys(loading))  # of several files, `datasets` says it several times
            if readable:
                problems += self._repeated(name, np.concatenate(ids))
                shards = tuple(TableSplit(name, split, tuple(found)) for split, found in splits.items())
                self.files[name] = TableFiles(self.configs[name], shards)
            if problems:
                self.wrong[name] = list(dict.fromkeys(problems))

    def _repeated(self, config: str, ids: Hashes) -> Iterator[str]:
        """Find every id that occurs twice; the hashes take a tenth of the memory of the ids."""
        ordered = np.sort(ids)
        if (ordered[1:] == ordered[:-1]).any():
            one, other = equal_pairs(ids)
            names = read_ids(self.folder, config)
            pairs = zip(names.take(one).to_pylist(), names.take(other).to_pylist(), strict=True)
            yield from (f"{config} {name}: duplicate id" for name, again in pairs if name == again and name)

    @property
    def lacks_texts(self) -> bool:
        """Tell whether the articles cannot be read, without which nothing in the other tables can be judged."""
        return "articles" in self.configs and "articles" not in self.files

    def judged(self, between: Sequence[str]) -> TablesRead:
        """Return everything that is wrong.

        Args:
            between: What is wrong between the tables.
        """
        folder, listed = self.folder, self.manifest.tables
        problems = [
            f"{name}: {MANIFEST} lists a table that is missing, or does not list one that exists"
            for name in sorted(listed.keys() ^ self.configs.keys())
        ]
        promised = {path for table in (*listed.values(), *self.manifest.tasks.values()) for path in table.files}
        found = {
            f"{name}/{path.name}"
            for name in (*self.configs, *TASK_CONFIGS)
            for path in (folder / name).glob("*.parquet")  # by whatever name, the card can have it read
            if not is_clutter(path.name)
        }
        problems += [
            f"{path}: {MANIFEST} lists a file that is missing, or does not list one that exists"
            for path in sorted(found ^ promised)
            if path.partition("/")[0] not in listed.keys() ^ self.configs.keys()
        ]
        for name in self.configs:
            problems += self.wrong.get(name, ())
            table = self.files.get(name)
            if table and name in listed and listed[name] != listed_tables([table], self.manifest.scheme)[name]:
                problems.append(f"{name}: the rows do not match the number and digest in {MANIFEST}")
        if self.files.keys() == self.configs.keys():
            problems += self.references.problems(folder)
        tasks = list(_task_problems(self.reader))
        loading = [problem for name in self.configs for problem in self.loading.get(name, ())]
        files = [self.files[name] for name in self.configs if name in self.files]
        return TablesRead([*problems, *between, *tasks, *loading], files)


def _other_files(folder: Path, config: Config) -> Iterator[str]:
    """Find the files of a table that are not in its form, or cannot be opened."""
    for path in all_files(folder, config.name):
        try:
            if not has_schema(open_file(path), config):
                yield f"{config.name}: the schema differs from the table of columns"
                return
        except pa.ArrowInvalid as error:
            yield f"{config.name}/{path.name}: it cannot be read: {error}"


def _parts(config: Config, files: SplitFiles, limits: Limits) -> Iterator[_Part]:
    """Divide the files of a split into those that are read together: of small ones, several."""
    sizes = [path.stat().st_size for path in files.paths]
    first, size = 0, 0
    for number, each in enumerate(sizes, 1):
        size += each
        if number == len(sizes) or (size >= limits.max_loaded and sum(sizes) > limits.max_loaded):
            yield _Part(config, files, range(first, number))
            first, size = number, 0


def _problems(config: Config, values: Values, texts: ReleasedTexts | None, look: Look | None) -> list[RowProblem]:
    """Find what is wrong in some rows."""
    # Passages of evidence that are those of the claims have been compared with the texts there.
    compared = look is not None and config.name == "evidence"
    wrong = list(row_problems(values, config.columns, texts, spans=not compared))
    if look and not wrong:
        seen = list(look(config.name, values, texts))
        wrong = (list(row_problems(values, config.columns, texts)) if compared and seen else []) or seen
    return wrong


def _task_problems(reader: _Reader) -> Iterator[str]:
    """Load the tables of prompts, and compare them with their files; their rows follow from the other tables."""
    for name in TASK_CONFIGS:
        for split, paths in table_files(reader.plain, name).items():
            try:
                stored = [open_file(path) for path in paths]
                wanted = datasets.Features.from_arrow_schema(stored[0].schema_arrow)
                files = SplitFiles(name, split, tuple(paths), tuple(file.metadata.num_rows for file in stored))
                given = loaded(load_split(reader.plain, files, reader.scratch, reader.limits), name, reader.limits)
                said = differences(given, stored, name, wanted, reader.limits)
            except Exception as error:
                if is_full(error):
                    raise
                yield f"{name}: load_dataset fails: {type(error).__name__}: {error}"
            else:
                yield from (f"{name}: load_dataset returns {_SAID[each]}" for each in said)


def _card_names_tables(folder: Path, manifest: Manifest, configs: Collection[Config]) -> bool:
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
