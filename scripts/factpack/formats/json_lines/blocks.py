"""Read lines of JSON: decode them a block at a time, explain what is wrong line by line."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from typing import Any, BinaryIO, Union

import msgspec

from factpack.formats.foreign import foreign_errors
from factpack.formats.format import ByteRange, InvalidRecord, ReadError
from factpack.formats.hygiene import clean, compose, fatal, text_errors
from factpack.formats.json_lines.locations import json_duplicates
from factpack.formats.json_lines.nulls import without_nulls
from factpack.formats.locations import Address, Location, Plain, Position, Record, SourceFile
from factpack.formats.schema_errors import convert
from factpack.limits import MAX_LINE_BYTES


@dataclass(frozen=True, slots=True)
class Block:
    """Carry the values of lines that follow one another, the bytes of each, and the place of the first."""

    values: Sequence[Any]
    lengths: Sequence[int]
    number: int
    offset: int

    def __iter__(self) -> Iterator[tuple[Any, Address]]:
        """Yield each value with its address: the number of its line, and the byte that this begins at."""
        offsets = accumulate(self.lengths, initial=self.offset)
        return zip(self.values, map(Address, count(self.number), offsets), strict=False)


def read_blocks(
    file: SourceFile, models: Mapping[str, type[msgspec.Struct]], part: ByteRange, size: int
) -> Iterator[Block | InvalidRecord | ReadError]:
    """Yield the lines of a part of a file as blocks of values, and everything that is wrong.

    Lines are decoded a block at a time. Those of a block in which something is wrong are read one by one, to say what.

    Args:
        file: A file in JSON Lines.
        models: With one model, every line is one of those; with several, the ``kind`` of the line says which.
        part: The part of the file.
        size: The bytes that are decoded together. If one line is wrong, all of them are read again.
    """
    any_of: Any = Union[tuple(models.values())]  # noqa: UP007 - made at run time
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(any_of)
    number, offset = part.line, part.start
    with file.path.open("rb") as stream:
        if offset == 0 and (errors := foreign_errors(file.name, stream.read(size))):
            yield from errors
            yield InvalidRecord(Record(None, file), whole=True)
            return
        stream.seek(offset)
        while wanted := size if part.stop is None else max(0, min(size, part.stop - offset)):
            data = stream.read(wanted)
            if not data:
                return
            if not data.endswith(b"\n"):
                data += stream.readline(MAX_LINE_BYTES + 1)
            # Taking blocks out costs +23% of a check of 100,000 claims (tests/benchmarks/corpus.py).
            if decoded := _decode(data, decoder, models):
                yield Block(*decoded, number, offset)
                number += len(decoded[0])
                offset += len(data)
                continue
            stream.seek(offset)
            for address, alone in split_lines(stream, ByteRange(offset, offset + len(data), number)):
                if found := _decode(alone, decoder, models):
                    yield Block(*found, number, address.offset)
                elif not (len(alone) <= MAX_LINE_BYTES and alone.isspace()):
                    yield from _read_line(Record(None, file, address), alone, models, any_of)
                number += 1
            offset = stream.tell()


def split_lines(stream: BinaryIO, part: ByteRange) -> Iterator[tuple[Address, bytes]]:
    """Yield the lines of a part; of one that is too long only the beginning, the rest of it is passed over."""
    number, offset = part.line, part.start
    while (part.stop is None or offset < part.stop) and (data := stream.readline(MAX_LINE_BYTES + 1)):
        address = Address(number, offset)
        number += 1
        offset += len(data)
        if len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            while rest := stream.readline(MAX_LINE_BYTES):
                offset += len(rest)
                if rest.endswith(b"\n"):
                    break
        yield address, data


_DELETE = b"\x7f"
#: Escapes for control characters; also some harmless ones, such as a backslash before a ``b``.
_CONTROL_ESCAPES = re.compile(rb"\\(?:[bf]|u00)")
_encode_lines = msgspec.json.Encoder().encode_lines
_decode_plain_lines = msgspec.json.Decoder().decode_lines


def _decode(
    block: bytes, decoder: msgspec.json.Decoder[Any], models: Mapping[str, type[msgspec.Struct]]
) -> tuple[list[Any], list[int]] | None:
    """Return the value of each line of a block and its length, if nothing at all is wrong in the block, nor odd.

    Read one by one, each of the lines would give the same value: the tests compare the two.
    """
    lines = block.split(b"\n")
    if not lines[-1]:
        del lines[-1]
    try:
        try:
            values = decoder.decode_lines(block)
        except msgspec.ValidationError:
            if b"null" not in block:
                return None
            records = [_without_nulls(plain, models) for plain in _decode_plain_lines(block)]
            values = msgspec.convert(records, list[decoder.type])  # type: ignore[name-defined]
        marks = block.count(b'"')
        # A key that occurs twice in a mapping occurs once in what is written again, which has fewer quotation marks
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


def _all_clean(block: bytes, lines: Sequence[bytes]) -> bool:
    """Return whether JSON is clean, cut into lines: ASCII can have no control character but this one there."""
    return _DELETE not in block and all(clean(line) for line in lines if not line.isascii())


def _read_line(
    line: Record[None], data: bytes, models: Mapping[str, type[msgspec.Struct]], any_of: Any
) -> Iterator[Block | InvalidRecord | ReadError]:
    name, number = line.source.name, line.address.index
    if len(data) > MAX_LINE_BYTES:
        errors = [ReadError("too-large", Location(name, number, 1), len(data), MAX_LINE_BYTES)]
    else:
        as_found = line.source.as_found
        errors = text_errors(name, data, number, composed=as_found, as_found=as_found)
    yield from errors
    if fatal(errors):
        yield InvalidRecord(line, whole=False)
        return
    text = data.decode()
    try:
        plain, duplicates = _load_json(text)
        msgspec.json.decode(data)  # stricter than json: no NaN, no half of a surrogate pair
    except (ValueError, RecursionError) as error:
        column, detail = _malformed_json(data, error)
        yield ReadError("malformed-json", Location(name, number, column), detail, "JSON")
        yield InvalidRecord(line, whole=False)
        return
    for key, column, first in json_duplicates(text) if duplicates else ():
        yield ReadError("duplicate-key", Location(name, number, column), key, Position(number, first))
    if not line.source.as_found and not unicodedata.is_normalized("NFC", text):
        plain = compose(plain)
    whole: Record[Plain] = Record(_without_nulls(plain, models), line.source, line.address)
    value, errors = convert(whole, any_of, _line_model(plain, models), escapes="\\" in text)
    yield from errors
    yield (
        InvalidRecord(whole, whole=False) if fatal(errors) else Block([value], [len(data)], number, line.address.offset)
    )


_AT_BYTE = re.compile(r"(?:JSON is malformed: )?(.*) \(byte (\d+)\)")


_NO_NUMBER = re.compile(rb"-?(?:NaN|Infinity)")


_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*+"?')
_MAX_DEPTH = 1_000  # beyond, some versions of Python end with an error of their own


def _is_deep(data: bytes) -> bool:
    depth = 0
    for sign in re.findall(rb"[\[{\]}]", _TEXTS.sub(b"", data)):
        depth += 1 if sign in b"[{" else -1
        if depth > _MAX_DEPTH:
            return True
    return False


def _malformed_json(data: bytes, error: Exception) -> tuple[int, str]:
    """Return the column of what is wrong in a line, and what it is."""
    if isinstance(error, RecursionError) or _is_deep(data):
        return 1, "nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return error.colno, error.msg
    if found := _AT_BYTE.fullmatch(str(error)):
        column = len(data[: int(found[2])].decode(errors="replace")) + 1
        word = _NO_NUMBER.match(data, int(found[2]))
        return column, f"`{word[0].decode()}` is no number; leave the key out" if word else found[1]
    return 1, str(error) if isinstance(error, msgspec.DecodeError) else "a number with too many digits"


def _load_json(text: str) -> tuple[Plain, bool]:
    duplicates = False

    def unique(pairs: list[tuple[str, Plain]]) -> dict[str, Plain]:
        nonlocal duplicates
        made = dict(reversed(pairs))  # the first value counts
        duplicates |= len(made) != len(pairs)
        return made

    return json.loads(text, object_pairs_hook=unique, parse_float=_number), duplicates


def _number(text: str) -> int | float:
    """Return a number that is written with a point or an exponent; a whole one as such, as JSON Schema has it.

    pandas writes ``2019.0`` in a column of whole numbers in which one is missing.
    """
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _line_model(plain: Plain, models: Mapping[str, type[msgspec.Struct]]) -> type[msgspec.Struct] | tuple[str, ...]:
    """Return the model of a line, or the kinds that it might be of."""
    if len(models) == 1:
        return next(iter(models.values()))
    kind = plain.get("kind") if isinstance(plain, dict) else None
    return models[kind] if isinstance(kind, str) and kind in models else tuple(models)


def _without_nulls(plain: Plain, models: Mapping[str, type[msgspec.Struct]]) -> Plain:
    model = _line_model(plain, models)
    return plain if isinstance(model, tuple) else without_nulls(plain, model, models)
