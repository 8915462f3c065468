"""Checks a release by reading it back, the way its users will: sums, spans, labels, keys, counts and loading."""

import hashlib
import tempfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from io import BufferedRandom
from itertools import zip_longest
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import datasets
import huggingface_hub
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from factpack.columns import CONFIGS, SPLIT, Column, Config, Items, Names, features, table_path
from factpack.content import ContentSum
from factpack.folder import MANIFEST, SUMS, Manifest, Table, listed_sums, present_files, read_manifest, sha256

BATCH_ROWS = 20_000
ARTICLE_BATCH_ROWS = 1_000  # rows that carry a whole text
MAX_LOADED = 4 * 2**20  # bytes of a Parquet file that is loaded whole; a larger one is streamed


class BrokenReleaseError(Exception):
    """A release does not hold what it promises; the message lists what, a line each."""


def verify(folder: Path) -> None:
    """Reads a release back and compares it with what it promises.

    Raises BrokenReleaseError with every difference found. That is a fault of the packager or of the disk: data that
    passes the check of a project does not lead to it.
    """
    faults = list(_sums(folder))
    if not faults and not _sound(folder):
        faults = [*_content(folder), *_loading(folder)]
    if faults:
        raise BrokenReleaseError("\n".join(faults))


def _sound(folder: Path) -> bool:
    """Whether nothing at all is wrong: :func:`_content` and :func:`_loading` would find nothing either."""
    manifest, configs = read_manifest(folder), configs_in(folder)
    if manifest.tables.keys() != {config.name for config in configs}:
        return False
    with tempfile.TemporaryFile() as scratch, _cache(folder) as cache:
        texts = _Texts(scratch) if manifest.text == "full" else None
        try:
            files = [(config, _file(folder, config.name)) for config in configs]
            if not all(_has_schema(file, config) for config, file in files) or not _card_names_tables(folder, configs):
                return False
            return _tables_sound(folder, manifest, cache, texts)
        except Exception:  # noqa: BLE001 - whatever it is, the slow way comes upon it and says it
            return False


def _tables_sound(folder: Path, manifest: Manifest, cache: str, texts: "_Texts | None") -> bool:
    """Whether nothing is wrong in the tables. Each is read once, as `datasets` gives it.

    The articles come first, because the others quote them; then two at a time, the largest first.
    """
    sizes = {config: (folder / table_path(config.name)).stat().st_size for config in configs_in(folder)}
    first, *others = sorted(sizes, key=lambda config: (config.name != "articles", -sizes[config]))
    keys, pool = _Keys(), ThreadPoolExecutor(2)

    def begin(config: Config, given: _Given) -> Future[ContentSum | None]:
        return pool.submit(_table_sound, config, given, manifest.tables[config.name], texts, keys)

    try:
        checks = {first.name: begin(first, _given(folder, first.name, cache))}
        opened = [(config, _given(folder, config.name, cache)) for config in others]
        checks[first.name].result()
        checks |= {config.name: begin(config, given) for config, given in opened}
        sums = {name: found for name, check in checks.items() if (found := check.result())}
        return sums.keys() == checks.keys() and _same_passages(sums) and keys.hold()
    finally:
        # It waits: a stream of Arrow that is left before its end can keep the process from ending, or abort it.
        pool.shutdown(cancel_futures=True)


def _card_names_tables(folder: Path, configs: Sequence[Config]) -> bool:
    """Whether the card has every config read from its Parquet file, as far as this can be seen at a glance."""
    header = huggingface_hub.metadata_load(folder / "README.md") or {}
    said = [{key: each[key] for key in each.keys() - {"version", "default"}} for each in header["configs"]]
    files = {config.name: [{"split": SPLIT, "path": table_path(config.name)}] for config in configs}
    return said == [{"config_name": name, "data_files": paths} for name, paths in files.items()]


#: A list whose items are the rows of the table of the same name, one after another.
_PASSAGES = next(
    column for config in CONFIGS if config.name == "claims" for column in config.columns if column.name == "evidence"
)


