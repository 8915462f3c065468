"""Checks a release by reading it back, the way its users will: sums, spans, labels, keys, counts and loading."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq

from factpack.columns import CONFIGS, SPLIT, Column, Config, Items, Names, features, table_path
from factpack.folder import SUMS, listed_sums, present_files, read_manifest, sha256

BATCH_ROWS = 20_000


class BrokenReleaseError(Exception):
    """A release does not hold what it promises; the message lists what, a line each."""


def verify(folder: Path) -> None:
    """Reads a release back and compares it with what it promises.

    Raises BrokenReleaseError with every difference found. That is a fault of the packager or of the disk: data that
    passes the check of a project does not lead to it.
    """
    faults = list(_sums(folder)) or [*_content(folder), *_loading(folder)]
    if faults:
        raise BrokenReleaseError("\n".join(faults))


def _sums(folder: Path) -> Iterator[str]:
    """Every file is listed with its sum, and every listed file is there."""
    if not (folder / SUMS).is_file():
        yield f"{SUMS}: missing"
        return
    listed, present = listed_sums(folder), present_files(folder)
    for name in sorted(present ^ listed.keys()):
        yield f"{name}: {'not listed in' if name in present else 'missing, but listed in'} {SUMS}"
    for name in sorted(present & listed.keys()):
        if sha256(folder / name) != listed[name]:
            yield f"{name}: its sum is not the one in {SUMS}"


def _rows(folder: Path, config: str, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(folder / table_path(config)).iter_batches(BATCH_ROWS, columns=columns):
        yield from batch.to_pylist()


def _configs(folder: Path) -> list[Config]:
    """The configs that have rows; the list of sums says that none is missing."""
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


def _values(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of a path of columns, in every item of the lists on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif path:
        yield from _values(value[path[0]], path[1:])
    else:
        yield value


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for row in _rows(folder, "articles", ["id", "text"]):
        yield row["id"], row["text"] or ""


def _has_sum(text: str, digest: str) -> bool:
    return hashlib.sha256(text.encode()).hexdigest() == digest


def _content(folder: Path) -> Iterator[str]:
    """The rows keep their promises: spans are quotes, labels have names, keys have targets."""
    texts = dict(_texts(folder)) if read_manifest(folder).text == "full" else None
    ids: dict[str, set[str]] = {}
    for config in _configs(folder):
        wanted, found = features(config.columns), pq.read_schema(folder / table_path(config.name))
        if found.names != list(wanted) or datasets.Features.from_arrow_schema(found) != wanted:
            yield f"{config.name}: the schema is not that of the table of columns"
            continue
        seen = ids.setdefault(config.name, set())
        for row in _rows(folder, config.name):
            if row["id"] in seen:
                yield f"{config.name} {row['id']}: the id occurs twice"
            seen.add(row["id"])
            if config.name == "articles" and texts is not None and not _has_sum(texts[row["id"]], row["sha256"]):
                yield f"articles {row['id']}: the sum of the text is another"
            yield from (f"{config.name} {row['id']}: {fault}" for fault in _row(row, config.columns, texts, row))
    yield from _keys(folder, ids)


def _keys(folder: Path, ids: dict[str, set[str]]) -> Iterator[str]:
    """Every id that a table names is in the table that it is an id of."""
    for config_name, path, target in _KEYS:
        for row in _rows(folder, config_name, ["id", path[0]]) if config_name in ids else ():
            for value in _values(row, path):
                if value not in ids.get(target, ()):
                    yield f"{config_name} {row['id']}: there is no {value} in {target}"


def _row(
    row: dict[str, Any], columns: Sequence[Column], texts: dict[str, str] | None, holder: dict[str, Any]
) -> Iterator[str]:
    if "start" in row:
        article, start, end = str(row.get("article", holder.get("article"))), row["start"], row["end"]
        words = row["quote"] if "quote" in row else row["text"]
        if texts is not None and texts.get(article, "")[start:end] != words:
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
    """`datasets` loads every config with the right features and exactly the rows of the Parquet file."""
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        # Beside the release, which is in a scratch folder while it is built: what clears that away clears this away.
        with tempfile.TemporaryDirectory(prefix=".factpack-cache-", dir=folder.parent) as cache:
            for config in _configs(folder):
                try:
                    loaded = datasets.load_dataset(str(folder), config.name, split=SPLIT, cache_dir=cache)
                except Exception as error:  # noqa: BLE001 - whatever it is, the release does not load
                    yield f"{config.name}: load_dataset fails: {type(error).__name__}: {error}"
                    continue
                if loaded.features != features(config.columns):
                    yield f"{config.name}: load_dataset gives other features"
                stored = pq.read_table(folder / table_path(config.name))
                if not loaded.data.table.equals(stored.cast(loaded.data.table.schema)):
                    yield f"{config.name}: load_dataset gives other rows than the Parquet file"
    finally:
        if not shown:
            datasets.enable_progress_bars()
