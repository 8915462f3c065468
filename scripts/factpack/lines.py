"""JSON Lines: one record a line, accepted a block of lines at a time, explained line by line."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from pathlib import Path as FilePath
from typing import Any, BinaryIO, Union

import msgspec

from factpack.misfits import misfits
from factpack.records import MAX_LINE_BYTES, JsonLine, RawText, Record, SyntaxFault, Trouble, Unfit
from factpack.soundness import clean, is_sound, unclean
from factpack.syntax import DuplicateKey, Malformed, Plain, Position, json_duplicates

BLOCK_BYTES = 256 * 2**10  # of JSON Lines that are accepted together; if one line is wrong, all of them are read again


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
class Block:
    """The values of lines that follow one another and how many bytes each has; the place of the first."""

    values: Sequence[Any]
    lengths: Sequence[int]
    number: int
    offset: int

    def __iter__(self) -> Iterator[tuple[Any, int, int]]:
        """Each value with the number of its line and the byte that this begins at."""
        return zip(self.values, count(self.number), accumulate(self.lengths, initial=self.offset), strict=False)


def read_lines(
    name: str, path: FilePath, models: dict[str, type[msgspec.Struct]], stretch: Stretch = WHOLE_FILE
) -> Iterator[Record[Any] | Unfit | Trouble]:
    """The records of a JSON Lines file, one a line.

    With one model every line is one of those; with several, the ``kind`` of the line says which.
    """
    for item in read_blocks(name, path, models, stretch):
        if isinstance(item, Block):
            for value, number, offset in item:
                yield Record(value, JsonLine(name, path, number, offset))
        else:
            yield item


def read_blocks(
    name: str, path: FilePath, models: dict[str, type[msgspec.Struct]], stretch: Stretch = WHOLE_FILE
) -> Iterator[Block | Unfit | Trouble]:
    """Lines are accepted a block at a time. Those of a block that is not accepted are read one by one, to say what is
    wrong with which.
    """
    any_of: Any = Union[tuple(models.values())]  # noqa: UP007 - made at run time
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(any_of)
    number, offset = stretch.line, stretch.start
    with path.open("rb") as stream:
        stream.seek(offset)
        while wanted := BLOCK_BYTES if stretch.stop is None else max(0, min(BLOCK_BYTES, stretch.stop - offset)):
            data = stream.read(wanted)
            if not data:
                return
            if not data.endswith(b"\n"):
                data += stream.readline(MAX_LINE_BYTES + 1)
            if accepted := _accepted(data, decoder):
                yield Block(*accepted, number, offset)
                number += len(accepted[0])
                offset += len(data)
                continue
            stream.seek(offset)
            for line, alone in split_lines(name, path, stream, Stretch(offset, offset + len(data), number)):
                if found := _accepted(alone, decoder):
                    yield Block(*found, number, line.offset)
                elif not (len(alone) <= MAX_LINE_BYTES and alone.isspace()):
                    yield from _read_line(line, alone, models, decoder)
                number += 1
            offset = stream.tell()


def split_lines(name: str, path: FilePath, stream: BinaryIO, stretch: Stretch) -> Iterator[tuple[JsonLine, bytes]]:
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


def _all_clean(block: bytes, lines: Sequence[bytes]) -> bool:
    """The same for JSON, cut into lines: where it is ASCII, it can have no control character but this one."""
    return _DELETE not in block and all(clean(line) for line in lines if not line.isascii())


def _read_line(
    line: JsonLine, data: bytes, models: dict[str, type[msgspec.Struct]], decoder: msgspec.json.Decoder[Any]
) -> Iterator[Block | Unfit | Trouble]:
    name, number = line.name, line.number
    raw = RawText(name, data, len(data), MAX_LINE_BYTES, number)
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
    found = list(unclean(whole)) if "\\" in text else []
    record = None
    try:
        record = msgspec.convert(plain, decoder.type) if duplicates else decoder.decode(data)
    except msgspec.ValidationError:
        found += misfits(whole, _line_model(plain, models))
    yield from found
    yield Unfit(whole, whole=False) if found else Block([record], [len(data)], number, line.offset)


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
