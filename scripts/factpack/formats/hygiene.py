"""Find what text must not contain: bytes that are not UTF-8, control characters, byte order marks, text not in NFC."""

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path as FilePath

from factpack.formats.foreign import as_windows_1252, foreign_errors
from factpack.formats.format import ReadError
from factpack.formats.locations import Location, Path, Plain, Record

MAX_LISTED = 5  # control characters that are reported one by one; a binary file has thousands

_CONTROLS = {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0xFEFF)} - set("\t\n\r")


def read_whole(name: str, path: FilePath | str, limit: int) -> tuple[bytes, list[ReadError]]:
    """Return the bytes of a file; none, and the error, if there are more than ``limit``."""
    with FileIO(path) as stream:  # without a buffer, which takes longer than to read a small file
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            return b"", [ReadError("too-large", Location(name, 1, 1), size, limit)]
        return stream.readall(), []


def control_characters(text: str) -> list[int]:
    """Return the indices of C0 and C1 controls other than tab and line ends, of deletes and of byte order marks."""
    return [] if _CONTROLS.isdisjoint(text) else [i for i, c in enumerate(text) if c in _CONTROLS]


def encoding_errors(name: str, data: bytes, line: int = 1) -> list[ReadError]:
    """Return what keeps bytes from being a text in UTF-8; ``line`` is the number of the first."""
    if errors := foreign_errors(name, data) if line == 1 else []:
        return errors
    try:
        data.decode()
    except UnicodeDecodeError as error:
        at, byte = _location(name, line, data[: error.start].decode()), data[error.start]
        return [ReadError("not-utf8", at, byte, as_windows_1252(data, byte))]
    return []


def text_errors(
    name: str, data: bytes, line: int = 1, *, composed: bool = True, as_found: bool = False
) -> list[ReadError]:
    """Return everything that keeps bytes from being text that is allowed here.

    Args:
        name: The file, as it is shown.
        data: The bytes.
        line: The number of the first line.
        composed: Whether the text has to be in form C.
        as_found: Whether what is not clean is tolerated, as long as it is text.
    """
    if errors := encoding_errors(name, data, line):
        return errors
    # Taking this out costs +23% of a check of 100,000 claims (tests/benchmarks/corpus.py).
    if clean(data):
        return []
    text = data.decode()
    found = control_characters(text)
    errors = [
        ReadError(
            "byte-order-mark" if index == 0 and text[0] == "\ufeff" else "control-character",
            _location(name, line, text[:index]),
            text[index],
            len(found),
            tolerated=as_found,
        )
        for index in found[:MAX_LISTED]
    ]
    if composed and not unicodedata.is_normalized("NFC", text):
        errors.append(ReadError("not-nfc", _location(name, line, _normalized_beginning(text)), tolerated=as_found))
    return errors


def _location(name: str, line: int, before: str) -> Location:
    return Location(name, line + before.count("\n"), len(before) - before.rfind("\n"))


def _normalized_beginning(text: str) -> str:
    """Return the text before the first code point that normalization would change."""
    lines = text.split("\n")
    number = next(n for n, line in enumerate(lines) if not unicodedata.is_normalized("NFC", line))
    normalized = unicodedata.normalize("NFC", lines[number]) + "\0"
    column = next(c for c, (a, b) in enumerate(zip(lines[number], normalized, strict=False)) if a != b)
    return "\n".join([*lines[:number], lines[number][:column]])


#: Bytes that clean text never has, and those that begin a C1 control or are a byte order mark.
_FOREIGN_BYTES = bytes(b for b in (*range(0x20), 0x7F) if b not in b"\t\n\r")
_C1_CONTROLS = re.compile(rb"\xc2[\x80-\x9f]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def clean(data: bytes) -> bool:
    """Return whether UTF-8 has no control character, no byte order mark, and is in form C."""
    if len(data.translate(None, _FOREIGN_BYTES)) != len(data):
        return False
    if (b"\xef" in data and _BYTE_ORDER_MARK in data) or (b"\xc2" in data and _C1_CONTROLS.search(data)):
        return False
    return unicodedata.is_normalized("NFC", data.decode())


def compose(plain: Plain) -> Plain:
    """Return plain data with all text in form C: a decomposed letter is the same letter."""
    if isinstance(plain, str):
        return unicodedata.normalize("NFC", plain)
    if isinstance(plain, list):
        return [compose(item) for item in plain]
    return {key: compose(value) for key, value in plain.items()} if isinstance(plain, dict) else plain


def escape_errors(whole: Record[Plain]) -> Iterator[ReadError]:
    r"""Yield an error for text that an escape (``\u0007``) has made what it could not have been as it is written."""
    for path, value in _strings(whole.value, ()):
        if control_characters(value):
            yield ReadError("escaped-control", whole.at(*path), value, tolerated=whole.source.as_found)
        elif not unicodedata.is_normalized("NFC", value):
            yield ReadError("escaped-nfc", whole.at(*path), value, tolerated=whole.source.as_found)


def _strings(plain: Plain, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, dict | list):
        for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield from _strings(value, (*path, key))


def fatal(errors: Iterable[ReadError]) -> bool:
    """Tell whether any error keeps its file or record from being read."""
    return any(not error.tolerated for error in errors)
