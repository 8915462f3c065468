"""Records with the place that each was read from, kept so small that a million of them fit into memory."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import msgspec

from factpack.project.record_models import DEFAULT_MODELS, RecordModels

if TYPE_CHECKING:
    from factpack.formats.format import Format

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Keys and list indices from the top of a record, or of a file, to a value.
Path = tuple[str | int, ...]

Plain = Any  # str, None, list of Plain or dict of str to Plain; from JSON also numbers and booleans


class Position(NamedTuple):
    """Give line and column in a file, both from 1; the column counts Unicode code points."""

    line: int
    column: int


class Location(NamedTuple):
    """Give a place that can be shown: file (relative to the project folder), line and column from 1."""

    file: str
    line: int
    column: int

    def resolve(self) -> "Location":
        """Return the place itself, as :meth:`LazyLocation.resolve` does."""
        return self


class Address(msgspec.Struct, frozen=True, gc=False):
    """Give two numbers by which a format finds a record again in its file; only that format knows what they mean.

    ``index`` fits into 32 bits, ``offset`` into 64. Two zeros are the file as a whole, in every format.
    """

    index: int = 0
    offset: int = 0


WHOLE = Address()


def lines_and_columns(text: str, offsets: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield line and column, from 1, of offsets in ascending order; the text is walked through once."""
    line, begin, at = 1, 0, 0
    for offset in offsets:
        line += text.count("\n", at, offset)
        begin = text.rfind("\n", at, offset) + 1 or begin
        at = offset
        yield line, offset - begin + 1


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Name a file that records are read from.

    Attributes:
        name: The path as it is shown: relative to the project folder, with forward slashes.
        path: Where to read the file.
        format: Who reads it, and finds the places of its records again.
        digest: Tells the content from others, for a format that remembers what it found.
        models: The models of its records.
        as_found: Whether what is not clean in its text is tolerated.
    """

    name: str
    path: FilePath
    format: "Format"
    digest: bytes = b""
    models: RecordModels = DEFAULT_MODELS
    as_found: bool = False


class LazyLocation(NamedTuple):
    """Point to a value in a record, or to its key; line and column are looked up when they are asked for."""

    source: SourceFile
    address: Address = WHOLE
    path: Path = ()
    key: bool = False

    def resolve(self) -> Location:
        """Return the place as it can be shown; the nearest place above it if nothing is there."""
        position = self.source.format.locate(self.source, self.address, self.path, key=self.key)
        return Location(self.source.name, *position)


class Record(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """Carry a value and its place: the file, the address in it, and the path within what has that address."""

    value: T_co
    source: SourceFile
    address: Address = WHOLE
    path: Path = ()

    def at(self, *path: str | int) -> LazyLocation:
        """Return the place of a part of the value."""
        return LazyLocation(self.source, self.address, (*self.path, *path))

    def at_key(self, *path: str | int) -> LazyLocation:
        """Return the place of the key of a part of the value."""
        return LazyLocation(self.source, self.address, (*self.path, *path), key=True)


class RecordLocations:
    """Keep the addresses of many records of one file: 12 bytes for a record."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._indices = array("I")
        self._offsets = array("Q")

    def add(self, address: Address) -> None:
        """Add the address of another record."""
        self._indices.append(address.index)
        self._offsets.append(address.offset)

    def extend_by(self, index: int, offsets: Sequence[int]) -> None:
        """Add addresses with these offsets, whose indices follow one another."""
        self._indices.extend(range(index, index + len(offsets)))
        self._offsets.extend(offsets)

    def extend(self, others: "RecordLocations") -> None:
        """Add the addresses of other records of the file, as it was read for them."""
        self.source = others.source
        self._indices.extend(others._indices)  # noqa: SLF001 - of its own kind
        self._offsets.extend(others._offsets)  # noqa: SLF001 - the same

    def __len__(self) -> int:
        return len(self._indices)

    def select(self, numbers: Iterable[int]) -> "RecordLocations":
        """Return the addresses of some of the records, by their numbers from 0."""
        some = RecordLocations(self.source)
        for number in numbers:
            some._indices.append(self._indices[number])
            some._offsets.append(self._offsets[number])
        return some

    def record(self, number: int, value: T) -> Record[T]:
        """Return a record with this value, at the place of the record with this number."""
        return Record(value, self.source, Address(self._indices[number], self._offsets[number]))


class AllLocations:
    """Keep the addresses of the records of several files, numbered file by file."""

    def __init__(self) -> None:
        self._files: list[RecordLocations] = []
        self._begins = array("I")  # the number of the first of each file
        self._count = 0

    def extend(self, locations: RecordLocations) -> None:
        """Add the addresses of records of the last file, or of another one."""
        if not self._files or self._files[-1].source.name != locations.source.name:
            self._files.append(RecordLocations(locations.source))
            self._begins.append(self._count)
        self._files[-1].extend(locations)
        self._count += len(locations)

    def add(self, record: Record[Any]) -> None:
        """Add the address of one record."""
        one = RecordLocations(record.source)
        one.add(record.address)
        self.extend(one)

    def merge(self, later: "AllLocations") -> None:
        """Add the addresses of later records."""
        for locations in later._files:  # noqa: SLF001 - of its own kind
            self.extend(locations)

    def record(self, number: int, value: T) -> Record[T]:
        """Return a record with this value, at the place of the record with this number."""
        at = bisect_right(self._begins, number) - 1
        return self._files[at].record(number - self._begins[at], value)


class Records(Generic[T]):
    """Keep records of one kind in one file by column: their values, and their addresses."""

    def __init__(self, source: SourceFile) -> None:
        self.values: list[T] = []
        self.locations = RecordLocations(source)

    def add(self, value: T, address: Address) -> None:
        """Add another record."""
        self.values.append(value)
        self.locations.add(address)

    def extend(self, values: Sequence[T], index: int, offsets: Sequence[int]) -> None:
        """Add records whose addresses have indices that follow one another."""
        self.values += values
        self.locations.extend_by(index, offsets)

    def select(self, numbers: Sequence[int]) -> "Records[T]":
        """Return some of the records, by their numbers from 0."""
        some = Records[T](self.locations.source)
        some.values = [self.values[number] for number in numbers]
        some.locations = self.locations.select(numbers)
        return some

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: int) -> Record[T]:
        return self.locations.record(number, self.values[number])

    def __iter__(self) -> Iterator[Record[T]]:
        return map(self.__getitem__, range(len(self)))
