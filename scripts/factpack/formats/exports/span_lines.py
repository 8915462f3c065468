"""Read JSON Lines of spans, as doccano and Prodigy export them: a text a line, with the spans and relations in it."""

import json
import re
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any, ClassVar

from factpack.formats.exports.record import ExportError, ExportFormat, ExportRecord, first_line
from factpack.formats.exports.regions import Region, Relation, Units, key_name, to_records
from factpack.formats.locations import Path, Position


class _SpanLines(ExportFormat):
    """Read lines with a text each. The path of a place is the number of its line."""

    marks: ClassVar[tuple[bytes, ...]]
    units: ClassVar[Units]

    def detect(self, path: FilePath) -> bool:
        """Return whether the first line has the keys that the tool writes."""
        first = first_line(path) if path.suffix == ".jsonl" else b""
        return b'"text"' in first and any(mark in first for mark in self.marks) and b'"kind"' not in first

    def position(self, text: str, path: Path) -> Position:
        """Return the place where a line begins."""
        del text
        return Position(int(path[0]), 1) if path else Position(1, 1)

    def records(self, text: str, stem: str) -> Iterator[ExportRecord | ExportError]:
        """Yield the records of every line."""
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                plain = json.loads(line)
                words, article = str(plain["text"]), _article(plain, stem)
                regions = [Region(*each, None, (number,)) for each in self.spans(plain, article)]
                relations = [Relation(*each, (number,)) for each in self.relations(plain)]
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                yield ExportError("malformed", (number,), "the line does not have the required keys")
                continue
            yield from to_records({article: words}, regions, relations, units=self.units)

    @abstractmethod
    def spans(self, plain: Any, article: str) -> Iterator[tuple[str, str, str, Any, Any]]:
        """Yield id, article, label, start and end of each span."""

    @abstractmethod
    def relations(self, plain: Any) -> Iterator[tuple[str, str, str]]:
        """Yield both ends and the label of each relation."""


class DoccanoFormat(_SpanLines):
    """Read JSONL of doccano, which counts UTF-16 units."""

    name: ClassVar[str] = "doccano"
    title: ClassVar[str] = "JSONL of doccano"
    marks: ClassVar[tuple[bytes, ...]] = (b'"entities"', b'"label"', b'"labels"')
    units: ClassVar[Units] = "UTF-16"

    def spans(self, plain: Any, article: str) -> Iterator[tuple[str, str, str, Any, Any]]:
        """Yield the spans, with ids or without."""
        for each in plain.get("entities", ()):
            yield str(each["id"]), article, key_name(each["label"]), each["start_offset"], each["end_offset"]
        for number, (start, end, label) in enumerate(plain.get("label", plain.get("labels", ()))):
            yield f"label-{number}", article, key_name(label), start, end

    def relations(self, plain: Any) -> Iterator[tuple[str, str, str]]:
        """Yield the relations."""
        return ((str(each["from_id"]), str(each["to_id"]), each["type"]) for each in plain.get("relations", ()))


class ProdigyFormat(_SpanLines):
    """Read JSONL of Prodigy, which counts code points; spans are named by their tokens."""

    name: ClassVar[str] = "prodigy"
    title: ClassVar[str] = "JSONL of Prodigy"
    marks: ClassVar[tuple[bytes, ...]] = (b'"_task_hash"', b'"_input_hash"')
    units: ClassVar[Units] = "points"

    def spans(self, plain: Any, article: str) -> Iterator[tuple[str, str, str, Any, Any]]:
        """Yield the spans of a text that was accepted."""
        for each in plain.get("spans", ()) if plain.get("answer", "accept") == "accept" else ():
            yield f"{each['start']}-{each['end']}", article, key_name(each["label"]), each["start"], each["end"]

    def relations(self, plain: Any) -> Iterator[tuple[str, str, str]]:
        """Yield the relations, whose ends are spans."""
        for each in plain.get("relations", ()) if plain.get("answer", "accept") == "accept" else ():
            ends = (f"{each[end]['start']}-{each[end]['end']}" for end in ("child_span", "head_span"))
            yield (*ends, each["label"])


def _article(plain: Any, stem: str) -> str:
    meta = plain.get("meta") if isinstance(plain.get("meta"), dict) else {}
    return str(plain.get("article") or meta.get("article") or re.split(r"[_.]", stem)[0])
