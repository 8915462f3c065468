"""The files of a project as typed records, each with the place it was read from, or as what is wrong with them.

A record that fits its model is accepted by msgspec in one step. One that does not is explained by jsonschema against
the schema of the same model, so that every misfit is reported at once, with its line and column.
"""

import hashlib
import json
import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, NamedTuple, TypeVar, Union

import msgspec

from factpack import cache
from factpack.model import (
    ArticleFile,
    Claim,
    ClaimLine,
    NotCheckable,
    NotCheckableLine,
    Unverified,
    UnverifiedLine,
    schema,
)
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

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

LISTS = ("claims", "unverified", "not_checkable")  # in an annotation file in YAML

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
        self.source = source
        # The number of the line and the byte that it begins at; in YAML the index in the list, and which of the LISTS.
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
            places.add(int(record.path[1]), LISTS.index(str(record.path[0])))
        return places

    def extend(self, places: "Places") -> None:
        """Takes the places of other records of the file, as it was read for them."""
        self.source = places.source
        self._numbers.extend(places._numbers)  # noqa: SLF001 - of its own kind
        self._offsets.extend(places._offsets)  # noqa: SLF001 - the same

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
        return Record(value, self.source, (LISTS[offset], number))


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


@dataclass(frozen=True, slots=True)
class _Block:
    """The values of lines that follow one another and how many bytes each has; the place of the first."""

    values: Sequence[Any]
    lengths: Sequence[int]
    number: int
    offset: int


def read_lines(
    name: str, path: FilePath, models: dict[str, type[msgspec.Struct]], stretch: Stretch = WHOLE_FILE
) -> Iterator[Record[Any] | Unfit | Trouble]:
    """The records of a JSON Lines file, one a line.

    With one model every line is one of those; with several, the ``kind`` of the line says which.
    """
    for item in _read_blocks(name, path, models, stretch):
        if isinstance(item, _Block):
            number, offset = item.number, item.offset
            for value, length in zip(item.values, item.lengths, strict=True):
                yield Record(value, JsonLine(name, path, number, offset))
                number += 1
                offset += length
        else:
            yield item


def _read_blocks(
    name: str, path: FilePath, models: dict[str, type[msgspec.Struct]], stretch: Stretch
) -> Iterator[_Block | Unfit | Trouble]:
    """Lines are accepted a block at a time. Those of a block that is not accepted are read one by one, to say what is
    wrong with which.
    """
    any_of: Any = Union[tuple(models.values())]  # noqa: UP007 - made at run time
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(any_of)
    number, offset = stretch.line, stretch.start
    with path.open("rb") as stream:
        stream.seek(offset)
        while wanted := BLOCK_BYTES if stretch.stop is None else min(BLOCK_BYTES, stretch.stop - offset):
            data = stream.read(wanted)
            if not data:
                return
            if not data.endswith(b"\n"):
                data += stream.readline(MAX_LINE_BYTES + 1)
            if accepted := _accepted(data, decoder):
                yield _Block(*accepted, number, offset)
                number += len(accepted[0])
                offset += len(data)
                continue
            stream.seek(offset)
            for line, alone in _lines(name, path, stream, Stretch(offset, offset + len(data), number)):
                if found := _accepted(alone, decoder):
                    yield _Block(*found, number, line.offset)
                elif not (len(alone) <= MAX_LINE_BYTES and alone.isspace()):
                    yield from _read_line(line, alone, models, decoder)
                number += 1
            offset = stream.tell()


def _lines(name: str, path: FilePath, stream: BinaryIO, stretch: Stretch) -> Iterator[tuple[JsonLine, bytes]]:
    """The lines of a stretch; of one that is too long only the beginning, the rest of it is passed over."""
    number, offset = stretch.line, stretch.start
    while (stretch.stop is None or offset < stretch.stop) and (data := stream.readline(MAX_LINE_BYTES + 1)):
        line = JsonLine(name, path, number, offset)
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
_DELETE = b"\x7f"
#: Escapes for control characters; also some harmless ones, such as a backslash before a ``b``.
_CONTROL_ESCAPES = re.compile(rb"\\(?:[bf]|u00)")
_encode_lines = msgspec.json.Encoder().encode_lines
_decode_plain_lines = msgspec.json.Decoder().decode_lines


