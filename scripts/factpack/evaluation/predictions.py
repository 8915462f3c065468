"""Read the predictions of a model, one for each claim: from JSON Lines, Parquet or CSV, or as FEVER has them."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, ClassVar, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from factpack.checks.problem import Problem
from factpack.checks.registry import judge
from factpack.formats.format import WHOLE_FILE, ArticleRecords, ByteRange, Format, InvalidRecord, ReadError
from factpack.formats.json_lines.blocks import Block, read_blocks
from factpack.formats.json_lines.nulls import without_nulls
from factpack.formats.jsonl import JsonLinesFormat
from factpack.formats.locations import Address, Location, Path, Position, Record, SourceFile
from factpack.formats.schema_errors import convert

#: ``factpack``: the records of :class:`Prediction`; ``fever``: those of the FEVER scorer.
InputFormat = Literal["factpack", "fever"]

_BLOCK = 256 * 2**10  # bytes of JSON Lines that are accepted together
_ROWS = 4_096  # of Parquet that are read together


class PredictedPassage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Place words that a model gives as evidence in their article, by offsets in Unicode code points."""

    article: str
    start: int
    end: int
    stance: str | msgspec.UnsetType = msgspec.UNSET


class Prediction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Give what a model says of one claim. The passages come best first."""

    id: str
    label: str
    scores: dict[str, float] | msgspec.UnsetType = msgspec.UNSET
    evidence: list[PredictedPassage] | msgspec.UnsetType = msgspec.UNSET


class FeverPrediction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Read a prediction as the FEVER scorer does: sentences by page and number. Other keys of the line are ignored."""

    id: str | int
    predicted_label: str
    predicted_evidence: list[list[str | int]]


class _Rows(Format):
    """Find a record in a file in which every record has a number: that of its line or of its row, from 1."""

    name: ClassVar[str] = "rows"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".parquet")

    def detect(self, path: FilePath) -> bool:
        """Return False: these are no annotations."""
        del path
        return False

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        """Yield nothing: these are no annotations."""
        del file, part
        yield from ()

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        """Return the number of the record as its line."""
        del file, path, key
        return Position(max(address.index, 1), 1)


def read_predictions(path: FilePath, form: InputFormat) -> Iterator[Record[Any] | Problem]:
    """Yield the predictions in a file, each with its place, and everything that does not fit its model.

    Args:
        path: A file in JSON Lines, ``.parquet`` or ``.csv``, by its suffix; FEVER's are JSON Lines.
        form: What a record is.

    Yields:
        Records of :class:`Prediction` or of :class:`FeverPrediction`.
    """
    model: type[msgspec.Struct] = Prediction if form == "factpack" else FeverPrediction
    tables: dict[str, Callable[[SourceFile], Iterator[Record[Any] | ReadError | Problem]]] = {
        ".csv": _csv,
        ".parquet": _parquet,
    }
    read = tables.get(path.suffix.lower()) if form == "factpack" else None
    if read is None:
        yield from _json_lines(SourceFile(str(path), path, JsonLinesFormat()), model)
        return
    for item in read(SourceFile(str(path), path, _Rows())):
        yield from _converted(item, model) if isinstance(item, Record) else _worded(item)


def _json_lines(file: SourceFile, model: type[msgspec.Struct]) -> Iterator[Record[Any] | Problem]:
    for item in read_blocks(file, {"": model}, WHOLE_FILE, _BLOCK):
        if isinstance(item, Block):
            yield from (Record(value, file, address) for value, address in item)
        elif isinstance(item, ReadError):
            yield from _worded(item)


def _converted(plain: Record[Any], model: type[msgspec.Struct]) -> Iterator[Record[Any] | Problem]:
    value, errors = convert(plain, model)
    for error in errors:
        yield from _worded(error)
    if value is not None and not errors:
        yield Record(value, plain.source, plain.address)


def _worded(error: ReadError | Problem) -> Iterator[Problem]:
    """Put into words what is wrong; what no rule has words for is said as the schema says it."""
    if isinstance(error, Problem):
        yield error
        return
    found = list(judge(error))
    yield from found
    if not found:
        what = f"value does not fit: {error.kind} is {error.detail}"
        yield Problem(error.place, what, "`factpack score --help` describes a prediction.", rule="malformed-value")