def _same_passages(sums: Mapping[str, ContentSum]) -> bool:
    """Whether the items of _PASSAGES say what those rows say, and nothing is wrong in them that is not in the rows."""
    claims, rows = (sums[name].streams if name in sums else {} for name in ("claims", _PASSAGES.name))
    items = {name: digest for name, digest in claims.items() if name.startswith(f"{_PASSAGES.name}[]")}
    return items == {name: rows.get(name.removeprefix(f"{_PASSAGES.name}[].")) for name in items}


def _table_sound(
    config: Config, given: "_Given", table: Table, texts: "_Texts | None", keys: "_Keys"
) -> ContentSum | None:
    """The sum of a table if its rows are those that are promised, and nothing is wrong in them but for _PASSAGES.

    Their keys are noted.
    """
    content, hashes = ContentSum(), array("q")
    columns = [column for column in config.columns if column is not _PASSAGES]

    def sound(batch: pa.Table) -> bool:
        content.add(batch)
        values = {name: batch[name].combine_chunks() for name in batch.column_names}
        hashes.extend(map(hash, values["id"].to_pylist()))
        keys.add(config.name, values)
        if config.name == "articles" and texts is not None:
            texts.add(values["id"], values["text"])
        passages = values.get(_PASSAGES.name)
        return (passages is None or _holds(passages, _PASSAGES, texts)) and _accepted(values, columns, texts, None)

    if given.features != features(config.columns):
        return None
    accepted = [sound(batch) for batch in _ahead(given.batches)]  # to the end: see _tables_sound
    promised = table.rows == len(hashes) and table.content_sha256 == content.hexdigest()
    return content if all(accepted) and promised and _distinct(hashes) else None


def _ahead(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same batches; the next one is read while one is looked at."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def _sums(folder: Path) -> Iterator[str]:
    """Every file is listed with its sum, and every listed file is there."""
    if not (folder / SUMS).is_file():
        yield f"{SUMS}: missing"
        return
    listed, present = listed_sums(folder), present_files(folder)
    for name in sorted(present ^ listed.keys()):
        yield f"{name}: {'not listed in' if name in present else 'missing, but listed in'} {SUMS}"
    names = sorted(present & listed.keys())
    with ThreadPoolExecutor(2) as pool:
        for name, found in zip(names, pool.map(sha256, [folder / name for name in names]), strict=True):
            if found != listed[name]:
                yield f"{name}: its sum is not the one in {SUMS}"


def configs_in(folder: Path) -> list[Config]:
    """The configs that have a table in a release: those with rows."""
    return [config for config in CONFIGS if (folder / table_path(config.name)).is_file()]


#: Where ids stand (a path of columns), and the configs that they are ids of.
_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("claims", ("article",), "articles"),
    ("claims", ("fact",), "facts"),
    ("claims", ("evidence", "article"), "articles"),
    ("evidence", ("claim_id",), "claims"),
    ("evidence", ("fact",), "facts"),
    ("evidence", ("article",), "articles"),
    ("sentences", ("article",), "articles"),
    ("sentences", ("claims",), "claims"),
    ("facts", ("settled_by", "article"), "articles"),
    ("facts", ("answers", "article"), "articles"),
    ("votes", ("article",), "articles"),
)


_TARGETS = {target for _, _, target in _KEYS}


class _Keys:
    """The ids of tables, and those that tables name; rows come from any thread."""

    def __init__(self) -> None:
        self._ids: dict[str, list[pa.Array]] = {target: [] for target in _TARGETS}
        self._named: dict[str, list[pa.Array]] = {target: [] for target in _TARGETS}

    def add(self, config: str, values: "Values") -> None:
        """Takes the next rows of a table."""
        if config in _TARGETS:
            self._ids[config].append(values["id"])
        for holder, (column, *field), target in _KEYS:
            if holder == config:
                named = values[column].flatten() if pa.types.is_list(values[column].type) else values[column]
                self._named[target].append(pc.unique(named.field(field[0]) if field else named))

    def hold(self) -> bool:
        """Whether every id that is named is one. They are dropped on the way: looking them up takes as much memory."""
        while self._named:
            target, named = self._named.popitem()
            ids = pa.chunked_array(self._ids.pop(target), pa.string()).combine_chunks()
            found = pc.is_in(pa.chunked_array(named, pa.string()), value_set=ids)
            if not pc.all(found, min_count=0).as_py():
                return False
        return True


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of a path of columns, in every item of the lists on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif path:
        yield from _values(value[path[0]], path[1:])
    else:
        yield value


