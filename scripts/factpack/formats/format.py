"""Describe what a format of annotation files is, and what it yields."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, ClassVar, Literal, NamedTuple, Protocol, get_args, get_origin, runtime_checkable

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from factpack.formats.locations import (
    Address,
    LazyLocation,
    Location,
    Path,
    Plain,
    Position,
    Record,
    Records,
    SourceFile,
)
from factpack.project.models import Claim, NotCheckable, Unverified

Kind = Literal[
    # of the bytes of a file
    "too-large",
    "not-text",
    "other-encoding",
    "not-utf8",
    "not-nfc",
    "control-character",
    "byte-order-mark",
    # of its syntax
    "malformed",
    "malformed-json",
    "malformed-yaml",
    "duplicate-key",
    "missing-dash",
    "refused",
    "comment",
    # of a region in an export of an annotation tool
    "region",
    # of a value that YAML takes for no value
    "null",
    # of a value that has escapes
    "escaped-control",
    "escaped-nfc",
    # of a value that its model does not allow: the keywords of JSON Schema
    "additionalProperties",
    "anyOf",
    "enum",
    "format",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "pattern",
    "required",
    "type",
]


@dataclass(frozen=True, slots=True)
class ReadError:
    """Report something that is wrong with a file or a value in it, found while reading.

    What ``value`` and ``detail`` say depends on the kind:

    - too-large: the size in bytes, and the limit
    - not-text: what the file is
    - other-encoding: the encoding
    - not-utf8: the first byte that is wrong, and the character that it is in Windows-1252
    - control-character, byte-order-mark: the character, and how many there are in all
    - malformed, of an export, or of a format that another package adds: what is wrong, and what the text is not: CSV
    - region: its start and end, and the words that are there and that it should have
    - malformed-json: what is wrong, and whether the text is no JSON or no JSON Lines
    - malformed-yaml: what is wrong
    - duplicate-key: the key, and the :class:`Position` where it is first
    - missing-dash: the first key of the entry, and the path of the entry before it
    - refused: the feature that is not allowed
    - comment: the words that may have been meant as text
    - null: the word that stands for no value, and what the value may be
    - a JSON Schema keyword: the value, and what the keyword demands

    Attributes:
        kind: What is wrong.
        place: Where it is.
        value: What is there.
        detail: What else a message needs.
        known: The keys that the schema allows in a mapping, or in the entries of a list.
        sha256: The digest to write, where the digest of an article is missing or malformed.
        tolerated: Whether it is read nevertheless, because texts are taken as they were found.
    """

    kind: Kind
    place: LazyLocation | Location
    value: Any = None
    detail: Any = None
    known: tuple[str, ...] = ()
    sha256: str = ""
    tolerated: bool = False

    @property
    def path(self) -> Path:
        """Return the path of the value in its file or record."""
        return self.place.path if isinstance(self.place, LazyLocation) else ()

    def at_key(self, key: str | None = None) -> LazyLocation | Location:
        """Return the place of the key of the value, or of a key in it."""
        if isinstance(self.place, Location):
            return self.place
        return self.place._replace(path=self.path if key is None else (*self.path, key), key=True)


@dataclass(frozen=True, slots=True)
class InvalidRecord:
    """Carry a record that does not fit its model, or that belongs to no article.

    With ``whole`` a whole file, or a part of it of unknown size, could not be read.
    """

    record: Record[Plain]
    whole: bool


@dataclass(frozen=True, slots=True)
class ArticleRecords:
    """Carry the annotations of one article in the order of the file.

    Attributes:
        article: The id of the article.
        named: Where the article is named; the path ``("article",)`` in it leads to the id.
        claims: The claims.
        unverified: The unverified passages.
        not_checkable: The sentences that state nothing checkable.
        invalid: The records that do not fit their models.
        whole: Whether everything that may belong to the article could be read.
    """

    article: str
    named: Record[Any]
    claims: Records[Claim]
    unverified: Records[Unverified]
    not_checkable: Records[NotCheckable]
    invalid: tuple[Record[Plain], ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bound a part of a file that has whole records.

    Attributes:
        start: Its first byte.
        stop: The byte after its last one; ``None`` is the end of the file.
        line: The number of its first line, from 1.
    """

    start: int = 0
    stop: int | None = None
    line: int = 1


WHOLE_FILE = ByteRange()


class Entry(NamedTuple):
    """Carry a record as plain data, however little of it can be read, and where it begins.

    ``kind`` is the name of its list, or of its file; ``article`` is the article of the file, if it has one.
    """

    position: Position
    kind: str
    article: str
    plain: Plain


@lru_cache
def record_models(model: type[Struct]) -> dict[str, type[Struct]]:
    """Return the lists of records in a file, each with the model of its records; none if the file is one record."""
    lists = {each.name: get_args(each.type)[0] for each in fields(model) if get_origin(each.type) is tuple}
    return {name: item for name, item in lists.items() if isinstance(item, type) and issubclass(item, Struct)}


@runtime_checkable
class Format(Protocol):
    """Read a format of annotation files. A class that derives from it implements three methods, and can do more.

    Attributes:
        name: The name by which the format is registered.
        suffixes: The suffixes of its files, such as ``.yaml``, to be listed in messages.
        one_article: Whether a file has one article, and is named after it.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    one_article: ClassVar[bool] = False

    def detect(self, path: FilePath) -> bool:
        """Return whether a file is of this format: by its name and, if that is not enough, its first bytes."""
        ...

    def read(
        self, file: SourceFile, part: ByteRange = WHOLE_FILE
    ) -> Iterator[ArticleRecords | InvalidRecord | ReadError]:
        """Yield the annotations in a file, article by article, and everything that is wrong with it.

        Args:
            file: The file, whose ``format`` is this one.
            part: One of the parts that :meth:`cut` yields.
        """
        ...

    def locate(self, file: SourceFile, address: Address, path: Path, *, key: bool = False) -> Position:
        """Return line and column of a value in a record.

        Args:
            file: The file that the record was read from.
            address: The address that this format gave to the record.
            path: Keys and indices from the record to the value; if nothing is there, the nearest place above it counts.
            key: Whether the place of its key is wanted.
        """
        ...

    def cut(self, file: SourceFile, size: int) -> Iterator[ByteRange]:
        """Yield parts of about ``size`` bytes, each with whole articles; one, for a format that cannot be cut."""
        del file, size
        yield WHOLE_FILE

    def entries(self, file: SourceFile, lines: Collection[int]) -> Iterator[Entry]:
        """Yield the records in which any of the ``lines`` can be, also those that are invalid; others may come too."""
        del lines
        for item in self.read(file):
            records: list[Record[Any]] = [item.record] if isinstance(item, InvalidRecord) else []
            article = item.article if isinstance(item, ArticleRecords) else ""
            if isinstance(item, ArticleRecords):
                records += [*item.claims, *item.unverified, *item.not_checkable, *item.invalid]
            for record in records:
                position = self.locate(file, record.address, record.path)
                yield Entry(position, "", article, msgspec.to_builtins(record.value))


@runtime_checkable
class RegisterFormat(Format, Protocol):
    """Read a format in which the registers of a project can be written as well."""

    def read_register(self, file: SourceFile, model: type[Struct]) -> Iterator[Record[Any] | InvalidRecord | ReadError]:
        """Yield the records of a register, and everything that is wrong with it.

        Args:
            file: The file, whose ``format`` is this one.
            model: What the file contains: the records in its lists, or one record if it has no lists of records.
        """
        ...
