"""Checks a release by reading it back, the way its users will: sums, spans, labels, keys, counts and loading.

What is right is seen in one pass here. Only if something is not does :mod:`factpack.faults` say what, at its leisure.
"""

import tempfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import huggingface_hub
import pyarrow as pa

from factpack.accept import TARGETS, Keys, Texts, accepted, distinct, holds
from factpack.columns import CONFIGS, SPLIT, Config, features, table_path
from factpack.content import ContentSum
from factpack.faults import faults_in
from factpack.folder import (
    SUMS,
    BrokenReleaseError,
    Manifest,
    NotAReleaseError,
    Table,
    configs_in,
    listed_sums,
    present_files,
    read_manifest,
    sha256,
)
from factpack.loading import Loaded, cache_folder, has_schema, load, table_file
from factpack.problems import printable


def verify(folder: Path) -> None:
    """Reads a release back and compares it with what it promises.

    Raises BrokenReleaseError with every difference found. That is a fault of the packager or of the disk: data that
    passes the check of a project does not lead to it. Raises NotAReleaseError if it does not say what it is.
    """
    faults = list(_sums(folder))
    if not faults and not _sound(folder):
        try:
            faults = list(faults_in(folder))
        except (BrokenReleaseError, NotAReleaseError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a damaged file makes the libraries raise
            faults = [f"it cannot be read back: {type(error).__name__}: {error}"]
    if faults:
        raise BrokenReleaseError("\n".join(map(printable, faults)))


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


def _sound(folder: Path) -> bool:
    """Whether nothing at all is wrong: :func:`factpack.faults.faults_in` would find nothing either."""
    manifest, configs = read_manifest(folder), configs_in(folder)
    if manifest.tables.keys() != {config.name for config in configs}:
        return False
    with tempfile.TemporaryFile() as scratch, cache_folder(folder) as cache:
        texts = Texts(scratch) if manifest.text == "full" else None
        try:
            files = [(config, table_file(folder, config.name)) for config in configs]
            if not all(has_schema(file, config) for config, file in files) or not _card_names_tables(folder, configs):
                return False
            return _tables_sound(folder, manifest, cache, texts)
        except Exception:  # noqa: BLE001 - whatever it is, the slow way comes upon it and says it
            return False


def _card_names_tables(folder: Path, configs: Sequence[Config]) -> bool:
    """Whether the card has every config read from its Parquet file, as far as this can be seen at a glance."""
    header = huggingface_hub.metadata_load(folder / "README.md") or {}
    said = [{key: each[key] for key in each.keys() - {"version", "default"}} for each in header["configs"]]
    files = {config.name: [{"split": SPLIT, "path": table_path(config.name)}] for config in configs}
    return said == [{"config_name": name, "data_files": paths} for name, paths in files.items()]


def _tables_sound(folder: Path, manifest: Manifest, cache: str, texts: Texts | None) -> bool:
    """Whether nothing is wrong in the tables. Each is read once, as `datasets` gives it.

    The articles come first, because the others quote them; then two at a time, the largest first.
    """
    sizes = {config: (folder / table_path(config.name)).stat().st_size for config in configs_in(folder)}
    first, *others = sorted(sizes, key=lambda config: (config.name != "articles", -sizes[config]))
    keys, pool, given_up = Keys(), ThreadPoolExecutor(2), Event()

    def begin(config: Config, loaded: Loaded) -> Future[ContentSum | None]:
        ahead = loaded._replace(batches=_ahead(loaded.batches, given_up))
        return pool.submit(_table_sound, config, ahead, manifest.tables[config.name], texts, keys)

    try:
        checks = {first.name: begin(first, load(folder, first.name, cache))}
        opened = [(config, load(folder, config.name, cache)) for config in others]
        checks[first.name].result()
        checks |= {config.name: begin(config, loaded) for config, loaded in opened}
        sums = {name: found for name, check in checks.items() if (found := check.result())}
        return sums.keys() == checks.keys() and _same_passages(sums) and not any(pool.map(keys.lacks, TARGETS))
    finally:
        given_up.set()
        pool.shutdown(cancel_futures=True)  # it waits, so that the streams come to their ends


def _table_sound(config: Config, loaded: Loaded, table: Table, texts: Texts | None, keys: Keys) -> ContentSum | None:
    """The sum of a table if its rows are those that are promised, and nothing is wrong in them but for _PASSAGES.

    Their keys are noted.
    """
    content, hashes = ContentSum(), array("q")
    columns = [column for column in config.columns if column is not _PASSAGES]

    def sound(batch: pa.Table) -> bool:
        try:
            batch.validate(full=True)
        except pa.ArrowInvalid:  # something is not UTF-8; the stream goes on
            return False
        content.add(batch)
        values = {name: _whole(batch[name]) for name in batch.column_names}
        hashes.extend(map(hash, values["id"].to_pylist()))
        keys.add(config.name, values)
        if config.name == "articles" and texts is not None:
            texts.add(values["id"], values["text"])
        passages = values.get(_PASSAGES.name)
        return (passages is None or holds(passages, _PASSAGES, texts)) and accepted(values, columns, texts, None)

    if loaded.features != features(config.columns):
        return None
    found = [sound(batch) for batch in loaded.batches]  # to the end: see load
    promised = table.rows == len(hashes) and table.content_sha256 == content.hexdigest()
    return content if all(found) and promised and distinct(hashes) else None


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array. A single chunk is that already: Arrow would copy it."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _ahead(batches: Iterator[pa.Table], given_up: Event) -> Iterator[pa.Table]:
    """The same batches; the next one is read while one is looked at. Once it is given up the rest is only read."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            if not given_up.is_set():
                yield batch


#: A list whose items are the rows of the table of the same name, one after another.
_PASSAGES = next(
    column for config in CONFIGS if config.name == "claims" for column in config.columns if column.name == "evidence"
)


def _same_passages(sums: Mapping[str, ContentSum]) -> bool:
    """Whether the items of _PASSAGES say what those rows say, and nothing is wrong in them that is not in the rows."""
    claims, rows = (sums[name].streams if name in sums else {} for name in ("claims", _PASSAGES.name))
    items = {name: digest for name, digest in claims.items() if name.startswith(f"{_PASSAGES.name}[]")}
    return items == {name: rows.get(name.removeprefix(f"{_PASSAGES.name}[].")) for name in items}
