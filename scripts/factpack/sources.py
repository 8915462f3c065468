"""The files of a project as typed records, each with the place it was read from, or as what is wrong with them.

A record that fits its model is accepted by msgspec in one step. One that does not is explained by jsonschema against
the schema of the same model, so that every misfit is reported at once, with its line and column.
"""

import hashlib
import json
import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NamedTuple, TypeVar, Union

import msgspec

from factpack import cache
from factpack.model import ArticleFile, ClaimLine, NotCheckableLine, UnverifiedLine, schema
from factpack.syntax import (
    DuplicateKey,
    Fault,
    Malformed,
    Path,
    Plain,
    Position,
    Positions,
    json_duplicates,
    json_position,
    read_yaml,
    yaml_positions,
)

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

T_co = TypeVar("T_co", covariant=True)

MAX_YAML_BYTES = 16 * 2**20  # about 20,000 claims; beyond that JSON Lines reads a hundred times faster
MAX_LINE_BYTES = 4 * 2**20  # one record: a claim with 1,000 evidence quotes takes a tenth of it
BLOCK_BYTES = 256 * 2**10  # of JSON Lines that are accepted together; if one line is wrong, all of them are read again


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


class JsonLine(msgspec.Struct, frozen=True, gc=False):  # made a million times: a tenth of the time of a dataclass
    """A line of a JSON Lines file: where to read it again, because a million of them are not kept."""

    name: str
    file: FilePath
    number: int
    offset: int

    def spot(self, path: Path, *, key: bool = False) -> Spot:
        """The place of a value, or of its key; of the nearest holder if nothing stands at ``path``."""
        with self.file.open("rb") as stream:
            stream.seek(self.offset)
            line = stream.readline(MAX_LINE_BYTES).decode(errors="replace")
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
        self._source = source
        self._lists: list[str] = []  # of a YAML file; their numbers are the offsets then
        self._numbers = array("I")
        self._offsets = array("Q")

    def add(self, record: Record[Any]) -> None:
        """Takes the place of a record of the file."""
        source = record.source
        if isinstance(source, JsonLine):
            self._numbers.append(source.number)
            self._offsets.append(source.offset)
            return
        name, number = str(record.path[0]), int(record.path[1])
        if name not in self._lists:
            self._lists.append(name)
        self._numbers.append(number)
        self._offsets.append(self._lists.index(name))

    def record(self, index: int) -> Record[None]:
        """A record without its value, to find places in."""
        number, offset = self._numbers[index], self._offsets[index]
        if isinstance(self._source, JsonLine):
            return Record(None, JsonLine(self._source.name, self._source.file, number, offset))
        return Record(None, self._source, (self._lists[offset], number))


@dataclass(frozen=True, slots=True)
class RawText:
    """The bytes of an article, an annotation file or a line of one, before anything is read from them.

    ``line`` is the number of their first line, ``limit`` how many bytes they may have.
    """

    name: str
    data: bytes = field(repr=False)
    limit: int
    line: int = 1

    def spot(self, index: int) -> Spot:
        """The place of the byte at ``index``."""
        before = self.data[:index].decode(errors="replace")
        return Spot(self.name, self.line + before.count("\n"), len(before) - before.rfind("\n"))


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
    allows there.
    """

    part: Record[Plain]
    keyword: str
    expected: Any
    known: tuple[str, ...] = ()


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

_CONTROLS = {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0xFEFF)} - set("\t\n\r")


def control_characters(text: str) -> list[int]:
    """The indices of C0 and C1 controls other than tab and line ends, of deletes and of byte order marks."""
    return [] if _CONTROLS.isdisjoint(text) else [i for i, c in enumerate(text) if c in _CONTROLS]


def is_sound(raw: RawText) -> bool:
    """Whether the bytes are text as it is wanted here; the rules on :class:`RawText` say why not."""
    if len(raw.data) > raw.limit:
        return False
    try:
        raw.data.decode()
    except UnicodeDecodeError:
        return False
    return _clean(raw.data)


def read_yaml_file(
    name: str, path: FilePath, model: type[msgspec.Struct], lists: tuple[str, ...] = ()
) -> Iterator[Whole | Record[Any] | Unfit | Trouble]:
    """The records of a YAML file: those in each of its ``lists``, or the whole file as one if none is named.

    What is wrong with one record does not hide the next one.
    """
    raw = RawText(name, path.read_bytes(), MAX_YAML_BYTES)
    file = YamlFile(name, path, hashlib.sha256(raw.data).digest())
    if not is_sound(raw):
        yield raw
        yield Unfit(Record(None, file), whole=True)
        return
    plain, faults = _read_yaml(raw.data)
    yield from (SyntaxFault(name, fault) for fault in faults)
    whole: Record[Plain] = Record(plain, file)
    if plain is None and faults:
        yield Unfit(whole, whole=True)
        return
    misfits = list(_unclean(whole)) if b"\\" in raw.data else []
    try:
        fitting = msgspec.convert(plain, model)
    except msgspec.ValidationError:
        misfits += _misfits(whole, model)
    yield from misfits
    if not lists:
        yield Unfit(whole, whole=True) if misfits else Record(fitting, file)
        return
    bad = {misfit.part.path[:2] for misfit in misfits}
    yield Whole(whole)
    if any(len(path) < 2 for path in bad):  # noqa: PLR2004 - (list, index) is the path of a record
        yield Unfit(whole, whole=True)
    for field_ in msgspec.structs.fields(model):
        items = plain.get(field_.name) if isinstance(plain, dict) and field_.name in lists else None
        for index, item in enumerate(items if isinstance(items, list) else ()):
            at = (field_.name, index)
            if at in bad:
                yield Unfit(Record(item, file, at), whole=False)
            else:
                yield Record(msgspec.convert(item, field_.type.__args__[0]), file, at)


def _read_yaml(data: bytes) -> tuple[Plain, list[Fault]]:
    known = cache.get(data)
    if known:
        return known[0], []
    plain, faults = read_yaml(data.decode())
    if not faults:
        cache.put(data, plain)
    return plain, faults


#: The models of the lines of an annotation file, by their ``kind``.
LINES: dict[str, type[msgspec.Struct]] = {
    "claim": ClaimLine,
    "unverified": UnverifiedLine,
    "not_checkable": NotCheckableLine,
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of a JSON Lines file: those from byte ``start`` to byte ``stop``.

    ``line`` is the number of the first. A ``stop`` of ``None`` is the end of the file.
    """

    start: int = 0
    stop: int | None = None
    line: int = 1


