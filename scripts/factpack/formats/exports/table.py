"""Read a table from a spreadsheet, as CSV: a record a row, its keys as the heads of columns.

The cells ``supports``, ``refutes`` and those of other stances have a passage on each line: ``001: the words``. The cell
``evidence`` has the stance before that: ``supports 001: the words``.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, ClassVar

from factpack.formats.exports.record import ExportError, ExportFormat, ExportRecord, begins_with
from factpack.formats.exports.regions import free_id, key_name
from factpack.formats.foreign import wide_encoding
from factpack.formats.format import ReadError
from factpack.formats.locations import Path, Position
from factpack.project.models import RECORD_KEYS

_PASSAGE = re.compile(r"(?:(?P<stance>[^\s:]+)\s+)?(?P<article>[0-9A-Za-z][\w.-]*):\s*(?P<quote>.*\S)")
_KEYS = {"kind", "article", *RECORD_KEYS} - {"near"}  # which relates a passage, like a stance
_OF_TOOL = {"annotation_id", "lead_time"}  # of a CSV export of Label Studio
_MAX_DELIMITERS = ",;\t"


class TableFormat(ExportFormat):
    """Read CSV. The path of a place is the number of its line."""

    name: ClassVar[str] = "csv"
    title: ClassVar[str] = "a table of records in CSV"

    def detect(self, path: FilePath) -> bool:
        """Return whether a CSV file has a column of quotes and one of articles."""
        if path.suffix not in (".csv", ".tsv"):
            return False
        head = self.decode(begins_with(path), errors="replace").partition("\n")[0].lower()
        return bool(re.search(r"\bquote\b", head) and re.search(r"\barticle\b", head)) or "annotation_id" in head

    def decode(self, data: bytes, errors: str = "strict") -> str:
        """Return the text of a file in UTF-8, or in the UTF-16 of a spreadsheet."""
        return data.decode("utf-16" if wide_encoding(data) else "utf-8-sig", errors)

    def unreadable(self, name: str, data: bytes) -> list[ReadError]:
        """Return why bytes are no text."""
        return [] if wide_encoding(data) == "UTF-16" else super().unreadable(name, data)

    def records(self, text: str, stem: str) -> Iterator[ExportRecord | ExportError]:
        """Yield a record for each row that is not empty."""
        del stem
        head = text.partition("\n")[0]
        delimiter = max(_MAX_DELIMITERS, key=head.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        line, ids = 1, dict[str, int]()
        try:
            names = [key_name(name) for name in next(reader, [])]
            if _OF_TOOL & set(names):
                reason = "it is a CSV export of Label Studio, which lacks relations and the regions of verdicts"
                yield ExportError("malformed", (1,), f"{reason}; export it as JSON")
                return
            line = reader.line_num + 1
            for row in reader:
                cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
                if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
                    yield ExportError("malformed", (line,), "the row has more cells than the table has columns")
                elif cells:
                    yield from _record(cells, line, ids)
                line = reader.line_num + 1
        except csv.Error as error:
            yield ExportError("malformed", (reader.line_num or line,), str(error))

    def position(self, text: str, path: Path) -> Position:
        """Return the place where a row begins."""
        del text
        return Position(int(path[0]), 1) if path else Position(1, 1)


def _record(cells: dict[str, str], line: int, ids: dict[str, int]) -> Iterator[ExportRecord | ExportError]:
    kind = cells.pop("kind", "claim" if "label" in cells else "not_checkable" if "reason" in cells else "unverified")
    article = cells.pop("article", "")
    if kind not in ("claim", "unverified", "not_checkable"):
        yield ExportError("malformed", (line,), f"unknown kind `{kind}`; write claim, unverified or not_checkable")
        return
    plain: dict[str, Any] = {key: value for key, value in cells.items() if key in _KEYS and key != "evidence"}
    if plain.get("start", "").isdecimal():
        plain["start"] = int(plain["start"])
    evidence: list[dict[str, str]] = []
    for key in [key for key in cells if key == "evidence" or key not in _KEYS]:
        for words in cells[key].splitlines():
            found = _PASSAGE.fullmatch(words.strip())
            stance = found["stance"] if found and key == "evidence" else key
            if key == "evidence" and words.strip() == "same-fact":
                evidence.append("same-fact")  # type: ignore[arg-type]
            elif not found or not stance:
                what = f"‘{words.strip()[:40]}’ in the column `{key}` is not a passage; write `{_form(key)}`"
                yield ExportError("malformed", (line,), what)
            else:
                evidence.append({"article": found["article"], "quote": found["quote"], "stance": stance})
    if kind == "claim":
        plain["evidence"] = evidence
    elif evidence:
        yield ExportError("malformed", (line,), "only a claim can have evidence; write `claim` in the column `kind`")
    if kind != "not_checkable":
        plain = {"id": free_id(plain.get("quote", ""), article, ids), "speaker": "article"} | plain
    yield ExportRecord(article, kind, plain, {(): (line,)})


def _form(key: str) -> str:
    return "supports 001: the words" if key == "evidence" else "001: the words"