class _Texts:
    """The texts of a release by the ids of the articles, in a scratch file; any thread may ask for one."""

    def __init__(self, scratch: BufferedRandom) -> None:
        self._scratch = scratch
        self._lock = Lock()
        self._places: dict[str, tuple[int, int]] = {}
        self._sums: dict[str, bytes] = {}
        self._end = 0
        self.get = lru_cache(maxsize=256)(self._get)

    def add(self, names: pa.Array, texts: pa.Array) -> None:
        """Takes the next articles; all are there before one is asked for."""
        for name, text in zip(names.to_pylist(), texts.to_pylist(), strict=True):
            data = (text or "").encode(errors="surrogatepass")
            self._places[name] = (self._end, len(data))
            self._sums[name] = hashlib.sha256(data).digest()
            self._end += self._scratch.write(data)
        self._scratch.flush()

    def sha256(self, name: str) -> str:
        """The sum of a text, in hexadecimal digits; that of no bytes for an article that is not there."""
        return (self._sums.get(name) or hashlib.sha256().digest()).hex()

    def _get(self, name: str) -> str:
        offset, size = self._places.get(name, (0, 0))
        with self._lock:  # and past the buffer, which would read more than the text
            self._scratch.raw.seek(offset)
            data = self._scratch.raw.read(size) or b""
        return data.decode()


def _file(folder: Path, config: str) -> pq.ParquetFile:
    return pq.ParquetFile(folder / table_path(config))


def _batch_rows(config: str) -> int:
    return ARTICLE_BATCH_ROWS if config == "articles" else BATCH_ROWS


def _has_schema(file: pq.ParquetFile, config: Config) -> bool:
    wanted, found = features(config.columns), file.schema_arrow
    return bool(found.names == list(wanted) and datasets.Features.from_arrow_schema(found) == wanted)


def _content(folder: Path) -> Iterator[str]:
    """The rows keep their promises: spans are quotes, labels have names, keys have targets.

    Rows are accepted a batch at a time. Those of a batch that is not are looked at one by one, to say what is wrong.
    """
    manifest = read_manifest(folder)
    for name in sorted(manifest.tables.keys() ^ {config.name for config in configs_in(folder)}):
        yield f"{name}: {MANIFEST} names a table that is not there, or does not name one that is"
    with tempfile.TemporaryFile() as scratch:
        texts = _Texts(scratch) if manifest.text == "full" else None
        if texts is not None:
            for batch in _file(folder, "articles").iter_batches(ARTICLE_BATCH_ROWS, columns=["id", "text"]):
                texts.add(*batch.columns)
        ids: dict[str, pa.ChunkedArray | None] = {}
        for config in configs_in(folder):
            file = _file(folder, config.name)
            if not _has_schema(file, config):
                yield f"{config.name}: the schema is not that of the table of columns"
                continue
            ids[config.name] = file.read(columns=["id"])["id"] if config.name in _TARGETS else None
            yield from _repeated(config.name, file)
            content = ContentSum()
            for batch in file.iter_batches(_batch_rows(config.name)):
                values = dict(zip(batch.schema.names, batch.columns, strict=True))
                content.add(pa.table(values))
                if not _accepted(values, config.columns, texts, None):
                    yield from _faults(config, batch, texts)
            table = manifest.tables.get(config.name)
            if table and (table.rows, table.content_sha256) != (file.metadata.num_rows, content.hexdigest()):
                yield f"{config.name}: the rows are not those whose number and sum stand in {MANIFEST}"
        yield from _keys(folder, ids)


def _repeated(config: str, file: pq.ParquetFile) -> Iterator[str]:
    """Every id that occurs twice."""
    hashes = array("q")
    for batch in file.iter_batches(BATCH_ROWS, columns=["id"]):
        hashes.extend(map(hash, batch.column(0).to_pylist()))
    if _distinct(hashes):
        return
    seen: set[str] = set()
    for name in file.read(columns=["id"])["id"].to_pylist():
        if name in seen:
            yield f"{config} {name}: the id occurs twice"
        seen.add(name)