def _accepted(block: bytes, decoder: msgspec.json.Decoder[Any]) -> tuple[list[Any], list[int]] | None:
    """The value of each line of a block and the bytes that it takes, if nothing at all is wrong in the block, nor odd.

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
    if written.count(b'"') != marks or len(block) > MAX_LINE_BYTES or not _all_clean(block, lines):
        return None
    # A line end between `}` and `{` is never within a value: where all are such, and as many as the values, each line
    # has one.
    ends = block.count(b"}\n{") + (block.count(b"}\r\n{") if b"\r" in block else 0)
    if not len(values) == len(lines) == ends + 1:
        return None
    # A quotation mark that is written as its number would make up for a key.
    if b"\\" in block and (
        b"\\u0022" in block or _CONTROL_ESCAPES.search(written) or not _all_clean(written, written.split(b"\n"))
    ):
        return None
    return values, [len(line) + 1 for line in lines]


def _clean(data: bytes) -> bool:
    """Whether UTF-8 has no control character, no byte order mark, and is in form C; fast for what is ASCII."""
    if len(data.translate(None, _FOREIGN_BYTES)) != len(data):
        return False
    if data.isascii():
        return True
    if (b"\xef" in data and _BYTE_ORDER_MARK in data) or (b"\xc2" in data and _C1_CONTROLS.search(data)):
        return False
    return unicodedata.is_normalized("NFC", data.decode())


def _all_clean(block: bytes, lines: Sequence[bytes]) -> bool:
    """The same for JSON, cut into lines: where it is ASCII, it can have no control character but this one."""
    return _DELETE not in block and all(_clean(line) for line in lines if not line.isascii())


def _read_line(
    line: JsonLine, data: bytes, models: dict[str, type[msgspec.Struct]], decoder: msgspec.json.Decoder[Any]
) -> Iterator[_Block | Unfit | Trouble]:
    name, number = line.name, line.number
    raw = RawText(name, data, MAX_LINE_BYTES, number)
    if not is_sound(raw):
        yield raw
        yield Unfit(Record(None, line), whole=False)
        return
    text = data.decode()
    try:
        plain, duplicates = _load_json(text)
        msgspec.json.decode(data)  # stricter than json: no NaN, no half of a surrogate pair
    except (ValueError, RecursionError) as error:
        yield SyntaxFault(name, _malformed_json(number, data, error))
        yield Unfit(Record(None, line), whole=False)
        return
    for key, at, first in json_duplicates(text) if duplicates else ():
        yield SyntaxFault(name, DuplicateKey(Position(number, at), key, Position(number, first)))
    whole: Record[Plain] = Record(plain, line)
    misfits = list(_unclean(whole)) if "\\" in text else []
    record = None
    try:
        record = msgspec.convert(plain, decoder.type) if duplicates else decoder.decode(data)
    except msgspec.ValidationError:
        misfits += _misfits(whole, _line_model(plain, models))
    yield from misfits
    yield Unfit(whole, whole=False) if misfits else _Block([record], [len(data)], number, line.offset)


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
    """What is annotated in one article, in the file's order.

    ``named`` is where the article is named. ``unfit`` are the records that do not fit their models. ``whole`` is false
    if something that may belong to the article could not be read.
    """

    article: str
    named: Record[Any]
    claims: Records[Claim]
    unverified: Records[Unverified]
    not_checkable: Records[NotCheckable]
    unfit: tuple[Record[Plain], ...]
    whole: bool


def no_annotations(article: str, file: YamlFile, *, whole: bool) -> ArticleRecords:
    """What is annotated in an article where nothing is; ``file`` is where it would be."""
    nothing: Records[Any] = Records([], Places(file))
    return ArticleRecords(article, Record(None, file), nothing, nothing, nothing, (), whole)


def read_annotations(
    name: str, path: FilePath, stretch: Stretch = WHOLE_FILE
) -> Iterator[ArticleRecords | Unfit | Trouble]:
    """The annotations in one file: of one article, if it is YAML, or of one article after another, if it is JSON Lines.

    An ``Unfit`` says that some article is annotated here, but not which.
    """
    if path.suffix == ".jsonl":
        yield from _group_lines(_read_blocks(name, path, LINES, stretch), JsonLine(name, path, 0, 0))
        return
    named: Record[Any] | None = None
    records: dict[str, Records[Any]] = {}
    unfit: list[Record[Plain]] = []
    named_well = whole = True
    for item in read_yaml_file(name, path, ArticleFile, LISTS):
        match item:
            case Record():
                list_, index = str(item.path[0]), int(item.path[1])
                records[list_].add(item.value, index, LISTS.index(list_))
            case Whole():
                named = item.record
                records = {list_: Records([], Places(named.source)) for list_ in LISTS}
            case Unfit():
                whole = False
                unfit.append(item.record)
            case _:
                named_well = named_well and not (isinstance(item, Misfit) and item.part.path == ("article",))
                yield item
    article = named.value.get("article") if named and isinstance(named.value, dict) else None
    if named and named_well and isinstance(article, str):
        claims, unverified, not_checkable = records.values()
        yield ArticleRecords(article, named, claims, unverified, not_checkable, tuple(unfit), whole)
    else:
        yield Unfit(Record(None, YamlFile(name, path)), whole=True)


class _Grouping:
    """Lines on their way into articles: what is known so far of the article that they are of."""

    def __init__(self, source: JsonLine) -> None:
        self.source = source
        self.article: str | None = None
        self.nobodys = False  # the line before could not be read, and may have been of the article that comes next

    def begin(self, article: str, named: Record[Any]) -> Iterator[ArticleRecords]:
        """The article before, if there was one; what follows is of this one."""
        yield from self.end()
        self.article, self.named = article, named
        self.records: dict[type, Records[Any]] = {model: Records([], Places(self.source)) for model in LINES.values()}
        self.unfit: list[Record[Plain]] = []
        self.whole = not self.nobodys

    def end(self) -> Iterator[ArticleRecords]:
        """The article, if there is one."""
        if self.article is not None:
            claims, unverified, not_checkable = self.records.values()
            unfit = tuple(self.unfit)
            yield ArticleRecords(self.article, self.named, claims, unverified, not_checkable, unfit, self.whole)

    def block(self, block: _Block) -> Iterator[ArticleRecords]:
        """Takes lines that are records; the articles that end among them."""
        number, offset = block.number, block.offset
        for value, length in zip(block.values, block.lengths, strict=True):
            if value.article != self.article:
                named = Record(value, JsonLine(self.source.name, self.source.file, number, offset))
                yield from self.begin(value.article, named)
            self.records[type(value)].add(value, number, offset)
            self.nobodys = False
            number += 1
            offset += length

    def misfit(self, item: Unfit) -> Iterator[ArticleRecords | Unfit]:
        """Takes a line that is none; the article that ends before it."""
        article = item.record.value.get("article") if isinstance(item.record.value, dict) else None
        if isinstance(article, str):
            if article != self.article:
                yield from self.begin(article, item.record)
            self.unfit.append(item.record)
        else:
            yield Unfit(item.record, whole=True)
        self.nobodys = not isinstance(article, str)
        self.whole = False


def _group_lines(
    items: Iterator[_Block | Unfit | Trouble], source: JsonLine
) -> Iterator[ArticleRecords | Unfit | Trouble]:
    grouping = _Grouping(source)
    for item in items:
        if isinstance(item, _Block):
            yield from grouping.block(item)
        elif isinstance(item, Unfit):
            yield from grouping.misfit(item)
        else:
            yield item
    yield from grouping.end()
