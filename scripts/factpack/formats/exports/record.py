"""Read an export as a format of annotation files: its records are checked like any others, at their places in it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, ClassVar, Literal

from factpack.formats.format import WHOLE_FILE, ArticleRecords, ByteRange, Format, InvalidRecord, ReadError
from factpack.formats.hygiene import encoding_errors, read_whole
from factpack.formats.locations import (
    Address,
    Location,
    Path,
    Plain,
    Position,
    Record,
    Records,
    SourceFile,
)
from factpack.formats.schema_errors import convert
from factpack.limits import MAX_EXPORT_BYTES

_LISTS = {"claim": "claims", "unverified": "unverified", "not_checkable": "not_checkable"}


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """Carry a record of an export.

    Attributes:
        article: The id of its article.
        kind: ``claim``, ``unverified`` or ``not_checkable``.
        plain: Its keys, as a file of annotations has them.
        places: Where it is in the export, and where parts of it are.
        annotator: Who made it; empty if the export does not say.
    """

    article: str
    kind: str
    plain: dict[str, Any]
    places: Mapping[Path, Path]
    annotator: str = ""


@dataclass(frozen=True, slots=True)
class ExportError:
    """Report what cannot be read in an export.

    Attributes:
        kind: ``region`` for a region that does not fit its text, else ``malformed``.
        place: The path in the export.
        value: As for a :class:`~factpack.formats.format.ReadError`.
        detail: The same.
    """

    kind: Literal["malformed", "region"]
    place: Path
    value: Any
    detail: Any = None


class ExportFormat(Format, ABC):
    """Read an export; a record has its number in it, from 1, as its address.

    Attributes:
        title: What messages call the format.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()  # no file is asked to be one
    title: ClassVar[str]

    @abstractmethod
    def records(self, text: str, stem: str) -> Iterator[ExportRecord | ExportError]:
        """Yield the records in the text of an export, and everything that is wrong with it.

        Args:
            text: The text.
            stem: The name of its file, without the suffix.
        """

    @abstractmethod
    def position(self, text: str, path: Path) -> Position:
        """Return line and column of a place in an export."""

    def decode(self, data: bytes) -> str:
        """Return the text of a file that is in UTF-8."""
        return data.decode("utf-8-sig")

    def load(self, file: SourceFile) -> tuple[str, list[ExportRecord | ExportError], list[ReadError]]:
        """Return the text of an export, what is in it, and why it is no text."""
        data, errors = read_whole(file.name, file.path, MAX_EXPORT_BYTES)
        if errors or (errors := self.unreadable(file.name, data)):
            return "", [], errors
        return (*self._parsed(data, file.path.stem), [])

    def unreadable(self, name: str, data: bytes) -> list[ReadError]:
        """Return why bytes are no text."""
        return encoding_errors(name, data)

    def _parsed(self, data: bytes, stem: str) -> tuple[str, list[ExportRecord | ExportError]]:
        key = (self.name, hashlib.sha256(data).digest(), stem)
        if key not in _PARSED:
            _PARSED.clear()
            text = self.decode(data)
            _PARSED[key] = text, list(self.records(text, stem))
        return _PARSED[key]

    def errors_in(self, file: SourceFile, text: str, items: list[ExportRecord | ExportError]) -> Iterator[ReadError]:
        """Yield what is wrong with an export, with the places."""
        for item in items:
            if isinstance(item, ExportError):
                at = Location(file.name, *self.position(text, item.place))
                yield ReadError(item.kind, at, item.value, item.detail or self.title)

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        """Yield the annotations in an export, article by article, and everything that is wrong with it."""
        del part
        text, items, errors = self.load(file)
        errors += list(self.errors_in(file, text, items))
        annotators = {item.annotator for item in items if isinstance(item, ExportRecord)}
        if len(annotators) > 1:
            what = f"it has {len(annotators)} annotators; `factpack import {self.name}` makes a reading of each"
            errors.append(ReadError("malformed", Location(file.name, 1, 1), what, self.title))
        yield from errors
        if errors:
            yield InvalidRecord(Record(None, file), whole=True)
            return
        articles: dict[str, dict[str, Records[Any]]] = {}
        invalid: dict[str, list[Record[Plain]]] = {}
        first: dict[str, Address] = {}
        for number, item in enumerate(items, 1):
            if not isinstance(item, ExportRecord):
                continue
            address = Address(number)
            columns = articles.setdefault(item.article, {kind: Records(file) for kind in _LISTS})
            first.setdefault(item.article, address)
            whole = Record({"kind": item.kind, "article": item.article, **item.plain}, file, address)
            value, found = convert(whole, file.models.lines[item.kind])
            yield from found
            if value is None or any(not each.tolerated for each in found):
                invalid.setdefault(item.article, []).append(whole)
            else:
                columns[item.kind].add(value, address)
        for article, columns in articles.items():
            wrong = tuple(invalid.get(article, ()))
            named = Record(None, file, first[article])
            claims, unverified, not_checkable = columns.values()
            yield ArticleRecords(article, named, claims, unverified, not_checkable, wrong, not wrong)

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        """Return line and column of a record, or of the part of it that the export has by itself."""
        del key
        text, items, _ = self.load(file)
        if not 0 < address.index <= len(items):
            return Position(1, 1)
        item = items[address.index - 1]
        assert isinstance(item, ExportRecord)
        while path not in item.places:
            path = path[:-1]
        return self.position(text, item.places[path])


_PARSED: dict[tuple[str, bytes, str], tuple[str, list[ExportRecord | ExportError]]] = {}  # the last one


def begins_with(path: FilePath, size: int = 4_096) -> bytes:
    """Return the first bytes of a file; none, if it is no file."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def first_line(path: FilePath) -> bytes:
    """Return the first line of a file, as far as it is looked at; nothing, if it is no file."""
    try:
        with path.open("rb") as stream:
            return stream.readline(2**20)
    except OSError:
        return b""
