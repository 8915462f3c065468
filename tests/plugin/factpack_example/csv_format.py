"""A format as another package may add it: annotations as a table in CSV, a record a row, with evidence in one cell.

A line of the cell ``evidence`` is a passage: ``supports b2: left 40 minutes late``.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

from factpack.formats.format import WHOLE_FILE, ArticleRecords, ByteRange, Format, InvalidRecord, ReadError
from factpack.formats.hygiene import read_whole, text_errors
from factpack.formats.locations import Address, Location, Path, Plain, Position, Record, Records, SourceFile
from factpack.formats.schema_errors import convert, schema_errors
from factpack.project.models import Claim, NotCheckable, Unverified

MODELS: dict[str, Any] = {"claim": Claim, "unverified": Unverified, "not_checkable": NotCheckable}
CELL = re.compile(r'("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r?\n|\Z)')


class CsvFormat(Format):
    """CSV; an address is the number of the line that a row begins in."""

    name = "csv"
    suffixes = (".csv",)

    def detect(self, path: FilePath) -> bool:
        return path.suffix == ".csv"

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        del part
        data, errors = read_whole(file.name, file.path, 2**24)
        rows: list[Record[dict[str, Plain]]] = []
        reader = csv.DictReader(io.StringIO(data.decode(errors="replace"), newline=""), restkey="?", strict=True)
        try:
            errors = errors or text_errors(file.name, data)
            rows += (Record(row, file, Address(line)) for line, row in numbered(reader))
        except csv.Error as error:
            errors.append(ReadError("malformed", Location(file.name, reader.reader.line_num, 1), str(error), "CSV"))
        yield from errors
        if errors:
            yield InvalidRecord(Record(None, file), whole=True)
            return
        for article, group in groupby(rows, lambda row: row.value["article"]):
            columns: dict[str, Records[Any]] = {kind: Records(file) for kind in MODELS}
            named, *_ = records = list(group)
            invalid = []
            for row in records:
                value, errors = converted(row)
                if errors:
                    yield from errors
                    invalid.append(row)
                else:
                    columns[row.value["kind"]].add(value, row.address)
            claims, unverified, not_checkable = columns.values()
            yield ArticleRecords(article, named, claims, unverified, not_checkable, tuple(invalid), not invalid)

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        del key
        lines = list(io.StringIO(file.path.read_bytes().decode(errors="replace"), newline=""))
        header = next(csv.reader(lines), [])
        if not address.index or not path or path[0] not in header:
            return Position(max(address.index, 1), 1)
        row, start = "".join(lines[address.index - 1 :]), 0
        for _ in range(header.index(str(path[0]))):
            found = CELL.match(row, start)
            start = found.end() if found else start
        return Position(address.index + row.count("\n", 0, start), start - row.rfind("\n", 0, start))


def numbered(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, Plain]]]:
    """The rows, each with the number of the line that it begins in."""
    line = len(reader.fieldnames or ()) and reader.line_num + 1
    for row in reader:
        plain: dict[str, Plain] = {key: value for key, value in row.items() if value}
        if "evidence" in plain:
            plain["evidence"] = [
                dict(zip(("stance", "article", "quote"), re.split(" |: ", text, maxsplit=2), strict=False))
                for text in plain["evidence"].splitlines()
            ]
        yield line, {"article": "", "kind": ""} | plain
        line = reader.line_num + 1


def converted(row: Record[dict[str, Plain]]) -> tuple[Any, list[ReadError]]:
    """A row as what it is meant to be, or what is wrong with it."""
    kind = row.value["kind"]
    if kind not in MODELS:
        return None, list(schema_errors(row, tuple(MODELS)))
    plain = {key: value for key, value in row.value.items() if key not in ("kind", "article")}
    return convert(Record(plain, row.source, row.address), MODELS[kind])
