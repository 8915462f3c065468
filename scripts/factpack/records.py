"""What is read from the files of a project, typed, with the place where each of it stands."""

import os
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from io import FileIO
from pathlib import Path as FilePath
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from factpack.syntax import Fault, Path, Plain, Positions, json_position, yaml_positions

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_LINE_BYTES = 4 * 2**20  # one record: a claim with 1,000 evidence quotes takes a tenth of it
LISTS = ("claims", "unverified", "not_checkable")  # in an annotation file in YAML
_LISTS = (*LISTS, "articles")  # in any YAML file


class Spot(NamedTuple):
    """A place that can be shown: file (relative to the project folder), line and column from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file: where to read it again, to find positions in it; ``sum`` tells its content from others."""

    name: str
    file: FilePath
    sum: bytes = b""

    def spot(self, path: Path, *, key: bool = False) -> Spot:
        """The place of a value, or of its key; of the nearest holder if nothing stands at ``path``."""
        positions = _positions(self)
        while path and path not in positions:
            path = path[:-1]
        found = positions.get(path)
        return Spot(self.name, *(found.key if key else found.value)) if found else Spot(self.name, 1, 1)


@lru_cache(maxsize=4)  # the positions of a large file take a gigabyte
def _positions(file: YamlFile) -> dict[Path, Positions]:
    return yaml_positions(file.file.read_bytes().decode(errors="replace"))


@lru_cache(maxsize=1)
def _line(file: FilePath, offset: int, _state: tuple[int, ...]) -> str:
    """A line of a file in a certain state; the same ``str`` again while there are faults in it."""
    with file.open("rb") as stream:
        stream.seek(offset)
        return stream.readline(MAX_LINE_BYTES).decode(errors="replace")


class JsonLine(msgspec.Struct, frozen=True, gc=False):  # made a million times: a tenth of the time of a dataclass
    """A line of a JSON Lines file: where to read it again, because a million of them are not kept."""

    name: str
    file: FilePath
    number: int
    offset: int

    def spot(self, path: Path, *, key: bool = False) -> Spot:
        """The place of a value, or of its key; of the nearest holder if nothing stands at ``path``."""
        stat = self.file.stat()
        line = _line(self.file, self.offset, (stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return Spot(self.name, self.number, json_position(line, path)[0 if key else 1])


class Pointer(NamedTuple):
    """Where a value stands, or its key: line and column are looked up when they are asked for."""

    source: "YamlFile | JsonLine"
    path: Path
    key: bool = False

    def spot(self) -> Spot:
        """The place as it can be shown."""
        return self.source.spot(self.path, key=self.key)


class Record(msgspec.Struct, Generic[T_co], frozen=True, gc=False):
    """A value, and where it stands: the file and the path within it."""

    value: T_co
    source: YamlFile | JsonLine
    path: Path = ()

    def at(self, *path: str | int) -> Pointer:
        """Where a part of the value stands."""
        return Pointer(self.source, (*self.path, *path))

    def at_key(self, *path: str | int) -> Pointer:
        """Where the key of a part of the value stands."""
        return Pointer(self.source, (*self.path, *path), key=True)


class Places:
    """Where many records of one file stand, as plain numbers: 12 bytes for a record."""

    def __init__(self, source: YamlFile | JsonLine) -> None:
        self.source = source
        # The number of the line and the byte that it begins at; in YAML the index in the list, and which of the _LISTS.
        self._numbers = array("I")
        self._offsets = array("Q")

    def add(self, number: int, offset: int) -> None:
        """Takes the place of another record."""
        self._numbers.append(number)
        self._offsets.append(offset)

    @classmethod
    def one(cls, record: Record[Any]) -> "Places":
        """The place of a record."""
        places, source = cls(record.source), record.source
        if isinstance(source, JsonLine):
            places.add(source.number, source.offset)
        else:
            places.add(int(record.path[1]), _LISTS.index(str(record.path[0])))
        return places

    def extend(self, places: "Places") -> None:
        """Takes the places of other records of the file, as it was read for them."""
        self.source = places.source
        self._numbers.extend(places._numbers)  # noqa: SLF001 - of its own kind
        self._offsets.extend(places._offsets)  # noqa: SLF001 - the same

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, indices: Iterable[int]) -> "Places":
        """The places of some of the records."""
        some = Places(self.source)
        for index in indices:
            some.add(self._numbers[index], self._offsets[index])
        return some

    def record(self, index: int, value: T) -> Record[T]:
        """A record with this value, at the place with this index."""
        number, offset = self._numbers[index], self._offsets[index]
        if isinstance(self.source, JsonLine):
            return Record(value, JsonLine(self.source.name, self.source.file, number, offset))
        return Record(value, self.source, (_LISTS[offset], number))


class AllPlaces:
    """Where the records of several files stand, numbered file by file."""

    def __init__(self) -> None:
        self._files: list[Places] = []
        self._begins = array("I")  # the number of the first of each file
        self._count = 0

    def extend(self, places: Places) -> None:
        """Takes the places of records of the last file, or of another one."""
        if not self._files or self._files[-1].source.name != places.source.name:
            self._files.append(Places(places.source))
            self._begins.append(self._count)
        self._files[-1].extend(places)
        self._count += len(places)

    def merge(self, later: "AllPlaces") -> None:
        """Takes the places of later records."""
        for places in later._files:  # noqa: SLF001 - of its own kind
            self.extend(places)

    def record(self, number: int, value: T) -> Record[T]:
        """A record with this value, at the place with this number."""
        at = bisect_right(self._begins, number) - 1
        return self._files[at].record(number - self._begins[at], value)


class Records(Generic[T]):
    """Records of one kind in one file by column: their values, and where they stand."""

    def __init__(self, values: list[T], places: Places) -> None:
        self.values = values
        self.places = places

    def add(self, value: T, number: int, offset: int) -> None:
        """Takes another record; the numbers are those of :class:`Places`."""
        self.values.append(value)
        self.places.add(number, offset)

    def some(self, indices: Sequence[int]) -> "Records[T]":
        """Some of the records."""
        return Records([self.values[index] for index in indices], self.places.of(indices))

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: int) -> Record[T]:
        return self.places.record(index, self.values[index])

    def __iter__(self) -> Iterator[Record[T]]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True, slots=True)