def _distinct(hashes: "array[int]") -> bool:
    """Whether no two hashes are equal, nor the ids that they are of; they take a tenth of the memory of the ids."""
    ordered = np.sort(np.asarray(hashes))
    return not bool(np.any(ordered[1:] == ordered[:-1]))


def _faults(config: Config, batch: pa.RecordBatch, texts: _Texts | None) -> Iterator[str]:
    for row in batch.to_pylist():
        if config.name == "articles" and texts is not None and texts.sha256(row["id"]) != row["sha256"]:
            yield f"articles {row['id']}: the sum of the text is another"
        yield from (f"{config.name} {row['id']}: {fault}" for fault in _row(row, config.columns, texts, row))


Values = Mapping[str, pa.Array]  # columns of the same rows, by their names


def _accepted(values: Values, columns: Sequence[Column], texts: _Texts | None, articles: pa.Array | None) -> bool:
    """Whether nothing at all is wrong in these rows; :func:`_row` would find nothing either.

    ``articles`` are those of the rows, or of the rows that hold them.
    """
    if not all(_holds(values[column.name], column, texts) for column in columns):
        return False
    if "sha256" in values and texts is not None:
        names, sums = values["id"].to_pylist(), values["sha256"].to_pylist()
        if [texts.sha256(name) for name in names] != sums:
            return False
    articles = values.get("article", articles)
    if "start" in values and not _spans_hold(values, articles, texts):
        return False
    for column in columns:
        if isinstance(column.type, Items):
            lists = values[column.name]
            items = lists.flatten()
            parts = {each.name: items.field(each.name) for each in column.type.columns}
            theirs = None if articles is None else articles.take(pc.list_parent_indices(lists))
            if not _accepted(parts, column.type.columns, texts, theirs):
                return False
    return True


def _holds(values: pa.Array, column: Column, texts: _Texts | None) -> bool:
    """Whether null stands only where it may, and every label has a name."""
    if texts is None and column.reads != "nothing":
        return bool(values.null_count == len(values))
    if values.null_count and not column.nullable:
        return False
    if not isinstance(column.type, Names) or values.null_count == len(values):
        return True
    ends = pc.min_max(values).as_py()
    return bool(ends["min"] >= 0 and ends["max"] < len(column.type.names))


def _spans_hold(values: Values, articles: pa.Array | None, texts: _Texts | None) -> bool:
    """Whether the words at every span are the quote; without the texts, whether they are as long."""
    words = values["quote"] if "quote" in values else values["text"]
    if texts is None:
        lengths = pc.subtract(values["end"], values["start"])
        return pc.all(pc.equal(pc.utf8_length(words), lengths)).as_py() is not False
    name, text = None, ""
    assert articles is not None  # a row with a span has an article, or is held by one that has
    columns = (column.to_pylist() for column in (articles, values["start"], values["end"], words))
    for article, start, end, quote in zip(*columns, strict=True):
        if article != name:
            name, text = article, texts.get(article)
        if text[start:end] != quote:
            return False
    return True


def _keys(folder: Path, ids: Mapping[str, pa.ChunkedArray | None]) -> Iterator[str]:
    """Every id that a table names is in the table that it is an id of."""
    for config, path, target in _KEYS:
        if config not in ids:
            continue
        targets = (ids.get(target) or pa.chunked_array([[]], pa.string())).combine_chunks()
        if pc.all(pc.is_in(_named(folder, config, path), value_set=targets)).as_py() is not False:
            continue
        known = set(targets.to_pylist())
        for batch in _file(folder, config).iter_batches(BATCH_ROWS, columns=["id", path[0]]):
            for row in batch.to_pylist():
                for value in _values(row, path):
                    if value not in known:
                        yield f"{config} {row['id']}: there is no {value} in {target}"


def _named(folder: Path, config: str, path: tuple[str, ...]) -> pa.ChunkedArray:
    """What stands at the end of a path of columns, in all rows."""
    file = _file(folder, config)
    if not pa.types.is_list(file.schema_arrow.field(path[0]).type):
        return file.read(columns=[path[0]])[path[0]]
    items = pc.list_flatten(file.read(columns=[".".join((path[0], "list", "element", *path[1:]))])[path[0]])
    return pc.struct_field(items, list(path[1:])) if path[1:] else items


