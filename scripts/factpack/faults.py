"""What is wrong with a release, in words. Tables are read several times, so :mod:`factpack.verify` comes first."""

import tempfile
from array import array
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from factpack.accept import KEYS, TARGETS, Keys, Texts, accepted, distinct
from factpack.columns import Column, Config, Items, Names, features
from factpack.content import ContentSum
from factpack.folder import MANIFEST, BrokenReleaseError, configs_in, read_manifest
from factpack.loading import cache_folder, has_schema, load, table_file
from factpack.tables import group_rows


def faults_in(folder: Path) -> Iterator[str]:
    """Every difference between the tables of a release and what it promises, a line each."""
    yield from _content(folder)
    yield from _loading(folder)


def _content(folder: Path) -> Iterator[str]:
    """The rows keep their promises: spans are quotes, labels have names, keys have targets.

    Rows are accepted a batch at a time. Those of a batch that is not are looked at one by one, to say what is wrong.
    """
    manifest, keys, known = read_manifest(folder), Keys(), []
    for name in sorted(manifest.tables.keys() ^ {config.name for config in configs_in(folder)}):
        yield f"{name}: {MANIFEST} names a table that is not there, or does not name one that is"
    with tempfile.TemporaryFile() as scratch:
        texts = Texts(scratch) if manifest.text == "full" else None
        if texts is not None:
            for batch in _batches("articles", table_file(folder, "articles"), ["id", "text"]):
                texts.add(*batch.columns)
        for config in configs_in(folder):
            file = table_file(folder, config.name)
            if not has_schema(file, config):
                yield f"{config.name}: the schema is not that of the table of columns"
                continue
            known.append(config.name)
            yield from _repeated(config.name, file)
            content = ContentSum()
            for batch in _batches(config.name, file):
                values = dict(zip(batch.schema.names, batch.columns, strict=True))
                content.add(pa.table(values))
                keys.add(config.name, values)
                if not accepted(values, config.columns, texts, None):
                    yield from _wrong_rows(config, batch, texts)
            table = manifest.tables.get(config.name)
            if table and (table.rows, table.content_sha256) != (file.metadata.num_rows, content.hexdigest()):
                yield f"{config.name}: the rows are not those whose number and sum stand in {MANIFEST}"
    yield from _unknown(folder, known, set(filter(keys.lacks, TARGETS)))


def _batches(config: str, file: pq.ParquetFile, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a table, some at a time. Raises BrokenReleaseError if something in them is not what its type says."""
    for batch in file.iter_batches(group_rows(config), columns=columns):
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            try:
                values.validate(full=True)
            except pa.ArrowInvalid as error:  # bytes that are not UTF-8: with such, nothing can be compared
                message = f"{config}: `{name}` cannot be read: {error}"
                raise BrokenReleaseError(message) from error
        yield batch


def _repeated(config: str, file: pq.ParquetFile) -> Iterator[str]:
    """Every id that occurs twice."""
    hashes = array("q")
    for batch in _batches(config, file, ["id"]):
        hashes.extend(map(hash, batch.column(0).to_pylist()))
    if distinct(hashes):
        return
    seen: set[str] = set()
    for name in file.read(columns=["id"])["id"].to_pylist():
        if name in seen:
            yield f"{config} {name}: the id occurs twice"
        seen.add(name)


def _wrong_rows(config: Config, batch: pa.RecordBatch, texts: Texts | None) -> Iterator[str]:
    for row in batch.to_pylist():
        if config.name == "articles" and texts is not None and texts.sha256(row["id"]) != row["sha256"]:
            yield f"articles {row['id']}: the sum of the text is another"
        yield from (f"{config.name} {row['id']}: {fault}" for fault in _row(row, config.columns, texts, row))


def _row(row: dict[str, Any], columns: Sequence[Column], texts: Texts | None, holder: dict[str, Any]) -> Iterator[str]:
    """What is wrong in a row, or in an item of a list in the row ``holder``."""
    if "start" in row:
        article, start, end = str(row.get("article", holder.get("article"))), row["start"], row["end"]
        words = row["quote"] if "quote" in row else row["text"]
        if texts is not None and _cut(texts.get(article), start, end) != words:
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


def _cut(text: str, start: int | None, end: int | None) -> str | None:
    """What stands at a span; None if that is not within the text. What null means is said elsewhere."""
    if start is None or end is None or 0 <= start <= end <= len(text):
        return text[start:end]
    return None


def _unknown(folder: Path, configs: Collection[str], lacking: Collection[str]) -> Iterator[str]:
    """Every id that a table of ``configs`` names and one of those that are ``lacking`` does not have."""
    ids = {
        target: set(table_file(folder, target).read(columns=["id"])["id"].to_pylist()) if target in configs else set()
        for target in lacking
    }
    for config, path, target in KEYS:
        if config not in configs or target not in lacking:
            continue
        for batch in table_file(folder, config).iter_batches(group_rows(config), columns=["id", path[0]]):
            for row in batch.to_pylist():
                for name in _named(row, *path):
                    if name is not None and name not in ids[target]:
                        yield f"{config} {row['id']}: there is no {name} in {target}"


def _named(row: dict[str, Any], column: str, field: str | None = None) -> list[str | None]:
    """The ids in a column of a row: one, several, or those in a field of its items; where there is none, None."""
    value = row[column]
    if field:
        return [item[field] for item in value or ()]
    return value if isinstance(value, list) else [value]


def _loading(folder: Path) -> Iterator[str]:
    """`datasets` loads every config with the right features and the rows of the Parquet file."""
    with cache_folder(folder) as cache:
        for config in configs_in(folder):
            try:
                loaded = load(folder, config.name, cache)
                stored = table_file(folder, config.name).iter_batches(group_rows(config.name))
                same = _same_rows(loaded.batches, stored)
            except Exception as error:  # noqa: BLE001 - whatever it is, the release does not load
                yield f"{config.name}: load_dataset fails: {type(error).__name__}: {error}"
                continue
            if loaded.features != features(config.columns):
                yield f"{config.name}: load_dataset gives other features"
            if not same:
                yield f"{config.name}: load_dataset gives other rows than the Parquet file"


def _same_rows(given: Iterator[pa.Table], stored: Iterator[pa.RecordBatch]) -> bool:
    def same(one: pa.Table | None, other: pa.RecordBatch | None) -> bool:
        return one is not None and other is not None and bool(one.equals(pa.table(other).cast(one.schema)))

    alike = [same(one, other) for one, other in zip_longest(given, stored)]  # to the end: see load
    return all(alike)