def _parquet(file: SourceFile) -> Iterator[Record[Any] | Problem]:
    try:
        table = pq.ParquetFile(file.path)
        names = table.schema_arrow.names
        yield from _heading(file, names)
        if not _readable(names):
            return
        known = [name for name in names if name in _COLUMNS]
        number = 0
        for batch in table.iter_batches(_ROWS, columns=known):
            for row in batch.to_pylist():
                number += 1
                yield Record(_pruned(row), file, Address(number))
    except (pa.ArrowException, UnicodeDecodeError) as error:
        yield Problem(
            Location(file.name, 1, 1), f"invalid Parquet: {error}", "Write the file again.", rule="malformed-file"
        )


_COLUMNS = Prediction.__struct_fields__
_REQUIRED = ("id", "label")
_INDEX = ("", "Unnamed: 0", "index", "__index_level_0__")  # as pandas calls the column of its index


def _heading(file: SourceFile, names: Sequence[str]) -> Iterator[Problem]:
    """Report the columns of a table that are missing, come twice or say nothing of a prediction, once for all rows."""
    columns = f"The columns here are {', '.join(f'`{name}`' for name in _COLUMNS)}."
    at = Location(file.name, 1, 1)
    for name in names:
        if name not in _COLUMNS:
            why = "Delete it" if name not in _INDEX else "If pandas wrote it, write the file again with `index=False`"
            yield Problem(at, f"unknown column `{name}`", f"{why}. {columns}", rule="unknown-key")
    for name in _COLUMNS:
        if names.count(name) > 1:
            yield Problem(at, f"column `{name}` comes twice", "Delete one of the two.", rule="duplicate-key")
    for name in _REQUIRED:
        if name not in names:
            yield Problem(at, f"missing column `{name}`", f"Add it. {columns}", rule="missing-key")


def _readable(names: Sequence[str]) -> bool:
    """Tell whether the rows below these columns can be read."""
    return {*_REQUIRED} <= {*names} and all(names.count(name) <= 1 for name in _COLUMNS)


def _pruned(row: Mapping[str, Any]) -> Any:
    """Leave out what is null: Parquet has every key in every row, the labels in ``scores`` among them."""
    plain = without_nulls(dict(row), Prediction, {})
    scores = plain.get("scores")
    if isinstance(scores, list) and all(isinstance(pair, tuple) for pair in scores):  # a map of Arrow
        scores = dict(scores)
    if isinstance(scores, dict):
        plain["scores"] = {label: score for label, score in scores.items() if score is not None}
    return plain


_NESTED = ("scores", "evidence")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # a byte that could not be decoded


def _csv(file: SourceFile) -> Iterator[Record[Any] | Problem]:
    """Read a table with a line of names; ``scores`` and ``evidence`` are JSON in a cell, empty where there are none."""
    names: list[str] | None = None
    line = 1
    with file.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            for cells in reader:
                if names is None:
                    names = cells
                    yield from _heading(file, names)
                    if not _readable(names):
                        return
                elif cells:
                    yield from _cells(file, line, names, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            hint = "Put a cell with a comma or a line break between quotation marks, and double a quotation mark in it."
            if "field limit" in str(error):
                hint = "Write the predictions as JSON Lines or Parquet, which have room for it."
            yield Problem(Location(file.name, line, 1), f"invalid CSV: {error}", hint, rule="malformed-file")


def _cells(file: SourceFile, line: int, names: list[str], cells: list[str]) -> Iterator[Record[Any] | Problem]:
    if len(cells) != len(names):
        what = f"row has {len(cells)} cells, but the table has {len(names)} columns"
        yield Problem(
            Location(file.name, line, 1), what, "Write as many cells as the first line has.", rule="malformed-file"
        )
        return
    if odd := _NOT_UTF8.search("".join(cells)):
        yield from _worded(ReadError("not-utf8", Location(file.name, line, 1), ord(odd[0]) - 0xDC00))
        return
    row: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=True) if name in _COLUMNS}
    for name in _NESTED:
        if not row.get(name):
            row.pop(name, None)
            continue
        try:
            row[name] = msgspec.json.decode(row[name])
        except (ValueError, RecursionError) as error:
            what, hint = f"invalid JSON in `{name}`: {error}", "Write the cell as JSON, as in JSON Lines."
            yield Problem(Location(file.name, line, 1), what, hint, rule="malformed-json")
            return
    yield Record(row, file, Address(line))