def _row(row: dict[str, Any], columns: Sequence[Column], texts: _Texts | None, holder: dict[str, Any]) -> Iterator[str]:
    if "start" in row:
        article, start, end = str(row.get("article", holder.get("article"))), row["start"], row["end"]
        words = row["quote"] if "quote" in row else row["text"]
        if texts is not None and texts.get(article)[start:end] != words:
            yield f"{article}[{start}:{end}] is not {words!r}"
        if texts is None and words is not None and len(words) != end - start:
            yield f"{words!r} is not as long as {article}[{start}:{end}]"
    for column in columns:
        value = row[column.name]
        withheld = texts is None and column.reads != "nothing"
        if value is None and not column.nullable and not withheld:
            yield f"{column.name} is null"
        if value is not None and withheld:
            yield f"{column.name} is given in a release without the texts"
        if isinstance(column.type, Names) and value is not None and not 0 <= value < len(column.type.names):
            yield f"{column.name} is {value}, which has no name"
        if isinstance(column.type, Items):
            for item in value or ():
                yield from _row(item, column.type.columns, texts, row)


def _loading(folder: Path) -> Iterator[str]:
    """`datasets` loads every config with the right features and the rows of the Parquet file."""
    with _cache(folder) as cache:
        for config in configs_in(folder):
            try:
                given = _given(folder, config.name, cache)
                same = _same_rows(given.batches, _file(folder, config.name).iter_batches(_batch_rows(config.name)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the release does not load
                yield f"{config.name}: load_dataset fails: {type(error).__name__}: {error}"
                continue
            if given.features != features(config.columns):
                yield f"{config.name}: load_dataset gives other features"
            if not same:
                yield f"{config.name}: load_dataset gives other rows than the Parquet file"


def _same_rows(given: Iterator[pa.Table], stored: Iterator[pa.RecordBatch]) -> bool:
    def same(one: pa.Table | None, other: pa.RecordBatch | None) -> bool:
        return one is not None and other is not None and bool(one.equals(pa.table(other).cast(one.schema)))

    alike = [same(one, other) for one, other in zip_longest(given, stored)]  # to the end: see _tables_sound
    return all(alike)


@contextmanager
def _cache(folder: Path) -> Iterator[str]:
    """A folder for what `datasets` keeps, which shows no bars meanwhile."""
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        # Beside the release, which is in a scratch folder while it is built: what clears that away clears this away.
        with tempfile.TemporaryDirectory(prefix=".factpack-cache-", dir=folder.parent) as cache:
            yield cache
    finally:
        if not shown:
            datasets.enable_progress_bars()


class _Given(NamedTuple):
    """What `datasets` gives of a config."""

    features: datasets.Features
    batches: Iterator[pa.Table]


def _given(folder: Path, config: str, cache: str) -> _Given:
    """What `datasets` gives of a config. What is streamed is to be read to the end: see :func:`_tables_sound`.

    A table that is larger than MAX_LOADED is streamed, because loading would copy the whole of it; the card's number of
    rows is compared here then.
    """
    loaded: datasets.Dataset | datasets.IterableDataset
    if (folder / table_path(config)).stat().st_size <= MAX_LOADED:
        loaded = datasets.load_dataset(str(folder), config, split=SPLIT, cache_dir=cache)
    else:
        stored = _file(folder, config).metadata
        # A row group after another: of a whole file, Arrow would decode up to 1 GiB ahead of what is looked at.
        loaded = datasets.load_dataset(
            str(folder),
            config,
            split=SPLIT,
            cache_dir=cache,
            streaming=True,
            batch_size=stored.row_group(0).num_rows,  # as of a whole file: a later group may be empty
        ).reshard()
        promised, found = loaded.info.splits[SPLIT].num_examples, stored.num_rows
        if promised != found:
            message = f"the card promises {promised} rows, and there are {found}"
            raise BrokenReleaseError(message)
    return _Given(loaded.features, loaded.with_format("arrow").iter(_batch_rows(config)))