WHOLE_FILE = Stretch()


def read_lines(
    name: str, path: FilePath, models: dict[str, type[msgspec.Struct]], stretch: Stretch = WHOLE_FILE
) -> Iterator[Record[Any] | Unfit | Trouble]:
    """The records of a JSON Lines file, one a line.

    With one model every line is one of those; with several, the ``kind`` of the line says which.

    Lines are accepted a block at a time. Those of a block that is not accepted are read one by one, to say what is
    wrong with which.
    """
    any_of: Any = Union[tuple(models.values())]  # noqa: UP007 - made at run time
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(any_of)
    number, offset = stretch.line, stretch.start
    with path.open("rb") as stream:
        stream.seek(offset)
        while wanted := BLOCK_BYTES if stretch.stop is None else min(BLOCK_BYTES, stretch.stop - offset):
            block = stream.read(wanted)
            if not block:
                return
            if not block.endswith(b"\n"):
                block += stream.readline(MAX_LINE_BYTES + 1)
            values = _accepted(block, decoder)
            if values is None:
                stream.seek(offset)
                for line, data in _lines(name, path, stream, Stretch(offset, offset + len(block), number)):
                    if alone := _accepted(data, decoder):
                        yield Record(alone[0][1], line.source)
                    elif not (len(data) <= MAX_LINE_BYTES and data.isspace()):
                        yield from _read_line(line, data, models, decoder)
                    number += 1
                offset = stream.tell()
                continue
            for length, value in values:
                yield Record(value, JsonLine(name, path, number, offset))
                number += 1
                offset += length


def _lines(name: str, path: FilePath, stream: BinaryIO, stretch: Stretch) -> Iterator[tuple[Record[None], bytes]]:
    """The lines of a stretch; of one that is too long only the beginning, the rest of it is passed over."""
    number, offset = stretch.line, stretch.start
    while (stretch.stop is None or offset < stretch.stop) and (data := stream.readline(MAX_LINE_BYTES + 1)):
        line = Record(None, JsonLine(name, path, number, offset))
        number += 1
        offset += len(data)
        if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            while rest := stream.readline(MAX_LINE_BYTES):
                offset += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield line, data


#: Bytes that no sound text has, and those that begin a C1 control or are a byte order mark.
_FOREIGN_BYTES = bytes(b for b in (*range(0x20), 0x7F) if b not in b"\t\n\r")
_C1_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Escapes for control characters; also some harmless ones, such as a backslash before a ``b``.
_CONTROL_ESCAPES = re.compile(rb"\\(?:[bf]|u00)")
_encode_lines = msgspec.json.Encoder().encode_lines
_decode_plain_lines = msgspec.json.Decoder().decode_lines


