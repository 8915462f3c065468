"""Read annotations and registers that are written in JSON Lines: one record a line."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, islice
from pathlib import Path as FilePath
from typing import Any, BinaryIO, ClassVar

import msgspec

from factpack.formats.format import (
    WHOLE_FILE,
    ArticleRecords,
    ByteRange,
    Entry,
    InvalidRecord,
    ReadError,
    RegisterFormat,
    record_models,
)
from factpack.formats.json_lines.blocks import Block, read_blocks, split_lines
from factpack.formats.json_lines.locations import json_position
from factpack.formats.locations import Address, Location, Path, Plain, Position, Record, Records, SourceFile
from factpack.limits import MAX_LINE_BYTES


@dataclass(frozen=True)
class JsonLinesFormat(RegisterFormat):
    """Read JSON Lines. An address is the number of a line, from 1, and the byte that the line begins at.

    Attributes:
        block_bytes: The bytes that are decoded together.
    """

    block_bytes: int = 256 * 2**10

    name: ClassVar[str] = "jsonl"
    suffixes: ClassVar[tuple[str, ...]] = (".jsonl",)

    def detect(self, path: FilePath) -> bool:
        """Return whether the file is named as JSON Lines are here."""
        return path.suffix in self.suffixes

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        """Yield the annotations in a file, one article after another, and everything that is wrong with it."""
        if _in_one_piece(file.path):
            if part.start == 0:
                at = Location(file.name, 1, 1)
                yield ReadError("malformed-json", at, "its records are not one per line", "JSON Lines")
            yield InvalidRecord(Record(None, file), whole=True)
            return
        grouping = _Grouping(file)
        for item in self.read_blocks(file, file.models.lines, part):
            if isinstance(item, Block):
                yield from grouping.block(item)
            elif isinstance(item, InvalidRecord):
                yield from grouping.invalid_line(item)
            else:
                yield item
        yield from grouping.end()

    def read_register(
        self, file: SourceFile, model: type[msgspec.Struct]
    ) -> Iterator[Record[Any] | InvalidRecord | ReadError]:
        """Yield the records of a register, one a line, and everything that is wrong with it."""
        yield from self.read_lines(file, record_models(model))

    def read_lines(
        self, file: SourceFile, models: Mapping[str, type[msgspec.Struct]], part: ByteRange = WHOLE_FILE
    ) -> Iterator[Record[Any] | InvalidRecord | ReadError]:
        """Yield the records in some lines, as :meth:`read_blocks` does, one by one."""
        for item in self.read_blocks(file, models, part):
            if isinstance(item, Block):
                for value, address in item:
                    yield Record(value, file, address)
            else:
                yield item

    def read_blocks(
        self, file: SourceFile, models: Mapping[str, type[msgspec.Struct]], part: ByteRange = WHOLE_FILE
    ) -> Iterator[Block | InvalidRecord | ReadError]:
        """Yield some lines as blocks of values, and everything that is wrong with them.

        With one model every line is one of those; with several, the ``kind`` of the line says which.
        """
        return read_blocks(file, models, part, self.block_bytes)

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        """Return line and column of a value in a line."""
        if address.index == 0:
            return Position(1, 1)
        stat = file.path.stat()
        line = _line(file.path, address.offset, (stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return Position(address.index, json_position(line, path)[0 if key else 1])

    def cut(self, file: SourceFile, size: int) -> Iterator[ByteRange]:
        """Yield parts of about ``size`` bytes, cut between two articles."""
        with file.path.open("rb") as stream:
            start, line = 0, 1
            while True:
                stream.seek(start + size)
                stop = _next_article(stream)
                yield ByteRange(start, stop, line)
                if stop is None:
                    return
                stream.seek(start)
                line += _line_ends(stream, stop - start, size)
                start = stop

    def entries(self, file: SourceFile, lines: Collection[int]) -> Iterator[Entry]:
        """Yield the lines that have one of the numbers."""
        with file.path.open("rb") as stream:
            for address, data in islice(split_lines(stream, WHOLE_FILE), max(lines)):
                if address.index not in lines:
                    continue
                try:
                    plain = json.loads(data)
                except (ValueError, RecursionError):
                    plain = None  # what is wrong with it has no place in an article, nor one in the line before
                yield Entry(Position(address.index, 1), file.path.stem, "", plain)


_BEGIN = re.compile(rb"\s*(?:\[|\{\s*\n)")  # of no JSON Lines file


def _in_one_piece(path: FilePath) -> bool:
    """Return whether a file is JSON as other programs write it: every line of it would be wrong."""
    with path.open("rb") as stream:
        return _BEGIN.match(stream.read(1_000)) is not None


@lru_cache(maxsize=1)
def _line(path: FilePath, offset: int, _state: tuple[int, ...]) -> str:
    """Return a line of a file in a certain state; the same ``str`` again while there are errors in it."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.readline(MAX_LINE_BYTES).decode(errors="replace")