class RawText:
    """The bytes of an article, an annotation file or a line of one, before anything is read from them.

    ``line`` is the number of their first line, ``size`` how many there are, ``limit`` how many there may be: of a file
    that is too large, none is read.
    """

    name: str
    data: bytes = field(repr=False)
    size: int
    limit: int
    line: int = 1

    @property
    def too_large(self) -> bool:
        """Whether there are more than there may be."""
        return self.size > self.limit

    def spot(self, index: int) -> Spot:
        """The place of the byte at ``index``."""
        before = self.data[:index].decode(errors="replace")
        return Spot(self.name, self.line + before.count("\n"), len(before) - before.rfind("\n"))


def read_raw(name: str, file: FilePath | str, limit: int) -> RawText:
    """The bytes of a file."""
    with FileIO(file) as stream:  # without a buffer, which takes longer than to read a small file
        size = os.fstat(stream.fileno()).st_size
        return RawText(name, b"" if size > limit else stream.readall(), size, limit)


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A fault in the syntax of a file."""

    name: str
    fault: Fault

    def spot(self) -> Spot:
        """The place of the fault."""
        return Spot(self.name, *self.fault.position)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of a file that the schema of its model does not allow.

    ``keyword`` is the JSON Schema keyword that failed, ``expected`` its value and ``known`` the keys that the schema
    allows there. ``sum`` is that of the article's text where its sum is what does not fit, if the text can be read.
    """

    part: Record[Plain]
    keyword: str
    expected: Any
    known: tuple[str, ...] = ()
    sum: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole YAML file as plain data, before the records in its lists."""

    record: Record[Plain]


@dataclass(frozen=True, slots=True)
class Unfit:
    """A record, or a whole file (then ``whole`` is true), that could not be read as its model."""

    record: Record[Plain]
    whole: bool


#: What the rules make problems of.
Trouble = RawText | SyntaxFault | Misfit