def _accepted(block: bytes, decoder: msgspec.json.Decoder[Any]) -> list[tuple[int, Any]] | None:
    """The value of each line of a block and the bytes it takes, if nothing at all is wrong in the block, nor odd.

    Read one by one, each of the lines would give the same value: the tests compare the two.
    """
    lines = block.split(b"\n")
    if not lines[-1]:
        del lines[-1]
    try:
        values = decoder.decode_lines(block)
        marks = block.count(b'"')
        # A key that stands twice in a mapping stands once in what is written again, which has fewer quotation marks
        # then; so it has if a default is written out, which is no harm.
        written = _encode_lines(values)
        if written.count(b'"') != marks:
            written = _encode_lines(_decode_plain_lines(block))
    except (ValueError, RecursionError):  # among them what msgspec raises
        return None
    if written.count(b'"') != marks or len(block) > MAX_LINE_BYTES or not _clean(block):
        return None
    # A line end between `}` and `{` is never within a value: where all are such, and as many as the values, each line
    # has one.
    ends = block.count(b"}\n{") + (block.count(b"}\r\n{") if b"\r" in block else 0)
    if not len(values) == len(lines) == ends + 1:
        return None
    # A quotation mark that is written as its number would make up for a key.
    if b"\\" in block and (b"\\u0022" in block or _CONTROL_ESCAPES.search(written) or not _clean(written)):
        return None
    return [(len(line) + 1, value) for line, value in zip(lines, values, strict=True)]


def _clean(data: bytes) -> bool:
    """Whether UTF-8 has no control character, no byte order mark, and is in form C; fast for what is ASCII."""
    if len(data.translate(None, _FOREIGN_BYTES)) != len(data):
        return False
    if data.isascii():
        return True
    if (b"\xef" in data and _BYTE_ORDER_MARK in data) or (b"\xc2" in data and _C1_CONTROLS.search(data)):
        return False
    return unicodedata.is_normalized("NFC", data.decode())


def _read_line(
    line: Record[None], data: bytes, models: dict[str, type[msgspec.Struct]], decoder: msgspec.json.Decoder[Any]
) -> Iterator[Record[Any] | Unfit | Trouble]:
    assert isinstance(line.source, JsonLine)
    name, number = line.source.name, line.source.number
    raw = RawText(name, data, MAX_LINE_BYTES, number)
    if not is_sound(raw):
        yield raw
        yield Unfit(line, whole=False)
        return
    text = data.decode()
    try:
        plain, duplicates = _load_json(text)
        msgspec.json.decode(data)  # stricter than json: no NaN, no half of a surrogate pair
    except (ValueError, RecursionError) as error:
        yield SyntaxFault(name, _malformed_json(number, data, error))
        yield Unfit(line, whole=False)
        return
    for key, at, first in json_duplicates(text) if duplicates else ():
        yield SyntaxFault(name, DuplicateKey(Position(number, at), key, Position(number, first)))
    whole: Record[Plain] = Record(plain, line.source)
    misfits = list(_unclean(whole)) if "\\" in text else []
    record = None
    try:
        record = msgspec.convert(plain, decoder.type) if duplicates else decoder.decode(data)
    except msgspec.ValidationError:
        misfits += _misfits(whole, _line_model(plain, models))
    yield from misfits
    yield Unfit(whole, whole=False) if misfits else Record(record, line.source)


_AT_BYTE = re.compile(r"(?:JSON is malformed: )?(.*) \(byte (\d+)\)")


def _malformed_json(number: int, data: bytes, error: Exception) -> Malformed:
    if isinstance(error, RecursionError):
        return Malformed(Position(number, 1), "JSON", "nested too deep")
    if isinstance(error, json.JSONDecodeError):
        return Malformed(Position(number, error.colno), "JSON", error.msg)
    if found := _AT_BYTE.fullmatch(str(error)):
        column = len(data[: int(found[2])].decode(errors="replace")) + 1
        return Malformed(Position(number, column), "JSON", found[1])
    if isinstance(error, msgspec.DecodeError):
        return Malformed(Position(number, 1), "JSON", str(error))
    return Malformed(Position(number, 1), "JSON", "a number with too many digits")