class _Grouping:
    """Collect lines into articles."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.article: str | None = None
        self.unattributed = False  # the line before could not be read, and may have been of the article that comes next

    def begin(self, article: str, address: Address) -> Iterator[ArticleRecords]:
        """Yield the article before, if there was one; what follows is of this one."""
        yield from self.end()
        self.article, self.named = article, Record(None, self.source, address)
        self.records: dict[type, Records[Any]] = {
            model: Records(self.source) for model in self.source.models.lines.values()
        }
        self.invalid: list[Record[Plain]] = []
        self.whole = not self.unattributed

    def end(self) -> Iterator[ArticleRecords]:
        """Yield the article, if there is one."""
        if self.article is not None:
            claims, unverified, not_checkable = self.records.values()
            invalid = tuple(self.invalid)
            yield ArticleRecords(self.article, self.named, claims, unverified, not_checkable, invalid, self.whole)

    def block(self, block: Block) -> Iterator[ArticleRecords]:
        """Take lines that are records; yield the articles that end among them."""
        values, count, at = block.values, len(block.values), 0
        offsets = [*accumulate(block.lengths, initial=block.offset)]
        while at < count:
            # Lines of one kind and article at once, because there are so many.
            article, kind, end = values[at].article, type(values[at]), at + 1
            while end < count and values[end].article == article and type(values[end]) is kind:
                end += 1
            if article != self.article:
                yield from self.begin(article, Address(block.number + at, offsets[at]))
            self.records[kind].extend(values[at:end], block.number + at, offsets[at:end])
            self.unattributed = False
            at = end

    def invalid_line(self, item: InvalidRecord) -> Iterator[ArticleRecords | InvalidRecord]:
        """Take a line that is no record; yield the article that ends before it."""
        article = item.record.value.get("article") if isinstance(item.record.value, dict) else None
        if isinstance(article, str):
            if article != self.article:
                yield from self.begin(article, item.record.address)
            self.invalid.append(item.record)
        else:
            yield InvalidRecord(item.record, whole=True)
        self.unattributed = not isinstance(article, str)
        self.whole = False


def _line_ends(stream: BinaryIO, count: int, size: int) -> int:
    """Return how many lines end in the next bytes, which are read in pieces: an article can have any number of them."""
    pieces = (stream.read(min(size, count - at)) for at in range(0, count, size))
    return sum(piece.count(b"\n") for piece in pieces)


def _next_article(stream: BinaryIO) -> int | None:
    """Return where, from some place within a file on, the lines of another article begin; ``None`` at its end."""
    if not stream.readline(MAX_LINE_BYTES):
        return None
    before = None
    while True:
        offset = stream.tell()
        data = stream.readline(MAX_LINE_BYTES)
        if not data:
            return None
        article = _article_of(data)
        if before is not None and article is not None and article != before:
            return offset
        before = article


def _article_of(line: bytes) -> str | None:
    try:
        plain = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    article = plain.get("article") if isinstance(plain, dict) else None
    return article if isinstance(article, str) else None