def _load_json(text: str) -> tuple[Plain, bool]:
    duplicates = False

    def unique(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
        nonlocal duplicates
        made = dict(reversed(pairs))  # the first value stands
        duplicates |= len(made) != len(pairs)
        return made

    return json.loads(text, object_pairs_hook=unique), duplicates


def _line_model(plain: Plain, models: dict[str, type[msgspec.Struct]]) -> type[msgspec.Struct] | tuple[str, ...]:
    """The model of a line, or the kinds that it might be of."""
    if len(models) == 1:
        return next(iter(models.values()))
    kind = plain.get("kind") if isinstance(plain, dict) else None
    return models[kind] if isinstance(kind, str) and kind in models else tuple(models)


def _unclean(whole: Record[Plain]) -> Iterator[Misfit]:
    r"""Text that an escape (``\u0007``) has made what it could not have been as it stands."""
    for path, value in _strings(whole.value, whole.path):
        if control_characters(value):
            yield Misfit(Record(value, whole.source, path), "control", None)
        elif not unicodedata.is_normalized("NFC", value):
            yield Misfit(Record(value, whole.source, path), "nfc", None)


def _strings(plain: Plain, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, dict | list):
        for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield from _strings(value, (*path, key))


@lru_cache
def _validator(model: type[msgspec.Struct] | tuple[str, ...]) -> "Draft202012Validator":
    # Imported here: it takes longer than checking a project in which everything fits.
    from jsonschema import Draft202012Validator  # noqa: PLC0415

    if isinstance(model, tuple):
        kinds = {"type": "object", "properties": {"kind": {"enum": list(model)}}, "required": ["kind"]}
        return Draft202012Validator(kinds)
    return Draft202012Validator(schema(model))


def _misfits(whole: Record[Plain], model: type[msgspec.Struct] | tuple[str, ...]) -> Iterator[Misfit]:
    """Everything in which the data does not fit its model, or is of none of the kinds, each part once."""
    seen = set()
    for error in _validator(model).iter_errors(whole.value):
        place = (error.validator, *error.absolute_path)
        if place in seen:  # an error for every missing key; one is enough, for its rule names them all
            continue
        seen.add(place)
        known = tuple(error.schema.get("properties", ()))
        part = Record(error.instance, whole.source, (*whole.path, *error.absolute_path))
        yield Misfit(part, error.validator, error.validator_value, known)


@dataclass(frozen=True, slots=True)
class ArticleRecords:
    """What is annotated in one article: claims, unverified passages and sentences that are not checkable, in the file's
    order.

    ``named`` is where the article is named. ``unfit`` are the records that do not fit their models. ``whole`` is false
    if something that may belong to the article could not be read.
    """

    article: str
    named: Record[Any]
    records: tuple[Record[Any], ...]
    unfit: tuple[Record[Plain], ...]
    whole: bool


def read_annotations(
    name: str, path: FilePath, stretch: Stretch = WHOLE_FILE
) -> Iterator[ArticleRecords | Unfit | Trouble]:
    """The annotations in one file: of one article, if it is YAML, or of one article after another, if it is JSON Lines.

    An ``Unfit`` says that some article is annotated here, but not which.
    """
    if path.suffix == ".jsonl":
        yield from _group_lines(read_lines(name, path, LINES, stretch))
        return
    named: Record[Any] | None = None
    records: list[Record[Any]] = []
    unfit: list[Record[Plain]] = []
    named_well = whole = True
    for item in read_yaml_file(name, path, ArticleFile, ("claims", "unverified", "not_checkable")):
        match item:
            case Record():
                records.append(item)
            case Whole():
                named = item.record
            case Unfit():
                whole = False
                unfit.append(item.record)
            case _:
                named_well = named_well and not (isinstance(item, Misfit) and item.part.path == ("article",))
                yield item
    article = named.value.get("article") if named and isinstance(named.value, dict) else None
    if named and named_well and isinstance(article, str):
        yield ArticleRecords(article, named, tuple(records), tuple(unfit), whole)
    else:
        yield Unfit(Record(None, YamlFile(name, path)), whole=True)


_RECORDS = (Record, Unfit)  # a union would be made anew for every line


def _group_lines(items: Iterator[Record[Any] | Unfit | Trouble]) -> Iterator[ArticleRecords | Unfit | Trouble]:
    article = ""
    named: Record[Any] | None = None
    records: list[Record[Any]] = []
    unfit: list[Record[Plain]] = []
    whole = True
    nobodys = False  # the line before could not be read, and may have been of the article that comes next
    for item in items:
        if not isinstance(item, _RECORDS):
            yield item
            continue
        record = item.record if isinstance(item, Unfit) else item
        its = record.value.get("article") if isinstance(record.value, dict) else getattr(record.value, "article", None)
        if isinstance(its, str) and its != article:
            if named:
                yield ArticleRecords(article, named, tuple(records), tuple(unfit), whole)
            article, named, records, unfit = its, record, [], []
            whole = not nobodys
        nobodys = isinstance(item, Unfit) and not isinstance(its, str)
        if isinstance(item, Unfit):
            whole = False
            if nobodys:
                yield Unfit(record, whole=True)
            else:
                unfit.append(record)
        else:
            records.append(item)
    if named:
        yield ArticleRecords(article, named, tuple(records), tuple(unfit), whole)
